/* SPDX-License-Identifier: ISC
 *
 * Three walls: SameSite cookies keep other sites' forms out in browsers that
 * know them, Origin and Sec-Fetch-Site where they are sent, the token always.
 */
#include "csrf.h"

#include "../lib/secret.h"

#include <sodium.h>
#include <string.h>

enum cs_err csrf_init(struct csrf *c)
{
	return cs_random(c->key, sizeof(c->key));
}

void csrf_token(const struct csrf *c, const char *secret, char out[CSRF_TEXT])
{
	unsigned char hash[(CSRF_TEXT - 1) / 2];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)secret, strlen(secret),
	    c->key, sizeof(c->key));
	sodium_bin2hex(out, CSRF_TEXT, hash, sizeof(hash));
}

bool csrf_fits(const struct csrf *c, const char *secret, struct cs_str token)
{
	char ours[CSRF_TEXT];

	if (secret[0] == '\0')	/* else one token would fit everybody without a cookie */
		return false;
	csrf_token(c, secret, ours);
	return token.len == CSRF_TEXT - 1 && cs_equal(ours, token.p, token.len);
}

bool csrf_origin_fits(const char *ours, const char *origin, const char *fetch_site)
{
	if (fetch_site != NULL && strcmp(fetch_site, "same-origin") != 0)
		return false;
	return origin == NULL || strcmp(origin, ours) == 0;
}

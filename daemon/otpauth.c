/* SPDX-License-Identifier: ISC
 *
 * Writes what every app reads, and nothing that some of them ignore.
 */
#include "otpauth.h"

#include "authenticator.h"

#include <stdio.h>
#include <string.h>

/* Percent-encoding of RFC 3986; "%20", never "+", or apps ignore the URI. */
static void append_encoded(char *out, size_t cap, struct cs_str text)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t at = strlen(out);

	for (size_t i = 0; i < text.len && at + 4 < cap; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < 0x80 && strchr(plain, c) != NULL)
			out[at++] = (char)c;
		else
			at += (size_t)snprintf(out + at, cap - at, "%%%02X", c);
	}
	out[at] = '\0';
}

static void append(char *out, size_t cap, const char *text)
{
	size_t at = strlen(out);

	snprintf(out + at, cap - at, "%s", text);
}

/* otpauth://totp/Issuer:name?secret=...&issuer=Issuer, the issuer twice and
 * equal, and only parameters whose values every app takes as given. */
void otpauth_format(char out[OTPAUTH_ROOM], const struct authenticator *auth,
    struct cs_str issuer, struct cs_str name, const char *base32)
{
	const size_t cap = OTPAUTH_ROOM;
	static const char *const hashes[] = {
		[OATH_HASH_SHA1] = "SHA1",
		[OATH_HASH_SHA256] = "SHA256",
		[OATH_HASH_SHA512] = "SHA512",
	};
	char form[80];

	out[0] = '\0';
	append(out, cap, "otpauth://");
	append(out, cap, authenticator_kind(auth->kind));
	append(out, cap, "/");
	append_encoded(out, cap, issuer);
	append(out, cap, ":");
	append_encoded(out, cap, name);
	append(out, cap, "?secret=");
	append(out, cap, base32);
	append(out, cap, "&issuer=");
	append_encoded(out, cap, issuer);
	snprintf(form, sizeof(form), "&algorithm=%s&digits=%u&%s", hashes[auth->hash], auth->digits,
	    auth->kind == OATH_KIND_TOTP ? "period=30" : "counter=0");
	append(out, cap, form);
}

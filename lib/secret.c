/* SPDX-License-Identifier: ISC
 *
 * Wiping, comparing and drawing secrets with nothing but libc, so that the PAM
 * module needs no cryptographic library for it.
 */
#include "secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void cs_wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}

bool cs_equal(const void *a, const void *b, size_t len)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char differing = 0;

	for (size_t i = 0; i < len; i++)
		differing |= x[i] ^ y[i];
	return differing == 0;
}

enum cs_err cs_random(void *p, size_t len)
{
	unsigned char *at = p;

	while (len > 0) {
		ssize_t n = getrandom(at, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return CS_ERR_SYSTEM;
		at += n;
		len -= (size_t)n;
	}
	return CS_OK;
}

void cs_free_secret(char **p, size_t len)
{
	if (*p == NULL)
		return;
	cs_wipe(*p, len);
	free(*p);
	*p = NULL;
}

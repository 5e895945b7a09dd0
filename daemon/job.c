/* SPDX-License-Identifier: ISC
 *
 * Argon2id by libsodium, with OWASP's least: 19 MiB, two passes, one lane.
 * Four times the memory would let four times fewer people log in at once and
 * push the loop's own data out of the caches; the hash is sealed, limits count
 * the tries, and no password logs in without an authenticator.
 */
#include "job.h"

#include "../lib/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PASSES 2
#define MEMORY (19 * 1024 * 1024)
#define HASH 32		/* bytes in what crypto_pwhash_str writes */

_Static_assert(PASSWORD_HASH == crypto_pwhash_STRBYTES, "room for a hash");

/* Base64 without padding, up to that sign. */
static bool read_bytes(const char **text, char until, uint8_t *out, size_t len)
{
	size_t n = 0;

	return sodium_base642bin(out, len, *text, strlen(*text), NULL, &n, text,
		   sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
	    n == len && *(*text)++ == until;
}

/* crypto_pwhash_str_verify says "wrong" where there was no memory, errno included. */
static enum cs_err verify(const struct job *job, bool *right)
{
	uint8_t salt[crypto_pwhash_SALTBYTES], kept[HASH], made[HASH];
	const char *text = job->kept;
	unsigned kibibytes, passes;
	int head = 0;

	if (sscanf(text, "$argon2id$v=19$m=%u,t=%u,p=1$%n", &kibibytes, &passes, &head) != 2 ||
	    head == 0)
		return CS_ERR_FORMAT;
	text += head;
	if (!read_bytes(&text, '$', salt, sizeof(salt)) ||
	    !read_bytes(&text, '\0', kept, sizeof(kept)))
		return CS_ERR_FORMAT;
	if (crypto_pwhash(made, sizeof(made), job->typed, strlen(job->typed), salt, passes,
		(size_t)kibibytes * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return CS_ERR_NOMEM;
	*right = sodium_memcmp(made, kept, sizeof(made)) == 0;
	cs_wipe(kept, sizeof(kept));
	cs_wipe(made, sizeof(made));
	return CS_OK;
}

void job_work(struct job *job)
{
	job->err = CS_OK;
	if (job->typed[0] != '\0')
		job->err = verify(job, &job->right);
	if (job->err == CS_OK && job->chosen[0] != '\0' &&
	    crypto_pwhash_str(job->made, job->chosen, strlen(job->chosen), PASSES, MEMORY) != 0)
		job->err = CS_ERR_NOMEM;
	sodium_stackzero(8192);
}

void job_free(struct job **job)
{
	char *p = (char *)*job;

	cs_free_secret(&p, sizeof(**job));
	*job = NULL;
}

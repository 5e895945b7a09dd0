/* SPDX-License-Identifier: ISC
 *
 * Argon2id by libsodium, with OWASP's least: 19 MiB, two passes, one lane.
 * Four times the memory would let four times fewer people log in at once and
 * push the loop's own data out of the caches; the hash is sealed, limits count
 * the tries, and no password logs in without an authenticator.
 */
#include "job.h"

#include "../lib/secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define PASSES 2
#define MEMORY (19 * 1024 * 1024)

_Static_assert(PASSWORD_HASH == crypto_pwhash_STRBYTES, "room for a hash");

/* libsodium says "wrong" and "no memory" with the same value. */
static enum cs_err verify(const struct job *job, bool *right)
{
	errno = 0;
	*right = crypto_pwhash_str_verify(job->kept, job->typed, strlen(job->typed)) == 0;
	return *right || errno == EINVAL ? CS_OK : CS_ERR_NOMEM;
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

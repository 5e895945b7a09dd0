/* SPDX-License-Identifier: ISC
 *
 * The part of a request that takes thousands of times as long as all the rest:
 * hashing a password.  A row's prepare sets it up, worker.c has it done, never
 * on the loop, and the handler judges what came of it.
 */
#pragma once

#include "../lib/err.h"

#define PASSWORD_LEAST 12	/* characters */
#define PASSWORD_MOST 128
#define PASSWORD_ROOM (PASSWORD_MOST * 4 + 1)
#define PASSWORD_HASH 128	/* what crypto_pwhash_str writes */

struct job {
	bool known;			/* may take the share kept for known devices */
	char typed[PASSWORD_ROOM];	/* is it the one that was hashed?  Empty: not asked */
	char kept[PASSWORD_HASH];
	char chosen[PASSWORD_ROOM];	/* to be hashed; empty: nothing */

	enum cs_err err;		/* not CS_OK: there is no answer */
	bool right;
	char made[PASSWORD_HASH];
};

/* 19 MiB and some 15 ms for each of the two. */
void job_work(struct job *);

void job_free(struct job **);		/* wipes; *job may be NULL */

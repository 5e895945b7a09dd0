/* SPDX-License-Identifier: ISC
 *
 * What a removal, a suspension or a freeze ends, in the transaction of the
 * request that asks for it (promise 4).  What is added here is ended by all of
 * them.
 */
#pragma once

#include "authority.h"

/* How much of it was still alive; for the answer. */
struct ended {
	int64_t accounts, codes, authenticators, grants, calls, tickets;
};

/* An administrator's codes, grants and what his tickets authorise for one
 * account, and its calls when nobody is left to answer them. */
enum cs_err end_member(struct request *, uint64_t account, uint64_t admin, struct ended *);
/* Everybody's for one account. */
enum cs_err end_account(struct request *, uint64_t account, struct ended *);
/* What a person enrolled or was given to log in or to be verified with:
 * authenticators, recovery codes, an invitation. */
enum cs_err end_credentials(struct request *, uint64_t admin, struct ended *);

/* Takes the person out of one account ("only"), or of all when it is 0; who
 * has no account left is removed altogether.  Logs an event an account. */
enum cs_err end_memberships(struct request *, struct admin *, uint64_t only, struct authority *,
    struct ended *);

/* Puts codes, authenticators, grants, calls and tickets. */
void ended_put(struct cs_writer *, const struct ended *);

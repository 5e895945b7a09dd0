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
	int64_t accounts, codes, sessions, authenticators, grants, calls, tickets;
	uint64_t spared;	/* the session of who asks, which goes on; 0: none */
	uint64_t logged_out;	/* the person whose sessions were ended last */
};

/* An administrator's codes, grants and what their tickets authorise for one
 * account, the calls when nobody is left to answer them, and the person's
 * sessions: whoever goes on logs in again. */
enum cs_err end_member(struct request *, uint64_t account, uint64_t admin, struct ended *);
/* An administrator's in all accounts, and an invitation. */
enum cs_err end_everywhere(struct request *, uint64_t admin, struct ended *);
/* Everybody's for one account. */
enum cs_err end_account(struct request *, uint64_t account, struct ended *);
/* Of its people who have not come yet. */
enum cs_err end_invitations(struct request *, uint64_t account);
/* A person's sessions but one (0: all); adds to *n those that were alive. */
enum cs_err end_sessions(struct request *, uint64_t admin, uint64_t but, int64_t *n);

/* What could be used in the person's name, in all accounts, which cool off: for
 * somebody who sets up a log-in anew. */
enum cs_err end_for_reset(struct request *, const struct admin *, struct ended *);

/* Takes the person out of one account ("only"), or of all when it is 0; who
 * has no account left is removed altogether.  Logs an event an account. */
enum cs_err end_memberships(struct request *, struct admin *, uint64_t only, struct authority *,
    struct ended *);

/* Puts codes, sessions, authenticators, grants, calls and tickets. */
void ended_put(struct cs_writer *, const struct ended *);

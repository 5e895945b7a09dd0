/* SPDX-License-Identifier: ISC
 *
 * One attempt to get something accepted, by code (req_verify.c) or by grant
 * (req_redeem.c): the steps of design §6 that the two share.  A step returns
 * an error, or CS_OK with "decided" set once the answer is known; the verdict
 * is refused until the last step accepts.
 */
#pragma once

#include "asked.h"
#include "grant.h"
#include "limit.h"
#include "name.h"

struct attempt {
	struct request *r;
	enum event_kind kind;
	struct asked asked;		/* asked.action: the one in force, once the
					 * account is known */
	struct action in_force;
	struct cs_str secret;		/* the code or grant as sent */
	bool want_grant;
	uint8_t key[16], body[16];	/* of the memo */

	/* what the steps find */
	bool has_account, has_admin, has_issue, has_ticket, has_grant;
	struct account account;
	struct admin admin;
	struct member member;
	struct issue issue;
	struct ticket ticket;
	struct limit_account limits;
	uint64_t used_by;		/* the event that used the code or grant up; 0: none */
	char credential[NUMBER_TEXT];		/* "I42", "A7", "T4821", "G9" for the event */
	uint64_t owner;			/* the account's administrator whose that is, dead
					 * or alive, for the event; 0: nobody's */

	/* the answer so far */
	bool other_body;		/* the request id was used for something else */
	bool decided;
	enum cs_verdict verdict;
	enum cs_reason reason;
	int64_t wait;
	const char *because;		/* a sentence that says more than the reason's */
	char too_many[160];		/* that one, where it names a limit */
	bool let_through;		/* refused, but the action's mode is shadow */
	uint64_t grant;			/* the one it yields; 0: none */
	char grant_text[GRANT_TEXT];
	int64_t expires;		/* the grant's end */
};

/* Nothing found, nothing decided. */
void attempt_start(struct attempt *, struct request *, enum event_kind);

/* Starts and reads the parameters; secret is the parameter that holds code or grant. */
enum cs_err attempt_read(struct request *, enum event_kind, const char *secret, struct attempt *);

void attempt_accept(struct attempt *);
void attempt_refuse(struct attempt *, enum cs_reason);
void attempt_refuse_because(struct attempt *, enum cs_reason, const char *sentence);

/* Step 1.  *answered: this request was answered before; the same answer is
 * written, nothing else must be done. */
enum cs_err attempt_recall(struct attempt *, bool *answered);
enum cs_err attempt_limits(struct attempt *);	/* step 2 */
void attempt_policy(struct attempt *);	/* step 3 */
enum cs_err attempt_account(struct attempt *);	/* step 4, and what it changes of step 3 */
/* Step 6, the parts about the person: active, a member, may authorise it; and
 * last of all not cooling off. */
enum cs_err attempt_person(struct attempt *, uint64_t admin);
void attempt_cooling(struct attempt *);

/* Step 7: counts, event, memo, in the transaction of the decision; then the
 * answer, which batch.c sends after the commit.  *verification is the event's
 * number, 0 when it was only summed. */
enum cs_err attempt_count(struct attempt *);
enum cs_err attempt_event(struct attempt *, uint64_t *verification);
enum cs_err attempt_answer(struct attempt *, uint64_t verification);

/* May this member authorise the action? */
bool member_may(const struct member *, const struct action *);

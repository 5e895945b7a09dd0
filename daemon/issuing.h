/* SPDX-License-Identifier: ISC
 *
 * Issuing one support code, whoever asks for it: an operator, a control panel
 * that vouches for its own log-ins, or the administrator on the customer's
 * page.  The code leaves in the reply and is derived again when it is asked
 * for again; it is never written down.
 */
#pragma once

#include "asked.h"
#include "limit.h"

#define ISSUING_LIVE 64		/* codes of one account, design §5 */
#define ISSUING_DEAD 64

struct issuing {
	struct request *r;
	/* for the caller to set: */
	struct account account;
	struct admin admin;
	const struct targets *targets;
	struct cs_str case_id;
	bool replace;
	bool proved;			/* with what an action of high risk needs */
	bool spent_proof;		/* by a code that came with it and is used up */
	const struct session *session;	/* of the administrator who asks; NULL: not they */
	struct cs_str client;		/* their address, as the page saw it; may be empty */
	uint8_t key[16], body[16];	/* of the memo */
	/* issuing_scope: */
	const struct action *action;	/* NULL: none */
	struct action in_force;
	/* issuing_check: */
	struct member member;
	struct limit_account limits;
	/* what the account's codes look like */
	struct issue same;		/* live, of the same scope */
	bool has_same;
	unsigned live, killed;		/* killed: of this administrator, noticed now */
	unsigned dead;
	uint64_t dead_id[ISSUING_LIVE + ISSUING_DEAD];	/* oldest first */
};

void issuing_start(struct issuing *, struct request *);

/* Sets the action that is in force for the account; NULL: any that is not of
 * high risk.  The targets that it binds must be there. */
enum cs_err issuing_scope(struct issuing *, const struct action *configured);

/* *answered: this request was answered before; the same code is written,
 * whatever became of it, to a session that may see it. */
enum cs_err issuing_recall(struct issuing *, bool *answered);

/* May this administrator have such a code at all?  The same conditions are
 * checked again when it is used; this spares the caller a useless one.  Refused
 * is answered. */
enum cs_err issuing_check(struct issuing *);

/* The same as a word, for an action that is in force. */
bool issuing_may(const struct request *, const struct account *, const struct member *,
    const struct action *);

/* Was the session's proof good when the code was issued, or is it since?  A
 * code of high risk shows in no other, such as one left open elsewhere. */
enum cs_err issuing_may_see(const struct request *, const struct account *,
    const struct session *, const struct issue *, bool *may);

bool issuing_high(const struct issuing *);	/* an action of high risk */

/* The live code of the same scope, or a new one, into the reply. */
enum cs_err issuing_code(struct issuing *);

/* SPDX-License-Identifier: ISC
 *
 * What the module asks the daemon, each on a connection of its own, so that no
 * socket is open while a person thinks.  Nothing the daemon says is believed
 * beyond its shape: an unknown word is a refusal.
 */
#pragma once

#include "options.h"

#include "../lib/client.h"

#define SAY_TEXT 1100
#define DIRECTIONS_TEXT 404
#define GRANT_TEXT 64

/* Whose question, about what. */
struct question {
	const struct options *options;
	const char *technician;
	const char *account, *target;	/* "" or NULL: none */
};

/* The daemon's typed errors, closed: what is none of them is FAULT_OTHER. */
enum fault {
	FAULT_OTHER = 0,
	FAULT_NONE,
	FAULT_TECHNICIAN,	/* UnknownTechnician */
	FAULT_NOT_PERMITTED,
	FAULT_ACTION,		/* UnknownAction */
	FAULT_ACCOUNT,		/* UnknownAccount, or Refused: suspended, frozen */
	FAULT_TARGET,		/* InvalidParameter target */
	FAULT_THROTTLED,
	FAULT_UNAVAILABLE,
};
#define FAULTS (FAULT_UNAVAILABLE + 1)

/* What the daemon said last.  The texts are as they may be shown, and may be
 * empty; say is for the technician.  Begins as zeros: refused. */
struct answer {
	enum fault fault;
	char say[SAY_TEXT];
	/* of the last Prepare: */
	bool needs_code, binds_target, shadow;
	int64_t wait;
	char name[160], account[80];
	char directions[DIRECTIONS_TEXT];
	bool sent;		/* a code or grant: it may have been used */
	/* of the last Verify or Redeem, refused when that was no answer: */
	enum cs_verdict verdict;
	enum cs_reason reason;
	char grant[GRANT_TEXT];
};

/* An error says that there was no answer: nothing is said, and the verdict is
 * refused.  Verify and Redeem leave what Prepare filled in. */
enum cs_err question_prepare(const struct question *, struct answer *);
/* A lost reply is asked for once more under the same request id. */
enum cs_err question_verify(const struct question *, const char *code, struct answer *);
enum cs_err question_redeem(const struct question *, const char *grant, struct answer *);

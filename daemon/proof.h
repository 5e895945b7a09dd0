/* SPDX-License-Identifier: ISC
 *
 * A typed code against a person's log-in authenticators: at a log-in, and when
 * a session has to prove that its owner is there.  As at a verification a step
 * serves once, and one that was guessed at too often rests.
 */
#pragma once

#include "authenticator.h"
#include "request.h"

struct proof {
	uint64_t admin;
	unsigned digits;		/* of the code; 0: it is no authenticator's */
	enum match match;
	uint64_t authenticator;		/* MATCH_NEW, MATCH_USED: whose code it is */
	struct authenticator_state state;	/* MATCH_NEW: to be kept */
	unsigned wrong;			/* guesses before at the one guessed at most */
};
/* Of the guesses after which one rests the last are for log-ins: a session ends
 * before, so that who stole it does not keep its owner from logging in. */
#define PROOF_GUESSES (AUTHENTICATOR_REST - 10)

/* Reads only. */
enum cs_err proof_read(struct request *, uint64_t admin, struct cs_str typed, struct proof *);

/* Staged.  keep: the code is spent (MATCH_NEW).  count: it was a guess at each
 * of them (MATCH_NONE).  forgive: the owner has logged in, and whatever others
 * guessed is forgotten, for all their authenticators, after keep or alone. */
void proof_keep(struct request *, const struct proof *);
enum cs_err proof_count(struct request *, const struct proof *);
enum cs_err proof_forgive(struct request *, const struct proof *);

/* How many a person has that are confirmed. */
enum cs_err proof_authenticators(struct request *, uint64_t admin, unsigned *n);

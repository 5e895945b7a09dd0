/* SPDX-License-Identifier: ISC
 *
 * "policy explain": what an action requires of one technician for one account,
 * and why, in sentences that a support manager can read.  It decides nothing;
 * what it says comes from the same functions that a verification asks.
 */
#pragma once

#include "request.h"

#define EXPLAIN_LINES 40
#define EXPLAIN_LINE 400

struct explanation {
	size_t n;
	char line[EXPLAIN_LINES][EXPLAIN_LINE];
};

/* What is required; account and r->who may be NULL.  in_force is set too. */
enum cs_err explain(struct request *r, const struct action *configured, const struct account *,
    struct action *in_force, struct explanation *);

/* The part about the action alone. */
void explain_action(struct explanation *, const struct action *);
/* What an override makes of it. */
void explain_override(struct explanation *, const struct action *configured,
    const struct override *);

/* SPDX-License-Identifier: ISC
 *
 * The policy in words: the protocol's names for what an action requires, and
 * the sentences of "policy explain".
 */
#pragma once

#include "store.h"
#include "conf.h"

const char *policy_requirement(const struct action *);	/* "none", "code" */
const char *policy_risk(const struct action *);		/* "normal", "high" */
const char *policy_form(const struct action *);		/* "free", "host=ip" */
const char *policy_mode(const struct action *);		/* "enforce", "shadow" */

#define POLICY_LINES 8
#define POLICY_LINE 200

/* What the action requires and why, a sentence a line; returns how many.
 * account may be NULL. */
size_t policy_explain(const struct action *, const struct account *,
    char out[POLICY_LINES][POLICY_LINE]);

/* SPDX-License-Identifier: ISC
 *
 * The policy: which action is in force for an account, what a new override may
 * ask, and the protocol's words for it.  An override only ever tightens what
 * the configuration asks, whatever that becomes later.
 */
#pragma once

#include "conf.h"
#include "store.h"

/* The action that is in force: the configured one, tightened by the account's
 * override if it has one.  account NULL: for nobody in particular.  *out shares
 * names and lists with the configured one.  Prepare, Verify, Redeem and Issue
 * go by this and by nothing else. */
enum cs_err policy_for(struct store *, const struct account *, const struct action *configured,
    struct action *out);

/* The same for an override in hand; NULL changes nothing. */
void policy_tighten(struct action *, const struct override *);

/* The override for an action among an account's, or NULL. */
struct override *policy_find(struct overrides *, const struct action *);

/* Whether what was enough for this grant still is. */
bool policy_still(const struct action *, const struct grant *);

const char *policy_requirement(const struct action *);	/* "none", "code" */
const char *policy_risk(const struct action *);		/* "normal", "high" */
const char *policy_form(const struct action *);		/* "free", "host=ip" */
const char *policy_mode(const struct action *);		/* "enforce", "shadow" */

/* "code", "authenticator": what serves, as views; returns how many. */
#define POLICY_CREDENTIALS 2
size_t policy_credentials(const struct action *, struct cs_str at[POLICY_CREDENTIALS]);

/* SPDX-License-Identifier: ISC
 *
 * Computes the action in force and names what it asks.
 */
#include "policy.h"

#include <stddef.h>

struct override *policy_find(struct overrides *overrides, const struct action *action)
{
	for (size_t i = 0; i < overrides->n; i++)
		if (cs_str_is(overrides->at[i].action, action->name))
			return &overrides->at[i];
	return NULL;
}

void policy_tighten(struct action *action, const struct override *o)
{
	if (o == NULL)
		return;
	if (o->code)
		action->require = REQUIRE_CODE;
	if (o->high)
		action->risk = RISK_HIGH;
	action->bind_target = action->bind_target || o->bind_target;
	action->shadow = action->shadow && !o->enforce;
	if (o->lifetime > 0 && o->lifetime < action->lifetime)
		action->lifetime = o->lifetime;
	/* An authenticator's code says nothing of the change it is for. */
	if (o->no_authenticator || action->risk == RISK_HIGH || action->bind_target)
		action->authenticator = false;
}

enum cs_err policy_for(struct store *store, const struct account *account,
    const struct action *configured, struct action *out)
{
	struct overrides overrides CS_UNCLEARED;
	enum cs_err e = CS_OK;

	overrides.n = 0;
	if (account != NULL)
		e = store_get_overrides(store, account->id, &overrides);
	if (e != CS_OK)
		return e;
	*out = *configured;
	policy_tighten(out, policy_find(&overrides, configured));
	return CS_OK;
}

bool policy_still(const struct action *action, const struct grant *grant)
{
	if (action->bind_target && grant->targets.n == 0)
		return false;
	if (grant->shadow)
		return action->shadow;
	if (action->require == REQUIRE_NONE)
		return true;
	switch (grant->from) {
	case GRANT_FROM_NOTHING:
		return false;
	case GRANT_FROM_CODE:
	case GRANT_FROM_TICKET:
		return (action->risk != RISK_HIGH || grant->named_action) &&
		    (!action->bind_target || grant->named_target);
	case GRANT_FROM_AUTHENTICATOR:
		return action->authenticator;
	}
	return false;
}

const char *policy_requirement(const struct action *action)
{
	static const char *const names[] = { [REQUIRE_NONE] = "none", [REQUIRE_CODE] = "code" };

	return names[action->require];
}

const char *policy_risk(const struct action *action)
{
	static const char *const names[] = { [RISK_NORMAL] = "normal", [RISK_HIGH] = "high" };

	return names[action->risk];
}

const char *policy_form(const struct action *action)
{
	static const char *const names[] = { [TARGET_FREE] = "free", [TARGET_HOST_IP] = "host=ip" };

	return names[action->form];
}

const char *policy_mode(const struct action *action)
{
	return action->shadow ? "shadow" : "enforce";
}

size_t policy_credentials(const struct action *action, struct cs_str at[POLICY_CREDENTIALS])
{
	size_t n = 0;

	if (action->require == REQUIRE_NONE)
		return 0;
	at[n++] = CS_STR("code");
	if (action->authenticator)
		at[n++] = CS_STR("authenticator");
	return n;
}

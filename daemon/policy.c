/* SPDX-License-Identifier: ISC
 *
 * Says what the configured policy means.
 */
#include "policy.h"

#include <stdarg.h>
#include <stdio.h>

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

struct lines {
	char (*at)[POLICY_LINE];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void add(struct lines *lines, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(lines->at[lines->n++], POLICY_LINE, fmt, ap);
	va_end(ap);
}

static void explain_code(struct lines *lines, const struct action *action)
{
	add(lines, "It requires a support code that is less than %lld minutes old, once.",
	    (long long)action->lifetime / 60);
	if (action->bind_target)
		add(lines, "The code must have been generated for this target%s.",
		    action->form == TARGET_HOST_IP ? ", written host=address" : "");
	if (action->risk == RISK_HIGH)
		add(lines,
		    "It is high-risk: the code must name this action, and an administrator whose "
		    "rights or "
		    "authenticators are new waits 24 hours.");
	else
		add(lines, "A code that names no action serves it too.");
	if (action->authenticator)
		add(lines,
		    "A code from the administrator's own app serves it too, when the administrator "
		    "is named.");
	if (action->shadow)
		add(lines,
		    "Its mode is shadow: refusals of the code are recorded but let through.");
}

size_t policy_explain(const struct action *action, const struct account *account,
    char out[POLICY_LINES][POLICY_LINE])
{
	struct lines lines = { .at = out };

	if (account != NULL && account->standing == STANDING_SUSPENDED)
		add(&lines, "The account is suspended, so nothing is accepted for it.");
	if (account != NULL && account->standing == STANDING_FROZEN)
		add(&lines, "The account is frozen, so nothing is accepted for it.");
	switch (action->require) {
	case REQUIRE_NONE:
		add(&lines, "It requires nothing: no code is asked for.");
		break;
	case REQUIRE_CODE:
		explain_code(&lines, action);
		break;
	}
	if (action->technicians.ngroups + action->technicians.nusers > 0)
		add(&lines, "Only technicians of the groups that the action names may ask for it.");
	return lines.n;
}

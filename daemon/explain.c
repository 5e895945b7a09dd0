/* SPDX-License-Identifier: ISC
 *
 * Writes the sentences.  Names in them were typed by somebody: who shows them
 * escapes them.
 */
#include "explain.h"

#include "attempt.h"
#include "limit.h"
#include "member.h"
#include "policy.h"
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TOLD_MOST 20	/* administrators with a line of their own */

#define PRINTABLE(s) (int)(s).len, (s).len > 0 ? (s).p : ""

__attribute__((format(printf, 2, 3))) static void add(struct explanation *x, const char *fmt, ...)
{
	va_list ap;
	char *line;

	if (x->n == EXPLAIN_LINES)
		return;
	line = x->line[x->n++];
	va_start(ap, fmt);
	vsnprintf(line, EXPLAIN_LINE, fmt, ap);
	va_end(ap);
}

static char *date(int64_t wall, bool time_too, char out[32])
{
	time_t t = (time_t)wall;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || strftime(out, 32, "%Y-%m-%d %H:%M", &tm) == 0)
		return strcpy(out, "an unknown time");
	if (!time_too)
		out[10] = '\0';
	return out;
}

static void explain_code(struct explanation *x, const struct action *action)
{
	char life[32];

	add(x, "It requires a support code that is less than %s old, once.",
	    say_duration(action->lifetime, life));
	if (action->bind_target)
		add(x, "The code must have been generated for this target%s.",
		    action->form == TARGET_HOST_IP ? ", written host=address" : "");
	if (action->risk == RISK_HIGH)
		add(x,
		    "It is high-risk: the code must name this action, "
		    "and an administrator whose rights or authenticators are new waits 24 hours.");
	else
		add(x, "A code that names no action serves it too.");
	if (action->authenticator)
		add(x,
		    "A code from the administrator's own app serves it too, "
		    "when the administrator is named.");
	if (action->shadow)
		add(x, "Its mode is shadow: refusals of the code are recorded but let through.");
}

void explain_action(struct explanation *x, const struct action *action)
{
	switch (action->require) {
	case REQUIRE_NONE:
		add(x, "It requires nothing: no code is asked for.");
		break;
	case REQUIRE_CODE:
		explain_code(x, action);
		break;
	}
}

/* What it changes now: the configuration may ask as much by itself. */
void explain_override(struct explanation *x, const struct action *configured,
    const struct override *o)
{
	char text[EXPLAIN_LINE] = "", since[32], life[32];
	struct action now = *configured;
	const struct {
		bool differs;
		const char *text;
	} parts[] = {
		{ o->code && configured->require == REQUIRE_NONE, ", it requires a code" },
		{ o->high && configured->risk != RISK_HIGH, ", it is high-risk" },
		{ o->bind_target && !configured->bind_target, ", a code must name the target" },
		{ o->enforce && configured->shadow, ", it is enforced and not in shadow mode" },
		{ o->no_authenticator && configured->authenticator,
		    ", codes from apps do not serve" },
	};

	policy_tighten(&now, o);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].differs)
			strcat(text, parts[i].text);
	if (now.lifetime < configured->lifetime)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    ", a code serves for %s only", say_duration(now.lifetime, life));
	date(o->since, false, since);
	if (text[0] != '\0')
		add(x,
		    "That is stricter than the configuration, "
		    "by this account's override of %s: %s.",
		    since, text + 2);
	else
		add(x,
		    "This account's override of %s asks for nothing "
		    "that the configuration does not ask for too.",
		    since);
}

static void list_groups(const struct people *people, char *out, size_t cap)
{
	out[0] = '\0';
	for (size_t i = 0; i < people->ngroups; i++) {
		size_t len = strlen(out);
		const char *before = i == 0 ? "" : i + 1 == people->ngroups ? " or " : ", ";

		snprintf(out + len, cap - len, "%s%s", before, people->group_names[i]);
	}
}

static void explain_groups(struct explanation *x, const struct technician *who,
    const struct action *action)
{
	const struct people *may = &action->technicians;
	char groups[200];

	list_groups(may, groups, sizeof(groups));
	if (may->ngroups + may->nusers == 0) {
		if (who != NULL)
			add(x, "%s may ask for it, as every technician may.", who->name);
	} else if (who == NULL)
		add(x, "Only technicians in group %s may ask for it.", groups);
	else if (people_have(may, who->uid, who->groups, who->ngroups))
		add(x, "%s may ask for it, being in group %s.", who->name, groups);
	else
		add(x, "%s may not ask for it: only technicians in group %s may.", who->name,
		    groups);
}

static enum cs_err explain_technician(struct request *r, struct explanation *x,
    const struct action *action)
{
	const struct technician *who = r->who;
	unsigned roles = role_mask(r->conf, who->uid, who->groups, who->ngroups);
	bool named = people_have(&r->conf->desk_technicians, who->uid, who->groups, who->ngroups);
	struct limit_wait wait;
	struct seen seen = { .uid = who->uid };
	char duration[32], rate[SAY_RATE];
	enum cs_err e = store_get_seen(r->store, who->uid, &seen);

	if (e != CS_OK && e != CS_ERR_NOTFOUND)
		return e;
	if (e == CS_OK && seen.suspended)
		add(x, "%s is suspended, so may not ask for anything.", who->name);
	else if (r->conf->separate_roles && (roles & (ROLE_PANEL | ROLE_ISSUER)) != 0)
		add(x, "%s may not ask: who issues codes does not verify them (separate-roles).",
		    who->name);
	else if ((roles & (ROLE_TECHNICIAN | ROLE_DESK | ROLE_OPERATOR)) == 0 && !named)
		add(x,
		    "%s may not ask for anything: "
		    "neither role staff nor the technicians of role desk include this user.",
		    who->name);
	else if ((roles & (ROLE_TECHNICIAN | ROLE_DESK | ROLE_OPERATOR)) == 0)
		add(x, "%s may ask through a staff web tool (role desk) only.", who->name);
	else
		explain_groups(x, who, action);
	e = limit_technician(r->store, r->conf, who->uid, r->now.steady, &wait);
	if (e == CS_OK && wait.seconds > 0)
		add(x, "%s has to wait %s first: %s.", who->name,
		    say_duration(wait.seconds, duration),
		    say_rate(&wait.rate, wait.what, rate));
	return e;
}

static void explain_standing(struct explanation *x, const struct account *account)
{
	switch (account->standing) {
	case STANDING_ACTIVE:
	case STANDING_REMOVED:
		return;
	case STANDING_SUSPENDED:
		add(x, "The account is suspended, so nothing is accepted for it.");
		return;
	case STANDING_FROZEN:
		add(x, "The account is frozen, so nothing is accepted for it.");
		return;
	}
}

/* *able counts those who could authorise it now. */
static enum cs_err explain_admin(struct request *r, struct explanation *x,
    const struct action *action, const struct member *member, unsigned *able)
{
	struct admin admin;
	int64_t cooling = member->cooling_until - r->now.steady;
	char until[32];
	bool login;
	enum cs_err e = store_get_admin(r->store, member->admin, &admin);

	if (e == CS_OK)
		e = member_has_login(r->store, member->admin, &login);
	if (e != CS_OK)
		return e;
	if (admin.standing != STANDING_ACTIVE || member->standing != STANDING_ACTIVE)
		add(x, "%.*s (%.*s) may not authorise it: %s.", PRINTABLE(admin.display),
		    PRINTABLE(admin.name),
		    standing_name(
			admin.standing != STANDING_ACTIVE ? admin.standing : member->standing));
	else if (!member_may(member, action))
		add(x,
		    "%.*s (%.*s) may not authorise it: "
		    "this action is not among this administrator's.",
		    PRINTABLE(admin.display), PRINTABLE(admin.name));
	else if (action->risk == RISK_HIGH && cooling > 0)
		add(x, "%.*s (%.*s) is cooling off and may authorise it from %s on.",
		    PRINTABLE(admin.display), PRINTABLE(admin.name),
		    date(r->now.at.wall + cooling, true, until));
	else {
		add(x, "%.*s (%.*s) could authorise it now%s.", PRINTABLE(admin.display),
		    PRINTABLE(admin.name),
		    login
			? ""
			: ", with a code from an operator or an issuing panel: there is no log-in "
			  "authenticator yet");
		(*able)++;
	}
	return CS_OK;
}

static enum cs_err explain_admins(struct request *r, struct explanation *x,
    const struct action *action, uint64_t account)
{
	struct member member = { .admin = 0 };
	unsigned seen = 0, able = 0;
	enum cs_err e;

	while ((e = store_next_member(r->store, account, member.admin, &member)) == CS_OK) {
		if (++seen > TOLD_MOST) {
			add(x, "There are more administrators: countersign admin list shows them.");
			return CS_OK;
		}
		e = explain_admin(r, x, action, &member, &able);
		if (e != CS_OK)
			return e;
	}
	if (e == CS_ERR_NOTFOUND && able == 0)
		add(x, "Nobody could authorise it now.");
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err explain(struct request *r, const struct action *configured,
    const struct account *account, struct action *in_force, struct explanation *x)
{
	struct overrides overrides = { .n = 0 };
	struct override *o;
	enum cs_err e = policy_for(r->store, account, configured, in_force);

	x->n = 0;
	if (e == CS_OK && account != NULL)
		e = store_get_overrides(r->store, account->id, &overrides);
	if (e != CS_OK)
		return e;
	if (account != NULL)
		explain_standing(x, account);
	explain_action(x, in_force);
	o = policy_find(&overrides, configured);
	if (o != NULL)
		explain_override(x, configured, o);
	if (r->who != NULL)
		e = explain_technician(r, x, in_force);
	else
		explain_groups(x, NULL, in_force);
	if (e == CS_OK && account != NULL && in_force->require != REQUIRE_NONE)
		e = explain_admins(r, x, in_force, account->id);
	return e;
}

/* SPDX-License-Identifier: ISC
 *
 * ListPolicy, ExplainPolicy and SetPolicy: what is required, for people, and
 * the overrides with which one account asks for more than the configuration.
 * An override that would ask for less is refused, with a sentence.
 */
#include "handlers.h"

#include "asked.h"
#include "audit.h"
#include "explain.h"
#include "policy.h"
#include "say.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define GROUPS_MOST 64		/* of an action, in one row */
#define LIFE_LEAST 120		/* as in the configuration, design §13 */
#define LIFE_MOST 1800

static void put_action(struct cs_writer *w, const struct action *action, bool overridden)
{
	const struct people *may = &action->technicians;
	struct cs_str credentials[POLICY_CREDENTIALS], groups[GROUPS_MOST];
	size_t ncredentials = policy_credentials(action, credentials), ngroups = 0;

	for (; may->group_names != NULL && ngroups < may->ngroups && ngroups < GROUPS_MOST;
	     ngroups++)
		groups[ngroups] = cs_str(may->group_names[ngroups]);
	cs_put_string(w, "action", cs_str(action->name));
	cs_put_string(w, "title", cs_str(action->title));
	cs_put_string(w, "requires", cs_str(policy_requirement(action)));
	cs_put_strings(w, "credentials", credentials, ncredentials);
	cs_put_bool(w, "binds_target", action->bind_target);
	cs_put_string(w, "target_form", cs_str(policy_form(action)));
	cs_put_string(w, "risk", cs_str(policy_risk(action)));
	cs_put_int(w, "lifetime", action->lifetime);
	cs_put_strings(w, "groups", groups, ngroups);
	cs_put_string(w, "mode", cs_str(policy_mode(action)));
	cs_put_bool(w, "override", overridden);
}

enum cs_err handle_list_policy(struct request *r)
{
	struct asked asked;
	struct account account;
	struct overrides overrides = { .n = 0 };
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK && asked.typed.len > 0) {
		e = asked_account_must(r, &asked, &account);
		if (e == CS_OK)
			e = store_get_overrides(r->store, account.id, &overrides);
	}
	for (size_t i = 0; i < r->conf->nactions && e == CS_OK; i++) {
		struct action action = r->conf->actions[i];
		const struct override *o = policy_find(&overrides, &action);

		policy_tighten(&action, o);
		put_action(reply_begin(r, true), &action, o != NULL);
		e = reply_end(r);
	}
	return e == CS_OK ? reply_done(r) : e;
}

static void put_lines(struct cs_writer *w, const struct explanation *x)
{
	struct cs_str lines[EXPLAIN_LINES];

	for (size_t i = 0; i < x->n; i++)
		lines[i] = cs_str(x->line[i]);
	cs_put_strings(w, "say", lines, x->n);
}

enum cs_err handle_explain_policy(struct request *r)
{
	struct asked asked;
	struct account account;
	struct action action;
	struct explanation x;
	enum cs_err e = asked_read(r, &asked);
	bool named = asked.typed.len > 0;

	if (e == CS_OK && asked.action == NULL)
		e = refuse_parameter(r, "action");
	if (e == CS_OK && named)
		e = asked_account_must(r, &asked, &account);
	if (e == CS_OK)
		e = explain(r, asked.action, named ? &account : NULL, &action, &x);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "action", cs_str(action.name));
	cs_put_string(w, "requires", cs_str(policy_requirement(&action)));
	cs_put_string(w, "mode", cs_str(policy_mode(&action)));
	put_lines(w, &x);
	return reply_end(r);
}

/* What an override may set, and the value that would ask for less. */
static const struct {
	const char *name, *tight, *loose;
	size_t at;
} words[] = {
	{ "require", "code", "none", offsetof(struct override, code) },
	{ "risk", "high", "normal", offsetof(struct override, high) },
	{ "mode", "enforce", "shadow", offsetof(struct override, enforce) },
	{ "authenticator", "no", "yes", offsetof(struct override, no_authenticator) },
};
#define WORDS (sizeof(words) / sizeof(words[0]))

/* What one call asks for, and how it reads in the log. */
struct change {
	bool clear, any;
	char note[NOTE_MAX_LEN];
};

static void note(struct change *c, const char *name, const char *value)
{
	size_t len = strlen(c->note);

	c->any = true;
	snprintf(c->note + len, sizeof(c->note) - len, "%s%s %s", len > 0 ? ", " : "", name, value);
}

static enum cs_err refuse_looser(struct request *r, const char *name, const char *value)
{
	char say[256];

	snprintf(say, sizeof(say),
	    "An override may only ask for more: %s = %s would ask for less. What every "
	    "account gets is in the configuration, and --clear takes an override back.",
	    name, value);
	return refuse_named(r, "Refused", "why", CS_STR("looser"), say);
}

static enum cs_err read_words(struct request *r, struct override *o, struct change *c)
{
	for (size_t i = 0; i < WORDS; i++) {
		struct cs_str value;
		enum cs_err e = may_string(r, words[i].name, &value);

		if (e != CS_OK)
			return e;
		if (value.len == 0)
			continue;
		if (cs_str_is(value, words[i].loose))
			return refuse_looser(r, words[i].name, words[i].loose);
		if (!cs_str_is(value, words[i].tight))
			return refuse_parameter(r, words[i].name);
		*(bool *)((char *)o + words[i].at) = true;
		note(c, words[i].name, words[i].tight);
	}
	return CS_OK;
}

static enum cs_err read_bind_target(struct request *r, struct override *o, struct change *c)
{
	bool bind = true;
	enum cs_err e;

	if (cs_msg_find(r->in, "bind_target") == NULL)
		return CS_OK;
	e = may_bool(r, "bind_target", &bind);
	if (e == CS_OK && !bind)
		e = refuse_looser(r, "bind-target", "no");
	if (e != CS_OK)
		return e;
	o->bind_target = true;
	note(c, "bind-target", "yes");
	return CS_OK;
}

static enum cs_err read_lifetime(struct request *r, const struct action *in_force,
    struct override *o, struct change *c)
{
	int64_t life = 0;
	char text[32];
	enum cs_err e = may_int(r, "lifetime", &life);

	if (e != CS_OK || cs_msg_find(r->in, "lifetime") == NULL)
		return e;
	if (life < LIFE_LEAST || life > LIFE_MOST)
		return refuse_parameter(r, "lifetime");
	say_duration(life, text);
	if (life > in_force->lifetime)
		return refuse_looser(r, "lifetime", text);
	o->lifetime = life;
	note(c, "lifetime", text);
	return CS_OK;
}

/* in_force: with the override as it was. */
static enum cs_err read_change(struct request *r, const struct action *in_force, struct override *o,
    struct change *c)
{
	struct action now = *in_force;
	enum cs_err e = may_bool(r, "clear", &c->clear);

	if (e == CS_OK)
		e = read_words(r, o, c);
	if (e == CS_OK)
		e = read_bind_target(r, o, c);
	if (e == CS_OK)
		e = read_lifetime(r, in_force, o, c);
	if (e != CS_OK)
		return e;
	if (c->clear == c->any)
		return refuse_named(r, "Refused", "why", CS_STR("unclear"),
		    c->any ? "Either clear the override or say what it asks for, not both."
			   : "Say what the override asks for: --require code, --bind-target, "
			     "--risk high, --mode enforce, "
			     "--authenticator no or --lifetime; or --clear.");
	policy_tighten(&now, o);
	if (!c->clear && now.require == REQUIRE_NONE)
		return refuse_named(r, "Refused", "why", CS_STR("pointless"),
		    "The action requires nothing, so there "
		    "is nothing to tighten: say --require code too.");
	return CS_OK;
}

/* The override of this action, a new one at the end if there is none. */
static enum cs_err find_or_add(struct request *r, struct overrides *overrides,
    const struct action *action, struct override **o)
{
	*o = policy_find(overrides, action);
	if (*o != NULL)
		return CS_OK;
	if (overrides->n == OVERRIDES_MAX)
		return refuse_named(r, "Refused", "why", CS_STR("full"),
		    "This account has overrides for as many "
		    "actions as it can have.");
	*o = &overrides->at[overrides->n++];
	**o = (struct override){ .action = cs_str(action->name) };
	return CS_OK;
}

static enum cs_err log_set(struct request *r, const struct account *account,
    const struct action *action, const char *text)
{
	struct audit_event event = {
		.kind = EVENT_POLICY_SET,
		.account_id = account->id,
		.account = account->name,
		.action = cs_str(action->name),
		.asserter = r->peer->uid,
		.technician = r->peer->uid,
		.note = cs_str(text),
	};

	return audit_append(r->store, r->vault, &r->now, &event);
}

static enum cs_err answer_set(struct request *r, const struct account *account,
    const struct action *configured, const struct override *o)
{
	struct action now = *configured;
	struct explanation x = { .n = 0 };
	struct cs_writer *w;

	policy_tighten(&now, o);
	explain_action(&x, &now);
	if (o != NULL)
		explain_override(&x, configured, o);
	w = reply_begin(r, false);
	cs_put_string(w, "account", account->name);
	put_action(w, &now, o != NULL);
	put_lines(w, &x);
	return reply_end(r);
}

enum cs_err handle_set_policy(struct request *r)
{
	struct asked asked;
	struct account account;
	struct overrides overrides;
	struct override *o;
	struct action in_force;
	struct change c = { .clear = false };
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK && asked.action == NULL)
		e = refuse_parameter(r, "action");
	if (e == CS_OK)
		e = asked_account_must(r, &asked, &account);
	if (e == CS_OK)
		e = store_get_overrides(r->store, account.id, &overrides);
	if (e == CS_OK)
		e = find_or_add(r, &overrides, asked.action, &o);
	if (e != CS_OK)
		return e;
	in_force = *asked.action;
	policy_tighten(&in_force, o);
	e = read_change(r, &in_force, o, &c);
	if (e != CS_OK)
		return e;
	if (c.clear && o->since == 0)
		return refuse_named(r, "NotFound", "what", cs_str(asked.action->name),
		    "This account has no override for "
		    "that action.");
	o->since = r->now.at.wall;
	if (c.clear)
		*o = overrides.at[--overrides.n];
	store_put_overrides(r->store, &overrides);
	e = log_set(r, &account, asked.action, c.clear ? "cleared" : c.note);
	return e == CS_OK ? answer_set(r, &account, asked.action, c.clear ? NULL : o) : e;
}

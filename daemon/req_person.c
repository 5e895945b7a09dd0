/* SPDX-License-Identifier: ISC
 *
 * InvitePerson, SetPersonRights, SuspendPerson, ResumePerson, RemovePerson,
 * ResetPerson: what an administrator who may authorise admin.change does about
 * colleagues, within one account.  Nobody acts on themselves here, so there is
 * always one left who may.
 */
#include "handlers.h"

#include "authority.h"
#include "cooling.h"
#include "end.h"
#include "invite.h"
#include "issuing.h"
#include "limit.h"
#include "member.h"
#include "name.h"
#include "policy.h"
#include "rights.h"
#include "session.h"

#include "../lib/secret.h"

/* Who asks, and about whom. */
struct change {
	struct caller caller;
	struct authority authority;
	struct admin admin;
	struct member member;
};

/* The same as a code for the action would take. */
static enum cs_err read_caller(struct request *r, struct change *c)
{
	const struct action *configured = conf_action(r->conf, CS_STR(AUTHORITY_ACTION));
	struct action action;
	bool may = false;
	enum cs_err e = caller_read_account(r, &c->caller);

	if (e == CS_OK && configured != NULL) {
		e = policy_for(r->store, &c->caller.account, configured, &action);
		may = e == CS_OK &&
		    issuing_may(r, &c->caller.account, &c->caller.member, &action);
	}
	if (e == CS_OK && !may)
		return refuse_named(r, "Refused", "why", CS_STR("not-permitted"),
		    "You may not change who acts for this account, or not yet. Ask a colleague "
		    "who may, or support.");
	if (e == CS_OK)
		e = caller_must_prove(r, &c->caller);
	if (e == CS_OK)
		c->authority = (struct authority){
			.colleague = c->caller.admin.name,
			.client = c->caller.session.address,
		};
	return e;
}

static enum cs_err refuse_unknown(struct request *r, struct cs_str name)
{
	return refuse_named(r, "UnknownAdministrator", "administrator", name,
	    "Nobody of that name acts for this account.");
}

static enum cs_err find_person(struct request *r, struct change *c)
{
	struct cs_str typed;
	char name[NAME_MAX_LEN + 1];
	enum cs_err e = want_string(r, "administrator", &typed);

	if (e == CS_OK && !name_parse(typed, name))
		return refuse_unknown(r, typed);
	if (e == CS_OK)
		e = store_find_admin(r->store, cs_str(name), &c->admin);
	if (e == CS_OK)
		e = store_get_member(r->store, c->caller.account.id, c->admin.id, &c->member);
	if (e == CS_ERR_NOTFOUND)
		return refuse_unknown(r, typed);
	if (e == CS_OK && c->admin.id == c->caller.admin.id)
		return refuse_named(r, "Refused", "why", CS_STR("yourself"),
		    "You cannot do this to yourself. Ask a colleague, or support.");
	return e;
}

static enum cs_err read_change(struct request *r, struct change *c)
{
	enum cs_err e = read_caller(r, c);

	return e == CS_OK ? find_person(r, c) : e;
}

static enum cs_err answer(struct request *r, const struct change *c, const struct ended *ended)
{
	struct cs_writer *w = reply_begin(r, false);

	cs_put_string(w, "administrator", c->admin.name);
	cs_put_string(w, "name", c->admin.display);
	if (ended != NULL)
		ended_put(w, ended);
	return reply_end(r);
}

static enum cs_err put_invite(struct request *r, struct change *c, enum event_kind kind,
    const struct ended *ended)
{
	struct invite invite = {
		.admin = c->admin.id,
		.made = r->now.at,
		.epoch = r->now.epoch,
		.life = INVITE_LIFE,
		.by = c->caller.admin.display,
	};
	char text[INVITE_TEXT];
	struct cs_writer *w;
	enum cs_err e = invite_make(r->vault, &invite, text);

	if (e != CS_OK)
		return e;
	store_put_invite(r->store, &invite);
	e = authority_log(r, &c->authority, kind, &c->caller.account, &c->admin, "");
	if (e == CS_OK) {
		w = reply_begin(r, false);
		cs_put_string(w, "administrator", c->admin.name);
		cs_put_string(w, "name", c->admin.display);
		cs_put_string(w, "invitation", cs_str(text));
		cs_put_int(w, "expires", invite.made.wall + invite.life);
		if (ended != NULL)
			ended_put(w, ended);
		e = reply_end(r);
	}
	cs_wipe(text, sizeof(text));
	return e;
}

/* Names are everybody's: who tries them to learn who is there gets as far as
 * with codes, so this refusal is an answer, and counted. */
static enum cs_err refuse_taken(struct request *r)
{
	struct cs_writer *w = reply_error(r, "Exists");

	cs_put_string(w, "say", CS_STR("This name is taken. Choose another one; or, if it is the "
	    "same person and acts for another account already, ask support to add them."));
	return reply_end(r);
}

static enum cs_err count(struct request *r, const struct change *c)
{
	int64_t wait = 0;
	enum cs_err e = limit_count_issue(r->store, r->conf, c->caller.admin.id, 0, r->now.steady,
	    &wait);

	return e == CS_OK && wait > 0 ?
	    refuse_busy(r, wait, "You generated too many codes and invitations. Wait a while.") : e;
}

static enum cs_err add(struct request *r, struct change *c)
{
	enum cs_err e;

	c->admin.id = 0;
	member_add(r, &c->caller.account, &c->admin, &c->member);
	e = authority_log(r, &c->authority, EVENT_ADMIN_ADD, &c->caller.account, &c->admin, "");
	return e == CS_OK ? put_invite(r, c, EVENT_ADMIN_INVITE, NULL) : e;
}

static enum cs_err is_taken(struct request *r, const char *name, bool *taken)
{
	struct admin known;
	enum cs_err e = store_find_admin(r->store, cs_str(name), &known);

	*taken = e == CS_OK;
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err handle_invite_person(struct request *r)
{
	struct change c;
	char name[NAME_MAX_LEN + 1];
	struct cs_str display, ref;
	bool given, taken = false;
	enum cs_err e = read_caller(r, &c);

	c.member = (struct member){ .standing = STANDING_ACTIVE };
	if (e == CS_OK)
		e = read_new(r, "administrator", name, &display, &ref);
	if (e == CS_OK)
		e = rights_may_read(r, &c.member, &given);
	if (e == CS_OK && !given)
		e = refuse_parameter(r, "actions");
	if (e == CS_OK)
		e = count(r, &c);
	if (e == CS_OK)
		e = is_taken(r, name, &taken);
	if (e != CS_OK)
		return e;
	if (taken)
		return refuse_taken(r);
	c.admin = (struct admin){
		.name = cs_str(name),
		.display = display,
		.standing = STANDING_ACTIVE,
		.created = r->now.at.wall,
	};
	return add(r, &c);
}

/* Elsewhere they act for others, whose word this takes too. */
static enum cs_err check_only_here(struct request *r, const struct change *c)
{
	struct member member = { .account = 0 };
	enum cs_err e;

	while ((e = store_next_member_of(r->store, c->admin.id, member.account, &member)) == CS_OK)
		if (member.account != c->caller.account.id)
			return refuse_named(r, "Refused", "why", CS_STR("other-account"),
			    "This person acts for another account too. Ask support to reset their "
			    "log-in.");
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err handle_reset_person(struct request *r)
{
	struct change c;
	struct ended ended = { 0 };
	enum cs_err e = read_change(r, &c);

	if (e == CS_OK)
		e = check_only_here(r, &c);
	if (e == CS_OK && (c.admin.standing != STANDING_ACTIVE ||
	    c.member.standing != STANDING_ACTIVE))
		e = refuse_named(r, "Refused", "why", CS_STR("suspended"),
		    "This person is suspended.");
	if (e == CS_OK)
		e = count(r, &c);
	if (e == CS_OK)
		e = end_for_reset(r, &c.admin, &ended);
	return e == CS_OK ? put_invite(r, &c, EVENT_ADMIN_RESET, &ended) : e;
}

static bool same_rights(const struct member *a, const struct member *b)
{
	return a->all == b->all && (a->all || targets_equal(&a->actions, &b->actions));
}

/* What was narrowed after the page was made is not widened again by its form.
 * Rights that are already as wanted pass: the form may have been sent before. */
static enum cs_err check_expected(struct request *r, const struct member *before,
    const struct member *after)
{
	struct member expected = { .all = false };
	const struct cs_str *at;
	size_t n;
	enum cs_err e = cs_msg_strings(r->in, "expected", &at, &n);

	if (e == CS_ERR_NOTFOUND)
		return CS_OK;
	if (e != CS_OK || n > ACTIONS_MAX)
		return refuse_parameter(r, "expected");
	expected.all = n == 1 && cs_str_is(at[0], "*");
	while (expected.actions.n < n) {
		expected.actions.at[expected.actions.n] = at[expected.actions.n];
		expected.actions.n++;
	}
	if (same_rights(before, &expected) || same_rights(before, after))
		return CS_OK;
	return refuse_named(r, "Refused", "why", CS_STR("changed"),
	    "These rights were changed meanwhile. Look at them again.");
}

enum cs_err handle_set_person_rights(struct request *r)
{
	struct change c;
	struct member after;
	enum cs_err e = read_change(r, &c);

	if (e == CS_OK)
		e = rights_read(r, &c.member, &after);
	if (e == CS_OK)
		e = check_expected(r, &c.member, &after);
	if (e == CS_OK)
		e = caller_may_change(r, &c.caller);
	return e == CS_OK ?
	    rights_set(r, &c.authority, &c.caller.account, &c.admin, &c.member, &after) : e;
}

static enum cs_err put_standing(struct request *r, struct change *c, enum standing standing,
    enum event_kind kind, const struct ended *ended)
{
	enum cs_err e;

	c->member.standing = standing;
	c->member.missing = false;	/* by hand now: no roster resumes it */
	store_put_member(r->store, &c->member);
	e = authority_log(r, &c->authority, kind, &c->caller.account, &c->admin, "");
	return e == CS_OK ? answer(r, c, ended) : e;
}

enum cs_err handle_suspend_person(struct request *r)
{
	struct change c;
	struct ended ended = { 0 };
	enum cs_err e = read_change(r, &c);

	if (e == CS_OK && c.member.standing != STANDING_ACTIVE)
		e = refuse_named(r, "Refused", "why", CS_STR("suspended"),
		    "This person is suspended already.");
	if (e == CS_OK)
		e = end_member(r, c.caller.account.id, c.admin.id, &ended);
	return e == CS_OK ?
	    put_standing(r, &c, STANDING_SUSPENDED, EVENT_ADMIN_SUSPEND, &ended) : e;
}

enum cs_err handle_resume_person(struct request *r)
{
	struct change c;
	enum cs_err e = read_change(r, &c);

	if (e == CS_OK && c.member.standing != STANDING_SUSPENDED)
		e = refuse_named(r, "Refused", "why", CS_STR("active"),
		    c.admin.standing == STANDING_ACTIVE ? "This person is not suspended." :
		    "Support suspended this person. Ask support.");
	if (e == CS_OK)
		e = caller_may_change(r, &c.caller);
	return e == CS_OK ? put_standing(r, &c, STANDING_ACTIVE, EVENT_ADMIN_RESUME, NULL) : e;
}

enum cs_err handle_remove_person(struct request *r)
{
	struct change c;
	struct ended ended = { 0 };
	enum cs_err e = read_change(r, &c);

	if (e == CS_OK)
		e = end_memberships(r, &c.admin, c.caller.account.id, &c.authority, &ended);
	return e == CS_OK ? answer(r, &c, &ended) : e;
}

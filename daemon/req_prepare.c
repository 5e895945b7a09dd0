/* SPDX-License-Identifier: ISC
 *
 * Prepare and Actions: what a technician's tool asks before there is a code.
 * Prepare costs no try and tells nothing that the technician may not know.
 */
#include "handlers.h"

#include "attempt.h"
#include "call.h"
#include "policy.h"
#include "say.h"
#include "seen.h"

#define CALL_LIFE 600	/* seconds, design §10 */

static enum cs_err refuse_account(struct request *r, const struct attempt *a)
{
	char say[SAY_MAX];
	struct account similar;
	struct say_facts facts = { .now = &r->now,
		.account = a->asked.typed,
		.because = a->because };

	if (a->reason == CS_UNKNOWN_ACCOUNT) {
		if (asked_suggestion(r, &a->asked, &similar) == CS_OK)
			facts.suggestion = similar.name;
		return refuse_named(r, "UnknownAccount", "account", a->asked.typed,
		    say_reason(a->reason, &facts, say));
	}
	return refuse_named(r, "Refused", "why", cs_str(cs_reason_name(a->reason)),
	    say_reason(a->reason, &facts, say));
}

static enum cs_err refuse_technician(struct request *r, const struct attempt *a)
{
	const struct say_facts facts = { .because = a->because };
	char say[SAY_MAX];

	return refuse_error(r, "NotPermitted", say_reason(a->reason, &facts, say));
}

/* The first two steps of a verification, asked ahead of the code. */
static enum cs_err look_ahead(struct attempt *a)
{
	struct request *r = a->r;
	enum cs_err e = CS_OK;

	if (a->asked.action != NULL) {
		attempt_policy(a);
		if (a->decided)
			return refuse_technician(r, a);
	}
	/* Nobody in particular yet: what would be required, before asking who. */
	if (a->asked.typed.len > 0)
		e = attempt_account(a);
	if (e == CS_OK && a->decided)
		return refuse_account(r, a);
	if (e == CS_OK)
		e = attempt_limits(a);
	return e;
}

/* Opens the call that the customer's page shows, or keeps the one that is open
 * for the same change.  Another change is another call: who presses "Show code"
 * below what they read must get a code for that, or none. */
static enum cs_err open_call(struct attempt *a, char id[NUMBER_TEXT])
{
	struct request *r = a->r;
	struct call call;
	enum cs_err e = store_get_call(r->store, a->account.id, r->who->uid, &call);

	if (e != CS_OK && e != CS_ERR_NOTFOUND)
		return e;
	if (e == CS_ERR_NOTFOUND || call_over(&call, &r->now) ||
	    !call_is_for(&call, cs_str(a->asked.action->name), &a->asked.targets)) {
		call.id = store_new_id(r->store, SEQ_CALL);
		r->opened = a->account.id;
	}
	call.account = a->account.id;
	call.technician = r->who->uid;
	call.technician_name = cs_str(r->who->name);
	call.action = cs_str(a->asked.action->name);
	call.case_id = a->asked.case_id;
	call.targets = a->asked.targets;
	call.opened = r->now.at;
	call.epoch = r->now.epoch;
	call.life = CALL_LIFE;
	store_put_call(r->store, &call);
	number_format('C', call.id, id);
	return CS_OK;
}

static enum cs_err answer(struct attempt *a, const char *call)
{
	const struct action *action = a->asked.action;
	struct say_facts facts = { .now = &a->r->now, .wait = a->wait, .because = a->because };
	struct account nobody = { .id = 0 };
	const struct account *account = a->has_account ? &a->account : &nobody;
	char say[SAY_MAX] = "";
	struct cs_writer *w;

	if (a->wait > 0)
		say_reason(CS_THROTTLED, &facts, say);
	else if (action != NULL)
		say_call(account, action, &a->asked.targets, say);
	w = reply_begin(a->r, false);
	cs_put_string(w, "account", account->name);
	cs_put_string(w, "name", account->display);
	cs_put_string(w, "title", cs_str(action == NULL ? "" : action->title));
	cs_put_string(w, "requires", cs_str(action == NULL ? "" : policy_requirement(action)));
	cs_put_bool(w, "binds_target", action != NULL && action->bind_target);
	cs_put_string(w, "directions", cs_str(a->r->conf->directions));
	if (call[0] != '\0')
		cs_put_string(w, "call", cs_str(call));
	cs_put_int(w, "wait", a->wait);
	cs_put_string(w, "mode",
	    action != NULL && action->shadow ? CS_STR("shadow") : CS_STR("enforce"));
	cs_put_string(w, "say", cs_str(say));
	return reply_end(a->r);
}

/* The customer's page shows a call once it says all that will be asked. */
static bool is_whole(const struct attempt *a)
{
	const struct action *action = a->asked.action;

	return a->has_account && a->wait == 0 && action != NULL &&
	    action->require != REQUIRE_NONE && (!action->bind_target || a->asked.targets.n > 0);
}

enum cs_err handle_prepare(struct request *r)
{
	struct attempt a CS_UNCLEARED;
	char call[NUMBER_TEXT] = "";
	enum cs_err e;

	attempt_start(&a, r, EVENT_VERIFY);
	e = seen_note(r);
	if (e == CS_OK)
		e = asked_read(r, &a.asked);
	if (e == CS_OK)
		e = look_ahead(&a);
	if (e == CS_OK && is_whole(&a))
		e = open_call(&a, call);
	return e == CS_OK ? answer(&a, call) : e;
}

enum cs_err handle_actions(struct request *r)
{
	for (size_t i = 0; i < r->conf->nactions; i++) {
		const struct action *action = &r->conf->actions[i];
		struct cs_writer *w = reply_begin(r, true);

		cs_put_string(w, "action", cs_str(action->name));
		cs_put_string(w, "title", cs_str(action->title));
		cs_put_string(w, "requires", cs_str(policy_requirement(action)));
		cs_put_bool(w, "binds_target", action->bind_target);
		cs_put_string(w, "risk", cs_str(policy_risk(action)));
		enum cs_err e = reply_end(r);
		if (e != CS_OK)
			return e;
	}
	return reply_done(r);
}

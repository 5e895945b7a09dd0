/* SPDX-License-Identifier: ISC
 *
 * The page's Actions and Generate: what a code may be for, and a code for the
 * administrator who is logged in.  For a call, action and targets are the
 * call's, so that nothing is typed and nothing else is authorised.
 */
#include "handlers.h"

#include "call.h"
#include "issuing.h"
#include "policy.h"
#include "session.h"

#include <string.h>

static enum cs_err put_action(struct request *r, const struct caller *caller,
    const struct action *configured)
{
	struct action action;
	enum cs_err e = policy_for(r->store, &caller->account, configured, &action);

	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, true);
	cs_put_string(w, "action", cs_str(action.name));
	cs_put_string(w, "title", cs_str(action.title));
	cs_put_string(w, "requires", cs_str(policy_requirement(&action)));
	cs_put_bool(w, "binds_target", action.bind_target);
	cs_put_string(w, "target_form", cs_str(policy_form(&action)));
	cs_put_string(w, "risk", cs_str(policy_risk(&action)));
	cs_put_bool(w, "may", issuing_may(r, &caller->account, &caller->member, &action));
	return reply_end(r);
}

enum cs_err handle_actions_panel(struct request *r)
{
	struct caller caller;
	enum cs_err e = caller_read_account(r, &caller);

	for (size_t i = 0; i < r->conf->nactions && e == CS_OK; i++)
		e = put_action(r, &caller, &r->conf->actions[i]);
	return e == CS_OK ? reply_done(r) : e;
}

/* What the form says; person and account are the session's. */
struct form {
	struct asked asked;
	struct cs_str call;
	struct call found;
};

static void hash_body(struct issuing *i, const struct form *form)
{
	const char *action = form->asked.action == NULL ? "" : form->asked.action->name;
	const struct targets *targets = &form->asked.targets;
	struct vault_hash h;

	vault_hash_begin(i->r->vault, VAULT_MEMO, &h, 16);
	vault_hash_u64(&h, i->account.id);
	vault_hash_u64(&h, i->admin.id);
	vault_hash_bytes(&h, form->call.p, form->call.len);
	vault_hash_bytes(&h, action, strlen(action));
	vault_hash_u64(&h, targets->n);
	for (size_t t = 0; t < targets->n; t++)
		vault_hash_bytes(&h, targets->at[t].p, targets->at[t].len);
	vault_hash_u64(&h, i->replace);
	vault_hash_end(&h, i->body, 16);
}

static enum cs_err read_form(struct issuing *i, struct form *form)
{
	struct request *r = i->r;
	enum cs_err e = asked_read(r, &form->asked);

	if (e == CS_OK)
		e = may_string(r, "call", &form->call);
	if (e == CS_OK && form->call.len > 0 &&
	    (form->asked.action != NULL || form->asked.targets.n > 0))
		e = refuse_parameter(r, "call");
	if (e == CS_OK)
		e = may_bool(r, "replace", &i->replace);
	if (e == CS_OK)
		e = asked_request_key(r, r->peer->uid, i->key);
	if (e == CS_OK)
		hash_body(i, form);
	return e;
}

static enum cs_err set_scope(struct issuing *i, struct form *form)
{
	const struct action *action = form->asked.action;
	enum cs_err e = CS_OK;

	i->targets = &form->asked.targets;
	if (form->call.len > 0) {
		e = call_find(i->r, i->account.id, form->call, &form->found);
		if (e != CS_OK)
			return e;
		i->targets = &form->found.targets;
		i->case_id = form->found.case_id;
		action = conf_action(i->r->conf, form->found.action);
		if (action == NULL)
			return refuse_named(i->r, "UnknownAction", "action", form->found.action,
			    "The policy does not name this action any more.");
	}
	return issuing_scope(i, action);
}

enum cs_err handle_generate(struct request *r)
{
	struct caller caller;
	struct issuing i;
	struct form form;
	bool answered;
	enum cs_err e = caller_read_account(r, &caller);

	if (e != CS_OK)
		return e;
	issuing_start(&i, r);
	i.account = caller.account;
	i.admin = caller.admin;
	i.session = &caller.session;
	i.client = caller.session.address;
	i.proved = caller_proved(r, &caller);
	e = read_form(&i, &form);
	if (e == CS_OK)
		e = issuing_recall(&i, &answered);
	if (e != CS_OK || answered)
		return e;
	e = set_scope(&i, &form);
	if (e == CS_OK)
		e = issuing_check(&i);
	if (e == CS_OK && issuing_high(&i))
		e = caller_must_prove(r, &caller);
	return e == CS_OK ? issuing_code(&i) : e;
}

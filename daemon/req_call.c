/* SPDX-License-Identifier: ISC
 *
 * Calls and DenyCall: who is asking for the account right now, and "Not us".
 * An empty list is an answer too: it tells a customer that whoever is on the
 * phone is no technician.
 */
#include "handlers.h"

#include "audit.h"
#include "call.h"
#include "issuing.h"
#include "name.h"
#include "policy.h"
#include "scope.h"
#include "session.h"

#include <stdio.h>

static enum cs_err put_call(struct request *r, const struct caller *caller,
    const struct call *call)
{
	const struct action *action = conf_action(r->conf, call->action);
	struct action in_force;
	char id[NUMBER_TEXT];
	enum cs_err e;

	if (action == NULL)	/* not in the policy any more */
		return CS_OK;
	e = policy_for(r->store, &caller->account, action, &in_force);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, true);
	cs_put_string(w, "call", cs_str(number_format('C', call->id, id)));
	cs_put_string(w, "technician", call->technician_name);
	cs_put_string(w, "technician_name", call->technician_name);
	scope_put(r->conf, w, call->action, &call->targets);
	cs_put_int(w, "opened", call->opened.wall);
	cs_put_int(w, "expires", call->opened.wall + call->life);
	cs_put_string(w, "risk", cs_str(policy_risk(&in_force)));
	cs_put_bool(w, "may", issuing_may(r, &caller->account, &caller->member, &in_force));
	if (call->case_id.len > 0)
		cs_put_string(w, "case", call->case_id);
	return reply_end(r);
}

enum cs_err handle_calls(struct request *r)
{
	struct caller caller;
	struct call call;
	int64_t after = (int64_t)cursor_id(r->cursor);
	unsigned n = 0;
	enum cs_err e = caller_read_account(r, &caller);

	/* after is one more than the last technician's uid: 0 comes first */
	while (e == CS_OK && n < ROWS_AT_ONCE) {
		e = store_next_call(r->store, caller.account.id, after - 1, &call);
		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		after = (int64_t)call.technician + 1;
		if (e == CS_OK && !call_over(&call, &r->now)) {
			e = put_call(r, &caller, &call);
			n++;
		}
	}
	if (e == CS_OK)
		cursor_go_on(r->cursor, (uint64_t)after);
	return e;
}

/* Whoever of the account's has one for this change: the technician who got it
 * read over the phone asked for nothing that the customer wants. */
static enum cs_err end_codes_for(struct request *r, const struct call *call, unsigned *ended)
{
	struct issue issue = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_issue_of(r->store, call->account, issue.id, &issue)) == CS_OK) {
		if (issue.state != ISSUE_LIVE || !call_is_for(call, issue.action, &issue.targets))
			continue;
		*ended += !clock_over(&r->now, &issue.issued, issue.epoch, issue.life);
		issue.state = ISSUE_REVOKED;
		issue.ended = r->now.at.wall;
		store_update_issue(r->store, &issue);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err log_denied(struct request *r, const struct caller *caller,
    const struct call *call, unsigned ended)
{
	char id[NUMBER_TEXT], note[40] = "";
	struct audit_event event = {
		.kind = EVENT_CALL_DENIED,
		.account_id = caller->account.id,
		.account = caller->account.name,
		.admin_id = caller->admin.id,
		.admin = caller->admin.name,
		.admin_name = caller->admin.display,
		.action = call->action,
		.targets = call->targets,
		.technician = call->technician,
		.technician_name = call->technician_name,
		.asserter = r->peer->uid,
		.case_id = call->case_id,
		.client = caller->session.address,
	};

	event.credential = cs_str(number_format('C', call->id, id));
	if (ended > 0)
		snprintf(note, sizeof(note), "ended %u code%s", ended, ended == 1 ? "" : "s");
	event.note = cs_str(note);
	return audit_append(r->store, r->vault, &r->now, &event);
}

enum cs_err handle_deny_call(struct request *r)
{
	struct caller caller;
	struct call call;
	struct cs_str text;
	unsigned ended = 0;
	enum cs_err e = caller_read_account(r, &caller);

	if (e == CS_OK)
		e = want_string(r, "call", &text);
	if (e == CS_OK)
		e = call_find(r, caller.account.id, text, &call);
	if (e == CS_OK)
		e = end_codes_for(r, &call, &ended);
	if (e != CS_OK)
		return e;
	store_del_call(r->store, call.account, call.technician);
	e = log_denied(r, &caller, &call, ended);
	if (e != CS_OK)
		return e;
	cs_put_int(reply_begin(r, false), "codes", ended);
	return reply_end(r);
}

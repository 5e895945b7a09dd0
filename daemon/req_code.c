/* SPDX-License-Identifier: ISC
 *
 * Code, Codes and CancelCode: what became of the codes of the administrator who
 * is logged in.  Nobody is told of another's, not even that they are there.
 */
#include "handlers.h"

#include "audit.h"
#include "code.h"
#include "issuing.h"
#include "limit.h"
#include "name.h"
#include "scope.h"
#include "session.h"

#include "../lib/secret.h"

#define USED_ROOM 1200	/* bytes of targets that fit in beside the most a code has */

/* What a page shows of one. */
struct view {
	struct request *r;
	struct caller caller;
	struct limit_account limits;
	struct issue issue;
	const char *state;
};

static enum cs_err read_view(struct request *r, struct view *v)
{
	enum cs_err e = caller_read_account(r, &v->caller);

	v->r = r;
	return e == CS_OK ? limit_account(r->store, r->conf, v->caller.account.id, r->now.steady,
				&v->limits) : e;
}

static const char *state_of(const struct view *v)
{
	static const char *const ended[] = {
		[ISSUE_LIVE] = "live",
		[ISSUE_USED] = "used",
		[ISSUE_REPLACED] = "replaced",
		[ISSUE_REVOKED] = "revoked",
		[ISSUE_CANCELLED] = "cancelled",
	};
	const struct issue *issue = &v->issue;

	if (issue->state != ISSUE_LIVE)
		return ended[issue->state];
	if (clock_over(&v->r->now, &issue->issued, issue->epoch, issue->life))
		return "expired";
	return limit_killed(v->r->conf, &v->limits, issue) ? "cancelled" : "live";
}

static bool is_live(const struct view *v)
{
	return v->issue.state == ISSUE_LIVE && cs_str_is(cs_str(v->state), "live");
}

static enum cs_err find_own(struct view *v)
{
	struct request *r = v->r;
	struct cs_str text;
	uint64_t id;
	enum cs_err e = want_string(r, "issue", &text);

	if (e != CS_OK)
		return e;
	e = number_parse('I', text, &id) ? store_get_issue(r->store, id, &v->issue)
					 : CS_ERR_NOTFOUND;
	if (e == CS_ERR_NOTFOUND ||
	    (e == CS_OK && (v->issue.admin != v->caller.admin.id ||
	    v->issue.account != v->caller.account.id)))
		return refuse_named(r, "NotFound", "what", text, "You have no such code.");
	if (e == CS_OK)
		v->state = state_of(v);
	return e;
}

static enum cs_err put_digits(struct view *v, struct cs_writer *w)
{
	char digits[CODE_DIGITS + 1];
	bool may;
	enum cs_err e = issuing_may_see(v->r, &v->caller.account, &v->caller.session, &v->issue,
	    &may);

	if (e == CS_OK && !may) {
		cs_put_bool(w, "proof_needed", true);
		return CS_OK;
	}
	if (e == CS_OK)
		e = code_derive(v->r->vault, &v->issue, digits);
	if (e == CS_OK)
		cs_put_string(w, "code", cs_str(digits));
	cs_wipe(digits, sizeof(digits));
	return e;
}

static bool fits(const struct targets *targets)
{
	size_t bytes = 0;

	for (size_t i = 0; i < targets->n; i++)
		bytes += targets->at[i].len + 3;
	return bytes <= USED_ROOM;
}

static enum cs_err put_use(struct view *v, struct cs_writer *w)
{
	struct audit_event event;
	const struct action *action;
	enum cs_err e = store_get_event(v->r->store, v->issue.ended_event, &event, NULL);

	cs_put_string(w, "by", v->issue.ended_by_name);
	if (e != CS_OK)
		return e == CS_ERR_NOTFOUND ? CS_OK : e;
	action = conf_action(v->r->conf, event.action);
	cs_put_string(w, "used_action", event.action);
	if (action != NULL)
		cs_put_string(w, "used_title", cs_str(action->title));
	if (event.targets.n > 0 && (v->issue.targets.n == 0 || fits(&event.targets)))
		cs_put_strings(w, "used_target", event.targets.at, event.targets.n);
	return CS_OK;
}

static int64_t tries(const struct view *v)
{
	return (int64_t)(v->limits.wrong - v->issue.wrong_before);
}

enum cs_err handle_code(struct request *r)
{
	struct view v;
	enum cs_err e = read_view(r, &v);

	if (e == CS_OK)
		e = find_own(&v);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "state", cs_str(v.state));
	cs_put_int(w, "expires", v.issue.issued.wall + v.issue.life);
	scope_put(r->conf, w, v.issue.action, &v.issue.targets);
	cs_put_int(w, "tries", tries(&v));
	if (v.issue.ended != 0)
		cs_put_int(w, "ended", v.issue.ended);
	if (is_live(&v))
		e = put_digits(&v, w);
	else if (v.issue.state == ISSUE_USED)
		e = put_use(&v, w);
	return e == CS_OK ? reply_end(r) : e;
}

static enum cs_err put_row(struct view *v)
{
	struct cs_writer *w = reply_begin(v->r, true);
	char id[NUMBER_TEXT];

	number_format('I', v->issue.id, id);
	cs_put_string(w, "issue", cs_str(id));
	scope_put(v->r->conf, w, v->issue.action, &v->issue.targets);
	cs_put_int(w, "expires", v->issue.issued.wall + v->issue.life);
	return reply_end(v->r);
}

/* An account has 128 of them, so what is dead needs no going on. */
enum cs_err handle_codes(struct request *r)
{
	struct view v;
	unsigned n = 0;
	enum cs_err e = read_view(r, &v);

	v.issue.id = cursor_id(r->cursor);
	while (e == CS_OK && n < ROWS_AT_ONCE) {
		e = store_next_issue_of(r->store, v.caller.account.id, v.issue.id, &v.issue);
		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e != CS_OK || v.issue.admin != v.caller.admin.id)
			continue;
		v.state = state_of(&v);
		if (is_live(&v)) {
			e = put_row(&v);
			n++;
		}
	}
	if (e == CS_OK)
		cursor_go_on(r->cursor, v.issue.id);
	return e;
}

static enum cs_err log_cancelled(struct view *v)
{
	char id[NUMBER_TEXT];
	struct audit_event event = {
		.kind = EVENT_REVOKE,
		.account_id = v->caller.account.id,
		.account = v->caller.account.name,
		.admin_id = v->caller.admin.id,
		.admin = v->caller.admin.name,
		.admin_name = v->caller.admin.display,
		.action = v->issue.action,
		.targets = v->issue.targets,
		.technician = v->r->peer->uid,
		.asserter = v->r->peer->uid,
		.client = v->caller.session.address,
	};

	number_format('I', v->issue.id, id);
	event.credential = cs_str(id);
	return audit_append(v->r->store, v->r->vault, &v->r->now, &event);
}

static enum cs_err answer_cancelled(struct request *r)
{
	reply_begin(r, false);
	return reply_end(r);
}

/* One that was cancelled before is: a lost reply is asked for again. */
enum cs_err handle_cancel_code(struct request *r)
{
	struct view v;
	enum cs_err e = read_view(r, &v);

	if (e == CS_OK)
		e = find_own(&v);
	if (e == CS_OK && v.issue.state == ISSUE_REVOKED)
		return answer_cancelled(r);
	if (e == CS_OK && !is_live(&v))
		e = refuse_named(r, "Refused", "why", cs_str(v.state),
		    "This code is over already: nobody can use it.");
	if (e != CS_OK)
		return e;
	v.issue.state = ISSUE_REVOKED;
	v.issue.ended = r->now.at.wall;
	store_update_issue(r->store, &v.issue);
	e = log_cancelled(&v);
	return e == CS_OK ? answer_cancelled(r) : e;
}

/* SPDX-License-Identifier: ISC
 *
 * Shows a live code again, or draws a new one and buries the oldest.
 */
#include "issuing.h"

#include "alive.h"
#include "attempt.h"
#include "audit.h"
#include "code.h"
#include "name.h"
#include "policy.h"
#include "say.h"
#include "scope.h"
#include "session.h"

#include "../lib/secret.h"

#include <string.h>

#define COLLISIONS 16	/* ids tried when digits collide within the account */

void issuing_start(struct issuing *i, struct request *r)
{
	i->r = r;
	i->action = NULL;
	i->case_id = (struct cs_str){ 0 };
	i->session = NULL;
	i->client = (struct cs_str){ 0 };
	i->replace = i->proved = i->spent_proof = i->has_same = false;
	i->live = i->dead = i->killed = 0;
	i->member.cooling_until = 0;
}

bool issuing_may(const struct request *r, const struct account *account,
    const struct member *member, const struct action *action)
{
	return account->standing == STANDING_ACTIVE && member_may(member, action) &&
	    (action->risk != RISK_HIGH || member->cooling_until <= r->now.steady);
}

enum cs_err issuing_may_see(const struct request *r, const struct account *account,
    const struct session *session, const struct issue *issue, bool *may)
{
	const struct action *configured = conf_action(r->conf, issue->action);
	int64_t age = r->now.at.wall - issue->issued.wall;
	struct action action;
	enum cs_err e;

	*may = true;
	if (configured == NULL)
		return CS_OK;
	e = policy_for(r->store, account, configured, &action);
	if (e == CS_OK && action.risk == RISK_HIGH)
		*may = session->proved != 0 &&
		    r->now.steady - session->proved <= SESSION_PROOF + (age > 0 ? age : 0);
	return e;
}

bool issuing_high(const struct issuing *i)
{
	return i->action != NULL && i->action->risk == RISK_HIGH;
}

static int64_t lifetime(const struct issuing *i)
{
	return i->action == NULL ? i->r->conf->code_lifetime : i->action->lifetime;
}

static const char *scope_action(const struct issuing *i)
{
	return i->action == NULL ? "" : i->action->name;
}

enum cs_err issuing_scope(struct issuing *i, const struct action *configured)
{
	enum cs_err e;

	if (configured == NULL)
		return i->targets->n > 0 ? refuse_parameter(i->r, "action") : CS_OK;
	e = policy_for(i->r->store, &i->account, configured, &i->in_force);
	if (e != CS_OK)
		return e;
	i->action = &i->in_force;
	return i->action->bind_target && i->targets->n == 0 ? refuse_parameter(i->r, "target")
							    : CS_OK;
}

/* because: what says more than the reason's sentence, or NULL. */
static enum cs_err refuse(struct issuing *i, enum cs_reason reason, const char *because)
{
	char say[SAY_MAX];
	struct say_facts facts = {
		.now = &i->r->now,
		.account = i->account.name,
		.account_name = i->account.display,
		.admin_name = i->admin.display,
		.conf = i->r->conf,
		.action = i->action,
		.wait = i->member.cooling_until - i->r->now.steady,
		.because = because,
	};

	return refuse_named(i->r, "Refused", "why", cs_str(cs_reason_name(reason)),
	    i->session != NULL ? say_to_customer(reason, &facts, say) :
	    say_reason(reason, &facts, say));
}

enum cs_err issuing_check(struct issuing *i)
{
	const struct action *action = i->action;
	enum cs_err e;

	if (i->account.standing == STANDING_FROZEN)
		return refuse(i, CS_FROZEN, NULL);
	if (i->account.standing != STANDING_ACTIVE)
		return refuse(i, CS_SUSPENDED, NULL);
	e = store_get_member(i->r->store, i->account.id, i->admin.id, &i->member);
	if (e == CS_ERR_NOTFOUND)
		return refuse(i, CS_NOT_PERMITTED,
		    "this person is no administrator of that account.");
	if (e != CS_OK)
		return e;
	if (i->admin.standing != STANDING_ACTIVE || i->member.standing != STANDING_ACTIVE)
		return refuse(i, CS_NOT_PERMITTED, "this person is suspended.");
	if (action != NULL && !member_may(&i->member, action))
		return refuse(i, CS_NOT_PERMITTED, NULL);
	if (action != NULL && action->risk == RISK_HIGH &&
	    i->member.cooling_until > i->r->now.steady)
		return refuse(i, CS_COOLING_OFF, NULL);
	return limit_account(i->r->store, i->r->conf, i->account.id, i->r->now.steady, &i->limits);
}

static bool same_scope(const struct issuing *i, const struct issue *issue)
{
	return issue->admin == i->admin.id && issue->issuer == i->r->peer->uid &&
	    cs_str_is(issue->action, scope_action(i)) &&
	    targets_equal(&issue->targets, i->targets);
}

/* One of this administrator's is noted as killed, once, and given back; those
 * of others are left for them to be given back. */
static void note_dead(struct issuing *i, struct issue *issue, bool killed)
{
	if (killed && issue->admin == i->admin.id) {
		issue->state = ISSUE_CANCELLED;
		issue->ended = i->r->now.at.wall;
		store_update_issue(i->r->store, issue);
		i->killed++;
	}
	if (i->dead < ISSUING_LIVE + ISSUING_DEAD)
		i->dead_id[i->dead++] = issue->id;
}

/* One walk over the account's codes, at most 128 of them. */
static enum cs_err survey(struct issuing *i)
{
	struct request *r = i->r;
	struct issue issue = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_issue_of(r->store, i->account.id, issue.id, &issue)) == CS_OK) {
		bool live = issue.state == ISSUE_LIVE &&
		    !clock_over(&r->now, &issue.issued, issue.epoch, issue.life);
		bool killed = live && limit_killed(r->conf, &i->limits, &issue);

		if (!live || killed) {
			note_dead(i, &issue, killed);
			continue;
		}
		i->live++;
		if (same_scope(i, &issue)) {
			i->same = issue;
			i->has_same = true;
		}
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err answer(struct issuing *i, const struct issue *issue)
{
	struct request *r = i->r;
	char digits[CODE_DIGITS + 1], id[NUMBER_TEXT];
	struct cs_writer *w;
	enum cs_err e = code_derive(r->vault, issue, digits);

	if (e != CS_OK)
		return e;
	number_format('I', issue->id, id);
	w = reply_begin(r, false);
	cs_put_string(w, "code", cs_str(digits));
	cs_put_string(w, "issue", cs_str(id));
	cs_put_int(w, "expires", issue->issued.wall + issue->life);
	if (i->session != NULL)
		scope_put(r->conf, w, issue->action, &issue->targets);
	cs_wipe(digits, sizeof(digits));
	return reply_end(r);
}

static void remember(struct issuing *i, const struct issue *issue, uint64_t event)
{
	struct memo memo = {
		.steady = i->r->now.steady,
		.verdict = CS_ACCEPTED,
		.reason = CS_REASON_ACCEPTED,
		.event = event,
		.account = i->account.id,
		.admin = i->admin.id,
		.issue = issue->id,
	};

	memcpy(memo.body, i->body, sizeof(memo.body));
	store_put_memo(i->r->store, i->key, &memo);
}

enum cs_err issuing_recall(struct issuing *i, bool *answered)
{
	struct memo memo;
	struct issue issue;
	bool may = true;
	enum cs_err e = store_get_memo(i->r->store, i->key, &memo);

	*answered = false;
	if (e == CS_ERR_NOTFOUND)
		return CS_OK;
	if (e == CS_OK && memcmp(memo.body, i->body, sizeof(memo.body)) != 0)
		return refuse_parameter(i->r, "request");
	if (e == CS_OK)
		e = store_get_issue(i->r->store, memo.issue, &issue);
	if (e == CS_ERR_NOTFOUND)
		return refuse_named(i->r, "Refused", "why", CS_STR("expired"),
		    "The code of this request is long gone. "
		    "Generate a new one.");
	if (e == CS_OK && i->session != NULL)
		e = issuing_may_see(i->r, &i->account, i->session, &issue, &may);
	if (e == CS_OK && !may)
		return refuse_proof_needed(i->r);
	if (e == CS_OK)
		e = answer(i, &issue);
	*answered = e == CS_OK;
	return e;
}

static enum cs_err log_issue(struct issuing *i, const struct issue *issue, uint64_t *event_id)
{
	char id[NUMBER_TEXT];
	struct audit_event event = {
		.kind = EVENT_ISSUE,
		.account_id = i->account.id,
		.account = i->account.name,
		.admin_id = i->admin.id,
		.admin = i->admin.name,
		.admin_name = i->admin.display,
		.action = cs_str(scope_action(i)),
		.targets = *i->targets,
		.asserter = i->r->peer->uid,
		.technician = i->r->peer->uid,
		.case_id = i->case_id,
		.client = i->client,
	};
	enum cs_err e;

	number_format('I', issue->id, id);
	event.credential = cs_str(id);
	e = audit_append(i->r->store, i->r->vault, &i->r->now, &event);
	*event_id = event.id;
	return e;
}

/* Draws ids until the digits are free within the account. */
static enum cs_err draw(struct issuing *i, struct issue *issue)
{
	char digits[CODE_DIGITS + 1];
	struct issue other;
	enum cs_err e = cs_random(issue->nonce, sizeof(issue->nonce));

	for (unsigned n = 0; n < COLLISIONS && e == CS_OK; n++) {
		issue->id = store_new_id(i->r->store, SEQ_ISSUE);
		e = code_derive(i->r->vault, issue, digits);
		if (e != CS_OK)
			return e;
		code_tag(i->r->vault, issue->account, digits, issue->tag);
		cs_wipe(digits, sizeof(digits));
		e = store_find_issue(i->r->store, issue->tag, &other);
		if (e == CS_ERR_NOTFOUND)
			return CS_OK;
	}
	return e == CS_OK ? CS_ERR_LIMIT : e;
}

/* Live ones may all have expired at once, so more than one may have to go. */
static enum cs_err bury(struct issuing *i)
{
	struct issue dead;
	enum cs_err e = CS_OK;

	for (unsigned n = 0; e == CS_OK && i->dead + i->has_same - n > ISSUING_DEAD; n++) {
		e = store_get_issue(i->r->store, i->dead_id[n], &dead);
		if (e == CS_OK)
			store_del_issue(i->r->store, &dead);
	}
	return e;
}

static enum cs_err issue_new(struct issuing *i)
{
	struct request *r = i->r;
	struct issue issue = {
		.account = i->account.id,
		.admin = i->admin.id,
		.action = cs_str(scope_action(i)),
		.targets = *i->targets,
		.issued = r->now.at,
		.epoch = r->now.epoch,
		.life = lifetime(i),
		.wrong_before = i->limits.wrong,
		.issuer = r->peer->uid,
		.proved = i->proved,
		.state = ISSUE_LIVE,
	};
	enum cs_err e = draw(i, &issue);

	if (e == CS_OK)
		e = bury(i);
	if (e != CS_OK)
		return e;
	if (i->has_same) {
		i->same.state = ISSUE_REPLACED;
		i->same.ended = r->now.at.wall;
		store_update_issue(r->store, &i->same);
	}
	e = log_issue(i, &issue, &issue.event);
	if (e == CS_OK)
		e = alive_note(i->r, i->admin.id);
	if (e != CS_OK)
		return e;
	store_put_issue(r->store, &issue);
	remember(i, &issue, issue.event);
	return answer(i, &issue);
}

/* One from before the policy asked for more would be refused: for its age, or
 * for the proof that it was issued without, whatever was shown since. */
static bool still_serves(const struct issuing *i)
{
	return i->same.life <= lifetime(i) && (i->same.proved || !issuing_high(i));
}

/* As often as one likes, but a flood keeps no memos, unless the same proof would be
 * refused. */
static enum cs_err show_again(struct issuing *i)
{
	bool flood;
	enum cs_err e = limit_count_shown(i->r->store, i->admin.id, i->r->now.steady, &flood);

	if (e == CS_OK && (!flood || i->spent_proof))
		remember(i, &i->same, 0);
	if (e == CS_OK)
		e = limit_refund_issue(i->r->store, i->admin.id, i->killed);
	return e == CS_OK ? answer(i, &i->same) : e;
}

enum cs_err issuing_code(struct issuing *i)
{
	static const char because[] = "too many codes were generated";
	int64_t wait;
	enum cs_err e = survey(i);

	if (e != CS_OK)
		return e;
	if (i->has_same && !i->replace && still_serves(i))
		return show_again(i);
	if (i->live >= ISSUING_LIVE && !i->has_same)
		return refuse_throttled(i->r, i->r->conf->code_lifetime, because);
	e = limit_count_issue(i->r->store, i->r->conf, i->admin.id, i->killed, i->r->now.steady,
	    &wait);
	if (e == CS_OK && wait > 0)
		return refuse_throttled(i->r, wait, because);
	return e == CS_OK ? issue_new(i) : e;
}

/* SPDX-License-Identifier: ISC
 *
 * The steps of a decision that codes and grants share.  Only the last step of
 * a caller accepts; what is not decided is refused.
 */
#include "attempt.h"

#include "audit.h"
#include "code.h"
#include "grant.h"
#include "name.h"
#include "policy.h"
#include "say.h"
#include "seen.h"

#include <string.h>

#define REPEAT_SECONDS 120	/* an acceptance may be asked again (design §6) */

void attempt_accept(struct attempt *a)
{
	a->decided = true;
	a->verdict = CS_ACCEPTED;
	a->reason = CS_REASON_ACCEPTED;
}

void attempt_refuse(struct attempt *a, enum cs_reason reason)
{
	a->decided = true;
	a->verdict = CS_REFUSED;
	a->reason = reason;
}

void attempt_refuse_because(struct attempt *a, enum cs_reason reason, const char *sentence)
{
	attempt_refuse(a, reason);
	a->because = sentence;
}

/* What the request asked, as a MAC: the memo must not hold the code. */
static void hash_body(const struct attempt *a, uint8_t body[16])
{
	const struct asked *asked = &a->asked;
	struct vault_hash h CS_UNCLEARED;

	vault_hash_begin(a->r->vault, VAULT_MEMO, &h, 16);
	vault_hash_bytes(&h, asked->typed.p, asked->typed.len);
	vault_hash_bytes(&h, asked->account, strlen(asked->account));
	vault_hash_bytes(&h, asked->ref.p, asked->ref.len);
	vault_hash_bytes(&h, asked->admin, strlen(asked->admin));
	vault_hash_bytes(&h, asked->action->name, strlen(asked->action->name));
	vault_hash_u64(&h, asked->targets.n);
	for (size_t i = 0; i < asked->targets.n; i++)
		vault_hash_bytes(&h, asked->targets.at[i].p, asked->targets.at[i].len);
	vault_hash_bytes(&h, asked->case_id.p, asked->case_id.len);
	vault_hash_bytes(&h, a->secret.p, a->secret.len);
	vault_hash_u64(&h, a->want_grant);
	vault_hash_end(&h, body, 16);
}

void attempt_start(struct attempt *a, struct request *r, enum event_kind kind)
{
	a->r = r;
	a->kind = kind;
	a->secret = (struct cs_str){ 0 };
	a->want_grant = a->has_account = a->has_admin = a->has_issue = a->has_ticket = false;
	a->has_grant = a->other_body = a->decided = a->let_through = false;
	a->verdict = CS_REFUSED;
	a->reason = CS_WRONG;
	a->wait = a->expires = 0;
	a->grant = a->owner = a->used_by = 0;
	a->because = NULL;
	a->credential[0] = a->grant_text[0] = '\0';
}

enum cs_err attempt_read(struct request *r, enum event_kind kind, const char *secret,
    struct attempt *a)
{
	enum cs_err e;

	attempt_start(a, r, kind);
	e = seen_note(r);
	if (e == CS_OK)
		e = asked_read(r, &a->asked);
	if (e != CS_OK)
		return e;
	if (a->asked.action == NULL)
		return refuse_parameter(r, "action");
	e = may_string(r, secret, &a->secret);
	if (e == CS_OK && kind == EVENT_VERIFY)
		e = may_bool(r, "grant", &a->want_grant);
	if (e == CS_OK)
		e = asked_request_key(r, r->who->uid, a->key);
	if (e != CS_OK)
		return e;
	store_expect_memo(r->store, a->key);
	hash_body(a, a->body);
	return CS_OK;
}

static enum cs_err put_grant(struct attempt *a, struct cs_writer *w, uint64_t id)
{
	char text[GRANT_TEXT];
	struct grant grant;
	enum cs_err e = store_get_grant(a->r->store, id, &grant);

	if (e != CS_OK)
		return e;
	grant_format(a->r->vault, &grant, text);
	cs_put_string(w, "grant", cs_str(text));
	explicit_bzero(text, sizeof(text));
	return CS_OK;
}

/* Every answer is written from a memo, so that one asked again is the same. */
static enum cs_err write_answer(struct attempt *a, const struct memo *memo,
    const struct admin *admin, const char *grant)
{
	bool go = memo->verdict == CS_ACCEPTED || memo->shadow;
	struct cs_writer *w = reply_begin(a->r, false);
	char verification[NUMBER_TEXT];
	enum cs_err e = CS_OK;

	cs_put_string(w, "verdict", go ? CS_STR("accepted") : CS_STR("refused"));
	cs_put_string(w, "reason", cs_str(cs_reason_name(memo->reason)));
	cs_put_string(w, "say", memo->say);
	if (memo->event != 0) {
		cs_put_string(w, "verification",
		    cs_str(number_format('V', memo->event, verification)));
	}
	if (admin != NULL && memo->verdict == CS_ACCEPTED && a->kind == EVENT_VERIFY) {
		cs_put_string(w, "administrator", admin->name);
		cs_put_string(w, "administrator_name", admin->display);
	}
	if (memo->wait > 0 && a->kind == EVENT_VERIFY)
		cs_put_int(w, "wait", memo->wait);
	if (grant != NULL)
		cs_put_string(w, "grant", cs_str(grant));
	else if (memo->grant != 0 && go)
		e = put_grant(a, w, memo->grant);
	if (memo->expires != 0 && go)
		cs_put_int(w, "expires", memo->expires);
	cs_put_string(w, "mode", memo->in_shadow ? CS_STR("shadow") : CS_STR("enforce"));
	return e == CS_OK ? reply_end(a->r) : e;
}

/* Is this still an active administrator of the account?  Who was removed and
 * added again since did not authorise it anew. */
static enum cs_err check_giver(struct attempt *a, const struct memo *memo, struct admin *admin,
    bool *has_admin, bool *stands)
{
	struct member member;
	enum cs_err e = store_get_admin(a->r->store, memo->admin, admin);

	*has_admin = e == CS_OK;
	*stands = *stands && e == CS_OK && admin->standing == STANDING_ACTIVE;
	if (e == CS_OK) {
		e = store_get_member(a->r->store, memo->account, memo->admin, &member);
		*stands = *stands && e == CS_OK && member.standing == STANDING_ACTIVE &&
		    member.added < memo->event;
	}
	return e;
}

/* An acceptance holds for two minutes of a clock that does not lie, and while the
 * people are active; then the same request finds its code used. */
static enum cs_err age_memo(struct attempt *a, struct memo *memo, struct admin *admin,
    bool *has_admin)
{
	struct account account;
	struct grant grant;
	enum grant_state state;
	bool stands = a->r->now.epoch == memo->epoch &&
	    a->r->now.steady - memo->steady <= REPEAT_SECONDS;
	enum cs_err e = CS_OK;

	if (memo->account != 0) {
		e = store_get_account(a->r->store, memo->account, &account);
		stands = stands && e == CS_OK && account.standing == STANDING_ACTIVE;
	}
	if (memo->admin != 0 && (e == CS_OK || e == CS_ERR_NOTFOUND))
		e = check_giver(a, memo, admin, has_admin, &stands);
	if (memo->grant != 0 && (e == CS_OK || e == CS_ERR_NOTFOUND)) {
		e = store_get_grant(a->r->store, memo->grant, &grant);
		if (e == CS_OK)
			e = grant_judge(a->r->store, &a->r->now, &grant, &state);
		stands = stands && e == CS_OK && state != GRANT_ENDED;
	}
	if (e != CS_OK && e != CS_ERR_NOTFOUND)
		return e;
	if (stands || (memo->verdict != CS_ACCEPTED && !memo->shadow))
		return CS_OK;
	memo->verdict = CS_REFUSED;
	memo->shadow = false;
	memo->reason = CS_USED;
	memo->say = CS_STR("Not accepted: this request was answered before. "
	    "Check whether the change already went through, then ask for a new code.");
	return CS_OK;
}

enum cs_err attempt_recall(struct attempt *a, bool *answered)
{
	struct memo memo;
	struct admin admin;
	bool has_admin = false;
	enum cs_err e = store_get_memo(a->r->store, a->key, &memo);

	*answered = false;
	if (e == CS_ERR_NOTFOUND)
		return CS_OK;
	if (e != CS_OK)
		return e;
	if (memcmp(memo.body, a->body, sizeof(memo.body)) != 0) {
		/* A wrong try like any other, so that it cannot fill the log. */
		a->other_body = true;
		e = attempt_limits(a);
		if (e == CS_OK && !a->decided)
			attempt_refuse_because(a, CS_WRONG,
			    "this request id was used for another request. Start again.");
		return e;
	}
	e = age_memo(a, &memo, &admin, &has_admin);
	if (e == CS_OK)
		e = write_answer(a, &memo, has_admin ? &admin : NULL, NULL);
	*answered = e == CS_OK;
	return e;
}

enum cs_err attempt_limits(struct attempt *a)
{
	struct limit_wait wait;
	enum cs_err e =
	    limit_technician(a->r->store, a->r->conf, a->r->who->uid, a->r->now.steady, &wait);

	if (e != CS_OK || wait.seconds == 0)
		return e;
	attempt_refuse_because(a, CS_THROTTLED, say_rate(&wait.rate, wait.what, a->too_many));
	a->wait = wait.seconds;
	return CS_OK;
}

void attempt_policy(struct attempt *a)
{
	const struct people *may = &a->asked.action->technicians;

	if (may->ngroups + may->nusers > 0 &&
	    !people_have(may, a->r->who->uid, a->r->who->groups, a->r->who->ngroups))
		attempt_refuse_because(a, CS_NOT_PERMITTED,
		    "you may not ask for this action. Hand the case to somebody who may.");
}

enum cs_err attempt_account(struct attempt *a)
{
	enum cs_err e;

	/* What needs no code may be about nobody in particular. */
	if (a->asked.action != NULL && a->asked.action->require == REQUIRE_NONE &&
	    a->asked.typed.len == 0)
		return CS_OK;
	e = asked_account(a->r, &a->asked, &a->account);
	if (e == CS_ERR_NOTFOUND) {
		attempt_refuse(a, CS_UNKNOWN_ACCOUNT);
		if (code_within(a->asked.typed))
			a->because = "This is a code, not an account. Type the account first.";
		return CS_OK;
	}
	if (e != CS_OK)
		return e;
	a->has_account = true;
	if (a->asked.action != NULL) {
		e = policy_for(a->r->store, &a->account, a->asked.action, &a->in_force);
		if (e != CS_OK)
			return e;
		a->asked.action = &a->in_force;
	}
	switch (a->account.standing) {
	case STANDING_ACTIVE:
		break;
	case STANDING_FROZEN:
		attempt_refuse(a, CS_FROZEN);
		break;
	case STANDING_SUSPENDED:
	case STANDING_REMOVED:
		attempt_refuse(a, CS_SUSPENDED);
		break;
	}
	return limit_account(a->r->store, a->r->conf, a->account.id, a->r->now.steady, &a->limits);
}

bool member_may(const struct member *member, const struct action *action)
{
	struct targets one = { .n = 1, .at = { cs_str(action->name) } };

	return member->standing == STANDING_ACTIVE &&
	    (member->all || targets_within(&one, &member->actions));
}

enum cs_err attempt_person(struct attempt *a, uint64_t admin)
{
	enum cs_err e = store_get_admin(a->r->store, admin, &a->admin);

	if (e == CS_OK) {
		a->has_admin = true;
		e = store_get_member(a->r->store, a->account.id, admin, &a->member);
	}
	if (e == CS_ERR_NOTFOUND) {
		attempt_refuse(a, CS_NOT_PERMITTED);
		return CS_OK;
	}
	if (e != CS_OK)
		return e;
	if (a->admin.standing != STANDING_ACTIVE || !member_may(&a->member, a->asked.action))
		attempt_refuse(a, CS_NOT_PERMITTED);
	return CS_OK;
}

void attempt_cooling(struct attempt *a)
{
	int64_t left = a->member.cooling_until - a->r->now.steady;

	if (a->asked.action->risk != RISK_HIGH || left <= 0)
		return;
	attempt_refuse(a, CS_COOLING_OFF);
	a->wait = left;
}

enum cs_err attempt_count(struct attempt *a)
{
	struct request *r = a->r;
	uint32_t uid = r->who->uid;

	r->decided = true;
	r->verdict = a->verdict;
	if (a->let_through && a->kind == EVENT_REDEEM)
		return CS_OK;		/* counted when the grant was given */
	if (a->reason == CS_WRONG)
		return limit_count_wrong(r->store, r->conf, uid, a->has_account ? a->account.id : 0,
		    r->now.steady);
	if (a->reason == CS_MISHEARD)
		return limit_count_misheard(r->store, uid, r->now.steady);
	return CS_OK;
}

static enum cs_err is_summed(struct attempt *a, bool *summed)
{
	*summed = false;
	if (a->verdict == CS_ACCEPTED || a->let_through)
		return CS_OK;
	*summed = a->reason == CS_MISHEARD || a->reason == CS_THROTTLED;
	return *summed ? CS_OK :
	    limit_count_refusal(a->r->store, a->r->who->uid, a->r->now.steady, summed);
}

/* What is dead is refused before its owner is looked at, yet was theirs. */
static enum cs_err name_admin(struct attempt *a, struct audit_event *event)
{
	enum cs_err e = CS_OK;

	if (!a->has_admin && a->owner == 0)
		return CS_OK;
	if (!a->has_admin)
		e = store_get_admin(a->r->store, a->owner, &a->admin);
	if (e != CS_OK)
		return e;
	event->admin_id = a->admin.id;
	event->admin = a->admin.name;
	event->admin_name = a->admin.display;
	return CS_OK;
}

enum cs_err attempt_event(struct attempt *a, uint64_t *verification)
{
	struct request *r = a->r;
	struct audit_event event = {
		.kind = a->kind,
		.has_verdict = true,
		.verdict = a->verdict,
		.reason = a->reason,
		.shadow = a->let_through,
		.account_id = a->has_account ? a->account.id : 0,
		.account = a->has_account ? a->account.name : asked_shown(a->asked.typed),
		.action = cs_str(a->asked.action->name),
		.targets = a->asked.targets,
		.technician = r->who->uid,
		.technician_name = cs_str(r->who->name),
		.asserter = r->peer->uid,
		.credential = cs_str(a->credential),
		.case_id = a->asked.case_id,
	};
	bool summed;
	enum cs_err e;

	*verification = 0;
	/* What would flood the log is summed, unless it opened the gate. */
	e = is_summed(a, &summed);
	if (e != CS_OK)
		return e;
	if (summed)
		return audit_tally(r->store, &r->now, event.technician, event.technician_name,
		    a->kind, a->reason);
	e = name_admin(a, &event);
	if (e == CS_OK)
		e = audit_append(r->store, r->vault, &r->now, &event);
	*verification = event.id;
	return e;
}

static void say_attempt(const struct attempt *a, char out[SAY_MAX])
{
	struct account similar;
	struct audit_event use CS_UNCLEARED;
	struct say_facts facts = {
		.now = &a->r->now,
		.account = a->asked.typed,
		.account_name = a->has_account ? a->account.display : (struct cs_str){ 0 },
		.admin_name = a->has_admin ? a->admin.display : (struct cs_str){ 0 },
		.issue = a->has_issue ? &a->issue : NULL,
		.ticket = a->has_ticket ? &a->ticket : NULL,
		.grant = a->has_grant,
		.conf = a->r->conf,
		.action = a->asked.action,
		.targets = &a->asked.targets,
		.technician = a->r->who->uid,
		.wait = a->wait,
		.because = a->because,
	};

	if (a->reason == CS_UNKNOWN_ACCOUNT && asked_suggestion(a->r, &a->asked, &similar) == CS_OK)
		facts.suggestion = similar.name;
	if (a->reason == CS_USED && a->used_by != 0 &&
	    store_get_event(a->r->store, a->used_by, &use, NULL) == CS_OK)
		facts.use = &use;
	say_verdict(a->reason, &facts, out);
}

enum cs_err attempt_answer(struct attempt *a, uint64_t verification)
{
	char say[SAY_MAX];
	struct memo memo = {
		.steady = a->r->now.steady,
		.epoch = a->r->now.epoch,
		.verdict = a->verdict,
		.reason = a->reason,
		.shadow = a->let_through,
		.event = verification,
		.account = a->has_account ? a->account.id : 0,
		.admin = a->has_admin ? a->admin.id : 0,
		.grant = a->grant,
		.wait = a->wait,
		.expires = a->expires,
		.in_shadow = a->asked.action->shadow,
	};

	say_attempt(a, say);
	memo.say = cs_str(say);
	memcpy(memo.body, a->body, sizeof(memo.body));
	/* Where nothing happened, a second asking repeats nothing.  A try was counted,
	 * though it may be summed in the log. */
	if ((verification != 0 || a->reason == CS_WRONG) && !a->other_body)
		store_put_memo(a->r->store, a->key, &memo);
	return write_answer(a, &memo, a->has_admin ? &a->admin : NULL,
	    a->grant_text[0] != '\0' ? a->grant_text : NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * Judges reasons and grants.  A grant is judged as Redeem judges it, but that
 * the operator may present one that a technician was given: an operator could
 * as well have given a reason.
 */
#include "authority.h"

#include "attempt.h"
#include "audit.h"
#include "grant.h"
#include "member.h"
#include "name.h"
#include "policy.h"

#include <stdio.h>
#include <string.h>

#define REASON_MAX 200		/* bytes */
#define NOTE_ROOM (REASON_MAX + NOTE_MAX_LEN + NAME_MAX_LEN + 16)

static enum cs_err refuse(struct request *r, const char *why, const char *say)
{
	return refuse_named(r, "Refused", "why", cs_str(why), say);
}

static enum cs_err refuse_grant(struct request *r, const char *say)
{
	return refuse(r, "grant", say);
}

static enum cs_err read_reason(struct request *r, struct authority *a)
{
	enum cs_err e = may_string(r, "reason", &a->reason);

	a->colleague = a->client = (struct cs_str){ 0 };
	if (e == CS_OK && a->reason.len > 0 &&
	    (a->reason.len > REASON_MAX || !text_plain(a->reason)))
		e = refuse_parameter(r, "reason");
	return e;
}

static enum cs_err find_grant(struct request *r, struct cs_str text, struct grant *grant)
{
	static const char *const dead[] = {
		[GRANT_SPENT] = "This grant was spent already. Verify again.",
		[GRANT_ENDED] = "This grant was ended. Verify again.",
		[GRANT_OVER] = "This grant has expired. Verify again.",
	};
	enum grant_state state;
	enum cs_err e = grant_find(r->store, r->vault, text, grant);

	if (e == CS_ERR_NOTFOUND)
		return refuse_grant(r, "This is no grant. Verify again.");
	if (e == CS_OK)
		e = grant_judge(r->store, &r->now, grant, &state);
	if (e != CS_OK)
		return e;
	if (state != GRANT_GOOD)
		return refuse_grant(r, dead[state]);
	if (grant->shadow || grant->admin == 0)
		return refuse_grant(r, "No administrator's code stands behind this grant. "
		    "Give a reason instead.");
	if (!cs_str_is(grant->action, AUTHORITY_ACTION))
		return refuse_grant(r, "This grant is for another action, not for "
		    AUTHORITY_ACTION ".");
	return CS_OK;
}

enum cs_err authority_read(struct request *r, struct authority *a)
{
	struct cs_str text;
	enum cs_err e = read_reason(r, a);

	a->grant.id = 0;
	if (e == CS_OK)
		e = may_string(r, "grant", &text);
	if (e == CS_OK && text.len > 0)
		e = find_grant(r, text, &a->grant);
	return e;
}

enum cs_err authority_reason(struct request *r, bool must, struct authority *a)
{
	enum cs_err e = read_reason(r, a);

	a->grant.id = 0;
	if (e == CS_OK && must && a->reason.len == 0)
		e = refuse(r, "reason-needed", "This needs a reason, for the log: --reason TEXT.");
	return e;
}

/* Rights and policy may have changed since the grant was given. */
static enum cs_err judge_giver(struct request *r, const struct grant *grant,
    const struct account *account)
{
	struct attempt a CS_UNCLEARED;
	enum cs_err e = CS_OK;

	attempt_start(&a, r, EVENT_REDEEM);
	a.account = *account;
	a.asked.action = conf_action(r->conf, CS_STR(AUTHORITY_ACTION));
	if (a.asked.action == NULL)
		return refuse_grant(r, "The policy names no action " AUTHORITY_ACTION
		    ": give a reason instead.");
	e = policy_for(r->store, account, a.asked.action, &a.in_force);
	if (e != CS_OK)
		return e;
	a.asked.action = &a.in_force;
	if (!policy_still(&a.in_force, grant))
		return refuse_grant(r, "The policy was changed since. Verify again.");
	e = attempt_person(&a, grant->admin);
	if (e == CS_OK && !a.decided)
		attempt_cooling(&a);
	if (e == CS_OK && a.decided)
		e = refuse_grant(r, "Who gave this grant may no longer authorise it.");
	return e;
}

static enum cs_err judge_grant(struct request *r, const struct grant *grant,
    const struct account *account, const struct admin *about)
{
	struct targets one = { .n = 1, .at = { about->name } };

	if (account->standing != STANDING_ACTIVE)
		return refuse_grant(r, "The account is suspended or frozen, so its grants do not "
		    "count. Give a reason instead.");
	if (grant->targets.n > 0 && !targets_within(&one, &grant->targets))
		return refuse_grant(r, "This grant is for another administrator.");
	return judge_giver(r, grant, account);
}

static enum cs_err refuse_nothing(struct request *r)
{
	return refuse(r, "reason-needed", "The account has an administrator, so this takes their "
	    "word or yours: --grant, from countersign verify ACCOUNT --action " AUTHORITY_ACTION
	    " --grant, or --reason TEXT.");
}

enum cs_err authority_check(struct request *r, const struct authority *a,
    const struct account *account, const struct admin *about)
{
	bool active;
	enum cs_err e;

	if (a->grant.id != 0) {
		if (a->grant.account != account->id)
			return refuse_grant(r, "This grant is for another account.");
		return judge_grant(r, &a->grant, account, about);
	}
	if (a->reason.len > 0)
		return CS_OK;
	e = has_active_member(r, account->id, 0, &active);
	return e == CS_OK && active ? refuse_nothing(r) : e;
}

/* One account's word is none for another that the person acts for, too. */
static enum cs_err judge_grant_for_person(struct request *r, const struct grant *grant,
    const struct admin *about)
{
	struct member member = { .account = 0 };
	struct account account;
	enum cs_err e;

	while ((e = store_next_member_of(r->store, about->id, member.account, &member)) == CS_OK)
		if (member.account != grant->account)
			return refuse_grant(r, "This grant is for one account, and this person "
			    "acts for another, too. Give a reason instead.");
	if (e == CS_ERR_NOTFOUND && member.account == 0)
		return refuse_grant(r, "This grant is for an account of others.");
	if (e == CS_ERR_NOTFOUND)
		e = store_get_account(r->store, grant->account, &account);
	return e == CS_OK ? judge_grant(r, grant, &account, about) : e;
}

enum cs_err authority_check_person(struct request *r, const struct authority *a,
    const struct admin *about)
{
	struct member member = { .account = 0 };
	bool active = false;
	enum cs_err e = CS_OK;

	if (a->grant.id != 0)
		return judge_grant_for_person(r, &a->grant, about);
	if (a->reason.len > 0)
		return CS_OK;
	while (e == CS_OK && !active) {
		e = store_next_member_of(r->store, about->id, member.account, &member);
		if (e == CS_OK)
			e = has_active_member(r, member.account, 0, &active);
	}
	if (e == CS_OK && active)
		return refuse_nothing(r);
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static void append(char out[NOTE_ROOM], const char *before, struct cs_str text)
{
	size_t at = strlen(out);

	if (text.len > 0)
		snprintf(out + at, NOTE_ROOM - at, "%s%s%.*s", at > 0 ? ": " : "", before,
		    (int)text.len, text.p);
}

/* "what: reason" or "by dana: what".  What is too long is cut, the reason never. */
static struct cs_str format_note(const struct authority *a, const char *what, char out[NOTE_ROOM])
{
	size_t room = NOTE_MAX_LEN - (a->reason.len > 0 ? a->reason.len + strlen(": ") : 0);

	out[0] = '\0';
	append(out, "by ", a->colleague);
	append(out, "", cs_str(what));
	out[text_cut(cs_str(out), room).len] = '\0';
	append(out, "", a->reason);
	return cs_str(out);
}

enum cs_err authority_log(struct request *r, struct authority *a, enum event_kind kind,
    const struct account *account, const struct admin *admin, const char *what)
{
	char note[NOTE_ROOM], credential[NUMBER_TEXT] = "";
	struct audit_event event = {
		.kind = kind,
		.asserter = r->peer->uid,
		.technician = a->grant.id != 0 ? a->grant.technician : r->peer->uid,
		.client = a->client,
		.note = format_note(a, what, note),
	};
	enum cs_err e;

	if (account != NULL) {
		event.account_id = account->id;
		event.account = account->name;
	}
	if (admin != NULL) {
		event.admin_id = admin->id;
		event.admin = admin->name;
		event.admin_name = admin->display;
	}
	if (a->grant.id != 0)
		number_format('G', a->grant.id, credential);
	event.credential = cs_str(credential);
	e = audit_append(r->store, r->vault, &r->now, &event);
	if (e == CS_OK && a->grant.id != 0 && a->grant.spent_event == 0) {
		a->grant.spent_event = event.id;
		store_put_grant(r->store, &a->grant);
	}
	return e;
}

enum cs_err authority_log_person(struct request *r, struct authority *a, enum event_kind kind,
    const struct admin *admin, const char *what)
{
	struct member member = { .account = 0 };
	struct account account;
	bool none = true;
	enum cs_err e;

	while ((e = store_next_member_of(r->store, admin->id, member.account, &member)) == CS_OK) {
		e = store_get_account(r->store, member.account, &account);
		if (e == CS_OK)
			e = authority_log(r, a, kind, &account, admin, what);
		if (e != CS_OK)
			return e;
		none = false;
	}
	if (e == CS_ERR_NOTFOUND)
		return none ? authority_log(r, a, kind, NULL, admin, what) : CS_OK;
	return e;
}

enum cs_err log_change(struct request *r, enum event_kind kind, const struct account *account,
    const struct admin *admin, const char *note)
{
	struct authority nobodys = { .grant = { .id = 0 } };

	return authority_log(r, &nobodys, kind, account, admin, note);
}

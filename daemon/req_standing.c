/* SPDX-License-Identifier: ISC
 *
 * SuspendAccount, ResumeAccount, RemoveAccount, FreezeAccount, ThawAccount.  A
 * freeze is for the moment in which somebody may be acting for a customer who
 * should not: it ends all at once, whoever of them or of us asked for it, and
 * one operator alone cannot undo it within the hour.
 */
#include "handlers.h"

#include "asked.h"
#include "audit.h"
#include "end.h"
#include "member.h"
#include "say.h"
#include "session.h"
#include "ticket.h"

#include <stdio.h>

#define FROZEN_LEAST 3600	/* seconds until who froze it may thaw it */

static enum cs_err refuse_standing(struct request *r, const struct account *account,
    const char *say)
{
	return refuse_named(r, "Refused", "why", cs_str(standing_name(account->standing)),
	    say);
}

static enum cs_err answer(struct request *r, const struct account *account,
    const struct ended *ended)
{
	struct cs_writer *w = reply_begin(r, false);

	cs_put_string(w, "account", account->name);
	if (ended != NULL)
		ended_put(w, ended);
	return reply_end(r);
}

/* Which account, and on whose word: for each of the rows of operators. */
static enum cs_err begin(struct request *r, bool must, struct account *account,
    struct authority *authority)
{
	struct asked asked;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_account_must(r, &asked, account);
	return e == CS_OK ? authority_reason(r, must, authority) : e;
}

/* Ends all that lives, then the standing and the event.  caller: who asks when
 * it is no operator; they see what became of it. */
static enum cs_err stop(struct request *r, struct account *account, enum standing standing,
    enum event_kind kind, struct authority *authority, const struct caller *caller)
{
	const struct admin *admin = caller == NULL ? NULL : &caller->admin;
	struct ended ended = { .spared = caller == NULL ? 0 : caller->session.id };
	enum cs_err e = end_account(r, account->id, &ended);

	if (e != CS_OK)
		return e;
	account->standing = standing;
	account->stopped = r->now.at.wall;
	account->stopped_by = admin == NULL ? CS_STR("") : admin->display;
	store_put_account(r->store, account);
	e = authority_log(r, authority, kind, account, admin, "");
	return e == CS_OK ? answer(r, account, &ended) : e;
}

enum cs_err handle_suspend_account(struct request *r)
{
	struct account account;
	struct authority authority;
	enum cs_err e = begin(r, false, &account, &authority);

	if (e != CS_OK)
		return e;
	if (account.standing == STANDING_FROZEN)
		return refuse_standing(r, &account, "This account is frozen, which stops all that "
		    "a suspension would. Thaw it first: countersign account thaw.");
	if (account.standing == STANDING_SUSPENDED)
		return refuse_standing(r, &account, "This account is suspended already.");
	return stop(r, &account, STANDING_SUSPENDED, EVENT_ACCOUNT_SUSPEND, &authority, NULL);
}

enum cs_err handle_resume_account(struct request *r)
{
	struct account account;
	struct authority authority;
	enum cs_err e = begin(r, false, &account, &authority);

	if (e != CS_OK)
		return e;
	if (account.standing == STANDING_FROZEN)
		return refuse_standing(r, &account, "This account is frozen. Thaw it: countersign "
		    "account thaw.");
	if (account.standing != STANDING_SUSPENDED)
		return refuse_standing(r, &account, "This account is not suspended.");
	account.standing = STANDING_ACTIVE;
	account.stopped = 0;
	account.stopped_by = CS_STR("");
	store_put_account(r->store, &account);
	e = authority_log(r, &authority, EVENT_ACCOUNT_RESUME, &account, NULL, "");
	return e == CS_OK ? answer(r, &account, NULL) : e;
}

static enum cs_err freeze(struct request *r, struct account *account, uint32_t by,
    struct authority *authority, const struct caller *caller)
{
	enum cs_err e = end_invitations(r, account->id);

	account->suspended_too = account->standing == STANDING_SUSPENDED;
	account->frozen = r->now.steady;
	account->frozen_by = by;
	return e == CS_OK ?
	    stop(r, account, STANDING_FROZEN, EVENT_ACCOUNT_FREEZE, authority, caller) : e;
}

enum cs_err handle_freeze_account(struct request *r)
{
	struct account account;
	struct authority authority;
	enum cs_err e = begin(r, true, &account, &authority);

	if (e != CS_OK)
		return e;
	if (account.standing == STANDING_FROZEN)
		return refuse_standing(r, &account, "This account is frozen already.");
	return freeze(r, &account, r->peer->uid, &authority, NULL);
}

/* "This wasn't me": no proof, and no reason, because there may be no time. */
enum cs_err handle_freeze_account_panel(struct request *r)
{
	struct caller caller;
	struct authority own;
	enum cs_err e = caller_read_account(r, &caller);

	if (e != CS_OK)
		return e;
	if (caller.account.standing == STANDING_FROZEN)
		return refuse_standing(r, &caller.account, "This account is frozen already.");
	own = (struct authority){ .client = caller.session.address };
	return freeze(r, &caller.account, FROZEN_BY_CUSTOMER, &own, &caller);
}

/* A second operator may at once, the same one after an hour. */
static enum cs_err check_thaw(struct request *r, const struct account *account)
{
	int64_t left = account->frozen + FROZEN_LEAST - r->now.steady;
	char duration[32], say[200];

	if (account->standing != STANDING_FROZEN)
		return refuse_standing(r, account, "This account is not frozen.");
	if (left <= 0 || account->frozen_by != r->peer->uid)
		return CS_OK;
	snprintf(say, sizeof(say),
	    "You froze this account yourself, or asked first to thaw it (uid "
	    "%u): another operator may thaw it now, you in %s.",
	    account->frozen_by, say_duration(left, duration));
	return refuse_named(r, "Refused", "why", CS_STR("too-early"), say);
}

static bool needs_second(const struct request *r, const struct account *account)
{
	return account->standing == STANDING_FROZEN &&
	    account->frozen_by == FROZEN_BY_CUSTOMER &&
	    r->now.steady < account->frozen + FROZEN_LEAST;
}

/* A customer's freeze: whoever talks one operator into it has not yet thawed
 * it.  The first one's word is kept, so this refusal is an answer. */
static enum cs_err note_first(struct request *r, struct account *account,
    const struct authority *authority)
{
	struct audit_event event = {
		.kind = EVENT_ACCOUNT_THAW,
		.has_verdict = true,
		.verdict = CS_REFUSED,
		.reason = CS_APPROVAL_NEEDED,
		.account_id = account->id,
		.account = account->name,
		.asserter = r->peer->uid,
		.technician = r->peer->uid,
		.note = authority->reason,
	};
	enum cs_err e = audit_append(r->store, r->vault, &r->now, &event);

	if (e != CS_OK)
		return e;
	account->frozen_by = r->peer->uid;
	store_put_account(r->store, account);
	return answer_refused(r, "approval-needed",
	    "The customer froze this account. Your word is noted: it thaws when a second operator "
	    "asks for it too, or when you ask again an hour after it was frozen.");
}

enum cs_err handle_thaw_account(struct request *r)
{
	struct account account;
	struct authority authority;
	enum cs_err e = begin(r, true, &account, &authority);

	if (e == CS_OK && needs_second(r, &account))
		return note_first(r, &account, &authority);
	if (e == CS_OK)
		e = check_thaw(r, &account);
	if (e != CS_OK)
		return e;
	account.standing = account.suspended_too ? STANDING_SUSPENDED : STANDING_ACTIVE;
	account.frozen = 0;
	account.frozen_by = 0;
	account.suspended_too = false;
	account.stopped = 0;
	account.stopped_by = CS_STR("");
	store_put_account(r->store, &account);
	e = authority_log(r, &authority, EVENT_ACCOUNT_THAW, &account, NULL, "");
	return e == CS_OK ? answer(r, &account, NULL) : e;
}

static enum cs_err end_members(struct request *r, uint64_t account, struct authority *authority,
    struct ended *ended)
{
	struct member member = { .admin = 0 };
	struct admin admin;
	enum cs_err e;

	while ((e = store_next_member(r->store, account, member.admin, &member)) == CS_OK) {
		e = store_get_admin(r->store, member.admin, &admin);
		if (e == CS_OK)
			e = end_memberships(r, &admin, account, authority, ended);
		if (e != CS_OK)
			return e;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err handle_remove_account(struct request *r)
{
	struct account account;
	struct authority authority;
	struct ended ended = { 0 }, twice = { 0 };
	struct overrides none = { .n = 0 };
	enum cs_err e = begin(r, false, &account, &authority);

	if (e != CS_OK)
		return e;
	none.account = account.id;
	/* What the members leave behind is ended twice and counted once. */
	e = end_account(r, account.id, &ended);
	if (e == CS_OK)
		e = end_members(r, account.id, &authority, &twice);
	if (e == CS_OK)
		e = ticket_close_all(r, account.id);
	if (e != CS_OK)
		return e;
	ended.authenticators = twice.authenticators;
	store_put_overrides(r->store, &none);
	account.standing = STANDING_REMOVED;
	store_put_account(r->store, &account);
	e = authority_log(r, &authority, EVENT_ACCOUNT_REMOVE, &account, NULL, "");
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "account", account.name);
	cs_put_int(w, "administrators", twice.accounts);
	ended_put(w, &ended);
	return reply_end(r);
}

/* SPDX-License-Identifier: ISC
 *
 * SuspendAdministrator, ResumeAdministrator, SetRights, WaiveCooling: what
 * changes between a person's coming and leaving.
 */
#include "handlers.h"

#include "alive.h"
#include "asked.h"
#include "cooling.h"
#include "end.h"
#include "rights.h"

/* A person as a whole, or in one account when account.id is not 0. */
struct whom {
	struct account account;
	struct admin admin;
	struct member member;
};

static enum cs_err read_whom(struct request *r, struct whom *whom)
{
	struct asked asked;
	enum cs_err e = asked_read(r, &asked);

	whom->account.id = 0;
	if (e == CS_OK && asked.typed.len > 0)
		return asked_member_must(r, &asked, &whom->account, &whom->admin, &whom->member);
	return e == CS_OK ? asked_admin_must(r, &asked, &whom->admin) : e;
}

static enum standing *standing_of(struct whom *whom)
{
	return whom->account.id != 0 ? &whom->member.standing : &whom->admin.standing;
}

/* Also the event, or the events when it is in all accounts. */
static enum cs_err put_standing(struct request *r, struct whom *whom, enum standing standing,
    enum event_kind kind, struct authority *authority)
{
	*standing_of(whom) = standing;
	whom->member.missing = false;	/* by hand now: no roster resumes it */
	if (whom->account.id != 0) {
		store_put_member(r->store, &whom->member);
		return authority_log(r, authority, kind, &whom->account, &whom->admin, "");
	}
	store_put_admin(r->store, &whom->admin);
	return authority_log_person(r, authority, kind, &whom->admin, "");
}

enum cs_err handle_suspend_administrator(struct request *r)
{
	struct whom whom;
	struct authority authority;
	struct ended ended = { 0 };
	enum cs_err e = read_whom(r, &whom);

	if (e == CS_OK)
		e = authority_reason(r, false, &authority);
	if (e != CS_OK)
		return e;
	if (*standing_of(&whom) != STANDING_ACTIVE)
		return refuse_named(r, "Refused", "why", CS_STR("suspended"),
		    "This person is suspended already.");
	if (whom.account.id != 0)
		e = end_member(r, whom.account.id, whom.admin.id, &ended);
	else
		e = end_everywhere(r, whom.admin.id, &ended);
	if (e == CS_OK)
		e = put_standing(r, &whom, STANDING_SUSPENDED, EVENT_ADMIN_SUSPEND, &authority);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "administrator", whom.admin.name);
	ended_put(w, &ended);
	return reply_end(r);
}

enum cs_err handle_resume_administrator(struct request *r)
{
	struct whom whom;
	struct authority authority;
	enum cs_err e = read_whom(r, &whom);

	if (e == CS_OK)
		e = authority_reason(r, false, &authority);
	if (e != CS_OK)
		return e;
	if (*standing_of(&whom) != STANDING_SUSPENDED)
		return refuse_named(r, "Refused", "why", CS_STR("active"),
		    whom.account.id != 0
			? "This person is not suspended in that account alone. "
			  "If they are in all: leave --account out."
			: "This person is not suspended as a whole. "
			  "If they are in one account: --account ACCOUNT.");
	e = put_standing(r, &whom, STANDING_ACTIVE, EVENT_ADMIN_RESUME, &authority);
	if (e == CS_OK)
		e = alive_note(r, whom.admin.id);
	if (e != CS_OK)
		return e;
	cs_put_string(reply_begin(r, false), "administrator", whom.admin.name);
	return reply_end(r);
}

enum cs_err handle_set_rights(struct request *r)
{
	struct asked asked;
	struct account account;
	struct admin admin;
	struct member member, before;
	struct authority authority;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_member_must(r, &asked, &account, &admin, &before);
	if (e == CS_OK)
		e = rights_read(r, &before, &member);
	if (e == CS_OK)
		e = authority_read(r, &authority);
	if (e == CS_OK)
		e = authority_check(r, &authority, &account, &admin);
	return e == CS_OK ? rights_set(r, &authority, &account, &admin, &before, &member) : e;
}

enum cs_err handle_waive_cooling(struct request *r)
{
	struct asked asked;
	struct account account;
	struct admin admin;
	struct member member;
	struct authority authority;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_member_must(r, &asked, &account, &admin, &member);
	if (e == CS_OK)
		e = authority_reason(r, true, &authority);
	if (e != CS_OK)
		return e;
	if (!cooling_is(r, &member))
		return refuse_named(r, "Refused", "why", CS_STR("active"),
		    "This person is not cooling off.");
	member.cooling_until = 0;
	store_put_member(r->store, &member);
	e = authority_log(r, &authority, EVENT_COOLING_WAIVE, &account, &admin, "");
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "administrator", admin.name);
	cs_put_string(w, "account", account.name);
	return reply_end(r);
}

/* SPDX-License-Identifier: ISC
 *
 * AddAdministrator, ListAdministrators, ShowAdministrator and
 * RemoveAdministrator, the leaver's command (promise 4): end.c ends it all.
 */
#include "handlers.h"

#include "alive.h"
#include "asked.h"
#include "authority.h"
#include "cooling.h"
#include "end.h"
#include "member.h"
#include "name.h"
#include "recovery.h"
#include "rights.h"
#include "session.h"

#include <inttypes.h>
#include <stdio.h>

/* The person: a new one, or with "existing" the known one. */
static enum cs_err read_person(struct request *r, char name[NAME_MAX_LEN + 1], struct admin *admin)
{
	struct admin known;
	bool existing = false;
	enum cs_err e = read_new(r, "administrator", name, &admin->display, &admin->ref);

	if (e == CS_OK)
		e = may_bool(r, "existing", &existing);
	if (e != CS_OK)
		return e;
	admin->name = cs_str(name);
	e = store_find_admin(r->store, admin->name, &known);
	if (e == CS_OK && existing) {
		*admin = known;
		return CS_OK;
	}
	if (e == CS_OK)
		return refuse_error(r, "Exists",
		    "An administrator of that name is known already. If it is the same "
		    "person, say --existing; if not, choose another name.");
	if (e == CS_ERR_NOTFOUND && existing)
		return refuse_named(r, "UnknownAdministrator", "administrator", admin->name,
		    "There is no "
		    "administrator of that name yet. Leave --existing out.");
	if (e == CS_ERR_NOTFOUND && admin->ref.len > 0)
		e = store_find_admin_ref(r->store, admin->ref, &known);
	if (e == CS_OK)
		return refuse_error(r, "Exists", "There is an administrator with that ref.");
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err answer_added(struct request *r, const struct admin *admin,
    const struct member *member)
{
	struct cs_writer *w = reply_begin(r, false);

	cs_put_string(w, "administrator", admin->name);
	cooling_put(r, w, member);
	return reply_end(r);
}

enum cs_err handle_add_administrator(struct request *r)
{
	struct asked asked;
	struct account account;
	char name[NAME_MAX_LEN + 1];
	struct admin admin = { .standing = STANDING_ACTIVE, .created = r->now.at.wall };
	struct member old, member = { .standing = STANDING_ACTIVE };
	struct authority authority;
	bool given;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_account_must(r, &asked, &account);
	if (e == CS_OK)
		e = rights_may_read(r, &member, &given);
	if (e == CS_OK)
		e = read_person(r, name, &admin);
	if (e != CS_OK)
		return e;
	if (admin.id != 0 && store_get_member(r->store, account.id, admin.id, &old) == CS_OK)
		return refuse_error(r, "Exists", "This person is an administrator of that account "
		    "already.");
	e = authority_read(r, &authority);
	if (e == CS_OK)
		e = authority_check(r, &authority, &account, &admin);
	if (e != CS_OK)
		return e;
	member_add(r, &account, &admin, &member);
	e = alive_note(r, admin.id);
	if (e == CS_OK)
		e = authority_log(r, &authority, EVENT_ADMIN_ADD, &account, &admin, "");
	return e == CS_OK ? answer_added(r, &admin, &member) : e;
}

/* Who is listed. */
struct wanted {
	int64_t idle;		/* leaves out who gave a sign of life since; 0: nobody */
	bool no_password;	/* only who has an authenticator and no password */
};

static enum cs_err put_member_row(struct request *r, const struct account *account,
    const struct member *member, const struct wanted *wanted)
{
	struct admin admin;
	int64_t own_idle, active;
	bool lacks = false;
	enum cs_err e = alive_idle(r->store, &r->now, member->admin, &own_idle, &active);

	if (e == CS_OK && own_idle < wanted->idle)
		return CS_OK;
	if (e == CS_OK && wanted->no_password)
		e = member_lacks_password(r->store, member->admin, &lacks);
	if (e == CS_OK && wanted->no_password && !lacks)
		return CS_OK;
	if (e == CS_OK)
		e = store_get_admin(r->store, member->admin, &admin);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, true);
	cs_put_string(w, "administrator", admin.name);
	cs_put_string(w, "name", admin.display);
	if (admin.ref.len > 0)
		cs_put_string(w, "ref", admin.ref);
	cs_put_string(w, "state",
	    cs_str(standing_name(
		admin.standing == STANDING_ACTIVE ? member->standing : admin.standing)));
	cs_put_string(w, "account", account->name);
	cs_put_strings(w, "actions", member->actions.at, member->actions.n);
	cs_put_bool(w, "all", member->all);
	cooling_put(r, w, member);
	if (active != 0)
		cs_put_int(w, "active", active);
	return reply_end(r);
}

static enum cs_err read_wanted(struct request *r, struct wanted *wanted)
{
	bool dormant = false;
	int64_t after = r->conf->dormant;
	enum cs_err e = may_bool(r, "dormant", &dormant);

	if (e == CS_OK)
		e = may_int(r, "after", &after);
	if (e == CS_OK && (after < 1 || (!dormant && cs_msg_find(r->in, "after") != NULL)))
		e = refuse_parameter(r, "after");
	wanted->idle = dormant ? after : 0;
	return e == CS_OK ? may_bool(r, "no_password", &wanted->no_password) : e;
}

/* The two numbers at which a list of members goes on. */
struct place {
	uint64_t account, admin;
};

/* The next member at or after a place, of one account or of all. */
static enum cs_err next_row(struct request *r, bool one, struct place *place,
    struct account *account, struct member *member)
{
	enum cs_err e;

	for (;;) {
		if (place->account != 0) {
			e = store_next_member(r->store, place->account, place->admin, member);
			if (e == CS_OK)
				e = store_get_account(r->store, place->account, account);
			if (e == CS_OK)
				place->admin = member->admin;
			if (e != CS_ERR_NOTFOUND || one)
				return e;
		}
		e = store_next_account(r->store, place->account, account);
		if (e != CS_OK)
			return e;
		*place = (struct place){ account->id, 0 };
	}
}

enum cs_err handle_list_administrators(struct request *r)
{
	struct asked asked;
	struct account account;
	struct member member;
	struct place place = { .account = 0 };
	struct wanted wanted = { .no_password = false };
	enum cs_err e = asked_read(r, &asked);
	bool one = asked.typed.len > 0;

	cursor_load(r->cursor, &place, sizeof(place));
	if (e == CS_OK)
		e = read_wanted(r, &wanted);
	if (e == CS_OK && one && place.account == 0) {
		e = asked_account_must(r, &asked, &account);
		place.account = account.id;
	}
	for (unsigned n = 0; n < ROWS_AT_ONCE && e == CS_OK; n++) {
		e = next_row(r, one, &place, &account, &member);
		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e == CS_OK)
			e = put_member_row(r, &account, &member, &wanted);
	}
	if (e == CS_OK)
		cursor_save(r->cursor, &place, sizeof(place));
	return e;
}

#define SHOWN_MOST 64

static enum cs_err collect_accounts(struct request *r, uint64_t admin,
    struct cs_str names[SHOWN_MOST], size_t *n)
{
	struct member member = { .account = 0 };
	struct account account;
	enum cs_err e = CS_OK;

	*n = 0;
	while (*n < SHOWN_MOST &&
	    (e = store_next_member_of(r->store, admin, member.account, &member)) == CS_OK) {
		e = store_get_account(r->store, member.account, &account);
		if (e != CS_OK)
			return e;
		names[(*n)++] = account.name;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err collect_authenticators(struct request *r, uint64_t admin,
    char text[SHOWN_MOST][200], struct cs_str rows[SHOWN_MOST], size_t *n)
{
	struct authenticator auth = { .id = 0 };
	enum cs_err e = CS_OK;

	*n = 0;
	while (*n < SHOWN_MOST &&
	    (e = store_next_authenticator(r->store, admin, auth.id, &auth)) == CS_OK) {
		snprintf(text[*n], sizeof(text[*n]), "A%" PRIu64 " %s%s %.*s", auth.id,
		    auth.purpose == PURPOSE_LOGIN ? "login" : "support",
		    auth.pending ? " pending" : "", (int)auth.label.len,
		    auth.label.len > 0 ? auth.label.p : "");
		rows[*n] = cs_str(text[*n]);
		(*n)++;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* How the person can log in to the customer's page, and has. */
struct log_ins {
	bool password, lacks_password;
	int64_t sessions;
};

static enum cs_err read_log_ins(struct request *r, uint64_t admin, struct log_ins *log_ins)
{
	struct session session = { .id = 0 };
	struct password password;
	enum cs_err e = store_get_password(r->store, admin, &password);

	*log_ins = (struct log_ins){ .password = e == CS_OK };
	if (e == CS_OK || e == CS_ERR_NOTFOUND)
		e = member_lacks_password(r->store, admin, &log_ins->lacks_password);
	if (e != CS_OK)
		return e;
	while ((e = store_next_session(r->store, admin, session.id, &session)) == CS_OK)
		log_ins->sessions += !session_over(&session, &r->now);
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* Nobody else would tell: to the person a missing password is a wrong one. */
static void put_log_in(struct cs_writer *w, const struct admin *admin,
    const struct log_ins *log_ins)
{
	char say[256];

	if (!log_ins->lacks_password)
		return;
	snprintf(say, sizeof(say),
	    "not on the control panel, for want of a password: countersign admin invite %.*s "
	    "--reset --reason TEXT", (int)admin->name.len, admin->name.p);
	cs_put_string(w, "log_in", cs_str(say));
}

enum cs_err handle_show_administrator(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct cs_str accounts[SHOWN_MOST], authenticators[SHOWN_MOST];
	char text[SHOWN_MOST][200];
	unsigned codes;
	int64_t idle, active;
	size_t naccounts, nauthenticators;
	struct log_ins log_ins = { .sessions = 0 };
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = collect_accounts(r, admin.id, accounts, &naccounts);
	if (e == CS_OK)
		e = collect_authenticators(r, admin.id, text, authenticators, &nauthenticators);
	if (e == CS_OK)
		e = read_log_ins(r, admin.id, &log_ins);
	if (e == CS_OK)
		e = alive_idle(r->store, &r->now, admin.id, &idle, &active);
	if (e == CS_OK)
		e = recovery_read_left(r->store, admin.id, &codes);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "administrator", admin.name);
	cs_put_string(w, "name", admin.display);
	if (admin.ref.len > 0)
		cs_put_string(w, "ref", admin.ref);
	cs_put_string(w, "state", cs_str(standing_name(admin.standing)));
	cs_put_int(w, "created", admin.created);
	if (active != 0)
		cs_put_int(w, "active", active);
	cs_put_strings(w, "accounts", accounts, naccounts);
	cs_put_strings(w, "authenticators", authenticators, nauthenticators);
	cs_put_int(w, "recovery_codes", codes);
	cs_put_bool(w, "password", log_ins.password);
	cs_put_int(w, "sessions", log_ins.sessions);
	put_log_in(w, &admin, &log_ins);
	return reply_end(r);
}

enum cs_err handle_remove_administrator(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct account account = { .id = 0 };
	struct member member;
	struct authority authority;
	struct ended ended = { 0 };
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK && asked.typed.len > 0)
		e = asked_member_must(r, &asked, &account, &admin, &member);
	else if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = authority_read(r, &authority);
	if (e == CS_OK && authority.grant.id != 0)
		e = account.id != 0 ? authority_check(r, &authority, &account, &admin) :
		    authority_check_person(r, &authority, &admin);
	if (e == CS_OK)
		e = end_memberships(r, &admin, account.id, &authority, &ended);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "administrator", admin.name);
	cs_put_int(w, "accounts", ended.accounts);
	ended_put(w, &ended);
	return reply_end(r);
}

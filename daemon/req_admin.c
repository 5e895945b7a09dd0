/* SPDX-License-Identifier: ISC
 *
 * AddAdministrator, ListAdministrators, ShowAdministrator and
 * RemoveAdministrator, the leaver's command: what it ends, it ends in its own
 * transaction (promise 4).
 */
#include "handlers.h"

#include "asked.h"
#include "member.h"
#include "name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COOLING_OFF 86400	/* seconds, design §10 */

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
		return refuse_error(r, "Exists", "An administrator of that name is known already. If it is the same "
		    "person, say --existing; if not, choose another name.");
	if (e == CS_ERR_NOTFOUND && existing)
		return refuse_named(r, "UnknownAdministrator", "administrator", admin->name, "There is no "
		    "administrator of that name yet. Leave --existing out.");
	if (e == CS_ERR_NOTFOUND && admin->ref.len > 0)
		e = store_find_admin_ref(r->store, admin->ref, &known);
	if (e == CS_OK)
		return refuse_error(r, "Exists", "There is an administrator with that ref.");
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err answer_added(struct request *r, const struct admin *admin, const struct member *member)
{
	struct cs_writer *w = reply_begin(r, false);

	cs_put_string(w, "administrator", admin->name);
	if (member->cooling_until > 0)
		cs_put_int(w, "cooling_until", r->now.at.wall + member->cooling_until - r->now.steady);
	return reply_end(r);
}

enum cs_err handle_add_administrator(struct request *r)
{
	struct asked asked;
	struct account account;
	char name[NAME_MAX_LEN + 1];
	struct admin admin = { .standing = STANDING_ACTIVE, .created = r->now.at.wall };
	struct member old, member = { .standing = STANDING_ACTIVE, .added = r->now.at.wall };
	bool given;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_account_must(r, &asked, &account);
	if (e == CS_OK)
		e = read_actions(r, &member, &given);
	if (e == CS_OK)
		e = read_person(r, name, &admin);
	if (e != CS_OK)
		return e;
	if (admin.id != 0 && store_get_member(r->store, account.id, admin.id, &old) == CS_OK)
		return refuse_error(r, "Exists", "This person is an administrator of that account already.");
	if (admin.id == 0) {
		admin.id = store_new_id(r->store, SEQ_ADMIN);
		store_put_admin(r->store, &admin);
	}
	member.account = account.id;
	member.admin = admin.id;
	if (account.had_administrator) {
		member.cooling_until = r->now.steady + COOLING_OFF;
	} else {
		account.had_administrator = true;
		store_put_account(r->store, &account);
	}
	store_put_member(r->store, &member);
	e = log_change(r, EVENT_ADMIN_ADD, &account, &admin, "");
	return e == CS_OK ? answer_added(r, &admin, &member) : e;
}

static enum cs_err put_member_row(struct request *r, const struct account *account, const struct member *member)
{
	struct admin admin;
	enum cs_err e = store_get_admin(r->store, member->admin, &admin);

	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, true);
	cs_put_string(w, "administrator", admin.name);
	cs_put_string(w, "name", admin.display);
	if (admin.ref.len > 0)
		cs_put_string(w, "ref", admin.ref);
	cs_put_string(w, "state", cs_str(standing_name(admin.standing == STANDING_ACTIVE ? member->standing :
	    admin.standing)));
	cs_put_string(w, "account", account->name);
	cs_put_strings(w, "actions", member->actions.at, member->actions.n);
	cs_put_bool(w, "all", member->all);
	if (member->cooling_until > r->now.steady)
		cs_put_int(w, "cooling_until", r->now.at.wall + member->cooling_until - r->now.steady);
	return reply_end(r);
}

/* The two numbers at which a list of members goes on. */
struct place {
	uint64_t account, admin;
};

static struct place place_of(const struct cursor *cursor)
{
	struct place place = { 0, 0 };

	if (cursor->started && cursor->len == sizeof(place))
		memcpy(&place, cursor->key, sizeof(place));
	return place;
}

static void go_on(struct cursor *cursor, struct place place)
{
	cursor->started = cursor->again = true;
	cursor->len = sizeof(place);
	memcpy(cursor->key, &place, sizeof(place));
}

/* The next member at or after a place, of one account or of all. */
static enum cs_err next_row(struct request *r, bool one, struct place *place, struct account *account,
    struct member *member)
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
	struct place place = place_of(r->cursor);
	enum cs_err e = asked_read(r, &asked);
	bool one = asked.typed.len > 0;

	if (e == CS_OK && one && place.account == 0) {
		e = asked_account_must(r, &asked, &account);
		place.account = account.id;
	}
	for (unsigned n = 0; n < ROWS_AT_ONCE && e == CS_OK; n++) {
		e = next_row(r, one, &place, &account, &member);
		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e == CS_OK)
			e = put_member_row(r, &account, &member);
	}
	if (e == CS_OK)
		go_on(r->cursor, place);
	return e;
}

#define SHOWN_MOST 64

static enum cs_err collect_accounts(struct request *r, uint64_t admin, struct cs_str names[SHOWN_MOST], size_t *n)
{
	struct member member = { .account = 0 };
	struct account account;
	enum cs_err e = CS_OK;

	*n = 0;
	while (*n < SHOWN_MOST && (e = store_next_member_of(r->store, admin, member.account, &member)) == CS_OK) {
		e = store_get_account(r->store, member.account, &account);
		if (e != CS_OK)
			return e;
		names[(*n)++] = account.name;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err collect_authenticators(struct request *r, uint64_t admin, char text[SHOWN_MOST][200],
    struct cs_str rows[SHOWN_MOST], size_t *n)
{
	struct authenticator auth = { .id = 0 };
	enum cs_err e = CS_OK;

	*n = 0;
	while (*n < SHOWN_MOST && (e = store_next_authenticator(r->store, admin, auth.id, &auth)) == CS_OK) {
		snprintf(text[*n], sizeof(text[*n]), "A%" PRIu64 " %s%s %.*s", auth.id,
		    auth.purpose == PURPOSE_LOGIN ? "login" : "support", auth.pending ? " pending" : "",
		    (int)auth.label.len, auth.label.len > 0 ? auth.label.p : "");
		rows[*n] = cs_str(text[*n]);
		(*n)++;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err handle_show_administrator(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct cs_str accounts[SHOWN_MOST], authenticators[SHOWN_MOST];
	char text[SHOWN_MOST][200];
	size_t naccounts, nauthenticators;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = collect_accounts(r, admin.id, accounts, &naccounts);
	if (e == CS_OK)
		e = collect_authenticators(r, admin.id, text, authenticators, &nauthenticators);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "administrator", admin.name);
	cs_put_string(w, "name", admin.display);
	if (admin.ref.len > 0)
		cs_put_string(w, "ref", admin.ref);
	cs_put_string(w, "state", cs_str(standing_name(admin.standing)));
	cs_put_int(w, "created", admin.created);
	cs_put_strings(w, "accounts", accounts, naccounts);
	cs_put_strings(w, "authenticators", authenticators, nauthenticators);
	return reply_end(r);
}

/* What a removal ended, for its answer. */
struct ended {
	int64_t accounts, codes, authenticators, grants, calls;
};

static enum cs_err end_codes(struct request *r, uint64_t account, uint64_t admin, struct ended *ended)
{
	struct issue issue = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_issue_of(r->store, account, issue.id, &issue)) == CS_OK) {
		if (issue.admin != admin || issue.state != ISSUE_LIVE)
			continue;
		ended->codes += !clock_over(&r->now, &issue.issued, issue.epoch, issue.life);
		issue.state = ISSUE_REVOKED;
		issue.ended = r->now.at.wall;
		store_update_issue(r->store, &issue);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err end_grants(struct request *r, uint64_t account, uint64_t admin, struct ended *ended)
{
	struct grant grant = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_grant_of(r->store, admin, grant.id, &grant)) == CS_OK) {
		if (grant.account != account || grant.spent)
			continue;
		ended->grants += !clock_over(&r->now, &grant.issued, grant.epoch, grant.life);
		store_del_grant(r->store, &grant);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* A call that nobody is left to answer is over. */
static enum cs_err end_calls(struct request *r, uint64_t account, uint64_t admin, struct ended *ended)
{
	struct member member = { .admin = 0 };
	struct call call;
	int64_t after = -1;
	enum cs_err e;

	while ((e = store_next_member(r->store, account, member.admin, &member)) == CS_OK)
		if (member.admin != admin)
			return CS_OK;
	while (e == CS_ERR_NOTFOUND && store_next_call(r->store, account, after, &call) == CS_OK) {
		after = call.technician;
		store_del_call(r->store, account, call.technician);
		ended->calls++;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err end_membership(struct request *r, const struct admin *admin, uint64_t account_id,
    struct ended *ended)
{
	struct account account;
	enum cs_err e = end_codes(r, account_id, admin->id, ended);

	if (e == CS_OK)
		e = end_grants(r, account_id, admin->id, ended);
	if (e == CS_OK)
		e = end_calls(r, account_id, admin->id, ended);
	if (e == CS_OK)
		e = store_get_account(r->store, account_id, &account);
	if (e != CS_OK)
		return e;
	store_del_member(r->store, account_id, admin->id);
	ended->accounts++;
	return log_change(r, EVENT_ADMIN_REMOVE, &account, admin, "");
}

/* The person, when no account is left: authenticators, then the name. */
static enum cs_err end_person(struct request *r, struct admin *admin, struct ended *ended)
{
	struct authenticator auth = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_authenticator(r->store, admin->id, auth.id, &auth)) == CS_OK) {
		store_del_authenticator(r->store, admin->id, auth.id);
		ended->authenticators++;
	}
	if (e != CS_ERR_NOTFOUND)
		return e;
	admin->standing = STANDING_REMOVED;
	store_put_admin(r->store, admin);
	return CS_OK;
}

static enum cs_err end_memberships(struct request *r, struct admin *admin, uint64_t only, struct ended *ended)
{
	struct member member = { .account = 0 };
	bool left = false;
	enum cs_err e;

	while ((e = store_next_member_of(r->store, admin->id, member.account, &member)) == CS_OK) {
		if (only != 0 && member.account != only) {
			left = true;
			continue;
		}
		e = end_membership(r, admin, member.account, ended);
		if (e != CS_OK)
			return e;
	}
	if (e != CS_ERR_NOTFOUND)
		return e;
	return left ? CS_OK : end_person(r, admin, ended);
}

enum cs_err handle_remove_administrator(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct account account = { .id = 0 };
	struct member member;
	struct ended ended = { 0 };
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK && asked.typed.len > 0)
		e = asked_account_must(r, &asked, &account);
	if (e == CS_OK && account.id != 0 &&
	    store_get_member(r->store, account.id, admin.id, &member) != CS_OK)
		e = refuse_error(r, "Refused", "This person is no administrator of that account.");
	if (e == CS_OK)
		e = end_memberships(r, &admin, account.id, &ended);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "administrator", admin.name);
	cs_put_int(w, "accounts", ended.accounts);
	cs_put_int(w, "codes", ended.codes);
	cs_put_int(w, "authenticators", ended.authenticators);
	cs_put_int(w, "grants", ended.grants);
	cs_put_int(w, "calls", ended.calls);
	return reply_end(r);
}

/* SPDX-License-Identifier: ISC
 *
 * AddAccount, ListAccounts, ShowAccount.
 */
#include "handlers.h"

#include "asked.h"
#include "authority.h"
#include "member.h"

#include <inttypes.h>
#include <stdio.h>

enum cs_err handle_add_account(struct request *r)
{
	char name[NAME_MAX_LEN + 1];
	struct account old, account = { .standing = STANDING_ACTIVE, .created = r->now.at.wall };
	enum cs_err e = read_new(r, "account", name, &account.display, &account.ref);

	if (e != CS_OK)
		return e;
	account.name = cs_str(name);
	e = store_find_account(r->store, account.name, &old);
	if (e == CS_OK)
		return refuse_error(r, "Exists", "There is an account of that name.");
	if (e == CS_ERR_NOTFOUND && account.ref.len > 0)
		e = store_find_account_ref(r->store, account.ref, &old);
	if (e == CS_OK)
		return refuse_error(r, "Exists", "There is an account with that ref.");
	if (e != CS_ERR_NOTFOUND)
		return e;
	account.id = store_new_id(r->store, SEQ_ACCOUNT);
	store_put_account(r->store, &account);
	e = log_change(r, EVENT_ACCOUNT_ADD, &account, NULL, "");
	if (e != CS_OK)
		return e;
	cs_put_string(reply_begin(r, false), "account", account.name);
	return reply_end(r);
}

static void put_account(struct cs_writer *w, const struct account *account)
{
	cs_put_string(w, "account", account->name);
	cs_put_string(w, "name", account->display);
	if (account->ref.len > 0)
		cs_put_string(w, "ref", account->ref);
	cs_put_string(w, "state", cs_str(standing_name(account->standing)));
	cs_put_int(w, "created", account->created);
}

enum cs_err handle_list_accounts(struct request *r)
{
	struct account account = { .id = cursor_id(r->cursor) };

	for (unsigned n = 0; n < ROWS_AT_ONCE; n++) {
		enum cs_err e = store_next_account(r->store, account.id, &account);

		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e != CS_OK)
			return e;
		put_account(reply_begin(r, true), &account);
		e = reply_end(r);
		if (e != CS_OK)
			return e;
	}
	cursor_go_on(r->cursor, account.id);
	return CS_OK;
}

static enum cs_err count_live(struct request *r, uint64_t account, int64_t *live)
{
	struct issue issue = { .id = 0 };
	enum cs_err e;

	*live = 0;
	while ((e = store_next_issue_of(r->store, account, issue.id, &issue)) == CS_OK)
		*live += issue.state == ISSUE_LIVE &&
		    !clock_over(&r->now, &issue.issued, issue.epoch, issue.life);
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

#define SHOWN_MOST 64		/* names in one reply */

/* The names of the account's administrators, as views. */
static enum cs_err collect_admins(struct request *r, uint64_t account,
    struct cs_str names[SHOWN_MOST], size_t *n)
{
	struct member member = { .admin = 0 };
	struct admin admin;
	enum cs_err e = CS_OK;

	*n = 0;
	while (*n < SHOWN_MOST &&
	    (e = store_next_member(r->store, account, member.admin, &member)) == CS_OK) {
		e = store_get_admin(r->store, member.admin, &admin);
		if (e != CS_OK)
			return e;
		names[(*n)++] = admin.name;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err collect_calls(struct request *r, uint64_t account, char text[SHOWN_MOST][160],
    struct cs_str calls[SHOWN_MOST], size_t *n)
{
	struct call call;
	int64_t after = -1;
	enum cs_err e = CS_OK;

	*n = 0;
	while (*n < SHOWN_MOST && (e = store_next_call(r->store, account, after, &call)) == CS_OK) {
		after = call.technician;
		if (clock_over(&r->now, &call.opened, call.epoch, call.life))
			continue;
		snprintf(text[*n], sizeof(text[*n]), "C%" PRIu64 " %.*s asks: %.*s", call.id,
		    (int)call.technician_name.len, call.technician_name.p, (int)call.action.len,
		    call.action.p);
		calls[*n] = cs_str(text[*n]);
		(*n)++;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err handle_show_account(struct request *r)
{
	struct asked asked;
	struct account account;
	struct cs_str names[SHOWN_MOST], calls[SHOWN_MOST];
	char text[SHOWN_MOST][160];
	size_t nnames, ncalls;
	int64_t live;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_account_must(r, &asked, &account);
	if (e == CS_OK)
		e = collect_admins(r, account.id, names, &nnames);
	if (e == CS_OK)
		e = collect_calls(r, account.id, text, calls, &ncalls);
	if (e == CS_OK)
		e = count_live(r, account.id, &live);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	put_account(w, &account);
	cs_put_strings(w, "administrators", names, nnames);
	cs_put_int(w, "live_codes", live);
	cs_put_strings(w, "calls", calls, ncalls);
	return reply_end(r);
}

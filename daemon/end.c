/* SPDX-License-Identifier: ISC
 *
 * Ends codes, grants, calls, sessions, tickets' authority, credentials and
 * memberships.  It counts what was alive and ends what was not all the same.  Of
 * grants there may be many, so they are ended by their numbers, and only counted one
 * by one.
 */
#include "end.h"

#include "authenticator.h"
#include "cooling.h"
#include "grant.h"
#include "member.h"
#include "session.h"
#include "ticket.h"

static enum cs_err end_codes(struct request *r, uint64_t account, uint64_t admin,
    struct ended *ended)
{
	struct issue issue = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_issue_of(r->store, account, issue.id, &issue)) == CS_OK) {
		if ((admin != 0 && issue.admin != admin) || issue.state != ISSUE_LIVE)
			continue;
		ended->codes += !clock_over(&r->now, &issue.issued, issue.epoch, issue.life);
		issue.state = ISSUE_REVOKED;
		issue.ended = r->now.at.wall;
		store_update_issue(r->store, &issue);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* Administrator 0 gave those that needed no code. */
static enum cs_err count_grants(struct request *r, uint64_t account, uint64_t admin,
    struct ended *ended)
{
	struct grant grant = { .id = store_count(r->store, SEQ_GRANT) + 1 };
	enum grant_state state;
	enum cs_err e;

	while ((e = store_previous_grant_of(r->store, account, admin, grant.id, &grant)) == CS_OK &&
	    !grant_long_over(&grant, &r->now)) {
		e = grant_judge(r->store, &r->now, &grant, &state);
		if (e != CS_OK)
			return e;
		ended->grants += state == GRANT_GOOD;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err end_calls(struct request *r, uint64_t account, struct ended *ended)
{
	struct call call;
	int64_t after = -1;
	enum cs_err e;

	while ((e = store_next_call(r->store, account, after, &call)) == CS_OK) {
		after = call.technician;
		ended->calls += !clock_over(&r->now, &call.opened, call.epoch, call.life);
		store_del_call(r->store, account, call.technician);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err end_sessions(struct request *r, uint64_t admin, uint64_t but, int64_t *n)
{
	struct session session = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_session(r->store, admin, session.id, &session)) == CS_OK) {
		if (session.id == but)
			continue;
		*n += !session_over(&session, &r->now);
		store_del_session(r->store, &session);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* A closed one authorises nothing already. */
static enum cs_err end_tickets(struct request *r, uint64_t account, uint64_t admin,
    struct ended *ended)
{
	struct ticket ticket = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_ticket_of(r->store, account, false, ticket.id, &ticket)) == CS_OK) {
		if ((admin != 0 && ticket.admin != admin) || ticket.authority != ISSUE_LIVE)
			continue;
		ended->tickets += ticket_authority(r->store, &r->now, &ticket) == TICKET_LIVE;
		ticket_end(r, &ticket);
		store_update_ticket(r->store, &ticket);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* Who has several accounts is met more than once, and what was staged before
 * does not show yet. */
static enum cs_err end_log_ins(struct request *r, uint64_t admin, struct ended *ended)
{
	if (ended->logged_out == admin)
		return CS_OK;
	ended->logged_out = admin;
	return end_sessions(r, admin, ended->spared, &ended->sessions);
}

enum cs_err end_member(struct request *r, uint64_t account, uint64_t admin, struct ended *ended)
{
	bool others;
	enum cs_err e = end_codes(r, account, admin, ended);

	if (e == CS_OK)
		e = end_log_ins(r, admin, ended);
	store_end_grants(r->store, account, admin);
	if (e == CS_OK)
		e = count_grants(r, account, admin, ended);
	if (e == CS_OK)
		e = end_tickets(r, account, admin, ended);
	if (e == CS_OK)
		e = has_active_member(r, account, admin, &others);
	if (e == CS_OK && !others)
		e = end_calls(r, account, ended);
	return e;
}

enum cs_err end_everywhere(struct request *r, uint64_t admin, struct ended *ended)
{
	struct member member = { .account = 0 };
	enum cs_err e = end_log_ins(r, admin, ended);

	store_del_invite(r->store, admin);
	while (e == CS_OK) {
		e = store_next_member_of(r->store, admin, member.account, &member);
		if (e == CS_OK)
			e = end_member(r, member.account, admin, ended);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err end_account(struct request *r, uint64_t account, struct ended *ended)
{
	struct member member = { .admin = 0 };
	enum cs_err e = end_codes(r, account, 0, ended);

	store_end_grants(r->store, account, 0);
	if (e == CS_OK)
		e = end_calls(r, account, ended);
	if (e == CS_OK)
		e = end_tickets(r, account, 0, ended);
	if (e == CS_OK)
		e = count_grants(r, account, 0, ended);
	while (e == CS_OK) {
		e = store_next_member(r->store, account, member.admin, &member);
		if (e == CS_OK)
			e = count_grants(r, account, member.admin, ended);
		if (e == CS_OK)
			e = end_log_ins(r, member.admin, ended);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err end_invitations(struct request *r, uint64_t account)
{
	struct member member = { .admin = 0 };
	enum cs_err e;

	while ((e = store_next_member(r->store, account, member.admin, &member)) == CS_OK)
		store_del_invite(r->store, member.admin);
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* What a person enrolled or was given to log in or to be verified with. */
static enum cs_err end_credentials(struct request *r, uint64_t admin, struct ended *ended)
{
	struct authenticator auth = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_authenticator(r->store, admin, auth.id, &auth)) == CS_OK) {
		e = authenticator_remove(r->store, r->vault, &auth);
		if (e != CS_OK)
			return e;
		ended->authenticators++;
	}
	store_del_password(r->store, admin);
	store_del_recovery(r->store, admin);
	store_del_invite(r->store, admin);
	return e == CS_ERR_NOTFOUND ? end_log_ins(r, admin, ended) : e;
}

enum cs_err end_for_reset(struct request *r, const struct admin *admin, struct ended *ended)
{
	enum cs_err e = end_credentials(r, admin->id, ended);

	if (e == CS_OK)
		e = end_everywhere(r, admin->id, ended);
	return e == CS_OK ? cooling_start_all(r, admin->id) : e;
}

static enum cs_err end_membership(struct request *r, const struct admin *admin, uint64_t id,
    struct authority *authority, struct ended *ended)
{
	struct account account;
	enum cs_err e = end_member(r, id, admin->id, ended);

	if (e == CS_OK)
		e = store_get_account(r->store, id, &account);
	if (e != CS_OK)
		return e;
	store_del_member(r->store, id, admin->id);
	ended->accounts++;
	return authority_log(r, authority, EVENT_ADMIN_REMOVE, &account, admin, "");
}

/* The name is free again. */
static enum cs_err end_person(struct request *r, struct admin *admin, struct ended *ended)
{
	enum cs_err e = end_credentials(r, admin->id, ended);

	if (e != CS_OK)
		return e;
	store_del_alive(r->store, admin->id);
	admin->standing = STANDING_REMOVED;
	store_put_admin(r->store, admin);
	return CS_OK;
}

enum cs_err end_memberships(struct request *r, struct admin *admin, uint64_t only,
    struct authority *authority, struct ended *ended)
{
	struct member member = { .account = 0 };
	bool left = false;
	enum cs_err e;

	while ((e = store_next_member_of(r->store, admin->id, member.account, &member)) == CS_OK) {
		if (only != 0 && member.account != only) {
			left = true;
			continue;
		}
		e = end_membership(r, admin, member.account, authority, ended);
		if (e != CS_OK)
			return e;
	}
	if (e != CS_ERR_NOTFOUND)
		return e;
	return left ? CS_OK : end_person(r, admin, ended);
}

void ended_put(struct cs_writer *w, const struct ended *ended)
{
	cs_put_int(w, "codes", ended->codes);
	cs_put_int(w, "sessions", ended->sessions);
	cs_put_int(w, "authenticators", ended->authenticators);
	cs_put_int(w, "grants", ended->grants);
	cs_put_int(w, "calls", ended->calls);
	cs_put_int(w, "tickets", ended->tickets);
}

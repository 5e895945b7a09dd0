/* SPDX-License-Identifier: ISC
 *
 * PolicyReadiness: how many accounts could get a code today, what shadow mode
 * let through in the last week, how many administrators are dormant, and how many
 * cannot log in to the control panel.  It
 * walks every account, a week of events and every administrator, a little in
 * each batch, so that no verification waits for it.
 */
#include "handlers.h"

#include "alive.h"
#include "member.h"

#include <stdio.h>
#include <string.h>

#define ACCOUNTS_AT_ONCE 100	/* each with its administrators */
#define EVENTS_AT_ONCE 1000
#define ADMINS_AT_ONCE 500
#define WEEK (7 * 86400)

/* How far it is; all of the cursor's key. */
struct progress {
	enum { ACCOUNTS, EVENTS, ADMINS, ALL } phase;
	uint64_t at;		/* the last account, event or administrator */
	uint64_t last;		/* the last event that is looked at */
	int64_t accounts, ready, refused, without, dormant, no_password;
};
_Static_assert(sizeof(struct progress) <= sizeof(((struct cursor *)0)->key), "the cursor holds it");

static enum cs_err could_get_code(struct store *store, uint64_t account, bool *could)
{
	struct member member = { .admin = 0 };
	struct admin admin;
	enum cs_err e = CS_OK;

	*could = false;
	while (!*could && (e = store_next_member(store, account, member.admin, &member)) == CS_OK) {
		if (member.standing != STANDING_ACTIVE)
			continue;
		e = store_get_admin(store, member.admin, &admin);
		if (e == CS_OK && admin.standing == STANDING_ACTIVE)
			e = member_has_login(store, member.admin, could);
		if (e != CS_OK)
			return e;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err count_account(struct store *store, const struct account *account,
    struct progress *p)
{
	bool could = false;
	enum cs_err e = CS_OK;

	if (account->standing == STANDING_REMOVED)
		return CS_OK;
	if (account->standing == STANDING_ACTIVE)
		e = could_get_code(store, account->id, &could);
	p->accounts++;
	p->ready += could;
	return e;
}

static enum cs_err walk_accounts(struct request *r, struct progress *p)
{
	struct account account;
	enum cs_err e = CS_OK;

	for (unsigned n = 0; n < ACCOUNTS_AT_ONCE && e == CS_OK; n++) {
		e = store_next_account(r->store, p->at, &account);
		if (e == CS_OK) {
			p->at = account.id;
			e = count_account(r->store, &account, p);
		}
	}
	if (e != CS_ERR_NOTFOUND)
		return e;
	p->phase = EVENTS;
	p->last = store_count(r->store, SEQ_EVENT);
	return store_event_before(r->store, r->now.at.wall - WEEK, &p->at);
}

/* Want of a code: nothing was said that is or was one of this account's. */
static void count_event(const struct audit_event *event, struct progress *p)
{
	if (event->kind != EVENT_VERIFY || !event->shadow)
		return;
	p->refused++;
	p->without += event->reason == CS_WRONG || event->reason == CS_MISHEARD;
}

static enum cs_err walk_events(struct request *r, struct progress *p)
{
	struct audit_event event;

	for (unsigned n = 0; n < EVENTS_AT_ONCE && p->at < p->last; n++) {
		enum cs_err e = store_get_event(r->store, ++p->at, &event, NULL);

		if (e == CS_OK)
			count_event(&event, p);
		else if (e != CS_ERR_NOTFOUND)
			return e;
	}
	if (p->at >= p->last) {
		p->phase = ADMINS;
		p->at = 0;
	}
	return CS_OK;
}

static enum cs_err walk_admins(struct request *r, struct progress *p)
{
	struct admin admin;
	int64_t idle, active;
	bool lacks = false;
	enum cs_err e = CS_OK;

	for (unsigned n = 0; n < ADMINS_AT_ONCE && e == CS_OK; n++) {
		e = store_next_admin(r->store, p->at, &admin);
		if (e != CS_OK)
			break;
		p->at = admin.id;
		e = alive_idle(r->store, &r->now, admin.id, &idle, &active);
		p->dormant += e == CS_OK && admin.standing == STANDING_ACTIVE &&
		    idle >= r->conf->dormant;
		if (e == CS_OK && admin.standing == STANDING_ACTIVE)
			e = member_lacks_password(r->store, admin.id, &lacks);
		p->no_password += e == CS_OK && admin.standing == STANDING_ACTIVE && lacks;
	}
	if (e != CS_ERR_NOTFOUND)
		return e;
	p->phase = ALL;
	return CS_OK;
}

/* 2871 -> "2,871" */
static char *grouped(int64_t n, char out[32])
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)n), at = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

static enum cs_err answer(struct request *r, const struct progress *p)
{
	char ready[32], accounts[32], refused[32], without[32], dormant[32], say[640];
	size_t len;
	struct cs_writer *w = reply_begin(r, true);
	enum cs_err e;

	snprintf(say, sizeof(say),
	    "%s of %s account%s could get a code today; last week %s change%s would have been "
	    "refused, %s of them for want of a code.",
	    grouped(p->ready, ready), grouped(p->accounts, accounts), p->accounts == 1 ? "" : "s",
	    grouped(p->refused, refused), p->refused == 1 ? "" : "s", grouped(p->without, without));
	len = strlen(say);
	if (p->dormant > 0)
		snprintf(say + len, sizeof(say) - len,
		    " %s active administrator%s gave no sign of life for %lld days: countersign "
		    "admin list --dormant.", grouped(p->dormant, dormant),
		    p->dormant == 1 ? "" : "s", (long long)(r->conf->dormant / 86400));
	len = strlen(say);
	/* An existing panel has log-ins of its own. */
	if (p->no_password > 0 && r->conf->panel_url[0] != '\0')
		snprintf(say + len, sizeof(say) - len,
		    " %s active administrator%s cannot log in to the control panel, for want of a "
		    "password: countersign admin list --no-password.",
		    grouped(p->no_password, dormant), p->no_password == 1 ? "" : "s");
	cs_put_int(w, "accounts", p->accounts);
	cs_put_int(w, "ready", p->ready);
	cs_put_int(w, "refused", p->refused);
	cs_put_int(w, "without_code", p->without);
	cs_put_int(w, "dormant", p->dormant);
	cs_put_int(w, "no_password", p->no_password);
	cs_put_string(w, "say", cs_str(say));
	e = reply_end(r);
	return e == CS_OK ? reply_done(r) : e;
}

enum cs_err handle_policy_readiness(struct request *r)
{
	struct progress p = { .at = 0 };
	enum cs_err e = CS_OK;

	cursor_load(r->cursor, &p, sizeof(p));
	switch (p.phase) {
	case ACCOUNTS:
		e = walk_accounts(r, &p);
		break;
	case EVENTS:
		e = walk_events(r, &p);
		break;
	case ADMINS:
		e = walk_admins(r, &p);
		break;
	case ALL:
		return answer(r, &p);
	}
	if (e != CS_OK)
		return e;
	cursor_save(r->cursor, &p, sizeof(p));
	return CS_OK;
}

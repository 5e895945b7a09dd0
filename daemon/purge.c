/* SPDX-License-Identifier: ISC
 *
 * Deletes what nobody can ask about any more, a few rows a second so that no
 * verification waits for it.
 */
#include "purge.h"

#include "audit.h"
#include "limit.h"
#include "session.h"

#include <sodium.h>
#include <stdlib.h>

#define STEP 200		/* rows of a kind in one step */
#define KEPT 86400		/* dead codes, spent grants and answers, so that
				 * a reply can still say which */
#define TICKETS 20		/* tickets looked at in one step */
#define TICKETS_KEPT 63072000	/* two years after the last word in one */

/* What comes from a day that is yet to come was made by a clock that lied: it
 * is dead, and would hold up all that was made after it. */
static bool long_over(const struct moment *now, const struct instant *then, int64_t life)
{
	return llabs(now->at.wall - then->wall) > life + KEPT;
}

static enum cs_err purge_memos(struct store *store, const struct moment *now)
{
	struct memo memo CS_UNCLEARED;
	enum cs_err e = CS_OK;
	uint64_t number = 0;

	for (unsigned i = 0; i < STEP; i++) {
		e = store_next_memo(store, &number, &memo);
		if (e != CS_OK || now->steady - memo.steady <= KEPT)
			break;
		store_del_memo(store, number);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err purge_issues(struct store *store, const struct moment *now)
{
	struct issue issue = { .id = 0 };
	enum cs_err e = CS_OK;

	for (unsigned i = 0; i < STEP; i++) {
		e = store_next_issue(store, issue.id, &issue);
		if (e != CS_OK || !long_over(now, &issue.issued, issue.life))
			break;
		store_del_issue(store, &issue);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err purge_grants(struct store *store, const struct moment *now)
{
	struct grant grant = { .id = 0 };
	enum cs_err e = CS_OK;

	for (unsigned i = 0; i < STEP; i++) {
		e = store_next_grant(store, grant.id, &grant);
		if (e != CS_OK || !long_over(now, &grant.issued, grant.life))
			break;
		store_del_grant(store, &grant);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* Calls are few: one for each technician and account at most, for minutes. */
static enum cs_err purge_calls(struct store *store, const struct moment *now)
{
	struct call call = { .account = 0 };
	int64_t technician = -1;
	enum cs_err e = CS_OK;

	for (unsigned i = 0; i < STEP; i++) {
		e = store_next_any_call(store, call.account, technician, &call);
		if (e != CS_OK)
			break;
		technician = call.technician;
		if (clock_over(now, &call.opened, call.epoch, call.life))
			store_del_call(store, call.account, call.technician);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err purge_ticket(struct store *store, const struct ticket *ticket)
{
	struct entry_text entry = { .n = 0 };
	enum cs_err e;

	while ((e = store_next_entry_text(store, ticket->id, entry.n, &entry)) == CS_OK)
		store_del_entry_text(store, ticket->id, entry.n);
	if (e != CS_ERR_NOTFOUND)
		return e;
	store_del_ticket(store, ticket);
	return CS_OK;
}

/* They end in no order, so each step looks further round, and one that goes is
 * enough for it.  In steady time: a clock that is years ahead takes none. */
static enum cs_err purge_tickets(struct store *store, const struct moment *now)
{
	uint64_t last = store_count(store, SEQ_TICKET);
	struct ticket ticket = { .id = last == 0 ? 0 : (uint64_t)now->steady * TICKETS % last };
	enum cs_err e = CS_OK;

	for (unsigned i = 0; i < TICKETS && last > 0; i++) {
		e = store_next_ticket(store, ticket.id, &ticket);
		if (e == CS_ERR_NOTFOUND) {
			ticket.id = 0;
			continue;
		}
		if (e != CS_OK)
			break;
		if (now->steady - ticket.touched > TICKETS_KEPT)
			return purge_ticket(store, &ticket);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* They are not in the order of their ends, so each step looks at some of them:
 * from a person drawn by lot to the last, then from the first. */
static enum cs_err purge_sessions(struct store *store, const struct moment *now)
{
	uint64_t people = store_count(store, SEQ_ADMIN), from;
	struct session session = { .id = 0 };
	bool turned = false;
	enum cs_err e;

	from = randombytes_uniform((uint32_t)people + 1);
	session.admin = from;
	for (unsigned i = 0; i < STEP; i++) {
		e = store_next_any_session(store, session.admin, session.id, &session);
		if (e == CS_ERR_NOTFOUND && !turned) {
			turned = true;
			session = (struct session){ .id = 0 };
			continue;
		}
		if (e != CS_OK)
			return e == CS_ERR_NOTFOUND ? CS_OK : e;
		if (turned && session.admin > from)
			return CS_OK;
		if (session_over(&session, now))
			store_del_session(store, &session);
	}
	return CS_OK;
}

/* Whoever tries names makes buckets; their subjects are hashes. */
static enum cs_err purge_buckets(struct store *store, const struct conf *conf,
    enum bucket_kind kind, const struct moment *now)
{
	const struct rate *rate = limit_rate(conf, kind);
	struct bucket bucket;
	uint64_t from, at;
	bool turned = false;
	enum cs_err e;

	randombytes_buf(&from, sizeof(from));
	at = from;
	for (unsigned i = 0; i < STEP; i++) {
		e = store_next_bucket(store, kind, at, &at, &bucket);
		if (e == CS_ERR_NOTFOUND && !turned) {
			turned = true;
			at = 0;
			continue;
		}
		if (e != CS_OK)
			return e == CS_ERR_NOTFOUND ? CS_OK : e;
		if (turned && at > from)
			return CS_OK;
		if (bucket.n == 0 || bucket.at[bucket.n - 1] <= now->steady - rate->seconds)
			store_del_bucket(store, kind, at);
	}
	return CS_OK;
}

static enum cs_err purge_log_ins(struct store *store, const struct conf *conf,
    const struct moment *now)
{
	static const enum bucket_kind kinds[] = { BUCKET_LOGIN, BUCKET_ADDRESS, BUCKET_DEVICE };
	enum cs_err e = purge_sessions(store, now);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && e == CS_OK; i++)
		e = purge_buckets(store, conf, kinds[i], now);
	return e;
}

static enum cs_err close_minutes(struct store *store, const struct vault *vault,
    const struct moment *now)
{
	struct bytes key = { 0 };
	struct tally tally;
	enum cs_err e = CS_OK;

	for (unsigned i = 0; i < STEP; i++) {
		e = store_next_tally(store, key, &key, &tally);
		if (e != CS_OK || tally.minute == now->at.wall / 60)
			break;
		struct audit_event event = {
			.kind = tally.kind,
			.has_verdict = true,
			.verdict = CS_REFUSED,
			.reason = tally.reason,
			.technician = tally.technician,
			.technician_name = tally.technician_name,
			.count = tally.count,
		};
		e = audit_append(store, vault, now, &event);
		if (e != CS_OK)
			break;
		store_del_tally(store, &tally);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err purge_step(struct store *store, const struct conf *conf, const struct vault *vault,
    const struct moment *now, struct dormant_walk *walk)
{
	enum cs_err e = dormant_step(store, conf, vault, now, walk);

	if (e == CS_OK)
		e = close_minutes(store, vault, now);
	if (e == CS_OK)
		e = purge_memos(store, now);
	if (e == CS_OK)
		e = purge_issues(store, now);
	if (e == CS_OK)
		e = purge_grants(store, now);
	if (e == CS_OK)
		e = purge_calls(store, now);
	if (e == CS_OK)
		e = purge_tickets(store, now);
	if (e == CS_OK)
		e = purge_log_ins(store, conf, now);
	return e;
}

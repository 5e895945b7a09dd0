/* SPDX-License-Identifier: ISC
 *
 * Deletes what nobody can ask about any more, a few rows a second so that no
 * verification waits for it.
 */
#include "purge.h"

#include "audit.h"

#include <stdlib.h>

#define STEP 200		/* rows of a kind in one step */
#define KEPT 86400		/* dead codes, spent grants and answers, so that
				 * a reply can still say which */

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
			.kind = EVENT_VERIFY,
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
    const struct moment *now)
{
	enum cs_err e = close_minutes(store, vault, now);

	(void)conf;
	if (e == CS_OK)
		e = purge_memos(store, now);
	if (e == CS_OK)
		e = purge_issues(store, now);
	if (e == CS_OK)
		e = purge_grants(store, now);
	if (e == CS_OK)
		e = purge_calls(store, now);
	return e;
}

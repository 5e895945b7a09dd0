/* SPDX-License-Identifier: ISC
 *
 * Begins and commits, judges the clock in between, and ends the daemon when the
 * disk leaves it in doubt.
 */
#include "transaction.h"

#include "audit.h"
#include "daemon.h"

#include "../lib/log.h"

#include <unistd.h>

const char *transaction_plain(enum cs_err why)
{
	if (why == CS_ERR_FULL)
		return "the database is full, nothing was changed; "
		       "the operator must free disk space or raise map-size";
	return cs_err_text(why);
}

/* A clock that lied is an event: codes and grants die of it. */
static enum cs_err record_clock(struct daemon *d, const struct moment *now)
{
	struct audit_event event = { .kind = EVENT_CLOCK, .asserter = geteuid() };
	enum cs_err e;

	cs_log(CS_LOG_WARNING, "the clock jumped: live codes and grants end now");
	e = audit_append(d->store, d->vault, now, &event);
	if (e == CS_OK)
		return store_keep(d->store);
	store_drop(d->store);
	return e;
}

static enum cs_err judge_clock(struct daemon *d, struct moment *now)
{
	uint64_t epoch = store_clock(d->store)->epoch;
	struct clock_record keep;
	struct instant at;

	clock_read(&at);
	clock_judge(store_clock(d->store), &at, now, &keep);
	store_set_clock(d->store, &keep);
	return now->epoch != epoch ? record_clock(d, now) : CS_OK;
}

enum cs_err transaction_begin(struct daemon *d, bool reserve, struct moment *now)
{
	enum cs_err e = reserve ? store_begin_reserve(d->store) : store_begin(d->store);
	enum outcome outcome;

	if (e == CS_OK) {
		e = judge_clock(d, now);
		if (e == CS_OK)
			return CS_OK;
		store_drop(d->store);
		store_commit(d->store, &outcome, NULL);
	}
	if (e == CS_ERR_IO)
		daemon_fail(d, "the storage cannot begin");
	return e;
}

enum outcome transaction_commit(struct daemon *d, enum cs_err *why)
{
	enum outcome outcome;

	store_commit(d->store, &outcome, why);
	if (outcome == OUTCOME_UNKNOWN || (outcome != OUTCOME_DURABLE && *why == CS_ERR_IO))
		daemon_fail(d, "the storage cannot say what it holds");
	return outcome;
}

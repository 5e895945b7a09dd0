/* SPDX-License-Identifier: ISC
 *
 * Steps, each in a transaction of its own: one of the purge and one of the index
 * of events each second, and more of the index while nobody asks.  What a step
 * lost is tried again in the next second.
 */
#include "upkeep.h"

#include "activity.h"
#include "audit.h"
#include "daemon.h"
#include "purge.h"
#include "transaction.h"

#include "../lib/log.h"

#include <stdlib.h>
#include <unistd.h>

#define QUIET 10000		/* microseconds in which nobody asked */
#define INDEX_QUIET 500		/* events of the index in one step then, */
#define INDEX_BUSY 50		/* and each second, though people may wait for it */

struct upkeep {
	struct daemon *daemon;
	struct event *quiet;
	bool behind;		/* the index of events, and it went on at this batch: */
	uint64_t stepped;
	unsigned most;		/* events of the index in the step in hand */
	struct dormant_walk walk;
};

typedef enum cs_err (*work_fn)(struct upkeep *, const struct moment *);

static enum cs_err purge(struct upkeep *u, const struct moment *now)
{
	struct daemon *d = u->daemon;

	return purge_step(d->store, d->conf, d->vault, now, &u->walk);
}

static enum cs_err index_events(struct upkeep *u, const struct moment *now)
{
	(void)now;
	return activity_step(u->daemon->store, u->most, &u->behind);
}

/* Of what was staged with this result, in a transaction of its own. */
static enum outcome finish(struct daemon *d, enum cs_err e, enum cs_err *why)
{
	enum outcome outcome;

	if (e == CS_OK)
		e = store_keep(d->store);
	else
		store_drop(d->store);
	if (e == CS_ERR_IO)
		daemon_fail(d, "the storage answered with a fault");
	else if (e != CS_OK)
		cs_log(CS_LOG_ERR, "housekeeping: %s", cs_err_text(e));
	outcome = transaction_commit(d, why);
	if (e == CS_OK || outcome != OUTCOME_DURABLE)
		return outcome;
	*why = e;		/* what was committed is not what was wanted */
	return OUTCOME_NOTHING;
}

static enum outcome step(struct upkeep *u, work_fn work, bool reserve, enum cs_err *why)
{
	struct moment now;

	*why = transaction_begin(u->daemon, reserve, &now);
	if (*why != CS_OK)
		return OUTCOME_NOTHING;
	return finish(u->daemon, work(u, &now), why);
}

static void step_index(struct upkeep *u, unsigned most)
{
	enum cs_err why;

	u->most = most;
	if (step(u, index_events, false, &why) != OUTCOME_DURABLE)
		u->behind = false;
}

/* The walk goes on from where a lost step began. */
static enum outcome step_purge(struct upkeep *u, bool reserve, enum cs_err *why)
{
	struct dormant_walk before = u->walk;
	enum outcome outcome = step(u, purge, reserve, why);

	if (outcome != OUTCOME_DURABLE)
		u->walk = before;
	return outcome;
}

static void wait_for_quiet(struct upkeep *u)
{
	static const struct timeval quiet = { 0, QUIET };

	u->stepped = u->daemon->counters.batches;
	if (u->behind)
		event_add(u->quiet, &quiet);
}

/* Far behind, as after an import, the index need not wait for the next second. */
static void quiet_cb(evutil_socket_t fd, short what, void *arg)
{
	struct upkeep *u = arg;
	struct daemon *d = u->daemon;

	(void)fd;
	(void)what;
	if (d->failed)
		return;
	if (u->stepped == d->counters.batches && !batch_waits(d->batch))
		step_index(u, INDEX_QUIET);
	wait_for_quiet(u);
}

void upkeep_tick(struct upkeep *u)
{
	struct daemon *d = u->daemon;
	uint64_t events = store_count(d->store, SEQ_EVENT);
	enum outcome outcome;
	enum cs_err why;

	if (d->failed)
		return;
	outcome = step_purge(u, false, &why);
	/* Deleting takes pages too, and it is what makes room: the reserve serves. */
	if (outcome == OUTCOME_NOTHING && why == CS_ERR_FULL)
		step_purge(u, true, &why);
	if (!d->failed)
		step_index(u, INDEX_BUSY);
	wait_for_quiet(u);
	store_tick(d->store);
	if (store_count(d->store, SEQ_EVENT) != events)
		conn_wake_followers(d);
}

static enum outcome record(struct daemon *d, struct audit_event *event, bool reserve,
    enum cs_err *why)
{
	struct moment now;

	*why = transaction_begin(d, reserve, &now);
	if (*why != CS_OK)
		return OUTCOME_NOTHING;
	return finish(d, audit_append(d->store, d->vault, &now, event), why);
}

/* The daemon must start in a full store, too, or operators could delete nothing. */
enum cs_err upkeep_record(struct daemon *d, enum event_kind kind, const char *note)
{
	struct audit_event event = {
		.kind = kind,
		.asserter = geteuid(),
		.note = cs_str(note),
	};
	enum cs_err why;
	enum outcome outcome = record(d, &event, false, &why);

	if (outcome == OUTCOME_NOTHING && why == CS_ERR_FULL)
		outcome = record(d, &event, true, &why);
	if (outcome != OUTCOME_DURABLE) {
		cs_log(CS_LOG_ERR, "the event \"%s\" cannot be written: %s",
		    audit_kind_name(kind), transaction_plain(why));
		return why;
	}
	conn_wake_followers(d);
	return CS_OK;
}

enum cs_err upkeep_new(struct daemon *d, struct upkeep **upkeep)
{
	struct upkeep *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return CS_ERR_NOMEM;
	u->daemon = d;
	u->quiet = event_new(d->base, -1, 0, quiet_cb, u);
	if (u->quiet == NULL) {
		upkeep_free(&u);
		return CS_ERR_NOMEM;
	}
	*upkeep = u;
	return CS_OK;
}

void upkeep_free(struct upkeep **upkeep)
{
	struct upkeep *u = *upkeep;

	if (u == NULL)
		return;
	*upkeep = NULL;
	if (u->quiet != NULL)
		event_free(u->quiet);
	free(u);
}

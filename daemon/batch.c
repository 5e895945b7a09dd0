/* SPDX-License-Identifier: ISC
 *
 * Runs what is in hand inside one transaction and answers only after the
 * commit.  Nothing that a handler did or said leaves before: a lost batch
 * leaves no trace but the replay.  It never decides anything itself.
 */
#include "batch.h"

#include "activity.h"
#include "asked.h"
#include "audit.h"
#include "channel.h"
#include "daemon.h"
#include "dispatch.h"
#include "name.h"
#include "purge.h"
#include "worker.h"

#include "../lib/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH_MAX 256
#define GATHER 20		/* microseconds to wait for those who asked before, */
#define GATHER_EACH 6		/* and for each of them */
#define BUSY_WAIT 2		/* seconds, for whom the worker's queue has no room */
#define LATEST 5000		/* microseconds after which readable peers must wait */
#define QUIET 10000		/* microseconds in which nobody asked */
#define INDEX_QUIET 500		/* events of the index in one step then, */
#define INDEX_BUSY 50		/* and each second, though people may wait for it */

struct entry {
	struct task *task;		/* NULL: answered, or the connection is gone */
	struct cursor cursor;
	struct reply reply;
	struct job *job;		/* for the worker, after the commit */
	bool decided;
	enum cs_verdict verdict;
	uint64_t opened;
};

struct batch {
	struct daemon *daemon;
	struct event *run, *latest, *quiet;
	struct task **ready;
	size_t nready, room;
	struct entry running[BATCH_MAX];
	size_t nrunning;
	size_t before[2];		/* sizes of the last two batches */
	int64_t gathering;		/* since when; 0: not */
	bool behind;			/* the index of events, and it went on at this batch: */
	uint64_t stepped;
	struct dormant_walk walk;
};

/* For the log and the technician's eyes alike. */
static const char *plain(enum cs_err why)
{
	if (why == CS_ERR_FULL)
		return "the database is full, nothing was changed; "
		       "the operator must free disk space or raise map-size";
	return cs_err_text(why);
}

static const char doubt[] = "the disk did not confirm; ask again with the same request id";

static void fail(struct batch *b, const char *why)
{
	if (!b->daemon->failed)
		daemon_fail(b->daemon, why);
}

/* A clock that lied is an event: codes and grants die of it. */
static enum cs_err record_clock(struct batch *b, const struct moment *now)
{
	struct audit_event event = { .kind = EVENT_CLOCK, .asserter = geteuid() };
	struct store *store = b->daemon->store;
	enum cs_err e;

	cs_log(CS_LOG_WARNING, "the clock jumped: live codes and grants end now");
	e = audit_append(store, b->daemon->vault, now, &event);
	if (e == CS_OK)
		return store_keep(store);
	store_drop(store);
	return e;
}

/* On failure no transaction is open. */
static enum cs_err begin(struct batch *b, bool reserve, struct moment *now)
{
	struct store *store = b->daemon->store;
	enum cs_err e = reserve ? store_begin_reserve(store) : store_begin(store);
	struct clock_record keep;
	struct instant at;
	enum outcome outcome;
	uint64_t epoch;

	if (e != CS_OK)
		return e;
	epoch = store_clock(store)->epoch;
	clock_read(&at);
	clock_judge(store_clock(store), &at, now, &keep);
	store_set_clock(store, &keep);
	if (now->epoch != epoch)
		e = record_clock(b, now);
	if (e != CS_OK) {
		store_drop(store);
		store_commit(store, &outcome, NULL);
	}
	return e;
}

/* What went wrong becomes the reply; a list ends with it. */
static void say_unavailable(struct entry *entry, struct request *r, enum cs_err why)
{
	reply_restart(&entry->reply);
	entry->cursor.again = entry->cursor.follow = false;
	refuse_unavailable(r, plain(why));
}

/* A reply that is not whole counts as an error: what was done is dropped. */
static enum cs_err check_reply(const struct entry *entry, enum cs_err e)
{
	const struct reply *reply = &entry->reply;

	if (e != CS_OK && e != CS_ERR_ANSWERED)
		return e;
	if (reply->err != CS_OK)
		return reply->err;
	if (reply->open || (reply->len == 0 && !entry->cursor.again && !entry->cursor.follow))
		return CS_ERR_FORMAT;
	return e;
}

/* No reply is no fault here: the handler's is to come. */
static enum cs_err prepare(struct entry *entry, struct request *r)
{
	enum cs_err e;

	entry->job = calloc(1, sizeof(*entry->job));
	if (entry->job == NULL)
		return CS_ERR_NOMEM;
	e = r->row->prepare(r, entry->job);
	if (e == CS_OK && entry->reply.err == CS_OK && entry->reply.len == 0)
		return CS_OK;
	job_free(&entry->job);
	return check_reply(entry, e);
}

static enum cs_err handle(struct batch *b, struct entry *entry, const struct moment *now)
{
	struct daemon *d = b->daemon;
	struct task *task = entry->task;
	struct conn *conn = task->conn;
	struct request r = {
		.row = task->row,
		.in = &task->msg,
		.peer = conn_peer(conn),
		.roles = conn_roles(conn),
		.door = conn_door(conn),
		.who = task->has_who ? &task->who : NULL,
		.store = d->store,
		.vault = d->vault,
		.conf = d->conf,
		.counters = &d->counters,
		.openings = &d->openings,
		.now = *now,
		.cursor = &entry->cursor,
		.reply = &entry->reply,
		.job = task->job,
	};
	enum cs_err e;

	entry->cursor = *conn_cursor(conn);
	entry->cursor.again = entry->cursor.follow = false;
	reply_restart(&entry->reply);
	job_free(&entry->job);
	if (r.row->prepare != NULL && task->job == NULL)
		e = prepare(entry, &r);
	else
		e = check_reply(entry, r.row->handle(&r));
	entry->cursor.started = true;
	entry->decided = e == CS_OK && r.decided;
	entry->verdict = r.verdict;
	entry->opened = e == CS_OK ? r.opened : 0;
	if (e == CS_ERR_ANSWERED)
		entry->cursor.again = entry->cursor.follow = false;
	else if (e != CS_OK)
		say_unavailable(entry, &r, e);
	return e;
}

/* False when the whole batch is lost. */
static bool run_one(struct batch *b, struct entry *entry, const struct moment *now)
{
	enum cs_err e;

	if (entry->task == NULL)
		return true;
	e = handle(b, entry, now);
	if (e == CS_OK)
		return store_keep(b->daemon->store) == CS_OK;
	store_drop(b->daemon->store);
	if (e != CS_ERR_ANSWERED)
		cs_log(CS_LOG_ERR, "%s: %s", entry->task->row->method, cs_err_text(e));
	if (e == CS_ERR_IO)
		fail(b, "the storage answered with a fault");
	return true;
}

static enum outcome attempt(struct batch *b, struct entry *first, size_t n, bool reserve,
    enum cs_err *why)
{
	enum outcome outcome = OUTCOME_NOTHING;
	struct moment now;

	*why = begin(b, reserve, &now);
	if (*why == CS_ERR_IO)
		fail(b, "the storage cannot begin");
	if (*why != CS_OK)
		return OUTCOME_NOTHING;
	for (size_t i = 0; i < n; i++)
		if (!run_one(b, &first[i], &now))
			break;
	store_commit(b->daemon->store, &outcome, why);
	if (outcome == OUTCOME_UNKNOWN || (outcome != OUTCOME_DURABLE && *why == CS_ERR_IO))
		fail(b, "the storage cannot say what it holds");
	return outcome;
}

static void log_decision(const struct task *task, enum cs_verdict verdict)
{
	const char *who = (task->row->flags & ROW_TECHNICIAN) != 0 ? task->who.name : "itself";
	const char *method = strrchr(task->row->method, '.') + 1;
	struct cs_str account = CS_STR(""), action = CS_STR("");
	char account_text[NAME_MAX_LEN * 2], action_text[NAME_MAX_LEN * 2];
	char uid[NUMBER_TEXT], line[1024] CS_UNCLEARED;
	size_t len;

	cs_msg_string(&task->msg, "account", &account);
	cs_msg_string(&task->msg, "action", &action);
	account = asked_shown(account);
	cs_log_escape(account_text, sizeof(account_text), account.p, account.len);
	cs_log_escape(action_text, sizeof(action_text), action.p, action.len);
	len = text_join(line, sizeof(line), (struct cs_str[]){
	    cs_str(method), CS_STR(": "), cs_str(account_text), CS_STR(" "), cs_str(action_text),
	    CS_STR(" by "), cs_str(who), CS_STR(", uid "),
	    cs_str(number_format('\0', conn_peer(task->conn)->uid, uid)),
	    verdict == CS_ACCEPTED ? CS_STR(": accepted") : CS_STR(": refused") }, 10);
	cs_log_text(CS_LOG_INFO, line, len);
}

static void worked_cb(struct job *job, void *arg)
{
	struct task *task = arg;

	task->job = job;
	batch_add(task->daemon->batch, task);
}

static void hand_over(struct batch *b, struct entry *entry)
{
	struct task *task = entry->task;
	enum cs_err e;

	entry->task = NULL;
	e = worker_add(b->daemon->worker, &entry->job, worked_cb, task);
	if (e == CS_ERR_FULL)
		conn_throttled(task->conn, BUSY_WAIT,
		    "Too many people are logging in at this moment. Try again in a few seconds.");
	else if (e != CS_OK)
		conn_unavailable(task->conn, cs_err_text(e));
}

/* After the commit, and only then. */
static void answer(struct batch *b, struct entry *entry)
{
	struct counters *counters = &b->daemon->counters;
	struct task *task = entry->task;

	/* Also when who asked is gone: the call is open. */
	if (entry->opened != 0)
		channel_note(&b->daemon->openings, entry->opened);
	if (task == NULL)
		return;
	if (entry->job != NULL) {
		hand_over(b, entry);
		return;
	}
	entry->task = NULL;		/* conn_answer frees it */
	if (entry->decided) {
		counters->verifications++;
		if (entry->verdict == CS_ACCEPTED)
			counters->accepted++;
		else
			counters->refused++;
		log_decision(task, entry->verdict);
	}
	*conn_cursor(task->conn) = entry->cursor;
	conn_answer(task->conn, &entry->reply);
}

static void refuse(struct entry *entry, const char *why)
{
	struct task *task = entry->task;

	entry->task = NULL;
	if (task != NULL)
		conn_unavailable(task->conn, why);
}

static void replay(struct batch *b, struct entry *entry)
{
	enum outcome outcome;
	enum cs_err why;

	if (entry->task == NULL)
		return;
	if (b->daemon->failed) {
		refuse(entry, doubt);
		return;
	}
	outcome = attempt(b, entry, 1, (entry->task->row->flags & ROW_RESERVE) != 0, &why);
	switch (outcome) {
	case OUTCOME_DURABLE:
		answer(b, entry);
		break;
	case OUTCOME_NOTHING:
		cs_log(CS_LOG_ERR, "%s: %s", entry->task->row->method, plain(why));
		refuse(entry, plain(why));
		break;
	case OUTCOME_UNKNOWN:
		refuse(entry, doubt);
		break;
	}
}

static void settle(struct batch *b, enum outcome outcome)
{
	cs_log_hold();
	for (size_t i = 0; i < b->nrunning; i++) {
		switch (outcome) {
		case OUTCOME_DURABLE:
			answer(b, &b->running[i]);
			break;
		case OUTCOME_NOTHING:
			replay(b, &b->running[i]);
			break;
		case OUTCOME_UNKNOWN:
			refuse(&b->running[i], doubt);
			break;
		}
	}
	cs_log_release();
}

/* Moves the oldest in hand to running; what conn_answer adds waits its turn. */
static void take(struct batch *b)
{
	size_t n = b->nready < BATCH_MAX ? b->nready : BATCH_MAX;

	for (size_t i = 0; i < n; i++) {
		b->running[i].task = b->ready[i];
		b->running[i].opened = 0;
	}
	b->nrunning = n;
	b->nready -= n;
	memmove(b->ready, b->ready + n, b->nready * sizeof(b->ready[0]));
}

static void call(struct batch *b)
{
	static const struct timeval latest = { 0, LATEST };

	event_active(b->run, EV_TIMEOUT, 0);
	event_add(b->latest, &latest);
}

/* Otherwise libevent calls again what was made active by what it calls now,
 * and reads nobody in between. */
static void poll_first(struct batch *b)
{
	event_base_loopcontinue(b->daemon->base);
}

static void run(struct batch *b)
{
	struct daemon *d = b->daemon;
	uint64_t events = store_count(d->store, SEQ_EVENT), openings = d->openings.n;
	enum cs_err why;

	event_del(b->latest);
	b->gathering = 0;
	take(b);
	b->before[0] = b->before[1];
	b->before[1] = b->nrunning;
	d->counters.batches++;
	if (d->failed)
		settle(b, OUTCOME_UNKNOWN);
	else
		settle(b, attempt(b, b->running, b->nrunning, false, &why));
	for (size_t i = 0; i < b->nrunning; i++) {
		reply_restart(&b->running[i].reply);
		job_free(&b->running[i].job);
	}
	b->nrunning = 0;
	if (!d->failed)
		store_grow(d->store);
	if (store_count(d->store, SEQ_EVENT) != events || d->openings.n != openings)
		conn_wake_followers(d);
	if (b->nready > 0) {
		call(b);
		poll_first(b);
	}
}

/* Those of the last two batches are about to ask again: a moment's wait for
 * them saves a commit (design §8).  More than there are cannot come. */
static bool worth_waiting(struct batch *b)
{
	size_t expected = b->before[0] + b->before[1];
	int64_t now;

	if (b->nready >= BATCH_MAX || b->nready >= expected ||
	    b->nready >= b->daemon->counters.connections)
		return false;
	now = clock_usec();
	if (b->gathering == 0)
		b->gathering = now;
	return now - b->gathering < GATHER + GATHER_EACH * (int64_t)expected;
}

static void run_cb(evutil_socket_t fd, short what, void *arg)
{
	struct batch *b = arg;

	(void)fd;
	(void)what;
	if (b->nready == 0)
		return;
	if (!worth_waiting(b)) {
		run(b);
		return;
	}
	event_active(b->run, EV_TIMEOUT, 0);
	poll_first(b);
}

/* The low priority of run_cb must not let peers who keep the loop busy hold
 * up those who have asked. */
static void latest_cb(evutil_socket_t fd, short what, void *arg)
{
	struct batch *b = arg;

	(void)fd;
	(void)what;
	if (b->nready > 0)
		run(b);
}

void batch_add(struct batch *b, struct task *task)
{
	if (b->nready == b->room) {
		size_t room = b->room == 0 ? 64 : b->room * 2;
		struct task **more = realloc(b->ready, room * sizeof(struct task *));

		if (more == NULL) {
			conn_unavailable(task->conn, cs_err_text(CS_ERR_NOMEM));
			return;
		}
		b->ready = more;
		b->room = room;
	}
	b->ready[b->nready++] = task;
	if (b->nready == 1)
		call(b);
}

void batch_forget(struct batch *b, const struct conn *conn)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->nready; i++)
		if (b->ready[i]->conn != conn)
			b->ready[kept++] = b->ready[i];
	b->nready = kept;
	for (size_t i = 0; i < b->nrunning; i++)
		if (b->running[i].task != NULL && b->running[i].task->conn == conn)
			b->running[i].task = NULL;
}

void batch_flush(struct batch *b)
{
	while (b->nready > 0)
		run(b);
}

typedef enum cs_err (*step_fn)(struct batch *, const struct moment *);

static enum cs_err purge(struct batch *b, const struct moment *now)
{
	struct daemon *d = b->daemon;

	return purge_step(d->store, d->conf, d->vault, now, &b->walk);
}

static enum cs_err index_a_few(struct batch *b, const struct moment *now)
{
	(void)now;
	return activity_step(b->daemon->store, INDEX_BUSY, &b->behind);
}

static enum cs_err index_many(struct batch *b, const struct moment *now)
{
	(void)now;
	return activity_step(b->daemon->store, INDEX_QUIET, &b->behind);
}

/* All of it, up to a NULL, in one transaction: people wait for each commit.
 * What was lost is tried again in the next second. */
static enum outcome step(struct batch *b, const step_fn *work, bool reserve, enum cs_err *why)
{
	struct daemon *d = b->daemon;
	enum outcome outcome = OUTCOME_NOTHING;
	struct moment now;

	b->behind = false;
	*why = begin(b, reserve, &now);
	if (*why != CS_OK)
		return OUTCOME_NOTHING;
	for (; *work != NULL; work++) {
		if ((*work)(b, &now) == CS_OK)
			store_keep(d->store);
		else
			store_drop(d->store);
	}
	store_commit(d->store, &outcome, why);
	if (outcome != OUTCOME_DURABLE)
		b->behind = false;
	return outcome;
}

static void fail_for(struct batch *b, enum outcome outcome, enum cs_err why)
{
	if (outcome == OUTCOME_UNKNOWN || (outcome == OUTCOME_NOTHING && why == CS_ERR_IO))
		fail(b, "the storage cannot say what it holds");
}

static void wait_for_quiet(struct batch *b)
{
	static const struct timeval quiet = { 0, QUIET };

	b->stepped = b->daemon->counters.batches;
	if (b->behind)
		event_add(b->quiet, &quiet);
}

/* Far behind, as after an import, it need not wait for the next second. */
static void quiet_cb(evutil_socket_t fd, short what, void *arg)
{
	static const step_fn work[] = { index_many, NULL };
	struct batch *b = arg;
	enum outcome outcome;
	enum cs_err why;

	(void)fd;
	(void)what;
	if (b->daemon->failed)
		return;
	if (b->nready == 0 && b->stepped == b->daemon->counters.batches) {
		outcome = step(b, work, false, &why);
		fail_for(b, outcome, why);
	}
	wait_for_quiet(b);
}

void batch_tick(struct batch *b)
{
	static const step_fn all[] = { purge, index_a_few, NULL }, no_index[] = { purge, NULL };
	struct daemon *d = b->daemon;
	uint64_t events = store_count(d->store, SEQ_EVENT);
	enum outcome outcome;
	enum cs_err why;

	if (d->failed)
		return;
	outcome = step(b, all, false, &why);
	/* Deleting takes pages too, and it is what makes room: the reserve serves. */
	if (outcome == OUTCOME_NOTHING && why == CS_ERR_FULL)
		outcome = step(b, no_index, true, &why);
	fail_for(b, outcome, why);
	wait_for_quiet(b);
	store_tick(d->store);
	if (store_count(d->store, SEQ_EVENT) != events)
		conn_wake_followers(d);
}

static enum outcome record(struct batch *b, struct audit_event *event, bool reserve,
    enum cs_err *why)
{
	struct store *store = b->daemon->store;
	enum outcome outcome = OUTCOME_NOTHING;
	struct moment now;
	enum cs_err e = begin(b, reserve, &now);

	*why = e;
	if (e != CS_OK)
		return OUTCOME_NOTHING;
	e = audit_append(store, b->daemon->vault, &now, event);
	if (e == CS_OK)
		e = store_keep(store);
	else
		store_drop(store);
	store_commit(store, &outcome, why);
	if (e == CS_OK || outcome != OUTCOME_DURABLE)
		return outcome;
	*why = e;		/* what was committed is not the event */
	return OUTCOME_NOTHING;
}

/* The daemon must start in a full store, too, or operators could delete nothing. */
enum cs_err batch_record(struct batch *b, enum event_kind kind, const char *note)
{
	struct audit_event event = {
		.kind = kind,
		.asserter = geteuid(),
		.note = cs_str(note),
	};
	enum cs_err why;
	enum outcome outcome = record(b, &event, false, &why);

	if (outcome == OUTCOME_NOTHING && why == CS_ERR_FULL)
		outcome = record(b, &event, true, &why);
	if (outcome == OUTCOME_UNKNOWN)
		fail(b, "the storage cannot say what it holds");
	if (outcome != OUTCOME_DURABLE) {
		cs_log(CS_LOG_ERR, "the event \"%s\" cannot be written: %s",
		    audit_kind_name(kind), plain(why));
		return why;
	}
	conn_wake_followers(b->daemon);
	return CS_OK;
}

enum cs_err batch_new(struct daemon *d, struct batch **batch)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return CS_ERR_NOMEM;
	b->daemon = d;
	b->run = event_new(d->base, -1, 0, run_cb, b);
	b->latest = event_new(d->base, -1, 0, latest_cb, b);
	b->quiet = event_new(d->base, -1, 0, quiet_cb, b);
	if (b->run == NULL || b->latest == NULL || b->quiet == NULL ||
	    event_priority_set(b->run, PRIORITY_LATER) == -1 ||
	    event_priority_set(b->latest, PRIORITY_FIRST) == -1 ||
	    event_priority_set(b->quiet, PRIORITY_LATER) == -1) {
		batch_free(&b);
		return CS_ERR_NOMEM;
	}
	*batch = b;
	return CS_OK;
}

void batch_free(struct batch **batch)
{
	struct batch *b = *batch;

	if (b == NULL)
		return;
	*batch = NULL;
	if (b->run != NULL)
		event_free(b->run);
	if (b->latest != NULL)
		event_free(b->latest);
	if (b->quiet != NULL)
		event_free(b->quiet);
	for (size_t i = 0; i < BATCH_MAX; i++)
		reply_clear(&b->running[i].reply);
	free(b->ready);
	free(b);
}

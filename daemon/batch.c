/* SPDX-License-Identifier: ISC
 *
 * Runs what is in hand inside one transaction and answers only after the
 * commit.  Nothing that a handler did or said leaves before: a lost batch
 * leaves no trace but the replay.  It never decides anything itself.
 */
#include "batch.h"

#include "asked.h"
#include "channel.h"
#include "daemon.h"
#include "dispatch.h"
#include "name.h"
#include "transaction.h"
#include "worker.h"

#include "../lib/log.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_MAX 256
#define GATHER 20		/* microseconds to wait for those who asked before, */
#define GATHER_EACH 6		/* and for each of them */
#define BUSY_WAIT 2		/* seconds, for whom the worker's queue has no room */

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
	struct event *run;
	struct task **ready;
	size_t nready, room;
	struct entry running[BATCH_MAX];
	size_t nrunning;
	size_t before[2];		/* sizes of the last two batches */
	int64_t gathering;		/* since when; 0: not */
};

static const char doubt[] = "the disk did not confirm, so it is not known what was kept";

/* What went wrong becomes the reply; a list ends with it. */
static void say_unavailable(struct entry *entry, struct request *r, enum cs_err why)
{
	reply_restart(&entry->reply);
	entry->cursor.again = entry->cursor.follow = false;
	refuse_unavailable(r, transaction_plain(why));
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
		daemon_fail(b->daemon, "the storage answered with a fault");
	return true;
}

static enum outcome attempt(struct batch *b, struct entry *first, size_t n, bool reserve,
    enum cs_err *why)
{
	struct moment now;

	*why = transaction_begin(b->daemon, reserve, &now);
	if (*why != CS_OK)
		return OUTCOME_NOTHING;
	for (size_t i = 0; i < n; i++)
		if (!run_one(b, &first[i], &now))
			break;
	return transaction_commit(b->daemon, why);
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
		cs_log(CS_LOG_ERR, "%s: %s", entry->task->row->method, transaction_plain(why));
		refuse(entry, transaction_plain(why));
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

/* Behind all that was readable at this poll: there is one queue. */
static void call(struct batch *b)
{
	event_active(b->run, EV_TIMEOUT, 0);
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
	call(b);
	poll_first(b);
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

bool batch_waits(const struct batch *b)
{
	return b->nready > 0;
}

void batch_flush(struct batch *b)
{
	while (b->nready > 0)
		run(b);
}

enum cs_err batch_new(struct daemon *d, struct batch **batch)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return CS_ERR_NOMEM;
	b->daemon = d;
	b->run = event_new(d->base, -1, 0, run_cb, b);
	if (b->run == NULL) {
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
	for (size_t i = 0; i < BATCH_MAX; i++)
		reply_clear(&b->running[i].reply);
	free(b->ready);
	free(b);
}

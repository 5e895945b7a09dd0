/* SPDX-License-Identifier: ISC
 *
 * The order of run, commit and answer, and the daemon's own housekeeping
 * (upkeep.c), against a store that does what a test tells it to.  Store and
 * connections are this file's own: what happened is one string, a letter an act.
 */
#include "../daemon/activity.h"
#include "../daemon/asked.h"
#include "../daemon/audit.h"
#include "../daemon/daemon.h"
#include "../daemon/dispatch.h"
#include "../daemon/purge.h"
#include "../daemon/worker.h"

#include "../lib/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct conn {
	char name;
	unsigned roles;
	struct peer peer;
	struct cursor cursor;
	char said[256];
	struct task task;		/* last: its frame has no size */
};

static char acts[4096];
static enum outcome outcomes[8];	/* of the commits to come; then durable */
static size_t ncommits;
static enum cs_err commit_why, begin_result, append_result, keep_result, purge_result;
static uint64_t last_event;
static struct clock_record last_clock;
static struct daemon d;

static void act(const char *text)
{
	strncat(acts, text, sizeof(acts) - strlen(acts) - 1);
}

/* ---- the store ---- */

enum cs_err store_begin(struct store *s)
{
	(void)s;
	if (begin_result == CS_OK)
		act("(");
	return begin_result;
}

enum cs_err store_begin_reserve(struct store *s)
{
	(void)s;
	act("[");
	return CS_OK;
}

enum cs_err store_keep(struct store *s)
{
	enum cs_err e = keep_result;

	(void)s;
	keep_result = CS_OK;
	act(e == CS_OK ? "+" : "!");
	return e;
}

void store_drop(struct store *s)
{
	(void)s;
	act("-");
}

void store_commit(struct store *s, enum outcome *outcome, enum cs_err *why)
{
	(void)s;
	*outcome = outcomes[ncommits];
	if (why != NULL && *outcome != OUTCOME_DURABLE)
		*why = commit_why;
	if (ncommits < sizeof(outcomes) / sizeof(outcomes[0]) - 1)
		ncommits++;
	act(*outcome == OUTCOME_DURABLE ? ")" : *outcome == OUTCOME_NOTHING ? "0" : "?");
}

uint64_t store_count(const struct store *s, enum sequence sequence)
{
	(void)s;
	(void)sequence;
	return last_event;
}

const struct clock_record *store_clock(const struct store *s)
{
	(void)s;
	return &last_clock;
}

void store_set_clock(struct store *s, const struct clock_record *c)
{
	(void)s;
	(void)c;
}

void store_grow(struct store *s)
{
	(void)s;
}

void store_tick(struct store *s)
{
	(void)s;
}

const char *audit_kind_name(enum event_kind kind)
{
	(void)kind;
	return "event";
}

struct cs_str asked_shown(struct cs_str typed)
{
	return typed;
}

enum cs_err audit_append(struct store *s, const struct vault *v, const struct moment *now,
    struct audit_event *event)
{
	(void)s;
	(void)v;
	(void)now;
	(void)event;
	act("e");
	return append_result;
}

static uint64_t walk_began;

enum cs_err purge_step(struct store *s, const struct conf *conf, const struct vault *v,
    const struct moment *now, struct dormant_walk *walk)
{
	(void)s;
	(void)conf;
	(void)v;
	(void)now;
	walk_began = walk->admin;
	walk->admin += 50;
	act("p");
	return purge_result;
}

static unsigned steps_behind;

enum cs_err activity_step(struct store *s, unsigned most, bool *behind)
{
	(void)s;
	*behind = steps_behind > 0 && --steps_behind > 0;
	act(most > 100 ? "I" : "i");
	return CS_OK;
}

/* ---- connections ---- */

void conn_answer(struct conn *c, const struct reply *reply)
{
	char text[] = { '<', c->name, '\0' };

	act(text);
	snprintf(c->said, sizeof(c->said), "%s", reply->len > 0 ? reply->buf : "");
}

void conn_unavailable(struct conn *c, const char *why)
{
	char text[] = { 'u', c->name, '\0' };

	act(text);
	snprintf(c->said, sizeof(c->said), "%s", why);
}

void conn_throttled(struct conn *c, int64_t wait, const char *say)
{
	char text[] = { 't', c->name, '\0' };

	(void)wait;
	(void)say;
	act(text);
}

void conn_wake_followers(struct daemon *daemon)
{
	(void)daemon;
	act("w");
}

const struct peer *conn_peer(const struct conn *c)
{
	return &c->peer;
}

unsigned conn_roles(const struct conn *c)
{
	return c->roles;
}

enum door conn_door(const struct conn *c)
{
	(void)c;
	return DOOR_STAFF;
}

struct cursor *conn_cursor(struct conn *c)
{
	return &c->cursor;
}

const char *door_name(enum door door)
{
	(void)door;
	return "staff";
}

void daemon_fail(struct daemon *daemon, const char *why)
{
	(void)why;
	if (!daemon->failed)
		act("F");
	daemon->failed = true;
}

/* ---- the worker: it has room for one, and works when it is told ---- */

static struct job *working;
static struct task *waiting;
static worker_cb tell;

enum cs_err worker_add(struct worker *w, struct job **job, worker_cb cb, void *arg)
{
	(void)w;
	act("j");
	if (working != NULL) {
		job_free(job);
		return CS_ERR_FULL;
	}
	working = *job;
	*job = NULL;
	tell = cb;
	waiting = arg;
	return CS_OK;
}

static void finish_work(void)
{
	struct job *job = working;

	working = NULL;
	job->right = true;
	tell(job, waiting);
}

/* ---- handlers ---- */

static void name_act(const struct request *r)
{
	act(r->in->method.p);
}

static enum cs_err say_yes(struct request *r)
{
	name_act(r);
	r->decided = true;
	r->verdict = CS_ACCEPTED;
	last_event++;
	cs_put_bool(reply_begin(r, false), "yes", true);
	return reply_end(r);
}

static enum cs_err refuse(struct request *r)
{
	name_act(r);
	return refuse_error(r, "Refused", "No.");
}

static enum cs_err break_down(struct request *r)
{
	name_act(r);
	reply_done(r);
	return CS_ERR_CRYPTO;
}

static enum cs_err forget_to_answer(struct request *r)
{
	name_act(r);
	return CS_OK;
}

static enum cs_err leave_open(struct request *r)
{
	name_act(r);
	reply_begin(r, false);
	return CS_OK;
}

static enum cs_err open_call(struct request *r)
{
	name_act(r);
	r->opened = 7;
	reply_begin(r, false);
	return reply_end(r);
}

static enum cs_err prepare(struct request *r, struct job *job)
{
	act("P");
	name_act(r);
	strcpy(job->typed, "password");
	return CS_OK;
}

static enum cs_err refuse_at_once(struct request *r, struct job *job)
{
	(void)job;
	act("P");
	return refuse(r);
}

static enum cs_err answer_at_once(struct request *r, struct job *job)
{
	(void)job;
	act("P");
	name_act(r);
	return reply_done(r);
}

static enum cs_err judge_job(struct request *r)
{
	assert_string_equal(r->job->typed, "password");
	assert_true(r->job->right);
	return say_yes(r);
}

static enum cs_err list(struct request *r)
{
	name_act(r);
	act(r->cursor->started ? "2" : "1");
	r->cursor->key[0]++;
	r->cursor->again = r->cursor->key[0] < 2;
	reply_begin(r, true);
	return reply_end(r);
}

static const struct row accept_row = { "t.Accept", DOOR_STAFF, ROLE_ANY, 0, 0, say_yes, NULL };
static const struct row refuse_row = { "t.Refuse", DOOR_STAFF, ROLE_ANY, 0, 0, refuse, NULL };
static const struct row fail_row = { "t.Fail", DOOR_STAFF, ROLE_ANY, 0, 0, break_down, NULL };
static const struct row forget_row = { "t.Forget", DOOR_STAFF, ROLE_ANY, 0, 0, forget_to_answer,
	NULL };
static const struct row open_row = { "t.Open", DOOR_STAFF, ROLE_ANY, 0, 0, leave_open, NULL };
static const struct row reserve_row = {
	"t.Reserve", DOOR_STAFF, ROLE_ANY, 0, ROW_RESERVE, say_yes, NULL
};
static const struct row list_row = { "t.List", DOOR_STAFF, ROLE_ANY, 0, ROW_MORE, list, NULL };

static const struct row prepared_row = {
	"t.Prepared", DOOR_STAFF, ROLE_ANY, 0, 0, judge_job, prepare
};
static const struct row refused_row = {
	"t.Refused", DOOR_STAFF, ROLE_ANY, 0, 0, judge_job, refuse_at_once
};
static const struct row answered_row = {
	"t.Answered", DOOR_STAFF, ROLE_ANY, 0, 0, judge_job, answer_at_once
};
static const struct row call_row = { "t.Call", DOOR_STAFF, ROLE_ANY, 0, 0, open_call, NULL };

static void add(struct conn *c, char name, const struct row *row)
{
	static const char *const names = "a\0b\0c\0d";

	memset(c, 0, sizeof(*c));
	c->name = name;
	c->task.daemon = &d;
	c->task.conn = c;
	c->task.row = row;
	c->task.msg.method = (struct cs_str){ names + 2 * (name - 'a'), 1 };
	batch_add(d.batch, &c->task);
}

static int set_up(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	memset(acts, 0, sizeof(acts));
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		outcomes[i] = OUTCOME_DURABLE;
	ncommits = 0;
	begin_result = append_result = keep_result = purge_result = CS_OK;
	commit_why = CS_ERR_FULL;
	last_event = 0;
	steps_behind = 0;
	d.base = event_base_new();
	event_base_priority_init(d.base, PRIORITY_LATER + 1);
	return batch_new(&d, &d.batch) == CS_OK && upkeep_new(&d, &d.upkeep) == CS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	upkeep_free(&d.upkeep);
	batch_free(&d.batch);
	event_base_free(d.base);
	return 0;
}

static void all_run_in_order_and_are_answered_after_the_commit(void **state)
{
	struct conn a, b, c;

	(void)state;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &refuse_row);
	add(&c, 'c', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a+b-c+)<a<b<cw");
	assert_non_null(strstr(b.said, "io.countersign.staff.Refused"));
}

static void the_loop_runs_a_batch_too(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &accept_row);
	d.counters.connections = 2;
	event_base_loop(d.base, EVLOOP_NONBLOCK);
	assert_string_equal(acts, "(a+b+)<a<bw");
}

static void what_fails_is_dropped_alone_and_said(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &fail_row);
	add(&b, 'b', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a-b+)<a<bw");
	assert_non_null(strstr(a.said, "io.countersign.staff.Unavailable"));
}

static void half_a_reply_drops_what_was_done(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &open_row);
	add(&b, 'b', &forget_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a-b-)<a<b");
	assert_non_null(strstr(a.said, "Unavailable"));
	assert_non_null(strstr(b.said, "Unavailable"));
}

static void a_lost_batch_is_replayed_one_by_one_once(void **state)
{
	struct conn a, b, c;

	(void)state;
	outcomes[0] = outcomes[2] = OUTCOME_NOTHING;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &refuse_row);
	add(&c, 'c', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a+b-c+0(a+)<a(b-0ub(c+)<cw");
	assert_non_null(strstr(b.said, "full"));
	assert_int_equal(d.counters.accepted, 2);
}

static void a_lost_keep_ends_the_batch_at_once(void **state)
{
	struct conn a, b;

	(void)state;
	keep_result = CS_ERR_FULL;
	outcomes[0] = OUTCOME_NOTHING;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a!0(a+)<a(b+)<bw");
}

static void only_what_must_work_in_a_full_store_gets_the_reserve(void **state)
{
	struct conn a, b;

	(void)state;
	outcomes[0] = outcomes[1] = OUTCOME_NOTHING;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &reserve_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a+b+0(a+0ua[b+)<bw");
}

static void a_commit_in_doubt_promises_nothing_and_ends_the_daemon(void **state)
{
	struct conn a, b;

	(void)state;
	outcomes[0] = OUTCOME_UNKNOWN;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &refuse_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a+b-?Fuaubw");
	assert_int_equal(d.counters.accepted, 0);
	memset(acts, 0, sizeof(acts));
	add(&a, 'a', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "ua");
}

static void a_doubt_in_the_replay_stops_the_replay(void **state)
{
	struct conn a, b;

	(void)state;
	outcomes[0] = OUTCOME_NOTHING;
	outcomes[1] = OUTCOME_UNKNOWN;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a+b+0(a+?Fuaubw");
}

static void a_replayed_list_starts_where_it_stood(void **state)
{
	struct conn a;

	(void)state;
	outcomes[0] = OUTCOME_NOTHING;
	add(&a, 'a', &list_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a1+0(a1+)<a");
	assert_int_equal(a.cursor.key[0], 1);
	assert_true(a.cursor.again);
	batch_add(d.batch, &a.task);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a1+0(a1+)<a(a2+)<a");
	assert_false(a.cursor.again);
}

static void a_connection_that_ended_is_neither_run_nor_answered(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &accept_row);
	batch_forget(d.batch, &a);
	memset(&a, 0xff, sizeof(a));
	batch_flush(d.batch);
	assert_string_equal(acts, "(b+)<bw");
}

static void more_than_one_batch_holds_run_in_turns(void **state)
{
	static struct conn many[300];
	size_t commits = 0;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		add(&many[i], 'a', &accept_row);
	batch_flush(d.batch);
	for (const char *p = acts; *p != '\0'; p++)
		commits += *p == ')';
	assert_int_equal(commits, 2);
	assert_int_equal(d.counters.batches, 2);
	assert_int_equal(d.counters.verifications, 300);
}

/* Once it is durable, and also when its technician did not wait for the answer. */
static void an_opened_call_wakes_who_follows(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &call_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(a+)<aw");
	assert_int_equal(d.openings.n, 1);
	assert_int_equal(d.openings.account[0], 7);
	outcomes[1] = OUTCOME_UNKNOWN;
	add(&b, 'b', &call_row);
	batch_flush(d.batch);
	assert_int_equal(d.openings.n, 1);
}

static void what_is_prepared_is_worked_after_the_commit_and_handled_then(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &prepared_row);
	add(&b, 'b', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(Pa+b+)j<bw");
	finish_work();
	batch_flush(d.batch);
	assert_string_equal(acts, "(Pa+b+)j<bw(a+)<aw");
	job_free(&a.task.job);
}

static void a_lost_preparation_is_replayed_and_one_in_doubt_is_not_worked(void **state)
{
	struct conn a, b;

	(void)state;
	outcomes[0] = OUTCOME_NOTHING;
	outcomes[2] = OUTCOME_UNKNOWN;
	add(&a, 'a', &prepared_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(Pa+0(Pa+)j");
	add(&b, 'b', &prepared_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(Pa+0(Pa+)j(Pb+?Fub");
	job_free(&working);
}

static void a_preparation_that_answers_is_not_worked(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &refused_row);
	add(&b, 'b', &answered_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "(Pa-Pb+)<a<b");
}

static void who_finds_the_worker_busy_is_told_and_who_is_gone_is_not_worked(void **state)
{
	struct conn a, b, c;

	(void)state;
	add(&a, 'a', &prepared_row);
	add(&b, 'b', &prepared_row);
	add(&c, 'c', &prepared_row);
	batch_forget(d.batch, &c);
	batch_flush(d.batch);
	assert_string_equal(acts, "(Pa+Pb+)jjtb");
	job_free(&working);
}

static void the_purge_has_a_transaction_of_its_own(void **state)
{
	(void)state;
	outcomes[0] = OUTCOME_NOTHING;
	upkeep_tick(d.upkeep);
	assert_string_equal(acts, "(p+0[p+)(i+)");
}

/* What can wait takes no page that operators need to make room. */
static void the_index_gets_nothing_of_the_reserve(void **state)
{
	(void)state;
	outcomes[1] = OUTCOME_NOTHING;
	upkeep_tick(d.upkeep);
	assert_string_equal(acts, "(p+)(i+0");
}

static void a_purge_that_fails_is_dropped_and_walks_again(void **state)
{
	(void)state;
	purge_result = CS_ERR_FORMAT;
	upkeep_tick(d.upkeep);
	assert_string_equal(acts, "(p-)(i+)");
	purge_result = CS_OK;
	outcomes[2] = OUTCOME_NOTHING;
	commit_why = CS_ERR_NOMEM;
	upkeep_tick(d.upkeep);
	assert_int_equal(0, walk_began);
	upkeep_tick(d.upkeep);
	assert_int_equal(0, walk_began);
	upkeep_tick(d.upkeep);
	assert_int_equal(50, walk_began);
}

static void doubt_or_a_fault_in_housekeeping_ends_the_daemon(void **state)
{
	(void)state;
	outcomes[0] = OUTCOME_UNKNOWN;
	upkeep_tick(d.upkeep);
	upkeep_tick(d.upkeep);
	assert_string_equal(acts, "(p+?F");
	d.failed = false;
	memset(acts, 0, sizeof(acts));
	purge_result = CS_ERR_IO;
	upkeep_tick(d.upkeep);
	assert_string_equal(acts, "(p-F)");
	d.failed = false;
	memset(acts, 0, sizeof(acts));
	begin_result = CS_ERR_IO;
	upkeep_tick(d.upkeep);
	assert_string_equal(acts, "F");
}

static void a_batch_that_cannot_begin_ends_the_daemon(void **state)
{
	struct conn a;

	(void)state;
	begin_result = CS_ERR_IO;
	add(&a, 'a', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(acts, "Fua");
}

static void an_event_of_the_daemons_own_is_durable_or_told(void **state)
{
	(void)state;
	assert_int_equal(CS_OK, upkeep_record(&d, EVENT_START, ""));
	assert_string_equal(acts, "(e+)w");
	memset(acts, 0, sizeof(acts));
	outcomes[1] = OUTCOME_NOTHING;
	assert_int_equal(CS_OK, upkeep_record(&d, EVENT_START, ""));
	assert_string_equal(acts, "(e+0[e+)w");
	memset(acts, 0, sizeof(acts));
	keep_result = CS_ERR_NOMEM;
	assert_int_equal(CS_ERR_NOMEM, upkeep_record(&d, EVENT_START, ""));
	assert_string_equal(acts, "(e!)");
}

static void the_index_catches_up_while_nobody_asks(void **state)
{
	struct conn a;

	(void)state;
	steps_behind = 3;
	upkeep_tick(d.upkeep);
	event_base_dispatch(d.base);	/* until nothing is left to do */
	assert_string_equal(acts, "(p+)(i+)(I+)(I+)");
	memset(acts, 0, sizeof(acts));
	steps_behind = 3;
	upkeep_tick(d.upkeep);
	add(&a, 'a', &accept_row);
	event_base_dispatch(d.base);
	assert_string_equal(acts, "(p+)(i+)(a+)<aw(I+)(I+)");
}

static void a_lost_step_of_the_index_waits_for_the_next_second(void **state)
{
	(void)state;
	steps_behind = 3;
	outcomes[2] = OUTCOME_NOTHING;
	upkeep_tick(d.upkeep);
	event_base_dispatch(d.base);
	assert_string_equal(acts, "(p+)(i+)(I+0");
}

static void a_clock_that_jumped_is_an_event(void **state)
{
	struct conn a;
	struct instant now;

	(void)state;
	clock_read(&now);
	last_clock = (struct clock_record){ .last = now, .highest = now.wall, .steady = 1 };
	last_clock.last.wall -= 1000;
	add(&a, 'a', &accept_row);
	batch_flush(d.batch);
	memset(&last_clock, 0, sizeof(last_clock));
	assert_string_equal(acts, "(e+a+)<aw");
}

/* Nothing is decided by a clock whose jump is not in the log. */
static void a_jump_that_cannot_be_written_refuses_all(void **state)
{
	struct conn a;
	struct instant now;

	(void)state;
	clock_read(&now);
	last_clock = (struct clock_record){ .last = now, .highest = now.wall, .steady = 1 };
	last_clock.last.wall -= 1000;
	append_result = CS_ERR_CRYPTO;
	add(&a, 'a', &accept_row);
	batch_flush(d.batch);
	memset(&last_clock, 0, sizeof(last_clock));
	assert_string_equal(acts, "(e--)(e--)ua");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_run_in_order_and_are_answered_after_the_commit),
		TEST(the_loop_runs_a_batch_too),
		TEST(what_fails_is_dropped_alone_and_said),
		TEST(half_a_reply_drops_what_was_done),
		TEST(a_lost_batch_is_replayed_one_by_one_once),
		TEST(a_lost_keep_ends_the_batch_at_once),
		TEST(only_what_must_work_in_a_full_store_gets_the_reserve),
		TEST(a_commit_in_doubt_promises_nothing_and_ends_the_daemon),
		TEST(a_doubt_in_the_replay_stops_the_replay),
		TEST(a_replayed_list_starts_where_it_stood),
		TEST(a_connection_that_ended_is_neither_run_nor_answered),
		TEST(more_than_one_batch_holds_run_in_turns),
		TEST(an_opened_call_wakes_who_follows),
		TEST(what_is_prepared_is_worked_after_the_commit_and_handled_then),
		TEST(a_lost_preparation_is_replayed_and_one_in_doubt_is_not_worked),
		TEST(a_preparation_that_answers_is_not_worked),
		TEST(who_finds_the_worker_busy_is_told_and_who_is_gone_is_not_worked),
		TEST(the_purge_has_a_transaction_of_its_own),
		TEST(the_index_gets_nothing_of_the_reserve),
		TEST(a_purge_that_fails_is_dropped_and_walks_again),
		TEST(doubt_or_a_fault_in_housekeeping_ends_the_daemon),
		TEST(a_batch_that_cannot_begin_ends_the_daemon),
		TEST(an_event_of_the_daemons_own_is_durable_or_told),
		TEST(the_index_catches_up_while_nobody_asks),
		TEST(a_lost_step_of_the_index_waits_for_the_next_second),
		TEST(a_clock_that_jumped_is_an_event),
		TEST(a_jump_that_cannot_be_written_refuses_all),
	};

	cs_log_init("test_batch", 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * The order of run, commit and answer.
 */
#include "fake_batch.h"

#include "../lib/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum cs_err refuse(struct request *r)
{
	act_named(r);
	return refuse_error(r, "Refused", "No.");
}

static enum cs_err break_down(struct request *r)
{
	act_named(r);
	reply_done(r);
	return CS_ERR_CRYPTO;
}

static enum cs_err forget_to_answer(struct request *r)
{
	act_named(r);
	return CS_OK;
}

static enum cs_err leave_open(struct request *r)
{
	act_named(r);
	reply_begin(r, false);
	return CS_OK;
}

static enum cs_err open_call(struct request *r)
{
	act_named(r);
	r->opened = 7;
	reply_begin(r, false);
	return reply_end(r);
}

static enum cs_err prepare(struct request *r, struct job *job)
{
	act("P");
	act_named(r);
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
	act_named(r);
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
	act_named(r);
	act(r->cursor->started ? "2" : "1");
	r->cursor->key[0]++;
	r->cursor->again = r->cursor->key[0] < 2;
	reply_begin(r, true);
	return reply_end(r);
}

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

static void all_run_in_order_and_are_answered_after_the_commit(void **state)
{
	struct conn a, b, c;

	(void)state;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &refuse_row);
	add(&c, 'c', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a+b-c+)<a<b<cw");
	assert_non_null(strstr(b.said, "io.countersign.staff.Refused"));
}

static void nobody_waits_for_the_file_to_grow(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a+b+)<a<bw");
	assert_int_equal(script.before_growth, strlen("(a+b+)<a<b"));
}

static void the_loop_runs_a_batch_too(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &accept_row);
	d.counters.connections = 2;
	event_base_loop(d.base, EVLOOP_NONBLOCK);
	assert_string_equal(script.acts, "(a+b+)<a<bw");
}

static void what_fails_is_dropped_alone_and_said(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &fail_row);
	add(&b, 'b', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a-b+)<a<bw");
	assert_non_null(strstr(a.said, "io.countersign.staff.Unavailable"));
}

static void half_a_reply_drops_what_was_done(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &open_row);
	add(&b, 'b', &forget_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a-b-)<a<b");
	assert_non_null(strstr(a.said, "Unavailable"));
	assert_non_null(strstr(b.said, "Unavailable"));
}

static void a_lost_batch_is_replayed_one_by_one_once(void **state)
{
	struct conn a, b, c;

	(void)state;
	script.outcomes[0] = script.outcomes[2] = OUTCOME_NOTHING;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &refuse_row);
	add(&c, 'c', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a+b-c+0(a+)<a(b-0ub(c+)<cw");
	assert_non_null(strstr(b.said, "full"));
	assert_int_equal(d.counters.accepted, 2);
}

static void a_lost_keep_ends_the_batch_at_once(void **state)
{
	struct conn a, b;

	(void)state;
	script.keep = CS_ERR_FULL;
	script.outcomes[0] = OUTCOME_NOTHING;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a!0(a+)<a(b+)<bw");
}

static void only_what_must_work_in_a_full_store_gets_the_reserve(void **state)
{
	struct conn a, b;

	(void)state;
	script.outcomes[0] = script.outcomes[1] = OUTCOME_NOTHING;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &reserve_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a+b+0(a+0ua[b+)<bw");
}

static void a_commit_in_doubt_promises_nothing_and_ends_the_daemon(void **state)
{
	struct conn a, b;

	(void)state;
	script.outcomes[0] = OUTCOME_UNKNOWN;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &refuse_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a+b-?Fuaubw");
	assert_int_equal(d.counters.accepted, 0);
	memset(script.acts, 0, sizeof(script.acts));
	add(&a, 'a', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "ua");
}

static void a_doubt_in_the_replay_stops_the_replay(void **state)
{
	struct conn a, b;

	(void)state;
	script.outcomes[0] = OUTCOME_NOTHING;
	script.outcomes[1] = OUTCOME_UNKNOWN;
	add(&a, 'a', &accept_row);
	add(&b, 'b', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a+b+0(a+?Fuaubw");
}

static void a_replayed_list_starts_where_it_stood(void **state)
{
	struct conn a;

	(void)state;
	script.outcomes[0] = OUTCOME_NOTHING;
	add(&a, 'a', &list_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a1+0(a1+)<a");
	assert_int_equal(a.cursor.key[0], 1);
	assert_true(a.cursor.again);
	batch_add(d.batch, &a.task);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(a1+0(a1+)<a(a2+)<a");
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
	assert_string_equal(script.acts, "(b+)<bw");
}

static void more_than_one_batch_holds_run_in_turns(void **state)
{
	static struct conn many[300];
	size_t commits = 0;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		add(&many[i], 'a', &accept_row);
	batch_flush(d.batch);
	for (const char *p = script.acts; *p != '\0'; p++)
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
	assert_string_equal(script.acts, "(a+)<aw");
	assert_int_equal(d.openings.n, 1);
	assert_int_equal(d.openings.account[0], 7);
	script.outcomes[1] = OUTCOME_UNKNOWN;
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
	assert_string_equal(script.acts, "(Pa+b+)j<bw");
	finish_work();
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(Pa+b+)j<bw(a+)<aw");
	job_free(&a.task.job);
}

static void a_lost_preparation_is_replayed_and_one_in_doubt_is_not_worked(void **state)
{
	struct conn a, b;

	(void)state;
	script.outcomes[0] = OUTCOME_NOTHING;
	script.outcomes[2] = OUTCOME_UNKNOWN;
	add(&a, 'a', &prepared_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(Pa+0(Pa+)j");
	add(&b, 'b', &prepared_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(Pa+0(Pa+)j(Pb+?Fub");
	job_free(&script.working);
}

static void a_preparation_that_answers_is_not_worked(void **state)
{
	struct conn a, b;

	(void)state;
	add(&a, 'a', &refused_row);
	add(&b, 'b', &answered_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(Pa-Pb+)<a<b");
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
	assert_string_equal(script.acts, "(Pa+Pb+)jjtb");
	job_free(&script.working);
}

static void a_batch_that_cannot_begin_ends_the_daemon(void **state)
{
	struct conn a;

	(void)state;
	script.begin = CS_ERR_IO;
	add(&a, 'a', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "Fua");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_run_in_order_and_are_answered_after_the_commit),
		TEST(nobody_waits_for_the_file_to_grow),
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
		TEST(a_batch_that_cannot_begin_ends_the_daemon),
	};

	cs_log_init("test_batch", 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * The daemon's own housekeeping, and its judgement of the clock before anything
 * is decided.
 */
#include "fake_batch.h"

#include "../lib/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_purge_has_a_transaction_of_its_own(void **state)
{
	(void)state;
	script.outcomes[0] = OUTCOME_NOTHING;
	upkeep_tick(d.upkeep);
	assert_string_equal(script.acts, "(p+0[p+)(i+)");
}

/* What can wait takes no page that operators need to make room. */
static void the_index_gets_nothing_of_the_reserve(void **state)
{
	(void)state;
	script.outcomes[1] = OUTCOME_NOTHING;
	upkeep_tick(d.upkeep);
	assert_string_equal(script.acts, "(p+)(i+0");
}

static void a_purge_that_fails_is_dropped_and_walks_again(void **state)
{
	(void)state;
	script.purge = CS_ERR_FORMAT;
	upkeep_tick(d.upkeep);
	assert_string_equal(script.acts, "(p-)(i+)");
	script.purge = CS_OK;
	script.outcomes[2] = OUTCOME_NOTHING;
	script.commit_why = CS_ERR_NOMEM;
	upkeep_tick(d.upkeep);
	assert_int_equal(0, script.walk_began);
	upkeep_tick(d.upkeep);
	assert_int_equal(0, script.walk_began);
	upkeep_tick(d.upkeep);
	assert_int_equal(50, script.walk_began);
}

static void doubt_or_a_fault_in_housekeeping_ends_the_daemon(void **state)
{
	(void)state;
	script.outcomes[0] = OUTCOME_UNKNOWN;
	upkeep_tick(d.upkeep);
	upkeep_tick(d.upkeep);
	assert_string_equal(script.acts, "(p+?F");
	d.failed = false;
	memset(script.acts, 0, sizeof(script.acts));
	script.purge = CS_ERR_IO;
	upkeep_tick(d.upkeep);
	assert_string_equal(script.acts, "(p-F)");
	d.failed = false;
	memset(script.acts, 0, sizeof(script.acts));
	script.begin = CS_ERR_IO;
	upkeep_tick(d.upkeep);
	assert_string_equal(script.acts, "F");
}

static void an_event_of_the_daemons_own_is_durable_or_told(void **state)
{
	(void)state;
	assert_int_equal(CS_OK, upkeep_record(&d, EVENT_START, ""));
	assert_string_equal(script.acts, "(e+)w");
	memset(script.acts, 0, sizeof(script.acts));
	script.outcomes[1] = OUTCOME_NOTHING;
	assert_int_equal(CS_OK, upkeep_record(&d, EVENT_START, ""));
	assert_string_equal(script.acts, "(e+0[e+)w");
	memset(script.acts, 0, sizeof(script.acts));
	script.keep = CS_ERR_NOMEM;
	assert_int_equal(CS_ERR_NOMEM, upkeep_record(&d, EVENT_START, ""));
	assert_string_equal(script.acts, "(e!)");
	memset(script.acts, 0, sizeof(script.acts));
	script.begin = CS_ERR_NOMEM;
	assert_int_equal(CS_ERR_NOMEM, upkeep_record(&d, EVENT_START, ""));
	assert_null(strchr(script.acts, 'e'));
}

static void the_index_catches_up_while_nobody_asks(void **state)
{
	struct conn a;

	(void)state;
	script.steps_behind = 3;
	upkeep_tick(d.upkeep);
	event_base_dispatch(d.base);	/* until nothing is left to do */
	assert_string_equal(script.acts, "(p+)(i+)(I+)(I+)");
	memset(script.acts, 0, sizeof(script.acts));
	script.steps_behind = 3;
	upkeep_tick(d.upkeep);
	add(&a, 'a', &accept_row);
	event_base_dispatch(d.base);
	assert_string_equal(script.acts, "(p+)(i+)(a+)<aw(I+)(I+)");
}

static void a_lost_step_of_the_index_waits_for_the_next_second(void **state)
{
	(void)state;
	script.steps_behind = 3;
	script.outcomes[2] = OUTCOME_NOTHING;
	upkeep_tick(d.upkeep);
	event_base_dispatch(d.base);
	assert_string_equal(script.acts, "(p+)(i+)(I+0");
}

static void nothing_is_written_any_more_after_a_fault(void **state)
{
	(void)state;
	script.steps_behind = 3;
	upkeep_tick(d.upkeep);
	d.failed = true;
	event_base_dispatch(d.base);
	assert_string_equal(script.acts, "(p+)(i+)");
}

static void make_the_clock_jump(void)
{
	struct instant now;

	clock_read(&now);
	script.last_clock = (struct clock_record){ .last = now, .highest = now.wall, .steady = 1 };
	script.last_clock.last.wall -= 1000;
}

static void a_clock_that_jumped_is_an_event(void **state)
{
	struct conn a;

	(void)state;
	make_the_clock_jump();
	add(&a, 'a', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(e+a+)<aw");
}

/* Nothing is decided by a clock whose jump is not in the log. */
static void a_jump_that_cannot_be_written_refuses_all(void **state)
{
	struct conn a;

	(void)state;
	make_the_clock_jump();
	script.append = CS_ERR_CRYPTO;
	add(&a, 'a', &accept_row);
	batch_flush(d.batch);
	assert_string_equal(script.acts, "(e--)(e--)ua");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_purge_has_a_transaction_of_its_own),
		TEST(the_index_gets_nothing_of_the_reserve),
		TEST(a_purge_that_fails_is_dropped_and_walks_again),
		TEST(doubt_or_a_fault_in_housekeeping_ends_the_daemon),
		TEST(an_event_of_the_daemons_own_is_durable_or_told),
		TEST(the_index_catches_up_while_nobody_asks),
		TEST(a_lost_step_of_the_index_waits_for_the_next_second),
		TEST(nothing_is_written_any_more_after_a_fault),
		TEST(a_clock_that_jumped_is_an_event),
		TEST(a_jump_that_cannot_be_written_refuses_all),
	};

	cs_log_init("test_upkeep", 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

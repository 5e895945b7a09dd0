/* SPDX-License-Identifier: ISC
 *
 * Clocks that lie: forwards, backwards, across a reboot.
 */
#include "../daemon/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WALL 1790000000
#define BOOT 5000

static const struct instant start = { WALL, BOOT, 1 };
static struct clock_record record;
static struct moment now;

static void judge(int64_t wall, int64_t boot, uint64_t boot_id)
{
	const struct instant at = { WALL + wall, BOOT + boot, boot_id };
	struct clock_record keep;

	clock_judge(&record, &at, &now, &keep);
	record = keep;
}

static int begin(void **state)
{
	(void)state;
	memset(&record, 0, sizeof(record));
	judge(0, 0, 1);
	return 0;
}

static void a_fresh_store_believes_the_clock(void **state)
{
	(void)state;
	assert_true(now.plausible);
	assert_int_equal(now.epoch, 0);
	assert_int_equal(now.steady, 1);
	assert_memory_equal(&now.at, &start, sizeof(start));
}

static void both_clocks_together_are_believed(void **state)
{
	(void)state;
	judge(1000, 1000, 1);
	assert_int_equal(now.steady, 1001);
	judge(2059, 2000, 1);
	assert_int_equal(now.steady, 2001);
	assert_int_equal(now.epoch, 0);
	judge(3000, 3000, 1);
	assert_int_equal(now.epoch, 0);
}

static void an_hour_back_is_a_lie(void **state)
{
	(void)state;
	judge(10 - 3600, 10, 1);
	assert_int_equal(now.epoch, 1);
	assert_int_equal(now.steady, 1);
	assert_false(now.plausible);
	judge(20 - 3600, 20, 1);
	assert_int_equal(now.epoch, 1);
	assert_int_equal(now.steady, 11);
	assert_false(now.plausible);
	judge(0, 3620, 1);
	assert_int_equal(now.epoch, 1);
	assert_true(now.plausible);
}

static void a_day_forward_is_a_lie_and_steady_time_does_not_follow(void **state)
{
	(void)state;
	judge(86400 + 10, 10, 1);
	assert_int_equal(now.epoch, 1);
	assert_int_equal(now.steady, 11);
}

static void a_jump_ahead_that_is_undone_leaves_authenticators_working(void **state)
{
	(void)state;
	judge(400000000, 10, 1);
	judge(20, 20, 1);
	assert_int_equal(now.epoch, 2);
	assert_true(now.plausible);
	judge(-3600, 30, 1);
	assert_false(now.plausible);
}

static void a_clock_that_stays_ahead_is_believed_in_time(void **state)
{
	(void)state;
	judge(86400 + 10, 10, 1);
	judge(86400 + 2000, 2000, 1);
	judge(2010, 2010, 1);
	assert_false(now.plausible);
}

static void sixty_seconds_are_a_lie_and_fifty_nine_are_not(void **state)
{
	static const struct {
		int64_t wall, boot;
		uint64_t epoch;
	} rows[] = { { 59, 0, 0 }, { 60, 0, 1 }, { 0, 59, 0 }, { 0, 60, 1 }, { -59, 0, 0 }, { -60,
	    0, 1 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(state);
		judge(rows[i].wall, rows[i].boot, 1);
		assert_int_equal(now.epoch, rows[i].epoch);
	}
}

static void steady_time_goes_on_however_often_it_is_looked_at(void **state)
{
	/* Ten times a second; wall ticks at .3, boot at .8, and the other way round. */
	for (int wall = 7, boot = 2; wall >= 2; wall -= 5, boot += 5) {
		begin(state);
		for (int tenth = 1; tenth <= 600; tenth++)
			judge((tenth + wall) / 10, (tenth + boot) / 10, 1);
		assert_int_equal(now.steady, 61);
		for (int third = 1; third <= 40; third++)
			judge(60 + (15 * third + wall) / 10, 60 + (15 * third + boot) / 10, 1);
		assert_int_equal(now.steady, 121);
		assert_int_equal(now.epoch, 0);
	}
}

static void steady_time_never_runs_ahead_of_the_boot_clock(void **state)
{
	int64_t wall = 0;

	(void)state;
	for (int second = 1; second <= 100; second++) {
		wall += second % 3 == 0 ? -40 : 30;	/* steps that are no lie */
		judge(wall, second, 1);
		assert_true(now.steady <= 1 + second);
	}
}

static void steady_time_never_runs_backwards(void **state)
{
	int64_t before = now.steady;

	(void)state;
	judge(-100000, -3000, 1);
	assert_int_equal(now.steady, before);
	judge(-200000, 0, 2);
	assert_int_equal(now.steady, before);
}

static void a_reboot_is_no_lie_and_wall_time_counts(void **state)
{
	(void)state;
	judge(600, -4000, 2);
	assert_int_equal(now.epoch, 0);
	assert_int_equal(now.steady, 601);
	assert_true(now.plausible);
	judge(606, -3994, 2);
	judge(500, -4000, 3);
	assert_int_equal(now.epoch, 1);
	assert_false(now.plausible);
}

static void of_the_time_that_a_machine_was_off_an_hour_counts_at_most(void **state)
{
	(void)state;
	judge(3599, -4000, 2);
	assert_int_equal(now.steady, 3600);
	judge(3599 + 400000000, -4000, 3);
	assert_int_equal(now.steady, 7200);
	assert_int_equal(now.epoch, 0);
	assert_true(now.plausible);
}

static void a_boot_with_a_clock_far_ahead_that_is_set_right_costs_nothing(void **state)
{
	(void)state;
	judge(4000, 4000, 1);
	judge(400000000, -4000, 2);
	judge(400000002, -3998, 2);
	judge(4300, -3990, 2);
	assert_int_equal(now.epoch, 1);
	assert_true(now.plausible);
	judge(4000 - 3600, -3980, 2);
	assert_false(now.plausible);
}

static void a_boot_after_a_long_time_is_believed_in_time(void **state)
{
	(void)state;
	judge(4000, 4000, 1);
	judge(90000, -4000, 2);
	judge(92000, -2000, 2);
	judge(92000 - 3600, -2000, 2);
	assert_false(now.plausible);
}

static void a_young_store_follows_a_clock_that_was_years_ahead(void **state)
{
	(void)state;
	judge(3500, 3500, 1);
	judge(3500 - 86400, 3500, 1);
	assert_false(now.plausible);
	judge(3500 - 400000000, 3510, 1);
	assert_int_equal(now.epoch, 2);
	assert_true(now.plausible);
	judge(3700 - 400000000, 3710, 1);
	judge(3700 - 500000000, 3710, 1);
	assert_false(now.plausible);
}

static void a_life_ends_by_wall_clock_or_boot_clock_whichever_is_first(void **state)
{
	(void)state;
	judge(599, 599, 1);
	assert_false(clock_over(&now, &start, 0, 600));
	judge(600, 599, 1);
	assert_true(clock_over(&now, &start, 0, 600));
	begin(state);
	judge(550, 600, 1);
	assert_true(clock_over(&now, &start, 0, 600));
}

static void another_epoch_ends_every_life(void **state)
{
	(void)state;
	judge(10, 10, 1);
	assert_false(clock_over(&now, &start, 0, 600));
	assert_true(clock_over(&now, &start, 1, 600));
}

static void a_life_goes_on_after_a_reboot_by_wall_time(void **state)
{
	(void)state;
	judge(300, -4900, 2);
	assert_false(clock_over(&now, &start, 0, 600));
	judge(600, -4600, 2);
	assert_true(clock_over(&now, &start, 0, 600));
	begin(state);
	now.at = (struct instant){ WALL - 60, 100, 2 };
	assert_true(clock_over(&now, &start, 0, 600));
}

static void the_real_clocks_can_be_read(void **state)
{
	struct instant a, b;
	int64_t usec = clock_usec();

	(void)state;
	clock_read(&a);
	clock_read(&b);
	assert_true(a.wall > 1700000000);
	assert_true(a.boot > 0 && b.boot >= a.boot);
	assert_int_equal(a.boot_id, b.boot_id);
	assert_true(a.boot_id != 0 || access("/proc/sys/kernel/random/boot_id", R_OK) != 0);
	assert_true(clock_usec() >= usec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_fresh_store_believes_the_clock, begin),
		cmocka_unit_test_setup(both_clocks_together_are_believed, begin),
		cmocka_unit_test_setup(an_hour_back_is_a_lie, begin),
		cmocka_unit_test_setup(a_jump_ahead_that_is_undone_leaves_authenticators_working,
		    begin),
		cmocka_unit_test_setup(a_clock_that_stays_ahead_is_believed_in_time, begin),
		cmocka_unit_test_setup(a_day_forward_is_a_lie_and_steady_time_does_not_follow,
		    begin),
		cmocka_unit_test_setup(sixty_seconds_are_a_lie_and_fifty_nine_are_not, begin),
		cmocka_unit_test_setup(steady_time_goes_on_however_often_it_is_looked_at, begin),
		cmocka_unit_test_setup(steady_time_never_runs_ahead_of_the_boot_clock, begin),
		cmocka_unit_test_setup(steady_time_never_runs_backwards, begin),
		cmocka_unit_test_setup(a_reboot_is_no_lie_and_wall_time_counts, begin),
		cmocka_unit_test_setup(of_the_time_that_a_machine_was_off_an_hour_counts_at_most,
		    begin),
		cmocka_unit_test_setup(
		    a_boot_with_a_clock_far_ahead_that_is_set_right_costs_nothing, begin),
		cmocka_unit_test_setup(a_boot_after_a_long_time_is_believed_in_time, begin),
		cmocka_unit_test_setup(a_young_store_follows_a_clock_that_was_years_ahead, begin),
		cmocka_unit_test_setup(a_life_ends_by_wall_clock_or_boot_clock_whichever_is_first,
		    begin),
		cmocka_unit_test_setup(another_epoch_ends_every_life, begin),
		cmocka_unit_test_setup(a_life_goes_on_after_a_reboot_by_wall_time, begin),
		cmocka_unit_test(the_real_clocks_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

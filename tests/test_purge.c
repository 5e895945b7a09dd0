/* SPDX-License-Identifier: ISC
 *
 * What time undoes, and what it must not undo yet.
 */
#include "desk.h"

#include "../daemon/limit.h"
#include "../daemon/purge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;
static char code[16];

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	strcpy(code, desk_issue(&desk, "'account':'acme','administrator':'dana'"));
	return 0;
}

static const char *report(const char *more)
{
	return desk_verify(&desk, "'account':'acme','action':'report.mail','code':'%s'%s", code,
	    more);
}

static void dead_codes_grants_and_answers_are_kept_a_day(void **state)
{
	(void)state;
	assert_string_equal(report(",'grant':true,'request':'0123456789abcdef'"), "accepted");
	desk_pass(&desk, 86400);
	desk_purge(&desk);
	assert_string_equal(report(""), "used");
	assert_string_equal(report(",'grant':true,'request':'0123456789abcdef'"), "used");
	assert_int_equal(desk_rows(&desk, TABLE_GRANT), 1);
	desk_pass(&desk, 600);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), 1);
	desk_pass(&desk, 301);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), 0);
	assert_int_equal(desk_rows(&desk, TABLE_GRANT), 0);
	assert_int_equal(desk_rows(&desk, TABLE_GRANT_OF), 0);
	assert_string_equal(report(""), "wrong");
	desk_pass(&desk, 86401);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_MEMO), 0);
}

static void calls_go_when_they_are_over(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "staff.Prepare",
	    "'account':'acme','action':'report.mail'"), CS_OK);
	desk_pass(&desk, 599);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 1);
	desk_pass(&desk, 1);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 0);
}

static void a_clock_that_was_years_ahead_leaves_nothing_for_years(void **state)
{
	(void)state;
	desk.at.wall += 400 * 86400;
	strcpy(code, desk_issue(&desk, "'account':'acme','administrator':'dana','replace':true"));
	assert_string_equal(report(",'grant':true"), "accepted");
	desk.at.wall -= 400 * 86400;
	desk_issue(&desk, "'account':'acme','administrator':'dana'");
	desk_pass(&desk, 2 * 86400);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), 0);
	assert_int_equal(desk_rows(&desk, TABLE_GRANT), 0);
}

/* Its grant went with a jump of wall time; the answer is only seconds old. */
static void an_answer_whose_grant_is_gone_is_given_as_used(void **state)
{
	static const char same[] = ",'grant':true,'request':'a-request-of-16-or-more'";

	(void)state;
	assert_string_equal(report(same), "accepted");
	desk.at.wall += 2 * 86400;
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_GRANT), 0);
	assert_string_equal(report(same), "used");
}

/* As is the code that a request made: the request makes no second one. */
static void a_request_whose_code_is_gone_gets_no_other(void **state)
{
	static const char same[] = "'account':'acme','administrator':'dana','replace':true,"
	    "'request':'a-request-of-16-or-more'";
	uint64_t issued;

	(void)state;
	assert_int_equal(strlen(desk_issue(&desk, "%s", same)), 9);
	desk.at.wall += 2 * 86400;
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), 0);
	issued = desk_events(&desk);
	assert_string_equal(desk_issue(&desk, "%s", same), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "expired");
	assert_string_equal(desk_text(&desk, "say"),
	    "The code of this request is long gone. Generate a new one.");
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), 0);
	assert_int_equal(desk_events(&desk), issued);
}

static void sessions_and_counted_log_ins_go_when_they_are_over(void **state)
{
	static const struct limit_login one = { .name = 7, .address = 8 }, device = { .device = 9 };
	uint64_t buckets = desk_rows(&desk, TABLE_BUCKET);

	(void)state;
	desk_add(&desk, "bolt", "eve");
	for (unsigned i = 0; i < 3; i++)
		desk_log_in(&desk, i < 2 ? "dana" : "eve", true);
	desk_begin(&desk);
	assert_int_equal(limit_count_login(desk.store, &one, desk.now.steady), CS_OK);
	assert_int_equal(limit_count_login(desk.store, &device, desk.now.steady), CS_OK);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_SESSION), 3);
	assert_int_equal(desk_rows(&desk, TABLE_BUCKET), buckets + 3);
	desk_pass(&desk, 86400);
	desk_log_in(&desk, "dana", true);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_SESSION), 1);
	assert_int_equal(desk_rows(&desk, TABLE_BUCKET), buckets);
}

/* So that no verification waits for it. */
static void many_that_are_over_go_some_in_each_step(void **state)
{
	uint64_t buckets = desk_rows(&desk, TABLE_BUCKET);
	struct dormant_walk walk = { .admin = 0 };

	(void)state;
	desk_begin(&desk);
	for (unsigned i = 0; i < 450; i++) {
		const struct limit_login one = { .name = 1000 + i, .address = 8 };

		desk_log_in(&desk, "dana", false);
		assert_int_equal(limit_count_login(desk.store, &one, desk.now.steady), CS_OK);
		assert_int_equal(store_keep(desk.store), CS_OK);
	}
	desk_commit(&desk);
	desk_pass(&desk, 86400);
	for (uint64_t n = 450, left; n > 0; n = left) {
		desk_begin(&desk);
		assert_int_equal(purge_step(desk.store, desk.conf, desk.vault, &desk.now, &walk),
		    CS_OK);
		assert_int_equal(store_keep(desk.store), CS_OK);
		desk_commit(&desk);
		left = desk_rows(&desk, TABLE_SESSION);
		assert_in_range(left, n > 200 ? n - 200 : 0, n - 1);
	}
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_SESSION_HASH), 0);
	assert_int_equal(desk_rows(&desk, TABLE_BUCKET), buckets);
}

static void events_and_buckets_stay(void **state)
{
	uint64_t events;

	(void)state;
	desk_fail(&desk, "acme", 3);
	events = desk_rows(&desk, TABLE_EVENT);
	desk_pass(&desk, 30 * 86400);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_EVENT), events);
	assert_true(desk_rows(&desk, TABLE_BUCKET) >= 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dead_codes_grants_and_answers_are_kept_a_day),
		TEST(calls_go_when_they_are_over),
		TEST(a_clock_that_was_years_ahead_leaves_nothing_for_years),
		TEST(an_answer_whose_grant_is_gone_is_given_as_used),
		TEST(a_request_whose_code_is_gone_gets_no_other),
		TEST(sessions_and_counted_log_ins_go_when_they_are_over),
		TEST(many_that_are_over_go_some_in_each_step),
		TEST(events_and_buckets_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * The buckets by themselves, and what they say of technicians, accounts and
 * codes.  What that does to a verification is in test_verify.c.
 */
#include "desk.h"

#include "../daemon/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ACCOUNT 3
#define DAY 86400

static struct desk desk;
static int64_t now;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	now = 1000;
	return 0;
}

static void a_bucket_is_full_at_its_count_and_drains_one_by_one(void **state)
{
	const struct rate rate = { 3, 60 };
	struct bucket b = { 0 };

	(void)state;
	for (int64_t t = 100; t < 130; t += 10) {
		assert_false(bucket_full(&b, &rate, t));
		assert_int_equal(bucket_wait(&b, &rate, t), 0);
		bucket_add(&b, t);
	}
	assert_true(bucket_full(&b, &rate, 120));
	assert_int_equal(bucket_wait(&b, &rate, 120), 40);
	assert_int_equal(bucket_wait(&b, &rate, 159), 1);
	assert_false(bucket_full(&b, &rate, 160));
	bucket_add(&b, 160);
	assert_true(bucket_full(&b, &rate, 160));
	assert_int_equal(bucket_wait(&b, &rate, 160), 10);
}

static void a_bucket_keeps_the_latest_times_and_every_count(void **state)
{
	const struct rate rate = { BUCKET_TIMES, 1000 };
	struct bucket b = { 0 };

	(void)state;
	for (int64_t t = 1; t <= 100; t++)
		bucket_add(&b, t);
	assert_int_equal(b.n, BUCKET_TIMES);
	assert_int_equal(b.total, 100);
	assert_int_equal(b.today, 100);
	assert_int_equal(b.at[0], 100 - BUCKET_TIMES + 1);
	assert_int_equal(b.at[BUCKET_TIMES - 1], 100);
	assert_true(bucket_full(&b, &rate, 101));
	assert_int_equal(bucket_wait(&b, &rate, 101), 100 - BUCKET_TIMES + 1 + 1000 - 101);
}

static void a_day_begins_with_its_first_try(void **state)
{
	struct bucket b = { 0 };

	(void)state;
	bucket_add(&b, 500);
	bucket_add(&b, 500 + DAY - 1);
	assert_int_equal(b.today, 2);
	assert_int_equal(b.day, 500);
	bucket_add(&b, 500 + DAY);
	assert_int_equal(b.today, 1);
	assert_int_equal(b.day, 500 + DAY);
}

static void count_wrong(uint32_t uid, uint64_t account)
{
	desk_begin(&desk);
	assert_int_equal(limit_count_wrong(desk.store, desk.conf, uid, account, now), CS_OK);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
}

static void count_misheard(uint32_t uid)
{
	desk_begin(&desk);
	assert_int_equal(limit_count_misheard(desk.store, uid, now), CS_OK);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
}

static struct limit_wait wait_of(uint32_t uid)
{
	struct limit_wait wait;

	desk_begin(&desk);
	assert_int_equal(limit_technician(desk.store, desk.conf, uid, now, &wait), CS_OK);
	desk_commit(&desk);
	return wait;
}

static void assert_too_many(const char *what, unsigned count, int64_t seconds)
{
	struct limit_wait wait = wait_of(DESK_MIA);

	assert_string_equal(wait.what, what);
	assert_int_equal(wait.rate.count, count);
	assert_int_equal(wait.rate.seconds, seconds);
}

static void five_wrong_in_ten_minutes_leave_one_try_every_thirty_seconds(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(wait_of(DESK_MIA).seconds, 0);
		count_wrong(DESK_MIA, 0);
	}
	assert_int_equal(wait_of(DESK_MIA).seconds, 30);
	assert_too_many("wrong code", 5, 600);
	assert_int_equal(wait_of(DESK_TEO).seconds, 0);
	now += 29;
	assert_int_equal(wait_of(DESK_MIA).seconds, 1);
	now += 1;
	assert_int_equal(wait_of(DESK_MIA).seconds, 0);
	count_wrong(DESK_MIA, 0);
	assert_int_equal(wait_of(DESK_MIA).seconds, 30);
	now += 600;
	assert_int_equal(wait_of(DESK_MIA).seconds, 0);
	count_wrong(DESK_MIA, 0);
	assert_int_equal(wait_of(DESK_MIA).seconds, 0);
}

static void two_hundred_wrong_in_a_day_end_the_day(void **state)
{
	int64_t first = now;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(wait_of(DESK_MIA).seconds, 0);
		count_wrong(DESK_MIA, 0);
		now += 200;
	}
	assert_too_many("wrong code", 200, DAY);
	assert_int_equal(wait_of(DESK_MIA).seconds, first + DAY - now);
	now = first + DAY;
	assert_int_equal(wait_of(DESK_MIA).seconds, 0);
}

static void thirty_misheard_in_ten_minutes_make_wait_and_are_no_wrong_tries(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		assert_int_equal(wait_of(DESK_MIA).seconds, 0);
		count_misheard(DESK_MIA);
	}
	assert_too_many("misheard code", 30, 600);
	assert_int_equal(wait_of(DESK_MIA).seconds, 600);
	now += 600;
	assert_int_equal(wait_of(DESK_MIA).seconds, 0);
}

static bool floods(uint64_t admin)
{
	bool flood;

	desk_begin(&desk);
	assert_int_equal(limit_count_failure(desk.store, admin, DESK_MIA, now, &flood), CS_OK);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	return flood;
}

static void failures_are_a_flood_after_thirty_of_one_person_in_a_minute(void **state)
{
	static const uint64_t people[] = { 0, DESK_MIA, 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		for (unsigned n = 0; n < 30; n++)
			assert_false(floods(people[i]));
		assert_true(floods(people[i]));
	}
	now += 60;
	assert_false(floods(7));
}

static void buckets_outlive_a_restart(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		count_wrong(DESK_MIA, ACCOUNT);
	desk_restart(&desk);
	assert_int_equal(wait_of(DESK_MIA).seconds, 30);
}

static struct limit_account account(void)
{
	struct limit_account limits;

	desk_begin(&desk);
	assert_int_equal(limit_account(desk.store, desk.conf, ACCOUNT, now, &limits), CS_OK);
	desk_commit(&desk);
	return limits;
}

/* Would a code issued after so many wrong tries be dead now? */
static bool killed(uint64_t wrong_before)
{
	const struct issue issue = { .wrong_before = wrong_before };
	struct limit_account limits = account();

	return limit_killed(desk.conf, &limits, &issue);
}

static void three_wrong_tries_since_its_issue_kill_a_code(void **state)
{
	(void)state;
	count_wrong(1, ACCOUNT);
	count_wrong(2, ACCOUNT);
	assert_false(killed(0));
	count_wrong(3, ACCOUNT);
	assert_true(killed(0));
	assert_false(killed(1));
	assert_false(killed(3));
	assert_int_equal(account().wrong, 3);
}

static void an_unknown_account_counts_for_the_technician_alone(void **state)
{
	(void)state;
	count_wrong(DESK_MIA, 0);
	assert_int_equal(account().wrong, 0);
	assert_int_equal(desk_rows(&desk, TABLE_BUCKET), 1);
}

static void a_full_account_serves_codes_issued_since_it_filled(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		assert_false(account().full);
		count_wrong(100 + i, ACCOUNT);
	}
	assert_true(account().full);
	assert_int_equal(account().filled, 10);
	assert_int_equal(account().wait, 3600);
	assert_true(killed(9));
	assert_false(killed(10));
	now += 3600;			/* full no more: it takes three again */
	assert_false(killed(9));
	now -= 3600;
	count_wrong(1, ACCOUNT);
	count_wrong(2, ACCOUNT);
	assert_false(killed(10));
	now += 3600;
	assert_false(account().full);
	assert_int_equal(account().wait, 0);
}

static void twenty_wrong_tries_fill_an_account_for_the_day(void **state)
{
	int64_t first = now;

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		assert_false(account().full);
		count_wrong(100 + i, ACCOUNT);
		now += 500;
	}
	assert_true(account().full);
	assert_int_equal(account().wait, first + DAY - now);
	assert_int_equal(account().rate.count, 20);
	assert_int_equal(account().rate.seconds, DAY);
	assert_false(killed(20));
	now = first + DAY;
	assert_false(account().full);
}

static int64_t count_issue(unsigned refund)
{
	int64_t wait = -1;

	desk_begin(&desk);
	assert_int_equal(limit_count_issue(desk.store, desk.conf, 4, refund, now, &wait), CS_OK);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	return wait;
}

static void twenty_codes_an_hour_and_killed_ones_are_given_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(count_issue(0), 0);
	assert_int_equal(count_issue(0), 3600);
	assert_int_equal(count_issue(1), 0);
	assert_int_equal(count_issue(0), 3600);
	assert_int_equal(count_issue(40), 0);
	for (unsigned i = 0; i < 19; i++)
		assert_int_equal(count_issue(0), 0);
	assert_int_equal(count_issue(0), 3600);
	now += 3600;
	assert_int_equal(count_issue(0), 0);
}

static void log_in(struct limit_login login, unsigned times)
{
	desk_begin(&desk);
	for (unsigned i = 0; i < times; i++) {
		assert_int_equal(limit_count_login(desk.store, &login, now), CS_OK);
		assert_int_equal(store_keep(desk.store), CS_OK);
	}
	desk_commit(&desk);
}

static int64_t log_in_waits(struct limit_login login)
{
	int64_t wait = -1;

	desk_begin(&desk);
	assert_int_equal(limit_login(desk.store, desk.conf, &login, now, &wait), CS_OK);
	desk_commit(&desk);
	return wait;
}

static void log_ins_count_for_name_and_address_or_for_a_known_device_alone(void **state)
{
	const struct rate *name = &desk.conf->limit.log_in;
	const struct rate *address = &desk.conf->limit.log_in_address;
	const struct rate *device = &desk.conf->limit.log_in_device;
	const struct limit_login both = { .name = 7, .address = 8 };
	const struct limit_login known = { .name = 7, .address = 8, .device = 9 };

	(void)state;
	assert_int_equal(log_in_waits(both), 0);
	log_in((struct limit_login){ .name = 7, .address = 1 }, name->count);
	now++;
	log_in((struct limit_login){ .name = 1, .address = 8 }, address->count);
	assert_int_equal(log_in_waits((struct limit_login){ .name = 7 }), name->seconds - 1);
	assert_int_equal(log_in_waits((struct limit_login){ .address = 8 }), address->seconds);
	assert_int_equal(log_in_waits(both), name->seconds - 1 > address->seconds ?
	    name->seconds - 1 : address->seconds);
	assert_int_equal(log_in_waits(known), 0);
	assert_int_equal(desk_rows(&desk, TABLE_BUCKET), 4);
	log_in((struct limit_login){ .name = 3, .address = 4, .device = 9 }, device->count);
	assert_int_equal(log_in_waits(known), device->seconds);
	assert_int_equal(log_in_waits((struct limit_login){ .name = 3, .address = 4 }), 0);
	assert_int_equal(desk_rows(&desk, TABLE_BUCKET), 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_is_full_at_its_count_and_drains_one_by_one),
		cmocka_unit_test(a_bucket_keeps_the_latest_times_and_every_count),
		cmocka_unit_test(a_day_begins_with_its_first_try),
		TEST(five_wrong_in_ten_minutes_leave_one_try_every_thirty_seconds),
		TEST(two_hundred_wrong_in_a_day_end_the_day),
		TEST(thirty_misheard_in_ten_minutes_make_wait_and_are_no_wrong_tries),
		TEST(failures_are_a_flood_after_thirty_of_one_person_in_a_minute),
		TEST(buckets_outlive_a_restart),
		TEST(three_wrong_tries_since_its_issue_kill_a_code),
		TEST(an_unknown_account_counts_for_the_technician_alone),
		TEST(a_full_account_serves_codes_issued_since_it_filled),
		TEST(twenty_wrong_tries_fill_an_account_for_the_day),
		TEST(twenty_codes_an_hour_and_killed_ones_are_given_back),
		TEST(log_ins_count_for_name_and_address_or_for_a_known_device_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

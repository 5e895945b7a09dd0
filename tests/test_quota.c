/* SPDX-License-Identifier: ISC
 *
 * What one uid may take of the daemon, and that coming again gives it no more.
 */
#include "../daemon/quota.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SECOND 1000000
#define MINUTE (60 * SECOND)
#define UID 1007

static struct quotas *quotas;
static const struct row *verify, *status;

static int begin(void **state)
{
	(void)state;
	verify = request_find(CS_STR("io.countersign.staff.Verify"));
	status = request_find(CS_STR("io.countersign.control.Status"));
	return verify != NULL && status != NULL && quotas_new(&quotas) == CS_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	quotas_free(&quotas);
	return 0;
}

static struct quota *come(uid_t uid)
{
	struct quota *q = NULL;

	assert_true(quota_open(quotas, uid, 64, &q));
	return q;
}

/* All that a minute has, at once. */
static void take_all(struct quota *q, int64_t now)
{
	for (unsigned i = 0; i < verify->per_minute; i++)
		assert_int_equal(quota_take(q, verify, now), 0);
	assert_int_equal(quota_take(q, verify, now), 1);
}

static void calls_of_a_minute_are_taken_at_once_and_come_back_one_by_one(void **state)
{
	const int64_t each = MINUTE / verify->per_minute, now = 5 * SECOND;
	struct quota *q = come(UID);

	(void)state;
	take_all(q, now);
	assert_int_equal(quota_take(q, verify, now + each - 1), 1);
	assert_int_equal(quota_take(q, verify, now + each), 0);
	assert_int_equal(quota_take(q, verify, now + each), 1);
	take_all(q, now + each + MINUTE);
	quota_close(q);
}

static void one_uid_takes_nothing_of_anothers_and_one_row_nothing_of_anothers(void **state)
{
	const struct row *redeem = request_find(CS_STR("io.countersign.staff.Redeem"));
	struct quota *q = come(UID), *other = come(UID + 1);

	(void)state;
	take_all(q, SECOND);
	assert_int_equal(quota_take(q, redeem, SECOND), 0);
	assert_int_equal(quota_take(other, verify, SECOND), 0);
	for (unsigned i = 0; i < 20000; i++)
		assert_int_equal(quota_take(q, status, SECOND), 0);
	quota_close(q);
	quota_close(other);
}

static void coming_again_refills_nothing_within_a_minute(void **state)
{
	struct quota *q = come(UID);
	int64_t now = SECOND;

	(void)state;
	take_all(q, now);
	quota_close(q);
	quotas_sweep(quotas, now);
	quotas_sweep(quotas, now + MINUTE - 1);
	q = come(UID);
	assert_int_equal(quota_take(q, verify, now), 1);
	quotas_sweep(quotas, now + MINUTE);
	quotas_sweep(quotas, now + 9 * (int64_t)MINUTE);
	assert_int_equal(quota_take(come(UID), verify, now), 1);
	quota_close(q);
	quota_close(q);
}

static void who_was_away_for_a_minute_is_forgotten(void **state)
{
	struct quota *stays = come(UID + 1), *q = come(UID), *again;

	(void)state;
	take_all(q, SECOND);
	assert_true(quota_complain(stays, SECOND));
	assert_true(quota_complain(q, SECOND));
	quota_close(q);
	quotas_sweep(quotas, SECOND);
	quotas_sweep(quotas, SECOND + MINUTE);
	again = come(UID);
	assert_int_equal(quota_take(again, verify, SECOND), 0);
	assert_true(quota_complain(again, SECOND));
	assert_false(quota_complain(stays, SECOND + MINUTE - 1));
	assert_true(quota_complain(stays, SECOND + MINUTE));
	quota_close(again);
	quota_close(stays);
}

static void a_uid_has_so_many_connections_and_no_more(void **state)
{
	struct quota *q[3], *none = NULL;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_true(quota_open(quotas, UID, 3, &q[i]));
	assert_false(quota_open(quotas, UID, 3, &none));
	assert_null(none);
	quota_close(q[0]);
	assert_true(quota_open(quotas, UID, 3, &q[0]));
	for (unsigned i = 0; i < 3; i++)
		quota_close(q[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_of_a_minute_are_taken_at_once_and_come_back_one_by_one),
		TEST(one_uid_takes_nothing_of_anothers_and_one_row_nothing_of_anothers),
		TEST(coming_again_refills_nothing_within_a_minute),
		TEST(who_was_away_for_a_minute_is_forgotten),
		TEST(a_uid_has_so_many_connections_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

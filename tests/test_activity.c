/* SPDX-License-Identifier: ISC
 *
 * The index of events by account: how far a step brings it on, and that no
 * event of an account is missed on the way.
 */
#include "../daemon/activity.h"

#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MANY 300

static void put_event_of(uint64_t account)
{
	struct audit_event event = {
		.id = store_new_id(store, SEQ_EVENT), .account_id = account, .count = 1,
	};
	struct staged_event staged;

	assert_int_equal(CS_OK, store_put_event(store, &event, &staged));
	memset(staged.leaf, 0, 32);
	keep();
}

/* Whether it is behind after a step of at most so many. */
static bool step(unsigned most, uint64_t *indexed)
{
	bool behind;

	assert_int_equal(CS_OK, activity_step(store, most, &behind));
	keep();
	assert_int_equal(CS_OK, store_indexed(store, indexed));
	return behind;
}

static void accounts_in_order_are_many_in_a_step(void **state)
{
	uint64_t indexed;

	(void)state;
	begin();
	for (uint64_t i = 0; i < MANY; i++)
		put_event_of(1000 + i / 3);	/* as an import writes them */
	assert_true(step(100, &indexed));
	assert_int_equal(100, indexed);
	assert_false(step(500, &indexed));
	assert_int_equal(MANY, indexed);
	commit();
}

static void accounts_in_no_order_are_few_in_a_step(void **state)
{
	uint64_t indexed = 0, before = 0;
	unsigned steps = 0;

	(void)state;
	begin();
	for (uint64_t i = 0; i < MANY; i++)
		put_event_of(2 * MANY - i);
	while (step(500, &indexed)) {
		assert_in_range(indexed - before, 2, 100);
		before = indexed;
		steps++;
	}
	assert_int_equal(MANY, indexed);
	assert_in_range(steps, 3, MANY / 2);
	commit();
}

static void events_of_nobody_are_passed_over(void **state)
{
	uint64_t indexed;

	(void)state;
	begin();
	for (unsigned i = 0; i < MANY; i++)
		put_event_of(0);
	assert_false(step(500, &indexed));
	assert_int_equal(MANY, indexed);
	assert_int_equal(0, store_rows(store, TABLE_EVENT_OF));
	commit();
}

static void an_accounts_events_are_found_wherever_the_index_ends(void **state)
{
	struct audit_event event;
	uint64_t indexed = 0, found;
	bool behind = true;

	(void)state;
	begin();
	for (uint64_t i = 0; i < MANY; i++)
		put_event_of(i % 7 == 0 ? 5 : 2 * MANY - i);
	while (behind) {
		uint64_t at = MANY + 1;
		unsigned most = 2 * MANY;

		for (found = 0; activity_previous(store, 5, &at, &most, &event) == CS_OK; found++)
			assert_int_equal(0, (event.id - 1) % 7);
		assert_int_equal((MANY + 6) / 7, found);
		behind = step(500, &indexed);
	}
	commit();
}

/* From where it stopped, the next look goes on. */
static void a_look_ends_after_so_many_events_and_goes_on(void **state)
{
	struct audit_event event;
	uint64_t indexed;

	(void)state;
	begin();
	put_event_of(5);
	for (unsigned i = 0; i < 10; i++)
		put_event_of(6);
	for (unsigned round = 0; round < 2; round++) {		/* without an index, and with one */
		uint64_t at = 12;
		unsigned most = 10, least = 0;

		if (round == 0) {
			assert_int_equal(CS_ERR_LIMIT,
			    activity_previous(store, 5, &at, &most, &event));
			assert_int_equal(2, at);
			most = 1;
		}
		assert_int_equal(CS_ERR_LIMIT, activity_previous(store, 5, &at, &least, &event));
		assert_int_equal(CS_OK, activity_previous(store, 5, &at, &most, &event));
		assert_int_equal(1, event.id);
		assert_false(step(500, &indexed));
	}
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)
		TEST(accounts_in_order_are_many_in_a_step),
		TEST(accounts_in_no_order_are_few_in_a_step),
		TEST(events_of_nobody_are_passed_over),
		TEST(an_accounts_events_are_found_wherever_the_index_ends),
		TEST(a_look_ends_after_so_many_events_and_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

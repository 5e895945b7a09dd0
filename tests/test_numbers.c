/* SPDX-License-Identifier: ISC
 *
 * numbers.c beside a plain list, over batches that are kept, dropped and lost.
 */
#include "../daemon/numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#define NUMBERS 20000
#define KEYS 4000		/* so that many share one, and places collide */

static bool no_memory;
static struct numbers numbers;
static uint64_t key_of[NUMBERS + 1];	/* 0: not there */
static uint64_t before[NUMBERS + 1];	/* as of the last batch that was durable */
static uint32_t seed = 20;

void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);

void *__wrap_calloc(size_t n, size_t size)
{
	return no_memory ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return no_memory ? NULL : __real_realloc(p, size);
}

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* What the list says. */
static uint64_t latest(uint64_t key, uint64_t below)
{
	for (uint64_t n = below < NUMBERS + 1 ? below : NUMBERS + 1; n-- > 1;)
		if (key_of[n] == key)
			return n;
	return 0;
}

static uint64_t next(uint64_t key, uint64_t above)
{
	for (uint64_t n = above; ++n <= NUMBERS;)
		if (key_of[n] == key)
			return n;
	return 0;
}

static void copy(uint64_t *to, const uint64_t *from)
{
	for (size_t i = 0; i <= NUMBERS; i++)
		to[i] = from[i];
}

static void check_all(void)
{
	for (uint64_t key = 1; key <= KEYS; key++) {
		uint64_t last = latest(key << 52, UINT64_MAX);

		assert_int_equal(last, numbers_find(&numbers, key << 52, UINT64_MAX));
		if (last > 0)
			assert_int_equal(last, numbers_next(&numbers, key << 52, last - 1));
		assert_int_equal(0, numbers_next(&numbers, key << 52, last));
	}
}

static void request(uint64_t *last, bool keep)
{
	for (unsigned i = draw(4); i-- > 0 && *last < NUMBERS;) {
		uint64_t key = (uint64_t)(1 + draw(KEYS)) << 52, number = ++*last;

		assert_int_equal(CS_OK, numbers_add(&numbers, key, number));
		if (keep)
			key_of[number] = key;
	}
	if (keep)
		numbers_keep(&numbers);
	else
		numbers_drop(&numbers);
}

static void what_lost_batches_and_dropped_requests_added_is_not_there(void **state)
{
	uint64_t last = 0;

	(void)state;
	while (last < NUMBERS) {
		bool lost = draw(5) == 0;

		for (unsigned n = 1 + draw(60); n-- > 0;)
			request(&last, draw(4) != 0);
		if (lost) {
			numbers_forget(&numbers);
			copy(key_of, before);
		} else {
			numbers_settle(&numbers);
			copy(before, key_of);
		}
		if (draw(20) == 0)
			check_all();
	}
	check_all();
}

static void all_of_a_key_are_found_in_both_directions(void **state)
{
	const uint64_t key = (uint64_t)7 << 52;
	uint64_t n = UINT64_MAX, want;
	unsigned down = 0, up = 0;

	(void)state;
	for (want = latest(key, n); want != 0; want = latest(key, n), down++) {
		n = numbers_find(&numbers, key, n);
		assert_int_equal(want, n);
	}
	assert_int_equal(0, numbers_find(&numbers, key, n));
	n = 0;
	for (want = next(key, n); want != 0; want = next(key, n), up++) {
		n = numbers_next(&numbers, key, n);
		assert_int_equal(want, n);
	}
	assert_int_equal(0, numbers_next(&numbers, key, n));
	assert_true(up == down && up > 1);
}

static void what_is_removed_is_gone_with_the_batch_and_not_before(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= NUMBERS; n++) {
		if (key_of[n] == 0 || draw(3) == 0)
			continue;
		assert_int_equal(CS_OK, numbers_remove(&numbers, key_of[n], n));
		numbers_keep(&numbers);
		if (draw(2) == 0) {
			numbers_forget(&numbers);
			continue;
		}
		assert_int_equal(n, numbers_find(&numbers, key_of[n], n + 1));
		numbers_settle(&numbers);
		key_of[n] = 0;
	}
	check_all();
}

/* What no other test asks for, each once. */
static uint64_t fresh(uint64_t n)
{
	return (((uint64_t)(KEYS + 1) << 12) + n) << 40;
}

/* As many as there are places for; then one more, when there is memory again. */
static void who_finds_no_memory_for_places_is_refused_alone(void **state)
{
	uint64_t n = 0;

	(void)state;
	no_memory = true;
	while (numbers_add(&numbers, fresh(n), NUMBERS + 1 + n) == CS_OK) {
		numbers_keep(&numbers);
		numbers_settle(&numbers);
		n++;
	}
	no_memory = false;
	assert_true(n > 0);
	check_all();
	assert_int_equal(0, numbers_find(&numbers, fresh(n), UINT64_MAX));
	assert_int_equal(CS_OK, numbers_add(&numbers, fresh(n), NUMBERS + 1 + n));
	numbers_keep(&numbers);
	for (uint64_t i = 0; i <= n; i++) {
		assert_int_equal(NUMBERS + 1 + i, numbers_find(&numbers, fresh(i), UINT64_MAX));
		assert_int_equal(CS_OK, numbers_remove(&numbers, fresh(i), NUMBERS + 1 + i));
	}
	numbers_keep(&numbers);
	numbers_settle(&numbers);
	check_all();
}

/* What its request staged before goes with it, what the batch holds does not. */
static void who_finds_no_memory_to_stage_is_refused_alone(void **state)
{
	uint64_t n = 1;

	(void)state;
	assert_int_equal(CS_OK, numbers_add(&numbers, fresh(0), NUMBERS + 1));
	numbers_keep(&numbers);
	no_memory = true;
	while (numbers_remove(&numbers, fresh(n), NUMBERS + 1 + n) == CS_OK)
		n++;
	no_memory = false;
	assert_true(n > 1);
	numbers_drop(&numbers);
	assert_int_equal(NUMBERS + 1, numbers_find(&numbers, fresh(0), UINT64_MAX));
	numbers_forget(&numbers);
	assert_int_equal(0, numbers_find(&numbers, fresh(0), UINT64_MAX));
	check_all();
}

static int tear_down(void **state)
{
	(void)state;
	numbers_free(&numbers);
	return 0;
}

/* Where there was no memory to add it, nothing is there. */
static void what_was_never_added_can_be_removed(void **state)
{
	struct numbers none = { 0 };

	(void)state;
	assert_int_equal(CS_OK, numbers_remove(&none, (uint64_t)5 << 52, 7));
	numbers_keep(&none);
	numbers_settle(&none);
	assert_int_equal(0, numbers_find(&none, (uint64_t)5 << 52, UINT64_MAX));
	numbers_free(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lost_batches_and_dropped_requests_added_is_not_there),
		cmocka_unit_test(all_of_a_key_are_found_in_both_directions),
		cmocka_unit_test(who_finds_no_memory_for_places_is_refused_alone),
		cmocka_unit_test(who_finds_no_memory_to_stage_is_refused_alone),
		cmocka_unit_test(what_is_removed_is_gone_with_the_batch_and_not_before),
		cmocka_unit_test(what_was_never_added_can_be_removed),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}

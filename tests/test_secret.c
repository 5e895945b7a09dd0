/* SPDX-License-Identifier: ISC
 *
 * Wiping, comparing, drawing.  That comparison takes constant time is for the
 * reader of secret.c; a test of it would be noise.
 */
#include "../lib/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void one_differing_bit_anywhere_is_seen(void **state)
{
	unsigned char a[32], b[32];

	(void)state;
	assert_int_equal(cs_random(a, sizeof(a)), CS_OK);
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		memcpy(b, a, sizeof(a));
		assert_true(cs_equal(a, b, sizeof(a)));
		b[bit / 8] ^= (unsigned char)(1u << bit % 8);
		assert_false(cs_equal(a, b, sizeof(a)));
	}
	assert_true(cs_equal(a, b, 0));
}

static void wiped_memory_is_zero(void **state)
{
	char text[] = "483109276";
	static const char zeros[sizeof(text)];

	(void)state;
	cs_wipe(text, sizeof(text));
	assert_memory_equal(text, zeros, sizeof(text));
}

static void a_freed_secret_is_gone(void **state)
{
	char *p = strdup("483109276");

	(void)state;
	cs_free_secret(&p, 9);
	assert_null(p);
	cs_free_secret(&p, 9);
	assert_null(p);
}

static void all_that_was_asked_for_is_drawn(void **state)
{
	static unsigned char big[1024], seen[1024];

	(void)state;
	/* A byte that stays 0 through 16 draws was not written (2^-128). */
	for (int i = 0; i < 16; i++) {
		assert_int_equal(cs_random(big, sizeof(big)), CS_OK);
		for (size_t at = 0; at < sizeof(big); at++)
			seen[at] |= big[at];
	}
	assert_null(memchr(seen, 0, sizeof(seen)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_differing_bit_anywhere_is_seen),
		cmocka_unit_test(wiped_memory_is_zero),
		cmocka_unit_test(a_freed_secret_is_gone),
		cmocka_unit_test(all_that_was_asked_for_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

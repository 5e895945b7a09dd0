/* SPDX-License-Identifier: ISC
 *
 * Every error has words, every reason a name of its own that leads back to it.
 */
#include "../lib/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_error_has_words(void **state)
{
	(void)state;
	for (int e = CS_OK; e <= CS_ERR_ANSWERED; e++)
		assert_non_null(cs_err_text((enum cs_err)e));
}

static void every_reason_has_a_name_that_leads_back(void **state)
{
	(void)state;
	for (int i = 0; i < CS_REASONS; i++) {
		const char *name = cs_reason_name((enum cs_reason)i);
		enum cs_reason back = CS_REASONS;

		assert_non_null(name);
		assert_true(cs_reason_parse(name, strlen(name), &back));
		assert_int_equal(back, i);
	}
	assert_string_equal(cs_reason_name(CS_REASON_ACCEPTED), "accepted");
	assert_string_equal(cs_reason_name(CS_OTHER_TARGET), "other-target");
}

static void an_unknown_name_is_no_reason(void **state)
{
	static const char *const names[] = { "", "Accepted", "accepted ", "other_target", "wron" };
	enum cs_reason reason = CS_FROZEN;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(cs_reason_parse(names[i], strlen(names[i]), &reason));
	assert_false(cs_reason_parse("accepted", 7, &reason));
	assert_false(cs_reason_parse(NULL, 0, &reason));
	assert_int_equal(reason, CS_FROZEN);
}

static void zeroed_memory_is_refused_and_no_error(void **state)
{
	(void)state;
	assert_int_equal(CS_REFUSED, 0);
	assert_int_equal(CS_OK, 0);
	assert_int_not_equal(CS_REASON_ACCEPTED, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_words),
		cmocka_unit_test(every_reason_has_a_name_that_leads_back),
		cmocka_unit_test(an_unknown_name_is_no_reason),
		cmocka_unit_test(zeroed_memory_is_refused_and_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

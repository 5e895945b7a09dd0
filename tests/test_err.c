/* SPDX-License-Identifier: ISC
 *
 * Every error has words, every reason a name of its own that leads back to it.
 */
#include "../lib/err.h"

#include <errno.h>
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

static void only_who_was_not_asked_is_told_that_nothing_was_changed(void **state)
{
	char told[CS_TOLD_MAX];

	(void)state;
	for (int e = CS_OK; e <= CS_ERR_ANSWERED; e++) {
		bool sure = e == CS_ERR_UNREACHABLE || e == CS_ERR_PEER;

		errno = EMFILE;
		cs_err_tell((enum cs_err)e, "/run/x", NULL, told);
		assert_non_null(strstr(told, ". Nothing was changed. Tell the operator;"));
		cs_err_tell((enum cs_err)e, "/run/x", "the code was used", told);
		assert_int_equal(strstr(told, "Nothing was changed") != NULL, sure);
		assert_int_equal(strstr(told, ": whether the code was used is not known.") != NULL,
		    !sure);
	}
}

static void who_may_not_use_the_socket_is_told_whom_to_ask(void **state)
{
	char told[CS_TOLD_MAX], path[4096];

	(void)state;
	errno = EACCES;
	cs_err_tell(CS_ERR_SYSTEM, "/run/x", NULL, told);
	assert_string_equal(told, "You may not use /run/x: it takes a role that the operator "
	    "gives. A new group counts from your next log-in on. Nothing was changed.");
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	errno = EACCES;
	cs_err_tell(CS_ERR_SYSTEM, path, NULL, told);
	assert_non_null(strstr(told, "Nothing was changed."));
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
		cmocka_unit_test(only_who_was_not_asked_is_told_that_nothing_was_changed),
		cmocka_unit_test(who_may_not_use_the_socket_is_told_whom_to_ask),
		cmocka_unit_test(every_reason_has_a_name_that_leads_back),
		cmocka_unit_test(an_unknown_name_is_no_reason),
		cmocka_unit_test(zeroed_memory_is_refused_and_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * Which accounts could get a code today.
 */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;
static uint8_t secret[20];

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "acme", "eli");
	desk_enroll(&desk, "dana", "login", secret);
	return 0;
}

static enum cs_err ask(void)
{
	enum cs_err e = desk_ask(&desk, "control.PolicyReadiness", "%s", "");

	while (e == CS_OK && desk.told.again)
		e = desk_go_on(&desk);
	if (e == CS_OK)
		desk_row(&desk, 0);
	return e;
}

static void assert_ready(int64_t ready, int64_t accounts)
{
	assert_int_equal(ask(), CS_OK);
	assert_int_equal(desk_int(&desk, "ready"), ready);
	assert_int_equal(desk_int(&desk, "accounts"), accounts);
}

static void who_is_suspended_makes_no_account_ready(void **state)
{
	static const char *const of[] = { ",'account':'acme'", "" };

	(void)state;
	assert_ready(1, 1);
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator",
		    "'administrator':'dana'%s", of[i]), CS_OK);
		assert_ready(0, 1);
		assert_int_equal(desk_ask(&desk, "control.ResumeAdministrator",
		    "'administrator':'dana'%s", of[i]), CS_OK);
		assert_ready(1, 1);
	}
	assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator",
	    "'administrator':'dana','account':'acme'"), CS_OK);
	desk_enroll(&desk, "eli", "login", secret);
	assert_ready(1, 1);
}

static void an_account_that_is_removed_does_not_count_and_a_stopped_one_is_not_ready(void **state)
{
	(void)state;
	desk_add(&desk, "bolt", "eve");
	desk_enroll(&desk, "eve", "login", secret);
	assert_ready(2, 2);
	assert_int_equal(desk_ask(&desk, "control.FreezeAccount",
	    "'account':'acme','reason':'test'"), CS_OK);
	assert_ready(1, 2);
	assert_int_equal(desk_ask(&desk, "control.RemoveAccount",
	    "'account':'bolt','reason':'test'"), CS_OK);
	assert_ready(0, 1);
}

static void thousands_are_told_as_people_write_them(void **state)
{
	(void)state;
	desk_begin(&desk);
	for (unsigned i = 2; i <= 1234; i++)
		desk_ask(&desk, "control.AddAccount", "'account':'a%u'", i);
	desk_commit(&desk);
	assert_ready(1, 1234);
	assert_int_equal(strncmp(desk_text(&desk, "say"),
	    "1 of 1,234 accounts could get a code today;", 43), 0);
}

static void a_lost_record_is_an_error_and_no_smaller_number(void **state)
{
	(void)state;
	desk_lose(&desk, TABLE_ADMIN, 1);
	assert_int_equal(ask(), CS_ERR_FORMAT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_suspended_makes_no_account_ready),
		TEST(an_account_that_is_removed_does_not_count_and_a_stopped_one_is_not_ready),
		TEST(thousands_are_told_as_people_write_them),
		TEST(a_lost_record_is_an_error_and_no_smaller_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

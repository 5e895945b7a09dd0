/* SPDX-License-Identifier: ISC
 *
 * What a technician hears before there is a code, and what the customer's page
 * is told; that it costs nothing.
 */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	assert_int_equal(desk_ask(&desk, "control.AddAccount",
	    "'account':'acme','name':'Acme Ltd','ref':'4711'"), CS_OK);
	desk_add(&desk, "acme", "dana");
	return 0;
}

#define MX "'action':'mail.server','target':['mx1.acme=203.0.113.9']"

static void prepare_tells_what_the_prompt_needs_and_opens_the_call(void **state)
{
	bool binds = false;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'%s'," MX, i == 0 ?
		    " ACME" : "ref:4711"), CS_OK);
		assert_string_equal(desk_text(&desk, "account"), "acme");
		assert_string_equal(desk_text(&desk, "name"), "Acme Ltd");
		assert_string_equal(desk_text(&desk, "requires"), "code");
		assert_string_equal(desk_text(&desk, "call"), "C1");
		assert_int_equal(desk_int(&desk, "wait"), 0);
		assert_int_equal(cs_msg_bool(&desk.out, "binds_target", &binds), CS_OK);
		assert_true(binds);
	}
	assert_int_equal(desk_ask(&desk, "control.ShowAccount", "'account':'acme'"), CS_OK);
	const struct cs_str *calls;
	size_t n;
	assert_int_equal(cs_msg_strings(&desk.out, "calls", &calls, &n), CS_OK);
	assert_int_equal(n, 1);
	assert_true(cs_str_is(calls[0], "C1 mia asks: mail.server"));
	assert_int_equal(desk_events(&desk), 2);	/* account and administrator */
}

static void prepare_opens_no_call_where_no_code_is_needed(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'','action':'general'"),
	    CS_OK);
	assert_string_equal(desk_text(&desk, "requires"), "none");
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme','action':'general'"),
	    CS_OK);
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme'"), CS_OK);
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 0);
}

static void an_accepted_code_ends_the_call(void **state)
{
	char code[16];

	(void)state;
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme'," MX), CS_OK);
	strcpy(code, desk_issue(&desk, "'account':'acme','administrator':'dana'," MX));
	assert_string_equal(desk_verify(&desk, "'account':'acme'," MX ",'code':'%s'",
	    desk_wrong(&desk)), "wrong");
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 1);
	assert_string_equal(desk_verify(&desk, "'account':'acme'," MX ",'code':'%s'", code),
	    "accepted");
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 0);
}

static void what_shadow_mode_lets_through_ends_it_too(void **state)
{
	(void)state;
	desk_reload(&desk, "action mail.server { mode = shadow }\n");
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme'," MX), CS_OK);
	assert_string_equal(desk_verify(&desk, "'account':'acme'," MX ",'code':'%s'",
	    desk_wrong(&desk)), "wrong");
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 0);
}

static void a_throttled_technician_is_told_before_the_code_is_asked_for(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		desk_verify(&desk, "'account':'acme'," MX ",'code':'%s'", desk_wrong(&desk));
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme'," MX), CS_OK);
	assert_int_equal(desk_int(&desk, "wait"), 30);
	assert_non_null(strstr(desk_text(&desk, "say"), "Wait 30 seconds"));
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 0);
}

static void who_may_not_ask_is_told_before_anybody_is_asked(void **state)
{
	(void)state;
	desk_reload(&desk, "action mail.server { groups = { \"4242\" } }\n");
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme'," MX),
	    CS_ERR_ANSWERED);
	assert_string_equal(desk_text(&desk, "error"), "NotPermitted");
	assert_non_null(strstr(desk_text(&desk, "say"), "somebody who may"));
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 0);
}

static void a_call_since_a_clock_jumped_stays_one(void **state)
{
	(void)state;
	desk.at.wall += 7200;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme'," MX), CS_OK);
		assert_string_equal(desk_text(&desk, "call"), "C1");
		assert_non_null(strstr(desk_text(&desk, "say"), "Acme Ltd"));
	}
	desk.at.wall += 7200;
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme'," MX), CS_OK);
	assert_string_equal(desk_text(&desk, "call"), "C2");
}

static void an_account_one_slip_away_is_suggested(void **state)
{
	static const char *const slips[] = { "amce", "acm", "acmee", "acne", "cacme", "xcme",
	    "acme-" };

	(void)state;
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'%s'", slips[i]),
		    CS_ERR_ANSWERED);
		assert_string_equal(desk_text(&desk, "error"), "UnknownAccount");
		assert_string_equal(desk_text(&desk, "account"), slips[i]);
		assert_non_null(strstr(desk_text(&desk, "say"), "Did you mean acme?"));
	}
	desk_ask(&desk, "staff.Prepare", "'account':'akmee'");
	assert_null(strstr(desk_text(&desk, "say"), "acme?"));
	desk_stand(&desk, "acme", STANDING_SUSPENDED);
	desk_ask(&desk, "staff.Prepare", "'account':'acm'");
	assert_null(strstr(desk_text(&desk, "say"), "acme?"));
	desk_ask(&desk, "staff.Prepare", "'account':'acme'");
	assert_string_equal(desk_text(&desk, "error"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "suspended");
}

static void what_is_no_name_is_an_unknown_account_or_a_bad_parameter(void **state)
{
	static const struct {
		const char *asks, *error;
	} rows[] = {
		{ "'account':'acme/'", "UnknownAccount" },
		{ "'account':'/dana'", "UnknownAccount" },
		{ "'account':'\\u0430cme'", "UnknownAccount" },		/* Cyrillic a */
		{ "'account':'acme\\n'", "UnknownAccount" },
		{ "'account':'ref:'", "UnknownAccount" },
		{ "'account':'ref:47 11'", "UnknownAccount" },
		{ "'account':7", "InvalidParameter" },
		{ "'account':'acme','administrator':'D\\u00e4na'", "InvalidParameter" },
		{ "'account':'acme','action':'Mail.Server'", "UnknownAction" },
		{ "'account':'acme','action':'mail.server','target':['mx1']", "InvalidParameter" },
		{ "'account':'acme','action':'report.mail','target':['']", "InvalidParameter" },
		{ "'account':'acme','action':'report.mail','target':'a'", "InvalidParameter" },
		{ "'account':'acme','case':'\\u202e1'", "InvalidParameter" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(desk_ask(&desk, "staff.Prepare", "%s", rows[i].asks),
		    CS_ERR_ANSWERED);
		if (strcmp(desk_text(&desk, "error"), rows[i].error) != 0)
			fail_msg("%s: %s", rows[i].asks, desk_text(&desk, "error"));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prepare_tells_what_the_prompt_needs_and_opens_the_call),
		TEST(prepare_opens_no_call_where_no_code_is_needed),
		TEST(an_accepted_code_ends_the_call),
		TEST(what_shadow_mode_lets_through_ends_it_too),
		TEST(a_throttled_technician_is_told_before_the_code_is_asked_for),
		TEST(who_may_not_ask_is_told_before_anybody_is_asked),
		TEST(a_call_since_a_clock_jumped_stays_one),
		TEST(an_account_one_slip_away_is_suggested),
		TEST(what_is_no_name_is_an_unknown_account_or_a_bad_parameter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

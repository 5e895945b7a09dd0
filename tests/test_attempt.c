/* SPDX-License-Identifier: ISC
 *
 * What failing costs, and whom: wrong and misheard tries, full accounts, tired
 * authenticators; and that a customer with a fresh code always gets through.
 */
#include "desk.h"

#include "../daemon/code.h"

#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk,
	    "action note.add { title = \"Add a note\" require = code authenticator = true }\n");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "bolt", "eve");
	return 0;
}

static const char *report(const char *code)
{
	return desk_verify(&desk, "'account':'acme','action':'report.mail','code':'%s'", code);
}

static const char *note(const char *who, const char *code)
{
	return desk_verify(&desk, "'account':'%s','action':'note.add','code':'%s'", who, code);
}

/* Issues once more; code must have room for nine digits. */
static void fresh(char *code)
{
	strcpy(code, desk_issue(&desk, "'account':'acme','administrator':'dana','replace':true"));
	assert_int_equal(strspn(code, "0123456789"), CODE_DIGITS);
}

static void two_wrong_tries_leave_a_code_alive_and_the_third_kills_it(void **state)
{
	char code[16];

	(void)state;
	fresh(code);
	desk_fail(&desk, "acme", 2);
	desk_fail(&desk, "bolt", 5);
	assert_string_equal(report(code), "accepted");
	fresh(code);
	desk_fail(&desk, "acme", 3);
	assert_string_equal(report(code), "cancelled");
	desk_restart(&desk);
	assert_string_equal(report(code), "cancelled");
}

static void misheard_digits_kill_no_code(void **state)
{
	char code[16], slip[16];

	(void)state;
	fresh(code);
	for (unsigned i = 0; i < 29; i++) {
		strcpy(slip, code);
		slip[i % 9] = (char)('0' + (slip[i % 9] - '0' + 1 + i / 9) % 10);
		assert_string_equal(report(slip), "misheard");
	}
	assert_string_equal(report(code), "accepted");
}

static void thirty_misheard_make_wait_and_become_one_event(void **state)
{
	uint64_t events;

	(void)state;
	desk.at.wall -= desk.at.wall % 60;
	for (unsigned i = 0; i < 30; i++)
		assert_string_equal(report("123"), "misheard");
	assert_string_equal(report("123"), "throttled");
	assert_int_equal(desk_int(&desk, "wait"), 600);
	assert_non_null(strstr(desk_text(&desk, "say"), ": 30 misheard codes in ten minutes."));
	events = desk_events(&desk);
	desk_pass(&desk, 59);
	desk_purge(&desk);
	assert_int_equal(desk_events(&desk), events);
	desk_pass(&desk, 1);
	desk_purge(&desk);
	assert_int_equal(desk_events(&desk), events + 2);
	desk_event(&desk, events + 1);
	assert_string_equal(desk_text(&desk, "reason"), "misheard");
	assert_int_equal(desk_int(&desk, "count"), 30);
	assert_string_equal(desk_text(&desk, "technician"), "mia");
	assert_string_equal(desk_text(&desk, "asserter"), "");
	assert_int_equal(desk_rows(&desk, TABLE_TALLY), 0);
}

static void the_thirty_first_refusal_of_a_minute_is_summed(void **state)
{
	uint64_t events;

	(void)state;
	desk.at.wall -= desk.at.wall % 60;
	events = desk_events(&desk);
	for (unsigned i = 0; i < 40; i++)
		assert_string_equal(desk_verify(&desk,
					"'account':'nobody','action':'report.mail','code':''"),
		    "unknown-account");
	assert_int_equal(desk_events(&desk), events + 30);
	desk_pass(&desk, 60);
	desk_purge(&desk);
	assert_int_equal(desk_events(&desk), events + 31);
	desk_event(&desk, events + 31);
	assert_string_equal(desk_text(&desk, "reason"), "unknown-account");
	assert_int_equal(desk_int(&desk, "count"), 10);
}

static void who_has_to_wait_is_told_the_limit_as_it_is_configured(void **state)
{
	(void)state;
	desk_reload(&desk, "limit { technician = \"2/1h\" technician-day = 3 }\n");
	for (unsigned i = 0; i < 2; i++)
		assert_string_equal(report(desk_wrong(&desk)), "wrong");
	assert_string_equal(report(desk_wrong(&desk)), "throttled");
	assert_non_null(strstr(desk_text(&desk, "say"), ": two wrong codes in an hour. The next"));
	desk_ask(&desk, "staff.Prepare", "'account':'acme','action':'report.mail'");
	assert_non_null(strstr(desk_text(&desk, "say"), ": two wrong codes in an hour. The next"));
	desk_pass(&desk, 30);
	assert_string_equal(report(desk_wrong(&desk)), "wrong");
	assert_string_equal(report(desk_wrong(&desk)), "throttled");
	assert_non_null(strstr(desk_text(&desk, "say"),
	    "Wait 24 hours: three wrong codes in a day."));
}

static void a_throttled_technician_stops_nobody_else(void **state)
{
	char code[16];

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_string_equal(report(desk_wrong(&desk)), "wrong");
	fresh(code);
	assert_string_equal(report(code), "throttled");
	assert_string_equal(desk_verify(&desk, "'account':'acme','action':'general','code':''"),
	    "throttled");
	desk_sit(&desk, DESK_TEO, "teo");
	assert_string_equal(report(code), "accepted");
}

static void a_fresh_code_gets_through_a_full_account(void **state)
{
	char before[16], after[16];

	(void)state;
	for (unsigned round = 0; round < 30; round++) {
		fresh(before);
		desk_fail(&desk, "acme", 10);
		desk_restart(&desk);
		assert_string_equal(report(before), "cancelled");
		fresh(after);
		desk_fail(&desk, "acme", 2);
		assert_string_equal(report(after), "accepted");
		desk_pass(&desk, 200);
	}
}

static void a_full_account_kills_codes_from_before_at_the_first_try_beyond(void **state)
{
	char code[16];

	(void)state;
	desk_fail(&desk, "acme", 9);
	fresh(code);
	desk_fail(&desk, "acme", 1);
	assert_string_equal(report(code), "cancelled");
}

static uint8_t secret[20], login[20];

static void an_app_code_serves_once_where_the_policy_allows_it(void **state)
{
	char code[9];

	(void)state;
	desk_enroll(&desk, "dana", "support", secret);
	desk_pass(&desk, 60);
	strcpy(code, desk_app(&desk, secret));
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme/dana','action':'report.mail','code':'%s'", code),
	    "not-permitted");
	assert_string_equal(note("acme", code), "misheard");
	assert_string_equal(note("acme/dana", code), "accepted");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_string_equal(note("acme/dana", code), "used");
	desk_restart(&desk);
	assert_string_equal(note("acme/dana", code), "used");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_string_equal(desk_text(&desk, "credential"), "A1");
}

static void an_app_code_serves_nothing_that_an_override_makes_high_or_binds(void **state)
{
	static const char *const overrides[] = { "'risk':'high'", "'bind_target':true" };

	(void)state;
	desk_enroll(&desk, "dana", "support", secret);
	desk_pass(&desk, 60);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(desk_ask(&desk, "control.SetPolicy",
		    "'account':'acme','action':'note.add',%s", overrides[i]), CS_OK);
		assert_string_equal(desk_verify(&desk, "'account':'acme/dana','action':'note.add',"
		    "'target':['a'],'code':'%s'", desk_app(&desk, secret)), "not-permitted");
		assert_int_equal(desk_ask(&desk, "control.SetPolicy",
		    "'account':'acme','action':'note.add','clear':true"), CS_OK);
	}
	assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "accepted");
}

static void an_app_that_was_not_confirmed_serves_nothing(void **state)
{
	char *decoded;
	size_t len;

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.Enroll",
	    "'administrator':'dana','purpose':'support'"), CS_OK);
	const char *base32 = desk_text(&desk, "secret");
	assert_int_equal(oath_base32_decode(base32, strlen(base32), &decoded, &len), OATH_OK);
	assert_string_equal(note("acme/dana", desk_app(&desk, (uint8_t *)decoded)), "wrong");
	free(decoded);
}

static void a_login_authenticator_never_works_on_the_phone(void **state)
{
	(void)state;
	desk_enroll(&desk, "dana", "login", login);
	desk_pass(&desk, 60);
	assert_string_equal(note("acme/dana", desk_app(&desk, login)), "wrong");
}

static void an_app_code_is_not_tried_on_an_account_of_others(void **state)
{
	struct authenticator_state st;
	uint64_t id;

	(void)state;
	id = desk_enroll(&desk, "dana", "support", secret);
	desk_pass(&desk, 60);
	assert_string_equal(note("bolt/dana", desk_app(&desk, secret)), "wrong");
	assert_string_equal(note("bolt/dana", "000000"), "wrong");
	desk_begin(&desk);
	assert_int_equal(store_get_authenticator_state(desk.store, id, &st), CS_OK);
	desk_commit(&desk);
	assert_int_equal(st.wrong, 0);
	assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "accepted");
}

/* Six digits that none of the two shows now, a step ago or a step on: of fifty
 * drawn blindly one is right now and then. */
static const char *guess(const uint8_t *one, const uint8_t *other)
{
	static char text[7];
	char shown[7];

	for (unsigned n = 0; n < 1000; n++) {
		bool shows = false;

		snprintf(text, sizeof(text), "%06u", n);
		for (int i = 0; i < 6; i++) {
			assert_int_equal(oath_totp_generate((const char *)(i < 3 ? one : other), 20,
			    desk.at.wall + (i % 3 - 1) * 30, 30, 0, 6, shown), OATH_OK);
			shows = shows || strcmp(shown, text) == 0;
		}
		if (!shows)
			break;
	}
	return text;
}

static void an_authenticator_rests_after_fifty_wrong_tries(void **state)
{
	(void)state;
	desk_enroll(&desk, "dana", "support", secret);
	desk_pass(&desk, 60);
	for (unsigned i = 0; i < 49; i++) {
		desk_sit(&desk, 6000 + i, "nobody");
		assert_string_equal(note("acme/dana", guess(secret, secret)), "wrong");
		desk_pass(&desk, 86400);
	}
	desk_sit(&desk, DESK_MIA, "mia");
	assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "accepted");
	for (unsigned i = 0; i < 50; i++) {
		desk_sit(&desk, 6000 + i, "nobody");
		assert_string_equal(note("acme/dana", guess(secret, secret)), "wrong");
		desk_pass(&desk, 86400);
	}
	desk_sit(&desk, DESK_MIA, "mia");
	assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "wrong");
}

static void a_guess_counts_for_every_authenticator_it_was_tried_on(void **state)
{
	uint8_t first[20];

	(void)state;
	desk_enroll(&desk, "dana", "support", first);
	desk_enroll(&desk, "dana", "support", secret);
	desk_pass(&desk, 60);
	for (unsigned i = 0; i < 50; i++) {
		desk_sit(&desk, 6000 + i, "nobody");
		assert_string_equal(note("acme/dana", guess(first, secret)), "wrong");
		desk_pass(&desk, 86400);
	}
	desk_sit(&desk, DESK_MIA, "mia");
	assert_string_equal(note("acme/dana", desk_app(&desk, first)), "wrong");
	assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "wrong");
}

static void a_full_account_refuses_app_codes_and_says_what_serves(void **state)
{
	(void)state;
	desk_enroll(&desk, "dana", "support", secret);
	desk_fail(&desk, "acme", 10);
	desk_pass(&desk, 60);
	assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "throttled");
	assert_non_null(strstr(desk_text(&desk, "say"), ": ten wrong codes in an hour for this "
	    "account; a support code generated now still serves. The next"));
	desk_pass(&desk, 3600);
	assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "accepted");
}

static void app_codes_wait_until_wall_time_is_plausible(void **state)
{
	(void)state;
	desk_enroll(&desk, "dana", "support", secret);
	desk.at.wall -= 3600;
	desk.at.boot += 60;
	assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "not-permitted");
	assert_non_null(strstr(desk_text(&desk, "say"), "clock"));
	desk.at.wall += 3660;
	assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "accepted");
}

static void an_account_may_be_left_out_where_no_code_is_needed_alone(void **state)
{
	(void)state;
	assert_string_equal(desk_verify(&desk,
	    "'account':'','action':'report.mail','code':'T1'"), "unknown-account");
	desk_stand(&desk, "acme", STANDING_FROZEN);
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'general','code':''"), "frozen");
}

static void who_is_suspended_authorises_nothing_by_an_app(void **state)
{
	static const char *const where[] = { "", ",'account':'acme'" };

	(void)state;
	desk_enroll(&desk, "dana", "support", secret);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator",
		    "'administrator':'dana'%s", where[i]), CS_OK);
		desk_pass(&desk, 60);
		assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "not-permitted");
		assert_int_equal(desk_ask(&desk, "control.ResumeAdministrator",
		    "'administrator':'dana','reason':'test'%s", where[i]), CS_OK);
		assert_string_equal(note("acme/dana", desk_app(&desk, secret)), "accepted");
	}
}

static void a_code_typed_for_an_account_is_not_written_down(void **state)
{
	char code[16], around[3][32], say[SAY_MAX];

	(void)state;
	fresh(code);
	assert_string_equal(desk_verify(&desk,
	    "'account':'%s','action':'report.mail','code':'1'", code), "unknown-account");
	strcpy(say, desk_text(&desk, "say"));
	assert_null(strstr(say, code));
	assert_non_null(strstr(say, "This is a code"));
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "account"), "(nine digits)");
	snprintf(around[0], sizeof(around[0]), "acme %.3s %s", code, code + 3);
	snprintf(around[1], sizeof(around[1]), "%s/acme", code);
	snprintf(around[2], sizeof(around[2]), "ref:%.4s-%s", code, code + 4);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(desk_verify(&desk,
		    "'account':'%s','action':'report.mail','code':'1'", around[i]),
		    "unknown-account");
		desk_event(&desk, desk_events(&desk));
		assert_string_equal(desk_text(&desk, "account"), "(nine digits)");
	}
	assert_int_equal(desk_ask(&desk, "staff.Prepare",
	    "'account':'%s','action':'report.mail'", code), CS_ERR_ANSWERED);
	assert_non_null(strstr(desk_text(&desk, "say"), "This is a code"));
	assert_int_equal(desk_ask(&desk, "staff.Prepare",
	    "'account':'acme','action':'%s'", code), CS_ERR_ANSWERED);
	assert_string_equal(desk_text(&desk, "action"), "(nine digits)");
	assert_string_equal(report(code), "accepted");
}

/* Only damage leaves a code whose owner does not act for its account. */
static void a_code_of_who_does_not_act_for_the_account_is_refused(void **state)
{
	char code[16];

	(void)state;
	fresh(code);
	desk_begin(&desk);
	store_del_member(desk.store, 1, 1);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	assert_string_equal(report(code), "not-permitted");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "reason"), "not-permitted");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
}

static void two_administrators_in_one_question_contradict_each_other(void **state)
{
	(void)state;
	assert_string_equal(desk_issue(&desk, "'account':'acme/eve','administrator':'dana'"),
	    "InvalidParameter");
	assert_int_equal(strlen(desk_issue(&desk,
	    "'account':'acme/Dana','administrator':'dana'")), CODE_DIGITS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_wrong_tries_leave_a_code_alive_and_the_third_kills_it),
		TEST(misheard_digits_kill_no_code),
		TEST(thirty_misheard_make_wait_and_become_one_event),
		TEST(the_thirty_first_refusal_of_a_minute_is_summed),
		TEST(who_has_to_wait_is_told_the_limit_as_it_is_configured),
		TEST(a_throttled_technician_stops_nobody_else),
		TEST(a_fresh_code_gets_through_a_full_account),
		TEST(a_full_account_kills_codes_from_before_at_the_first_try_beyond),
		TEST(an_app_code_serves_once_where_the_policy_allows_it),
		TEST(an_app_code_serves_nothing_that_an_override_makes_high_or_binds),
		TEST(an_app_that_was_not_confirmed_serves_nothing),
		TEST(a_login_authenticator_never_works_on_the_phone),
		TEST(an_app_code_is_not_tried_on_an_account_of_others),
		TEST(an_authenticator_rests_after_fifty_wrong_tries),
		TEST(a_guess_counts_for_every_authenticator_it_was_tried_on),
		TEST(a_full_account_refuses_app_codes_and_says_what_serves),
		TEST(app_codes_wait_until_wall_time_is_plausible),
		TEST(a_code_typed_for_an_account_is_not_written_down),
		TEST(a_code_of_who_does_not_act_for_the_account_is_refused),
		TEST(two_administrators_in_one_question_contradict_each_other),
		TEST(an_account_may_be_left_out_where_no_code_is_needed_alone),
		TEST(who_is_suspended_authorises_nothing_by_an_app),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

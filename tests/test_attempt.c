/* SPDX-License-Identifier: ISC
 *
 * What failing costs, and whom: wrong and misheard tries, full accounts, tired
 * authenticators; that a customer with a fresh code always gets through; and
 * that a request asked again is answered again, not done again.
 */
#include "desk.h"

#include "../daemon/asked.h"
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

/* Administrators' numbers outgrow uids. */
static void a_request_is_one_persons_whatever_their_number(void **state)
{
	char text[] = "{\"method\":\"x\",\"parameters\":{\"request\":\"0123456789abcdef\"}}";
	const struct peer peer = { .uid = DESK_ISSUER };
	struct cs_msg msg;
	struct request r = {
		.row = request_find(CS_STR("io.countersign.panel.OpenTicket")),
		.in = &msg, .peer = &peer, .vault = desk.vault,
	};
	uint8_t key[2][16];

	(void)state;
	assert_int_equal(cs_msg_decode(text, strlen(text), &msg), CS_OK);
	for (uint64_t i = 0; i < 2; i++)
		assert_int_equal(asked_request_key(&r, (i << 32) + 7, key[i]), CS_OK);
	assert_memory_not_equal(key[0], key[1], sizeof(key[0]));
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

#define REPORT "'account':'acme','action':'report.mail'"

static char *again(void)
{
	return desk_keep(&desk, desk_issue(&desk,
	    "'account':'acme','administrator':'dana','replace':true"));
}

#define ONCE "'request':'0123456789abcdef'"

static const char *once(const char *account, const char *code)
{
	return desk_verify(&desk, "'account':'%s','action':'report.mail','code':'%s'," ONCE,
	    account, code);
}

static void the_same_request_gets_the_same_answer_for_two_minutes_then_used(void **state)
{
	char *code = again(), *number, *say;
	uint64_t events;

	(void)state;
	assert_string_equal(once("acme", code), "accepted");
	number = desk_keep(&desk, desk_text(&desk, "verification"));
	say = desk_keep(&desk, desk_text(&desk, "say"));
	events = desk_events(&desk);
	desk_restart(&desk);
	desk_pass(&desk, 120);
	assert_string_equal(once("acme", code), "accepted");
	assert_string_equal(desk_text(&desk, "verification"), number);
	assert_string_equal(desk_text(&desk, "say"), say);
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_string_equal(desk_text(&desk, "administrator_name"), "dana R.");
	assert_int_equal(desk_int(&desk, "wait"), -1);
	desk_pass(&desk, 1);
	assert_string_equal(once("acme", code), "used");
	assert_string_equal(desk_text(&desk, "verdict"), "refused");
	assert_string_equal(desk_text(&desk, "administrator"), "");
	assert_int_equal(desk_events(&desk), events);
}

static void a_refusal_asked_again_is_the_same_and_counts_once(void **state)
{
	char *code = again(), *wrong = desk_keep(&desk, desk_wrong(&desk));

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		assert_string_equal(once("acme", wrong), "wrong");
		desk_pass(&desk, 30);
	}
	assert_string_equal(report(code), "accepted");
}

static void another_body_under_the_same_request_is_a_wrong_try(void **state)
{
	char *code = again(), *other = desk_keep(&desk, desk_issue(&desk,
	    "'account':'bolt','administrator':'eve'")), *last;

	(void)state;
	assert_string_equal(once("acme", code), "accepted");
	last = again();
	assert_string_equal(once("bolt", other), "wrong");
	assert_string_equal(once("acme", code), "accepted");
	for (unsigned i = 0; i < 4; i++)
		assert_string_equal(once("bolt", other), "wrong");
	assert_string_equal(once("bolt", other), "throttled");
	desk_pass(&desk, 30);
	assert_string_equal(report(last), "accepted");	/* no account was looked at */
	assert_string_equal(desk_verify(&desk,
	    "'account':'bolt','action':'report.mail','code':'%s'", other), "accepted");
}

static void every_part_of_the_body_counts(void **state)
{
	static const char *const bodies[] = {
		"'account':'acme','action':'report.mail','target':['b'],'case':'1','code':'T1'",
		"'account':'acme','action':'report.mail','target':['a','b'],'case':'1','code':'T1'",
		"'account':'acme','action':'report.mail','target':['a'],'case':'2','code':'T1'",
		"'account':'acme','action':'filter.list','target':['a'],'case':'1','code':'T1'",
		"'account':'acme','action':'report.mail','target':['a'],'case':'1','code':'T2'",
		"'account':'acme','action':'report.mail','target':['a'],'case':'1','code':'T1',"
		    "'grant':true",
		"'account':'acme','action':'report.mail','target':['a'],'case':'1','code':'T1',"
		    "'administrator':'dana'",
		"'account':'bolt','action':'report.mail','target':['a'],'case':'1','code':'T1'",
	};

	(void)state;
	desk_verify(&desk,
	    "'account':'acme','action':'report.mail','target':['a'],'case':'1','code':'T1'," ONCE);
	assert_non_null(strstr(desk_text(&desk, "say"), "no such ticket"));
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		desk_verify(&desk, "%s," ONCE, bodies[i]);
		assert_non_null(strstr(desk_text(&desk, "say"), "another request"));
		desk_pass(&desk, 200);
	}
}

static void the_body_holds_the_whole_of_a_long_ref(void **state)
{
	static const char same[] = "0123456789012345678901234567890123456789012345678901234567890";
	char *code;

	(void)state;
	for (char last = '1'; last <= '2'; last++)
		assert_int_equal(desk_ask(&desk, "control.AddAccount",
		    "'account':'long%c','ref':'%s%c'", last, same, last),
		    CS_OK);
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'long1','administrator':'gil'"), CS_OK);
	code = desk_keep(&desk, desk_issue(&desk, "'account':'long1','administrator':'gil'"));
	assert_string_equal(desk_verify(&desk,
	    "'account':'ref:%s1','action':'report.mail','code':'%s'," ONCE, same, code),
	    "accepted");
	assert_string_equal(desk_verify(&desk,
	    "'account':'ref:%s2','action':'report.mail','code':'%s'," ONCE, same, code),
	    "wrong");
}

static void a_request_id_is_of_one_technician_and_one_peer(void **state)
{
	char *code = again();

	(void)state;
	assert_string_equal(once("acme", code), "accepted");
	desk_sit(&desk, DESK_TEO, "teo");
	assert_string_equal(once("acme", code), "used");
	desk_sit(&desk, DESK_MIA, "mia");
	desk.asserter = 991;
	assert_string_equal(once("acme", code), "used");
}

static void an_acceptance_is_not_repeated_after_its_administrator_was_removed(void **state)
{
	char *code = again();

	(void)state;
	assert_string_equal(once("acme", code), "accepted");
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator", "'administrator':'dana'"),
	    CS_OK);
	assert_string_equal(once("acme", code), "used");
}

static void nor_after_a_removal_from_this_account_alone(void **state)
{
	char *code;

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'dana','existing':true,"
	    "'reason':'test'"), CS_OK);
	code = again();
	assert_string_equal(once("acme", code), "accepted");
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator",
	    "'administrator':'dana','account':'acme'"), CS_OK);
	assert_string_equal(once("acme", code), "used");
}

static void nor_after_who_was_removed_was_added_again(void **state)
{
	char *code;

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'dana','existing':true,"
	    "'reason':'test'"), CS_OK);
	code = again();
	assert_string_equal(once("acme", code), "accepted");
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator",
	    "'administrator':'dana','account':'acme'"), CS_OK);
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'acme','administrator':'dana','existing':true,"
	    "'reason':'test'"), CS_OK);
	assert_string_equal(once("acme", code), "used");
}

/* Accepted, and then it is that time. */
static void is_used_at(struct instant at)
{
	char *code = again();

	assert_string_equal(once("acme", code), "accepted");
	desk.at = at;
	assert_string_equal(once("acme", code), "used");
}

static void nor_by_a_clock_that_was_set_back(void **state)
{
	(void)state;
	is_used_at((struct instant){ desk.at.wall - 3600, desk.at.boot, desk.at.boot_id });
}

static void nor_by_one_that_was_set_ahead(void **state)
{
	(void)state;
	is_used_at((struct instant){ desk.at.wall + 3600, desk.at.boot, desk.at.boot_id });
}

/* Steady time did not pass while nobody asked. */
static void nor_when_it_was_set_back_for_as_long_as_nobody_asked(void **state)
{
	(void)state;
	is_used_at((struct instant){ desk.at.wall, desk.at.boot + 7200, desk.at.boot_id });
}

static void nor_after_a_boot_with_a_clock_behind(void **state)
{
	(void)state;
	is_used_at((struct instant){ desk.at.wall - 7200, 20, desk.at.boot_id + 1 });
}

static void nor_after_its_account_was_frozen(void **state)
{
	char *code = again();

	(void)state;
	assert_string_equal(once("acme", code), "accepted");
	desk_stand(&desk, "acme", STANDING_FROZEN);
	assert_string_equal(once("acme", code), "used");
}

static void nor_while_its_administrator_is_suspended(void **state)
{
	static const char *const where[] = { "", ",'account':'acme'" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *code = again();

		assert_string_equal(once("acme", code), "accepted");
		assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator",
		    "'administrator':'dana'%s", where[i]), CS_OK);
		assert_string_equal(once("acme", code), "used");
		assert_int_equal(desk_ask(&desk, "control.ResumeAdministrator",
		    "'administrator':'dana','reason':'test'%s", where[i]), CS_OK);
		desk_sit(&desk, DESK_TEO, "teo");
	}
}

static void nor_does_shadow_mode_let_through_after_two_minutes(void **state)
{
	(void)state;
	desk_reload(&desk, "action report.mail { mode = shadow }\n");
	for (unsigned i = 0; i < 2; i++) {
		assert_string_equal(once("acme", "T1"), "wrong");
		assert_string_equal(desk_text(&desk, "verdict"), "accepted");
		desk_pass(&desk, 120 * i + 1);
	}
	assert_string_equal(once("acme", "T1"), "used");
	assert_string_equal(desk_text(&desk, "verdict"), "refused");
	assert_non_null(strstr(desk_text(&desk, "say"), "this request was answered before"));
}

static void what_needs_no_code_names_nobody_when_asked_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_string_equal(desk_verify(&desk, "'account':'','action':'general',"
		    "'code':''," ONCE), "accepted");
		assert_string_equal(desk_text(&desk, "administrator"), "");
	}
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

static void a_wrong_try_that_is_summed_counts_once_when_asked_again(void **state)
{
	char code[16], wrong[16];

	(void)state;
	fresh(code);
	strcpy(wrong, desk_wrong(&desk));
	for (unsigned i = 0; i < 30; i++)
		desk_verify(&desk, "'account':'nobody','action':'report.mail','code':''");
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(desk_verify(&desk, REPORT "," ONCE ",'code':'%s'", wrong),
		    "wrong");
	assert_string_equal(report(code), "accepted");
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
	assert_string_equal(report(code), "accepted");
}

static void two_administrators_in_one_question_contradict_each_other(void **state)
{
	(void)state;
	assert_string_equal(desk_issue(&desk, "'account':'acme/eve','administrator':'dana'"),
	    "InvalidParameter");
	assert_int_equal(strlen(desk_issue(&desk,
	    "'account':'acme/Dana','administrator':'dana'")), CODE_DIGITS);
}

static void a_request_id_has_sixteen_to_sixty_four_characters(void **state)
{
	static const char digits[] = "0123456789012345678901234567890123456789"
	    "0123456789012345678901234";

	(void)state;
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'T1','request':''"),
	    "InvalidParameter");
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'T1','request':'%.15s'", digits),
	    "InvalidParameter");
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'T1','request':'%.65s'", digits),
	    "InvalidParameter");
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'T1','request':'%.64s'", digits),
	    "wrong");
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
		TEST(the_same_request_gets_the_same_answer_for_two_minutes_then_used),
		TEST(a_refusal_asked_again_is_the_same_and_counts_once),
		TEST(another_body_under_the_same_request_is_a_wrong_try),
		TEST(every_part_of_the_body_counts),
		TEST(the_body_holds_the_whole_of_a_long_ref),
		TEST(a_request_id_is_of_one_technician_and_one_peer),
		TEST(an_acceptance_is_not_repeated_after_its_administrator_was_removed),
		TEST(nor_after_a_removal_from_this_account_alone),
		TEST(nor_after_who_was_removed_was_added_again),
		TEST(nor_by_a_clock_that_was_set_back),
		TEST(nor_by_one_that_was_set_ahead),
		TEST(nor_when_it_was_set_back_for_as_long_as_nobody_asked),
		TEST(nor_after_a_boot_with_a_clock_behind),
		TEST(nor_after_its_account_was_frozen),
		TEST(a_request_id_has_sixteen_to_sixty_four_characters),
		TEST(a_wrong_try_that_is_summed_counts_once_when_asked_again),
		TEST(a_code_typed_for_an_account_is_not_written_down),
		TEST(two_administrators_in_one_question_contradict_each_other),
		TEST(a_request_is_one_persons_whatever_their_number),
		TEST(nor_while_its_administrator_is_suspended),
		TEST(nor_does_shadow_mode_let_through_after_two_minutes),
		TEST(what_needs_no_code_names_nobody_when_asked_again),
		TEST(an_account_may_be_left_out_where_no_code_is_needed_alone),
		TEST(who_is_suspended_authorises_nothing_by_an_app),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * A request that is asked again is answered again and not done again, and an
 * acceptance not for long: promise 2, and where it gives way to promises 1 and 4.
 */
#include "desk.h"

#include "../daemon/asked.h"

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
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "bolt", "eve");
	return 0;
}

#define REPORT "'account':'acme','action':'report.mail'"
#define ONCE "'request':'0123456789abcdef'"

static char *again(void)
{
	return desk_keep(&desk, desk_issue(&desk,
	    "'account':'acme','administrator':'dana','replace':true"));
}

static const char *once(const char *account, const char *code)
{
	return desk_verify(&desk, "'account':'%s','action':'report.mail','code':'%s'," ONCE,
	    account, code);
}

static void must_accept(const char *code)
{
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s'", code), "accepted");
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
	must_accept(code);
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
	must_accept(last);	/* no account was looked at */
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

/* dana, who acts for bolt, too: her code, which was accepted before. */
static char *remove_from_acme_alone(void)
{
	char *code;

	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'dana','existing':true,"
	    "'reason':'test'"), CS_OK);
	code = again();
	assert_string_equal(once("acme", code), "accepted");
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator",
	    "'administrator':'dana','account':'acme'"), CS_OK);
	return code;
}

static void nor_after_a_removal_from_this_account_alone(void **state)
{
	(void)state;
	assert_string_equal(once("acme", remove_from_acme_alone()), "used");
}

static void nor_after_who_was_removed_was_added_again(void **state)
{
	char *code = remove_from_acme_alone();

	(void)state;
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

static void a_wrong_try_that_is_summed_counts_once_when_asked_again(void **state)
{
	char *code = again(), *wrong = desk_keep(&desk, desk_wrong(&desk));

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		desk_verify(&desk, "'account':'nobody','action':'report.mail','code':''");
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(desk_verify(&desk, REPORT "," ONCE ",'code':'%s'", wrong),
		    "wrong");
	must_accept(code);
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
		TEST(nor_while_its_administrator_is_suspended),
		TEST(nor_does_shadow_mode_let_through_after_two_minutes),
		TEST(what_needs_no_code_names_nobody_when_asked_again),
		TEST(a_wrong_try_that_is_summed_counts_once_when_asked_again),
		TEST(a_request_is_one_persons_whatever_their_number),
		TEST(a_request_id_has_sixteen_to_sixty_four_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

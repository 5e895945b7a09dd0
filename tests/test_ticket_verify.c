/* SPDX-License-Identifier: ISC
 *
 * A ticket where a code is taken: it authorises what its author wrote when it
 * was opened, for 72 hours, once.
 */
#include "desk.h"

#include "../daemon/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;
static const char *dana, *eli, *eve;	/* sessions */
static const char *ticket;		/* of dana, for FILTER */

#define FILTER "'action':'filter.list','target':['a.example','b.example']"
#define SERVICE "'action':'service.change','target':['contract 7']"

static const char *open_as(const char *session, const char *account, const char *scope)
{
	desk_ask(&desk, "panel.OpenTicket",
	    "'session':'%s','account':'%s','subject':'A change','text':'Please.'%s%s", session,
	    account, scope[0] != '\0' ? "," : "", scope);
	assert_string_equal(desk_text(&desk, "error"), "");
	return desk_keep(&desk, desk_text(&desk, "ticket"));
}

static void log_in(void)
{
	dana = desk_log_in(&desk, "dana", true);
	eli = desk_log_in(&desk, "eli", false);
	eve = desk_log_in(&desk, "eve", false);
}

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "acme", "eli");
	desk_add(&desk, "bolt", "eve");
	desk_pass(&desk, 86400);
	log_in();
	ticket = open_as(dana, "acme", FILTER);
	return 0;
}

static const char *present(const char *number, const char *scope)
{
	return desk_verify(&desk, "'account':'acme',%s,'code':'%s'", scope, number);
}

static bool says(const char *part)
{
	bool is = strstr(desk_text(&desk, "say"), part) != NULL;

	if (!is)
		print_error("# %s\n", desk_text(&desk, "say"));
	return is;
}

static void a_ticket_is_accepted_once(void **state)
{
	(void)state;
	assert_string_equal(present(ticket, FILTER), "accepted");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_true(says("Accepted: dana R. for acme Ltd, by ticket T1."));
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "verify");
	assert_string_equal(desk_text(&desk, "credential"), "T1");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	desk_restart(&desk);
	assert_string_equal(present(ticket, FILTER), "used");
	assert_true(says("by you"));
	desk_sit(&desk, DESK_TEO, "teo");
	assert_string_equal(present(ticket, FILTER), "used");
	assert_true(says("by mia"));
}

static void its_card_says_who_used_it(void **state)
{
	char verification[24];

	(void)state;
	present(ticket, FILTER);
	strcpy(verification, desk_text(&desk, "verification"));
	desk_ask(&desk, "panel.Ticket", "'session':'%s','ticket':'%s'", eli, ticket);
	assert_string_equal(desk_text(&desk, "authority"), "used");
	assert_string_equal(desk_text(&desk, "used_by"), "mia");
	assert_int_equal(desk_int(&desk, "used"), desk.at.wall);
	assert_string_equal(desk_text(&desk, "verification"), verification);
	/* The talk goes on. */
	desk_ask(&desk, "panel.ReplyTicket", "'session':'%s','ticket':'%s','text':'Thanks'", dana,
	    ticket);
	assert_int_equal(desk_int(&desk, "n"), 2);
	assert_string_equal(present(ticket, FILTER), "used");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
}

static void it_may_be_written_as_people_write(void **state)
{
	(void)state;
	assert_string_equal(present("t 0001", FILTER), "accepted");
}

static void the_same_request_is_accepted_again_and_another_is_not(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++)
		assert_string_equal(present(ticket, FILTER ",'request':'0123456789abcdef'"),
		    "accepted");
	assert_string_equal(present(ticket, FILTER), "used");
	desk_pass(&desk, 121);
	assert_string_equal(present(ticket, FILTER ",'request':'0123456789abcdef'"), "used");
}

static void it_serves_its_action_and_targets_and_no_other(void **state)
{
	static const struct {
		const char *scope, *reason;
	} rows[] = {
		{ "'action':'report.mail','target':['a.example']", "other-action" },
		{ "'action':'service.change','target':['a.example']", "other-action" },
		{ "'action':'filter.list'", "other-target" },
		{ "'action':'filter.list','target':['c.example']", "other-target" },
		{ "'action':'filter.list','target':['a.example','c.example']", "other-target" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(present(ticket, rows[i].scope), rows[i].reason);
	assert_true(says("ticket T1 is for a.example, b.example"));
	/* None of these used it up; some of its targets are enough. */
	assert_string_equal(present(ticket, "'action':'filter.list','target':['B.Example.']"),
	    "accepted");
	assert_string_equal(present(ticket, "'action':'filter.list','target':['a.example']"),
	    "used");
}

static void without_an_action_it_authorises_nothing(void **state)
{
	const char *plain = open_as(dana, "acme", "");

	(void)state;
	assert_string_equal(present(plain, FILTER), "other-action");
	assert_true(says("named no action"));
	desk_pass(&desk, 73 * 3600);
	assert_string_equal(present(plain, FILTER), "other-action");
}

static void one_without_targets_serves_no_action_that_binds_them(void **state)
{
	const char *all = open_as(dana, "acme", "'action':'report.mail'");

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'report.mail','bind_target':true"), CS_OK);
	assert_string_equal(present(all, "'action':'report.mail','target':['x']"), "other-target");
	desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'report.mail','clear':true");
	assert_string_equal(present(all, "'action':'report.mail','target':['x']"), "accepted");
}

static void what_is_said_in_it_widens_nothing(void **state)
{
	static const char text[] = "Correction: action report.mail, target c.example, "
	    "authorised by dana. T1 report.mail c.example";

	(void)state;
	desk_ask(&desk, "panel.ReplyTicket", "'session':'%s','ticket':'%s','text':'%s'", dana,
	    ticket, text);
	desk_ask(&desk, "panel.ReplyTicket",
	    "'session':'%s','ticket':'%s','text':'x','action':'report.mail','target':['c.example']",
	    dana, ticket);
	desk_ask(&desk, "panel.ReplyTicket", "'session':'%s','ticket':'%s','text':'%s'", eli,
	    ticket, text);
	desk_ask(&desk, "staff.Reply", "'ticket':'%s','text':'%s','action':'report.mail'", ticket,
	    text);
	assert_int_equal(desk_int(&desk, "n"), 5);
	assert_string_equal(present(ticket, "'action':'report.mail'"), "other-action");
	assert_string_equal(present(ticket, "'action':'filter.list','target':['c.example']"),
	    "other-target");
	/* Nor does it make it live longer. */
	desk_pass(&desk, 72 * 3600 - 1);
	log_in();
	desk_ask(&desk, "panel.ReplyTicket", "'session':'%s','ticket':'%s','text':'x'", dana,
	    ticket);
	assert_int_equal(desk_int(&desk, "n"), 6);
	desk_pass(&desk, 1);
	assert_string_equal(present(ticket, FILTER), "expired");
}

static void it_lives_72_hours_by_either_clock(void **state)
{
	(void)state;
	desk_pass(&desk, 72 * 3600 - 1);
	assert_string_equal(present(ticket, "'action':'report.mail'"), "other-action");
	desk_pass(&desk, 1);
	assert_string_equal(present(ticket, FILTER), "expired");
	assert_true(says("expired"));
	log_in();
	ticket = open_as(dana, "acme", FILTER);
	desk.at.boot += 72 * 3600;
	assert_string_equal(present(ticket, FILTER), "expired");
}

static void a_clock_that_lied_ends_it(void **state)
{
	(void)state;
	desk.at.wall += 3600;
	assert_string_equal(present(ticket, FILTER), "expired");
	desk.at.wall -= 3600;
	assert_string_equal(present(ticket, FILTER), "expired");
}

static void a_reboot_leaves_it_alive(void **state)
{
	(void)state;
	desk.at = (struct instant){ desk.at.wall + 300, 20, desk.at.boot_id + 1 };
	assert_string_equal(present(ticket, FILTER), "accepted");
}

static void an_account_takes_its_own_tickets_only(void **state)
{
	const char *other = open_as(eve, "bolt", FILTER);

	(void)state;
	assert_string_equal(present(other, FILTER), "wrong");
	assert_true(says("no such ticket for this account"));
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "credential"), "");
	assert_string_equal(desk_verify(&desk, "'account':'bolt'," FILTER ",'code':'%s'", other),
	    "accepted");
	assert_string_equal(present("T99", FILTER), "wrong");
	assert_string_equal(present("T0", FILTER), "wrong");
	assert_string_equal(present("T18446744073709551617", FILTER), "misheard");
	assert_string_equal(present("T9999999999999999999", FILTER), "wrong");
}

static void a_wrong_number_is_a_wrong_try(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_string_equal(present("T99", FILTER), "wrong");
	assert_string_equal(present(ticket, FILTER), "throttled");
}

static void a_full_account_still_takes_a_ticket(void **state)
{
	char code[16];

	(void)state;
	strcpy(code, desk_issue(&desk, "'account':'acme','administrator':'dana'"));
	desk_fail(&desk, "acme", 12);
	assert_string_equal(present(code, "'action':'report.mail'"), "cancelled");
	assert_string_equal(present(ticket, FILTER), "accepted");
}

static void closing_takes_its_authority(void **state)
{
	(void)state;
	desk_ask(&desk, "panel.CloseTicket", "'session':'%s','ticket':'%s'", eli, ticket);
	assert_string_equal(present(ticket, FILTER), "cancelled");
	assert_true(says("T1 is closed"));
}

static void assert_ended(const char *method, const char *parameters, const char *reason)
{
	assert_int_equal(desk_ask(&desk, method, "%s", parameters), CS_OK);
	assert_int_equal(desk_int(&desk, "tickets"), 1);
	assert_string_equal(present(ticket, FILTER), reason);
}

static void a_removed_authors_ticket_is_refused_at_once(void **state)
{
	(void)state;
	assert_ended("control.RemoveAdministrator", "'administrator':'dana','reason':'left'",
	    "cancelled");
	desk_add(&desk, "acme", "dana");
	assert_string_equal(present(ticket, FILTER), "cancelled");
}

static void a_suspended_authors_ticket_does_not_come_back_with_him(void **state)
{
	(void)state;
	assert_ended("control.SuspendAdministrator",
	    "'account':'acme','administrator':'dana','reason':'?'", "cancelled");
	desk_ask(&desk, "control.ResumeAdministrator",
	    "'account':'acme','administrator':'dana','reason':'?'");
	assert_string_equal(present(ticket, FILTER), "cancelled");
	assert_true(says("suspended"));
}

static void a_person_suspended_everywhere_loses_it_too(void **state)
{
	(void)state;
	assert_ended("control.SuspendAdministrator", "'administrator':'dana','reason':'?'",
	    "cancelled");
}

static void a_reset_ends_it(void **state)
{
	(void)state;
	assert_ended("control.InviteAdministrator",
	    "'administrator':'dana','reset':true,'reason':'lost phone'", "cancelled");
}

static void a_freeze_ends_it_for_good(void **state)
{
	(void)state;
	assert_ended("control.FreezeAccount", "'account':'acme','reason':'?'", "frozen");
	desk_pass(&desk, 3600);
	assert_int_equal(desk_ask(&desk, "control.ThawAccount", "'account':'acme','reason':'?'"),
	    CS_OK);
	assert_string_equal(present(ticket, FILTER), "cancelled");
}

static void others_removed_leave_it_alive(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator",
	    "'administrator':'eli','reason':'left'"), CS_OK);
	assert_int_equal(desk_int(&desk, "tickets"), 0);
	assert_string_equal(present(ticket, FILTER), "accepted");
}

static void its_authors_present_rights_count(void **state)
{
	(void)state;
	desk_ask(&desk, "control.SetRights",
	    "'account':'acme','administrator':'dana','actions':['report.mail'],'reason':'less'");
	assert_string_equal(present(ticket, FILTER), "not-permitted");
	desk_ask(&desk, "control.SetRights",
	    "'account':'acme','administrator':'dana','all':true,'reason':'more'");
	assert_string_equal(present(ticket, FILTER), "accepted");
}

static void a_high_one_waits_while_its_author_cools_off(void **state)
{
	const char *high = open_as(dana, "acme", SERVICE);

	(void)state;
	desk_ask(&desk, "control.SetRights", "'account':'acme','administrator':'dana',"
	    "'actions':['report.mail'],'reason':'less'");
	desk_ask(&desk, "control.SetRights",
	    "'account':'acme','administrator':'dana','all':true,'reason':'more'");
	assert_string_equal(present(high, SERVICE), "cooling-off");
	desk_pass(&desk, 86400);
	assert_string_equal(present(high, SERVICE), "accepted");
}

static void one_opened_without_proof_serves_no_action_that_became_high(void **state)
{
	const char *unproved = open_as(eli, "acme", FILTER);

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'filter.list','risk':'high'"), CS_OK);
	assert_string_equal(present(unproved, FILTER), "not-permitted");
	assert_true(says("showed then"));
	assert_string_equal(present(ticket, FILTER), "accepted");
}

static void a_shorter_life_of_codes_is_not_its_own(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'filter.list','lifetime':120"), CS_OK);
	desk_pass(&desk, 3600);
	assert_string_equal(present(ticket, FILTER), "accepted");
}

static void another_administrator_may_not_be_named_with_it(void **state)
{
	(void)state;
	assert_string_equal(present(ticket, FILTER ",'administrator':'eli'"), "not-permitted");
	assert_true(says("not from the administrator you named"));
	assert_string_equal(present(ticket, FILTER ",'administrator':'dana'"), "accepted");
}

static void who_opened_it_does_not_verify_it(void **state)
{
	(void)state;
	desk_sit(&desk, DESK_ISSUER, "panel");
	assert_string_equal(present(ticket, FILTER), "not-permitted");
	assert_true(says("under your own user"));
	desk_sit(&desk, DESK_MIA, "mia");
	desk.asserter = DESK_ISSUER;
	assert_string_equal(present(ticket, FILTER), "not-permitted");
	assert_true(says("under the user that checks it here"));
	desk.asserter = DESK_MIA;
	assert_string_equal(present(ticket, FILTER), "accepted");
}

static void verifying_ends_the_call(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme'," FILTER), CS_OK);
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 1);
	assert_string_equal(present(ticket, FILTER), "accepted");
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 0);
}

static void shadow_mode_lets_it_through_without_using_it(void **state)
{
	(void)state;
	desk_reload(&desk, "action \"report.mail\" { mode = shadow }");
	assert_string_equal(present(ticket, "'action':'report.mail'"), "other-action");
	assert_string_equal(desk_text(&desk, "verdict"), "accepted");
	assert_string_equal(desk_text(&desk, "mode"), "shadow");
	assert_string_equal(present(ticket, FILTER), "accepted");
}

static char *take_grant(const char *number)
{
	assert_string_equal(present(number, FILTER ",'grant':true"), "accepted");
	return desk_keep(&desk, desk_text(&desk, "grant"));
}

static const char *redeem(const char *grant)
{
	return desk_redeem(&desk, "'account':'acme'," FILTER ",'grant':'%s'", grant);
}

static void a_grant_from_it_is_redeemed_once(void **state)
{
	char *grant = take_grant(ticket);

	(void)state;
	assert_string_equal(present(ticket, FILTER), "used");
	desk_restart(&desk);
	assert_string_equal(redeem(grant), "accepted");
	assert_string_equal(redeem(grant), "used");
}

static void the_policy_of_the_moment_is_asked_about_its_grant(void **state)
{
	char *proved = take_grant(ticket);
	char *unproved = take_grant(open_as(eli, "acme", FILTER));

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'filter.list','risk':'high','bind_target':true"), CS_OK);
	assert_string_equal(redeem(unproved), "not-permitted");
	assert_string_equal(redeem(proved), "accepted");
}

static void and_whether_it_binds_a_target_that_the_ticket_did_not_name(void **state)
{
	const char *number = open_as(dana, "acme", "'action':'filter.list'"), *grant;

	(void)state;
	assert_string_equal(present(number, "'action':'filter.list','grant':true"), "accepted");
	grant = desk_keep(&desk, desk_text(&desk, "grant"));
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'filter.list','bind_target':true"), CS_OK);
	assert_string_equal(desk_redeem(&desk, "'account':'acme','action':'filter.list',"
	    "'grant':'%s'", grant), "not-permitted");
}

static void a_grant_ends_with_its_author(void **state)
{
	char *grant = take_grant(ticket);

	(void)state;
	desk_ask(&desk, "control.RemoveAdministrator", "'administrator':'dana','reason':'left'");
	assert_int_equal(desk_int(&desk, "tickets"), 0);
	assert_int_equal(desk_int(&desk, "grants"), 1);
	assert_string_equal(redeem(grant), "cancelled");
}

/* A restored copy of the store has another generation and no longer knows what
 * was used since it was made. */
static void a_ticket_of_another_generation_is_dead(void **state)
{
	struct ticket record;

	(void)state;
	desk_begin(&desk);
	assert_int_equal(store_get_ticket(desk.store, 1, &record), CS_OK);
	record.generation[3] ^= 1;
	store_update_ticket(desk.store, &record);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	assert_string_equal(present(ticket, FILTER), "cancelled");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ticket_is_accepted_once),
		TEST(its_card_says_who_used_it),
		TEST(it_may_be_written_as_people_write),
		TEST(the_same_request_is_accepted_again_and_another_is_not),
		TEST(it_serves_its_action_and_targets_and_no_other),
		TEST(without_an_action_it_authorises_nothing),
		TEST(one_without_targets_serves_no_action_that_binds_them),
		TEST(what_is_said_in_it_widens_nothing),
		TEST(it_lives_72_hours_by_either_clock),
		TEST(a_clock_that_lied_ends_it),
		TEST(a_reboot_leaves_it_alive),
		TEST(an_account_takes_its_own_tickets_only),
		TEST(a_wrong_number_is_a_wrong_try),
		TEST(a_full_account_still_takes_a_ticket),
		TEST(closing_takes_its_authority),
		TEST(a_removed_authors_ticket_is_refused_at_once),
		TEST(a_suspended_authors_ticket_does_not_come_back_with_him),
		TEST(a_person_suspended_everywhere_loses_it_too),
		TEST(a_reset_ends_it),
		TEST(a_freeze_ends_it_for_good),
		TEST(others_removed_leave_it_alive),
		TEST(its_authors_present_rights_count),
		TEST(a_high_one_waits_while_its_author_cools_off),
		TEST(one_opened_without_proof_serves_no_action_that_became_high),
		TEST(a_shorter_life_of_codes_is_not_its_own),
		TEST(another_administrator_may_not_be_named_with_it),
		TEST(who_opened_it_does_not_verify_it),
		TEST(verifying_ends_the_call),
		TEST(shadow_mode_lets_it_through_without_using_it),
		TEST(a_grant_from_it_is_redeemed_once),
		TEST(the_policy_of_the_moment_is_asked_about_its_grant),
		TEST(and_whether_it_binds_a_target_that_the_ticket_did_not_name),
		TEST(a_grant_ends_with_its_author),
		TEST(a_ticket_of_another_generation_is_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

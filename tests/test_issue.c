/* SPDX-License-Identifier: ISC
 *
 * Issuing, showing again, replacing, revoking; how many there may be; what
 * removing an administrator ends.
 */
#include "desk.h"

#include "../daemon/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "limit { issue = \"32/1s\" }\n");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "bolt", "eve");
	return 0;
}

#define DANA "'account':'acme','administrator':'dana'"

static char code[32], other[32];

/* Issues into code; false when it was refused. */
static bool issue(const char *parameters)
{
	snprintf(code, sizeof(code), "%s", desk_issue(&desk, "%s", parameters));
	return strspn(code, "0123456789") == CODE_DIGITS;
}

static const char *report(const char *digits)
{
	return desk_verify(&desk, "'account':'acme','action':'report.mail','code':'%s'", digits);
}

static void the_same_scope_shows_the_same_code_until_it_is_used(void **state)
{
	(void)state;
	assert_true(issue(DANA));
	strcpy(other, code);
	desk_pass(&desk, 100);
	desk_restart(&desk);
	assert_true(issue(DANA));
	assert_string_equal(code, other);
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + 500);
	assert_string_equal(report(code), "accepted");
	assert_true(issue(DANA));
	assert_string_not_equal(code, other);
}

static void a_flood_of_looks_at_a_live_code_keeps_no_memos(void **state)
{
	(void)state;
	assert_true(issue(DANA));
	strcpy(other, code);
	for (unsigned i = 0; i < 40; i++) {
		assert_true(issue(DANA));
		assert_string_equal(code, other);
	}
	assert_int_equal(desk_rows(&desk, TABLE_MEMO), 1 + 30);
}

/* Its answer may have been lost, and the code used meanwhile. */
static void a_look_that_is_repeated_makes_no_other_code(void **state)
{
	static const char same[] = DANA ",'request':'0123456789abcdef'";

	(void)state;
	assert_true(issue(DANA));
	strcpy(other, code);
	assert_true(issue(same));
	assert_string_equal(code, other);
	desk_verify(&desk, "'account':'acme','action':'report.mail','code':'%s'", other);
	assert_string_equal(desk_text(&desk, "reason"), "accepted");
	assert_true(issue(same));
	assert_string_equal(code, other);
}

static void replacing_ends_the_one_of_the_same_scope_alone(void **state)
{
	char third[32];

	(void)state;
	assert_true(issue(DANA ",'action':'filter.list'"));
	strcpy(third, code);
	assert_true(issue(DANA));
	strcpy(other, code);
	assert_true(issue(DANA ",'replace':true"));
	assert_string_not_equal(code, other);
	assert_string_equal(report(other), "replaced");
	assert_string_equal(report(code), "accepted");
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'filter.list','code':'%s'", third), "accepted");
}

static void the_same_request_gets_the_same_code_and_another_body_none(void **state)
{
	(void)state;
	assert_true(issue(DANA ",'replace':true,'request':'0123456789abcdef'"));
	strcpy(other, code);
	assert_true(issue(DANA ",'replace':true,'request':'0123456789abcdef'"));
	assert_string_equal(code, other);
	assert_string_equal(report(code), "accepted");
	assert_true(issue(DANA ",'replace':true,'request':'0123456789abcdef'"));
	assert_string_equal(code, other);
	assert_false(issue(DANA ",'action':'filter.list','request':'0123456789abcdef'"));
	assert_string_equal(code, "InvalidParameter");
}

#define ONCE ",'request':'0123456789abcdef'"

static void every_part_of_the_request_counts(void **state)
{
	static const char *const bodies[] = {
		DANA ",'action':'filter.list','target':['a']" ONCE,
		DANA ",'action':'report.mail','target':['b']" ONCE,
		DANA ",'action':'report.mail','target':['a','b']" ONCE,
		DANA ",'action':'report.mail'" ONCE,
		DANA ",'action':'report.mail','target':['a'],'replace':true" ONCE,
		"'account':'acme','administrator':'eve','action':'report.mail','target':['a']" ONCE,
		"'account':'bolt','administrator':'dana','action':'report.mail',"
		    "'target':['a']" ONCE,
	};

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'dana','existing':true,'reason':'x'"), CS_OK);
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'acme','administrator':'eve','existing':true,'reason':'x'"), CS_OK);
	assert_true(issue(DANA ",'action':'report.mail','target':['a']" ONCE));
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_false(issue(bodies[i]));
		assert_string_equal(code, "InvalidParameter");
		assert_string_equal(desk_text(&desk, "parameter"), "request");
	}
}

static void the_whole_of_a_long_ref_counts(void **state)
{
	static const char same[] = "0123456789012345678901234567890123456789012345678901234567890";
	char ask[256];

	(void)state;
	for (char last = '1'; last <= '2'; last++) {
		assert_int_equal(desk_ask(&desk, "control.AddAccount",
		    "'account':'long%c','ref':'%s%c'", last, same, last), CS_OK);
		assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
		    "'account':'long%c','administrator':'dana','existing':true", last), CS_OK);
		snprintf(ask, sizeof(ask), "'account':'ref:%s%c','administrator':'dana'" ONCE, same,
		    last);
		assert_int_equal(issue(ask), last == '1');
	}
	assert_string_equal(code, "InvalidParameter");
}

static void who_may_not_gets_no_code(void **state)
{
	static const struct {
		const char *asks, *error;
	} rows[] = {
		{ "'account':'acme','administrator':'eve'", "Refused" },
		{ "'account':'acme','administrator':'nobody'", "UnknownAdministrator" },
		{ "'account':'nobody','administrator':'dana'", "UnknownAccount" },
		{ DANA ",'action':'nothing'", "UnknownAction" },
		{ DANA ",'target':['a']", "InvalidParameter" },
		{ DANA ",'action':'mail.server'", "InvalidParameter" },
		{ DANA ",'action':'mail.server','target':['a']", "InvalidParameter" },
		/* a second administrator cools off */
		{ "'account':'acme','administrator':'frank','action':'service.change'", "Refused" },
	};

	(void)state;
	desk_add(&desk, "acme", "frank");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_false(issue(rows[i].asks));
		assert_string_equal(code, rows[i].error);
	}
	assert_true(issue("'account':'acme','administrator':'frank','action':'report.mail'"));
	desk_pass(&desk, 86400);
	assert_true(issue("'account':'acme','administrator':'frank','action':'service.change'"));
}

static const char *panel_issue(const char *proof)
{
	desk_ask(&desk, "panel.Issue",
	    DANA ",'action':'service.change','replace':true,'proof':'%s'", proof);
	return desk_text(&desk, "error");
}

static void an_issuer_needs_a_fresh_proof_for_high_actions(void **state)
{
	uint8_t login[20], support[20];
	char proof[9];

	(void)state;
	desk_enroll(&desk, "dana", "login", login);
	desk_enroll(&desk, "dana", "support", support);
	desk_pass(&desk, 60);
	strcpy(proof, desk_app(&desk, login));
	assert_string_equal(panel_issue(""), "Refused");
	assert_string_equal(panel_issue("000000"), "Refused");
	assert_string_equal(panel_issue(desk_app(&desk, support)), "Refused");
	assert_string_equal(panel_issue(proof), "");
	assert_string_equal(panel_issue(proof), "Refused");
	desk_reload(&desk, "role issuer { users = { \"990\" } vouches-high = true }\n");
	assert_string_equal(panel_issue(""), "");
}

/* A code of before the action became high, or one with proof for a high one. */
static const char *report_made_high(const char *method, const char *more)
{
	char *digits;

	desk_ask(&desk, method, DANA ",'action':'report.mail','replace':true%s", more);
	digits = desk_keep(&desk, desk_text(&desk, "code"));
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'report.mail','risk':'high'"), CS_OK);
	report(digits);
	return desk_keep(&desk, desk_text(&desk, "reason"));
}

static void a_code_serves_what_became_high_by_proof_or_by_who_vouches(void **state)
{
	uint8_t login[20];
	char proof[32];

	(void)state;
	desk_enroll(&desk, "dana", "login", login);
	desk_pass(&desk, 60);
	snprintf(proof, sizeof(proof), ",'proof':'%s'", desk_app(&desk, login));
	assert_string_equal(report_made_high("panel.Issue", ""), "not-permitted");
	assert_string_equal(report_made_high("panel.Issue", proof), "accepted");
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'report.mail','clear':true"), CS_OK);
	assert_string_equal(report_made_high("control.Issue", ""), "accepted");
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'report.mail','clear':true"), CS_OK);
	desk_reload(&desk, "role issuer { users = { \"990\" } vouches-high = true }\n");
	assert_string_equal(report_made_high("panel.Issue", ""), "accepted");
}

/* The proof is used up, but not for the same request, whose answer may be lost. */
static void a_code_shown_again_for_a_proof_is_shown_for_the_same_request(void **state)
{
	static const char same[] = DANA ",'action':'service.change','proof':'%s',"
	    "'request':'0123456789abcdef'";
	uint8_t login[20];

	(void)state;
	desk_enroll(&desk, "dana", "login", login);
	desk_pass(&desk, 60);
	assert_string_equal(panel_issue(desk_app(&desk, login)), "");
	strcpy(other, desk_text(&desk, "code"));
	desk_pass(&desk, 30);
	strcpy(code, desk_app(&desk, login));
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(desk_ask(&desk, "panel.Issue", same, code), CS_OK);
		assert_string_equal(desk_text(&desk, "code"), other);
	}
	assert_string_equal(panel_issue(code), "Refused");
}

/* As the other panel saw it; nobody else knows it. */
static void an_issuer_tells_whose_address_it_was(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "panel.Issue", DANA ",'address':'192.0.2.7'"), CS_OK);
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "issue");
	assert_string_equal(desk_text(&desk, "client"), "192.0.2.7");
	assert_string_equal(desk_text(&desk, "credential"), "I1");
	desk_ask(&desk, "panel.Issue", DANA ",'action':'service.change','proof':'000000',"
	    "'address':'192.0.2.8'");
	assert_string_equal(desk_text(&desk, "error"), "Refused");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "client"), "192.0.2.8");
	desk_ask(&desk, "panel.Issue", DANA ",'address':'192.0.2.7\\nforged'");
	assert_string_equal(desk_text(&desk, "error"), "InvalidParameter");
}

static void a_revoked_code_is_dead_and_an_event(void **state)
{
	char id[24], revoked[16];

	(void)state;
	assert_true(issue(DANA ",'action':'report.mail'"));
	strcpy(revoked, code);
	strcpy(id, desk_text(&desk, "issue"));
	assert_int_equal(desk_ask(&desk, "control.Revoke", "'issue':'%s'", id), CS_OK);
	assert_string_equal(desk_text(&desk, "issue"), id);
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "revoke");
	assert_string_equal(desk_text(&desk, "account"), "acme");
	assert_string_equal(desk_text(&desk, "action"), "report.mail");
	assert_string_equal(desk_text(&desk, "credential"), id);
	desk_restart(&desk);
	assert_string_equal(report(revoked), "cancelled");
	desk_ask(&desk, "control.Revoke", "'issue':'%s'", id);
	assert_string_equal(desk_text(&desk, "error"), "NotFound");
	desk_ask(&desk, "control.Revoke", "'issue':'%s'", id + 1);
	assert_string_equal(desk_text(&desk, "error"), "InvalidParameter");
}

static void a_login_authenticator_rests_after_fifty_wrong_proofs(void **state)
{
	uint8_t login[20];

	(void)state;
	desk_enroll(&desk, "dana", "login", login);
	desk_pass(&desk, 60);
	for (unsigned i = 0; i < 50; i++)
		assert_string_equal(panel_issue("000000"), "Refused");
	assert_string_equal(panel_issue(desk_app(&desk, login)), "Refused");
}

/* Who has two phones shows the code of one; that is no guess at the other, which
 * nobody would ever forgive: an issuer's customers log in elsewhere. */
static void either_phone_proves_and_the_other_one_does_not_suffer(void **state)
{
	uint8_t first[20], second[20];

	(void)state;
	desk_enroll(&desk, "dana", "login", first);
	desk_enroll(&desk, "dana", "login", second);
	desk_pass(&desk, 2 * 86400);
	for (unsigned i = 0; i < 51; i++) {
		desk_pass(&desk, 3600);
		assert_string_equal(panel_issue(desk_app(&desk, second)), "");
	}
	assert_string_equal(panel_issue(desk_app(&desk, first)), "");
}

static void a_refused_proof_is_an_event_of_the_account(void **state)
{
	uint8_t login[20];
	uint64_t before;

	(void)state;
	desk_enroll(&desk, "dana", "login", login);
	desk_pass(&desk, 60);
	before = desk_events(&desk);
	assert_string_equal(panel_issue(""), "Refused");	/* nobody typed anything */
	assert_int_equal(desk_events(&desk), before);
	assert_string_equal(panel_issue("000000"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "wrong");
	desk_event(&desk, before + 1);
	assert_string_equal(desk_text(&desk, "kind"), "prove");
	assert_string_equal(desk_text(&desk, "verdict"), "refused");
	assert_string_equal(desk_text(&desk, "reason"), "wrong");
	assert_string_equal(desk_text(&desk, "account"), "acme");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_string_equal(panel_issue(desk_app(&desk, login)), "");
	assert_string_equal(panel_issue(desk_app(&desk, login)), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "used");
	/* whoever floods the log so is summed */
	for (unsigned i = 0; i < 100; i++)
		panel_issue("000000");
	assert_in_range(desk_events(&desk) - before, 4, 40);
}

static void twenty_an_hour_and_those_killed_by_others_do_not_count(void **state)
{
	(void)state;
	desk_reload(&desk, "");
	for (unsigned i = 0; i < 20; i++)
		assert_true(issue(DANA ",'replace':true"));
	assert_false(issue(DANA ",'replace':true"));
	assert_string_equal(code, "Throttled");
	assert_int_equal(desk_int(&desk, "wait"), 3600);
	assert_true(issue(DANA));
	for (unsigned i = 0; i < 30; i++) {
		desk_fail(&desk, "acme", 3);
		assert_true(issue(DANA));
	}
	assert_false(issue(DANA ",'replace':true"));
}

static void showing_a_code_again_does_not_lose_what_was_killed(void **state)
{
	(void)state;
	desk_reload(&desk, "");
	for (unsigned i = 0; i < 19; i++)
		assert_true(issue(DANA ",'replace':true"));
	desk_fail(&desk, "acme", 3);
	assert_true(issue(DANA ",'action':'filter.list'"));
	desk_fail(&desk, "acme", 2);
	assert_true(issue(DANA));
	desk_fail(&desk, "acme", 1);
	assert_true(issue(DANA));		/* only shows; filter.list is dead by now */
	assert_true(issue(DANA ",'replace':true"));
	assert_false(issue(DANA ",'replace':true"));
}

static void a_colleague_who_issues_does_not_take_what_was_killed(void **state)
{
	(void)state;
	desk_reload(&desk, "");
	desk_add(&desk, "acme", "frank");
	for (unsigned i = 0; i < 20; i++)
		assert_true(issue(DANA ",'replace':true"));
	desk_fail(&desk, "acme", 3);
	assert_true(issue("'account':'acme','administrator':'frank'"));
	assert_true(issue(DANA));
	assert_false(issue(DANA ",'replace':true"));
}

/* Live and dead codes of acme, as the store has them. */
static void count_codes(unsigned *live, unsigned *dead)
{
	struct issue i = { .id = 0 };
	struct account account;

	*live = *dead = 0;
	desk_begin(&desk);
	assert_int_equal(store_find_account(desk.store, cs_str("acme"), &account), CS_OK);
	while (store_next_issue_of(desk.store, account.id, i.id, &i) == CS_OK) {
		if (i.state == ISSUE_LIVE && !clock_over(&desk.now, &i.issued, i.epoch, i.life))
			++*live;
		else
			++*dead;
	}
	desk_commit(&desk);
}

static void at_most_64_live_and_64_dead_codes_are_kept(void **state)
{
	char parameters[128];
	unsigned live, dead;

	(void)state;
	for (unsigned i = 0; i < 70; i++) {
		snprintf(parameters, sizeof(parameters),
		    DANA ",'action':'report.mail','target':['t%u']", i);
		assert_true(issue(parameters) == (i < 64));
		desk_pass(&desk, 1);
	}
	assert_string_equal(code, "Throttled");
	count_codes(&live, &dead);
	assert_int_equal(live, 64);
	assert_int_equal(dead, 0);
	/* Replacing and 64 at once that expire must not let the dead pile up. */
	for (unsigned i = 0; i < 70; i++) {
		assert_true(issue(DANA ",'action':'report.mail','target':['t63'],'replace':true"));
		desk_pass(&desk, 1);
		count_codes(&live, &dead);
		assert_true(live <= 64 && dead <= 64);
	}
	desk_pass(&desk, 600);
	assert_true(issue(DANA));
	count_codes(&live, &dead);
	assert_int_equal(live, 1);
	assert_int_equal(dead, 64);
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), live + dead);
}

static void removing_an_administrator_ends_all_they_had(void **state)
{
	uint8_t secret[20];

	(void)state;
	desk_enroll(&desk, "dana", "support", secret);
	assert_true(issue(DANA ",'action':'filter.list'"));
	strcpy(other, code);
	assert_true(issue(DANA));
	assert_int_equal(desk_ask(&desk, "staff.Prepare",
	    "'account':'acme','action':'report.mail'"), CS_OK);
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator", "'administrator':'dana'"),
	    CS_OK);
	assert_int_equal(desk_int(&desk, "codes"), 2);
	assert_int_equal(desk_int(&desk, "authenticators"), 1);
	assert_int_equal(desk_int(&desk, "calls"), 1);
	assert_int_equal(desk_int(&desk, "accounts"), 1);
	desk_restart(&desk);
	assert_string_equal(report(code), "cancelled");
	assert_string_equal(report(other), "cancelled");
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 0);
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR_STATE), 0);
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 0);
	assert_false(issue(DANA));
	/* The name is free again, and its new owner inherits nothing. */
	desk_add(&desk, "acme", "dana");
	assert_string_equal(report(other), "cancelled");
	assert_true(issue(DANA));
	assert_string_equal(report(code), "accepted");
}

/* A code and a ticket of eli's. */
static void give_eli(char *digits, char *ticket)
{
	assert_true(issue("'account':'acme','administrator':'eli','replace':true"));
	strcpy(digits, code);
	desk_ask(&desk, "panel.OpenTicket", "'session':'%s','account':'acme','subject':'A report',"
	    "'text':'Please.','action':'report.mail'", desk_log_in(&desk, "eli", true));
	strcpy(ticket, desk_text(&desk, "ticket"));
}

static void a_removal_leaves_what_colleagues_have_and_a_suspension_does_not(void **state)
{
	char digits[16], ticket[24];

	(void)state;
	desk_add(&desk, "acme", "eli");
	give_eli(digits, ticket);
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator", "'administrator':'dana'"),
	    CS_OK);
	assert_string_equal(report(digits), "accepted");
	assert_string_equal(report(ticket), "accepted");
	give_eli(digits, ticket);
	assert_int_equal(desk_ask(&desk, "control.SuspendAccount", "'account':'acme'"), CS_OK);
	assert_int_equal(desk_ask(&desk, "control.ResumeAccount", "'account':'acme','reason':'x'"),
	    CS_OK);
	assert_string_equal(report(digits), "cancelled");
	assert_string_equal(report(ticket), "cancelled");
}

static void an_empty_list_of_actions_is_not_every_action(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'acme','administrator':'rita','actions':[]"), CS_ERR_ANSWERED);
	assert_string_equal(desk_text(&desk, "parameter"), "actions");
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'acme','administrator':'rita','all':false"), CS_ERR_ANSWERED);
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'acme','administrator':'rita','all':false,'actions':['report.mail'],"
	    "'reason':'test'"), CS_OK);
	assert_false(issue("'account':'acme','administrator':'rita','action':'filter.list'"));
	assert_true(issue("'account':'acme','administrator':'rita','action':'report.mail'"));
}

static void a_second_authenticator_for_a_purpose_cools_off_everywhere(void **state)
{
	uint8_t secret[20];

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'dana','existing':true,"
	    "'reason':'test'"), CS_OK);
	desk_pass(&desk, 86400);
	desk_enroll(&desk, "dana", "login", secret);
	desk_enroll(&desk, "dana", "support", secret);
	assert_true(issue(DANA ",'action':'service.change'"));
	desk_enroll(&desk, "dana", "login", secret);
	assert_false(issue(DANA ",'action':'service.change','replace':true"));
	assert_false(issue("'account':'bolt','administrator':'dana','action':'service.change'"));
	assert_true(issue(DANA ",'action':'report.mail'"));
	desk_pass(&desk, 86400);
	assert_true(issue(DANA ",'action':'service.change'"));
}

static void removing_from_one_account_leaves_the_other(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'dana','existing':true,"
	    "'reason':'test'"), CS_OK);
	assert_true(issue(DANA));
	strcpy(other, code);
	assert_true(issue("'account':'bolt','administrator':'dana'"));
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator",
	    "'administrator':'dana','account':'acme'"), CS_OK);
	assert_string_equal(report(other), "cancelled");
	assert_string_equal(desk_verify(&desk,
	    "'account':'bolt','action':'report.mail','code':'%s'", code), "accepted");
}

static void a_removal_within_the_batch_of_a_verification_wins_from_there_on(void **state)
{
	(void)state;
	assert_true(issue(DANA));
	desk_begin(&desk);
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator", "'administrator':'dana'"),
	    CS_OK);
	assert_string_equal(report(code), "cancelled");
	desk_commit(&desk);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_scope_shows_the_same_code_until_it_is_used),
		TEST(a_flood_of_looks_at_a_live_code_keeps_no_memos),
		TEST(a_look_that_is_repeated_makes_no_other_code),
		TEST(replacing_ends_the_one_of_the_same_scope_alone),
		TEST(the_same_request_gets_the_same_code_and_another_body_none),
		TEST(every_part_of_the_request_counts),
		TEST(the_whole_of_a_long_ref_counts),
		TEST(who_may_not_gets_no_code),
		TEST(an_issuer_needs_a_fresh_proof_for_high_actions),
		TEST(a_code_serves_what_became_high_by_proof_or_by_who_vouches),
		TEST(a_code_shown_again_for_a_proof_is_shown_for_the_same_request),
		TEST(an_issuer_tells_whose_address_it_was),
		TEST(a_revoked_code_is_dead_and_an_event),
		TEST(a_login_authenticator_rests_after_fifty_wrong_proofs),
		TEST(either_phone_proves_and_the_other_one_does_not_suffer),
		TEST(a_refused_proof_is_an_event_of_the_account),
		TEST(an_empty_list_of_actions_is_not_every_action),
		TEST(a_second_authenticator_for_a_purpose_cools_off_everywhere),
		TEST(twenty_an_hour_and_those_killed_by_others_do_not_count),
		TEST(showing_a_code_again_does_not_lose_what_was_killed),
		TEST(a_colleague_who_issues_does_not_take_what_was_killed),
		TEST(at_most_64_live_and_64_dead_codes_are_kept),
		TEST(removing_an_administrator_ends_all_they_had),
		TEST(a_removal_leaves_what_colleagues_have_and_a_suspension_does_not),
		TEST(removing_from_one_account_leaves_the_other),
		TEST(a_removal_within_the_batch_of_a_verification_wins_from_there_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

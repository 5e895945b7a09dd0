/* SPDX-License-Identifier: ISC
 *
 * The customer's page: who is asking, a code for it, what became of the code,
 * and that all of it is the business of the person who is logged in.
 */
#include "desk.h"

#include "../daemon/code.h"
#include "../daemon/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;
static const char *dana, *eve;		/* sessions; dana's is proved */

#define LIMITS "limit { issue = \"32/1s\" }\n"

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, LIMITS);
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "bolt", "eve");
	dana = desk_log_in(&desk, "dana", true);
	eve = desk_log_in(&desk, "eve", true);
	return 0;
}

/* Asks in a session for acme; the error's name, "" when there is none. */
static const char *ask(const char *session, const char *method, const char *more)
{
	desk_ask(&desk, method, "'session':'%s','account':'acme'%s", session, more);
	return desk_text(&desk, "error");
}

static char code[32], id[32];

/* Generates for dana into code and id; the error's name, "" when there is none. */
static const char *generate(const char *more)
{
	const char *error = ask(dana, "panel.Generate", more);

	snprintf(code, sizeof(code), "%s", desk_text(&desk, "code"));
	snprintf(id, sizeof(id), "%s", desk_text(&desk, "issue"));
	return error;
}

static const char *state_of(const char *issue)
{
	char more[64];

	snprintf(more, sizeof(more), ",'issue':'%s'", issue);
	assert_string_equal(ask(dana, "panel.Code", more), "");
	return desk_text(&desk, "state");
}

static const char *verify(const char *action, const char *digits)
{
	return desk_verify(&desk, "'account':'acme','action':'%s','code':'%s'", action, digits);
}

#define SERVER "'account':'acme','action':'mail.server','target':['mx1.acme.example=203.0.113.9']"

static const char *open_call(const char *what)
{
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "%s", what), CS_OK);
	return desk_keep(&desk, desk_text(&desk, "call"));
}

static const char *for_call(const char *call, const char *more)
{
	char all[128];

	snprintf(all, sizeof(all), ",'call':'%s'%s", call, more);
	return generate(all);
}

static void the_code_that_the_page_shows_is_accepted(void **state)
{
	(void)state;
	assert_string_equal(generate(""), "");
	assert_int_equal(strlen(code), CODE_DIGITS);
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + 600);
	assert_string_equal(verify("report.mail", code), "accepted");
}

static void the_same_scope_shows_the_same_code_until_it_is_replaced(void **state)
{
	char first[32], first_id[32];

	(void)state;
	assert_string_equal(generate(",'action':'filter.list'"), "");
	strcpy(first, code);
	strcpy(first_id, id);
	assert_string_equal(generate(",'action':'filter.list'"), "");
	assert_string_equal(code, first);
	assert_string_equal(generate(",'action':'filter.list','replace':true"), "");
	assert_string_not_equal(code, first);
	assert_string_equal(state_of(first_id), "replaced");
	assert_string_equal(desk_text(&desk, "code"), "");
	assert_string_equal(verify("filter.list", first), "replaced");
}

static void a_double_click_makes_one_code(void **state)
{
	char first[32];
	uint64_t issues;

	(void)state;
	assert_string_equal(generate(",'replace':true,'request':'0123456789abcdef'"), "");
	strcpy(first, code);
	issues = desk_rows(&desk, TABLE_ISSUE);
	assert_string_equal(generate(",'replace':true,'request':'0123456789abcdef'"), "");
	assert_string_equal(code, first);
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), issues);
	assert_string_equal(generate(",'request':'0123456789abcdef'"), "InvalidParameter");
	/* nor does another person's session get it with the request's id */
	desk_add(&desk, "acme", "frank");
	desk_ask(&desk, "panel.Generate",
	    "'session':'%s','account':'acme','replace':true,'request':'0123456789abcdef'",
	    desk_log_in(&desk, "frank", true));
	assert_string_equal(desk_text(&desk, "error"), "InvalidParameter");
}

static void high_risk_needs_a_fresh_proof_in_this_session(void **state)
{
	const char *unproved = desk_log_in(&desk, "dana", false);

	(void)state;
	assert_string_equal(ask(unproved, "panel.Generate", ",'action':'service.change'"),
	    "ProofNeeded");
	assert_string_equal(ask(unproved, "panel.Generate", ""), "");
	assert_string_equal(generate(",'action':'service.change'"), "");
	desk_pass(&desk, SESSION_PROOF);
	assert_string_equal(generate(",'action':'service.change'"), "");
	desk_pass(&desk, 1);
	assert_string_equal(generate(",'action':'service.change'"), "ProofNeeded");
}

#define SAME ",'action':'service.change','request':'0123456789abcdef'"

/* A page left open somewhere shows no high code that was generated elsewhere. */
static void a_high_code_shows_in_proved_sessions_alone(void **state)
{
	const char *unproved = desk_log_in(&desk, "dana", false);
	char more[64];

	(void)state;
	desk_pass(&desk, SESSION_PROOF - 10);
	assert_string_equal(generate(",'action':'service.change'"), "");
	snprintf(more, sizeof(more), ",'issue':'%s'", id);
	assert_string_equal(ask(unproved, "panel.Code", more), "");
	assert_string_equal(desk_text(&desk, "state"), "live");
	assert_string_equal(desk_text(&desk, "code"), "");
	/* nor for its request, whoever kept that */
	assert_string_equal(generate(SAME), "");
	assert_string_equal(ask(unproved, "panel.Generate", SAME), "ProofNeeded");
	assert_string_equal(desk_text(&desk, "code"), "");
	/* and goes on showing where the proof was good when it was generated */
	desk_pass(&desk, 500);
	assert_string_equal(generate(SAME), "");
	assert_string_equal(state_of(id), "live");
	assert_string_equal(desk_text(&desk, "code"), code);
}

static void nor_in_one_whose_proof_was_over_when_it_was_generated(void **state)
{
	const char *lapsed = dana;
	char more[64];

	(void)state;
	desk_pass(&desk, SESSION_PROOF + 1);
	dana = desk_log_in(&desk, "dana", true);
	assert_string_equal(generate(",'action':'service.change'"), "");
	snprintf(more, sizeof(more), ",'issue':'%s'", id);
	assert_string_equal(ask(lapsed, "panel.Code", more), "");
	assert_string_equal(desk_text(&desk, "state"), "live");
	assert_string_equal(desk_text(&desk, "code"), "");
	assert_string_equal(generate(",'action':'filter.list'"), "");
	snprintf(more, sizeof(more), ",'issue':'%s'", id);
	assert_string_equal(ask(lapsed, "panel.Code", more), "");
	assert_string_equal(desk_text(&desk, "code"), code);
}

static void set_report(const char *change)
{
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'report.mail',%s", change), CS_OK);
}

#define REPORT ",'action':'report.mail'"

static void one_without_proof_serves_no_action_that_became_high(void **state)
{
	const char *unproved = desk_log_in(&desk, "dana", false);
	char first[32], first_id[32];

	(void)state;
	assert_string_equal(ask(unproved, "panel.Generate", REPORT), "");
	strcpy(first, desk_text(&desk, "code"));
	strcpy(first_id, desk_text(&desk, "issue"));
	set_report("'risk':'high'");
	assert_string_equal(verify("report.mail", first), "not-permitted");
	assert_non_null(strstr(desk_text(&desk, "say"), "generate a new code"));
	/* the refusal did not use it up */
	set_report("'clear':true");
	assert_string_equal(state_of(first_id), "live");
	set_report("'risk':'high'");
	assert_string_equal(generate(REPORT), "");
	assert_string_not_equal(code, first);
	assert_string_equal(verify("report.mail", first), "replaced");
	assert_string_equal(verify("report.mail", code), "accepted");
}

static void nor_does_the_grant_of_one_without_proof(void **state)
{
	const char *unproved = desk_log_in(&desk, "dana", false), *text;

	(void)state;
	assert_string_equal(ask(unproved, "panel.Generate", REPORT), "");
	desk_verify(&desk, "'account':'acme','action':'report.mail','code':'%s','grant':true",
	    desk_keep(&desk, desk_text(&desk, "code")));
	text = desk_keep(&desk, desk_text(&desk, "grant"));
	set_report("'risk':'high'");
	assert_string_equal(desk_redeem(&desk, "'account':'acme','action':'report.mail',"
	    "'grant':'%s'", text), "not-permitted");
	set_report("'clear':true");
	assert_string_equal(desk_redeem(&desk, "'account':'acme','action':'report.mail',"
	    "'grant':'%s'", text), "accepted");
}

static void one_with_proof_serves_an_action_that_became_high(void **state)
{
	char first[32];

	(void)state;
	assert_string_equal(generate(REPORT), "");
	strcpy(first, code);
	set_report("'risk':'high'");
	assert_string_equal(generate(REPORT), "");
	assert_string_equal(code, first);
	assert_string_equal(verify("report.mail", code), "accepted");
}

static void who_may_not_gets_no_code_and_a_sentence(void **state)
{
	static const struct {
		const char *asks, *error;
	} rows[] = {
		{ ",'action':'nothing'", "UnknownAction" },
		{ ",'target':['a']", "InvalidParameter" },
		{ ",'action':'mail.server'", "InvalidParameter" },
		{ ",'action':'mail.server','target':['a']", "InvalidParameter" },
		{ ",'call':'C99'", "NotFound" },
		{ ",'call':'C1','action':'filter.list'", "InvalidParameter" },
		{ ",'request':'short'", "InvalidParameter" },
		/* a second administrator cools off */
		{ ",'action':'service.change'", "Refused" },
		{ ",'action':'filter.list'", "Refused" },
		{ ",'action':'report.mail'", "" },
	};
	const char *frank;

	(void)state;
	desk_add(&desk, "acme", "frank");
	assert_int_equal(desk_ask(&desk, "control.SetRights", "'account':'acme','administrator':"
	    "'frank','actions':['report.mail','service.change'],'reason':'test'"), CS_OK);
	frank = desk_log_in(&desk, "frank", true);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(ask(frank, "panel.Generate", rows[i].asks), rows[i].error);
	ask(frank, "panel.Generate", ",'action':'service.change'");
	assert_string_equal(desk_text(&desk, "why"), "cooling-off");
	assert_non_null(strstr(desk_text(&desk, "say"), "You can authorise this in 24 hours"));
}

static void a_frozen_account_gets_no_code(void **state)
{
	(void)state;
	desk_stand(&desk, "acme", STANDING_FROZEN);
	assert_string_equal(generate(""), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "frozen");
	desk_stand(&desk, "acme", STANDING_SUSPENDED);
	assert_string_equal(generate(""), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "suspended");
}

static void twenty_codes_an_hour_are_enough(void **state)
{
	(void)state;
	desk_reload(&desk, "");
	for (unsigned i = 0; i < 20; i++)
		assert_string_equal(generate(",'replace':true"), "");
	assert_string_equal(generate(",'replace':true"), "Throttled");
	/* no time of a clock: nobody knows theirs */
	assert_string_equal(desk_text(&desk, "say"),
	    "Wait 60 minutes: too many codes were generated.");
	assert_in_range(desk_int(&desk, "wait"), 1, 3600);
	desk_pass(&desk, 3600);
	dana = desk_log_in(&desk, "dana", true);
	assert_string_equal(generate(",'replace':true"), "");
}

static void who_issued_it_does_not_verify_it(void **state)
{
	(void)state;
	assert_string_equal(generate(""), "");
	desk_sit(&desk, DESK_ISSUER, "panel");
	assert_string_equal(verify("report.mail", code), "not-permitted");
}

static void the_actions_are_those_in_force_for_the_account(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'report.mail','risk':'high'"), CS_OK);
	assert_string_equal(ask(dana, "panel.Actions", ""), "");
	for (unsigned i = 0; i < desk_rows_told(&desk); i++) {
		desk_row(&desk, i);
		if (strcmp(desk_text(&desk, "action"), "report.mail") == 0)
			break;
	}
	assert_string_equal(desk_text(&desk, "action"), "report.mail");
	assert_string_equal(desk_text(&desk, "risk"), "high");
	assert_string_equal(desk_text(&desk, "target_form"), "free");
}

static void a_call_is_listed_and_its_code_carries_action_and_target(void **state)
{
	const char *call = open_call(SERVER ",'case':'4711'");

	(void)state;
	assert_string_equal(ask(dana, "panel.Calls", ""), "");
	assert_int_equal(desk_rows_told(&desk), 1);
	assert_string_equal(desk_text(&desk, "call"), call);
	assert_string_equal(desk_text(&desk, "technician"), "mia");
	assert_string_equal(desk_text(&desk, "action"), "mail.server");
	assert_string_equal(desk_text(&desk, "risk"), "high");
	assert_string_equal(desk_text(&desk, "case"), "4711");
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + 600);
	assert_string_equal(for_call(call, ""), "");
	assert_string_equal(desk_text(&desk, "action"), "mail.server");
	assert_string_equal(desk_verify(&desk, "'account':'acme','action':'mail.server',"
	    "'target':['mx2.acme.example=203.0.113.9'],'code':'%s'", code), "other-target");
	assert_string_equal(desk_verify(&desk, SERVER ",'code':'%s'", code), "accepted");
	ask(dana, "panel.Calls", "");
	assert_int_equal(desk_rows_told(&desk), 0);
}

static void a_call_for_high_risk_needs_the_proof_too(void **state)
{
	const char *unproved = desk_log_in(&desk, "dana", false);
	char more[64];

	(void)state;
	snprintf(more, sizeof(more), ",'call':'%s'", open_call(SERVER));
	assert_string_equal(ask(unproved, "panel.Generate", more), "ProofNeeded");
}

/* What was on the page when "Show code" was pressed is what is authorised. */
static void a_call_changed_by_its_technician_is_another_call(void **state)
{
	const char *first = open_call(SERVER), *again = open_call(SERVER), *other;

	(void)state;
	assert_string_equal(first, again);
	other = open_call("'account':'acme','action':'mail.server',"
	    "'target':['mx1.acme.example=198.51.100.66']");
	assert_string_not_equal(first, other);
	assert_string_equal(for_call(first, ""), "NotFound");
	assert_string_equal(for_call(other, ""), "");
}

static void a_call_of_another_account_or_over_gives_no_code(void **state)
{
	const char *call = open_call("'account':'bolt','action':'report.mail'");

	(void)state;
	assert_string_equal(for_call(call, ""), "NotFound");
	ask(dana, "panel.Calls", "");
	assert_int_equal(desk_rows_told(&desk), 0);
	call = open_call("'account':'acme','action':'report.mail'");
	desk_pass(&desk, 600);
	assert_string_equal(for_call(call, ""), "NotFound");
	ask(dana, "panel.Calls", "");
	assert_int_equal(desk_rows_told(&desk), 0);
}

static void a_call_for_what_the_policy_names_no_more_gives_no_code(void **state)
{
	const char *call;

	(void)state;
	desk_reload(&desk, LIMITS "action note.add { title = \"Add a note\" require = code }\n");
	call = open_call("'account':'acme','action':'note.add'");
	desk_reload(&desk, LIMITS);
	assert_string_equal(for_call(call, ""), "UnknownAction");
	assert_string_equal(desk_text(&desk, "action"), "note.add");
	ask(dana, "panel.Calls", "");
	assert_int_equal(desk_rows_told(&desk), 0);
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), 0);
}

static void a_lost_reply_gets_its_code_after_the_call_is_gone(void **state)
{
	const char *call = open_call(SERVER);
	char first[32];

	(void)state;
	assert_string_equal(for_call(call, ",'request':'0123456789abcdef'"), "");
	strcpy(first, code);
	assert_string_equal(desk_verify(&desk, SERVER ",'code':'%s'", code), "accepted");
	assert_string_equal(for_call(call, ",'request':'0123456789abcdef'"), "");
	assert_string_equal(code, first);
}

static void not_us_ends_the_call_and_its_codes_and_says_who_asked(void **state)
{
	const char *call = open_call(SERVER);
	char more[64], general[32];

	(void)state;
	assert_string_equal(generate(""), "");
	strcpy(general, code);
	assert_string_equal(for_call(call, ""), "");
	snprintf(more, sizeof(more), ",'call':'%s'", call);
	assert_string_equal(ask(dana, "panel.DenyCall", more), "");
	assert_int_equal(desk_int(&desk, "codes"), 1);
	assert_string_equal(desk_verify(&desk, SERVER ",'code':'%s'", code), "cancelled");
	desk_event(&desk, desk_events(&desk) - 1);
	assert_string_equal(desk_text(&desk, "kind"), "call-denied");
	assert_string_equal(desk_text(&desk, "technician"), "mia");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_string_equal(desk_text(&desk, "credential"), call);
	assert_string_equal(ask(dana, "panel.DenyCall", more), "NotFound");
	/* what was for something else lives */
	assert_string_equal(verify("report.mail", general), "accepted");
	assert_string_not_equal(open_call(SERVER), call);
}

static void a_used_code_tells_by_whom_for_what_and_when(void **state)
{
	(void)state;
	assert_string_equal(generate(""), "");
	assert_string_equal(state_of(id), "live");
	assert_string_equal(desk_text(&desk, "code"), code);
	desk_pass(&desk, 60);
	assert_string_equal(desk_verify(&desk, "'account':'acme','action':'report.mail',"
	    "'target':['june'],'code':'%s'", code), "accepted");
	assert_string_equal(state_of(id), "used");
	assert_string_equal(desk_text(&desk, "by"), "mia");
	assert_string_equal(desk_text(&desk, "used_action"), "report.mail");
	assert_string_equal(desk_text(&desk, "used_title"), "Report of mail transferred");
	assert_int_equal(desk_int(&desk, "ended"), desk.at.wall);
	assert_string_equal(desk_text(&desk, "code"), "");
}

static void wrong_tries_are_counted_and_cancel_it(void **state)
{
	(void)state;
	assert_string_equal(generate(""), "");
	desk_fail(&desk, "acme", 2);
	assert_string_equal(state_of(id), "live");
	assert_int_equal(desk_int(&desk, "tries"), 2);
	desk_fail(&desk, "acme", 1);
	assert_string_equal(state_of(id), "cancelled");
	assert_string_equal(desk_text(&desk, "code"), "");
}

static void an_expired_code_shows_no_more(void **state)
{
	(void)state;
	assert_string_equal(generate(""), "");
	desk_pass(&desk, 599);
	assert_string_equal(state_of(id), "live");
	desk_pass(&desk, 1);
	assert_string_equal(state_of(id), "expired");
	assert_string_equal(desk_text(&desk, "code"), "");
}

static void a_cancelled_code_is_over_for_everybody(void **state)
{
	char more[64];

	(void)state;
	assert_string_equal(generate(""), "");
	snprintf(more, sizeof(more), ",'issue':'%s'", id);
	assert_string_equal(ask(dana, "panel.CancelCode", more), "");
	assert_string_equal(state_of(id), "revoked");
	assert_string_equal(verify("report.mail", code), "cancelled");
	assert_string_equal(ask(dana, "panel.CancelCode", more), "");
	desk_event(&desk, desk_events(&desk) - 1);
	assert_string_equal(desk_text(&desk, "kind"), "revoke");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
}

static void a_used_code_cannot_be_cancelled(void **state)
{
	char more[64];

	(void)state;
	assert_string_equal(generate(""), "");
	assert_string_equal(verify("report.mail", code), "accepted");
	snprintf(more, sizeof(more), ",'issue':'%s'", id);
	assert_string_equal(ask(dana, "panel.CancelCode", more), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "used");
	assert_string_equal(state_of(id), "used");
}

static void the_list_has_the_live_codes_of_the_caller_alone(void **state)
{
	const char *frank;
	char more[64];

	(void)state;
	desk_add(&desk, "acme", "frank");
	frank = desk_log_in(&desk, "frank", true);
	assert_string_equal(generate(""), "");
	assert_string_equal(generate(",'action':'filter.list'"), "");
	assert_string_equal(ask(frank, "panel.Generate", ""), "");
	ask(dana, "panel.Codes", "");
	assert_int_equal(desk_rows_told(&desk), 2);
	desk_row(&desk, 1);
	assert_string_equal(desk_text(&desk, "issue"), id);
	assert_string_equal(desk_text(&desk, "action"), "filter.list");
	/* a colleague of the same account neither sees nor ends it */
	snprintf(more, sizeof(more), ",'issue':'%s'", id);
	assert_string_equal(ask(frank, "panel.Code", more), "NotFound");
	assert_string_equal(ask(frank, "panel.CancelCode", more), "NotFound");
	assert_string_equal(state_of(id), "live");
	desk_pass(&desk, 600);
	ask(dana, "panel.Codes", "");
	assert_int_equal(desk_rows_told(&desk), 0);
}

/* As many as an account may have, which is one answer. */
static void sixty_four_codes_are_listed_once_each_in_order(void **state)
{
	char more[80], ids[64][24];

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		if (i % 32 == 0)
			desk_pass(&desk, 2);
		snprintf(more, sizeof(more), ",'action':'filter.list','target':['t%u']", i);
		assert_string_equal(generate(more), "");
		strcpy(ids[i], id);
	}
	assert_string_equal(generate(",'action':'filter.list','target':['t64']"), "Throttled");
	assert_string_equal(ask(dana, "panel.Codes", ""), "");
	assert_int_equal(desk_rows_told(&desk), 64);
	for (unsigned i = 0; i < 64; i++) {
		desk_row(&desk, i);
		assert_string_equal(desk_text(&desk, "issue"), ids[i]);
	}
	assert_int_equal(desk_go_on(&desk), CS_OK);
	assert_int_equal(desk_rows_told(&desk), 0);
	assert_false(desk.told.again);
}

static void a_session_shows_nothing_of_an_account_that_is_not_its_own(void **state)
{
	char more[64];

	(void)state;
	assert_string_equal(generate(""), "");
	snprintf(more, sizeof(more), ",'issue':'%s'", id);
	assert_string_equal(ask(eve, "panel.Code", more), "UnknownAccount");
	desk_ask(&desk, "panel.Code", "'session':'%s','account':'bolt','issue':'%s'", eve, id);
	assert_string_equal(desk_text(&desk, "error"), "NotFound");
	/* nor below the wrong one of two that are */
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator", "'account':'bolt',"
	    "'administrator':'dana','existing':true,'reason':'test'"), CS_OK);
	desk_ask(&desk, "panel.Code", "'session':'%s','account':'bolt','issue':'%s'", dana, id);
	assert_string_equal(desk_text(&desk, "error"), "NotFound");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_code_that_the_page_shows_is_accepted),
		TEST(the_same_scope_shows_the_same_code_until_it_is_replaced),
		TEST(a_double_click_makes_one_code),
		TEST(high_risk_needs_a_fresh_proof_in_this_session),
		TEST(a_high_code_shows_in_proved_sessions_alone),
		TEST(nor_in_one_whose_proof_was_over_when_it_was_generated),
		TEST(one_without_proof_serves_no_action_that_became_high),
		TEST(nor_does_the_grant_of_one_without_proof),
		TEST(one_with_proof_serves_an_action_that_became_high),
		TEST(who_may_not_gets_no_code_and_a_sentence),
		TEST(a_frozen_account_gets_no_code),
		TEST(twenty_codes_an_hour_are_enough),
		TEST(who_issued_it_does_not_verify_it),
		TEST(the_actions_are_those_in_force_for_the_account),
		TEST(a_call_is_listed_and_its_code_carries_action_and_target),
		TEST(a_call_for_high_risk_needs_the_proof_too),
		TEST(a_call_changed_by_its_technician_is_another_call),
		TEST(a_call_of_another_account_or_over_gives_no_code),
		TEST(a_call_for_what_the_policy_names_no_more_gives_no_code),
		TEST(a_lost_reply_gets_its_code_after_the_call_is_gone),
		TEST(not_us_ends_the_call_and_its_codes_and_says_who_asked),
		TEST(a_used_code_tells_by_whom_for_what_and_when),
		TEST(wrong_tries_are_counted_and_cancel_it),
		TEST(an_expired_code_shows_no_more),
		TEST(a_cancelled_code_is_over_for_everybody),
		TEST(a_used_code_cannot_be_cancelled),
		TEST(the_list_has_the_live_codes_of_the_caller_alone),
		TEST(sixty_four_codes_are_listed_once_each_in_order),
		TEST(a_session_shows_nothing_of_an_account_that_is_not_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

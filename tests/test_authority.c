/* SPDX-License-Identifier: ISC
 *
 * On whose word rights are changed, and the day that follows.
 */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HIGH "'account':'acme','action':'service.change'"

static struct desk desk;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	return 0;
}

static const char *ask(const char *method, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static const char *ask(const char *method, const char *fmt, ...)
{
	char parameters[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(parameters, sizeof(parameters), fmt, ap);
	va_end(ap);
	desk_ask(&desk, method, "%s", parameters);
	return desk_text(&desk, "error");
}

/* A grant from dana for what "fmt" asks, taken by mia. */
static char *take_grant(const char *account, const char *action, const char *more)
{
	char *code = desk_keep(&desk, desk_issue(&desk,
	    "'account':'%s','administrator':'dana','action':'%s','replace':true%s", account, action,
	    more));

	assert_string_equal(desk_verify(&desk,
				"'account':'%s','action':'%s','code':'%s','grant':true%s", account,
				action, code, more),
	    "accepted");
	return desk_keep(&desk, desk_text(&desk, "grant"));
}

static const char *add(const char *name, const char *word)
{
	return ask("control.AddAdministrator", "'account':'acme','administrator':'%s'%s", name,
	    word);
}

static const char *with(const char *grant)
{
	static char text[128];

	snprintf(text, sizeof(text), ",'grant':'%s'", grant);
	return text;
}

/* Whether dana can have and use a code for a change of high risk. */
static bool may_high(const char *admin)
{
	const char *code = desk_issue(&desk, HIGH ",'administrator':'%s','replace':true", admin);

	return strlen(code) == 9 &&
	    strcmp(desk_verify(&desk, HIGH ",'code':'%s'", code), "accepted") == 0;
}

static void assert_why(const char *why)
{
	assert_string_equal(desk_text(&desk, "error"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), why);
}

static void a_second_administrator_takes_somebodys_word(void **state)
{
	(void)state;
	add("eli", "");
	assert_why("reason-needed");
	add("eli", ",'reason':''");
	assert_why("reason-needed");
	assert_string_equal(add("eli", ",'reason':'their director wrote'"), "");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "admin-add");
	assert_string_equal(desk_text(&desk, "note"), "their director wrote");
	/* whoever else is suspended */
	ask("control.SuspendAdministrator", "'administrator':'eli'");
	add("fay", "");
	assert_why("reason-needed");
}

static void an_account_without_an_active_administrator_takes_none(void **state)
{
	(void)state;
	ask("control.SuspendAdministrator", "'administrator':'dana'");
	assert_string_equal(add("eli", ""), "");
	ask("control.RemoveAdministrator", "'administrator':'eli'");
	assert_string_equal(add("eli", ""), "");
}

static void nor_does_who_is_its_only_one_and_suspended(void **state)
{
	uint8_t secret[20];

	(void)state;
	desk_enroll(&desk, "dana", "login", secret);
	ask("control.RemoveAuthenticator", "'administrator':'dana','authenticator':'A1'");
	assert_why("reason-needed");
	ask("control.SuspendAdministrator", "'administrator':'dana'");
	assert_string_equal(ask("control.RemoveAuthenticator",
	    "'administrator':'dana','authenticator':'A1'"), "");
}

static void a_grant_for_it_is_spent_with_the_change(void **state)
{
	char *grant = take_grant("acme", "admin.change", "");

	(void)state;
	assert_string_equal(add("eli", with(grant)), "");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "credential"), "G1");
	desk_restart(&desk);
	add("fay", with(grant));
	assert_why("grant");
	assert_string_equal(desk_redeem(&desk,
				"'account':'acme','action':'admin.change','grant':'%s'", grant),
	    "used");
}

static void a_grant_for_anything_else_does_not_serve(void **state)
{
	char *grant;

	(void)state;
	ask("control.AddAccount", "'account':'bolt'");
	assert_string_equal(ask("control.AddAdministrator",
				"'account':'bolt','administrator':'dana',"
				"'existing':true"),
	    "");
	add("eli", with(take_grant("acme", "service.change", "")));
	assert_why("grant");
	add("eli", with(take_grant("bolt", "admin.change", "")));
	assert_why("grant");
	add("eli", with(take_grant("acme", "admin.change", ",'target':['fay']")));
	assert_why("grant");
	add("eli", ",'grant':'G1-00000000000000000000000000000000'");
	assert_why("grant");
	add("eli", ",'grant':'nonsense','reason':'and a good one'");
	assert_why("grant");
	grant = take_grant("acme", "admin.change", ",'target':['eli']");
	desk_pass(&desk, 900);
	add("eli", with(grant));
	assert_why("grant");
	assert_string_equal(add("eli",
				with(take_grant("acme", "admin.change", ",'target':['eli']"))),
	    "");
}

static void a_grant_of_one_account_is_no_word_for_another(void **state)
{
	const char *grant = with(take_grant("acme", "admin.change", ""));

	(void)state;
	ask("control.AddAccount", "'account':'bolt'");
	ask("control.AddAdministrator", "'account':'bolt','administrator':'dana','existing':true");
	ask("control.InviteAdministrator", "'administrator':'dana','reset':true%s", grant);
	assert_why("grant");
	ask("control.RemoveAdministrator", "'administrator':'dana'%s", grant);
	assert_why("grant");
	ask("control.RemoveAdministrator", "'account':'bolt','administrator':'dana'%s", grant);
	assert_why("grant");
	assert_string_equal(ask("control.RemoveAdministrator",
	    "'account':'acme','administrator':'dana'%s", grant), "");
}

static void it_is_word_for_who_acts_for_its_account_alone(void **state)
{
	const char *grant = with(take_grant("acme", "admin.change", ",'target':['fay']"));

	(void)state;
	add("eli", ",'reason':'x'");
	desk_add(&desk, "bolt", "eve");
	ask("control.RemoveAdministrator", "'administrator':'eli'%s", grant);
	assert_why("grant");
	grant = with(take_grant("acme", "admin.change", ""));
	ask("control.RemoveAdministrator", "'administrator':'eve'%s", grant);
	assert_why("grant");
	assert_string_equal(ask("control.RemoveAdministrator", "'administrator':'eli'%s", grant),
	    "");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "admin-remove");
	assert_string_equal(desk_text(&desk, "credential"), "G2");
	ask("control.RemoveAdministrator", "'administrator':'dana'%s", grant);
	assert_why("grant");
}

static void a_grant_that_no_code_stands_behind_is_nobodys_word(void **state)
{
	(void)state;
	desk_reload(&desk, "mode = \"shadow\"\n");
	desk_verify(&desk, "'account':'acme','action':'admin.change','grant':true");
	add("eli", with(desk_keep(&desk, desk_text(&desk, "grant"))));
	assert_why("grant");
}

static void a_grant_ends_with_its_giver_and_its_account(void **state)
{
	char *grant = take_grant("acme", "admin.change", "");

	(void)state;
	add("eli", ",'reason':'x'");
	ask("control.SuspendAccount", "'account':'acme'");
	add("fay", with(grant));
	assert_why("grant");
	ask("control.ResumeAccount", "'account':'acme'");
	add("fay", with(grant));
	assert_why("grant");
	grant = take_grant("acme", "admin.change", "");
	desk_stand(&desk, "acme", STANDING_FROZEN);
	add("fay", with(grant));
	assert_why("grant");
	desk_stand(&desk, "acme", STANDING_ACTIVE);
	grant = take_grant("acme", "admin.change", "");
	ask("control.SetRights", "'account':'acme','administrator':'dana',"
	    "'actions':['report.mail'],'reason':'x'");
	add("fay", with(grant));
	assert_why("grant");
	ask("control.SetRights", "'account':'acme','administrator':'dana','all':true,'reason':'x'");
	add("fay", with(grant));
	assert_why("grant");		/* dana cools off */
	assert_string_equal(add("fay", ",'reason':'x'"), "");
}

static void it_waits_for_its_giver_where_an_override_says_high(void **state)
{
	char *grants[2];

	(void)state;
	desk_reload(&desk, "action admin.change { risk = normal }\n");
	for (size_t i = 0; i < 2; i++)
		grants[i] = take_grant("acme", "admin.change", "");
	ask("control.SetRights", "'account':'acme','administrator':'dana',"
	    "'actions':['admin.change'],'reason':'x'");
	ask("control.SetRights", "'account':'acme','administrator':'dana','all':true,'reason':'x'");
	assert_int_equal(desk_int(&desk, "cooling_until"), desk.at.wall + 86400);
	assert_string_equal(add("eli", with(grants[0])), "");
	assert_string_equal(ask("control.SetPolicy",
	    "'account':'acme','action':'admin.change','risk':'high'"), "");
	add("fay", with(grants[1]));
	assert_why("grant");
}

static void wider_rights_cool_off_and_narrower_do_not(void **state)
{
	(void)state;
	ask("control.SetRights", "'account':'acme','administrator':'dana','all':true");
	assert_why("reason-needed");
	assert_string_equal(ask("control.SetRights", "'account':'acme','administrator':'dana',"
	    "'reason':'x'"), "InvalidParameter");
	assert_string_equal(ask("control.SetRights", "'account':'acme','administrator':'dana',"
	    "'actions':['service.change','report.mail'],'reason':'x'"), "");
	assert_int_equal(desk_int(&desk, "cooling_until"), -1);
	assert_true(may_high("dana"));
	assert_string_equal(ask("control.SetRights", "'account':'acme','administrator':'dana',"
	    "'actions':['service.change'],'reason':'x'"), "");
	assert_true(may_high("dana"));
	assert_string_equal(ask("control.SetRights", "'account':'acme','administrator':'dana',"
	    "'actions':['service.change','filter.list'],'reason':'sales'"), "");
	assert_int_equal(desk_int(&desk, "cooling_until"), desk.at.wall + 86400);
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "admin-rights");
	assert_string_equal(desk_text(&desk, "note"), "service.change,filter.list: sales");
	assert_false(may_high("dana"));
	desk_restart(&desk);
	desk_pass(&desk, 86399);
	assert_false(may_high("dana"));
	desk_pass(&desk, 1);
	assert_true(may_high("dana"));
}

static void rights_that_were_taken_end_what_was_given(void **state)
{
	char *grant = take_grant("acme", "service.change", "");

	(void)state;
	ask("control.SetRights", "'account':'acme','administrator':'dana',"
	    "'actions':['report.mail'],'reason':'x'");
	assert_string_equal(desk_redeem(&desk, HIGH ",'grant':'%s'", grant), "not-permitted");
	assert_false(may_high("dana"));
}

static void a_waiver_needs_a_reason_and_ends_the_day(void **state)
{
	(void)state;
	add("eli", ",'reason':'x'");
	assert_false(may_high("eli"));
	ask("control.WaiveCooling", "'account':'acme','administrator':'eli'");
	assert_why("reason-needed");
	assert_string_equal(ask("control.WaiveCooling", "'account':'acme','administrator':'eli',"
	    "'reason':'known for years'"), "");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "cooling-waive");
	assert_string_equal(desk_text(&desk, "note"), "known for years");
	assert_true(may_high("eli"));
	ask("control.WaiveCooling", "'account':'acme','administrator':'eli','reason':'x'");
	assert_why("active");
}

static void a_reason_is_plain_text_of_a_sensible_length(void **state)
{
	char reason[260];

	(void)state;
	memset(reason, 'x', sizeof(reason));
	snprintf(reason, sizeof(reason), ",'reason':'%.201s'",
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	assert_string_equal(add("eli", reason), "InvalidParameter");
	assert_string_equal(add("eli", ",'reason':'two\\nlines'"), "InvalidParameter");
}

static void names_and_refs_are_what_every_log_can_show(void **state)
{
	static const char *const bad[][2] = {
		{ "administrator", ",'administrator':'D\\u00e4na'" },
		{ "name", ",'administrator':'eli','name':'two\\nlines'" },
		{ "name", ",'administrator':'eli','name':'\\u202eile'" },
		{ "ref", ",'administrator':'eli','ref':'4 7'" },
	};
	uint64_t events = desk_events(&desk);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_string_equal(ask("control.AddAdministrator",
		    "'account':'acme','reason':'x'%s", bad[i][1]), "InvalidParameter");
		assert_string_equal(desk_text(&desk, "parameter"), bad[i][0]);
	}
	assert_int_equal(desk_events(&desk), events);
}

static void a_ref_is_one_accounts_alone(void **state)
{
	(void)state;
	assert_string_equal(ask("control.AddAccount", "'account':'bolt','ref':'4711'"), "");
	assert_string_equal(ask("control.AddAccount", "'account':'cold','ref':'4711'"), "Exists");
	assert_non_null(strstr(desk_text(&desk, "say"), "that ref"));
	assert_string_equal(ask("control.ShowAccount", "'account':'cold'"), "UnknownAccount");
	assert_string_equal(ask("control.ShowAccount", "'account':'ref:4711'"), "");
	assert_string_equal(desk_text(&desk, "account"), "bolt");
}

/* The log names as many as fit, whole ones, and that there are more; but the reason is
 * not cut. */
static void rights_too_many_for_the_log_are_cut_between_two(void **state)
{
	char name[58] = "", options[2048], actions[2048], noted[512], reason[201] = "";
	size_t o = 0, a = 0, n = 0;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	for (unsigned i = 0; i < 5; i++) {
		o += (size_t)snprintf(options + o, sizeof(options) - o,
		    "action a%u.%s { require = code }\n", i, name);
		a += (size_t)snprintf(actions + a, sizeof(actions) - a, "%s'a%u.%s'",
		    i > 0 ? "," : "", i, name);
		if (i < 4)
			n += (size_t)snprintf(noted + n, sizeof(noted) - n, "a%u.%s,", i, name);
	}
	snprintf(noted + n, sizeof(noted) - n, "...: test");
	desk_reload(&desk, options);
	assert_string_equal(ask("control.SetRights",
	    "'account':'acme','administrator':'dana','actions':[%s],'reason':'test'", actions), "");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "admin-rights");
	assert_string_equal(desk_text(&desk, "note"), noted);

	memset(reason, 'r', sizeof(reason) - 1);
	assert_string_equal(ask("control.SetRights",
	    "'account':'acme','administrator':'dana','actions':[%s],'reason':'%s'", actions,
	    reason), "");
	desk_event(&desk, desk_events(&desk));
	snprintf(options, sizeof(options), "%.53s: %s", noted, reason);
	assert_string_equal(desk_text(&desk, "note"), options);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_second_administrator_takes_somebodys_word),
		TEST(an_account_without_an_active_administrator_takes_none),
		TEST(nor_does_who_is_its_only_one_and_suspended),
		TEST(a_grant_for_it_is_spent_with_the_change),
		TEST(a_grant_for_anything_else_does_not_serve),
		TEST(a_grant_of_one_account_is_no_word_for_another),
		TEST(it_is_word_for_who_acts_for_its_account_alone),
		TEST(a_grant_that_no_code_stands_behind_is_nobodys_word),
		TEST(a_grant_ends_with_its_giver_and_its_account),
		TEST(it_waits_for_its_giver_where_an_override_says_high),
		TEST(wider_rights_cool_off_and_narrower_do_not),
		TEST(rights_that_were_taken_end_what_was_given),
		TEST(a_waiver_needs_a_reason_and_ends_the_day),
		TEST(a_reason_is_plain_text_of_a_sensible_length),
		TEST(names_and_refs_are_what_every_log_can_show),
		TEST(a_ref_is_one_accounts_alone),
		TEST(rights_too_many_for_the_log_are_cut_between_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * Accounts and administrators that are suspended, frozen, resumed, removed:
 * what ends, what comes back, who may not.
 */
#include "desk.h"

#include "../daemon/rowkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define REPORT "'account':'acme','action':'report.mail'"

static struct desk desk;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "acme", "eli");
	desk_pass(&desk, 86400);
	return 0;
}

static char *issue(const char *account, const char *admin)
{
	return desk_keep(&desk,
	    desk_issue(&desk, "'account':'%s','administrator':'%s','replace':true", account,
		admin));
}

static const char *report(const char *code)
{
	return desk_verify(&desk, REPORT ",'code':'%s'", code);
}

/* A grant for a report, from a fresh code of that administrator. */
static char *take_grant(const char *admin)
{
	char *code = issue("acme", admin);

	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s','grant':true", code),
	    "accepted");
	return desk_keep(&desk, desk_text(&desk, "grant"));
}

static const char *redeem(const char *grant)
{
	return desk_redeem(&desk, REPORT ",'grant':'%s'", grant);
}

static void call(void)
{
	assert_int_equal(desk_ask(&desk, "staff.Prepare", REPORT), CS_OK);
}

static const char *ask(const char *method, const char *parameters)
{
	desk_ask(&desk, method, "%s", parameters);
	return desk_text(&desk, "error");
}

static void assert_ended(int64_t codes, int64_t grants, int64_t calls)
{
	assert_int_equal(desk_int(&desk, "codes"), codes);
	assert_int_equal(desk_int(&desk, "grants"), grants);
	assert_int_equal(desk_int(&desk, "calls"), calls);
}

static void assert_event(const char *kind, const char *note)
{
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), kind);
	assert_string_equal(desk_text(&desk, "note"), note);
}

static void a_suspended_account_ends_what_lives_and_says_so(void **state)
{
	char *grant = take_grant("eli"), *code = issue("acme", "dana");

	(void)state;
	call();
	assert_string_equal(ask("control.SuspendAccount", "'account':'acme','reason':'unpaid'"),
	    "");
	assert_ended(1, 1, 1);
	assert_event("account-suspend", "unpaid");
	assert_string_equal(report(code), "suspended");
	assert_string_equal(redeem(grant), "suspended");
	assert_string_equal(ask("control.SuspendAccount", "'account':'acme'"), "Refused");
	assert_string_equal(ask("control.ResumeAccount", "'account':'acme'"), "");
	desk_restart(&desk);
	assert_string_equal(report(code), "cancelled");
	assert_string_equal(redeem(grant), "cancelled");
	assert_string_equal(report(issue("acme", "dana")), "accepted");
	assert_string_equal(ask("control.ResumeAccount", "'account':'acme'"), "Refused");
}

/* A grant that needs no code, for something on an account. */
static char *take_free_grant(const char *account)
{
	assert_string_equal(desk_verify(&desk, "'account':'%s','action':'general','code':'',"
	    "'grant':true", account), "accepted");
	return desk_keep(&desk, desk_text(&desk, "grant"));
}

static const char *redeem_free(const char *account, const char *grant)
{
	return desk_redeem(&desk, "'account':'%s','action':'general','grant':'%s'", account,
	    grant);
}

#define MANY 200

/* The grants' rows, one after another; the length. */
static size_t copy_grants(uint8_t *out, size_t room)
{
	size_t len = 0;

	desk_begin(&desk);
	for (uint64_t id = 1; id <= MANY; id++) {
		struct rowkey key = rowkey1(id);
		struct bytes val;

		assert_int_equal(store_get(desk.store, TABLE_GRANT, rowkey_bytes(&key), &val),
		    CS_OK);
		assert_true(len + val.len <= room);
		memcpy(out + len, val.p, val.len);
		len += val.len;
	}
	desk_commit(&desk);
	return len;
}

/* Whoever may ask for what needs no code can have thousands. */
static void a_freeze_writes_no_grant_however_many_live(void **state)
{
	static uint8_t before[MANY * 256], after[sizeof(before)];
	char *grant = NULL;
	uint64_t marks;
	size_t len;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		desk.nkept = 0;
		grant = take_free_grant("acme");
	}
	len = copy_grants(before, sizeof(before));
	marks = desk_rows(&desk, TABLE_GRANTS_ENDED);
	assert_string_equal(ask("control.FreezeAccount", "'account':'acme','reason':'odd'"), "");
	assert_ended(0, MANY, 0);
	assert_int_equal(copy_grants(after, sizeof(after)), len);
	assert_memory_equal(after, before, len);
	assert_int_equal(desk_rows(&desk, TABLE_GRANTS_ENDED), marks + 1);
	desk_pass(&desk, 3600);
	assert_string_equal(ask("control.ThawAccount", "'account':'acme','reason':'fine'"), "");
	assert_string_equal(redeem_free("acme", grant), "cancelled");
}

static void what_is_ended_for_one_account_is_good_for_another(void **state)
{
	char *grants[4];

	(void)state;
	desk_add(&desk, "bolt", "eve");
	grants[0] = take_free_grant("acme");
	grants[1] = take_free_grant("bolt");
	grants[2] = take_free_grant("");
	grants[3] = take_grant("dana");
	assert_string_equal(ask("control.SuspendAccount", "'account':'acme'"), "");
	assert_ended(0, 2, 0);
	assert_string_equal(ask("control.ResumeAccount", "'account':'acme'"), "");
	desk_restart(&desk);
	assert_string_equal(redeem_free("acme", grants[0]), "cancelled");
	assert_string_equal(redeem_free("bolt", grants[1]), "accepted");
	assert_string_equal(redeem_free("", grants[2]), "accepted");
	assert_string_equal(redeem(grants[3]), "cancelled");
	assert_string_equal(redeem_free("acme", take_free_grant("acme")), "accepted");
	assert_string_equal(redeem(take_grant("dana")), "accepted");
}

static void a_suspended_administrator_ends_no_grant_of_others(void **state)
{
	char *danas = take_grant("dana"), *elis = take_grant("eli");
	char *free = take_free_grant("acme");

	(void)state;
	assert_string_equal(ask("control.SuspendAdministrator",
	    "'account':'acme','administrator':'dana'"), "");
	assert_ended(0, 1, 0);
	assert_string_equal(ask("control.ResumeAdministrator",
	    "'account':'acme','administrator':'dana'"), "");
	desk_restart(&desk);
	assert_string_equal(redeem(danas), "cancelled");
	assert_string_equal(redeem(elis), "accepted");
	assert_string_equal(redeem_free("acme", free), "accepted");
	assert_string_equal(redeem(take_grant("dana")), "accepted");
}

/* What was ended or spent before is not counted again. */
static void only_what_is_good_is_counted_as_ended(void **state)
{
	char *spent = take_grant("dana");

	(void)state;
	assert_string_equal(redeem(spent), "accepted");
	take_grant("dana");
	assert_string_equal(ask("control.SuspendAdministrator", "'administrator':'dana'"), "");
	assert_ended(0, 1, 0);
	take_grant("eli");
	take_free_grant("acme");
	desk_pass(&desk, 900);
	take_free_grant("acme");
	assert_string_equal(ask("control.SuspendAccount", "'account':'acme'"), "");
	assert_ended(0, 1, 0);
	assert_string_equal(ask("control.ResumeAccount", "'account':'acme'"), "");
	assert_string_equal(redeem(spent), "used");
}

static void who_is_added_again_has_no_grant_of_before(void **state)
{
	char *grant = take_grant("dana");

	(void)state;
	assert_string_equal(ask("control.RemoveAdministrator",
	    "'account':'acme','administrator':'dana','reason':'gone'"), "");
	assert_int_equal(desk_int(&desk, "grants"), 1);
	assert_string_equal(ask("control.AddAdministrator",
	    "'account':'acme','administrator':'dana','reason':'back'"), "");
	assert_string_equal(redeem(grant), "cancelled");
	assert_string_equal(redeem(take_grant("dana")), "accepted");
}

static void a_freeze_needs_a_reason_and_outlasts_a_restart(void **state)
{
	char *grant = take_grant("eli"), *code = issue("acme", "dana");

	(void)state;
	call();
	assert_string_equal(ask("control.FreezeAccount", "'account':'acme'"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "reason-needed");
	assert_string_equal(report("483109270"), "misheard");
	assert_string_equal(ask("control.FreezeAccount", "'account':'acme','reason':'a stranger'"),
	    "");
	assert_ended(1, 1, 1);
	assert_event("account-freeze", "a stranger");
	desk_restart(&desk);
	assert_string_equal(report(code), "frozen");
	assert_string_equal(redeem(grant), "frozen");
	assert_string_equal(ask("control.FreezeAccount", "'account':'acme','reason':'x'"),
	    "Refused");
	assert_string_equal(ask("control.ResumeAccount", "'account':'acme'"), "Refused");
	assert_string_equal(ask("control.SuspendAccount", "'account':'acme'"), "Refused");
}

static void who_froze_an_account_thaws_it_after_an_hour_only(void **state)
{
	char *code = issue("acme", "dana");

	(void)state;
	ask("control.FreezeAccount", "'account':'acme','reason':'x'");
	desk_pass(&desk, 3599);
	assert_string_equal(ask("control.ThawAccount", "'account':'acme','reason':'y'"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "too-early");
	desk_pass(&desk, 1);
	assert_string_equal(ask("control.ThawAccount", "'account':'acme'"), "Refused");
	assert_string_equal(ask("control.ThawAccount", "'account':'acme','reason':'y'"), "");
	assert_event("account-thaw", "y");
	assert_string_equal(report(code), "cancelled");
	assert_string_equal(report(issue("acme", "dana")), "accepted");
}

/* Setting the clock forward frees nobody. */
static void an_hour_of_a_lying_clock_does_not_thaw(void **state)
{
	(void)state;
	ask("control.FreezeAccount", "'account':'acme','reason':'x'");
	desk.at.wall += 7200;
	assert_string_equal(ask("control.ThawAccount", "'account':'acme','reason':'y'"), "Refused");
}

static void another_operator_thaws_at_once(void **state)
{
	struct account account;

	(void)state;
	ask("control.FreezeAccount", "'account':'acme','reason':'x'");
	desk_begin(&desk);
	assert_int_equal(store_find_account(desk.store, CS_STR("acme"), &account), CS_OK);
	assert_int_equal(account.frozen_by, DESK_OPERATOR);
	account.frozen_by = 1234;
	store_put_account(desk.store, &account);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	assert_string_equal(ask("control.ThawAccount", "'account':'acme','reason':'y'"), "");
	assert_string_equal(report(issue("acme", "dana")), "accepted");
}

static void a_thaw_leads_back_to_a_suspension(void **state)
{
	(void)state;
	ask("control.SuspendAccount", "'account':'acme'");
	ask("control.FreezeAccount", "'account':'acme','reason':'x'");
	desk_pass(&desk, 3600);
	assert_string_equal(ask("control.ThawAccount", "'account':'acme','reason':'y'"), "");
	assert_string_equal(report("T1"), "suspended");
	assert_string_equal(ask("control.ResumeAccount", "'account':'acme'"), "");
	assert_string_equal(report(issue("acme", "dana")), "accepted");
}

static void an_acceptance_with_a_grant_is_not_repeated_after_a_freeze_and_thaw(void **state)
{
#define ONCE ",'grant':true,'request':'0123456789abcdef'"
	char *code = issue("acme", "dana");
	struct account account;

	(void)state;
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s'" ONCE, code), "accepted");
	ask("control.FreezeAccount", "'account':'acme','reason':'x'");
	desk_begin(&desk);
	assert_int_equal(store_find_account(desk.store, CS_STR("acme"), &account), CS_OK);
	account.frozen_by = 1234;
	store_put_account(desk.store, &account);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	ask("control.ThawAccount", "'account':'acme','reason':'y'");
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s'" ONCE, code), "used");
}

static void a_removed_account_takes_who_has_no_other_and_frees_its_name(void **state)
{
	uint8_t secret[20];
	char *code;

	(void)state;
	desk_add(&desk, "bolt", "gil");
	assert_string_equal(ask("control.AddAdministrator",
				"'account':'bolt','administrator':'eli',"
				"'existing':true,'reason':'x'"),
	    "");
	desk_enroll(&desk, "dana", "support", secret);
	desk_enroll(&desk, "eli", "support", secret);
	take_grant("eli");
	code = issue("acme", "dana");
	call();
	assert_string_equal(ask("control.RemoveAccount", "'account':'acme','reason':'gone'"), "");
	assert_int_equal(desk_int(&desk, "administrators"), 2);
	assert_int_equal(desk_int(&desk, "authenticators"), 1);
	assert_ended(1, 1, 1);
	assert_event("account-remove", "gone");
	desk_restart(&desk);
	assert_string_equal(report(code), "unknown-account");
	assert_string_equal(ask("control.ShowAdministrator", "'administrator':'dana'"),
	    "UnknownAdministrator");
	assert_string_equal(ask("control.ShowAdministrator", "'administrator':'eli'"), "");
	assert_string_equal(ask("control.ListAdministrators", "'account':'acme'"),
	    "UnknownAccount");
	/* Who comes later under both names inherits nothing. */
	desk_add(&desk, "acme", "dana");
	assert_string_equal(report(code), "wrong");
	assert_string_equal(report(issue("acme", "dana")), "accepted");
	assert_string_equal(ask("control.Issue", "'account':'acme','administrator':'eli'"),
	    "Refused");
}

static void a_person_is_suspended_in_one_account_of_several(void **state)
{
	char *code, *other;

	(void)state;
	desk_add(&desk, "bolt", "gil");
	ask("control.AddAdministrator", "'account':'bolt','administrator':'dana','existing':true,"
	    "'reason':'x'");
	code = issue("acme", "dana");
	other = issue("bolt", "dana");
	call();
	assert_string_equal(ask("control.SuspendAdministrator", "'administrator':'dana',"
	    "'account':'acme'"), "");
	assert_ended(1, 0, 0);		/* eli is there to take the call */
	assert_event("admin-suspend", "");
	assert_string_equal(report(code), "cancelled");
	assert_string_equal(ask("control.Issue", "'account':'acme','administrator':'dana'"),
	    "Refused");
	assert_string_equal(desk_verify(&desk,
				"'account':'bolt','action':'report.mail','code':'%s'", other),
	    "accepted");
	assert_string_equal(ask("control.ResumeAdministrator", "'administrator':'dana'"),
	    "Refused");
	assert_string_equal(ask("control.ResumeAdministrator", "'administrator':'dana',"
	    "'account':'acme'"), "");
	assert_string_equal(report(issue("acme", "dana")), "accepted");
}

static void a_person_is_suspended_as_a_whole(void **state)
{
	char *code, *grant;

	(void)state;
	desk_add(&desk, "bolt", "gil");
	ask("control.AddAdministrator", "'account':'bolt','administrator':'dana','existing':true,"
	    "'reason':'x'");
	ask("control.SuspendAdministrator", "'administrator':'eli'");
	grant = take_grant("dana");
	code = issue("bolt", "dana");
	call();
	assert_string_equal(ask("control.SuspendAdministrator", "'administrator':'dana',"
	    "'reason':'holiday'"), "");
	assert_ended(1, 1, 1);
	desk_restart(&desk);
	assert_string_equal(redeem(grant), "cancelled");
	assert_string_equal(desk_verify(&desk,
				"'account':'bolt','action':'report.mail','code':'%s'", code),
	    "cancelled");
	assert_string_equal(ask("control.Issue", "'account':'bolt','administrator':'dana'"),
	    "Refused");
	assert_string_equal(ask("control.SuspendAdministrator", "'administrator':'dana'"),
	    "Refused");
	assert_string_equal(ask("control.ResumeAdministrator", "'administrator':'dana'"), "");
	assert_string_equal(report(issue("acme", "dana")), "accepted");
}

static void nobody_is_suspended_in_an_account_of_others(void **state)
{
	(void)state;
	desk_add(&desk, "bolt", "gil");
	assert_string_equal(ask("control.SuspendAdministrator", "'administrator':'gil',"
	    "'account':'acme'"), "Refused");
	assert_string_equal(ask("control.SuspendAdministrator", "'administrator':'nobody'"),
	    "UnknownAdministrator");
}

/* Not as if the list of those who may be left ended there. */
static void a_lost_record_refuses_a_suspension_instead_of_leaving_codes_alive(void **state)
{
	char *code;

	(void)state;
	desk_add(&desk, "bolt", "fay");
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'dana','existing':true,'reason':'test'"), CS_OK);
	desk_pass(&desk, 86400);
	code = issue("bolt", "dana");
	desk_lose(&desk, TABLE_ADMIN, 2);
	assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator", "'administrator':'dana'"),
	    CS_ERR_FORMAT);
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator", "'administrator':'dana'"),
	    CS_ERR_FORMAT);
	assert_string_equal(desk_verify(&desk,
	    "'account':'bolt','action':'report.mail','code':'%s'", code), "accepted");
}

static void a_lost_record_is_an_error_and_no_shorter_list(void **state)
{
	static const char *const asked[][2] = {
		{ "control.ShowAdministrator", "'administrator':'dana'" },
		{ "control.SuspendAdministrator", "'administrator':'dana'" },
		{ "control.InviteAdministrator",
		    "'administrator':'dana','reset':true,'reason':'test'" },
	};

	(void)state;
	desk_add(&desk, "bolt", "fay");
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'dana','existing':true,'reason':'test'"), CS_OK);
	desk_lose(&desk, TABLE_ACCOUNT, 1);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		if (desk_ask(&desk, asked[i][0], "%s", asked[i][1]) != CS_ERR_FORMAT)
			fail_msg("%s %s", asked[i][0], asked[i][1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_suspended_account_ends_what_lives_and_says_so),
		TEST(a_freeze_writes_no_grant_however_many_live),
		TEST(what_is_ended_for_one_account_is_good_for_another),
		TEST(a_suspended_administrator_ends_no_grant_of_others),
		TEST(only_what_is_good_is_counted_as_ended),
		TEST(who_is_added_again_has_no_grant_of_before),
		TEST(a_freeze_needs_a_reason_and_outlasts_a_restart),
		TEST(who_froze_an_account_thaws_it_after_an_hour_only),
		TEST(an_hour_of_a_lying_clock_does_not_thaw),
		TEST(another_operator_thaws_at_once),
		TEST(a_thaw_leads_back_to_a_suspension),
		TEST(an_acceptance_with_a_grant_is_not_repeated_after_a_freeze_and_thaw),
		TEST(a_removed_account_takes_who_has_no_other_and_frees_its_name),
		TEST(a_person_is_suspended_in_one_account_of_several),
		TEST(a_person_is_suspended_as_a_whole),
		TEST(nobody_is_suspended_in_an_account_of_others),
		TEST(a_lost_record_refuses_a_suspension_instead_of_leaving_codes_alive),
		TEST(a_lost_record_is_an_error_and_no_shorter_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

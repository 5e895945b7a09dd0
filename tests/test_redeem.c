/* SPDX-License-Identifier: ISC
 *
 * Grants: once, by the same technician, for exactly what was verified, and
 * only while those who gave them may.
 */
#include "desk.h"

#include "../daemon/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;
static char grant[GRANT_TEXT];

#define CHANGE "'account':'acme','action':'mail.server','target':['a=203.0.113.1','b=203.0.113.2']"

static void get_grant(void)
{
	char code[16];

	strcpy(code, desk_issue(&desk, CHANGE ",'administrator':'dana','replace':true"));
	assert_string_equal(desk_verify(&desk, CHANGE ",'code':'%s','grant':true", code),
	    "accepted");
	snprintf(grant, sizeof(grant), "%s", desk_text(&desk, "grant"));
	assert_true(strlen(grant) > 34);
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + GRANT_LIFE);
}

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "bolt", "eve");
	get_grant();
	return 0;
}

static void assert_says(const char *part)
{
	const char *say = desk_text(&desk, "say");

	if (strstr(say, part) == NULL)
		print_error("# \"%s\" is not in \"%s\"\n", part, say);
	assert_non_null(strstr(say, part));
}

static const char *redeem(void)
{
	return desk_redeem(&desk, CHANGE ",'grant':'%s'", grant);
}

static void a_grant_is_spent_once(void **state)
{
	(void)state;
	desk_restart(&desk);
	assert_string_equal(redeem(), "accepted");
	assert_string_equal(desk_text(&desk, "verdict"), "accepted");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "redeem");
	assert_string_equal(desk_text(&desk, "credential"), "G1");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	desk_restart(&desk);
	assert_string_equal(redeem(), "used");
	assert_says("this grant was spent at ");
	assert_says(" by you. Check whether the change went through");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
}

static void who_did_not_spend_a_grant_is_not_told_that_they_did(void **state)
{
	(void)state;
	assert_string_equal(redeem(), "accepted");
	desk.who.uid++;
	assert_string_equal(redeem(), "used");
	assert_says("this grant was spent at ");
	assert_null(strstr(desk_text(&desk, "say"), "by you"));
}

static void grants_are_told_apart_by_their_numbers(void **state)
{
	char first[GRANT_TEXT];

	(void)state;
	strcpy(first, grant);
	for (unsigned i = 0; i < 11; i++)
		get_grant();
	assert_int_equal(strncmp(grant, "G12-", 4), 0);
	assert_string_equal(redeem(), "accepted");
	assert_string_equal(redeem(), "used");
	strcpy(grant, first);
	assert_string_equal(redeem(), "accepted");
}

static void each_part_of_a_grant_and_the_generation_make_another_text(void **state)
{
	struct vault *vault = desk_vault(1), *restored = desk_vault(2);
	struct grant one = { .id = 1, .account = 1, .admin = 1, .technician = 1 }, other[] = {
		one, one, one, one, one, one,
	};
	char text[GRANT_TEXT], theirs[GRANT_TEXT];

	(void)state;
	other[0].id++;
	other[1].account++;
	other[2].admin++;
	other[3].technician++;
	other[4].issued.wall++;
	other[5].nonce[15]++;
	grant_format(vault, &one, text);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		grant_format(vault, &other[i], theirs);
		assert_string_not_equal(strchr(text, '-'), strchr(theirs, '-'));
	}
	grant_format(restored, &one, theirs);
	assert_string_not_equal(text, theirs);
	vault_close(&vault);
	vault_close(&restored);
}

static void the_same_redemption_gets_the_same_answer(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(desk_redeem(&desk,
		    CHANGE ",'grant':'%s','request':'0123456789abcdef'", grant),
		    "accepted");
	desk_pass(&desk, 121);
	assert_string_equal(desk_redeem(&desk, CHANGE ",'grant':'%s','request':'0123456789abcdef'",
	    grant), "used");
}

static void a_verification_asked_again_gives_the_same_grant(void **state)
{
	char code[16];

	(void)state;
	strcpy(code, desk_issue(&desk, CHANGE ",'administrator':'dana'"));
	assert_string_equal(desk_verify(&desk,
	    CHANGE ",'code':'%s','grant':true,'request':'0123456789abcdef'", code),
	    "accepted");
	snprintf(grant, sizeof(grant), "%s", desk_text(&desk, "grant"));
	assert_string_equal(desk_verify(&desk,
	    CHANGE ",'code':'%s','grant':true,'request':'0123456789abcdef'", code),
	    "accepted");
	assert_string_equal(desk_text(&desk, "grant"), grant);
	assert_string_equal(redeem(), "accepted");
}

static void another_technician_cannot_spend_it(void **state)
{
	(void)state;
	desk_sit(&desk, DESK_TEO, "teo");
	assert_string_equal(redeem(), "not-permitted");
	desk_sit(&desk, DESK_MIA, "mia");
	assert_string_equal(redeem(), "accepted");
}

static void it_is_for_exactly_what_was_verified(void **state)
{
	static const struct {
		const char *change, *reason;
	} rows[] = {
		{ "'account':'bolt','action':'mail.server','target':['a=203.0.113.1',"
		    "'b=203.0.113.2']", "other-target" },
		{ "'account':'acme','action':'service.change','target':['a=203.0.113.1',"
		    "'b=203.0.113.2']",
		    "other-action" },
		{ "'account':'acme','action':'mail.server','target':['a=203.0.113.1']",
		    "other-target" },
		{ "'account':'acme','action':'mail.server'", "other-target" },
		{ "'account':'acme','action':'mail.server','target':['a=203.0.113.1',"
		    "'b=203.0.113.2','c=203.0.113.3']",
		    "other-target" },
		{ "'account':'acme','action':'mail.server','target':['a=203.0.113.1',"
		    "'b=203.0.113.3']", "other-target" },
		{ "'account':'nobody','action':'mail.server','target':['a=203.0.113.1',"
		    "'b=203.0.113.2']",
		    "unknown-account" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(desk_redeem(&desk, "%s,'grant':'%s'", rows[i].change, grant),
		    rows[i].reason);
		/* Another customer's people are not told of dana. */
		desk_event(&desk, desk_events(&desk));
		assert_string_equal(desk_text(&desk, "administrator"),
		    strstr(rows[i].change, "acme") != NULL ? "dana" : "");
	}
	assert_string_equal(desk_redeem(&desk, "'account':'ACME','action':'mail.server',"
	    "'target':['B.=203.0.113.2',' A=203.0.113.1'],'grant':'%s'", grant), "accepted");
}

static void it_expires(void **state)
{
	(void)state;
	desk_pass(&desk, GRANT_LIFE);
	assert_string_equal(redeem(), "expired");
	get_grant();
	desk_pass(&desk, GRANT_LIFE - 1);
	assert_string_equal(redeem(), "accepted");
	get_grant();
	desk.at.wall -= 3600;
	assert_string_equal(redeem(), "expired");
}

static void what_is_no_grant_is_a_wrong_try(void **state)
{
	static const char *const texts[] = { "", "G", "G1", "1", "g1-",
	    "G99999999999999999999999999-00", "G-1-2" };
	char forged[GRANT_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_string_equal(desk_redeem(&desk, CHANGE ",'grant':'%s'", texts[i]), "wrong");
		desk_pass(&desk, 31);
	}
	for (size_t i = 0; i < strlen(grant); i++) {
		desk_sit(&desk, (uid_t)(7000 + i), "nobody");
		strcpy(forged, grant);
		forged[i] = forged[i] == '7' ? '8' : '7';
		assert_string_equal(desk_redeem(&desk, CHANGE ",'grant':'%s'", forged), "wrong");
		desk_pass(&desk, 10);
	}
	desk_sit(&desk, DESK_MIA, "mia");
	get_grant();
	assert_string_equal(redeem(), "accepted");
}

static void a_throttled_redemption_answers_with_what_the_interface_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_string_equal(desk_redeem(&desk, CHANGE ",'grant':'G1'"), "wrong");
	for (unsigned i = 0; i < 2; i++)
		assert_string_equal(redeem(), "throttled");
	assert_non_null(strstr(desk_text(&desk, "say"), "30 seconds"));
	assert_int_equal(desk_int(&desk, "wait"), -1);
	desk_pass(&desk, 30);
	assert_string_equal(redeem(), "accepted");
	desk_pass(&desk, 60);
	desk_purge(&desk);
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "redeem");
	assert_string_equal(desk_text(&desk, "reason"), "throttled");
	assert_int_equal(desk_int(&desk, "count"), 2);
}

static void it_ends_with_its_administrator(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator", "'administrator':'dana'"),
	    CS_OK);
	assert_int_equal(desk_int(&desk, "grants"), 1);
	assert_string_equal(redeem(), "cancelled");
}

static void it_obeys_the_present_policy(void **state)
{
	struct member member;
	struct account account;
	struct admin admin;

	(void)state;
	desk_reload(&desk, "action mail.server { groups = { \"4242\" } }\n");
	assert_string_equal(redeem(), "not-permitted");
	desk_reload(&desk, "");
	desk_begin(&desk);
	assert_int_equal(store_find_account(desk.store, cs_str("acme"), &account), CS_OK);
	assert_int_equal(store_find_admin(desk.store, cs_str("dana"), &admin), CS_OK);
	assert_int_equal(store_get_member(desk.store, account.id, admin.id, &member), CS_OK);
	member.all = false;
	store_put_member(desk.store, &member);
	account.standing = STANDING_FROZEN;
	store_put_account(desk.store, &account);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	assert_string_equal(redeem(), "frozen");
	desk_begin(&desk);
	assert_int_equal(store_find_account(desk.store, cs_str("acme"), &account), CS_OK);
	account.standing = STANDING_ACTIVE;
	store_put_account(desk.store, &account);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	assert_string_equal(redeem(), "not-permitted");
	member.cooling_until = desk.now.steady + 60;
	for (unsigned i = 0; i < 2; i++) {
		member.all = i == 1;
		desk_begin(&desk);
		store_put_member(desk.store, &member);
		assert_int_equal(store_keep(desk.store), CS_OK);
		desk_commit(&desk);
		assert_string_equal(redeem(), i == 0 ? "not-permitted" : "cooling-off");
	}
	desk_pass(&desk, 60);
	assert_string_equal(redeem(), "accepted");
}

static void what_decides_first_is_what_is_told(void **state)
{
	(void)state;
	strcpy(grant, "G1-0");
	desk_stand(&desk, "acme", STANDING_FROZEN);
	assert_string_equal(redeem(), "frozen");
	desk_reload(&desk, "action mail.server { groups = { \"4242\" } }\n");
	assert_string_equal(redeem(), "not-permitted");
	for (unsigned i = 0; i < 5; i++)
		desk_verify(&desk, "'account':'bolt','action':'report.mail','code':'%s'",
		    desk_wrong(&desk));
	assert_string_equal(redeem(), "throttled");
}

static void a_grant_without_target_ends_when_the_policy_binds_one(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "staff.Verify",
	    "'account':'acme','action':'report.mail','code':'%s','grant':true",
	    desk_issue(&desk, "'account':'acme','administrator':'dana'")), CS_OK);
	strcpy(grant, desk_text(&desk, "grant"));
	desk_reload(&desk, "action report.mail { bind-target = true }\n");
	assert_string_equal(desk_redeem(&desk,
	    "'account':'acme','action':'report.mail','grant':'%s'", grant), "not-permitted");
	desk_reload(&desk, "");
	assert_string_equal(desk_redeem(&desk,
	    "'account':'acme','action':'report.mail','grant':'%s'", grant), "accepted");
}

static void a_grant_of_shadow_mode_ends_with_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		desk_reload(&desk, "action filter.list { mode = shadow }\n");
		assert_string_equal(desk_verify(&desk,
		    "'account':'acme','action':'filter.list','code':'%s','grant':true",
		    desk_wrong(&desk)), "wrong");
		snprintf(grant, sizeof(grant), "%s", desk_text(&desk, "grant"));
		if (i == 1)
			desk_reload(&desk, "");
		assert_string_equal(desk_redeem(&desk,
		    "'account':'acme','action':'filter.list','grant':'%s'", grant),
		    i == 0 ? "wrong" : "not-permitted");
	}
}

static void a_grant_of_shadow_mode_is_worth_nothing_without_its_verification(void **state)
{
	(void)state;
	desk_reload(&desk, "action filter.list { mode = shadow }\n");
	desk_verify(&desk, "'account':'acme','action':'filter.list','code':'%s','grant':true",
	    desk_wrong(&desk));
	snprintf(grant, sizeof(grant), "%s", desk_text(&desk, "grant"));
	desk_lose(&desk, TABLE_EVENT, desk_events(&desk));
	assert_int_equal(desk_ask(&desk, "staff.Redeem",
	    "'account':'acme','action':'filter.list','grant':'%s'", grant), CS_ERR_FORMAT);
}

/* Four wrong codes with a grant each leave the technician the fifth. */
static void a_grant_of_shadow_mode_is_redeemed_as_let_through_and_counts_no_try(void **state)
{
	(void)state;
	desk_reload(&desk, "action filter.list { mode = shadow }\n");
	for (unsigned i = 0; i < 4; i++) {
		desk_verify(&desk,
		    "'account':'acme','action':'filter.list','code':'%s','grant':true",
		    desk_wrong(&desk));
		snprintf(grant, sizeof(grant), "%s", desk_text(&desk, "grant"));
		assert_string_equal(desk_redeem(&desk,
		    "'account':'acme','action':'filter.list','grant':'%s'", grant), "wrong");
		assert_string_equal(desk_text(&desk, "verdict"), "accepted");
		assert_string_equal(desk_text(&desk, "say"),
		    "Not accepted: no code authorised this when the grant was given.");
		assert_string_equal(desk_text(&desk, "mode"), "shadow");
		desk_event(&desk, desk_events(&desk));
		assert_string_equal(desk_text(&desk, "kind"), "redeem");
		assert_string_equal(desk_text(&desk, "verdict"), "refused");
		assert_string_equal(desk_text(&desk, "reason"), "wrong");
		assert_string_equal(desk_text(&desk, "mode"), "shadow");
	}
	assert_string_equal(desk_redeem(&desk,
	    "'account':'acme','action':'filter.list','grant':'%s'", grant), "used");
	assert_string_equal(desk_text(&desk, "verdict"), "refused");
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'filter.list','code':'%s'", desk_wrong(&desk)), "wrong");
}

static void its_event_names_whose_code_shadow_mode_let_through(void **state)
{
	char code[16];

	(void)state;
	desk_reload(&desk, "action report.mail { mode = shadow }\n");
	strcpy(code, desk_issue(&desk, "'account':'acme','administrator':'dana'"));
	desk_pass(&desk, 600);
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'report.mail','code':'%s','grant':true", code), "expired");
	snprintf(grant, sizeof(grant), "%s", desk_text(&desk, "grant"));
	assert_string_equal(desk_redeem(&desk,
	    "'account':'acme','action':'report.mail','grant':'%s'", grant), "expired");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "redeem");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
}

static void a_grant_for_what_needs_no_code_ends_when_it_does(void **state)
{
	(void)state;
	assert_string_equal(desk_verify(&desk,
	    "'account':'','action':'general','code':'','grant':true"), "accepted");
	snprintf(grant, sizeof(grant), "%s", desk_text(&desk, "grant"));
	desk_reload(&desk, "action general { require = code }\n");
	assert_string_equal(desk_redeem(&desk, "'account':'acme','action':'general','grant':'%s'",
	    grant), "other-target");
	desk_reload(&desk, "");
	assert_string_equal(desk_redeem(&desk, "'account':'','action':'general','grant':'%s'",
	    grant), "accepted");
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'general','code':'','grant':true"), "accepted");
	snprintf(grant, sizeof(grant), "%s", desk_text(&desk, "grant"));
	desk_reload(&desk, "action general { require = code }\n");
	assert_string_equal(desk_redeem(&desk, "'account':'acme','action':'general','grant':'%s'",
	    grant),
	    "not-permitted");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_grant_is_spent_once),
		TEST(who_did_not_spend_a_grant_is_not_told_that_they_did),
		TEST(grants_are_told_apart_by_their_numbers),
		TEST(each_part_of_a_grant_and_the_generation_make_another_text),
		TEST(the_same_redemption_gets_the_same_answer),
		TEST(a_verification_asked_again_gives_the_same_grant),
		TEST(another_technician_cannot_spend_it),
		TEST(it_is_for_exactly_what_was_verified),
		TEST(it_expires),
		TEST(what_is_no_grant_is_a_wrong_try),
		TEST(a_throttled_redemption_answers_with_what_the_interface_names),
		TEST(it_ends_with_its_administrator),
		TEST(it_obeys_the_present_policy),
		TEST(what_decides_first_is_what_is_told),
		TEST(a_grant_without_target_ends_when_the_policy_binds_one),
		TEST(a_grant_of_shadow_mode_ends_with_it),
		TEST(a_grant_of_shadow_mode_is_worth_nothing_without_its_verification),
		TEST(a_grant_of_shadow_mode_is_redeemed_as_let_through_and_counts_no_try),
		TEST(its_event_names_whose_code_shadow_mode_let_through),
		TEST(a_grant_for_what_needs_no_code_ends_when_it_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

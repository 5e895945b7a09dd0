/* SPDX-License-Identifier: ISC
 *
 * What a person does about their own log-in on the customer's page, and "This
 * wasn't me".
 */
#include "desk.h"

#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;
static const char *dana;
static uint8_t phone[20];		/* A1, to log in */

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "role operator { users = { \"0\", \"1\" } }\n");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "bolt", "eve");
	desk_enroll(&desk, "dana", "login", phone);
	dana = desk_log_in(&desk, "dana", true);
	return 0;
}

static const char *ask(const char *session, const char *method, const char *more)
{
	desk_ask(&desk, method, "'session':'%s'%s", session, more);
	return desk_text(&desk, "error");
}

/* A session that began with a recovery code. */
static const char *recovered(void)
{
	const char *token = desk_log_in(&desk, "dana", false);
	struct session session = { .id = 0 }, last = { .id = 0 };
	struct admin admin;

	desk_begin(&desk);
	assert_int_equal(store_find_admin(desk.store, CS_STR("dana"), &admin), CS_OK);
	while (store_next_session(desk.store, admin.id, session.id, &session) == CS_OK)
		last = session;
	last.recovery = true;
	store_update_session(desk.store, &last);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	return token;
}

static char id[24];

/* The code that the authenticator enrolled last shows. */
static const char *enroll(const char *session, const char *purpose, uint8_t *secret)
{
	char more[64], *decoded;
	const char *error;
	size_t len;

	snprintf(more, sizeof(more), ",'purpose':'%s','label':'tablet'", purpose);
	error = ask(session, "panel.EnrollAuthenticator", more);
	if (error[0] != '\0')
		return error;
	snprintf(id, sizeof(id), "%s", desk_text(&desk, "authenticator"));
	const char *base32 = desk_text(&desk, "secret");
	assert_int_equal(oath_base32_decode(base32, strlen(base32), &decoded, &len), OATH_OK);
	assert_int_equal(len, 20);
	memcpy(secret, decoded, len);
	free(decoded);
	assert_non_null(strstr(desk_text(&desk, "uri"), "otpauth://totp/Countersign:dana?secret="));
	return "";
}

static const char *confirm(const char *session, const char *code)
{
	char more[80];

	snprintf(more, sizeof(more), ",'authenticator':'%s','code':'%s'", id, code);
	return ask(session, "panel.ConfirmAuthenticator", more);
}

static const char *about(const char *method, const char *authenticator)
{
	char more[80];

	snprintf(more, sizeof(more), ",'authenticator':'%s','label':'blue'", authenticator);
	return ask(dana, method, more);
}

static bool cooling(void)
{
	desk_ask(&desk, "control.ListAdministrators", "'account':'acme'");
	return desk_int(&desk, "cooling_until") > 0;
}

static const char *last_event(void)
{
	desk_event(&desk, desk_events(&desk));
	return desk_text(&desk, "kind");
}

/* Each is an event in every account of the person: nobody fills the store. */
static void who_changes_without_end_is_told_to_wait(void **state)
{
	uint8_t secret[20];

	(void)state;
	assert_string_equal(enroll(dana, "support", secret), "");
	for (unsigned i = 1; i < 30; i++)
		assert_string_equal(i % 3 > 0 ? about("panel.RenameAuthenticator", "A1") :
		    ask(dana, "panel.EndSession", ""), "");
	uint64_t events = desk_events(&desk);
	assert_string_equal(about("panel.RenameAuthenticator", "A1"), "Throttled");
	assert_string_equal(ask(dana, "panel.EndSession", ""), "Throttled");
	assert_string_equal(enroll(dana, "support", secret), "Throttled");
	assert_string_equal(ask(dana, "panel.RecoveryCodes", ""), "Throttled");
	assert_int_equal(desk_events(&desk), events);
	/* what ends something goes on, and others are not held up */
	assert_string_equal(about("panel.RemoveAuthenticator", id), "");
	assert_string_equal(ask(desk_log_in(&desk, "eve", true), "panel.EndSession", ""), "");
	desk_pass(&desk, 600);
	assert_string_equal(about("panel.RenameAuthenticator", "A1"), "");
}

static void a_new_authenticator_works_once_it_has_shown_a_code(void **state)
{
	uint8_t secret[20];

	(void)state;
	assert_string_equal(enroll(dana, "support", secret), "");
	assert_string_equal(confirm(dana, "000000"), "Refused");
	assert_string_equal(confirm(dana, desk_app(&desk, secret)), "");
	assert_string_equal(last_event(), "confirm");
	/* colleagues see it */
	assert_string_equal(desk_text(&desk, "account"), "acme");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_false(cooling());	/* the first one of its purpose */
	assert_string_equal(ask(dana, "panel.Authenticators", ""), "");
	assert_int_equal(desk_rows_told(&desk), 2);
	desk_row(&desk, 1);
	assert_string_equal(desk_text(&desk, "label"), "tablet");
	assert_string_equal(desk_text(&desk, "purpose"), "support");
}

static void a_second_one_for_log_ins_cools_off(void **state)
{
	uint8_t secret[20];

	(void)state;
	assert_string_equal(enroll(dana, "login", secret), "");
	assert_false(cooling());
	assert_string_equal(confirm(dana, desk_app(&desk, secret)), "");
	assert_true(cooling());
}

static void without_proof_nothing_is_added_or_taken_away(void **state)
{
	const char *unproved = desk_log_in(&desk, "dana", false);
	uint8_t secret[20];

	(void)state;
	assert_string_equal(enroll(unproved, "login", secret), "ProofNeeded");
	assert_string_equal(enroll(unproved, "support", secret), "ProofNeeded");
	assert_string_equal(ask(unproved, "panel.RecoveryCodes", ""), "ProofNeeded");
	assert_string_equal(enroll(dana, "login", secret), "");
	assert_string_equal(confirm(dana, desk_app(&desk, secret)), "");
	assert_string_equal(ask(unproved, "panel.RemoveAuthenticator", ",'authenticator':'A1'"),
	    "ProofNeeded");
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 2);
	assert_int_equal(desk_rows(&desk, TABLE_RECOVERY), 0);
}

/* The phone is gone: a new one comes first, then the old one goes. */
static void who_recovered_mends_the_log_in_and_nothing_else(void **state)
{
	const char *session = recovered();
	uint8_t secret[20];

	(void)state;
	assert_string_equal(enroll(session, "support", secret), "ProofNeeded");
	assert_string_equal(ask(session, "panel.RecoveryCodes", ""), "ProofNeeded");
	assert_string_equal(ask(session, "panel.RemoveAuthenticator", ",'authenticator':'A1'"),
	    "Refused");
	assert_string_equal(desk_text(&desk, "why"), "last");
	assert_string_equal(enroll(session, "login", secret), "");
	assert_string_equal(confirm(session, desk_app(&desk, secret)), "");
	assert_string_equal(ask(session, "panel.RemoveAuthenticator", ",'authenticator':'A1'"),
	    "");
	assert_true(cooling());
}

static void the_last_one_to_log_in_with_stays(void **state)
{
	uint8_t secret[20];

	(void)state;
	assert_string_equal(about("panel.RemoveAuthenticator", "A1"), "Refused");
	assert_string_equal(enroll(dana, "login", secret), "");
	/* a pending one is none */
	assert_string_equal(about("panel.RemoveAuthenticator", "A1"), "Refused");
	assert_string_equal(about("panel.RemoveAuthenticator", id), "");
	assert_false(cooling());
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 1);
}

static void a_removal_cools_off_and_is_an_event(void **state)
{
	uint8_t secret[20];

	(void)state;
	desk_enroll(&desk, "dana", "support", secret);
	assert_false(cooling());
	assert_string_equal(about("panel.RemoveAuthenticator", "A2"), "");
	assert_true(cooling());
	assert_string_equal(last_event(), "authenticator-remove");
}

static void a_label_is_changed_for_ones_own_alone(void **state)
{
	uint8_t secret[20];

	(void)state;
	desk_enroll(&desk, "eve", "login", secret);
	assert_string_equal(about("panel.RenameAuthenticator", "A1"), "");
	assert_string_equal(last_event(), "authenticator-rename");
	assert_string_equal(ask(dana, "panel.Authenticators", ""), "");
	assert_string_equal(desk_text(&desk, "label"), "blue");
	assert_string_equal(about("panel.RenameAuthenticator", "A2"), "NotFound");
	assert_string_equal(about("panel.RemoveAuthenticator", "A2"), "NotFound");
	assert_string_equal(about("panel.ConfirmAuthenticator", "A2"), "NotFound");
	assert_string_equal(ask(dana, "panel.RenameAuthenticator",
	    ",'authenticator':'A1','label':'a:b'"), "InvalidParameter");
}

static void sixteen_authenticators_are_enough(void **state)
{
	uint8_t secret[20];

	(void)state;
	for (unsigned i = 1; i < 16; i++)
		assert_string_equal(enroll(dana, "support", secret), "");
	assert_string_equal(enroll(dana, "support", secret), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "too-many");
}

static struct recovery recovery_codes(void)
{
	struct recovery recovery;
	struct admin admin;

	desk_begin(&desk);
	assert_int_equal(store_find_admin(desk.store, CS_STR("dana"), &admin), CS_OK);
	assert_int_equal(store_get_recovery(desk.store, admin.id, &recovery), CS_OK);
	desk_commit(&desk);
	return recovery;
}

static void new_recovery_codes_replace_the_old_ones(void **state)
{
	struct recovery first, second;

	(void)state;
	assert_string_equal(ask(dana, "panel.RecoveryCodes", ""), "");
	first = recovery_codes();
	assert_string_equal(ask(dana, "panel.RecoveryCodes", ""), "");
	assert_string_equal(last_event(), "recovery");
	second = recovery_codes();
	assert_memory_not_equal(first.hash, second.hash, sizeof(first.hash));
}

static void the_same_form_again_makes_no_recovery_codes(void **state)
{
	static const char same[] = ",'request':'0123456789abcdef'";
	struct recovery first, second;

	(void)state;
	assert_string_equal(ask(dana, "panel.RecoveryCodes", same), "");
	first = recovery_codes();
	desk_pass(&desk, 1000);		/* the proof is over by then */
	assert_string_equal(ask(dana, "panel.RecoveryCodes", same), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "shown");
	second = recovery_codes();
	assert_memory_equal(first.hash, second.hash, sizeof(first.hash));
}

#define ACME ",'account':'acme'"

static const char *thaw(const char *reason)
{
	desk_ask(&desk, "control.ThawAccount", "'account':'acme','reason':'%s'", reason);
	return desk_text(&desk, desk.out.error.len > 0 ? "why" : "error");
}

static void a_freeze_ends_all_but_the_page_that_asked(void **state)
{
	const char *other = desk_log_in(&desk, "dana", true), *code;

	(void)state;
	code = desk_issue(&desk, "'account':'acme','administrator':'dana'");
	assert_string_equal(ask(dana, "panel.FreezeAccount", ACME), "");
	assert_int_equal(desk_int(&desk, "codes"), 1);
	assert_int_equal(desk_int(&desk, "sessions"), 1);
	assert_string_equal(last_event(), "account-freeze");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_string_equal(desk_verify(&desk, "'account':'acme','action':'report.mail',"
	    "'code':'%s'", code), "frozen");
	assert_string_equal(ask(other, "panel.Calls", ACME), "LoggedOut");
	assert_string_equal(ask(dana, "panel.Calls", ACME), "");
	assert_string_equal(ask(dana, "panel.FreezeAccount", ACME), "Refused");
}

static const char *invite(const char *account)
{
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator", "'account':'%s',"
	    "'administrator':'new-%s','reason':'test'", account, account), CS_OK);
	assert_int_equal(desk_ask(&desk, "control.InviteAdministrator", "'administrator':'new-%s'",
	    account), CS_OK);
	return desk_keep(&desk, desk_text(&desk, "invitation"));
}

static const char *open_invitation(const char *invitation)
{
	desk_ask(&desk, "panel.Invitation", "'invitation':'%s'", invitation);
	return desk_text(&desk, "error");
}

/* Whoever acted for dana may have invited somebody to go on. */
static void a_freeze_ends_the_accounts_invitations(void **state)
{
	const char *ours = invite("acme"), *theirs = invite("bolt");

	(void)state;
	assert_string_equal(open_invitation(ours), "");
	assert_string_equal(ask(dana, "panel.FreezeAccount", ACME), "");
	assert_string_equal(open_invitation(ours), "Refused");
	assert_string_equal(open_invitation(theirs), "");
}

static void an_account_says_since_when_and_by_whom_it_is_stopped(void **state)
{
	int64_t since = desk.at.wall;

	(void)state;
	assert_string_equal(ask(dana, "panel.Account", ACME), "");
	assert_string_equal(desk_text(&desk, "standing"), "active");
	assert_int_equal(desk_int(&desk, "since"), -1);
	assert_string_equal(ask(dana, "panel.FreezeAccount", ACME), "");
	desk_pass(&desk, 600);
	assert_string_equal(thaw("asked"), "approval-needed");
	desk_restart(&desk);
	assert_string_equal(ask(dana, "panel.Account", ACME), "");
	assert_string_equal(desk_text(&desk, "standing"), "frozen");
	assert_int_equal(desk_int(&desk, "since"), since);
	assert_string_equal(desk_text(&desk, "by"), "dana R.");
	desk_pass(&desk, 3600);
	assert_string_equal(thaw("an hour later"), "");
	dana = desk_log_in(&desk, "dana", true);
	assert_string_equal(ask(dana, "panel.Account", ACME), "");
	assert_string_equal(desk_text(&desk, "standing"), "active");
	assert_int_equal(desk_int(&desk, "since"), -1);
	assert_string_equal(desk_text(&desk, "by"), "");
	assert_int_equal(desk_ask(&desk, "control.SuspendAccount", "'account':'acme'"), CS_OK);
	dana = desk_log_in(&desk, "dana", true);
	assert_string_equal(ask(dana, "panel.Account", ACME), "");
	assert_string_equal(desk_text(&desk, "standing"), "suspended");
	assert_int_equal(desk_int(&desk, "since"), desk.at.wall);
	assert_string_equal(desk_text(&desk, "by"), "");
}

static void one_operator_alone_does_not_thaw_a_customers_freeze_at_once(void **state)
{
	(void)state;
	assert_string_equal(ask(dana, "panel.FreezeAccount", ACME), "");
	desk_pass(&desk, 60);
	assert_string_equal(thaw("she called"), "approval-needed");
	assert_string_equal(last_event(), "account-thaw");
	assert_string_equal(desk_text(&desk, "verdict"), "refused");
	assert_string_equal(desk_text(&desk, "reason"), "approval-needed");
	assert_string_equal(desk_text(&desk, "note"), "she called");
	desk_restart(&desk);
	assert_string_equal(thaw("she called again"), "too-early");
	desk_pass(&desk, 3600 - 60);
	assert_string_equal(thaw("an hour later"), "");
	assert_string_equal(ask(dana, "panel.Generate", ACME), "LoggedOut");
}

static void an_operator_thaws_a_customers_freeze_after_an_hour(void **state)
{
	(void)state;
	assert_string_equal(ask(dana, "panel.FreezeAccount", ACME), "");
	desk_pass(&desk, 3600);
	assert_string_equal(thaw("late"), "");
	assert_string_equal(ask(dana, "panel.FreezeAccount", ACME), "LoggedOut");
	dana = desk_log_in(&desk, "dana", false);
	assert_string_equal(ask(dana, "panel.FreezeAccount", ACME), "");
	desk_pass(&desk, 3599);
	assert_string_equal(thaw("early"), "approval-needed");
}

static void a_second_operator_thaws_it_at_once(void **state)
{
	struct account account;

	(void)state;
	assert_string_equal(ask(dana, "panel.FreezeAccount", ACME), "");
	assert_string_equal(thaw("the first"), "approval-needed");
	/* the first one was somebody else */
	desk_begin(&desk);
	assert_int_equal(store_find_account(desk.store, CS_STR("acme"), &account), CS_OK);
	assert_int_equal(account.frozen_by, DESK_OPERATOR);
	account.frozen_by = 1;
	store_put_account(desk.store, &account);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	assert_string_equal(thaw("the second"), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_authenticator_works_once_it_has_shown_a_code),
		TEST(who_changes_without_end_is_told_to_wait),
		TEST(a_second_one_for_log_ins_cools_off),
		TEST(without_proof_nothing_is_added_or_taken_away),
		TEST(who_recovered_mends_the_log_in_and_nothing_else),
		TEST(the_last_one_to_log_in_with_stays),
		TEST(a_removal_cools_off_and_is_an_event),
		TEST(a_label_is_changed_for_ones_own_alone),
		TEST(sixteen_authenticators_are_enough),
		TEST(new_recovery_codes_replace_the_old_ones),
		TEST(the_same_form_again_makes_no_recovery_codes),
		TEST(a_freeze_ends_all_but_the_page_that_asked),
		TEST(a_freeze_ends_the_accounts_invitations),
		TEST(an_account_says_since_when_and_by_whom_it_is_stopped),
		TEST(one_operator_alone_does_not_thaw_a_customers_freeze_at_once),
		TEST(an_operator_thaws_a_customers_freeze_after_an_hour),
		TEST(a_second_operator_thaws_it_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

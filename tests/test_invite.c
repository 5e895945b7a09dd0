/* SPDX-License-Identifier: ISC
 *
 * Invitations and passwords: who becomes able to log in, and what another
 * password takes and ends.
 */
#include "login_desk.h"

#include "../daemon/password.h"
#include "../daemon/rowkey.h"
#include "../daemon/session.h"

#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char invitation[64];
static uint8_t invited_secret[20];

static void invite(const char *name, const char *more)
{
	assert_int_equal(desk_ask(&desk, "control.InviteAdministrator",
	    "'administrator':'%s'%s", name, more), CS_OK);
	snprintf(invitation, sizeof(invitation), "%s", desk_text(&desk, "invitation"));
}

static const char *open_invitation(void)
{
	char *decoded;
	size_t len;

	desk_ask(&desk, "panel.Invitation", "'invitation':'%s'", invitation);
	if (desk.out.error.len == 0) {
		const char *base32 = desk_text(&desk, "secret");

		assert_int_equal(oath_base32_decode(base32, strlen(base32), &decoded, &len),
		    OATH_OK);
		assert_int_equal(len, sizeof(invited_secret));
		memcpy(invited_secret, decoded, len);
		free(decoded);
	}
	return desk_text(&desk, "error");
}

static const char *accept_with(const char *password, const char *code)
{
	desk_ask(&desk, "panel.AcceptInvitation",
	    "'invitation':'%s','password':'%s','code':'%s'," HOME, invitation, password, code);
	return desk_text(&desk, "error");
}

static int64_t cooling_of(const char *session)
{
	assert_string_equal(login_ask("panel.Session", session), "");
	return desk_int(&desk, "cooling");
}

static void an_invitation_becomes_a_log_in_once(void **state)
{
	char *session;
	const struct cs_str *codes;
	uint64_t rows;
	size_t n;

	(void)state;
	desk_add(&desk, "beta", "sam");
	invite("sam", "");
	rows = desk_rows(&desk, TABLE_AUTHENTICATOR);
	assert_string_equal(open_invitation(), "");
	assert_string_equal(desk_text(&desk, "administrator"), "sam");
	assert_int_equal(strncmp(desk_text(&desk, "uri"), "otpauth://totp/Countersign:sam?", 31),
	    0);
	assert_string_equal(open_invitation(), "");
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), rows);
	assert_string_equal(accept_with(PASSWORD, "000000"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "code");
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, invited_secret)), "");
	session = desk_keep(&desk, desk_text(&desk, "session"));
	assert_int_equal(cs_msg_strings(&desk.out, "recovery_codes", &codes, &n), CS_OK);
	assert_int_equal(n, RECOVERY_CODES);
	snprintf(recovery_codes[0], RECOVERY_TEXT, "%.*s", (int)codes[0].len, codes[0].p);
	/* the first of an account does not cool off */
	assert_int_equal(cooling_of(session), -1);
	assert_int_equal(desk_int(&desk, "recovery_codes"), RECOVERY_CODES);
	assert_string_equal(open_invitation(), "Refused");
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, invited_secret)), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "invitation");
	/* the code that confirmed it is spent */
	assert_string_equal(login_try("sam", PASSWORD, desk_app(&desk, invited_secret), HOME),
	    "Refused");
	desk_pass(&desk, 30);
	assert_string_equal(login_try("sam", PASSWORD, desk_app(&desk, invited_secret), HOME), "");
	assert_string_equal(login_try("sam", PASSWORD, recovery_codes[0], HOME), "");
	desk_ask(&desk, "control.InviteAdministrator", "'administrator':'sam'");
	assert_string_equal(desk_text(&desk, "error"), "Exists");
}

static void a_later_administrator_cools_off_from_the_first_log_in(void **state)
{
	(void)state;
	desk_add(&desk, "acme", "sam");
	invite("sam", "");
	desk_pass(&desk, 2 * 86400);
	assert_string_equal(open_invitation(), "");
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, invited_secret)), "");
	assert_int_equal(cooling_of(desk_keep(&desk, desk_text(&desk, "session"))),
	    desk.at.wall + 86400);
}

static void a_reset_takes_everything_and_gives_another_authenticator(void **state)
{
	uint8_t first[20];
	char *old = login_token();

	(void)state;
	invite("dana", ",'reset':true,'reason':'lost'");
	assert_string_equal(open_invitation(), "");
	memcpy(first, invited_secret, sizeof(first));
	invite("dana", ",'reset':true,'reason':'lost'");
	assert_string_equal(open_invitation(), "");
	assert_int_not_equal(memcmp(first, invited_secret, sizeof(first)), 0);
	desk_pass(&desk, 30);
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret), HOME), "Refused");
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, first)), "Refused");
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, invited_secret)), "");
	assert_int_equal(cooling_of(desk_keep(&desk, desk_text(&desk, "session"))),
	    desk.at.wall + 86400);
	assert_string_equal(login_ask("panel.Session", old), "LoggedOut");
}

static void an_invitation_that_is_over_replaced_or_made_up_is_refused_alike(void **state)
{
	char say[SAY_MAX], *replaced;

	(void)state;
	desk_add(&desk, "acme", "sam");
	invite("sam", "");
	replaced = desk_keep(&desk, invitation);
	invite("sam", "");
	assert_string_equal(open_invitation(), "");
	desk_pass(&desk, 259200);
	assert_string_equal(open_invitation(), "Refused");
	strcpy(say, desk_text(&desk, "say"));
	invite("sam", "");
	strcpy(invitation, replaced);
	assert_string_equal(open_invitation(), "Refused");
	assert_string_equal(desk_text(&desk, "say"), say);
	strcpy(invitation, "N77-00000000000000000000000000000000");
	assert_string_equal(open_invitation(), "Refused");
	assert_string_equal(desk_text(&desk, "say"), say);
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "log-in-failed");
	assert_string_equal(desk_text(&desk, "note"), "invitation");
	invite("sam", "");
	assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator",
	    "'administrator':'sam','account':'acme'"), CS_OK);
	assert_string_equal(open_invitation(), "");
	assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator", "'administrator':'sam'"),
	    CS_OK);
	assert_string_equal(open_invitation(), "Refused");
}

static void who_is_suspended_does_not_come_in_by_a_reset(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator", "'administrator':'dana'"),
	    CS_OK);
	invite("dana", ",'reset':true,'reason':'lost'");
	assert_string_equal(open_invitation(), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "invitation");
	assert_string_equal(accept_with(PASSWORD, "123456"), "Refused");
	assert_int_equal(desk_ask(&desk, "control.ResumeAdministrator", "'administrator':'dana'"),
	    CS_OK);
	assert_string_equal(open_invitation(), "");
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, invited_secret)), "");
}

/* It may be a stranger's phone that came first. */
static void who_had_an_authenticator_already_cools_off(void **state)
{
	uint8_t other[20];

	(void)state;
	desk_add(&desk, "beta", "sam");
	invite("sam", "");
	desk_enroll(&desk, "sam", "login", other);
	assert_string_equal(open_invitation(), "");
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, invited_secret)), "");
	assert_int_equal(cooling_of(desk_keep(&desk, desk_text(&desk, "session"))),
	    desk.at.wall + 86400);
}

static void an_invitation_waits_for_a_clock_that_is_right(void **state)
{
	(void)state;
	desk_add(&desk, "beta", "sam");
	desk.at.wall -= 3600;
	desk.at.boot += 60;
	invite("sam", "");
	assert_string_equal(open_invitation(), "");
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, invited_secret)), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "clock");
	desk_pass(&desk, 3660);
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, invited_secret)), "");
}

static void an_issuer_is_what_an_app_can_show(void **state)
{
	static const char *const bad[] = { "a:b", "two\\nlines", "\\u202egro.live" };

	(void)state;
	desk_add(&desk, "beta", "sam");
	invite("sam", "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		desk_ask(&desk, "panel.Invitation", "'invitation':'%s','issuer':'%s'", invitation,
		    bad[i]);
		assert_string_equal(desk_text(&desk, "parameter"), "issuer");
	}
	desk_ask(&desk, "panel.Invitation", "'invitation':'%s','issuer':'Acme'", invitation);
	assert_int_equal(strncmp(desk_text(&desk, "uri"), "otpauth://totp/Acme:sam?", 24), 0);
}

/* Nor is it spent. */
static void what_needs_nobodys_word_takes_no_grant(void **state)
{
	static const char *const methods[] = { "InviteAdministrator", "NewRecoveryCodes" };
	char *code, *grant, method[32];

	(void)state;
	desk_add(&desk, "acme", "sam");
	code = desk_keep(&desk, desk_issue(&desk,
	    "'account':'acme','administrator':'dana','action':'admin.change'"));
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'admin.change','code':'%s','grant':true", code), "accepted");
	grant = desk_keep(&desk, desk_text(&desk, "grant"));
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		snprintf(method, sizeof(method), "control.%s", methods[i]);
		desk_ask(&desk, method, "'administrator':'sam','grant':'%s'", grant);
		assert_string_equal(desk_text(&desk, "parameter"), "grant");
	}
	assert_int_equal(desk_rows(&desk, TABLE_INVITE) + desk_rows(&desk, TABLE_RECOVERY), 0);
	assert_string_equal(desk_redeem(&desk,
	    "'account':'acme','action':'admin.change','grant':'%s'", grant), "accepted");
}

static void a_password_has_twelve_characters_and_is_not_the_name(void **state)
{
	char text[600];

	(void)state;
	desk_add(&desk, "acme", "samantha-smith");
	invite("samantha-smith", "");
	assert_string_equal(open_invitation(), "");
	const char *app = desk_keep(&desk, desk_app(&desk, invited_secret));
	static const char *const bad[] = { "short", "elevenchars", "Samantha-Smith",
		"samantha-smith R.", "éééééé" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_string_equal(accept_with(bad[i], app), "Refused");
		assert_string_equal(desk_text(&desk, "why"), "password");
	}
	memset(text, 'x', 129);
	text[129] = '\0';
	assert_string_equal(accept_with(text, app), "Refused");
	text[0] = '\0';
	for (unsigned i = 0; i < 128; i++)
		strcat(text, "😀");
	assert_string_equal(accept_with(text, app), "");
	desk_pass(&desk, 30);
	assert_string_equal(login_try("samantha-smith", text, desk_app(&desk, invited_secret),
				HOME),
	    "");
	strcat(text, "x");
	desk_pass(&desk, 30);
	assert_string_equal(login_try("samantha-smith", text, desk_app(&desk, invited_secret),
				HOME),
	    "Refused");
	invite("samantha-smith", ",'reset':true,'reason':'lost'");
	assert_string_equal(open_invitation(), "");
	assert_string_equal(accept_with("Samantha-Smyth", desk_app(&desk, invited_secret)), "");
}

static const char *set_password(const char *session, const char *old, const char *chosen)
{
	desk_ask(&desk, "panel.SetPassword", "'session':'%s','old':'%s','password':'%s'", session,
	    old, chosen);
	return desk_text(&desk, "error");
}

static void another_password_takes_the_old_one_and_a_code_and_ends_the_other_sessions(void **state)
{
	char *other = login_token(), *session = login_token(), device[256];

	(void)state;
	desk_pass(&desk, SESSION_PROOF + 1);
	assert_string_equal(set_password(session, PASSWORD, "another one altogether"),
	    "ProofNeeded");
	assert_string_equal(login_prove(session, desk_app(&desk, secret)), "");
	assert_string_equal(set_password(session, "not the old one", "another one altogether"),
	    "Refused");
	assert_string_equal(set_password(session, PASSWORD, "too short"), "Refused");
	assert_string_equal(login_ask("panel.Session", other), "");
	assert_string_equal(set_password(session, PASSWORD, "another one altogether"), "");
	assert_int_equal(desk_int(&desk, "sessions"), 1);
	snprintf(device, sizeof(device), HOME ",'device':'%s'", desk_text(&desk, "device"));
	assert_string_equal(login_ask("panel.Session", other), "LoggedOut");
	assert_int_equal(cooling_of(session), -1);
	desk_pass(&desk, 30);
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret), HOME), "Refused");
	login_fail_often("dana", 9, HOME);
	assert_string_equal(login_try("dana", "another one altogether", desk_app(&desk, secret),
	    device), "");
}

static void the_wrong_old_password_is_throttled_in_its_session(void **state)
{
	char *session = login_token();

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(set_password(session, "not the old one", "another one at all"),
		    "Refused");
	assert_string_equal(set_password(session, PASSWORD, "another one altogether"), "Throttled");
	assert_string_equal(set_password(login_token(), PASSWORD, "another one altogether"), "");
}

/* The worker that hashes them has everybody's log-ins to do as well. */
static void a_password_is_not_changed_without_end(void **state)
{
	char *session = login_token();

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		assert_string_equal(set_password(session, PASSWORD, PASSWORD), "");
	assert_string_equal(set_password(session, PASSWORD, PASSWORD), "Throttled");
	desk_pass(&desk, 600);
	assert_string_equal(set_password(session, PASSWORD, PASSWORD), "");
}

static void a_recovery_session_may_set_a_password_and_cools_off_from_there(void **state)
{
	char *session;

	(void)state;
	login_give_codes("dana");
	assert_string_equal(login_try("dana", PASSWORD, recovery_codes[0], HOME), "");
	session = desk_keep(&desk, desk_text(&desk, "session"));
	desk_pass(&desk, 900);
	assert_string_equal(set_password(session, PASSWORD, "another one altogether"), "");
	assert_int_equal(cooling_of(session), desk.at.wall + 86400);
}

static void a_password_that_cannot_be_read_is_no_want_of_one(void **state)
{
	static const struct bytes damage = { "", 1 };
	const struct rowkey eli = rowkey1(2);

	(void)state;
	desk_add(&desk, "acme", "eli");
	login_give_password("eli", PASSWORD);
	assert_int_equal(desk_ask(&desk, "control.InviteAdministrator", "'administrator':'eli'"),
	    CS_ERR_ANSWERED);
	assert_string_equal(desk_text(&desk, "error"), "Exists");
	desk_begin(&desk);
	store_put(desk.store, TABLE_PASSWORD, rowkey_bytes(&eli), damage);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	desk.damaged = true;
	assert_int_equal(desk_ask(&desk, "control.InviteAdministrator", "'administrator':'eli'"),
	    CS_ERR_FORMAT);
}

/* Right as it is, there would be no room for its end where it is unsealed to. */
static void a_password_of_another_length_is_damage_and_logs_nobody_in(void **state)
{
	static uint8_t sealed[PASSWORD_HASH + VAULT_OVERHEAD];
	struct job job = { .chosen = PASSWORD };
	const struct password longer = { .admin = 1,
	    .sealed = { (const char *)sealed, sizeof(sealed) } };

	(void)state;
	job_work(&job);
	assert_int_equal(vault_seal(desk.vault, TABLE_PASSWORD, 1, 0, (const uint8_t *)job.made,
	    PASSWORD_HASH, sealed), CS_OK);
	desk_begin(&desk);
	store_put_password(desk.store, &longer);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	desk.damaged = true;
	assert_int_equal(desk_ask(&desk, "panel.LogIn", "'name':'dana','password':'%s','code':'%s',"
	    HOME, PASSWORD, desk_app(&desk, secret)), CS_ERR_FORMAT);
	assert_int_equal(desk_rows(&desk, TABLE_SESSION), 0);
}

static void what_is_over_is_purged(void **state)
{
	char name[16], *session;

	(void)state;
	login_token();
	for (unsigned i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "name%u", i);
		login_fail_often(name, 1, HOME);
	}
	assert_int_equal(desk_rows(&desk, TABLE_SESSION), 1);
	desk_pass(&desk, SESSION_IDLE + 1);
	session = login_token();
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_SESSION), 1);
	assert_int_equal(desk_rows(&desk, TABLE_SESSION_HASH), 1);
	assert_string_equal(login_ask("panel.Session", session), "");
	assert_in_range(desk_rows(&desk, TABLE_BUCKET), 0, 3);
	assert_int_equal(desk_ask(&desk, "control.ShowAdministrator", "'administrator':'dana'"),
	    CS_OK);
	assert_int_equal(desk_int(&desk, "sessions"), 1);
}

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, login_begin, login_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(an_invitation_becomes_a_log_in_once),
		DESK_TEST(a_later_administrator_cools_off_from_the_first_log_in),
		DESK_TEST(a_reset_takes_everything_and_gives_another_authenticator),
		DESK_TEST(an_invitation_that_is_over_replaced_or_made_up_is_refused_alike),
		DESK_TEST(who_is_suspended_does_not_come_in_by_a_reset),
		DESK_TEST(who_had_an_authenticator_already_cools_off),
		DESK_TEST(an_invitation_waits_for_a_clock_that_is_right),
		DESK_TEST(an_issuer_is_what_an_app_can_show),
		DESK_TEST(what_needs_nobodys_word_takes_no_grant),
		DESK_TEST(a_password_has_twelve_characters_and_is_not_the_name),
		DESK_TEST(
		    another_password_takes_the_old_one_and_a_code_and_ends_the_other_sessions),
		DESK_TEST(the_wrong_old_password_is_throttled_in_its_session),
		DESK_TEST(a_password_is_not_changed_without_end),
		DESK_TEST(a_recovery_session_may_set_a_password_and_cools_off_from_there),
		DESK_TEST(a_password_that_cannot_be_read_is_no_want_of_one),
		DESK_TEST(a_password_of_another_length_is_damage_and_logs_nobody_in),
		DESK_TEST(what_is_over_is_purged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

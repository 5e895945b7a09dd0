/* SPDX-License-Identifier: ISC
 *
 * Log-ins and sessions: what lets in, what does not, and what each of them
 * leaves behind.
 */
#include "desk.h"

#include "../daemon/device.h"
#include "../daemon/password.h"
#include "../daemon/recovery.h"
#include "../daemon/session.h"

#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PASSWORD "four words nobody guesses"
#define HOME "'address':'192.0.2.7','browser':'Firefox'"

static struct desk desk;
static uint8_t secret[20];
static char recovery_codes[RECOVERY_CODES][RECOVERY_TEXT];

static void give_password(const char *name, const char *text)
{
	struct request r = { .store = desk.store, .vault = desk.vault };
	struct job job = { .known = false };
	struct password password;
	struct admin admin;

	strcpy(job.chosen, text);
	job_work(&job);
	desk_begin(&desk);
	r.now = desk.now;
	assert_int_equal(store_find_admin(desk.store, cs_str(name), &admin), CS_OK);
	assert_int_equal(password_set(&r, admin.id, &job, &password), CS_OK);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
}

static void give_recovery_codes(const char *name)
{
	const struct cs_str *at;
	size_t n;

	assert_int_equal(desk_ask(&desk, "control.NewRecoveryCodes",
	    "'administrator':'%s','reason':'test'", name), CS_OK);
	assert_int_equal(cs_msg_strings(&desk.out, "codes", &at, &n), CS_OK);
	assert_int_equal(n, RECOVERY_CODES);
	for (size_t i = 0; i < n; i++)
		snprintf(recovery_codes[i], RECOVERY_TEXT, "%.*s", (int)at[i].len, at[i].p);
}

static int begin(void **state)
{
	(void)state;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	desk_enroll(&desk, "dana", "login", secret);
	give_password("dana", PASSWORD);
	desk_pass(&desk, 60);
	return 0;
}

static int end(void **state)
{
	(void)state;
	desk_close(&desk);
	return 0;
}

/* The error's name; "" for a log-in. */
static const char *log_in(const char *name, const char *password, const char *code,
    const char *more)
{
	desk_ask(&desk, "panel.LogIn", "'name':'%s','password':'%s','code':'%s',%s", name, password,
	    code, more);
	return desk_text(&desk, "error");
}

/* Logs dana in with the next code; the token. */
static char *token(void)
{
	desk_pass(&desk, 30);
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, secret), HOME), "");
	return desk_keep(&desk, desk_text(&desk, "session"));
}

static const char *ask(const char *method, const char *session)
{
	desk_ask(&desk, method, "'session':'%s'", session);
	return desk_text(&desk, "error");
}

static const char *prove(const char *session, const char *code)
{
	desk_ask(&desk, "panel.Prove", "'session':'%s','code':'%s'", session, code);
	return desk_text(&desk, "error");
}

static unsigned wrong_tries(uint64_t authenticator)
{
	struct authenticator_state state;

	desk_begin(&desk);
	assert_int_equal(store_get_authenticator_state(desk.store, authenticator, &state), CS_OK);
	desk_commit(&desk);
	return state.wrong;
}

static void name_password_and_code_make_a_session(void **state)
{
	char *session = token();

	(void)state;
	assert_int_equal(strlen(session), 64);
	assert_int_equal(strlen(desk_text(&desk, "device")), 64);
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_string_equal(desk_text(&desk, "name"), "dana R.");
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + SESSION_IDLE);
	assert_string_equal(ask("panel.Session", session), "");
	assert_int_equal(desk_int(&desk, "proved_until"), desk.at.wall + SESSION_PROOF);
	assert_int_equal(desk_int(&desk, "authenticators"), 1);
	assert_int_equal(desk_int(&desk, "cooling"), -1);
	desk_restart(&desk);
	assert_string_equal(ask("panel.Session", session), "");
}

static void what_is_wrong_is_refused_in_the_same_words(void **state)
{
	char say[SAY_MAX], used[16];
	uint8_t sams[20];
	const char *fresh;

	(void)state;
	token();
	strcpy(used, desk_app(&desk, secret));
	desk_add(&desk, "acme", "sam");
	desk_enroll(&desk, "sam", "login", sams);
	give_password("sam", PASSWORD);
	assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator", "'administrator':'sam'"),
	    CS_OK);
	desk_pass(&desk, 30);
	fresh = desk_keep(&desk, desk_app(&desk, secret));
	const char *tries[][3] = {
		{ "nobody", PASSWORD, fresh },
		{ "!?", PASSWORD, fresh },
		{ "dana", "four words nobody guess", fresh },
		{ "dana", PASSWORD, used },
		{ "dana", PASSWORD, "not a code" },
		{ "dana", PASSWORD, "0000-0000-0000-0000" },
		{ "sam", PASSWORD, desk_keep(&desk, desk_app(&desk, sams)) },
	};
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		assert_string_equal(log_in(tries[i][0], tries[i][1], tries[i][2], HOME), "Refused");
		assert_string_equal(desk_text(&desk, "why"), "log-in");
		if (i == 0)
			strcpy(say, desk_text(&desk, "say"));
		assert_string_equal(desk_text(&desk, "say"), say);
	}
	assert_int_equal(desk.out.nfields, 2);
	/* and the right code was spent by none of them */
	assert_string_equal(log_in("dana", PASSWORD, fresh, HOME), "");
}

static void a_step_logs_in_once(void **state)
{
	const char *code;

	(void)state;
	token();
	code = desk_app(&desk, secret);
	assert_string_equal(log_in("dana", PASSWORD, code, HOME), "Refused");
	desk_restart(&desk);
	assert_string_equal(log_in("dana", PASSWORD, code, HOME), "Refused");
}

static void a_code_for_support_logs_nobody_in(void **state)
{
	uint8_t support[20];

	(void)state;
	desk_enroll(&desk, "dana", "support", support);
	desk_pass(&desk, 60);
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, support), HOME), "Refused");
}

static void a_password_that_changed_under_the_worker_is_not_right(void **state)
{
	struct job job = { .known = false };
	struct request r = { 0 };
	struct admin admin;
	bool right;

	(void)state;
	desk_begin(&desk);
	r = (struct request){ .store = desk.store, .vault = desk.vault, .now = desk.now };
	assert_int_equal(store_find_admin(desk.store, CS_STR("dana"), &admin), CS_OK);
	assert_int_equal(password_ask(&r, admin.id, CS_STR(PASSWORD), &job), CS_OK);
	job_work(&job);
	assert_int_equal(password_is(&r, admin.id, &job, &right), CS_OK);
	assert_true(right);
	desk_commit(&desk);
	give_password("dana", PASSWORD);
	desk_begin(&desk);
	assert_int_equal(password_is(&r, admin.id, &job, &right), CS_OK);
	assert_false(right);
	store_del_password(desk.store, admin.id);
	assert_int_equal(store_keep(desk.store), CS_OK);
	assert_int_equal(password_is(&r, admin.id, &job, &right), CS_OK);
	assert_false(right);
	desk_commit(&desk);
}

static void fail_often(const char *name, unsigned tries, const char *more)
{
	for (unsigned i = 0; i < tries; i++)
		assert_string_equal(log_in(name, "wrong", "123456", more), "Refused");
}

static void failures_under_a_name_make_it_wait_whether_it_exists_or_not(void **state)
{
	(void)state;
	fail_often("dana", 10, "'address':'192.0.2.1'");
	fail_often("nobody", 10, "'address':'192.0.2.2'");
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, secret), HOME), "Throttled");
	assert_int_equal(desk_int(&desk, "wait"), 900);
	assert_string_equal(log_in("nobody", PASSWORD, "123456", HOME), "Throttled");
	assert_int_equal(desk_int(&desk, "wait"), 900);
	desk_restart(&desk);
	assert_string_equal(log_in(" DANA", PASSWORD, desk_app(&desk, secret), HOME), "Throttled");
	desk_pass(&desk, 900);
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, secret), HOME), "");
}

/* Tries are counted by the token's text: each spelling would have its own. */
static void a_device_token_in_capitals_is_no_known_browser(void **state)
{
	char device[DEVICE_TEXT], more[256];

	(void)state;
	token();
	snprintf(device, sizeof(device), "%s", desk_text(&desk, "device"));
	for (char *p = device; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'f')
			*p = (char)(*p - 'a' + 'A');
	snprintf(more, sizeof(more), HOME ",'device':'%s'", device);
	fail_often("dana", 10, HOME);
	assert_string_equal(log_in("dana", PASSWORD, "123456", more), "Throttled");
}

static void a_known_browser_is_let_in_through_everybody_elses_failures(void **state)
{
	char device[128], more[256];

	(void)state;
	token();
	snprintf(device, sizeof(device), "'device':'%s'", desk_text(&desk, "device"));
	snprintf(more, sizeof(more), HOME ",%s", device);
	fail_often("dana", 10, HOME);
	for (unsigned i = 0; i < 20; i++)
		log_in("somebody-else", "wrong", "123456", HOME);
	desk_pass(&desk, 30);
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, secret), HOME), "Throttled");
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, secret), more), "");
	/* it has a limit of its own, */
	fail_often("dana", 10, more);
	assert_string_equal(log_in("dana", PASSWORD, "123456", more), "Throttled");
	/* is good for its owner only, */
	desk_pass(&desk, 900);
	desk_add(&desk, "acme", "sam");
	fail_often("sam", 10, "'address':'192.0.2.1'");
	assert_string_equal(log_in("sam", PASSWORD, "123456", more), "Throttled");
	/* and ends with the password */
	fail_often("dana", 10, "'address':'192.0.2.1'");
	give_password("dana", PASSWORD);
	assert_string_equal(log_in("dana", PASSWORD, "123456", more), "Throttled");
}

static void one_address_fails_so_often_under_all_names(void **state)
{
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "name%u", i);
		fail_often(name, 1, i % 2 == 0 ? "'address':'2001:db8::1'"
					       : "'address':'2001:db8::9:2'");
	}
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, secret),
	    "'address':'2001:db8::3'"), "Throttled");
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, secret),
	    "'address':'2001:db8:0:1::3'"), "");
}

static void a_recovery_code_logs_in_once_and_cools_off(void **state)
{
	char *session;

	(void)state;
	give_recovery_codes("dana");
	desk_pass(&desk, 30);
	fail_often("dana", 3, HOME);
	assert_string_equal(log_in("dana", "wrong", recovery_codes[4], HOME), "Refused");
	assert_string_equal(log_in("dana", PASSWORD, recovery_codes[4], HOME), "");
	assert_string_equal(desk_text(&desk, "device"), "");
	session = desk_keep(&desk, desk_text(&desk, "session"));
	assert_string_equal(ask("panel.Session", session), "");
	assert_int_equal(desk_int(&desk, "cooling"), desk.at.wall + 86400);
	assert_int_equal(desk_int(&desk, "recovery_codes"), RECOVERY_CODES - 1);
	assert_int_equal(desk_int(&desk, "proved_until"), -1);
	assert_string_equal(log_in("dana", PASSWORD, recovery_codes[4], HOME), "Refused");
	desk_event(&desk, desk_events(&desk) - 1);
	assert_string_equal(desk_text(&desk, "kind"), "log-in");
	assert_string_equal(desk_text(&desk, "note"), "recovery code");
}

/* The events since then: one in each account of dana's. */
static void assert_told(uint64_t before, const char *kind, const char *note)
{
	static const char *const accounts[] = { "acme", "bolt" };

	assert_int_equal(desk_events(&desk) - before, 2);
	for (unsigned i = 0; i < 2; i++) {
		desk_event(&desk, before + 1 + i);
		assert_string_equal(desk_text(&desk, "kind"), kind);
		assert_string_equal(desk_text(&desk, "account"), accounts[i]);
		assert_string_equal(desk_text(&desk, "administrator"), "dana");
		assert_string_equal(desk_text(&desk, "note"), note);
		assert_string_equal(desk_text(&desk, "client"), "192.0.2.7");
	}
}

/* Whoever lost a phone was promised that the colleagues are told. */
static void the_colleagues_in_each_account_are_told_of_a_log_in(void **state)
{
	uint64_t before;
	char *session;

	(void)state;
	desk_add(&desk, "bolt", "eve");
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator", "'account':'bolt',"
	    "'administrator':'dana','existing':true,'reason':'test'"), CS_OK);
	give_recovery_codes("dana");
	before = desk_events(&desk);
	assert_string_equal(log_in("dana", "wrong", "123456", HOME), "Refused");
	assert_told(before, "log-in-failed", "password");
	before = desk_events(&desk);
	assert_string_equal(log_in("dana", PASSWORD, recovery_codes[0], HOME), "");
	session = desk_keep(&desk, desk_text(&desk, "session"));
	assert_told(before, "log-in", "recovery code");
	before = desk_events(&desk);
	assert_string_equal(prove(session, "000000"), "Refused");
	assert_told(before, "prove", "");
	before = desk_events(&desk);
	assert_string_equal(ask("panel.LogOut", session), "");
	assert_told(before, "log-out", "");
}

/* Only beside the right password: nobody else makes somebody's phone rest. */
static void wrong_codes_make_an_authenticator_rest_until_its_owner_logs_in(void **state)
{
	(void)state;
	give_recovery_codes("dana");
	fail_often("dana", 5, "'address':'192.0.2.1'");
	assert_int_equal(wrong_tries(1), 0);
	for (unsigned i = 0; i < 50; i++) {
		desk_pass(&desk, 300);
		assert_string_equal(log_in("dana", PASSWORD, "000000", HOME), "Refused");
	}
	assert_int_equal(wrong_tries(1), 50);
	desk_pass(&desk, 900);
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, secret), HOME), "Refused");
	assert_string_equal(log_in("dana", PASSWORD, recovery_codes[0], HOME), "");
	assert_int_equal(wrong_tries(1), 0);
	token();
}

static void a_log_in_ends_the_rest_of_the_authenticators_for_support(void **state)
{
	uint8_t support[20];
	uint64_t id = desk_enroll(&desk, "dana", "support", support);
	struct authenticator_state s = { .id = id, .wrong = 50, .last = 7 };

	(void)state;
	desk_begin(&desk);
	store_put_authenticator_state(desk.store, &s);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	token();
	assert_int_equal(wrong_tries(id), 0);
}

static void a_session_ends_idle_at_its_limit_and_when_told(void **state)
{
	char *session = token(), *other;

	(void)state;
	desk_pass(&desk, SESSION_IDLE);
	assert_string_equal(ask("panel.Session", session), "");
	desk_pass(&desk, SESSION_IDLE + 1);
	assert_string_equal(ask("panel.Session", session), "LoggedOut");
	session = token();
	for (unsigned i = 0; i < 2 * SESSION_LIFE / SESSION_IDLE; i++) {
		desk_pass(&desk, SESSION_IDLE / 2);
		assert_string_equal(ask("panel.Session", session), "");
	}
	desk_pass(&desk, 1);
	assert_string_equal(ask("panel.Session", session), "LoggedOut");
	session = token();
	other = token();
	assert_string_equal(ask("panel.LogOut", session), "");
	assert_string_equal(ask("panel.Session", session), "LoggedOut");
	assert_string_equal(ask("panel.LogOut", session), "LoggedOut");
	assert_string_equal(ask("panel.Session", other), "");
}

static void a_clock_set_forward_ends_no_session_and_set_back_keeps_none(void **state)
{
	char *session = token();

	(void)state;
	desk.at.wall += 100000;
	assert_string_equal(ask("panel.Session", session), "");
	desk.at.wall -= 200000;
	fail_often("nobody", 1, HOME);	/* a write, with which the clock is kept */
	desk_pass(&desk, SESSION_IDLE + 60);
	assert_string_equal(ask("panel.Session", session), "LoggedOut");
}

static void proof_takes_a_new_code_and_lasts(void **state)
{
	char *session = token();

	(void)state;
	assert_string_equal(prove(session, desk_app(&desk, secret)), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "used");
	desk_pass(&desk, SESSION_PROOF + 1);
	ask("panel.Session", session);
	assert_int_equal(desk_int(&desk, "proved_until"), -1);
	assert_string_equal(prove(session, "000000"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "wrong");
	assert_int_equal(wrong_tries(1), 1);
	assert_string_equal(prove(session, desk_app(&desk, secret)), "");
	assert_int_equal(desk_int(&desk, "proved_until"), desk.at.wall + SESSION_PROOF);
	desk_pass(&desk, 30);
	for (unsigned i = 0; i < 9; i++)
		assert_string_equal(prove(session, "000000"), "Refused");
	assert_string_equal(prove(session, desk_app(&desk, secret)), "Throttled");
	assert_string_equal(prove(token(), "000000"), "Refused");
}

static void guesses_in_a_session_end_it_before_the_owner_is_locked_out(void **state)
{
	char *session = token();

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		if (i % 10 == 0)
			desk_pass(&desk, 900);
		assert_string_equal(prove(session, "000000"), "Refused");
	}
	desk_pass(&desk, 900);
	assert_string_equal(prove(session, "000000"), "Refused");
	assert_string_equal(ask("panel.Session", session), "LoggedOut");
	assert_int_equal(wrong_tries(1), 40);
	assert_string_equal(ask("panel.Session", token()), "");
	assert_int_equal(wrong_tries(1), 0);
}

static void sessions_are_listed_and_ended_by_their_owner_alone(void **state)
{
	char *first = token(), *second = token(), *third = token(), *id;
	uint8_t other[20];

	(void)state;
	assert_string_equal(ask("panel.Sessions", third), "");
	id = desk_keep(&desk, desk_text(&desk, "id"));
	assert_string_equal(desk_text(&desk, "address"), "192.0.2.7");
	assert_string_equal(desk_text(&desk, "browser"), "Firefox");
	desk_add(&desk, "acme", "sam");
	desk_enroll(&desk, "sam", "login", other);
	give_password("sam", PASSWORD);
	desk_pass(&desk, 30);
	assert_string_equal(log_in("sam", PASSWORD, desk_app(&desk, other), HOME), "");
	const char *sams = desk_keep(&desk, desk_text(&desk, "session"));
	desk_ask(&desk, "panel.EndSession", "'session':'%s','id':'%s'", sams, id);
	assert_string_equal(desk_text(&desk, "error"), "NotFound");
	desk_ask(&desk, "panel.EndSession", "'session':'%s','id':'%s'", third, id);
	assert_int_equal(desk_int(&desk, "sessions"), 1);
	assert_string_equal(ask("panel.Session", first), "LoggedOut");
	assert_string_equal(ask("panel.Session", second), "");
	desk_ask(&desk, "panel.EndSession", "'session':'%s'", third);
	assert_int_equal(desk_int(&desk, "sessions"), 1);
	assert_string_equal(ask("panel.Session", second), "LoggedOut");
	assert_string_equal(ask("panel.Session", third), "");
	assert_string_equal(ask("panel.Session", sams), "");
}

static void who_may_do_nothing_any_more_is_logged_out(void **state)
{
	static const char *const ways[] = {
		"control.SuspendAdministrator|'administrator':'dana'",
		"control.SuspendAdministrator|'administrator':'dana','account':'acme'",
		"control.SuspendAccount|'account':'acme'",
		"control.FreezeAccount|'account':'acme','reason':'x'",
		"control.RemoveAdministrator|'administrator':'dana'",
		"control.RemoveAccount|'account':'acme'",
		"control.InviteAdministrator|'administrator':'dana','reset':true,'reason':'x'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const char *bar = strchr(ways[i], '|');
		char method[64], *session, *second;

		end(NULL);
		begin(NULL);
		/* a second account, so that nothing is counted twice */
		assert_int_equal(desk_ask(&desk, "control.AddAccount", "'account':'beta'"), CS_OK);
		assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
		    "'account':'beta','administrator':'dana','existing':true,'reason':'x'"), CS_OK);
		session = token();
		second = token();
		snprintf(method, sizeof(method), "%.*s", (int)(bar - ways[i]), ways[i]);
		assert_int_equal(desk_ask(&desk, method, "%s", bar + 1), CS_OK);
		assert_int_equal(desk_int(&desk, "sessions"), 2);
		assert_string_equal(ask("panel.Session", session), "LoggedOut");
		assert_string_equal(ask("panel.Session", second), "LoggedOut");
		assert_int_equal(desk_rows(&desk, TABLE_SESSION), 0);
		assert_int_equal(desk_rows(&desk, TABLE_SESSION_HASH), 0);
	}
	assert_int_equal(desk_rows(&desk, TABLE_PASSWORD), 0);
}

static void a_flood_of_failures_is_summed_in_the_log(void **state)
{
	uint64_t before;
	char more[64];

	(void)state;
	before = desk_events(&desk);
	for (unsigned i = 0; i < 60; i++) {
		snprintf(more, sizeof(more), "'address':'192.0.2.%u'", i);
		assert_string_equal(log_in(desk_wrong(&desk), "wrong", "123456", more), "Refused");
	}
	assert_int_equal(desk_events(&desk) - before, 30);
	desk_event(&desk, before + 1);
	assert_string_equal(desk_text(&desk, "kind"), "log-in-failed");
	assert_string_equal(desk_text(&desk, "note"), "name");
	assert_string_equal(desk_text(&desk, "client"), "192.0.2.0");
	assert_string_equal(desk_text(&desk, "verification"), "");
	assert_string_equal(desk_text(&desk, "administrator"), "");
	desk_pass(&desk, 60);
	desk_purge(&desk);
	desk_event(&desk, before + 31);
	assert_string_equal(desk_text(&desk, "kind"), "log-in-failed");
	assert_int_equal(desk_int(&desk, "count"), 30);
}

static void a_device_token_is_its_owners_and_whole(void **state)
{
	struct password dana = { .admin = 1, .devices = { 1 } }, other = { .admin = 1 },
			sam = { .admin = 2, .devices = { 1 } };
	char device[DEVICE_TEXT];
	struct cs_str text = { device, DEVICE_TEXT - 1 };

	(void)state;
	assert_int_equal(device_make(desk.vault, &dana, device), CS_OK);
	assert_true(device_is(desk.vault, &dana, text));
	assert_false(device_is(desk.vault, &other, text));
	assert_false(device_is(desk.vault, &sam, text));
	for (size_t i = 0; i < text.len; i++) {
		device[i] ^= 1;
		assert_false(device_is(desk.vault, &dana, text));
		device[i] ^= 1;
	}
	text.len -= 2;
	assert_false(device_is(desk.vault, &dana, text));
	assert_false(device_is(desk.vault, &dana, CS_STR("")));
}

/* ---- invitations ---- */

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
	assert_string_equal(ask("panel.Session", session), "");
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
	assert_string_equal(log_in("sam", PASSWORD, desk_app(&desk, invited_secret), HOME),
	    "Refused");
	desk_pass(&desk, 30);
	assert_string_equal(log_in("sam", PASSWORD, desk_app(&desk, invited_secret), HOME), "");
	assert_string_equal(log_in("sam", PASSWORD, recovery_codes[0], HOME), "");
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
	char *old = token();

	(void)state;
	invite("dana", ",'reset':true,'reason':'lost'");
	assert_string_equal(open_invitation(), "");
	memcpy(first, invited_secret, sizeof(first));
	invite("dana", ",'reset':true,'reason':'lost'");
	assert_string_equal(open_invitation(), "");
	assert_int_not_equal(memcmp(first, invited_secret, sizeof(first)), 0);
	desk_pass(&desk, 30);
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, secret), HOME), "Refused");
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, first)), "Refused");
	assert_string_equal(accept_with(PASSWORD, desk_app(&desk, invited_secret)), "");
	assert_int_equal(cooling_of(desk_keep(&desk, desk_text(&desk, "session"))),
	    desk.at.wall + 86400);
	assert_string_equal(ask("panel.Session", old), "LoggedOut");
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
	assert_string_equal(log_in("samantha-smith", text, desk_app(&desk, invited_secret), HOME),
	    "");
	strcat(text, "x");
	desk_pass(&desk, 30);
	assert_string_equal(log_in("samantha-smith", text, desk_app(&desk, invited_secret), HOME),
	    "Refused");
}

static const char *set_password(const char *session, const char *old, const char *chosen)
{
	desk_ask(&desk, "panel.SetPassword", "'session':'%s','old':'%s','password':'%s'", session,
	    old, chosen);
	return desk_text(&desk, "error");
}

static void another_password_takes_the_old_one_and_a_code_and_ends_the_other_sessions(void **state)
{
	char *other = token(), *session = token(), device[256];

	(void)state;
	desk_pass(&desk, SESSION_PROOF + 1);
	assert_string_equal(set_password(session, PASSWORD, "another one altogether"),
	    "ProofNeeded");
	assert_string_equal(prove(session, desk_app(&desk, secret)), "");
	assert_string_equal(set_password(session, "not the old one", "another one altogether"),
	    "Refused");
	assert_string_equal(set_password(session, PASSWORD, "too short"), "Refused");
	assert_string_equal(ask("panel.Session", other), "");
	assert_string_equal(set_password(session, PASSWORD, "another one altogether"), "");
	assert_int_equal(desk_int(&desk, "sessions"), 1);
	snprintf(device, sizeof(device), HOME ",'device':'%s'", desk_text(&desk, "device"));
	assert_string_equal(ask("panel.Session", other), "LoggedOut");
	assert_int_equal(cooling_of(session), -1);
	desk_pass(&desk, 30);
	assert_string_equal(log_in("dana", PASSWORD, desk_app(&desk, secret), HOME), "Refused");
	fail_often("dana", 9, HOME);
	assert_string_equal(log_in("dana", "another one altogether", desk_app(&desk, secret),
	    device), "");
}

static void the_wrong_old_password_is_throttled_in_its_session(void **state)
{
	char *session = token();

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(set_password(session, "not the old one", "another one at all"),
		    "Refused");
	assert_string_equal(set_password(session, PASSWORD, "another one altogether"), "Throttled");
	assert_string_equal(set_password(token(), PASSWORD, "another one altogether"), "");
}

/* The worker that hashes them has everybody's log-ins to do as well. */
static void a_password_is_not_changed_without_end(void **state)
{
	char *session = token();

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
	give_recovery_codes("dana");
	assert_string_equal(log_in("dana", PASSWORD, recovery_codes[0], HOME), "");
	session = desk_keep(&desk, desk_text(&desk, "session"));
	desk_pass(&desk, 900);
	assert_string_equal(set_password(session, PASSWORD, "another one altogether"), "");
	assert_int_equal(cooling_of(session), desk.at.wall + 86400);
}

static void what_is_over_is_purged(void **state)
{
	char name[16], *session;

	(void)state;
	token();
	for (unsigned i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "name%u", i);
		fail_often(name, 1, HOME);
	}
	assert_int_equal(desk_rows(&desk, TABLE_SESSION), 1);
	desk_pass(&desk, SESSION_IDLE + 1);
	session = token();
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_SESSION), 1);
	assert_int_equal(desk_rows(&desk, TABLE_SESSION_HASH), 1);
	assert_string_equal(ask("panel.Session", session), "");
	assert_in_range(desk_rows(&desk, TABLE_BUCKET), 0, 3);
	assert_int_equal(desk_ask(&desk, "control.ShowAdministrator", "'administrator':'dana'"),
	    CS_OK);
	assert_int_equal(desk_int(&desk, "sessions"), 1);
}

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(name_password_and_code_make_a_session),
		DESK_TEST(what_is_wrong_is_refused_in_the_same_words),
		DESK_TEST(a_step_logs_in_once),
		DESK_TEST(a_code_for_support_logs_nobody_in),
		DESK_TEST(a_password_that_changed_under_the_worker_is_not_right),
		DESK_TEST(failures_under_a_name_make_it_wait_whether_it_exists_or_not),
		DESK_TEST(a_known_browser_is_let_in_through_everybody_elses_failures),
		DESK_TEST(one_address_fails_so_often_under_all_names),
		DESK_TEST(a_recovery_code_logs_in_once_and_cools_off),
		DESK_TEST(the_colleagues_in_each_account_are_told_of_a_log_in),
		DESK_TEST(wrong_codes_make_an_authenticator_rest_until_its_owner_logs_in),
		DESK_TEST(a_log_in_ends_the_rest_of_the_authenticators_for_support),
		DESK_TEST(a_session_ends_idle_at_its_limit_and_when_told),
		DESK_TEST(a_clock_set_forward_ends_no_session_and_set_back_keeps_none),
		DESK_TEST(proof_takes_a_new_code_and_lasts),
		DESK_TEST(guesses_in_a_session_end_it_before_the_owner_is_locked_out),
		DESK_TEST(sessions_are_listed_and_ended_by_their_owner_alone),
		DESK_TEST(who_may_do_nothing_any_more_is_logged_out),
		DESK_TEST(a_flood_of_failures_is_summed_in_the_log),
		DESK_TEST(a_device_token_is_its_owners_and_whole),
		DESK_TEST(a_device_token_in_capitals_is_no_known_browser),
		DESK_TEST(an_invitation_becomes_a_log_in_once),
		DESK_TEST(a_later_administrator_cools_off_from_the_first_log_in),
		DESK_TEST(a_reset_takes_everything_and_gives_another_authenticator),
		DESK_TEST(an_invitation_that_is_over_replaced_or_made_up_is_refused_alike),
		DESK_TEST(a_password_has_twelve_characters_and_is_not_the_name),
		DESK_TEST(
		    another_password_takes_the_old_one_and_a_code_and_ends_the_other_sessions),
		DESK_TEST(the_wrong_old_password_is_throttled_in_its_session),
		DESK_TEST(a_password_is_not_changed_without_end),
		DESK_TEST(a_recovery_session_may_set_a_password_and_cools_off_from_there),
		DESK_TEST(what_is_over_is_purged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

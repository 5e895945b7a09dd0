/* SPDX-License-Identifier: ISC
 *
 * Log-ins and sessions: what lets in, what does not, and what each of them
 * leaves behind.
 */
#include "login_desk.h"

#include "../daemon/device.h"
#include "../daemon/password.h"
#include "../daemon/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void name_password_and_code_make_a_session(void **state)
{
	char *session = login_token();

	(void)state;
	assert_int_equal(strlen(session), 64);
	assert_int_equal(strlen(desk_text(&desk, "device")), 64);
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_string_equal(desk_text(&desk, "name"), "dana R.");
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + SESSION_IDLE);
	assert_string_equal(login_ask("panel.Session", session), "");
	assert_int_equal(desk_int(&desk, "proved_until"), desk.at.wall + SESSION_PROOF);
	assert_int_equal(desk_int(&desk, "authenticators"), 1);
	assert_int_equal(desk_int(&desk, "cooling"), -1);
	desk_restart(&desk);
	assert_string_equal(login_ask("panel.Session", session), "");
}

static void what_is_wrong_is_refused_in_the_same_words(void **state)
{
	char say[SAY_MAX], used[16];
	uint8_t sams[20];
	const char *fresh;

	(void)state;
	login_token();
	strcpy(used, desk_app(&desk, secret));
	desk_add(&desk, "acme", "sam");
	desk_enroll(&desk, "sam", "login", sams);
	login_give_password("sam", PASSWORD);
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
		assert_string_equal(login_try(tries[i][0], tries[i][1], tries[i][2], HOME),
		    "Refused");
		assert_string_equal(desk_text(&desk, "why"), "log-in");
		if (i == 0)
			strcpy(say, desk_text(&desk, "say"));
		assert_string_equal(desk_text(&desk, "say"), say);
	}
	assert_int_equal(desk.out.nfields, 2);
	/* and the right code was spent by none of them */
	assert_string_equal(login_try("dana", PASSWORD, fresh, HOME), "");
}

static void a_step_logs_in_once(void **state)
{
	const char *code;

	(void)state;
	login_token();
	code = desk_app(&desk, secret);
	assert_string_equal(login_try("dana", PASSWORD, code, HOME), "Refused");
	desk_restart(&desk);
	assert_string_equal(login_try("dana", PASSWORD, code, HOME), "Refused");
}

static void a_code_for_support_logs_nobody_in(void **state)
{
	uint8_t support[20];

	(void)state;
	desk_enroll(&desk, "dana", "support", support);
	desk_pass(&desk, 60);
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, support), HOME), "Refused");
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
	login_give_password("dana", PASSWORD);
	desk_begin(&desk);
	assert_int_equal(password_is(&r, admin.id, &job, &right), CS_OK);
	assert_false(right);
	store_del_password(desk.store, admin.id);
	assert_int_equal(store_keep(desk.store), CS_OK);
	assert_int_equal(password_is(&r, admin.id, &job, &right), CS_OK);
	assert_false(right);
	desk_commit(&desk);
}

static void failures_under_a_name_make_it_wait_whether_it_exists_or_not(void **state)
{
	(void)state;
	login_fail_often("dana", 10, "'address':'192.0.2.1'");
	login_fail_often("nobody", 10, "'address':'192.0.2.2'");
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret), HOME),
	    "Throttled");
	assert_int_equal(desk_int(&desk, "wait"), 900);
	assert_string_equal(login_try("nobody", PASSWORD, "123456", HOME), "Throttled");
	assert_int_equal(desk_int(&desk, "wait"), 900);
	desk_restart(&desk);
	assert_string_equal(login_try(" DANA", PASSWORD, desk_app(&desk, secret), HOME),
	    "Throttled");
	desk_pass(&desk, 900);
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret), HOME), "");
}

/* Tries are counted by the token's text: each spelling would have its own. */
static void a_device_token_in_capitals_is_no_known_browser(void **state)
{
	char device[DEVICE_TEXT], more[256];

	(void)state;
	login_token();
	snprintf(device, sizeof(device), "%s", desk_text(&desk, "device"));
	for (char *p = device; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'f')
			*p = (char)(*p - 'a' + 'A');
	snprintf(more, sizeof(more), HOME ",'device':'%s'", device);
	login_fail_often("dana", 10, HOME);
	assert_string_equal(login_try("dana", PASSWORD, "123456", more), "Throttled");
}

static void a_known_browser_is_let_in_through_everybody_elses_failures(void **state)
{
	char device[128], more[256];

	(void)state;
	login_token();
	snprintf(device, sizeof(device), "'device':'%s'", desk_text(&desk, "device"));
	snprintf(more, sizeof(more), HOME ",%s", device);
	login_fail_often("dana", 10, HOME);
	for (unsigned i = 0; i < 20; i++)
		login_try("somebody-else", "wrong", "123456", HOME);
	desk_pass(&desk, 30);
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret), HOME),
	    "Throttled");
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret), more), "");
	/* it has a limit of its own, */
	login_fail_often("dana", 10, more);
	assert_string_equal(login_try("dana", PASSWORD, "123456", more), "Throttled");
	/* is good for its owner only, */
	desk_pass(&desk, 900);
	desk_add(&desk, "acme", "sam");
	login_fail_often("sam", 10, "'address':'192.0.2.1'");
	assert_string_equal(login_try("sam", PASSWORD, "123456", more), "Throttled");
	/* and ends with the password */
	login_fail_often("dana", 10, "'address':'192.0.2.1'");
	login_give_password("dana", PASSWORD);
	assert_string_equal(login_try("dana", PASSWORD, "123456", more), "Throttled");
}

static void one_address_fails_so_often_under_all_names(void **state)
{
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "name%u", i);
		login_fail_often(name, 1, i % 2 == 0 ? "'address':'2001:db8::1'"
					       : "'address':'2001:db8::9:2'");
	}
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret),
	    "'address':'2001:db8::3'"), "Throttled");
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret),
	    "'address':'2001:db8:0:1::3'"), "");
}

static void a_recovery_code_logs_in_once_and_cools_off(void **state)
{
	char *session;

	(void)state;
	login_give_codes("dana");
	desk_pass(&desk, 30);
	login_fail_often("dana", 3, HOME);
	assert_string_equal(login_try("dana", "wrong", recovery_codes[4], HOME), "Refused");
	assert_string_equal(login_try("dana", PASSWORD, recovery_codes[4], HOME), "");
	assert_string_equal(desk_text(&desk, "device"), "");
	session = desk_keep(&desk, desk_text(&desk, "session"));
	assert_string_equal(login_ask("panel.Session", session), "");
	assert_int_equal(desk_int(&desk, "cooling"), desk.at.wall + 86400);
	assert_int_equal(desk_int(&desk, "recovery_codes"), RECOVERY_CODES - 1);
	assert_int_equal(desk_int(&desk, "proved_until"), -1);
	assert_string_equal(login_try("dana", PASSWORD, recovery_codes[4], HOME), "Refused");
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
	login_give_codes("dana");
	before = desk_events(&desk);
	assert_string_equal(login_try("dana", "wrong", "123456", HOME), "Refused");
	assert_told(before, "log-in-failed", "password");
	before = desk_events(&desk);
	assert_string_equal(login_try("dana", PASSWORD, recovery_codes[0], HOME), "");
	session = desk_keep(&desk, desk_text(&desk, "session"));
	assert_told(before, "log-in", "recovery code");
	before = desk_events(&desk);
	assert_string_equal(login_prove(session, login_wrong_code()), "Refused");
	assert_told(before, "prove", "");
	before = desk_events(&desk);
	assert_string_equal(login_ask("panel.LogOut", session), "");
	assert_told(before, "log-out", "");
}

/* Only beside the right password: nobody else makes somebody's phone rest. */
static void wrong_codes_make_an_authenticator_rest_until_its_owner_logs_in(void **state)
{
	(void)state;
	login_give_codes("dana");
	login_fail_often("dana", 5, "'address':'192.0.2.1'");
	assert_int_equal(login_wrong_tries(1), 0);
	for (unsigned i = 0; i < 50; i++) {
		desk_pass(&desk, 300);
		assert_string_equal(login_try("dana", PASSWORD, login_wrong_code(), HOME),
		    "Refused");
	}
	assert_int_equal(login_wrong_tries(1), 50);
	desk_pass(&desk, 900);
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret), HOME), "Refused");
	assert_string_equal(login_try("dana", PASSWORD, recovery_codes[0], HOME), "");
	assert_int_equal(login_wrong_tries(1), 0);
	login_token();
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
	login_token();
	assert_int_equal(login_wrong_tries(id), 0);
}

static void a_session_ends_idle_at_its_limit_and_when_told(void **state)
{
	char *session = login_token(), *other;

	(void)state;
	desk_pass(&desk, SESSION_IDLE);
	assert_string_equal(login_ask("panel.Session", session), "");
	desk_pass(&desk, SESSION_IDLE + 1);
	assert_string_equal(login_ask("panel.Session", session), "LoggedOut");
	session = login_token();
	for (unsigned i = 0; i < 2 * SESSION_LIFE / SESSION_IDLE; i++) {
		desk_pass(&desk, SESSION_IDLE / 2);
		assert_string_equal(login_ask("panel.Session", session), "");
	}
	desk_pass(&desk, 1);
	assert_string_equal(login_ask("panel.Session", session), "LoggedOut");
	session = login_token();
	other = login_token();
	assert_string_equal(login_ask("panel.LogOut", session), "");
	assert_string_equal(login_ask("panel.Session", session), "LoggedOut");
	assert_string_equal(login_ask("panel.LogOut", session), "LoggedOut");
	assert_string_equal(login_ask("panel.Session", other), "");
}

static void a_clock_set_forward_ends_no_session_and_set_back_keeps_none(void **state)
{
	char *session = login_token();

	(void)state;
	desk.at.wall += 100000;
	assert_string_equal(login_ask("panel.Session", session), "");
	desk.at.wall -= 200000;
	login_fail_often("nobody", 1, HOME);	/* a write, with which the clock is kept */
	desk_pass(&desk, SESSION_IDLE + 60);
	assert_string_equal(login_ask("panel.Session", session), "LoggedOut");
}

static void proof_takes_a_new_code_and_lasts(void **state)
{
	char *session = login_token();

	(void)state;
	assert_string_equal(login_prove(session, desk_app(&desk, secret)), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "used");
	desk_pass(&desk, SESSION_PROOF + 1);
	login_ask("panel.Session", session);
	assert_int_equal(desk_int(&desk, "proved_until"), -1);
	assert_string_equal(login_prove(session, login_wrong_code()), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "wrong");
	assert_int_equal(login_wrong_tries(1), 1);
	assert_string_equal(login_prove(session, desk_app(&desk, secret)), "");
	assert_int_equal(desk_int(&desk, "proved_until"), desk.at.wall + SESSION_PROOF);
	desk_pass(&desk, 30);
	for (unsigned i = 0; i < 9; i++)
		assert_string_equal(login_prove(session, login_wrong_code()), "Refused");
	assert_string_equal(login_prove(session, desk_app(&desk, secret)), "Throttled");
	assert_string_equal(login_prove(login_token(), login_wrong_code()), "Refused");
}

static void guesses_in_a_session_end_it_before_the_owner_is_locked_out(void **state)
{
	char *session = login_token();

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		if (i % 10 == 0)
			desk_pass(&desk, 900);
		assert_string_equal(login_prove(session, login_wrong_code()), "Refused");
	}
	desk_pass(&desk, 900);
	assert_string_equal(login_prove(session, login_wrong_code()), "Refused");
	assert_string_equal(login_ask("panel.Session", session), "LoggedOut");
	assert_int_equal(login_wrong_tries(1), 40);
	assert_string_equal(login_ask("panel.Session", login_token()), "");
	assert_int_equal(login_wrong_tries(1), 0);
}

static void sessions_are_listed_and_ended_by_their_owner_alone(void **state)
{
	char *first = login_token(), *second = login_token(), *third = login_token(), *id;
	uint8_t other[20];

	(void)state;
	assert_string_equal(login_ask("panel.Sessions", third), "");
	id = desk_keep(&desk, desk_text(&desk, "id"));
	assert_string_equal(desk_text(&desk, "address"), "192.0.2.7");
	assert_string_equal(desk_text(&desk, "browser"), "Firefox");
	desk_add(&desk, "acme", "sam");
	desk_enroll(&desk, "sam", "login", other);
	login_give_password("sam", PASSWORD);
	desk_pass(&desk, 30);
	assert_string_equal(login_try("sam", PASSWORD, desk_app(&desk, other), HOME), "");
	const char *sams = desk_keep(&desk, desk_text(&desk, "session"));
	desk_ask(&desk, "panel.EndSession", "'session':'%s','id':'%s'", sams, id);
	assert_string_equal(desk_text(&desk, "error"), "NotFound");
	desk_ask(&desk, "panel.EndSession", "'session':'%s','id':'%s'", third, id);
	assert_int_equal(desk_int(&desk, "sessions"), 1);
	assert_string_equal(login_ask("panel.Session", first), "LoggedOut");
	assert_string_equal(login_ask("panel.Session", second), "");
	desk_ask(&desk, "panel.EndSession", "'session':'%s'", third);
	assert_int_equal(desk_int(&desk, "sessions"), 1);
	assert_string_equal(login_ask("panel.Session", second), "LoggedOut");
	assert_string_equal(login_ask("panel.Session", third), "");
	assert_string_equal(login_ask("panel.Session", sams), "");
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

		login_end(NULL);
		login_begin(NULL);
		/* a second account, so that nothing is counted twice */
		assert_int_equal(desk_ask(&desk, "control.AddAccount", "'account':'beta'"), CS_OK);
		assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
		    "'account':'beta','administrator':'dana','existing':true,'reason':'x'"), CS_OK);
		session = login_token();
		second = login_token();
		snprintf(method, sizeof(method), "%.*s", (int)(bar - ways[i]), ways[i]);
		assert_int_equal(desk_ask(&desk, method, "%s", bar + 1), CS_OK);
		assert_int_equal(desk_int(&desk, "sessions"), 2);
		assert_string_equal(login_ask("panel.Session", session), "LoggedOut");
		assert_string_equal(login_ask("panel.Session", second), "LoggedOut");
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
		assert_string_equal(login_try(desk_wrong(&desk), "wrong", "123456", more),
		    "Refused");
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

/* What anybody can make fail without end hides nothing from a customer. */
static void failures_of_nobody_hide_none_of_a_known_person(void **state)
{
	char more[64];

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		snprintf(more, sizeof(more), "'address':'192.0.2.%u'", i);
		if (i % 2 == 0)
			assert_string_equal(login_try(desk_wrong(&desk), "wrong", "123456", more),
			    "Refused");
		else
			assert_int_equal(desk_ask(&desk, "panel.Invitation",
			    "'invitation':'N1-00',%s", more), CS_OK);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_string_equal(login_try("dana", "wrong", "123456",
		    "'address':'203.0.113.77'"), "Refused");
		desk_event(&desk, desk_events(&desk));
		assert_string_equal(desk_text(&desk, "kind"), "log-in-failed");
		assert_string_equal(desk_text(&desk, "account"), "acme");
		assert_string_equal(desk_text(&desk, "administrator"), "dana");
		assert_string_equal(desk_text(&desk, "client"), "203.0.113.77");
	}
}

/* What a handler leaves on its stack lies there until others write over it. */
static void what_was_typed_is_wiped(void **state)
{
	static uint8_t stack[DESK_STACK];
	static const uint8_t half[] = { 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6 };
	static const char digits[] = "918273", next[] = "645546";
	const char *session = login_token();
	char *invitation;

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.Enroll",
	    "'administrator':'dana','purpose':'support'"), CS_OK);
	desk_add(&desk, "acme", "eve");
	assert_int_equal(desk_ask(&desk, "control.InviteAdministrator", "'administrator':'eve'"),
	    CS_OK);
	invitation = desk_keep(&desk, desk_text(&desk, "invitation"));
	const struct {
		const char *method, *fmt, *who;
		const void *typed;
	} rows[] = {
		{ "panel.Prove", "'session':'%s','code':'918273'", session, digits },
		{ "panel.LogIn", "'name':'%s','password':'" PASSWORD "','code':'918273'," HOME,
		    "dana", digits },
		{ "panel.LogIn", "'name':'%s','password':'" PASSWORD "','code':"
		    "'a1b2-c3d4-e5f6-071'," HOME, "dana", half },
		{ "panel.AcceptInvitation", "'invitation':'%s','code':'918273','password':'"
		    PASSWORD "'," HOME, invitation, digits },
		{ "control.Confirm", "'administrator':'%s','authenticator':'A2','code':'918273'",
		    "dana", digits },
		{ "control.Resync", "'administrator':'%s','authenticator':'A1','code':'918273',"
		    "'next':'645546'", "dana", digits },
		{ "control.Resync", "'administrator':'%s','authenticator':'A1','code':'918273',"
		    "'next':'645546'", "dana", next },
		{ "staff.Verify", "'account':'acme','action':'filter.list','administrator':'%s',"
		    "'code':'918273'", "dana", digits },
	};
	desk.stack = stack;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char parameters[512];
		const char *at = strstr(rows[i].fmt, "%s");

		snprintf(parameters, sizeof(parameters), "%.*s%s%s", (int)(at - rows[i].fmt),
		    rows[i].fmt, rows[i].who, at + 2);
		memset(stack, 0, sizeof(stack));
		desk_ask(&desk, rows[i].method, "%s", parameters);
		if (memmem(stack, sizeof(stack), rows[i].typed, sizeof(half)) != NULL)
			fail_msg("%s leaves \"%s\"", rows[i].method, rows[i].fmt);
	}
	desk.stack = NULL;
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

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, login_begin, login_end)

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
		DESK_TEST(failures_of_nobody_hide_none_of_a_known_person),
		DESK_TEST(what_was_typed_is_wiped),
		DESK_TEST(a_device_token_is_its_owners_and_whole),
		DESK_TEST(a_device_token_in_capitals_is_no_known_browser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

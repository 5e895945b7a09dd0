/* SPDX-License-Identifier: ISC
 *
 * What a session keeps of the browser that it is in, and whose codes prove it.
 */
#include "login_desk.h"

#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void an_address_that_no_log_can_show_is_refused(void **state)
{
	static const char *const bad[] = { "", "192.0.2.7\\nforged", "\\u202e7.2.0.291" };
	const char *code = desk_keep(&desk, desk_app(&desk, secret));
	uint64_t events = desk_events(&desk);
	char more[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(more, sizeof(more), "'address':'%s'", bad[i]);
		assert_string_equal(login_try("dana", PASSWORD, code, more), "InvalidParameter");
		assert_string_equal(desk_text(&desk, "parameter"), "address");
	}
	assert_int_equal(desk_events(&desk), events);
	assert_string_equal(login_try("dana", PASSWORD, code, HOME), "");
}

/* It may say anything of itself, and it is no reason to let nobody in. */
static void what_a_browser_says_is_shown_when_it_can_be(void **state)
{
	static const char *const said[][2] = {
		{ "Firefox", "Firefox" }, { "", "" }, { "two\\nlines", "" },
		{ "\\u202exoferiF", "" },
	};
	char more[128], *session;

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		desk_pass(&desk, 30);
		snprintf(more, sizeof(more), "'address':'192.0.2.7','browser':'%s'", said[i][0]);
		assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret), more), "");
		session = desk_keep(&desk, desk_text(&desk, "session"));
		assert_string_equal(login_ask("panel.Sessions", session), "");
		desk_row(&desk, 0);
		assert_string_equal(desk_text(&desk, "browser"), said[i][1]);
		assert_string_equal(login_ask("panel.LogOut", session), "");
	}
}

/* What an app with 8 digits shows now; wrong: nobody's. */
static const char *long_code(const char *key, bool wrong)
{
	static char code[9];

	assert_int_equal(oath_totp_generate(key, 20, desk.at.wall, 30, 0, 8, code), OATH_OK);
	if (wrong)
		code[0] = code[0] == '9' ? '0' : (char)(code[0] + 1);
	return code;
}

static uint64_t enroll_long(char **key)
{
	char id[24];
	const char *base32;
	size_t len;

	assert_int_equal(desk_ask(&desk, "control.Enroll",
	    "'administrator':'dana','purpose':'login','digits':8"), CS_OK);
	strcpy(id, desk_text(&desk, "authenticator"));
	base32 = desk_text(&desk, "secret");
	assert_int_equal(oath_base32_decode(base32, strlen(base32), key, &len), OATH_OK);
	assert_int_equal(len, 20);
	assert_int_equal(desk_ask(&desk, "control.Confirm",
	    "'administrator':'dana','authenticator':'%s','code':'%s'", id, long_code(*key, false)),
	    CS_OK);
	assert_string_equal(desk_text(&desk, "error"), "");
	return strtoull(id + 1, NULL, 10);
}

static void a_code_is_tried_with_authenticators_of_its_length_alone(void **state)
{
	char *key, *session = login_token();
	uint64_t eight = enroll_long(&key);

	(void)state;
	desk_pass(&desk, 60);
	assert_string_equal(login_prove(session, long_code(key, false)), "");
	assert_string_equal(login_prove(session, desk_app(&desk, secret)), "");
	for (unsigned i = 0; i < 2; i++)
		assert_string_equal(login_prove(session, long_code(key, true)), "Refused");
	assert_string_equal(login_prove(session, login_wrong_code()), "Refused");
	assert_int_equal(login_wrong_tries(1), 1);
	assert_int_equal(login_wrong_tries(eight), 2);
	free(key);
}

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, login_begin, login_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(an_address_that_no_log_can_show_is_refused),
		DESK_TEST(what_a_browser_says_is_shown_when_it_can_be),
		DESK_TEST(a_code_is_tried_with_authenticators_of_its_length_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

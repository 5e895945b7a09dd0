/* SPDX-License-Identifier: ISC
 *
 * Passwords are set by what the worker makes of them, without the worker.
 */
#include "login_desk.h"

#include "../daemon/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct desk desk;
uint8_t secret[20];
char recovery_codes[RECOVERY_CODES][RECOVERY_TEXT];

void login_give_password(const char *name, const char *text)
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

void login_give_codes(const char *name)
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

int login_begin(void **state)
{
	(void)state;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	desk_enroll(&desk, "dana", "login", secret);
	login_give_password("dana", PASSWORD);
	desk_pass(&desk, 60);
	return 0;
}

int login_end(void **state)
{
	(void)state;
	desk_close(&desk);
	return 0;
}

const char *login_try(const char *name, const char *password, const char *code,
    const char *more)
{
	desk_ask(&desk, "panel.LogIn", "'name':'%s','password':'%s','code':'%s',%s", name, password,
	    code, more);
	return desk_text(&desk, "error");
}

static bool is_shown(const char *code)
{
	int64_t now = desk.at.wall;
	bool shown = false;

	for (desk.at.wall = now - 30; desk.at.wall <= now + 30; desk.at.wall += 30)
		shown = shown || strcmp(desk_app(&desk, secret), code) == 0;
	desk.at.wall = now;
	return shown;
}

const char *login_wrong_code(void)
{
	static char code[8];
	unsigned n = 0;

	do
		snprintf(code, sizeof(code), "%06u", n++ % 1000000);
	while (is_shown(code));
	return code;
}

char *login_token(void)
{
	desk_pass(&desk, 30);
	assert_string_equal(login_try("dana", PASSWORD, desk_app(&desk, secret), HOME), "");
	return desk_keep(&desk, desk_text(&desk, "session"));
}

const char *login_ask(const char *method, const char *session)
{
	desk_ask(&desk, method, "'session':'%s'", session);
	return desk_text(&desk, "error");
}

const char *login_prove(const char *session, const char *code)
{
	desk_ask(&desk, "panel.Prove", "'session':'%s','code':'%s'", session, code);
	return desk_text(&desk, "error");
}

unsigned login_wrong_tries(uint64_t authenticator)
{
	struct authenticator_state state;

	desk_begin(&desk);
	assert_int_equal(store_get_authenticator_state(desk.store, authenticator, &state), CS_OK);
	desk_commit(&desk);
	return state.wrong;
}

void login_fail_often(const char *name, unsigned tries, const char *more)
{
	for (unsigned i = 0; i < tries; i++)
		assert_string_equal(login_try(name, "wrong", "123456", more), "Refused");
}

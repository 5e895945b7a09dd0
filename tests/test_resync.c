/* SPDX-License-Identifier: ISC
 *
 * Authenticators of every form after their enrolment, recovery codes and
 * invitations.
 */
#include "desk.h"

#include "../daemon/authenticator.h"
#include "../daemon/code.h"
#include "../daemon/invite.h"
#include "../daemon/recovery.h"

#include <ctype.h>
#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PHONE "action \"lists\" { title = \"Lists\" require = \"code\" authenticator = true }\n"
#define DANA "'administrator':'dana'"

struct app {
	char id[24];
	uint8_t secret[64];
	size_t len;
	enum oath_hash hash;
	unsigned digits;
};

static struct desk desk;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, PHONE);
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

/* The code of a step or counter. */
static char *code(const struct app *app, int64_t factor)
{
	char out[9];

	assert_int_equal(code_oath(app->secret, app->len, app->hash, (uint64_t)factor, app->digits,
	    out), CS_OK);
	return desk_keep(&desk, out);
}

static int64_t step(void)
{
	return desk.at.wall / 30;
}

static void enroll(struct app *app, const char *form)
{
	const char *base32;
	char *decoded;

	*app = (struct app){ .digits = 6 };
	assert_string_equal(ask("control.Enroll", DANA ",'purpose':'support'%s", form), "");
	strcpy(app->id, desk_text(&desk, "authenticator"));
	base32 = desk_text(&desk, "secret");
	assert_int_equal(oath_base32_decode(base32, strlen(base32), &decoded, &app->len), OATH_OK);
	assert_in_range(app->len, 20, sizeof(app->secret));
	memcpy(app->secret, decoded, app->len);
	free(decoded);
}

static const char *confirm(const struct app *app, int64_t factor)
{
	return ask("control.Confirm", DANA ",'authenticator':'%s','code':'%s'", app->id,
	    code(app, factor));
}

static const char *resync(const struct app *app, int64_t first, int64_t second)
{
	return ask("control.Resync", DANA ",'authenticator':'%s','code':'%s','next':'%s'", app->id,
	    code(app, first), code(app, second));
}

static const char *by_phone(const struct app *app, int64_t factor)
{
	return desk_verify(&desk, "'account':'acme/dana','action':'lists','code':'%s'",
	    code(app, factor));
}

static bool may_high(void)
{
	return strlen(desk_issue(&desk, "'account':'acme','administrator':'dana','replace':true,"
	    "'action':'service.change'")) == 9;
}

static void every_form_is_enrolled_and_works(void **state)
{
	static const struct {
		const char *form, *uri;
		enum oath_hash hash;
		unsigned digits, len;
		bool counted;
	} rows[] = {
		{ "", "&algorithm=SHA1&digits=6&period=30", OATH_HASH_SHA1, 6, 20, false },
		{ ",'hash':'sha256','digits':8", "&algorithm=SHA256&digits=8&period=30",
		    OATH_HASH_SHA256, 8, 32, false },
		{ ",'hash':'sha512','digits':7", "&algorithm=SHA512&digits=7&period=30",
		    OATH_HASH_SHA512, 7, 64, false },
		{ ",'kind':'hotp','hash':'sha256','digits':8",
		    "&algorithm=SHA256&digits=8&counter=0", OATH_HASH_SHA256, 8, 32, true },
	};
	struct app app;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t at = rows[i].counted ? 0 : step();

		enroll(&app, rows[i].form);
		assert_non_null(strstr(desk_text(&desk, "uri"), rows[i].uri));
		assert_non_null(strstr(desk_text(&desk, "uri"), rows[i].counted ?
		    "otpauth://hotp/" : "otpauth://totp/"));
		assert_int_equal(app.len, rows[i].len);
		app.hash = rows[i].hash;
		app.digits = rows[i].digits;
		assert_string_equal(confirm(&app, at), "");
		assert_string_equal(by_phone(&app, at + 1), "accepted");
		assert_string_not_equal(by_phone(&app, at + 1), "accepted");
	}
}

static void other_forms_are_refused(void **state)
{
	static const char *const rows[] = {
		"'digits':5", "'digits':9", "'digits':'6'", "'hash':'md5'", "'kind':'yotp'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(ask("control.Enroll", DANA ",'purpose':'support',%s", rows[i]),
		    "InvalidParameter");
}

static void a_person_has_sixteen_authenticators_at_most(void **state)
{
	struct app app;

	(void)state;
	for (int i = 0; i < 16; i++)
		enroll(&app, ",'label':'phone'");
	assert_string_equal(ask("control.Enroll", DANA ",'purpose':'login'"), "Refused");
	assert_string_equal(ask("control.RemoveAuthenticator", DANA ",'authenticator':'%s'",
				app.id),
	    "");
	enroll(&app, "");
}

static void two_codes_in_a_row_find_a_clock_that_is_far_off(void **state)
{
	struct app app;

	(void)state;
	enroll(&app, "");
	assert_string_equal(confirm(&app, step()), "");
	desk_pass(&desk, 36000);
	assert_string_equal(by_phone(&app, step() - 99), "wrong");
	assert_string_equal(resync(&app, step() - 101, step() - 100), "Refused");
	assert_string_equal(resync(&app, step() + 101, step() + 102), "Refused");
	assert_string_equal(resync(&app, step() - 99, step() - 97), "Refused");
	assert_string_equal(resync(&app, step() - 98, step() - 99), "Refused");
	assert_string_equal(resync(&app, step() - 100, step() - 99), "");
	desk_restart(&desk);
	desk_pass(&desk, 30);
	assert_string_equal(by_phone(&app, step() - 99), "accepted");
	assert_string_equal(by_phone(&app, step() - 99), "used");
	desk_pass(&desk, 300);
	assert_string_equal(by_phone(&app, step() - 98), "accepted");	/* followed from there */
	desk_pass(&desk, 30);
	assert_string_equal(by_phone(&app, step() - 97), "accepted");
	ask("control.ListAuthenticators", DANA);
	assert_int_equal(desk_int(&desk, "drift"), -97 * 30);
}

static void a_clock_that_is_wrong_finds_no_other(void **state)
{
	struct app app;

	(void)state;
	enroll(&app, "");
	assert_string_equal(confirm(&app, step()), "");
	desk.at.wall -= 3600;
	desk.at.boot += 60;
	assert_string_equal(resync(&app, step() + 98, step() + 99), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "clock");
	desk_pass(&desk, 3660);
	assert_string_equal(resync(&app, step() + 98, step() + 99), "");
}

static void codes_from_before_the_last_acceptance_do_not_resync(void **state)
{
	struct app app;

	(void)state;
	enroll(&app, "");
	assert_string_equal(confirm(&app, step()), "");
	assert_string_equal(resync(&app, step(), step() + 1), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "used");
	assert_string_equal(resync(&app, step() + 1, step() + 2), "");
	assert_string_equal(resync(&app, step() + 1, step() + 2), "Refused");
	assert_string_equal(by_phone(&app, step() + 2), "used");
}

static void a_counter_that_ran_ahead_is_found(void **state)
{
	struct app app;

	(void)state;
	enroll(&app, ",'kind':'hotp'");
	assert_string_equal(confirm(&app, 3), "");
	assert_string_equal(by_phone(&app, 60), "wrong");
	assert_string_equal(resync(&app, 0, 1), "Refused");
	assert_string_equal(resync(&app, 105, 106), "Refused");
	assert_string_equal(resync(&app, 104, 105), "");
	assert_string_equal(by_phone(&app, 105), "wrong");
	assert_string_equal(by_phone(&app, 106), "accepted");
}

static void fifty_wrong_codes_make_it_rest_and_a_resync_ends_that(void **state)
{
	struct authenticator_state resting;
	struct app app;

	(void)state;
	enroll(&app, "");
	assert_string_equal(confirm(&app, step()), "");
	desk_begin(&desk);
	store_get_authenticator_state(desk.store, strtoull(app.id + 1, NULL, 10), &resting);
	resting.wrong = AUTHENTICATOR_REST;
	store_put_authenticator_state(desk.store, &resting);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	desk_pass(&desk, 300);
	ask("control.ListAuthenticators", DANA);
	assert_string_equal(desk_text(&desk, "state"), "resting");
	assert_string_equal(by_phone(&app, step()), "wrong");
	assert_string_equal(resync(&app, step() - 1, step()), "");
	assert_string_equal(by_phone(&app, step() + 1), "accepted");
	ask("control.ListAuthenticators", DANA);
	assert_string_equal(desk_text(&desk, "state"), "active");
}

static void a_removed_authenticator_cools_its_owner_off_and_ends_nothing_else(void **state)
{
	struct app app, kept;
	char *live;

	(void)state;
	enroll(&kept, "");
	assert_string_equal(confirm(&kept, step()), "");
	enroll(&app, "");
	assert_string_equal(confirm(&app, step()), "");
	desk_pass(&desk, 86400);
	assert_true(may_high());
	live = desk_keep(&desk, desk_issue(&desk, "'account':'acme','administrator':'dana'"));
	assert_string_equal(ask("control.RemoveAuthenticator", DANA ",'authenticator':'%s'",
				app.id),
	    "Refused");
	assert_string_equal(ask("control.RemoveAuthenticator", DANA ",'authenticator':'%s',"
	    "'reason':'lost'", app.id), "");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "authenticator-remove");
	assert_string_equal(desk_text(&desk, "account"), "acme");
	assert_string_equal(desk_text(&desk, "note"), "support A2: lost");
	desk_restart(&desk);
	assert_string_equal(by_phone(&app, step()), "wrong");
	assert_string_equal(by_phone(&kept, step()), "accepted");
	assert_string_equal(desk_verify(&desk,
				"'account':'acme','action':'report.mail','code':'%s'", live),
	    "accepted");
	assert_false(may_high());
	desk_pass(&desk, 86400);
	assert_true(may_high());
	assert_string_equal(ask("control.RemoveAuthenticator", DANA ",'authenticator':'%s',"
	    "'reason':'x'", app.id), "NotFound");
}

static const char *import(const struct app *app, const char *who, const char *form)
{
	char base32[AUTHENTICATOR_BASE32_MAX];

	assert_int_equal(authenticator_encode(app->secret, app->len, base32), CS_OK);
	return ask("control.ImportAuthenticator",
	    "'administrator':'%s','purpose':'support','secret':'%s'%s", who, base32, form);
}

static void remove_by_operator(const struct app *app)
{
	assert_string_equal(ask("control.RemoveAuthenticator", DANA ",'authenticator':'%s',"
	    "'reason':'lost'", app->id), "");
}

static void remove_by_owner(const struct app *app)
{
	assert_string_equal(ask("panel.RemoveAuthenticator", "'session':'%s','authenticator':'%s'",
	    desk_log_in(&desk, "dana", true), app->id), "");
}

static void remove_with_owner(const struct app *app)
{
	(void)app;
	assert_string_equal(ask("control.RemoveAdministrator", DANA), "");
	desk_add(&desk, "acme", "dana");
}

static void a_code_is_not_accepted_again_when_its_secret_comes_back(void **state)
{
	static void (*const removals[])(const struct app *) = {
		remove_by_operator, remove_by_owner, remove_with_owner,
	};
	struct app app;

	(void)state;
	for (size_t i = 0; i < sizeof(removals) / sizeof(removals[0]); i++) {
		enroll(&app, "");
		assert_string_equal(confirm(&app, step() - 1), "");
		assert_string_equal(by_phone(&app, step()), "accepted");
		removals[i](&app);
		desk_restart(&desk);
		assert_string_equal(import(&app, "dana", ""), "");
		assert_string_equal(by_phone(&app, step()), "used");
		assert_string_equal(by_phone(&app, step() + 1), "accepted");
		desk_pass(&desk, 90);
	}
}

static void a_code_is_not_accepted_again_of_somebody_else(void **state)
{
	struct app app;

	(void)state;
	enroll(&app, "");
	assert_string_equal(confirm(&app, step() + 1), "");
	remove_by_operator(&app);
	desk_add(&desk, "bolt", "gil");
	app.secret[app.len++] = 0;	/* HMAC takes a zero more for the same key */
	assert_string_equal(import(&app, "gil", ""), "");
	assert_string_equal(desk_verify(&desk, "'account':'bolt/gil','action':'lists','code':'%s'",
	    code(&app, step() + 1)), "used");
}

/* Two had one secret, and who used it further went first. */
static void nor_when_another_who_had_it_goes_later(void **state)
{
	struct app app;

	(void)state;
	desk_add(&desk, "bolt", "gil");
	enroll(&app, "");
	assert_string_equal(confirm(&app, step()), "");
	assert_string_equal(import(&app, "gil", ""), "");
	assert_string_equal(by_phone(&app, step() + 1), "accepted");
	assert_string_equal(desk_verify(&desk, "'account':'bolt/gil','action':'lists','code':'%s'",
	    code(&app, step())), "accepted");
	assert_string_equal(ask("control.RemoveAdministrator", DANA), "");
	assert_string_equal(ask("control.RemoveAdministrator", "'administrator':'gil'"), "");
	desk_add(&desk, "acme", "dana");
	assert_string_equal(import(&app, "dana", ""), "");
	assert_string_equal(by_phone(&app, step() + 1), "used");
}

static void a_counter_does_not_go_back_when_its_secret_comes_back(void **state)
{
	struct app app;

	(void)state;
	enroll(&app, ",'kind':'hotp'");
	assert_string_equal(confirm(&app, 7), "");
	remove_by_operator(&app);
	desk_pass(&desk, 400 * 86400);
	desk_purge(&desk);
	assert_string_equal(import(&app, "dana", ",'kind':'hotp','counter':5"), "");
	assert_string_equal(by_phone(&app, 7), "wrong");
	assert_string_equal(by_phone(&app, 8), "accepted");
}

static void what_accepted_nothing_leaves_no_trace(void **state)
{
	struct app app;

	(void)state;
	enroll(&app, "");
	remove_by_operator(&app);
	assert_string_equal(import(&app, "dana", ",'kind':'hotp','counter':50"), "");
	strcpy(app.id, desk_text(&desk, "authenticator"));
	remove_by_operator(&app);
	assert_int_equal(desk_rows(&desk, TABLE_SPENT), 0);
	assert_string_equal(import(&app, "dana", ",'kind':'hotp','counter':5"), "");
	assert_string_equal(by_phone(&app, 5), "accepted");
}

static void one_whose_seal_is_broken_can_be_removed(void **state)
{
	struct authenticator auth;
	uint8_t sealed[SEALED_MAX_LEN];
	struct app app;

	(void)state;
	enroll(&app, "");
	assert_string_equal(confirm(&app, step()), "");
	desk_begin(&desk);
	assert_int_equal(store_next_authenticator(desk.store, 1, 0, &auth), CS_OK);
	memcpy(sealed, auth.sealed.p, auth.sealed.len);
	sealed[auth.sealed.len - 1] ^= 1;
	auth.sealed.p = (const char *)sealed;
	store_put_authenticator(desk.store, &auth);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	desk.damaged = true;
	assert_int_equal(desk_ask(&desk, "control.Resync",
	    DANA ",'authenticator':'%s','code':'%s','next':'%s'", app.id, code(&app, step() + 1),
	    code(&app, step() + 2)), CS_ERR_CRYPTO);
	/* the same one, or not? */
	assert_int_equal(desk_ask(&desk, "control.ImportAuthenticator",
	    DANA ",'purpose':'support','secret':'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'"),
	    CS_ERR_CRYPTO);
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 1);
	remove_by_operator(&app);
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 0);
}

static void an_authenticator_is_its_owners_alone(void **state)
{
	struct app app;

	(void)state;
	desk_add(&desk, "bolt", "gil");
	enroll(&app, "");
	assert_string_equal(ask("control.RemoveAuthenticator", "'administrator':'gil',"
	    "'authenticator':'%s','reason':'x'", app.id), "NotFound");
	assert_string_equal(ask("control.RemoveAuthenticator", DANA ",'authenticator':'A1x',"
	    "'reason':'x'"), "NotFound");
}

static void ten_recovery_codes_are_good_once_each(void **state)
{
	struct recovery recovery = { .admin = 7 }, other = { .admin = 8 };
	char codes[RECOVERY_CODES][RECOVERY_TEXT], capitals[RECOVERY_TEXT];

	(void)state;
	assert_int_equal(recovery_make(desk.vault, &recovery, codes), CS_OK);
	memcpy(other.hash, recovery.hash, sizeof(other.hash));
	assert_int_equal(recovery_left(&recovery), 10);
	assert_false(recovery_use(desk.vault, &other, cs_str(codes[0])));
	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		assert_int_equal(strlen(codes[i]), 19);
		assert_true(recovery_use(desk.vault, &recovery, cs_str(codes[i])));
		assert_false(recovery_use(desk.vault, &recovery, cs_str(codes[i])));
		assert_int_equal(recovery_left(&recovery), 9 - i);
	}
	assert_int_equal(recovery_make(desk.vault, &recovery, codes), CS_OK);
	for (size_t i = 0; i < RECOVERY_TEXT; i++)
		capitals[i] = (char)toupper((unsigned char)codes[3][i]);
	codes[4][18] = '\0';
	assert_false(recovery_use(desk.vault, &recovery, cs_str(codes[4])));
	assert_false(recovery_use(desk.vault, &recovery, CS_STR("")));
	assert_false(recovery_use(desk.vault, &recovery, CS_STR("0000-0000-0000-0000")));
	assert_true(recovery_use(desk.vault, &recovery, cs_str(capitals)));
}

static void another_set_takes_somebodys_word_and_voids_the_first(void **state)
{
	const struct cs_str *codes;
	struct recovery recovery;
	char first[32];
	size_t n;

	(void)state;
	assert_string_equal(ask("control.NewRecoveryCodes", DANA), "");
	assert_int_equal(cs_msg_strings(&desk.out, "codes", &codes, &n), CS_OK);
	assert_int_equal(n, 10);
	snprintf(first, sizeof(first), "%.*s", (int)codes[0].len, codes[0].p);
	assert_string_equal(ask("control.NewRecoveryCodes", DANA), "Refused");
	ask("control.ShowAdministrator", DANA);
	assert_int_equal(desk_int(&desk, "recovery_codes"), 10);
	assert_string_equal(ask("control.NewRecoveryCodes", DANA ",'reason':'lost the paper'"), "");
	desk_begin(&desk);
	assert_int_equal(store_get_recovery(desk.store, 1, &recovery), CS_OK);
	assert_false(recovery_use(desk.vault, &recovery, cs_str(first)));
	desk_commit(&desk);
}

static bool is_invited(const char *text)
{
	struct invite invite;
	bool is;

	desk_begin(&desk);
	is = store_get_invite(desk.store, invite_number(cs_str(text)), &invite) == CS_OK &&
	    invite_is(desk.vault, &invite, cs_str(text)) &&
	    !clock_over(&desk.now, &invite.made, invite.epoch, invite.life);
	desk_commit(&desk);
	return is;
}

static void an_invitation_holds_72_hours_and_the_last_one_counts(void **state)
{
	char *first, *second;

	(void)state;
	assert_string_equal(ask("control.InviteAdministrator", DANA), "");
	first = desk_keep(&desk, desk_text(&desk, "invitation"));
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + 72 * 3600);
	assert_true(is_invited(first));
	assert_string_equal(ask("control.InviteAdministrator", DANA), "");
	second = desk_keep(&desk, desk_text(&desk, "invitation"));
	desk_restart(&desk);
	assert_false(is_invited(first));
	assert_true(is_invited(second));
	ask("control.SuspendAdministrator", DANA);
	assert_string_equal(ask("control.InviteAdministrator", DANA), "Refused");
	ask("control.ResumeAdministrator", DANA);
	assert_false(is_invited(second));
	ask("control.InviteAdministrator", DANA);
	second = desk_keep(&desk, desk_text(&desk, "invitation"));
	assert_false(is_invited("N1-00000000000000000000000000000000"));
	assert_int_equal(invite_number(CS_STR("N-1")), 0);
	assert_int_equal(invite_number(CS_STR("G1-00")), 0);
	desk_pass(&desk, 72 * 3600 - 1);
	assert_true(is_invited(second));
	desk_pass(&desk, 1);
	assert_false(is_invited(second));
}

static void who_can_log_in_is_invited_by_a_reset_only_which_ends_what_they_had(void **state)
{
	struct app app;
	char *live;

	(void)state;
	desk_add(&desk, "bolt", "gil");
	ask("control.AddAdministrator", "'account':'bolt','administrator':'dana','existing':true,"
	    "'reason':'x'");
	desk_pass(&desk, 86400);
	enroll(&app, "");
	assert_string_equal(ask("control.InviteAdministrator", DANA), "");
	assert_string_equal(confirm(&app, step()), "");
	ask("control.NewRecoveryCodes", DANA);
	assert_string_equal(ask("control.InviteAdministrator", DANA ",'reason':'x'"), "Exists");
	assert_true(may_high());
	live = desk_keep(&desk, desk_issue(&desk, "'account':'bolt','administrator':'dana'"));
	assert_string_equal(ask("control.InviteAdministrator", DANA ",'reset':true"), "Refused");
	assert_string_equal(ask("control.InviteAdministrator", DANA ",'reset':true,"
	    "'reason':'phone lost'"), "");
	assert_int_equal(desk_int(&desk, "authenticators"), 1);
	assert_int_equal(desk_int(&desk, "codes"), 2);
	assert_true(is_invited(desk_text(&desk, "invitation")));
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 0);
	assert_int_equal(desk_rows(&desk, TABLE_RECOVERY), 0);
	desk_event(&desk, desk_events(&desk) - 1);
	assert_string_equal(desk_text(&desk, "kind"), "admin-reset");
	assert_string_equal(desk_text(&desk, "account"), "acme");
	assert_string_equal(desk_text(&desk, "note"), "phone lost");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "account"), "bolt");
	assert_string_equal(desk_verify(&desk,
				"'account':'bolt','action':'report.mail','code':'%s'", live),
	    "cancelled");
	assert_false(may_high());
	assert_string_equal(desk_issue(&desk, "'account':'bolt','administrator':'dana',"
	    "'action':'service.change'"), "Refused");
	desk_pass(&desk, 86400);
	assert_true(may_high());
}

static void a_removed_person_leaves_no_way_in(void **state)
{
	char *text;

	(void)state;
	ask("control.InviteAdministrator", DANA);
	text = desk_keep(&desk, desk_text(&desk, "invitation"));
	ask("control.NewRecoveryCodes", DANA);
	ask("control.RemoveAdministrator", DANA);
	assert_int_equal(desk_rows(&desk, TABLE_INVITE), 0);
	assert_int_equal(desk_rows(&desk, TABLE_RECOVERY), 0);
	desk_add(&desk, "acme", "dana");
	assert_false(is_invited(text));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_form_is_enrolled_and_works),
		TEST(other_forms_are_refused),
		TEST(a_person_has_sixteen_authenticators_at_most),
		TEST(two_codes_in_a_row_find_a_clock_that_is_far_off),
		TEST(a_clock_that_is_wrong_finds_no_other),
		TEST(codes_from_before_the_last_acceptance_do_not_resync),
		TEST(a_counter_that_ran_ahead_is_found),
		TEST(fifty_wrong_codes_make_it_rest_and_a_resync_ends_that),
		TEST(a_removed_authenticator_cools_its_owner_off_and_ends_nothing_else),
		TEST(a_code_is_not_accepted_again_when_its_secret_comes_back),
		TEST(a_code_is_not_accepted_again_of_somebody_else),
		TEST(nor_when_another_who_had_it_goes_later),
		TEST(a_counter_does_not_go_back_when_its_secret_comes_back),
		TEST(what_accepted_nothing_leaves_no_trace),
		TEST(one_whose_seal_is_broken_can_be_removed),
		TEST(an_authenticator_is_its_owners_alone),
		TEST(ten_recovery_codes_are_good_once_each),
		TEST(another_set_takes_somebodys_word_and_voids_the_first),
		TEST(an_invitation_holds_72_hours_and_the_last_one_counts),
		TEST(who_can_log_in_is_invited_by_a_reset_only_which_ends_what_they_had),
		TEST(a_removed_person_leaves_no_way_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

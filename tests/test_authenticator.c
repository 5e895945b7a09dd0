/* SPDX-License-Identifier: ISC
 *
 * One authenticator and one code: window, drift, replay, look-ahead.  That a
 * tired one rests is in test_verify.c: its callers see to it.
 */
#include "desk.h"

#include "../daemon/authenticator.h"
#include "../daemon/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1790000010		/* ten seconds into a step */
#define STEP (NOW / 30)

static const uint8_t secret[20] = "12345678901234567890";
static struct vault *vault;
static struct authenticator auth;
static struct authenticator_state st;
static uint8_t room[SEALED_MAX_LEN];

static void make(enum oath_kind kind)
{
	auth = (struct authenticator){ .id = 7, .admin = 4, .kind = kind, .digits = 6,
		.period = kind == OATH_KIND_TOTP ? 30 : 0 };
	st = (struct authenticator_state){ .id = 7 };
	assert_int_equal(authenticator_seal(vault, &auth, secret, sizeof(secret), room), CS_OK);
}

static int begin(void **state)
{
	(void)state;
	vault = desk_vault(1);
	make(OATH_KIND_TOTP);
	return 0;
}

static int end(void **state)
{
	(void)state;
	vault_close(&vault);
	return 0;
}

/* Offers the code of a step or counter at a time. */
static enum match offer(int64_t factor, int64_t wall)
{
	enum match match = MATCH_NEW;
	char code[9];

	assert_int_equal(code_oath(secret, sizeof(secret), auth.hash, (uint64_t)factor, auth.digits,
	    code), CS_OK);
	assert_int_equal(authenticator_match(vault, &auth, &st, wall, cs_str(code), &match), CS_OK);
	return match;
}

static void a_code_of_this_step_and_its_neighbours_matches(void **state)
{
	static const struct {
		int64_t off;
		enum match match;
	} rows[] = {
		{ -2, MATCH_NONE }, { -1, MATCH_NEW }, { 0, MATCH_NEW }, { 1, MATCH_NEW }, { 2,
		    MATCH_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make(OATH_KIND_TOTP);
		assert_int_equal(offer(STEP + rows[i].off, NOW), rows[i].match);
	}
}

static void a_step_at_or_below_the_last_used_is_used(void **state)
{
	(void)state;
	assert_int_equal(offer(STEP, NOW), MATCH_NEW);
	assert_int_equal(offer(STEP, NOW), MATCH_USED);
	assert_int_equal(offer(STEP, NOW + 29), MATCH_USED);
	assert_int_equal(offer(STEP - 1, NOW), MATCH_USED);
	assert_int_equal(offer(STEP + 1, NOW), MATCH_NEW);
	assert_int_equal(offer(STEP + 1, NOW + 30), MATCH_USED);
}

static void what_does_not_match_changes_nothing(void **state)
{
	struct authenticator_state before;

	(void)state;
	assert_int_equal(offer(STEP, NOW), MATCH_NEW);
	before = st;
	offer(STEP, NOW);
	offer(STEP + 5, NOW);
	assert_memory_equal(&st, &before, sizeof(st));
}

static void a_match_forgets_wrong_tries_and_notes_the_time(void **state)
{
	(void)state;
	st.wrong = 49;
	assert_int_equal(offer(STEP, NOW), MATCH_NEW);
	assert_int_equal(st.wrong, 0);
	assert_int_equal(st.used, NOW);
	assert_int_equal(st.id, 7);
}

static void drift_is_learned_and_bounded(void **state)
{
	(void)state;
	/* A phone that loses a step now and then. */
	for (int64_t drift = 1; drift <= 11; drift++)
		assert_int_equal(offer(STEP + 100 * drift - drift, NOW + 3000 * drift), MATCH_NEW);
	assert_int_equal(st.drift, -10);
	assert_int_equal(offer(STEP + 2000 - 12, NOW + 60000), MATCH_NONE);
	assert_int_equal(offer(STEP + 2000, NOW + 60000), MATCH_NONE);
	assert_int_equal(offer(STEP + 2000 - 9, NOW + 60000), MATCH_NEW);
	assert_int_equal(st.drift, -9);
}

static void drift_never_lets_a_used_step_in_again(void **state)
{
	(void)state;
	assert_int_equal(offer(STEP - 1, NOW), MATCH_NEW);
	assert_int_equal(st.drift, -1);
	assert_int_equal(offer(STEP - 2, NOW), MATCH_USED);
	assert_int_equal(offer(STEP - 1, NOW), MATCH_USED);
}

static void a_counter_may_be_ten_ahead_and_never_goes_back(void **state)
{
	(void)state;
	make(OATH_KIND_HOTP);
	assert_int_equal(offer(11, NOW), MATCH_NONE);
	assert_int_equal(offer(10, NOW), MATCH_NEW);
	assert_int_equal(st.last, 11);
	assert_int_equal(offer(10, NOW), MATCH_NONE);
	assert_int_equal(offer(3, NOW), MATCH_NONE);
	assert_int_equal(offer(22, NOW), MATCH_NONE);
	assert_int_equal(offer(11, NOW), MATCH_NEW);
	assert_int_equal(st.last, 12);
	assert_int_equal(st.drift, 0);
}

static void a_code_of_another_length_never_matches(void **state)
{
	enum match match;
	char code[9];

	(void)state;
	assert_int_equal(code_oath(secret, sizeof(secret), auth.hash, STEP, 8, code), CS_OK);
	assert_int_equal(authenticator_match(vault, &auth, &st, NOW, cs_str(code), &match), CS_OK);
	assert_int_equal(match, MATCH_NONE);
	assert_int_equal(authenticator_match(vault, &auth, &st, NOW, cs_str(""), &match), CS_OK);
	assert_int_equal(match, MATCH_NONE);
}

static void a_secret_moved_to_another_person_does_not_open(void **state)
{
	enum match match = MATCH_NEW;

	(void)state;
	auth.admin = 5;
	assert_int_equal(authenticator_match(vault, &auth, &st, NOW, cs_str("123456"), &match),
	    CS_ERR_CRYPTO);
	assert_int_equal(match, MATCH_NONE);
	make(OATH_KIND_TOTP);
	auth.id = 8;
	assert_int_equal(authenticator_match(vault, &auth, &st, NOW, cs_str("123456"), &match),
	    CS_ERR_CRYPTO);
}

static void a_damaged_period_is_an_error_and_no_crash(void **state)
{
	enum match match = MATCH_NEW;

	(void)state;
	auth.period = 0;
	assert_int_equal(authenticator_match(vault, &auth, &st, NOW, cs_str("123456"), &match),
	    CS_ERR_FORMAT);
	assert_int_equal(match, MATCH_NONE);
}

static void a_secret_that_is_too_long_is_not_sealed(void **state)
{
	static const uint8_t big[SEALED_MAX_LEN];

	(void)state;
	assert_int_equal(authenticator_seal(vault, &auth, big, SEALED_MAX_LEN - VAULT_OVERHEAD,
	    room), CS_OK);
	assert_int_equal(authenticator_seal(vault, &auth, big, SEALED_MAX_LEN - VAULT_OVERHEAD + 1,
	    room),
	    CS_ERR_LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_code_of_this_step_and_its_neighbours_matches),
		TEST(a_step_at_or_below_the_last_used_is_used),
		TEST(what_does_not_match_changes_nothing),
		TEST(a_match_forgets_wrong_tries_and_notes_the_time),
		TEST(drift_is_learned_and_bounded),
		TEST(drift_never_lets_a_used_step_in_again),
		TEST(a_counter_may_be_ten_ahead_and_never_goes_back),
		TEST(a_code_of_another_length_never_matches),
		TEST(a_secret_moved_to_another_person_does_not_open),
		TEST(a_damaged_period_is_an_error_and_no_crash),
		TEST(a_secret_that_is_too_long_is_not_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

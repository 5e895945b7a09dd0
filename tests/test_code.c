/* SPDX-License-Identifier: ISC
 *
 * Codes against the RFCs' own vectors, the check digit against every slip of
 * the tongue, and what people and attackers type.
 */
#include "desk.h"

#include "../daemon/authenticator.h"
#include "../daemon/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char seed[] = "1234567890123456789012345678901234567890123456789012345678901234";

/* RFC 4226 appendix D */
static const char *const hotp[] = {
	"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
	    "520489",
};

/* RFC 6238 appendix B */
static const struct {
	int64_t wall;
	const char *codes[3];
} totp[] = {
	{ 59, { "94287082", "46119246", "90693936" } },
	{ 1111111109, { "07081804", "68084774", "25091201" } },
	{ 1111111111, { "14050471", "67062674", "99943326" } },
	{ 1234567890, { "89005924", "91819424", "93441116" } },
	{ 2000000000, { "69279037", "90698825", "38618901" } },
	{ 20000000000, { "65353130", "77737706", "47863826" } },
};
static const size_t seed_len[] = { 20, 32, 64 };

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void rfc_4226_vectors_come_out(void **state)
{
	char out[9];

	(void)state;
	for (size_t i = 0; i < COUNT(hotp); i++) {
		assert_int_equal(code_oath((const uint8_t *)seed, 20, OATH_HASH_SHA1, i, 6, out),
		    CS_OK);
		assert_string_equal(out, hotp[i]);
	}
}

static void rfc_6238_vectors_come_out(void **state)
{
	char out[9];

	(void)state;
	for (size_t i = 0; i < COUNT(totp); i++) {
		for (unsigned hash = OATH_HASH_SHA1; hash <= OATH_HASH_SHA512; hash++) {
			assert_int_equal(code_oath((const uint8_t *)seed, seed_len[hash], hash,
			    (uint64_t)totp[i].wall / 30, 8, out), CS_OK);
			assert_string_equal(out, totp[i].codes[hash]);
		}
	}
}

static void an_impossible_code_is_an_error(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(code_oath((const uint8_t *)seed, 20, OATH_HASH_SHA1, UINT64_MAX, 6, out),
	    CS_ERR_CRYPTO);
	assert_int_equal(code_oath((const uint8_t *)seed, 20, OATH_HASH_SHA1, 1, 5, out),
	    CS_ERR_CRYPTO);
}

static void an_authenticator_passes_the_rfc_vectors(void **state)
{
	struct vault *vault = desk_vault(1);
	uint8_t room[SEALED_MAX_LEN];
	enum match match;

	(void)state;
	for (unsigned hash = OATH_HASH_SHA1; hash <= OATH_HASH_SHA512; hash++) {
		struct authenticator auth = { .id = 1, .admin = 1, .hash = hash, .digits = 8,
		    .period = 30 };

		assert_int_equal(authenticator_seal(vault, &auth, (const uint8_t *)seed,
		    seed_len[hash], room), CS_OK);
		for (size_t i = 0; i < COUNT(totp); i++) {
			struct authenticator_state st = { .id = 1 };

			assert_int_equal(authenticator_match(vault, &auth, &st, totp[i].wall,
			    cs_str(totp[i].codes[hash]), &match), CS_OK);
			assert_int_equal(match, MATCH_NEW);
			assert_int_equal(st.last, totp[i].wall / 30 + 1);
		}
	}
	struct authenticator auth = { .id = 1, .admin = 1, .kind = OATH_KIND_HOTP, .digits = 6 };
	struct authenticator_state st = { .id = 1 };
	assert_int_equal(authenticator_seal(vault, &auth, (const uint8_t *)seed, 20, room), CS_OK);
	for (size_t i = 0; i < COUNT(hotp); i++) {
		assert_int_equal(authenticator_match(vault, &auth, &st, 1, cs_str(hotp[i]), &match),
		    CS_OK);
		assert_int_equal(match, MATCH_NEW);
		assert_int_equal(st.last, i + 1);
	}
	vault_close(&vault);
}

static void the_check_digit_of_damms_example_is_4(void **state)
{
	(void)state;
	assert_int_equal(code_check_digit("572", 3), '4');
	assert_true(code_check("5724", 4));
}

static void check_errors(const char code[CODE_DIGITS])
{
	char slip[CODE_DIGITS];

	assert_true(code_check(code, CODE_DIGITS));
	for (size_t i = 0; i < CODE_DIGITS; i++) {
		memcpy(slip, code, CODE_DIGITS);
		for (char digit = '0'; digit <= '9'; digit++) {
			slip[i] = digit;
			assert_true(code_check(slip, CODE_DIGITS) == (digit == code[i]));
		}
		if (i + 1 == CODE_DIGITS || code[i] == code[i + 1])
			continue;
		memcpy(slip, code, CODE_DIGITS);
		slip[i] = code[i + 1];
		slip[i + 1] = code[i];
		assert_false(code_check(slip, CODE_DIGITS));
	}
}

static void every_wrong_digit_and_every_swap_of_neighbours_is_caught(void **state)
{
	unsigned short random[3] = { 4, 2, 26 };
	char code[CODE_DIGITS + 1];

	(void)state;
	for (unsigned n = 0; n < 10000; n++) {
		snprintf(code, sizeof(code), "%08ld", nrand48(random) % 100000000);
		code[8] = code_check_digit(code, 8);
		check_errors(code);
	}
}

static const struct {
	const char *typed;
	enum entry_kind kind;
	const char *digits;
} entries[] = {
	/* 48310927 has the check digit 3 */
	{ "483109273", ENTRY_SUPPORT, "483109273" },
	{ "483 109 273", ENTRY_SUPPORT, "483109273" },
	{ "  4 8\t3-109-273 ", ENTRY_SUPPORT, "483109273" },
	{ "483\xe2\x80\x93" "109\xe2\x80\x94" "273", ENTRY_SUPPORT, "483109273" },
	{ "483\xc2\xa0" "109\xe2\x80\xaf" "273", ENTRY_SUPPORT, "483109273" },
	{ "\xef\xbc\x94\xef\xbc\x98\xef\xbc\x93\xe3\x80\x80" "109273", ENTRY_SUPPORT, "483109273" },
	{ "48310927\xef\xbc\x93", ENTRY_SUPPORT, "483109273" },
	{ "12345\xef\xbc\x90", ENTRY_AUTHENTICATOR, "123450" },
	{ "12345\xef\xbc\x99", ENTRY_AUTHENTICATOR, "123459" },
	{ "483109278", ENTRY_MISHEARD, NULL },
	{ "483109237", ENTRY_MISHEARD, NULL },
	{ "123456", ENTRY_AUTHENTICATOR, "123456" },
	{ "123 4567", ENTRY_AUTHENTICATOR, "1234567" },
	{ "12345678", ENTRY_AUTHENTICATOR, "12345678" },
	{ "12345", ENTRY_MISHEARD, NULL },
	{ "4831092730", ENTRY_MISHEARD, NULL },
	{ "T4821", ENTRY_TICKET, "4821" },
	{ " t 48-21", ENTRY_TICKET, "4821" },
	{ "T", ENTRY_MISHEARD, NULL },
	{ "TT4821", ENTRY_MISHEARD, NULL },
	{ "4821T", ENTRY_MISHEARD, NULL },
	{ "T99999999999999999999", ENTRY_MISHEARD, NULL },
	{ "", ENTRY_MISHEARD, NULL },
	{ "   ", ENTRY_MISHEARD, NULL },
	/* letters that look like digits */
	{ "48310927O", ENTRY_MISHEARD, NULL },
	{ "48310927l", ENTRY_MISHEARD, NULL },
	{ "48310927\xce\x9f", ENTRY_MISHEARD, NULL },	/* Greek omicron */
	{ "48310927\xd0\x9e", ENTRY_MISHEARD, NULL },	/* Cyrillic O */
	{ "48310927\xd9\xa3", ENTRY_MISHEARD, NULL },	/* Arabic-Indic three */
	{ "48310927\xef\xbc\xa1", ENTRY_MISHEARD, NULL },	/* full-width A */
	{ "\xd0\xa2" "4821", ENTRY_MISHEARD, NULL },	/* Cyrillic T */
	/* control characters and broken UTF-8 */
	{ "483109273\n", ENTRY_MISHEARD, NULL },
	{ "483109273\x1b[2J", ENTRY_MISHEARD, NULL },
	{ "\x7f" "483109273", ENTRY_MISHEARD, NULL },
	{ "48310927\xef", ENTRY_MISHEARD, NULL },
	{ "48310927\xef\xbc", ENTRY_MISHEARD, NULL },
	{ "48310927\xbc\x93", ENTRY_MISHEARD, NULL },
	{ "483109273\xff\xfe", ENTRY_MISHEARD, NULL },
	{ "483109273\xe2\x80", ENTRY_MISHEARD, NULL },
	/* numbers that are not digits */
	{ "+48310927", ENTRY_MISHEARD, NULL },
	{ "48310.927", ENTRY_MISHEARD, NULL },
	{ "0x4831092", ENTRY_MISHEARD, NULL },
};

static void an_entry_is_told_by_its_shape(void **state)
{
	struct entry entry;

	(void)state;
	for (size_t i = 0; i < COUNT(entries); i++) {
		/* A copy without a NUL: reading on is seen by the sanitizers. */
		size_t len = strlen(entries[i].typed);
		char *typed = malloc(len > 0 ? len : 1);

		memcpy(typed, entries[i].typed, len);
		code_parse((struct cs_str){ typed, len }, &entry);
		if (entry.kind != entries[i].kind)
			print_error("# %s\n", entries[i].typed);
		assert_int_equal(entry.kind, entries[i].kind);
		if (entries[i].digits != NULL)
			assert_string_equal(entry.digits, entries[i].digits);
		free(typed);
	}
}

/* What a log or a sentence must hide when it was typed where a name belongs. */
static void a_code_is_found_within_what_was_typed_elsewhere(void **state)
{
	static const struct {
		const char *text;
		bool within;
	} texts[] = {
		{ "483109273", true },
		{ "acme 483 109-273", true },
		{ "acme/483109273!", true },
		{ "12.483109273", true },
		{ "483109273 27", true },
		{ "483109274", false },		/* the check digit */
		{ "4831092730", false },
		{ "1483109273", false },
		{ "4831x09273", false },
		{ "48310927", false },
		{ "acme.example.net", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_int_equal(code_within(cs_str(texts[i].text)), texts[i].within);
}

static void a_flood_of_digits_is_misheard(void **state)
{
	static char flood[15000];
	struct entry entry;

	(void)state;
	memset(flood, '7', sizeof(flood));
	code_parse((struct cs_str){ flood, sizeof(flood) }, &entry);
	assert_int_equal(entry.kind, ENTRY_MISHEARD);
	assert_int_equal(entry.digits[sizeof(entry.digits) - 1], '\0');
	memset(flood, ' ', sizeof(flood) - 9);
	memcpy(flood + sizeof(flood) - 9, "483109273", 9);
	code_parse((struct cs_str){ flood, sizeof(flood) }, &entry);
	assert_int_equal(entry.kind, ENTRY_SUPPORT);
}

static const struct issue issue = {
	.id = 7, .account = 3, .admin = 4, .action = { "mail.server", 11 },
	.targets = { .n = 1, .at = { { "mx1=203.0.113.9", 15 } } },
	.issued = { 1790000000, 5000, 1 }, .life = 600, .nonce = { 1, 2, 3 },
};

static void a_code_is_nine_digits_that_pass_the_check(void **state)
{
	struct vault *vault = desk_vault(1);
	struct issue one = issue;
	char code[CODE_DIGITS + 1], again[CODE_DIGITS + 1];

	(void)state;
	for (one.id = 1; one.id < 500; one.id++) {
		assert_int_equal(code_derive(vault, &one, code), CS_OK);
		assert_int_equal(strlen(code), CODE_DIGITS);
		assert_int_equal(strspn(code, "0123456789"), CODE_DIGITS);
		assert_true(code_check(code, CODE_DIGITS));
		assert_int_equal(code_derive(vault, &one, again), CS_OK);
		assert_string_equal(code, again);
	}
	vault_close(&vault);
}

static void every_immutable_field_and_the_generation_make_another_code(void **state)
{
	struct vault *vault = desk_vault(1), *restored = desk_vault(2);
	struct issue other[10];
	char code[CODE_DIGITS + 1], theirs[CODE_DIGITS + 1];

	(void)state;
	assert_int_equal(code_derive(vault, &issue, code), CS_OK);
	for (size_t i = 0; i < COUNT(other); i++)
		other[i] = issue;
	other[0].id++;
	other[1].account++;
	other[2].admin++;
	other[3].action = CS_STR("mail.serves");
	other[4].targets.at[0] = CS_STR("mx1=203.0.113.8");
	other[5].targets.n = 0;
	other[6].issued.wall += 30;
	other[7].life++;
	other[8].nonce[15]++;
	other[9].action = CS_STR("");
	for (size_t i = 0; i < COUNT(other); i++) {
		assert_int_equal(code_derive(vault, &other[i], theirs), CS_OK);
		assert_string_not_equal(code, theirs);
	}
	assert_int_equal(code_derive(restored, &issue, theirs), CS_OK);
	assert_string_not_equal(code, theirs);
	vault_close(&vault);
	vault_close(&restored);
}

static void a_tag_is_of_one_account_one_code_and_one_generation(void **state)
{
	struct vault *vault = desk_vault(1), *restored = desk_vault(2);
	uint8_t tag[16], other[16];

	(void)state;
	code_tag(vault, 3, "483109273", tag);
	code_tag(vault, 3, "483109273", other);
	assert_memory_equal(tag, other, sizeof(tag));
	code_tag(vault, 4, "483109273", other);
	assert_memory_not_equal(tag, other, sizeof(tag));
	code_tag(vault, 3, "483109270", other);
	assert_memory_not_equal(tag, other, sizeof(tag));
	code_tag(restored, 3, "483109273", other);
	assert_memory_not_equal(tag, other, sizeof(tag));
	vault_close(&vault);
	vault_close(&restored);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_4226_vectors_come_out),
		cmocka_unit_test(rfc_6238_vectors_come_out),
		cmocka_unit_test(an_impossible_code_is_an_error),
		cmocka_unit_test(an_authenticator_passes_the_rfc_vectors),
		cmocka_unit_test(the_check_digit_of_damms_example_is_4),
		cmocka_unit_test(every_wrong_digit_and_every_swap_of_neighbours_is_caught),
		cmocka_unit_test(an_entry_is_told_by_its_shape),
		cmocka_unit_test(a_code_is_found_within_what_was_typed_elsewhere),
		cmocka_unit_test(a_flood_of_digits_is_misheard),
		cmocka_unit_test(a_code_is_nine_digits_that_pass_the_check),
		cmocka_unit_test(every_immutable_field_and_the_generation_make_another_code),
		cmocka_unit_test(a_tag_is_of_one_account_one_code_and_one_generation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

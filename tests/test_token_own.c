/* SPDX-License-Identifier: ISC
 *
 * The rows of a sealed file, once it is open: taken whole, or refused by their
 * number.  A file of a newer Countersign may hold what this one does not know.
 */
#include "../tools/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECRET "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#define ROW(who, more) \
	"{\"parameters\":{\"administrator\":" who ",\"purpose\":\"support\"," \
	"\"label\":\"phone\",\"digits\":8,\"secret\":\"" SECRET "\"" more "}}\n"
#define TOTP ",\"kind\":\"totp\",\"hash\":\"sha256\",\"period\":60"
#define GOOD ROW("\"dana\"", TOTP)

static struct tokens tokens;

static size_t parse(const char *text)
{
	tokens_clear(&tokens);
	token_parse_own(&tokens, cs_str(text));
	return tokens.n;
}

static void a_row_is_taken_as_it_was_written(void **state)
{
	const struct token *t;

	(void)state;
	assert_int_equal(parse(ROW("\"eve\"", ",\"kind\":\"hotp\",\"hash\":\"sha1\",\"period\":0,"
	    "\"counter\":7")), 1);
	t = &tokens.at[0];
	assert_null(t->refused);
	assert_string_equal(t->user, "eve");
	assert_string_equal(t->label, "phone");
	assert_string_equal(t->purpose, "support");
	assert_string_equal(t->kind, "hotp");
	assert_string_equal(t->hash, "sha1");
	assert_int_equal(t->digits, 8);
	assert_int_equal(t->counter, 7);
	assert_string_equal(t->secret, SECRET);
	assert_int_equal(parse(GOOD), 1);
	assert_int_equal(tokens.at[0].period, 60);
	assert_string_equal(tokens.at[0].hash, "sha256");
}

static void a_row_that_is_not_understood_is_refused_and_the_next_is_taken(void **state)
{
	static char long_row[CS_FRAME_MAX + 3];
	const char *const rows[] = {
		"\n", "x\n", "{}\n", "{\"parameters\":{}}\n", long_row,
		ROW("\"dana\"", ""), ROW("\"dana\"", TOTP ",\"kind\":\"totp\""),
		ROW("\"dana\"", ",\"kind\":\"steam\",\"hash\":\"sha256\",\"period\":60"),
		ROW("\"dana\"", ",\"kind\":\"totp\",\"hash\":\"md5\",\"period\":60"),
		ROW("\"dana\"", ",\"kind\":\"totp\",\"hash\":\"sha256\",\"period\":\"60\""),
		ROW("\"da\\u0007na\"", TOTP),
		"{\"parameters\":{\"administrator\":\"dana\"" TOTP "}}\n",
	};

	(void)state;
	memset(long_row, 'x', sizeof(long_row) - 2);
	long_row[sizeof(long_row) - 2] = '\n';
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[sizeof(long_row) + sizeof(GOOD)];

		strcpy(text, rows[i]);
		strcat(text, GOOD);
		assert_int_equal(parse(text), 2);
		if (!tokens.at[0].refused)
			fail_msg("%s is taken", rows[i]);
		assert_int_equal(tokens.at[0].line, 1);
		assert_string_equal(tokens.at[0].refused,
		    "This row is not one of countersign export.");
		assert_null(tokens.at[1].refused);
		assert_int_equal(tokens.at[1].line, 2);
	}
}

static void more_rows_than_a_page_keep_their_order(void **state)
{
	static char text[200 * sizeof(GOOD)];
	char *p = text;

	(void)state;
	for (int i = 0; i < 150; i++)
		p += sprintf(p, ROW("\"p%d\"", TOTP), i);
	assert_int_equal(parse(text), 150);
	for (int i = 0; i < 150; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%d", i);
		assert_null(tokens.at[i].refused);
		assert_string_equal(tokens.at[i].user, name);
	}
}

static int forget(void **state)
{
	(void)state;
	tokens_clear(&tokens);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_taken_as_it_was_written),
		cmocka_unit_test(a_row_that_is_not_understood_is_refused_and_the_next_is_taken),
		cmocka_unit_test(more_rows_than_a_page_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}

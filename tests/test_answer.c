/* SPDX-License-Identifier: ISC
 *
 * What the daemon said, and how much of it the panel takes.
 */
#include "../panel/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ROW "{\"parameters\":{\"n\":1},\"continues\":true}"
#define END "{\"parameters\":{}}"

static enum cs_err add(struct answer *a, const char *text)
{
	char frame[CS_FRAME_MAX + 1];
	bool more;

	strcpy(frame, text);
	return answer_add(a, frame, strlen(text), &more);
}

static struct answer *full(void)
{
	struct answer *a = answer_new();

	assert_non_null(a);
	for (unsigned i = 0; i < ANSWER_ROWS; i++)
		assert_int_equal(add(a, ROW), CS_OK);
	return a;
}

static void a_list_of_as_many_rows_as_there_may_be_has_an_end(void **state)
{
	struct answer *a = full();

	(void)state;
	assert_int_equal(add(a, END), CS_OK);
	assert_int_equal(a->n, ANSWER_ROWS);
	answer_free(a);
}

static void one_row_more_is_over_the_limit(void **state)
{
	static const char *const rows[] = { ROW, "{\"parameters\":{\"n\":1}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer *a = full();

		assert_int_equal(add(a, rows[i]), CS_ERR_LIMIT);
		answer_free(a);
	}
}

static void long_rows_are_counted_in_bytes(void **state)
{
	struct answer *a = answer_new();
	char row[CS_FRAME_MAX];
	size_t n = 0;

	(void)state;
	assert_non_null(a);
	snprintf(row, sizeof(row), "{\"parameters\":{\"text\":\"%015000d\"},\"continues\":true}",
	    0);
	while (add(a, row) == CS_OK)
		n++;
	assert_int_equal(n, ANSWER_BYTES / strlen(row));
	assert_int_equal(add(a, END), CS_ERR_LIMIT);
	answer_free(a);
}

static void what_is_no_reply_is_no_answer(void **state)
{
	static const char *const frames[] = { "", "{", "[]", "{\"parameters\":{}}x",
		"{\"method\":\"a.b.C\",\"parameters\":{}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct answer *a = answer_new();

		if (add(a, frames[i]) != CS_ERR_FORMAT)
			fail_msg("%s", frames[i]);
		assert_int_equal(a->n, 0);
		assert_null(a->error);
		answer_free(a);
	}
}

static void nothing_comes_after_an_error(void **state)
{
	struct answer *a = answer_new();

	(void)state;
	assert_int_equal(add(a, ROW), CS_OK);
	assert_int_equal(add(a, "{\"error\":\"io.countersign.panel.Refused\","
	    "\"parameters\":{\"say\":\"No.\"}}"), CS_OK);
	assert_int_equal(a->n, 0);
	assert_int_equal(add(a, ROW), CS_ERR_FORMAT);
	assert_string_equal(a->error, "Refused");
	assert_true(cs_str_is(answer_string(a, 0, "say"), "No."));
	answer_free(a);
}

/* It is no other error then. */
static void the_name_of_an_error_is_cut_at_63_letters(void **state)
{
	struct answer *a = answer_new();
	char frame[256];

	(void)state;
	snprintf(frame, sizeof(frame), "{\"error\":\"io.countersign.panel.E%0100d\"}", 0);
	assert_int_equal(add(a, frame), CS_OK);
	assert_int_equal(strlen(a->error), 63);
	assert_memory_equal(a->error, "E000", 4);
	answer_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_of_as_many_rows_as_there_may_be_has_an_end),
		cmocka_unit_test(one_row_more_is_over_the_limit),
		cmocka_unit_test(long_rows_are_counted_in_bytes),
		cmocka_unit_test(what_is_no_reply_is_no_answer),
		cmocka_unit_test(nothing_comes_after_an_error),
		cmocka_unit_test(the_name_of_an_error_is_cut_at_63_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

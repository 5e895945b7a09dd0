/* SPDX-License-Identifier: ISC
 *
 * Log lines as they reach standard error, and what cs_log_escape lets through.
 */
#include "../lib/log.h"

#include "../lib/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int saved, ends[2];
static char caught[16384];

static int catch_stderr(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	saved = dup(STDERR_FILENO);
	if (saved < 0 || pipe(ends) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
		return -1;
	close(ends[1]);
	return 0;
}

static int release_stderr(void **state)
{
	(void)state;
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[0]);
	unsetenv("JOURNAL_STREAM");
	cs_log_init("test_log", CS_LOG_INFO);
	return 0;
}

/* All that was written; standard error has no other writer then. */
static const char *read_caught(void)
{
	size_t len = 0;
	ssize_t n;

	dup2(saved, STDERR_FILENO);
	while ((n = read(ends[0], caught + len, sizeof(caught) - 1 - len)) > 0)
		len += (size_t)n;
	caught[len] = '\0';
	return caught;
}

static void claim_journal(ino_t shift)
{
	char stream[64];
	struct stat st;

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)(st.st_ino + shift));
	setenv("JOURNAL_STREAM", stream, 1);
}

static void a_line_names_the_program(void **state)
{
	(void)state;
	cs_log_init("countersignd", CS_LOG_INFO);
	cs_log(CS_LOG_INFO, "%s is %d", "acme", 7);
	assert_string_equal(read_caught(), "countersignd: acme is 7\n");
}

static void a_line_for_the_journal_begins_with_its_priority(void **state)
{
	(void)state;
	claim_journal(0);
	cs_log_init("countersignd", CS_LOG_DEBUG);
	cs_log(CS_LOG_ERR, "a");
	cs_log(CS_LOG_WARNING, "b");
	cs_log(CS_LOG_INFO, "c");
	cs_log(CS_LOG_DEBUG, "d");
	assert_string_equal(read_caught(), "<3>a\n<4>b\n<6>c\n<7>d\n");
}

static void a_journal_stream_that_is_not_ours_is_ignored(void **state)
{
	(void)state;
	claim_journal(1);
	cs_log_init("p", CS_LOG_INFO);
	cs_log(CS_LOG_INFO, "a");
	setenv("JOURNAL_STREAM", "nonsense", 1);
	cs_log_init("p", CS_LOG_INFO);
	cs_log(CS_LOG_INFO, "b");
	assert_string_equal(read_caught(), "p: a\np: b\n");
}

static void lines_past_the_wanted_level_are_left_out(void **state)
{
	(void)state;
	cs_log_init("p", CS_LOG_WARNING);
	cs_log(CS_LOG_DEBUG, "a");
	cs_log(CS_LOG_INFO, "b");
	cs_log(CS_LOG_WARNING, "c");
	cs_log(CS_LOG_ERR, "d");
	assert_string_equal(read_caught(), "p: c\np: d\n");
}

static void lines_that_are_held_come_in_order_and_together(void **state)
{
	char text[1500];

	(void)state;
	memset(text, 'a', sizeof(text));
	cs_log_init("p", CS_LOG_INFO);
	cs_log(CS_LOG_INFO, "before");
	cs_log_hold();
	cs_log_text(CS_LOG_INFO, "b", 1);
	cs_log_text(CS_LOG_DEBUG, "nothing", 7);
	cs_log(CS_LOG_WARNING, "c");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(read(ends[0], caught, sizeof(caught)), strlen("p: before\n"));
	assert_int_equal(read(ends[0], caught, sizeof(caught)), -1);
	for (int i = 0; i < 3; i++)
		cs_log_text(CS_LOG_INFO, text, sizeof(text));
	assert_int_equal(read(ends[0], caught, sizeof(caught)),
	    strlen("p: b\np: c\n") + 2 * (sizeof(text) + strlen("p: \n")));
	cs_log_release();
	cs_log(CS_LOG_INFO, "after");
	fcntl(ends[0], F_SETFL, 0);
	assert_int_equal(strlen(read_caught()),
	    sizeof(text) + strlen("p: \n") + strlen("p: after\n"));
}

static void a_ready_text_is_cut_between_characters(void **state)
{
	static char text[6000];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	cs_log_init("p", CS_LOG_INFO);
	cs_log_text(CS_LOG_INFO, text, sizeof(text));
	len = strlen(read_caught());
	assert_in_range(len, 4094, 4096);
	assert_memory_equal(caught + len - 3, "\xc3\xa9\n", 3);
}

static void nobody_waits_for_who_does_not_read(void **state)
{
	static char full[32768];

	(void)state;
	cs_log_init("countersignd", CS_LOG_INFO);
	assert_true(fcntl(ends[0], F_SETPIPE_SZ, sizeof(full)) > 0);
	assert_int_equal(sizeof(full), write(STDERR_FILENO, full, sizeof(full)));
	alarm(10);
	errno = EDOM;
	cs_log(CS_LOG_INFO, "the first");
	cs_log(CS_LOG_INFO, "the second");
	assert_int_equal(EDOM, errno);
	alarm(0);
	assert_int_equal(sizeof(full), read(ends[0], full, sizeof(full)));
	cs_log(CS_LOG_INFO, "the third");
	cs_log(CS_LOG_INFO, "the fourth");
	assert_string_equal(read_caught(),
	    "countersignd: 2 pieces of this log are missing: nobody read it\n"
	    "countersignd: the third\ncountersignd: the fourth\n");
}

static void errno_is_shown_and_kept(void **state)
{
	char expected[128];

	(void)state;
	snprintf(expected, sizeof(expected), "p: %s\n", strerror(ENOSPC));
	cs_log_init("p", CS_LOG_INFO);
	errno = ENOSPC;
	cs_log(CS_LOG_ERR, "%m");
	assert_int_equal(errno, ENOSPC);
	assert_string_equal(read_caught(), expected);
}

static void a_line_that_is_too_long_is_cut_between_characters(void **state)
{
	static char text[6000];
	size_t len;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	cs_log_init("p", CS_LOG_INFO);
	cs_log(CS_LOG_INFO, "%s", text);
	cs_log(CS_LOG_INFO, "x%s", text);
	cs_log(CS_LOG_INFO, "next");
	len = strlen(read_caught());
	assert_true(len > 8000 && len <= 2 * 4096 + strlen("p: next\n"));
	assert_true(cs_utf8_valid(caught, len));
	assert_string_equal(caught + len - 9, "\np: next\n");
}

static const struct {
	const char *text, *expected;
} escapes[] = {
	{ "", "" },
	{ "acme \"'\\?", "acme \"'\\?" },
	{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
	    "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
	{ "a\nb\r\tc\x1b[2Jd\x7f", "a?b??c?[2Jd?" },
	{ "\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "???\xc2\xa0" },			/* C1: CSI in one */
	{ "\xd8\x9b\xd8\x9c\xd8\x9d", "\xd8\x9b?\xd8\x9d" },			/* U+061C */
	{ "\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90", "\xe2\x80\x8d??\xe2\x80\x90" },
	{ "\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf",
	    "\xe2\x80\xa7????\xe2\x80\xaf" },
	{ "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa", "\xe2\x81\xa5??\xe2\x81\xaa" },
	{ "\x80\xff\xc3", "???" },
	{ "\xc0\xaf\xed\xa0\x80", "?????" },
	{ "\xe2\x82z", "??z" },
	{ "\xf0\x9f\x98", "???" },
};

static void what_moves_a_cursor_or_turns_a_line_becomes_a_question_mark(void **state)
{
	char out[64];

	(void)state;
	for (size_t i = 0; i < COUNT(escapes); i++) {
		const char *text = escapes[i].text;

		assert_ptr_equal(cs_log_escape(out, sizeof(out), text, strlen(text)), out);
		assert_string_equal(out, escapes[i].expected);
	}
	assert_string_equal(cs_log_escape(out, sizeof(out), "a\0b", 3), "a?b");
	assert_string_equal(cs_log_escape(out, sizeof(out), NULL, 0), "");
}

static void a_harmful_byte_is_seen_at_every_place_of_every_length(void **state)
{
	static const char harmful[] = { '\n', 0x1b, 0x7f, (char)0x80, (char)0x9b, (char)0xff };
	static const char plain[] = "abcdefgh !\"\\~ jklmnopqrs";
	char text[24], out[32], expected[32];

	(void)state;
	for (size_t len = 1; len <= sizeof(text); len++) {
		for (size_t i = 0; i < len * COUNT(harmful); i++) {
			memcpy(text, plain, len);
			memcpy(expected, plain, len);
			text[i % len] = harmful[i / len];
			expected[i % len] = '?';
			expected[len] = '\0';
			assert_string_equal(cs_log_escape(out, sizeof(out), text, len), expected);
		}
	}
}

static void escaped_text_is_cut_between_characters(void **state)
{
	static const char *const expected[] = {
		"", "a", "a", "a\xc3\xa9", "a\xc3\xa9?", "a\xc3\xa9?", "a\xc3\xa9?",
		"a\xc3\xa9?\xe2\x82\xac", "a\xc3\xa9?\xe2\x82\xac",
	};
	static const char text[] = "a\xc3\xa9\n\xe2\x82\xac";

	(void)state;
	for (size_t cap = 1; cap <= COUNT(expected); cap++) {
		char *out = malloc(cap);	/* exact, for the sanitizer */

		assert_non_null(out);
		cs_log_escape(out, cap, text, sizeof(text) - 1);
		assert_string_equal(out, expected[cap - 1]);
		free(out);
	}
}

#define CAUGHT(name) cmocka_unit_test_setup_teardown(name, catch_stderr, release_stderr)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CAUGHT(a_line_names_the_program),
		CAUGHT(a_line_for_the_journal_begins_with_its_priority),
		CAUGHT(a_journal_stream_that_is_not_ours_is_ignored),
		CAUGHT(lines_past_the_wanted_level_are_left_out),
		CAUGHT(lines_that_are_held_come_in_order_and_together),
		CAUGHT(a_ready_text_is_cut_between_characters),
		CAUGHT(nobody_waits_for_who_does_not_read),
		CAUGHT(errno_is_shown_and_kept),
		CAUGHT(a_line_that_is_too_long_is_cut_between_characters),
		cmocka_unit_test(what_moves_a_cursor_or_turns_a_line_becomes_a_question_mark),
		cmocka_unit_test(a_harmful_byte_is_seen_at_every_place_of_every_length),
		cmocka_unit_test(escaped_text_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

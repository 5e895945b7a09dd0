/* SPDX-License-Identifier: ISC
 *
 * Times as people write them.
 */
#include "../tools/when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define NOW 1772000000

static void expect(const char *text, int64_t wanted)
{
	int64_t got = 0;

	if (!when_parse(text, NOW, &got))
		fail_msg("\"%s\" is refused", text);
	if (got != wanted)
		fail_msg("\"%s\" is %lld, wanted %lld", text, (long long)got, (long long)wanted);
}

static void every_form_is_read_in_local_time(void **state)
{
	(void)state;
	expect("2026-03-01", 1772319600);
	expect("2026-03-01 14:30", 1772371800);
	expect("2026-03-01 14:30:05", 1772371805);
	expect("2026-03-01T14:30:05", 1772371805);
}

static void a_final_z_means_utc(void **state)
{
	(void)state;
	expect("2026-03-01Z", 1772323200);
	expect("2026-03-01T14:30:05Z", 1772375405);
	expect("2026-03-01 14:30Z", 1772375400);
}

static void daylight_saving_is_as_on_that_day(void **state)
{
	(void)state;
	expect("2026-07-01", 1782856800);
}

static void so_long_ago_counts_back_from_now(void **state)
{
	(void)state;
	expect("90s", NOW - 90);
	expect("30m", NOW - 1800);
	expect("2h", NOW - 7200);
	expect("3d", NOW - 259200);
	expect("1w", NOW - 604800);
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "now", "2h3m", "-2h", "2", "h", "2y", "99999999d", "2026", "2026-03",
		"26-03-01", "2026-13-01", "2026-02-30", "2026-03-01x", "2026-03-01 25:00",
		"2026-03-01T14:30:05ZZ", " 2026-03-01",
	};
	int64_t when;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (when_parse(texts[i], NOW, &when))
			fail_msg("\"%s\" is taken for %lld", texts[i], (long long)when);
}

static void a_time_is_written_as_it_is_read(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(when_format(1772371805, text, sizeof(text)), "2026-03-01 14:30:05");
	assert_string_equal(when_format_short(1772371805, 1772371000, text, sizeof(text)),
	    "14:30:05");
	assert_string_equal(when_format_short(1772371805, 1772271805, text, sizeof(text)),
	    "2026-03-01 14:30:05");
}

static void a_span_is_written_in_its_largest_whole_unit(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ 0, "0s" }, { 59, "59s" }, { 60, "1m" }, { 90, "90s" }, { 600, "10m" },
		{ 3600, "1h" }, { 5400, "90m" }, { 86400, "1d" }, { 90000, "25h" },
		{ 604800, "1w" }, { 691200, "8d" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t back;

		assert_string_equal(when_format_span(rows[i].seconds, text, sizeof(text)),
		    rows[i].text);
		assert_true(when_span(text, &back));
		assert_int_equal(back, rows[i].seconds);
	}
}

static void a_time_that_no_calendar_has_is_written_as_its_seconds(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(when_format(INT64_MAX, text, sizeof(text)), "9223372036854775807");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read_in_local_time),
		cmocka_unit_test(a_final_z_means_utc),
		cmocka_unit_test(daylight_saving_is_as_on_that_day),
		cmocka_unit_test(so_long_ago_counts_back_from_now),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(a_time_is_written_as_it_is_read),
		cmocka_unit_test(a_span_is_written_in_its_largest_whole_unit),
		cmocka_unit_test(a_time_that_no_calendar_has_is_written_as_its_seconds),
	};

	/* Central Europe, spelled out: no zone files are needed. */
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

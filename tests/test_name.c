/* SPDX-License-Identifier: ISC
 *
 * What is a name, a text, a ref, a target, and which two are the same.
 */
#include "../daemon/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CYRILLIC_A "\xd0\xb0.example"
#define LABEL63 "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-012345678"

static char long_text[400];

static int set_up(void **state)
{
	(void)state;
	memset(long_text, 'a', sizeof(long_text));
	return 0;
}

static struct cs_str cut(size_t len)
{
	return (struct cs_str){ long_text, len };
}

static void a_name_is_lower_ascii_that_begins_with_a_letter_or_digit(void **state)
{
	static const char *const good[] = { "a", "0", "acme", "a.b_c-d", "4711", "x--" };
	static const char *const bad[] = { "", ".a", "-a", "_a", "Acme", "a b", "a/b", "a:b", " a",
		CYRILLIC_A, "a\n", "a\xff", "ac\xc3\xa9" };
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(name_valid(cs_str(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(name_valid(cs_str(bad[i])));
	assert_true(name_valid(cut(64)));
	assert_false(name_valid(cut(65)));
	assert_false(name_valid((struct cs_str){ "a\0b", 3 }));
	assert_false(name_valid((struct cs_str){ NULL, 0 }));
}

static void a_typed_name_is_trimmed_and_lowered(void **state)
{
	char out[NAME_MAX_LEN + 1] = "untouched";
	(void)state;
	assert_true(name_parse(cs_str(" \tAcme.Ltd "), out));
	assert_string_equal(out, "acme.ltd");
	assert_false(name_parse(cs_str("ac me"), out));
	assert_false(name_parse(cs_str("\xe2\x84\xaa"), out));	/* KELVIN SIGN lowers to k */
	assert_false(name_parse(cs_str("   "), out));
	assert_false(name_parse(cut(65), out));
	assert_string_equal(out, "acme.ltd");
	assert_true(name_parse(cut(64), out));
	assert_int_equal(strlen(out), 64);
}

static void a_text_does_nothing_to_a_screen(void **state)
{
	static const char *const good[] = { "Acme Ltd", "M\xc3\xbcller & Co", "\xe6\x9d\xb1",
		"\xf0\x9f\x94\x91", "e\xcc\x81", "\xe2\x80\x90" };
	static const char *const bad[] = { "", "a\tb", "a\nb", "\x1b[2J", "\x7f", "\xc2\x85",
		"\xe2\x80\xae", "\xe2\x80\x8f", "\xe2\x81\xa6", "\xd8\x9c", "\xe2\x80\xa8",
		"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80" };
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(text_valid(cs_str(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(text_valid(cs_str(bad[i])));
	assert_true(text_valid(cut(128)));
	assert_false(text_valid(cut(129)));
	assert_true(text_plain(cut(129)));
	assert_false(text_valid((struct cs_str){ "a\0b", 3 }));
}

static void a_number_is_read_as_it_was_written(void **state)
{
	static const uint64_t numbers[] = { 1, 9, 10, 4711, 999999999999999999 };
	char text[NUMBER_TEXT];
	uint64_t read;

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		assert_true(number_parse('V', cs_str(number_format('V', numbers[i], text)), &read));
		assert_int_equal(read, numbers[i]);
	}
	assert_string_equal(number_format('I', UINT64_MAX, text), "I18446744073709551615");
	assert_string_equal(number_format('\0', 0, text), "0");
}

static void joined_parts_are_cut_at_the_end_of_the_room(void **state)
{
	const struct cs_str parts[] = { CS_STR("ab"), { NULL, 0 }, CS_STR("c"), CS_STR("def") };
	char out[8];

	(void)state;
	assert_int_equal(text_join(out, 8, parts, COUNT(parts)), 6);
	assert_string_equal(out, "abcdef");
	assert_int_equal(text_join(out, 5, parts, COUNT(parts)), 4);
	assert_string_equal(out, "abcd");
	assert_int_equal(text_join(out, 1, parts, COUNT(parts)), 0);
	assert_string_equal(out, "");
}

static void a_ref_is_printable_ascii_without_blanks(void **state)
{
	(void)state;
	assert_true(ref_valid(cs_str("4711")));
	assert_true(ref_valid(cs_str("K-2024:~!")));
	assert_false(ref_valid(cs_str("K/2024")));
	assert_false(ref_valid(cs_str("")));
	assert_false(ref_valid(cs_str("a b")));
	assert_false(ref_valid(cs_str("a\x7f")));
	assert_false(ref_valid(cs_str("\xc3\xa9")));
	assert_true(ref_valid(cut(64)));
	assert_false(ref_valid(cut(65)));
}

static const struct {
	enum target_form form;
	const char *typed, *canonical;	/* NULL: refused */
} targets[] = {
	{ TARGET_FREE, "MX1.Acme.Example.", "mx1.acme.example" },
	{ TARGET_FREE, "  a  b\t", "a  b" },
	{ TARGET_FREE, "a. .", "a" },
	{ TARGET_FREE, "a=B=c", "a=b=c" },
	{ TARGET_FREE, "", NULL },
	{ TARGET_FREE, " . ", NULL },
	{ TARGET_FREE, "a\nb", NULL },
	{ TARGET_FREE, "a\x1b[0m", NULL },
	{ TARGET_FREE, CYRILLIC_A, NULL },
	{ TARGET_FREE, "a\xff", NULL },
	{ TARGET_HOST_IP, "MX1.acme.example.=203.0.113.9", "mx1.acme.example=203.0.113.9" },
	{ TARGET_HOST_IP, " mx1 = 203.0.113.9 ", "mx1=203.0.113.9" },
	{ TARGET_HOST_IP, "mx1=2001:0DB8:0:0::0:1", "mx1=2001:db8::1" },
	{ TARGET_HOST_IP, "mx1=::FFFF:203.0.113.9", "mx1=::ffff:203.0.113.9" },
	{ TARGET_HOST_IP, LABEL63 ".x=1.2.3.4", LABEL63 ".x=1.2.3.4" },
	{ TARGET_HOST_IP, "a" LABEL63 ".x=1.2.3.4", NULL },
	{ TARGET_HOST_IP, "mx1", NULL },
	{ TARGET_HOST_IP, "mx1=", NULL },
	{ TARGET_HOST_IP, "=203.0.113.9", NULL },
	{ TARGET_HOST_IP, "mx1=203.0.113", NULL },
	{ TARGET_HOST_IP, "mx1=203.0.113.09", NULL },
	{ TARGET_HOST_IP, "mx1=203.0.113.256", NULL },
	{ TARGET_HOST_IP, "mx1=3405803785", NULL },
	{ TARGET_HOST_IP, "mx1=203.0.113.9=x", NULL },
	{ TARGET_HOST_IP, "mx1=203.0.113.9, 1.2.3.4", NULL },
	{ TARGET_HOST_IP, "mx1=fe80::1%eth0", NULL },
	{ TARGET_HOST_IP, "mx_1=203.0.113.9", NULL },
	{ TARGET_HOST_IP, "-mx=203.0.113.9", NULL },
	{ TARGET_HOST_IP, "mx-.b=203.0.113.9", NULL },
	{ TARGET_HOST_IP, "mx-=203.0.113.9", NULL },
	{ TARGET_HOST_IP, "a..b=203.0.113.9", NULL },
	{ TARGET_HOST_IP, ".b=203.0.113.9", NULL },
	{ TARGET_HOST_IP, "a b=203.0.113.9", NULL },
};

static void a_target_has_one_form_or_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(targets); i++) {
		char out[TARGET_MAX_LEN + 1] = "untouched";
		bool ok = target_parse(targets[i].form, cs_str(targets[i].typed), out);
		assert_int_equal(ok, targets[i].canonical != NULL);
		assert_string_equal(out, ok ? targets[i].canonical : "untouched");
		if (!ok)
			continue;
		char again[TARGET_MAX_LEN + 1];
		assert_true(target_parse(targets[i].form, cs_str(out), again));
		assert_string_equal(again, out);
	}
}

static void a_target_of_255_bytes_fits_and_one_more_does_not(void **state)
{
	char out[TARGET_MAX_LEN + 1];
	(void)state;
	assert_true(target_parse(TARGET_FREE, cut(255), out));
	assert_int_equal(strlen(out), 255);
	assert_false(target_parse(TARGET_FREE, cut(256), out));
	assert_false(target_parse(TARGET_FREE, (struct cs_str){ "a\0b", 3 }, out));

	/* ::ff02:304 is written ::255.2.3.4, which is one byte longer */
	for (size_t len = 243; len <= 244; len++) {
		char host[TARGET_MAX_LEN + 1];
		for (size_t i = 0; i < len; i++)
			host[i] = i % 50 == 49 ? '.' : 'a';
		memcpy(host + len, "=::ff02:304", 12);
		assert_int_equal(target_parse(TARGET_HOST_IP, cs_str(host), out), len == 243);
	}
	assert_string_equal(out + 243, "=::255.2.3.4");
}

static struct targets list(size_t n, ...)
{
	struct targets t = { .n = n };
	va_list ap;
	va_start(ap, n);
	for (size_t i = 0; i < n; i++)
		t.at[i] = cs_str(va_arg(ap, const char *));
	va_end(ap);
	return t;
}

static void targets_are_written_with_an_arrow_for_the_first_equals_sign(void **state)
{
	char out[200];
	struct targets none = list(0), two = list(2, "mx1.acme.example=203.0.113.9", "a=b=c"),
		       plain = list(1, "acme");
	(void)state;
	assert_string_equal(targets_text(&none, out, sizeof(out)), "");
	assert_string_equal(targets_text(&plain, out, sizeof(out)), "acme");
	assert_string_equal(targets_text(&two, out, sizeof(out)),
	    "mx1.acme.example \xe2\x86\x92 203.0.113.9, a \xe2\x86\x92 b=c");
}

static void targets_that_do_not_fit_end_with_an_ellipsis(void **state)
{
	static const char *const whole = "a \xe2\x86\x92 b, cd";
	struct targets two = list(2, "a=b", "cd");
	char out[64];
	(void)state;
	for (size_t cap = 1; cap < sizeof(out); cap++) {
		memset(out, '#', sizeof(out));
		targets_text(&two, out, cap);
		assert_true(strlen(out) < cap);
		assert_true(cs_utf8_valid(out, strlen(out)));
		size_t kept = strlen(out);
		if (cap > strlen(whole)) {
			assert_string_equal(out, whole);
		} else if (cap > 3) {
			assert_string_equal(out + kept - 3, "\xe2\x80\xa6");
			assert_memory_equal(out, whole, kept - 3);
		} else {
			assert_string_equal(out, "");
		}
	}
	memset(out, '#', sizeof(out));
	assert_ptr_equal(targets_text(&two, out, 0), out);
	assert_int_equal(out[0], '#');
	targets_text(&two, out, 11);
	assert_string_equal(out, "a \xe2\x86\x92 b\xe2\x80\xa6");
}

static void targets_are_compared_as_sets(void **state)
{
	struct targets none = list(0), a = list(1, "a"), ab = list(2, "a", "b"),
		       ba = list(2, "b", "a"), ac = list(2, "a", "c"), prefix = list(1, "aa");
	(void)state;
	assert_true(targets_within(&a, &ab));
	assert_false(targets_within(&ab, &a));
	assert_true(targets_within(&none, &a));
	assert_false(targets_within(&a, &none));
	assert_false(targets_within(&prefix, &a));
	assert_false(targets_within(&a, &prefix));
	assert_true(targets_equal(&ab, &ba));
	assert_false(targets_equal(&ab, &ac));
	assert_false(targets_equal(&a, &ab));
	assert_false(targets_equal(&ab, &a));
	assert_true(targets_equal(&none, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_lower_ascii_that_begins_with_a_letter_or_digit),
		cmocka_unit_test(a_typed_name_is_trimmed_and_lowered),
		cmocka_unit_test(a_text_does_nothing_to_a_screen),
		cmocka_unit_test(a_number_is_read_as_it_was_written),
		cmocka_unit_test(joined_parts_are_cut_at_the_end_of_the_room),
		cmocka_unit_test(a_ref_is_printable_ascii_without_blanks),
		cmocka_unit_test(a_target_has_one_form_or_none),
		cmocka_unit_test(a_target_of_255_bytes_fits_and_one_more_does_not),
		cmocka_unit_test(targets_are_written_with_an_arrow_for_the_first_equals_sign),
		cmocka_unit_test(targets_that_do_not_fit_end_with_an_ellipsis),
		cmocka_unit_test(targets_are_compared_as_sets),
	};
	return cmocka_run_group_tests_name("name", tests, set_up, NULL);
}

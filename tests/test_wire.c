/* SPDX-License-Identifier: ISC
 *
 * The codec: what it takes, what it refuses and as what, and the exact bytes
 * that it writes.
 */
#include "../lib/wire.h"

#include "wire_jansson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char buf[2 * CS_FRAME_MAX];
static struct cs_msg msg;

static enum cs_err decode(const char *text)
{
	size_t len = strlen(text);

	memcpy(buf, text, len);
	return cs_msg_decode(buf, len, &msg);
}

static void assert_str(struct cs_str s, const char *expected)
{
	assert_int_equal(s.len, strlen(expected));
	assert_memory_equal(s.p, expected, s.len);
}

static void a_call_is_decoded(void **state)
{
	struct cs_str s;
	int64_t n;
	bool b;
	const struct cs_str *at;
	size_t count;

	(void)state;
	assert_int_equal(decode(
	    " {\"method\" : \"a.b.Verify\",\t\"parameters\":{\"account\":\"acme\","
	    "\"wait\":-30 ,\"grant\":true,\"no\":false,\"target\":[ \"a\" , \"\" ],\"none\":[]},"
	    "\"more\":true}\r\n"), CS_OK);
	assert_str(msg.method, "a.b.Verify");
	assert_null(msg.error.p);
	assert_true(msg.more);
	assert_false(msg.continues || msg.oneway || msg.upgrade);
	assert_int_equal(msg.nfields, 6);
	assert_int_equal(cs_msg_string(&msg, "account", &s), CS_OK);
	assert_str(s, "acme");
	assert_int_equal(cs_msg_int(&msg, "wait", &n), CS_OK);
	assert_int_equal(n, -30);
	assert_int_equal(cs_msg_bool(&msg, "grant", &b), CS_OK);
	assert_true(b);
	assert_int_equal(cs_msg_bool(&msg, "no", &b), CS_OK);
	assert_false(b);
	assert_int_equal(cs_msg_strings(&msg, "target", &at, &count), CS_OK);
	assert_int_equal(count, 2);
	assert_str(at[0], "a");
	assert_str(at[1], "");
	assert_int_equal(cs_msg_strings(&msg, "none", &at, &count), CS_OK);
	assert_int_equal(count, 0);
}

static void a_typed_error_is_decoded(void **state)
{
	int64_t wait;

	(void)state;
	assert_int_equal(decode("{\"error\":\"io.countersign.staff.Throttled\","
	    "\"parameters\":{\"wait\":30}}"), CS_OK);
	assert_null(msg.method.p);
	assert_str(msg.error, "io.countersign.staff.Throttled");
	assert_int_equal(cs_msg_int(&msg, "wait", &wait), CS_OK);
	assert_int_equal(wait, 30);
}

static void the_flags_of_a_message_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(decode("{\"oneway\":true,\"continues\":false}"), CS_OK);
	assert_true(msg.oneway && !msg.upgrade && !msg.more && !msg.continues);
	assert_int_equal(decode("{\"upgrade\":true}"), CS_OK);
	assert_true(!msg.oneway && msg.upgrade && !msg.more && !msg.continues);
	assert_int_equal(decode("{\"continues\":true}"), CS_OK);
	assert_true(!msg.oneway && !msg.upgrade && !msg.more && msg.continues);
}

static void nothing_of_the_message_before_is_left(void **state)
{
	(void)state;
	assert_int_equal(decode("{\"method\":\"m\",\"error\":\"e\",\"more\":true,\"oneway\":true,"
	    "\"upgrade\":true,\"continues\":true,\"parameters\":{\"a\":[\"b\"]}}"), CS_OK);
	assert_int_equal(decode("{}"), CS_OK);
	assert_null(msg.method.p);
	assert_null(msg.error.p);
	assert_false(msg.more || msg.oneway || msg.upgrade || msg.continues);
	assert_int_equal(msg.nfields, 0);
	assert_int_equal(msg.nstrings, 0);
}

static void a_null_counts_as_absent(void **state)
{
	struct cs_str s = CS_STR("untouched");

	(void)state;
	assert_int_equal(decode("{\"method\":null,\"more\":null,\"parameters\":null,\"x\":null}"),
	    CS_OK);
	assert_null(msg.method.p);
	assert_int_equal(decode("{\"parameters\":{\"a\":null}}"), CS_OK);
	assert_null(cs_msg_find(&msg, "a"));
	assert_int_equal(cs_msg_string(&msg, "a", &s), CS_ERR_NOTFOUND);
	assert_str(s, "untouched");
}

static void a_look_up_tells_absent_from_another_type(void **state)
{
	struct cs_str s = CS_STR("untouched");
	const struct cs_str *at = &s;
	size_t count = 7;
	int64_t n = 7;
	bool b = true;

	(void)state;
	assert_int_equal(decode("{\"parameters\":{\"n\":1,\"s\":\"1\"}}"), CS_OK);
	assert_int_equal(cs_msg_string(&msg, "x", &s), CS_ERR_NOTFOUND);
	assert_int_equal(cs_msg_string(&msg, "n", &s), CS_ERR_FORMAT);
	assert_int_equal(cs_msg_int(&msg, "s", &n), CS_ERR_FORMAT);
	assert_int_equal(cs_msg_bool(&msg, "n", &b), CS_ERR_FORMAT);
	assert_int_equal(cs_msg_strings(&msg, "s", &at, &count), CS_ERR_FORMAT);
	assert_str(s, "untouched");
	assert_true(n == 7 && b && at == &s && count == 7);
	assert_null(cs_msg_find(&msg, "nn"));
	assert_null(cs_msg_find(&msg, ""));
}

static void unknown_scalars_beside_the_parameters_are_dropped(void **state)
{
	(void)state;
	assert_int_equal(decode("{\"a\":1,\"b\":\"x\",\"c\":true,\"\":-0,\"method\":\"m\"}"),
	    CS_OK);
	assert_str(msg.method, "m");
	assert_int_equal(msg.nfields, 0);
}

static void escapes_are_undone_in_place(void **state)
{
	struct cs_str s;

	(void)state;
	assert_int_equal(decode("{\"parameters\":{\"\\u0061\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\","
	    "\"b\":\"long enough for words \\u00E9\\u20ac\\ud83d\\uDE00 and a tail\","
	    "\"c\":\"\\u007f\\u0080\"}}"), CS_OK);
	assert_int_equal(cs_msg_string(&msg, "a", &s), CS_OK);
	assert_str(s, "\"\\/\b\f\n\r\t");
	assert_int_equal(cs_msg_string(&msg, "b", &s), CS_OK);
	assert_str(s, "long enough for words \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 and a tail");
	assert_int_equal(cs_msg_string(&msg, "c", &s), CS_OK);
	assert_str(s, "\x7f\xc2\x80");
}

/* In memory of exactly its length, for the sanitizer. */
static void assert_seen_everywhere(char special, size_t len)
{
	static const char plain[] = "abcdefgh !#[]~\x7f jklmnopq";
	char *text = malloc(len);

	assert_non_null(text);
	for (size_t at = 0; at < len; at++) {
		memcpy(text, plain, len);
		assert_ptr_equal(cs_text_plain(text, text + len), text + len);
		text[at] = special;
		assert_ptr_equal(cs_text_plain(text, text + len), text + at);
	}
	free(text);
}

static void a_special_byte_is_seen_at_every_place_of_every_length(void **state)
{
	static const char special[] = { '"', '\\', '\n', 0x1f, 0, (char)0x80, (char)0xff };

	(void)state;
	for (size_t i = 0; i < sizeof(special); i++)
		for (size_t len = 1; len <= 24; len++)
			assert_seen_everywhere(special[i], len);
}

static void only_printable_ascii_is_marked_as_plain(void **state)
{
	static const struct {
		const char *text;
		bool plain;
	} rows[] = {
		{ "{\"parameters\":{\"a\":\"\"}}", true },
		{ "{\"parameters\":{\"a\":\" ~\"}}", true },
		{ "{\"parameters\":{\"\\u0061\":\"b\"}}", true },
		{ "{\"parameters\":{\"a\":\"\x7f\"}}", false },
		{ "{\"parameters\":{\"a\":\"12345678\x7f\"}}", false },
		{ "{\"parameters\":{\"a\":\"\\u001b\"}}", false },
		{ "{\"parameters\":{\"a\":\"caf\xc3\xa9\"}}", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(decode(rows[i].text), CS_OK);
		assert_int_equal(cs_msg_find(&msg, "a")->plain, rows[i].plain);
	}
}

/* The reader compares names only where a hash of their length and first byte is
 * the same, as here. */
static void names_of_one_hash_are_told_apart_and_repeated_ones_refused(void **state)
{
	int64_t n;

	(void)state;
	assert_int_equal(decode("{\"parameters\":{\"ab\":1,\"i\":2,\"ac\":3}}"), CS_OK);
	assert_int_equal(cs_msg_int(&msg, "ab", &n), CS_OK);
	assert_int_equal(n, 1);
	assert_int_equal(cs_msg_int(&msg, "i", &n), CS_OK);
	assert_int_equal(n, 2);
	assert_int_equal(cs_msg_int(&msg, "ac", &n), CS_OK);
	assert_int_equal(n, 3);
	assert_int_equal(decode("{\"parameters\":{\"ab\":1,\"i\":2,\"\\u0061b\":3}}"),
	    CS_ERR_FORMAT);
	assert_int_equal(decode("{\"\":1,\"a\":2,\"\":3,\"parameters\":{}}"), CS_ERR_FORMAT);
}

static const struct {
	const char *value;
	enum cs_err expected;
	int64_t integer;
} integers[] = {
	{ "0", CS_OK, 0 },
	{ "-0", CS_OK, 0 },
	{ "10", CS_OK, 10 },
	{ "9223372036854775807", CS_OK, INT64_MAX },
	{ "-9223372036854775808", CS_OK, INT64_MIN },
	{ "9223372036854775808", CS_ERR_LIMIT, 0 },
	{ "-9223372036854775809", CS_ERR_LIMIT, 0 },
	{ "18446744073709551617", CS_ERR_LIMIT, 0 },
	{ "99999999999999999999999999", CS_ERR_LIMIT, 0 },
	{ "00", CS_ERR_FORMAT, 0 },
	{ "01", CS_ERR_FORMAT, 0 },
	{ "-01", CS_ERR_FORMAT, 0 },
	{ "-", CS_ERR_FORMAT, 0 },
	{ "+1", CS_ERR_FORMAT, 0 },
	{ "1.0", CS_ERR_FORMAT, 0 },
	{ "1.", CS_ERR_FORMAT, 0 },
	{ ".5", CS_ERR_FORMAT, 0 },
	{ "1e2", CS_ERR_FORMAT, 0 },
	{ "1E2", CS_ERR_FORMAT, 0 },
	{ "0x10", CS_ERR_FORMAT, 0 },
	{ "- 1", CS_ERR_FORMAT, 0 },
	{ "1 2", CS_ERR_FORMAT, 0 },
	{ "NaN", CS_ERR_FORMAT, 0 },
	{ "Infinity", CS_ERR_FORMAT, 0 },
};

static void an_integer_is_exact_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(integers); i++) {
		char text[128];
		int64_t n;

		snprintf(text, sizeof(text), "{\"parameters\":{\"n\":%s}}", integers[i].value);
		if (decode(text) != integers[i].expected)
			fail_msg("%s", integers[i].value);
		if (integers[i].expected == CS_OK) {
			assert_int_equal(cs_msg_int(&msg, "n", &n), CS_OK);
			assert_true(n == integers[i].integer);
		}
		snprintf(text, sizeof(text), "{\"n\":%s}", integers[i].value);
		assert_int_equal(decode(text), integers[i].expected);
	}
}

static const char *const malformed[] = {
	"", " ", "{", "}", "{}{}", "{} x", "{},", "[]", "[{}]", "null", "1", "\"a\"",
	"\xef\xbb\xbf{}",
	"{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}", "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}",
	"{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{\"a\" 1}", "{\"a\"::1}", "{\"a\":1/**/}",
	"//\n{}",
	"{\"a\":\v1}", "{\"a\":\f1}", "{\"a\":\xc2\xa0 1}",
	"{\"a\":tru}", "{\"a\":True}", "{\"a\":truex}", "{\"a\":nul}", "{\"a\":falsee}",
	/* what may stand where */
	"{\"a\":[]}", "{\"a\":{}}", "{\"a\":[\"b\"]}", "{\"parameters\":[]}", "{\"parameters\":1}",
	"{\"parameters\":\"a\"}", "{\"parameters\":true}", "{\"method\":1}", "{\"method\":{}}",
	"{\"error\":false}", "{\"more\":1}", "{\"more\":\"true\"}", "{\"continues\":0}",
	"{\"oneway\":\"\"}", "{\"upgrade\":1}",
	"{\"parameters\":{\"a\":{}}}", "{\"parameters\":{\"a\":[1]}}",
	"{\"parameters\":{\"a\":[null]}}",
	"{\"parameters\":{\"a\":[[]]}}", "{\"parameters\":{\"a\":[{}]}}",
	"{\"parameters\":{\"a\":[true]}}",
	"{\"parameters\":{\"a\":[\"b\",]}}", "{\"parameters\":{\"a\":[,\"b\"]}}",
	"{\"parameters\":{\"a\":[\"b\"}}", "{\"parameters\":{\"a\":[\"b\" \"c\"]}}",
	"{\"parameters\":{\"a\":1,}}", "{\"parameters\":{,}}", "{\"parameters\":{}",
	/* the same key twice, in whatever spelling */
	"{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":1}", "{\"\":1,\"\":1}",
	"{\"a\":null,\"a\":null}",
	"{\"method\":\"a\",\"m\\u0065thod\":\"b\"}", "{\"parameters\":{},\"parameters\":{}}",
	"{\"parameters\":{},\"par\\u0061meters\":{\"a\":1}}",
	"{\"parameters\":null,\"parameters\":{}}",
	"{\"parameters\":{\"a\":1,\"a\":2}}", "{\"parameters\":{\"a\":1,\"b\":2,\"\\u0061\":3}}",
	"{\"parameters\":{\"a/\":1,\"a\\/\":2}}", "{\"parameters\":{\"a\":null,\"a\":2}}",
	"{\"parameters\":{\"\\u00e9\":1,\"\xc3\xa9\":2}}",
	"{\"parameters\":{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}}",
	/* escapes */
	"{\"a\":\"\\u0000\"}", "{\"\\u0000\":1}", "{\"a\":\"\\x41\"}", "{\"a\":\"\\u00g0\"}",
	"{\"a\":\"\\u12\"}", "{\"a\":\"\\u\"}", "{\"a\":\"\\'\"}", "{\"a\":\"\\U0041\"}",
	"{\"a\":\"\\0\"}",
	"{\"a\":\"\\ud83d\"}", "{\"a\":\"\\ude00\"}", "{\"a\":\"\\ud83d\\u0041\"}",
	"{\"a\":\"\\ud83d\\ud83d\"}", "{\"a\":\"\\ud83dx\"}", "{\"a\":\"\\ud83d\\n\"}",
	"{\"a\":\"\\ude00\\ud83d\"}", "{\"a\":\"\\u+123\"}", "{\"a\":\"\\u 123\"}",
	/* control characters as they are */
	"{\"a\":\"\n\"}", "{\"a\":\"\t\"}", "{\"a\":\"\x1f\"}", "{\"a\":\"\x01\"}",
	"{\"a\":\"", "{\"a\":\"\\", "{\"a\":\"\\\"}",
};

static void what_is_malformed_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++)
		if (decode(malformed[i]) != CS_ERR_FORMAT)
			fail_msg("%s", malformed[i]);
}

static const struct {
	const char *bytes;
	bool valid;
} utf8[] = {
	{ "", true }, { "a", true }, { "\x7f", true },
	{ "\xc2\x80", true }, { "\xdf\xbf", true }, { "\xe0\xa0\x80", true },
	{ "\xed\x9f\xbf", true },
	{ "\xee\x80\x80", true }, { "\xef\xbf\xbf", true }, { "\xf0\x90\x80\x80", true },
	{ "\xf4\x8f\xbf\xbf", true }, { "abcdefg\xc3\xa9hijklmnop\xe2\x82\xac", true },
	{ "\x80", false }, { "\xbf", false }, { "\xc0\x80", false }, { "\xc1\xbf", false },
	{ "\xc2", false }, { "\xc2\x7f", false }, { "\xc2\xc0", false }, { "\xe0\x9f\xbf", false },
	{ "\xe0\x80\x80", false }, { "\xe1\x80", false }, { "\xe1\x80\xc0", false },
	{ "\xed\xa0\x80", false }, { "\xed\xbf\xbf", false }, { "\xf0\x8f\xbf\xbf", false },
	{ "\xf1\x80\x80", false }, { "\xf1\x80\x80\x7f", false }, { "\xf4\x90\x80\x80", false },
	{ "\xf5\x80\x80\x80", false }, { "\xfe", false }, { "\xff", false },
	{ "abcdefgh\xa0", false },
};

static void broken_utf8_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(utf8); i++) {
		char text[64];

		if (cs_utf8_valid(utf8[i].bytes, strlen(utf8[i].bytes)) != utf8[i].valid)
			fail_msg("bytes of row %zu", i);
		snprintf(text, sizeof(text), "{\"a\":\"%s\"}", utf8[i].bytes);
		if (decode(text) != (utf8[i].valid ? CS_OK : CS_ERR_FORMAT))
			fail_msg("value of row %zu", i);
	}
	assert_false(cs_utf8_valid("a\0b", 3));
	assert_true(cs_utf8_valid("\"\\\n\x01", 4));
	assert_true(cs_utf8_valid(NULL, 0));
}

static void every_cut_message_is_refused_and_nothing_past_it_is_read(void **state)
{
	static const char text[] = {
		"{\"method\":\"m\",\"parameters\":{\"a\":\"\\u00e9\\ud83d\\ude00\xe2\x82\xac\","
		"\"b\":[\"c\",\"d\"],\"n\":-12,\"t\":true,\"f\":false,\"z\":null},\"more\":true}"
	};

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		char *exact = malloc(len > 0 ? len : 1);

		assert_non_null(exact);
		memcpy(exact, text, len);
		if (cs_msg_decode(exact, len, &msg) != CS_ERR_FORMAT)
			fail_msg("cut at %zu", len);
		free(exact);
	}
	assert_int_equal(decode(text), CS_OK);
}

static enum cs_err decode_members(const char *before, unsigned n, const char *after)
{
	static char text[CS_FRAME_MAX];
	char *p = stpcpy(text, before);

	for (unsigned i = 0; i < n; i++)
		p += sprintf(p, "%s\"%u\":1", i > 0 ? "," : "", i);
	stpcpy(p, after);
	return decode(text);
}

static void more_than_fits_is_over_the_limit(void **state)
{
	(void)state;
	assert_int_equal(decode_members("{", CS_MEMBERS_MAX, "}"), CS_OK);
	assert_int_equal(decode_members("{", CS_MEMBERS_MAX + 1, "}"), CS_ERR_LIMIT);
	assert_int_equal(decode_members("{\"parameters\":{", CS_FIELDS_MAX, "}}"), CS_OK);
	assert_int_equal(decode_members("{\"parameters\":{", CS_FIELDS_MAX + 1, "}}"),
	    CS_ERR_LIMIT);
}

static void fill_strings(char *text, size_t n, size_t m)
{
	char *p = stpcpy(text, "{\"parameters\":{\"a\":[");

	for (size_t i = 0; i < n; i++)
		p = stpcpy(p, i > 0 ? ",\"x\"" : "\"x\"");
	p = stpcpy(p, "],\"b\":[");
	for (size_t i = 0; i < m; i++)
		p = stpcpy(p, i > 0 ? ",\"y\"" : "\"y\"");
	stpcpy(p, "]}}");
}

static void strings_are_counted_over_all_arrays(void **state)
{
	static char text[CS_FRAME_MAX];
	const struct cs_str *at;
	size_t n;

	(void)state;
	fill_strings(text, CS_STRINGS_MAX - 2, 2);
	assert_int_equal(decode(text), CS_OK);
	assert_int_equal(cs_msg_strings(&msg, "b", &at, &n), CS_OK);
	assert_int_equal(n, 2);
	assert_str(at[1], "y");
	fill_strings(text, CS_STRINGS_MAX, 0);
	assert_int_equal(decode(text), CS_OK);
	fill_strings(text, CS_STRINGS_MAX, 1);
	assert_int_equal(decode(text), CS_ERR_LIMIT);
	fill_strings(text, CS_STRINGS_MAX + 1, 0);
	assert_int_equal(decode(text), CS_ERR_LIMIT);
}

static void a_frame_past_16_kib_is_over_the_limit(void **state)
{
	(void)state;
	memset(buf, ' ', sizeof(buf));
	memcpy(buf, "{}", 2);
	assert_int_equal(cs_msg_decode(buf, CS_FRAME_MAX, &msg), CS_OK);
	assert_int_equal(cs_msg_decode(buf, CS_FRAME_MAX + 1, &msg), CS_ERR_LIMIT);
}

static void assert_frame(struct cs_writer *w, const char *expected)
{
	size_t len = 0;

	assert_int_equal(cs_writer_end(w, &len), CS_OK);
	assert_string_equal(w->buf, expected);
	assert_int_equal(len, strlen(expected) + 1);
}

static void messages_are_written_in_one_spelling(void **state)
{
	static const struct cs_str targets[] = { { "a=1", 3 }, { "b", 1 } };
	struct cs_writer w;

	(void)state;
	cs_writer_call(&w, buf, sizeof(buf), "a.Verify", false);
	cs_put_string(&w, "account", CS_STR("acme"));
	cs_put_int(&w, "n", -42);
	cs_put_bool(&w, "grant", true);
	cs_put_bool(&w, "no", false);
	cs_put_strings(&w, "target", targets, 2);
	cs_put_strings(&w, "none", NULL, 0);
	assert_frame(&w, "{\"method\":\"a.Verify\",\"parameters\":{\"account\":\"acme\",\"n\":-42,"
	    "\"grant\":true,\"no\":false,\"target\":[\"a=1\",\"b\"],\"none\":[]}}");
	cs_writer_call(&w, buf, sizeof(buf), "a.Events", true);
	assert_frame(&w, "{\"method\":\"a.Events\",\"more\":true,\"parameters\":{}}");
	cs_writer_reply(&w, buf, sizeof(buf), false);
	assert_frame(&w, "{\"parameters\":{}}");
	cs_writer_reply(&w, buf, sizeof(buf), true);
	cs_put_string(&w, "empty", cs_str(NULL));
	assert_frame(&w, "{\"parameters\":{\"empty\":\"\"},\"continues\":true}");
	cs_writer_error(&w, buf, sizeof(buf), "io.countersign.staff.Throttled");
	cs_put_int(&w, "wait", 30);
	assert_frame(&w, "{\"error\":\"io.countersign.staff.Throttled\","
	    "\"parameters\":{\"wait\":30}}");
}

static void the_ends_of_the_integers_are_written(void **state)
{
	struct cs_writer w;

	(void)state;
	cs_writer_reply(&w, buf, sizeof(buf), false);
	cs_put_int(&w, "a", INT64_MIN);
	cs_put_int(&w, "b", INT64_MAX);
	cs_put_int(&w, "c", 0);
	assert_frame(&w, "{\"parameters\":{\"a\":-9223372036854775808,"
	    "\"b\":9223372036854775807,\"c\":0}}");
}

static void text_is_escaped_where_it_must_be(void **state)
{
	struct cs_writer w;

	(void)state;
	cs_writer_reply(&w, buf, sizeof(buf), false);
	cs_put_string(&w, "q\"", CS_STR("\"\\/\b\f\n\r\t\x01\x1f\x7f \xc3\xa9"));
	assert_frame(&w, "{\"parameters\":{\"q\\\"\":\"\\\"\\\\/\\b\\f\\n\\r\\t"
	    "\\u0001\\u001f\x7f \xc3\xa9\"}}");
}

static void text_that_json_cannot_hold_fails_the_message(void **state)
{
	static const struct cs_str bad[] = {
		{ "a\0b", 3 }, { "\xff", 1 }, { "\xed\xa0\x80", 3 }, { "\xc3", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct cs_writer w;
		size_t len = 7;

		cs_writer_reply(&w, buf, sizeof(buf), false);
		cs_put_string(&w, "a", bad[i]);
		cs_put_string(&w, "b", CS_STR("fine"));
		assert_int_equal(cs_writer_end(&w, &len), CS_ERR_FORMAT);
		assert_int_equal(len, 7);
	}
}

static void a_writer_without_room_fails_and_stays_inside(void **state)
{
	struct cs_writer w;
	size_t len;

	(void)state;
	for (size_t cap = 0; cap < 60; cap++) {
		char *exact = malloc(cap > 0 ? cap : 1);
		enum cs_err e;

		assert_non_null(exact);
		cs_writer_reply(&w, exact, cap, true);
		cs_put_string(&w, "a\n", CS_STR("b"));
		cs_put_int(&w, "n", 12);
		e = cs_writer_end(&w, &len);
		assert_int_equal(e, cap < 51 ? CS_ERR_LIMIT : CS_OK);
		free(exact);
	}
	assert_int_equal(len, 51);
}

static void the_longest_message_is_what_a_reader_takes(void **state)
{
	static char long_text[CS_FRAME_MAX];
	size_t room = CS_FRAME_MAX - strlen("{\"parameters\":{\"a\":\"\"}}"), len;
	struct cs_writer w;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	cs_writer_reply(&w, buf, sizeof(buf), false);
	cs_put_string(&w, "a", (struct cs_str){ long_text, room });
	assert_int_equal(cs_writer_end(&w, &len), CS_OK);
	assert_int_equal(len, CS_FRAME_MAX + 1);
	assert_int_equal(cs_msg_decode(buf, len - 1, &msg), CS_OK);
	cs_writer_reply(&w, buf, sizeof(buf), false);
	cs_put_string(&w, "a", (struct cs_str){ long_text, room + 1 });
	assert_int_equal(cs_writer_end(&w, &len), CS_ERR_LIMIT);
}

static void every_row_of_this_file_agrees_with_jansson(void **state)
{
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++)
		if (judge(malformed[i], strlen(malformed[i]), &why) == DISAGREE)
			fail_msg("%s: %s", why, malformed[i]);
	for (size_t i = 0; i < COUNT(integers); i++) {
		char text[128];

		snprintf(text, sizeof(text), "{\"parameters\":{\"n\":%s}}", integers[i].value);
		if (judge(text, strlen(text), &why) == DISAGREE)
			fail_msg("%s: %s", why, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_decoded),
		cmocka_unit_test(a_typed_error_is_decoded),
		cmocka_unit_test(the_flags_of_a_message_are_told_apart),
		cmocka_unit_test(nothing_of_the_message_before_is_left),
		cmocka_unit_test(a_null_counts_as_absent),
		cmocka_unit_test(a_look_up_tells_absent_from_another_type),
		cmocka_unit_test(unknown_scalars_beside_the_parameters_are_dropped),
		cmocka_unit_test(escapes_are_undone_in_place),
		cmocka_unit_test(a_special_byte_is_seen_at_every_place_of_every_length),
		cmocka_unit_test(only_printable_ascii_is_marked_as_plain),
		cmocka_unit_test(names_of_one_hash_are_told_apart_and_repeated_ones_refused),
		cmocka_unit_test(an_integer_is_exact_or_refused),
		cmocka_unit_test(what_is_malformed_is_refused),
		cmocka_unit_test(broken_utf8_is_refused),
		cmocka_unit_test(every_cut_message_is_refused_and_nothing_past_it_is_read),
		cmocka_unit_test(more_than_fits_is_over_the_limit),
		cmocka_unit_test(strings_are_counted_over_all_arrays),
		cmocka_unit_test(a_frame_past_16_kib_is_over_the_limit),
		cmocka_unit_test(messages_are_written_in_one_spelling),
		cmocka_unit_test(the_ends_of_the_integers_are_written),
		cmocka_unit_test(text_is_escaped_where_it_must_be),
		cmocka_unit_test(text_that_json_cannot_hold_fails_the_message),
		cmocka_unit_test(a_writer_without_room_fails_and_stays_inside),
		cmocka_unit_test(the_longest_message_is_what_a_reader_takes),
		cmocka_unit_test(every_row_of_this_file_agrees_with_jansson),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

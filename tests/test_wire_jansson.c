/* SPDX-License-Identifier: ISC
 *
 * Many thousand messages from a fixed seed, most of them nearly right, which
 * the codec and jansson must judge alike.
 */
#include "wire_jansson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint64_t seed;

static unsigned draw(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 32) % below);
}

struct text {
	char p[CS_FRAME_MAX];
	size_t len;
};

static void add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	assert_true(t->len + n < sizeof(t->p));
	memcpy(t->p + t->len, s, n);
	t->len += n;
}

#define ADD_ONE_OF(t, list) add(t, (list)[draw(COUNT(list))])

static void add_space(struct text *t)
{
	static const char *const spaces[] = { " ", "\t", "\n", "\r", "  \n" };

	if (draw(8) == 0)
		ADD_ONE_OF(t, spaces);
}

static void add_quoted(struct text *t)
{
	static const char *const pieces[] = {
		"acme", "mx1.acme.example=203.0.113.9", " ", "0", "\\n", "\\\"", "\\\\", "\\/",
		"\\u0041", "\\u00e9", "\\u20AC", "\\ud83d\\ude00", "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80", "\x7f", "{", "]", ",", ":", "a long run of plain text",
	};
	static const char *const odd[] = {
		"\\u0000", "\\ud83d", "\\ude00", "\xff", "\xc3", "\n", "\\x", "\xed\xa0\x80",
		"\xc0\x80",
	};

	add(t, "\"");
	for (unsigned n = draw(5); n > 0; n--)
		ADD_ONE_OF(t, pieces);
	if (draw(200) == 0)
		ADD_ONE_OF(t, odd);
	add(t, "\"");
}

static void add_array(struct text *t)
{
	unsigned n = draw(400) == 0 ? 100 : draw(4);

	add(t, "[");
	for (unsigned i = 0; i < n; i++) {
		add(t, i > 0 ? "," : "");
		add_space(t);
		add_quoted(t);
		if (t->len > sizeof(t->p) / 2)
			break;
	}
	add_space(t);
	add(t, "]");
}

static void add_value(struct text *t, bool arrays)
{
	static const char *const plain[] = {
		"true", "false", "null", "0", "-0", "7", "-1", "9223372036854775807",
		"-9223372036854775808",
	};
	static const char *const odd[] = {
		"1.5", "1e3", "9223372036854775808", "01", "-", "{}", "[]", "[1]", "[[]]",
		"{\"a\":{}}", "tru", "",
		"[null]", "[\"a\",{}]",
	};

	add_space(t);
	if (draw(60) == 0)
		ADD_ONE_OF(t, odd);
	else if (draw(3) == 0)
		ADD_ONE_OF(t, plain);
	else if (arrays && draw(3) == 0)
		add_array(t);
	else
		add_quoted(t);
	add_space(t);
}

/* Names are numbered, so that few clash, except some that are meant to. */
static void add_name(struct text *t, unsigned i)
{
	static const char *const clashing[] = {
		"\"a\"", "\"\\u0061\"", "\"\"", "\"\xc3\xa9\"", "\"\\u00e9\"",
	};
	char name[32];

	add_space(t);
	if (draw(16) == 0) {
		ADD_ONE_OF(t, clashing);
	} else {
		snprintf(name, sizeof(name), draw(4) == 0 ? "\"f\\u003%u\"" : "\"f%u\"", i % 10);
		if (i >= 10)
			snprintf(name, sizeof(name), "\"name%u\"", i);
		add(t, name);
	}
	add_space(t);
	add(t, ":");
}

static void add_parameters(struct text *t)
{
	unsigned n = draw(100) == 0 ? 30 + draw(5) : draw(7);

	add(t, "\"parameters\":{");
	for (unsigned i = 0; i < n && t->len < sizeof(t->p) / 2; i++) {
		add(t, i > 0 ? "," : "");
		add_name(t, i);
		add_value(t, true);
	}
	add(t, "}");
}

static void add_member(struct text *t, unsigned i)
{
	static const char *const flags[] = {
		"\"more\":true", "\"continues\":true", "\"oneway\":false", "\"upgrade\":true",
		"\"more\":null",
		"\"more\":1", "\"method\":null", "\"error\":7",
	};

	switch (draw(6)) {
	case 0:
		add(t, "\"method\":");
		add_quoted(t);
		break;
	case 1:
		add(t, "\"error\":");
		add_quoted(t);
		break;
	case 2:
		ADD_ONE_OF(t, flags);
		break;
	case 3:
		add_name(t, i);
		add_value(t, false);
		break;
	default:
		add_parameters(t);
		break;
	}
}

static void add_number(struct text *t, unsigned i)
{
	add_name(t, i);
	add(t, "1");
}

static void generate(struct text *t)
{
	unsigned n = draw(100) == 0 ? 15 + draw(4) : draw(4);

	t->len = 0;
	add_space(t);
	add(t, "{");
	for (unsigned i = 0; i < n && t->len < sizeof(t->p) / 2; i++) {
		add(t, i > 0 ? "," : "");
		if (n > 4)
			add_number(t, i);
		else
			add_member(t, i);
	}
	add(t, "}");
	add_space(t);
}

static void mutate(struct text *t)
{
	static const char bytes[] = "{}[]\",:\\u0019-+.eEtfn \t\n\xc3\xa9\xed\xa0\x80\xff/";
	size_t at = draw((unsigned)t->len), n = draw(6);

	switch (draw(5)) {
	case 0:
		t->p[at] = (char)draw(256);
		break;
	case 1:
		t->p[at] = bytes[draw(sizeof(bytes) - 1)];
		break;
	case 2:		/* take some out */
		n = n < t->len - at ? n : t->len - at;
		memmove(t->p + at, t->p + at + n, t->len - at - n);
		t->len -= n;
		break;
	case 3:		/* put one in */
		memmove(t->p + at + 1, t->p + at, t->len - at);
		t->p[at] = bytes[draw(sizeof(bytes) - 1)];
		t->len++;
		break;
	case 4:
		t->len = at;
		break;
	}
}

static void the_codec_agrees_with_jansson(void **state)
{
	static struct text t;
	unsigned seen[DISAGREE] = { 0 };

	(void)state;
	seed = 0x9e3779b97f4a7c15;
	for (unsigned i = 0; i < 60000; i++) {
		const char *why;
		enum judgement j;

		generate(&t);
		for (unsigned n = draw(3); n > 0 && t.len > 0; n--)
			mutate(&t);
		j = judge(t.p, t.len, &why);
		if (j == DISAGREE)
			fail_msg("message %u: %s: %.*s", i, why, (int)t.len, t.p);
		seen[j]++;
	}
	/* It compares nothing if the generator leans to one side. */
	assert_true(seen[BOTH_TAKE] > 10000);
	assert_true(seen[BOTH_REFUSE] > 10000);
	assert_true(seen[RESTRICTED] > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_codec_agrees_with_jansson),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

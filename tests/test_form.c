/* SPDX-License-Identifier: ISC
 *
 * What browsers send, read: fields, cookies, tokens; and what pages write.
 */
#include "../panel/form.h"

#include "../panel/cookie.h"
#include "../panel/csrf.h"
#include "../panel/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void fields_are_decoded(void **state)
{
	struct fields f;

	(void)state;
	assert_int_equal(form_parse(&f, "a=1+2&b=%C3%A4%0d%0a&a=x&c&=d", 29), CS_OK);
	assert_int_equal(f.n, 5);
	assert_true(cs_str_is(form_find(&f, "a"), "1 2"));
	assert_true(cs_str_is(form_find(&f, "b"), "\xc3\xa4\n"));
	assert_true(cs_str_is(form_find(&f, "c"), ""));
	assert_null(form_find(&f, "d").p);
	form_clear(&f);
	assert_int_equal(form_parse(&f, "&a=1&&b=2&", 10), CS_OK);
	assert_int_equal(f.n, 2);
	assert_true(cs_str_is(form_find(&f, "b"), "2"));
	form_clear(&f);
	assert_int_equal(form_parse(&f, "", 0), CS_OK);
	assert_int_equal(f.n, 0);
	form_clear(&f);
}

static void what_is_no_text_is_refused(void **state)
{
	static const char *const wrong[] = { "a=%00", "%00=a", "a=%1", "a=%", "a=%g0", "a=%ff",
		"a=%7F", "a=%08", "a%0a=b", "a=%ed%a0%80", "a=\x01" };
	struct fields f;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (form_parse(&f, wrong[i], strlen(wrong[i])) != CS_ERR_FORMAT)
			fail_msg("%s was taken", wrong[i]);
	assert_int_equal(form_parse(&f, "a=b\0c=d", 7), CS_ERR_FORMAT);
}

static void too_many_fields_are_refused(void **state)
{
	char text[2 * (FIELDS_MAX + 1) + 1] = "";
	struct fields f;

	(void)state;
	for (int i = 0; i < FIELDS_MAX; i++)
		strcat(text, "a&");
	assert_int_equal(form_parse(&f, text, strlen(text)), CS_OK);
	form_clear(&f);
	strcat(text, "a");
	assert_int_equal(form_parse(&f, text, strlen(text)), CS_ERR_LIMIT);
}

static void a_cookie_is_what_was_drawn_or_nothing(void **state)
{
	static const char *const wrong[] = { "", "countersign=", "countersign=x",
		"countersign=" TOKEN "0", "Countersign=" TOKEN, "xcountersign=" TOKEN,
		"countersign=" TOKEN "; countersign=" TOKEN, "__Host-countersign=" TOKEN,
		"countersign=\"" TOKEN "\"", "countersign =" TOKEN };
	char out[COOKIE_VALUE + 1];

	(void)state;
	assert_true(cookie_read("a=b; countersign=" TOKEN "; c=d", COOKIE_SESSION, false, out));
	assert_string_equal(out, TOKEN);
	assert_true(cookie_read("__Host-countersign=" TOKEN, COOKIE_SESSION, true, out));
	assert_false(cookie_read("countersign=" TOKEN, COOKIE_SESSION, true, out));
	assert_false(cookie_read(NULL, COOKIE_SESSION, false, out));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (cookie_read(wrong[i], COOKIE_SESSION, false, out))
			fail_msg("%s was taken", wrong[i]);
}

static void cookies_are_kept_from_scripts_and_other_sites(void **state)
{
	char text[COOKIE_HEADER];

	(void)state;
	cookie_write(text, COOKIE_SESSION, true, CS_STR(TOKEN));
	assert_string_equal(text, "__Host-countersign=" TOKEN
	    "; Path=/; HttpOnly; SameSite=Lax; Secure");
	cookie_write(text, COOKIE_SESSION, true, CS_STR(""));
	assert_non_null(strstr(text, "__Host-countersign=; "));
	assert_non_null(strstr(text, "Max-Age=0"));
	cookie_write(text, COOKIE_DEVICE, false, CS_STR(TOKEN));
	assert_non_null(strstr(text, "Max-Age=31536000"));
}

static void a_token_fits_its_own_cookie_only(void **state)
{
	struct csrf csrf, other;
	char token[CSRF_TEXT];

	(void)state;
	assert_int_equal(csrf_init(&csrf), CS_OK);
	assert_int_equal(csrf_init(&other), CS_OK);
	csrf_token(&csrf, TOKEN, token);
	assert_true(csrf_fits(&csrf, TOKEN, cs_str(token)));
	assert_false(csrf_fits(&csrf, "1" TOKEN, cs_str(token)));
	assert_false(csrf_fits(&other, TOKEN, cs_str(token)));
	assert_false(csrf_fits(&csrf, TOKEN, CS_STR("")));
	csrf_token(&csrf, "", token);
	assert_false(csrf_fits(&csrf, "", cs_str(token)));
}

static void a_form_comes_from_our_own_origin(void **state)
{
	static const char ours[] = "https://panel.example";

	(void)state;
	assert_true(csrf_origin_fits(ours, ours, "same-origin"));
	assert_true(csrf_origin_fits(ours, ours, NULL));
	assert_true(csrf_origin_fits(ours, NULL, NULL));
	assert_false(csrf_origin_fits(ours, "null", NULL));
	assert_false(csrf_origin_fits(ours, "https://panel.example.evil.example", NULL));
	assert_false(csrf_origin_fits(ours, "http://panel.example", NULL));
	assert_false(csrf_origin_fits(ours, "", NULL));
	assert_false(csrf_origin_fits(ours, ours, "cross-site"));
	assert_false(csrf_origin_fits(ours, ours, "same-site"));
	assert_false(csrf_origin_fits(ours, ours, "none"));
}

static void written(struct html *h, const char *wanted)
{
	const char *p;
	size_t len;

	assert_true(html_view(h, &p, &len));
	assert_int_equal(len, strlen(wanted));
	assert_memory_equal(p, wanted, len);
	html_free(h);
}

static void text_is_written_as_text(void **state)
{
	struct html *h = html_new();

	(void)state;
	html_raw(h, "<p");
	html_attr(h, "title", CS_STR("\"><script>&'"));
	html_raw(h, ">");
	html_text(h, CS_STR("a<b>\"c\"&'d'\n\x01\x7f"));
	html_url(h, CS_STR("a/b?\"<>&c%.."));
	html_int(h, -42);
	written(h,
	    "<p title=\"&quot;&gt;&lt;script&gt;&amp;&#39;\">a&lt;b&gt;&quot;c&quot;&amp;&#39;d"
	    "&#39;\n\xef\xbf\xbd\xef\xbf\xbd"
	    "a%2Fb%3F%22%3C%3E%26c%25..-42");
}

static void a_page_has_an_end(void **state)
{
	struct html *h = html_new();
	static char much[HTML_MAX / 4];
	const char *p;
	size_t len;

	(void)state;
	for (int i = 0; i < 4; i++)
		html_bytes(h, much, sizeof(much));
	assert_true(html_view(h, &p, &len));
	html_raw(h, "x");
	assert_false(html_view(h, &p, &len));
	html_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_decoded),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(too_many_fields_are_refused),
		cmocka_unit_test(a_cookie_is_what_was_drawn_or_nothing),
		cmocka_unit_test(cookies_are_kept_from_scripts_and_other_sites),
		cmocka_unit_test(a_token_fits_its_own_cookie_only),
		cmocka_unit_test(a_form_comes_from_our_own_origin),
		cmocka_unit_test(text_is_written_as_text),
		cmocka_unit_test(a_page_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

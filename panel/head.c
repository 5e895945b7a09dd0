/* SPDX-License-Identifier: ISC
 *
 * Line by line; the first thing wrong decides.
 */
#include "head.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	bool many;		/* may come more than once: the last one counts */
} headers[HEADERS] = {
	[HEADER_HOST] = { "Host", false },
	[HEADER_CONTENT_LENGTH] = { "Content-Length", false },
	[HEADER_CONTENT_TYPE] = { "Content-Type", false },
	[HEADER_TRANSFER_ENCODING] = { "Transfer-Encoding", false },
	[HEADER_EXPECT] = { "Expect", false },
	[HEADER_UPGRADE] = { "Upgrade", false },
	[HEADER_COOKIE] = { "Cookie", false },
	[HEADER_ORIGIN] = { "Origin", false },
	[HEADER_FETCH_SITE] = { "Sec-Fetch-Site", false },
	[HEADER_FORWARDED] = { "X-Forwarded-For", true },
};

static bool is_token(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool all_token(struct cs_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_token(s.p[i]))
			return false;
	return s.len > 0;
}

static bool equals(struct cs_str s, const char *text)
{
	return s.len == strlen(text) && strncasecmp(s.p, text, s.len) == 0;
}

static int judge_method(struct cs_str method)
{
	static const char *const others[] = { "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE",
	    "CONNECT" };

	if (cs_str_is(method, "GET") || cs_str_is(method, "HEAD") || cs_str_is(method, "POST"))
		return 0;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (cs_str_is(method, others[i]))
			return 405;
	return all_token(method) ? 501 : 400;
}

/* "/path?query" of visible ASCII; no escape of a control character.  "//" begins
 * a host, and what evhttp cannot parse as one it never answers. */
static bool target_fine(struct cs_str t)
{
	if (t.len == 0 || t.len > TARGET_MAX || t.p[0] != '/' || (t.len > 1 && t.p[1] == '/'))
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (t.p[i] <= ' ' || t.p[i] >= 0x7f || strchr("#\\\"<>^`{|}", t.p[i]) != NULL)
			return false;
		if (t.p[i] != '%')
			continue;
		if (t.len - i < 3 || strchr("01", t.p[i + 1]) != NULL ||
		    strncasecmp(t.p + i + 1, "7f", 2) == 0)
			return false;
	}
	return true;
}

static int parse_first(struct cs_str line, struct head *h)
{
	const char *blank = memchr(line.p, ' ', line.len);
	struct cs_str rest;

	if (blank == NULL)
		return 400;
	h->method = (struct cs_str){ line.p, (size_t)(blank - line.p) };
	rest = (struct cs_str){ blank + 1, line.len - h->method.len - 1 };
	blank = memchr(rest.p, ' ', rest.len);
	if (blank == NULL)
		return 400;
	h->target = (struct cs_str){ rest.p, (size_t)(blank - rest.p) };
	rest = (struct cs_str){ blank + 1, rest.len - h->target.len - 1 };
	if (!cs_str_is(rest, "HTTP/1.1") && !cs_str_is(rest, "HTTP/1.0"))
		return 400;
	if (judge_method(h->method) != 0)
		return judge_method(h->method);
	return target_fine(h->target) ? 0 : 400;
}

static struct cs_str trim(struct cs_str s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool value_fine(struct cs_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

static int parse_line(struct cs_str line, struct head *h)
{
	const char *colon = memchr(line.p, ':', line.len);
	struct cs_str name, value;

	if (colon == NULL)
		return 400;
	name = (struct cs_str){ line.p, (size_t)(colon - line.p) };
	value = trim((struct cs_str){ colon + 1, line.len - name.len - 1 });
	if (!all_token(name) || !value_fine(value))
		return 400;
	for (size_t i = 0; i < HEADERS; i++) {
		if (!equals(name, headers[i].name))
			continue;
		if (h->values[i].p != NULL && !headers[i].many)
			return 400;
		h->values[i] = value;
	}
	return 0;
}

static bool parse_length(struct cs_str s, size_t *out)
{
	size_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (n <= BODY_MAX)	/* beyond, it is too large anyhow */
			n = n * 10 + (size_t)(s.p[i] - '0');
	}
	*out = n;
	return true;
}

static bool type_fine(struct cs_str s)
{
	static const char form[] = "application/x-www-form-urlencoded";
	size_t len = sizeof(form) - 1;

	if (s.p == NULL || s.len < len || strncasecmp(s.p, form, len) != 0)
		return false;
	s = trim((struct cs_str){ s.p + len, s.len - len });
	if (s.len == 0)
		return true;
	return s.p[0] == ';' &&
	    equals(trim((struct cs_str){ s.p + 1, s.len - 1 }), "charset=utf-8");
}

static int judge_body(struct head *h)
{
	const struct cs_str *length = &h->values[HEADER_CONTENT_LENGTH];
	bool post = cs_str_is(h->method, "POST");

	if (h->values[HEADER_TRANSFER_ENCODING].p != NULL)
		return length->p != NULL ? 400 : 501;
	if (h->values[HEADER_EXPECT].p != NULL)
		return 417;
	if (length->p != NULL && !parse_length(*length, &h->body))
		return 400;
	if (h->body > BODY_MAX)
		return 413;
	if (!post)
		return h->body > 0 ? 400 : 0;
	if (length->p == NULL)
		return 411;
	return type_fine(h->values[HEADER_CONTENT_TYPE]) ? 0 : 415;
}

int head_parse(const char *p, size_t len, const char *host, struct head *h)
{
	const char *end = p + len;
	int status = 0;

	*h = (struct head){ 0 };
	for (size_t n = 0; status == 0; n++) {
		const char *stop = memmem(p, (size_t)(end - p), "\r\n", 2);
		struct cs_str line = { p, stop != NULL ? (size_t)(stop - p) : 0 };

		if (stop == NULL || n > HEAD_LINES)
			return 400;
		if (line.len == 0)
			break;
		status = n == 0 ? parse_first(line, h) : parse_line(line, h);
		p = stop + 2;
	}
	if (status == 0)
		status = judge_body(h);
	if (status == 0 && (h->values[HEADER_HOST].p == NULL ||
	    !equals(h->values[HEADER_HOST], host)))
		status = 400;
	return status;
}

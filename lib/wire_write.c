/* SPDX-License-Identifier: ISC
 *
 * The writing half of the codec: one message into memory of the caller, in the
 * one spelling that every process uses.  It never allocates, and never writes
 * what wire.c would refuse to read.
 */
#include "wire.h"

#include "scan.h"

#include <string.h>

/* Where the next n bytes go; NULL after a failure. */
static inline char *reserve(struct cs_writer *w, size_t n)
{
	if (w->err == CS_OK && n > w->cap - w->len)
		w->err = CS_ERR_LIMIT;
	if (w->err != CS_OK)
		return NULL;
	w->len += n;
	return w->buf + w->len - n;
}

static inline void append(struct cs_writer *w, const char *p, size_t n)
{
	char *to = reserve(w, n);

	if (to != NULL)
		memcpy(to, p, n);
}

static void append_literal(struct cs_writer *w, struct cs_str s)
{
	append(w, s.p, s.len);
}

/* What JSON text cannot hold as it is. */
static void append_escaped(struct cs_writer *w, unsigned char c)
{
	static const char letters[0x60] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
		['"'] = '"', ['\\'] = '\\',
	};
	static const char hex[] = "0123456789abcdef";

	if (c == 0 || c >= 0x80)
		w->err = CS_ERR_FORMAT;
	else if (letters[c] != 0)
		append(w, (char[]){ '\\', letters[c] }, 2);
	else
		append(w, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
}

static inline bool is_plain(struct cs_str s)
{
	return s.len == 0 || cs_skip_ascii(s.p, s.p + s.len) == s.p + s.len;
}

static inline char *put_plain(char *to, struct cs_str s)
{
	*to++ = '"';
	memcpy(to, s.len > 0 ? s.p : "", s.len);
	to += s.len;
	*to++ = '"';
	return to;
}

/* Kept out of its callers, who seldom need it. */
__attribute__((noinline)) static void append_escaped_string(struct cs_writer *w, struct cs_str s)
{
	const char *p = s.p, *end = p + s.len;

	append(w, "\"", 1);
	while (w->err == CS_OK) {
		const char *run = p;

		p = cs_text_plain(run, end);
		append(w, run, (size_t)(p - run));
		if (p == end)
			break;
		append_escaped(w, (unsigned char)*p++);
	}
	append(w, "\"", 1);
}

static void append_string(struct cs_writer *w, struct cs_str s)
{
	bool plain = is_plain(s);
	char *to = plain ? reserve(w, s.len + 2) : NULL;

	if (!plain)
		append_escaped_string(w, s);
	else if (to != NULL)
		put_plain(to, s);
}

/* A name, and room for the n bytes of its value: where they go, or NULL after a
 * failure. */
static inline char *begin_member(struct cs_writer *w, struct cs_str name, size_t n)
{
	bool comma = !w->first;
	char *to;

	w->first = false;
	if (!is_plain(name)) {
		append_literal(w, comma ? CS_STR(",") : CS_STR(""));
		append_escaped_string(w, name);
		append_literal(w, CS_STR(":"));
		return reserve(w, n);
	}
	to = reserve(w, comma + name.len + 3 + n);
	if (to == NULL)
		return NULL;
	if (comma)
		*to++ = ',';
	to = put_plain(to, name);
	*to++ = ':';
	return to;
}

/* A name and its value, which is a string or, as it is, anything else. */
static void put_member(struct cs_writer *w, const char *name, struct cs_str value, bool string)
{
	bool plain = !string || is_plain(value);
	size_t room = !plain ? 0 : value.len + (string ? 2 : 0);
	char *to = begin_member(w, cs_str(name), room);

	if (!plain)
		append_escaped_string(w, value);
	else if (to != NULL && string)
		put_plain(to, value);
	else if (to != NULL)
		memcpy(to, value.p, value.len);
}

/* Never more than a reader takes, however much room there is. */
static void begin(struct cs_writer *w, char *buf, size_t cap, struct cs_str first)
{
	*w = (struct cs_writer){
		.buf = buf, .cap = cap < CS_FRAME_MAX + 1 ? cap : CS_FRAME_MAX + 1, .first = true,
	};
	append_literal(w, first);
}

void cs_writer_call(struct cs_writer *w, char *buf, size_t cap, const char *method, bool more)
{
	begin(w, buf, cap, CS_STR("{\"method\":"));
	append_string(w, cs_str(method));
	append_literal(w, more ? CS_STR(",\"more\":true") : CS_STR(""));
	append_literal(w, CS_STR(",\"parameters\":{"));
}

void cs_writer_reply(struct cs_writer *w, char *buf, size_t cap, bool continues)
{
	begin(w, buf, cap, CS_STR("{\"parameters\":{"));
	w->continues = continues;
}

void cs_writer_error(struct cs_writer *w, char *buf, size_t cap, const char *error)
{
	begin(w, buf, cap, CS_STR("{\"error\":"));
	append_string(w, cs_str(error));
	append_literal(w, CS_STR(",\"parameters\":{"));
}

void cs_put_string(struct cs_writer *w, const char *name, struct cs_str s)
{
	put_member(w, name, s, true);
}

void cs_put_int(struct cs_writer *w, const char *name, int64_t value)
{
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		digits[--at] = '-';
	put_member(w, name, (struct cs_str){ digits + at, sizeof(digits) - at }, false);
}

void cs_put_bool(struct cs_writer *w, const char *name, bool value)
{
	put_member(w, name, value ? CS_STR("true") : CS_STR("false"), false);
}

void cs_put_strings(struct cs_writer *w, const char *name, const struct cs_str *at, size_t n)
{
	put_member(w, name, CS_STR("["), false);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			append(w, ",", 1);
		append_string(w, at[i]);
	}
	append(w, "]", 1);
}

enum cs_err cs_writer_end(struct cs_writer *w, size_t *len)
{
	if (w->continues)
		append_literal(w, CS_STR("},\"continues\":true}"));
	else
		append_literal(w, CS_STR("}}"));
	append(w, "", 1);
	if (w->err == CS_OK)
		*len = w->len;
	return w->err;
}

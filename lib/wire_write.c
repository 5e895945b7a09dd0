/* SPDX-License-Identifier: ISC
 *
 * The writing half of the codec: one message into memory of the caller, in the
 * one spelling that every process uses.  It never allocates, and never writes
 * what wire.c would refuse to read.
 */
#include "wire.h"

#include <string.h>

static void append(struct cs_writer *w, const char *p, size_t n)
{
	if (w->err != CS_OK)
		return;
	if (n > w->cap - w->len) {
		w->err = CS_ERR_LIMIT;
		return;
	}
	memcpy(w->buf + w->len, p, n);
	w->len += n;
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

static void append_string(struct cs_writer *w, struct cs_str s)
{
	const char *p = s.len > 0 ? s.p : "", *end = p + s.len;

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

static void append_name(struct cs_writer *w, const char *name)
{
	if (!w->first)
		append(w, ",", 1);
	w->first = false;
	append_string(w, cs_str(name));
	append(w, ":", 1);
}

/* Never more than a reader takes, however much room there is. */
static void begin(struct cs_writer *w, char *buf, size_t cap)
{
	*w = (struct cs_writer){
		.buf = buf, .cap = cap < CS_FRAME_MAX + 1 ? cap : CS_FRAME_MAX + 1, .first = true,
	};
	append(w, "{", 1);
}

static void begin_parameters(struct cs_writer *w)
{
	append_name(w, "parameters");
	append(w, "{", 1);
	w->first = true;
}

void cs_writer_call(struct cs_writer *w, char *buf, size_t cap, const char *method, bool more)
{
	begin(w, buf, cap);
	append_name(w, "method");
	append_string(w, cs_str(method));
	if (more)
		append_literal(w, CS_STR(",\"more\":true"));
	begin_parameters(w);
}

void cs_writer_reply(struct cs_writer *w, char *buf, size_t cap, bool continues)
{
	begin(w, buf, cap);
	w->continues = continues;
	begin_parameters(w);
}

void cs_writer_error(struct cs_writer *w, char *buf, size_t cap, const char *error)
{
	begin(w, buf, cap);
	append_name(w, "error");
	append_string(w, cs_str(error));
	begin_parameters(w);
}

void cs_put_string(struct cs_writer *w, const char *name, struct cs_str s)
{
	append_name(w, name);
	append_string(w, s);
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
	append_name(w, name);
	append(w, digits + at, sizeof(digits) - at);
}

void cs_put_bool(struct cs_writer *w, const char *name, bool value)
{
	append_name(w, name);
	append_literal(w, value ? CS_STR("true") : CS_STR("false"));
}

void cs_put_strings(struct cs_writer *w, const char *name, const struct cs_str *at, size_t n)
{
	append_name(w, name);
	append(w, "[", 1);
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

/* SPDX-License-Identifier: ISC
 *
 * One pass over a frame, in place: the reader moves forward only, looks at
 * each byte once, and writes unescaped text over what it has read, which is
 * never shorter.  It distrusts every byte and reads none past the end it was
 * given.  It never allocates, recurses or does I/O.
 */
#include "wire.h"

#include <endian.h>
#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* ---- text -------------------------------------------------------------- */

struct cs_str cs_str(const char *nul_terminated)
{
	if (nul_terminated == NULL)
		return CS_STR("");
	return (struct cs_str){ nul_terminated, strlen(nul_terminated) };
}

static bool same(struct cs_str a, struct cs_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool cs_str_is(struct cs_str s, const char *nul_terminated)
{
	return same(s, cs_str(nul_terminated));
}

/* Marks the bytes of a little-endian word that JSON text cannot hold as they
 * are or that are not ASCII.  A borrow makes marks above the lowest one
 * doubtful; the lowest is exact. */
static uint64_t mark_odd(uint64_t w)
{
	uint64_t quote = w ^ EACH('"'), backslash = w ^ EACH('\\');

	return (w | (w - EACH(0x20)) | (quote - EACH(1)) | (backslash - EACH(1))) & EACH(0x80);
}

static bool is_odd(unsigned char c)
{
	return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

static const char *skip_ascii(const char *p, const char *end)
{
	while (end - p >= 8) {
		uint64_t w, odd;

		memcpy(&w, p, sizeof(w));
		odd = mark_odd(le64toh(w));
		if (odd != 0)
			return p + __builtin_ctzll(odd) / 8;
		p += 8;
	}
	while (p < end && !is_odd((unsigned char)*p))
		p++;
	return p;
}

/* Bytes of the character of two or more at p, 0 if it is none.  The rows are
 * those of RFC 3629, section 4: they leave out overlong forms, surrogates and
 * what lies beyond U+10FFFF. */
static size_t measure(const char *p, const char *end)
{
	static const struct {
		unsigned char first, last, from, to, n;	/* lead byte, second byte, length */
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const unsigned char *u = (const unsigned char *)p;
	size_t row = 0;

	while (row < sizeof(forms) / sizeof(forms[0]) && u[0] > forms[row].last)
		row++;
	if (row == sizeof(forms) / sizeof(forms[0]) || u[0] < forms[row].first)
		return 0;
	if (end - p < forms[row].n || u[1] < forms[row].from || u[1] > forms[row].to)
		return 0;
	for (size_t i = 2; i < forms[row].n; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	return forms[row].n;
}

const char *cs_text_plain(const char *p, const char *end)
{
	for (;;) {
		size_t n;

		p = skip_ascii(p, end);
		if (p == end || (unsigned char)*p < 0x80)
			return p;
		n = measure(p, end);
		if (n == 0)
			return p;
		p += n;
	}
}

bool cs_utf8_valid(const char *p, size_t len)
{
	const char *end;

	if (len == 0)
		return true;
	for (end = p + len;; p++) {
		p = cs_text_plain(p, end);
		if (p == end)
			return true;
		if (*p == '\0' || (unsigned char)*p >= 0x80)
			return false;
	}
}

/* ---- decoding ---------------------------------------------------------- */

struct reader {
	char *at, *end;
};

static void skip_space(struct reader *r)
{
	while (r->at < r->end &&
	    (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
		r->at++;
}

static bool take(struct reader *r, char c)
{
	if (r->at < r->end && *r->at <= ' ')
		skip_space(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool take_word(struct reader *r, struct cs_str word)
{
	if ((size_t)(r->end - r->at) < word.len || memcmp(r->at, word.p, word.len) != 0)
		return false;
	r->at += word.len;
	return true;
}

/* The four digits of \uXXXX, or -1. */
static long read_unit(struct reader *r)
{
	long unit = 0;

	if (r->end - r->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = *r->at++;

		if (c >= '0' && c <= '9')
			unit = unit << 4 | (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			unit = unit << 4 | ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return unit;
}

static char *put_character(char *to, long c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*to++ = (char)(0xe0 | c >> 12);
		} else {
			*to++ = (char)(0xf0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* \uXXXX, of which "\u" was taken: a pair of surrogates is one character, half
 * a pair is none, and U+0000 would end other people's strings. */
static char *unescape_unit(struct reader *r, char *to)
{
	long c = read_unit(r), low;

	if (c <= 0 || (c >= 0xdc00 && c <= 0xdfff))
		return NULL;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (!take_word(r, CS_STR("\\u")))
			return NULL;
		low = read_unit(r);
		if (low < 0xdc00 || low > 0xdfff)
			return NULL;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	return put_character(to, c);
}

/* One escape, of which the backslash was taken.  Returns where to write on,
 * NULL when there is no such escape. */
static char *unescape(struct reader *r, char *to)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter;

	if (r->at == r->end)
		return NULL;
	if (*r->at == 'u') {
		r->at++;
		return unescape_unit(r, to);
	}
	letter = memchr(letters, *r->at++, sizeof(letters) - 1);
	if (letter == NULL)
		return NULL;
	*to = meant[letter - letters];
	return to + 1;
}

/* A string of which the opening quote was taken. */
static enum cs_err read_string(struct reader *r, struct cs_str *s)
{
	char *from = r->at, *to = from;
	const char *stop = skip_ascii(from, r->end);

	if (stop < r->end && *stop == '"') {	/* nearly always */
		*s = (struct cs_str){ from, (size_t)(stop - from) };
		r->at += s->len + 1;
		return CS_OK;
	}
	for (;;) {
		char *run = r->at;
		size_t n = (size_t)(cs_text_plain(run, r->end) - run);

		if (to != run)
			memmove(to, run, n);
		to += n;
		r->at += n;
		if (r->at == r->end)
			return CS_ERR_FORMAT;
		if (*r->at == '"')
			break;
		if (*r->at++ != '\\')
			return CS_ERR_FORMAT;
		to = unescape(r, to);
		if (to == NULL)
			return CS_ERR_FORMAT;
	}
	r->at++;
	*s = (struct cs_str){ from, (size_t)(to - from) };
	return CS_OK;
}

/* A fraction or an exponent is left unread, and is no comma. */
static enum cs_err read_int(struct reader *r, int64_t *out)
{
	bool minus = r->at < r->end && *r->at == '-';
	uint64_t most = minus ? (uint64_t)INT64_MAX + 1 : INT64_MAX, sum = 0;
	const char *first;

	if (minus)
		r->at++;
	for (first = r->at; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
		unsigned digit = (unsigned)(*r->at - '0');

		if (r->at == first + 1 && sum == 0)
			return CS_ERR_FORMAT;
		if (sum > (most - digit) / 10)
			return CS_ERR_LIMIT;
		sum = sum * 10 + digit;
	}
	if (r->at == first)
		return CS_ERR_FORMAT;
	*out = (int64_t)(minus ? 0 - sum : sum);
	return CS_OK;
}

static enum cs_err read_scalar(struct reader *r, struct cs_field *f)
{
	if (take(r, '"')) {
		f->type = CS_STRING;
		return read_string(r, &f->string);
	}
	f->boolean = take_word(r, CS_STR("true"));
	if (f->boolean || take_word(r, CS_STR("false"))) {
		f->type = CS_BOOL;
		return CS_OK;
	}
	if (take_word(r, CS_STR("null"))) {
		f->type = CS_NULL;
		return CS_OK;
	}
	f->type = CS_INT;
	return read_int(r, &f->integer);
}

/* An array of strings, of which "[" was taken. */
static enum cs_err read_strings(struct reader *r, struct cs_msg *m, struct cs_field *f)
{
	enum cs_err e;

	f->type = CS_STRINGS;
	f->strings.at = &m->strings[m->nstrings];
	f->strings.n = 0;
	if (take(r, ']'))
		return CS_OK;
	do {
		if (!take(r, '"'))
			return CS_ERR_FORMAT;
		if (m->nstrings == CS_STRINGS_MAX)
			return CS_ERR_LIMIT;
		e = read_string(r, &m->strings[m->nstrings]);
		if (e != CS_OK)
			return e;
		m->nstrings++;
		f->strings.n++;
	} while (take(r, ','));
	return take(r, ']') ? CS_OK : CS_ERR_FORMAT;
}

/* Goes on to the member after the n that were read: its name into names[n],
 * the colon taken.  Names are compared unescaped, so that "a" and "\u0061"
 * cannot mean one thing here and another elsewhere. */
static enum cs_err next_name(struct reader *r, struct cs_str *names, size_t n, size_t max,
    bool *end)
{
	enum cs_err e;

	*end = take(r, '}');
	if (*end)
		return CS_OK;
	if ((n > 0 && !take(r, ',')) || !take(r, '"'))
		return CS_ERR_FORMAT;
	if (n == max)
		return CS_ERR_LIMIT;
	e = read_string(r, &names[n]);
	if (e != CS_OK)
		return e;
	for (size_t i = 0; i < n; i++)
		if (same(names[i], names[n]))
			return CS_ERR_FORMAT;
	return take(r, ':') ? CS_OK : CS_ERR_FORMAT;
}

/* The object "parameters", of which "{" was taken. */
static enum cs_err read_parameters(struct reader *r, struct cs_msg *m)
{
	struct cs_str names[CS_FIELDS_MAX];

	for (;; m->nfields++) {
		struct cs_field *f = &m->fields[m->nfields];
		bool end;
		enum cs_err e = next_name(r, names, m->nfields, CS_FIELDS_MAX, &end);

		if (e != CS_OK || end)
			return e;
		f->name = names[m->nfields];
		e = take(r, '[') ? read_strings(r, m, f) : read_scalar(r, f);
		if (e != CS_OK)
			return e;
	}
}

static struct cs_str *find_text(struct cs_msg *m, struct cs_str name)
{
	if (cs_str_is(name, "method"))
		return &m->method;
	return cs_str_is(name, "error") ? &m->error : NULL;
}

static bool *find_flag(struct cs_msg *m, struct cs_str name)
{
	if (cs_str_is(name, "more"))
		return &m->more;
	if (cs_str_is(name, "continues"))
		return &m->continues;
	if (cs_str_is(name, "oneway"))
		return &m->oneway;
	return cs_str_is(name, "upgrade") ? &m->upgrade : NULL;
}

static enum cs_err read_member(struct reader *r, struct cs_str name, struct cs_msg *m)
{
	bool parameters = cs_str_is(name, "parameters");
	struct cs_str *text = find_text(m, name);
	bool *flag = find_flag(m, name);
	struct cs_field f;
	enum cs_err e;

	if (parameters && take(r, '{'))
		return read_parameters(r, m);
	e = read_scalar(r, &f);
	if (e != CS_OK || f.type == CS_NULL)
		return e;
	if (parameters || (text != NULL && f.type != CS_STRING) ||
	    (flag != NULL && f.type != CS_BOOL))
		return CS_ERR_FORMAT;
	if (text != NULL)
		*text = f.string;
	if (flag != NULL)
		*flag = f.boolean;
	return CS_OK;
}

enum cs_err cs_msg_decode(char *buf, size_t len, struct cs_msg *msg)
{
	struct cs_str names[CS_MEMBERS_MAX];
	struct reader r = { buf, buf + len };
	bool end = false;

	if (len > CS_FRAME_MAX)
		return CS_ERR_LIMIT;
	msg->method = msg->error = (struct cs_str){ NULL, 0 };
	msg->more = msg->oneway = msg->upgrade = msg->continues = false;
	msg->nfields = msg->nstrings = 0;
	if (!take(&r, '{'))
		return CS_ERR_FORMAT;
	for (size_t n = 0; !end; n++) {
		enum cs_err e = next_name(&r, names, n, CS_MEMBERS_MAX, &end);

		if (e == CS_OK && !end)
			e = read_member(&r, names[n], msg);
		if (e != CS_OK)
			return e;
	}
	skip_space(&r);
	return r.at == r.end ? CS_OK : CS_ERR_FORMAT;
}

/* ---- look-ups ---------------------------------------------------------- */

const struct cs_field *cs_msg_find(const struct cs_msg *msg, const char *name)
{
	struct cs_str wanted = cs_str(name);

	for (size_t i = 0; i < msg->nfields; i++)
		if (same(msg->fields[i].name, wanted))
			return msg->fields[i].type == CS_NULL ? NULL : &msg->fields[i];
	return NULL;
}

static enum cs_err find_typed(const struct cs_msg *msg, const char *name, enum cs_type type,
    const struct cs_field **f)
{
	*f = cs_msg_find(msg, name);
	if (*f == NULL)
		return CS_ERR_NOTFOUND;
	return (*f)->type == type ? CS_OK : CS_ERR_FORMAT;
}

enum cs_err cs_msg_string(const struct cs_msg *msg, const char *name, struct cs_str *out)
{
	const struct cs_field *f;
	enum cs_err e = find_typed(msg, name, CS_STRING, &f);

	if (e == CS_OK)
		*out = f->string;
	return e;
}

enum cs_err cs_msg_int(const struct cs_msg *msg, const char *name, int64_t *out)
{
	const struct cs_field *f;
	enum cs_err e = find_typed(msg, name, CS_INT, &f);

	if (e == CS_OK)
		*out = f->integer;
	return e;
}

enum cs_err cs_msg_bool(const struct cs_msg *msg, const char *name, bool *out)
{
	const struct cs_field *f;
	enum cs_err e = find_typed(msg, name, CS_BOOL, &f);

	if (e == CS_OK)
		*out = f->boolean;
	return e;
}

enum cs_err cs_msg_strings(const struct cs_msg *msg, const char *name,
    const struct cs_str **at, size_t *n)
{
	const struct cs_field *f;
	enum cs_err e = find_typed(msg, name, CS_STRINGS, &f);

	if (e == CS_OK) {
		*at = f->strings.at;
		*n = f->strings.n;
	}
	return e;
}

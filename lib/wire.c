/* SPDX-License-Identifier: ISC
 *
 * One pass over a frame, in place: the reader moves forward only, looks at
 * each byte once, and writes unescaped text over what it has read, which is
 * never shorter.  It distrusts every byte and reads none past the end it was
 * given.  It never allocates, recurses or does I/O.
 */
#include "wire.h"

#include "scan.h"

#include <string.h>

/* The rows are those of RFC 3629, section 4: they leave out overlong forms,
 * surrogates and what lies beyond U+10FFFF. */
size_t cs_utf8_measure(const char *p, const char *end)
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

		p = cs_skip_ascii(p, end);
		if (p == end)
			return p;
		n = *p == 0x7f ? 1 : cs_utf8_measure(p, end);
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

size_t cs_utf8_characters(const char *p, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		n += (size_t)((c & 0xc0) != 0x80) + (c >= 0xf0);
	}
	return n;
}

struct reader {
	char *at, *end;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next byte that is no space, untaken; a NUL, which stands nowhere, at the
 * end. */
static inline char look(struct reader *r)
{
	if (r->at != r->end && *r->at > ' ') /* nearly always */
		return *r->at;
	while (r->at != r->end && is_space(*r->at))
		r->at++;
	return r->at != r->end ? *r->at : '\0';
}

static inline bool take(struct reader *r, char c)
{
	if (r->at < r->end && *r->at == c) {	/* nearly always */
		r->at++;
		return true;
	}
	if (look(r) != c)
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

/* Any string, of which the opening quote was taken. */
static enum cs_err unescape_string(struct reader *r, struct cs_str *s)
{
	char *from = r->at, *to = from;

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

/* The same, at once where it is printable ASCII.  Inlined by force: this is where
 * a frame's time goes. */
static inline __attribute__((always_inline)) enum cs_err read_string(struct reader *r,
    struct cs_str *s, bool *plain)
{
	const char *stop = cs_skip_ascii(r->at, r->end);

	*plain = stop < r->end && *stop == '"'; /* nearly always */
	if (!*plain)
		return unescape_string(r, s);
	*s = (struct cs_str){ r->at, (size_t)(stop - r->at) };
	r->at += s->len + 1;
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
		e = unescape_string(r, &m->strings[m->nstrings]);
		if (e != CS_OK)
			return e;
		m->nstrings++;
		f->strings.n++;
	} while (take(r, ','));
	return take(r, ']') ? CS_OK : CS_ERR_FORMAT;
}

static enum cs_err read_value(struct reader *r, struct cs_msg *m, struct cs_field *f)
{
	switch (look(r)) {
	case '"':
		r->at++;
		f->type = CS_STRING;
		return read_string(r, &f->string, &f->plain);
	case '[':
		r->at++;
		return read_strings(r, m, f);
	case 't':
	case 'f':
		f->type = CS_BOOL;
		f->boolean = take_word(r, CS_STR("true"));
		return f->boolean || take_word(r, CS_STR("false")) ? CS_OK : CS_ERR_FORMAT;
	case 'n':
		f->type = CS_NULL;
		return take_word(r, CS_STR("null")) ? CS_OK : CS_ERR_FORMAT;
	default:
		f->type = CS_INT;
		return read_int(r, &f->integer);
	}
}

/* An object so far.  Two members of the same name have the same bit in "seen",
 * others seldom. */
struct object {
	struct cs_field *first, *next, *end;
	uint64_t seen;
};

/* Names are compared unescaped, so that "a" and "\u0061" cannot mean one thing
 * here and another elsewhere. */
static bool is_new(struct object *o, struct cs_str name)
{
	unsigned char first = (unsigned char)name.p[0];		/* or its closing quote */
	uint64_t bit = UINT64_C(1) << ((first + 8 * name.len) & 63);

	if ((o->seen & bit) != 0)
		for (const struct cs_field *f = o->first; f < o->next; f++)
			if (cs_str_same(f->name, name))
				return false;
	o->seen |= bit;
	return true;
}

/* Goes on to the value of the next member, which gets its name; or to the end
 * of the object, where there is none. */
static enum cs_err next_member(struct reader *r, struct object *o, struct cs_field **member)
{
	struct cs_field *f = o->next;
	char c = look(r);
	enum cs_err e;
	bool plain;

	*member = NULL;
	if (c == '}' || (c == ',' && f != o->first))
		r->at++;
	else if (f != o->first)
		return CS_ERR_FORMAT;
	if (c == '}')
		return CS_OK;
	if (!take(r, '"'))
		return CS_ERR_FORMAT;
	if (f == o->end)
		return CS_ERR_LIMIT;
	e = read_string(r, &f->name, &plain);
	if (e != CS_OK)
		return e;
	if (!is_new(o, f->name) || !take(r, ':'))
		return CS_ERR_FORMAT;
	o->next = f + 1;
	*member = f;
	return CS_OK;
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

/* A member of the message itself that is no object. */
static enum cs_err keep_member(const struct cs_field *f, struct cs_msg *m)
{
	struct cs_str *text = find_text(m, f->name);
	bool *flag = find_flag(m, f->name);

	if (f->type == CS_NULL)
		return CS_OK;
	if (f->type == CS_STRINGS || cs_str_is(f->name, "parameters") ||
	    (text != NULL && f->type != CS_STRING) || (flag != NULL && f->type != CS_BOOL))
		return CS_ERR_FORMAT;
	if (text != NULL)
		*text = f->string;
	if (flag != NULL)
		*flag = f->boolean;
	return CS_OK;
}

/* Both objects, of which the outer "{" was taken, in one loop. */
static enum cs_err read_objects(struct reader *r, struct cs_msg *m)
{
	struct object message = { m->members, m->members, m->members + CS_MEMBERS_MAX, 0 };
	struct object parameters = { m->fields, m->fields, m->fields + CS_FIELDS_MAX, 0 };
	struct object *o = &message;

	for (;;) {
		struct cs_field *f;
		enum cs_err e = next_member(r, o, &f);

		if (e != CS_OK)
			return e;
		if (f == NULL && o == &message)
			break;
		if (f == NULL) {
			o = &message;
			continue;
		}
		if (o == &message && cs_str_is(f->name, "parameters") && take(r, '{')) {
			o = &parameters;
			continue;
		}
		e = read_value(r, m, f);
		if (e == CS_OK && o == &message)
			e = keep_member(f, m);
		if (e != CS_OK)
			return e;
	}
	m->nfields = (size_t)(parameters.next - m->fields);
	return CS_OK;
}

enum cs_err cs_msg_decode(char *buf, size_t len, struct cs_msg *msg)
{
	struct reader r = { buf, buf + len };
	enum cs_err e;

	if (len > CS_FRAME_MAX)
		return CS_ERR_LIMIT;
	msg->method = msg->error = (struct cs_str){ NULL, 0 };
	msg->more = msg->oneway = msg->upgrade = msg->continues = false;
	msg->nfields = msg->nstrings = 0;
	if (!take(&r, '{'))
		return CS_ERR_FORMAT;
	e = read_objects(&r, msg);
	if (e != CS_OK)
		return e;
	look(&r);
	return r.at == r.end ? CS_OK : CS_ERR_FORMAT;
}

static inline enum cs_err find_typed(const struct cs_msg *msg, const char *name,
    enum cs_type type, const struct cs_field **f)
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

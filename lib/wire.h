/* SPDX-License-Identifier: ISC
 *
 * The message codec that every process shares: Varlink's JSON, cut down to
 * what the protocol uses.  One object; in it strings, integers, booleans,
 * nulls and at most one object, "parameters", which holds strings, integers,
 * booleans, nulls and arrays of strings.  Nothing is nested deeper.
 *
 * It distrusts every byte: at most CS_FRAME_MAX bytes, no duplicate key, no
 * \u0000, valid UTF-8 only (RFC 3629), no lone surrogate, no number but an
 * exact 64-bit integer, nothing after the object (RFC 8259 otherwise).
 * It never allocates, never recurses and does no I/O.
 */
#pragma once

#include "err.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CS_FRAME_MAX 16384	/* bytes of a message, its NUL excluded */
#define CS_MEMBERS_MAX 16	/* members of the message itself */
#define CS_FIELDS_MAX 32	/* members of "parameters" */
#define CS_STRINGS_MAX 192	/* array elements in one message */

/* A string that knows its length; never owns, may be followed by anything. */
struct cs_str {
	const char *p;
	size_t len;
};
#define CS_STR(literal) ((struct cs_str){ (literal), sizeof(literal) - 1 })

/* NULL gives "". */
static inline struct cs_str cs_str(const char *nul_terminated)
{
	if (nul_terminated == NULL)
		return CS_STR("");
	return (struct cs_str){ nul_terminated, strlen(nul_terminated) };
}

static inline bool cs_str_same(struct cs_str a, struct cs_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool cs_str_is(struct cs_str s, const char *nul_terminated)
{
	return cs_str_same(s, cs_str(nul_terminated));
}

enum cs_type {
	CS_NULL,
	CS_BOOL,
	CS_INT,
	CS_STRING,
	CS_STRINGS,
};

struct cs_field {
	struct cs_str name;
	enum cs_type type;
	bool plain;		/* a string that is printable ASCII */
	union {
		bool boolean;
		int64_t integer;
		struct cs_str string;
		struct {
			const struct cs_str *at;
			size_t n;
		} strings;
	};
};

/* A decoded message.  "method" is set for a call, "error" for a failed reply;
 * p == NULL means the member was absent. */
struct cs_msg {
	struct cs_str method;
	struct cs_str error;
	bool more, oneway, upgrade, continues;
	struct cs_field fields[CS_FIELDS_MAX];
	size_t nfields;
	struct cs_str strings[CS_STRINGS_MAX];
	size_t nstrings;
	struct cs_field members[CS_MEMBERS_MAX];	/* the reader's notes */
};

/* Decodes the len bytes at buf (the frame without its NUL).  Strings are
 * unescaped in place: buf is changed, and must live as long as msg is read.
 * Unknown top-level scalars are accepted and dropped, as Varlink asks; a
 * top-level null counts as absent, whatever its name.
 * CS_ERR_FORMAT or CS_ERR_LIMIT leave msg unspecified. */
enum cs_err cs_msg_decode(char *buf, size_t len, struct cs_msg *msg);

/* The field of that name or NULL.  A field that is null counts as absent. */
static inline const struct cs_field *cs_msg_find(const struct cs_msg *msg, const char *name)
{
	struct cs_str wanted = cs_str(name);

	for (size_t i = 0; i < msg->nfields; i++)
		if (cs_str_same(msg->fields[i].name, wanted))
			return msg->fields[i].type == CS_NULL ? NULL : &msg->fields[i];
	return NULL;
}

/* Typed look-ups.  Absent: CS_ERR_NOTFOUND, *out untouched.  Another type:
 * CS_ERR_FORMAT, *out untouched. */
enum cs_err cs_msg_string(const struct cs_msg *, const char *name, struct cs_str *out);
enum cs_err cs_msg_int(const struct cs_msg *, const char *name, int64_t *out);
enum cs_err cs_msg_bool(const struct cs_msg *, const char *name, bool *out);
enum cs_err cs_msg_strings(const struct cs_msg *, const char *name,
    const struct cs_str **at, size_t *n);

/* Writes one message into memory of the caller.  After the first failure (out
 * of room or past CS_FRAME_MAX: CS_ERR_LIMIT; text that is not UTF-8 or holds a
 * NUL: CS_ERR_FORMAT) every later call does nothing and cs_writer_end returns
 * the failure, so callers check once.
 *
 *	cs_writer_call(&w, buf, sizeof(buf), "io.countersign.staff.Verify", false);
 *	cs_put_string(&w, "account", cs_str("acme"));
 *	e = cs_writer_end(&w, &len);
 *
 * On CS_OK buf holds len bytes, the closing NUL included. */
struct cs_writer {
	char *buf;
	size_t len, cap;
	bool first;		/* no comma before the next member */
	bool continues;		/* append "continues":true at the end */
	enum cs_err err;
};

void cs_writer_call(struct cs_writer *, char *buf, size_t cap, const char *method, bool more);
void cs_writer_reply(struct cs_writer *, char *buf, size_t cap, bool continues);
void cs_writer_error(struct cs_writer *, char *buf, size_t cap, const char *error);
void cs_put_string(struct cs_writer *, const char *name, struct cs_str);
void cs_put_int(struct cs_writer *, const char *name, int64_t);
void cs_put_bool(struct cs_writer *, const char *name, bool);
void cs_put_strings(struct cs_writer *, const char *name, const struct cs_str *at, size_t n);
enum cs_err cs_writer_end(struct cs_writer *, size_t *len);

/* Bytes of the character at p when it is one of two or more; 0 otherwise. */
size_t cs_utf8_measure(const char *p, const char *end);

/* True when the len bytes are valid UTF-8 without NUL. */
bool cs_utf8_valid(const char *p, size_t len);

/* Characters of valid UTF-8 as browsers count them, which is in UTF-16: what has
 * four bytes is two, so none has more than three bytes. */
size_t cs_utf8_characters(const char *p, size_t len);

/* The first byte from p on that JSON text cannot hold as it is: a quote, a
 * backslash, a control character or broken UTF-8; else end. */
const char *cs_text_plain(const char *p, const char *end);

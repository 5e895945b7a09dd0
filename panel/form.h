/* SPDX-License-Identifier: ISC
 *
 * What a browser sent as application/x-www-form-urlencoded, in a body or a
 * query.  It distrusts every byte: broken escapes, control characters (line
 * breaks and tabs apart), %00, broken UTF-8 and too many fields are refused.
 */
#pragma once

#include "../lib/wire.h"

#define FIELDS_MAX 256	/* every action ticked, and what else a form has */

struct fields {
	char *text;		/* owns what the fields point into */
	size_t len;
	struct {
		struct cs_str name, value;
	} at[FIELDS_MAX];
	size_t n;
};

/* Copies text; lines then end with LF, and a tab is a blank.  CS_ERR_FORMAT,
 * CS_ERR_LIMIT, CS_ERR_NOMEM leave it empty. */
enum cs_err form_parse(struct fields *, const char *text, size_t len);
void form_clear(struct fields *);	/* wipes */

/* The first of that name; p is NULL when there is none. */
struct cs_str form_find(const struct fields *, const char *name);

/* Decodes in place, "+" only where plus says so; false for a broken escape. */
bool form_unescape(char *text, size_t *len, bool plus);
/* Valid UTF-8 without control characters, line breaks and tabs apart. */
bool form_text_fine(const char *text, size_t len, bool lines);

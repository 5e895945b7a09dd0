/* SPDX-License-Identifier: ISC
 *
 * Replies for people (aligned, escaped for the terminal) and for programs
 * (--json).  It distrusts the daemon's text as far as the terminal goes: names
 * in it were typed by somebody.
 */
#pragma once

#include "command.h"

#include <stdio.h>

/* The reply's parameters as one object on one line of standard output. */
void show_json(const struct cs_msg *);
/* A typed error likewise, as the protocol has it: error and parameters. */
void show_json_error(const struct cs_msg *);

/* Fields of an object of our own. */
struct cs_field show_own_text(const char *name, const char *text);
struct cs_field show_own_number(const char *name, uint64_t n);

/* A line of a file that an import leaves out. */
void show_refused(bool json, const char *path, size_t line, const char *why);

void show_text(FILE *, struct cs_str);

/* A line of prefix and the reply's field; nothing when it has none. */
void show_line(FILE *, const char *prefix, const struct cs_msg *, const char *field);

/* A template: {field} is the field, {field|code} a number and its noun, "1
 * code" or "2 codes". */
void show_sentence(FILE *, const char *sentence, const struct cs_msg *);

/* The fields that are there, one a line under their titles. */
void show_card(const struct column *, const struct cs_msg *);

/* Text of one field, "-" when it is absent. */
char *show_field(const struct cs_msg *, const struct column *, char *out, size_t cap);

/* printf's padding counts bytes; this counts characters. */
void show_padded(FILE *, const char *text, int width);

/* Aligned rows.  The first few screens of them are kept until their widths are
 * known; what comes after goes out at once in the same columns, so that a list
 * of any length takes no more memory. */
#define SHEET_CELLS 1024
struct sheet {
	const struct column *columns;
	size_t ncolumns, ncells;
	int widths[CS_FIELDS_MAX];
	bool begun;		/* titles and kept rows are out */
	char *cells[SHEET_CELLS];
};
void sheet_init(struct sheet *, const struct column *);
bool sheet_add(struct sheet *, const struct cs_msg *);		/* false: no memory */
void sheet_end(struct sheet *);		/* prints what is still kept */

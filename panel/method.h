/* SPDX-License-Identifier: ISC
 *
 * The daemon's methods as the panel asks them: a row for each, with its
 * parameters and where their values come from.
 */
#pragma once

#include "../lib/wire.h"

#include <stddef.h>

struct visit;

/* Which connections carry it: log-ins wait for a worker that hashes passwords,
 * and a search reads many events; neither must stand in the way of pages. */
enum lane { LANE_PAGES, LANE_SLOW, LANE_SEARCH, LANE_LIVE };
#define LANES 4

#define METHOD_MORE (1 << 0)	/* answers with a list */
#define METHOD_SLOW (1 << 1)
#define METHOD_AGAIN (1 << 2)	/* may be asked again when the daemon went away */
#define METHOD_SEARCH (1 << 3)	/* reads many events if it is told what to look for */

#define METHOD_NAME 32		/* of a parameter, and its NUL */

struct method {
	const char *name;
	unsigned flags;
	/* "session account action? target[]? call?": the names in order; a "?"
	 * leaves out what is empty, "[]" are lines of text, "#" is a number, "!"
	 * a boolean, "@" a day (2026-03-01), its first second in UTC, "~" an
	 * invitation, maybe in its address, and "code=proof" the field "proof"
	 * under the daemon's name for it.
	 * visit_parameter says where values come from. */
	const char *parameters;
};

extern const struct method methods[];
extern const size_t nmethods;

/* A row of the table; asking for another name is a mistake of ours (NULL). */
const struct method *method_find(const char *name);

/* Writes the call into buf.  CS_ERR_FORMAT for a value that is no number, day or
 * invitation, CS_ERR_LIMIT for what does not fit; then *fault is that parameter's
 * name. */
enum cs_err method_write(const struct method *, const struct visit *, char *buf, size_t cap,
    size_t *len, char fault[METHOD_NAME]);

/* What a form says for a parameter of lines, as it is sent. */
#define LINES_MAX 160
#define LINES_PAIR 255
struct lines {
	struct cs_str at[LINES_MAX];
	size_t n;
	char pair[2 * LINES_PAIR + 2];	/* "host=ip", of two fields */
};
/* CS_ERR_LIMIT past LINES_MAX of them. */
enum cs_err method_lines(const struct visit *, const char *field, struct lines *);

/* SPDX-License-Identifier: ISC
 *
 * The first look at a configuration's text: where each option is written.  It
 * refuses what libconfuse would take in silence: an option written twice,
 * ${ENVIRONMENT}, a|path, +=, a cut escape, a comment or string without end.
 * What it accepts is a subset of what libconfuse accepts, read the same way.
 */
#pragma once

#include "../lib/wire.h"

enum shape { SHAPE_VALUE, SHAPE_LIST, SHAPE_SECTION };

struct place {
	struct cs_str name;
	struct cs_str title;	/* of a section; p == NULL: none */
	enum shape shape;
	int line;
	int inside;		/* index of the section it is in; -1: none */
};

#define PLACES_MAX 4096

/* The strings are views into the text. */
struct scan {
	struct place *at;
	int n;
};

/* Faults are logged; CS_ERR_CONFIG, CS_ERR_NOMEM.  Comments become blanks in
 * the text: libconfuse has them between options only, not within one. */
enum cs_err conf_scan(const char *path, char *text, size_t len, struct scan *);
void conf_scan_clear(struct scan *);

/* Index, or -1 when it is not written.  title: as in struct place. */
int conf_scan_find(const struct scan *, int inside, struct cs_str name, struct cs_str title);

/* Logs "path:line: sentence", or "path: sentence" where line is 0. */
void conf_fault(const char *path, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* SPDX-License-Identifier: ISC
 *
 * Records of RFC 4180 with the lines they begin on.  libcsv reads them, and
 * only csvfile.c calls it.  What is not CSV ends the reading: after a stray
 * quote nobody can say where a field ends.
 */
#pragma once

#include "../lib/wire.h"

#define CSVFILE_FIELDS 32	/* further ones are counted, not kept */

struct csvfile_record {
	size_t line;		/* on which it begins, from 1 */
	bool cut;		/* the last line, and it has no end */
	bool too_long;		/* so some of its fields are not kept */
	size_t n;
	struct cs_str field[CSVFILE_FIELDS];
};

struct csvfile_fault {
	size_t line;
	const char *say;
};

/* False ends the reading. */
typedef bool (*csvfile_take)(void *arg, const struct csvfile_record *);

/* CS_ERR_FORMAT with *fault; CS_ERR_NOMEM; CS_ERR_CLOSED when take ended it.
 * The fields live as long as the call of take. */
enum cs_err csvfile_read(const char *text, size_t len, csvfile_take, void *arg,
    struct csvfile_fault *fault);

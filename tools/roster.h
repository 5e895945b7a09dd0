/* SPDX-License-Identifier: ISC
 *
 * A roster: the lines of one or more CSV files, checked as far as they can be
 * without the daemon.  Lines that contradict an earlier one are refused here,
 * so that a line's answer does not depend on those before it, and a dry run
 * says what the run will do.
 */
#pragma once

#include "command.h"
#include "source.h"

/* In the order of the names in the header line. */
enum column_of {
	COL_ACCOUNT_REF,
	COL_ACCOUNT,
	COL_ADMIN_REF,
	COL_ADMIN,
	COL_NAME,
	COL_ACTIONS,
	COL_PURPOSE,
	COL_SECRET,
	COLS
};

/* What came of a line; as the daemon says it. */
enum change { CHANGE_NONE, CHANGE_SAME, CHANGE_ADDED, CHANGE_CHANGED, CHANGE_RESUMED };

struct roster_line {
	const char *path;
	size_t line;
	struct cs_str field[COLS];
	char *refused;		/* the sentence; NULL: not refused */
	bool nobody;		/* refused, and it does not tell whom it names */
	enum change account, admin, authenticator;
};

struct roster {
	struct source *sources;	/* one a file; what quotes hid is in "pieces" */
	size_t nsources;
	struct roster_line *lines;
	size_t n, cap;
	char **pieces;		/* copies of the fields, wiped */
	size_t npieces;
	size_t piece_used;
};

/* Reads the files.  On failure the sentence is out and nothing is held. */
enum status roster_read(const struct invocation *, struct roster *);
void roster_clear(struct roster *);

/* False without memory. */
bool roster_refuse(struct roster_line *, bool nobody, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* How many there are of one change, each account, membership or authenticator
 * counted once however many lines name it. */
struct roster_counts {
	size_t accounts, admins, changed, resumed, authenticators, refused, nobody;
};
void roster_count(const struct roster *, struct roster_counts *);

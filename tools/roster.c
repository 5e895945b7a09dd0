/* SPDX-License-Identifier: ISC
 *
 * See roster.h.  Sorting finds what contradicts and what is double: a table of
 * keys, and of the field in which all lines of one key must agree.
 */
#include "roster.h"

#include "csvfile.h"
#include "fail.h"
#include "invocation.h"

#include "../lib/log.h"
#include "../lib/secret.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST ((size_t)64 << 20)
#define FILES_MOST 64
#define LINE_MOST 2600		/* bytes of all fields: escaped, a message takes them */
#define PIECE ((size_t)1 << 20)

static const char *const names[COLS] = {
	[COL_ACCOUNT_REF] = "account_ref",
	[COL_ACCOUNT] = "account",
	[COL_ADMIN_REF] = "admin_ref",
	[COL_ADMIN] = "admin",
	[COL_NAME] = "name",
	[COL_ACTIONS] = "actions",
	[COL_PURPOSE] = "purpose",
	[COL_SECRET] = "secret",
};

bool roster_refuse(struct roster_line *line, bool nobody, const char *fmt, ...)
{
	va_list ap;
	int n;

	line->nobody |= nobody;
	if (line->refused != NULL)
		return true;
	va_start(ap, fmt);
	n = vasprintf(&line->refused, fmt, ap);
	va_end(ap);
	if (n < 0)
		line->refused = NULL;
	return n >= 0;
}

struct reading {
	struct roster *roster;
	const struct source *source;
	bool headed;
	enum column_of at[COLS];	/* which column each field is */
	size_t ncolumns;
	bool nomem;
	char say[160];			/* what is wrong with the header */
};

static enum column_of find_column(struct cs_str name)
{
	enum column_of col = COL_ACCOUNT_REF;

	while (col < COLS && !cs_str_is(name, names[col]))
		col++;
	return col;
}

static bool take_header(struct reading *r, const struct csvfile_record *record)
{
	bool seen[COLS] = { false };

	for (size_t i = 0; i < record->n; i++) {
		struct cs_str name = i < CSVFILE_FIELDS ? record->field[i] : CS_STR("");
		enum column_of col = find_column(name);

		if (col == COLS || seen[col]) {
			char shown[44];

			snprintf(r->say, sizeof(r->say), "its first line names %s column \"%s\"",
			    col == COLS ? "an unknown" : "twice the",
			    cs_log_escape(shown, sizeof(shown), name.p, name.len));
			return false;
		}
		seen[col] = true;
		r->at[i] = col;
	}
	for (enum column_of col = COL_ACCOUNT_REF; col <= COL_ADMIN; col++)
		if (!seen[col]) {
			snprintf(r->say, sizeof(r->say), "its first line names no column \"%s\"",
			    names[col]);
			return false;
		}
	r->ncolumns = record->n;
	r->headed = true;
	return true;
}

static char *find_room(struct roster *roster, size_t len)
{
	char **pieces;

	if (roster->npieces == 0 || PIECE - roster->piece_used < len) {
		pieces = reallocarray(roster->pieces, roster->npieces + 1, sizeof(*pieces));
		if (pieces == NULL)
			return NULL;
		roster->pieces = pieces;
		roster->pieces[roster->npieces] = malloc(PIECE);
		if (roster->pieces[roster->npieces] == NULL)
			return NULL;
		roster->npieces++;
		roster->piece_used = 0;
	}
	roster->piece_used += len;
	return roster->pieces[roster->npieces - 1] + roster->piece_used - len;
}

static struct roster_line *add_line(struct roster *roster)
{
	if (roster->n == roster->cap) {
		size_t cap = roster->cap == 0 ? 1024 : roster->cap * 2;
		struct roster_line *lines = reallocarray(roster->lines, cap, sizeof(*lines));

		if (lines == NULL)
			return NULL;
		roster->lines = lines;
		roster->cap = cap;
	}
	return memset(&roster->lines[roster->n++], 0, sizeof(struct roster_line));
}

/* Names as the daemon compares them, so that two spellings do not look like
 * two names here. */
static void lower(struct cs_str s)
{
	char *p = (char *)s.p;		/* in a piece, which is ours */

	for (size_t i = 0; i < s.len; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 'a' - 'A');
}

static bool refuse_long(struct roster_line *line)
{
	return roster_refuse(line, true, "This line is longer than %d bytes.", LINE_MOST);
}

static bool copy_fields(struct reading *r, const struct csvfile_record *record,
    struct roster_line *line)
{
	size_t total = 0;
	char *room;

	for (size_t i = 0; i < r->ncolumns; i++)
		total += record->field[i].len;
	if (total > LINE_MOST)
		return refuse_long(line);
	room = find_room(r->roster, total);
	if (room == NULL)
		return false;
	for (size_t i = 0; i < r->ncolumns; i++) {
		struct cs_str from = record->field[i];

		if (!cs_utf8_valid(from.p, from.len) &&
		    !roster_refuse(line, true, "Its %s is not UTF-8.", names[r->at[i]]))
			return false;
		if (from.len > 0)
			memcpy(room, from.p, from.len);
		line->field[r->at[i]] = (struct cs_str){ room, from.len };
		room += from.len;
	}
	lower(line->field[COL_ACCOUNT]);
	lower(line->field[COL_ADMIN]);
	return true;
}

static bool take_record(void *arg, const struct csvfile_record *record)
{
	struct reading *r = arg;
	struct roster_line *line;
	bool ok = true;

	if (!r->headed)
		return take_header(r, record);
	line = add_line(r->roster);
	if (line == NULL) {
		r->nomem = true;
		return false;
	}
	for (size_t i = 0; i < COLS; i++)
		line->field[i] = CS_STR("");
	line->path = r->source->path;
	line->line = record->line;
	if (record->cut)
		ok = roster_refuse(line, true,
		    "The file ends in the middle of this line: it may have "
		    "been cut off. A whole one ends with a line break.");
	else if (record->too_long)
		ok = refuse_long(line);
	else if (record->n != r->ncolumns)
		ok = roster_refuse(line, true, "It has %zu fields, not %zu.", record->n,
		    r->ncolumns);
	else
		ok = copy_fields(r, record, line);
	r->nomem = !ok;
	return ok;
}

static enum status read_source(struct roster *roster, const struct source *source)
{
	struct reading r = { .roster = roster, .source = source };
	struct csvfile_fault fault = { 0 };
	size_t skip = source->len >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	enum cs_err e =
	    csvfile_read(source->text + skip, source->len - skip, take_record, &r, &fault);

	if (e == CS_ERR_FORMAT)
		return fail_with(STATUS_USAGE, "%s, line %zu: %s. Nothing was imported.",
		    source->path, fault.line, fault.say);
	if (e == CS_ERR_NOMEM || r.nomem)
		return fail_call(CS_ERR_NOMEM, "", false);
	if (!r.headed)
		return fail_with(STATUS_USAGE,
		    "%s: %s. It should be: account_ref,account,admin_ref,"
		    "admin,name,actions,purpose,secret. Nothing was imported.",
		    source->path,
		    r.say[0] != '\0' ? r.say : "it has no first line that names its columns");
	return STATUS_DONE;
}

static int compare_str(struct cs_str a, struct cs_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int d = len > 0 ? memcmp(a.p, b.p, len) : 0;

	return d != 0 ? d : (a.len > b.len) - (a.len < b.len);
}

/* The fields that make a key; -1 ends it. */
struct key {
	int col[4];
};

static int compare_key(const struct roster_line *a, const struct roster_line *b,
    const struct key *key)
{
	int d = 0;

	for (size_t i = 0; key->col[i] >= 0 && d == 0; i++)
		d = compare_str(a->field[key->col[i]], b->field[key->col[i]]);
	return d;
}

/* Of one key, the lines as they come in the file. */
static int compare_cb(const void *a, const void *b, void *arg)
{
	const struct roster_line *const *x = a, *const *y = b;
	int d = compare_key(*x, *y, arg);

	return d != 0 ? d : (*x > *y) - (*x < *y);
}

static struct roster_line **sort(const struct roster *roster, const struct key *key)
{
	struct roster_line **at = reallocarray(NULL, roster->n + 1, sizeof(*at));

	if (at == NULL)
		return NULL;
	for (size_t i = 0; i < roster->n; i++)
		at[i] = &roster->lines[i];
	qsort_r(at, roster->n, sizeof(*at), compare_cb, (void *)key);
	return at;
}

static const struct {
	struct key key;
	enum column_of same;
	const char *say;
} agreements[] = {
	{ { { COL_ACCOUNT_REF, -1 } }, COL_ACCOUNT, "gives this account_ref another account" },
	{ { { COL_ACCOUNT, -1 } }, COL_ACCOUNT_REF, "gives this account another account_ref" },
	{ { { COL_ADMIN_REF, -1 } }, COL_ADMIN, "gives this admin_ref another admin" },
	{ { { COL_ADMIN, -1 } }, COL_ADMIN_REF, "gives this admin another admin_ref" },
	{ { { COL_ADMIN_REF, -1 } }, COL_NAME, "gives this admin_ref another name" },
	{ { { COL_ACCOUNT_REF, COL_ADMIN_REF, -1 } }, COL_ACTIONS,
	    "gives this admin_ref other actions for the account" },
};

/* The first line of a key says how it is. */
static bool check_agreement(struct roster *roster, size_t which)
{
	const struct key *key = &agreements[which].key;
	enum column_of same = agreements[which].same;
	struct roster_line **at = sort(roster, key);
	const struct roster_line *first = NULL;
	bool ok = at != NULL;

	for (size_t i = 0; ok && i < roster->n; i++) {
		struct roster_line *line = at[i];

		if (line->nobody || line->field[key->col[0]].len == 0)
			continue;
		if (first == NULL || compare_key(first, line, key) != 0)
			first = line;
		else if (compare_str(first->field[same], line->field[same]) != 0)
			ok = roster_refuse(line, false, "Line %zu %s.", first->line,
			    agreements[which].say);
	}
	free(at);
	return ok;
}

enum status roster_read(const struct invocation *in, struct roster *roster)
{
	struct cs_str paths[FILES_MOST];
	size_t n = given_many(in, "FILE", paths, FILES_MOST);
	enum status status = STATUS_DONE;

	*roster = (struct roster){ .sources = calloc(n, sizeof(struct source)) };
	if (roster->sources == NULL)
		return fail_call(CS_ERR_NOMEM, "", false);
	for (size_t i = 0; i < n && status == STATUS_DONE; i++) {
		status = source_read(paths[i].p, FILE_MOST, &roster->sources[i]);
		if (status == STATUS_DONE) {
			roster->nsources++;
			status = read_source(roster, &roster->sources[i]);
		}
	}
	for (size_t i = 0; i < sizeof(agreements) / sizeof(agreements[0]); i++)
		if (status == STATUS_DONE && !check_agreement(roster, i))
			status = fail_call(CS_ERR_NOMEM, "", false);
	if (status != STATUS_DONE)
		roster_clear(roster);
	return status;
}

void roster_clear(struct roster *roster)
{
	for (size_t i = 0; i < roster->nsources; i++)
		source_clear(&roster->sources[i]);
	for (size_t i = 0; i < roster->npieces; i++)
		cs_free_secret(&roster->pieces[i], PIECE);
	for (size_t i = 0; i < roster->n; i++)
		free(roster->lines[i].refused);
	free(roster->sources);
	free(roster->pieces);
	free(roster->lines);
	*roster = (struct roster){ .n = 0 };
}

static enum change account_change(const struct roster_line *line)
{
	return line->account;
}

static enum change admin_change(const struct roster_line *line)
{
	return line->admin;
}

static enum change authenticator_change(const struct roster_line *line)
{
	return line->authenticator;
}

/* How many keys have a line with that change. */
static size_t count(const struct roster *roster, const struct key *key,
    enum change (*what)(const struct roster_line *), enum change wanted)
{
	struct roster_line **at = sort(roster, key);
	const struct roster_line *last = NULL;
	size_t n = 0;

	for (size_t i = 0; at != NULL && i < roster->n; i++) {
		if (at[i]->refused != NULL || what(at[i]) != wanted)
			continue;
		if (last == NULL || compare_key(last, at[i], key) != 0)
			n++;
		last = at[i];
	}
	free(at);
	return n;
}

void roster_count(const struct roster *roster, struct roster_counts *counts)
{
	static const struct key account = { { COL_ACCOUNT_REF, -1 } };
	static const struct key member = { { COL_ACCOUNT_REF, COL_ADMIN_REF, -1 } };
	static const struct key secret = { { COL_ADMIN_REF, COL_PURPOSE, COL_SECRET, -1 } };

	*counts = (struct roster_counts){
		.accounts = count(roster, &account, account_change, CHANGE_ADDED),
		.admins = count(roster, &member, admin_change, CHANGE_ADDED),
		.changed = count(roster, &member, admin_change, CHANGE_CHANGED),
		.resumed = count(roster, &member, admin_change, CHANGE_RESUMED),
		.authenticators = count(roster, &secret, authenticator_change, CHANGE_ADDED),
	};
	for (size_t i = 0; i < roster->n; i++) {
		counts->refused += roster->lines[i].refused != NULL;
		counts->nobody += roster->lines[i].nobody;
	}
}

/* SPDX-License-Identifier: ISC
 *
 * libcsv is fed a physical line at a time, so that a record's line is known.
 */
#include "csvfile.h"

#include "../lib/secret.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_BYTES 16384	/* of all fields */

struct reading {
	struct csv_parser parser;
	struct csvfile_record record;
	size_t line;		/* being read */
	bool ended;		/* a record did, on this line */
	bool middle;		/* of a record, whose quotes span lines */
	bool stopped;
	csvfile_take take;
	void *arg;
	size_t used;
	char room[RECORD_BYTES];
};

static void field_cb(void *p, size_t len, void *arg)
{
	struct reading *r = arg;
	struct csvfile_record *record = &r->record;

	if (len > sizeof(r->room) - r->used)
		record->too_long = true;
	else if (record->n < CSVFILE_FIELDS) {
		char *to = r->room + r->used;

		if (len > 0)
			memcpy(to, p, len);
		record->field[record->n] = (struct cs_str){ to, len };
		r->used += len;
	}
	record->n++;
}

static void record_cb(int end, void *arg)
{
	struct reading *r = arg;

	r->record.cut = end == -1;
	if (!r->stopped)
		r->stopped = !r->take(r->arg, &r->record);
	r->record.n = r->used = 0;
	r->record.too_long = false;
	r->ended = true;
}

static bool is_blank(const char *p, size_t len)
{
	while (len > 0 && memchr(" \t\r\n", p[len - 1], 4) != NULL)
		len--;
	return len == 0;
}

static bool feed(struct reading *r, const char *p, size_t len)
{
	bool whole;

	if (!r->middle)
		r->record.line = r->line;
	r->ended = false;
	whole = csv_parse(&r->parser, p, len, field_cb, record_cb, r) == len;
	r->middle = !r->ended && (r->middle || !is_blank(p, len));
	return whole && !r->stopped;
}

static enum cs_err read_lines(struct reading *r, const char *text, size_t len)
{
	const char *end = text + len;

	for (r->line = 1; text < end; r->line++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = newline != NULL ? (size_t)(newline - text) + 1 : (size_t)(end - text);

		if (!feed(r, text, n))
			return r->stopped ? CS_ERR_CLOSED :
			    csv_error(&r->parser) == CSV_EPARSE ? CS_ERR_FORMAT : CS_ERR_NOMEM;
		text += n;
	}
	if (csv_fini(&r->parser, field_cb, record_cb, r) != 0)
		return CS_ERR_FORMAT;
	return r->stopped ? CS_ERR_CLOSED : CS_OK;
}

enum cs_err csvfile_read(const char *text, size_t len, csvfile_take take, void *arg,
    struct csvfile_fault *fault)
{
	struct reading *r;
	enum cs_err e;

	if (memchr(text, '\0', len) != NULL) {
		*fault =
		    (struct csvfile_fault){ 1, "it holds a NUL byte, so it is not a CSV file" };
		return CS_ERR_FORMAT;
	}
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return CS_ERR_NOMEM;
	r->take = take;
	r->arg = arg;
	csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_blk_size(&r->parser, RECORD_BYTES);
	e = read_lines(r, text, len);
	if (e == CS_ERR_FORMAT)
		*fault = (struct csvfile_fault){ r->line,
			"a quotation mark where none may be, or one that "
			"is never closed" };
	if (r->parser.entry_buf != NULL)
		cs_wipe(r->parser.entry_buf, r->parser.entry_size);
	csv_free(&r->parser);
	cs_wipe(r, sizeof(*r));
	free(r);
	return e;
}

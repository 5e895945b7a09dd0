/* SPDX-License-Identifier: ISC
 *
 * Activity for other programs: CSV as RFC 4180 has it, and JSON lines with the
 * protocol's names.
 */
#include "part.h"
#include "route.h"

#include <string.h>

static const struct column {
	const char *name;
	enum cs_type type;
} columns[] = {
	{ "event", CS_INT }, { "time", CS_INT }, { "kind", CS_STRING }, { "verdict", CS_STRING },
	{ "reason", CS_STRING }, { "verification", CS_STRING }, { "account", CS_STRING },
	{ "action", CS_STRING }, { "target", CS_STRINGS }, { "administrator", CS_STRING },
	{ "administrator_name", CS_STRING }, { "technician", CS_STRING },
	{ "credential", CS_STRING }, { "case", CS_STRING }, { "client", CS_STRING },
	{ "count", CS_INT }, { "note", CS_STRING }, { "mode", CS_STRING },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* Spreadsheets take what begins like this for a formula. */
static bool looks_like_formula(struct cs_str s)
{
	return s.len > 0 && memchr("=+-@\t\r", s.p[0], 6) != NULL;
}

static void write_quoted(struct html *h, struct cs_str s)
{
	size_t done = 0;

	html_raw(h, looks_like_formula(s) ? "'" : "");
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != '"')
			continue;
		html_bytes(h, s.p + done, i + 1 - done);
		html_raw(h, "\"");
		done = i + 1;
	}
	html_bytes(h, s.p + done, s.len - done);
}

static void write_cell(struct html *h, const struct answer *events, size_t row,
    const struct column *c)
{
	const struct cs_str *at;
	size_t n;

	switch (c->type) {
	case CS_INT:
		if (answer_has(events, row, c->name))
			html_int(h, answer_int(events, row, c->name));
		return;
	case CS_STRINGS:
		html_raw(h, "\"");
		n = answer_strings(events, row, c->name, &at);
		for (size_t i = 0; i < n; i++) {
			html_raw(h, i > 0 ? " " : "");
			write_quoted(h, at[i]);
		}
		html_raw(h, "\"");
		return;
	case CS_STRING:
	case CS_BOOL:
	case CS_NULL:
		html_raw(h, "\"");
		write_quoted(h, answer_string(events, row, c->name));
		html_raw(h, "\"");
	}
}

void page_activity_csv(struct visit *v, struct html *h)
{
	const struct answer *events = visit_answer(v, "Activity");

	for (size_t c = 0; c < COLUMNS; c++) {
		html_raw(h, c > 0 ? "," : "");
		html_raw(h, columns[c].name);
	}
	html_raw(h, "\r\n");
	for (size_t i = 0; i < part_rows(v, "Activity"); i++) {
		for (size_t c = 0; c < COLUMNS; c++) {
			html_raw(h, c > 0 ? "," : "");
			write_cell(h, events, i, &columns[c]);
		}
		html_raw(h, "\r\n");
	}
}

static void put_column(struct cs_writer *w, const struct answer *events, size_t row,
    const struct column *c)
{
	const struct cs_str *at;
	size_t n;

	if (!answer_has(events, row, c->name))
		return;
	switch (c->type) {
	case CS_INT:
		cs_put_int(w, c->name, answer_int(events, row, c->name));
		return;
	case CS_STRINGS:
		n = answer_strings(events, row, c->name, &at);
		cs_put_strings(w, c->name, at, n);
		return;
	case CS_STRING:
	case CS_BOOL:
	case CS_NULL:
		cs_put_string(w, c->name, answer_string(events, row, c->name));
	}
}

/* The codec writes {"parameters":{...}}; the line is what is inside. */
void page_activity_jsonl(struct visit *v, struct html *h)
{
	static const char before[] = "{\"parameters\":", after[] = "}";
	const struct answer *events = visit_answer(v, "Activity");
	char line[CS_FRAME_MAX + 1];
	struct cs_writer w;
	size_t len;

	for (size_t i = 0; i < part_rows(v, "Activity"); i++) {
		cs_writer_reply(&w, line, sizeof(line), false);
		for (size_t c = 0; c < COLUMNS; c++)
			put_column(&w, events, i, &columns[c]);
		if (cs_writer_end(&w, &len) != CS_OK) {
			html_raw(h, "{\"error\":\"This event and those after it do not fit.\"}\n");
			return;
		}
		html_bytes(h, line + strlen(before), len - 1 - strlen(before) - strlen(after));
		html_raw(h, "\n");
	}
}

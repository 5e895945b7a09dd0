/* SPDX-License-Identifier: ISC
 *
 * See show.h.
 */
#include "show.h"

#include "when.h"

#include "../lib/log.h"
#include "../lib/scan.h"
#include "../lib/secret.h"

#include <stdlib.h>
#include <string.h>

#define CELL_MAX 1024

static void put_field(struct cs_writer *w, const struct cs_field *f)
{
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)f->name.len, f->name.p);
	switch (f->type) {
	case CS_NULL:
		return;
	case CS_BOOL:
		cs_put_bool(w, name, f->boolean);
		return;
	case CS_INT:
		cs_put_int(w, name, f->integer);
		return;
	case CS_STRING:
		cs_put_string(w, name, f->string);
		return;
	case CS_STRINGS:
		cs_put_strings(w, name, f->strings.at, f->strings.n);
		return;
	}
}

/* The message again, in the codec's own spelling: {"parameters":{...}}. */
static char *encode(const struct cs_msg *m, char *buf, size_t cap, size_t *len)
{
	struct cs_writer w;
	char error[128];

	snprintf(error, sizeof(error), "%.*s", (int)m->error.len, m->error.p ? m->error.p : "");
	if (m->error.p)
		cs_writer_error(&w, buf, cap, error);
	else
		cs_writer_reply(&w, buf, cap, false);
	for (size_t i = 0; i < m->nfields; i++)
		put_field(&w, &m->fields[i]);
	return cs_writer_end(&w, len) == CS_OK ? buf : NULL;
}

/* The codec escapes what JSON must; a terminal obeys more. */
static void print_json(const char *p, size_t len)
{
	const char *end = p + len;
	uint32_t c;

	for (size_t n; p < end; p += n) {
		n = (size_t)(cs_skip_ascii(p, end) - p);
		if (n == 0 && cs_log_is_harmful(p, (size_t)(end - p), &n, &c))
			printf("\\u%04x", (unsigned)c);
		else
			fwrite(p, 1, n, stdout);
	}
	putchar('\n');
}

void show_json(const struct cs_msg *m)
{
	static char buf[CS_FRAME_MAX + 1];
	size_t len, head = sizeof("{\"parameters\":") - 1;

	if (!encode(m, buf, sizeof(buf), &len))
		return;
	print_json(buf + head, len - head - 2);
	cs_wipe(buf, sizeof(buf));
}

void show_json_error(const struct cs_msg *m)
{
	static char buf[CS_FRAME_MAX + 1];
	size_t len;

	if (encode(m, buf, sizeof(buf), &len))
		print_json(buf, len - 1);
}

struct cs_field show_own_text(const char *name, const char *text)
{
	return (struct cs_field){ .name = cs_str(name), .type = CS_STRING, .string = cs_str(text) };
}

struct cs_field show_own_number(const char *name, uint64_t n)
{
	return (struct cs_field){ .name = cs_str(name), .type = CS_INT, .integer = (int64_t)n };
}

void show_refused(bool json, const char *path, size_t line, const char *why)
{
	struct cs_msg m = { .nfields = 3 };

	m.fields[0] = show_own_text("file", path);
	m.fields[1] = show_own_number("line", line);
	m.fields[2] = show_own_text("refused", why);
	if (json) {
		show_json(&m);
		return;
	}
	show_text(stdout, cs_str(path));
	printf(":%zu: ", line);
	show_text(stdout, cs_str(why));
	putchar('\n');
}

void show_text(FILE *f, struct cs_str s)
{
	static char out[CS_FRAME_MAX + 1];

	fputs(cs_log_escape(out, sizeof(out), s.p ? s.p : "", s.len), f);
	cs_wipe(out, strlen(out));	/* it may be a secret */
}

void show_line(FILE *f, const char *prefix, const struct cs_msg *m, const char *field)
{
	struct cs_str s;

	if (cs_msg_string(m, field, &s) != CS_OK || s.len == 0)
		return;
	fputs(prefix, f);
	show_text(f, s);
	fputc('\n', f);
}

static void join(const struct cs_field *f, char *out, size_t cap)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < f->strings.n && at + 3 < cap; i++) {
		if (i)
			at += (size_t)snprintf(out + at, cap - at, ", ");
		cs_log_escape(out + at, cap - at, f->strings.at[i].p, f->strings.at[i].len);
		at += strlen(out + at);
	}
}

static void format_int(int64_t n, enum look look, char *out, size_t cap)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	switch (look) {
	case LOOK_TIME:
		when_format(n, out, cap);
		return;
	case LOOK_DAY:
		when_format(n, out, cap);
		out[strcspn(out, " ")] = '\0';
		return;
	case LOOK_SPAN:
		when_format_span(n, out, cap);
		return;
	case LOOK_BYTES:
		for (; n >= 10240 && unit < 4; unit++)
			n /= 1024;
		snprintf(out, cap, "%lld %s", (long long)n, units[unit]);
		return;
	case LOOK_TEXT:
	case LOOK_YES:
		snprintf(out, cap, "%lld", (long long)n);
		return;
	}
}

static bool format_field(const struct cs_msg *m, const char *name, enum look look, char *out,
    size_t cap)
{
	const struct cs_field *f = cs_msg_find(m, name);

	if (!f)
		return false;
	switch (f->type) {
	case CS_NULL:
		return false;
	case CS_BOOL:
		snprintf(out, cap, "%s", f->boolean ? "yes" : "no");
		return true;
	case CS_INT:
		format_int(f->integer, look, out, cap);
		return true;
	case CS_STRING:
		cs_log_escape(out, cap, f->string.p, f->string.len);
		return f->string.len > 0;
	case CS_STRINGS:
		join(f, out, cap);
		return f->strings.n > 0;
	}
	return false;
}

char *show_field(const struct cs_msg *m, const struct column *c, char *out, size_t cap)
{
	if (!format_field(m, c->field, c->look, out, cap))
		snprintf(out, cap, "-");
	return out;
}

void show_sentence(FILE *f, const char *sentence, const struct cs_msg *m)
{
	char name[32], noun[32], text[CELL_MAX];
	int used;

	for (const char *p = sentence; *p; p++) {
		noun[0] = '\0';
		used = 0;
		if (sscanf(p, "{%31[^|}]|%31[^}]}%n", name, noun, &used) < 2 || !used) {
			noun[0] = '\0';
			if (sscanf(p, "{%31[^|}]}%n", name, &used) < 1 || !used) {
				fputc(*p, f);
				continue;
			}
		}
		if (format_field(m, name, LOOK_TEXT, text, sizeof(text)))
			fputs(text, f);
		else
			strcpy(text, "");
		if (noun[0])
			fprintf(f, " %s%s", noun, strcmp(text, "1") == 0 ? "" : "s");
		p += used - 1;
	}
	fputc('\n', f);
}

static int characters(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

void show_padded(FILE *f, const char *text, int width)
{
	int n = characters(text);

	fprintf(f, "%s%*s", text, n < width ? width - n : 0, "");
}

void show_card(const struct column *columns, const struct cs_msg *m)
{
	char text[CELL_MAX];
	int width = 0;

	for (const struct column *c = columns; c->field; c++)
		if (characters(c->title) > width)
			width = characters(c->title);
	for (const struct column *c = columns; c->field; c++)
		if (format_field(m, c->field, c->look, text, sizeof(text)))
			printf("%-*s  %s\n", width, c->title, text);
}

void sheet_init(struct sheet *s, const struct column *columns)
{
	memset(s, 0, sizeof(*s));
	s->columns = columns;
	while (columns[s->ncolumns].field)
		s->ncolumns++;
}

static int column_width(const struct sheet *s, size_t column)
{
	int width = characters(s->columns[column].title);

	for (size_t i = column; i < s->ncells; i += s->ncolumns)
		if (characters(s->cells[i]) > width)
			width = characters(s->cells[i]);
	return width;
}

static void print_cell(const struct sheet *s, size_t column, const char *text)
{
	bool last = column + 1 == s->ncolumns;

	show_padded(stdout, text, last ? 0 : s->widths[column]);
	fputs(last ? "\n" : "  ", stdout);
}

/* The rows that are kept, under their titles, as wide as they need. */
static void begin_sheet(struct sheet *s)
{
	for (size_t i = 0; i < s->ncolumns; i++)
		s->widths[i] = column_width(s, i);
	for (size_t i = 0; i < s->ncolumns; i++)
		print_cell(s, i, s->columns[i].title);
	for (size_t i = 0; i < s->ncells; i++)
		print_cell(s, i % s->ncolumns, s->cells[i]);
	s->begun = true;
}

bool sheet_add(struct sheet *s, const struct cs_msg *m)
{
	char text[CELL_MAX];

	for (size_t i = 0; i < s->ncolumns; i++) {
		show_field(m, &s->columns[i], text, sizeof(text));
		if (s->begun) {
			print_cell(s, i, text);
			continue;
		}
		s->cells[s->ncells] = strdup(text);
		if (!s->cells[s->ncells])
			return false;
		s->ncells++;
	}
	if (s->ncells + s->ncolumns > SHEET_CELLS && !s->begun)
		begin_sheet(s);
	return true;
}

void sheet_end(struct sheet *s)
{
	if (s->ncells > 0 && !s->begun)
		begin_sheet(s);
	for (size_t i = 0; i < s->ncells; i++)
		free(s->cells[i]);
	memset(s, 0, sizeof(*s));
}

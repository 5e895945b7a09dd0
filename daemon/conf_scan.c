/* SPDX-License-Identifier: ISC
 *
 * Owns the line numbers.  It distrusts the text in one way only: that it says
 * something else to libconfuse than to its author.  It converts no value.
 */
#include "conf_scan.h"

#include "../lib/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum token { T_END, T_WORD, T_QUOTED, T_EQUALS, T_OPEN, T_CLOSE, T_COMMA, T_FAULT };

struct scanner {
	const char *path;
	char *p, *end;
	int line;		/* of p */
	struct cs_str text;	/* of the last word or string, without quotes */
	int at;			/* line of the last token */
	struct scan *out;
};

void conf_fault(const char *path, int line, const char *fmt, ...)
{
	char sentence[512], shown[512];
	va_list ap;
	va_start(ap, fmt);
	int len = vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	if (len < 0)
		len = 0;
	if ((size_t)len >= sizeof(sentence))
		len = sizeof(sentence) - 1;

	cs_log_escape(shown, sizeof(shown), sentence, (size_t)len);
	if (line > 0)
		cs_log(CS_LOG_ERR, "%s:%d: %s", path, line, shown);
	else
		cs_log(CS_LOG_ERR, "%s: %s", path, shown);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("._/:@-", c) != NULL);
}

static bool starts(const struct scanner *s, const char *with)
{
	return s->end - s->p >= 2 && s->p[0] == with[0] && s->p[1] == with[1];
}

static void blank_line(struct scanner *s)
{
	while (s->p < s->end && *s->p != '\n')
		*s->p++ = ' ';
}

/* False when the comment has no end: libconfuse would drop the rest. */
static bool blank_comment(struct scanner *s)
{
	int begun = s->line;
	*s->p++ = ' ';
	*s->p++ = ' ';
	while (s->p < s->end && !starts(s, "*/")) {
		if (*s->p == '\n')
			s->line++;
		else
			*s->p = ' ';
		s->p++;
	}
	if (s->p == s->end) {
		conf_fault(s->path, begun, "this comment has no end: write */ after it");
		return false;
	}
	*s->p++ = ' ';
	*s->p++ = ' ';
	return true;
}

static bool skip_blanks(struct scanner *s)
{
	while (s->p < s->end) {
		if (*s->p == '\n') {
			s->line++;
			s->p++;
		} else if (*s->p == ' ' || *s->p == '\t' || *s->p == '\r') {
			s->p++;
		} else if (*s->p == '#' || starts(s, "//")) {
			blank_line(s);
		} else if (starts(s, "/*")) {
			if (!blank_comment(s))
				return false;
		} else {
			break;
		}
	}
	return true;
}

static enum token read_string(struct scanner *s)
{
	char quote = *s->p++;
	const char *from = s->p;
	for (; s->p < s->end && *s->p != quote; s->p++) {
		if (*s->p == '\n')
			break;
		if ((unsigned char)*s->p < ' ' || *s->p == 0x7f) {
			conf_fault(s->path, s->line, "there is a control character in this string: "
			    "take it out");
			return T_FAULT;
		}
		if (quote == '"' && starts(s, "${")) {
			conf_fault(s->path, s->line, "${...} would be taken from the environment: "
			    "write the value, or use '...' quotes for the characters themselves");
			return T_FAULT;
		}
		if (*s->p == '\\' && ++s->p < s->end && *s->p != '\\' && *s->p != quote) {
			conf_fault(s->path, s->line, "only \\\\ and \\%c may follow a backslash in "
			    "a string: write \\\\ for a backslash", quote);
			return T_FAULT;
		}
	}
	if (s->p >= s->end || *s->p != quote) {
		conf_fault(s->path, s->line, "this string has no end: write %c after it on the "
		    "same line", quote);
		return T_FAULT;
	}
	s->text = (struct cs_str){ from, (size_t)(s->p++ - from) };
	return T_QUOTED;
}

static enum token read_token(struct scanner *s)
{
	if (!skip_blanks(s))
		return T_FAULT;
	s->at = s->line;
	if (s->p >= s->end)
		return T_END;
	switch (*s->p) {
	case '=':
		s->p++;
		return T_EQUALS;
	case '{':
		s->p++;
		return T_OPEN;
	case '}':
		s->p++;
		return T_CLOSE;
	case ',':
		s->p++;
		return T_COMMA;
	case '"':
	case '\'':
		return read_string(s);
	}
	const char *from = s->p;
	while (s->p < s->end && is_word(*s->p))
		s->p++;
	s->text = (struct cs_str){ from, (size_t)(s->p - from) };
	if (s->text.len > 0)
		return T_WORD;
	if (*from == '+')
		conf_fault(s->path, s->line, "+= is not supported: write the whole list with =");
	else
		conf_fault(s->path, s->line, "\"%c\" has no meaning here: put the value in "
		    "double quotes", *from);
	return T_FAULT;
}

static bool same(struct cs_str a, struct cs_str b)
{
	if ((a.p == NULL) != (b.p == NULL))
		return false;
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

int conf_scan_find(const struct scan *scan, int inside, struct cs_str name, struct cs_str title)
{
	for (int i = 0; i < scan->n; i++) {
		const struct place *p = &scan->at[i];
		if (p->inside == inside && same(p->name, name) && same(p->title, title))
			return i;
	}
	return -1;
}

/* The index of the new place; -1 after a fault. */
static int add_place(struct scanner *s, struct place place)
{
	int first = conf_scan_find(s->out, place.inside, place.name, place.title);
	if (first >= 0) {
		conf_fault(s->path, place.line, "%.*s%s%.*s is written twice, first in line %d: "
		    "keep one of them", (int)place.name.len, place.name.p,
		    place.title.len > 0 ? " " : "", (int)place.title.len,
		    place.title.p != NULL ? place.title.p : "", s->out->at[first].line);
		return -1;
	}
	if (s->out->n == PLACES_MAX) {
		conf_fault(s->path, place.line, "more than %d options: shorten the file",
		    PLACES_MAX);
		return -1;
	}
	s->out->at[s->out->n] = place;
	return s->out->n++;
}

/* After "{" of a list, up to and with its "}". */
static bool read_list(struct scanner *s)
{
	for (;;) {
		enum token t = read_token(s);
		if (t == T_WORD || t == T_QUOTED)
			t = read_token(s);
		else if (t != T_CLOSE && t != T_FAULT)
			t = T_END;
		if (t == T_CLOSE)
			return true;
		if (t == T_COMMA)
			continue;
		if (t != T_FAULT)
			conf_fault(s->path, s->at, "a list is written { \"one\", \"two\" }, and a "
			    "section has no = before its {");
		return false;
	}
}

/* What follows the name of an option or section.  *section is set to the index
 * of a section that was opened. */
static bool read_option(struct scanner *s, struct place place, int *section)
{
	enum token t = read_token(s);
	if (t == T_EQUALS) {
		t = read_token(s);
		place.shape = t == T_OPEN ? SHAPE_LIST : SHAPE_VALUE;
		if (add_place(s, place) < 0)
			return false;
		if (t == T_OPEN)
			return read_list(s);
		if (t == T_WORD || t == T_QUOTED)
			return true;
		if (t != T_FAULT)
			conf_fault(s->path, place.line, "%.*s has no value: write one after the =",
			    (int)place.name.len, place.name.p);
		return false;
	}
	place.shape = SHAPE_SECTION;
	if (t == T_WORD || t == T_QUOTED) {
		place.title = s->text;
		t = read_token(s);
	}
	if (t == T_OPEN)
		return (*section = add_place(s, place)) >= 0;
	if (t != T_FAULT)
		conf_fault(s->path, place.line, "\"=\" and a value, or \"{\", must follow %.*s",
		    (int)place.name.len, place.name.p);
	return false;
}

static bool read_options(struct scanner *s)
{
	int inside = -1;
	for (;;) {
		enum token t = read_token(s);
		if (t == T_END && inside < 0)
			return true;
		if (t == T_CLOSE && inside >= 0) {
			inside = s->out->at[inside].inside;
			continue;
		}
		if (t == T_WORD) {
			struct place place = { .name = s->text, .line = s->at, .inside = inside };
			if (!read_option(s, place, &inside))
				return false;
			continue;
		}
		if (t == T_END)
			conf_fault(s->path, s->out->at[inside].line, "this section has no end: "
			    "write } after its last option");
		else if (t != T_FAULT)
			conf_fault(s->path, s->at, "the name of an option is expected here, "
			    "without quotes");
		return false;
	}
}

static bool check_bytes(const char *path, const char *text, size_t len)
{
	const char *end = text + len;
	int line = 1;
	for (const char *p = text; p < end; line++) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		if (eol == NULL)
			eol = end;
		if (!cs_utf8_valid(p, (size_t)(eol - p))) {
			conf_fault(path, line, "this line is not UTF-8 text: write it again");
			return false;
		}
		p = eol + 1;
	}
	return true;
}

enum cs_err conf_scan(const char *path, char *text, size_t len, struct scan *scan)
{
	struct scan out = { calloc(PLACES_MAX, sizeof(*out.at)), 0 };
	if (out.at == NULL)
		return CS_ERR_NOMEM;
	struct scanner s = { .path = path, .p = text, .end = text + len, .line = 1, .out = &out };
	if (!check_bytes(path, text, len) || !read_options(&s)) {
		conf_scan_clear(&out);
		return CS_ERR_CONFIG;
	}
	*scan = out;
	return CS_OK;
}

void conf_scan_clear(struct scan *scan)
{
	free(scan->at);
	*scan = (struct scan){ NULL, 0 };
}

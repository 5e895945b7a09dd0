/* SPDX-License-Identifier: ISC
 *
 * See pamfile.h.
 */
#include "pamfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* Cuts a comment off; true when the line goes on in the next one. */
static bool trim(char *line)
{
	size_t len;

	for (char *p = line; *p; p++) {
		if (*p == '#' && (p == line || p[-1] != '\\')) {
			*p = '\0';
			return false;
		}
	}
	len = strlen(line);
	while (len && strchr(BLANKS, line[len - 1]))
		line[--len] = '\0';
	if (!len || line[len - 1] != '\\')
		return false;
	line[len - 1] = ' ';
	return true;
}

/* A line and those that it goes on in, or NULL at the end of the file. */
static char *read_joined(FILE *f, int *line, enum cs_err *e)
{
	char *whole = NULL, *part = NULL;
	size_t len = 0, cap = 0;
	bool more = true;

	while (more && getline(&part, &cap, f) >= 0) {
		char *larger;

		++*line;
		more = trim(part);
		larger = realloc(whole, len + strlen(part) + 1);
		if (!larger) {
			*e = CS_ERR_NOMEM;
			break;
		}
		whole = larger;
		strcpy(whole + len, part);
		len += strlen(part);
	}
	free(part);
	return whole;
}

/* Up to the closing bracket, without it; "\]" is a bracket of the text. */
static char *take_bracketed(char *from)
{
	char *to = from;

	for (; *from && *from != ']'; from++) {
		if (from[0] == '\\' && from[1] == ']')
			from++;
		*to++ = *from;
	}
	from += *from == ']';
	*to = '\0';
	return from;
}

static void split(struct rule *r)
{
	for (char *p = r->text + strspn(r->text, BLANKS); *p; p += strspn(p, BLANKS)) {
		if (r->nwords == RULE_WORDS) {
			r->too_long = true;
			return;
		}
		if (*p == '[') {
			r->words[r->nwords++] = p + 1;
			p = take_bracketed(p + 1);
			continue;
		}
		r->words[r->nwords++] = p;
		p += strcspn(p, BLANKS);
		if (*p)
			*p++ = '\0';
	}
}

static enum cs_err add_rule(struct pamfile *file, const struct rule *r)
{
	struct rule *larger = realloc(file->rules, (file->n + 1) * sizeof(*larger));

	if (!larger)
		return CS_ERR_NOMEM;
	file->rules = larger;
	file->rules[file->n++] = *r;
	return CS_OK;
}

static enum cs_err read_rules(FILE *f, struct pamfile *file)
{
	enum cs_err e = CS_OK;
	int line = 0;

	while (e == CS_OK) {
		struct rule r = { .line = line + 1 };

		r.text = read_joined(f, &line, &e);
		if (!r.text)
			break;
		split(&r);
		if (r.nwords && e == CS_OK)
			e = add_rule(file, &r);
		if (!r.nwords || e != CS_OK)
			free(r.text);
	}
	if (e == CS_OK && ferror(f))
		e = CS_ERR_SYSTEM;
	return e;
}

enum cs_err pamfile_read(const char *path, struct pamfile *file)
{
	FILE *f = fopen(path, "re");
	enum cs_err e;
	int error;

	*file = (struct pamfile){ 0 };
	if (!f)
		return CS_ERR_SYSTEM;
	e = read_rules(f, file);
	error = errno;
	fclose(f);
	if (e != CS_OK)
		pamfile_clear(file);
	errno = error;
	return e;
}

void pamfile_clear(struct pamfile *file)
{
	for (size_t i = 0; i < file->n; i++)
		free(file->rules[i].text);
	free(file->rules);
	*file = (struct pamfile){ 0 };
}

bool rule_is_include(const struct rule *r)
{
	const char *control = r->nwords > 1 ? r->words[1] : "";

	return strcmp(r->words[0], "@include") == 0 || strcmp(control, "include") == 0 ||
	    strcmp(control, "substack") == 0;
}

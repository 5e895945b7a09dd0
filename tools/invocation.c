/* SPDX-License-Identifier: ISC
 *
 * From argv to the rows of a command.  See invocation.h for what it distrusts.
 */
#include "invocation.h"

#include "fail.h"
#include "help.h"
#include "nearest.h"
#include "when.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* What one walk through argv has found so far. */
struct walk {
	struct invocation *in;
	char **argv;
	int argc, at;
	bool help, version;
	int words;			/* arguments beside --help and --version */
};

__attribute__((format(printf, 1, 2))) static enum parsed complain(const char *fmt, ...)
{
	va_list ap;

	fputs("countersign: ", stderr);
	va_start(ap, fmt);
	fail_print(fmt, ap);
	va_end(ap);
	return PARSED_WRONG;
}

/* Six to nine digits, blanks and dashes apart. */
static bool code_like(const char *arg)
{
	unsigned digits = 0;

	for (; *arg; arg++) {
		if (*arg >= '0' && *arg <= '9')
			digits++;
		else if (*arg != ' ' && *arg != '-')
			return false;
	}
	return digits >= 6 && digits <= 9;
}

static enum parsed refuse_code(void)
{
	return complain("A code is never an argument: everybody on this machine could read it "
	    "with ps. Leave it out, and countersign asks for it.");
}

static const struct option *find_option(const struct option *rows, const char *name, size_t len)
{
	for (; rows->name || rows->arg; rows++)
		if (rows->name && strlen(rows->name) == len && memcmp(rows->name, name, len) == 0)
			return rows;
	return NULL;
}

static bool word_in(const char *words, const char *word)
{
	size_t len = strlen(word);
	const char *p = words;

	while (len && (p = strstr(p, word))) {
		if ((p == words || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
			return true;
		p += len;
	}
	return false;
}

static const char *title(const struct option *row)
{
	static char out[64];

	snprintf(out, sizeof(out), "%s%s", row->name ? "--" : "", row->name ? row->name : row->arg);
	return out;
}

static enum parsed check_value(const struct option *row, const char *value)
{
	int64_t when;

	if (!*value)
		return complain("%s is empty.", title(row));
	if (!cs_utf8_valid(value, strlen(value)))
		return complain("%s is not valid UTF-8.", title(row));
	if (row->words && !word_in(row->words, value))
		return complain("%s is one of: %s.", title(row), row->words);
	if (row->value == VALUE_SPAN && !when_span(value, &when))
		return complain("%s is a duration: 90s, 5m, 2h, 30d.", title(row));
	if (row->value == VALUE_TIME && !when_parse(value, time(NULL), &when))
		return complain("%s is a time: 2026-03-01, \"2026-03-01 14:30\", "
		    "2026-03-01T14:30:00Z, or 2h or 3d for so long ago.", title(row));
	return PARSED_RUN;
}

static enum parsed keep(struct walk *w, const struct option *row, const char *value)
{
	struct invocation *in = w->in;

	if (row->value != VALUE_MANY && row->value != VALUE_FILES)
		for (size_t i = 0; i < in->ngiven; i++)
			if (in->given[i].option == row)
				return complain("%s is given twice.", title(row));
	if (in->ngiven == GIVEN_MAX)
		return complain("too many arguments.");
	if (value && check_value(row, value) == PARSED_WRONG)
		return PARSED_WRONG;
	in->given[in->ngiven++] = (struct given){ row, value };
	return PARSED_RUN;
}

static enum parsed keep_global(struct walk *w, const struct option *row, const char *value)
{
	if (strcmp(row->name, "help") == 0) {
		w->help = true;
		return PARSED_RUN;
	}
	if (strcmp(row->name, "version") == 0) {
		w->version = true;
		return PARSED_RUN;
	}
	w->words++;
	if (strcmp(row->name, "json") == 0) {
		w->in->json = true;
		return PARSED_RUN;
	}
	if (w->in->socket)
		return complain("--socket is given twice.");
	if (!*value)
		return complain("--socket is empty.");
	w->in->socket = value;
	return PARSED_RUN;
}

static enum parsed unknown_option(const struct walk *w, const char *name, size_t len)
{
	const struct option *rows = w->in->command ? w->in->command->options : global_options;
	const char *near = nearest_option(rows, name, len);

	if (w->in->command && len == 4 && memcmp(name, "code", 4) == 0)
		return refuse_code();
	if (near)
		return complain("there is no option --%.*s. Did you mean --%s?", (int)len, name,
		    near);
	return complain("there is no option --%.*s.", (int)len, name);
}

static enum parsed take_option(struct walk *w)
{
	const char *name = w->argv[w->at] + 2;
	size_t len = strcspn(name, "=");
	const char *value = name[len] ? name + len + 1 : NULL;
	const struct option *row = find_option(global_options, name, len);
	bool global = row != NULL;

	if (!row && w->in->command)
		row = find_option(w->in->command->options, name, len);
	if (!row)
		return unknown_option(w, name, len);
	if (row->value == VALUE_FLAG && value)
		return complain("--%s takes no value.", row->name);
	if (row->value != VALUE_FLAG && !value) {
		if (w->at + 1 == w->argc)
			return complain("--%s needs a value: %s.", row->name, row->arg);
		value = w->argv[++w->at];
	}
	if (global)
		return keep_global(w, row, value);
	w->words++;
	return keep(w, row, value);
}

/* The next operand that has no value yet. */
static enum parsed take_operand(struct walk *w)
{
	const struct invocation *in = w->in;
	const char *value = w->argv[w->at];
	const struct option *row;
	size_t taken = 0, seen = 0;

	w->words++;
	for (size_t i = 0; i < in->ngiven; i++)
		taken += !in->given[i].option->name;
	for (row = in->command->options; row->name || row->arg; row++)
		if (!row->name && (seen++ == taken || row->value == VALUE_FILES))
			return keep(w, row, value);
	if (code_like(value))
		return refuse_code();
	return complain("\"%s\" is one argument too many. See countersign %s --help.",
	    value, in->command->name);
}

static const struct command *find_command(const struct walk *w, int *words)
{
	const char *first = w->argv[w->at];
	const char *second = w->at + 1 < w->argc ? w->argv[w->at + 1] : NULL;

	for (const struct command *const *c = commands; *c; c++) {
		const char *blank = strchr((*c)->name, ' ');
		size_t len = blank ? (size_t)(blank - (*c)->name) : strlen((*c)->name);

		if (strlen(first) != len || memcmp(first, (*c)->name, len) != 0)
			continue;
		if (blank && (!second || strcmp(second, blank + 1) != 0))
			continue;
		*words = blank ? 2 : 1;
		return *c;
	}
	return NULL;
}

static enum parsed take_command(struct walk *w)
{
	const char *first = w->argv[w->at];
	const char *second = w->at + 1 < w->argc ? w->argv[w->at + 1] : "";
	const char *near;
	bool help = strcmp(second, "--help") == 0;
	size_t len = 0;
	int words;

	w->in->command = find_command(w, &words);
	if (w->in->command) {
		w->at += words - 1;
		return PARSED_RUN;
	}
	near = nearest_command(first, second, &len);
	if (help_is_family(first)) {
		if (near && len > strlen(first))
			return complain("there is no \"%s %s\". Did you mean countersign %.*s?",
			    first, second, (int)len, near);
		if (*second && *second != '-')
			complain("there is no \"%s %s\".", first, second);
		help_family(help ? stdout : stderr, first);
		return help ? PARSED_SHOWN : PARSED_WRONG;
	}
	if (near)
		return complain("there is no \"%s\". Did you mean countersign %.*s?", first,
		    (int)len, near);
	return complain("there is no \"%s\". See countersign --help.", first);
}

static enum parsed take_rest(struct walk *w)
{
	w->words++;
	if (!w->in->command)
		return complain("the subcommand comes before \"--\".");
	if (w->in->command->rest) {
		w->in->rest = w->argv + w->at + 1;
		w->at = w->argc;
		return PARSED_RUN;
	}
	while (++w->at < w->argc)
		if (take_operand(w) == PARSED_WRONG)
			return PARSED_WRONG;
	return PARSED_RUN;
}

static enum parsed check_required(const struct invocation *in)
{
	const struct option *row;

	for (row = in->command->options; row->name || row->arg; row++) {
		bool there = false;

		for (size_t i = 0; i < in->ngiven; i++)
			there |= in->given[i].option == row;
		if (row->required && !there) {
			complain("%s is missing.", title(row));
			help_usage(stderr, in->command);
			return PARSED_WRONG;
		}
	}
	if (in->command->rest && (!in->rest || !in->rest[0])) {
		complain("the command to run is missing.");
		help_usage(stderr, in->command);
		return PARSED_WRONG;
	}
	return PARSED_RUN;
}

/* A script that gates a change may pass on "--help" in the place of an
 * account; exit 0 would open the gate. */
static enum parsed show(const struct walk *w)
{
	const struct command *c = w->in->command;

	if (c && c->gate && w->words)
		return complain("--help and --version stand alone: exit 0 of %s means accepted.",
		    c->name);
	if (w->version)
		printf("countersign %s\n", PACKAGE_VERSION);
	else if (c)
		help_command(stdout, c);
	else
		help_all(stdout);
	return PARSED_SHOWN;
}

enum parsed invocation_parse(int argc, char **argv, struct invocation *in)
{
	struct walk w = { .in = in, .argv = argv, .argc = argc };
	enum parsed p = PARSED_RUN;

	memset(in, 0, sizeof(*in));
	for (w.at = 1; w.at < argc && p == PARSED_RUN; w.at++) {
		const char *arg = argv[w.at];

		if (strcmp(arg, "--") == 0)
			p = take_rest(&w);
		else if (arg[0] == '-' && arg[1] == '-')
			p = take_option(&w);
		else if (arg[0] == '-' && arg[1])
			p = complain("options are written with two dashes: \"%s\" is none.", arg);
		else if (!in->command)
			p = take_command(&w);
		else
			p = take_operand(&w);
	}
	if (p != PARSED_RUN)
		return p;
	if (w.help || w.version)
		return show(&w);
	if (!in->command) {
		help_short(stderr);
		return PARSED_WRONG;
	}
	return check_required(in);
}

const char *given_text(const struct invocation *in, const char *name)
{
	for (size_t i = 0; i < in->ngiven; i++) {
		const struct option *row = in->given[i].option;

		if (strcmp(row->name ? row->name : row->arg, name) == 0)
			return in->given[i].value ? in->given[i].value : "";
	}
	return NULL;
}

bool given_flag(const struct invocation *in, const char *name)
{
	return given_text(in, name) != NULL;
}

size_t given_many(const struct invocation *in, const char *name, struct cs_str *at, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < in->ngiven && n < max; i++) {
		const struct option *row = in->given[i].option;

		if (strcmp(row->name ? row->name : row->arg, name) == 0)
			at[n++] = cs_str(in->given[i].value);
	}
	return n;
}

static size_t split(const char *list, struct cs_str *at, size_t max)
{
	size_t n = 0;

	for (const char *p = list; n < max; p++) {
		size_t len = strcspn(p, ",");

		if (len)
			at[n++] = (struct cs_str){ p, len };
		p += len;
		if (!*p)
			break;
	}
	return n;
}

static void put_one(const struct invocation *in, const struct given *g, struct cs_writer *w)
{
	struct cs_str at[GIVEN_MAX];
	int64_t when = 0;

	switch (g->option->value) {
	case VALUE_TEXT:
	case VALUE_FILE:
		cs_put_string(w, g->option->param, cs_str(g->value));
		return;
	case VALUE_FLAG:
		cs_put_bool(w, g->option->param, true);
		return;
	case VALUE_MANY:
	case VALUE_FILES:
		cs_put_strings(w, g->option->param, at,
		    given_many(in, g->option->name, at, GIVEN_MAX));
		return;
	case VALUE_COMMAS:
		cs_put_strings(w, g->option->param, at, split(g->value, at, GIVEN_MAX));
		return;
	case VALUE_SPAN:
		when_span(g->value, &when);
		cs_put_int(w, g->option->param, when);
		return;
	case VALUE_TIME:
		when_parse(g->value, time(NULL), &when);
		cs_put_int(w, g->option->param, when);
		return;
	}
}

void given_put(const struct invocation *in, struct cs_writer *w)
{
	for (size_t i = 0; i < in->ngiven; i++) {
		bool again = false;

		for (size_t j = 0; j < i; j++)
			again |= in->given[j].option == in->given[i].option;
		if (in->given[i].option->param && !again)
			put_one(in, &in->given[i], w);
	}
}

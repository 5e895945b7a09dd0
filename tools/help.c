/* SPDX-License-Identifier: ISC
 *
 * What --help says, made from the rows.
 */
#include "help.h"

#include <string.h>

#define GAP 26
#define COMMAND_GAP 32

static void print_row(FILE *f, const struct option *row)
{
	int n;

	if (!row->name)
		n = fprintf(f, "  %s", row->arg);
	else if (row->arg)
		n = fprintf(f, "  --%s %s", row->name, row->arg);
	else
		n = fprintf(f, "  --%s", row->name);
	fprintf(f, "%*s%s\n", n < GAP ? GAP - n : 2, "", row->help);
}

static void print_rows(FILE *f, const struct option *rows)
{
	for (; rows->name || rows->arg; rows++)
		print_row(f, rows);
}

static void print_command(FILE *f, const struct command *c)
{
	fprintf(f, "  %-*s%s\n", COMMAND_GAP - 2, c->name, c->help);
}

void help_usage(FILE *f, const struct command *c)
{
	fprintf(f, "usage: countersign %s", c->name);
	for (const struct option *o = c->options; o->name || o->arg; o++) {
		fputs(o->required ? " " : " [", f);
		if (o->name)
			fprintf(f, "--%s", o->name);
		if (o->arg)
			fprintf(f, "%s%s", o->name ? " " : "", o->arg);
		if (!o->required)
			fputc(']', f);
		if (o->value == VALUE_MANY || o->value == VALUE_FILES)
			fputs("...", f);
	}
	fputs(c->rest ? " -- CMD [ARG]...\n" : "\n", f);
}

void help_command(FILE *f, const struct command *c)
{
	help_usage(f, c);
	fprintf(f, "\n%s.\n", c->help);
	if (c->about)
		fprintf(f, "%s\n", c->about);
	fputc('\n', f);
	print_rows(f, c->options);
	fputs("\nEverywhere:\n", f);
	print_rows(f, global_options);
}

void help_short(FILE *f)
{
	fputs("Countersign checks a customer's support code before a change is made.\n\n"
	    "  countersign verify acme --action mail.server --target mx1.acme.example=203.0.113.9\n"
	    "  countersign run acme --action filter.list -- CMD     CMD runs if the code is right\n"
	    "  countersign actions                                  what needs a code\n"
	    "  countersign audit list --account acme                who authorised what\n"
	    "\ncountersign --help lists every subcommand, countersign(1) explains them.\n", f);
}

void help_all(FILE *f)
{
	fputs("usage: countersign [--socket PATH] [--json] SUBCOMMAND ...\n\n", f);
	for (const struct command *const *c = commands; *c; c++)
		print_command(f, *c);
	fputs("\nEverywhere:\n", f);
	print_rows(f, global_options);
	fputs("\nExit: 0 done or accepted, 1 refused, 2 usage, 3 daemon unavailable, "
	    "4 not permitted,\n5 throttled; run: 125 when CMD did not start, else its own.\n", f);
}

static bool in_family(const struct command *c, const char *word)
{
	size_t len = strlen(word);

	return len && strncmp(c->name, word, len) == 0 && c->name[len] == ' ';
}

bool help_is_family(const char *word)
{
	for (const struct command *const *c = commands; *c; c++)
		if (in_family(*c, word))
			return true;
	return false;
}

void help_family(FILE *f, const char *word)
{
	for (const struct command *const *c = commands; *c; c++)
		if (in_family(*c, word))
			help_usage(f, *c);
}

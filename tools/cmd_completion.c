/* SPDX-License-Identifier: ISC
 *
 * countersign completion: scripts for bash and zsh, made from the rows.
 */
#include "fail.h"
#include "invocation.h"

#include <stdio.h>
#include <string.h>

static const struct option options[] = {
	{ .arg = "SHELL", .required = true, .words = "bash zsh", .help = "bash or zsh" },
	{ 0 },
};

static bool first_of_family(const struct command *const *c)
{
	size_t len = strcspn((*c)->name, " ");

	return c == commands || strncmp(c[-1]->name, (*c)->name, len) != 0 ||
	    c[-1]->name[len] > ' ';
}

/* "verify redeem account", each family once. */
static void print_first_words(void)
{
	for (const struct command *const *c = commands; *c; c++)
		if (first_of_family(c))
			printf("%s%.*s", c == commands ? "" : " ", (int)strcspn((*c)->name, " "),
			    (*c)->name);
}

/* The second words of the family that c begins. */
static void print_second_words(const struct command *const *c)
{
	size_t len = strcspn((*c)->name, " ");

	for (const struct command *const *d = c; *d; d++)
		if (strncmp((*d)->name, (*c)->name, len + 1) == 0)
			printf("%s%s", d == c ? "" : " ", (*d)->name + len + 1);
}

static void print_families(void)
{
	bool any = false;

	for (const struct command *const *c = commands; *c; c++)
		if (strchr((*c)->name, ' ') && first_of_family(c)) {
			printf("%s%.*s", any ? "|" : "", (int)strcspn((*c)->name, " "), (*c)->name);
			any = true;
		}
}

static void print_bash_values(const struct command *c, const struct option *rows)
{
	for (; rows->name || rows->arg; rows++) {
		if (!rows->name || (!rows->words && rows->value != VALUE_FILE))
			continue;
		if (c)
			printf("\t\"%s --%s\")", c->name, rows->name);
		else
			printf("\t*\" --%s\")", rows->name);
		fputs(" COMPREPLY=($(compgen ", stdout);
		if (rows->words)
			printf("-W \"%s\"", rows->words);
		else
			fputs("-f", stdout);
		fputs(" -- \"$cur\")); return ;;\n", stdout);
	}
}

static void print_bash_words(const struct command *c)
{
	const char *words = NULL;
	bool file = false;

	printf("\t\"%s\") words=\"", c->name);
	for (const struct option *row = c->options; row->name || row->arg; row++) {
		if (row->name)
			printf("--%s ", row->name);
		else if (row->words)
			words = row->words;
		else if (row->value == VALUE_FILE || row->value == VALUE_FILES)
			file = true;
	}
	printf("%s\"%s ;;\n", words ? words : "", file ? "; files=1" : "");
}

static void print_bash(void)
{
	fputs("# bash completion for countersign, made by: countersign completion bash\n"
	    "_countersign() {\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tlocal cmd= words= files= i w\n"
	    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	    "\t\tw=${COMP_WORDS[i]}\n"
	    "\t\tcase \"$cmd/$w\" in\n"
	    "\t\trun*/--) COMPREPLY=($(compgen -c -- \"$cur\")); return ;;\n"
	    "\t\t*/--socket) ((i++)) ;;\n"
	    "\t\t*/-*) ;;\n"
	    "\t\t/*) cmd=$w ;;\n", stdout);
	for (const struct command *const *c = commands; *c; c++)
		if (strchr((*c)->name, ' ') && first_of_family(c))
			printf("\t\t%.*s/*) cmd=\"$cmd $w\" ;;\n", (int)strcspn((*c)->name, " "),
			    (*c)->name);
	fputs("\t\tesac\n\tdone\n\tcase \"$cmd $prev\" in\n", stdout);
	print_bash_values(NULL, global_options);
	for (const struct command *const *c = commands; *c; c++)
		print_bash_values(*c, (*c)->options);
	fputs("\tesac\n\tcase $cmd in\n\t\"\") words=\"", stdout);
	print_first_words();
	fputs("\" ;;\n", stdout);
	for (const struct command *const *c = commands; *c; c++)
		if (strchr((*c)->name, ' ') && first_of_family(c)) {
			printf("\t%.*s) words=\"", (int)strcspn((*c)->name, " "), (*c)->name);
			print_second_words(c);
			fputs("\" ;;\n", stdout);
		}
	for (const struct command *const *c = commands; *c; c++)
		print_bash_words(*c);
	fputs("\tesac\n\tCOMPREPLY=($(compgen -W \"$words", stdout);
	for (const struct option *row = global_options; row->name; row++)
		printf(" --%s", row->name);
	fputs("\" -- \"$cur\"))\n"
	    "\tif [ -n \"$files\" ]; then COMPREPLY+=($(compgen -f -- \"$cur\")); fi\n"
	    "}\ncomplete -F _countersign countersign\n", stdout);
}

/* _arguments reads brackets, colons and quotes itself. */
static void print_zsh_text(const char *s)
{
	for (; *s; s++)
		if (*s == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *s))
			printf("\\%c", *s);
		else
			putchar(*s);
}

static void print_zsh_row(const struct option *row)
{
	printf(" \\\n\t\t\t'");
	if (row->name) {
		printf("%s--%s[", row->value == VALUE_MANY ? "*" : "", row->name);
		print_zsh_text(row->help);
		putchar(']');
	}
	if (row->arg) {
		fputs(row->value == VALUE_FILES ? "*:" : ":", stdout);
		print_zsh_text(row->arg);
		putchar(':');
	}
	if (row->words)
		printf("(%s)", row->words);
	else if (row->value == VALUE_FILE || row->value == VALUE_FILES)
		fputs("_files", stdout);
	putchar('\'');
}

static void print_zsh_command(const struct command *c)
{
	printf("\t(\"%s\")\n\t\t_arguments", c->name);
	for (const struct option *row = c->options; row->name || row->arg; row++)
		print_zsh_row(row);
	for (const struct option *row = global_options; row->name; row++)
		print_zsh_row(row);
	fputs(c->rest ? " \\\n\t\t\t'*::command:_normal' ;;\n" : " ;;\n", stdout);
}

static void print_zsh_words(void)
{
	fputs("\tcase \"$cmd\" in\n\t(\"\") compadd -- ", stdout);
	print_first_words();
	fputs(" ;;\n", stdout);
	for (const struct command *const *c = commands; *c; c++)
		if (strchr((*c)->name, ' ') && first_of_family(c)) {
			printf("\t(%.*s) compadd -- ", (int)strcspn((*c)->name, " "), (*c)->name);
			print_second_words(c);
			fputs(" ;;\n", stdout);
		}
}

static void print_zsh(void)
{
	fputs("#compdef countersign\n"
	    "# zsh completion for countersign, made by: countersign completion zsh\n"
	    "_countersign() {\n"
	    "\tlocal cmd= w\n"
	    "\tlocal -i i last=1\n"
	    "\tfor ((i = 2; i < CURRENT; i++)); do\n"
	    "\t\tw=$words[i]\n"
	    "\t\tcase \"$cmd/$w\" in\n"
	    "\t\t(*/--socket) ((i++)) ;;\n"
	    "\t\t(*/-*) ;;\n"
	    "\t\t(/*) cmd=$w last=i ;;\n"
	    "\t\t((", stdout);
	print_families();
	fputs(")/*) cmd=\"$cmd $w\" last=i ;;\n"
	    "\t\tesac\n\tdone\n"
	    "\twords=(countersign \"${(@)words[last+1,-1]}\")\n"
	    "\t((CURRENT -= last - 1))\n", stdout);
	print_zsh_words();
	for (const struct command *const *c = commands; *c; c++)
		print_zsh_command(*c);
	fputs("\tesac\n}\n"
	    "if [ \"$funcstack[1]\" = _countersign ]; then _countersign \"$@\"; "
	    "else compdef _countersign countersign; fi\n", stdout);
}

static enum status run(const struct invocation *in)
{
	if (strcmp(given_text(in, "SHELL"), "bash") == 0)
		print_bash();
	else
		print_zsh();
	return STATUS_DONE;
}

const struct command cmd_completion = {
	.name = "completion",
	.help = "Print completions for bash or zsh",
	.about = "For bash: source <(countersign completion bash)",
	.options = options,
	.door = DOOR_NONE,
	.run = run,
};

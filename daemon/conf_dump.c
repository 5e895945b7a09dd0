/* SPDX-License-Identifier: ISC
 *
 * Prints the configuration in force, whole, row by row of the table, so that
 * nothing is left to a default and it can be loaded again.
 */
#include "conf_option.h"

#include <string.h>
#include <unistd.h>

static int depth_of(enum scope scope)
{
	switch (scope) {
	case SCOPE_TOP:
		return 0;
	case SCOPE_ROLE:
	case SCOPE_CODE:
	case SCOPE_LIMIT:
	case SCOPE_ACTION:
		return 1;
	case SCOPE_TECHNICIANS:
		return 2;
	}
	return 0;
}

static void indent(int depth, FILE *f)
{
	for (int i = 0; i < depth; i++)
		fputc('\t', f);
}

static void open_section(const struct conf_option *o, FILE *f)
{
	switch (o->scope) {
	case SCOPE_TOP:
	case SCOPE_ACTION:
		break;
	case SCOPE_ROLE:
		fprintf(f, "\nrole %s {\n", o->role);
		break;
	case SCOPE_TECHNICIANS:
		fputs("\ttechnicians {\n", f);
		break;
	case SCOPE_CODE:
		fputs("\ncode {\n", f);
		break;
	case SCOPE_LIMIT:
		fputs("\nlimit {\n", f);
		break;
	}
}

static void print_row(const struct conf_option *o, const void *base, FILE *f)
{
	indent(depth_of(o->scope), f);
	fprintf(f, "%s = ", o->name);
	conf_option_print(o, base, f);
	fprintf(f, "	# %s\n", o->help);
}

static bool same_section(const struct conf_option *a, const struct conf_option *b)
{
	if (a->scope != b->scope)
		return false;
	return a->role == b->role || (a->role != NULL && strcmp(a->role, b->role) == 0);
}

static void print_options(const struct conf *conf, FILE *f)
{
	const struct conf_option *last = &conf_options[0];
	int depth = 0;
	for (size_t i = 0; i < conf_noptions; i++) {
		const struct conf_option *o = &conf_options[i];
		if (o->scope == SCOPE_ACTION)
			continue;
		if (!same_section(last, o)) {
			while (depth >= depth_of(o->scope) && depth > 0) {
				indent(--depth, f);
				fputs("}\n", f);
			}
			open_section(o, f);
			depth = depth_of(o->scope);
		}
		print_row(o, conf, f);
		last = o;
	}
	while (depth > 0) {
		indent(--depth, f);
		fputs("}\n", f);
	}
}

static void print_action(const struct action *a, FILE *f)
{
	fprintf(f, "\naction \"%s\" {\n", a->name);
	for (size_t i = 0; i < conf_noptions; i++)
		if (conf_options[i].scope == SCOPE_ACTION)
			print_row(&conf_options[i], a, f);
	fputs("}\n", f);
}

enum cs_err conf_dump(const struct conf *conf, int fd)
{
	int copy = dup(fd);
	FILE *f = copy >= 0 ? fdopen(copy, "w") : NULL;
	bool written;

	if (f == NULL) {
		if (copy >= 0)
			close(copy);
		return CS_ERR_SYSTEM;
	}
	print_options(conf, f);
	for (size_t i = 0; i < conf->nactions; i++)
		print_action(&conf->actions[i], f);
	written = fflush(f) == 0 && ferror(f) == 0;
	return fclose(f) == 0 && written ? CS_OK : CS_ERR_SYSTEM;
}

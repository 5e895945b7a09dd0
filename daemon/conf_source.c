/* SPDX-License-Identifier: ISC
 *
 * Distrusts libconfuse's silence: every name is checked against the table before
 * the library sees the text.
 */
#include "conf_source.h"

#include "name.h"

#include <string.h>

static const struct section {
	const char *name;
	enum scope outer, scope;
	const char *role;	/* in this role only */
	bool titled;
} sections[] = {
	{ "role", SCOPE_TOP, SCOPE_ROLE, NULL, true },
	{ "technicians", SCOPE_ROLE, SCOPE_TECHNICIANS, "desk", false },
	{ "code", SCOPE_TOP, SCOPE_CODE, NULL, false },
	{ "limit", SCOPE_TOP, SCOPE_LIMIT, NULL, false },
	{ "action", SCOPE_TOP, SCOPE_ACTION, NULL, true },
};
#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

static enum scope scope_inside(const struct scan *scan, int inside)
{
	if (inside < 0)
		return SCOPE_TOP;
	for (size_t i = 0; i < SECTIONS; i++)
		if (cs_str_is(scan->at[inside].name, sections[i].name))
			return sections[i].scope;
	return SCOPE_TOP;
}

/* Is the place in "role NAME", or in a section of it? */
static bool role_is(const struct scan *scan, int inside, const char *role)
{
	if (role == NULL)
		return true;
	for (; inside >= 0; inside = scan->at[inside].inside)
		if (scan->at[inside].title.p != NULL)
			return cs_str_is(scan->at[inside].title, role);
	return false;
}

static bool section_fits(const struct section *s, const struct scan *scan, int inside)
{
	return s->outer == scope_inside(scan, inside) && role_is(scan, inside, s->role);
}

static const struct section *find_section(const struct scan *scan, const struct place *p)
{
	for (size_t i = 0; i < SECTIONS; i++)
		if (cs_str_is(p->name, sections[i].name) &&
		    section_fits(&sections[i], scan, p->inside))
			return &sections[i];
	return NULL;
}

static const struct conf_option *find_option(const struct scan *scan, const struct place *p)
{
	enum scope scope = scope_inside(scan, p->inside);
	for (size_t i = 0; i < conf_noptions; i++) {
		const struct conf_option *o = &conf_options[i];
		if (o->scope == scope && cs_str_is(p->name, o->name) &&
		    role_is(scan, p->inside, o->role))
			return o;
	}
	return NULL;
}

static void add_word(char *list, size_t cap, const char *word)
{
	size_t len = strlen(list);
	snprintf(list + len, cap - len, "%s%s", len > 0 ? ", " : "", word);
}

static void refuse_name(const struct source *src, const struct place *p)
{
	enum scope scope = scope_inside(&src->scan, p->inside);
	char list[400] = "";
	for (size_t i = 0; i < conf_noptions; i++)
		if (conf_options[i].scope == scope &&
		    role_is(&src->scan, p->inside, conf_options[i].role))
			add_word(list, sizeof(list), conf_options[i].name);
	for (size_t i = 0; i < SECTIONS; i++)
		if (section_fits(&sections[i], &src->scan, p->inside))
			add_word(list, sizeof(list), sections[i].name);
	conf_fault(src->path, p->line, "\"%.*s\" is unknown here: write one of %s",
	    (int)p->name.len, p->name.p, list);
}

static bool check_title(const struct source *src, const struct place *p, enum scope scope)
{
	if (scope == SCOPE_ACTION && !name_valid(p->title)) {
		conf_fault(src->path, p->line, "\"%.*s\" is no name for an action: write 1 to "
		    "64 of a-z 0-9 . _ - that begin with a letter or digit",
		    (int)p->title.len, p->title.p);
		return false;
	}
	if (scope != SCOPE_ROLE)
		return true;
	for (int i = 0; i < ROLES; i++)
		if (cs_str_is(p->title, conf_roles[i]))
			return true;
	conf_fault(src->path, p->line, "there is no role \"%.*s\": write staff, desk, operator, "
	    "panel or issuer", (int)p->title.len, p->title.p);
	return false;
}

static bool check_section(const struct source *src, const struct place *p)
{
	const struct section *s = find_section(&src->scan, p);
	if (s == NULL) {
		refuse_name(src, p);
		return false;
	}
	if (s->titled != (p->title.p != NULL)) {
		conf_fault(src->path, p->line, "%s %s a title: write %s %s{ ... }", s->name,
		    s->titled ? "needs" : "has not", s->name, s->titled ? "NAME " : "");
		return false;
	}
	return check_title(src, p, s->scope);
}

static bool check_place(const struct source *src, const struct place *p)
{
	if (p->shape == SHAPE_SECTION && find_option(&src->scan, p) == NULL)
		return check_section(src, p);
	const struct conf_option *o = find_option(&src->scan, p);
	if (o == NULL) {
		if (find_section(&src->scan, p) == NULL)
			refuse_name(src, p);
		else
			conf_fault(src->path, p->line, "%.*s is a section: write it without =",
			    (int)p->name.len, p->name.p);
		return false;
	}
	bool list = conf_option_is_people(o);
	if (p->shape == SHAPE_SECTION || (p->shape == SHAPE_LIST && !list)) {
		conf_fault(src->path, p->line, list ? "write %s = { \"one\", \"two\" }" :
		    "write %s = and one value", o->name);
		return false;
	}
	return true;
}

#define ROWS_MAX 24		/* options of one section, and the closing row */

/* The rows of one scope, each name once; returns where to go on. */
static cfg_opt_t *fill(cfg_opt_t *row, enum scope scope)
{
	const cfg_opt_t *first = row;
	for (size_t i = 0; i < conf_noptions; i++) {
		const struct conf_option *o = &conf_options[i];
		bool there = o->scope != scope;
		for (const cfg_opt_t *r = first; r < row; r++)
			there = there || strcmp(r->name, o->name) == 0;
		if (there)
			continue;
		cfg_opt_t text = CFG_STR(o->name, NULL, CFGF_NODEFAULT);
		cfg_opt_t list = CFG_STR_LIST(o->name, NULL, CFGF_NODEFAULT);
		*row++ = conf_option_is_people(o) ? list : text;
	}
	*row = (cfg_opt_t)CFG_END();
	return row;
}

static enum cs_err parse_tree(struct source *src)
{
	const cfg_flag_t titled = CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES | CFGF_NODEFAULT;
	cfg_opt_t top[ROWS_MAX], role[ROWS_MAX], technicians[ROWS_MAX], code[ROWS_MAX],
	    limit[ROWS_MAX], action[ROWS_MAX];
	fill(technicians, SCOPE_TECHNICIANS);
	fill(code, SCOPE_CODE);
	fill(limit, SCOPE_LIMIT);
	fill(action, SCOPE_ACTION);
	cfg_opt_t *end = fill(role, SCOPE_ROLE);
	*end++ = (cfg_opt_t)CFG_SEC("technicians", technicians, CFGF_NODEFAULT);
	*end = (cfg_opt_t)CFG_END();
	end = fill(top, SCOPE_TOP);
	*end++ = (cfg_opt_t)CFG_SEC("role", role, titled);
	*end++ = (cfg_opt_t)CFG_SEC("code", code, CFGF_NODEFAULT);
	*end++ = (cfg_opt_t)CFG_SEC("limit", limit, CFGF_NODEFAULT);
	*end++ = (cfg_opt_t)CFG_SEC("action", action, titled);
	*end = (cfg_opt_t)CFG_END();

	return conf_text_parse(src, top);
}

static enum cs_err parse(struct source *src)
{
	bool fine = true;
	for (int i = 0; i < src->scan.n; i++)
		fine = check_place(src, &src->scan.at[i]) && fine;
	return fine ? parse_tree(src) : CS_ERR_CONFIG;
}

enum cs_err conf_source_read(struct source *src, const char *path)
{
	enum cs_err e = conf_text_read(src, path);
	return e == CS_OK ? parse(src) : e;
}

enum cs_err conf_source_take(struct source *src, const char *path, const char *text)
{
	enum cs_err e = conf_text_take(src, path, text);
	return e == CS_OK ? parse(src) : e;
}

int conf_source_find(const struct source *src, const struct conf_option *o, cfg_t **section)
{
	const struct cs_str untitled = { NULL, 0 };
	cfg_t *tree = src->tree;
	int at = -1;
	/* outer sections come first in the table */
	for (size_t i = 0; i < SECTIONS; i++) {
		const struct section *s = &sections[i];
		if (s->scope != o->scope &&
		    (o->scope != SCOPE_TECHNICIANS || s->scope != SCOPE_ROLE))
			continue;
		at = conf_scan_find(&src->scan, at, cs_str(s->name),
		    s->titled ? cs_str(o->role) : untitled);
		if (at < 0)
			return -1;
		tree = s->titled ? cfg_gettsec(tree, s->name, o->role) : cfg_getsec(tree, s->name);
	}
	*section = tree;
	return conf_scan_find(&src->scan, at, cs_str(o->name), untitled);
}

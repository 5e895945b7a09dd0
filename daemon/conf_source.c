/* SPDX-License-Identifier: ISC
 *
 * Distrusts who else can write the file, and libconfuse's silence: every name
 * is checked against the table before the library sees the text.  A tree that
 * libconfuse refused is half filled and never handed out.
 */
#include "conf_source.h"

#include "name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20)

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

static bool trust_file(const char *path, const struct stat *st)
{
	if (!S_ISREG(st->st_mode)) {
		conf_fault(path, 0, "this is not a regular file: name one");
		return false;
	}
	if (geteuid() == 0 && (st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		conf_fault(path, 0, "others than its owner may write this file: chmod go-w it");
		return false;
	}
	return true;
}

/* To the end, whatever size was told.  A line end is put after the text, which
 * has room for FILE_MAX and that. */
static enum cs_err read_all(const char *path, int fd, char *text, size_t *len)
{
	*len = 0;
	while (*len <= FILE_MAX) {
		ssize_t n = read(fd, text + *len, FILE_MAX + 1 - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			conf_fault(path, 0, "cannot be read: %s", strerror(errno));
			return CS_ERR_CONFIG;
		}
		if (n == 0) {
			text[(*len)++] = '\n';
			return CS_OK;
		}
		*len += (size_t)n;
	}
	conf_fault(path, 0, "this file is larger than 1 MiB: is it the right one?");
	return CS_ERR_CONFIG;
}

static enum cs_err read_file(struct source *src)
{
	struct stat st;
	enum cs_err e = CS_ERR_CONFIG;
	int fd = open(src->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0) {
		conf_fault(src->path, 0, "cannot be opened: %s", strerror(errno));
		goto out;
	}
	if (!trust_file(src->path, &st))
		goto out;
	src->text = malloc(FILE_MAX + 1);
	if (src->text == NULL) {
		e = CS_ERR_NOMEM;
		goto out;
	}
	e = read_all(src->path, fd, src->text, &src->len);
out:
	if (fd >= 0)
		close(fd);
	return e;
}

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

static void log_cb(cfg_t *tree, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void log_cb(cfg_t *tree, const char *fmt, va_list ap)
{
	char sentence[256];
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	conf_fault(tree->filename, tree->line, "%s", sentence);
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

	FILE *f = fmemopen(src->text, src->len, "r");
	src->tree = cfg_init(top, CFGF_NONE);	/* copies the rows */
	enum cs_err e = CS_ERR_NOMEM;
	if (f == NULL || src->tree == NULL || (src->tree->filename = strdup(src->path)) == NULL)
		goto out;
	cfg_set_error_function(src->tree, log_cb);
	e = cfg_parse_fp(src->tree, f) == CFG_SUCCESS ? CS_OK : CS_ERR_CONFIG;
out:
	if (f != NULL)
		fclose(f);
	return e;
}

static enum cs_err parse(struct source *src)
{
	enum cs_err e = conf_scan(src->path, src->text, src->len, &src->scan);
	if (e != CS_OK)
		return e;
	bool fine = true;
	for (int i = 0; i < src->scan.n; i++)
		fine = check_place(src, &src->scan.at[i]) && fine;
	return fine ? parse_tree(src) : CS_ERR_CONFIG;
}

enum cs_err conf_source_read(struct source *src, const char *path)
{
	*src = (struct source){ .path = path };
	enum cs_err e = read_file(src);
	return e == CS_OK ? parse(src) : e;
}

enum cs_err conf_source_take(struct source *src, const char *path, const char *text)
{
	*src = (struct source){ .path = path, .text = strdup(text), .len = strlen(text) };
	return src->text != NULL ? parse(src) : CS_ERR_NOMEM;
}

void conf_source_clear(struct source *src)
{
	if (src->tree != NULL)
		cfg_free(src->tree);
	conf_scan_clear(&src->scan);
	free(src->text);
	*src = (struct source){ 0 };
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

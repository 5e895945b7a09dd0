/* SPDX-License-Identifier: ISC
 *
 * From a file to a configuration: converted by the table, completed with the
 * defaults, checked as a whole.  After a fault it goes on only to tell the
 * others; nothing of a faulty configuration is ever used.
 */
#include "conf.h"

#include "conf_option.h"
#include "conf_source.h"

#include "../lib/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct load {
	struct conf *conf;
	bool failed;		/* a fault was logged */
};

static const struct cs_str untitled = { NULL, 0 };

static const char *noun(const struct conf_option *o)
{
	return o->kind == KIND_USERS ? "user" : "group";
}

static enum cs_err add_people(const struct conf_option *o, const char *name, void *base)
{
	struct people *people = (struct people *)((char *)base + o->at);
	if (o->kind == KIND_USERS)
		return people_add_user(people, name);
	return people_add_group(people, name);
}

static void fault_people(struct load *l, const struct source *src, int line,
    const struct conf_option *o, const char *name, enum cs_err e)
{
	l->failed = true;
	if (e == CS_ERR_NOTFOUND)
		conf_fault(src->path, line, "there is no %s \"%s\" on this host: add it, or name "
		    "another", noun(o), name);
	else
		conf_fault(src->path, line, "the %s \"%s\" cannot be looked up: %s", noun(o), name,
		    e == CS_ERR_SYSTEM ? strerror(errno) : cs_err_text(e));
}

static void fault_value(struct load *l, const struct source *src, int line,
    const struct conf_option *o, const char *text, enum cs_err e, const char *why)
{
	l->failed = true;
	/* One that is too long leaves room for what is wrong with it. */
	conf_fault(src->path, line, "%s = \"%.100s%s\": %s", o->name, text,
	    strlen(text) > 100 ? "..." : "", e == CS_ERR_CONFIG ? why : cs_err_text(e));
}

static void put_people(struct load *l, const struct source *src, int line,
    const struct conf_option *o, cfg_opt_t *written, void *base)
{
	for (unsigned i = 0; i < cfg_opt_size(written); i++) {
		const char *name = cfg_opt_getnstr(written, i);
		enum cs_err e = add_people(o, name, base);
		if (e != CS_OK)
			fault_people(l, src, line, o, name, e);
	}
}

static void put_written(struct load *l, const struct source *src, const struct conf_option *o,
    cfg_t *section, int line, void *base)
{
	cfg_opt_t *written = cfg_getopt(section, o->name);
	if (conf_option_is_people(o)) {
		put_people(l, src, line, o, written, base);
		return;
	}
	char why[256];
	const char *text = cfg_opt_getnstr(written, 0);
	enum cs_err e = conf_option_parse(o, text, base, why, sizeof(why));
	if (e != CS_OK)
		fault_value(l, src, line, o, text, e, why);
}

/* A shipped user or group that this host lacks is nobody, and said so. */
static void warn_people(const struct load *l, const struct source *src,
    const struct conf_option *o)
{
	const struct people *desk = &l->conf->roles[BIT_DESK];
	if (o->scope == SCOPE_TECHNICIANS && desk->nusers == 0 && desk->ngroups == 0)
		return;
	cs_log(CS_LOG_WARNING, "%s: role %s has no %s: there is no %s \"%s\" on this host; "
	    "add it, or name another", src->path, o->role, o->name, noun(o), o->fallback);
}

static void put_fallback(struct load *l, const struct source *src, const struct conf_option *o)
{
	char why[256];
	enum cs_err e = CS_OK;
	if (!conf_option_is_people(o)) {
		e = conf_option_parse(o, o->fallback, l->conf, why, sizeof(why));
		if (e != CS_OK)
			fault_value(l, src, 0, o, o->fallback, e, why);
	} else if (o->fallback[0] != '\0') {
		e = add_people(o, o->fallback, l->conf);
		if (e == CS_ERR_NOTFOUND)
			warn_people(l, src, o);
		else if (e != CS_OK)
			fault_people(l, src, 0, o, o->fallback, e);
	}
}

/* Everything but the actions. */
static void put_options(struct load *l, const struct source *src)
{
	for (size_t i = 0; i < conf_noptions; i++) {
		const struct conf_option *o = &conf_options[i];
		if (o->scope == SCOPE_ACTION)
			continue;
		cfg_t *section;
		int at = conf_source_find(src, o, &section);
		if (at >= 0)
			put_written(l, src, o, section, src->scan.at[at].line, l->conf);
		else
			put_fallback(l, src, o);
	}
}

static struct action *find_action(const struct conf *conf, struct cs_str name)
{
	for (size_t i = 0; i < conf->nactions; i++)
		if (cs_str_is(name, conf->actions[i].name))
			return &conf->actions[i];
	return NULL;
}

/* The file's code lifetime and mode are known by now. */
static struct action *add_action(struct conf *conf, const char *name)
{
	struct action *more = reallocarray(conf->actions, conf->nactions + 1, sizeof(*more));
	if (more == NULL)
		return NULL;
	conf->actions = more;
	struct action *a = &more[conf->nactions];
	*a = (struct action){ .name = strdup(name), .title = strdup(name),
		.require = REQUIRE_CODE, .shadow = conf->shadow, .lifetime = conf->code_lifetime };
	if (a->name == NULL || a->title == NULL) {
		free(a->name);
		free(a->title);
		return NULL;
	}
	conf->nactions++;
	return a;
}

static void check_action(struct load *l, const struct source *src, const struct action *a, int at)
{
	static const char app[] = "an authenticator's code says nothing of the change it is for: "
	    "take one of them out";
	static const char none[] = "without a code there is nothing to check: write "
	    "require = code, or take it out";
	bool no_code = a->require == REQUIRE_NONE, high = a->risk == RISK_HIGH;
	const struct {
		bool both;
		const char *option, *written, *against, *other, *because;
	} rows[] = {
		{ a->authenticator && high, "authenticator", "true", "risk", "\"high\"", app },
		{ a->authenticator && a->bind_target, "authenticator", "true", "bind-target",
		    "true", app },
		{ no_code && high, "risk", "\"high\"", "require", "none", none },
		{ no_code && a->bind_target, "bind-target", "true", "require", "none", none },
		{ no_code && a->authenticator, "authenticator", "true", "require", "none", none },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int line = conf_scan_find(&src->scan, at, cs_str(rows[i].option), untitled);
		if (!rows[i].both)
			continue;
		if (line < 0)
			line = conf_scan_find(&src->scan, at, cs_str(rows[i].against), untitled);
		l->failed = true;
		conf_fault(src->path, src->scan.at[line >= 0 ? line : at].line,
		    "action %s: %s = %s contradicts %s = %s, because %s", a->name,
		    rows[i].option, rows[i].written, rows[i].against, rows[i].other,
		    rows[i].because);
	}
}

static enum cs_err put_actions(struct load *l, const struct source *src)
{
	for (unsigned i = 0; i < cfg_size(src->tree, "action"); i++) {
		cfg_t *section = cfg_getnsec(src->tree, "action", i);
		const char *name = cfg_title(section);
		int inside = conf_scan_find(&src->scan, -1, cs_str("action"), cs_str(name));
		struct action *a = find_action(l->conf, cs_str(name));
		if (a == NULL)
			a = add_action(l->conf, name);
		if (a == NULL)
			return CS_ERR_NOMEM;
		for (size_t j = 0; j < conf_noptions; j++) {
			const struct conf_option *o = &conf_options[j];
			if (o->scope != SCOPE_ACTION)
				continue;
			int at = conf_scan_find(&src->scan, inside, cs_str(o->name), untitled);
			if (at >= 0)
				put_written(l, src, o, section, src->scan.at[at].line, a);
		}
		check_action(l, src, a, inside);
	}
	return CS_OK;
}

static void fault_overlap(struct load *l, const struct source *src, const char *one,
    const char *two, const char *who)
{
	int at = conf_scan_find(&src->scan, -1, cs_str("role"), cs_str(one));
	if (at < 0)
		at = conf_scan_find(&src->scan, -1, cs_str("role"), cs_str(two));
	l->failed = true;
	conf_fault(src->path, at < 0 ? 0 : src->scan.at[at].line, "%s is in role %s and in role "
	    "%s, and could issue itself the code that it verifies: take it out of one, or, for a "
	    "trial by one person, write separate-roles = false", who, one, two);
}

static enum cs_err check_roles(struct load *l, const struct source *src)
{
	static const struct {
		enum role_bit issues, verifies;
	} pairs[] = {
		{ BIT_PANEL, BIT_STAFF },
		{ BIT_PANEL, BIT_DESK },
		{ BIT_ISSUER, BIT_STAFF },
		{ BIT_ISSUER, BIT_DESK },
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *one = conf_roles[pairs[i].issues], *two = conf_roles[pairs[i].verifies];
		char who[256];
		bool found = false;
		enum cs_err e = people_overlap(&l->conf->roles[pairs[i].issues],
		    &l->conf->roles[pairs[i].verifies], &found, who, sizeof(who));
		if (e == CS_ERR_NOMEM)
			return e;
		if (e != CS_OK) {
			conf_fault(src->path, 0, "the members of role %s and of role %s cannot be "
			    "looked up: %s", one, two, strerror(errno));
			return CS_ERR_CONFIG;
		}
		if (found)
			fault_overlap(l, src, one, two, who);
	}
	return CS_OK;
}

static enum cs_err put_all(struct load *l, const struct source *shipped, const struct source *file)
{
	put_options(l, file);
	enum cs_err e = put_actions(l, shipped);
	if (e == CS_OK)
		e = put_actions(l, file);
	if (e == CS_OK && !l->failed && l->conf->separate_roles)
		e = check_roles(l, file);
	return e;
}

enum cs_err conf_load(const char *path, struct conf **conf)
{
	struct source shipped = { 0 }, file = { 0 };
	struct load l = { .conf = calloc(1, sizeof(*l.conf)) };
	const char *shown = path != NULL ? path : "built-in defaults";
	enum cs_err e = CS_ERR_NOMEM;
	if (l.conf == NULL || (path != NULL && (l.conf->path = strdup(path)) == NULL))
		goto out;
	e = path != NULL ? conf_source_read(&file, path) : conf_source_take(&file, shown, "\n");
	if (e == CS_OK)
		e = conf_source_take(&shipped, "shipped actions", conf_shipped);
	if (e == CS_OK)
		e = put_all(&l, &shipped, &file);
	if (e == CS_OK && l.failed)
		e = CS_ERR_CONFIG;
out:
	conf_text_clear(&file);
	conf_text_clear(&shipped);
	if (e == CS_OK)
		*conf = l.conf;
	else
		conf_free(&l.conf);
	return e;
}

const char *conf_default_path(void)
{
	return access(CONF_FILE, F_OK) == -1 && errno == ENOENT ? NULL : CONF_FILE;
}

enum cs_err conf_load_again(const struct conf *old, struct conf **conf)
{
	return conf_load(old->path != NULL ? old->path : conf_default_path(), conf);
}

void conf_free(struct conf **conf)
{
	struct conf *c = *conf;
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->nactions; i++) {
		free(c->actions[i].name);
		free(c->actions[i].title);
		people_clear(&c->actions[i].technicians);
	}
	for (int i = 0; i < ROLES; i++)
		people_clear(&c->roles[i]);
	people_clear(&c->desk_technicians);
	free(c->actions);
	free(c->path);
	free(c->state_dir);
	free(c->socket_dir);
	free(c->master_key);
	free(c->directions);
	free(c->panel_url);
	free(c);
	*conf = NULL;
}

const struct action *conf_action(const struct conf *conf, struct cs_str name)
{
	return find_action(conf, name);
}

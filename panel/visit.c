/* SPDX-License-Identifier: ISC
 *
 * The memory of a request, and the questions that it asks one after another.
 */
#include "visit_inside.h"

#include "asset.h"
#include "guard.h"
#include "link.h"

#include "../lib/client.h"
#include "../lib/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct cs_str find_place(const struct visit *v, const char *name)
{
	for (size_t i = 0; i < v->places.n; i++)
		if (cs_str_is(v->places.at[i].name, name))
			return v->places.at[i].value;
	return (struct cs_str){ NULL, 0 };
}

struct cs_str visit_account(const struct visit *v)
{
	struct cs_str s = find_place(v, "account");

	return s.p != NULL ? s : CS_STR("");
}

struct cs_str visit_item(const struct visit *v)
{
	for (size_t i = 0; i < v->places.n; i++)
		if (!cs_str_is(v->places.at[i].name, "account"))
			return v->places.at[i].value;
	return CS_STR("");
}

static bool same(struct cs_str a, struct cs_str b)
{
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

/* What Session says about the visit's account in a list beside "accounts"; of one
 * that has no room there, what Account says. */
static struct cs_str find_about(const struct visit *v, const char *list, const char *field)
{
	const struct answer *session = visit_answer(v, "Session");
	const struct cs_str *accounts, *values;
	size_t n = answer_strings(session, 0, "accounts", &accounts);
	size_t m = answer_strings(session, 0, list, &values);

	for (size_t i = 0; i < n && i < m; i++)
		if (same(accounts[i], visit_account(v)))
			return values[i];
	return answer_string(visit_answer(v, "Account"), 0, field);
}

struct cs_str visit_account_name(const struct visit *v)
{
	return find_about(v, "account_names", "name");
}

struct cs_str visit_channel(const struct visit *v)
{
	return find_about(v, "channels", "channel");
}

struct cs_str visit_field(const struct visit *v, const char *name)
{
	struct cs_str s = form_find(&v->fields, name);

	return s.p != NULL ? s : CS_STR("");
}

bool visit_field_at(const struct visit *v, size_t i, struct cs_str *name, struct cs_str *value)
{
	if (i >= v->fields.n)
		return false;
	*name = v->fields.at[i].name;
	*value = v->fields.at[i].value;
	return true;
}

/* The latest answer: after a refusal a page may ask what the act asked. */
const struct answer *visit_answer(const struct visit *v, const char *method)
{
	for (size_t i = v->nasked; i > 0; i--)
		if (strcmp(v->asked[i - 1].method->name, method) == 0)
			return v->asked[i - 1].answer;
	return NULL;
}

struct cs_str visit_say(const struct visit *v)
{
	struct cs_str say = answer_string(v->refused, 0, "say");

	return say.len > 0 ? say : cs_str(v->say);
}

struct cs_str visit_refusal(const struct visit *v)
{
	return cs_str(v->refused != NULL ? v->refused->error : NULL);
}

/* The last call of the plan is the act; before it a proof may have been asked for. */
bool visit_open(const struct visit *v)
{
	return v->stage == VISIT_ACTING && v->next == v->nplan && v->refused != NULL &&
	    v->refused->sent && cs_str_is(visit_refusal(v), "Unavailable");
}

/* Secret, or good for once: never sent back to the browser. */
static bool is_kept_back(struct cs_str field)
{
	return cs_str_is(field, "password") || cs_str_is(field, "old") || cs_str_is(field, "code");
}

bool visit_again(const struct visit *v)
{
	const struct method *m = v->next > 0 ? method_find(v->plan[v->next - 1]) : NULL;

	if (v->stage != VISIT_ACTING || m == NULL ||
	    (visit_open(v) && (m->flags & METHOD_AGAIN) == 0))
		return false;
	for (size_t i = 0; i < v->fields.n; i++)
		if (is_kept_back(v->fields.at[i].name))
			return false;
	return true;
}

struct cs_str visit_fault(const struct visit *v)
{
	struct cs_str fault = answer_string(v->refused, 0, "parameter");

	return fault.len > 0 ? fault : cs_str(v->fault);
}

const struct conf *visit_conf(const struct visit *v)
{
	return v->panel->conf;
}

const struct route *visit_route(const struct visit *v)
{
	return v->page;
}

const struct route *visit_asked(const struct visit *v)
{
	return v->route;
}

struct cs_str visit_path(const struct visit *v)
{
	return cs_str(v->path);
}

void visit_turns(struct visit *v, int64_t wall)
{
	if (wall > visit_now(v) && (v->turns == 0 || wall < v->turns))
		v->turns = wall;
}

int64_t visit_now(const struct visit *v)
{
	(void)v;
	return time(NULL);
}

bool visit_logged_in(const struct visit *v)
{
	const struct answer *session = visit_answer(v, "Session");

	return session != NULL && session->error == NULL;
}

struct cs_str visit_parameter(const struct visit *v, const char *name)
{
	struct cs_str s;

	if (strcmp(name, "session") == 0)
		return cs_str(v->session);
	if (strcmp(name, "device") == 0)
		return cs_str(v->device);
	if (strcmp(name, "address") == 0)
		return cs_str(v->address);
	if (strcmp(name, "browser") == 0)
		return cs_str(v->browser);
	/* What an app calls the key.  It stands before a colon there. */
	if (strcmp(name, "issuer") == 0)
		return cs_str(
		    strchr(v->panel->conf->name, ':') == NULL ? v->panel->conf->name : "");
	if (strcmp(name, "request") == 0) {
		s = form_find(&v->fields, name);
		return s.len == 32 ? s : cs_str(v->request);
	}
	s = find_place(v, name);
	return s.p != NULL ? s : form_find(&v->fields, name);
}

/* "/a/:account/codes": literals as they are, placeholders from the visit. */
void html_path(struct html *h, const struct visit *v, const char *path)
{
	while (*path != '\0') {
		size_t len = strcspn(path, ":");
		char name[32];

		html_bytes(h, path, len);
		path += len;
		if (*path == '\0')
			return;
		len = strcspn(++path, "/?&.");
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		html_url(h, visit_parameter(v, name));
		path += len;
	}
}

/* A page for everybody has the same forms whether or not its reader is logged
 * in somewhere else. */
const char *visit_form_secret(const struct visit *v)
{
	const struct route *page = v->page != NULL ? v->page : v->route;

	if (v->session[0] == '\0' || (page != NULL && (page->flags & ROUTE_PUBLIC) != 0))
		return v->form;
	return v->session;
}

static void open_form(struct html *h, const struct visit *v)
{
	char token[CSRF_TEXT];

	csrf_token(&v->panel->csrf, visit_form_secret(v), token);
	html_hidden(h, "csrf", cs_str(token));
	cs_wipe(token, sizeof(token));
}

void html_form_with(struct html *h, const struct visit *v, const char *action, const char *attrs)
{
	html_raw(h, "<form method=\"post\" action=\"");
	html_path(h, v, action);
	html_raw(h, "\"");
	html_raw(h, attrs);
	html_raw(h, ">");
	open_form(h, v);
	html_hidden(h, "request", cs_str(v->request));
}

void html_form(struct html *h, const struct visit *v, const char *action)
{
	html_form_with(h, v, action, "");
}

void html_form_end(struct html *h)
{
	html_raw(h, "</form>");
}

void html_form_again(struct html *h, const struct visit *v)
{
	html_raw(h, "<form method=\"post\"");
	html_attr(h, "action", cs_str(v->path));
	html_raw(h, ">");
	open_form(h, v);
	for (size_t i = 0; i < v->fields.n; i++) {
		struct cs_str name = v->fields.at[i].name;

		if (is_kept_back(name) || cs_str_is(name, "csrf") || cs_str_is(name, "proof"))
			continue;
		html_raw(h, "<input type=\"hidden\"");
		html_attr(h, "name", name);
		html_attr(h, "value", v->fields.at[i].value);
		html_raw(h, ">");
	}
}

void html_static(struct html *h, const char *file)
{
	html_raw(h, asset_path(file));
}

static void answered_cb(struct answer *a, void *arg)
{
	struct visit *v = arg;
	const struct method *m = v->asked[v->nasked].method;

	v->question = NULL;
	v->asked[v->nasked++].answer = a;
	if (a->error != NULL)
		serve_failed(v, m, a);
	else
		visit_advance(v);
}

static enum lane lane_of(const struct visit *v, const struct method *m)
{
	if ((m->flags & METHOD_SLOW) != 0)
		return LANE_SLOW;
	if ((m->flags & METHOD_SEARCH) != 0 && v->fields.n > 0)
		return LANE_SEARCH;
	return v->req == NULL ? LANE_LIVE : LANE_PAGES;
}

/* What cannot be asked fails without memory, which may be the reason. */
static void ask(struct visit *v, const struct method *m)
{
	static const struct answer away = { .error = "Unavailable" };
	static const struct answer unfit = { .error = "InvalidParameter" };
	static char call[CS_FRAME_MAX + 1];
	size_t len = 0;
	char fault[METHOD_NAME];
	enum cs_err e = method_write(m, v, call, sizeof(call), &len, fault);

	v->asked[v->nasked].method = m;
	if (e == CS_OK)
		v->question = link_ask(v->panel->link, m, lane_of(v, m), call, len, answered_cb, v);
	else
		memcpy(v->fault, fault, sizeof(fault));
	cs_wipe(call, sizeof(call));
	if (v->question == NULL)
		serve_failed(v, m, e == CS_OK ? &away : &unfit);
}

void visit_advance(struct visit *v)
{
	const struct method *m;

	if (v->next == v->nplan || v->nasked == sizeof(v->asked) / sizeof(v->asked[0])) {
		serve_finished(v);
		return;
	}
	m = method_find(v->plan[v->next++]);
	if (m != NULL)
		ask(v, m);
	else
		visit_advance(v);
}

void visit_plan_page(struct visit *v, const struct route *page)
{
	v->stage = VISIT_READING;
	v->page = page;
	v->nplan = v->next = 0;
	if (v->session[0] != '\0' && (page == NULL || (page->flags & ROUTE_PUBLIC) == 0))
		v->plan[v->nplan++] = "Session";
	for (size_t i = 0; page != NULL && i < ROUTE_ASKS && page->asks[i] != NULL; i++)
		v->plan[v->nplan++] = page->asks[i];
}

void visit_free(struct visit *v)
{
	if (v == NULL)
		return;
	link_forget(v->question);
	TAILQ_REMOVE(&v->panel->visits, v, link);
	for (size_t i = 0; i < v->nasked; i++)
		answer_free(v->asked[i].answer);
	form_clear(&v->fields);
	free(v->path);
	free(v->decoded);
	cs_wipe(v, sizeof(*v));
	free(v);
}

void visit_drop(struct visit *v)
{
	if (evhttp_request_get_connection(v->req) == NULL)
		evhttp_request_free(v->req);
	else
		evhttp_send_error(v->req, 500, NULL);
	visit_free(v);
}

bool visit_live(struct panel *panel, const struct route *route, const char *path,
    const char *session, struct visit **out,
    void (*done)(struct visit *, const char *error, struct html *, void *arg), void *arg)
{
	struct visit *v = calloc(1, sizeof(*v));
	bool other;

	if (v == NULL)
		return false;
	v->panel = panel;
	v->route = route;
	v->done = done;
	v->arg = arg;
	TAILQ_INSERT_TAIL(&panel->visits, v, link);
	v->path = strdup(path);
	v->decoded = strdup(path);
	snprintf(v->session, sizeof(v->session), "%s", session);
	if (v->path == NULL || v->decoded == NULL || cs_request_id(v->request) != CS_OK ||
	    route_find(GET, v->decoded, &v->places, &other) != route) {
		visit_free(v);
		return false;
	}
	*out = v;
	visit_plan_page(v, route);
	visit_advance(v);
	return true;
}

/* SPDX-License-Identifier: ISC
 *
 * From a request to its answer.  A form does nothing before its cookie, its
 * origin and its token were found right; it then leads elsewhere (303), or to
 * its own page with the sentence of its refusal.  Addresses to go to are rows
 * of the table, never what a browser sent.
 */
#include "visit_inside.h"

#include "asset.h"
#include "guard.h"
#include "live.h"
#include "location.h"
#include "reply.h"
#include "texts.h"

#include "../lib/client.h"
#include "../lib/secret.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char say_stale[] =
    "This page was open for a long time, or the service was restarted. "
    "Check what you entered and send it again.";

static void set_cookie(struct visit *v, enum cookie which, struct cs_str value)
{
	char text[COOKIE_HEADER];

	cookie_write(text, which, v->panel->conf->secure, value);
	reply_header(v->req, "Set-Cookie", text);
	cs_wipe(text, sizeof(text));
}

/* The browser may have gone while the daemon was asked. */
static bool still_there(struct visit *v)
{
	if (evhttp_request_get_connection(v->req) != NULL)
		return true;
	evhttp_request_free(v->req);
	visit_free(v);
	return false;
}

static void set_cookies(struct visit *v)
{
	if (v->form_new)
		set_cookie(v, COOKIE_FORM, cs_str(v->form));
	if (v->session_bad)
		set_cookie(v, COOKIE_SESSION, CS_STR(""));
}

static void send_page(struct visit *v, int status, struct html *h, const char *type)
{
	if (!still_there(v)) {
		html_free(h);
		return;
	}
	set_cookies(v);
	if (status == 503)
		reply_header(v->req, "Retry-After", "5");
	reply_send(v->req, status, type, h);
	visit_free(v);
}

static void send_see(struct visit *v, const char *location)
{
	if (!still_there(v))
		return;
	set_cookies(v);
	reply_see(v->req, location);
	visit_free(v);
}

static void show(struct visit *v, int status)
{
	const struct route *page = v->page;
	struct html *h = html_new();

	if (h == NULL) {
		visit_drop(v);
		return;
	}
	if (!v->proving && page != NULL && (page->flags & ROUTE_BARE) != 0) {
		page->render(v, h);
		send_page(v, status, h, page->type);
		return;
	}
	page_begin(v, h);
	if (v->proving)
		page_prove(v, h);
	else
		page->render(v, h);
	page_end(v, h);
	send_page(v, status, h, "text/html; charset=utf-8");
}

static void show_error(struct visit *v, int status)
{
	struct html *h = html_new();

	if (h == NULL) {
		visit_drop(v);
		return;
	}
	v->page = NULL;
	page_begin(v, h);
	page_error(v, h, status);
	page_end(v, h);
	send_page(v, status, h, "text/html; charset=utf-8");
}

static void end_live(struct visit *v, const char *error)
{
	v->done(v, error, NULL, v->arg);
	visit_free(v);
}

/* HEAD asks what the page is, and gets the head of a stream that is over. */
static void open_live(struct visit *v, struct html *first)
{
	if (!still_there(v)) {
		html_free(first);
		return;
	}
	if (evhttp_request_get_command(v->req) == EVHTTP_REQ_HEAD) {
		html_free(first);
		live_refuse(v->req);
	} else {
		live_open(v->panel->lives, v, first);
	}
	visit_free(v);
}

static void show_live(struct visit *v)
{
	struct html *h = html_new();

	if (h != NULL)
		v->page->render(v, h);
	if (v->req == NULL) {
		v->done(v, h != NULL ? NULL : "Unavailable", h, v->arg);
		visit_free(v);
	} else if (h == NULL || visit_channel(v).len == 0) {
		html_free(h);
		show_error(v, 404);
	} else {
		open_live(v, h);
	}
}

/* What a log-in gives.  Nothing else sets a session. */
static void take_session(struct visit *v, const struct answer *a)
{
	struct cs_str session = answer_string(a, 0, "session");
	struct cs_str device = answer_string(a, 0, "device");

	if (v->req == NULL || evhttp_request_get_connection(v->req) == NULL)
		return;
	if (cookie_value_fine(session)) {
		set_cookie(v, COOKIE_SESSION, session);
		v->session_bad = false;
	}
	if (cookie_value_fine(device))
		set_cookie(v, COOKIE_DEVICE, device);
}

static void lead_on(struct visit *v, const struct answer *a)
{
	struct cs_str next = visit_field(v, "next");
	char location[LOCATION_MAX] = "/";

	if ((v->route->flags & ROUTE_DONE) != 0) {
		live_end_session(v->panel->lives, v->session);
		v->session_bad = true;
	}
	if (answer_bool(a, 0, "recovery"))	/* first of all a new authenticator */
		send_see(v, "/security");
	else if ((v->route->flags & ROUTE_GUEST) != 0 && location_fine(next)) {
		snprintf(location, sizeof(location), "%.*s", (int)next.len, next.p);
		send_see(v, location);
	} else if (location_fill(v, a, v->route->then, location)) {
		send_see(v, location);
	} else {
		show_error(v, 500);
	}
}

static const struct answer *last_answer(const struct visit *v)
{
	return v->nasked > 0 ? v->asked[v->nasked - 1].answer : NULL;
}

static void finish_act(struct visit *v)
{
	const struct answer *a = last_answer(v);

	take_session(v, a);
	if (v->route->then != NULL) {
		lead_on(v, a);
		return;
	}
	visit_plan_page(v, NULL);
	if ((v->route->flags & ROUTE_PUBLIC) != 0)
		v->nplan = 0;
	v->page = v->route;
	visit_advance(v);
}

void serve_finished(struct visit *v)
{
	if (v->stage == VISIT_ACTING)
		finish_act(v);
	else if ((v->route->flags & ROUTE_LIVE) != 0)
		show_live(v);
	else if (v->req != NULL && (v->route->flags & ROUTE_GUEST) != 0 && visit_logged_in(v) &&
	    v->route->verb == GET)
		send_see(v, "/");
	else
		show(v, v->status);
}

/* Only to the page that the text was written on.  Without a session no token says
 * so: the origin, which was found right if it came, has to be there. */
static bool gives_back(const struct visit *v)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(v->req);

	return (v->route->flags & ROUTE_WRITTEN) != 0 && visit_field(v, "text").len > 0 &&
	    evhttp_find_header(headers, "Origin") != NULL;
}

static void give_back(struct visit *v)
{
	static const struct route unsent = {
		.path = "", .title = TEXT_NOT_SENT, .render = page_unsent,
	};

	v->session_bad = true;
	v->proving = false;
	v->page = &unsent;
	show(v, 403);
}

static void send_to_log_in(struct visit *v)
{
	char location[LOCATION_MAX] = "/login", next[LOCATION_MAX];
	size_t len = 0;

	if (gives_back(v)) {
		give_back(v);
		return;
	}
	v->session_bad = true;
	if (v->route->verb == GET)
		snprintf(next, sizeof(next), "%s", v->path);
	else if (!location_fill(v, NULL, v->route->shows, next))
		next[0] = '\0';
	if (next[0] != '\0' && strcmp(next, "/") != 0 && location_fine(cs_str(next))) {
		len = (size_t)snprintf(location, sizeof(location), "/login?next=");
		if (!location_add(location, &len, cs_str(next)))
			snprintf(location, sizeof(location), "/login");
	}
	send_see(v, location);
}

static void logged_out(struct visit *v)
{
	if ((v->page != NULL && (v->page->flags & ROUTE_GUEST) != 0)) {
		/* the log-in page, with a cookie from before */
		v->session_bad = true;
		cs_wipe(v->session, sizeof(v->session));
		visit_advance(v);
	} else if ((v->route->flags & ROUTE_LIVE) != 0) {
		if (still_there(v)) {
			live_refuse(v->req);
			visit_free(v);
		}
	} else {
		send_to_log_in(v);
	}
}

static void show_refusal(struct visit *v, const struct method *m, const struct answer *a)
{
	const struct route *page = route_page(v->route->shows);
	bool unproved = strcmp(a->error, "ProofNeeded") == 0 || strcmp(m->name, "Prove") == 0;

	v->refused = a;
	if (strcmp(a->error, "InvalidParameter") == 0)
		v->say = TEXT_UNFIT;
	v->status = strcmp(a->error, "Throttled") == 0 ? 429 : unproved ? 403 : 422;
	/* The page that asks for a code carries on what was sent, but no password:
	 * a form with one has a field for the code itself. */
	v->proving = unproved && visit_field(v, "password").len == 0;
	/* What the form's own page knows names what waits for the code. */
	visit_plan_page(v, page);
	if (v->proving)
		v->page = NULL;
	visit_advance(v);
}

/* A page whose query is typed, too: it is shown again, with what was typed. */
static bool show_unfit(struct visit *v, const struct answer *a)
{
	if (v->page == NULL || (v->page->flags & ROUTE_FILTERS) == 0 || v->refused != NULL ||
	    strcmp(a->error, "InvalidParameter") != 0)
		return false;
	v->refused = a;
	v->say = TEXT_UNFIT;
	v->status = 400;
	visit_advance(v);
	return true;
}

static int status_of(const char *error)
{
	static const struct {
		const char *error;
		int status;
	} statuses[] = {
		{ "Unavailable", 503 }, { "UnknownAccount", 404 }, { "NotFound", 404 },
		{ "UnknownAction", 404 }, { "UnknownAdministrator", 404 },
		{ "InvalidParameter", 404 }, { "NotPermitted", 403 }, { "Refused", 403 },
		{ "Throttled", 429 }, { "MethodNotFound", 503 },
	};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (strcmp(statuses[i].error, error) == 0)
			return statuses[i].status;
	return 500;
}

/* What comes after an act is only the frame around its page, which may be shown
 * once. */
static bool act_is_done(const struct visit *v)
{
	return v->stage == VISIT_READING && v->route->verb == POST && v->page == v->route;
}

void serve_failed(struct visit *v, const struct method *m, const struct answer *a)
{
	int status = status_of(a->error);

	if (v->req == NULL) {
		end_live(v, a->error);
	} else if (act_is_done(v)) {
		show(v, v->status);
	} else if (strcmp(a->error, "LoggedOut") == 0) {
		logged_out(v);
	} else if (v->stage == VISIT_ACTING && status != 503) {
		show_refusal(v, m, a);
	} else if (v->stage == VISIT_READING && v->refused != NULL && v->proving) {
		show(v, v->status);
	} else if (v->stage != VISIT_READING || !show_unfit(v, a)) {
		if (v->refused == NULL)
			v->refused = a;
		show_error(v, status);
	}
}

static void read_cookies(struct visit *v)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(v->req);
	const char *cookie = guest_cookie(v->guest);
	bool secure = v->panel->conf->secure;
	const char *browser = evhttp_find_header(headers, "User-Agent");

	cookie_read(cookie, COOKIE_SESSION, secure, v->session);
	cookie_read(cookie, COOKIE_DEVICE, secure, v->device);
	cookie_read(cookie, COOKIE_FORM, secure, v->form);
	guest_forget_cookie(v->guest);
	if (browser != NULL && cs_utf8_valid(browser, strlen(browser)))
		snprintf(v->browser, sizeof(v->browser), "%s", browser);
	if (!cs_utf8_valid(v->browser, strlen(v->browser)))	/* cut inside a character */
		v->browser[0] = '\0';
}

/* For forms of who has no session. */
static enum cs_err draw_form_cookie(struct visit *v)
{
	char half[33];
	enum cs_err e = cs_request_id(half);

	if (e == CS_OK)
		e = cs_request_id(v->form);
	if (e == CS_OK)
		memcpy(v->form + 32, half, sizeof(half));
	v->form_new = e == CS_OK;
	return e;
}

static void wipe_body(struct evbuffer *body)
{
	struct evbuffer_iovec parts[8];
	int n = evbuffer_peek(body, -1, NULL, parts, 8);

	for (int i = 0; i < n && i < 8; i++)
		cs_wipe(parts[i].iov_base, parts[i].iov_len);
	evbuffer_drain(body, evbuffer_get_length(body));
}

static enum cs_err read_form(struct visit *v)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(v->req);
	size_t len = evbuffer_get_length(body);
	const char *text = len > 0 ? (const char *)evbuffer_pullup(body, -1) : "";
	enum cs_err e = text != NULL ? form_parse(&v->fields, text, len) : CS_ERR_NOMEM;

	wipe_body(body);
	return e;
}

static bool origin_fits(const struct visit *v)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(v->req);

	return csrf_origin_fits(v->panel->conf->origin, evhttp_find_header(headers, "Origin"),
	    evhttp_find_header(headers, "Sec-Fetch-Site"));
}

static void plan_act(struct visit *v)
{
	v->stage = VISIT_ACTING;
	if (visit_field(v, "proof").len > 0 && v->session[0] != '\0')
		v->plan[v->nplan++] = "Prove";
	for (size_t i = 0; i < ROUTE_ASKS && v->route->asks[i] != NULL; i++)
		v->plan[v->nplan++] = v->route->asks[i];
}

/* A form that is not one of ours, or one from before a restart: nothing is
 * done, and its page is shown again with what was typed. */
static void refuse_stale(struct visit *v)
{
	v->say = say_stale;
	v->status = 403;
	visit_plan_page(v, route_page(v->route->shows));
	visit_advance(v);
}

static void serve_post(struct visit *v)
{
	if (read_form(v) != CS_OK)
		show_error(v, 400);
	else if (!origin_fits(v))
		show_error(v, 403);
	else if (v->session[0] == '\0' && (v->route->flags & ROUTE_PUBLIC) == 0)
		send_to_log_in(v);
	else if (!csrf_fits(&v->panel->csrf, visit_form_secret(v), visit_field(v, "csrf")))
		refuse_stale(v);
	else {
		plan_act(v);
		visit_advance(v);
	}
}

/* What an address may ask a page for.  Anything else in it would fill in a form
 * in somebody's name by a link, and a ticket authorises what stands in it. */
static void forget_strange(struct fields *f)
{
	static const char *const known[] = { "action", "administrator", "before", "closed",
		"count", "kind", "next", "since", "technician", "until" };
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < sizeof(known) / sizeof(known[0]); j++)
			if (cs_str_is(f->at[i].name, known[j]))
				f->at[n++] = f->at[i];
	f->n = n;
}

static void serve_get(struct visit *v, const char *query)
{
	enum cs_err e = form_parse(&v->fields, query, strlen(query));

	forget_strange(&v->fields);
	if (e != CS_OK) {
		show_error(v, 400);
	} else if (v->session[0] == '\0' && (v->route->flags & ROUTE_PUBLIC) == 0) {
		logged_out(v);
	} else {
		visit_plan_page(v, v->route);
		if ((v->route->flags & ROUTE_GUEST) != 0 && v->session[0] != '\0')
			v->plan[v->nplan++] = "Session";
		visit_advance(v);
	}
}

/* The address of a form is no page, but stands in the browser when the form's
 * answer was one: whoever goes there again is led to the form. */
static void serve_address_of_form(struct visit *v)
{
	char location[LOCATION_MAX];
	bool other;

	v->route = route_find(POST, v->decoded, &v->places, &other);
	if (v->route != NULL && location_fill(v, NULL, v->route->shows, location))
		send_see(v, location);
	else
		show_error(v, 404);
}

static struct visit *make_visit(struct panel *panel, struct evhttp_request *req)
{
	struct bufferevent *bev =
	    evhttp_connection_get_bufferevent(evhttp_request_get_connection(req));
	const char *uri = evhttp_request_get_uri(req);
	struct visit *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->panel = panel;
	v->req = req;
	v->status = 200;
	v->heard = lives_heard(panel->lives);
	TAILQ_INSERT_TAIL(&panel->visits, v, link);
	v->guest = guard_find(panel->guard, bev);
	snprintf(v->address, sizeof(v->address), "%s", guest_address(v->guest));
	v->path = strndup(uri, strcspn(uri, "?"));
	v->decoded = v->path != NULL ? strdup(v->path) : NULL;
	read_cookies(v);
	if (v->decoded == NULL || cs_request_id(v->request) != CS_OK) {
		visit_drop(v);
		return NULL;
	}
	return v;
}

void visit_serve(struct panel *panel, struct evhttp_request *req)
{
	enum verb verb = evhttp_request_get_command(req) == EVHTTP_REQ_POST ? POST : GET;
	const char *uri = evhttp_request_get_uri(req), *query = strchr(uri, '?');
	const struct asset *asset = verb == GET ? asset_find(uri) : NULL;
	struct visit *v;
	bool other = false;

	if (asset != NULL) {
		reply_asset(req, asset);
		return;
	}
	v = make_visit(panel, req);
	if (v == NULL)
		return;
	v->route = route_find(verb, v->decoded, &v->places, &other);
	v->page = v->route;
	if (v->route == NULL && other && verb == GET) {
		serve_address_of_form(v);
	} else if (v->route == NULL) {
		if (other)
			reply_header(req, "Allow", "GET, HEAD");
		show_error(v, other ? 405 : 404);
	} else if ((v->route->flags & (ROUTE_PUBLIC | ROUTE_BARE)) == ROUTE_PUBLIC &&
	    v->form[0] == '\0' && draw_form_cookie(v) != CS_OK) {
		visit_drop(v);
	} else if (verb == POST) {
		serve_post(v);
	} else {
		serve_get(v, query != NULL ? query + 1 : "");
	}
}

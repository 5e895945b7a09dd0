/* SPDX-License-Identifier: ISC
 *
 * What stands around every page: head, provider, navigation, where one is, and
 * the pages of errors.
 */
#include "conf.h"
#include "pages.h"
#include "part.h"
#include "route.h"
#include "texts.h"

#include <string.h>

#define CODES "/a/:account/codes"

/* The words are those that support says on the phone. */
static const struct place {
	const char *path, *title;
} places[] = {
	{ "/a/:account", TEXT_OVERVIEW },
	{ CODES, TEXT_CODES },
	{ "/a/:account/tickets", TEXT_TICKETS },
	{ "/a/:account/people", TEXT_PEOPLE },
	{ "/a/:account/activity", TEXT_ACTIVITY },
};
#define PLACES (sizeof(places) / sizeof(places[0]))

/* The place that the page belongs to: the longest path that its own begins with. */
static const struct place *here(const struct visit *v)
{
	const struct place *found = NULL;
	const char *path = visit_route(v) != NULL ? visit_route(v)->path : "";

	for (size_t i = 0; i < PLACES; i++) {
		size_t len = strlen(places[i].path);

		if (strncmp(path, places[i].path, len) == 0 &&
		    (path[len] == '\0' || path[len] == '/') &&
		    (found == NULL || len > strlen(found->path)))
			found = &places[i];
	}
	return found;
}

static void write_place(struct html *h, struct cs_str account,
    const struct place *place, bool current)
{
	html_raw(h, "<li><a href=\"/a/");
	html_url(h, account);
	html_raw(h, place->path + strlen("/a/:account"));
	html_raw(h, current ? "\" aria-current=\"page\">" : "\">");
	html_put(h, place->title);
	html_raw(h, "</a></li>\n");
}

/* The account of the page, or the only one there is; "" for several. */
static struct cs_str nav_account(const struct visit *v, struct cs_str *name)
{
	const struct answer *session = visit_answer(v, "Session");
	const struct cs_str *accounts, *names;
	struct cs_str account = visit_account(v);

	*name = visit_account_name(v);
	if (account.len > 0 && name->len > 0)
		return account;
	if (answer_strings(session, 0, "accounts", &accounts) != 1)
		return cs_str("");
	*name = answer_strings(session, 0, "account_names", &names) == 1 ? names[0] : accounts[0];
	return accounts[0];
}

static void write_account_places(struct visit *v, struct html *h)
{
	struct cs_str name, account = nav_account(v, &name);

	part_text(h, "p class=\"nav-title\"", TEXT_CLIENT_ACCOUNT);
	if (account.len > 0)
		part_value(h, "p class=\"nav-account\"", name);
	html_raw(h, "<ul>\n");
	for (size_t i = 0; i < PLACES && account.len > 0; i++)
		write_place(h, account, &places[i],
		    visit_account(v).len > 0 && here(v) == &places[i]);
	html_raw(h, "</ul>\n");
}

static void write_own_place(struct visit *v, struct html *h, const char *path, const char *title)
{
	html_raw(h, "<li><a");
	html_attr(h, "href", cs_str(path));
	if (cs_str_is(visit_path(v), path))
		html_raw(h, " aria-current=\"page\"");
	html_raw(h, ">");
	html_put(h, title);
	html_raw(h, "</a></li>\n");
}

static void write_nav(struct visit *v, struct html *h)
{
	const struct cs_str *accounts;

	html_raw(h, "<nav class=\"nav\"");
	html_attr(h, "aria-label", cs_str(TEXT_CLIENT_ACCOUNT));
	html_raw(h, ">\n");
	write_account_places(v, h);
	part_text(h, "p class=\"nav-title\"", TEXT_YOU);
	html_raw(h, "<ul>\n");
	if (answer_strings(visit_answer(v, "Session"), 0, "accounts", &accounts) > 1)
		write_own_place(v, h, "/", TEXT_ACCOUNTS);
	write_own_place(v, h, "/security", TEXT_SECURITY);
	html_raw(h, "</ul>\n</nav>\n");
}

static void write_log_out(struct visit *v, struct html *h)
{
	html_form(h, v, "/logout");
	part_button(h, "plain", TEXT_LOG_OUT);
	html_form_end(h);
}

bool pages_reloads(const struct visit *v)
{
	return visit_route(v) != NULL && (visit_route(v)->flags & ROUTE_RELOADS) != 0 &&
	    visit_field(v, "action").len == 0 && visit_say(v).len == 0;
}

static void write_head(struct visit *v, struct html *h)
{
	html_raw(h, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"robots\" content=\"noindex\">\n<title>");
	html_put(h, visit_route(v) != NULL ? visit_route(v)->title : TEXT_NOTICE);
	if (visit_account_name(v).len > 0) {
		html_raw(h, " · ");
		html_text(h, visit_account_name(v));
	}
	html_raw(h, " · ");
	html_put(h, visit_conf(v)->name);
	html_raw(h, "</title>\n<link rel=\"stylesheet\" href=\"");
	html_static(h, "style.css");
	html_raw(h, "\">\n<link rel=\"stylesheet\" href=\"");
	html_static(h, "theme.css");
	html_raw(h, "\">\n<link rel=\"icon\" type=\"image/svg+xml\" href=\"");
	html_static(h, "icon.svg");
	html_raw(h, "\">\n<script src=\"");
	html_static(h, "page.js");
	html_raw(h, "\" defer></script>\n");
	if (pages_reloads(v))
		html_raw(h, "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>\n");
	html_raw(h, "</head>\n");
}

static void write_top(struct visit *v, struct html *h)
{
	html_raw(h,
	    "<header class=\"top\"><div class=\"top-inner\">\n<a class=\"provider\" href=\"/\">");
	html_put(h, visit_conf(v)->name);
	html_raw(h, "</a>\n");
	if (visit_logged_in(v)) {
		const struct answer *session = visit_answer(v, "Session");

		html_raw(h, "<div class=\"who\">");
		part_value(h, "span", part_either(session, 0, "name", "administrator"));
		write_log_out(v, h);
		html_raw(h, "</div>\n<details class=\"menu\"><summary>");
		html_put(h, TEXT_MENU);
		html_raw(h, "</summary>\n");
		write_nav(v, h);
		write_log_out(v, h);
		html_raw(h, "</details>\n");
	}
	html_raw(h, "</div></header>\n");
}

/* Client Account › Overview › Account Preferences & Codes */
static void write_crumbs(struct visit *v, struct html *h)
{
	const struct place *place = here(v);
	bool inside;

	if (visit_account(v).len == 0 || place == NULL)
		return;
	inside = strcmp(visit_route(v)->path, place->path) != 0;
	html_raw(h, "<nav");
	html_attr(h, "aria-label", cs_str(TEXT_WHERE));
	html_raw(h, "><ol class=\"crumbs\">\n<li><a href=\"/\">");
	html_put(h, TEXT_CLIENT_ACCOUNT);
	html_raw(h, "</a></li>\n");
	if (place != &places[0] || inside) {
		html_raw(h, "<li>");
		part_link(h, v, places[0].path, "", TEXT_OVERVIEW);
		html_raw(h, "</li>\n");
	}
	if (inside && place != &places[0]) {
		html_raw(h, "<li>");
		part_link(h, v, place->path, "", place->title);
		html_raw(h, "</li>\n");
	} else if (!inside) {
		part_text(h, "li aria-current=\"page\"", place->title);
	}
	html_raw(h, "</ol></nav>\n");
}

void page_begin(struct visit *v, struct html *h)
{
	write_head(v, h);
	html_raw(h, "<body>\n<a class=\"skip\" href=\"#main\">");
	html_put(h, TEXT_SKIP);
	html_raw(h, "</a>\n");
	write_top(v, h);
	if (visit_logged_in(v)) {
		html_raw(h, "<div class=\"frame\">\n");
		write_nav(v, h);
	} else {
		html_raw(h, "<div class=\"frame alone\">\n");
	}
	html_raw(h, "<main id=\"main\" tabindex=\"-1\">\n");
	if (visit_logged_in(v))
		write_crumbs(v, h);
}

void page_end(struct visit *v, struct html *h)
{
	const char *support = visit_conf(v)->support;

	html_raw(h, "</main>\n</div>\n<footer class=\"foot\"><div class=\"foot-inner\">\n");
	if (support != NULL && support[0] != '\0')
		part_text(h, "p", support);
	part_text(h, "p", TEXT_NEVER_ASKED);
	html_raw(h, "</div></footer>\n<p class=\"unseen\" role=\"status\" id=\"said\"></p>\n"
		    "</body>\n</html>\n");
}

static const char *why_unavailable(const struct visit *v)
{
	if (visit_open(v))
		return visit_again(v) ? TEXT_503_ONCE : TEXT_503_LOOK;
	return visit_again(v) ? TEXT_503_AGAIN : TEXT_503_WHY;
}

static void write_again(struct visit *v, struct html *h)
{
	html_form_again(h, v);
	part_button(h, "primary", TEXT_SEND_AGAIN);
	html_form_end(h);
}

void page_error(struct visit *v, struct html *h, int status)
{
	static const struct {
		int status;
		const char *title, *why;
	} errors[] = {
		{ 400, TEXT_400, TEXT_400_WHY },
		{ 403, TEXT_403, TEXT_403_WHY },
		{ 404, TEXT_404, TEXT_404_WHY },
		{ 405, TEXT_404, TEXT_404_WHY },	/* nobody's form */
		{ 429, TEXT_429, TEXT_429_WHY },
		{ 503, TEXT_503, NULL },
		{ 500, TEXT_500, TEXT_500_WHY },
	};
	size_t i = 0;

	while (errors[i].status != status && errors[i].status != 500)
		i++;
	if (status == 403 && visit_say(v).len > 0) {	/* no form: the daemon's refusal */
		part_text(h, "h1", TEXT_REFUSED);
		part_value(h, "p", part_why(v));
	} else {
		part_text(h, "h1", errors[i].title);
		part_text(h, "p", status == 503 ? why_unavailable(v) : errors[i].why);
		if (visit_say(v).len > 0)
			part_value(h, "p", part_why(v));
	}
	if (status == 503 && visit_again(v))
		write_again(v, h);
	html_raw(h, "<p><a class=\"button\" href=\"/\">");
	html_put(h, TEXT_TO_START);
	html_raw(h, "</a></p>\n");
}

void page_health(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "ok\n");
}

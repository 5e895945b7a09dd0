/* SPDX-License-Identifier: ISC
 *
 * The pages, plain: what the daemon answered, and the forms.
 */
#include "route.h"

#include "conf.h"

void page_begin(struct visit *v, struct html *h)
{
	html_raw(h, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
	if (visit_route(v) != NULL && visit_route(v)->title != NULL) {
		html_put(h, visit_route(v)->title);
		html_raw(h, " - ");
	}
	html_put(h, visit_conf(v)->name);
	html_raw(h, "</title>\n<link rel=\"stylesheet\" href=\"");
	html_static(h, "theme.css");
	html_raw(h, "\">\n<link rel=\"stylesheet\" href=\"");
	html_static(h, "style.css");
	html_raw(h, "\">\n<script src=\"");
	html_static(h, "page.js");
	html_raw(h, "\" defer></script>\n</head>\n<body>\n<header>");
	html_put(h, visit_conf(v)->name);
	if (visit_logged_in(v)) {
		html_form(h, v, "/logout");
		html_raw(h, "<button>Log out</button>");
		html_form_end(h);
	}
	html_raw(h, "</header>\n<main>\n");
	if (visit_say(v).len > 0) {
		html_raw(h, "<p role=\"alert\">");
		html_text(h, visit_say(v));
		html_raw(h, "</p>\n");
	}
}

void page_end(struct visit *v, struct html *h)
{
	html_raw(h, "</main>\n<footer>");
	html_put(h, visit_conf(v)->support);
	html_raw(h, "</footer>\n</body>\n</html>\n");
}

static void write_input(struct html *h, const struct visit *v, const char *label,
    const char *name, const char *type)
{
	html_raw(h, "<p><label>");
	html_put(h, label);
	html_raw(h, " <input");
	html_attr(h, "name", cs_str(name));
	html_attr(h, "type", cs_str(type));
	if (!cs_str_is(cs_str(type), "password"))
		html_attr(h, "value", visit_field(v, name));
	html_raw(h, "></label></p>\n");
}

static void write_button(struct html *h, const char *label)
{
	html_raw(h, "<button>");
	html_put(h, label);
	html_raw(h, "</button>");
	html_form_end(h);
}

/* Every row of an answer with the strings of these names. */
static void write_rows(struct html *h, const struct answer *a, const char *const *names)
{
	html_raw(h, "<ul>\n");
	for (size_t i = 0; a != NULL && i < a->n; i++) {
		html_raw(h, "<li>");
		for (size_t j = 0; names[j] != NULL; j++) {
			html_text(h, answer_string(a, i, names[j]));
			html_raw(h, " ");
		}
		html_raw(h, "</li>\n");
	}
	html_raw(h, "</ul>\n");
}

void page_error(struct visit *v, struct html *h, int status)
{
	(void)v;
	html_raw(h, "<h1>");
	html_put(h, status == 404 ? "There is no such page" :
	    status == 503 ? "The service does not answer. Try again soon." :
	    "This did not work");
	html_raw(h, "</h1>\n");
}

void page_prove(struct visit *v, struct html *h)
{
	html_raw(h, "<h1>Confirm that it is you</h1>\n");
	html_form_again(h, v);
	write_input(h, v, "Code of your authenticator app", "proof", "text");
	write_button(h, "Go on");
}

void page_login(struct visit *v, struct html *h)
{
	html_raw(h, "<h1>Log in</h1>\n");
	html_form(h, v, "/login");
	html_hidden(h, "next", visit_field(v, "next"));
	write_input(h, v, "Name", "name", "text");
	write_input(h, v, "Password", "password", "password");
	write_input(h, v, "Code", "code", "text");
	write_button(h, "Log in");
}

void page_codes_live(struct visit *v, struct html *h)
{
	static const char *const call[] = { "technician_name", "title", "case", NULL };
	static const char *const code[] = { "issue", "title", NULL };

	html_raw(h, "<h2>Calls</h2>\n");
	write_rows(h, visit_answer(v, "Calls"), call);
	html_raw(h, "<h2>Codes</h2>\n");
	write_rows(h, visit_answer(v, "Codes"), code);
}

void page_codes(struct visit *v, struct html *h)
{
	html_raw(h, "<h1>Account Preferences &amp; Codes</h1>\n<div id=\"live\">\n");
	page_codes_live(v, h);
	html_raw(h, "</div>\n");
	html_form(h, v, "/a/:account/codes");
	write_input(h, v, "Action", "action", "text");
	write_input(h, v, "Target", "target", "text");
	write_button(h, "Generate");
}

void page_code_live(struct visit *v, struct html *h)
{
	const struct answer *a = visit_answer(v, "Code");

	html_raw(h, "<p>");
	html_text(h, answer_string(a, 0, "code"));
	html_raw(h, " ");
	html_text(h, answer_string(a, 0, "state"));
	html_raw(h, "</p>\n");
}

void page_code(struct visit *v, struct html *h)
{
	html_raw(h, "<h1>Support code</h1>\n<div id=\"live\">\n");
	page_code_live(v, h);
	html_raw(h, "</div>\n");
	html_form(h, v, "/a/:account/codes/:issue/cancel");
	write_button(h, "Cancel this code");
}

void page_accounts(struct visit *v, struct html *h)
{
	const struct cs_str *accounts;
	size_t n = answer_strings(visit_answer(v, "Session"), 0, "accounts", &accounts);

	html_raw(h, "<h1>Accounts</h1>\n");
	for (size_t i = 0; i < n; i++) {
		html_raw(h, "<p><a href=\"/a/");
		html_url(h, accounts[i]);
		html_raw(h, "/codes\">");
		html_text(h, accounts[i]);
		html_raw(h, "</a></p>\n");
	}
}

void page_health(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "ok\n");
}

void page_invitation(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_welcome(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_welcome_done(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_overview(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_tickets(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_ticket_new(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_ticket(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_people(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_person(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_person_invite(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_person_invited(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_person_ended(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_activity(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_activity_csv(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_activity_jsonl(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_security(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_enrolled(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_recovery(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_freeze(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

void page_frozen(struct visit *v, struct html *h)
{
	(void)v;
	html_raw(h, "<h1>Not here yet</h1>\n");
}

/* SPDX-License-Identifier: ISC
 *
 * Support tickets.  Beside a ticket stands what it authorises, which is what
 * its author wrote when it was opened and nothing that was said in it later.
 */
#include "pages.h"
#include "part.h"
#include "route.h"
#include "texts.h"

static const struct authority {
	const char *name, *style, *text;
} authorities[] = {
	{ "none", "", TEXT_AUTHORITY_NONE },
	{ "live", "good", TEXT_AUTHORITY_LIVE },
	{ "used", "", TEXT_AUTHORITY_USED },
	{ "expired", "", TEXT_AUTHORITY_EXPIRED },
	{ "revoked", "", TEXT_AUTHORITY_REVOKED },
};

void pages_tickets(struct visit *v, struct html *h, size_t n)
{
	const struct answer *tickets = visit_answer(v, "Tickets");

	html_raw(h, "<ul class=\"rows\">\n");
	for (size_t i = 0; i < n; i++) {
		struct cs_str ticket = answer_string(tickets, i, "ticket");

		html_raw(h, "<li><div class=\"row-text\"><a class=\"row-link\" href=\"");
		html_path(h, v, "/a/:account/tickets/");
		html_url(h, ticket);
		html_raw(h, "\">");
		html_text(h, answer_string(tickets, i, "subject"));
		html_raw(h, "</a><span class=\"muted small\">");
		part_say(h, "span", TEXT_TICKET_ROW, ticket,
		    part_either(tickets, i, "administrator_name", "administrator"));
		part_time(h, v, answer_int(tickets, i, "updated"));
		html_raw(h, "</span></div>");
		if (answer_string(tickets, i, "title").len > 0)
			part_value(h, "span class=\"tag\"", answer_string(tickets, i, "title"));
		html_raw(h, "</li>\n");
	}
	html_raw(h, "</ul>\n");
}

static const char *why_none(const struct visit *v, bool closed)
{
	if (visit_field(v, "before").len > 0)
		return TEXT_NO_OLDER;
	return closed ? TEXT_NO_CLOSED : TEXT_NO_TICKETS;
}

static void write_older(struct visit *v, struct html *h, bool closed, struct cs_str before)
{
	html_raw(h, "<p><a class=\"button\" href=\"");
	html_path(h, v, "/a/:account/tickets");
	html_raw(h, closed ? "?closed=1&amp;before=" : "?before=");
	html_url(h, before);
	html_raw(h, "\">" TEXT_OLDER "</a></p>\n");
}

void page_tickets(struct visit *v, struct html *h)
{
	bool closed = visit_field(v, "closed").len > 0;
	size_t n = part_rows(v, "Tickets");

	part_text(h, "h1", TEXT_TICKETS_TITLE);
	part_refusal(h, v);
	pages_stopped(v, h);
	html_raw(h, "<div class=\"buttons\">\n");
	part_link(h, v, "/a/:account/tickets/new", "button primary", TEXT_NEW_TICKET);
	html_raw(h, "</div>\n<section class=\"card\">\n");
	part_text(h, "h2", closed ? TEXT_CLOSED : TEXT_ONGOING);
	if (n == 0)
		part_text(h, "p class=\"muted\"", why_none(v, closed));
	else
		pages_tickets(v, h, n);
	html_raw(h, "</section>\n");
	if (n >= PAGE_ROWS)
		write_older(v, h, closed,
		    answer_string(visit_answer(v, "Tickets"), n - 1, "ticket"));
	html_raw(h, "<p><a href=\"");
	html_path(h, v, "/a/:account/tickets");
	html_raw(h, closed ? "\">" TEXT_SHOW_OPEN : "?closed=1\">" TEXT_SHOW_CLOSED);
	html_raw(h, "</a></p>\n");
}

/* The action that was chosen, and the fields of its targets. */
static void write_authorises(struct visit *v, struct html *h, size_t chosen)
{
	const struct answer *actions = visit_answer(v, "Actions");

	html_hidden(h, "action", answer_string(actions, chosen, "action"));
	html_raw(h, "<fieldset>\n<legend>" TEXT_AUTHORISES "</legend>\n");
	part_value(h, "p class=\"change\"", answer_string(actions, chosen, "title"));
	part_text(h, "p class=\"hint\"", TEXT_AUTHORISES_WHY);
	if (answer_bool(actions, chosen, "binds_target"))
		pages_target_fields(v, h, answer_string(actions, chosen, "target_form"));
	html_raw(h, "<p>");
	part_link(h, v, "/a/:account/tickets/new", "", TEXT_AUTHORISES_OTHER);
	html_raw(h, "</p>\n</fieldset>\n");
}

static void write_new(struct visit *v, struct html *h, bool authorises, size_t chosen)
{
	static const struct field subject = {
		.name = "subject", .label = TEXT_SUBJECT,
		.attrs = "type=\"text\" autocomplete=\"off\" maxlength=\"128\" required",
	};
	static const struct field text = {
		.name = "text", .label = TEXT_TICKET_TEXT,
		.attrs = "rows=\"8\" maxlength=\"4000\" required",
	};

	html_raw(h, "<section class=\"card\">\n");
	html_form_with(h, v, "/a/:account/tickets", " class=\"form\"");
	if (authorises)
		write_authorises(v, h, chosen);
	part_field(h, v, &subject);
	part_area(h, v, &text);
	part_button(h, "primary", TEXT_SEND_TICKET);
	html_form_end(h);
	html_raw(h, "</section>\n");
}

void page_ticket_new(struct visit *v, struct html *h)
{
	size_t chosen;
	bool authorises = pages_chosen(v, &chosen);

	part_text(h, "h1", TEXT_ENTER_TICKET);
	part_refusal(h, v);
	pages_stopped(v, h);
	pages_cooling(v, h);
	/* Before there is anything typed that a change of mind would lose. */
	if (!authorises)
		pages_actions(v, h, "/a/:account/tickets/new",
		    "<details class=\"card\"><summary>" TEXT_AUTHORISE
		    "</summary>\n<p>" TEXT_AUTHORISE_WHY "</p>\n",
		    "</details>\n");
	write_new(v, h, authorises, chosen);
}

static void write_authority(struct visit *v, struct html *h, const struct answer *t)
{
	const struct authority *a = &authorities[0];

	for (size_t i = 0; i < sizeof(authorities) / sizeof(authorities[0]); i++)
		if (cs_str_is(answer_string(t, 0, "authority"), authorities[i].name))
			a = &authorities[i];
	if (a == &authorities[0]) {
		part_text(h, "p class=\"muted\"", a->text);
		return;
	}
	html_raw(h, "<section class=\"note ");
	html_raw(h, a->style);
	html_raw(h, "\">\n<p><b>");
	html_put(h, a->text);
	if (a == &authorities[1]) {
		html_raw(h, " ");
		part_time(h, v, answer_int(t, 0, "expires"));
		html_raw(h, ".");
	}
	html_raw(h, "</b></p>\n");
	part_change(h, t, 0, "title", "target");
	if (answer_string(t, 0, "used_by").len > 0) {
		html_raw(h, "<p>");
		pages_used(v, h, answer_string(t, 0, "used_by"), answer_int(t, 0, "used"),
		    cs_str(""));
		html_raw(h, "</p>\n");
	}
	html_raw(h, "</section>\n");
}

static void write_thread(struct visit *v, struct html *h, const struct answer *t)
{
	part_text(h, "h2", TEXT_THREAD);
	html_raw(h, "<ol class=\"thread\">\n");
	for (size_t i = 1; i < t->n; i++) {
		bool staff = answer_bool(t, i, "staff");

		html_raw(h, staff ? "<li class=\"entry staff\">" : "<li class=\"entry\">");
		html_raw(h, "<div class=\"entry-head\">");
		html_raw(h, "<span>");
		part_value(h, "b", part_either(t, i, "display", "name"));
		if (staff)
			part_text(h, "span class=\"tag\"", TEXT_STAFF);
		html_raw(h, "</span><span class=\"muted small\">");
		part_time(h, v, answer_int(t, i, "time"));
		html_raw(h, "</span></div>\n");
		part_value(h, "p class=\"entry-text\"", answer_string(t, i, "text"));
		html_raw(h, "</li>\n");
	}
	html_raw(h, "</ol>\n");
}

static void write_reply(struct visit *v, struct html *h)
{
	static const struct field text = {
		.name = "text", .label = TEXT_REPLY,
		.attrs = "rows=\"5\" maxlength=\"4000\" required",
	};

	html_raw(h, "<section class=\"card\">\n");
	html_form_with(h, v, "/a/:account/tickets/:ticket", " class=\"form\"");
	part_area(h, v, &text);
	part_button(h, "primary", TEXT_SEND_REPLY);
	html_form_end(h);
	html_raw(h, "</section>\n<section class=\"lead\">\n");
	html_form(h, v, "/a/:account/tickets/:ticket/close");
	part_button(h, "", TEXT_CLOSE_TICKET);
	html_form_end(h);
	part_text(h, "p class=\"muted small\"", TEXT_CLOSE_WHY);
	html_raw(h, "</section>\n");
}

/* What was typed and cannot be sent from here is not lost. */
static void write_unsent(struct visit *v, struct html *h)
{
	static const struct field text = {
		.name = "text", .label = TEXT_UNSENT, .attrs = "rows=\"8\" readonly",
	};

	if (visit_field(v, "text").len > 0)
		part_area(h, v, &text);
}

void page_ticket(struct visit *v, struct html *h)
{
	const struct answer *t = visit_answer(v, "Ticket");

	part_say(h, "h1", TEXT_TICKET_TITLE, answer_string(t, 0, "ticket"),
	    answer_string(t, 0, "subject"));
	part_refusal(h, v);
	write_authority(v, h, t);
	write_thread(v, h, t);
	if (cs_str_is(answer_string(t, 0, "state"), "closed")) {
		part_note(h, TEXT_TICKET_CLOSED);
		write_unsent(v, h);
	} else {
		write_reply(v, h);
	}
}

/* A session that is over lets nothing be done, and nothing is kept for the next. */
void page_unsent(struct visit *v, struct html *h)
{
	static const struct field subject = {
		.name = "subject", .label = TEXT_SUBJECT, .attrs = "type=\"text\" readonly",
	};

	part_text(h, "h1", TEXT_NOT_SENT);
	part_text(h, "p", TEXT_NOT_SENT_WHY);
	if (visit_field(v, "subject").len > 0)
		part_field(h, v, &subject);
	write_unsent(v, h);
	html_raw(h,
	    "<p><a class=\"button primary\" href=\"/login\" target=\"_blank\" rel=\"noopener\">"
	    TEXT_LOG_IN_APART "</a></p>\n");
}

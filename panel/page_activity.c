/* SPDX-License-Identifier: ISC
 *
 * Every event of the account: what happened in a sentence, then who, to what,
 * with which credential.  The same rows as CSV and JSON lines.
 */
#include "event_text.h"
#include "pages.h"
#include "part.h"
#include "route.h"
#include "texts.h"

/* Of the page: what is carried on by links. */
static const char *const filters[] = {
	"since", "until", "administrator", "technician", "action", "kind",
};
#define FILTERS (sizeof(filters) / sizeof(filters[0]))

static void write_detail(struct html *h, bool *first, const char *text, struct cs_str value)
{
	if (value.len == 0)
		return;
	html_raw(h, *first ? "" : " · ");
	part_say(h, "span", text, value);
	*first = false;
}

/* "I42" says little by itself. */
static void write_credential(struct html *h, bool *first, struct cs_str credential)
{
	static const struct {
		char letter;
		const char *text;
	} kinds[] = {
		{ 'A', TEXT_BY_AUTHENTICATOR }, { 'C', TEXT_BY_CALL }, { 'G', TEXT_BY_GRANT },
		{ 'I', TEXT_BY_CODE }, { 'T', TEXT_BY_TICKET },
	};
	const char *text = "{}";

	for (size_t i = 0; credential.len > 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (credential.p[0] == kinds[i].letter)
			text = kinds[i].text;
	write_detail(h, first, text, credential);
}

static void write_details(struct html *h, const struct answer *events, size_t i)
{
	const struct cs_str *targets;
	size_t n = answer_strings(events, i, "target", &targets);
	bool first = true;

	html_raw(h, "<span class=\"small\">");
	write_detail(h, &first, "{}", part_either(events, i, "title", "action"));
	for (size_t j = 0; j < n; j++) {
		html_raw(h, first ? "" : " · ");
		part_target(h, targets[j]);
		first = false;
	}
	html_raw(h, "</span>\n<span class=\"muted small\">");
	first = true;
	write_detail(h, &first, "{}",
	    part_either(events, i, "administrator_name", "administrator"));
	write_detail(h, &first, TEXT_BY_TECHNICIAN, answer_string(events, i, "technician"));
	write_credential(h, &first, answer_string(events, i, "credential"));
	write_detail(h, &first, TEXT_CASE, answer_string(events, i, "case"));
	write_detail(h, &first, TEXT_FROM_ADDRESS, answer_string(events, i, "client"));
	write_detail(h, &first, "{}", answer_string(events, i, "note"));
	html_raw(h, "</span>\n");
}

void pages_events(struct visit *v, struct html *h, size_t n)
{
	const struct answer *events = visit_answer(v, "Activity");

	n = n < part_rows(v, "Activity") ? n : part_rows(v, "Activity");
	if (n == 0) {
		part_text(h, "p class=\"muted\"", TEXT_NO_ACTIVITY);
		return;
	}
	html_raw(h, "<ol class=\"events\">\n");
	for (size_t i = 0; i < n; i++) {
		struct event_text text = event_text(events, i);

		html_raw(h, "<li><span>");
		part_time(h, v, answer_int(events, i, "time"));
		html_raw(h, "</span><div class=\"row-text\">");
		part_text(h, text.refused ? "b class=\"wrong\"" : "b", text.text);
		write_details(h, events, i);
		html_raw(h, "</div></li>\n");
	}
	html_raw(h, "</ol>\n");
}

/* "since=2026-03-01&kind=verify", after the mark; returns the mark that is next. */
static const char *write_query(struct visit *v, struct html *h, const char *mark)
{
	for (size_t i = 0; i < FILTERS; i++) {
		if (visit_field(v, filters[i]).len == 0)
			continue;
		html_raw(h, mark);
		html_raw(h, filters[i]);
		html_raw(h, "=");
		html_url(h, visit_field(v, filters[i]));
		mark = "&amp;";
	}
	return mark;
}

static void write_older(struct visit *v, struct html *h, int64_t before)
{
	html_raw(h, "<a class=\"button\" href=\"");
	html_path(h, v, "/a/:account/activity");
	html_raw(h, write_query(v, h, "?"));
	html_raw(h, "before=");
	html_int(h, before);
	html_raw(h, "\">" TEXT_OLDER "</a>\n");
}

/* From the newest event that the page shows; the daemon sends no more at once. */
static void write_export(struct visit *v, struct html *h, const char *path, const char *text)
{
	html_raw(h, "<a class=\"button\" download href=\"");
	html_path(h, v, path);
	html_raw(h, "?count=1000");
	write_query(v, h, "&amp;");
	if (visit_field(v, "before").len > 0) {
		html_raw(h, "&amp;before=");
		html_url(h, visit_field(v, "before"));
	}
	html_raw(h, "\">");
	html_put(h, text);
	html_raw(h, "</a>\n");
}

static void write_kinds(struct visit *v, struct html *h)
{
	struct cs_str chosen = visit_field(v, "kind");

	html_raw(h, "<div class=\"field\"><label for=\"kind\">" TEXT_FILTER_KIND
		    "</label><select id=\"kind\" name=\"kind\">\n");
	part_option(h, cs_str(""), cs_str(TEXT_ANY), chosen);
	for (size_t i = 0; i < event_nkinds; i++)
		part_option(h, cs_str(event_kinds[i].kind), cs_str(event_kinds[i].name), chosen);
	html_raw(h, "</select></div>\n<div class=\"field\"><label for=\"action\">" TEXT_ACTION
		    "</label><select id=\"action\" name=\"action\">\n");
	chosen = visit_field(v, "action");
	part_option(h, cs_str(""), cs_str(TEXT_ANY), chosen);
	for (size_t i = 0; i < part_rows(v, "Actions"); i++)
		part_option(h, answer_string(visit_answer(v, "Actions"), i, "action"),
		    answer_string(visit_answer(v, "Actions"), i, "title"), chosen);
	html_raw(h, "</select></div>\n");
}

static void write_filters(struct visit *v, struct html *h)
{
	static const struct field fields[] = {
		{ .name = "since", .label = TEXT_SINCE, .attrs = "type=\"date\"" },
		{ .name = "until", .label = TEXT_UNTIL, .attrs = "type=\"date\"" },
		{ .name = "administrator", .label = TEXT_FILTER_PERSON,
		  .attrs = "type=\"text\" autocomplete=\"off\" autocapitalize=\"none\"" },
		{ .name = "technician", .label = TEXT_FILTER_TECHNICIAN,
		  .attrs = "type=\"text\" autocomplete=\"off\" autocapitalize=\"none\"" },
	};
	bool open = false;

	for (size_t i = 0; i < FILTERS; i++)
		open = open || visit_field(v, filters[i]).len > 0;
	html_raw(h, open ? "<details class=\"card\" open>" : "<details class=\"card\">");
	html_raw(h,
	    "<summary>" TEXT_FILTER "</summary>\n<form class=\"form\" method=\"get\" action=\"");
	html_path(h, v, "/a/:account/activity");
	html_raw(h, "\">\n<div class=\"filters\">\n");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		part_field(h, v, &fields[i]);
	write_kinds(v, h);
	html_raw(h, "</div>\n<div class=\"buttons\">\n");
	part_button(h, "primary", TEXT_APPLY);
	part_link(h, v, "/a/:account/activity", "button", TEXT_CLEAR);
	html_raw(h, "</div>\n</form></details>\n");
}

void page_activity(struct visit *v, struct html *h)
{
	size_t n = part_rows(v, "Activity");

	part_text(h, "h1", TEXT_ACTIVITY_TITLE);
	part_text(h, "p", TEXT_ACTIVITY_WHY);
	part_refusal(h, v);
	write_filters(v, h);
	if (visit_say(v).len > 0)	/* nothing was looked for */
		return;
	html_raw(h, "<section class=\"card\">\n");
	pages_events(v, h, n);
	html_raw(h, "</section>\n<div class=\"buttons\">\n");
	if (n >= PAGE_ROWS)
		write_older(v, h, answer_int(visit_answer(v, "Activity"), n - 1, "event"));
	html_raw(h, "<span class=\"muted\">" TEXT_DOWNLOAD "</span>\n");
	write_export(v, h, "/a/:account/activity.csv", TEXT_CSV);
	write_export(v, h, "/a/:account/activity.jsonl", TEXT_JSONL);
	html_raw(h, "</div>\n");
}

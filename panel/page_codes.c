/* SPDX-License-Identifier: ISC
 *
 * Account Preferences & Codes: who asks, Generate, and codes for one action.
 * What the page shows of a call comes from the daemon alone, so that a caller
 * who claims to be support is caught by it.
 */
#include "pages.h"
#include "part.h"
#include "route.h"
#include "texts.h"

/* Does the daemon ask for a code here, and may this person authorise it? */
static bool useful(const struct answer *actions, size_t i)
{
	return answer_bool(actions, i, "may") &&
	    !cs_str_is(answer_string(actions, i, "requires"), "none");
}

void pages_cooling(struct visit *v, struct html *h)
{
	const struct answer *account = visit_answer(v, "Account"),
			    *session = visit_answer(v, "Session");
	const struct cs_str *accounts;
	bool somewhere = account == NULL && answer_strings(session, 0, "accounts", &accounts) > 1;
	int64_t until = answer_int(account != NULL ? account : session, 0, "cooling");

	if (until == 0 || pages_is_stopped(v))
		return;
	html_raw(h, "<div class=\"note warn\">\n");
	part_text(h, "h2", TEXT_COOLING_TITLE);
	html_raw(h, somewhere ? "<p>" TEXT_COOLING_SOMEWHERE " " : "<p>" TEXT_COOLING " ");
	part_time(h, v, until);
	html_raw(h, ". " TEXT_COOLING_MORE "</p>\n</div>\n");
}

static void write_answers(struct visit *v, struct html *h, const struct answer *calls, size_t i)
{
	if (!answer_bool(calls, i, "may")) {
		part_text(h, "p", TEXT_MAY_NOT_CALL);
	} else {
		part_text(h, "p", TEXT_SHOW_CODE_WHY);
	}
	html_raw(h, "<div class=\"buttons\">\n");
	if (answer_bool(calls, i, "may")) {
		html_form(h, v, "/a/:account/codes");
		html_hidden(h, "call", answer_string(calls, i, "call"));
		part_button(h, "primary", TEXT_SHOW_CODE);
		html_form_end(h);
	}
	html_form(h, v, "/a/:account/calls/deny");
	html_hidden(h, "call", answer_string(calls, i, "call"));
	part_button(h, "danger", TEXT_NOT_US);
	html_form_end(h);
	html_raw(h, "</div>\n");
}

static void write_call(struct visit *v, struct html *h, const struct answer *calls, size_t i)
{
	struct cs_str who = part_either(calls, i, "technician_name", "technician");
	struct cs_str number = answer_string(calls, i, "case");

	visit_turns(v, answer_int(calls, i, "expires"));
	html_raw(h, "<section class=\"card call\">\n<div class=\"ask\" data-told>\n");
	if (number.len > 0)
		part_say(h, "h2", TEXT_ASKS_CASE, who, number);
	else
		part_say(h, "h2", TEXT_ASKS, who);
	part_change(h, calls, i, "title", "target");
	html_raw(h, "</div>\n<p class=\"muted small\">" TEXT_ASKED_AT " ");
	part_time(h, v, answer_int(calls, i, "opened"));
	html_raw(h, "</p>\n");
	write_answers(v, h, calls, i);
	html_raw(h, "</section>\n");
}

static void write_calls(struct visit *v, struct html *h)
{
	const struct answer *calls = visit_answer(v, "Calls");
	size_t n = part_rows(v, "Calls");

	for (size_t i = 0; i < n; i++)
		write_call(v, h, calls, i);
	if (n > 0)
		return;
	html_raw(h, "<section class=\"quiet\"><div class=\"lead\">\n");
	part_say(h, "p data-told", TEXT_NOBODY_ASKS, visit_account_name(v));
	part_text(h, "p class=\"muted small\"", TEXT_NOBODY_WHY);
	html_raw(h, "</div></section>\n");
}

static void write_live_code(struct visit *v, struct html *h, const struct answer *codes, size_t i)
{
	struct cs_str title = answer_string(codes, i, "title");
	const struct cs_str *targets;
	size_t n = answer_strings(codes, i, "target", &targets);

	visit_turns(v, answer_int(codes, i, "expires"));
	html_raw(h, "<li><div class=\"row-text\">");
	part_value(h, "b", title.len > 0 ? title : cs_str(TEXT_ANY_ACTION));
	for (size_t j = 0; j < n; j++) {
		html_raw(h, "<span>");
		part_target(h, targets[j]);
		html_raw(h, "</span>");
	}
	html_raw(h, "<span class=\"muted small\">" TEXT_GOOD_UNTIL " ");
	part_time(h, v, answer_int(codes, i, "expires"));
	html_raw(h, "</span></div>\n<a class=\"button\" href=\"");
	html_path(h, v, "/a/:account/codes/");
	html_url(h, answer_string(codes, i, "issue"));
	html_raw(h, "\">" TEXT_SHOW "<span class=\"unseen\"> ");
	html_text(h, answer_string(codes, i, "issue"));
	html_raw(h, "</span></a></li>\n");
}

static void write_live_codes(struct visit *v, struct html *h)
{
	const struct answer *codes = visit_answer(v, "Codes");
	size_t n = part_rows(v, "Codes");

	if (n == 0)
		return;
	html_raw(h, "<section class=\"card\">\n");
	part_text(h, "h2", TEXT_LIVE_CODES);
	html_raw(h, "<ul class=\"rows\">\n");
	for (size_t i = 0; i < n; i++)
		write_live_code(v, h, codes, i);
	html_raw(h, "</ul>\n</section>\n");
}

void page_codes_live(struct visit *v, struct html *h)
{
	pages_stopped(v, h);
	write_calls(v, h);
	write_live_codes(v, h);
}

static void write_generate(struct visit *v, struct html *h)
{
	html_raw(h, "<section class=\"card\">\n");
	part_text(h, "h2", TEXT_GENERATE_TITLE);
	part_text(h, "p", TEXT_GENERATE_WHY);
	html_form(h, v, "/a/:account/codes");
	part_button(h, "primary big", TEXT_GENERATE);
	html_form_end(h);
	html_raw(h, "</section>\n");
}

static void write_action(struct visit *v, struct html *h, const char *path,
    const struct answer *actions, size_t i)
{
	html_raw(h, "<li><div class=\"row-text\"><a class=\"row-link\" href=\"");
	html_path(h, v, path);
	html_raw(h, "?action=");
	html_url(h, answer_string(actions, i, "action"));
	html_raw(h, "\">");
	html_text(h, answer_string(actions, i, "title"));
	html_raw(h, "</a></div>");
	if (cs_str_is(answer_string(actions, i, "risk"), "high"))
		part_text(h, "span class=\"tag\"", TEXT_HIGH);
	html_raw(h, "</li>\n");
}

void pages_actions(struct visit *v, struct html *h, const char *path, const char *before,
    const char *after)
{
	const struct answer *actions = visit_answer(v, "Actions");
	size_t n = part_rows(v, "Actions"), shown = 0;

	for (size_t i = 0; i < n; i++) {
		if (!useful(actions, i))
			continue;
		if (shown++ == 0) {
			html_raw(h, before);
			html_raw(h, "<ul class=\"rows\">\n");
		}
		write_action(v, h, path, actions, i);
	}
	if (shown > 0) {
		html_raw(h, "</ul>\n");
		html_raw(h, after);
	}
}

bool pages_chosen(const struct visit *v, size_t *row)
{
	const struct answer *actions = visit_answer(v, "Actions");
	struct cs_str action = visit_field(v, "action");

	for (*row = 0; action.len > 0 && *row < part_rows(v, "Actions"); ++*row)
		if (part_same(answer_string(actions, *row, "action"), action) &&
		    useful(actions, *row))
			return true;
	return false;
}

static void write_one_action(struct visit *v, struct html *h, const struct answer *actions,
    size_t i)
{
	html_raw(h, "<div class=\"lead\">\n");
	part_text(h, "p class=\"muted\"", TEXT_FOR_ACTION);
	part_value(h, "h1", answer_string(actions, i, "title"));
	html_raw(h, "</div>\n");
	part_refusal(h, v);
	html_raw(h, "<section class=\"card\">\n");
	html_form_with(h, v, "/a/:account/codes", " class=\"form\"");
	html_hidden(h, "action", answer_string(actions, i, "action"));
	if (answer_bool(actions, i, "binds_target"))
		pages_target_fields(v, h, answer_string(actions, i, "target_form"));
	part_button(h, "primary big", TEXT_GENERATE);
	html_form_end(h);
	html_raw(h, "</section>\n<p>");
	part_link(h, v, "/a/:account/codes", "", TEXT_OTHER_ACTION);
	html_raw(h, "</p>\n");
}

void page_codes(struct visit *v, struct html *h)
{
	size_t chosen;

	if (pages_chosen(v, &chosen)) {
		write_one_action(v, h, visit_answer(v, "Actions"), chosen);
		return;
	}
	part_text(h, "h1", TEXT_CODES);
	part_refusal(h, v);
	pages_cooling(v, h);
	pages_live_begin(v, h, "/a/:account/codes/live");
	page_codes_live(v, h);
	pages_live_end(v, h);
	if (pages_is_stopped(v))
		return;
	write_generate(v, h);
	pages_actions(v, h, "/a/:account/codes",
	    "<section class=\"card\">\n<h2>" TEXT_ONE_ACTION "</h2>\n<p>" TEXT_ONE_ACTION_WHY
	    "</p>\n",
	    "</section>\n");
}

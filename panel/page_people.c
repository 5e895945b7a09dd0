/* SPDX-License-Identifier: ISC
 *
 * The administrators of an account, one of them, and inviting another.  What
 * ended with a removal is said in the daemon's numbers.
 */
#include "conf.h"
#include "pages.h"
#include "part.h"
#include "route.h"
#include "texts.h"

#include <stdio.h>
#include <string.h>

#define PEOPLE "/a/:account/people"
#define PERSON PEOPLE "/:administrator"
#define RIGHTS PERSON "/rights"
#define NAME_ATTRS \
	"type=\"text\" autocomplete=\"off\" autocapitalize=\"none\" autocorrect=\"off\" " \
	"spellcheck=\"false\" maxlength=\"64\" pattern=\"[a-z0-9][a-z0-9._\\-]*\" required"

static bool holds(const struct cs_str *at, size_t n, struct cs_str one)
{
	for (size_t i = 0; i < n; i++)
		if (part_same(at[i], one))
			return true;
	return false;
}

/* May this person change who acts for the account?  The right is that of an
 * action like any other. */
static bool may_change(const struct visit *v)
{
	const struct answer *actions = visit_answer(v, "Actions");

	for (size_t i = 0; i < part_rows(v, "Actions"); i++)
		if (cs_str_is(answer_string(actions, i, "action"), "admin.change"))
			return answer_bool(actions, i, "may");
	return false;
}

/* Why nothing can be changed here. */
static void write_may_not(struct visit *v, struct html *h)
{
	pages_stopped(v, h);
	if (pages_is_stopped(v))
		return;
	pages_cooling(v, h);
	part_text(h, "p class=\"muted\"", TEXT_PEOPLE_LOOK);
}

/* Of an action, as the policy calls it; its name when the policy does not. */
static struct cs_str title_of(const struct visit *v, struct cs_str action)
{
	const struct answer *actions = visit_answer(v, "Actions");

	for (size_t i = 0; i < part_rows(v, "Actions"); i++)
		if (part_same(answer_string(actions, i, "action"), action))
			return part_either(actions, i, "title", "action");
	return action;
}

static void write_rights(const struct visit *v, struct html *h, const struct answer *people,
    size_t i)
{
	const struct cs_str *actions;
	size_t n = answer_strings(people, i, "actions", &actions);

	if (answer_bool(people, i, "all")) {
		html_put(h, TEXT_PERSON_ALL);
		return;
	}
	if (n == 0)
		html_put(h, TEXT_PERSON_NOTHING);
	for (size_t j = 0; j < n; j++) {
		html_raw(h, j > 0 ? "; " : "");
		html_text(h, title_of(v, actions[j]));
	}
}

static void write_tags(struct html *h, const struct answer *people, size_t i)
{
	if (answer_bool(people, i, "you"))
		part_text(h, "span class=\"tag\"", TEXT_PERSON_YOU);
	if (cs_str_is(answer_string(people, i, "standing"), "suspended"))
		part_text(h, "span class=\"tag bad\"", TEXT_PERSON_SUSPENDED);
	else if (answer_bool(people, i, "pending"))
		part_text(h, "span class=\"tag warn\"", TEXT_PERSON_PENDING);
	else if (answer_has(people, i, "cooling"))
		part_text(h, "span class=\"tag warn\"", TEXT_PERSON_COOLING);
}

void page_people(struct visit *v, struct html *h)
{
	const struct answer *people = visit_answer(v, "People");

	part_text(h, "h1", TEXT_PEOPLE_TITLE);
	part_refusal(h, v);
	if (may_change(v)) {
		html_raw(h, "<div class=\"buttons\">\n");
		part_link(h, v, "/a/:account/people/_new", "button primary", TEXT_INVITE);
		html_raw(h, "</div>\n");
	} else {
		write_may_not(v, h);
	}
	html_raw(h, "<section class=\"card\"><ul class=\"rows\">\n");
	for (size_t i = 0; i < part_rows(v, "People"); i++) {
		html_raw(h, "<li><div class=\"row-text\"><a class=\"row-link\" href=\"");
		html_path(h, v, "/a/:account/people/");
		html_url(h, answer_string(people, i, "administrator"));
		html_raw(h, "\">");
		html_text(h, part_either(people, i, "name", "administrator"));
		html_raw(h, "</a><span>");
		write_rights(v, h, people, i);
		html_raw(h, "</span></div>");
		write_tags(h, people, i);
		html_raw(h, "</li>\n");
	}
	html_raw(h, "</ul></section>\n");
}

static void write_pair(struct html *h, const char *label)
{
	part_text(h, "dt", label);
	html_raw(h, "<dd>");
}

static const char *state_of(const struct answer *people, size_t i)
{
	if (cs_str_is(answer_string(people, i, "standing"), "suspended"))
		return TEXT_PERSON_SUSPENDED;
	return answer_bool(people, i, "pending") ? TEXT_PERSON_PENDING : TEXT_PERSON_ACTIVE;
}

static void write_facts(struct visit *v, struct html *h, const struct answer *people, size_t i)
{
	html_raw(h, "<section class=\"card\"><dl class=\"pairs\">\n");
	write_pair(h, TEXT_PERSON_LOGIN);
	html_text(h, answer_string(people, i, "administrator"));
	html_raw(h, "</dd>\n");
	write_pair(h, TEXT_PERSON_STATE);
	html_put(h, state_of(people, i));
	html_raw(h, "</dd>\n");
	write_pair(h, TEXT_PERSON_MAY);
	write_rights(v, h, people, i);
	html_raw(h, "</dd>\n");
	if (answer_has(people, i, "last")) {
		write_pair(h, TEXT_PERSON_LAST);
		part_time(h, v, answer_int(people, i, "last"));
		html_raw(h, "</dd>\n");
	}
	if (answer_has(people, i, "cooling")) {
		write_pair(h, TEXT_PERSON_COOLING_UNTIL);
		part_time(h, v, answer_int(people, i, "cooling"));
		html_raw(h, "</dd>\n");
	}
	html_raw(h, "</dl></section>\n");
}

static void write_choice(struct html *h, const char *name, struct cs_str value, struct cs_str label,
    bool chosen)
{
	html_raw(h, "<label class=\"choice\"><input type=\"checkbox\"");
	html_attr(h, "name", cs_str(name));
	html_attr(h, "value", value);
	html_raw(h, chosen ? " checked><span>" : "><span>");
	html_text(h, label);
	html_raw(h, "</span></label>\n");
}

static bool is_ticked(const struct visit *v, const char *field, struct cs_str one)
{
	struct cs_str name, value;

	for (size_t i = 0; visit_field_at(v, i, &name, &value); i++)
		if (cs_str_is(name, field) && part_same(value, one))
			return true;
	return false;
}

/* person: the row with the rights as they are, or a number past the last.  After
 * a refusal they are as they were ticked, unless it is that a colleague changed
 * them. */
static void write_rights_fields(struct visit *v, struct html *h, size_t person, const char *form)
{
	const struct answer *actions = visit_answer(v, "Actions"),
			    *people = visit_answer(v, "People");
	bool changed = cs_str_is(answer_string(visit_answer(v, "SetPersonRights"), 0, "why"),
	    "changed");
	bool again = visit_say(v).len > 0 && !changed && strcmp(visit_asked(v)->path, form) == 0;
	const struct cs_str *had;
	size_t nhad = answer_strings(people, person, "actions", &had);

	html_raw(h, "<fieldset>\n<legend>" TEXT_RIGHTS_LEGEND "</legend>\n");
	write_choice(h, "all", cs_str("1"), cs_str(TEXT_RIGHTS_ALL),
	    again ? visit_field(v, "all").len > 0 : answer_bool(people, person, "all"));
	part_text(h, "p class=\"hint\"", TEXT_RIGHTS_SOME);
	for (size_t i = 0; i < part_rows(v, "Actions"); i++) {
		struct cs_str action = answer_string(actions, i, "action");
		bool has = holds(had, nhad, action);

		/* What needs nobody's word is no choice, but a right to it stays theirs. */
		if (has || !cs_str_is(answer_string(actions, i, "requires"), "none"))
			write_choice(h, "actions", action, answer_string(actions, i, "title"),
			    again ? is_ticked(v, "actions", action) : has);
	}
	html_raw(h, "</fieldset>\n");
}

/* What is shown, a line each: nothing is set over what a colleague changes after. */
static void write_expected(struct html *h, const struct answer *people, size_t i)
{
	const struct cs_str *actions;
	size_t n = answer_strings(people, i, "actions", &actions);

	html_raw(h, "<input type=\"hidden\" name=\"expected\" value=\"");
	html_raw(h, answer_bool(people, i, "all") ? "*" : "");
	for (size_t j = 0; j < n; j++) {
		html_text(h, actions[j]);
		html_raw(h, "\n");
	}
	html_raw(h, "\">");
}

/* A button with what it does, seen only after the act was chosen. */
static void write_act(struct visit *v, struct html *h, const char *path, const char *style,
    const char *button, const char *why, struct cs_str about)
{
	html_raw(h, "<li><details><summary>");
	html_put(h, button);
	html_raw(h, "</summary>\n<div class=\"form\">\n");
	part_text(h, "p", why);
	html_form(h, v, path);
	part_button_about(h, style, button, about);
	html_form_end(h);
	html_raw(h, "</div></details></li>\n");
}

static void write_acts(struct visit *v, struct html *h, const struct answer *people, size_t i)
{
	struct cs_str name = part_either(people, i, "name", "administrator");
	bool pending = answer_bool(people, i, "pending");

	html_raw(h, "<section class=\"card\"><ul class=\"rows\">\n");
	if (cs_str_is(answer_string(people, i, "standing"), "suspended")) {
		write_act(v, h, PERSON "/resume", "", TEXT_RESUME, TEXT_RESUME_WHY, name);
	} else {
		write_act(v, h, PERSON "/suspend", "", TEXT_SUSPEND, TEXT_SUSPEND_WHY, name);
		write_act(v, h, PERSON "/reset", "", pending ? TEXT_INVITE_AGAIN : TEXT_RESET,
		    pending ? TEXT_INVITE_AGAIN_WHY : TEXT_RESET_WHY, name);
	}
	write_act(v, h, PERSON "/remove", "danger", TEXT_REMOVE, TEXT_REMOVE_WHY, name);
	html_raw(h, "</ul></section>\n");
}

void page_person(struct visit *v, struct html *h)
{
	const struct answer *people = visit_answer(v, "People");
	size_t i = 0;

	while (i < part_rows(v, "People") &&
	    !part_same(answer_string(people, i, "administrator"), visit_item(v)))
		i++;
	if (i == part_rows(v, "People")) {
		part_text(h, "h1", TEXT_PEOPLE);
		part_note(h, TEXT_PERSON_GONE);
		return;
	}
	part_value(h, "h1", part_either(people, i, "name", "administrator"));
	part_refusal(h, v);
	write_facts(v, h, people, i);
	if (answer_bool(people, i, "you")) {
		part_text(h, "p class=\"muted\"", TEXT_YOURSELF);
		return;
	}
	if (!may_change(v)) {
		write_may_not(v, h);
		return;
	}
	html_raw(h, "<section class=\"card\">\n");
	part_text(h, "h2", TEXT_RIGHTS);
	html_form_with(h, v, RIGHTS, " class=\"form\"");
	write_expected(h, people, i);
	write_rights_fields(v, h, i, RIGHTS);
	part_text(h, "p class=\"hint\"", TEXT_RIGHTS_WIDER);
	part_button(h, "primary", TEXT_SAVE_RIGHTS);
	html_form_end(h);
	html_raw(h, "</section>\n");
	write_acts(v, h, people, i);
}

static const struct ended {
	const char *name, *one, *many;
} ended[] = {
	{ "codes", TEXT_ENDED_1_CODE, TEXT_ENDED_CODES },
	{ "sessions", TEXT_ENDED_1_SESSION, TEXT_ENDED_SESSIONS },
	{ "authenticators", TEXT_ENDED_1_AUTHENTICATOR, TEXT_ENDED_AUTHENTICATORS },
	{ "tickets", TEXT_ENDED_1_TICKET, TEXT_ENDED_TICKETS },
	{ "grants", TEXT_ENDED_1_GRANT, TEXT_ENDED_GRANTS },
	{ "calls", TEXT_ENDED_1_CALL, TEXT_ENDED_CALLS },
};

/* "1 code, 2 sessions" */
static void list_ended(const struct answer *a, char *out, size_t cap)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(ended) / sizeof(ended[0]) && len < cap; i++) {
		int64_t n = answer_int(a, 0, ended[i].name);
		const char *text = n == 1 ? ended[i].one : ended[i].many;
		const char *at = strstr(text, "{}");

		if (n <= 0)
			continue;
		len += (size_t)snprintf(out + len, cap - len, "%s", len > 0 ? ", " : "");
		if (at == NULL)
			len += (size_t)snprintf(out + len, cap - len, "%s", text);
		else
			len += (size_t)snprintf(out + len, cap - len, "%.*s%lld%s",
			    (int)(at - text), text, (long long)n, at + 2);
	}
}

void pages_ended(struct html *h, const struct answer *a)
{
	char list[400];

	list_ended(a, list, sizeof(list));
	if (list[0] != '\0')
		part_say(h, "p", TEXT_ENDED, cs_str(list));
	else
		part_text(h, "p", TEXT_ENDED_NOTHING);
}

void page_person_ended(struct visit *v, struct html *h)
{
	part_say(h, "h1", TEXT_REMOVED_PERSON,
	    part_either(visit_answer(v, "RemovePerson"), 0, "name", "administrator"));
	html_raw(h, "<div class=\"note good\">\n");
	pages_ended(h, visit_answer(v, "RemovePerson"));
	html_raw(h, "</div>\n<p>");
	part_link(h, v, "/a/:account/people", "button", TEXT_TO_PEOPLE);
	html_raw(h, "</p>\n");
}

void page_person_invite(struct visit *v, struct html *h)
{
	static const struct field name = {
		.name = "name", .label = TEXT_INVITE_NAME, .hint = TEXT_INVITE_NAME_HINT,
		.attrs = "type=\"text\" autocomplete=\"off\" maxlength=\"128\" required",
	};
	static const struct field administrator = {
		.name = "administrator", .label = TEXT_INVITE_LOGIN, .hint = TEXT_INVITE_LOGIN_HINT,
		.attrs = NAME_ATTRS, .blamed = true,
	};

	part_text(h, "h1", TEXT_INVITE_TITLE);
	part_refusal(h, v);
	if (!may_change(v)) {
		write_may_not(v, h);
		return;
	}
	html_raw(h, "<section class=\"card\">\n");
	html_form_with(h, v, PEOPLE, " class=\"form\"");
	part_field(h, v, &name);
	part_field(h, v, &administrator);
	write_rights_fields(v, h, SIZE_MAX, PEOPLE);
	part_button(h, "primary", TEXT_INVITE_SEND);
	html_form_end(h);
	html_raw(h, "</section>\n");
}

void page_person_invited(struct visit *v, struct html *h)
{
	const struct answer *a = visit_answer(v, "InvitePerson");

	part_text(h, "h1", TEXT_INVITED);
	if (a == NULL) {
		a = visit_answer(v, "ResetPerson");
		html_raw(h, "<div class=\"note good\">\n");
		pages_ended(h, a);
		html_raw(h, "</div>\n");
	}
	html_raw(h, "<section class=\"card\">\n");
	part_say(h, "p", TEXT_INVITED_FOR, answer_string(a, 0, "name"),
	    answer_string(a, 0, "administrator"));
	part_text(h, "p", TEXT_INVITED_WHY);
	/* In the fragment, which no server and no Referer gets. */
	html_raw(h, "<p>" TEXT_INVITED_LINK "<br><code id=\"invitation\">");
	html_put(h, visit_conf(v)->origin);
	html_raw(h, "/invitation#");
	html_url(h, answer_string(a, 0, "invitation"));
	html_raw(h, "</code></p>\n<p>" TEXT_INVITED_UNTIL " ");
	part_time(h, v, answer_int(a, 0, "expires"));
	html_raw(h,
	    "</p>\n<div class=\"buttons\"><button type=\"button\" data-copy=\"invitation\" "
	    "data-done=\"" TEXT_COPIED "\" hidden>" TEXT_COPY_LINK
	    "</button></div>\n</section>\n<p>");
	part_link(h, v, "/a/:account/people", "button", TEXT_TO_PEOPLE);
	html_raw(h, "</p>\n");
}

/* SPDX-License-Identifier: ISC
 *
 * One more code, and what waits for it: nobody enters a code of their app
 * without knowing what for.  It is told from the form as it will be sent again.
 */
#include "method.h"
#include "part.h"
#include "route.h"
#include "texts.h"

#include <string.h>

#define A "/a/:account"

/* The row of a list in which the field has that value, or its end. */
static size_t find_row(const struct visit *v, const char *method, const char *name,
    struct cs_str value)
{
	const struct answer *a = visit_answer(v, method);
	size_t i = 0, n = part_rows(v, method);

	while (i < n && !part_same(answer_string(a, i, name), value))
		i++;
	return i;
}

/* As people call it; what the form says when the list does not know it. */
static struct cs_str name_of(const struct visit *v, const char *method, const char *id,
    const char *name, struct cs_str value)
{
	struct cs_str found = answer_string(visit_answer(v, method),
	    find_row(v, method, id, value), name);

	return found.len > 0 ? found : value;
}

static struct cs_str its_person(const struct visit *v)
{
	return name_of(v, "People", "administrator", "name", visit_item(v));
}

static struct cs_str its_authenticator(const struct visit *v)
{
	return name_of(v, "Authenticators", "authenticator", "label",
	    visit_field(v, "authenticator"));
}

static struct cs_str its_name(const struct visit *v)
{
	return visit_field(v, "name");
}

static struct cs_str its_label(const struct visit *v)
{
	return visit_field(v, "label");
}

static struct cs_str its_subject(const struct visit *v)
{
	return visit_field(v, "subject");
}

static const struct waiting {
	const char *path, *text;
	struct cs_str (*about)(const struct visit *);
	bool change;			/* an action and targets */
} waitings[] = {
	{ A "/codes", TEXT_WAITS_CODE, NULL, true },
	{ A "/tickets", TEXT_WAITS_TICKET, its_subject, true },
	{ A "/people", TEXT_WAITS_INVITE, its_name, false },
	{ A "/people/:administrator/rights", TEXT_WAITS_RIGHTS, its_person, false },
	{ A "/people/:administrator/suspend", TEXT_WAITS_SUSPEND, its_person, false },
	{ A "/people/:administrator/resume", TEXT_WAITS_RESUME, its_person, false },
	{ A "/people/:administrator/remove", TEXT_WAITS_REMOVE, its_person, false },
	{ A "/people/:administrator/reset", TEXT_WAITS_RESET, its_person, false },
	{ "/security/authenticators", TEXT_WAITS_ADD, its_label, false },
	{ "/security/authenticators/remove", TEXT_WAITS_TAKE, its_authenticator, false },
	{ "/security/recovery", TEXT_WAITS_RECOVERY, NULL, false },
};

/* Of the call that is answered, or as the form says. */
static void write_change(struct visit *v, struct html *h)
{
	struct cs_str call = visit_field(v, "call");
	const struct answer *actions = visit_answer(v, "Actions");
	struct lines targets;

	if (call.len > 0) {
		part_change(h, visit_answer(v, "Calls"), find_row(v, "Calls", "call", call),
		    "title", "target");
	} else if (method_lines(v, "target", &targets) == CS_OK) {
		size_t i = find_row(v, "Actions", "action", visit_field(v, "action"));

		part_change_of(h, answer_string(actions, i, "title"), targets.at, targets.n);
	}
}

static void write_waiting(struct visit *v, struct html *h)
{
	const char *path = visit_asked(v)->path;

	for (size_t i = 0; i < sizeof(waitings) / sizeof(waitings[0]); i++) {
		const struct waiting *w = &waitings[i];

		if (strcmp(w->path, path) != 0)
			continue;
		html_raw(h, "<section class=\"note\">\n");
		part_text(h, "h2", TEXT_WAITS);
		if (w->about != NULL)
			part_say(h, "p", w->text, w->about(v));
		else
			part_text(h, "p", w->text);
		if (w->change)
			write_change(v, h);
		html_raw(h, "</section>\n");
	}
}

void page_prove(struct visit *v, struct html *h)
{
	part_text(h, "h1", TEXT_PROVE);
	if (!cs_str_is(visit_refusal(v), "ProofNeeded"))
		part_refusal(h, v);
	write_waiting(v, h);
	part_text(h, "p", TEXT_PROVE_WHY);
	html_raw(h, "<div class=\"card\">\n");
	html_form_again(h, v);
	html_raw(h, "<div class=\"form\">\n");
	part_code_field(h, v, "proof", TEXT_LOGIN_CODE, TEXT_PROVE_WAIT);
	html_raw(h, "<div class=\"buttons\">\n");
	part_button(h, "primary", TEXT_CONTINUE);
	part_link(h, v, visit_asked(v)->shows, "button", TEXT_NEVER_MIND);
	html_raw(h, "</div>\n</div>\n");
	html_form_end(h);
	html_raw(h, "</div>\n");
}

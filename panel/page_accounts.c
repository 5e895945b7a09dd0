/* SPDX-License-Identifier: ISC
 *
 * Where one arrives: the accounts, and the overview of one.
 */
#include "conf.h"
#include "pages.h"
#include "part.h"
#include "route.h"
#include "texts.h"

#define LATEST 5	/* of tickets and events on the overview */

static void write_account(struct html *h, struct cs_str account, struct cs_str name)
{
	html_raw(h, "<li><div class=\"row-text\"><a class=\"row-link\" href=\"/a/");
	html_url(h, account);
	html_raw(h, "\">");
	html_text(h, name);
	html_raw(h, "</a>");
	part_value(h, "span class=\"muted small\"", account);
	html_raw(h, "</div><a class=\"button\" href=\"/a/");
	html_url(h, account);
	html_raw(h, "/codes\">" TEXT_GO_CODES "<span class=\"unseen\">: ");
	html_text(h, name);
	html_raw(h, "</span></a></li>\n");
}

void pages_recovered(struct html *h)
{
	part_text(h, "h2", TEXT_RECOVERED_TITLE);
	part_text(h, "p", TEXT_RECOVERED);
}

bool pages_is_stopped(const struct visit *v)
{
	const struct answer *account = visit_answer(v, "Account");

	return account != NULL && account->error == NULL &&
	    !cs_str_is(answer_string(account, 0, "standing"), "active");
}

void pages_stopped(struct visit *v, struct html *h)
{
	const struct answer *account = visit_answer(v, "Account");
	bool frozen = cs_str_is(answer_string(account, 0, "standing"), "frozen");
	struct cs_str by = answer_string(account, 0, "by");
	int64_t since = answer_int(account, 0, "since");

	if (!pages_is_stopped(v))
		return;
	html_raw(h, "<div class=\"note bad\" data-told>\n");
	part_say(h, "h2", frozen ? TEXT_IS_FROZEN : TEXT_IS_SUSPENDED,
	    answer_string(account, 0, "name"));
	if (since > 0) {
		html_raw(h, frozen ? "<p>" TEXT_FROZEN_SINCE " " : "<p>" TEXT_SUSPENDED_SINCE " ");
		part_time(h, v, since);
		html_raw(h, ", ");
		part_say(h, "span", TEXT_STOPPED_BY,
		    by.len > 0 ? by : cs_str(visit_conf(v)->name));
		html_raw(h, "</p>\n");
	}
	part_text(h, "p", frozen ? TEXT_FROZEN_WHY : TEXT_SUSPENDED_WHY);
	part_say(h, "p", frozen ? TEXT_FROZEN_ASK : TEXT_SUSPENDED_ASK,
	    cs_str(visit_conf(v)->name));
	if (visit_conf(v)->support[0] != '\0')
		part_text(h, "p", visit_conf(v)->support);
	html_raw(h, "</div>\n");
}

/* What a person should know before anything else. */
static void write_warnings(struct visit *v, struct html *h)
{
	const struct answer *session = visit_answer(v, "Session");
	int64_t left = answer_int(session, 0, "recovery_codes");
	char number[24];

	if (answer_bool(session, 0, "recovery")) {
		html_raw(h, "<div class=\"note warn\">\n");
		pages_recovered(h);
		html_raw(h, "<p>");
		part_link(h, v, "/security", "button", TEXT_ADD_AUTHENTICATOR);
		html_raw(h, "</p>\n</div>\n");
	} else {
		pages_cooling(v, h);
	}
	if (left < 3 && answer_has(session, 0, "recovery_codes")) {
		html_raw(h, "<div class=\"note\">\n");
		part_text(h, "h2", TEXT_FEW_RECOVERY_TITLE);
		part_say(h, "p", TEXT_FEW_RECOVERY, part_number(left, number));
		html_raw(h, "<p>");
		part_link(h, v, "/security", "button", TEXT_SECURITY);
		html_raw(h, "</p>\n</div>\n");
	}
}

static void write_suspended(struct html *h, const struct answer *session)
{
	const struct cs_str *names;
	size_t n = answer_strings(session, 0, "suspended", &names);

	for (size_t i = 0; i < n; i++) {
		html_raw(h, "<div class=\"note warn\">\n");
		part_say(h, "p", TEXT_YOU_ARE_SUSPENDED, names[i]);
		html_raw(h, "</div>\n");
	}
}

void page_accounts(struct visit *v, struct html *h)
{
	const struct answer *session = visit_answer(v, "Session");
	const struct cs_str *accounts, *names;
	size_t n = answer_strings(session, 0, "accounts", &accounts);
	size_t nnames = answer_strings(session, 0, "account_names", &names);

	part_text(h, "h1", TEXT_YOUR_ACCOUNTS);
	part_refusal(h, v);
	write_warnings(v, h);
	write_suspended(h, session);
	if (n == 0) {
		part_text(h, "p", TEXT_NO_ACCOUNT);
		return;
	}
	html_raw(h, "<section class=\"card\"><ul class=\"rows\">\n");
	for (size_t i = 0; i < n; i++)
		write_account(h, accounts[i],
		    i < nnames && names[i].len > 0 ? names[i] : accounts[i]);
	html_raw(h, "</ul></section>\n");
	if (answer_bool(session, 0, "more"))
		part_say(h, "p", TEXT_MORE_ACCOUNTS, cs_str(visit_conf(v)->origin));
}

static void write_tickets(struct visit *v, struct html *h)
{
	size_t n = part_rows(v, "Tickets");

	html_raw(h, "<section class=\"card\">\n");
	part_text(h, "h2", TEXT_OPEN_TICKETS);
	if (n == 0)
		part_text(h, "p class=\"muted\"", TEXT_NO_TICKETS);
	else
		pages_tickets(v, h, n < LATEST ? n : LATEST);
	html_raw(h, "<div class=\"buttons\">\n");
	part_link(h, v, "/a/:account/tickets/new", "button", TEXT_NEW_TICKET);
	part_link(h, v, "/a/:account/tickets", "button", TEXT_ALL_TICKETS);
	html_raw(h, "</div>\n</section>\n");
}

void page_overview(struct visit *v, struct html *h)
{
	part_value(h, "h1", visit_account_name(v));
	write_warnings(v, h);
	pages_live_begin(v, h, "/a/:account/codes/live");
	page_codes_live(v, h);
	pages_live_end(v, h);
	if (!pages_is_stopped(v)) {
		html_raw(h, "<section class=\"card\">\n");
		part_text(h, "h2", TEXT_CODES);
		part_text(h, "p", TEXT_GO_CODES_WHY);
		html_raw(h, "<div class=\"buttons\">\n");
		part_link(h, v, "/a/:account/codes", "button primary", TEXT_GO_CODES);
		html_raw(h, "</div>\n</section>\n");
	}
	write_tickets(v, h);
	html_raw(h, "<section class=\"card\">\n");
	part_text(h, "h2", TEXT_LATEST);
	pages_events(v, h, LATEST);
	html_raw(h, "<div class=\"buttons\">\n");
	part_link(h, v, "/a/:account/activity", "button", TEXT_ALL_ACTIVITY);
	html_raw(h, "</div>\n</section>\n");
}

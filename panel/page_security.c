/* SPDX-License-Identifier: ISC
 *
 * What concerns oneself: authenticators, recovery codes, password, sessions;
 * and freezing an account.
 */
#include "enrol.h"
#include "pages.h"
#include "part.h"
#include "route.h"
#include "texts.h"

#include <stdio.h>
#include <string.h>

static const struct field label_field = {
	.name = "label", .label = TEXT_LABEL, .hint = TEXT_LABEL_HINT,
	.attrs = "type=\"text\" autocomplete=\"off\" maxlength=\"64\" required",
};

static void heading(struct html *h, const char *title, const char *why)
{
	html_raw(h, "<section class=\"card\">\n");
	part_text(h, "h2", title);
	if (why != NULL)
		part_text(h, "p", why);
}

/* A field of one row among many, whose id must be its own. */
static void row_field(struct html *h, const char *id, const char *name, const char *label,
    const char *attrs, struct cs_str about, struct cs_str value)
{
	html_raw(h, "<div class=\"field\"><label for=\"");
	html_raw(h, id);
	html_text(h, about);
	html_raw(h, "\">");
	html_put(h, label);
	html_raw(h, "</label><input id=\"");
	html_raw(h, id);
	html_text(h, about);
	html_raw(h, "\"");
	html_attr(h, "name", cs_str(name));
	html_attr(h, "value", value);
	html_raw(h, " ");
	html_raw(h, attrs);
	html_raw(h, "></div>\n");
}

static void write_confirm(struct visit *v, struct html *h, struct cs_str id)
{
	html_form_with(h, v, "/security/authenticators/confirm", " class=\"form\"");
	html_hidden(h, "authenticator", id);
	row_field(h, "confirm-", "code", TEXT_APP_CODE,
	    "class=\"code-entry\" type=\"text\" inputmode=\"numeric\" "
	    "autocomplete=\"one-time-code\" "
	    "autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"16\" required",
	    id, cs_str(""));
	part_button(h, "primary", TEXT_CONFIRM);
	html_form_end(h);
}

static void write_change(struct visit *v, struct html *h, const struct answer *a, size_t i)
{
	struct cs_str id = answer_string(a, i, "authenticator"),
		      label = answer_string(a, i, "label");

	html_raw(h, "<details><summary>" TEXT_CHANGE_AUTHENTICATOR "<span class=\"unseen\"> ");
	html_text(h, label);
	html_raw(h, "</span></summary>\n<div class=\"form\">\n");
	html_form_with(h, v, "/security/authenticators/rename", " class=\"form\"");
	html_hidden(h, "authenticator", id);
	row_field(h, "label-", "label", TEXT_LABEL,
	    "type=\"text\" autocomplete=\"off\" maxlength=\"64\" required", id, label);
	part_button_about(h, "", TEXT_RENAME, label);
	html_form_end(h);
	html_form(h, v, "/security/authenticators/remove");
	html_hidden(h, "authenticator", id);
	part_button_about(h, "danger", TEXT_REMOVE, label);
	html_form_end(h);
	html_raw(h, "</div>\n</details>\n");
}

static void write_authenticator(struct visit *v, struct html *h, const struct answer *a, size_t i)
{
	struct cs_str label = answer_string(a, i, "label");
	bool pending = answer_bool(a, i, "pending");
	bool login = cs_str_is(answer_string(a, i, "purpose"), "login");

	html_raw(h, "<li><div class=\"row-text\"><div class=\"row-head\">");
	if (label.len > 0)
		part_value(h, "b", label);
	else
		part_say(h, "b", TEXT_NO_LABEL, answer_string(a, i, "authenticator"));
	part_text(h, "span class=\"tag\"", login ? TEXT_FOR_LOGIN : TEXT_FOR_SUPPORT);
	if (pending)
		part_text(h, "span class=\"tag warn\"", TEXT_UNCONFIRMED);
	html_raw(h, "</div><span class=\"muted small\">" TEXT_ADDED " ");
	part_time(h, v, answer_int(a, i, "created"));
	if (answer_has(a, i, "used")) {
		html_raw(h, ", " TEXT_LAST_USED " ");
		part_time(h, v, answer_int(a, i, "used"));
	}
	html_raw(h, "</span>\n");
	if (pending)
		write_confirm(v, h, answer_string(a, i, "authenticator"));
	write_change(v, h, a, i);
	html_raw(h, "</div></li>\n");
}

static void write_add(struct visit *v, struct html *h)
{
	struct cs_str chosen = visit_field(v, "purpose");

	heading(h, TEXT_ADD_AUTHENTICATOR, NULL);
	html_form_with(h, v, "/security/authenticators", " class=\"form\"");
	html_raw(h, "<div class=\"field\"><label for=\"purpose\">" TEXT_PURPOSE
		    "</label><select id=\"purpose\" name=\"purpose\">\n");
	part_option(h, cs_str("login"), cs_str(TEXT_PURPOSE_LOGIN), chosen);
	part_option(h, cs_str("support"), cs_str(TEXT_PURPOSE_SUPPORT), chosen);
	html_raw(h, "</select></div>\n");
	part_field(h, v, &label_field);
	part_button(h, "", TEXT_ADD);
	html_form_end(h);
	html_raw(h, "</section>\n");
}

static void write_authenticators(struct visit *v, struct html *h)
{
	const struct answer *a = visit_answer(v, "Authenticators");

	heading(h, TEXT_AUTHENTICATORS, TEXT_AUTHENTICATORS_WHY);
	part_text(h, "p", TEXT_AUTHENTICATORS_WAIT);
	html_raw(h, "<ul class=\"rows\">\n");
	for (size_t i = 0; i < part_rows(v, "Authenticators"); i++)
		write_authenticator(v, h, a, i);
	html_raw(h, "</ul>\n</section>\n");
}

void page_enrolled(struct visit *v, struct html *h)
{
	const struct answer *a = visit_answer(v, "EnrollAuthenticator");

	part_text(h, "h1", TEXT_ENROLLED);
	part_refusal(h, v);
	html_raw(h, "<section class=\"card\">\n");
	enrol_write(h, answer_string(a, 0, "uri"), answer_string(a, 0, "secret"));
	html_raw(h, "</section>\n<section class=\"card\">\n");
	write_confirm(v, h, answer_string(a, 0, "authenticator"));
	html_raw(h, "</section>\n");
}

static void write_recovery(struct visit *v, struct html *h)
{
	char left[24];

	heading(h, TEXT_RECOVERY, NULL);
	part_say(h, "p", TEXT_RECOVERY_LEFT,
	    part_number(answer_int(visit_answer(v, "Session"), 0, "recovery_codes"), left));
	html_form(h, v, "/security/recovery");
	part_button(h, "", TEXT_NEW_RECOVERY);
	html_form_end(h);
	html_raw(h, "</section>\n");
}

void page_recovery(struct visit *v, struct html *h)
{
	enrol_write_recovery(v, h, visit_answer(v, "RecoveryCodes"));
}

static void write_password(struct visit *v, struct html *h)
{
	static const struct field old = {
		.name = "old",
		.label = TEXT_OLD_PASSWORD,
		.secret = true,
		.attrs = "type=\"password\" autocomplete=\"current-password\" maxlength=\"1024\" "
			 "required",
	};
	static const struct field new = {
		.name = "password",
		.label = TEXT_NEW_PASSWORD,
		.hint = TEXT_PASSWORD_HINT,
		.secret = true,
		.attrs = "type=\"password\" autocomplete=\"new-password\" minlength=\"12\" "
			 "maxlength=\"1024\" required",
	};

	heading(h, TEXT_CHANGE_PASSWORD,
	    answer_bool(visit_answer(v, "Session"), 0, "recovery") ? TEXT_PASSWORD_ENDS_RECOVERED :
	    TEXT_PASSWORD_ENDS);
	html_form_with(h, v, "/security/password", " class=\"form\"");
	part_field(h, v, &old);
	part_field(h, v, &new);
	/* Asked for later, the passwords would have to be typed again. */
	if (answer_int(visit_answer(v, "Session"), 0, "proved_until") <= visit_now(v))
		part_code_field(h, v, "proof", TEXT_LOGIN_CODE, TEXT_APP_CODE_HINT);
	part_button(h, "", TEXT_CHANGE_PASSWORD);
	html_form_end(h);
	html_raw(h, "</section>\n");
}

struct mark {
	const char *in, *name;
};

/* The first that occurs: each pretends to be those below it. */
static const struct mark browsers[] = {
	{ "Edg", "Edge" }, { "OPR/", "Opera" }, { "SamsungBrowser", "Samsung Internet" },
	{ "Firefox/", "Firefox" }, { "FxiOS", "Firefox" }, { "CriOS", "Chrome" },
	{ "Chrome/", "Chrome" }, { "Safari/", "Safari" }, { NULL, NULL },
};
static const struct mark systems[] = {
	{ "iPhone", "iPhone" }, { "iPad", "iPad" }, { "Android", "Android" },
	{ "Windows", "Windows" }, { "Mac OS X", "Mac" }, { "CrOS", "ChromeOS" },
	{ "Linux", "Linux" }, { NULL, NULL },
};

static const char *find_mark(const struct mark *marks, struct cs_str s)
{
	for (; marks->in != NULL; marks++)
		if (memmem(s.p, s.len, marks->in, strlen(marks->in)) != NULL)
			return marks->name;
	return NULL;
}

/* "Safari on iPhone"; what it called itself when it is none that we know. */
static struct cs_str name_browser(struct cs_str agent, char room[64])
{
	const char *browser = agent.len > 0 ? find_mark(browsers, agent) : NULL;
	const char *system = agent.len > 0 ? find_mark(systems, agent) : NULL;

	if (browser != NULL && system != NULL)
		snprintf(room, 64, TEXT_BROWSER_ON, browser, system);
	else
		snprintf(room, 64, "%s", browser != NULL ? browser : TEXT_UNKNOWN_BROWSER);
	return browser == NULL && agent.len > 0 ? agent : cs_str(room);
}

static void write_session(struct visit *v, struct html *h, const struct answer *a, size_t i)
{
	char room[64];
	struct cs_str browser = name_browser(answer_string(a, i, "browser"), room);

	html_raw(h, "<li><div class=\"row-text\">");
	part_value(h, "b", browser);
	html_raw(h, "<span class=\"muted small\">");
	part_say(h, "span", TEXT_SESSION_FROM, answer_string(a, i, "address"));
	html_raw(h, TEXT_BEGAN " ");
	part_time(h, v, answer_int(a, i, "began"));
	html_raw(h, ", " TEXT_LAST_SEEN " ");
	part_time(h, v, answer_int(a, i, "used"));
	html_raw(h, "</span></div>\n");
	if (answer_bool(a, i, "current")) {
		part_text(h, "span class=\"tag good\"", TEXT_THIS_SESSION);
	} else {
		html_form(h, v, "/security/sessions/end");
		html_hidden(h, "id", answer_string(a, i, "id"));
		part_button_about(h, "", TEXT_END, browser);
		html_form_end(h);
	}
	html_raw(h, "</li>\n");
}

static void write_sessions(struct visit *v, struct html *h)
{
	const struct answer *a = visit_answer(v, "Sessions");
	size_t n = part_rows(v, "Sessions");

	heading(h, TEXT_SESSIONS, NULL);
	html_raw(h, "<ul class=\"rows\">\n");
	for (size_t i = 0; i < n; i++)
		write_session(v, h, a, i);
	html_raw(h, "</ul>\n");
	if (n > 1) {
		html_form(h, v, "/security/sessions/end");
		part_button(h, "", TEXT_END_OTHERS);
		html_form_end(h);
	}
	html_raw(h, "</section>\n");
}

static void write_freeze_links(struct visit *v, struct html *h)
{
	const struct answer *session = visit_answer(v, "Session");
	const struct cs_str *accounts, *names;
	size_t n = answer_strings(session, 0, "accounts", &accounts);
	size_t nnames = answer_strings(session, 0, "account_names", &names);

	heading(h, TEXT_FREEZE_TITLE, TEXT_FREEZE_LINK_WHY);
	html_raw(h, "<div class=\"buttons\">\n");
	for (size_t i = 0; i < n; i++) {
		html_raw(h, "<a class=\"button danger\" href=\"/a/");
		html_url(h, accounts[i]);
		html_raw(h, "/freeze\">");
		part_say(h, "span", TEXT_FREEZE_ACCOUNT,
		    i < nnames && names[i].len > 0 ? names[i] : accounts[i]);
		html_raw(h, "</a>\n");
	}
	html_raw(h, "</div>\n</section>\n");
}

void page_freeze(struct visit *v, struct html *h)
{
	part_text(h, "h1", TEXT_FREEZE_TITLE);
	part_refusal(h, v);
	pages_stopped(v, h);
	if (cs_str_is(answer_string(visit_answer(v, "Account"), 0, "standing"), "frozen"))
		return;
	html_raw(h, "<section class=\"card\">\n");
	part_text(h, "h2", TEXT_FREEZE_WHAT);
	html_raw(h, "<ul class=\"bullets\">\n");
	part_say(h, "li", TEXT_FREEZE_1, visit_account_name(v));
	part_text(h, "li", TEXT_FREEZE_2);
	part_text(h, "li", TEXT_FREEZE_3);
	part_text(h, "li", TEXT_FREEZE_4);
	html_raw(h, "</ul>\n<div class=\"buttons\">\n");
	html_form(h, v, "/a/:account/freeze");
	part_button_about(h, "danger", TEXT_FREEZE_NOW, visit_account_name(v));
	html_form_end(h);
	part_link(h, v, "/a/:account", "button", TEXT_NEVER_MIND);
	html_raw(h, "</div>\n</section>\n");
}

void page_frozen(struct visit *v, struct html *h)
{
	struct cs_str name = visit_account_name(v);

	part_say(h, "h1", TEXT_IS_FROZEN, name.len > 0 ? name : visit_account(v));
	html_raw(h, "<div class=\"note good\">\n");
	pages_ended(h, visit_answer(v, "FreezeAccount"));
	html_raw(h, "</div>\n");
	part_text(h, "p", TEXT_FROZEN_NEXT);
	html_raw(h, "<div class=\"buttons\">\n");
	part_link(h, v, "/security", "button primary", TEXT_SECURITY);
	part_link(h, v, "/a/:account/activity", "button", TEXT_ACTIVITY);
	html_raw(h, "</div>\n");
}

void page_security(struct visit *v, struct html *h)
{
	part_text(h, "h1", TEXT_SECURITY_TITLE);
	part_refusal(h, v);
	if (answer_bool(visit_answer(v, "Session"), 0, "recovery")) {
		html_raw(h, "<div class=\"note warn\">\n");
		pages_recovered(h);
		html_raw(h, "</div>\n");
	}
	write_authenticators(v, h);
	write_add(v, h);
	write_recovery(v, h);
	write_password(v, h);
	write_sessions(v, h);
	write_freeze_links(v, h);
}

/* SPDX-License-Identifier: ISC
 *
 * Before there is a session: log-in, and the way in by invitation.  A refused
 * log-in says the same for every cause; the sentence is the daemon's.
 */
#include "conf.h"
#include "enrol.h"
#include "part.h"
#include "route.h"
#include "texts.h"

#define NAME_ATTRS \
	"type=\"text\" autocomplete=\"username\" autocapitalize=\"none\" autocorrect=\"off\" " \
	"spellcheck=\"false\" maxlength=\"64\" required"

static const struct field name_field = {
	.name = "name", .label = TEXT_NAME, .hint = TEXT_NAME_HINT, .attrs = NAME_ATTRS,
	.blamed = true,
};

static const struct field password_field = {
	.name = "password", .label = TEXT_PASSWORD, .secret = true, .blamed = true,
	.attrs = "type=\"password\" autocomplete=\"current-password\" maxlength=\"1024\" required",
};

static const struct field new_password_field = {
	.name = "password", .label = TEXT_NEW_PASSWORD, .hint = TEXT_PASSWORD_HINT, .secret = true,
	.attrs = "type=\"password\" autocomplete=\"new-password\" minlength=\"12\" "
		 "maxlength=\"1024\" required",
};

static const struct field invitation_field = {
	.name = "invitation", .label = TEXT_INVITATION_CODE, .hint = TEXT_INVITATION_HINT,
	.secret = true, .blamed = true,
	.attrs = "type=\"text\" autocomplete=\"off\" autocapitalize=\"none\" autocorrect=\"off\" "
		 "spellcheck=\"false\" maxlength=\"400\" required",
};

static const struct field recovery_field = {
	.name = "code", .label = TEXT_RECOVERY_CODE, .hint = TEXT_RECOVERY_CODE_HINT,
	.secret = true, .blamed = true,
	.attrs = "type=\"text\" autocomplete=\"off\" autocapitalize=\"none\" autocorrect=\"off\" "
		 "spellcheck=\"false\" maxlength=\"40\" required",
};

static void begin_log_in(struct visit *v, struct html *h, const char *path)
{
	const char *directions = visit_conf(v)->directions;

	part_text(h, "h1", TEXT_LOG_IN);
	part_refusal(h, v);
	if (directions != NULL && directions[0] != '\0')
		part_text(h, "p class=\"muted\"", directions);
	html_raw(h, "<div class=\"card\">\n");
	html_form_with(h, v, path, " class=\"form\"");
	if (visit_field(v, "next").len > 0)
		html_hidden(h, "next", visit_field(v, "next"));
	part_field(h, v, &name_field);
	part_field(h, v, &password_field);
}

static void end_log_in(struct visit *v, struct html *h, const char *path, const char *other)
{
	part_button(h, "primary", TEXT_LOG_IN);
	html_form_end(h);
	html_raw(h, "</div>\n<p>");
	part_link(h, v, path, "", other);
	html_raw(h, "</p>\n<p>");
	part_link(h, v, "/invitation", "", TEXT_HAVE_INVITATION);
	html_raw(h, "</p>\n");
}

void page_login(struct visit *v, struct html *h)
{
	begin_log_in(v, h, "/login");
	part_code_field(h, v, "code", TEXT_LOGIN_CODE, TEXT_LOGIN_CODE_HINT);
	end_log_in(v, h, "/login/recovery", TEXT_LOST_PHONE);
}

/* A phone has no letters where digits are asked for. */
void page_login_recovery(struct visit *v, struct html *h)
{
	begin_log_in(v, h, "/login/recovery");
	part_field(h, v, &recovery_field);
	end_log_in(v, h, "/login", TEXT_HAVE_PHONE);
}

void page_invitation(struct visit *v, struct html *h)
{
	part_text(h, "h1", TEXT_INVITATION);
	part_refusal(h, v);
	html_raw(h, "<div class=\"card\">\n");
	html_form_with(h, v, "/invitation/open", " class=\"form\" data-invitation");
	part_field(h, v, &invitation_field);
	part_button(h, "primary", TEXT_CONTINUE);
	html_form_end(h);
	html_raw(h, "</div>\n<p>");
	part_link(h, v, "/login", "", TEXT_LOG_IN);
	html_raw(h, "</p>\n");
}

/* "Dana Reyes invited you to authorise changes for Acme Ltd and Beta Ltd." */
static void write_invited(struct visit *v, struct html *h, const struct answer *a)
{
	struct cs_str by = answer_string(a, 0, "invited_by");
	const struct cs_str *names;
	size_t n = answer_strings(a, 0, "account_names", &names);

	html_raw(h, "<p>");
	part_say(h, "span", n > 0 ? TEXT_WELCOME_BY : TEXT_WELCOME_BY_NONE,
	    by.len > 0 ? by : cs_str(visit_conf(v)->name));
	for (size_t i = 0; i < n; i++) {
		html_put(h, i == 0 ? "" : i + 1 < n ? ", " : TEXT_AND);
		html_raw(h, "<b>");
		html_text(h, names[i]);
		html_raw(h, "</b>");
	}
	html_raw(h, n > 0 ? ".</p>\n" : "</p>\n");
}

static void write_who(struct visit *v, struct html *h, const struct answer *a)
{
	html_raw(h, "<div class=\"lead\">\n");
	part_say(h, "h1", TEXT_WELCOME, part_either(a, 0, "name", "administrator"));
	write_invited(v, h, a);
	part_say(h, "p", TEXT_WELCOME_NAME, answer_string(a, 0, "administrator"));
	html_raw(h, "<p class=\"muted\">");
	html_put(h, TEXT_WELCOME_UNTIL);
	html_raw(h, " ");
	part_time(h, v, answer_int(a, 0, "expires"));
	html_raw(h, "</p>\n</div>\n");
}

void page_welcome(struct visit *v, struct html *h)
{
	const struct answer *a = visit_answer(v, "Invitation");

	write_who(v, h, a);
	part_refusal(h, v);
	html_form_with(h, v, "/invitation/accept", " class=\"form\"");
	html_hidden(h, "invitation", visit_field(v, "invitation"));
	/* So that the browser keeps the password under the right name. */
	html_raw(h,
	    "<input class=\"unseen\" type=\"text\" autocomplete=\"username\" tabindex=\"-1\" "
	    "aria-hidden=\"true\" readonly");
	html_attr(h, "value", answer_string(a, 0, "administrator"));
	html_raw(h, ">\n<section class=\"card\">\n");
	part_text(h, "h2", TEXT_STEP_PASSWORD);
	part_field(h, v, &new_password_field);
	html_raw(h, "</section>\n<section class=\"card\">\n");
	part_text(h, "h2", TEXT_STEP_APP);
	enrol_write(h, answer_string(a, 0, "uri"), answer_string(a, 0, "secret"));
	html_raw(h, "</section>\n<section class=\"card\">\n");
	part_text(h, "h2", TEXT_STEP_CODE);
	part_code_field(h, v, "code", TEXT_APP_CODE, TEXT_APP_CODE_HINT);
	html_raw(h, "<div class=\"buttons\">\n");
	part_button(h, "primary", TEXT_FINISH);
	html_raw(h, "</div>\n</section>\n");
	html_form_end(h);
}

void page_welcome_done(struct visit *v, struct html *h)
{
	enrol_write_recovery(v, h, visit_answer(v, "AcceptInvitation"));
}

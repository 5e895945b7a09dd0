/* SPDX-License-Identifier: ISC
 *
 * Writes the parts of pages.  It trusts its own literals and nothing else.
 */
#include "part.h"

#include "texts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void open_tag(struct html *h, const char *tag)
{
	html_raw(h, "<");
	html_raw(h, tag);
	html_raw(h, ">");
}

static void close_tag(struct html *h, const char *tag)
{
	html_raw(h, "</");
	html_bytes(h, tag, strcspn(tag, " "));
	html_raw(h, ">\n");
}

void part_text(struct html *h, const char *tag, const char *text)
{
	part_value(h, tag, cs_str(text));
}

void part_value(struct html *h, const char *tag, struct cs_str value)
{
	open_tag(h, tag);
	html_text(h, value);
	close_tag(h, tag);
}

void part_say_n(struct html *h, const char *tag, const char *text, const struct cs_str *values,
    size_t n)
{
	const char *at;

	open_tag(h, tag);
	for (size_t i = 0; i < n && (at = strchr(text, '{')) != NULL; i++) {
		bool bold = at[1] == '!';

		html_text(h, (struct cs_str){ text, (size_t)(at - text) });
		html_raw(h, bold ? "<b>" : "<bdi>");
		html_text(h, values[i]);
		html_raw(h, bold ? "</b>" : "</bdi>");
		text = at + (bold ? 3 : 2);
	}
	html_put(h, text);
	close_tag(h, tag);
}

struct cs_str part_number(int64_t n, char room[24])
{
	snprintf(room, 24, "%" PRId64, n);
	return cs_str(room);
}

void part_time(struct html *h, const struct visit *v, int64_t wall)
{
	time_t then = (time_t)wall, today = (time_t)visit_now(v);
	struct tm tm, now;
	char exact[32], shown[48];

	if (gmtime_r(&then, &tm) == NULL || gmtime_r(&today, &now) == NULL)
		return;
	bool same_year = tm.tm_year == now.tm_year,
	     same_day = same_year && tm.tm_yday == now.tm_yday;
	strftime(exact, sizeof(exact), "%Y-%m-%dT%H:%M:%SZ", &tm);
	strftime(shown, sizeof(shown), same_day ? "%H:%M UTC" : same_year ? "%-d %b, %H:%M UTC" :
	    "%-d %b %Y, %H:%M UTC", &tm);
	html_raw(h, "<time");
	html_attr(h, "datetime", cs_str(exact));
	html_raw(h, ">");
	html_put(h, shown);
	html_raw(h, "</time>");
}

/* The value is the one that did not fit. */
static bool at_fault(const struct visit *v, const struct field *f)
{
	return cs_str_is(visit_refusal(v), "InvalidParameter") &&
	    cs_str_is(visit_fault(v), f->name);
}

/* The label, the hint, what is wrong, and what ties them to the field. */
static void begin_field(struct html *h, const struct visit *v, const char *class,
    const struct field *f)
{
	html_raw(h, class);
	html_raw(h, "<label");
	html_attr(h, "for", cs_str(f->name));
	html_raw(h, ">");
	html_put(h, f->label);
	html_raw(h, "</label>\n");
	if (f->hint != NULL) {
		html_raw(h, "<p class=\"hint\" id=\"hint-");
		html_put(h, f->name);
		html_raw(h, "\">");
		html_put(h, f->hint);
		html_raw(h, "</p>\n");
	}
	if (at_fault(v, f)) {
		html_raw(h, "<p class=\"wrong\" id=\"fault-");
		html_put(h, f->name);
		html_raw(h, "\">");
		html_text(h, part_why(v));
		html_raw(h, "</p>\n");
	}
}

static void tie(struct html *h, const struct visit *v, const struct field *f)
{
	bool fault = at_fault(v, f), blamed = fault || (f->blamed && visit_say(v).len > 0);

	html_attr(h, "id", cs_str(f->name));
	html_attr(h, "name", cs_str(f->name));
	if (blamed)
		html_raw(h, " aria-invalid=\"true\"");
	if (blamed || f->hint != NULL) {
		html_raw(h, " aria-describedby=\"");
		if (fault) {
			html_raw(h, "fault-");
			html_put(h, f->name);
			html_raw(h, " ");
		} else if (blamed) {
			html_raw(h, "refusal ");
		}
		if (f->hint != NULL) {
			html_raw(h, "hint-");
			html_put(h, f->name);
		}
		html_raw(h, "\"");
	}
	if (f->attrs != NULL) {
		html_raw(h, " ");
		html_raw(h, f->attrs);
	}
}

void part_field(struct html *h, const struct visit *v, const struct field *f)
{
	begin_field(h, v, "<div class=\"field\">\n", f);
	html_raw(h, "<input");
	tie(h, v, f);
	if (!f->secret && visit_field(v, f->name).len > 0)
		html_attr(h, "value", visit_field(v, f->name));
	html_raw(h, ">\n</div>\n");
}

void part_area(struct html *h, const struct visit *v, const struct field *f)
{
	begin_field(h, v, "<div class=\"field wide\">\n", f);
	html_raw(h, "<textarea");
	tie(h, v, f);
	html_raw(h, ">\n");	/* the first line feed does not count */
	html_text(h, visit_field(v, f->name));
	html_raw(h, "</textarea>\n</div>\n");
}

void part_code_field(struct html *h, const struct visit *v, const char *name, const char *label,
    const char *hint)
{
	struct field f = {
		.name = name,
		.label = label,
		.hint = hint,
		.secret = true,
		.blamed = true,
		.attrs =
		    "class=\"code-entry\" type=\"text\" inputmode=\"numeric\" "
		    "autocomplete=\"one-time-code\" autocapitalize=\"none\" autocorrect=\"off\" "
		    "spellcheck=\"false\" maxlength=\"40\" required",
	};

	part_field(h, v, &f);
}

void part_option(struct html *h, struct cs_str value, struct cs_str label, struct cs_str chosen)
{
	html_raw(h, "<option");
	html_attr(h, "value", value);
	if (chosen.len == value.len && memcmp(chosen.p, value.p, value.len) == 0)
		html_raw(h, " selected");
	html_raw(h, ">");
	html_text(h, label);
	html_raw(h, "</option>\n");
}

void part_button(struct html *h, const char *style, const char *text)
{
	part_button_about(h, style, text, cs_str(""));
}

void part_button_about(struct html *h, const char *style, const char *text, struct cs_str about)
{
	html_raw(h, "<button type=\"submit\"");
	if (style[0] != '\0')
		html_attr(h, "class", cs_str(style));
	html_raw(h, ">");
	html_put(h, text);
	if (about.len > 0) {
		html_raw(h, "<span class=\"unseen\"> ");
		html_text(h, about);
		html_raw(h, "</span>");
	}
	html_raw(h, "</button>\n");
}

void part_link(struct html *h, const struct visit *v, const char *path, const char *style,
    const char *text)
{
	html_raw(h, "<a");
	if (style[0] != '\0')
		html_attr(h, "class", cs_str(style));
	html_raw(h, " href=\"");
	html_path(h, v, path);
	html_raw(h, "\">");
	html_put(h, text);
	html_raw(h, "</a>\n");
}

/* What to do about a value that does not fit, by the parameter's name. */
static const struct unfit {
	const char *parameter, *text;
} unfits[] = {
	{ "actions", TEXT_UNFIT_ACTIONS },
	{ "administrator", TEXT_UNFIT_LOGIN },
	{ "name", TEXT_UNFIT_NAME },
	{ "invitation", TEXT_UNFIT_INVITATION },
	{ "label", TEXT_UNFIT_LABEL },
	{ "password", TEXT_UNFIT_PASSWORD },
	{ "subject", TEXT_UNFIT_SUBJECT },
	{ "text", TEXT_UNFIT_TEXT },
	{ "target", TEXT_UNFIT_TARGET },
	{ "since", TEXT_UNFIT_DAY },
	{ "until", TEXT_UNFIT_DAY },
};

/* That this process may not ask is the operator's affair, and so is the policy:
 * the sentences name uids, roles and commands. */
struct cs_str part_why(const struct visit *v)
{
	if (cs_str_is(visit_refusal(v), "NotPermitted"))
		return cs_str(TEXT_503_WHY);
	if (cs_str_is(visit_refusal(v), "UnknownAction"))
		return cs_str(TEXT_UNKNOWN_ACTION);
	if (cs_str_is(visit_refusal(v), "InvalidParameter") &&
	    cs_str_is(visit_fault(v), "target") && visit_field(v, "target_host").len > 0)
		return cs_str(TEXT_UNFIT_PAIR);
	if (cs_str_is(visit_refusal(v), "InvalidParameter"))
		for (size_t i = 0; i < sizeof(unfits) / sizeof(unfits[0]); i++)
			if (cs_str_is(visit_fault(v), unfits[i].parameter))
				return cs_str(unfits[i].text);
	return visit_say(v);
}

void part_refusal(struct html *h, const struct visit *v)
{
	if (visit_say(v).len == 0)
		return;
	html_raw(h,
	    "<div class=\"note bad\" role=\"alert\" id=\"refusal\" tabindex=\"-1\" autofocus>\n");
	part_text(h, "h2", TEXT_REFUSED);
	part_value(h, "p", part_why(v));
	html_raw(h, "</div>\n");
}

void part_note(struct html *h, const char *text)
{
	html_raw(h, "<div class=\"note\">\n");
	part_text(h, "p", text);
	html_raw(h, "</div>\n");
}

/* Cuts "host=ip" in two; false for another target. */
static bool cut_pair(struct cs_str target, struct cs_str *host, struct cs_str *ip)
{
	const char *at = target.len > 0 ? memchr(target.p, '=', target.len) : NULL;

	if (at == NULL || at == target.p || at + 1 == target.p + target.len)
		return false;
	*host = (struct cs_str){ target.p, (size_t)(at - target.p) };
	*ip = (struct cs_str){ at + 1, target.len - host->len - 1 };
	return true;
}

void part_target(struct html *h, struct cs_str target)
{
	struct cs_str host, ip;

	if (!cut_pair(target, &host, &ip)) {
		html_text(h, target);
		return;
	}
	html_text(h, host);
	html_raw(h, " <span aria-hidden=\"true\">→</span><span class=\"unseen\">");
	html_put(h, TEXT_TO);
	html_raw(h, "</span> ");
	html_text(h, ip);
}

void part_change_of(struct html *h, struct cs_str title, const struct cs_str *at, size_t n)
{
	struct cs_str host, ip;

	if (n == 1 && cut_pair(at[0], &host, &ip)) {
		part_say(h, "p class=\"change\"", TEXT_CHANGE_TO, host, ip);
		part_value(h, "p class=\"muted\"", title);
		return;
	}
	part_value(h, "p class=\"change\"", title);
	if (n == 0)
		return;
	html_raw(h, "<ul class=\"targets\">\n");
	for (size_t i = 0; i < n; i++) {
		html_raw(h, "<li>");
		part_target(h, at[i]);
		html_raw(h, "</li>\n");
	}
	html_raw(h, "</ul>\n");
}

void part_change(struct html *h, const struct answer *a, size_t row, const char *title,
    const char *target)
{
	const struct cs_str *at;
	size_t n = answer_strings(a, row, target, &at);

	part_change_of(h, answer_string(a, row, title), at, n);
}

void part_hidden_targets(struct html *h, const struct answer *a, size_t row, const char *target)
{
	const struct cs_str *at;
	size_t n = answer_strings(a, row, target, &at);

	for (size_t i = 0; i < n; i++)
		html_hidden(h, "target", at[i]);
}

bool part_same(struct cs_str a, struct cs_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

size_t part_rows(const struct visit *v, const char *method)
{
	const struct answer *a = visit_answer(v, method);

	return a == NULL || a->error != NULL ? 0 : a->n;
}

struct cs_str part_either(const struct answer *a, size_t row, const char *name, const char *other)
{
	struct cs_str s = answer_string(a, row, name);

	return s.len > 0 ? s : answer_string(a, row, other);
}

/* SPDX-License-Identifier: ISC
 *
 * One support code: its nine digits while it lives, then what became of it.
 * The digits are in the page only in the state "live".
 */
#include "pages.h"
#include "part.h"
#include "route.h"
#include "texts.h"

#include <stdio.h>
#include <string.h>

#define HOST_ATTRS \
	"type=\"text\" autocomplete=\"off\" autocapitalize=\"none\" autocorrect=\"off\" " \
	"spellcheck=\"false\" maxlength=\"253\""

void pages_live_begin(struct visit *v, struct html *h, const char *path)
{
	html_raw(h, "<div id=\"live\" data-offline=\"" TEXT_OFFLINE "\" data-live=\"");
	html_path(h, v, path);
	html_raw(h, "\">\n");
}

void pages_live_end(struct visit *v, struct html *h)
{
	html_raw(h, "</div>\n");
	if (pages_reloads(v))
		html_raw(h, "<noscript><p class=\"muted small\">" TEXT_RELOADS
		    " <a href=\"\">" TEXT_RELOAD_NOW "</a></p></noscript>\n");
}

void pages_target_fields(struct visit *v, struct html *h, struct cs_str form)
{
	static const struct field host = {
		.name = "target_host", .label = TEXT_TARGET_HOST, .hint = TEXT_TARGET_HOST_HINT,
		.attrs = HOST_ATTRS " required", .blamed = true,
	};
	static const struct field ip = {
		.name = "target_ip", .label = TEXT_TARGET_IP, .hint = TEXT_TARGET_IP_HINT,
		.attrs = HOST_ATTRS " required", .blamed = true,
	};
	static const struct field rest = {
		.name = "target", .label = TEXT_TARGET_REST, .hint = TEXT_TARGET_REST_HINT,
		.attrs = "rows=\"4\" spellcheck=\"false\" autocapitalize=\"none\"",
	};
	static const struct field free_form = {
		.name = "target", .label = TEXT_TARGET, .hint = TEXT_TARGET_HINT,
		.attrs = "rows=\"3\" spellcheck=\"false\" autocapitalize=\"none\" required",
		.blamed = true,
	};

	if (!cs_str_is(form, "host=ip")) {
		part_area(h, v, &free_form);
		return;
	}
	html_raw(h, "<div class=\"pair\">\n");
	part_field(h, v, &host);
	part_field(h, v, &ip);
	html_raw(h, "</div>\n<details");
	html_raw(h, visit_field(v, "target").len > 0 ? " open" : "");
	html_raw(h, "><summary>" TEXT_TARGET_REST "</summary>\n");
	part_area(h, v, &rest);
	html_raw(h, "</details>\n");
}

/* The same scope again; of an account that is stopped there is none. */
static void write_again(struct visit *v, struct html *h, const struct answer *code,
    const char *style, const char *button)
{
	if (pages_is_stopped(v))
		return;
	html_form(h, v, "/a/:account/codes");
	if (answer_string(code, 0, "action").len > 0)
		html_hidden(h, "action", answer_string(code, 0, "action"));
	part_hidden_targets(h, code, 0, "target");
	if (strcmp(button, TEXT_AGAIN) == 0)
		html_hidden(h, "replace", cs_str("1"));
	part_button(h, style, button);
	html_form_end(h);
}

/* "483109276" or "483 109 276" */
static size_t read_digits(struct cs_str code, char digits[9])
{
	size_t n = 0;

	for (size_t i = 0; i < code.len && n < 9; i++)
		if (code.p[i] >= '0' && code.p[i] <= '9')
			digits[n++] = code.p[i];
	return n;
}

static void write_digits(struct html *h, struct cs_str code)
{
	char digits[9], spelled[32];
	size_t n = read_digits(code, digits), len = 0;

	html_raw(h, "<p class=\"digits\" id=\"code\" aria-hidden=\"true\">");
	for (size_t i = 0; i < n; i += 3) {
		html_raw(h, i > 0 ? " <span>" : "<span>");
		html_text(h, (struct cs_str){ digits + i, n - i < 3 ? n - i : 3 });
		html_raw(h, "</span>");
	}
	html_raw(h, "</p>\n");
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && i % 3 == 0)
			spelled[len++] = ',';
		if (i > 0)
			spelled[len++] = ' ';
		spelled[len++] = digits[i];
	}
	part_say(h, "p class=\"unseen\" data-told", TEXT_SPELLED,
	    ((struct cs_str){ spelled, len }));
	explicit_bzero(digits, sizeof(digits));
	explicit_bzero(spelled, sizeof(spelled));
}

static void write_left(struct visit *v, struct html *h, const struct answer *code)
{
	int64_t expires = answer_int(code, 0, "expires"), left = expires - visit_now(v);
	char text[32];

	visit_turns(v, expires);
	left = left > 0 ? left : 0;
	snprintf(text, sizeof(text), "%d:%02d", (int)(left / 60), (int)(left % 60));
	html_raw(h, "<p class=\"left\"><b role=\"timer\" aria-live=\"off\"");
	html_attr(h, "data-expires", part_number(expires, (char[24]){ 0 }));
	html_attr(h, "data-now", part_number(visit_now(v), (char[24]){ 0 }));
	html_raw(h, ">");
	html_put(h, text);
	html_raw(h, "</b> " TEXT_LEFT "</p>\n");
}

static void write_serves(struct html *h, const struct answer *code)
{
	if (answer_string(code, 0, "title").len == 0) {
		part_text(h, "p class=\"muted\"", TEXT_SERVES_ANY);
		return;
	}
	html_raw(h, "<div class=\"serves\">\n<p class=\"muted\">" TEXT_SERVES "</p>\n");
	part_change(h, code, 0, "title", "target");
	html_raw(h, "</div>\n");
}

static void write_tries(struct html *h, const struct answer *code)
{
	int64_t tries = answer_int(code, 0, "tries");
	char number[24];

	if (tries == 0)
		return;
	html_raw(h, "<div class=\"note warn\">\n");
	if (tries == 1)
		part_text(h, "p data-told", TEXT_TRIED_1);
	else
		part_say(h, "p data-told", TEXT_TRIED_N, part_number(tries, number));
	part_text(h, "p", TEXT_TRIED_WHY);
	html_raw(h, "</div>\n");
}

/* In another session than the one that proved itself: the same scope asked for
 * again shows the same code, after a code of the app. */
static void write_hidden(struct visit *v, struct html *h, const struct answer *code)
{
	html_raw(h, "<section class=\"card\">\n");
	write_left(v, h, code);
	write_serves(h, code);
	part_text(h, "p data-told", TEXT_PROOF_NEEDED);
	write_again(v, h, code, "primary", TEXT_SHOW_CODE);
	html_raw(h, "</section>\n");
}

static void write_living(struct visit *v, struct html *h, const struct answer *code)
{
	if (answer_bool(code, 0, "proof_needed")) {
		write_hidden(v, h, code);
		return;
	}
	write_tries(h, code);
	html_raw(h, "<section class=\"card code-card\" data-wake>\n");
	write_digits(h, answer_string(code, 0, "code"));
	write_left(v, h, code);
	html_raw(h,
	    "<button type=\"button\" data-copy=\"code\" data-done=\"" TEXT_COPIED
	    "\" hidden>" TEXT_COPY "</button>\n");
	write_serves(h, code);
	part_text(h, "p", TEXT_READ_IT);
	html_raw(h, "</section>\n<div class=\"buttons\">\n");
	write_again(v, h, code, "", TEXT_AGAIN);
	html_form(h, v, "/a/:account/codes/:issue/cancel");
	part_button(h, "danger", TEXT_CANCEL_CODE);
	html_form_end(h);
	html_raw(h, "</div>\n");
}

void pages_used(struct visit *v, struct html *h, struct cs_str by, int64_t at,
    struct cs_str title)
{
	part_say(h, "span", TEXT_USED_BY, by);
	part_time(h, v, at);
	html_raw(h, " ");
	if (title.len > 0)
		part_say(h, "span", TEXT_USED_FOR, title);
	else
		html_put(h, TEXT_USED_THIS);
}

static void write_used(struct visit *v, struct html *h, const struct answer *code)
{
	bool made_for_it = answer_string(code, 0, "action").len > 0;

	html_raw(h, "<section class=\"card\">\n<p class=\"done\" data-told>");
	pages_used(v, h, answer_string(code, 0, "by"), answer_int(code, 0, "ended"),
	    made_for_it ? cs_str("") : answer_string(code, 0, "used_title"));
	html_raw(h, "</p>\n");
	part_change(h, code, 0, "used_title", "used_target");
	part_text(h, "p", TEXT_USED_MORE);
	html_raw(h, "</section>\n<div class=\"buttons\">\n");
	write_again(v, h, code, "primary", TEXT_AGAIN);
	part_link(h, v, "/a/:account/freeze", "button danger", TEXT_NOT_YOU);
	html_raw(h, "</div>\n");
}

static const struct ending {
	const char *state, *told, *more;
} endings[] = {
	{ "expired", TEXT_EXPIRED, TEXT_EXPIRED_MORE },
	{ "replaced", TEXT_REPLACED, TEXT_REPLACED_MORE },
	{ "cancelled", TEXT_KILLED, TEXT_KILLED_MORE },	/* by wrong tries */
	{ "revoked", TEXT_CANCELLED, TEXT_CANCELLED_MORE },
};

static void write_ended(struct visit *v, struct html *h, const struct answer *code)
{
	const struct ending *e = &endings[0];
	int64_t ended = answer_int(code, 0, "ended");

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (cs_str_is(answer_string(code, 0, "state"), endings[i].state))
			e = &endings[i];
	html_raw(h, "<section class=\"card\">\n");
	part_text(h, "p class=\"done\" data-told", e->told);
	if (ended > 0) {
		html_raw(h, "<p class=\"muted\">" TEXT_ENDED_AT " ");
		part_time(h, v, ended);
		html_raw(h, "</p>\n");
	}
	part_text(h, "p", e->more);
	html_raw(h, "</section>\n<div class=\"buttons\">\n");
	write_again(v, h, code, "primary", TEXT_AGAIN);
	part_link(h, v, "/a/:account/codes", "button", TEXT_BACK_TO_CODES);
	html_raw(h, "</div>\n");
}

void page_code_live(struct visit *v, struct html *h)
{
	const struct answer *code = visit_answer(v, "Code");
	struct cs_str state = answer_string(code, 0, "state");

	pages_stopped(v, h);
	if (cs_str_is(state, "live"))
		write_living(v, h, code);
	else if (cs_str_is(state, "used"))
		write_used(v, h, code);
	else
		write_ended(v, h, code);
}

void page_code(struct visit *v, struct html *h)
{
	part_text(h, "h1", TEXT_YOUR_CODE);
	part_refusal(h, v);
	pages_live_begin(v, h, "/a/:account/codes/:issue/live");
	page_code_live(v, h);
	pages_live_end(v, h);
}

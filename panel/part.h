/* SPDX-License-Identifier: ISC
 *
 * What pages are made of: sentences with values in them, fields with their
 * labels, times, notes, targets.  Every value is escaped here; text means a
 * literal of texts.h.
 */
#pragma once

#include "visit.h"

/* <tag>text</tag>; tag may carry attributes: "p class=\"hint\"". */
void part_text(struct html *, const char *tag, const char *text);
void part_value(struct html *, const char *tag, struct cs_str);

/* text with each "{}" replaced by the next value, and each "{!}" by it in bold. */
void part_say_n(struct html *, const char *tag, const char *text, const struct cs_str *, size_t n);
#define part_say(h, tag, text, ...) \
	part_say_n(h, tag, text, (struct cs_str[]){ __VA_ARGS__ }, \
	    sizeof((struct cs_str[]){ __VA_ARGS__ }) / sizeof(struct cs_str))

/* A number as a value; room is the caller's. */
struct cs_str part_number(int64_t, char room[24]);

/* "10:42 UTC" on the day of the visit, else with its date; the script puts it
 * into the reader's own time. */
void part_time(struct html *, const struct visit *, int64_t wall);

/* A field with its label, its hint and what was typed before a refusal (but
 * passwords and codes).  attrs: of the input, a literal. */
struct field {
	const char *name, *label, *hint, *attrs;
	bool secret;		/* is never filled in again */
	bool blamed;		/* a refusal on this page is about it */
};
void part_field(struct html *, const struct visit *, const struct field *);
void part_area(struct html *, const struct visit *, const struct field *);
/* A code of an authenticator: digits, one-time-code. */
void part_code_field(struct html *, const struct visit *, const char *name, const char *label,
    const char *hint);

/* One option of a <select>, chosen when it is the field's value. */
void part_option(struct html *, struct cs_str value, struct cs_str label, struct cs_str chosen);

/* style: "", "primary", "danger" ... */
void part_button(struct html *, const char *style, const char *text);
/* The same; about is read aloud after it: "Remove" "Dana Reyes". */
void part_button_about(struct html *, const char *style, const char *text, struct cs_str about);
/* path as for html_path. */
void part_link(struct html *, const struct visit *, const char *path, const char *style,
    const char *text);

/* Why a form or a page was refused, in words for the customer. */
struct cs_str part_why(const struct visit *);
/* The sentence of a refused form, which takes the focus; nothing without one. */
void part_refusal(struct html *, const struct visit *);
void part_note(struct html *, const char *text);

/* "mx1.acme.example=203.0.113.9" with an arrow that is read as "to". */
void part_target(struct html *, struct cs_str target);
/* "Change mx1.acme.example to 203.0.113.9" or the title, and each further target. */
void part_change(struct html *, const struct answer *, size_t row, const char *title,
    const char *target);
void part_change_of(struct html *, struct cs_str title, const struct cs_str *targets, size_t n);
/* Its targets as hidden fields. */
void part_hidden_targets(struct html *, const struct answer *, size_t row, const char *target);

/* Of the method that the route asked; NULL-safe. */
size_t part_rows(const struct visit *, const char *method);
bool part_same(struct cs_str, struct cs_str);
/* name, or when it is absent the other field. */
struct cs_str part_either(const struct answer *, size_t row, const char *name, const char *other);

/* SPDX-License-Identifier: ISC
 *
 * One HTTP request being answered: what it asked for, what the daemon said to
 * the methods of its route, and what a page may know while it is written.
 * Everything returned lives as long as the visit.
 */
#pragma once

#include "html.h"

#include "../lib/wire.h"

#include <stdint.h>

struct conf;
struct visit;

/* What the daemon answered to one method: its replies in order.  A NULL answer
 * is an empty one for the functions below. */
struct answer {
	const char *error;	/* NULL, or the last part of the error's name: "LoggedOut" */
	bool sent;		/* all of the call went out: "Unavailable" is no word on it */
	size_t n;		/* replies; a list's end is not counted, an error has none */
	struct row **rows;	/* of an error: one, its parameters */
};
struct cs_str answer_string(const struct answer *, size_t row,
    const char *name); /* "" when absent */
int64_t answer_int(const struct answer *, size_t row, const char *name);	/* 0 when absent */
bool answer_bool(const struct answer *, size_t row, const char *name);	/* false when absent */
bool answer_has(const struct answer *, size_t row, const char *name);
/* Returns how many; *at points to them. */
size_t answer_strings(const struct answer *, size_t row, const char *name,
    const struct cs_str **at);

/* From the path: what stands at ":account", and at the other placeholder (I42,
 * T4821, a person's name); "" when the route has none. */
struct cs_str visit_account(const struct visit *);
struct cs_str visit_item(const struct visit *);
struct cs_str visit_account_name(const struct visit *);	/* as people know it */

/* From the form (POST) or the query (GET): the first of that name, "" when
 * absent.  After a refusal it is what was typed. */
struct cs_str visit_field(const struct visit *, const char *name);
/* Fields in their order, for pages that carry them on; false past the last. */
bool visit_field_at(const struct visit *, size_t i, struct cs_str *name, struct cs_str *value);

/* What the daemon answered to a method that this route asks, "Session" too;
 * NULL when it was not asked. */
const struct answer *visit_answer(const struct visit *, const char *method);

/* The sentence of a refused POST, to show above its form; "" otherwise. */
struct cs_str visit_say(const struct visit *);
/* The last part of the error's name behind it: "Throttled", "Refused" ...; "". */
struct cs_str visit_refusal(const struct visit *);
/* What the form wants may have been done: it was asked for, and no word came. */
bool visit_open(const struct visit *);
/* The form that got no answer can be sent as it is (html_form_again), and does
 * no harm if it was done. */
bool visit_again(const struct visit *);
/* Of the refusal "InvalidParameter": which; "since", "actions" ... */
struct cs_str visit_fault(const struct visit *);

const struct conf *visit_conf(const struct visit *);	/* name, colour, support ... (conf.h) */
const struct route *visit_route(const struct visit *);	/* the page being written */
const struct route *visit_asked(const struct visit *);	/* what was asked for: a form's row */
struct cs_str visit_path(const struct visit *); /* of the address, as asked, without query */
int64_t visit_now(const struct visit *);		/* wall seconds */
/* What is shown ends then: an open page is made anew at the first of these. */
void visit_turns(struct visit *, int64_t wall);
bool visit_logged_in(const struct visit *);

/* Writes <form method="post" action="..."> with what every form must carry:
 * the token against forgery and a fresh request id.  action is a path of
 * segments; ":account" and the item's placeholder are filled in from the visit. */
void html_form(struct html *, const struct visit *, const char *action);
/* The same with more attributes, a literal such as " class=\"inline\"". */
void html_form_with(struct html *, const struct visit *, const char *action, const char *attrs);
void html_form_end(struct html *);
/* Fills in the placeholders of such a path: for href="...". */
void html_path(struct html *, const struct visit *, const char *path);
/* The address of a file of panel/static, which names its content's hash. */
void html_static(struct html *, const char *file);

/* The form that was sent and that now waits for a code of the authenticator
 * (ProofNeeded), or for the daemon (visit_again): opens a form to the same
 * address with every field in it as a hidden one; the page adds <input
 * name="proof"> and a button, then html_form_end.  Passwords are not carried on. */
void html_form_again(struct html *, const struct visit *);

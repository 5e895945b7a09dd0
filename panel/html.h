/* SPDX-License-Identifier: ISC
 *
 * A page being written.  Text from anywhere but our own source goes through
 * html_text, html_attr or html_url, which escape; only literals go through
 * html_raw.  What was written is wiped when it is freed: pages show codes.
 */
#pragma once

#include "../lib/wire.h"

#include <stdint.h>

struct html;

/* After a failure (memory, or past HTML_MAX) every later call does nothing and
 * the page becomes a 500. */
#define HTML_MAX (5 << 20)	/* a ticket of 200 times 4,000 quotation marks */

/* Markup from our own source: a literal. */
void html_raw(struct html *, const char *literal);

/* Between tags, and inside a quoted attribute's value: & < > " ' become
 * entities; control characters but tab and line feed become U+FFFD. */
void html_text(struct html *, struct cs_str);
void html_put(struct html *, const char *text);		/* html_text(h, cs_str(text)) */
void html_int(struct html *, int64_t);

/* Writes  name="value"  with a blank before it. */
void html_attr(struct html *, const char *name, struct cs_str value);

/* One segment of a path or one value of a query, percent-encoded: safe inside
 * a quoted attribute, too. */
void html_url(struct html *, struct cs_str segment);

/* Bytes as they are, for what is not HTML: CSV, JSON lines, pictures that were
 * made here. */
void html_bytes(struct html *, const void *p, size_t len);

/* <input type="hidden" name="..." value="..."> */
void html_hidden(struct html *, const char *name, struct cs_str value);

/* For who sends it. */

struct html *html_new(void);	/* NULL: no memory */
void html_free(struct html *);	/* wipes */
/* What was written so far, inside html; false after a failure. */
bool html_view(const struct html *, const char **p, size_t *len);

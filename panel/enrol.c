/* SPDX-License-Identifier: ISC
 *
 * Draws a secret as SVG, inline: an address of its own for the picture would be
 * one more place that gives a secret away.
 */
#include "enrol.h"

#include "conf.h"
#include "part.h"
#include "texts.h"

#include "../lib/secret.h"

#include <qrencode.h>
#include <stdio.h>
#include <string.h>

#define QUIET 4		/* modules of white around it, as the standard asks */
#define URI_MAX 1024
#define GROUP 4		/* letters of a secret that are read at once */

/* Each run of dark modules in a row is one rectangle of the path. */
static void draw_row(struct html *h, const QRcode *q, int y)
{
	const unsigned char *row = q->data + y * q->width;
	char step[64];
	int from;

	for (int x = 0; x < q->width; x++) {
		if (!(row[x] & 1))
			continue;
		for (from = x; x < q->width && (row[x] & 1); x++)
			;
		int len = snprintf(step, sizeof(step), "M%d %dh%dv1h-%dz", from + QUIET, y + QUIET,
		    x - from, x - from);
		html_bytes(h, step, (size_t)len);
	}
}

static void draw(struct html *h, struct cs_str uri)
{
	char text[URI_MAX];
	QRcode *q;

	if (uri.len == 0 || uri.len >= sizeof(text))
		return;
	memcpy(text, uri.p, uri.len);
	text[uri.len] = '\0';
	q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	cs_wipe(text, sizeof(text));
	if (q == NULL)
		return;
	html_raw(h, "<svg class=\"qr\" role=\"img\"");
	html_attr(h, "aria-label", cs_str(TEXT_QR_LABEL));
	html_raw(h, " shape-rendering=\"crispEdges\" viewBox=\"0 0 ");
	html_int(h, q->width + 2 * QUIET);
	html_raw(h, " ");
	html_int(h, q->width + 2 * QUIET);
	html_raw(h, "\"><path fill=\"#fff\" d=\"M0 0h999v999H0z\"/><path fill=\"#000\" d=\"");
	for (int y = 0; y < q->width; y++)
		draw_row(h, q, y);
	html_raw(h, "\"/></svg>\n");
	cs_wipe(q->data, (size_t)q->width * (size_t)q->width);
	QRcode_free(q);
}

static void write_groups(struct html *h, struct cs_str secret)
{
	html_raw(h, "<code class=\"secret\">");
	for (size_t i = 0; i < secret.len; i += GROUP) {
		size_t n = secret.len - i < GROUP ? secret.len - i : GROUP;

		html_raw(h, i > 0 ? " " : "");
		html_text(h, (struct cs_str){ secret.p + i, n });
	}
	html_raw(h, "</code>\n");
}

void enrol_write(struct html *h, struct cs_str uri, struct cs_str secret)
{
	html_raw(h, "<div class=\"enrol\">\n");
	draw(h, uri);
	html_raw(h, "<div class=\"lead\">\n");
	part_text(h, "p", TEXT_SCAN);
	html_raw(h, "<p><a class=\"button\"");
	html_attr(h, "href", uri);
	html_raw(h, ">");
	html_put(h, TEXT_OPEN_APP);
	html_raw(h, "</a></p>\n");
	part_text(h, "p", TEXT_TYPE_SECRET);
	write_groups(h, secret);
	html_raw(h, "</div>\n</div>\n");
}

void enrol_write_recovery(struct visit *v, struct html *h, const struct answer *a)
{
	const struct cs_str *codes;
	size_t n = answer_strings(a, 0, "recovery_codes", &codes);
	struct cs_str who = answer_string(a, 0, "administrator");

	if (n == 0)
		n = answer_strings(a, 0, "codes", &codes);
	if (who.len == 0)
		who = answer_string(visit_answer(v, "Session"), 0, "administrator");
	part_text(h, "h1", TEXT_RECOVERY_NOW);
	part_text(h, "p", TEXT_RECOVERY_WHY);
	html_raw(h, "<section class=\"card\">\n");
	part_say(h, "h2", TEXT_RECOVERY_PAPER, who, cs_str(visit_conf(v)->name));
	html_raw(h, "<ol class=\"recovery\" id=\"recovery\">\n");
	for (size_t i = 0; i < n; i++) {
		html_raw(h, "<li><code>");
		html_text(h, codes[i]);
		html_raw(h, "</code></li>\n");
	}
	html_raw(h,
	    "</ol>\n<div class=\"buttons\">\n"
	    "<button type=\"button\" data-copy=\"recovery\" data-done=\"" TEXT_COPIED
	    "\" hidden>" TEXT_COPY_CODES "</button>\n"
	    "<button type=\"button\" data-print hidden>" TEXT_PRINT "</button>\n</div>\n"
	    "</section>\n<p class=\"screen\"><a class=\"button primary\" "
	    "href=\"/\">" TEXT_RECOVERY_KEPT "</a></p>\n");
}

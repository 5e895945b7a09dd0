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

#include <errno.h>
#include <fcntl.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUIET 4		/* modules of white around it, as the standard asks */
#define SIDE_MAX 177	/* modules of the largest symbol there is */
#define URI_MAX 1024
#define GROUP 4		/* letters of a secret that are read at once */

/* A symbol of libqrencode's: a byte a module, whose lowest bit says dark. */
struct symbol {
	size_t len;
	int width;
	unsigned char at[SIDE_MAX * SIDE_MAX];
};

/* In a process of its own, because libqrencode frees copies of what it encodes
 * as they are: its memory ends with it.  The symbol fits into the pipe. */
_Noreturn static void encode(struct cs_str uri, int fd)
{
	char text[URI_MAX];
	const QRcode *q;
	size_t len;

	memcpy(text, uri.p, uri.len);
	text[uri.len] = '\0';
	q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	len = q != NULL ? (size_t)q->width * (size_t)q->width : 0;
	_exit(len > 0 && write(fd, q->data, len) == (ssize_t)len ? 0 : 1);
}

static bool read_symbol(int fd, struct symbol *s)
{
	ssize_t n;

	s->len = 0;
	do {
		n = read(fd, s->at + s->len, sizeof(s->at) - s->len);
		if (n > 0)
			s->len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	for (s->width = 0; (size_t)s->width * (size_t)s->width < s->len; s->width++)
		;
	return s->len > 0 && (size_t)s->width * (size_t)s->width == s->len;
}

static bool make_symbol(struct cs_str uri, struct symbol *s)
{
	int ends[2];
	bool made;
	pid_t child;

	if (uri.len == 0 || uri.len >= URI_MAX || pipe2(ends, O_CLOEXEC) == -1)
		return false;
	child = fork();
	if (child == 0)
		encode(uri, ends[1]);
	close(ends[1]);
	made = child != -1 && read_symbol(ends[0], s);
	close(ends[0]);
	while (child != -1 && waitpid(child, NULL, 0) == -1 && errno == EINTR)
		;
	return made;
}

/* Each run of dark modules in a row is one rectangle of the path. */
static void draw_row(struct html *h, const struct symbol *s, int y)
{
	const unsigned char *row = s->at + y * s->width;
	char step[64];
	int from;

	for (int x = 0; x < s->width; x++) {
		if (!(row[x] & 1))
			continue;
		for (from = x; x < s->width && (row[x] & 1); x++)
			;
		int len = snprintf(step, sizeof(step), "M%d %dh%dv1h-%dz", from + QUIET, y + QUIET,
		    x - from, x - from);
		html_bytes(h, step, (size_t)len);
	}
}

/* Without a picture there is still the secret to type. */
static void draw(struct html *h, struct cs_str uri)
{
	struct symbol s CS_UNCLEARED;

	if (!make_symbol(uri, &s))
		return;
	html_raw(h, "<svg class=\"qr\" role=\"img\"");
	html_attr(h, "aria-label", cs_str(TEXT_QR_LABEL));
	html_raw(h, " shape-rendering=\"crispEdges\" viewBox=\"0 0 ");
	html_int(h, s.width + 2 * QUIET);
	html_raw(h, " ");
	html_int(h, s.width + 2 * QUIET);
	html_raw(h, "\"><path fill=\"#fff\" d=\"M0 0h999v999H0z\"/><path fill=\"#000\" d=\"");
	for (int y = 0; y < s.width; y++)
		draw_row(h, &s, y);
	html_raw(h, "\"/></svg>\n");
	cs_wipe(s.at, s.len);
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

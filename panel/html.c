/* SPDX-License-Identifier: ISC
 *
 * The buffer of one page.  It grows by moving, and wipes what it moved from.
 */
#include "html.h"

#include "../lib/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 4096

struct html {
	char *p;
	size_t len, cap;
	bool failed;
};

struct html *html_new(void)
{
	return calloc(1, sizeof(struct html));
}

void html_free(struct html *h)
{
	if (h == NULL)
		return;
	cs_free_secret(&h->p, h->len);
	free(h);
}

bool html_view(const struct html *h, const char **p, size_t *len)
{
	*p = h->p;
	*len = h->len;
	return !h->failed;
}

static bool grow(struct html *h, size_t more)
{
	size_t cap = h->cap > 0 ? h->cap : FIRST_SIZE;
	char *p;

	while (cap < h->len + more)
		cap *= 2;
	p = malloc(cap);
	if (p == NULL)
		return false;
	if (h->len > 0)
		memcpy(p, h->p, h->len);
	cs_free_secret(&h->p, h->len);
	h->p = p;
	h->cap = cap;
	return true;
}

void html_bytes(struct html *h, const void *p, size_t len)
{
	if (h->failed || len == 0)
		return;
	if (len > HTML_MAX - h->len || (len > h->cap - h->len && !grow(h, len))) {
		h->failed = true;
		return;
	}
	memcpy(h->p + h->len, p, len);
	h->len += len;
}

void html_raw(struct html *h, const char *literal)
{
	html_bytes(h, literal, strlen(literal));
}

/* NULL: the byte stands for itself. */
static const char *entity(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
		return NULL;
	}
	return c < 0x20 || c == 0x7f ? "\xef\xbf\xbd" : NULL;
}

void html_text(struct html *h, struct cs_str text)
{
	size_t done = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char *instead = entity((unsigned char)text.p[i]);

		if (instead == NULL)
			continue;
		html_bytes(h, text.p + done, i - done);
		html_raw(h, instead);
		done = i + 1;
	}
	html_bytes(h, text.p + done, text.len - done);
}

void html_put(struct html *h, const char *text)
{
	html_text(h, cs_str(text));
}

void html_int(struct html *h, int64_t n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%lld", (long long)n);

	html_bytes(h, text, (size_t)len);
}

void html_attr(struct html *h, const char *name, struct cs_str value)
{
	html_raw(h, " ");
	html_raw(h, name);
	html_raw(h, "=\"");
	html_text(h, value);
	html_raw(h, "\"");
}

static bool goes_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '.' || c == '_' || c == '~';
}

void html_url(struct html *h, struct cs_str segment)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < segment.len; i++) {
		unsigned char c = (unsigned char)segment.p[i];
		char escaped[3] = { '%', hex[c >> 4], hex[c & 15] };

		if (goes_plain((char)c))
			html_bytes(h, &segment.p[i], 1);
		else
			html_bytes(h, escaped, sizeof(escaped));
	}
}

void html_hidden(struct html *h, const char *name, struct cs_str value)
{
	html_raw(h, "<input type=\"hidden\"");
	html_attr(h, "name", cs_str(name));
	html_attr(h, "value", value);
	html_raw(h, ">");
}

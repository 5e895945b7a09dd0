/* SPDX-License-Identifier: ISC
 *
 * Decodes in the copy that the fields point into.
 */
#include "form.h"

#include "../lib/secret.h"

#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool form_unescape(char *text, size_t *len, bool plus)
{
	size_t out = 0;

	for (size_t i = 0; i < *len; i++) {
		char c = text[i];

		if (c == '%') {
			bool whole = *len - i > 2;
			int high = whole ? hex_digit(text[i + 1]) : -1;
			int low = whole ? hex_digit(text[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		text[out++] = c;
	}
	*len = out;
	return true;
}

bool form_text_fine(const char *text, size_t len, bool lines)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (lines && (c == '\r' || c == '\n' || c == '\t'))
			continue;
		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return cs_utf8_valid(text, len);
}

/* Browsers end lines with CR LF; a tab says no more than a blank. */
static void make_plain(char *text, size_t *len)
{
	size_t out = 0;

	for (size_t i = 0; i < *len; i++) {
		if (text[i] == '\r' && i + 1 < *len && text[i + 1] == '\n')
			continue;
		text[out] = text[i] == '\t' ? ' ' : text[i] == '\r' ? '\n' : text[i];
		out++;
	}
	*len = out;
}

static enum cs_err take_part(char *p, size_t len, bool lines, struct cs_str *out)
{
	if (!form_unescape(p, &len, true) || !form_text_fine(p, len, lines))
		return CS_ERR_FORMAT;
	make_plain(p, &len);
	*out = (struct cs_str){ p, len };
	return CS_OK;
}

static enum cs_err take_field(struct fields *f, char *p, size_t len)
{
	char *equals = memchr(p, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - p) : len;
	enum cs_err e;

	if (len == 0)
		return CS_OK;
	if (f->n == FIELDS_MAX)
		return CS_ERR_LIMIT;
	e = take_part(p, name_len, false, &f->at[f->n].name);
	if (e == CS_OK && equals != NULL)
		e = take_part(equals + 1, len - name_len - 1, true, &f->at[f->n].value);
	else
		f->at[f->n].value = CS_STR("");
	if (e == CS_OK)
		f->n++;
	return e;
}

enum cs_err form_parse(struct fields *f, const char *text, size_t len)
{
	enum cs_err e = CS_OK;
	char *p, *end;

	*f = (struct fields){ .text = malloc(len + 1), .len = len };
	if (f->text == NULL)
		return CS_ERR_NOMEM;
	memcpy(f->text, text, len);
	f->text[len] = '\0';
	p = f->text;
	end = p + len;
	while (e == CS_OK && p < end) {
		char *stop = memchr(p, '&', (size_t)(end - p));

		if (stop == NULL)
			stop = end;
		e = take_field(f, p, (size_t)(stop - p));
		p = stop + 1;
	}
	if (e != CS_OK)
		form_clear(f);
	return e;
}

void form_clear(struct fields *f)
{
	cs_free_secret(&f->text, f->len);
	*f = (struct fields){ 0 };
}

struct cs_str form_find(const struct fields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (cs_str_is(f->at[i].name, name))
			return f->at[i].value;
	return (struct cs_str){ NULL, 0 };
}

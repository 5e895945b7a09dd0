/* SPDX-License-Identifier: ISC
 *
 * Text of a peer's, made fit for a terminal and a log.  Apart from log.c, which
 * has state and reads the environment: this goes into other people's processes.
 */
#include "log.h"

#include "scan.h"
#include "wire.h"

#include <string.h>

/* The character at text and its length; a broken byte is U+0000. */
static uint32_t read_character(const char *text, size_t len, size_t *n)
{
	unsigned char lead = (unsigned char)text[0];
	uint32_t c;

	*n = lead < 0x80 ? 1 : cs_utf8_measure(text, text + len);
	if (*n == 0) {
		*n = 1;
		return 0;
	}
	if (*n == 1)
		return lead;
	c = lead & (0x7fu >> *n);
	for (size_t i = 1; i < *n; i++)
		c = c << 6 | ((unsigned char)text[i] & 0x3fu);
	return c;
}

static bool is_harmful(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f },		/* C0, DEL, C1: a terminal obeys */
		{ 0x061c, 0x061c }, { 0x200e, 0x200f },	/* bidi marks */
		{ 0x2028, 0x202e },			/* line ends, embeddings, overrides */
		{ 0x2066, 0x2069 },			/* isolates */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

bool cs_log_is_harmful(const char *text, size_t len, size_t *n, uint32_t *c)
{
	*c = read_character(text, len, n);
	return is_harmful(*c);
}

/* One character, or '?' in its place.  Returns its length in text and adds to
 * *used, or returns 0 when there is no room. */
static size_t escape_character(char *out, size_t cap, const char *text, size_t len, size_t *used)
{
	uint32_t c;
	size_t n;
	bool shown = !cs_log_is_harmful(text, len, &n, &c);

	if (*used + (shown ? n : 1) >= cap)
		return 0;
	if (shown)
		memcpy(out + *used, text, n);
	else
		out[*used] = '?';
	*used += shown ? n : 1;
	return n;
}

char *cs_log_escape(char *out, size_t cap, const char *text, size_t len)
{
	size_t used = 0, at = 0, n = 1;

	while (at < len && n > 0) {
		const char *from = text + at;
		size_t run = (size_t)(cs_skip_ascii(from, text + len) - from);

		if (run > cap - 1 - used)
			run = cap - 1 - used;
		memcpy(out + used, from, run);
		used += run;
		at += run;
		n = at < len ? escape_character(out, cap, text + at, len - at, &used) : 0;
		at += n;
	}
	out[used] = '\0';
	return out;
}

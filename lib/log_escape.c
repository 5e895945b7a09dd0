/* SPDX-License-Identifier: ISC
 *
 * Text of a peer's, made fit for a terminal and a log.  Apart from log.c, which
 * has state and reads the environment: this goes into other people's processes.
 */
#include "log.h"

#include "wire.h"

#include <string.h>

/* The character at text and its length; a broken byte is U+0000. */
static uint32_t read_character(const char *text, size_t len, size_t *n)
{
	unsigned char lead = (unsigned char)text[0];
	uint32_t c;

	*n = 1 + (lead >= 0x80) + (lead >= 0xe0) + (lead >= 0xf0);
	if (*n > len || !cs_utf8_valid(text, *n)) {
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

char *cs_log_escape(char *out, size_t cap, const char *text, size_t len)
{
	size_t used = 0, at = 0, n;

	while (at < len) {
		if (text[at] >= 0x20 && text[at] < 0x7f) {	/* nearly always */
			if (used + 1 >= cap)
				break;
			out[used++] = text[at++];
			continue;
		}
		uint32_t c = read_character(text + at, len - at, &n);
		bool shown = !is_harmful(c);

		if (used + (shown ? n : 1) >= cap)
			break;
		if (shown)
			memcpy(out + used, text + at, n);
		else
			out[used] = '?';
		used += shown ? n : 1;
		at += n;
	}
	out[used] = '\0';
	return out;
}

/* SPDX-License-Identifier: ISC
 *
 * The inner loop of everything that reads text: eight bytes at a time, inlined
 * where it is used, and no byte read outside the text.
 */
#pragma once

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CS_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t cs_load_word(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return le64toh(w);
}

/* Marks, in a word's high bits, the bytes that are no printable ASCII, a quote
 * or a backslash.  With one bit turned over, a quote is next to the control
 * characters; DEL is next to what is no ASCII, and 0xff, the last of that, is
 * too large for the first mark.  A borrow or carry makes marks above the lowest
 * one doubtful; the lowest is exact. */
static inline uint64_t cs_mark_odd(uint64_t w)
{
	uint64_t low = (w ^ CS_EACH(0x02)) - CS_EACH(('"' ^ 0x02) + 1);
	uint64_t backslash = (w ^ CS_EACH('\\')) - CS_EACH(1);
	uint64_t high = w + CS_EACH(1);

	return (low | backslash | high) & CS_EACH(0x80);
}

/* The same for four to seven bytes, of which the middle ones are seen twice: 0
 * or not. */
static inline uint64_t cs_mark_odd_short(const char *p, size_t len)
{
	uint32_t head, tail;

	memcpy(&head, p, sizeof(head));
	memcpy(&tail, p + len - sizeof(tail), sizeof(tail));
	return cs_mark_odd((uint64_t)head << 32 | tail);
}

/* The first byte from p on that is no printable ASCII, a quote or a backslash;
 * else end.  The last word of a longer text begins in what was seen already. */
static inline const char *cs_skip_ascii(const char *p, const char *end)
{
	size_t len = (size_t)(end - p);

	if (len >= 8) {
		const char *last = end - 8;
		uint64_t odd;

		for (; p < last; p += 8) {
			odd = cs_mark_odd(cs_load_word(p));
			if (odd != 0)
				return p + ((unsigned)__builtin_ctzll(odd) >> 3);
		}
		odd = cs_mark_odd(cs_load_word(last));
		return odd == 0 ? end : last + ((unsigned)__builtin_ctzll(odd) >> 3);
	}
	if (len >= 4 && cs_mark_odd_short(p, len) == 0)
		return end;
	while (p < end && (unsigned char)(*p - 0x20) < 0x5f && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* SPDX-License-Identifier: ISC
 *
 * Builds and reads the keys of the store's rows.
 */
#include "rowkey.h"

#include <endian.h>
#include <string.h>

void rowkey_add(struct rowkey *key, uint64_t v, unsigned width)
{
	uint64_t big = htobe64(v << 8 * (8 - width));

	memcpy(key->b + key->len, &big, width);
	key->len += width;
}

void rowkey_add_bytes(struct rowkey *key, const uint8_t *p, size_t len)
{
	memcpy(key->b + key->len, p, len);
	key->len += len;
}

struct rowkey rowkey1(uint64_t a)
{
	struct rowkey key = { .len = 0 };

	rowkey_add(&key, a, ROWKEY_NUMBER);
	return key;
}

struct rowkey rowkey2(uint64_t a, uint64_t b)
{
	struct rowkey key = rowkey1(a);

	rowkey_add(&key, b, ROWKEY_NUMBER);
	return key;
}

struct bytes rowkey_bytes(const struct rowkey *key)
{
	return (struct bytes){ key->b, key->len };
}

bool rowkey_is(const struct rowkey *key, struct bytes b)
{
	return b.len == key->len && memcmp(b.p, key->b, b.len) == 0;
}

uint64_t rowkey_number(struct bytes b, size_t at, unsigned width)
{
	uint64_t big = 0;

	memcpy(&big, (const uint8_t *)b.p + at, width);
	return be64toh(big) >> 8 * (8 - width);
}

struct rowkey rowkey_short(uint64_t v)
{
	struct rowkey key = { .len = 0 };
	unsigned width = 1;

	while (width < 8 && v >> 8 * width != 0)
		width++;
	rowkey_add(&key, v, width);
	return key;
}

bool rowkey_is_short(struct bytes b)
{
	return b.len == 1 || (b.len > 1 && b.len <= ROWKEY_NUMBER && *(const uint8_t *)b.p != 0);
}

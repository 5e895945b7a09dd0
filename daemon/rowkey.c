/* SPDX-License-Identifier: ISC
 *
 * Builds and reads the keys of the store's rows.
 */
#include "rowkey.h"

#include <string.h>

void rowkey_add(struct rowkey *key, uint64_t v, unsigned width)
{
	for (unsigned i = width; i-- > 0;)
		key->b[key->len++] = (uint8_t)(v >> 8 * i);
}

void rowkey_add_bytes(struct rowkey *key, const uint8_t *p, size_t len)
{
	memcpy(key->b + key->len, p, len);
	key->len += len;
}

struct rowkey rowkey1(uint64_t a)
{
	struct rowkey key = { .len = 0 };

	rowkey_add(&key, a, 8);
	return key;
}

struct rowkey rowkey2(uint64_t a, uint64_t b)
{
	struct rowkey key = rowkey1(a);

	rowkey_add(&key, b, 8);
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
	const uint8_t *p = (const uint8_t *)b.p + at;
	uint64_t v = 0;

	while (width-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* SPDX-License-Identifier: ISC
 *
 * One bit a key.  Keys are numbers, so one multiplication spreads them; who
 * makes two of them meet has gained a look-up.
 */
#include "sparse.h"

#include <string.h>

bool sparse_is(enum table table)
{
	return table == TABLE_BUCKET || table == TABLE_OVERRIDES || table == TABLE_CALL;
}

static size_t place_of(enum table table, struct bytes key)
{
	uint64_t part[2] = { 0, 0 };

	memcpy(part, key.p, key.len < sizeof(part) ? key.len : sizeof(part));
	part[0] = (part[0] ^ table) * 0x9e3779b97f4a7c15;
	part[0] = ((part[0] >> 32 ^ part[0]) + part[1]) * 0xd6e8feb86659fd93;
	return part[0] >> 32 & (SPARSE_BITS - 1);
}

void sparse_note(struct sparse *s, enum table table, struct bytes key)
{
	size_t i = place_of(table, key);

	if (sparse_is(table))
		s->bits[i / 64] |= (uint64_t)1 << i % 64;
}

bool sparse_may_have(const struct sparse *s, enum table table, struct bytes key)
{
	size_t i;

	if (!sparse_is(table))
		return true;
	i = place_of(table, key);
	return (s->bits[i / 64] >> i % 64 & 1) != 0;
}

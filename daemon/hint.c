/* SPDX-License-Identifier: ISC
 *
 * One place a hash.  Somebody who makes two names meet has gained a look-up.
 */
#include "hint.h"

#define NUMBER_BITS (8 * ROWKEY_NUMBER)

/* FNV-1a; each table begins elsewhere. */
static uint64_t hash(enum table table, struct bytes name)
{
	const uint8_t *p = name.p;
	uint64_t h = 0xcbf29ce484222325 ^ table;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	return h * 0x9e3779b97f4a7c15;
}

uint64_t hint_get(const struct hints *hints, enum table table, struct bytes name)
{
	uint64_t h = hash(table, name), hint = hints->at[h & (HINTS - 1)];

	return (hint ^ h) >> NUMBER_BITS == 0 ? hint & ROWKEY_NUMBER_MAX : 0;
}

void hint_put(struct hints *hints, enum table table, struct bytes name, uint64_t number)
{
	uint64_t h = hash(table, name);

	hints->at[h & (HINTS - 1)] = h >> NUMBER_BITS << NUMBER_BITS | number;
}

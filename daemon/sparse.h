/* SPDX-License-Identifier: ISC
 *
 * Which keys the tables surely do not have that are asked at every verification
 * and seldom have a row: a Bloom filter of one bit, in memory.  A key that was
 * noted stays noted until the next start, which costs a look-up and nothing
 * else; so a lost batch takes nothing back.
 */
#pragma once

#include "store.h"

#define SPARSE_BITS (1u << 19)

struct sparse {
	uint64_t bits[SPARSE_BITS / 64];
};

/* Wrong tries, overrides, calls. */
bool sparse_is(enum table);

void sparse_note(struct sparse *, enum table, struct bytes key);
/* False: the table has no such row.  Always true for other tables. */
bool sparse_may_have(const struct sparse *, enum table, struct bytes key);

/* SPDX-License-Identifier: ISC
 *
 * Keys of the store's rows: big-endian numbers one after another, so that byte
 * order is number order.
 */
#pragma once

#include "store.h"

#define ROWKEY_MAX 32

struct rowkey {
	uint8_t b[ROWKEY_MAX];
	size_t len;
};

/* Numbers of the store fit: 1,000 verifications a second for 34 years. */
#define ROWKEY_NUMBER 5
#define ROWKEY_NUMBER_MAX (((uint64_t)1 << 8 * ROWKEY_NUMBER) - 1)

struct rowkey rowkey1(uint64_t a);
struct rowkey rowkey2(uint64_t a, uint64_t b);
/* Appends the low "width" bytes of v; the caller keeps within ROWKEY_MAX. */
void rowkey_add(struct rowkey *, uint64_t v, unsigned width);
void rowkey_add_bytes(struct rowkey *, const uint8_t *p, size_t len);

/* A view into the key. */
struct bytes rowkey_bytes(const struct rowkey *);
bool rowkey_is(const struct rowkey *, struct bytes);

/* The number of that width at an offset; the caller has checked the length. */
uint64_t rowkey_number(struct bytes, size_t at, unsigned width);

/* A number as an index's value: the bytes that it needs, one at least. */
struct rowkey rowkey_short(uint64_t v);
bool rowkey_is_short(struct bytes);

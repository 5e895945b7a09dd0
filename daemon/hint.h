/* SPDX-License-Identifier: ISC
 *
 * Under which number a name was found last.  Who asks for a code is about to
 * ask for its use, and a name's row is the coldest on the way.  A hint may be
 * out of date: who takes one reads the record and compares the name.
 */
#pragma once

#include "rowkey.h"

#define HINTS 65536 /* names, a power of two; the latest of a place stays */

struct hints {
	uint64_t at[HINTS]; /* 24 bits of the name's hash, the number; 0: none */
};

uint64_t hint_get(const struct hints *, enum table, struct bytes name); /* 0: none */
void hint_put(struct hints *, enum table, struct bytes name, uint64_t number);

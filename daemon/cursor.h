/* SPDX-License-Identifier: ISC
 *
 * Where a list goes on: the handler's own key, kept by the connection from one
 * batch to the next.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	bool started;		/* false on the first call */
	bool again;		/* set by the handler: there is more */
	bool follow;		/* set by the handler: call again after each
				 * batch that wrote events or opened calls */
	size_t len;
	uint8_t key[96];
};
#define ROWS_AT_ONCE 64

/* A list that goes on from a place in its handler's own form; load leaves it as it
 * is, and is false, at the beginning. */
bool cursor_load(const struct cursor *, void *place, size_t len);
void cursor_save(struct cursor *, const void *place, size_t len);

/* One that goes on after a number: 0 at its beginning. */
uint64_t cursor_id(const struct cursor *);
void cursor_go_on(struct cursor *, uint64_t id);

/* SPDX-License-Identifier: ISC
 *
 * The writes that one request has staged, in order, in one growing piece of
 * memory that is kept from request to request.  It holds no secret that is not
 * sealed.
 */
#pragma once

#include "store.h"

struct stage {
	uint8_t *buf;
	size_t len, cap;
	size_t open;		/* where the row begins that stage_fill ends */
	enum cs_err err;	/* the first failure; the request cannot be kept */
};

struct staged {
	enum table table;
	bool del;
	struct bytes key, val;
};

void stage_put(struct stage *, enum table, struct bytes key, struct bytes val);
void stage_del(struct stage *, enum table, struct bytes key);

/* Room for a value of at most "most" bytes, to encode in place, or NULL; then
 * stage_fill tells its length. */
uint8_t *stage_room(struct stage *, enum table, struct bytes key, size_t most);
void stage_fill(struct stage *, size_t len);

void stage_fail(struct stage *, enum cs_err);

/* The row at *at, which moves on from 0; false at the end. */
bool stage_next(const struct stage *, size_t *at, struct staged *);
void stage_clear(struct stage *);
void stage_free(struct stage *);

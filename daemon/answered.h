/* SPDX-License-Identifier: ISC
 *
 * Which request keys have been answered, and under which number the answer is:
 * an index in memory, so that answers can lie in the database in the order in
 * which they were given.  Sixteen bytes an answer, a quarter of them empty or
 * more.  It follows the batch: what a lost one added is taken out again.
 */
#pragma once

#include "../lib/err.h"

#include <stddef.h>
#include <stdint.h>

struct answer {
	uint64_t key;		/* the first bytes of a keyed hash: evenly spread already */
	uint64_t number;	/* 0: an empty place */
};

struct answered {
	struct answer *at;	/* places: a power of two, or none */
	size_t places, used;
	struct answer *change;	/* of this batch, in order */
	bool *gone;		/* for each change: taken out, not added */
	size_t changes, kept, room;
};

/* Staged with a request's writes.  CS_ERR_NOMEM. */
enum cs_err answered_add(struct answered *, uint64_t key, uint64_t number);
enum cs_err answered_remove(struct answered *, uint64_t key, uint64_t number);

void answered_keep(struct answered *);		/* join the batch, visible from now on */
void answered_drop(struct answered *);		/* since the last keep */
void answered_forget(struct answered *);	/* the batch is lost */
void answered_settle(struct answered *);	/* it is durable */

/* The greatest number below "below" of that key, 0 when there is none.  What
 * was removed may still be told until the batch is durable. */
uint64_t answered_find(const struct answered *, uint64_t key, uint64_t below);

void answered_free(struct answered *);

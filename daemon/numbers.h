/* SPDX-License-Identifier: ISC
 *
 * Under which numbers rows lie of which a hash is known: an index in memory, so
 * that answers, codes and their uses can lie in the database in the order in
 * which they were given.  Eight bytes a row, a quarter of them empty or more: the number,
 * and 24 bits of the hash, so who asks must compare the row's whole hash.  It
 * follows the batch: what a lost one added is taken out again.
 */
#pragma once

#include "../lib/err.h"

#include <stddef.h>
#include <stdint.h>

struct numbers {
	uint64_t *at;		/* places: a power of two, or none; 0: an empty one */
	size_t places, used;
	uint64_t *change;	/* of this batch, in order */
	bool *gone;		/* for each change: taken out, not added */
	size_t changes, kept, room;
};

/* Staged with a request's writes.  Hashes are evenly spread; those that are one lie
 * in one run, so they should be few (an account has 128 codes).  The number is a
 * store's, not 0.  CS_ERR_NOMEM, but not of what is removed for want of places. */
enum cs_err numbers_add(struct numbers *, uint64_t hash, uint64_t number);
enum cs_err numbers_remove(struct numbers *, uint64_t hash, uint64_t number);

void numbers_keep(struct numbers *);	/* join the batch, visible from now on */
void numbers_drop(struct numbers *);	/* since the last keep */
void numbers_forget(struct numbers *);	/* the batch is lost */
void numbers_settle(struct numbers *);	/* it is durable */

/* The greatest number below "below" that may be of that hash, 0 when there is
 * none.  What was removed may still be told until the batch is durable. */
uint64_t numbers_find(const struct numbers *, uint64_t hash, uint64_t below);

/* The least number above "above", likewise. */
uint64_t numbers_next(const struct numbers *, uint64_t hash, uint64_t above);

/* This hash is about to be asked for: memory is slow, so it begins now. */
void numbers_expect(const struct numbers *, uint64_t hash);

void numbers_free(struct numbers *);

/* SPDX-License-Identifier: ISC
 *
 * Open addressing with linear probing.  Room for what is staged is made when
 * it is staged, so that joining the batch cannot fail.
 */
#include "numbers.h"

#include <stdlib.h>

#define FIRST_PLACES 1024
#define NUMBER_BITS 40		/* as in the store's keys */
#define HASH_BITS (64 - NUMBER_BITS)

static uint64_t number_of(uint64_t entry)
{
	return entry & (((uint64_t)1 << NUMBER_BITS) - 1);
}

static uint64_t entry_of(uint64_t hash, uint64_t number)
{
	return hash >> NUMBER_BITS << NUMBER_BITS | number;
}

/* Of a hash or an entry: what they have in common is evenly spread. */
static size_t place_of(const struct numbers *n, uint64_t hash)
{
	return (hash >> NUMBER_BITS) * n->places >> HASH_BITS;
}

static size_t next_place(const struct numbers *n, size_t i)
{
	return (i + 1) & (n->places - 1);
}

static void put(struct numbers *n, uint64_t entry)
{
	size_t i = place_of(n, entry);

	while (n->at[i] != 0)
		i = next_place(n, i);
	n->at[i] = entry;
	n->used++;
}

/* Moves up what would no longer be found behind the empty place. */
static void close_gap(struct numbers *n, size_t gap)
{
	for (size_t i = next_place(n, gap); n->at[i] != 0; i = next_place(n, i)) {
		size_t home = place_of(n, n->at[i]);

		if (((i - home) & (n->places - 1)) < ((i - gap) & (n->places - 1)))
			continue;
		n->at[gap] = n->at[i];
		gap = i;
	}
	n->at[gap] = 0;
}

static void take_out(struct numbers *n, uint64_t entry)
{
	if (n->places == 0)
		return;
	for (size_t i = place_of(n, entry); n->at[i] != 0; i = next_place(n, i)) {
		if (n->at[i] != entry)
			continue;
		close_gap(n, i);
		n->used--;
		return;
	}
}

/* At most three quarters full, with all that is staged. */
static enum cs_err make_places(struct numbers *n, size_t more)
{
	struct numbers larger = { .places = n->places > 0 ? n->places : FIRST_PLACES };

	while ((n->used + more) * 4 > larger.places * 3)
		larger.places *= 2;
	if (larger.places == n->places)
		return CS_OK;
	larger.at = calloc(larger.places, sizeof(larger.at[0]));
	if (larger.at == NULL)
		return CS_ERR_NOMEM;
	for (size_t i = 0; i < n->places; i++)
		if (n->at[i] != 0)
			put(&larger, n->at[i]);
	free(n->at);
	n->at = larger.at;
	n->places = larger.places;
	return CS_OK;
}

static enum cs_err make_room(struct numbers *n)
{
	size_t room = n->room > 0 ? n->room * 2 : 64;
	uint64_t *change;
	bool *gone;

	if (n->changes < n->room)
		return CS_OK;
	change = realloc(n->change, room * sizeof(change[0]));
	if (change == NULL)
		return CS_ERR_NOMEM;
	n->change = change;
	gone = realloc(n->gone, room * sizeof(gone[0]));
	if (gone == NULL)
		return CS_ERR_NOMEM;
	n->gone = gone;
	n->room = room;
	return CS_OK;
}

static enum cs_err stage(struct numbers *n, uint64_t hash, uint64_t number, bool gone)
{
	enum cs_err e = make_room(n);

	if (e == CS_OK && !gone)
		e = make_places(n, n->changes - n->kept + 1);
	if (e != CS_OK)
		return e;
	n->gone[n->changes] = gone;
	n->change[n->changes++] = entry_of(hash, number);
	return CS_OK;
}

enum cs_err numbers_add(struct numbers *n, uint64_t hash, uint64_t number)
{
	return stage(n, hash, number, false);
}

enum cs_err numbers_remove(struct numbers *n, uint64_t hash, uint64_t number)
{
	return stage(n, hash, number, true);
}

void numbers_keep(struct numbers *n)
{
	for (; n->kept < n->changes; n->kept++)
		if (!n->gone[n->kept])
			put(n, n->change[n->kept]);
}

void numbers_drop(struct numbers *n)
{
	n->changes = n->kept;
}

void numbers_forget(struct numbers *n)
{
	for (size_t i = 0; i < n->kept; i++)
		if (!n->gone[i])
			take_out(n, n->change[i]);
	n->changes = n->kept = 0;
}

void numbers_settle(struct numbers *n)
{
	for (size_t i = 0; i < n->kept; i++)
		if (n->gone[i])
			take_out(n, n->change[i]);
	n->changes = n->kept = 0;
}

/* Goes on from *place among those of the hash; 0 at the end. */
static uint64_t next_of(const struct numbers *n, uint64_t hash, size_t *place)
{
	uint64_t entry;

	while ((entry = n->at[*place]) != 0) {
		*place = next_place(n, *place);
		if ((entry ^ hash) >> NUMBER_BITS == 0)
			return number_of(entry);
	}
	return 0;
}

uint64_t numbers_find(const struct numbers *n, uint64_t hash, uint64_t below)
{
	size_t place = place_of(n, hash);
	uint64_t number, found = 0;

	while (n->places > 0 && (number = next_of(n, hash, &place)) != 0)
		if (number < below && number > found)
			found = number;
	return found;
}

uint64_t numbers_next(const struct numbers *n, uint64_t hash, uint64_t above)
{
	size_t place = place_of(n, hash);
	uint64_t number, found = 0;

	while (n->places > 0 && (number = next_of(n, hash, &place)) != 0)
		if (number > above && (found == 0 || number < found))
			found = number;
	return found;
}

void numbers_expect(const struct numbers *n, uint64_t hash)
{
	if (n->places > 0)
		__builtin_prefetch(&n->at[place_of(n, hash)]);
}

void numbers_free(struct numbers *n)
{
	free(n->at);
	free(n->change);
	free(n->gone);
	*n = (struct numbers){ .at = NULL };
}

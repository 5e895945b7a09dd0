/* SPDX-License-Identifier: ISC
 *
 * Open addressing with linear probing.  Room for what is staged is made when
 * it is staged, so that joining the batch cannot fail.
 */
#include "answered.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_PLACES 1024

static size_t place_of(const struct answered *a, uint64_t key)
{
	return key & (a->places - 1);
}

static size_t next_place(const struct answered *a, size_t i)
{
	return (i + 1) & (a->places - 1);
}

static void put(struct answered *a, struct answer answer)
{
	size_t i = place_of(a, answer.key);

	while (a->at[i].number != 0)
		i = next_place(a, i);
	a->at[i] = answer;
	a->used++;
}

/* Moves up what would no longer be found behind the empty place. */
static void close_gap(struct answered *a, size_t gap)
{
	for (size_t i = next_place(a, gap); a->at[i].number != 0; i = next_place(a, i)) {
		size_t home = place_of(a, a->at[i].key);

		if (((i - home) & (a->places - 1)) < ((i - gap) & (a->places - 1)))
			continue;
		a->at[gap] = a->at[i];
		gap = i;
	}
	a->at[gap] = (struct answer){ 0 };
}

static void take_out(struct answered *a, struct answer answer)
{
	if (a->places == 0)
		return;
	for (size_t i = place_of(a, answer.key); a->at[i].number != 0; i = next_place(a, i)) {
		if (a->at[i].key != answer.key || a->at[i].number != answer.number)
			continue;
		close_gap(a, i);
		a->used--;
		return;
	}
}

/* At most three quarters full, with all that is staged. */
static enum cs_err make_places(struct answered *a, size_t more)
{
	struct answered larger = { .places = a->places > 0 ? a->places : FIRST_PLACES };

	while ((a->used + more) * 4 > larger.places * 3)
		larger.places *= 2;
	if (larger.places == a->places)
		return CS_OK;
	larger.at = calloc(larger.places, sizeof(larger.at[0]));
	if (larger.at == NULL)
		return CS_ERR_NOMEM;
	for (size_t i = 0; i < a->places; i++)
		if (a->at[i].number != 0)
			put(&larger, a->at[i]);
	free(a->at);
	a->at = larger.at;
	a->places = larger.places;
	return CS_OK;
}

static enum cs_err make_room(struct answered *a)
{
	size_t room = a->room > 0 ? a->room * 2 : 64;
	struct answer *change;
	bool *gone;

	if (a->changes < a->room)
		return CS_OK;
	change = realloc(a->change, room * sizeof(change[0]));
	if (change == NULL)
		return CS_ERR_NOMEM;
	a->change = change;
	gone = realloc(a->gone, room * sizeof(gone[0]));
	if (gone == NULL)
		return CS_ERR_NOMEM;
	a->gone = gone;
	a->room = room;
	return CS_OK;
}

static enum cs_err stage(struct answered *a, uint64_t key, uint64_t number, bool gone)
{
	enum cs_err e = make_room(a);

	if (e == CS_OK)
		e = make_places(a, a->changes - a->kept + 1);
	if (e != CS_OK)
		return e;
	a->gone[a->changes] = gone;
	a->change[a->changes++] = (struct answer){ key, number };
	return CS_OK;
}

enum cs_err answered_add(struct answered *a, uint64_t key, uint64_t number)
{
	return stage(a, key, number, false);
}

enum cs_err answered_remove(struct answered *a, uint64_t key, uint64_t number)
{
	return stage(a, key, number, true);
}

void answered_keep(struct answered *a)
{
	for (; a->kept < a->changes; a->kept++)
		if (!a->gone[a->kept])
			put(a, a->change[a->kept]);
}

void answered_drop(struct answered *a)
{
	a->changes = a->kept;
}

void answered_forget(struct answered *a)
{
	for (size_t i = 0; i < a->kept; i++)
		if (!a->gone[i])
			take_out(a, a->change[i]);
	a->changes = a->kept = 0;
}

void answered_settle(struct answered *a)
{
	for (size_t i = 0; i < a->kept; i++)
		if (a->gone[i])
			take_out(a, a->change[i]);
	a->changes = a->kept = 0;
}

uint64_t answered_find(const struct answered *a, uint64_t key, uint64_t below)
{
	uint64_t found = 0;

	if (a->places == 0)
		return 0;
	for (size_t i = place_of(a, key); a->at[i].number != 0; i = next_place(a, i))
		if (a->at[i].key == key && a->at[i].number < below && a->at[i].number > found)
			found = a->at[i].number;
	return found;
}

void answered_free(struct answered *a)
{
	free(a->at);
	free(a->change);
	free(a->gone);
	*a = (struct answered){ .at = NULL };
}

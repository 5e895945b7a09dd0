/* SPDX-License-Identifier: ISC
 *
 * A place in a list, as bytes of its handler's own.
 */
#include "cursor.h"

#include <string.h>

bool cursor_load(const struct cursor *cursor, void *place, size_t len)
{
	bool there = cursor->started && cursor->len == len;

	if (there)
		memcpy(place, cursor->key, len);
	return there;
}

void cursor_save(struct cursor *cursor, const void *place, size_t len)
{
	cursor->started = cursor->again = true;
	cursor->len = len;
	memcpy(cursor->key, place, len);
}

uint64_t cursor_id(const struct cursor *cursor)
{
	uint64_t id = 0;

	cursor_load(cursor, &id, sizeof(id));
	return id;
}

void cursor_go_on(struct cursor *cursor, uint64_t id)
{
	cursor_save(cursor, &id, sizeof(id));
}

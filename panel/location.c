/* SPDX-License-Identifier: ISC
 *
 * Writes addresses from rows of the table, and compares with them.
 */
#include "location.h"

#include "visit_inside.h"

#include <stdio.h>
#include <string.h>

bool location_fine(struct cs_str path)
{
	char copy[LOCATION_MAX];
	struct places places;
	const struct route *r;
	bool other;

	if (path.len == 0 || path.len >= sizeof(copy))
		return false;
	memcpy(copy, path.p, path.len);
	copy[path.len] = '\0';
	if (copy[strcspn(copy, "?#\\% ")] != '\0')
		return false;
	r = route_find(GET, copy, &places, &other);
	return r != NULL && (r->flags & (ROUTE_PUBLIC | ROUTE_LIVE | ROUTE_BARE)) == 0;
}

static struct cs_str find_value(const struct visit *v, const struct answer *a, const char *name)
{
	struct cs_str s = answer_string(a, 0, name);

	return s.len > 0 ? s : visit_parameter(v, name);
}

bool location_add(char out[LOCATION_MAX], size_t *len, struct cs_str s)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	for (size_t i = 0; i < s.len; i++) {
		size_t room = LOCATION_MAX - *len;
		int n;

		if (memchr(plain, s.p[i], sizeof(plain) - 1) != NULL)
			n = snprintf(out + *len, room, "%c", s.p[i]);
		else
			n = snprintf(out + *len, room, "%%%02X", (unsigned char)s.p[i]);
		*len += (size_t)n;
		if (*len >= LOCATION_MAX)
			return false;
	}
	return true;
}

bool location_fill(const struct visit *v, const struct answer *a, const char *path,
    char out[LOCATION_MAX])
{
	size_t len = 0;

	while (*path != '\0') {
		size_t part = strcspn(path, ":");
		char name[32];

		if (len + part >= LOCATION_MAX)
			return false;
		memcpy(out + len, path, part);
		len += part;
		path += part;
		if (*path == '\0')
			break;
		part = strcspn(++path, "/?");
		snprintf(name, sizeof(name), "%.*s", (int)part, path);
		if (!location_add(out, &len, find_value(v, a, name)))
			return false;
		path += part;
	}
	out[len] = '\0';
	return true;
}

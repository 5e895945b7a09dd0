/* SPDX-License-Identifier: ISC
 *
 * Edit distance over the table's names.
 */
#include "nearest.h"

#include <string.h>

#define WORD_MAX 24

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Insertions, deletions and replacements, after Levenshtein. */
static unsigned distance(const char *a, size_t alen, const char *b, size_t blen)
{
	unsigned row[WORD_MAX + 1];

	if (alen > WORD_MAX || blen > WORD_MAX)
		return WORD_MAX;
	for (unsigned j = 0; j <= blen; j++)
		row[j] = j;
	for (unsigned i = 1; i <= alen; i++) {
		unsigned corner = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= blen; j++) {
			unsigned above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[blen];
}

static bool near(unsigned d, size_t len)
{
	return d <= 2 && d < len;
}

const char *nearest_command(const char *first, const char *second, size_t *len)
{
	const char *best = NULL;
	unsigned least_d = WORD_MAX, least_member = WORD_MAX;
	size_t flen = strlen(first), slen = strlen(second);

	for (const struct command *const *c = commands; *c; c++) {
		const char *name = (*c)->name;
		size_t family = strcspn(name, " ");
		const char *member = name[family] ? name + family + 1 : "";
		unsigned d = distance(first, flen, name, family);
		unsigned member_d = distance(second, slen, member, strlen(member));

		if (d < least_d || (d == least_d && member_d < least_member)) {
			least_d = d;
			least_member = member_d;
			best = name;
		}
	}
	if (!best || !near(least_d, flen))
		return NULL;
	*len = near(least_member, slen) ? strlen(best) : strcspn(best, " ");
	return best;
}

const char *nearest_option(const struct option *rows, const char *name, size_t len)
{
	const char *best = NULL;
	unsigned least_d = WORD_MAX;

	for (; rows->name || rows->arg; rows++) {
		unsigned d = WORD_MAX;

		if (rows->name)
			d = distance(name, len, rows->name, strlen(rows->name));
		if (d < least_d) {
			least_d = d;
			best = rows->name;
		}
	}
	return near(least_d, len) ? best : NULL;
}

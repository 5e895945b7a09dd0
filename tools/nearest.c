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

const char *nearest_command(const char *word)
{
	const char *best = NULL;
	unsigned least_d = WORD_MAX;
	size_t len = strlen(word);

	for (const struct command *const *c = commands; *c; c++) {
		size_t first = strcspn((*c)->name, " ");
		unsigned d = distance(word, len, (*c)->name, first);

		if (d < least_d) {
			least_d = d;
			best = (*c)->name;
		}
	}
	return near(least_d, len) ? best : NULL;
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

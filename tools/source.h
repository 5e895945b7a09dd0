/* SPDX-License-Identifier: ISC
 *
 * A file of somebody else's, read whole into memory of its own, wiped when it
 * is let go: it may hold secrets.  Bounded, whatever the file says it is.
 */
#pragma once

#include "command.h"

struct source {
	const char *path;
	char *text;		/* len bytes and a NUL */
	size_t len, cap;
};

/* The sentence is out when it fails: not there, a folder, larger than most. */
enum status source_read(const char *path, size_t most, struct source *);
void source_clear(struct source *);

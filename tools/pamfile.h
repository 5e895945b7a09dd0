/* SPDX-License-Identifier: ISC
 *
 * A PAM service file (/etc/pam.d) as libpam reads it: lines joined by a
 * backslash, comments off, words in brackets whole.  What it includes is not
 * read.
 */
#pragma once

#include "../lib/err.h"

#include <stdbool.h>
#include <stddef.h>

#define RULE_WORDS 64		/* more on a line are left out, as too_long says */

struct rule {
	int line;		/* where it begins */
	char *text;
	/* "auth", "required", "pam_x.so", then options; brackets are taken off */
	char *words[RULE_WORDS];
	size_t nwords;
	bool too_long;
};

struct pamfile {
	struct rule *rules;
	size_t n;
};

/* CS_ERR_SYSTEM with errno, CS_ERR_NOMEM. */
enum cs_err pamfile_read(const char *path, struct pamfile *);
void pamfile_clear(struct pamfile *);

bool rule_is_include(const struct rule *);

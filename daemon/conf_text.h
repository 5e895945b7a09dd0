/* SPDX-License-Identifier: ISC
 *
 * One text of configuration, the daemon's or the panel's: libconfuse's tree, and
 * beside it where each option is written.
 */
#pragma once

#include "conf_scan.h"

#include <confuse.h>

struct source {
	const char *path;	/* for messages; the caller's */
	char *text;
	size_t len;
	struct scan scan;
	cfg_t *tree;
};

/* Reads and scans a file, or takes and scans a text.  Faults are logged;
 * CS_ERR_CONFIG, CS_ERR_NOMEM.  After an error, too, the source must be cleared.
 * path as struct source has it. */
enum cs_err conf_text_read(struct source *, const char *path);
enum cs_err conf_text_take(struct source *, const char *path, const char *text);

/* Then makes the tree, of options that have these rows. */
enum cs_err conf_text_parse(struct source *, cfg_opt_t *rows);

void conf_text_clear(struct source *);

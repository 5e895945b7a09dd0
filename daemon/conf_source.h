/* SPDX-License-Identifier: ISC
 *
 * One text of configuration, read and parsed but not converted: libconfuse's
 * tree, and beside it where each option is written.
 */
#pragma once

#include "conf_option.h"
#include "conf_scan.h"

#include <confuse.h>

struct source {
	const char *path;	/* for messages; the caller's */
	char *text;
	size_t len;
	struct scan scan;
	cfg_t *tree;
};

/* Faults are logged; CS_ERR_CONFIG, CS_ERR_NOMEM.  After an error, too, the
 * source must be cleared.  path as struct source has it. */
enum cs_err conf_source_read(struct source *, const char *path);
enum cs_err conf_source_take(struct source *, const char *path, const char *text);
void conf_source_clear(struct source *);

/* Where the option, which is not one of an action, is written: its place and
 * the section of the tree that it is in.  Place -1: it is not written. */
int conf_source_find(const struct source *, const struct conf_option *, cfg_t **section);

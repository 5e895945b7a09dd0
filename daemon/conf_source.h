/* SPDX-License-Identifier: ISC
 *
 * The daemon's configuration, read and parsed but not converted: all names in it
 * are those of the table of options.
 */
#pragma once

#include "conf_option.h"
#include "conf_text.h"

/* Faults are logged; CS_ERR_CONFIG, CS_ERR_NOMEM.  After an error, too, the
 * source must be cleared.  path as struct source has it. */
enum cs_err conf_source_read(struct source *, const char *path);
enum cs_err conf_source_take(struct source *, const char *path, const char *text);

/* Where the option, which is not one of an action, is written: its place and
 * the section of the tree that it is in.  Place -1: it is not written. */
int conf_source_find(const struct source *, const struct conf_option *, cfg_t **section);

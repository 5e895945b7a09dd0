/* SPDX-License-Identifier: ISC
 *
 * The files that pages refer to, built into the program: panel/static, and a
 * style sheet with the provider's colour.  Their address names a hash of their
 * content, so a browser may keep them for ever.
 */
#pragma once

#include "conf.h"

#include <stddef.h>

struct asset {
	const char *name, *type, *text;
	char etag[19];		/* 16 hex digits in quotes */
};

/* Made from panel/static by assets.awk. */
extern const struct asset_file {
	const char *name, *text;
} asset_files[];
extern const size_t asset_nfiles;

/* Hashes everything; call once. */
enum cs_err asset_init(const struct conf *);
/* "/static/0123456789abcdef/style.css", or "" for no such file. */
const char *asset_path(const char *name);
/* What such a path names, or NULL. */
const struct asset *asset_find(const char *path);

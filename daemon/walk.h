/* SPDX-License-Identifier: ISC
 *
 * The walk over a whole database before it is trusted.  A page has no checksum,
 * and a damaged one can crash who reads it: so a child reads it first.
 */
#pragma once

#include "store.h"

/* Runs walk(path, map_size) in a child that may crash or hang.  size, in bytes,
 * says how long it may take.  CS_OK; CS_ERR_CONFIG when it is damaged or not
 * for us (logged, with what to do); CS_ERR_NOMEM and CS_ERR_SYSTEM when
 * that could not be told. */
enum cs_err walk_in_child(const char *path, uint64_t size, uint64_t map_size,
    enum cs_err (*walk)(const char *path, uint64_t map_size));

/* True when the row decodes and its key is the one that its record belongs to. */
bool walk_row_valid(enum table, struct bytes key, struct bytes val);
/* The one row of the root that is no table, and decodes. */
bool walk_is_tail(struct bytes key, struct bytes val);

/* For walk_in_child, which frees what it leaves behind.  CS_ERR_FORMAT for
 * damage; CS_ERR_CONFIG for another format; CS_ERR_NOMEM, CS_ERR_SYSTEM; logged. */
enum cs_err walk_lmdb(const char *path, uint64_t map_size);

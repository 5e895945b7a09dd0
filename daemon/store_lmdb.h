/* SPDX-License-Identifier: ISC
 *
 * The inside of the embedded engine, for the two files that make it up.  They and
 * walk_lmdb.c alone know of LMDB.
 */
#pragma once

#include "statedir.h"
#include "store_engine.h"

#include <lmdb.h>

#define MAP_RESERVE ((size_t)64 << 20)	/* map for operators in a full store */

struct engine {
	struct statedir dir;
	MDB_env *env;
	MDB_txn *txn;		/* the batch in hand */
	MDB_dbi root;		/* of tables, and the tail: each commit writes it anyway */
	MDB_dbi dbi[TABLES];
	struct rowkey last[TABLES];	/* the greatest key put, at most a guess */
	size_t map, map_now;
	size_t page;
	uint64_t grown;		/* bytes of the file, as far as known */
	bool no_room;		/* to grow, as of the last try */
	bool wrote;		/* the batch has kept writes */
	bool disk_full;		/* as of the last commit */
	enum cs_err lost;	/* why the batch is lost */
};

static inline MDB_val engine_val(struct bytes b)
{
	return (MDB_val){ b.len, (void *)b.p };
}

/* LMDB's codes as ours. */
enum cs_err engine_translate(int rc);

/* LMDB answers EIO for a write that stopped half-way, which is what a disk that
 * fills up does: ENOSPC then, and it is noted. */
int engine_name_full_disk(struct engine *, int rc);

/* The batch's transaction, with so much of the map. */
enum cs_err engine_begin(struct engine *, size_t map);

/* Returns an LMDB code. */
int engine_put_tail(struct engine *, const struct tail *);

/* SPDX-License-Identifier: ISC
 *
 * What the files of typed records share (store.c and those beside it): index rows,
 * and the functions that read and write one type as rows of a table.
 */
#pragma once

#include "rowkey.h"
#include "store_engine.h"

/* An index that points nowhere is damage, not absence. */
enum cs_err store_follow(enum cs_err);
/* A row that holds a number: CS_ERR_NOTFOUND; staged. */
enum cs_err store_find_id(struct store *, enum table, struct bytes key, uint64_t *id);
void store_put_id(struct store *, enum table, struct bytes key, uint64_t id);
/* Staged: a row that is a key alone; any row. */
void store_put_key(struct store *, enum table, struct rowkey);
void store_del_key(struct store *, enum table, struct rowkey);

#define DEFINE_READ(type) \
	static enum cs_err read_##type(struct store *store, enum table table, struct rowkey key, \
	    struct type *out) \
	{ \
		struct bytes val; \
		enum cs_err e = store_get(store, table, rowkey_bytes(&key), &val); \
\
		return e != CS_OK ? e : record_decode_##type(val.p, val.len, out); \
	}

#define DEFINE_WRITE(type) \
	static void write_##type(struct store *store, enum table table, struct rowkey key, \
	    const struct type *in) \
	{ \
		uint8_t *room = stage_room(&store->stage, table, rowkey_bytes(&key), RECORD_MAX); \
		size_t len = 0; \
\
		if (room == NULL) \
			return; \
		stage_fail(&store->stage, record_encode_##type(in, room, RECORD_MAX, &len)); \
		stage_fill(&store->stage, len); \
	}

/* The first row whose key begins with prefix, after "after". */
#define DEFINE_NEXT(type) \
	static enum cs_err next_##type(struct store *store, enum table table, \
	    struct rowkey prefix, struct rowkey after, struct type *out) \
	{ \
		struct bytes key, val; \
		enum cs_err e = store_next(store, table, rowkey_bytes(&prefix), \
		    rowkey_bytes(&after), &key, &val); \
\
		return e != CS_OK ? e : record_decode_##type(val.p, val.len, out); \
	}

#define DEFINE_ROWS(type) DEFINE_READ(type) DEFINE_WRITE(type)

/* SPDX-License-Identifier: ISC
 *
 * Makes the functions that read and write the records of one type as rows of
 * a table: for store.c and store_panel.c.
 */
#pragma once

#include "rowkey.h"
#include "store_engine.h"

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

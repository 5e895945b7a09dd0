/* SPDX-License-Identifier: ISC
 *
 * The inside of a store, for the files that make it up: store.c and those beside
 * it, an engine (store_lmdb.c) and the walk.  Nobody else includes it.
 */
#pragma once

#include "hint.h"
#include "numbers.h"
#include "sparse.h"
#include "stage.h"
#include "store.h"

#define STORE_FORMAT 9

/* Rows of TABLE_META. */
#define META_FORMAT "format"		/* 4 bytes */
#define META_GENERATION "generation"	/* 16 bytes */
#define META_KEY_ID "key-id"		/* 8 bytes; absent in a fresh store */
#define META_INDEXED "indexed"		/* a number; absent: nothing is yet */
/* Beside the tables: struct tail. */
#define ROOT_TAIL "tail"

/* What is found through memory. */
enum index {
	INDEX_MEMO,		/* by the key of its request */
	INDEX_ISSUE,		/* by its tag */
	INDEX_ISSUE_OF,		/* by its account */
	INDEX_USE,		/* of a code: the event, by the code's number */
	INDEXES
};

struct engine;

struct store {
	struct engine *engine;
	struct stage stage;	/* what this request writes */
	struct numbers index[INDEXES];
	struct sparse sparse;
	struct hints hints;
	struct tail durable;	/* as of the last commit */
	struct tail batch;	/* with the requests kept since */
	struct tail request;	/* with this request's numbers */
	uint8_t generation[16];
};

/* "issue": the table's name in the database and in messages. */
const char *store_table_name(enum table);

struct bytes store_bytes(const void *p, size_t len);
struct bytes store_meta_key(const char *name);

/* Both are for engines: back to the last commit, or on to this one. */
void store_forget_batch(struct store *);
void store_settle_batch(struct store *);

/* When the store is opened: what it has in memory beside the tables. */
enum cs_err store_index_memos(struct store *);
enum cs_err store_index_issues(struct store *); /* and their uses */
enum cs_err store_note_sparse(struct store *);

/* CS_ERR_FORMAT when a table holds a number that was never given out. */
enum cs_err store_check_numbers(struct store *);

/* SPDX-License-Identifier: ISC
 *
 * The embedded engine: one flat write transaction a batch, full durability, no read
 * transaction across a turn of the loop.  It never calls a batch lost that might be
 * on disk.
 */
#include "store_lmdb.h"

#include "../lib/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FREE_PAGES 0			/* LMDB's own table of them */
#define AHEAD (256 << 10)		/* bytes of the file that wait to be used */
#define GROWTH (64 << 10)		/* it grows by */

enum cs_err engine_translate(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return CS_OK;
	case MDB_NOTFOUND:
		return CS_ERR_NOTFOUND;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
	case EDQUOT:
		return CS_ERR_FULL;
	case ENOMEM:
		return CS_ERR_NOMEM;
	default:
		return CS_ERR_IO;
	}
}

static struct bytes from_val(MDB_val v)
{
	return (struct bytes){ v.mv_data, v.mv_size };
}

enum cs_err store_get(struct store *store, enum table table, struct bytes key, struct bytes *val)
{
	struct engine *eng = store->engine;
	MDB_val k = engine_val(key), v;
	int rc;

	if (eng->lost != CS_OK)
		return eng->lost;
	if (!sparse_may_have(&store->sparse, table, key))
		return CS_ERR_NOTFOUND;
	rc = mdb_get(eng->txn, eng->dbi[table], &k, &v);
	if (rc == 0)
		*val = from_val(v);
	return engine_translate(rc);
}

static bool starts_with(MDB_val v, struct bytes b)
{
	return b.len == 0 || (v.mv_size >= b.len && memcmp(v.mv_data, b.p, b.len) == 0);
}

/* Goes to the row after, or before, "from" among those of the prefix. */
typedef int (*seek_fn)(MDB_cursor *, struct bytes prefix, struct bytes from, MDB_val *key,
    MDB_val *val);

static int seek_next(MDB_cursor *cursor, struct bytes prefix, struct bytes after, MDB_val *k,
    MDB_val *v)
{
	struct bytes from = after.len > 0 ? after : prefix;
	int rc;

	*k = engine_val(from);
	rc = mdb_cursor_get(cursor, k, v, from.len > 0 ? MDB_SET_RANGE : MDB_FIRST);
	if (rc == 0 && after.len > 0 && k->mv_size == after.len && starts_with(*k, after))
		rc = mdb_cursor_get(cursor, k, v, MDB_NEXT);
	return rc;
}

static int seek_previous(MDB_cursor *cursor, struct bytes prefix, struct bytes before, MDB_val *k,
    MDB_val *v)
{
	int rc = MDB_NOTFOUND;

	(void)prefix;
	*k = engine_val(before);
	if (before.len > 0)
		rc = mdb_cursor_get(cursor, k, v, MDB_SET_RANGE);
	if (rc == MDB_NOTFOUND)		/* nothing that great */
		return mdb_cursor_get(cursor, k, v, MDB_LAST);
	return rc == 0 ? mdb_cursor_get(cursor, k, v, MDB_PREV) : rc;
}

static enum cs_err look(struct store *store, enum table table, seek_fn seek, struct bytes prefix,
    struct bytes from, struct bytes *key, struct bytes *val)
{
	struct engine *eng = store->engine;
	MDB_cursor *cursor;
	MDB_val k, v;
	int rc;

	if (eng->lost != CS_OK)
		return eng->lost;
	rc = mdb_cursor_open(eng->txn, eng->dbi[table], &cursor);
	if (rc != 0)
		return engine_translate(rc);
	rc = seek(cursor, prefix, from, &k, &v);
	mdb_cursor_close(cursor);
	if (rc == 0 && !starts_with(k, prefix))
		rc = MDB_NOTFOUND;
	if (rc == 0) {
		*key = from_val(k);
		*val = from_val(v);
	}
	return engine_translate(rc);
}

enum cs_err store_next(struct store *store, enum table table, struct bytes prefix,
    struct bytes after, struct bytes *key, struct bytes *val)
{
	return look(store, table, seek_next, prefix, after, key, val);
}

enum cs_err store_previous(struct store *store, enum table table, struct bytes prefix,
    struct bytes before, struct bytes *key, struct bytes *val)
{
	return look(store, table, seek_previous, prefix, before, key, val);
}

static size_t pages_of(MDB_txn *txn, MDB_dbi dbi)
{
	MDB_stat st;

	if (mdb_stat(txn, dbi, &st) != 0)
		return 0;
	return st.ms_branch_pages + st.ms_leaf_pages + st.ms_overflow_pages;
}

uint64_t store_rows(struct store *store, enum table table)
{
	struct engine *eng = store->engine;
	MDB_stat st;

	if (eng->lost != CS_OK || mdb_stat(eng->txn, eng->dbi[table], &st) != 0)
		return 0;
	return st.ms_entries;
}

void store_usage(struct store *store, uint64_t *used_bytes, uint64_t *map_bytes)
{
	struct engine *eng = store->engine;
	uint64_t pages = 2;	/* the two meta pages */
	MDB_stat st;

	*used_bytes = 0;
	*map_bytes = eng->map;
	if (eng->lost != CS_OK || mdb_env_stat(eng->env, &st) != 0)
		return;
	pages += pages_of(eng->txn, FREE_PAGES) + st.ms_branch_pages + st.ms_leaf_pages;
	for (unsigned i = 0; i < TABLES; i++)
		pages += pages_of(eng->txn, eng->dbi[i]);
	*used_bytes = pages * st.ms_psize;
}

/* Only between transactions.  After a failure there is no map at all. */
static enum cs_err use_map(struct engine *eng, size_t size)
{
	if (eng->map_now == size)
		return CS_OK;
	if (mdb_env_set_mapsize(eng->env, size) != 0)
		return CS_ERR_IO;
	eng->map_now = size;
	return CS_OK;
}

enum cs_err engine_begin(struct engine *eng, size_t map)
{
	enum cs_err e = use_map(eng, map);

	assert(eng->txn == NULL);
	eng->wrote = false;
	eng->lost = CS_OK;
	return e != CS_OK ? e : engine_translate(mdb_txn_begin(eng->env, NULL, 0, &eng->txn));
}

enum cs_err store_begin(struct store *store)
{
	return engine_begin(store->engine, store->engine->map);
}

enum cs_err store_begin_reserve(struct store *store)
{
	struct engine *eng = store->engine;

	if (eng->disk_full)
		statedir_give_room(&eng->dir);
	return engine_begin(eng, eng->map + MAP_RESERVE);
}

static void abort_txn(struct engine *eng)
{
	mdb_txn_abort(eng->txn);
	eng->txn = NULL;
}

int engine_name_full_disk(struct engine *eng, int rc)
{
	if (rc == EIO && statedir_disk_full(&eng->dir))
		rc = ENOSPC;
	if (rc == ENOSPC || rc == EDQUOT)
		eng->disk_full = true;
	return rc;
}

static void lose(struct engine *eng, enum cs_err why)
{
	eng->lost = why;
	abort_txn(eng);
}

/* Events and memos come in the order of their numbers, and are never written
 * over. */
static bool in_order(enum table table)
{
	return table == TABLE_EVENT || table == TABLE_MEMO;
}

/* Is this the table's greatest key, as far as we remember?  Most rows come in
 * order, and what is appended packs pages.  LMDB refuses a wrong guess. */
static bool is_last(struct engine *eng, enum table table, struct bytes key)
{
	struct rowkey *last = &eng->last[table];
	size_t len = key.len < last->len ? key.len : last->len;
	int c = memcmp(key.p, last->b, len);

	if (key.len > sizeof(last->b) || c < 0 || (c == 0 && key.len <= last->len))
		return false;
	last->len = 0;
	rowkey_add_bytes(last, key.p, key.len);
	return true;
}

static int put(struct engine *eng, enum table table, struct bytes key, struct bytes val)
{
	MDB_val k = engine_val(key), v = engine_val(val);
	int rc;

	if (in_order(table))
		return mdb_put(eng->txn, eng->dbi[table], &k, &v, MDB_APPEND);
	if (is_last(eng, table, key)) {
		rc = mdb_put(eng->txn, eng->dbi[table], &k, &v, MDB_APPEND);
		if (rc != MDB_KEYEXIST)
			return rc;
	}
	return mdb_put(eng->txn, eng->dbi[table], &k, &v, 0);
}

static int apply(struct store *store, const struct staged *row)
{
	struct engine *eng = store->engine;
	MDB_val k = engine_val(row->key);
	int rc;

	if (!row->del) {
		sparse_note(&store->sparse, row->table, row->key);
		return put(eng, row->table, row->key, row->val);
	}
	if (!sparse_may_have(&store->sparse, row->table, row->key))
		return 0;
	rc = mdb_del(eng->txn, eng->dbi[row->table], &k, NULL);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static enum cs_err apply_all(struct store *store)
{
	struct staged row;
	size_t at = 0;

	while (stage_next(&store->stage, &at, &row)) {
		int rc = apply(store, &row);

		if (rc != 0)
			return engine_translate(engine_name_full_disk(store->engine, rc));
	}
	return CS_OK;
}

enum cs_err store_keep(struct store *store)
{
	struct engine *eng = store->engine;
	enum cs_err e = store->stage.err;

	if (eng->lost != CS_OK)
		return eng->lost;
	if (e == CS_OK)
		e = apply_all(store);
	if (e != CS_OK) {
		lose(eng, e);
		return e;
	}
	if (store->stage.len > 0) {
		eng->wrote = true;
		store->batch = store->request;
	}
	for (size_t i = 0; i < INDEXES; i++)
		numbers_keep(&store->index[i]);
	store_drop(store);
	return CS_OK;
}

bool store_wrote(const struct store *store)
{
	return store->engine->wrote;
}

int engine_put_tail(struct engine *eng, const struct tail *tail)
{
	uint8_t buf[256];
	MDB_val k, v;
	size_t len;

	/* Its 14 numbers take 10 bytes each at most. */
	if (record_encode_tail(tail, buf, sizeof(buf), &len) != CS_OK)
		return EINVAL;
	k = engine_val(store_meta_key(ROOT_TAIL));
	v = (MDB_val){ len, buf };
	return mdb_put(eng->txn, eng->root, &k, &v, 0);
}

/* After the write of the meta page has failed, and only then, LMDB begins
 * nothing any more. */
static bool broken(struct engine *eng)
{
	MDB_txn *txn;

	if (mdb_txn_begin(eng->env, NULL, 0, &txn) != 0)
		return true;
	mdb_txn_abort(txn);
	return false;
}

static enum cs_err commit(struct store *store)
{
	struct engine *eng = store->engine;
	int rc = engine_put_tail(eng, &store->batch);

	if (rc != 0) {
		abort_txn(eng);
		return engine_translate(engine_name_full_disk(eng, rc));
	}
	rc = mdb_txn_commit(eng->txn);		/* frees it in any case */
	eng->txn = NULL;
	if (rc == 0)
		eng->disk_full = false;
	else if (broken(eng))
		return CS_ERR_IO;
	return engine_translate(engine_name_full_disk(eng, rc));
}

/* Without writes there is nothing to sync: abort. */
void store_commit(struct store *store, enum outcome *outcome, enum cs_err *why)
{
	struct engine *eng = store->engine;
	enum cs_err e = eng->lost;

	if (e == CS_OK && eng->wrote)
		e = commit(store);
	else if (e == CS_OK)
		abort_txn(eng);
	if (e == CS_OK && eng->wrote)
		store_settle_batch(store);
	else
		store_forget_batch(store);
	eng->wrote = false;
	eng->lost = CS_OK;
	if (e == CS_OK)
		*outcome = OUTCOME_DURABLE;
	else
		*outcome = e == CS_ERR_IO ? OUTCOME_UNKNOWN : OUTCOME_NOTHING;
	if (why != NULL && e != CS_OK)
		*why = e;
}

/* The zeros are on their way to the disk when the next commit flushes it.  Where
 * there is no room for them nothing is lost. */
void store_grow(struct store *store)
{
	static const uint8_t zeros[GROWTH];
	struct engine *eng = store->engine;
	MDB_envinfo info;
	uint64_t used;
	int fd;

	if (eng->no_room || mdb_env_info(eng->env, &info) != 0 ||
	    mdb_env_get_fd(eng->env, &fd) != 0)
		return;
	used = (info.me_last_pgno + 1) * eng->page;
	if (eng->grown < used)
		eng->grown = used;
	while (eng->grown < used + AHEAD) {
		if (pwrite(fd, zeros, sizeof(zeros), (off_t)eng->grown) != sizeof(zeros)) {
			eng->no_room = true;
			return;
		}
		sync_file_range(fd, (off_t)eng->grown, GROWTH, SYNC_FILE_RANGE_WRITE);
		eng->grown += GROWTH;
	}
}

void store_tick(struct store *store)
{
	int dead;

	mdb_reader_check(store->engine->env, &dead);
	store->engine->no_room = false;
	statedir_put_room_by(&store->engine->dir);
}

enum cs_err store_key_id(struct store *store, uint8_t id[8])
{
	bool own = store->engine->txn == NULL;
	enum cs_err e = own ? store_begin(store) : CS_OK;
	struct bytes val;

	if (e == CS_OK)
		e = store_get(store, TABLE_META, store_meta_key(META_KEY_ID), &val);
	if (e == CS_OK && val.len != 8)
		e = CS_ERR_FORMAT;
	if (e == CS_OK)
		memcpy(id, val.p, 8);
	else if (e == CS_ERR_NOTFOUND)
		memset(id, 0, 8);
	if (own && store->engine->txn != NULL)
		abort_txn(store->engine);
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* SPDX-License-Identifier: ISC
 *
 * Reads every page that a batch could reach: free list, tables, rows, and each
 * row once more by its key.  It runs in a child that may crash on what it reads
 * (walk.c), writes nothing and frees nothing.
 */
#include "walk.h"

#include "rowkey.h"
#include "store_engine.h"

#include "../lib/log.h"

#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FREE_PAGES 0	/* LMDB's own table of them */

/* What the child walks with. */
struct walker {
	MDB_env *env;
	MDB_txn *txn;
	uintptr_t base;		/* of the map; 0 before the first row */
	size_t pages, page_size;
	uint8_t *free;		/* a bit for each page */
};

static struct bytes from_val(MDB_val v)
{
	return (struct bytes){ v.mv_data, v.mv_size };
}

static enum cs_err complain(const char *where, const char *what)
{
	cs_log(CS_LOG_ERR, "store: %s: %s", where, what);
	return CS_ERR_FORMAT;
}

/* Some of LMDB's answers may have nothing to do with the file. */
static enum cs_err complain_of(const char *where, int rc)
{
	enum cs_err e = complain(where, mdb_strerror(rc));

	if (rc == ENOMEM)
		return CS_ERR_NOMEM;
	return rc == EMFILE || rc == ENFILE || rc == EACCES ? CS_ERR_SYSTEM : e;
}

static bool page_is_free(const struct walker *w, size_t page)
{
	return (w->free[page / 8] >> page % 8 & 1) != 0;
}

/* A page begins with its own number.  That of the first row says where the map
 * begins, and all others must agree. */
static bool page_in_use(struct walker *w, const void *p)
{
	uintptr_t start = (uintptr_t)p / w->page_size * w->page_size;
	size_t page;

	memcpy(&page, (const void *)start, sizeof(page));
	if (page >= w->pages)
		return false;
	if (w->base == 0)
		w->base = start - page * w->page_size;
	return start - w->base == page * w->page_size && !page_is_free(w, page);
}

/* One row of the free list: how many, then the pages. */
static bool mark_free(struct walker *w, MDB_val v)
{
	size_t n, page;

	if (v.mv_size < sizeof(n))
		return false;
	memcpy(&n, v.mv_data, sizeof(n));
	if (n > v.mv_size / sizeof(n) - 1)
		return false;
	for (size_t i = 1; i <= n; i++) {
		memcpy(&page, (char *)v.mv_data + i * sizeof(n), sizeof(page));
		if (page < 2 || page >= w->pages || page_is_free(w, page))
			return false;
		w->free[page / 8] |= (uint8_t)(1 << page % 8);
	}
	return true;
}

static enum cs_err walk_free_list(struct walker *w)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	int rc = mdb_cursor_open(w->txn, FREE_PAGES, &cursor);

	while (rc == 0 && (rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0)
		if (!mark_free(w, v))
			return complain("free list", "a page that cannot be free");
	return rc == MDB_NOTFOUND ? CS_OK : complain_of("free list", rc);
}

/* In order, on pages in use, decodable, and found again by its key. */
static const char *judge_row(struct walker *w, enum table table, MDB_dbi dbi, MDB_val *before,
    MDB_val k, MDB_val v)
{
	MDB_val again;

	if (!page_in_use(w, k.mv_data) || (v.mv_size > 0 && !page_in_use(w, v.mv_data)))
		return "a row on a page that is not its own";
	if (before->mv_data != NULL && mdb_cmp(w->txn, dbi, before, &k) >= 0)
		return "rows out of order";
	if (!walk_row_valid(table, from_val(k), from_val(v)))
		return "a row that does not decode";
	if (mdb_get(w->txn, dbi, &k, &again) != 0 || again.mv_data != v.mv_data)
		return "a row that its key does not find";
	*before = k;
	return NULL;
}

static enum cs_err walk_table(struct walker *w, enum table table)
{
	const char *name = store_table_name(table), *fault = NULL;
	MDB_val k, v, before = { 0, NULL };
	MDB_cursor *cursor;
	unsigned flags = 0;
	MDB_dbi dbi;
	MDB_stat st;
	size_t rows = 0;
	int rc = mdb_dbi_open(w->txn, name, 0, &dbi);

	if (rc == MDB_NOTFOUND)
		return CS_OK;
	if (rc == 0)
		rc = mdb_dbi_flags(w->txn, dbi, &flags);
	if (rc == 0)
		rc = mdb_stat(w->txn, dbi, &st);
	if (rc == 0)
		rc = mdb_cursor_open(w->txn, dbi, &cursor);
	while (rc == 0 && fault == NULL && (rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
		fault = judge_row(w, table, dbi, &before, k, v);
		rows++;
	}
	if (fault == NULL && rc != MDB_NOTFOUND)
		return complain_of(name, rc);
	if (fault == NULL && (flags != 0 || rows != st.ms_entries))
		fault = "its head does not agree with its rows";
	return fault == NULL ? CS_OK : complain(name, fault);
}

/* The root holds our tables, the tail and nothing else. */
static enum cs_err walk_root(struct walker *w)
{
	MDB_cursor *cursor;
	MDB_dbi root;
	MDB_val k, v;
	int rc = mdb_dbi_open(w->txn, NULL, 0, &root);

	if (rc == 0)
		rc = mdb_cursor_open(w->txn, root, &cursor);
	while (rc == 0 && (rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
		enum table t = 0;

		while (t < TABLES && (strlen(store_table_name(t)) != k.mv_size ||
		    memcmp(store_table_name(t), k.mv_data, k.mv_size) != 0))
			t++;
		if (t == TABLES && !walk_is_tail(from_val(k), from_val(v)))
			return complain("root", "a table that is not ours");
	}
	return rc == MDB_NOTFOUND ? CS_OK : complain_of("root", rc);
}

/* Before the rows: those of a later format need not decode here. */
static enum cs_err check_format(struct walker *w)
{
	struct bytes name = store_meta_key(META_FORMAT);
	MDB_val k = { name.len, (void *)name.p }, v;
	uint64_t format;
	MDB_dbi dbi;
	int rc = mdb_dbi_open(w->txn, store_table_name(TABLE_META), 0, &dbi);

	if (rc == MDB_NOTFOUND)
		return CS_OK;	/* made, but its first commit never came */
	if (rc == 0)
		rc = mdb_get(w->txn, dbi, &k, &v);
	if (rc == ENOMEM)
		return complain_of("meta", rc);
	if (rc != 0 || v.mv_size != 4)
		return complain("meta", "no format number");
	format = rowkey_number(from_val(v), 0, 4);
	if (format == STORE_FORMAT)
		return CS_OK;
	cs_log(CS_LOG_ERR, "the database has format %lu and this countersignd reads format %d: "
	    "use the version that wrote it, or restore a backup made with this one",
	    (unsigned long)format, STORE_FORMAT);
	return CS_ERR_CONFIG;
}

static enum cs_err walk_tables(struct walker *w)
{
	enum cs_err e = check_format(w);

	if (e == CS_OK)
		e = walk_free_list(w);
	if (e == CS_OK)
		e = walk_root(w);
	for (enum table t = 0; t < TABLES && e == CS_OK; t++)
		e = walk_table(w, t);
	return e;
}

enum cs_err walk_lmdb(const char *path, uint64_t map)
{
	struct walker w = { .env = NULL };
	MDB_envinfo info;
	MDB_stat st;
	int rc = mdb_env_create(&w.env);

	if (rc == 0)
		rc = mdb_env_set_maxdbs(w.env, TABLES);
	if (rc == 0)
		rc = mdb_env_set_mapsize(w.env, map);
	if (rc == 0)
		rc = mdb_env_open(w.env, path, MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0600);
	if (rc == 0)
		rc = mdb_txn_begin(w.env, NULL, MDB_RDONLY, &w.txn);
	if (rc == 0)
		rc = mdb_env_info(w.env, &info);
	if (rc == 0)
		rc = mdb_env_stat(w.env, &st);
	if (rc != 0)
		return complain_of(path, rc);
	w.pages = info.me_last_pgno + 1;
	w.page_size = st.ms_psize;
	if (w.page_size != (size_t)sysconf(_SC_PAGESIZE))
		return complain(path, "pages of another size than this machine's");
	w.free = calloc(w.pages / 8 + 1, 1);
	if (w.free == NULL)
		return complain_of(path, ENOMEM);
	return walk_tables(&w);
}

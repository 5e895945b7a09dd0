/* SPDX-License-Identifier: ISC
 *
 * Makes or opens the embedded engine's database.  It distrusts the file until a child
 * has walked it.
 */
#include "store_lmdb.h"

#include "conf.h"
#include "walk.h"

#include "../lib/log.h"
#include "../lib/secret.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATA_FILE "data.mdb"
#define NEW_FILE "new.mdb"

static int open_env(const char *path, size_t map, unsigned flags, MDB_env **env)
{
	int rc = mdb_env_create(env);

	if (rc != 0)
		return rc;
	rc = mdb_env_set_maxdbs(*env, TABLES);
	if (rc == 0)
		rc = mdb_env_set_mapsize(*env, map);
	if (rc == 0)
		rc = mdb_env_open(*env, path, MDB_NOTLS | flags, 0600);
	if (rc != 0) {
		mdb_env_close(*env);
		*env = NULL;
	}
	return rc;
}

static int put_meta(struct engine *eng, const char *name, const void *p, size_t len)
{
	MDB_val k = engine_val(store_meta_key(name)), v = { len, (void *)p };

	return mdb_put(eng->txn, eng->dbi[TABLE_META], &k, &v, 0);
}

/* All tables and the first rows of meta come with one commit. */
static int make_meta(struct store *store)
{
	static const uint8_t format[4] = { 0, 0, 0, STORE_FORMAT };
	int rc;

	if (cs_random(store->generation, sizeof(store->generation)) != CS_OK)
		return EIO;
	rc = put_meta(store->engine, META_FORMAT, format, sizeof(format));
	if (rc == 0)
		rc = put_meta(store->engine, META_GENERATION, store->generation,
		    sizeof(store->generation));
	return rc != 0 ? rc : engine_put_tail(store->engine, &store->durable);
}

static enum cs_err load_tail(struct store *store)
{
	MDB_val k = engine_val(store_meta_key(ROOT_TAIL)), v;
	int rc = mdb_get(store->engine->txn, store->engine->root, &k, &v);

	return rc != 0 ? engine_translate(rc)
		       : record_decode_tail(v.mv_data, v.mv_size, &store->durable);
}

static enum cs_err load_meta(struct store *store)
{
	struct bytes val;
	enum cs_err e = store_get(store, TABLE_META, store_meta_key(META_GENERATION), &val);

	if (e == CS_OK && val.len != sizeof(store->generation))
		e = CS_ERR_FORMAT;
	if (e != CS_OK)
		return e;
	memcpy(store->generation, val.p, sizeof(store->generation));
	e = load_tail(store);
	if (e == CS_OK)
		e = store_check_numbers(store);
	if (e == CS_OK)
		e = store_note_sparse(store);
	if (e == CS_OK)
		e = store_index_issues(store);
	return e != CS_OK ? e : store_index_memos(store);
}

/* Table handles stay only when the transaction that opened them commits. */
static enum cs_err load(struct store *store, const char *path)
{
	struct engine *eng = store->engine;
	enum cs_err e = engine_begin(eng, eng->map);
	int rc = 0;

	if (e != CS_OK)
		return e;
	rc = mdb_dbi_open(eng->txn, NULL, 0, &eng->root);
	for (enum table t = 0; t < TABLES && rc == 0; t++)
		rc = mdb_dbi_open(eng->txn, store_table_name(t), MDB_CREATE, &eng->dbi[t]);
	if (rc == 0 && store_rows(store, TABLE_META) == 0)
		rc = make_meta(store);
	else if (rc == 0)
		e = load_meta(store);
	if (rc == 0 && e == CS_OK) {
		rc = mdb_txn_commit(eng->txn);
		eng->txn = NULL;
	}
	if (rc != 0) {
		cs_log(CS_LOG_ERR, "%s: %s", path, mdb_strerror(engine_name_full_disk(eng, rc)));
		return engine_translate(engine_name_full_disk(eng, rc));
	}
	if (e == CS_ERR_FORMAT || e == CS_ERR_NOTFOUND)
		cs_log(CS_LOG_ERR, "the database in %s is damaged (meta): restore a backup", path);
	else if (e != CS_OK)
		cs_log(CS_LOG_ERR, "the database in %s cannot be read: %s", path, cs_err_text(e));
	return e == CS_ERR_FORMAT || e == CS_ERR_NOTFOUND ? CS_ERR_CONFIG : e;
}

static enum cs_err open_and_load(struct store *store, const char *path, unsigned flags)
{
	struct engine *eng = store->engine;
	int rc = open_env(path, eng->map, flags, &eng->env);
	enum cs_err e;

	if (rc != 0) {
		cs_log(CS_LOG_ERR, "cannot open the database in %s: %s", path, mdb_strerror(rc));
		return engine_translate(rc);
	}
	eng->map_now = eng->map;
	e = load(store, path);
	store_forget_batch(store);
	return e;
}

static enum cs_err complain(const char *what, const char *path)
{
	cs_log(CS_LOG_ERR, "cannot %s %s: %s", what, path, strerror(errno));
	return CS_ERR_SYSTEM;
}

/* Under another name until its first commit is on the disk: what a power cut leaves
 * of it before looks like damage. */
static enum cs_err make_database(struct store *store, const char *path)
{
	struct engine *eng = store->engine;
	char file[PATH_MAX];
	enum cs_err e;

	if (snprintf(file, sizeof(file), "%s/" NEW_FILE, path) >= (int)sizeof(file))
		return CS_ERR_CONFIG;
	unlinkat(eng->dir.dir, NEW_FILE, 0);
	e = open_and_load(store, file, MDB_NOSUBDIR | MDB_NOLOCK);
	mdb_txn_abort(eng->txn);
	eng->txn = NULL;
	mdb_env_close(eng->env);
	eng->env = NULL;
	if (e == CS_OK && renameat(eng->dir.dir, NEW_FILE, eng->dir.dir, DATA_FILE) == -1)
		e = complain("rename", file);
	return e;
}

static enum cs_err open_database(struct store *store, const char *path)
{
	struct engine *eng = store->engine;
	uint64_t size = 0;
	enum cs_err e = statedir_file(&eng->dir, path, DATA_FILE, &size);

	if (e == CS_OK && size == 0) {		/* no start of ours leaves one */
		cs_log(CS_LOG_ERR, "the database in %s is empty: restore a backup, or remove %s "
		    "to begin anew", path, DATA_FILE);
		return CS_ERR_CONFIG;
	}
	if (e == CS_OK)
		e = walk_in_child(path, size, eng->map + MAP_RESERVE, walk_lmdb);
	else if (e == CS_ERR_NOTFOUND)
		e = make_database(store, path);
	if (e == CS_OK)
		e = open_and_load(store, path, 0);
	/* The files' names, too, are to outlive a power cut. */
	if (e == CS_OK && fsync(eng->dir.dir) == -1)
		e = complain("sync", path);
	return e;
}

enum cs_err store_open(const struct conf *conf, struct store **out)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct store *store = calloc(1, sizeof(*store));
	struct engine *eng = calloc(1, sizeof(*eng));
	enum cs_err e;

	if (store == NULL || eng == NULL) {
		free(store);
		free(eng);
		return CS_ERR_NOMEM;
	}
	store->engine = eng;
	eng->page = page;
	eng->map = (conf->map_size + page - 1) / page * page;
	e = statedir_open(conf->state_dir, &eng->dir);
	if (e != CS_OK) {
		free(eng);
		free(store);
		return e;
	}
	e = open_database(store, conf->state_dir);
	if (e != CS_OK)
		store_close(store);
	else
		*out = store;
	return e;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	mdb_txn_abort(store->engine->txn);
	mdb_env_close(store->engine->env);
	statedir_close(&store->engine->dir);
	stage_free(&store->stage);
	for (size_t i = 0; i < INDEXES; i++)
		numbers_free(&store->index[i]);
	free(store->engine);
	free(store);
}

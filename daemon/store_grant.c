/* SPDX-License-Identifier: ISC
 *
 * Grants, and up to which number they are ended.  Like store.c it keeps index rows in
 * step and decides nothing.
 */
#include "store_rows.h"

DEFINE_ROWS(grant)
DEFINE_NEXT(grant)

enum cs_err store_get_grant(struct store *store, uint64_t id, struct grant *out)
{
	return read_grant(store, TABLE_GRANT, rowkey1(id), out);
}

enum cs_err store_previous_grant(struct store *store, uint64_t before, struct grant *out)
{
	struct rowkey from = rowkey1(before);
	struct bytes key, val;
	enum cs_err e = store_previous(store, TABLE_GRANT, store_bytes("", 0), rowkey_bytes(&from),
	    &key, &val);

	return e != CS_OK ? e : record_decode_grant(val.p, val.len, out);
}

static struct rowkey grant_of_key(uint64_t account, uint64_t admin, uint64_t id)
{
	struct rowkey key = rowkey2(account, admin);

	rowkey_add(&key, id, ROWKEY_NUMBER);
	return key;
}

enum cs_err store_previous_grant_of(struct store *store, uint64_t account, uint64_t admin,
    uint64_t before, struct grant *out)
{
	struct rowkey prefix = rowkey2(account, admin);
	struct rowkey from = grant_of_key(account, admin, before);
	struct bytes key, val;
	enum cs_err e = store_previous(store, TABLE_GRANT_OF, rowkey_bytes(&prefix),
	    rowkey_bytes(&from), &key, &val);

	if (e == CS_OK && key.len != 3 * ROWKEY_NUMBER)
		e = CS_ERR_FORMAT;
	if (e != CS_OK)
		return e;
	return store_follow(store_get_grant(store,
	    rowkey_number(key, 2 * ROWKEY_NUMBER, ROWKEY_NUMBER), out));
}

enum cs_err store_next_grant(struct store *store, uint64_t after, struct grant *out)
{
	return next_grant(store, TABLE_GRANT, (struct rowkey){ .len = 0 }, rowkey1(after), out);
}

void store_put_grant(struct store *store, const struct grant *in)
{
	write_grant(store, TABLE_GRANT, rowkey1(in->id), in);
	store_put_key(store, TABLE_GRANT_OF, grant_of_key(in->account, in->admin, in->id));
}

void store_del_grant(struct store *store, const struct grant *in)
{
	store_del_key(store, TABLE_GRANT, rowkey1(in->id));
	store_del_key(store, TABLE_GRANT_OF, grant_of_key(in->account, in->admin, in->id));
}

enum cs_err store_get_grants_ended(struct store *store, uint64_t account, uint64_t admin,
    uint64_t *last)
{
	struct rowkey key = rowkey2(account, admin);
	enum cs_err e = store_find_id(store, TABLE_GRANTS_ENDED, rowkey_bytes(&key), last);

	if (e != CS_ERR_NOTFOUND)
		return e;
	*last = 0;
	return CS_OK;
}

void store_end_grants(struct store *store, uint64_t account, uint64_t admin)
{
	struct rowkey key = rowkey2(account, admin);

	store_put_id(store, TABLE_GRANTS_ENDED, rowkey_bytes(&key), store_count(store, SEQ_GRANT));
}

/* SPDX-License-Identifier: ISC
 *
 * Typed records of what the customer's page is made of: passwords, sessions,
 * tickets, an account's events.  Like store.c it keeps index rows in step and decides nothing.
 */
#include "store_rows.h"

DEFINE_ROWS(password)
DEFINE_ROWS(session)
DEFINE_ROWS(ticket)
DEFINE_WRITE(entry_text)
DEFINE_NEXT(session)
DEFINE_NEXT(ticket)
DEFINE_NEXT(entry_text)

static const struct rowkey WHOLE_TABLE = { .len = 0 };

enum cs_err store_get_password(struct store *store, uint64_t admin, struct password *out)
{
	return read_password(store, TABLE_PASSWORD, rowkey1(admin), out);
}

void store_put_password(struct store *store, const struct password *in)
{
	write_password(store, TABLE_PASSWORD, rowkey1(in->admin), in);
}

void store_del_password(struct store *store, uint64_t admin)
{
	store_del_key(store, TABLE_PASSWORD, rowkey1(admin));
}

enum cs_err store_find_session(struct store *store, const uint8_t hash[16], struct session *out)
{
	struct bytes val;
	enum cs_err e = store_get(store, TABLE_SESSION_HASH, store_bytes(hash, 16), &val);

	if (e != CS_OK)
		return e;
	if (val.len != 2 * ROWKEY_NUMBER)
		return CS_ERR_FORMAT;
	return store_follow(store_get_session(store, rowkey_number(val, 0, ROWKEY_NUMBER),
	    rowkey_number(val, ROWKEY_NUMBER, ROWKEY_NUMBER),
	    out));
}

enum cs_err store_get_session(struct store *store, uint64_t admin, uint64_t id,
    struct session *out)
{
	return read_session(store, TABLE_SESSION, rowkey2(admin, id), out);
}

enum cs_err store_next_session(struct store *store, uint64_t admin, uint64_t after,
    struct session *out)
{
	return next_session(store, TABLE_SESSION, rowkey1(admin), rowkey2(admin, after), out);
}

enum cs_err store_next_any_session(struct store *store, uint64_t after_admin, uint64_t after,
    struct session *out)
{
	return next_session(store, TABLE_SESSION, WHOLE_TABLE, rowkey2(after_admin, after), out);
}

void store_put_session(struct store *store, const struct session *in)
{
	struct rowkey key = rowkey2(in->admin, in->id);

	store_update_session(store, in);
	store_put(store, TABLE_SESSION_HASH, store_bytes(in->hash, sizeof(in->hash)),
	    rowkey_bytes(&key));
}

void store_update_session(struct store *store, const struct session *in)
{
	write_session(store, TABLE_SESSION, rowkey2(in->admin, in->id), in);
}

void store_del_session(struct store *store, const struct session *in)
{
	store_del_key(store, TABLE_SESSION, rowkey2(in->admin, in->id));
	store_del(store, TABLE_SESSION_HASH, store_bytes(in->hash, sizeof(in->hash)));
}

enum cs_err store_get_ticket(struct store *store, uint64_t id, struct ticket *out)
{
	return read_ticket(store, TABLE_TICKET, rowkey1(id), out);
}

enum cs_err store_next_ticket(struct store *store, uint64_t after, struct ticket *out)
{
	return next_ticket(store, TABLE_TICKET, WHOLE_TABLE, rowkey1(after), out);
}

/* What is not yet closed comes first, and of each the newest. */
static struct rowkey ticket_of(uint64_t account, bool closed)
{
	struct rowkey key = rowkey1(account);

	rowkey_add(&key, closed, 1);
	return key;
}

static struct rowkey ticket_of_key(uint64_t account, bool closed, uint64_t id)
{
	struct rowkey key = ticket_of(account, closed);

	rowkey_add(&key, ~id, 8);
	return key;
}

enum cs_err store_next_ticket_of(struct store *store, uint64_t account, bool closed,
    uint64_t after, struct ticket *out)
{
	struct rowkey prefix = ticket_of(account, closed);
	struct rowkey from = after == 0 ? prefix : ticket_of_key(account, closed, after);
	struct bytes key, val;
	enum cs_err e = store_next(store, TABLE_TICKET_OF, rowkey_bytes(&prefix),
	    rowkey_bytes(&from), &key, &val);

	if (e != CS_OK)
		return e;
	if (key.len != ROWKEY_NUMBER + 1 + 8)
		return CS_ERR_FORMAT;
	return store_follow(store_get_ticket(store, ~rowkey_number(key, ROWKEY_NUMBER + 1, 8),
	    out));
}

void store_put_ticket(struct store *store, const struct ticket *in)
{
	store_update_ticket(store, in);
	store_del_key(store, TABLE_TICKET_OF, ticket_of_key(in->account, !in->closed, in->id));
	store_put_key(store, TABLE_TICKET_OF, ticket_of_key(in->account, in->closed, in->id));
}

void store_update_ticket(struct store *store, const struct ticket *in)
{
	write_ticket(store, TABLE_TICKET, rowkey1(in->id), in);
}

void store_del_ticket(struct store *store, const struct ticket *in)
{
	store_del_key(store, TABLE_TICKET, rowkey1(in->id));
	store_del_key(store, TABLE_TICKET_OF, ticket_of_key(in->account, in->closed, in->id));
}

enum cs_err store_next_entry_text(struct store *store, uint64_t ticket, uint64_t after,
    struct entry_text *out)
{
	return next_entry_text(store, TABLE_ENTRY_TEXT, rowkey1(ticket), rowkey2(ticket, after),
	    out);
}

void store_put_entry_text(struct store *store, const struct entry_text *in)
{
	write_entry_text(store, TABLE_ENTRY_TEXT, rowkey2(in->ticket, in->n), in);
}

void store_del_entry_text(struct store *store, uint64_t ticket, uint64_t n)
{
	store_del_key(store, TABLE_ENTRY_TEXT, rowkey2(ticket, n));
}

enum cs_err store_indexed(struct store *store, uint64_t *event)
{
	struct bytes val;
	enum cs_err e = store_get(store, TABLE_META, store_meta_key(META_INDEXED), &val);

	*event = e == CS_OK ? rowkey_number(val, 0, ROWKEY_NUMBER) : 0;
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

void store_set_indexed(struct store *store, uint64_t event)
{
	struct rowkey val = rowkey1(event);

	store_put(store, TABLE_META, store_meta_key(META_INDEXED), rowkey_bytes(&val));
}

void store_index_event(struct store *store, uint64_t account, uint64_t event)
{
	store_put_key(store, TABLE_EVENT_OF, rowkey2(account, event));
}

enum cs_err store_last_event_of(struct store *store, uint64_t account, uint64_t *event)
{
	struct rowkey prefix = rowkey1(account), before = rowkey2(account, *event);
	struct bytes key, val;
	enum cs_err e = store_previous(store, TABLE_EVENT_OF, rowkey_bytes(&prefix),
	    rowkey_bytes(&before), &key, &val);

	if (e != CS_OK)
		return e;
	if (key.len != 2 * ROWKEY_NUMBER)
		return CS_ERR_FORMAT;
	*event = rowkey_number(key, ROWKEY_NUMBER, ROWKEY_NUMBER);
	return CS_OK;
}

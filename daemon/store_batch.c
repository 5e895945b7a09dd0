/* SPDX-License-Identifier: ISC
 *
 * What of a store no engine needs to know: the tables' names, the writes that a
 * request stages, and the numbers.  A number is given out once; what a dropped
 * request or a lost batch took goes back, because nobody was told of it.
 */
#include "store_engine.h"

#include "rowkey.h"

#include <string.h>

const char *store_table_name(enum table table)
{
	static const char *const names[TABLES] = {
		[TABLE_META] = "meta",
		[TABLE_ACCOUNT] = "account",
		[TABLE_ACCOUNT_NAME] = "account-name",
		[TABLE_ACCOUNT_REF] = "account-ref",
		[TABLE_ADMIN] = "admin",
		[TABLE_ADMIN_NAME] = "admin-name",
		[TABLE_ADMIN_REF] = "admin-ref",
		[TABLE_MEMBER_OF] = "member-of",
		[TABLE_AUTHENTICATOR] = "authenticator",
		[TABLE_AUTHENTICATOR_STATE] = "authenticator-state",
		[TABLE_SPENT] = "spent",
		[TABLE_ISSUE] = "issue",
		[TABLE_MEMO] = "memo",
		[TABLE_BUCKET] = "bucket",
		[TABLE_TALLY] = "tally",
		[TABLE_GRANT] = "grant",
		[TABLE_GRANT_OF] = "grant-of",
		[TABLE_GRANTS_ENDED] = "grants-ended",
		[TABLE_CALL] = "call",
		[TABLE_EVENT] = "event",
		[TABLE_INVITE] = "invite",
		[TABLE_RECOVERY] = "recovery",
		[TABLE_SEEN] = "technician",
		[TABLE_OVERRIDES] = "overrides",
		[TABLE_ALIVE] = "alive",
		[TABLE_PASSWORD] = "password",
		[TABLE_SESSION] = "session",
		[TABLE_SESSION_HASH] = "session-hash",
		[TABLE_TICKET] = "ticket",
		[TABLE_TICKET_OF] = "ticket-of",
		[TABLE_ENTRY_TEXT] = "entry-text",
		[TABLE_EVENT_OF] = "event-of",
	};

	return names[table];
}

struct bytes store_bytes(const void *p, size_t len)
{
	return (struct bytes){ p, len };
}

struct bytes store_meta_key(const char *name)
{
	return store_bytes(name, strlen(name));
}

void store_put(struct store *store, enum table table, struct bytes key, struct bytes val)
{
	stage_put(&store->stage, table, key, val);
}

void store_del(struct store *store, enum table table, struct bytes key)
{
	stage_del(&store->stage, table, key);
}

void store_drop(struct store *store)
{
	stage_clear(&store->stage);
	for (size_t i = 0; i < INDEXES; i++)
		numbers_drop(&store->index[i]);
	store->request = store->batch;
}

void store_forget_batch(struct store *store)
{
	store->batch = store->durable;
	store_drop(store);
	for (size_t i = 0; i < INDEXES; i++)
		numbers_forget(&store->index[i]);
}

void store_settle_batch(struct store *store)
{
	store->durable = store->batch;
	store_drop(store);
	for (size_t i = 0; i < INDEXES; i++)
		numbers_settle(&store->index[i]);
}

uint64_t store_new_id(struct store *store, enum sequence sequence)
{
	/* Keys have no room for more: nothing is kept any more, as when it is full. */
	if (store->request.last[sequence] >= ROWKEY_NUMBER_MAX)
		stage_fail(&store->stage, CS_ERR_LIMIT);
	return ++store->request.last[sequence];
}

uint64_t store_count(const struct store *store, enum sequence sequence)
{
	return store->batch.last[sequence];
}

const struct clock_record *store_clock(const struct store *store)
{
	return &store->durable.clock;
}

void store_set_clock(struct store *store, const struct clock_record *clock)
{
	store->batch.clock = store->request.clock = *clock;
}

const uint8_t *store_generation(const struct store *store)
{
	return store->generation;
}

void store_set_key_id(struct store *store, const uint8_t id[8])
{
	store_put(store, TABLE_META, store_meta_key(META_KEY_ID), store_bytes(id, 8));
}

enum cs_err store_check_numbers(struct store *store)
{
	static const struct {
		enum table table;
		enum sequence sequence;
	} numbered[] = {
		{ TABLE_ACCOUNT, SEQ_ACCOUNT },
		{ TABLE_ADMIN, SEQ_ADMIN },
		{ TABLE_ISSUE, SEQ_ISSUE },
		{ TABLE_GRANT, SEQ_GRANT },
		{ TABLE_TICKET, SEQ_TICKET },
		{ TABLE_EVENT, SEQ_EVENT },
		{ TABLE_MEMO, SEQ_MEMO },
	};

	for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++) {
		struct bytes key, val;
		enum cs_err e = store_previous(store, numbered[i].table, store_bytes("", 0),
		    store_bytes("", 0), &key, &val);

		if (e == CS_ERR_NOTFOUND)
			continue;
		if (e != CS_OK)
			return e;
		if (rowkey_number(key, 0, ROWKEY_NUMBER) >
		    store->durable.last[numbered[i].sequence])
			return CS_ERR_FORMAT;
	}
	return CS_OK;
}

enum cs_err store_note_sparse(struct store *store)
{
	enum cs_err e = CS_ERR_NOTFOUND;

	for (enum table t = 0; t < TABLES && e == CS_ERR_NOTFOUND; t++) {
		struct rowkey from = { .len = 0 };
		struct bytes key, val;

		while (sparse_is(t) && (e = store_next(store, t, store_bytes("", 0),
		    rowkey_bytes(&from), &key, &val)) == CS_OK) {
			if (key.len > ROWKEY_MAX)
				return CS_ERR_FORMAT;
			sparse_note(&store->sparse, t, key);
			from.len = 0;
			rowkey_add_bytes(&from, key.p, key.len);
		}
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

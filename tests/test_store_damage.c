/* SPDX-License-Identifier: ISC
 *
 * Rows that no daemon wrote, in a store that was opened already: whoever reads one
 * is told of damage, and reads nothing beyond its end.  (test_walk.c has the start.)
 */
#include "store_fixture.h"

#include "../daemon/rowkey.h"
#include "../daemon/store_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static enum cs_err find_account(void)
{
	struct account account;

	return store_find_account(store, cs_str("acme"), &account);
}

static enum cs_err next_member_of(void)
{
	struct member member;

	return store_next_member_of(store, 0, 0, &member);
}

static enum cs_err next_bucket(void)
{
	struct bucket bucket;
	uint64_t subject;

	return store_next_bucket(store, 0, 0, &subject, &bucket);
}

static enum cs_err get_event(void)
{
	struct audit_event event;

	return store_get_event(store, 0, &event, NULL);
}

static enum cs_err last_event_of(void)
{
	uint64_t event = 1;

	return store_last_event_of(store, 0, &event);
}

static enum cs_err previous_grant_of(void)
{
	struct grant grant;

	return store_previous_grant_of(store, 0, 0, 2, &grant);
}

static enum cs_err next_memo(void)
{
	uint64_t number = 0;
	struct memo memo;

	return store_next_memo(store, &number, &memo);
}

static enum cs_err del_memo(void)
{
	store_del_memo(store, 0);
	return store_keep(store);
}

static enum cs_err find_session(void)
{
	static const uint8_t hash[16];
	struct session session;

	return store_find_session(store, hash, &session);
}

static enum cs_err next_ticket_of(void)
{
	struct ticket ticket;

	return store_next_ticket_of(store, 0, false, 0, &ticket);
}

static enum cs_err key_id(void)
{
	uint8_t id[8];

	return store_key_id(store, id);
}

/* Their numbers, accounts and persons are 0, as those of what put_targets puts; a
 * ticket's number is kept the other way round. */
static const uint8_t zeros[64], ticket[16] = { [6] = 255, 255, 255, 255, 255, 255, 255, 255 };

static const struct odd {
	enum table table;
	const void *key;		/* a text, where its length is 0 */
	size_t key_len, len;		/* the row: zeros, or */
	enum { ZEROS, A_BUCKET, A_MEMO } what;
	enum cs_err (*read)(void);
} rows[] = {
	{ TABLE_ACCOUNT_NAME, "acme", 0, 0, ZEROS, find_account },
	{ TABLE_ACCOUNT_NAME, "acme", 0, 9, ZEROS, find_account },
	{ TABLE_MEMBER_OF, zeros, 2 * ROWKEY_NUMBER + 1, 1, ZEROS, next_member_of },
	{ TABLE_BUCKET, zeros, 10, 0, A_BUCKET, next_bucket },
	{ TABLE_EVENT, zeros, ROWKEY_NUMBER, 31, ZEROS, get_event },
	{ TABLE_EVENT_OF, zeros, 2 * ROWKEY_NUMBER + 1, 1, ZEROS, last_event_of },
	{ TABLE_GRANT_OF, zeros, 3 * ROWKEY_NUMBER + 1, 1, ZEROS, previous_grant_of },
	{ TABLE_MEMO, zeros, ROWKEY_NUMBER + 1, 0, A_MEMO, next_memo },
	{ TABLE_MEMO, zeros, ROWKEY_NUMBER, 15, ZEROS, del_memo },
	{ TABLE_SESSION_HASH, zeros, 16, 2 * ROWKEY_NUMBER + 1, ZEROS, find_session },
	{ TABLE_TICKET_OF, ticket, ROWKEY_NUMBER + 9 + 1, 1, ZEROS, next_ticket_of },
	{ TABLE_META, META_KEY_ID, 0, 7, ZEROS, key_id },
};

/* So that nothing but the row's own length is wrong. */
static void put_targets(void)
{
	const struct account account = an_account(0, "bolt", "");
	const struct member member = { .account = 0 };
	const struct grant grant = { .id = 0 };
	const struct session session = { .hash = { 1 } };
	const struct ticket one = { .id = 0 };

	store_put_account(store, &account);
	store_put_member(store, &member);
	store_del(store, TABLE_MEMBER_OF, store_bytes(zeros, (size_t)2 * ROWKEY_NUMBER));
	store_put_grant(store, &grant);
	store_del(store, TABLE_GRANT_OF, store_bytes(zeros, (size_t)3 * ROWKEY_NUMBER));
	store_put_session(store, &session);
	store_put_ticket(store, &one);
	store_del(store, TABLE_TICKET_OF, store_bytes(ticket, ROWKEY_NUMBER + 9));
}

static void put_row(const struct odd *row)
{
	static const struct bucket bucket;
	static const struct memo memo;
	uint8_t text[RECORD_MAX] = { 0 };
	size_t len = row->len;

	if (row->what == A_BUCKET)
		assert_int_equal(CS_OK, record_encode_bucket(&bucket, text, sizeof(text), &len));
	if (row->what == A_MEMO) {
		assert_int_equal(CS_OK, record_encode_memo(&memo, text + 16, sizeof(text) - 16,
		    &len));
		len += 16;
	}
	store_put(store, row->table, row->key_len > 0 ? store_bytes(row->key, row->key_len) :
	    store_meta_key(row->key), store_bytes(text, len));
	keep();
}

static void a_row_of_another_length_is_damage(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin();
		put_targets();
		put_row(&rows[i]);
		if (rows[i].read() != CS_ERR_FORMAT)
			fail_msg("row %zu, table %s", i, store_table_name(rows[i].table));
		store_tear_down(state);
		store_set_up(state);
	}
}

static void what_stands_after_a_damaged_event_is_not_guessed(void **state)
{
	const struct rowkey one = rowkey1(1);
	uint64_t before;

	(void)state;
	begin();
	store_new_id(store, SEQ_EVENT);
	store_put(store, TABLE_EVENT, rowkey_bytes(&one), store_bytes(zeros, 31));
	keep();
	assert_int_equal(CS_ERR_FORMAT, store_event_before(store, 1, &before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)
		TEST(a_row_of_another_length_is_damage),
		TEST(what_stands_after_a_damaged_event_is_not_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

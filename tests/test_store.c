/* SPDX-License-Identifier: ISC
 *
 * What handlers read and write: staged until kept, numbers once, every record
 * found by each of its keys.  Names and people are test_store_people.c's.
 */
#include "store_fixture.h"

#include "../daemon/rowkey.h"
#include "../daemon/store_engine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct bytes NONE;

static void staged_writes_are_invisible_until_they_are_kept(void **state)
{
	struct account a = an_account(1, "acme", "4711"), got;

	(void)state;
	begin();
	store_put_account(store, &a);
	assert_int_equal(CS_ERR_NOTFOUND, store_find_account(store, cs_str("acme"), &got));
	assert_int_equal(0, store_rows(store, TABLE_ACCOUNT));
	assert_false(store_wrote(store));
	keep();
	assert_true(store_wrote(store));
	assert_int_equal(CS_OK, store_find_account(store, cs_str("acme"), &got));
	assert_int_equal(CS_OK, store_find_account_ref(store, cs_str("4711"), &got));
	assert_true(got.id == 1 && cs_str_is(got.display, "Acme Ltd"));
	commit();
}

static void dropped_writes_are_gone(void **state)
{
	struct account a = an_account(1, "acme", ""), b = an_account(2, "bolt", ""), got;

	(void)state;
	begin();
	store_put_account(store, &a);
	store_drop(store);
	store_put_account(store, &b);
	keep();
	commit();
	begin();
	assert_int_equal(CS_ERR_NOTFOUND, store_find_account(store, cs_str("acme"), &got));
	assert_int_equal(CS_OK, store_find_account(store, cs_str("bolt"), &got));
	assert_int_equal(1, store_rows(store, TABLE_ACCOUNT));
	commit();
}

static void a_dropped_requests_numbers_are_given_out_again(void **state)
{
	(void)state;
	begin();
	assert_int_equal(1, put_event(store));
	keep();
	assert_int_equal(2, put_event(store));
	assert_int_equal(3, put_event(store));
	store_drop(store);
	assert_int_equal(1, store_count(store, SEQ_EVENT));
	assert_int_equal(2, put_event(store));
	keep();
	commit();
	assert_int_equal(2, store_count(store, SEQ_EVENT));
}

static void a_lost_batchs_numbers_are_given_out_again(void **state)
{
	(void)state;
	begin();
	put_event(store);
	keep();
	commit();
	begin();
	assert_int_equal(2, put_event(store));
	keep();
	fail_sync = ENOSPC;
	commit_fails(OUTCOME_NOTHING, CS_ERR_FULL);
	begin();
	assert_false(has_event(2));
	assert_int_equal(2, put_event(store));
	keep();
	commit();
	reopen();
	begin();
	assert_true(has_event(2));
	assert_int_equal(3, store_new_id(store, SEQ_EVENT));
}

/* Another one would be the key of a row that is there. */
static void after_the_last_number_nothing_is_kept(void **state)
{
	(void)state;
	begin();
	store->batch.last[SEQ_EVENT] = store->request.last[SEQ_EVENT] = ROWKEY_NUMBER_MAX - 1;
	assert_int_equal(ROWKEY_NUMBER_MAX, put_event(store));
	keep();
	store_new_id(store, SEQ_EVENT);
	assert_int_equal(CS_ERR_LIMIT, store_keep(store));
	commit_fails(OUTCOME_NOTHING, CS_ERR_LIMIT);
	begin();
	assert_int_equal(0, store_rows(store, TABLE_EVENT));
	assert_int_equal(1, put_event(store));
	keep();
	commit();
}

static void the_clock_is_kept_only_with_writes(void **state)
{
	const struct clock_record one = { { 100, 1, 7 }, 1, 100, 0 };
	const struct clock_record two = { { 200, 2, 7 }, 2, 200, 0 };

	(void)state;
	begin();
	store_set_clock(store, &one);
	put_event(store);
	store_drop(store);
	put_event(store);
	keep();
	commit();
	assert_memory_equal(&one, store_clock(store), sizeof(one));
	begin();
	store_set_clock(store, &two);
	put_event(store);
	store_drop(store);
	commit();
	assert_memory_equal(&one, store_clock(store), sizeof(one));
	begin();
	store_set_clock(store, &two);
	put_event(store);
	keep();
	fail_sync = ENOSPC;
	commit_fails(OUTCOME_NOTHING, CS_ERR_FULL);
	assert_memory_equal(&one, store_clock(store), sizeof(one));
	begin();
	put_event(store);
	keep();
	commit();
	assert_memory_equal(&one, store_clock(store), sizeof(one));
}

static void a_record_that_has_no_encoding_loses_the_batch(void **state)
{
	static char text[TEXT_MAX_LEN + 1];
	struct account a = an_account(1, "acme", ""), got;

	(void)state;
	begin();
	store_put_account(store, &a);
	keep();
	a = an_account(2, "bolt", "");
	a.display = (struct cs_str){ text, sizeof(text) };
	store_put_account(store, &a);
	assert_int_equal(CS_ERR_LIMIT, store_keep(store));
	assert_int_equal(CS_ERR_LIMIT, store_get_account(store, 1, &got));
	commit_fails(OUTCOME_NOTHING, CS_ERR_LIMIT);
	begin();
	assert_int_equal(CS_ERR_NOTFOUND, store_find_account(store, cs_str("acme"), &got));
	commit();
}

static void an_authenticator_goes_with_its_state(void **state)
{
	struct authenticator a = { .id = 3, .admin = 1, .sealed = cs_str("sealed") };
	struct authenticator_state s;

	(void)state;
	begin();
	assert_int_equal(CS_OK, store_get_authenticator_state(store, 3, &s));
	assert_true(s.id == 3 && s.last == 0 && s.wrong == 0);
	s.last = 77;
	store_put_authenticator(store, &a);
	store_put_authenticator_state(store, &s);
	keep();
	assert_int_equal(CS_OK, store_next_authenticator(store, 1, 0, &a));
	assert_int_equal(3, a.id);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_authenticator(store, 1, 3, &a));
	assert_int_equal(CS_ERR_NOTFOUND, store_next_authenticator(store, 0, 0, &a));
	assert_int_equal(CS_OK, store_get_authenticator_state(store, 3, &s));
	assert_int_equal(77, s.last);
	store_del_authenticator(store, 1, 3);
	keep();
	assert_int_equal(CS_ERR_NOTFOUND, store_get_authenticator(store, 1, 3, &a));
	assert_int_equal(CS_OK, store_get_authenticator_state(store, 3, &s));
	assert_int_equal(0, s.last);
	commit();
}

static void buckets_and_tallies_start_empty_and_come_in_order(void **state)
{
	struct tally t, got;
	struct bucket b;
	struct bytes key;

	(void)state;
	begin();
	assert_int_equal(CS_OK, store_get_bucket(store, BUCKET_ACCOUNT, 7, &b));
	assert_true(b.total == 0 && b.n == 0);
	b.total = 5;
	store_put_bucket(store, BUCKET_ACCOUNT, 7, &b);
	assert_int_equal(CS_OK, store_get_tally(store, 300, 1000, EVENT_VERIFY, CS_MISHEARD,
	    &t));
	assert_true(t.count == 0 && t.minute == 300 && t.technician == 1000 &&
	    t.reason == CS_MISHEARD);
	t.count = 3;
	store_put_tally(store, &t);
	t.minute = 20;
	store_put_tally(store, &t);
	keep();
	assert_int_equal(CS_OK, store_get_bucket(store, BUCKET_ACCOUNT, 7, &b));
	assert_int_equal(5, b.total);
	assert_int_equal(CS_OK, store_get_bucket(store, BUCKET_TECHNICIAN, 7, &b));
	assert_int_equal(0, b.total);
	assert_int_equal(CS_OK, store_next_tally(store, NONE, &key, &got));
	assert_int_equal(20, got.minute);
	assert_int_equal(CS_OK, store_next_tally(store, key, &key, &got));
	assert_true(got.minute == 300 && got.count == 3);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_tally(store, key, &key, &got));
	store_del_tally(store, &t);
	store_del_bucket(store, BUCKET_ACCOUNT, 7);
	keep();
	assert_int_equal(1, store_rows(store, TABLE_TALLY));
	assert_int_equal(0, store_rows(store, TABLE_BUCKET));
	commit();
}

#define SPARSE 300

static void put_sparse_rows(void)
{
	for (uint64_t i = 1; i <= SPARSE; i++) {
		struct bucket b = { .total = i };
		struct call call = { .account = i, .technician = (uint32_t)(i * i),
			.action = CS_STR("mail.server") };
		struct overrides o = { .account = i, .n = 1,
			.at = { { .action = CS_STR("mail.server"), .high = true } } };

		store_put_bucket(store, BUCKET_ACCOUNT, i, &b);
		store_put_call(store, &call);
		store_put_overrides(store, &o);
	}
}

static void check_sparse_rows(void)
{
	for (uint64_t i = 1; i <= SPARSE; i++) {
		struct bucket b;
		struct call call;
		struct overrides o;

		assert_int_equal(CS_OK, store_get_bucket(store, BUCKET_ACCOUNT, i, &b));
		assert_int_equal(i, b.total);
		assert_int_equal(CS_OK, store_get_call(store, i, (uint32_t)(i * i), &call));
		assert_int_equal(CS_OK, store_get_overrides(store, i, &o));
		assert_int_equal(1, o.n);
	}
}

static void what_few_have_is_found_at_once_after_a_restart_and_not_after_a_lost_batch(void **state)
{
	struct call call;

	(void)state;
	begin();
	put_sparse_rows();
	keep();
	fail_sync = EIO;
	commit_fails(OUTCOME_UNKNOWN, CS_ERR_IO);
	reopen();
	begin();
	assert_int_equal(CS_ERR_NOTFOUND, store_get_call(store, 1, 1, &call));
	put_sparse_rows();
	keep();
	check_sparse_rows();
	commit();
	begin();
	check_sparse_rows();
	commit();
	reopen();
	begin();
	check_sparse_rows();
	for (uint64_t i = 1; i <= SPARSE; i++)
		store_del_call(store, i, (uint32_t)(i * i));
	keep();
	assert_int_equal(0, store_rows(store, TABLE_CALL));
	commit();
}

static void grants_and_calls_are_walked_in_order(void **state)
{
	struct grant g = { .id = 1, .account = 7, .admin = 5 };
	struct grant h = { .id = 2, .account = 7, .admin = 4 };
	struct call c = { .account = 7, .technician = 0 }, d = { .account = 7, .technician = 1000 };
	struct call e = { .account = 8, .technician = 5 }, got;

	(void)state;
	begin();
	store_put_grant(store, &g);
	store_put_grant(store, &h);
	store_put_call(store, &e);
	store_put_call(store, &d);
	store_put_call(store, &c);
	keep();
	assert_int_equal(CS_OK, store_previous_grant_of(store, 7, 5, 3, &g));
	assert_int_equal(1, g.id);
	assert_int_equal(CS_ERR_NOTFOUND, store_previous_grant_of(store, 7, 5, 1, &g));
	assert_int_equal(CS_ERR_NOTFOUND, store_previous_grant_of(store, 8, 5, 3, &g));
	assert_int_equal(CS_OK, store_previous_grant(store, 2, &g));
	assert_int_equal(1, g.id);
	assert_int_equal(CS_ERR_NOTFOUND, store_previous_grant(store, 1, &g));
	assert_int_equal(CS_OK, store_next_grant(store, 1, &g));
	assert_int_equal(2, g.id);
	store_del_grant(store, &h);
	assert_int_equal(CS_OK, store_next_call(store, 7, -1, &got));
	assert_int_equal(0, got.technician);
	assert_int_equal(CS_OK, store_next_call(store, 7, 0, &got));
	assert_int_equal(1000, got.technician);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_call(store, 7, 1000, &got));
	assert_int_equal(CS_OK, store_next_any_call(store, 0, -1, &got));
	assert_true(got.account == 7 && got.technician == 0);
	assert_int_equal(CS_OK, store_next_any_call(store, 7, 1000, &got));
	assert_true(got.account == 8 && got.technician == 5);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_any_call(store, 8, 5, &got));
	store_del_call(store, 7, 0);
	keep();
	assert_int_equal(CS_ERR_NOTFOUND, store_get_grant(store, 2, &g));
	assert_int_equal(1, store_rows(store, TABLE_GRANT_OF));
	assert_int_equal(CS_ERR_NOTFOUND, store_get_call(store, 7, 0, &got));
	commit();
}

/* One random change among few names and numbers, so that they collide. */
static void change_something(void)
{
	static const char *const names[] = { "ann", "bob", "cy", "dee", "eve", "" };
	struct admin a = an_admin(1 + draw(6), names[draw(5)], names[draw(6)]), other;
	struct issue i = { .id = 1 + draw(8) }, old;
	struct member m = { .account = 1 + draw(3), .admin = 1 + draw(3) };

	a.standing = draw(3) == 0 ? STANDING_REMOVED : STANDING_ACTIVE;
	i.tag[0] = (uint8_t)i.id;
	switch (draw(5)) {
	case 0:
		if (a.standing != STANDING_REMOVED &&
		    ((store_find_admin(store, a.name, &other) == CS_OK && other.id != a.id) ||
			(store_find_admin_ref(store, a.ref, &other) == CS_OK && other.id != a.id)))
			break;
		store_put_admin(store, &a);
		break;
	case 1:
		i.account = 1 + i.id % 2;
		if (store_get_issue(store, i.id, &old) == CS_ERR_NOTFOUND)
			store_put_issue(store, &i);
		break;
	case 2:
		if (store_get_issue(store, i.id, &old) == CS_OK)
			store_del_issue(store, &old);
		break;
	case 3:
		store_put_member(store, &m);
		break;
	case 4:
		store_del_member(store, m.account, m.admin);
		break;
	}
}

static uint64_t check_issues_of(uint64_t account)
{
	struct issue i = { .id = 0 }, by_tag;
	uint64_t n = 0;

	for (uint64_t after = 0; store_next_issue_of(store, account, after, &i) == CS_OK; n++) {
		assert_true(i.account == account && i.id > after);
		after = i.id;
		assert_int_equal(CS_OK, store_find_issue(store, i.tag, &by_tag));
		assert_int_equal(i.id, by_tag.id);
	}
	return n;
}

/* Each index row leads to its record, and there are as many as there must be. */
static void check_indexes(void)
{
	uint64_t named = 0, with_ref = 0, pairs = 0, members;
	struct admin a, found;
	struct member m;

	for (uint64_t id = 1; id <= 6; id++) {
		if (store_get_admin(store, id, &a) != CS_OK || a.standing == STANDING_REMOVED)
			continue;
		assert_int_equal(CS_OK, store_find_admin(store, a.name, &found));
		assert_int_equal(id, found.id);
		named++;
		if (a.ref.len > 0) {
			assert_int_equal(CS_OK, store_find_admin_ref(store, a.ref, &found));
			assert_int_equal(id, found.id);
			with_ref++;
		}
		for (m.account = 0; store_next_member_of(store, id, m.account, &m) == CS_OK;)
			pairs++;
	}
	assert_int_equal(named, store_rows(store, TABLE_ADMIN_NAME));
	assert_int_equal(with_ref, store_rows(store, TABLE_ADMIN_REF));
	assert_true(pairs <= store_rows(store, TABLE_MEMBER_OF));
	m = (struct member){ .account = 0 };
	for (members = 0; store_next_any_member(store, m.account, m.admin, &m) == CS_OK;)
		members++;
	assert_int_equal(members, store_rows(store, TABLE_MEMBER_OF));
	assert_int_equal(store_rows(store, TABLE_ISSUE), check_issues_of(1) + check_issues_of(2));
}

static void indexes_stay_in_step_with_their_records(void **state)
{
	(void)state;
	seed = 2;
	for (unsigned batch = 0; batch < 60; batch++) {
		begin();
		for (unsigned request = 0; request < 10; request++) {
			change_something();
			if (draw(3) == 0)
				store_drop(store);
			else
				keep();
		}
		check_indexes();
		if (store_wrote(store) && draw(6) == 0) {
			fail_sync = ENOSPC;
			commit_fails(OUTCOME_NOTHING, CS_ERR_FULL);
		} else {
			commit();
		}
		begin();
		assert_int_equal(store_rows(store, TABLE_ISSUE), store->index[INDEX_ISSUE].used);
		assert_int_equal(store_rows(store, TABLE_ISSUE), store->index[INDEX_ISSUE_OF].used);
		commit();
		if (batch == 30) {
			/* records beyond the numbers given out are refused at
			 * open, and these were made up */
			begin();
			for (unsigned i = 0; i < 8; i++) {
				store_new_id(store, SEQ_ACCOUNT);
				store_new_id(store, SEQ_ADMIN);
				store_new_id(store, SEQ_ISSUE);
			}
			put_event(store);
			keep();
			commit();
			reopen();
		}
	}
}

static bool before(struct bytes prefix, uint64_t number, uint64_t of, uint64_t found)
{
	struct rowkey from = rowkey2(of, number), want = rowkey2(of, found);
	struct bytes key, val;
	enum cs_err e = store_previous(store, TABLE_EVENT_OF, prefix, rowkey_bytes(&from), &key,
	    &val);

	return found == 0 ? e == CS_ERR_NOTFOUND : e == CS_OK && rowkey_is(&want, key);
}

static void the_row_before_is_of_the_same_prefix(void **state)
{
	const struct rowkey of = rowkey1(2);
	const struct bytes two = rowkey_bytes(&of);
	struct bytes key, val;

	(void)state;
	begin();
	assert_true(before(two, 5, 2, 0));	/* an empty table */
	store_index_event(store, 1, 7);
	store_index_event(store, 2, 3);
	store_index_event(store, 2, 5);
	keep();
	assert_true(before(two, 3, 2, 0) && before(two, 1, 2, 0));
	assert_true(before(two, 4, 2, 3) && before(two, 5, 2, 3));
	assert_true(before(two, 6, 2, 5));	/* past the last row */
	store_index_event(store, 3, 1);
	keep();
	assert_true(before(two, 6, 2, 5));	/* another's row is next */
	assert_int_equal(CS_OK, store_previous(store, TABLE_EVENT_OF, NONE, NONE, &key, &val));
	assert_int_equal(3, rowkey_number(key, 0, ROWKEY_NUMBER));
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)
		TEST(staged_writes_are_invisible_until_they_are_kept),
		TEST(dropped_writes_are_gone),
		TEST(a_dropped_requests_numbers_are_given_out_again),
		TEST(a_lost_batchs_numbers_are_given_out_again),
		TEST(after_the_last_number_nothing_is_kept),
		TEST(the_clock_is_kept_only_with_writes),
		TEST(a_record_that_has_no_encoding_loses_the_batch),
		TEST(the_row_before_is_of_the_same_prefix),
		TEST(an_authenticator_goes_with_its_state),
		TEST(buckets_and_tallies_start_empty_and_come_in_order),
		TEST(what_few_have_is_found_at_once_after_a_restart_and_not_after_a_lost_batch),
		TEST(grants_and_calls_are_walked_in_order),
		TEST(indexes_stay_in_step_with_their_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

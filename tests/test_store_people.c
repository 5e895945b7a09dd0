/* SPDX-License-Identifier: ISC
 *
 * Who is found under which name, and who acts for whom.
 */
#include "store_fixture.h"

#include "../daemon/store_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_removed_administrator_gives_up_the_name(void **state)
{
	struct admin a = an_admin(1, "dana", "p-9"), got;

	(void)state;
	begin();
	store_put_admin(store, &a);
	keep();
	a.standing = STANDING_REMOVED;
	store_put_admin(store, &a);
	keep();
	assert_int_equal(CS_ERR_NOTFOUND, store_find_admin(store, cs_str("dana"), &got));
	assert_int_equal(CS_ERR_NOTFOUND, store_find_admin_ref(store, cs_str("p-9"), &got));
	assert_int_equal(CS_OK, store_get_admin(store, 1, &got));
	assert_true(cs_str_is(got.name, "dana") && got.standing == STANDING_REMOVED);
	a = an_admin(2, "dana", "p-9");
	store_put_admin(store, &a);
	keep();
	a = an_admin(1, "dana", "p-9");
	a.standing = STANDING_REMOVED;
	store_put_admin(store, &a);	/* the other's rows stay */
	keep();
	assert_int_equal(CS_OK, store_find_admin(store, cs_str("dana"), &got));
	assert_int_equal(2, got.id);
	assert_int_equal(CS_OK, store_find_admin_ref(store, cs_str("p-9"), &got));
	assert_int_equal(2, got.id);
	commit();
}

static void a_changed_name_moves(void **state)
{
	struct account a = an_account(1, "acme", "4711"), got;

	(void)state;
	begin();
	store_put_account(store, &a);
	keep();
	a = an_account(1, "apex", "");
	store_put_account(store, &a);
	keep();
	assert_int_equal(CS_ERR_NOTFOUND, store_find_account(store, cs_str("acme"), &got));
	assert_int_equal(CS_ERR_NOTFOUND, store_find_account_ref(store, cs_str("4711"), &got));
	assert_int_equal(CS_OK, store_find_account(store, cs_str("apex"), &got));
	assert_int_equal(0, store_rows(store, TABLE_ACCOUNT_REF));
	assert_int_equal(1, store_rows(store, TABLE_ACCOUNT_NAME));
	commit();
}

/* What is remembered of a name may be out of date. */
static void a_name_leads_to_who_has_it_now(void **state)
{
	struct account a = an_account(1, "acme", ""), b = an_account(2, "bolt", ""), got;

	(void)state;
	begin();
	store_put_account(store, &a);
	store_put_account(store, &b);
	keep();
	assert_int_equal(CS_OK, store_find_account(store, cs_str("acme"), &got));
	assert_int_equal(1, got.id);
	a.name = cs_str("apex");
	store_put_account(store, &a);
	keep();
	assert_int_equal(CS_ERR_NOTFOUND, store_find_account(store, cs_str("acme"), &got));
	assert_true(got.id == 0 && got.name.len == 0);
	b.name = cs_str("acme");
	store_put_account(store, &b);
	keep();
	assert_int_equal(CS_OK, store_find_account(store, cs_str("acme"), &got));
	assert_int_equal(2, got.id);
	b.standing = STANDING_REMOVED;
	store_put_account(store, &b);
	keep();
	assert_int_equal(CS_ERR_NOTFOUND, store_find_account(store, cs_str("acme"), &got));
	commit();
}

static void a_name_that_another_has_is_refused(void **state)
{
	struct account a = an_account(1, "acme", "1"), b = an_account(2, "bolt", "1"), got;

	(void)state;
	begin();
	store_put_account(store, &a);
	keep();
	commit();
	begin();
	store_put_account(store, &b);
	assert_int_equal(CS_ERR_EXISTS, store_keep(store));
	commit_fails(OUTCOME_NOTHING, CS_ERR_EXISTS);
	begin();
	assert_int_equal(CS_ERR_NOTFOUND, store_find_account(store, cs_str("bolt"), &got));
	commit();
}

static void names_that_cannot_be_are_not_found(void **state)
{
	static char text[2000];
	struct account got;

	(void)state;
	begin();
	assert_int_equal(CS_ERR_NOTFOUND, store_find_account(store, cs_str(""), &got));
	assert_int_equal(CS_ERR_NOTFOUND,
	    store_find_account(store, (struct cs_str){ text, sizeof(text) }, &got));
	commit();
}

static void members_are_found_from_both_ends(void **state)
{
	static const uint64_t pairs[][2] = {
		{ 1, 5 }, { 1, 300 }, { 2, 5 }, { 256, 5 }, { 257, 4 },
	};
	struct member m;

	(void)state;
	begin();
	for (size_t i = 0; i < 5; i++) {
		m = (struct member){ .account = pairs[i][0], .admin = pairs[i][1], .all = true };
		store_put_member(store, &m);
	}
	keep();
	assert_int_equal(CS_OK, store_next_member(store, 1, 0, &m));
	assert_int_equal(5, m.admin);
	assert_int_equal(CS_OK, store_next_member(store, 1, 5, &m));
	assert_int_equal(300, m.admin);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_member(store, 1, 300, &m));
	assert_int_equal(CS_OK, store_next_member_of(store, 5, 0, &m));
	assert_int_equal(1, m.account);
	assert_int_equal(CS_OK, store_next_member_of(store, 5, 1, &m));
	assert_int_equal(2, m.account);
	assert_int_equal(CS_OK, store_next_member_of(store, 5, 2, &m));
	assert_int_equal(256, m.account);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_member_of(store, 5, 256, &m));
	store_del_member(store, 2, 5);
	keep();
	assert_int_equal(CS_OK, store_next_member_of(store, 5, 1, &m));
	assert_int_equal(256, m.account);
	assert_int_equal(CS_ERR_NOTFOUND, store_get_member(store, 2, 5, &m));
	commit();
}

static void put_member(uint64_t account, uint64_t admin)
{
	store_put_member(store, &(struct member){ .account = account, .admin = admin });
}

/* In one table, each account's people behind its own row. */
static void accounts_and_their_people_are_walked_apart(void **state)
{
	static const uint64_t accounts[] = { 1, 2, 255, 256, 257, ROWKEY_NUMBER_MAX };
	struct member m = { .account = 0 };
	struct account a = { .id = 0 };
	char name[8];

	(void)state;
	begin();
	for (size_t i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "a%zu", i);
		a = an_account(accounts[i], name, "");
		store_put_account(store, &a);
	}
	put_member(1, ROWKEY_NUMBER_MAX);
	put_member(256, 1);
	put_member(256, 2);
	keep();
	a.id = 0;
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(CS_OK, store_next_account(store, a.id, &a));
		assert_int_equal(accounts[i], a.id);
	}
	assert_int_equal(CS_ERR_NOTFOUND, store_next_account(store, a.id, &a));
	assert_int_equal(CS_OK, store_next_any_member(store, 0, 0, &m));
	assert_true(m.account == 1 && m.admin == ROWKEY_NUMBER_MAX);
	assert_int_equal(CS_OK, store_next_any_member(store, 1, m.admin, &m));
	assert_true(m.account == 256 && m.admin == 1);
	assert_int_equal(CS_OK, store_next_any_member(store, 256, 1, &m));
	assert_true(m.account == 256 && m.admin == 2);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_any_member(store, 256, 2, &m));
	assert_int_equal(CS_ERR_NOTFOUND, store_next_member(store, 255, 0, &m));
	commit();
}

static struct bytes name_of(size_t i)
{
	static char name[16];

	snprintf(name, sizeof(name), "customer-%zu", i);
	return store_bytes(name, strlen(name));
}

/* Of names that share a place the latest is remembered, and none is taken for
 * another. */
static void a_hint_is_of_its_own_name_or_none(void **state)
{
	struct hints *hints = calloc(1, sizeof(*hints));
	const size_t n = 3 * HINTS;
	size_t known = 0;

	(void)state;
	assert_non_null(hints);
	for (size_t i = 1; i <= n; i++) {
		assert_int_equal(0, hint_get(hints, TABLE_ADMIN, name_of(i)));
		hint_put(hints, TABLE_ADMIN, name_of(i), ROWKEY_NUMBER_MAX - i);
		assert_int_equal(ROWKEY_NUMBER_MAX - i, hint_get(hints, TABLE_ADMIN, name_of(i)));
	}
	for (size_t i = 1; i <= n; i++) {
		uint64_t hint = hint_get(hints, TABLE_ADMIN, name_of(i));

		assert_true(hint == 0 || hint == ROWKEY_NUMBER_MAX - i);
		assert_int_equal(0, hint_get(hints, TABLE_ACCOUNT, name_of(i)));
		known += hint != 0;
	}
	assert_in_range(known, HINTS * 9 / 10, HINTS);
	free(hints);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)
		TEST(a_removed_administrator_gives_up_the_name),
		TEST(a_changed_name_moves),
		TEST(a_name_leads_to_who_has_it_now),
		TEST(a_name_that_another_has_is_refused),
		TEST(names_that_cannot_be_are_not_found),
		TEST(members_are_found_from_both_ends),
		TEST(accounts_and_their_people_are_walked_apart),
		cmocka_unit_test(a_hint_is_of_its_own_name_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * Codes, their uses and answers, found through what is in memory.
 */
#include "store_fixture.h"

#include "../daemon/store_engine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void an_issue_is_found_by_its_tag_until_another_takes_it(void **state)
{
	struct issue a = { .id = 1, .account = 7, .tag = { 1 } };
	struct issue b = { .id = 2, .account = 7, .tag = { 1 } };
	struct issue c = { .id = 3, .account = 8, .tag = { 3 } }, got;

	(void)state;
	begin();
	store_put_issue(store, &a);
	store_put_issue(store, &c);
	keep();
	assert_int_equal(CS_OK, store_find_issue(store, a.tag, &got));
	assert_int_equal(1, got.id);
	a.state = ISSUE_REVOKED;
	store_update_issue(store, &a);
	store_put_issue(store, &b);
	keep();
	assert_int_equal(CS_OK, store_find_issue(store, a.tag, &got));
	assert_int_equal(2, got.id);
	assert_int_equal(CS_OK, store_next_issue_of(store, 7, 0, &got));
	assert_true(got.id == 1 && got.state == ISSUE_REVOKED);
	assert_int_equal(CS_OK, store_next_issue_of(store, 7, 1, &got));
	assert_int_equal(2, got.id);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_issue_of(store, 7, 2, &got));
	assert_int_equal(CS_OK, store_next_issue(store, 2, &got));
	assert_int_equal(3, got.id);
	store_del_issue(store, &a);
	keep();
	assert_int_equal(CS_OK, store_find_issue(store, a.tag, &got));
	assert_int_equal(2, got.id);
	store_del_issue(store, &b);
	keep();
	assert_int_equal(CS_ERR_NOTFOUND, store_find_issue(store, a.tag, &got));
	assert_int_equal(CS_ERR_NOTFOUND, store_next_issue_of(store, 7, 0, &got));
	commit();
}

/* Tags that begin alike are told apart. */
static void an_issue_is_found_after_a_restart_and_not_after_a_lost_batch(void **state)
{
	struct issue kept = { .account = 7, .tag = { 1, 2, 3, [15] = 1 } }, got;
	struct issue alike = { .account = 7, .tag = { 1, 2, 3, [15] = 2 } };
	struct issue lost = { .account = 7, .tag = { 9 } };
	struct issue dropped = { .account = 7, .tag = { 8 } };

	(void)state;
	begin();
	kept.id = store_new_id(store, SEQ_ISSUE);
	alike.id = store_new_id(store, SEQ_ISSUE);
	store_put_issue(store, &kept);
	store_put_issue(store, &alike);
	keep();
	dropped.id = store_new_id(store, SEQ_ISSUE);
	store_put_issue(store, &dropped);
	store_drop(store);
	commit();
	begin();
	lost.id = store_new_id(store, SEQ_ISSUE);
	store_put_issue(store, &lost);
	store_del_issue(store, &alike);
	keep();
	assert_int_equal(CS_OK, store_find_issue(store, lost.tag, &got));
	assert_int_equal(CS_ERR_NOTFOUND, store_find_issue(store, alike.tag, &got));
	fail_sync = ENOSPC;
	commit_fails(OUTCOME_NOTHING, CS_ERR_FULL);
	for (unsigned i = 0; i < 2; i++) {
		begin();
		assert_int_equal(CS_OK, store_find_issue(store, kept.tag, &got));
		assert_int_equal(kept.id, got.id);
		assert_int_equal(CS_OK, store_find_issue(store, alike.tag, &got));
		assert_int_equal(alike.id, got.id);
		assert_int_equal(CS_ERR_NOTFOUND, store_find_issue(store, lost.tag, &got));
		assert_int_equal(CS_ERR_NOTFOUND, store_find_issue(store, dropped.tag, &got));
		assert_int_equal(CS_OK, store_next_issue_of(store, 7, 0, &got));
		assert_int_equal(kept.id, got.id);
		assert_int_equal(CS_OK, store_next_issue_of(store, 7, kept.id, &got));
		assert_int_equal(alike.id, got.id);
		assert_int_equal(CS_ERR_NOTFOUND, store_next_issue_of(store, 7, alike.id, &got));
		commit();
		reopen();
	}
}

/* What a verification writes; an accepted one uses the code. */
static uint64_t put_verification(const char *credential, enum cs_verdict verdict)
{
	struct audit_event e = {
		.id = store_new_id(store, SEQ_EVENT),
		.time = 1771500300,
		.kind = EVENT_VERIFY,
		.has_verdict = true,
		.verdict = verdict,
		.technician = 1000,
		.technician_name = CS_STR("mia"),
		.credential = cs_str(credential),
	};
	struct staged_event staged;

	assert_int_equal(CS_OK, store_put_event(store, &e, &staged));
	return e.id;
}

static void use(uint64_t issue)
{
	char credential[24];

	snprintf(credential, sizeof(credential), "I%lu", (unsigned long)issue);
	store_use_issue(store, issue, put_verification(credential, CS_ACCEPTED));
}

static uint64_t issue_a_code(void)
{
	struct issue i = {
		.id = store_new_id(store, SEQ_ISSUE),
		.account = 7,
		.event = put_event(store),
	};

	i.tag[0] = (uint8_t)i.id;
	store_put_issue(store, &i);
	return i.id;
}

static enum issue_state state_of(uint64_t issue)
{
	struct issue got;

	assert_int_equal(CS_OK, store_get_issue(store, issue, &got));
	return got.state;
}

static void a_used_code_tells_of_its_use_wherever_it_is_found(void **state)
{
	uint8_t tag[16] = { 1 };
	struct issue got;

	(void)state;
	begin();
	issue_a_code();
	keep();
	use(1);
	keep();
	assert_int_equal(CS_OK, store_find_issue(store, tag, &got));
	assert_true(got.state == ISSUE_USED && got.ended == 1771500300 && got.ended_by == 1000);
	assert_true(cs_str_is(got.ended_by_name, "mia") && got.ended_event == 2);
	assert_int_equal(CS_OK, store_next_issue(store, 0, &got));
	assert_int_equal(ISSUE_USED, got.state);
	assert_int_equal(CS_OK, store_next_issue_of(store, 7, 0, &got));
	assert_int_equal(ISSUE_USED, got.state);
	store_del_issue(store, &got);
	keep();
	assert_int_equal(CS_ERR_NOTFOUND, store_get_issue(store, 1, &got));
	commit();
}

static void a_code_is_used_after_a_restart_and_not_after_a_lost_batch(void **state)
{
	uint64_t used, lost, dropped, untouched;

	(void)state;
	begin();
	issue_a_code(); /* long used when the others are issued */
	use(1);
	used = issue_a_code();
	lost = issue_a_code();
	dropped = issue_a_code();
	untouched = issue_a_code();
	keep();
	use(used);
	keep();
	use(dropped);
	store_drop(store);
	put_event(store);
	keep();
	assert_int_equal(ISSUE_LIVE, state_of(dropped));
	commit();
	begin();
	use(lost);
	keep();
	assert_int_equal(ISSUE_USED, state_of(lost));
	fail_sync = ENOSPC;
	commit_fails(OUTCOME_NOTHING, CS_ERR_FULL);
	for (unsigned i = 0; i < 2; i++) {
		begin();
		assert_int_equal(ISSUE_USED, state_of(1));
		assert_int_equal(ISSUE_USED, state_of(used));
		assert_int_equal(ISSUE_LIVE, state_of(lost));
		assert_int_equal(ISSUE_LIVE, state_of(dropped));
		assert_int_equal(ISSUE_LIVE, state_of(untouched));
		commit();
		reopen();
	}
}

static void delete_issue(uint64_t id)
{
	struct issue i;

	assert_int_equal(CS_OK, store_get_issue(store, id, &i));
	store_del_issue(store, &i);
	keep();
}

static void a_deleted_code_stays_used_when_the_batch_is_lost(void **state)
{
	uint64_t gone, kept;

	(void)state;
	begin();
	gone = issue_a_code();
	kept = issue_a_code();
	use(gone);
	use(kept);
	keep();
	commit();
	begin();
	delete_issue(gone);
	delete_issue(kept);
	fail_sync = ENOSPC;
	commit_fails(OUTCOME_NOTHING, CS_ERR_FULL);
	begin();
	assert_int_equal(ISSUE_USED, state_of(gone));
	assert_int_equal(ISSUE_USED, state_of(kept));
	delete_issue(gone);
	commit();
	reopen();			/* the use of the one that is gone is passed over */
	begin();
	assert_int_equal(ISSUE_USED, state_of(kept));
	commit();
}

/* Both end in the same bits: only their events tell which was used. */
static void a_use_is_not_taken_for_that_of_a_code_alike(void **state)
{
	(void)state;
	begin();
	issue_a_code();
	store_put_issue(store, &(struct issue){ .id = 14930353, .account = 7 });
	store->request.last[SEQ_ISSUE] = 14930353;
	use(1);
	keep();
	assert_int_equal(ISSUE_USED, state_of(1));
	assert_int_equal(ISSUE_LIVE, state_of(14930353));
	use(14930353);
	keep();
	assert_int_equal(ISSUE_USED, state_of(1));
	assert_int_equal(ISSUE_USED, state_of(14930353));
	commit();
	reopen();
	begin();
	assert_int_equal(ISSUE_USED, state_of(1));
	assert_int_equal(ISSUE_USED, state_of(14930353));
	commit();
}

/* An administrator's suspension ends those of the account and no others. */
static void a_code_is_not_taken_for_one_of_an_account_alike(void **state)
{
	struct issue ours = { .account = 1, .tag = { 1 } }, theirs = { .account = 14930353 }, got;

	(void)state;
	begin();
	theirs.id = store_new_id(store, SEQ_ISSUE);
	store_put_issue(store, &theirs);
	ours.id = store_new_id(store, SEQ_ISSUE);
	store_put_issue(store, &ours);
	keep();
	assert_int_equal(CS_OK, store_next_issue_of(store, 1, 0, &got));
	assert_int_equal(ours.id, got.id);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_issue_of(store, 1, got.id, &got));
	assert_int_equal(CS_OK, store_next_issue_of(store, 14930353, 0, &got));
	assert_int_equal(theirs.id, got.id);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_issue_of(store, 14930353, got.id, &got));
	assert_int_equal(0, got.id);
	commit();
}

static void a_code_from_after_the_log_is_not_opened(void **state)
{
	struct issue i = { .account = 7, .event = 2 };

	(void)state;
	begin();
	put_event(store);
	i.id = store_new_id(store, SEQ_ISSUE);
	store_put_issue(store, &i);
	keep();
	commit();
	store_close_it();
	assert_int_equal(CS_ERR_CONFIG, store_open(&conf, &store));
	store = NULL;
}

/* It may have been a use. */
static void a_log_with_a_hole_is_not_opened(void **state)
{
	struct rowkey key = rowkey1(2);

	(void)state;
	begin();
	issue_a_code();
	use(1);
	put_event(store);
	store_del(store, TABLE_EVENT, rowkey_bytes(&key));
	keep();
	commit();
	store_close_it();
	assert_int_equal(CS_ERR_CONFIG, store_open(&conf, &store));
	store = NULL;
}

/* The event is what is on the disk; a use without one would be forgotten. */
static void a_use_without_an_event_is_not_kept(void **state)
{
	(void)state;
	begin();
	issue_a_code();
	keep();
	store_use_issue(store, 1, 0);
	assert_int_equal(CS_ERR_FORMAT, store_keep(store));
	commit_fails(OUTCOME_NOTHING, CS_ERR_FORMAT);
}

/* Refusals name the code, too, and other acts do. */
static void only_an_accepted_verification_uses_a_code(void **state)
{
	struct audit_event e = {
		.kind = EVENT_REVOKE,
		.verdict = CS_ACCEPTED,
		.credential = CS_STR("I1"),
	};
	struct staged_event staged;

	(void)state;
	begin();
	issue_a_code();
	issue_a_code();
	put_verification("I1", CS_REFUSED);
	put_verification("A1", CS_ACCEPTED);
	e.id = store_new_id(store, SEQ_EVENT);
	assert_int_equal(CS_OK, store_put_event(store, &e, &staged));
	put_verification("I2", CS_ACCEPTED);
	keep();
	commit();
	reopen();
	begin();
	assert_int_equal(ISSUE_LIVE, state_of(1));
	assert_int_equal(ISSUE_USED, state_of(2));
	commit();
}

static void memos_come_oldest_first_and_the_later_of_two_answers(void **state)
{
	/* The index knows them by the same eight bytes. */
	static const uint8_t first[16] = { 200 }, second[16] = { [0] = 200, [15] = 1 };
	struct memo m = { .steady = 256 };
	uint64_t number = 0;

	(void)state;
	begin();
	store_put_memo(store, first, &m);
	m.steady = 257;
	store_put_memo(store, second, &m);
	keep();
	assert_int_equal(CS_OK, store_next_memo(store, &number, &m));
	assert_true(number == 1 && m.steady == 256);
	assert_int_equal(CS_OK, store_next_memo(store, &number, &m));
	assert_true(number == 2 && m.steady == 257);
	assert_int_equal(CS_ERR_NOTFOUND, store_next_memo(store, &number, &m));
	assert_int_equal(CS_OK, store_get_memo(store, second, &m));
	assert_int_equal(257, m.steady);
	m.steady = 300;
	store_put_memo(store, first, &m);
	keep();
	store_del_memo(store, 1);
	keep();
	assert_int_equal(CS_OK, store_get_memo(store, first, &m));
	assert_int_equal(300, m.steady);
	store_del_memo(store, 3);
	keep();
	assert_int_equal(CS_ERR_NOTFOUND, store_get_memo(store, first, &m));
	commit();
}

static void a_memo_is_found_after_a_restart_and_not_after_a_lost_batch(void **state)
{
	static const uint8_t kept[16] = { 1 }, lost[16] = { 2 }, dropped[16] = { 3 };
	static const char text[TEXT_MAX_LEN + 1];
	struct account unfit = { .id = 1, .display = { text, sizeof(text) } };
	struct memo m = { .steady = 1 };

	(void)state;
	begin();
	store_put_memo(store, kept, &m);
	keep();
	store_put_memo(store, dropped, &m);
	store_drop(store);
	assert_int_equal(CS_ERR_NOTFOUND, store_get_memo(store, dropped, &m));
	commit();
	begin();
	store_put_memo(store, lost, &m);
	keep();
	assert_int_equal(CS_OK, store_get_memo(store, lost, &m));
	store_del_memo(store, 1);
	keep();
	store_put_account(store, &unfit);
	assert_int_equal(CS_ERR_LIMIT, store_keep(store));
	commit_fails(OUTCOME_NOTHING, CS_ERR_LIMIT);
	assert_int_equal(1, store->index[INDEX_MEMO].used);
	begin();
	assert_int_equal(CS_ERR_NOTFOUND, store_get_memo(store, lost, &m));
	assert_int_equal(CS_OK, store_get_memo(store, kept, &m));
	store_put_memo(store, lost, &m);
	keep();
	commit();
	reopen();
	begin();
	assert_int_equal(CS_OK, store_get_memo(store, kept, &m));
	assert_int_equal(CS_OK, store_get_memo(store, lost, &m));
	assert_int_equal(CS_ERR_NOTFOUND, store_get_memo(store, dropped, &m));
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)
		TEST(an_issue_is_found_by_its_tag_until_another_takes_it),
		TEST(an_issue_is_found_after_a_restart_and_not_after_a_lost_batch),
		TEST(a_used_code_tells_of_its_use_wherever_it_is_found),
		TEST(a_code_is_used_after_a_restart_and_not_after_a_lost_batch),
		TEST(a_deleted_code_stays_used_when_the_batch_is_lost),
		TEST(a_log_with_a_hole_is_not_opened),
		TEST(a_code_from_after_the_log_is_not_opened),
		TEST(a_code_is_not_taken_for_one_of_an_account_alike),
		TEST(a_use_is_not_taken_for_that_of_a_code_alike),
		TEST(a_use_without_an_event_is_not_kept),
		TEST(only_an_accepted_verification_uses_a_code),
		TEST(memos_come_oldest_first_and_the_later_of_two_answers),
		TEST(a_memo_is_found_after_a_restart_and_not_after_a_lost_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * What happened to an account, for its administrators; and Changes, which
 * wakes their pages and tells nobody else a thing.
 */
#include "desk.h"

#include "../daemon/activity.h"
#include "../daemon/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;
static const char *dana;
static char acme[CHANNEL_TEXT], bolt[CHANNEL_TEXT];

static uint64_t account_id(const char *name)
{
	struct account account;

	desk_begin(&desk);
	assert_int_equal(store_find_account(desk.store, cs_str(name), &account), CS_OK);
	desk_commit(&desk);
	return account.id;
}

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "limit { issue = \"32/1s\" }\n");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "bolt", "eve");
	dana = desk_log_in(&desk, "dana", true);
	channel_name(desk.vault, account_id("acme"), acme);
	channel_name(desk.vault, account_id("bolt"), bolt);
	return 0;
}

/* The stream's cursor outlives what is asked in between. */
static struct cursor stream;

static void listen_to_changes(void)
{
	assert_int_equal(desk_ask(&desk, "panel.Changes", "%s", ""), CS_OK);
	assert_int_equal(desk_rows_told(&desk), 1);
	assert_string_equal(desk_text(&desk, "channel"), "");
	assert_true(desk.told.follow);
	stream = desk.told;
}

/* What the stream says next. */
static unsigned hear(void)
{
	struct cursor mine;

	/* to be asked again is the same as to go on */
	assert_int_equal(desk_ask(&desk, "panel.Changes", "%s", ""), CS_OK);
	desk.told = stream;
	assert_int_equal(desk_go_on(&desk), CS_OK);
	mine = desk.told;
	assert_true(mine.follow);
	stream = mine;
	return desk_rows_told(&desk);
}

static void an_event_names_its_accounts_channel(void **state)
{
	(void)state;
	listen_to_changes();
	assert_int_equal(hear(), 0);
	desk_issue(&desk, "'account':'bolt','administrator':'eve'");
	assert_int_equal(hear(), 1);
	assert_string_equal(desk_text(&desk, "channel"), bolt);
	assert_int_equal(hear(), 0);
	/* once, however many events there were of it in a row */
	desk_issue(&desk, "'account':'acme','administrator':'dana'");
	desk_issue(&desk, "'account':'acme','administrator':'dana','replace':true");
	assert_int_equal(hear(), 1);
	assert_string_equal(desk_text(&desk, "channel"), acme);
}

static void a_call_is_heard_of_though_it_is_no_event(void **state)
{
	uint64_t events;

	(void)state;
	listen_to_changes();
	events = desk_events(&desk);
	desk_ask(&desk, "staff.Prepare", "'account':'acme','action':'report.mail'");
	assert_int_equal(desk_events(&desk), events);
	assert_int_equal(hear(), 1);
	assert_string_equal(desk_text(&desk, "channel"), acme);
	/* the same again opens nothing, another change does */
	desk_ask(&desk, "staff.Prepare", "'account':'acme','action':'report.mail'");
	assert_int_equal(hear(), 0);
	desk_ask(&desk, "staff.Prepare", "'account':'acme','action':'filter.list'");
	assert_int_equal(hear(), 1);
	/* what opens no call is nothing */
	desk_ask(&desk, "staff.Prepare", "'account':'acme','action':'general'");
	assert_int_equal(hear(), 0);
}

/* Who was too slow for all of it is told to look at everything again. */
static void more_calls_than_are_kept_are_one_row_for_all(void **state)
{
	(void)state;
	listen_to_changes();
	for (unsigned i = 0; i <= OPENINGS_KEPT; i++)
		channel_note(&desk.openings, 1);
	assert_int_equal(hear(), 1);
	assert_string_equal(desk_text(&desk, "channel"), "");
	assert_int_equal(hear(), 0);
}

static void many_events_come_in_several_answers(void **state)
{
	unsigned n = 0;

	(void)state;
	listen_to_changes();
	desk_begin(&desk);
	for (unsigned i = 0; i < 700; i++)
		desk_issue(&desk, "'account':'%s','administrator':'%s','replace':true",
		    i % 2 == 0 ? "acme" : "bolt", i % 2 == 0 ? "dana" : "eve");
	desk_commit(&desk);
	do
		n += hear();
	while (stream.again);
	assert_true(n >= 64);
	assert_int_equal(hear(), 0);
}

static void a_channels_name_tells_nothing_and_is_the_stores_own(void **state)
{
	struct vault *other = desk_vault(7);
	char name[CHANNEL_TEXT];

	(void)state;
	assert_string_not_equal(acme, bolt);
	channel_name(other, account_id("acme"), name);
	assert_string_not_equal(name, acme);
	vault_close(&other);
}

/* Rows of acme's events that pass a filter. */
static unsigned activity(const char *more)
{
	assert_int_equal(desk_ask(&desk, "panel.Activity", "'session':'%s','account':'acme'%s",
	    dana, more), CS_OK);
	return desk_rows_told(&desk);
}

/* So many verifications and codes of acme's, among those of bolt. */
static void live(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const char *code = desk_issue(&desk, "'account':'acme','administrator':'dana'");

		desk_issue(&desk, "'account':'bolt','administrator':'eve','replace':true");
		assert_string_equal(desk_verify(&desk, "'account':'acme','action':'report.mail',"
		    "'code':'%s'", code), "accepted");
		desk_pass(&desk, 1);
	}
}

static void the_newest_comes_first_and_no_other_account_at_all(void **state)
{
	int64_t last = INT64_MAX;

	(void)state;
	live(3);
	/* account-add, admin-add, three codes and three verifications */
	assert_int_equal(activity(""), 8);
	for (unsigned i = 0; i < 8; i++) {
		desk_row(&desk, i);
		assert_string_equal(desk_text(&desk, "account"), "acme");
		assert_true(desk_int(&desk, "event") < last);
		last = desk_int(&desk, "event");
	}
	desk_row(&desk, 0);
	assert_string_equal(desk_text(&desk, "kind"), "verify");
	assert_string_equal(desk_text(&desk, "technician"), "mia");
	assert_string_equal(desk_text(&desk, "title"), "Report of mail transferred");
	assert_string_equal(desk_text(&desk, "asserter"), "");
}

/* Behind the index, ahead of it, and where one goes over into the other. */
static void the_index_changes_nothing_that_is_told(void **state)
{
	char before[16384];

	(void)state;
	live(5);
	desk_purge(&desk);
	assert_true(desk_rows(&desk, TABLE_EVENT_OF) >= 12);
	live(5);
	assert_int_equal(activity(""), 22);
	memcpy(before, desk.rows, sizeof(before));
	desk_purge(&desk);
	assert_int_equal(activity(""), 22);
	assert_memory_equal(before, desk.rows, desk.rows_len);
	desk_restart(&desk);
	assert_int_equal(activity(""), 22);
}

/* With the index nothing of others is read, however much there is of it. */
static void others_events_are_not_read(void **state)
{
	uint64_t at;
	unsigned most = 1;
	struct audit_event event;

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		desk_issue(&desk, "'account':'bolt','administrator':'eve','replace':true");
	desk_purge(&desk);
	desk_begin(&desk);
	at = store_count(desk.store, SEQ_EVENT) + 1;
	assert_int_equal(activity_previous(desk.store, 1, &at, &most, &event), CS_OK);
	assert_int_equal(event.account_id, 1);
	assert_int_equal(event.id, at);
	desk_commit(&desk);
}

static void filters_leave_out_what_they_say(void **state)
{
	char more[80];

	(void)state;
	live(3);
	desk_purge(&desk);
	live(2);
	assert_int_equal(activity(",'kind':'verify'"), 5);
	assert_int_equal(activity(",'technician':'mia'"), 5);
	assert_int_equal(activity(",'administrator':'dana','kind':'issue'"), 5);
	assert_int_equal(activity(",'administrator':'Dana','kind':'issue'"), 5);
	assert_int_equal(activity(",'administrator':'DANA r.','kind':'issue'"), 5);
	assert_int_equal(activity(",'administrator':'dana R','kind':'issue'"), 0);
	assert_int_equal(activity(",'action':'filter.list'"), 0);
	assert_int_equal(activity(",'kind':'nothing'"), 0);
	snprintf(more, sizeof(more), ",'since':%lld", (long long)desk.at.wall - 2);
	assert_int_equal(activity(more), 4);
	snprintf(more, sizeof(more), ",'until':%lld", (long long)desk.at.wall - 2);
	assert_int_equal(activity(more), 8);
	snprintf(more, sizeof(more), ",'since':%lld,'until':%lld", (long long)desk.at.wall - 2,
	    (long long)desk.at.wall - 1);
	assert_int_equal(activity(more), 2);
}

static void a_page_goes_on_before_the_last_ones_end(void **state)
{
	unsigned told = 0, n;
	int64_t before = 1000000;
	char more[64];

	(void)state;
	live(40);
	desk_purge(&desk);
	live(10);
	do {
		snprintf(more, sizeof(more), ",'count':20,'before':%lld", (long long)before);
		n = activity(more);
		assert_true(n <= 20);
		for (unsigned i = 0; i < n; i++) {
			desk_row(&desk, i);
			assert_true(desk_int(&desk, "event") < before);
			before = desk_int(&desk, "event");
		}
		told += n;
	} while (n > 0);
	assert_int_equal(told, 102);
	/* a hundred unless told, in answers of sixty-four */
	n = activity("");
	assert_int_equal(n, ROWS_AT_ONCE);
	assert_true(desk.told.again);
	assert_int_equal(desk_go_on(&desk), CS_OK);
	assert_int_equal(n + desk_rows_told(&desk), 100);
	assert_false(desk.told.again);
}

static void a_count_out_of_bounds_is_refused(void **state)
{
	static const char *const bad[] = { "'count':0", "'count':1001", "'before':-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		desk_ask(&desk, "panel.Activity", "'session':'%s','account':'acme',%s", dana,
		    bad[i]);
		assert_string_equal(desk_text(&desk, "error"), "InvalidParameter");
	}
}

/* Design §9: whoever says "this wasn't me" wants to know where from it was done. */
static void what_is_done_on_the_page_is_told_with_where_it_was_done(void **state)
{
	static const char *const acts[][2] = {
		{ "Generate", "'account':'acme','action':'filter.list'" },
		{ "CancelCode", "'account':'acme','issue':'I1'" },
		{ "DenyCall", "'account':'acme','call':'C1'" },
		{ "OpenTicket", "'account':'acme','subject':'s','text':'t'" },
		{ "ReplyTicket", "'ticket':'T1','text':'t'" },
		{ "CloseTicket", "'ticket':'T1'" },
		{ "EnrollAuthenticator", "'purpose':'login','label':'x'" },
		{ "RecoveryCodes", "" },
		{ "SetPersonRights", "'account':'acme','administrator':'frank','all':true" },
		{ "SuspendPerson", "'account':'acme','administrator':'frank'" },
		{ "RemovePerson", "'account':'acme','administrator':'frank'" },
		{ "InvitePerson", "'account':'acme','name':'H','administrator':'hal','all':true" },
		{ "FreezeAccount", "'account':'acme'" },
	};
	char method[64];

	(void)state;
	desk_add(&desk, "acme", "frank");
	desk_ask(&desk, "staff.Prepare", "'account':'acme','action':'report.mail'");
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		uint64_t before = desk_events(&desk);

		snprintf(method, sizeof(method), "panel.%s", acts[i][0]);
		desk_ask(&desk, method, "%s%s'session':'%s'", acts[i][1],
		    acts[i][1][0] != '\0' ? "," : "", dana);
		assert_string_equal(desk_text(&desk, "error"), "");
		assert_true(desk_events(&desk) > before);
		while (before < desk_events(&desk)) {
			desk_event(&desk, ++before);
			assert_string_equal(desk_text(&desk, "client"), "192.0.2.7");
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_event_names_its_accounts_channel),
		TEST(a_call_is_heard_of_though_it_is_no_event),
		TEST(more_calls_than_are_kept_are_one_row_for_all),
		TEST(many_events_come_in_several_answers),
		TEST(a_channels_name_tells_nothing_and_is_the_stores_own),
		TEST(the_newest_comes_first_and_no_other_account_at_all),
		TEST(the_index_changes_nothing_that_is_told),
		TEST(others_events_are_not_read),
		TEST(filters_leave_out_what_they_say),
		TEST(a_page_goes_on_before_the_last_ones_end),
		TEST(a_count_out_of_bounds_is_refused),
		TEST(what_is_done_on_the_page_is_told_with_where_it_was_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

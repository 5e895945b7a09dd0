/* SPDX-License-Identifier: ISC
 *
 * Who gave no sign of life is listed, and suspended where that is wanted and
 * somebody else is left.
 */
#include "desk.h"

#include "../daemon/purge.h"
#include "../daemon/rowkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY 86400
#define REPORT "'account':'acme','action':'report.mail'"

static struct desk desk;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "dormant = 30d suspend-dormant = yes\n"
	    "action report.mail { authenticator = true }");
	desk_add(&desk, "acme", "dana");
	return 0;
}

static void add(const char *account, const char *admin)
{
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'%s','administrator':'%s','reason':'test'", account, admin), CS_OK);
}

static void issue(const char *admin)
{
	assert_int_equal(strlen(desk_issue(&desk, "'account':'acme','administrator':'%s'", admin)),
	    9);
}

static const char *state_of(const char *admin)
{
	assert_int_equal(desk_ask(&desk, "control.ShowAdministrator", "'administrator':'%s'",
	    admin), CS_OK);
	return desk_text(&desk, "state");
}

/* The name in the first row, "" when nobody is. */
static const char *dormant(const char *more)
{
	assert_int_equal(desk_ask(&desk, "control.ListAdministrators", "'dormant':true%s", more),
	    CS_OK);
	return desk_text(&desk, "administrator");
}

static uint64_t suspensions(void)
{
	uint64_t n = 0, last = desk_events(&desk);

	for (uint64_t id = 1; id <= last; id++) {
		desk_event(&desk, id);
		n += strcmp(desk_text(&desk, "kind"), "admin-suspend") == 0;
	}
	return n;
}

static void who_gave_no_sign_of_life_is_suspended_with_an_event(void **state)
{
	(void)state;
	add("acme", "eve");
	desk_pass(&desk, 20 * DAY);
	issue("dana");
	desk_pass(&desk, 10 * DAY - 1);
	desk_purge(&desk);
	assert_string_equal(state_of("eve"), "active");
	assert_string_equal(dormant(""), "");
	desk_pass(&desk, 1);
	assert_string_equal(dormant(""), "eve");
	desk_purge(&desk);
	assert_string_equal(state_of("eve"), "suspended");
	assert_string_equal(state_of("dana"), "active");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "admin-suspend");
	assert_string_equal(desk_text(&desk, "administrator"), "eve");
	assert_string_equal(desk_text(&desk, "account"), "acme");
	assert_string_equal(desk_text(&desk, "note"), "dormant: no sign of life for 30 days");
	desk_purge(&desk);
	assert_int_equal(suspensions(), 1);
}

static void by_default_they_are_only_listed(void **state)
{
	(void)state;
	desk_reload(&desk, "");
	add("acme", "eve");
	desk_pass(&desk, 90 * DAY);
	issue("dana");
	desk_purge(&desk);
	assert_string_equal(dormant(""), "eve");
	assert_string_equal(state_of("eve"), "active");
	assert_string_equal(dormant(",'after':7776001"), "");
	assert_string_equal(dormant(",'account':'acme','after':60"), "eve");
	assert_int_equal(desk_ask(&desk, "control.ListAdministrators", "'after':60"),
	    CS_ERR_ANSWERED);
}

/* Both are dormant; the one who was seen last stays, whatever the order. */
static void an_account_is_never_left_without_an_active_administrator(void **state)
{
	(void)state;
	add("acme", "eve");
	desk_pass(&desk, 2 * DAY);
	issue("dana");
	desk_pass(&desk, 60 * DAY);
	desk_purge(&desk);
	assert_string_equal(state_of("dana"), "active");
	assert_string_equal(state_of("eve"), "suspended");
	desk_pass(&desk, 60 * DAY);
	desk_purge(&desk);
	assert_string_equal(state_of("dana"), "active");
	assert_string_equal(dormant(""), "dana");
}

static void of_two_who_were_last_seen_together_one_stays(void **state)
{
	(void)state;
	add("acme", "eve");
	desk_pass(&desk, 60 * DAY);
	desk_purge(&desk);
	assert_int_equal(suspensions(), 1);
	assert_string_equal(state_of("dana"), "suspended");
	assert_string_equal(state_of("eve"), "active");
}

/* Suspended colleagues do not count as somebody. */
static void the_last_one_of_another_account_stays_in_all(void **state)
{
	(void)state;
	add("acme", "eve");
	assert_int_equal(desk_ask(&desk, "control.AddAccount", "'account':'bolt'"), CS_OK);
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'eve','existing':true"), CS_OK);
	add("bolt", "fay");
	assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator",
	    "'administrator':'fay','account':'bolt'"), CS_OK);
	desk_pass(&desk, 60 * DAY);
	issue("dana");
	desk_purge(&desk);
	assert_string_equal(state_of("eve"), "active");
	assert_int_equal(desk_ask(&desk, "control.ResumeAdministrator",
	    "'administrator':'fay','account':'bolt'"), CS_OK);
	desk_purge(&desk);
	assert_string_equal(state_of("eve"), "suspended");
	assert_string_equal(state_of("fay"), "active");
}

static void what_they_held_ends_with_it(void **state)
{
	(void)state;
	add("acme", "eve");
	assert_int_equal(desk_ask(&desk, "control.InviteAdministrator",
	    "'administrator':'eve','reason':'test'"), CS_OK);
	desk_pass(&desk, 30 * DAY);
	issue("dana");
	assert_int_equal(desk_rows(&desk, TABLE_INVITE), 1);
	desk_purge(&desk);
	assert_string_equal(state_of("eve"), "suspended");
	assert_int_equal(desk_rows(&desk, TABLE_INVITE), 0);
}

/* One step does both: it ends a code that nobody used, and deletes it. */
static void a_code_that_is_purged_does_not_return_when_it_ends(void **state)
{
	struct dormant_walk walk = { .admin = 0 };

	(void)state;
	add("acme", "eve");
	issue("eve");
	desk_pass(&desk, 30 * DAY);
	issue("dana");
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), 2);
	desk_begin(&desk);
	assert_int_equal(purge_step(desk.store, desk.conf, desk.vault, &desk.now, &walk), CS_OK);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	assert_string_equal(state_of("eve"), "suspended");
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), 1);
}

/* Each of these is one, and nothing else that is tried here. */
static void what_gives_a_sign_of_life(void **state)
{
	uint8_t secret[20], second[20];
	const char *code;

	(void)state;
	desk_enroll(&desk, "dana", "support", secret);
	add("acme", "eve");
	desk_pass(&desk, 31 * DAY);
	assert_string_equal(dormant(""), "dana");
	assert_string_equal(desk_verify(&desk, REPORT ",'administrator':'dana','code':'%s'",
	    desk_app(&desk, secret)), "accepted");
	assert_string_equal(dormant(""), "eve");
	code = desk_keep(&desk, desk_issue(&desk, "'account':'acme','administrator':'eve'"));
	assert_string_equal(dormant(""), "");
	assert_int_equal(strlen(code), 9);
	desk_pass(&desk, 31 * DAY);
	assert_string_equal(dormant(""), "dana");
	desk_enroll(&desk, "dana", "login", second);
	assert_string_equal(dormant(""), "eve");
	desk_verify(&desk, REPORT ",'code':'%s'", desk_wrong(&desk));
	assert_string_equal(dormant(""), "eve");
	assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator",
	    "'administrator':'eve'"), CS_OK);
	assert_string_equal(dormant(""), "eve");
	assert_int_equal(desk_ask(&desk, "control.ResumeAdministrator",
	    "'administrator':'eve'"), CS_OK);
	assert_string_equal(dormant(""), "");
}

static void a_log_in_is_a_sign_of_life(void **state)
{
	(void)state;
	desk_pass(&desk, 31 * DAY);
	assert_string_equal(dormant(""), "dana");
	desk_log_in(&desk, "dana", false);
	assert_string_equal(dormant(""), "");
}

/* The hot path: no row is written again within a day. */
static void a_day_is_written_once(void **state)
{
	struct alive activity;
	const char *code;
	int64_t first = desk.at.wall;

	(void)state;
	desk_pass(&desk, DAY - 1);
	code = desk_keep(&desk, desk_issue(&desk, "'account':'acme','administrator':'dana'"));
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s'", code), "accepted");
	desk_begin(&desk);
	assert_int_equal(store_get_alive(desk.store, 1, &activity), CS_OK);
	desk_commit(&desk);
	assert_int_equal(activity.wall, first);
	desk_pass(&desk, 1);
	issue("dana");
	desk_begin(&desk);
	assert_int_equal(store_get_alive(desk.store, 1, &activity), CS_OK);
	desk_commit(&desk);
	assert_int_equal(activity.wall, first + DAY);
}

static void a_clock_that_jumps_ahead_makes_nobody_dormant(void **state)
{
	(void)state;
	add("acme", "eve");
	desk.at.wall += 400 * DAY;
	issue("dana");
	desk_purge(&desk);
	assert_string_equal(dormant(""), "");
	assert_string_equal(state_of("eve"), "active");
	desk.at.wall -= 400 * DAY;
	issue("dana");
	desk_pass(&desk, 30 * DAY);
	assert_string_equal(dormant(""), "dana");
}

/* A store from before there were such records, and people of an import. */
static void who_has_no_record_begins_to_count_with_the_first_walk(void **state)
{
	(void)state;
	add("acme", "eve");
	desk_begin(&desk);
	store_del_alive(desk.store, 1);
	store_del_alive(desk.store, 2);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	desk_pass(&desk, 400 * DAY);
	assert_string_equal(dormant(""), "");
	desk_purge(&desk);
	assert_string_equal(dormant(""), "");
	desk_pass(&desk, 30 * DAY);
	desk_purge(&desk);
	assert_string_equal(state_of("dana"), "suspended");
	assert_string_equal(state_of("eve"), "active");
}

/* A few in each step; then it rests for an hour. */
static void a_walk_takes_small_steps_and_rests(void **state)
{
	struct dormant_walk walk = { .admin = 0 };
	unsigned steps = 0;
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 120; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		add("acme", name);
	}
	desk_pass(&desk, 40 * DAY);
	issue("dana");
	desk_purge(&desk);
	assert_int_equal(suspensions(), 120);
	for (; walk.rest == 0; steps++) {
		desk_begin(&desk);
		assert_int_equal(purge_step(desk.store, desk.conf, desk.vault, &desk.now, &walk),
		    CS_OK);
		store_drop(desk.store);
		desk_commit(&desk);
	}
	assert_int_equal(steps, 3);
	assert_int_equal(walk.rest, desk.now.steady + 3600);
}

/* How many lines the next steps of the purge log. */
static unsigned lines_of_steps(struct dormant_walk *walk, unsigned steps)
{
	FILE *f = tmpfile();
	int before = dup(STDERR_FILENO), c;
	unsigned lines = 0;

	assert_non_null(f);
	dup2(fileno(f), STDERR_FILENO);
	while (steps-- > 0) {
		desk_begin(&desk);
		if (purge_step(desk.store, desk.conf, desk.vault, &desk.now, walk) == CS_OK)
			store_keep(desk.store);
		desk_commit(&desk);
	}
	dup2(before, STDERR_FILENO);
	close(before);
	rewind(f);
	while ((c = getc(f)) != EOF)
		lines += c == '\n';
	fclose(f);
	return lines;
}

/* What a disk did to one record. */
static void damage(enum table table, uint64_t id)
{
	struct rowkey key = rowkey1(id);

	desk_begin(&desk);
	store_put(desk.store, table, rowkey_bytes(&key), (struct bytes){ "\1damaged", 8 });
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
}

static void a_damaged_administrator_holds_up_nobody_else_and_is_told_of_once(void **state)
{
	struct dormant_walk walk = { .admin = 0 };

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.AddAccount", "'account':'bolt'"), CS_OK);
	add("acme", "gus");
	add("bolt", "eve");
	add("acme", "fay");
	issue("fay");
	desk_pass(&desk, 30 * DAY);
	issue("dana");
	damage(TABLE_ADMIN, 3);
	assert_int_equal(lines_of_steps(&walk, 3), 1);
	assert_string_equal(state_of("gus"), "suspended");
	assert_string_equal(state_of("fay"), "suspended");
	assert_int_equal(desk_rows(&desk, TABLE_ISSUE), 1);
	desk_pass(&desk, 3600);
	assert_int_equal(lines_of_steps(&walk, 3), 0);
	assert_int_equal(walk.rest, desk.now.steady + 3600);
}

/* No event can say so, so it is not done. */
static void nobody_is_suspended_for_an_account_that_is_damaged(void **state)
{
	struct dormant_walk walk = { .admin = 0 };
	struct admin eve;

	(void)state;
	add("acme", "gus");
	assert_int_equal(desk_ask(&desk, "control.AddAccount", "'account':'bolt'"), CS_OK);
	add("bolt", "eve");
	add("bolt", "hal");
	desk_pass(&desk, 30 * DAY);
	issue("dana");
	damage(TABLE_ACCOUNT, 2);
	assert_int_equal(lines_of_steps(&walk, 3), 1);
	assert_string_equal(state_of("gus"), "suspended");
	desk_begin(&desk);
	assert_int_equal(store_find_admin(desk.store, CS_STR("eve"), &eve), CS_OK);
	desk_commit(&desk);
	assert_int_equal(eve.standing, STANDING_ACTIVE);
	assert_int_equal(suspensions(), 1);
}

static void who_is_removed_leaves_no_record(void **state)
{
	(void)state;
	add("acme", "eve");
	assert_int_equal(desk_rows(&desk, TABLE_ALIVE), 2);
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator", "'administrator':'eve'"),
	    CS_OK);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_ALIVE), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_gave_no_sign_of_life_is_suspended_with_an_event),
		TEST(by_default_they_are_only_listed),
		TEST(an_account_is_never_left_without_an_active_administrator),
		TEST(of_two_who_were_last_seen_together_one_stays),
		TEST(the_last_one_of_another_account_stays_in_all),
		TEST(what_they_held_ends_with_it),
		TEST(a_code_that_is_purged_does_not_return_when_it_ends),
		TEST(what_gives_a_sign_of_life),
		TEST(a_log_in_is_a_sign_of_life),
		TEST(a_day_is_written_once),
		TEST(a_clock_that_jumps_ahead_makes_nobody_dormant),
		TEST(who_has_no_record_begins_to_count_with_the_first_walk),
		TEST(a_walk_takes_small_steps_and_rests),
		TEST(a_damaged_administrator_holds_up_nobody_else_and_is_told_of_once),
		TEST(nobody_is_suspended_for_an_account_that_is_damaged),
		TEST(who_is_removed_leaves_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * Technicians who have asked, and those who may not any more.
 */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define REPORT "'account':'acme','action':'report.mail'"

static struct desk desk;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	return 0;
}

static char *issue(void)
{
	return desk_keep(&desk,
	    desk_issue(&desk, "'account':'acme','administrator':'dana','replace':true"));
}

static const char *ask(const char *method, const char *parameters)
{
	desk_ask(&desk, method, "%s", parameters);
	return desk_text(&desk, "error");
}

static struct seen mia(void)
{
	struct seen seen;

	desk_begin(&desk);
	assert_int_equal(store_get_seen(desk.store, DESK_MIA, &seen), CS_OK);
	desk_commit(&desk);
	return seen;
}

static void who_asks_is_listed_to_the_minute(void **state)
{
	int64_t minute = desk.at.wall / 60 * 60;

	(void)state;
	assert_string_equal(ask("control.ListTechnicians", ""), "");
	assert_string_equal(desk_text(&desk, "technician"), "");
	ask("staff.Prepare", REPORT);
	desk_verify(&desk, REPORT ",'code':'%s'", desk_wrong(&desk));
	desk_pass(&desk, 7260);
	desk_verify(&desk, REPORT ",'code':'%s'", desk_wrong(&desk));
	ask("control.ListTechnicians", "");
	assert_string_equal(desk_text(&desk, "technician"), "mia");
	assert_int_equal(desk_int(&desk, "uid"), DESK_MIA);
	assert_string_equal(desk_text(&desk, "state"), "active");
	assert_int_equal(desk_int(&desk, "first"), minute);
	assert_int_equal(desk_int(&desk, "last"), (minute + 7260) / 60 * 60);
	assert_int_equal(desk_int(&desk, "tries"), 2);
}

/* The hot path: no row is written again within a minute. */
static void a_minute_is_written_once(void **state)
{
	(void)state;
	desk.at.wall = 1790000040;
	ask("staff.Prepare", "'account':'acme'");
	for (int i = 0; i < 3; i++) {
		desk_begin(&desk);
		assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme'"), CS_OK);
		assert_false(store_wrote(desk.store));
		desk_commit(&desk);
		desk_pass(&desk, 5);
	}
}

static void a_suspended_technician_is_refused_at_once_and_loses_what_was_given(void **state)
{
	char *code = issue(), *grant;

	(void)state;
	desk_verify(&desk, REPORT ",'code':'%s','grant':true,'request':'0123456789abcdef'", code);
	grant = desk_keep(&desk, desk_text(&desk, "grant"));
	ask("staff.Prepare", REPORT);
	assert_string_equal(ask("control.SuspendTechnician", "'technician':'mia','reason':'left'"),
	    "");
	assert_int_equal(desk_int(&desk, "grants"), 1);
	assert_int_equal(desk_int(&desk, "calls"), 1);
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "technician-suspend");
	assert_string_equal(desk_text(&desk, "technician"), "mia");
	assert_string_equal(desk_text(&desk, "note"), "left");
	desk_restart(&desk);
	code = issue();
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s'", code), "NotPermitted");
	assert_string_equal(desk_redeem(&desk, REPORT ",'grant':'%s'", grant), "NotPermitted");
	assert_string_equal(ask("staff.Prepare", REPORT), "NotPermitted");
	assert_non_null(strstr(desk_text(&desk, "say"), "suspended"));
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s','grant':true,"
	    "'request':'0123456789abcdef'", code), "NotPermitted");
	assert_string_equal(ask("control.SuspendTechnician", "'technician':'mia'"), "Refused");
	desk_sit(&desk, DESK_TEO, "teo");
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s'", code), "accepted");
	assert_string_equal(ask("control.ResumeTechnician", "'technician':'mia'"), "");
	assert_string_equal(ask("control.ResumeTechnician", "'technician':'mia'"), "Refused");
	desk_sit(&desk, DESK_MIA, "mia");
	assert_string_equal(desk_redeem(&desk, REPORT ",'grant':'%s'", grant), "cancelled");
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s'", issue()), "accepted");
}

static char *take_grant(void)
{
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s','grant':true", issue()),
	    "accepted");
	return desk_keep(&desk, desk_text(&desk, "grant"));
}

static void a_technician_who_comes_back_has_what_was_given_since(void **state)
{
	char *mias = take_grant(), *teos;

	(void)state;
	desk_sit(&desk, DESK_TEO, "teo");
	teos = take_grant();
	assert_string_equal(ask("control.SuspendTechnician", "'technician':'mia'"), "");
	assert_int_equal(desk_int(&desk, "grants"), 1);
	assert_string_equal(ask("control.ResumeTechnician", "'technician':'mia'"), "");
	desk_restart(&desk);
	assert_string_equal(desk_redeem(&desk, REPORT ",'grant':'%s'", teos), "accepted");
	desk_sit(&desk, DESK_MIA, "mia");
	desk_pass(&desk, 60);
	assert_string_equal(desk_redeem(&desk, REPORT ",'grant':'%s'", mias), "cancelled");
	mias = take_grant();
	assert_string_equal(desk_redeem(&desk, REPORT ",'grant':'%s'", mias), "accepted");
	assert_string_equal(ask("control.SuspendTechnician", "'technician':'mia'"), "");
	assert_int_equal(desk_int(&desk, "grants"), 0);
}

static void who_never_asked_is_suspended_by_uid(void **state)
{
	(void)state;
	assert_string_equal(ask("control.SuspendTechnician", "'technician':'mia'"),
	    "NotFound");
	assert_string_equal(ask("control.SuspendTechnician", "'technician':'1007'"), "");
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s'", issue()), "NotPermitted");
	assert_string_equal(ask("control.ResumeTechnician", "'technician':'1007'"), "");
	assert_string_equal(desk_verify(&desk, REPORT ",'code':'%s'", issue()), "accepted");
	assert_string_equal(ask("control.SuspendTechnician", "'technician':'mia'"), "");
	assert_true(mia().suspended);
}

static void what_can_be_nobodys_name_is_refused(void **state)
{
	static const char name[] = "'technician':'%s','reason':'left'";
	char parameters[128], text[66];

	(void)state;
	memset(text, 'x', 65);
	for (unsigned len = 65; len >= 64; len--) {
		text[len] = '\0';
		snprintf(parameters, sizeof(parameters), name, text);
		assert_string_equal(ask("control.SuspendTechnician", parameters),
		    len == 65 ? "InvalidParameter" : "NotFound");
	}
}

/* A name that moved to another uid is the one who uses it now. */
static void a_name_means_who_asked_by_it_last(void **state)
{
	(void)state;
	desk_sit(&desk, 1999, "mia");
	ask("staff.Prepare", REPORT);
	desk_pass(&desk, 60);
	desk_sit(&desk, DESK_MIA, "mia");
	ask("staff.Prepare", REPORT);
	assert_string_equal(ask("control.SuspendTechnician", "'technician':'mia'"), "");
	assert_int_equal(desk_int(&desk, "uid"), DESK_MIA);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_asks_is_listed_to_the_minute),
		TEST(a_minute_is_written_once),
		TEST(a_suspended_technician_is_refused_at_once_and_loses_what_was_given),
		TEST(a_technician_who_comes_back_has_what_was_given_since),
		TEST(who_never_asked_is_suspended_by_uid),
		TEST(what_can_be_nobodys_name_is_refused),
		TEST(a_name_means_who_asked_by_it_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * One line of a roster against the store: what it may change, what it leaves.
 */
#include "desk.h"

#include <liboath/oath.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINE "'account_ref':'c1','account':'acme','admin_ref':'p1','administrator':'dana'"
#define SECRET ",'secret':'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'"
#define OTHER ",'secret':'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'"

static struct desk desk;
static long long run;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	assert_int_equal(desk_ask(&desk, "control.SyncBegin", "%s", ""), CS_OK);
	run = desk_int(&desk, "run");
	assert_int_equal(run, 1);
	return 0;
}

static void begin_run(void)
{
	assert_int_equal(desk_ask(&desk, "control.SyncBegin", "%s", ""), CS_OK);
	assert_int_equal(desk_int(&desk, "run"), ++run);
}

/* What came of the line: the administrator's change, or the error. */
static const char *sync_line(const char *parameters)
{
	assert_int_equal(desk_ask(&desk, "control.SyncRecord", "%s,'run':%lld", parameters, run),
	    CS_OK);
	return desk_text(&desk, desk.out.error.p == NULL ? "administrator" : "error");
}

static struct member find_member(void)
{
	struct member member;

	desk_begin(&desk);
	assert_int_equal(store_next_any_member(desk.store, 0, 0, &member), CS_OK);
	desk_commit(&desk);
	return member;
}

static void remove_authenticators(void)
{
	struct authenticator auth = { .id = 0 };
	uint64_t admin = find_member().admin;

	desk_begin(&desk);
	while (store_next_authenticator(desk.store, admin, auth.id, &auth) == CS_OK)
		store_del_authenticator(desk.store, admin, auth.id);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
}

static void a_secret_that_was_removed_does_not_come_back(void **state)
{
	(void)state;
	assert_string_equal(sync_line(LINE SECRET), "added");
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 1);
	remove_authenticators();
	desk_restart(&desk);
	begin_run();
	assert_string_equal(sync_line(LINE SECRET), "same");
	assert_string_equal(desk_text(&desk, "authenticator"), "same");
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 0);
	assert_string_equal(sync_line(LINE OTHER), "same");
	assert_string_equal(desk_text(&desk, "authenticator"), "added");
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 1);
}

static void a_secret_serves_one_purpose_alone(void **state)
{
	(void)state;
	sync_line(LINE SECRET);
	assert_string_equal(sync_line(LINE SECRET ",'purpose':'support'"), "Exists");
	desk_ask(&desk, "control.ImportAuthenticator",
	    "'purpose':'support'" SECRET ",'administrator':'dana'");
	assert_string_equal(desk_text(&desk, "error"), "Exists");
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 1);
	assert_string_equal(sync_line(LINE OTHER ",'purpose':'support'"), "same");
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 2);
}

static const char *verify(const char *code)
{
	return desk_verify(&desk, "'account':'acme','action':'report.mail','code':'%s',"
				  "'request':'0123456789abcdef'", code);
}

static void who_comes_back_by_a_roster_did_not_authorise_it_anew(void **state)
{
	char *code;

	(void)state;
	sync_line(LINE);
	sync_line("'account_ref':'c2','account':'bolt','admin_ref':'p1','administrator':'dana'");
	code = desk_keep(&desk, desk_issue(&desk, "'account':'acme','administrator':'dana'"));
	assert_string_equal(verify(code), "accepted");
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator",
	    "'administrator':'dana','account':'acme'"), CS_OK);
	assert_string_equal(sync_line(LINE), "added");
	assert_string_equal(verify(code), "used");
}

static void what_a_secret_accepted_holds_for_who_comes_back_by_a_roster(void **state)
{
	const int64_t step = desk.at.wall / 30;
	struct authenticator auth;
	struct authenticator_state was = { .last = step + 1, .used = desk.at.wall }, is;
	uint64_t admin;

	(void)state;
	sync_line(LINE SECRET);
	admin = find_member().admin;
	desk_begin(&desk);
	assert_int_equal(store_next_authenticator(desk.store, admin, 0, &auth), CS_OK);
	was.id = auth.id;
	store_put_authenticator_state(desk.store, &was);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator", "'administrator':'dana'"),
	    CS_OK);
	assert_string_equal(sync_line(LINE SECRET), "added");
	assert_string_equal(desk_text(&desk, "authenticator"), "added");
	desk_begin(&desk);
	assert_int_equal(store_get_authenticator_state(desk.store, auth.id + 1, &is), CS_OK);
	desk_commit(&desk);
	assert_int_equal(is.last, was.last);
}

/* Each would accept a code once. */
static void import_again(const uint8_t *secret, size_t len)
{
	char *base32 = NULL;

	assert_int_equal(oath_base32_encode((const char *)secret, len, &base32, NULL), OATH_OK);
	desk_ask(&desk, "control.ImportAuthenticator",
	    "'purpose':'support','administrator':'dana','secret':'%s'", base32);
	free(base32);
	assert_string_equal(desk_text(&desk, "error"), "Exists");
}

static void nobody_has_a_secret_twice(void **state)
{
	uint8_t secret[21] = { 0 };

	(void)state;
	desk_add(&desk, "acme", "dana");
	desk_enroll(&desk, "dana", "support", secret);
	import_again(secret, 20);
	import_again(secret, 21);	/* HMAC takes a zero more for the same key */
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 1);
	assert_int_equal(desk_ask(&desk, "control.Enroll",
	    "'administrator':'dana','purpose':'support'"), CS_OK);
	desk_ask(&desk, "control.ImportAuthenticator",
	    "'purpose':'support','administrator':'dana','secret':'%s'",
	    desk_keep(&desk, desk_text(&desk, "secret")));
	assert_string_equal(desk_text(&desk, "error"), "Exists");	/* though it is pending */
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 2);
}

/* The secret of that number, for both kinds of import. */
static char *numbered(unsigned n)
{
	char parameter[64];

	snprintf(parameter, sizeof(parameter), ",'secret':'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3P%c%c'",
	    'A' + n / 26, 'A' + n % 26);
	return desk_keep(&desk, parameter);
}

static void imports_keep_to_sixteen_authenticators_of_one_person(void **state)
{
	(void)state;
	sync_line(LINE);
	for (unsigned n = 0; n < 16; n++) {
		char line[256];

		snprintf(line, sizeof(line), LINE "%s", numbered(4 * n));
		if (n % 2 == 0)
			assert_string_equal(sync_line(line), "same");
		else
			assert_int_equal(desk_ask(&desk, "control.ImportAuthenticator",
			    "'administrator':'dana','purpose':'login'%s", numbered(4 * n)), CS_OK);
	}
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 16);
	for (unsigned dry = 0; dry < 2; dry++) {
		assert_string_equal(sync_line(dry ? LINE OTHER ",'dry_run':true" : LINE OTHER),
		    "Refused");
		desk_ask(&desk, "control.ImportAuthenticator",
		    "'administrator':'dana','purpose':'login'" OTHER "%s",
		    dry ? ",'dry_run':true" : "");
		assert_string_equal(desk_text(&desk, "error"), "Refused");
		assert_string_equal(desk_text(&desk, "why"), "too-many");
	}
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 16);
	remove_authenticators();
	assert_string_equal(sync_line(LINE OTHER), "same");	/* it was not taken for known */
	assert_string_equal(desk_text(&desk, "authenticator"), "added");
}

static void a_dry_run_leaves_the_mark_and_nothing_else(void **state)
{
	uint64_t events;

	(void)state;
	assert_string_equal(sync_line(LINE ",'dry_run':true" SECRET), "added");
	assert_int_equal(desk_rows(&desk, TABLE_ACCOUNT), 0);
	assert_int_equal(desk_rows(&desk, TABLE_ADMIN), 0);
	sync_line(LINE);
	begin_run();
	events = desk_events(&desk);
	assert_string_equal(sync_line(LINE ",'dry_run':true,'actions':['general']" SECRET),
	    "changed");
	assert_int_equal(find_member().run, run);
	assert_true(find_member().all);
	assert_int_equal(desk_events(&desk), events);
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 0);
}

static void a_refused_line_leaves_the_mark_and_nothing_else(void **state)
{
	(void)state;
	sync_line(LINE);
	begin_run();
	assert_string_equal(sync_line(LINE ",'name':'Dana','actions':['nothing']"),
	    "UnknownAction");
	assert_int_equal(find_member().run, run);
	assert_int_equal(desk_ask(&desk, "control.ShowAdministrator", "'administrator':'dana'"),
	    CS_OK);
	assert_string_equal(desk_text(&desk, "name"), "dana");
}

static void a_line_without_a_person_gives_no_rights(void **state)
{
	static const char account[] = "'account_ref':'c1','account':'acme'";

	(void)state;
	sync_line(LINE);
	for (unsigned n = 0; n < 2; n++) {
		desk_ask(&desk, "control.SyncRecord", "%s,'run':%lld%s", account, run,
		    n == 0 ? "" : ",'actions':['general']");
		assert_string_equal(desk_text(&desk, "error"), n == 0 ? "" : "InvalidParameter");
	}
	assert_string_equal(desk_text(&desk, "parameter"), "actions");
	assert_true(find_member().all);
}

/* A dry line, a refused one and a real one that changes something. */
static const char *const ways[] = {
	LINE ",'dry_run':true", LINE ",'actions':['nothing']", LINE ",'actions':['general']",
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* Or the later one's end would take whom it named for missing. */
static void an_earlier_run_that_is_slower_takes_no_mark_back(void **state)
{
	(void)state;
	sync_line(LINE);
	begin_run();
	begin_run();
	sync_line(LINE);
	for (size_t i = 0; i < WAYS; i++) {
		assert_int_equal(desk_ask(&desk, "control.SyncRecord", "%s,'run':%lld", ways[i],
		    run - 1), CS_OK);
		assert_int_equal(find_member().run, run);
	}
	assert_false(find_member().all);
}

static void an_earlier_run_that_is_slower_resumes_nobody(void **state)
{
	(void)state;
	sync_line(LINE);
	begin_run();
	begin_run();
	assert_int_equal(desk_ask(&desk, "control.SyncEnd", "'run':%lld,'suspend':1", run), CS_OK);
	assert_int_equal(desk_go_on(&desk), CS_OK);
	assert_int_equal(find_member().standing, STANDING_SUSPENDED);
	assert_int_equal(desk_ask(&desk, "control.SyncRecord", LINE ",'run':%lld", run - 1), CS_OK);
	assert_string_equal(desk_text(&desk, "administrator"), "same");
	assert_int_equal(find_member().standing, STANDING_SUSPENDED);
	begin_run();
	assert_string_equal(sync_line(LINE ",'dry_run':true"), "resumed");
	assert_string_equal(sync_line(LINE), "resumed");
	assert_int_equal(find_member().standing, STANDING_ACTIVE);
}

static void the_last_of_an_account_who_are_missing_end_its_calls(void **state)
{
	unsigned rows = 0;

	(void)state;
	sync_line(LINE);
	sync_line("'account_ref':'c1','account':'acme','admin_ref':'p2','administrator':'erin'");
	assert_int_equal(desk_ask(&desk, "staff.Prepare",
	    "'account':'acme','action':'filter.list'"), CS_OK);
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 1);
	begin_run();
	desk_ask(&desk, "control.SyncEnd", "'run':%lld,'suspend':2", run);
	while (desk.told.again) {
		assert_int_equal(desk_go_on(&desk), CS_OK);
		rows += desk_rows_told(&desk);
	}
	assert_int_equal(rows, 2);
	assert_int_equal(desk_rows(&desk, TABLE_CALL), 0);
}

static void more_than_a_tenth_who_are_missing_stay_unless_it_is_told_how_many(void **state)
{
	(void)state;
	sync_line(LINE);
	begin_run();
	assert_int_equal(desk_ask(&desk, "control.SyncEnd", "'run':%lld", run), CS_ERR_ANSWERED);
	assert_string_equal(desk_text(&desk, "why"), "missing");
	assert_int_equal(find_member().standing, STANDING_ACTIVE);
}

static void whom_an_operator_added_a_roster_does_not_take_over(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.AddAccount", "'account':'acme','ref':'c1'"),
	    CS_OK);
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'acme','administrator':'dana','ref':'p1'"), CS_OK);
	for (size_t i = 0; i < WAYS; i++) {
		sync_line(ways[i]);
		assert_int_equal(find_member().run, 0);
	}
	assert_false(find_member().all);
	begin_run();
	assert_int_equal(desk_ask(&desk, "control.SyncEnd", "'run':%lld", run), CS_OK);
	assert_int_equal(desk_int(&desk, "missing"), 0);
}

static void a_run_that_never_began_is_refused(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.SyncRecord", LINE ",'run':2"), CS_ERR_ANSWERED);
	assert_int_equal(desk_ask(&desk, "control.SyncRecord", LINE ",'run':0"), CS_ERR_ANSWERED);
	assert_int_equal(desk_ask(&desk, "control.SyncRecord", LINE), CS_ERR_ANSWERED);
	assert_int_equal(desk_ask(&desk, "control.SyncEnd", "'run':2"), CS_ERR_ANSWERED);
	assert_int_equal(desk_rows(&desk, TABLE_ACCOUNT), 0);
}

static void who_was_suspended_by_hand_stays_so(void **state)
{
	struct member member;

	(void)state;
	sync_line(LINE);
	member = find_member();
	member.standing = STANDING_SUSPENDED;
	desk_begin(&desk);
	store_put_member(desk.store, &member);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	begin_run();
	assert_string_equal(sync_line(LINE ",'actions':['general']"), "changed");
	assert_int_equal(find_member().standing, STANDING_SUSPENDED);
}

static void a_name_clash_empowers_nobody(void **state)
{
	(void)state;
	desk_add(&desk, "acme", "dana");
	assert_string_equal(sync_line(LINE), "Exists");
	assert_string_equal(sync_line("'account_ref':'c2','account':'bolt','admin_ref':'p2','"
				      "administrator':'dana'"),
	    "Exists");
	assert_int_equal(desk_rows(&desk, TABLE_ADMIN), 1);
	assert_int_equal(desk_rows(&desk, TABLE_MEMBER_OF), 1);
}

#define FORTY "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBV"

static void what_a_handler_refuses_of_an_authenticator(void **state)
{
	static const struct {
		const char *parameters, *error;
	} rows[] = {
		{ "'purpose':'login'" SECRET ",'administrator':'nobody'", "UnknownAdministrator" },
		{ "'purpose':'both'" SECRET ",'administrator':'dana'", "InvalidParameter" },
		{ "'purpose':'login','secret':'AAAA','administrator':'dana'", "InvalidParameter" },
		{ "'purpose':'login','secret':'','administrator':'dana'", "InvalidParameter" },
		{ "'purpose':'login','secret':'" FORTY FORTY FORTY FORTY "','administrator':'dana'",
		  "InvalidParameter" },
		{ "'purpose':'login'" SECRET ",'administrator':'dana','digits':9",
		  "InvalidParameter" },
		{ "'purpose':'login'" SECRET ",'administrator':'dana','period':0",
		  "InvalidParameter" },
		{ "'purpose':'login'" SECRET ",'administrator':'dana','counter':1",
		  "InvalidParameter" },
		{ "'purpose':'login'" SECRET ",'administrator':'dana','kind':'hotp','counter':-1",
		  "InvalidParameter" },
		{ "'purpose':'login'" SECRET ",'administrator':'dana','hash':'md5'",
		  "InvalidParameter" },
		{ "'purpose':'login'" SECRET ",'administrator':'dana','label':'a:b'",
		  "InvalidParameter" },
		{ "'purpose':'support'" SECRET ",'administrator':'dana'", "" },
		{ "'purpose':'support'" SECRET ",'administrator':'dana'", "Exists" },
		{ "'purpose':'support'" OTHER ",'administrator':'dana','dry_run':true", "" },
	};

	(void)state;
	desk_add(&desk, "acme", "dana");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		desk_ask(&desk, "control.ImportAuthenticator", "%s", rows[i].parameters);
		assert_string_equal(desk_text(&desk, "error"), rows[i].error);
	}
	assert_int_equal(desk_rows(&desk, TABLE_AUTHENTICATOR), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_secret_that_was_removed_does_not_come_back),
		TEST(a_secret_serves_one_purpose_alone),
		TEST(what_a_secret_accepted_holds_for_who_comes_back_by_a_roster),
		TEST(nobody_has_a_secret_twice),
		TEST(who_comes_back_by_a_roster_did_not_authorise_it_anew),
		TEST(imports_keep_to_sixteen_authenticators_of_one_person),
		TEST(a_dry_run_leaves_the_mark_and_nothing_else),
		TEST(a_refused_line_leaves_the_mark_and_nothing_else),
		TEST(a_line_without_a_person_gives_no_rights),
		TEST(an_earlier_run_that_is_slower_takes_no_mark_back),
		TEST(an_earlier_run_that_is_slower_resumes_nobody),
		TEST(the_last_of_an_account_who_are_missing_end_its_calls),
		TEST(more_than_a_tenth_who_are_missing_stay_unless_it_is_told_how_many),
		TEST(whom_an_operator_added_a_roster_does_not_take_over),
		TEST(a_run_that_never_began_is_refused),
		TEST(who_was_suspended_by_hand_stays_so),
		TEST(a_name_clash_empowers_nobody),
		TEST(what_a_handler_refuses_of_an_authenticator),
	};

	return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC
 *
 * Colleagues on the customer's page: who may be changed by whom, what it ends,
 * and how far it reaches.
 */
#include "desk.h"

#include "../daemon/invite.h"
#include "../daemon/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;
static const char *dana;	/* acme, every action, proved */

/* acme: dana, frank, who has every action and has cooled off, and gil, who may
 * authorise reports; bolt: eve. */
static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "acme", "frank");
	desk_add(&desk, "bolt", "eve");
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator", "'account':'acme',"
	    "'administrator':'gil','actions':['report.mail'],'reason':'test'"), CS_OK);
	desk_pass(&desk, 86400);
	dana = desk_log_in(&desk, "dana", true);
	return 0;
}

/* The error's name, or why it was refused, or "". */
static const char *ask(const char *session, const char *method, const char *more)
{
	const char *error;

	desk_ask(&desk, method, "'session':'%s','account':'acme'%s", session, more);
	error = desk_text(&desk, "error");
	return strcmp(error, "Refused") == 0 ? desk_text(&desk, "why") : error;
}

static void assert_event(const char *kind, const char *about, const char *note)
{
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), kind);
	assert_string_equal(desk_text(&desk, "administrator"), about);
	assert_string_equal(desk_text(&desk, "account"), "acme");
	assert_string_equal(desk_text(&desk, "note"), note);
}

/* Points desk_text at that person's row; false when there is none. */
static bool find(const char *session, const char *name)
{
	assert_string_equal(ask(session, "panel.People", ""), "");
	for (unsigned i = 0; i < desk_rows_told(&desk); i++) {
		desk_row(&desk, i);
		if (strcmp(desk_text(&desk, "administrator"), name) == 0)
			return true;
	}
	return false;
}

static bool flag(const char *name)
{
	bool value = false;

	cs_msg_bool(&desk.out, name, &value);
	return value;
}

#define INVITE ",'administrator':'hal','name':'Hal O.','actions':['report.mail']"
#define FRANK ",'administrator':'frank'"

static const struct {
	const char *method, *more;
} changes[] = {
	{ "panel.InvitePerson", INVITE },
	{ "panel.SetPersonRights", FRANK ",'all':true" },
	{ "panel.SuspendPerson", FRANK },
	{ "panel.ResumePerson", FRANK },
	{ "panel.RemovePerson", FRANK },
	{ "panel.ResetPerson", FRANK },
};
#define NCHANGES (sizeof(changes) / sizeof(changes[0]))

static void everybody_sees_who_is_there_and_nobody_of_another_account(void **state)
{
	const char *gil = desk_log_in(&desk, "gil", false);

	(void)state;
	assert_true(find(gil, "dana"));
	assert_true(flag("all"));
	assert_true(flag("pending"));
	assert_string_equal(desk_text(&desk, "standing"), "active");
	assert_false(flag("you"));
	assert_true(find(gil, "gil"));
	assert_true(flag("you"));
	assert_false(flag("all"));
	assert_false(find(gil, "eve"));
}

static void only_who_may_authorise_it_changes_people(void **state)
{
	const char *gil = desk_log_in(&desk, "gil", true);
	uint64_t events = desk_events(&desk);

	(void)state;
	for (size_t i = 0; i < NCHANGES; i++)
		assert_string_equal(ask(gil, changes[i].method, changes[i].more), "not-permitted");
	assert_int_equal(desk_events(&desk), events);
}

static void without_a_fresh_proof_nobody_does(void **state)
{
	const char *unproved = desk_log_in(&desk, "dana", false);
	uint64_t events = desk_events(&desk);

	(void)state;
	for (size_t i = 0; i < NCHANGES; i++)
		assert_string_equal(ask(unproved, changes[i].method, changes[i].more),
		    "ProofNeeded");
	assert_int_equal(desk_events(&desk), events);
}

static void nor_who_cools_off(void **state)
{
	(void)state;
	desk_add(&desk, "acme", "ida");
	assert_string_equal(ask(desk_log_in(&desk, "ida", true), "panel.SuspendPerson", FRANK),
	    "not-permitted");
}

static void nor_for_a_frozen_account(void **state)
{
	(void)state;
	desk_stand(&desk, "acme", STANDING_FROZEN);
	assert_string_equal(ask(dana, "panel.SuspendPerson", FRANK), "not-permitted");
}

/* So there is always one left who may. */
static void nobody_acts_on_themselves(void **state)
{
	(void)state;
	for (size_t i = 1; i < NCHANGES; i++)
		assert_string_equal(ask(dana, changes[i].method,
		    ",'administrator':'dana','actions':['report.mail']"), "yourself");
}

static void a_stranger_of_another_account_is_as_unknown_as_nobody(void **state)
{
	char say[SAY_MAX];

	(void)state;
	for (size_t i = 1; i < NCHANGES; i++) {
		assert_string_equal(ask(dana, changes[i].method,
		    ",'administrator':'nobody','all':true"), "UnknownAdministrator");
		snprintf(say, sizeof(say), "%s", desk_text(&desk, "say"));
		assert_string_equal(ask(dana, changes[i].method,
		    ",'administrator':'eve','all':true"), "UnknownAdministrator");
		assert_string_equal(desk_text(&desk, "say"), say);
		assert_string_equal(ask(dana, changes[i].method,
		    ",'administrator':'no name','all':true"), "UnknownAdministrator");
		assert_string_equal(desk_text(&desk, "say"), say);
	}
}

static void an_invited_person_has_a_link_for_three_days_and_cools_off(void **state)
{
	char text[INVITE_TEXT];
	struct invite invite;

	(void)state;
	assert_string_equal(ask(dana, "panel.InvitePerson", INVITE), "");
	snprintf(text, sizeof(text), "%s", desk_text(&desk, "invitation"));
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + 72 * 3600);
	desk_begin(&desk);
	assert_int_equal(store_get_invite(desk.store, invite_number(cs_str(text)), &invite), CS_OK);
	assert_true(invite_is(desk.vault, &invite, cs_str(text)));
	desk_commit(&desk);
	assert_event("admin-invite", "hal", "by dana");
	desk_event(&desk, desk_events(&desk) - 1);
	assert_string_equal(desk_text(&desk, "kind"), "admin-add");
	assert_true(find(dana, "hal"));
	assert_true(flag("pending"));
	assert_int_equal(desk_int(&desk, "cooling"), desk.at.wall + 86400);
	assert_string_equal(desk_text(&desk, "name"), "Hal O.");
}

static void an_invitation_names_the_colleague_and_none_for_an_operators(void **state)
{
	(void)state;
	assert_string_equal(ask(dana, "panel.InvitePerson", INVITE), "");
	desk_ask(&desk, "panel.Invitation", "'invitation':'%s'",
	    desk_keep(&desk, desk_text(&desk, "invitation")));
	assert_string_equal(desk_text(&desk, "invited_by"), "dana R.");
	desk_ask(&desk, "control.InviteAdministrator", "'administrator':'hal'");
	desk_ask(&desk, "panel.Invitation", "'invitation':'%s'",
	    desk_keep(&desk, desk_text(&desk, "invitation")));
	assert_string_equal(desk_text(&desk, "administrator"), "hal");
	assert_string_equal(desk_text(&desk, "invited_by"), "");
}

static void who_is_known_anywhere_is_not_touched_by_an_invitation(void **state)
{
	uint64_t events = desk_events(&desk);
	char say[SAY_MAX];

	(void)state;
	assert_string_equal(ask(dana, "panel.InvitePerson",
	    ",'administrator':'eve','all':true"), "Exists");
	snprintf(say, sizeof(say), "%s", desk_text(&desk, "say"));
	assert_string_equal(ask(dana, "panel.InvitePerson",
	    ",'administrator':'frank','all':true"), "Exists");
	assert_string_equal(desk_text(&desk, "say"), say);
	assert_int_equal(desk_events(&desk), events);
	assert_int_equal(desk_rows(&desk, TABLE_INVITE), 0);
	assert_false(find(dana, "eve"));
}

static void trying_names_out_comes_to_an_end(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++)
		assert_string_equal(ask(dana, "panel.InvitePerson",
		    ",'administrator':'eve','all':true"), "Exists");
	assert_string_equal(ask(dana, "panel.InvitePerson", ",'administrator':'eve','all':true"),
	    "Throttled");
}

static void an_invitation_names_its_rights(void **state)
{
	static const char *const bad[] = {
		",'administrator':'hal'", ",'administrator':'hal','actions':[]",
		",'administrator':'hal','all':false", ",'administrator':'h/l','all':true",
		",'all':true",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(ask(dana, "panel.InvitePerson", bad[i]), "InvalidParameter");
	assert_string_equal(ask(dana, "panel.InvitePerson",
	    ",'administrator':'hal','actions':['nothing']"), "UnknownAction");
}

static void more_actions_than_a_record_holds_are_refused_with_a_way_out(void **state)
{
	char more[2048] = ",'administrator':'hal','actions':['report.mail'";
	size_t len = strlen(more);

	(void)state;
	for (unsigned i = 0; i < ACTIONS_MAX; i++)
		len += (size_t)snprintf(more + len, sizeof(more) - len, ",'report.mail'");
	strcpy(more + len, "]");
	assert_string_equal(ask(dana, "panel.InvitePerson", more), "actions");
	assert_non_null(strstr(desk_text(&desk, "say"), "or give every action"));
	strcpy(more + len - strlen(",'report.mail'"), "]");
	assert_string_equal(ask(dana, "panel.InvitePerson", more), "");
}

static void wider_rights_cool_off_and_narrower_do_not(void **state)
{
	(void)state;
	assert_string_equal(ask(dana, "panel.SetPersonRights",
	    ",'administrator':'gil','actions':['report.mail','filter.list']"), "");
	assert_int_equal(desk_int(&desk, "cooling_until"), desk.at.wall + 86400);
	assert_event("admin-rights", "gil", "by dana: report.mail,filter.list");
	assert_string_equal(ask(dana, "panel.SetPersonRights",
	    ",'administrator':'frank','actions':['report.mail']"), "");
	assert_int_equal(desk_int(&desk, "cooling_until"), -1);
	/* and who lost the right does nothing with it any more */
	assert_string_equal(ask(desk_log_in(&desk, "frank", true), "panel.SuspendPerson",
	    ",'administrator':'dana'"), "not-permitted");
}

/* A form that was opened before a colleague narrowed them gives nothing back. */
static void rights_that_changed_since_they_were_shown_are_not_set(void **state)
{
	static const char *const stale[] = { "['*']", "[]", "['report.mail','filter.list']" };
	char more[128];
	uint64_t events;

	(void)state;
	assert_string_equal(ask(dana, "panel.SetPersonRights",
	    FRANK ",'actions':['report.mail'],'expected':['*']"), "");
	events = desk_events(&desk);
	for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++) {
		snprintf(more, sizeof(more), FRANK ",'all':true,'expected':%s", stale[i]);
		assert_string_equal(ask(dana, "panel.SetPersonRights", more), "changed");
	}
	assert_int_equal(desk_events(&desk), events);
	assert_true(find(dana, "frank"));
	assert_false(flag("all"));
	/* asked again because the answer was lost */
	assert_string_equal(ask(dana, "panel.SetPersonRights",
	    FRANK ",'actions':['report.mail'],'expected':['*']"), "");
	assert_string_equal(ask(dana, "panel.SetPersonRights",
	    FRANK ",'all':true,'expected':['report.mail']"), "");
	assert_string_equal(ask(dana, "panel.SetPersonRights",
	    FRANK ",'actions':['report.mail'],'expected':'*'"), "InvalidParameter");
}

static void a_suspended_colleague_is_out_until_resumed(void **state)
{
	const char *frank = desk_log_in(&desk, "frank", true), *code;
	const struct cs_str *accounts;
	size_t n;

	(void)state;
	desk_ask(&desk, "panel.Generate", "'session':'%s','account':'acme'", frank);
	code = desk_keep(&desk, desk_text(&desk, "code"));
	assert_string_equal(ask(dana, "panel.SuspendPerson", FRANK), "");
	assert_int_equal(desk_int(&desk, "codes"), 1);
	assert_int_equal(desk_int(&desk, "sessions"), 1);
	assert_event("admin-suspend", "frank", "by dana");
	assert_string_equal(desk_verify(&desk, "'account':'acme','action':'report.mail',"
	    "'code':'%s'", code), "cancelled");
	assert_string_equal(ask(frank, "panel.Calls", ""), "LoggedOut");
	/* who logs in again learns why there is no account */
	assert_string_equal(ask(desk_log_in(&desk, "frank", true), "panel.Session", ""), "");
	assert_int_equal(cs_msg_strings(&desk.out, "suspended", &accounts, &n), CS_OK);
	assert_int_equal(n, 1);
	assert_true(cs_str_is(accounts[0], "acme Ltd"));
	assert_string_equal(ask(dana, "panel.Session", ""), "");
	assert_int_equal(cs_msg_strings(&desk.out, "suspended", &accounts, &n), CS_ERR_NOTFOUND);
	assert_string_equal(ask(dana, "panel.SuspendPerson", FRANK), "suspended");
	assert_string_equal(ask(dana, "panel.ResumePerson", FRANK), "");
	assert_string_equal(ask(dana, "panel.ResumePerson", FRANK), "active");
	assert_string_equal(ask(desk_log_in(&desk, "frank", true), "panel.Calls", ""), "");
}

static void who_changes_colleagues_without_end_is_told_to_wait(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 15; i++) {
		assert_string_equal(ask(dana, "panel.SetPersonRights",
		    FRANK ",'actions':['report.mail']"), "");
		assert_string_equal(ask(dana, "panel.SuspendPerson", FRANK), "");
		assert_string_equal(ask(dana, "panel.ResumePerson", FRANK), "");
	}
	assert_string_equal(ask(dana, "panel.SetPersonRights",
	    FRANK ",'actions':['report.mail']"), "Throttled");
	assert_string_equal(ask(dana, "panel.SuspendPerson", FRANK), "");
	assert_string_equal(ask(dana, "panel.ResumePerson", FRANK), "Throttled");
	assert_string_equal(ask(dana, "panel.RemovePerson", FRANK), "");
}

static void removal_ends_what_they_had_and_says_how_much(void **state)
{
	const char *frank = desk_log_in(&desk, "frank", true);
	uint8_t secret[20];

	(void)state;
	desk_enroll(&desk, "frank", "login", secret);
	desk_ask(&desk, "panel.Generate", "'session':'%s','account':'acme'", frank);
	assert_string_equal(ask(dana, "panel.RemovePerson", FRANK), "");
	assert_int_equal(desk_int(&desk, "codes"), 1);
	assert_int_equal(desk_int(&desk, "sessions"), 1);
	assert_int_equal(desk_int(&desk, "authenticators"), 1);
	assert_event("admin-remove", "frank", "by dana");
	assert_false(find(dana, "frank"));
	desk_ask(&desk, "control.ShowAdministrator", "'administrator':'frank'");
	assert_string_equal(desk_text(&desk, "error"), "UnknownAdministrator");
}

/* What they are elsewhere is not this customer's business. */
static void removal_ends_with_the_account(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator", "'account':'bolt',"
	    "'administrator':'frank','existing':true,'reason':'test'"), CS_OK);
	assert_string_equal(ask(dana, "panel.ResetPerson", FRANK), "other-account");
	assert_string_equal(ask(dana, "panel.RemovePerson", FRANK), "");
	desk_ask(&desk, "panel.Calls", "'session':'%s','account':'bolt'",
	    desk_log_in(&desk, "frank", false));
	assert_string_equal(desk_text(&desk, "error"), "");
}

static void a_reset_ends_the_log_in_and_invites_anew(void **state)
{
	const char *frank = desk_log_in(&desk, "frank", true);
	uint8_t secret[20];

	(void)state;
	desk_enroll(&desk, "frank", "login", secret);
	assert_string_equal(ask(dana, "panel.ResetPerson", FRANK), "");
	assert_int_equal(desk_int(&desk, "authenticators"), 1);
	assert_string_not_equal(desk_text(&desk, "invitation"), "");
	assert_event("admin-reset", "frank", "by dana");
	assert_string_equal(ask(frank, "panel.Calls", ""), "LoggedOut");
	assert_true(find(dana, "frank"));
	assert_true(flag("pending"));
	assert_int_equal(desk_int(&desk, "cooling"), desk.at.wall + 86400);
}

static void whom_support_suspended_no_colleague_lets_in_again(void **state)
{
	(void)state;
	assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator",
	    "'administrator':'frank','reason':'test'"), CS_OK);
	assert_string_equal(ask(dana, "panel.ResumePerson", FRANK), "active");
	assert_string_equal(ask(dana, "panel.ResetPerson", FRANK), "suspended");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everybody_sees_who_is_there_and_nobody_of_another_account),
		TEST(only_who_may_authorise_it_changes_people),
		TEST(without_a_fresh_proof_nobody_does),
		TEST(nor_who_cools_off),
		TEST(nor_for_a_frozen_account),
		TEST(nobody_acts_on_themselves),
		TEST(a_stranger_of_another_account_is_as_unknown_as_nobody),
		TEST(an_invited_person_has_a_link_for_three_days_and_cools_off),
		TEST(an_invitation_names_the_colleague_and_none_for_an_operators),
		TEST(who_is_known_anywhere_is_not_touched_by_an_invitation),
		TEST(trying_names_out_comes_to_an_end),
		TEST(an_invitation_names_its_rights),
		TEST(more_actions_than_a_record_holds_are_refused_with_a_way_out),
		TEST(wider_rights_cool_off_and_narrower_do_not),
		TEST(rights_that_changed_since_they_were_shown_are_not_set),
		TEST(a_suspended_colleague_is_out_until_resumed),
		TEST(who_changes_colleagues_without_end_is_told_to_wait),
		TEST(removal_ends_what_they_had_and_says_how_much),
		TEST(removal_ends_with_the_account),
		TEST(a_reset_ends_the_log_in_and_invites_anew),
		TEST(whom_support_suspended_no_colleague_lets_in_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

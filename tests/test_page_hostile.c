/* SPDX-License-Identifier: ISC
 *
 * A panel in the wrong hands: every method of its role, as the interface file
 * has them, asked without a session, with one that is over, and with that of
 * another customer.  A method that is added is asked too.
 */
#include "desk.h"

#include "../daemon/interfaces.h"
#include "../daemon/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;
static char code[32], issue[32], call[32];
static const char *hers;	/* S1, the session of dana */

#define PREFIX "io.countersign.panel."

/* Those that come before a session, or are about nobody. */
static const char *const without_session[] = {
	"AcceptInvitation", "Changes", "Invitation", "LogIn",
};

/* dana of acme has a code, a call and an authenticator; eve is of bolt. */
static int begin(void **state)
{
	uint8_t secret[20];

	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "bolt", "eve");
	desk_enroll(&desk, "dana", "login", secret);
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'acme','action':'report.mail',"
	    "'target':['dana-june']"), CS_OK);
	snprintf(call, sizeof(call), "%s", desk_text(&desk, "call"));
	hers = desk_log_in(&desk, "dana", true);
	assert_int_equal(desk_ask(&desk, "panel.Generate", "'session':'%s','account':'acme',"
	    "'call':'%s'", hers, call), CS_OK);
	snprintf(code, sizeof(code), "%s", desk_text(&desk, "code"));
	snprintf(issue, sizeof(issue), "%s", desk_text(&desk, "issue"));
	return 0;
}

static bool needs_session(const char *method)
{
	for (size_t i = 0; i < sizeof(without_session) / sizeof(without_session[0]); i++)
		if (strcmp(method, without_session[i]) == 0)
			return false;
	return true;
}

/* The method's line in the interface file has this parameter. */
static bool takes(const char *method, const char *parameter)
{
	char head[64], signature[1024];
	const char *line = NULL;

	snprintf(head, sizeof(head), "\nmethod %s(", method);
	for (size_t i = 0; i < ninterfaces && line == NULL; i++)
		if (strcmp(interfaces[i].name, "io.countersign.panel") == 0)
			line = strstr(interfaces[i].description, head);
	assert_non_null(line);
	snprintf(signature, sizeof(signature), "%.*s", (int)strcspn(strchr(line, '('), ")"),
	    strchr(line, '('));
	return strstr(signature, parameter) != NULL;
}

/* Each method of the role with all that any of them might take, about what is
 * dana's.  session may be empty: none. */
static const char *ask(const char *method, const char *session, const char *account)
{
	char name[64], token[128] = "";

	snprintf(name, sizeof(name), "panel.%s", method);
	if (session[0] != '\0')
		snprintf(token, sizeof(token), "'session':'%s',", session);
	desk_ask(&desk, name,
	    "%s'account':'%s','call':'%s','issue':'%s','administrator':'dana',"
	    "'authenticator':'A1','ticket':'T1','id':'S1','name':'Dana','label':'phone','code':'"
	    "123456',"
	    "'purpose':'login','subject':'a','text':'a','old':'a','password':'b','all':true",
	    token, account, call, issue);
	return desk_text(&desk, "error");
}

#define EACH(method) \
	const char *method = NULL; \
	for (size_t i = 0; i < request_nrows; i++) \
		if (request_rows[i].roles == ROLE_PANEL && \
		    (method = request_rows[i].method + strlen(PREFIX)) != NULL && \
		    needs_session(method))

static void every_method_takes_a_session(void **state)
{
	unsigned n = 0;

	(void)state;
	EACH(method)
	{
		if (!takes(method, "session: string"))
			fail_msg("%s takes no session", method);
		n++;
	}
	assert_true(n >= 7);
}

static void without_a_session_nothing_is_given(void **state)
{
	(void)state;
	EACH(method)
	{
		uint64_t events = desk_events(&desk);

		if (strcmp(ask(method, "", "acme"), "InvalidParameter") != 0 ||
		    strcmp(desk_text(&desk, "parameter"), "session") != 0)
			fail_msg("%s without a session: %s", method, desk.rows);
		assert_int_equal(desk_events(&desk), events);
	}
}

static void a_session_that_is_over_is_none(void **state)
{
	const char *over = desk_log_in(&desk, "dana", true);
	const char *invented = "0000000000000000000000000000000000000000000000000000000000000000";

	(void)state;
	desk_pass(&desk, SESSION_IDLE + 1);
	EACH(method)
	{
		uint64_t events = desk_events(&desk);

		if (strcmp(ask(method, over, "acme"), "LoggedOut") != 0 ||
		    strcmp(ask(method, invented, "acme"), "LoggedOut") != 0)
			fail_msg("%s in a session that is over: %s", method, desk.rows);
		assert_int_equal(desk_events(&desk), events);
	}
}

static void a_suspended_person_is_logged_out(void **state)
{
	const char *dana = desk_log_in(&desk, "dana", true);

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.SuspendAdministrator",
	    "'administrator':'dana','reason':'test'"), CS_OK);
	EACH(method)
	if (strcmp(ask(method, dana, "acme"), "LoggedOut") != 0)
		fail_msg("%s for a suspended person: %s", method, desk.rows);
}

/* An account that does not exist answers in the same words. */
static void another_customers_account_is_unknown(void **state)
{
	const char *eve = desk_log_in(&desk, "eve", true);
	char say[SAY_MAX];
	unsigned n = 0;

	(void)state;
	EACH(method)
	{
		uint64_t events = desk_events(&desk);

		if (!takes(method, "account: string"))
			continue;
		if (strcmp(ask(method, eve, "acme"), "UnknownAccount") != 0)
			fail_msg("%s about another's account: %s", method, desk.rows);
		snprintf(say, sizeof(say), "%s", desk_text(&desk, "say"));
		assert_string_equal(ask(method, eve, "nobody"), "UnknownAccount");
		assert_string_equal(desk_text(&desk, "say"), say);
		assert_int_equal(desk_events(&desk), events);
		n++;
	}
	assert_true(n >= 7);
}

/* And with one's own account nothing of another's comes along. */
static void anothers_things_are_not_found_below_ones_own_account(void **state)
{
	(void)state;
	EACH(method)
	{
		/* one a method: some of them end their session */
		ask(method, desk_log_in(&desk, "eve", true), "bolt");
		for (size_t at = 0; at < desk.rows_len; at += strlen(desk.rows + at) + 1)
			if (strstr(desk.rows + at, code) != NULL ||
			    strstr(desk.rows + at, "dana-june") != NULL ||
			    strstr(desk.rows + at, "dana R.") != NULL)
				fail_msg("%s tells of another: %s", method, desk.rows + at);
	}
	/* and all of it is as it was */
	assert_int_equal(desk_ask(&desk, "panel.Code", "'session':'%s','account':'acme',"
	    "'issue':'%s'", desk_log_in(&desk, "dana", true), issue), CS_OK);
	assert_string_equal(desk_text(&desk, "code"), code);
	assert_int_equal(desk_ask(&desk, "control.ListAuthenticators", "'administrator':'dana'"),
	    CS_OK);
	assert_string_equal(desk_text(&desk, "authenticator"), "A1");
}

/* A colleague may see what happens on the account, not her code; and ends
 * nothing of hers without a code of his own, but by raising an alarm: "Not us",
 * "This wasn't me". */
static void a_colleague_gets_no_code_and_ends_nothing(void **state)
{
	(void)state;
	desk_add(&desk, "acme", "lee");
	assert_int_equal(desk_ask(&desk, "control.SetRights", "'account':'acme',"
	    "'administrator':'lee','all':true,'reason':'test'"), CS_OK);
	assert_int_equal(desk_ask(&desk, "control.WaiveCooling", "'account':'acme',"
	    "'administrator':'lee','reason':'test'"), CS_OK);
	EACH(method)
	{
		if (strcmp(method, "DenyCall") == 0 || strcmp(method, "FreezeAccount") == 0)
			continue;
		ask(method, desk_log_in(&desk, "lee", false), "acme");
		for (size_t at = 0; at < desk.rows_len; at += strlen(desk.rows + at) + 1)
			if (strstr(desk.rows + at, code) != NULL)
				fail_msg("%s tells a colleague's code: %s", method, desk.rows + at);
		if (desk_ask(&desk, "panel.Code", "'session':'%s','account':'acme','issue':'%s'",
		    hers, issue) != CS_OK || strcmp(desk_text(&desk, "state"), "live") != 0)
			fail_msg("after %s of a colleague: %s", method, desk.rows);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_method_takes_a_session),
		TEST(without_a_session_nothing_is_given),
		TEST(a_session_that_is_over_is_none),
		TEST(a_suspended_person_is_logged_out),
		TEST(another_customers_account_is_unknown),
		TEST(a_colleague_gets_no_code_and_ends_nothing),
		TEST(anothers_things_are_not_found_below_ones_own_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

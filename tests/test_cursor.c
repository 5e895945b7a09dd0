/* SPDX-License-Identifier: ISC
 *
 * Lists that do not fit into one answer: each row comes once, in its order, however
 * many there are.
 */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MOST 129			/* rows: in three answers */

struct list {
	const char *test, *method;
	const char *of;			/* parameters; the session is always there */
	const char *field, *letter;	/* what tells the rows apart: a letter and a number */
	int digits;
	void (*make)(unsigned n);
	unsigned first, made;		/* its first row's; the first that is not there yet */
	bool newest_first;
};

static struct desk desk;
static char session[72];		/* p000's */

static int begin(void **state)
{
	(void)state;
	desk_open(&desk, "limit { ticket = \"32/1s\" }\n");
	desk_add(&desk, "a000", "p000");
	strcpy(session, desk_log_in(&desk, "p000", true));
	return 0;
}

static int end(void **state)
{
	(void)state;
	desk_close(&desk);
	return 0;
}

static void add_account(unsigned n)
{
	assert_int_equal(desk_ask(&desk, "control.AddAccount", "'account':'a%03u'", n), CS_OK);
}

static void add_person(unsigned n)
{
	char name[24];

	snprintf(name, sizeof(name), "p%03u", n);
	desk_add(&desk, "a000", name);
}

static void log_in(unsigned n)
{
	(void)n;
	desk_log_in(&desk, "p000", false);
}

static void prepare(unsigned uid)
{
	char name[24];

	snprintf(name, sizeof(name), "t%03u", uid);
	desk_sit(&desk, uid, name);
	assert_int_equal(desk_ask(&desk, "staff.Prepare",
	    "'account':'a000','action':'report.mail'"), CS_OK);
}

static void close_ticket(unsigned n)
{
	if (n % 30 == 0)
		desk_pass(&desk, 1);
	assert_int_equal(desk_ask(&desk, "panel.OpenTicket",
	    "'session':'%s','account':'a000','subject':'A filter','text':'Please.'", session),
	    CS_OK);
	assert_int_equal(desk_ask(&desk, "staff.CloseTicket", "'ticket':'T%u'", n), CS_OK);
}

static const struct list lists[] = {
	{ "accounts", "control.ListAccounts", "",
	    "account", "a", 3, add_account, 0, 1, false },
	{ "administrators", "control.ListAdministrators", ",'account':'a000'",
	    "administrator", "p", 3, add_person, 0, 1, false },
	{ "administrators_of_all_accounts", "control.ListAdministrators", "",
	    "administrator", "p", 3, add_person, 0, 1, false },
	{ "colleagues", "panel.People", ",'account':'a000'",
	    "administrator", "p", 3, add_person, 0, 1, false },
	{ "sessions", "panel.Sessions", "",
	    "id", "S", 1, log_in, 1, 2, false },
	{ "technicians", "control.ListTechnicians", "",
	    "technician", "t", 3, prepare, 0, 0, false },
	{ "calls", "panel.Calls", ",'account':'a000'",
	    "technician", "t", 3, prepare, 0, 0, false },
	{ "tickets", "staff.Tickets", ",'account':'a000','closed':true",
	    "ticket", "T", 1, close_ticket, 1, 1, true },
	{ "tickets_of_all_accounts", "staff.Tickets", ",'closed':true",
	    "ticket", "T", 1, close_ticket, 1, 1, true },
};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

static unsigned check_answer(const struct list *list, unsigned before, unsigned rows)
{
	unsigned n = desk_rows_told(&desk);
	char wanted[24];

	assert_in_range(n, 0, 64);
	assert_in_range(before + n, before, rows);
	for (unsigned i = 0; i < n; i++, before++) {
		desk_row(&desk, i);
		snprintf(wanted, sizeof(wanted), "%s%0*u", list->letter, list->digits,
		    list->first + (list->newest_first ? rows - 1 - before : before));
		assert_string_equal(desk_text(&desk, list->field), wanted);
	}
	return before;
}

static void check_rows(const struct list *list, unsigned rows)
{
	unsigned told;

	assert_int_equal(desk_ask(&desk, list->method, "'session':'%s'%s", session, list->of),
	    CS_OK);
	told = check_answer(list, 0, rows);
	while (desk.told.again) {
		assert_int_equal(desk_go_on(&desk), CS_OK);
		told = check_answer(list, told, rows);
	}
	assert_int_equal(told, rows);
}

static void each_row_comes_once_in_its_order(void **state)
{
	static const unsigned counts[] = { 63, 64, 65, MOST };
	const struct list *list = *state;
	unsigned n = list->made;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		while (n < list->first + counts[i])
			list->make(n++);
		check_rows(list, counts[i]);
	}
}

int main(void)
{
	struct CMUnitTest tests[LISTS];

	for (size_t i = 0; i < LISTS; i++)
		tests[i] = (struct CMUnitTest){ lists[i].test, each_row_comes_once_in_its_order,
			begin, end, (void *)&lists[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

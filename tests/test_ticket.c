/* SPDX-License-Identifier: ISC
 *
 * Tickets as the customer's page and the technicians' tools see them: who may
 * open, read, answer and close one, and what may be written into it.
 */
#include "desk.h"

#include "../daemon/session.h"
#include "../daemon/ticket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;
static char dana[SESSION_TEXT], eli[SESSION_TEXT], eve[SESSION_TEXT];

#define FILTER "'action':'filter.list','target':['a.example']"
#define REQUEST "'request':'0123456789abcdef'"

static void log_in(void)
{
	strcpy(dana, desk_log_in(&desk, "dana", true));
	strcpy(eli, desk_log_in(&desk, "eli", false));
	strcpy(eve, desk_log_in(&desk, "eve", true));
}

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "acme", "eli");
	desk_add(&desk, "bolt", "eve");
	log_in();
	return 0;
}

/* The number of a new ticket of acme, or the name of the error. */
static const char *open_as(const char *session, const char *more)
{
	desk_ask(&desk, "panel.OpenTicket",
	    "'session':'%s','account':'acme','subject':'A filter','text':'Please add it.'%s",
	    session, more);
	return desk_keep(&desk,
	    desk_text(&desk, desk.out.error.len > 0 ? "error" : "ticket"));
}

static const char *ask(const char *method, const char *session, const char *ticket,
    const char *more)
{
	desk_ask(&desk, method, "'session':'%s','ticket':'%s'%s", session, ticket, more);
	return desk_text(&desk, "error");
}

static const char *reply_as(const char *session, const char *ticket, const char *text)
{
	desk_ask(&desk, "panel.ReplyTicket", "'session':'%s','ticket':'%s','text':'%s'", session,
	    ticket, text);
	return desk_text(&desk, "error");
}

static const char *answer(const char *ticket, const char *text)
{
	desk_ask(&desk, "staff.Reply", "'ticket':'%s','text':'%s'", ticket, text);
	return desk_text(&desk, "error");
}

/* The card of a ticket as a technician sees it. */
static void show(const char *ticket)
{
	assert_int_equal(desk_ask(&desk, "staff.Ticket", "'ticket':'%s'", ticket), CS_OK);
}

static void assert_authority(const char *ticket, const char *state, const char *authority)
{
	show(ticket);
	assert_string_equal(desk_text(&desk, "state"), state);
	assert_string_equal(desk_text(&desk, "authority"), authority);
}

static void a_ticket_says_who_opened_it_and_what_it_authorises(void **state)
{
	const char *ticket = open_as(dana, "," FILTER);

	(void)state;
	assert_string_equal(ticket, "T1");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "ticket-open");
	assert_string_equal(desk_text(&desk, "credential"), "T1");
	assert_string_equal(desk_text(&desk, "account"), "acme");
	assert_string_equal(desk_text(&desk, "administrator"), "dana");
	assert_string_equal(desk_text(&desk, "action"), "filter.list");
	assert_string_equal(desk_text(&desk, "note"), "A filter");
	desk_restart(&desk);
	assert_string_equal(ask("panel.Ticket", dana, ticket, ""), "");
	assert_int_equal(desk_rows_told(&desk), 2);
	assert_string_equal(desk_text(&desk, "account"), "acme");
	assert_string_equal(desk_text(&desk, "account_name"), "acme Ltd");
	assert_string_equal(desk_text(&desk, "subject"), "A filter");
	assert_string_equal(desk_text(&desk, "state"), "open");
	assert_string_equal(desk_text(&desk, "authority"), "live");
	assert_string_equal(desk_text(&desk, "title"), "Add to an allow or deny list");
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + 72 * 3600);
	assert_string_equal(desk_text(&desk, "administrator_name"), "dana R.");
	desk_row(&desk, 1);
	assert_int_equal(desk_int(&desk, "n"), 1);
	assert_string_equal(desk_text(&desk, "name"), "dana");
	assert_string_equal(desk_text(&desk, "text"), "Please add it.");
}

static void its_author_must_have_the_right_and_a_high_action_a_fresh_code(void **state)
{
	static const char service[] = ",'action':'service.change'";

	(void)state;
	desk_pass(&desk, 86400);	/* eli has cooled off */
	log_in();
	assert_string_equal(open_as(eli, service), "ProofNeeded");
	assert_string_equal(open_as(dana, service), "T1");
	desk_pass(&desk, 901);
	assert_string_equal(open_as(dana, service), "ProofNeeded");
	assert_int_equal(desk_ask(&desk, "control.SetRights",
	    "'account':'acme','administrator':'eli','actions':['report.mail'],'reason':'less'"),
	    CS_OK);
	assert_string_equal(open_as(eli, "," FILTER), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "not-permitted");
	assert_string_equal(open_as(eli, ",'action':'report.mail'"), "T2");
	assert_string_equal(open_as(eli, ""), "T3");
}

static void who_is_cooling_off_cannot_lay_up_a_high_action_for_later(void **state)
{
	const char *proved = desk_log_in(&desk, "eli", true);

	(void)state;
	assert_string_equal(open_as(proved, ",'action':'service.change'"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "cooling-off");
	assert_string_equal(open_as(proved, "," FILTER), "T1");
}

static void an_account_that_is_stopped_takes_words_but_no_authority(void **state)
{
	(void)state;
	desk_stand(&desk, "acme", STANDING_FROZEN);
	assert_string_equal(open_as(dana, "," FILTER), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "frozen");
	assert_string_equal(open_as(dana, ""), "T1");
	desk_stand(&desk, "acme", STANDING_SUSPENDED);
	assert_string_equal(open_as(dana, "," FILTER), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "suspended");
}

static void action_and_targets_are_taken_as_for_a_code(void **state)
{
	static const struct {
		const char *more, *parameter;
	} rows[] = {
		{ ",'target':['a.example']", "action" },
		{ ",'action':'mail.server'", "target" },
		{ ",'action':'mail.server','target':['nonsense']", "target" },
		{ ",'action':'filter.list','target':['']", "target" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(open_as(dana, rows[i].more), "InvalidParameter");
		assert_string_equal(desk_text(&desk, "parameter"), rows[i].parameter);
	}
	assert_string_equal(open_as(dana, ",'action':'mail.sever'"), "UnknownAction");
	assert_string_equal(open_as(dana,
	    ",'action':'mail.server','target':['MX1.Acme.Example.=203.0.113.9']"), "T1");
}

static void the_same_request_opens_no_second_ticket(void **state)
{
	(void)state;
	assert_string_equal(open_as(dana, "," REQUEST), "T1");
	assert_string_equal(open_as(dana, "," REQUEST), "T1");
	assert_string_equal(open_as(dana, ",'action':'report.mail'," REQUEST), "InvalidParameter");
	assert_string_equal(open_as(dana, "," FILTER "," REQUEST), "InvalidParameter");
	assert_string_equal(desk_text(&desk, "parameter"), "request");
	/* Another person's request is another request. */
	assert_string_equal(open_as(eli, "," REQUEST), "T2");
	assert_int_equal(desk_rows(&desk, TABLE_TICKET), 2);
	assert_int_equal(desk_rows(&desk, TABLE_ENTRY_TEXT), 2);
}

static void the_same_reply_is_said_once(void **state)
{
	const char *ticket = open_as(dana, "");

	(void)state;
	assert_string_equal(ask("panel.ReplyTicket", eli, ticket, ",'text':'Me too.'," REQUEST),
	    "");
	assert_int_equal(desk_int(&desk, "n"), 2);
	assert_string_equal(reply_as(dana, ticket, "Thanks."), "");
	assert_int_equal(desk_int(&desk, "n"), 3);
	assert_string_equal(ask("panel.ReplyTicket", eli, ticket, ",'text':'Me too.'," REQUEST),
	    "");
	assert_int_equal(desk_int(&desk, "n"), 2);
	assert_string_equal(ask("panel.ReplyTicket", eli, ticket, ",'text':'Me three.'," REQUEST),
	    "InvalidParameter");
	assert_int_equal(desk_rows(&desk, TABLE_ENTRY_TEXT), 3);
	assert_string_equal(ask("panel.ReplyTicket", eli, open_as(dana, ""),
	    ",'text':'Me too.'," REQUEST), "InvalidParameter");
}

static void colleagues_and_technicians_talk_in_it(void **state)
{
	const char *ticket = open_as(dana, "");

	(void)state;
	assert_string_equal(reply_as(eli, ticket, "It is urgent."), "");
	assert_string_equal(answer(ticket, "Which list?"), "");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "ticket-reply");
	assert_string_equal(desk_text(&desk, "technician"), "mia");
	assert_string_equal(desk_text(&desk, "administrator"), "");
	show(ticket);
	assert_int_equal(desk_rows_told(&desk), 4);
	assert_int_equal(desk_int(&desk, "entries"), 3);
	desk_row(&desk, 2);
	assert_string_equal(desk_text(&desk, "display"), "eli R.");
	desk_row(&desk, 3);
	assert_string_equal(desk_text(&desk, "name"), "mia");
	assert_string_equal(desk_text(&desk, "text"), "Which list?");
}

static void others_see_nothing_of_it_and_not_even_that_it_is_there(void **state)
{
	static const char *const methods[] = { "panel.Ticket", "panel.ReplyTicket",
		"panel.CloseTicket" };
	const char *ticket = open_as(dana, "," FILTER);
	char there[SAY_MAX];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(ask(methods[i], eve, ticket, ",'text':'x'"), "NotFound");
		snprintf(there, sizeof(there), "%s", desk_text(&desk, "say"));
		assert_string_equal(ask(methods[i], eve, "T99", ",'text':'x'"), "NotFound");
		assert_string_equal(desk_text(&desk, "say"), there);
		assert_string_equal(ask(methods[i], "0000", ticket, ",'text':'x'"), "LoggedOut");
	}
	assert_int_equal(desk_ask(&desk, "panel.Tickets", "'session':'%s','account':'acme'", eve),
	    CS_ERR_ANSWERED);
	assert_string_equal(desk_text(&desk, "error"), "UnknownAccount");
	assert_int_equal(desk_ask(&desk, "panel.OpenTicket",
	    "'session':'%s','account':'acme','subject':'s','text':'t'", eve), CS_ERR_ANSWERED);
	assert_string_equal(desk_text(&desk, "error"), "UnknownAccount");
	assert_authority(ticket, "open", "live");
}

/* Who acts for two accounts does not find one's tickets on the other's pages. */
static void a_ticket_is_there_in_its_own_account_alone(void **state)
{
	static const char *const methods[] = { "panel.Ticket", "panel.ReplyTicket",
		"panel.CloseTicket" };
	const char *ticket = open_as(dana, "");

	(void)state;
	desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'dana','existing':true,'reason':'test'");
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(ask(methods[i], dana, ticket, ",'account':'bolt','text':'x'"),
		    "NotFound");
		assert_string_equal(ask(methods[i], dana, ticket, ",'account':'no','text':'x'"),
		    "NotFound");
		assert_string_equal(ask(methods[i], dana, ticket, ",'account':'acme','text':'x'"),
		    "");
	}
}

static void who_is_suspended_in_the_account_sees_it_no_more(void **state)
{
	const char *ticket = open_as(dana, "");

	(void)state;
	desk_add(&desk, "bolt", "hal");
	desk_ask(&desk, "control.AddAdministrator",
	    "'account':'bolt','administrator':'eli','existing':true,'reason':'test'");
	assert_string_equal(ask("panel.Ticket", eli, ticket, ""), "");
	desk_ask(&desk, "control.SuspendAdministrator",
	    "'account':'acme','administrator':'eli','reason':'test'");
	assert_string_equal(ask("panel.Ticket", eli, ticket, ""), "LoggedOut");
	assert_string_equal(ask("panel.Ticket", desk_log_in(&desk, "eli", false), ticket, ""),
	    "NotFound");
}

static void a_suspended_technician_reads_and_writes_nothing(void **state)
{
	static const char *const methods[] = { "staff.Ticket", "staff.Reply", "staff.CloseTicket",
		"staff.Tickets" };
	const char *ticket = open_as(dana, "");

	(void)state;
	show(ticket);
	desk_ask(&desk, "control.SuspendTechnician", "'technician':'mia'");
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(ask(methods[i], "", ticket, ",'text':'x'"), "NotPermitted");
}

static void closing_ends_the_authority_and_the_talk(void **state)
{
	const char *ticket = open_as(dana, "," FILTER);
	uint64_t events;

	(void)state;
	assert_string_equal(ask("panel.CloseTicket", eli, ticket, ""), "");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "ticket-close");
	assert_string_equal(desk_text(&desk, "administrator"), "eli");
	assert_authority(ticket, "closed", "revoked");
	events = desk_events(&desk);
	assert_string_equal(ask("panel.CloseTicket", dana, ticket, ""), "");
	desk_ask(&desk, "staff.CloseTicket", "'ticket':'%s'", ticket);
	assert_string_equal(desk_text(&desk, "ticket"), ticket);
	assert_int_equal(desk_events(&desk), events);
	assert_string_equal(reply_as(dana, ticket, "But"), "Refused");
	assert_string_equal(answer(ticket, "But"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "closed");
}

static void a_technician_may_close_it(void **state)
{
	const char *ticket = open_as(dana, "," FILTER);

	(void)state;
	desk_ask(&desk, "staff.CloseTicket", "'ticket':' t 1 '");
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "technician"), "mia");
	assert_authority(ticket, "closed", "revoked");
}

static void lists_show_the_newest_first_and_open_apart_from_closed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		open_as(dana, "");
	desk_ask(&desk, "panel.OpenTicket",
	    "'session':'%s','account':'bolt','subject':'Ours','text':'t'", eve);
	ask("panel.CloseTicket", dana, "T2", "");
	desk_ask(&desk, "panel.Tickets", "'session':'%s','account':'acme'", eli);
	assert_int_equal(desk_rows_told(&desk), 2);
	assert_string_equal(desk_text(&desk, "ticket"), "T3");
	desk_row(&desk, 1);
	assert_string_equal(desk_text(&desk, "ticket"), "T1");
	desk_ask(&desk, "panel.Tickets", "'session':'%s','account':'acme','closed':true", eli);
	assert_int_equal(desk_rows_told(&desk), 1);
	assert_string_equal(desk_text(&desk, "ticket"), "T2");
	desk_ask(&desk, "staff.Tickets", "%s", "");
	assert_int_equal(desk_rows_told(&desk), 3);
	assert_string_equal(desk_text(&desk, "ticket"), "T4");
	assert_string_equal(desk_text(&desk, "account"), "bolt");
	desk_ask(&desk, "staff.Tickets", "'closed':true");
	assert_int_equal(desk_rows_told(&desk), 1);
	desk_ask(&desk, "staff.Tickets", "'account':'acme'");
	assert_int_equal(desk_rows_told(&desk), 2);
	desk_ask(&desk, "staff.Tickets", "'account':'acne'");
	assert_string_equal(desk_text(&desk, "error"), "UnknownAccount");
}

static void assert_list(const char *more, unsigned rows, const char *first, const char *last)
{
	unsigned told, n;

	desk_ask(&desk, "panel.Tickets", "'session':'%s','account':'acme','closed':true%s", eli,
	    more);
	assert_string_equal(desk_text(&desk, "ticket"), first);
	for (told = n = desk_rows_told(&desk); desk.told.again; told += n) {
		desk_go_on(&desk);
		n = desk_rows_told(&desk);
	}
	assert_int_equal(told, rows);
	if (n > 0)
		desk_row(&desk, n - 1);
	assert_string_equal(desk_text(&desk, "ticket"), last);
}

static void a_list_goes_on_where_one_ended(void **state)
{
	static const struct {
		const char *more, *fault;
	} bad[] = {
		{ ",'before':'T0'", "before" }, { ",'before':'7'", "before" },
		{ ",'before':'T'", "before" }, { ",'before':7", "before" },
		{ ",'count':0", "count" }, { ",'count':1001", "count" },
	};

	(void)state;
	desk_reload(&desk, "limit { ticket = \"32/1s\" }");
	for (unsigned i = 0; i < 101; i++) {
		if (i % 30 == 0)
			desk_pass(&desk, 1);
		ask("panel.CloseTicket", dana, open_as(dana, ""), "");
	}
	assert_list("", 100, "T101", "T2");
	assert_list(",'before':'T2'", 1, "T1", "T1");
	assert_list(",'before':'T1'", 0, "", "");
	assert_list(",'count':70,'before':'T80'", 70, "T79", "T10");
	assert_list(",'count':1000", 101, "T101", "T1");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		desk_ask(&desk, "panel.Tickets", "'session':'%s','account':'acme'%s", eli,
		    bad[i].more);
		assert_string_equal(desk_text(&desk, "parameter"), bad[i].fault);
	}
}

static void texts_that_would_deceive_who_reads_them_are_refused(void **state)
{
	static const char *const texts[] = {
		"", "  ", "\\n\\n", "a\\u0007b", "a\\tb", "a\\u001b[2Jb", "a\\rb", "\\u202egnp.exe",
		"a\\u2028b", "a\\u0085b", "a\\u007fb",
	};
	const char *ticket = open_as(dana, "");

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_string_equal(reply_as(dana, ticket, texts[i]), "InvalidParameter");
		assert_string_equal(desk_text(&desk, "parameter"), "text");
		assert_string_equal(answer(ticket, texts[i]), "InvalidParameter");
	}
	desk_ask(&desk, "panel.OpenTicket",
	    "'session':'%s','account':'acme','subject':'two\\nlines','text':'t'", dana);
	assert_string_equal(desk_text(&desk, "parameter"), "subject");
	assert_int_equal(desk_rows(&desk, TABLE_ENTRY_TEXT), 1);
}

static void lines_come_back_as_they_were_written(void **state)
{
	const char *ticket = open_as(dana, "");

	(void)state;
	assert_string_equal(reply_as(dana, ticket,
	    "<script>alert(1)</script>\\r\\n\\r\\n  na\xc3\xafve \xe2\x82\xac\\n\\n"), "");
	show(ticket);
	desk_row(&desk, 2);
	assert_string_equal(desk_text(&desk, "text"),
	    "<script>alert(1)</script>\n\n  na\xc3\xafve \xe2\x82\xac");
}

/* As browsers count them: those past U+FFFF are two. */
static void a_text_has_room_for_4000_characters_of_any_script(void **state)
{
	static const struct {
		const char *one;
		size_t fit;
	} scripts[] = {
		{ "x", 4000 }, { "\xd0\xbf", 4000 }, { "\xe6\xbc\xa2", 4000 },
		{ "\xf0\x9f\x98\x80", 2000 },
	};
	const char *ticket = open_as(dana, "");

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		size_t len = strlen(scripts[i].one), all = scripts[i].fit * len;
		struct cs_str said;
		char text[12004];

		for (size_t at = 0; at <= all; at += len)
			memcpy(text + at, scripts[i].one, len);
		text[all + len] = '\0';
		assert_string_equal(reply_as(dana, ticket, text), "InvalidParameter");
		text[all] = '\0';
		assert_string_equal(reply_as(dana, ticket, text), "");
		show(ticket);
		desk_row(&desk, (unsigned)i + 2);
		assert_int_equal(cs_msg_string(&desk.out, "text", &said), CS_OK);
		assert_true(cs_str_is(said, text));
	}
}

static void limits_hold_for_each_person_and_account(void **state)
{
	const char *ticket = "";

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		ticket = open_as(dana, "");
	assert_string_equal(open_as(dana, ""), "Throttled");
	assert_int_equal(desk_int(&desk, "wait"), 3600);
	assert_string_equal(open_as(eli, ""), "T11");
	for (unsigned i = 0; i < 30; i++)
		assert_string_equal(reply_as(dana, ticket, "more"), "");
	assert_string_equal(reply_as(dana, ticket, "more"), "Throttled");
	assert_string_equal(reply_as(eli, ticket, "more"), "");
	assert_string_equal(answer(ticket, "no"), "");
	desk_pass(&desk, 1799);
	assert_string_equal(reply_as(dana, ticket, "more"), "Throttled");
	assert_string_equal(ask("panel.CloseTicket", dana, ticket, ""), "");
}

static void an_account_has_at_most_a_hundred_open_tickets(void **state)
{
	(void)state;
	desk_reload(&desk, "limit { ticket = \"32/1s\" }");
	for (unsigned i = 0; i < TICKETS_OPEN_MOST; i++) {
		if (i % 30 == 0)
			desk_pass(&desk, 1);
		assert_int_equal(open_as(dana, "")[0], 'T');
	}
	desk_pass(&desk, 1);
	assert_string_equal(open_as(eli, ""), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "full");
	ask("panel.CloseTicket", dana, "T7", "");
	assert_string_equal(open_as(eli, ""), "T101");
}

static void a_ticket_has_at_most_200_entries(void **state)
{
	const char *ticket = open_as(dana, "");

	(void)state;
	for (unsigned i = 1; i < TICKET_ENTRIES_MOST; i++)
		assert_string_equal(answer(ticket, "patience"), "");
	assert_string_equal(answer(ticket, "patience"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "full");
}

/* The author's later loss of rights is in test_ticket_verify.c. */
static void the_leavers_words_stay(void **state)
{
	const char *ticket = open_as(dana, "," FILTER);

	(void)state;
	assert_int_equal(desk_ask(&desk, "control.RemoveAdministrator",
	    "'administrator':'dana','reason':'left'"), CS_OK);
	assert_int_equal(desk_int(&desk, "tickets"), 1);
	assert_authority(ticket, "open", "revoked");
	assert_string_equal(desk_text(&desk, "administrator_name"), "dana R.");
	assert_string_equal(ask("panel.Ticket", eli, ticket, ""), "");
	assert_string_equal(ask("panel.Ticket", dana, ticket, ""), "LoggedOut");
}

static void a_removed_account_leaves_none_open(void **state)
{
	const char *ticket = open_as(dana, "," FILTER);

	(void)state;
	open_as(dana, "");
	assert_int_equal(desk_ask(&desk, "control.RemoveAccount",
	    "'account':'acme','reason':'left'"), CS_OK);
	assert_int_equal(desk_int(&desk, "tickets"), 1);
	assert_authority(ticket, "closed", "revoked");
	desk_ask(&desk, "staff.Tickets", "%s", "");
	assert_int_equal(desk_rows_told(&desk), 0);
	desk_ask(&desk, "staff.Tickets", "'closed':true");
	assert_int_equal(desk_rows_told(&desk), 2);
}

static void two_years_after_the_last_word_a_ticket_goes(void **state)
{
	const char *ticket = open_as(dana, "");

	(void)state;
	open_as(dana, "");
	desk_pass(&desk, 400 * 86400);
	assert_string_equal(answer(ticket, "still there?"), "");
	desk_pass(&desk, 330 * 86400);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_TICKET), 2);
	desk_pass(&desk, 1);
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_TICKET), 1);
	assert_int_equal(desk_rows(&desk, TABLE_TICKET_OF), 1);
	assert_int_equal(desk_rows(&desk, TABLE_ENTRY_TEXT), 2);
	/* A clock that is years ahead is no reason to forget. */
	desk.at.wall += 3000 * 86400LL;
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_TICKET), 1);
	show(ticket);
}

/* A step may begin after all that is to go. */
static void every_ticket_has_its_turn(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		open_as(dana, "");
	desk_pass(&desk, 730 * 86400 + 1);
	do {
		desk_pass(&desk, 1);
		desk_rows(&desk, TABLE_TICKET);		/* takes note of the time */
	} while (desk.now.steady * 20 % 3 != 2);
	answer("T3", "not yet");
	desk_purge(&desk);
	assert_int_equal(desk_rows(&desk, TABLE_TICKET), 1);
	assert_int_equal(desk_rows(&desk, TABLE_ENTRY_TEXT), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ticket_says_who_opened_it_and_what_it_authorises),
		TEST(its_author_must_have_the_right_and_a_high_action_a_fresh_code),
		TEST(who_is_cooling_off_cannot_lay_up_a_high_action_for_later),
		TEST(an_account_that_is_stopped_takes_words_but_no_authority),
		TEST(action_and_targets_are_taken_as_for_a_code),
		TEST(the_same_request_opens_no_second_ticket),
		TEST(the_same_reply_is_said_once),
		TEST(colleagues_and_technicians_talk_in_it),
		TEST(others_see_nothing_of_it_and_not_even_that_it_is_there),
		TEST(a_ticket_is_there_in_its_own_account_alone),
		TEST(who_is_suspended_in_the_account_sees_it_no_more),
		TEST(a_suspended_technician_reads_and_writes_nothing),
		TEST(closing_ends_the_authority_and_the_talk),
		TEST(a_technician_may_close_it),
		TEST(lists_show_the_newest_first_and_open_apart_from_closed),
		TEST(a_list_goes_on_where_one_ended),
		TEST(texts_that_would_deceive_who_reads_them_are_refused),
		TEST(lines_come_back_as_they_were_written),
		TEST(a_text_has_room_for_4000_characters_of_any_script),
		TEST(limits_hold_for_each_person_and_account),
		TEST(an_account_has_at_most_a_hundred_open_tickets),
		TEST(a_ticket_has_at_most_200_entries),
		TEST(the_leavers_words_stay),
		TEST(a_removed_account_leaves_none_open),
		TEST(two_years_after_the_last_word_a_ticket_goes),
		TEST(every_ticket_has_its_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

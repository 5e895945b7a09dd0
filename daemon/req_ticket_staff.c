/* SPDX-License-Identifier: ISC
 *
 * Tickets, Ticket, Reply, CloseTicket of the technicians' tools.  A technician
 * reads and answers the tickets of every account; nothing that one writes gives
 * a ticket more authority.
 */
#include "handlers.h"

#include "asked.h"
#include "seen.h"
#include "ticket.h"

#define LOOKED_AT_ONCE 1000	/* tickets read in one go, shown or not */

static enum cs_err put_of_account(struct request *r, const struct account *account, bool closed)
{
	struct ticket ticket = { .id = cursor_id(r->cursor) };

	for (unsigned i = 0; i < ROWS_AT_ONCE; i++) {
		enum cs_err e =
		    store_next_ticket_of(r->store, account->id, closed, ticket.id, &ticket);

		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e == CS_OK)
			e = ticket_put(r, &ticket);
		if (e != CS_OK)
			return e;
	}
	cursor_go_on(r->cursor, ticket.id);
	return CS_OK;
}

/* Of all accounts, newest first: their numbers are in the order of time. */
static enum cs_err put_all(struct request *r, bool closed)
{
	uint64_t at = r->cursor->started ? cursor_id(r->cursor) : store_count(r->store, SEQ_TICKET);
	struct ticket ticket;
	unsigned rows = 0;

	for (unsigned looked = 0; looked < LOOKED_AT_ONCE && rows < ROWS_AT_ONCE && at > 0;
	     looked++) {
		enum cs_err e = store_get_ticket(r->store, at--, &ticket);

		if (e == CS_ERR_NOTFOUND || (e == CS_OK && ticket.closed != closed))
			continue;
		if (e == CS_OK)
			e = ticket_put(r, &ticket);
		if (e != CS_OK)
			return e;
		rows++;
	}
	if (at == 0)
		return reply_done(r);
	cursor_go_on(r->cursor, at);
	return CS_OK;
}

enum cs_err handle_tickets(struct request *r)
{
	struct asked asked;
	struct account account;
	bool closed = false;
	enum cs_err e = seen_note(r);

	if (e == CS_OK)
		e = asked_read(r, &asked);
	if (e == CS_OK)
		e = may_bool(r, "closed", &closed);
	if (e == CS_OK && asked.typed.len == 0)
		return put_all(r, closed);
	if (e == CS_OK)
		e = asked_account_must(r, &asked, &account);
	return e == CS_OK ? put_of_account(r, &account, closed) : e;
}

static enum cs_err read_any(struct request *r, struct ticket *ticket)
{
	enum cs_err e = seen_note(r);

	return e == CS_OK ? ticket_read(r, ticket) : e;
}

enum cs_err handle_ticket(struct request *r)
{
	struct ticket ticket;
	enum cs_err e = read_any(r, &ticket);

	if (e == CS_OK && !r->cursor->started)
		e = ticket_put(r, &ticket);
	return e == CS_OK ? ticket_put_entries(r, &ticket) : e;
}

enum cs_err handle_reply(struct request *r)
{
	struct ticket ticket;
	enum cs_err e = read_any(r, &ticket);

	return e == CS_OK ? ticket_reply(r, &ticket, (struct speaker){ .admin = NULL }) : e;
}

enum cs_err handle_staff_close_ticket(struct request *r)
{
	struct ticket ticket;
	enum cs_err e = read_any(r, &ticket);

	return e == CS_OK ? ticket_close(r, &ticket, (struct speaker){ .admin = NULL }) : e;
}

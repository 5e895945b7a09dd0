/* SPDX-License-Identifier: ISC
 *
 * A ticket's number, what it authorises now, and the end of that.
 */
#include "ticket.h"

#include "name.h"

#include <stdlib.h>
#include <string.h>

uint64_t ticket_number(const struct entry *entry)
{
	return entry->kind == ENTRY_TICKET ? strtoull(entry->digits, NULL, 10) : 0;
}

enum ticket_authority ticket_authority(const struct store *store, const struct moment *now,
    const struct ticket *ticket)
{
	if (ticket->action.len == 0)
		return TICKET_NOTHING;
	switch (ticket->authority) {
	case ISSUE_USED:
		return TICKET_USED;
	case ISSUE_REPLACED:
	case ISSUE_REVOKED:
	case ISSUE_CANCELLED:
		return TICKET_ENDED;
	case ISSUE_LIVE:
		break;
	}
	/* A restored copy does not know what was used since it was made. */
	if (memcmp(ticket->generation, store_generation(store), sizeof(ticket->generation)) != 0)
		return TICKET_ENDED;
	return clock_over(now, &ticket->opened, ticket->epoch, ticket->life) ? TICKET_EXPIRED :
	    TICKET_LIVE;
}

void ticket_end(const struct request *r, struct ticket *ticket)
{
	if (ticket->authority != ISSUE_LIVE)
		return;
	ticket->authority = ISSUE_REVOKED;
	ticket->ended = r->now.at.wall;
}

enum cs_err ticket_close_all(struct request *r, uint64_t account)
{
	struct ticket ticket = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_ticket_of(r->store, account, false, ticket.id, &ticket)) == CS_OK) {
		ticket_end(r, &ticket);
		ticket.closed = true;
		ticket.updated = r->now.at.wall;
		ticket.touched = r->now.steady;
		store_put_ticket(r->store, &ticket);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err ticket_refuse_unknown(struct request *r)
{
	struct cs_str typed = CS_STR("");

	cs_msg_string(r->in, "ticket", &typed);
	return refuse_named(r, "NotFound", "what", typed, "There is no such ticket.");
}

enum cs_err ticket_read(struct request *r, struct ticket *ticket)
{
	struct cs_str typed;
	struct entry entry;
	enum cs_err e = want_string(r, "ticket", &typed);

	if (e != CS_OK)
		return e;
	code_parse(typed, &entry);
	e = store_get_ticket(r->store, ticket_number(&entry), ticket);
	return e == CS_ERR_NOTFOUND ? ticket_refuse_unknown(r) : e;
}

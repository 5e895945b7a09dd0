/* SPDX-License-Identifier: ISC
 *
 * Judges a ticket as a code is judged.  Its number is no secret: it is worth
 * what its author named, to who may ask for that, once.
 */
#include "ticket_try.h"

#include "name.h"
#include "ticket.h"

static void judge_life(struct attempt *a)
{
	switch (ticket_authority(a->r->store, &a->r->now, &a->ticket)) {
	case TICKET_NOTHING:
		attempt_refuse(a, CS_OTHER_ACTION);
		return;
	case TICKET_USED:
		attempt_refuse(a, CS_USED);
		return;
	case TICKET_EXPIRED:
		attempt_refuse(a, CS_EXPIRED);
		return;
	case TICKET_ENDED:
		attempt_refuse(a, CS_CANCELLED);
		return;
	case TICKET_LIVE:
		return;
	}
	attempt_refuse(a, CS_CANCELLED);
}

enum cs_err ticket_try_find(struct attempt *a, const struct entry *entry)
{
	uint64_t id = ticket_number(entry);
	enum cs_err e = store_get_ticket(a->r->store, id, &a->ticket);

	if (e == CS_ERR_NOTFOUND ||
	    (e == CS_OK && (!a->has_account || a->ticket.account != a->account.id))) {
		attempt_refuse_because(a, CS_WRONG, "there is no such ticket for this account. "
		    "Ask the caller for its number, or for a code.");
		return CS_OK;
	}
	if (e != CS_OK)
		return e;
	a->has_ticket = true;
	a->owner = a->ticket.admin;
	number_format('T', id, a->credential);
	judge_life(a);
	return CS_OK;
}

/* Unlike a code it always names its action, and its life is its own. */
void ticket_try_scope(struct attempt *a)
{
	const struct action *action = a->asked.action;
	const struct ticket *ticket = &a->ticket;

	if (!cs_str_is(ticket->action, action->name))
		attempt_refuse(a, CS_OTHER_ACTION);
	else if (ticket->targets.n == 0 ? action->bind_target :
	    a->asked.targets.n == 0 || !targets_within(&a->asked.targets, &ticket->targets))
		attempt_refuse(a, CS_OTHER_TARGET);
	else if (action->risk == RISK_HIGH && !ticket->proved)
		attempt_refuse_because(a, CS_NOT_PERMITTED,
		    "since this ticket was opened the change has come to need "
		    "more than its author showed then. Ask the caller for a code for this change.");
}

void ticket_try_consume(struct attempt *a, uint64_t verification)
{
	struct request *r = a->r;

	a->ticket.authority = ISSUE_USED;
	a->ticket.ended = r->now.at.wall;
	a->ticket.ended_by = r->who->uid;
	a->ticket.ended_by_name = cs_str(r->who->name);
	a->ticket.ended_event = verification;
	store_update_ticket(r->store, &a->ticket);
}

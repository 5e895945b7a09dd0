/* SPDX-License-Identifier: ISC
 *
 * The model of a ticket: opened, presented, closed, ended.  What is said in it
 * is not modelled, because it must change nothing.
 */
#include "model_inside.h"

#include <stdlib.h>
#include <string.h>

#define HOUR 3600

static const char *may_open(const struct model *m, int account, int person, int action, int target,
    bool proved)
{
	struct model_policy p;
	enum cs_reason reason;

	if (m->person[person].suspended)
		return "LoggedOut";
	if (!m->account[account].exists || !model_may_act(m, account, person))
		return "UnknownAccount";
	if (action == NONE)
		return target != NONE ? "InvalidParameter" : NULL;
	p = model_policy(m, account, action);
	if (p.bound && target == NONE)
		return "InvalidParameter";
	reason = model_look_at_person(m, account, person, action, p.high);
	if (m->account[account].standing != MODEL_ACTIVE || reason != CS_REASON_ACCEPTED)
		return "Refused";
	return p.high && !proved ? "ProofNeeded" : NULL;
}

static unsigned count_open(const struct model *m, int account)
{
	unsigned n = 0;

	for (size_t i = 0; i < m->ntickets; i++)
		n += m->ticket[i].account == account && !m->ticket[i].closed;
	return n;
}

const char *model_open(struct model *m, int account, int person, int action, int target,
    bool proved, size_t *index)
{
	const char *error = may_open(m, account, person, action, target, proved);
	struct model_tries *opened = &m->person[person].opened;

	if (error != NULL)
		return error;
	if (count_open(m, account) >= 100)
		return "Refused";
	if (model_tries_since(opened, m->steady - HOUR) >= 10)
		return "Throttled";
	model_try_once(opened, m->steady);
	*index = m->ntickets++;
	if (m->ntickets > MODEL_TICKETS)
		abort();
	m->ticket[*index] = (struct model_ticket){
		.live = true, .proved = proved, .account = account, .person = person,
		.action = action, .target = target, .opened = m->at, .epoch = m->epoch,
	};
	return NULL;
}

static void end_ticket(struct model_ticket *t)
{
	if (t->live)
		t->dead = CS_CANCELLED;
	t->live = false;
}

void model_close(struct model_ticket *t)
{
	end_ticket(t);
	t->closed = true;
}

void model_end_tickets(struct model *m, int person, int account)
{
	for (size_t i = 0; i < m->ntickets; i++) {
		struct model_ticket *t = &m->ticket[i];

		if ((person == NONE || person == t->person) &&
		    (account == NONE || account == t->account))
			end_ticket(t);
	}
}

static struct model_ticket *find_ticket(struct model *m, const struct model_ask *ask)
{
	for (size_t i = 0; i < m->ntickets; i++)
		if (m->ticket[i].account == ask->account &&
		    strcmp(m->ticket[i].id, ask->entry) == 0)
			return &m->ticket[i];
	return NULL;
}

enum cs_reason model_look_at_ticket(struct model *m, const struct model_ask *ask,
    const struct model_policy *p, struct model_ticket **found, int *person)
{
	struct model_ticket *t = find_ticket(m, ask);
	enum cs_reason reason;

	if (t == NULL)
		return CS_WRONG;
	if (t->action == NONE)
		return CS_OTHER_ACTION;
	if (!t->live)
		return t->dead;
	if (model_over(m, t->opened, t->epoch, 72 * HOUR))
		return CS_EXPIRED;
	if (ask->person != NONE && ask->person != t->person)
		return CS_NOT_PERMITTED;
	*person = t->person;
	reason = model_look_at_person(m, ask->account, t->person, ask->action, p->high);
	if (reason == CS_NOT_PERMITTED)
		return reason;
	if (t->action != ask->action)
		return CS_OTHER_ACTION;
	if (t->target == NONE ? p->bound : t->target != ask->target)
		return CS_OTHER_TARGET;
	if (p->high && !t->proved)
		return CS_NOT_PERMITTED;
	*found = t;
	return reason;
}

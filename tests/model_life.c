/* SPDX-License-Identifier: ISC
 *
 * The model of a code's beginning, and of every end.
 */
#include "model_inside.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static const char *may_issue(const struct model *m, int account, int person, int action, int target)
{
	struct model_policy p;

	if (action == NONE && target != NONE)
		return "InvalidParameter";
	if (!m->account[account].exists)
		return "UnknownAccount";
	if (action != NONE && target == NONE && model_policy(m, account, action).bound)
		return "InvalidParameter";
	if (!m->person[person].exists)
		return "UnknownAdministrator";
	if (m->account[account].standing != MODEL_ACTIVE || !model_may_act(m, account, person))
		return "Refused";
	if (action == NONE)
		return NULL;
	p = model_policy(m, account, action);
	return model_look_at_person(m, account, person, action, p.high) == CS_REASON_ACCEPTED ? NULL
											: "Refused";
}

/* Sorts the account's codes: live ones, the one of this scope, those of this
 * person that others killed. */
struct model_survey {
	unsigned live, dead, killed;
	struct model_code *same;
};

static bool is_live(const struct model *m, const struct model_code *c)
{
	return c->live && !model_over(m, c->issued, c->epoch, c->life) && !model_was_killed(m, c);
}

static struct model_survey survey(struct model *m, int account, int person, int action, int target)
{
	struct model_survey s = { .same = NULL };

	for (size_t i = 0; i < m->ncodes; i++) {
		struct model_code *c = &m->code[i];

		if (c->gone || c->account != account)
			continue;
		if (!is_live(m, c)) {
			s.dead++;
			s.killed += c->live && c->person == person &&
			    !model_over(m, c->issued, c->epoch, c->life);
			continue;
		}
		s.live++;
		if (c->person == person && c->action == action && c->target == target)
			s.same = c;
	}
	return s;
}

static void cancel_killed(struct model *m, int account, int person)
{
	for (size_t i = 0; i < m->ncodes; i++) {
		struct model_code *c = &m->code[i];

		if (c->gone || c->account != account || c->person != person || !c->live ||
		    model_over(m, c->issued, c->epoch, c->life) || !model_was_killed(m, c))
			continue;
		c->live = false;
		c->dead = CS_CANCELLED;
	}
}

/* At most 64 dead codes an account stay. */
static void bury(struct model *m, int account, unsigned n)
{
	for (size_t i = 0; i < m->ncodes && n > 0; i++) {
		struct model_code *c = &m->code[i];

		if (!c->gone && c->account == account && !is_live(m, c)) {
			c->gone = true;
			n--;
		}
	}
}

const char *model_issue(struct model *m, int account, int person, int action, int target,
    bool replace, size_t *index, bool *fresh)
{
	const char *error = may_issue(m, account, person, action, target);
	struct model_tries *issued = &m->person[person].issued;
	struct model_survey s;
	int64_t life;

	if (error != NULL)
		return error;
	life = action == NONE ? 600 : model_policy(m, account, action).life;
	s = survey(m, account, person, action, target);
	*fresh = s.same == NULL || replace || s.same->life > life;
	if (*fresh &&
	    ((s.live >= 64 && s.same == NULL) ||
		model_tries_since(issued, m->steady - HOUR) >=
		    20 + least(s.killed, (int64_t)issued->n)))
		return "Throttled";
	issued->n -= (size_t)least(s.killed, (int64_t)issued->n);
	if (!*fresh) {
		cancel_killed(m, account, person);
		*index = (size_t)(s.same - m->code);
		return NULL;
	}
	model_try_once(issued, m->steady);
	bury(m, account, s.dead + (s.same != NULL) > 64 ? s.dead + (s.same != NULL) - 64 : 0);
	cancel_killed(m, account, person);
	if (s.same != NULL) {
		s.same->live = false;
		s.same->dead = CS_REPLACED;
	}
	*index = m->ncodes++;
	if (m->ncodes > MODEL_CODES)
		abort();
	m->code[*index] = (struct model_code){
		.live = true, .account = account, .person = person, .action = action,
		.target = target, .issued = m->at, .epoch = m->epoch, .life = life,
		.wrong_before = m->account[account].wrong.total,
	};
	return NULL;
}

static bool is_of(int wanted, int is)
{
	return wanted == NONE || wanted == is;
}

/* NONE: of whatever person, account, technician. */
static void end_codes(struct model *m, int person, int account)
{
	for (size_t i = 0; i < m->ncodes; i++) {
		struct model_code *c = &m->code[i];

		if (!c->live || !is_of(person, c->person) || !is_of(account, c->account))
			continue;
		c->live = false;
		c->dead = CS_CANCELLED;
	}
}

static void end_grants(struct model *m, int person, int account, int technician)
{
	for (size_t i = 0; i < m->ngrants; i++) {
		struct model_grant *g = &m->grant[i];

		g->ended |= !g->spent && is_of(person, g->person) && is_of(account, g->account) &&
		    is_of(technician, g->technician);
	}
}

void model_end(struct model *m, int person, int account)
{
	end_codes(m, person, account);
	model_end_tickets(m, person, account);
	end_grants(m, person, account, NONE);
}

void model_end_account(struct model *m, int account)
{
	end_codes(m, NONE, account);
	model_end_tickets(m, NONE, account);
	end_grants(m, NONE, account, NONE);
}

void model_end_technician(struct model *m, int technician)
{
	end_grants(m, NONE, NONE, technician);
}

/* Who comes back under the same name is another person: nothing of the old one
 * may be left that the new one could be taken for. */
static void bury_person(struct model *m, int person)
{
	m->person[person] = (struct model_person){ .life = m->person[person].life + 1 };
	for (size_t i = 0; i < m->ngrants; i++)
		if (m->grant[i].person == person)
			m->grant[i].person = MODEL_PERSONS;
	for (size_t i = 0; i < m->ncodes; i++)
		if (m->code[i].person == person)
			m->code[i].person = MODEL_PERSONS;
	for (size_t i = 0; i < m->ntickets; i++)
		if (m->ticket[i].person == person)
			m->ticket[i].person = MODEL_PERSONS;
}

void model_remove(struct model *m, int person, int account)
{
	struct model_person *p = &m->person[person];
	bool left = false;

	for (int a = 0; a < MODEL_ACCOUNTS; a++) {
		if (p->of[a].is && is_of(account, a)) {
			model_end(m, person, a);
			p->of[a] = (struct model_member){ .is = false };
		}
		left = left || p->of[a].is;
	}
	if (!left)
		bury_person(m, person);
}

void model_remove_account(struct model *m, int account)
{
	model_end_account(m, account);
	for (int p = 0; p < MODEL_PERSONS; p++)
		if (m->person[p].of[account].is)
			model_remove(m, p, account);
	m->account[account] = (struct model_account){ .life = m->account[account].life + 1 };
	for (size_t i = 0; i < m->ngrants; i++)
		if (m->grant[i].account == account)
			m->grant[i].account = MODEL_ACCOUNTS;
	for (size_t i = 0; i < m->ncodes; i++)
		if (m->code[i].account == account)
			m->code[i].account = MODEL_ACCOUNTS;
	for (size_t i = 0; i < m->ntickets; i++)
		if (m->ticket[i].account == account) {
			m->ticket[i].account = MODEL_ACCOUNTS;
			model_close(&m->ticket[i]);
		}
}

static bool is_long_over(const struct model *m, int64_t then, int64_t life)
{
	return llabs(m->at.wall - then) > life + DAY;
}

/* The oldest first, up to one that is not over for a day. */
void model_purge(struct model *m)
{
	for (size_t i = 0; i < m->ncodes; i++) {
		if (!m->code[i].gone && !is_long_over(m, m->code[i].issued.wall, m->code[i].life))
			break;
		m->code[i].gone = true;
	}
	for (size_t i = 0; i < m->ngrants; i++) {
		if (!m->grant[i].gone && !is_long_over(m, m->grant[i].issued.wall, 15 * MINUTE))
			break;
		m->grant[i].gone = true;
	}
}

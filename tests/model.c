/* SPDX-License-Identifier: ISC
 *
 * See model.h.  Numbers are those of the design (§5, §6, §8, §10).
 */
#include "model_inside.h"

#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

const char *const model_action_name[MODEL_ACTIONS] = {
	"report.mail", "service.change", "mail.server", "note.add", "log.read", "general",
};

const struct model_policy model_configured[MODEL_ACTIONS] = {
	[REPORT] = { .code = true, .life = 600 },
	[CHANGE] = { .code = true, .high = true, .life = 600 },
	[SERVER] = { .code = true, .high = true, .bound = true, .life = 600 },
	[NOTE] = { .code = true, .app = true, .life = 300 },
	[LOG] = { .code = true, .app = true, .shadow = true, .life = 600 },
	[GENERAL] = { .life = 600 },
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void model_start(struct model *m, struct model_time at)
{
	memset(m, 0, sizeof(*m));
	m->at = at;
}

/* Steady time grows by the smaller clock; clocks that part by a minute end what
 * is live; wall time is believed as far as time is known to have passed.  Of the
 * time between two boots an hour counts. */
void model_judge_clock(struct model *m)
{
	int64_t wall = m->at.wall - m->last.wall, boot = m->at.boot - m->last.boot, passed, may;
	bool rebooted = m->at.boot_id != m->last.boot_id, lied;

	m->steady = m->started ? m->kept_steady : 1;
	m->epoch = m->kept_epoch;
	m->highest = m->started ? m->kept_highest : m->at.wall;
	if (m->started) {
		lied = rebooted ? wall <= -MINUTE : llabs(wall - boot) >= MINUTE;
		passed = most(0, least(wall, rebooted ? 60 * MINUTE : boot));
		may = rebooted ? 0 : lied ? passed : 100 * passed;
		m->steady += passed;
		m->epoch += lied;
		if (m->at.wall > m->highest)
			m->highest = least(m->at.wall, m->highest + may);
		else if (m->kept_steady < 60 * MINUTE && m->at.wall < m->highest - DAY)
			m->highest = m->at.wall;
	}
	m->plausible = m->at.wall > m->highest - MINUTE;
}

/* A second that one clock alone has counted is left for the next time. */
void model_keep_clock(struct model *m)
{
	int64_t wall = m->at.wall - m->last.wall, boot = m->at.boot - m->last.boot;
	int64_t passed = m->steady - m->kept_steady;
	bool apart = m->epoch != m->kept_epoch, same = m->at.boot_id == m->last.boot_id;

	if (!m->started)
		apart = true;
	m->last = m->at;
	if (!apart && same) {
		m->last.wall -= wall > passed;
		m->last.boot -= boot > passed;
	}
	m->kept_steady = m->steady;
	m->kept_highest = m->highest;
	m->kept_epoch = m->epoch;
	m->started = true;
}

bool model_over(const struct model *m, struct model_time then, uint64_t epoch, int64_t life)
{
	int64_t wall = m->at.wall - then.wall;

	if (epoch != m->epoch || wall >= life)
		return true;
	return then.boot_id == m->at.boot_id ? m->at.boot - then.boot >= life : wall <= -MINUTE;
}

unsigned model_tries_since(const struct model_tries *t, int64_t since)
{
	unsigned n = 0;

	for (size_t i = t->n; i > 0 && t->at[i - 1] > since; i--)
		n++;
	return n;
}

static bool day_is_full(const struct model_tries *t, unsigned limit, int64_t now)
{
	return t->today >= limit && now < t->day + DAY;
}

void model_try_once(struct model_tries *t, int64_t now)
{
	if (t->n == MODEL_TIMES)
		abort();
	t->at[t->n++] = now;
	t->total++;
	if (t->today == 0 || now >= t->day + DAY) {
		t->day = now;
		t->today = 0;
	}
	t->today++;
}

static bool account_is_full(const struct model_account *a, int64_t now)
{
	return model_tries_since(&a->wrong, now - HOUR) >= 10 || day_is_full(&a->wrong, 20, now);
}

static bool is_throttled(const struct model *m, int technician)
{
	const struct model_tries *wrong = &m->wrong[technician];

	return day_is_full(wrong, 200, m->steady) ||
	    model_tries_since(&m->misheard[technician], m->steady - 10 * MINUTE) >= 30 ||
	    (model_tries_since(wrong, m->steady - 10 * MINUTE) >= 5 &&
	    wrong->at[wrong->n - 1] + 30 > m->steady);
}

static void count(struct model *m, int technician, int account, enum cs_reason reason)
{
	if (reason == CS_MISHEARD)
		model_try_once(&m->misheard[technician], m->steady);
	if (reason != CS_WRONG)
		return;
	model_try_once(&m->wrong[technician], m->steady);
	if (account != NONE && m->account[account].exists) {
		struct model_account *a = &m->account[account];
		bool before = account_is_full(a, m->steady);

		model_try_once(&a->wrong, m->steady);
		if (!before && account_is_full(a, m->steady))
			a->wrong.filled = a->wrong.total;
	}
}

/* Of more than thirty refusals in a minute only a sum goes into the log. */
static bool is_summed(struct model *m, int technician, enum cs_reason reason)
{
	struct model_tries *refused = &m->refused[technician];
	bool flood = model_tries_since(refused, m->steady - MINUTE) >= 30;

	if (reason == CS_MISHEARD || reason == CS_THROTTLED)
		return true;
	model_try_once(refused, m->steady);
	return flood;
}

struct model_policy model_policy(const struct model *m, int account, int action)
{
	struct model_policy p = model_configured[action];
	const struct model_policy *extra;

	if (account == NONE || m->account[account].extra[action].life == 0)
		return p;
	extra = &m->account[account].extra[action];
	p.code |= extra->code;
	p.high |= extra->high;
	p.bound |= extra->bound;
	p.shadow &= !extra->shadow;
	p.app &= !extra->app && !p.high && !p.bound;
	p.life = least(p.life, extra->life);
	return p;
}

bool model_was_killed(const struct model *m, const struct model_code *c)
{
	const struct model_account *a = &m->account[c->account];

	return a->wrong.total - c->wrong_before >= 3 ||
	    (account_is_full(a, m->steady) && c->wrong_before < a->wrong.filled);
}

static enum cs_reason look_at_account(const struct model *m, int account)
{
	if (account == NONE || !m->account[account].exists)
		return CS_UNKNOWN_ACCOUNT;
	switch (m->account[account].standing) {
	case MODEL_ACTIVE:
		return CS_REASON_ACCEPTED;
	case MODEL_SUSPENDED:
		return CS_SUSPENDED;
	case MODEL_FROZEN:
		return CS_FROZEN;
	}
	return CS_WRONG;
}

bool model_may_act(const struct model *m, int account, int person)
{
	const struct model_member *member = &m->person[person].of[account];

	return m->person[person].exists && !m->person[person].suspended && member->is &&
	    !member->suspended;
}

enum cs_reason model_look_at_person(const struct model *m, int account, int person, int action,
    bool high)
{
	const struct model_member *member = &m->person[person].of[account];

	if (!model_may_act(m, account, person) || (member->actions & 1u << action) == 0)
		return CS_NOT_PERMITTED;
	return high && member->cooling_until > m->steady ? CS_COOLING_OFF : CS_REASON_ACCEPTED;
}

static struct model_code *find_code(struct model *m, int account, const char *digits)
{
	for (size_t i = 0; i < m->ncodes; i++)
		if (!m->code[i].gone && m->code[i].account == account &&
		    strcmp(m->code[i].digits, digits) == 0)
			return &m->code[i];
	return NULL;
}

static enum cs_reason look_at_code(struct model *m, const struct model_ask *ask,
    const struct model_policy *p, const struct model_code *c, int *person)
{
	enum cs_reason reason;

	if (c == NULL)
		return CS_WRONG;
	if (!c->live)
		return c->dead;
	if (model_over(m, c->issued, c->epoch, c->life))
		return CS_EXPIRED;
	if (model_was_killed(m, c))
		return CS_CANCELLED;
	if (ask->person != NONE && ask->person != c->person)
		return CS_NOT_PERMITTED;
	*person = c->person;
	reason = model_look_at_person(m, ask->account, c->person, ask->action, p->high);
	if (reason == CS_NOT_PERMITTED)
		return reason;
	if (c->action == NONE ? p->high : c->action != ask->action)
		return CS_OTHER_ACTION;
	if (c->target == NONE ? p->bound : c->target != ask->target)
		return CS_OTHER_TARGET;
	if (model_over(m, c->issued, c->epoch, p->life))
		return CS_EXPIRED;
	return reason;
}

/* The step whose code this is, within the window. */
static bool find_step(const struct model *m, const struct model_app *app, const char *digits,
    int64_t *step)
{
	int64_t now = m->at.wall / 30 + app->drift;
	char text[8];

	for (*step = now - 1; *step <= now + 1; ++*step)
		if (oath_totp_generate((const char *)app->secret, 20, (time_t)(*step * 30), 30, 0,
			6, text) == OATH_OK &&
		    strcmp(text, digits) == 0)
			return true;
	return false;
}

static enum cs_reason look_at_app(struct model *m, const struct model_ask *ask,
    const struct model_policy *p, int *person)
{
	struct model_app *app;
	int64_t step;
	enum cs_reason reason;

	if (ask->person == NONE)
		return CS_MISHEARD;
	if (!p->app || !m->plausible)
		return CS_NOT_PERMITTED;
	if (account_is_full(&m->account[ask->account], m->steady))
		return CS_THROTTLED;
	app = &m->person[ask->person].app;
	if (!m->person[ask->person].exists || !m->person[ask->person].of[ask->account].is ||
	    !app->confirmed || app->wrong >= 50)
		return CS_WRONG;
	if (!find_step(m, app, ask->entry, &step)) {
		app->wrong++;
		return CS_WRONG;
	}
	if (step < app->last)
		return CS_USED;
	*person = ask->person;
	reason = model_look_at_person(m, ask->account, ask->person, ask->action, p->high);
	if (reason != CS_REASON_ACCEPTED)
		return reason;
	app->last = step + 1;
	app->wrong = 0;
	if (llabs(step - m->at.wall / 30) <= 10)
		app->drift = step - m->at.wall / 30;
	return CS_REASON_ACCEPTED;
}

static bool shadow_passes(enum cs_reason reason)
{
	return reason != CS_THROTTLED && reason != CS_UNKNOWN_ACCOUNT && reason != CS_SUSPENDED &&
	    reason != CS_FROZEN;
}

/* What was accepted: one of them, or neither. */
struct shown {
	struct model_code *code;
	struct model_ticket *ticket;
};

static void give_grant(const struct model *m, const struct model_ask *ask, const struct shown *s,
    struct model_verdict *v)
{
	v->gives_grant = true;
	v->given = (struct model_grant){
		.account = ask->account, .person = v->truly ? v->person : NONE,
		.technician = ask->technician, .action = ask->action, .target = ask->target,
		.issued = m->at, .epoch = m->epoch, .shadow = !v->truly, .reason = v->reason,
	};
	if (v->given.person == NONE)
		return;
	v->given.from = s->code != NULL ? FROM_CODE : s->ticket != NULL ? FROM_TICKET : FROM_APP;
	v->given.named_action = (s->code != NULL && s->code->action != NONE) ||
	    (s->ticket != NULL && s->ticket->proved);
	v->given.named_target = (s->code != NULL && s->code->target != NONE) ||
	    (s->ticket != NULL && s->ticket->target != NONE);
}

static enum cs_reason decide(struct model *m, const struct model_ask *ask,
    const struct model_policy *p, struct shown *s, struct model_verdict *v)
{
	enum cs_reason reason;

	if (is_throttled(m, ask->technician))
		return CS_THROTTLED;
	if (ask->account == NONE && !p->code)
		return CS_REASON_ACCEPTED;
	reason = look_at_account(m, ask->account);
	if (reason != CS_REASON_ACCEPTED)
		return reason;
	if (p->bound && ask->target == NONE) {
		v->error = "InvalidParameter";
		return CS_WRONG;
	}
	if (!p->code)
		return CS_REASON_ACCEPTED;
	switch (ask->shape) {
	case SHOWS_NOTHING:
		return CS_MISHEARD;
	case SHOWS_NINE:
		s->code = find_code(m, ask->account, ask->entry);
		return look_at_code(m, ask, p, s->code, &v->person);
	case SHOWS_TICKET:
		return model_look_at_ticket(m, ask, p, &s->ticket, &v->person);
	case SHOWS_APP:
		return look_at_app(m, ask, p, &v->person);
	}
	return CS_WRONG;
}

struct model_verdict model_verify(struct model *m, const struct model_ask *ask)
{
	struct model_policy p = model_policy(m, ask->account, ask->action);
	struct model_verdict v = { .person = NONE };
	struct shown s = { NULL, NULL };

	if (m->out[ask->technician])
		v.error = "NotPermitted";
	else if (model_configured[ask->action].bound && ask->target == NONE)
		v.error = "InvalidParameter";
	else
		v.reason = decide(m, ask, &p, &s, &v);
	if (v.error != NULL)
		return v;
	v.truly = v.reason == CS_REASON_ACCEPTED;
	v.accepted = v.truly || (p.shadow && shadow_passes(v.reason));
	count(m, ask->technician, ask->account, v.reason);
	v.summed = !v.accepted && is_summed(m, ask->technician, v.reason);
	if (v.accepted && ask->grant)
		give_grant(m, ask, &s, &v);
	if (v.truly && s.code != NULL) {
		s.code->live = false;
		s.code->dead = CS_USED;
	}
	if (v.truly && s.ticket != NULL) {
		s.ticket->live = false;
		s.ticket->dead = CS_USED;
	}
	return v;
}

static bool grant_still_does(const struct model_grant *g, const struct model_policy *p)
{
	if (p->bound && g->target == NONE)
		return false;
	if (g->shadow)
		return p->shadow;
	if (!p->code)
		return true;
	if (g->from == FROM_APP)
		return p->app;
	return (g->from == FROM_CODE || g->from == FROM_TICKET) && (!p->high || g->named_action) &&
	    (!p->bound || g->named_target);
}

static enum cs_reason look_at_grant(struct model *m, const struct model_ask *ask,
    const struct model_policy *p, struct model_grant **found)
{
	struct model_grant *g = NULL;

	for (size_t i = 0; i < m->ngrants; i++)
		if (!m->grant[i].gone && strcmp(m->grant[i].text, ask->entry) == 0)
			g = &m->grant[i];
	if (g == NULL)
		return CS_WRONG;
	if (g->spent)
		return CS_USED;
	if (g->ended)
		return CS_CANCELLED;
	if (model_over(m, g->issued, g->epoch, 15 * MINUTE))
		return CS_EXPIRED;
	if (g->technician != ask->technician)
		return CS_NOT_PERMITTED;
	if (g->account != ask->account)
		return CS_OTHER_TARGET;
	if (g->action != ask->action)
		return CS_OTHER_ACTION;
	if (g->target != ask->target)
		return CS_OTHER_TARGET;
	if (!grant_still_does(g, p))
		return CS_NOT_PERMITTED;
	*found = g;
	return g->person == NONE ? CS_REASON_ACCEPTED :
	    model_look_at_person(m, ask->account, g->person, ask->action, p->high);
}

struct model_verdict model_redeem(struct model *m, const struct model_ask *ask)
{
	struct model_policy p = model_policy(m, ask->account, ask->action);
	struct model_verdict v = { .person = NONE, .reason = CS_REASON_ACCEPTED };
	struct model_grant *g = NULL;

	if (m->out[ask->technician]) {
		v.error = "NotPermitted";
		return v;
	}
	if (is_throttled(m, ask->technician))
		v.reason = CS_THROTTLED;
	else if (ask->account != NONE || p.code)
		v.reason = look_at_account(m, ask->account);
	if (v.reason == CS_REASON_ACCEPTED)
		v.reason = look_at_grant(m, ask, &p, &g);
	v.accepted = v.reason == CS_REASON_ACCEPTED;
	if (v.accepted)
		v.reason = g->reason;
	v.truly = v.reason == CS_REASON_ACCEPTED;
	if (!v.accepted)
		count(m, ask->technician, ask->account, v.reason);
	v.summed = !v.accepted && is_summed(m, ask->technician, v.reason);
	if (v.accepted)
		g->spent = true;
	return v;
}

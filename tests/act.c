/* SPDX-License-Identifier: ISC
 *
 * See act.h.
 */
#include "act.h"

#include <inttypes.h>
#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TOLD 40		/* acts that a difference prints */

struct desk act_desk;
struct model act_model;
unsigned long act_step;
unsigned long act_seen[CS_REASONS];

static uint64_t seed;
static char told[TOLD][400];

/* The verification that may be asked again under its request id. */
static struct {
	bool is, has_account;
	size_t grant;			/* counted from 1; 0: none */
	unsigned life, account_life;
	unsigned long step;
	int64_t steady;
	uint64_t epoch;
	struct model_ask ask;
	struct model_verdict verdict;
	char request[40];
} memo;

unsigned act_below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

bool act_one_in(unsigned n)
{
	return act_below(n) == 0;
}

__attribute__((format(printf, 1, 2))) void act_tell(const char *fmt, ...)
{
	char *line = told[act_step % TOLD];
	va_list ap;
	int n = snprintf(line, sizeof(told[0]), "%lu (%" PRId64 "): ", act_step, act_desk.at.wall);

	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(told[0]) - (size_t)n, fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 1, 2))) static void differ(const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (unsigned long i = act_step < TOLD ? 0 : act_step - TOLD + 1; i <= act_step; i++)
		print_error("%s\n", told[i % TOLD]);
	fail_msg("step %lu: %s", act_step, text);
}

void act_expect(const char *error)
{
	if (strcmp(desk_text(&act_desk, "error"), error == NULL ? "" : error) != 0)
		differ("the daemon says \"%s\", the model \"%s\"", desk_text(&act_desk, "error"),
		    error == NULL ? "" : error);
}

void act_scope(char *out, size_t cap, int account, int person, int action, int target)
{
	int n = 0;

	out[0] = '\0';
	if (account != NONE)
		n += snprintf(out + n, cap - (size_t)n, "'account':'a%d',", account);
	else
		n += snprintf(out + n, cap - (size_t)n, "'account':'',");
	if (person != NONE)
		n += snprintf(out + n, cap - (size_t)n, "'administrator':'p%d',", person);
	if (action != NONE)
		n +=
		    snprintf(out + n, cap - (size_t)n, "'action':'%s',", model_action_name[action]);
	if (target != NONE)
		snprintf(out + n, cap - (size_t)n, "'target':['h%d.example=203.0.113.%d'],", target,
		    target);
}

static void compare(const struct model_verdict *v)
{
	const char *reason = desk_text(&act_desk, "reason");
	bool accepted = strcmp(desk_text(&act_desk, "verdict"), "accepted") == 0;

	act_expect(v->error);
	if (v->error != NULL)
		return;
	act_seen[v->reason]++;
	if (strcmp(reason, cs_reason_name(v->reason)) != 0 || accepted != v->accepted)
		differ("the daemon says %s %s, the model %s %s: %s",
		    desk_text(&act_desk, "verdict"), reason, v->accepted ? "accepted" : "refused",
		    cs_reason_name(v->reason), desk_text(&act_desk, "say"));
}

static void take_grant(const struct model_verdict *v)
{
	struct model_grant *g = &act_model.grant[act_model.ngrants];

	if (!v->gives_grant)
		return;
	assert_true(act_model.ngrants < MODEL_GRANTS);
	*g = v->given;
	snprintf(g->text, sizeof(g->text), "%s", desk_text(&act_desk, "grant"));
	if (g->text[0] == '\0')
		differ("no grant was given");
	act_model.ngrants++;
}

/* What is summed in the log is not remembered. */
static void remember(const struct model_ask *ask, const struct model_verdict *v,
    const char *request)
{
	if (v->error != NULL || v->summed)
		return;
	memo.is = true;
	memo.ask = *ask;
	memo.verdict = *v;
	memo.grant = v->gives_grant ? act_model.ngrants : 0;
	memo.steady = act_model.steady;
	memo.epoch = act_model.epoch;
	memo.step = act_step;
	memo.has_account = ask->account != NONE && act_model.account[ask->account].exists;
	memo.account_life = memo.has_account ? act_model.account[ask->account].life : 0;
	memo.life = v->person == NONE ? 0 : act_model.person[v->person].life;
	snprintf(memo.request, sizeof(memo.request), "%s", request);
}

static void ask_verify(const struct model_ask *ask, const char *request)
{
	char scope[256], technician[8];

	act_scope(scope, sizeof(scope), ask->account, ask->person, ask->action, ask->target);
	snprintf(technician, sizeof(technician), "t%d", ask->technician);
	desk_sit(&act_desk, (uid_t)(DESK_MIA + ask->technician), technician);
	desk_ask(&act_desk, "staff.Verify", "%s'code':'%s','grant':%s,'request':'%s'", scope,
	    ask->entry, ask->grant ? "true" : "false", request);
	act_tell("t%d verify %s%s%s -> %s %s%s", ask->technician, scope, ask->entry,
	    ask->grant ? " grant" : "", desk_text(&act_desk, "verdict"),
	    desk_text(&act_desk, "reason"), desk_text(&act_desk, "parameter"));
}

static void verify_anew(const struct model_ask *ask, const char *request)
{
	struct model_verdict v = model_verify(&act_model, ask);

	ask_verify(ask, request);
	compare(&v);
	take_grant(&v);
	remember(ask, &v, request);
}

/* A code of late, mostly presented for what it was issued for. */
static void present_code(struct model_ask *ask)
{
	size_t back = act_below(act_one_in(4) ? 60 : 4) + 1;
	const struct model_code *c;

	if (back > act_model.ncodes)
		return;
	c = &act_model.code[act_model.ncodes - back];
	ask->shape = SHOWS_NINE;
	memcpy(ask->entry, c->digits, sizeof(c->digits));
	if (act_one_in(5))
		return;
	ask->account = c->account;
	if (c->action != NONE && !act_one_in(6))
		ask->action = c->action;
	if (c->target != NONE && !act_one_in(6))
		ask->target = c->target;
}

static void present_app(struct model_ask *ask)
{
	static char again[8];
	static int person = NONE;

	if (person != NONE && act_one_in(3)) {
		*ask = (struct model_ask){ .technician = ask->technician,
			.account = ask->account,
			.person = person,
			.action = act_one_in(2) ? LOG : NOTE,
			.target = NONE,
			.shape = SHOWS_APP };
		memcpy(ask->entry, again, sizeof(again));
		return;
	}
	int64_t off = (int64_t)act_below(5) - 2;
	const struct model_app *app;

	ask->shape = SHOWS_APP;
	ask->person = act_one_in(8) ? NONE : (int)act_below(MODEL_PERSONS);
	ask->action = act_one_in(5) ? ask->action : act_one_in(3) ? LOG : NOTE;
	app = ask->person == NONE ? NULL : &act_model.person[ask->person].app;
	if (app == NULL || !app->enrolled || act_one_in(3)) {
		snprintf(ask->entry, sizeof(ask->entry), "%06u", act_below(1000000));
		return;
	}
	assert_int_equal(oath_totp_generate((const char *)app->secret, 20,
	    (time_t)((act_desk.at.wall / 30 + off) * 30), 30, 0, 6, ask->entry), OATH_OK);
	memcpy(again, ask->entry, sizeof(again));
	person = ask->person;
}

/* One of late, mostly for what it was opened for. */
static void present_ticket(struct model_ask *ask)
{
	size_t back = act_below(act_one_in(4) ? 60 : 6) + 1;
	const struct model_ticket *t;

	if (back > act_model.ntickets)
		return;
	t = &act_model.ticket[act_model.ntickets - back];
	ask->shape = SHOWS_TICKET;
	strcpy(ask->entry, t->id);
	if (act_one_in(8))
		return;
	ask->account = t->account == MODEL_ACCOUNTS ? ask->account : t->account;
	ask->action = t->action == NONE || act_one_in(8) ? ask->action : t->action;
	ask->target = t->target == NONE || act_one_in(8) ? ask->target : t->target;
}

static void do_verify(void)
{
	struct model_ask ask = {
		.technician = (int)act_below(MODEL_TECHNICIANS),
		.account = act_one_in(30) ? NONE : (int)act_below(MODEL_ACCOUNTS),
		.person = act_one_in(10) ? (int)act_below(MODEL_PERSONS) : NONE,
		.action = (int)act_below(MODEL_ACTIONS),
		.target = act_one_in(2) ? NONE : (int)act_below(MODEL_TARGETS),
		.grant = act_one_in(3),
	};
	char request[40];

	switch (act_below(20)) {
	case 0:
		strcpy(ask.entry, desk_wrong(&act_desk));
		ask.shape = SHOWS_NINE;
		break;
	case 1:
		strcpy(ask.entry, act_one_in(2) ? "12 34" : "");
		break;
	case 2:
	case 3:
	case 4: present_app(&ask); break;
	case 5:
	case 6:
	case 7:
		present_ticket(&ask);
		break;
	default:
		present_code(&ask);
	}
	snprintf(request, sizeof(request), "the-request-of-step-%lu", act_step);
	verify_anew(&ask, request);
}

/* Who was removed and added again since did not authorise it anew. */
static bool giver_stands(void)
{
	const struct model_verdict *v = &memo.verdict;
	const struct model_person *p = &act_model.person[v->person == NONE ? 0 : v->person];
	const struct model_member *member = &p->of[memo.has_account ? memo.ask.account : 0];

	return v->person == NONE || (p->exists && !p->suspended && p->life == memo.life &&
	    member->is && !member->suspended &&
	    member->added < memo.step);
}

static bool account_stands(void)
{
	const struct model_account *a = &act_model.account[memo.has_account ? memo.ask.account : 0];

	return !memo.has_account || (a->exists && a->life == memo.account_life &&
	    a->standing == MODEL_ACTIVE);
}

static bool still_stands(void)
{
	const struct model_grant *g = &act_model.grant[memo.grant > 0 ? memo.grant - 1 : 0];

	return act_model.epoch == memo.epoch && act_model.steady - memo.steady <= 120 &&
	    account_stands() && giver_stands() &&
	    (memo.grant == 0 || (!g->gone && !g->ended));
}

static void do_repeat(void)
{
	struct model_verdict v = memo.verdict;

	if (!memo.is) {
		struct model_ask ask = memo.ask;
		char request[sizeof(memo.request)];

		strcpy(request, memo.request[0] != '\0' ? memo.request : "a-request-never-asked");
		verify_anew(&ask, request);
		return;
	}
	/* What ends in between is not given again. */
	if (memo.grant > 0 && !act_model.out[memo.ask.technician] && act_one_in(6)) {
		act_technician(memo.ask.technician, true);
		act_technician(memo.ask.technician, false);
	}
	if (act_model.out[memo.ask.technician])
		v = (struct model_verdict){ .error = "NotPermitted" };
	else if (v.accepted && !still_stands())
		v = (struct model_verdict){ .reason = CS_USED };
	ask_verify(&memo.ask, memo.request);
	compare(&v);
	if (v.error == NULL && v.gives_grant && v.accepted &&
	    desk_text(&act_desk, "grant")[0] == '\0')
		differ("the grant was not given again");
}

static void do_redeem(void)
{
	struct model_ask ask = { .person = NONE, .target = NONE };
	const struct model_grant *g;
	struct model_verdict v;
	size_t back = act_below(8) + 1;
	char scope[256], technician[8];

	if (back > act_model.ngrants)
		return;
	g = &act_model.grant[act_model.ngrants - back];
	ask.technician = act_one_in(10) ? (int)act_below(MODEL_TECHNICIANS) : g->technician;
	ask.account = act_one_in(10) ? (int)act_below(MODEL_ACCOUNTS) : g->account;
	ask.action = act_one_in(10) ? (int)act_below(MODEL_ACTIONS) : g->action;
	ask.target = act_one_in(10) ? (int)act_below(MODEL_TARGETS) : g->target;
	strcpy(ask.entry, g->text);
	if (act_one_in(20))
		ask.entry[strlen(ask.entry) - 1] ^= 1;
	act_scope(scope, sizeof(scope), ask.account, NONE, ask.action, ask.target);
	snprintf(technician, sizeof(technician), "t%d", ask.technician);
	desk_sit(&act_desk, (uid_t)(DESK_MIA + ask.technician), technician);
	v = model_redeem(&act_model, &ask);
	desk_ask(&act_desk, "staff.Redeem", "%s'grant':'%s'", scope, ask.entry);
	act_tell("t%d redeem %s%s -> %s", ask.technician, scope, ask.entry,
	    desk_text(&act_desk, "reason"));
	compare(&v);
}

static void issue(int account, int person, int action, int target, bool replace)
{
	bool fresh = false;
	struct model_code *c;
	const char *error;
	char scope[256];
	size_t i = 0;

	act_scope(scope, sizeof(scope), account, person, action, target);
	error = model_issue(&act_model, account, person, action, target, replace, &i, &fresh);
	desk_ask(&act_desk, "control.Issue", "%s'replace':%s", scope, replace ? "true" : "false");
	act_tell("issue %s%s -> %s%s", scope, replace ? " anew" : "", desk_text(&act_desk, "code"),
	    desk_text(&act_desk, "error"));
	act_expect(error);
	if (error != NULL)
		return;
	c = &act_model.code[i];
	if (!fresh && strcmp(c->digits, desk_text(&act_desk, "code")) != 0)
		differ("another code than %s was shown", c->digits);
	snprintf(c->digits, sizeof(c->digits), "%s", desk_text(&act_desk, "code"));
	snprintf(c->id, sizeof(c->id), "%s", desk_text(&act_desk, "issue"));
}

static void do_issue(void)
{
	int account = (int)act_below(MODEL_ACCOUNTS), person = (int)act_below(MODEL_PERSONS);
	int action = act_one_in(3) ? NONE : (int)act_below(MODEL_ACTIONS);
	int target = act_one_in(2) ? NONE : (int)act_below(MODEL_TARGETS);
	const struct model_code *latest =
	    act_model.ncodes > 0 ? &act_model.code[act_model.ncodes - 1] : NULL;

	for (unsigned n = 0; n < 10 && !act_model.person[person].of[account].is; n++) {
		account = (int)act_below(MODEL_ACCOUNTS);
		person = (int)act_below(MODEL_PERSONS);
	}
	if (latest != NULL && latest->person != MODEL_PERSONS && act_one_in(5))
		issue(latest->account, latest->person, latest->action, latest->target,
		    act_one_in(4));
	else
		issue(account, person, action, target, act_one_in(4));
}

static void do_revoke(void)
{
	struct model_code *c;
	size_t back = act_below(12) + 1;

	if (back > act_model.ncodes)
		return;
	c = &act_model.code[act_model.ncodes - back];
	desk_ask(&act_desk, "control.Revoke", "'issue':'%s'", c->id);
	act_tell("revoke %s -> %s", c->id, desk_text(&act_desk, "error"));
	act_expect(c->live && !c->gone ? NULL : "NotFound");
	if (!c->live || c->gone)
		return;
	c->live = false;
	c->dead = CS_CANCELLED;
}

/* A code from before its action became high-risk, presented while its owner
 * may still be cooling off. */
static void do_high_meanwhile(void)
{
	int account = (int)act_below(MODEL_ACCOUNTS), person = (int)act_below(MODEL_PERSONS);

	if (!act_model.person[person].of[account].is || !act_model.account[account].exists)
		return;
	act_policy(account, REPORT, ACT_CLEAR);
	issue(account, person, REPORT, NONE, false);
	act_policy(account, REPORT, ACT_RISK);
	do_verify();
}

static const struct act asks[] = {
	{ 45, do_verify }, { 22, do_issue }, { 8, do_redeem }, { 5, do_repeat },
	{ 1, do_revoke }, { 1, do_high_meanwhile }, { 0, NULL },
};

static const struct act *const tables[] = { asks, act_people, act_tickets };
#define TABLES_OF_ACTS (sizeof(tables) / sizeof(tables[0]))

/* The one that "chosen" falls on, counted through a table. */
static const struct act *find(const struct act *table, unsigned *chosen)
{
	for (; table->weight > 0; table++) {
		if (*chosen < table->weight)
			return table;
		*chosen -= table->weight;
	}
	return NULL;
}

void act(void)
{
	unsigned all = ~0u, chosen;
	const struct act *found = NULL;

	for (size_t i = 0; i < TABLES_OF_ACTS; i++)
		find(tables[i], &all);
	chosen = act_below(~0u - all);
	for (size_t i = 0; i < TABLES_OF_ACTS && found == NULL; i++)
		found = find(tables[i], &chosen);
	found->act();
}

void act_seed(uint64_t n)
{
	seed = n * 0x9e3779b97f4a7c15u | 1;
}

void act_forget(void)
{
	memset(&memo, 0, sizeof(memo));
	memo.ask =
	    (struct model_ask){ .account = NONE, .person = NONE, .target = NONE, .action = REPORT };
}

void act_forget_old(void)
{
	if (memo.is && act_model.steady - memo.steady > 86400)
		memo.is = false;
}

/* SPDX-License-Identifier: ISC
 *
 * Random operations through the handlers against the reference of model.c:
 * no verdict, no reason and no error may differ.  $STEPS and $SEED choose
 * another run; a difference prints what led to it.
 */
#include "desk.h"
#include "model.h"

#include <inttypes.h>
#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STEPS 100000
#define WORLD 10000	/* steps before everything begins anew */
#define TOLD 40

static struct desk desk;
static struct model model;
static uint64_t seed;
static unsigned long step;
static unsigned long seen[CS_REASONS];
static char told[TOLD][400];

/* The verification that may be asked again under its request id. */
static struct {
	bool is, has_account;
	size_t grant;			/* counted from 1; 0: none */
	unsigned life;
	int64_t steady;
	struct model_ask ask;
	struct model_verdict verdict;
	char request[40];
} memo;

static const char options[] =
    "action note.add { require = code authenticator = true lifetime = 5m }\n"
    "action log.read { require = code authenticator = true mode = shadow }\n";

/* ---- chance -------------------------------------------------------------------- */

static unsigned below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static bool one_in(unsigned n)
{
	return below(n) == 0;
}

/* ---- telling ------------------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static void tell(const char *fmt, ...)
{
	char *line = told[step % TOLD];
	va_list ap;
	int n = snprintf(line, sizeof(told[0]), "%lu (%" PRId64 "): ", step, desk.at.wall);

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
	for (unsigned long i = step < TOLD ? 0 : step - TOLD + 1; i <= step; i++)
		print_error("%s\n", told[i % TOLD]);
	fail_msg("step %lu: %s", step, text);
}

static void expect(const char *error)
{
	if (strcmp(desk_text(&desk, "error"), error == NULL ? "" : error) != 0)
		differ("the daemon says \"%s\", the model \"%s\"", desk_text(&desk, "error"),
		    error == NULL ? "" : error);
}

/* ---- verify and redeem ------------------------------------------------------------ */

static void write_scope(char *out, size_t cap, int account, int person, int action, int target)
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
	const char *reason = desk_text(&desk, "reason");
	bool accepted = strcmp(desk_text(&desk, "verdict"), "accepted") == 0;

	if (v->error) {
		expect("InvalidParameter");
		return;
	}
	expect(NULL);
	seen[v->reason]++;
	if (strcmp(reason, cs_reason_name(v->reason)) != 0 || accepted != v->accepted)
		differ("the daemon says %s %s, the model %s %s: %s", desk_text(&desk, "verdict"),
		    reason, v->accepted ? "accepted" : "refused", cs_reason_name(v->reason),
		    desk_text(&desk, "say"));
}

static void take_grant(const struct model_verdict *v)
{
	struct model_grant *g = &model.grant[model.ngrants];

	if (!v->gives_grant)
		return;
	assert_true(model.ngrants < MODEL_GRANTS);
	*g = v->given;
	snprintf(g->text, sizeof(g->text), "%s", desk_text(&desk, "grant"));
	if (g->text[0] == '\0')
		differ("no grant was given");
	model.ngrants++;
}

/* What is summed in the log is not remembered. */
static void remember(const struct model_ask *ask, const struct model_verdict *v,
    const char *request)
{
	if (v->error || ((v->reason == CS_MISHEARD || v->reason == CS_THROTTLED) && !v->accepted))
		return;
	memo.is = true;
	memo.ask = *ask;
	memo.verdict = *v;
	memo.grant = v->gives_grant ? model.ngrants : 0;
	memo.steady = model.steady;
	memo.has_account = ask->account != NONE && model.account[ask->account].exists;
	memo.life = v->person == NONE ? 0 : model.person[v->person].life;
	snprintf(memo.request, sizeof(memo.request), "%s", request);
}

static void ask_verify(const struct model_ask *ask, const char *request)
{
	char scope[256], technician[8];

	write_scope(scope, sizeof(scope), ask->account, ask->person, ask->action, ask->target);
	snprintf(technician, sizeof(technician), "t%d", ask->technician);
	desk_sit(&desk, (uid_t)(DESK_MIA + ask->technician), technician);
	desk_ask(&desk, "staff.Verify", "%s'code':'%s','grant':%s,'request':'%s'", scope,
	    ask->entry, ask->grant ? "true" : "false", request);
	tell("t%d verify %s%s%s -> %s %s", ask->technician, scope, ask->entry,
	    ask->grant ? " grant" : "", desk_text(&desk, "verdict"), desk_text(&desk, "reason"));
}

static void verify_anew(const struct model_ask *ask, const char *request)
{
	struct model_verdict v = model_verify(&model, ask);

	ask_verify(ask, request);
	compare(&v);
	take_grant(&v);
	remember(ask, &v, request);
}

/* A code of late, mostly presented for what it was issued for. */
static void present_code(struct model_ask *ask)
{
	size_t back = below(one_in(4) ? 60 : 4) + 1;
	const struct model_code *c;

	if (back > model.ncodes)
		return;
	c = &model.code[model.ncodes - back];
	ask->shape = SHOWS_NINE;
	memcpy(ask->entry, c->digits, sizeof(c->digits));
	if (one_in(5))
		return;
	ask->account = c->account;
	if (c->action != NONE && !one_in(6))
		ask->action = c->action;
	if (c->target != NONE && !one_in(6))
		ask->target = c->target;
}

static void present_app(struct model_ask *ask)
{
	int64_t off = (int64_t)below(5) - 2;
	const struct model_app *app;

	ask->shape = SHOWS_APP;
	ask->person = one_in(8) ? NONE : (int)below(MODEL_PERSONS);
	ask->action = one_in(5) ? ask->action : one_in(3) ? LOG : NOTE;
	app = ask->person == NONE ? NULL : &model.person[ask->person].app;
	if (app == NULL || !app->enrolled || one_in(3)) {
		snprintf(ask->entry, sizeof(ask->entry), "%06u", below(1000000));
		return;
	}
	assert_int_equal(oath_totp_generate((const char *)app->secret, 20,
	    (time_t)((desk.at.wall / 30 + off) * 30), 30, 0, 6, ask->entry), OATH_OK);
}

static void do_verify(void)
{
	struct model_ask ask = {
		.technician = (int)below(MODEL_TECHNICIANS),
		.account = one_in(30) ? NONE : (int)below(MODEL_ACCOUNTS),
		.person = one_in(10) ? (int)below(MODEL_PERSONS) : NONE,
		.action = (int)below(MODEL_ACTIONS),
		.target = one_in(2) ? NONE : (int)below(MODEL_TARGETS),
		.grant = one_in(3),
	};
	char request[40];

	switch (below(20)) {
	case 0:
		strcpy(ask.entry, desk_wrong(&desk));
		ask.shape = SHOWS_NINE;
		break;
	case 1:
		strcpy(ask.entry, one_in(2) ? "12 34" : "");
		break;
	case 2:
	case 3:
	case 4: present_app(&ask); break;
	default:
		present_code(&ask);
	}
	snprintf(request, sizeof(request), "the-request-of-step-%lu", step);
	verify_anew(&ask, request);
}

static bool still_stands(void)
{
	const struct model_verdict *v = &memo.verdict;
	const struct model_person *p = v->person == NONE ? NULL : &model.person[v->person];

	if (memo.grant > 0 && model.grant[memo.grant - 1].gone)
		return false;
	return model.steady - memo.steady <= 120 &&
	    (!memo.has_account || model.account[memo.ask.account].standing == MODEL_ACTIVE) &&
	    (p == NULL || (p->exists && p->life == memo.life && p->of[memo.ask.account].is));
}

static void do_repeat(void)
{
	struct model_verdict v = memo.verdict;

	if (!memo.is) {
		verify_anew(&memo.ask,
		    memo.request[0] != '\0' ? memo.request : "a-request-never-asked");
		return;
	}
	if (v.accepted && !still_stands())
		v = (struct model_verdict){ .reason = CS_USED };
	ask_verify(&memo.ask, memo.request);
	compare(&v);
	if (v.gives_grant && v.accepted && desk_text(&desk, "grant")[0] == '\0')
		differ("the grant was not given again");
}

static void do_redeem(void)
{
	struct model_ask ask = { .person = NONE, .target = NONE };
	const struct model_grant *g;
	struct model_verdict v;
	size_t back = below(8) + 1;
	char scope[256], technician[8];

	if (back > model.ngrants)
		return;
	g = &model.grant[model.ngrants - back];
	ask.technician = one_in(10) ? (int)below(MODEL_TECHNICIANS) : g->technician;
	ask.account = one_in(10) ? (int)below(MODEL_ACCOUNTS) : g->account;
	ask.action = one_in(10) ? (int)below(MODEL_ACTIONS) : g->action;
	ask.target = one_in(10) ? (int)below(MODEL_TARGETS) : g->target;
	strcpy(ask.entry, g->text);
	if (one_in(20))
		ask.entry[strlen(ask.entry) - 1] ^= 1;
	write_scope(scope, sizeof(scope), ask.account, NONE, ask.action, ask.target);
	snprintf(technician, sizeof(technician), "t%d", ask.technician);
	desk_sit(&desk, (uid_t)(DESK_MIA + ask.technician), technician);
	v = model_redeem(&model, &ask);
	desk_ask(&desk, "staff.Redeem", "%s'grant':'%s'", scope, ask.entry);
	tell("t%d redeem %s%s -> %s", ask.technician, scope, ask.entry, desk_text(&desk, "reason"));
	compare(&v);
}

/* ---- the customer's side -------------------------------------------------------------- */

static void do_issue(void)
{
	int account = (int)below(MODEL_ACCOUNTS), person = (int)below(MODEL_PERSONS);
	int action = one_in(3) ? NONE : (int)below(MODEL_ACTIONS);
	int target = one_in(2) ? NONE : (int)below(MODEL_TARGETS);
	bool replace = one_in(4), fresh = false;
	struct model_code *c;
	const char *error;
	char scope[256];
	size_t i = 0;

	for (unsigned n = 0; n < 10 && !model.person[person].of[account].is; n++) {
		account = (int)below(MODEL_ACCOUNTS);
		person = (int)below(MODEL_PERSONS);
	}
	write_scope(scope, sizeof(scope), account, person, action, target);
	error = model_issue(&model, account, person, action, target, replace, &i, &fresh);
	desk_ask(&desk, "control.Issue", "%s'replace':%s", scope, replace ? "true" : "false");
	tell("issue %s%s -> %s%s", scope, replace ? " anew" : "", desk_text(&desk, "code"),
	    desk_text(&desk, "error"));
	expect(error);
	if (error != NULL)
		return;
	c = &model.code[i];
	if (!fresh && strcmp(c->digits, desk_text(&desk, "code")) != 0)
		differ("another code than %s was shown", c->digits);
	snprintf(c->digits, sizeof(c->digits), "%s", desk_text(&desk, "code"));
	snprintf(c->id, sizeof(c->id), "%s", desk_text(&desk, "issue"));
}

static void do_revoke(void)
{
	struct model_code *c;
	size_t back = below(12) + 1;

	if (back > model.ncodes)
		return;
	c = &model.code[model.ncodes - back];
	desk_ask(&desk, "control.Revoke", "'issue':'%s'", c->id);
	tell("revoke %s -> %s", c->id, desk_text(&desk, "error"));
	expect(c->live && !c->gone ? NULL : "NotFound");
	if (!c->live || c->gone)
		return;
	c->live = false;
	c->dead = CS_CANCELLED;
}

static void do_add_account(void)
{
	int account = (int)below(MODEL_ACCOUNTS);

	desk_ask(&desk, "control.AddAccount", "'account':'a%d'", account);
	tell("add a%d -> %s", account, desk_text(&desk, "error"));
	expect(model.account[account].exists ? "Exists" : NULL);
	model.account[account].exists = true;
}

static const char *may_add(int account, int person, bool existing)
{
	if (!model.account[account].exists)
		return "UnknownAccount";
	if (existing && !model.person[person].exists)
		return "UnknownAdministrator";
	if (!existing && model.person[person].exists)
		return "Exists";
	return model.person[person].of[account].is ? "Exists" : NULL;
}

static void do_add_person(void)
{
	int account = (int)below(MODEL_ACCOUNTS), person = (int)below(MODEL_PERSONS);
	bool existing = model.person[person].exists != one_in(8), some = one_in(3);
	struct model_account *a = &model.account[account];
	const char *error = may_add(account, person, existing);

	desk_ask(&desk, "control.AddAdministrator",
	    "'account':'a%d','administrator':'p%d','existing':%s%s", account, person,
	    existing ? "true" : "false",
	    some ? ",'actions':['report.mail','service.change','note.add']" : "");
	tell("add a%d/p%d%s%s -> %s", account, person, existing ? " existing" : "",
	    some ? " some" : "", desk_text(&desk, "error"));
	expect(error);
	if (error != NULL)
		return;
	model.person[person].exists = true;
	model.person[person].of[account] = (struct model_member){
		.is = true,
		.actions = some ? 1u << REPORT | 1u << CHANGE | 1u << NOTE : ~0u,
		.cooling_until = a->had_administrator ? model.steady + 86400 : 0,
	};
	a->had_administrator = true;
}

static void do_remove(void)
{
	int person = (int)below(MODEL_PERSONS),
	    account = one_in(2) ? NONE : (int)below(MODEL_ACCOUNTS);
	const char *error = NULL;
	char scope[256];

	if (!model.person[person].exists)
		error = "UnknownAdministrator";
	else if (account != NONE && !model.account[account].exists)
		error = "UnknownAccount";
	else if (account != NONE && !model.person[person].of[account].is)
		error = "Refused";
	write_scope(scope, sizeof(scope), account, person, NONE, NONE);
	desk_ask(&desk, "control.RemoveAdministrator", "%s'ignored':true", scope);
	tell("remove %s -> %s", scope, desk_text(&desk, "error"));
	expect(error);
	if (error == NULL)
		model_remove(&model, person, account);
}

static void enroll(int person, struct model_app *app)
{
	char *secret;
	size_t len;

	desk_ask(&desk, "control.Enroll", "'administrator':'p%d','purpose':'support'", person);
	expect(NULL);
	snprintf(app->id, sizeof(app->id), "%s", desk_text(&desk, "authenticator"));
	const char *base32 = desk_text(&desk, "secret");
	assert_int_equal(oath_base32_decode(base32, strlen(base32), &secret, &len), OATH_OK);
	assert_int_equal(len, sizeof(app->secret));
	memcpy(app->secret, secret, len);
	free(secret);
	app->enrolled = true;
	tell("enroll p%d", person);
}

static void do_enroll(void)
{
	int person = (int)below(MODEL_PERSONS);
	struct model_app *app = &model.person[person].app;
	char code[8];
	bool works = model.plausible && app->wrong < 50;

	if (!model.person[person].exists || app->confirmed)
		return;
	if (!app->enrolled) {
		enroll(person, app);
		return;
	}
	assert_int_equal(oath_totp_generate((const char *)app->secret, 20, (time_t)desk.at.wall, 30,
			     0, 6, code),
	    OATH_OK);
	desk_ask(&desk, "control.Confirm", "'administrator':'p%d','authenticator':'%s','code':'%s'",
	    person, app->id, code);
	tell("confirm p%d -> %s", person, desk_text(&desk, "error"));
	expect(works ? NULL : "Refused");
	app->confirmed = works;
	app->wrong = works ? 0 : app->wrong + 1;
	if (works)
		app->last = desk.at.wall / 30 + 1;
}

/* ---- the operator's side ---------------------------------------------------------------- */

static void do_policy(void)
{
	static const char *const words[] = {
		"'require':'code'", "'risk':'high'", "'bind_target':true", "'mode':'enforce'",
		"'authenticator':'no'", "'lifetime':240", "'clear':true",
	};
	int account = (int)below(MODEL_ACCOUNTS), action = (int)below(MODEL_ACTIONS);
	unsigned word = one_in(3) ? 6 : below(sizeof(words) / sizeof(words[0]));
	const struct model_code *latest = model.ncodes > 0 ? &model.code[model.ncodes - 1] : NULL;
	struct model_policy *extra, now;
	const char *error = NULL;

	/* What makes a live code useless, or its owner wait. */
	if (latest != NULL && latest->action != NONE && one_in(2)) {
		account = latest->account;
		action = latest->action;
		word = 1;
	}
	extra = &model.account[account].extra[action];
	now = model_policy(&model, account, action);

	if (!model.account[account].exists)
		error = "UnknownAccount";
	else if (word == 6 && extra->life == 0)
		error = "NotFound";
	else if (word > 0 && word < 6 && !now.code)
		error = "Refused";
	desk_ask(&desk, "control.SetPolicy", "'account':'a%d','action':'%s',%s", account,
	    model_action_name[action], words[word]);
	tell("policy a%d %s %s -> %s", account, model_action_name[action], words[word],
	    desk_text(&desk, "error"));
	expect(error);
	if (error != NULL)
		return;
	if (word == 6) {
		*extra = (struct model_policy){ .life = 0 };
		return;
	}
	extra->life = word == 5 ? 240 : extra->life == 0 ? 100000 : extra->life;
	extra->code |= word == 0;
	extra->high |= word == 1;
	extra->bound |= word == 2;
	extra->shadow |= word == 3;	/* kept out of shadow mode */
	extra->app |= word == 4;	/* kept out */
}

static void do_stand(void)
{
	static const enum standing standings[] = {
		[MODEL_ACTIVE] = STANDING_ACTIVE, [MODEL_SUSPENDED] = STANDING_SUSPENDED,
		[MODEL_FROZEN] = STANDING_FROZEN,
	};
	struct model_account *a;
	int account = (int)below(MODEL_ACCOUNTS);
	char name[8];

	a = &model.account[account];
	if (!a->exists || (a->standing == MODEL_ACTIVE && !one_in(4)))
		return;
	a->standing = a->standing == MODEL_ACTIVE ? 1 + below(2) : MODEL_ACTIVE;
	snprintf(name, sizeof(name), "a%d", account);
	model_judge_clock(&model);
	desk_stand(&desk, name, standings[a->standing]);
	model_keep_clock(&model);
	tell("a%d stands %d", account, (int)a->standing);
}

static void do_purge(void)
{
	struct clock_record before = *store_clock(desk.store);

	model_judge_clock(&model);
	desk_purge(&desk);
	model_purge(&model);
	if (memo.is && model.steady - memo.steady > 86400)
		memo.is = false;
	if (memcmp(&before, store_clock(desk.store), sizeof(before)) != 0)
		model_keep_clock(&model);
	tell("purge");
}

static void move_clocks(void)
{
	static const int64_t spans[] = { 1, 5, 20, 31, 61, 119, 240, 301, 610 };

	switch (below(60)) {
	case 0:
		desk.at.wall += (int64_t)below(101) - 50;	/* a step of ntpd */
		break;
	case 1:
		if (one_in(6))
			desk.at.wall += one_in(2) ? -3600 : one_in(2) ? 3600 : 86400 + 1000;
		break;
	case 2:
		desk_pass(&desk, one_in(3) ? 90000 : 4000);
		break;
	case 3:
		if (one_in(3))
			desk.at = (struct instant){ desk.at.wall + below(200), 20 + below(20),
				desk.at.boot_id + 1 };
		break;
	case 4:
		if (one_in(4))
			desk.at.boot += 7200;	/* wall time stood still */
		break;
	default:
		desk_pass(&desk, spans[below(sizeof(spans) / sizeof(spans[0]))]);
	}
	tell("the clocks say %" PRId64 " %" PRId64 " %" PRIu64, desk.at.wall, desk.at.boot,
	    desk.at.boot_id);
}

/* ---- all of it ---------------------------------------------------------------------------- */

static const struct {
	unsigned weight;
	void (*act)(void);
} acts[] = {
	{ 45, do_verify },
	{ 22, do_issue },
	{ 8, do_redeem },
	{ 5, do_repeat },
	{ 1, do_add_account },
	{ 4, do_add_person },
	{ 2, do_remove },
	{ 2, do_enroll },
	{ 1, do_revoke },
	{ 4, do_policy },
};

static void act(void)
{
	unsigned total = 0, chosen;

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		total += acts[i].weight;
	chosen = below(total);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (chosen < acts[i].weight) {
			acts[i].act();
			return;
		}
		chosen -= acts[i].weight;
	}
}

/* Some requests in one transaction, as batch.c has them. */
static void one_batch(void)
{
	unsigned n = 1 + below(10);
	bool wrote;

	model.at = (struct model_time){ desk.at.wall, desk.at.boot, desk.at.boot_id };
	model_judge_clock(&model);
	desk_begin(&desk);
	while (n-- > 0) {
		step++;
		act();
	}
	wrote = store_wrote(desk.store);
	desk_commit(&desk);
	if (wrote)
		model_keep_clock(&model);
}

static void between_batches(void)
{
	step++;
	if (one_in(2))
		move_clocks();
	model.at = (struct model_time){ desk.at.wall, desk.at.boot, desk.at.boot_id };
	step++;
	if (one_in(20))
		do_stand();
	else if (one_in(40))
		do_purge();
	else if (one_in(80)) {
		desk_restart(&desk);
		tell("restart");
	}
}

static void live_one_world(unsigned long steps)
{
	unsigned long until = step + steps;

	desk_open(&desk, options);
	memset(&memo, 0, sizeof(memo));
	memo.ask =
	    (struct model_ask){ .account = NONE, .person = NONE, .target = NONE, .action = REPORT };
	model_start(&model, (struct model_time){ desk.at.wall, desk.at.boot, desk.at.boot_id });
	while (step < until) {
		one_batch();
		between_batches();
	}
	desk_close(&desk);
}

static unsigned long number_from(const char *variable, unsigned long otherwise)
{
	const char *text = getenv(variable);

	return text != NULL ? strtoul(text, NULL, 10) : otherwise;
}

static void the_daemon_answers_as_the_model_does(void **state)
{
	unsigned long steps = number_from("STEPS", STEPS);

	(void)state;
	seed = number_from("SEED", 4) * 0x9e3779b97f4a7c15u | 1;
	while (step < steps)
		live_one_world(steps - step < WORLD ? steps - step : WORLD);
}

/* A run that never sees a reason says nothing about it. */
static void the_run_has_seen_every_reason(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CS_REASONS; i++)
		print_message("%s: %lu\n", cs_reason_name(i), seen[i]);
	for (unsigned i = 0; i < CS_REASONS; i++) {
		if (i != CS_APPROVAL_NEEDED)
			assert_in_range(seen[i], 20, step);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_daemon_answers_as_the_model_does),
		cmocka_unit_test(the_run_has_seen_every_reason),
	};

	/* Not a test of what is durable, and a disk would be most of its time. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

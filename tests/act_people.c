/* SPDX-License-Identifier: ISC
 *
 * Acts about accounts, people, technicians and the policy.
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

#define SOME (1u << REPORT | 1u << CHANGE | 1u << NOTE)
#define SOME_NAMED "'actions':['report.mail','service.change','note.add']"

static void do_add_account(void)
{
	int account = (int)act_below(MODEL_ACCOUNTS);

	desk_ask(&act_desk, "control.AddAccount", "'account':'a%d'", account);
	act_tell("add a%d -> %s", account, desk_text(&act_desk, "error"));
	act_expect(act_model.account[account].exists ? "Exists" : NULL);
	act_model.account[account].exists = true;
}

static const char *may_add(int account, int person, bool existing)
{
	if (!act_model.account[account].exists)
		return "UnknownAccount";
	if (existing && !act_model.person[person].exists)
		return "UnknownAdministrator";
	if (!existing && act_model.person[person].exists)
		return "Exists";
	return act_model.person[person].of[account].is ? "Exists" : NULL;
}

static void do_add_person(void)
{
	int account = (int)act_below(MODEL_ACCOUNTS), person = (int)act_below(MODEL_PERSONS);
	bool existing = act_model.person[person].exists != act_one_in(8), some = act_one_in(3);
	struct model_account *a = &act_model.account[account];
	const char *error = may_add(account, person, existing);

	desk_ask(&act_desk, "control.AddAdministrator",
	    "'account':'a%d','administrator':'p%d','existing':%s,"
	    "'reason':'as told'%s", account, person,
	    existing ? "true" : "false",
	    some ? "," SOME_NAMED : "");
	act_tell("add a%d/p%d%s%s -> %s", account, person, existing ? " existing" : "",
	    some ? " some" : "", desk_text(&act_desk, "error"));
	act_expect(error);
	if (error != NULL)
		return;
	act_model.person[person].exists = true;
	act_model.person[person].of[account] = (struct model_member){
		.is = true,
		.added = act_step,
		.actions = some ? SOME : ~0u,
		.cooling_until = a->had_administrator ? act_model.steady + 86400 : 0,
	};
	a->had_administrator = true;
}

/* What every method says about a person who is not there, in an account or
 * (NONE) at all. */
static const char *is_missing(int account, int person)
{
	if (account != NONE && !act_model.account[account].exists)
		return "UnknownAccount";
	if (!act_model.person[person].exists)
		return "UnknownAdministrator";
	return account != NONE && !act_model.person[person].of[account].is ? "Refused" : NULL;
}

/* Asks one of the methods about people and compares; true when it was done. */
static bool ask_about(const char *method, int account, int person, const char *more,
    const char *error)
{
	char scope[256];

	act_scope(scope, sizeof(scope), account, person, NONE, NONE);
	desk_ask(&act_desk, method, "%s%s", scope, more);
	act_tell("%s %s%s -> %s", method, scope, more, desk_text(&act_desk, "error"));
	act_expect(error);
	return error == NULL;
}

static int somebody(void)
{
	return (int)act_below(MODEL_PERSONS);
}

static int somewhere(void)
{
	return act_one_in(2) ? NONE : (int)act_below(MODEL_ACCOUNTS);
}

static void do_remove(void)
{
	int person = somebody(), account = somewhere();

	if (ask_about("control.RemoveAdministrator", account, person, "'reason':'left'",
		is_missing(account, person)))
		model_remove(&act_model, person, account);
}

static bool *suspension(int account, int person)
{
	struct model_person *p = &act_model.person[person];

	return account == NONE ? &p->suspended : &p->of[account].suspended;
}

static void do_suspend(void)
{
	int person = somebody(), account = somewhere();
	const char *error = is_missing(account, person);

	if (error == NULL && *suspension(account, person))
		error = "Refused";
	if (!ask_about("control.SuspendAdministrator", account, person, "'reason':'?'", error))
		return;
	model_end(&act_model, person, account);
	*suspension(account, person) = true;
}

static void do_resume(void)
{
	int person = somebody(), account = somewhere();
	const char *error = is_missing(account, person);

	for (unsigned n = 0; n < 20 && !*suspension(account, person); n++) {
		person = somebody();
		account = somewhere();
		error = is_missing(account, person);
	}
	if (error == NULL && !*suspension(account, person))
		error = "Refused";
	if (ask_about("control.ResumeAdministrator", account, person, "'reason':'?'", error))
		*suspension(account, person) = false;
}

static void do_rights(void)
{
	int person = somebody(), account = (int)act_below(MODEL_ACCOUNTS);
	struct model_member *member = &act_model.person[person].of[account];
	unsigned now = act_one_in(2) ? SOME : ~0u;

	if (!ask_about("control.SetRights", account, person,
		now == SOME ? SOME_NAMED ",'reason':'asked'" : "'all':true,'reason':'asked'",
		is_missing(account, person)))
		return;
	if ((now & ~member->actions) != 0)
		member->cooling_until = act_model.steady + 86400;
	member->actions = now;
}

static void do_waive(void)
{
	int person = somebody(), account = (int)act_below(MODEL_ACCOUNTS);
	struct model_member *member = &act_model.person[person].of[account];
	const char *error = is_missing(account, person);

	if (error == NULL && member->cooling_until <= act_model.steady)
		error = "Refused";
	if (ask_about("control.WaiveCooling", account, person, "'reason':'known'", error))
		member->cooling_until = 0;
}

static void enroll(int person, struct model_app *app)
{
	char *secret;
	size_t len;

	desk_ask(&act_desk, "control.Enroll", "'administrator':'p%d','purpose':'support'", person);
	act_expect(NULL);
	snprintf(app->id, sizeof(app->id), "%s", desk_text(&act_desk, "authenticator"));
	const char *base32 = desk_text(&act_desk, "secret");
	assert_int_equal(oath_base32_decode(base32, strlen(base32), &secret, &len), OATH_OK);
	assert_int_equal(len, sizeof(app->secret));
	memcpy(app->secret, secret, len);
	free(secret);
	app->enrolled = true;
	act_tell("enroll p%d", person);
}

static void do_enroll(void)
{
	int person = (int)act_below(MODEL_PERSONS);
	struct model_app *app = &act_model.person[person].app;
	char code[8];
	bool works = act_model.plausible && app->wrong < 50;

	if (!act_model.person[person].exists || app->confirmed)
		return;
	if (!app->enrolled) {
		enroll(person, app);
		return;
	}
	assert_int_equal(oath_totp_generate((const char *)app->secret, 20, (time_t)act_desk.at.wall,
			     30, 0, 6, code),
	    OATH_OK);
	desk_ask(&act_desk, "control.Confirm",
	    "'administrator':'p%d','authenticator':'%s','code':'%s'", person, app->id, code);
	act_tell("confirm p%d -> %s", person, desk_text(&act_desk, "error"));
	act_expect(works ? NULL : "Refused");
	app->confirmed = works;
	app->wrong = works ? 0 : app->wrong + 1;
	if (works)
		app->last = act_desk.at.wall / 30 + 1;
}

static const char *may_set(int account, int action, enum act_word word)
{
	if (!act_model.account[account].exists)
		return "UnknownAccount";
	if (word == ACT_CLEAR)
		return act_model.account[account].extra[action].life == 0 ? "NotFound" : NULL;
	return word != ACT_REQUIRE && !model_policy(&act_model, account, action).code ? "Refused"
										  : NULL;
}

void act_policy(int account, int action, enum act_word word)
{
	static const char *const words[ACT_WORDS] = {
		"'require':'code'", "'risk':'high'", "'bind_target':true", "'mode':'enforce'",
		"'authenticator':'no'", "'lifetime':240", "'clear':true",
	};
	struct model_policy *extra = &act_model.account[account].extra[action];
	const char *error = may_set(account, action, word);

	desk_ask(&act_desk, "control.SetPolicy", "'account':'a%d','action':'%s',%s", account,
	    model_action_name[action], words[word]);
	act_tell("policy a%d %s %s -> %s", account, model_action_name[action], words[word],
	    desk_text(&act_desk, "error"));
	act_expect(error);
	if (error != NULL)
		return;
	if (word == ACT_CLEAR) {
		*extra = (struct model_policy){ .life = 0 };
		return;
	}
	extra->life = word == ACT_LIFETIME ? 240 : extra->life == 0 ? 100000 : extra->life;
	extra->code |= word == ACT_REQUIRE;
	extra->high |= word == ACT_RISK;
	extra->bound |= word == ACT_BIND;
	extra->shadow |= word == ACT_ENFORCE;	/* kept out of shadow mode */
	extra->app |= word == ACT_NO_APP;		/* kept out */
}

static void do_policy(void)
{
	const struct model_code *latest =
	    act_model.ncodes > 0 ? &act_model.code[act_model.ncodes - 1] : NULL;

	if (latest != NULL && latest->action != NONE && act_one_in(2))
		act_policy(latest->account, latest->action,
		    act_one_in(3) ? ACT_LIFETIME : ACT_RISK);
	else
		act_policy((int)act_below(MODEL_ACCOUNTS), (int)act_below(MODEL_ACTIONS),
		    act_one_in(3) ? ACT_CLEAR : act_below(ACT_WORDS));
}

enum move { SUSPEND, RESUME, FREEZE, THAW, REMOVE, MOVES };

static const char *may_move(const struct model_account *a, enum move move)
{
	bool suspended = a->standing == MODEL_SUSPENDED, frozen = a->standing == MODEL_FROZEN;
	const bool refused[MOVES] = {
		[SUSPEND] = suspended || frozen, [RESUME] = !suspended, [FREEZE] = frozen,
		[THAW] = !frozen || a->frozen + 3600 > act_model.steady,
	};

	if (!a->exists)
		return "UnknownAccount";
	return refused[move] ? "Refused" : NULL;
}

static void take_standing(struct model_account *a, enum move move)
{
	switch (move) {
	case SUSPEND:
		a->standing = MODEL_SUSPENDED;
		return;
	case RESUME:
		a->standing = MODEL_ACTIVE;
		return;
	case FREEZE:
		a->suspended_too = a->standing == MODEL_SUSPENDED;
		a->standing = MODEL_FROZEN;
		a->frozen = act_model.steady;
		return;
	case THAW:
		a->standing = a->suspended_too ? MODEL_SUSPENDED : MODEL_ACTIVE;
		return;
	case REMOVE:
	case MOVES:
		return;
	}
}

static void do_standing(void)
{
	static const char *const methods[MOVES] = {
		"control.SuspendAccount", "control.ResumeAccount", "control.FreezeAccount",
		"control.ThawAccount", "control.RemoveAccount",
	};
	int account = (int)act_below(MODEL_ACCOUNTS);
	struct model_account *a = &act_model.account[account];
	enum move move = act_below(MOVES);

	/* Most of the time nothing stands in the way. */
	if (a->standing != MODEL_ACTIVE)
		move = a->standing == MODEL_FROZEN ? THAW : act_one_in(8) ? FREEZE : RESUME;
	else if (!act_one_in(3))
		return;
	else if (move == REMOVE && !act_one_in(8))
		return;
	if (!ask_about(methods[move], account, NONE, "'reason':'as told'", may_move(a, move)))
		return;
	if (move == SUSPEND || move == FREEZE)
		model_end_account(&act_model, account);
	take_standing(a, move);
	if (move == REMOVE)
		model_remove_account(&act_model, account);
}

void act_technician(int technician, bool suspend)
{
	desk_ask(&act_desk, suspend ? "control.SuspendTechnician" : "control.ResumeTechnician",
	    "'technician':'%d'", DESK_MIA + technician);
	act_tell("technician t%d %s", technician, suspend ? "suspended" : "resumed");
	act_expect(act_model.out[technician] == suspend ? "Refused" : NULL);
	act_model.out[technician] = suspend;
	if (suspend)
		model_end_technician(&act_model, technician);
}

static void do_technician(void)
{
	int technician = (int)act_below(MODEL_TECHNICIANS);

	act_technician(technician, !act_model.out[technician] && act_one_in(4));
}

const struct act act_people[] = {
	{ 1, do_add_account }, { 5, do_add_person }, { 2, do_remove }, { 1, do_suspend },
	{ 2, do_resume }, { 1, do_rights }, { 1, do_waive }, { 2, do_enroll }, { 4, do_policy },
	{ 3, do_standing }, { 1, do_technician }, { 0, NULL },
};

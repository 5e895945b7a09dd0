/* SPDX-License-Identifier: ISC
 *
 * Acts about tickets: opened, answered, closed.
 */
#include "act.h"

#include <stdio.h>
#include <string.h>

static int some_member(int account)
{
	int person = (int)act_below(MODEL_PERSONS);

	for (unsigned n = 0; n < 10 && !act_model.person[person].of[account].is; n++)
		person = (int)act_below(MODEL_PERSONS);
	return person;
}

static void do_open(void)
{
	int account = (int)act_below(MODEL_ACCOUNTS), person = some_member(account);
	int action = act_one_in(8) ? NONE : (int)act_below(MODEL_ACTIONS);
	int target = act_one_in(2) ? NONE : (int)act_below(MODEL_TARGETS);
	bool proved = !act_one_in(3);
	const char *session, *error;
	char scope[256], name[8];
	size_t i = 0;

	if (!act_model.person[person].exists)
		return;
	snprintf(name, sizeof(name), "p%d", person);
	session = desk_log_in(&act_desk, name, proved);
	act_scope(scope, sizeof(scope), account, NONE, action, target);
	error = model_open(&act_model, account, person, action, target, proved, &i);
	desk_ask(&act_desk, "panel.OpenTicket", "%s'session':'%s','subject':'s','text':'t'", scope,
	    session);
	act_tell("open %s for %s%s -> %s%s", scope, name, proved ? " proved" : "",
	    desk_text(&act_desk, "ticket"), desk_text(&act_desk, "error"));
	act_expect(error);
	if (error == NULL)
		snprintf(act_model.ticket[i].id, sizeof(act_model.ticket[i].id), "%s",
		    desk_text(&act_desk, "ticket"));
}

static struct model_ticket *some_ticket(void)
{
	size_t back = act_below(20) + 1;

	return back > act_model.ntickets ? NULL : &act_model.ticket[act_model.ntickets - back];
}

/* Whatever is said, the model has nothing to note. */
static void do_reply(void)
{
	const struct model_ticket *t = some_ticket();

	if (t == NULL)
		return;
	desk_sit(&act_desk, DESK_MIA + 100, "writer");
	desk_ask(&act_desk, "staff.Reply", "'ticket':'%s','text':'Do mail.server too.'", t->id);
	act_tell("reply to %s -> %s", t->id, desk_text(&act_desk, "error"));
	act_expect(t->closed ? "Refused" : NULL);
}

static void do_close(void)
{
	struct model_ticket *t = some_ticket();

	if (t == NULL)
		return;
	desk_sit(&act_desk, DESK_MIA + 100, "writer");
	desk_ask(&act_desk, "staff.CloseTicket", "'ticket':'%s'", t->id);
	act_tell("close %s", t->id);
	act_expect(NULL);
	model_close(t);
}

const struct act act_tickets[] = {
	{ 10, do_open }, { 1, do_reply }, { 2, do_close }, { 0, NULL },
};

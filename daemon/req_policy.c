/* SPDX-License-Identifier: ISC
 *
 * ListPolicy and ExplainPolicy: what is required, for people.
 */
#include "handlers.h"

#include "asked.h"
#include "policy.h"

enum cs_err handle_list_policy(struct request *r)
{
	for (size_t i = 0; i < r->conf->nactions; i++) {
		const struct action *action = &r->conf->actions[i];
		struct cs_writer *w = reply_begin(r, true);

		cs_put_string(w, "action", cs_str(action->name));
		cs_put_string(w, "title", cs_str(action->title));
		cs_put_string(w, "requires", cs_str(policy_requirement(action)));
		cs_put_bool(w, "binds_target", action->bind_target);
		cs_put_string(w, "target_form", cs_str(policy_form(action)));
		cs_put_string(w, "risk", cs_str(policy_risk(action)));
		cs_put_string(w, "mode", cs_str(policy_mode(action)));
		enum cs_err e = reply_end(r);
		if (e != CS_OK)
			return e;
	}
	return reply_done(r);
}

enum cs_err handle_explain_policy(struct request *r)
{
	struct asked asked;
	struct account account;
	char text[POLICY_LINES][POLICY_LINE];
	struct cs_str lines[POLICY_LINES];
	size_t n;
	enum cs_err e = asked_read(r, &asked);
	bool named = asked.typed.len > 0;

	if (e == CS_OK && asked.action == NULL)
		e = refuse_parameter(r, "action");
	if (e == CS_OK && named)
		e = asked_account_must(r, &asked, &account);
	if (e != CS_OK)
		return e;
	n = policy_explain(asked.action, named ? &account : NULL, text);
	for (size_t i = 0; i < n; i++)
		lines[i] = cs_str(text[i]);
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "action", cs_str(asked.action->name));
	cs_put_string(w, "requires", cs_str(policy_requirement(asked.action)));
	cs_put_string(w, "mode", cs_str(policy_mode(asked.action)));
	cs_put_strings(w, "say", lines, n);
	return reply_end(r);
}

/* SPDX-License-Identifier: ISC
 *
 * Reads and sets rights.
 */
#include "rights.h"

#include "asked.h"
#include "cooling.h"
#include "name.h"

#include <stdio.h>
#include <string.h>

enum cs_err rights_may_read(struct request *r, struct member *member, bool *given)
{
	const struct cs_str *at;
	size_t n;
	bool said = cs_msg_find(r->in, "all") != NULL;
	enum cs_err e = may_bool(r, "all", &member->all);

	if (e != CS_OK)
		return e;
	e = cs_msg_strings(r->in, "actions", &at, &n);
	*given = member->all || e != CS_ERR_NOTFOUND;
	if (e == CS_ERR_NOTFOUND && (member->all || !said)) {
		member->all = true;
		return CS_OK;
	}
	_Static_assert(ACTIONS_MAX == 64, "the sentence says so");
	if (e == CS_OK && n > ACTIONS_MAX)
		return refuse_named(r, "Refused", "why", CS_STR("actions"),
		    "One person's rights name at most 64 actions. Name fewer, or "
		    "give every action.");
	/* An empty list is a slip, and the worst reading of it is every action. */
	if (e != CS_OK || n == 0 || member->all)
		return refuse_parameter(r, "actions");
	for (size_t i = 0; i < n; i++) {
		if (conf_action(r->conf, at[i]) == NULL)
			return asked_no_action(r, at[i]);
		member->actions.at[member->actions.n++] = at[i];
	}
	return CS_OK;
}

enum cs_err rights_read(struct request *r, const struct member *before, struct member *after)
{
	bool given;
	enum cs_err e;

	*after = *before;
	after->all = false;
	after->actions.n = 0;
	e = rights_may_read(r, after, &given);
	return e == CS_OK && !given ? refuse_parameter(r, "actions") : e;
}

bool rights_wider(const struct member *now, const struct member *before)
{
	if (before->all)
		return false;
	return now->all || !targets_within(&now->actions, &before->actions);
}

/* "every action" or their names, cut between two of them. */
static void format_rights(const struct member *member, char out[NOTE_MAX_LEN + 1])
{
	size_t at = 0;

	snprintf(out, NOTE_MAX_LEN + 1, "%s", member->all ? "every action" : "");
	for (size_t i = 0; !member->all && i < member->actions.n; i++) {
		struct cs_str action = member->actions.at[i];

		if (at + action.len + 6 > NOTE_MAX_LEN) {
			strcpy(out + at, ",...");
			return;
		}
		at += (size_t)sprintf(out + at, "%s%.*s", i > 0 ? "," : "", (int)action.len,
		    action.p);
	}
}

enum cs_err rights_set(struct request *r, struct authority *authority,
    const struct account *account, const struct admin *admin, const struct member *before,
    struct member *after)
{
	char rights[NOTE_MAX_LEN + 1];
	enum cs_err e;

	if (rights_wider(after, before))
		cooling_start(r, after);
	store_put_member(r->store, after);
	format_rights(after, rights);
	e = authority_log(r, authority, EVENT_ADMIN_RIGHTS, account, admin, rights);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "administrator", admin->name);
	cs_put_string(w, "account", account->name);
	cooling_put(r, w, after);
	return reply_end(r);
}

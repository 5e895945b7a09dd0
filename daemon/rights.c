/* SPDX-License-Identifier: ISC
 *
 * Reads and sets rights.
 */
#include "rights.h"

#include "cooling.h"
#include "member.h"
#include "name.h"

#include <stdio.h>
#include <string.h>

enum cs_err rights_read(struct request *r, const struct member *before, struct member *after)
{
	bool given;
	enum cs_err e;

	*after = *before;
	after->all = false;
	after->actions.n = 0;
	e = read_actions(r, after, &given);
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

/* SPDX-License-Identifier: ISC
 *
 * Collects accounts in which a person is an active administrator, and those in
 * which they are a suspended one.
 */
#include "acting.h"

#include "cooling.h"

static void add(struct request *r, struct acting *acting, const struct account *account,
    const struct member *member)
{
	size_t i = acting->n++;

	acting->account[i] = account->name;
	acting->name[i] = account->display;
	channel_name(r->vault, account->id, acting->room[i]);
	acting->channel[i] = cs_str(acting->room[i]);
	if (cooling_is(r, member) && member->cooling_until > acting->cooling)
		acting->cooling = member->cooling_until;
}

enum cs_err acting_read(struct request *r, uint64_t admin, struct acting *acting)
{
	struct member member = { .account = 0 };
	struct account account;
	enum cs_err e = CS_OK;

	acting->n = acting->nsuspended = 0;
	acting->more = false;
	acting->cooling = 0;
	while (!acting->more &&
	    (e = store_next_member_of(r->store, admin, member.account, &member)) == CS_OK) {
		e = store_get_account(r->store, member.account, &account);
		if (e != CS_OK)
			return e;
		if (member.standing == STANDING_ACTIVE && acting->n == ACTING_MOST)
			acting->more = true;
		else if (member.standing == STANDING_ACTIVE)
			add(r, acting, &account, &member);
		else if (acting->nsuspended < ACTING_SUSPENDED_MOST)
			acting->suspended[acting->nsuspended++] = account.display;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

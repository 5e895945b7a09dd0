/* SPDX-License-Identifier: ISC
 *
 * Starts cooling off and tells when it ends; attempt.c refuses because of it.
 */
#include "cooling.h"

#define COOLING_OFF 86400	/* seconds, design §10 */

void cooling_start(const struct request *r, struct member *member)
{
	member->cooling_until = r->now.steady + COOLING_OFF;
}

enum cs_err cooling_start_all(struct request *r, uint64_t admin)
{
	struct member member = { .account = 0 };
	enum cs_err e;

	while ((e = store_next_member_of(r->store, admin, member.account, &member)) == CS_OK) {
		cooling_start(r, &member);
		store_put_member(r->store, &member);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

bool cooling_is(const struct request *r, const struct member *member)
{
	return member->cooling_until > r->now.steady;
}

void cooling_put(const struct request *r, struct cs_writer *w, const struct member *member)
{
	if (cooling_is(r, member))
		cs_put_int(w, "cooling_until",
		    r->now.at.wall + member->cooling_until - r->now.steady);
}

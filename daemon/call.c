/* SPDX-License-Identifier: ISC
 *
 * Finds a call by its number among those of one account, which are at most one
 * for each technician.
 */
#include "call.h"

#include "name.h"

bool call_over(const struct call *call, const struct moment *now)
{
	return clock_over(now, &call->opened, call->epoch, call->life);
}

bool call_is_for(const struct call *call, struct cs_str action, const struct targets *targets)
{
	return cs_str_same(action, call->action) && targets_equal(targets, &call->targets);
}

enum cs_err call_find(struct request *r, uint64_t account, struct cs_str text, struct call *call)
{
	int64_t after = -1;
	uint64_t id = 0;
	enum cs_err e = number_parse('C', text, &id) ? CS_OK : CS_ERR_NOTFOUND;

	while (e == CS_OK && (e = store_next_call(r->store, account, after, call)) == CS_OK) {
		if (call->id == id && !call_over(call, &r->now))
			return CS_OK;
		after = call->technician;
	}
	if (e == CS_ERR_NOTFOUND)
		return refuse_named(r, "NotFound", "what", text,
		    "Nobody is asking for this any more. If a technician is on the line, let them "
		    "ask again.");
	return e;
}

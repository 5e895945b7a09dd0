/* SPDX-License-Identifier: ISC
 *
 * One small record a person, apart from what verifications read.  Counted in
 * steady seconds: a clock that jumps ahead by a year makes nobody dormant.
 */
#include "activity.h"

#define DAY 86400

enum cs_err activity_note(struct request *r, uint64_t admin)
{
	struct activity activity;
	enum cs_err e = store_get_activity(r->store, admin, &activity);

	if (e == CS_OK && r->now.steady - activity.steady < DAY)
		return CS_OK;
	if (e != CS_OK && e != CS_ERR_NOTFOUND)
		return e;
	activity = (struct activity){
		.admin = admin,
		.steady = r->now.steady,
		.wall = r->now.at.wall,
	};
	store_put_activity(r->store, &activity);
	return CS_OK;
}

enum cs_err activity_idle(struct store *store, const struct moment *now, uint64_t admin,
    int64_t *idle, int64_t *wall)
{
	struct activity activity;
	enum cs_err e = store_get_activity(store, admin, &activity);

	*idle = *wall = 0;
	if (e == CS_OK) {
		*idle = now->steady - activity.steady;
		*wall = activity.wall;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

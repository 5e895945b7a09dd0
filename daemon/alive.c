/* SPDX-License-Identifier: ISC
 *
 * One small record a person, apart from what verifications read.  Counted in
 * steady seconds: a clock that jumps ahead by a year makes nobody dormant.
 */
#include "alive.h"

#define DAY 86400

enum cs_err alive_note(struct request *r, uint64_t admin)
{
	struct alive alive;
	enum cs_err e = store_get_alive(r->store, admin, &alive);

	if (e == CS_OK && r->now.steady - alive.steady < DAY)
		return CS_OK;
	if (e != CS_OK && e != CS_ERR_NOTFOUND)
		return e;
	alive = (struct alive){
		.admin = admin,
		.steady = r->now.steady,
		.wall = r->now.at.wall,
	};
	store_put_alive(r->store, &alive);
	return CS_OK;
}

enum cs_err alive_idle(struct store *store, const struct moment *now, uint64_t admin,
    int64_t *idle, int64_t *wall)
{
	struct alive alive;
	enum cs_err e = store_get_alive(store, admin, &alive);

	*idle = *wall = 0;
	if (e == CS_OK) {
		*idle = now->steady - alive.steady;
		*wall = alive.wall;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

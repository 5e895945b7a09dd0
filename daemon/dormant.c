/* SPDX-License-Identifier: ISC
 *
 * The daemon's own suspensions.  It asks as an operator would, in its own
 * name, and ends what a suspension ends.
 */
#include "dormant.h"

#include "alive.h"
#include "end.h"

#include "../lib/log.h"

#include <stdio.h>
#include <unistd.h>

#define LOOKED_AT 50		/* administrators in one step */
#define REST 3600		/* seconds between two walks */
#define DAY 86400

/* One activity is later than another; of two at once the later id's is. */
static bool is_later(int64_t idle, uint64_t id, int64_t than_idle, uint64_t than_id)
{
	return idle != than_idle ? idle < than_idle : id > than_id;
}

/* Has the account an active administrator who was active after this one?  So
 * of those who are dormant together one stays, whatever the order. */
static enum cs_err has_later(struct request *r, uint64_t account, uint64_t admin, int64_t idle,
    bool *has)
{
	struct member member = { .admin = 0 };
	struct admin other;
	int64_t other_idle, wall;
	enum cs_err e = CS_OK;

	*has = false;
	while (!*has &&
	    (e = store_next_member(r->store, account, member.admin, &member)) == CS_OK) {
		if (member.admin == admin || member.standing != STANDING_ACTIVE)
			continue;
		e = store_get_admin(r->store, member.admin, &other);
		if (e == CS_OK)
			e = alive_idle(r->store, &r->now, other.id, &other_idle, &wall);
		if (e != CS_OK)
			return e;
		*has = other.standing == STANDING_ACTIVE &&
		    is_later(other_idle, other.id, idle, admin);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* There is an account where they may act, and in each of these somebody else. */
static enum cs_err may_go(struct request *r, uint64_t admin, int64_t idle, bool *may)
{
	struct member member = { .account = 0 };
	enum cs_err e;

	*may = false;
	while ((e = store_next_member_of(r->store, admin, member.account, &member)) == CS_OK) {
		if (member.standing != STANDING_ACTIVE)
			continue;
		e = has_later(r, member.account, admin, idle, may);
		if (e != CS_OK || !*may)
			return e;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err suspend(struct request *r, struct admin *admin, int64_t idle)
{
	struct authority own = { .grant = { .id = 0 } };
	struct ended ended = { 0 };
	char note[64];
	enum cs_err e = end_everywhere(r, admin->id, &ended);

	if (e != CS_OK)
		return e;
	admin->standing = STANDING_SUSPENDED;
	store_put_admin(r->store, admin);
	snprintf(note, sizeof(note), "dormant: no sign of life for %lld days",
	    (long long)(idle / DAY));
	return authority_log_person(r, &own, EVENT_ADMIN_SUSPEND, admin, note);
}

static enum cs_err look_at(struct request *r, uint64_t id)
{
	struct admin admin;
	int64_t idle, wall;
	bool may = false;
	enum cs_err e = store_get_admin(r->store, id, &admin);

	if (e == CS_OK)
		e = alive_idle(r->store, &r->now, id, &idle, &wall);
	if (e != CS_OK || admin.standing != STANDING_ACTIVE)
		return e;
	if (wall == 0)
		return alive_note(r, id);
	if (!r->conf->suspend_dormant || idle < r->conf->dormant)
		return CS_OK;
	e = may_go(r, id, idle, &may);
	return e == CS_OK && may ? suspend(r, &admin, idle) : e;
}

/* Each by itself: what is damaged holds up nobody else, and is told of once. */
static enum cs_err look_alone(struct request *r, uint64_t id, bool *told)
{
	enum cs_err e = look_at(r, id);

	if (e == CS_OK)
		return store_keep(r->store);
	if (e != CS_ERR_FORMAT)
		return e;
	store_drop(r->store);
	if (!*told)
		cs_log(CS_LOG_ERR, "the database is damaged: administrator %llu, a colleague or "
		    "an account of theirs cannot be read, so it is not known whether they are "
		    "dormant; restore a backup", (unsigned long long)id);
	*told = true;
	return CS_OK;
}

enum cs_err dormant_step(struct store *store, const struct conf *conf, const struct vault *vault,
    const struct moment *now, struct dormant_walk *walk)
{
	struct peer self = { .uid = geteuid() };
	struct request r = {
		.peer = &self, .store = store, .conf = conf, .vault = vault, .now = *now,
	};
	uint64_t last = store_count(store, SEQ_ADMIN);
	enum cs_err e = CS_OK;

	if (now->steady < walk->rest)
		return CS_OK;
	for (unsigned n = 0; n < LOOKED_AT && walk->admin < last && e == CS_OK; n++)
		e = look_alone(&r, ++walk->admin, &walk->told);
	if (e == CS_OK && walk->admin >= last) {
		walk->admin = 0;
		walk->rest = now->steady + REST;
	}
	return e;
}

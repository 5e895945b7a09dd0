/* SPDX-License-Identifier: ISC
 *
 * SyncEnd: suspends whom a whole roster did not name.  It counts all of them
 * first, so that half a roster, or the wrong one, suspends nobody unless the
 * number was given; whom an operator added by hand is not the roster's.
 */
#include "handlers.h"

#include "authority.h"
#include "end.h"
#include "run.h"

#include <inttypes.h>
#include <stdio.h>

#define COUNTED_AT_ONCE 1000	/* members looked at in one go */
#define BRAKE 10		/* more than one in so many missing: say how many */

/* Where SyncEnd is: it counts all first, then goes through them again. */
struct sweep {
	uint64_t account, admin;
	int64_t imported, missing;
	bool counted;
};

struct ending {
	uint64_t run;
	int64_t suspend;
	bool dry;
};

static enum cs_err check_brake(struct request *r, const struct ending *end, const struct sweep *s)
{
	char say[256];

	if (end->dry || end->suspend == s->missing ||
	    (end->suspend < 0 && s->missing * BRAKE <= s->imported))
		return CS_OK;
	snprintf(say, sizeof(say), "%" PRId64 " of %" PRId64 " imported administrators are missing "
	    "from this roster. Nobody was suspended: to suspend them, that number must be given.",
	    s->missing, s->imported);
	return refuse_named(r, "Refused", "why", CS_STR("missing"), say);
}

static enum cs_err count_some(struct request *r, const struct ending *end, struct sweep *s)
{
	struct member m;
	enum cs_err e = CS_OK;

	for (unsigned n = 0; n < COUNTED_AT_ONCE; n++) {
		e = store_next_any_member(r->store, s->account, s->admin, &m);
		if (e != CS_OK)
			break;
		s->account = m.account;
		s->admin = m.admin;
		s->imported += m.standing == STANDING_ACTIVE && m.run != 0;
		s->missing += run_misses(end->run, &m);
	}
	if (e == CS_ERR_NOTFOUND) {
		e = check_brake(r, end, s);
		if (e != CS_OK)
			return e;
		struct cs_writer *w = reply_begin(r, true);
		cs_put_int(w, "imported", s->imported);
		cs_put_int(w, "missing", s->missing);
		*s = (struct sweep){ .counted = true };
		e = reply_end(r);
	}
	if (e == CS_OK)
		cursor_save(r->cursor, s, sizeof(*s));
	return e;
}

static enum cs_err end_one(struct request *r, const struct ending *end, struct member *m)
{
	struct account account;
	struct admin admin;
	char note[48];
	enum cs_err e = store_get_account(r->store, m->account, &account);

	if (e == CS_OK)
		e = store_get_admin(r->store, m->admin, &admin);
	if (e != CS_OK)
		return e;
	if (!end->dry) {
		struct ended ended = { 0 };

		e = end_member(r, m->account, m->admin, &ended);
		if (e != CS_OK)
			return e;
		m->standing = STANDING_SUSPENDED;
		m->missing = true;
		m->run = end->run;	/* an earlier one does not resume them */
		store_update_member(r->store, m);
		snprintf(note, sizeof(note), "missing from import %" PRIu64, end->run);
		e = log_change(r, EVENT_ADMIN_SUSPEND, &account, &admin, note);
		if (e != CS_OK)
			return e;
	}
	struct cs_writer *w = reply_begin(r, true);
	cs_put_string(w, "account", account.name);
	cs_put_string(w, "administrator", admin.name);
	cs_put_string(w, "administrator_name", admin.display);
	return reply_end(r);
}

/* At most one of an account: who was ended before does not show yet, and an
 * account's last one ends its calls. */
static enum cs_err end_some(struct request *r, const struct ending *end, struct sweep *s)
{
	struct member m;
	uint64_t left = 0;
	unsigned rows = 0;

	for (unsigned n = 0; n < COUNTED_AT_ONCE && rows < ROWS_AT_ONCE; n++) {
		enum cs_err e = store_next_any_member(r->store, s->account, s->admin, &m);

		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e != CS_OK)
			return e;
		if (run_misses(end->run, &m) && m.account == left)
			break;
		s->account = m.account;
		s->admin = m.admin;
		if (!run_misses(end->run, &m))
			continue;
		left = m.account;
		rows++;
		e = end_one(r, end, &m);
		if (e != CS_OK)
			return e;
	}
	cursor_save(r->cursor, s, sizeof(*s));
	return CS_OK;
}

enum cs_err handle_sync_end(struct request *r)
{
	struct ending end = { .suspend = -1 };
	struct sweep sweep = { .account = 0 };
	enum cs_err e = run_read(r, &end.run);

	if (e == CS_OK)
		e = may_bool(r, "dry_run", &end.dry);
	if (e == CS_OK)
		e = may_int(r, "suspend", &end.suspend);
	if (e != CS_OK)
		return e;
	cursor_load(r->cursor, &sweep, sizeof(sweep));
	return sweep.counted ? end_some(r, &end, &sweep) : count_some(r, &end, &sweep);
}

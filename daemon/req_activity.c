/* SPDX-License-Identifier: ISC
 *
 * Activity: an account's events for its administrators, newest first.
 */
#include "handlers.h"

#include "activity.h"
#include "audit.h"
#include "eventrow.h"
#include "session.h"

#include <strings.h>

#define LOOKED_AT_ONCE 2000	/* events read in one go, shown or not */
#define COUNT 100		/* rows, unless asked otherwise */
#define COUNT_MOST 1000

struct query {
	int64_t since, until, before, count;
	struct cs_str administrator, technician, action, kind;
	uint64_t floor;		/* the last event that is too old */
};

/* Where the list goes on. */
struct place {
	uint64_t at;		/* below this number */
	uint64_t told;		/* rows */
};

static enum cs_err read_query(struct request *r, struct query *q)
{
	enum cs_err e = may_int(r, "since", &q->since);

	if (e == CS_OK)
		e = may_int(r, "until", &q->until);
	if (e == CS_OK)
		e = may_int(r, "before", &q->before);
	if (e == CS_OK)
		e = may_int(r, "count", &q->count);
	if (e == CS_OK && q->before < 0)
		e = refuse_parameter(r, "before");
	if (e == CS_OK && (q->count < 1 || q->count > COUNT_MOST))
		e = refuse_parameter(r, "count");
	if (e == CS_OK)
		e = may_string(r, "administrator", &q->administrator);
	if (e == CS_OK)
		e = may_string(r, "technician", &q->technician);
	if (e == CS_OK)
		e = may_string(r, "action", &q->action);
	if (e == CS_OK)
		e = may_string(r, "kind", &q->kind);
	if (e == CS_OK && q->since > 0)
		e = store_event_before(r->store, q->since, &q->floor);
	return e;
}

static enum cs_err find_place(struct request *r, const struct query *q, struct place *place)
{
	uint64_t last = store_count(r->store, SEQ_EVENT);
	enum cs_err e = CS_OK;

	if (cursor_load(r->cursor, place, sizeof(*place)))
		return CS_OK;
	if (q->until > 0)
		e = store_event_before(r->store, q->until, &last);
	*place = (struct place){ .at = last + 1 };
	if (q->before > 0 && (uint64_t)q->before < place->at)
		place->at = (uint64_t)q->before;
	return e;
}

static bool fits(struct cs_str wanted, struct cs_str text)
{
	return wanted.len == 0 ||
	    (wanted.len == text.len && strncasecmp(wanted.p, text.p, text.len) == 0);
}

static bool passes(const struct query *q, const struct audit_event *event)
{
	return (fits(q->administrator, event->admin) ||
		fits(q->administrator, event->admin_name)) &&
	    fits(q->technician, event->technician_name) &&
	    fits(q->action, event->action) && fits(q->kind, cs_str(audit_kind_name(event->kind)));
}

/* CS_ERR_NOTFOUND: there is no more.  CS_ERR_LIMIT: not in one go. */
static enum cs_err put_some(struct request *r, uint64_t account, const struct query *q,
    struct place *place)
{
	unsigned most = LOOKED_AT_ONCE;
	struct audit_event event;
	enum cs_err e = CS_OK;

	for (unsigned rows = 0; rows < ROWS_AT_ONCE && e == CS_OK;) {
		if (place->told >= (uint64_t)q->count)
			return CS_ERR_NOTFOUND;
		e = activity_previous(r->store, account, &place->at, &most, &event);
		if (e == CS_OK && event.id <= q->floor)
			return CS_ERR_NOTFOUND;
		if (e == CS_OK && passes(q, &event)) {
			e = eventrow_put(r, &event, true);
			place->told++;
			rows++;
		}
	}
	return e == CS_OK ? CS_ERR_LIMIT : e;
}

enum cs_err handle_activity(struct request *r)
{
	struct caller caller;
	struct query q = { .count = COUNT };
	struct place place;
	enum cs_err e = caller_read_account(r, &caller);

	if (e == CS_OK)
		e = read_query(r, &q);
	if (e == CS_OK)
		e = find_place(r, &q, &place);
	if (e != CS_OK)
		return e;
	e = put_some(r, caller.account.id, &q, &place);
	if (e == CS_ERR_NOTFOUND)
		return reply_done(r);
	if (e != CS_ERR_LIMIT)
		return e;
	cursor_save(r->cursor, &place, sizeof(place));
	return CS_OK;
}

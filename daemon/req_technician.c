/* SPDX-License-Identifier: ISC
 *
 * ListTechnicians, SuspendTechnician, ResumeTechnician.  Only who has asked
 * once is known by name; anybody else is named by uid, since no name service
 * is asked here.
 */
#include "handlers.h"

#include "audit.h"
#include "authority.h"
#include "grant.h"

static enum cs_err put_row(struct request *r, const struct seen *seen)
{
	struct bucket tries;
	enum cs_err e = store_get_bucket(r->store, BUCKET_TECHNICIAN, seen->uid, &tries);

	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, true);
	cs_put_string(w, "technician", seen->name);
	cs_put_int(w, "uid", seen->uid);
	cs_put_string(w, "state", seen->suspended ? CS_STR("suspended") : CS_STR("active"));
	if (seen->last != 0) {
		cs_put_int(w, "first", seen->first);
		cs_put_int(w, "last", seen->last);
	}
	cs_put_int(w, "tries", (int64_t)tries.total);
	return reply_end(r);
}

enum cs_err handle_list_technicians(struct request *r)
{
	int64_t after = (int64_t)cursor_id(r->cursor) - 1;
	struct seen seen;

	for (unsigned n = 0; n < ROWS_AT_ONCE; n++) {
		enum cs_err e = store_next_seen(r->store, after, &seen);

		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e == CS_OK)
			e = put_row(r, &seen);
		if (e != CS_OK)
			return e;
		after = seen.uid;
	}
	cursor_go_on(r->cursor, (uint64_t)after + 1);
	return CS_OK;
}

static bool read_uid(struct cs_str text, uint32_t *uid)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || i > 9)
			return false;
		n = n * 10 + (uint64_t)(text.p[i] - '0');
	}
	*uid = (uint32_t)n;
	return text.len > 0 && n < UINT32_MAX;
}

/* The one of that name who asked last: a name may have moved to another uid. */
static enum cs_err find_name(struct request *r, struct cs_str name, struct seen *found)
{
	struct seen seen;
	int64_t after = -1;
	bool any = false;
	enum cs_err e;

	while ((e = store_next_seen(r->store, after, &seen)) == CS_OK) {
		after = seen.uid;
		if (!cs_str_same(seen.name, name))
			continue;
		if (!any || seen.last > found->last)
			*found = seen;
		any = true;
	}
	return e == CS_ERR_NOTFOUND && any ? CS_OK : e;
}

/* A uid that never asked gets a row: it may come any moment. */
static enum cs_err read_technician(struct request *r, struct seen *seen)
{
	struct cs_str text;
	uint32_t uid;
	enum cs_err e = want_string(r, "technician", &text);

	if (e != CS_OK)
		return e;
	if (text.len > NAME_MAX_LEN)
		return refuse_parameter(r, "technician");
	if (read_uid(text, &uid)) {
		e = store_get_seen(r->store, uid, seen);
		if (e == CS_ERR_NOTFOUND)
			*seen = (struct seen){ .uid = uid, .name = text };
		return e == CS_ERR_NOTFOUND ? CS_OK : e;
	}
	e = find_name(r, text, seen);
	if (e == CS_ERR_NOTFOUND)
		return refuse_named(r, "NotFound", "what", text,
		    "No technician of that name "
		    "has asked anything yet. Give the uid instead: id -u NAME tells it.");
	return e;
}

static enum cs_err count_grants(struct request *r, uint32_t uid, int64_t *good)
{
	struct grant grant = { .id = store_count(r->store, SEQ_GRANT) + 1 };
	enum grant_state state;
	enum cs_err e;

	while ((e = store_previous_grant(r->store, grant.id, &grant)) == CS_OK &&
	    !grant_long_over(&grant, &r->now)) {
		if (grant.technician != uid)
			continue;
		e = grant_judge(r->store, &r->now, &grant, &state);
		if (e != CS_OK)
			return e;
		*good += state == GRANT_GOOD;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err end_calls(struct request *r, uint32_t uid, int64_t *ended)
{
	struct call call = { .account = 0 };
	int64_t after = -1;
	enum cs_err e;

	while ((e = store_next_any_call(r->store, call.account, after, &call)) == CS_OK) {
		after = call.technician;
		if (call.technician != uid)
			continue;
		*ended += !clock_over(&r->now, &call.opened, call.epoch, call.life);
		store_del_call(r->store, call.account, uid);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err log_technician(struct request *r, enum event_kind kind, const struct seen *seen,
    const struct authority *authority)
{
	struct audit_event event = {
		.kind = kind,
		.technician = seen->uid,
		.technician_name = seen->name,
		.asserter = r->peer->uid,
		.note = authority->reason,
	};

	return audit_append(r->store, r->vault, &r->now, &event);
}

/* Suspends or resumes, up to the answer's first field. */
static enum cs_err change(struct request *r, bool suspend, struct seen *seen)
{
	struct authority authority;
	enum cs_err e = read_technician(r, seen);

	if (e == CS_OK)
		e = authority_reason(r, false, &authority);
	if (e != CS_OK)
		return e;
	if (seen->suspended == suspend)
		return refuse_named(r, "Refused", "why",
		    suspend ? CS_STR("suspended") : CS_STR("active"),
		    suspend ? "This technician is suspended already."
			    : "This technician is not suspended.");
	seen->suspended = suspend;
	if (suspend)
		seen->grants_ended = store_count(r->store, SEQ_GRANT);
	store_put_seen(r->store, seen);
	return log_technician(r, suspend ? EVENT_TECHNICIAN_SUSPEND : EVENT_TECHNICIAN_RESUME, seen,
	    &authority);
}

enum cs_err handle_suspend_technician(struct request *r)
{
	struct seen seen;
	int64_t grants = 0, calls = 0;
	enum cs_err e = change(r, true, &seen);

	if (e == CS_OK)
		e = count_grants(r, seen.uid, &grants);
	if (e == CS_OK)
		e = end_calls(r, seen.uid, &calls);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "technician", seen.name);
	cs_put_int(w, "uid", seen.uid);
	cs_put_int(w, "grants", grants);
	cs_put_int(w, "calls", calls);
	return reply_end(r);
}

enum cs_err handle_resume_technician(struct request *r)
{
	struct seen seen;
	enum cs_err e = change(r, false, &seen);

	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "technician", seen.name);
	cs_put_int(w, "uid", seen.uid);
	return reply_end(r);
}

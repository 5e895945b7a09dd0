/* SPDX-License-Identifier: ISC
 *
 * Events: the audit log as a list, with filters, from any number on.
 */
#include "handlers.h"

#include "audit.h"
#include "member.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LOOKED_AT_ONCE 2000	/* events read in one go, shown or not */

struct filter {
	int64_t after, since, until;
	struct cs_str account, administrator, technician, action, target, case_id;
	bool follow;
};

/* Events hold the name: ref:4711 finds nothing in them. */
static enum cs_err resolve_ref(struct request *r, struct cs_str *account)
{
	struct account found;
	enum cs_err e;

	if (account->len <= 4 || memcmp(account->p, "ref:", 4) != 0)
		return CS_OK;
	e = store_find_account_ref(r->store, (struct cs_str){ account->p + 4, account->len - 4 },
	    &found);
	if (e == CS_ERR_NOTFOUND)
		return refuse_named(r, "UnknownAccount", "account", *account,
		    "There is no account with that ref. \"countersign account list\" shows them.");
	if (e == CS_OK)
		*account = found.name;
	return e;
}

static enum cs_err read_filter(struct request *r, struct filter *f)
{
	const struct {
		const char *name;
		int64_t *out;
	} numbers[] = { { "after", &f->after }, { "since", &f->since }, { "until", &f->until } };
	const struct {
		const char *name;
		struct cs_str *out;
	} texts[] = {
		{ "account", &f->account },
		{ "administrator", &f->administrator },
		{ "technician", &f->technician },
		{ "action", &f->action },
		{ "target", &f->target },
		{ "case", &f->case_id },
	};
	enum cs_err e = may_bool(r, "follow", &f->follow);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && e == CS_OK; i++)
		e = may_int(r, numbers[i].name, numbers[i].out);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && e == CS_OK; i++)
		e = may_string(r, texts[i].name, texts[i].out);
	if (e == CS_OK && f->after < 0)
		e = refuse_parameter(r, "after");
	return e == CS_OK ? resolve_ref(r, &f->account) : e;
}

static bool is(struct cs_str wanted, struct cs_str is)
{
	return wanted.len == 0 || (wanted.len == is.len && memcmp(wanted.p, is.p, is.len) == 0);
}

static bool has_target(const struct audit_event *event, struct cs_str wanted)
{
	for (size_t i = 0; i < event->targets.n; i++)
		if (is(wanted, event->targets.at[i]))
			return true;
	return wanted.len == 0;
}

static bool passes(const struct filter *f, const struct audit_event *event)
{
	return event->time >= f->since && (f->until == 0 || event->time < f->until) &&
	    is(f->account, event->account) && is(f->administrator, event->admin) &&
	    is(f->technician, event->technician_name) && is(f->action, event->action) &&
	    is(f->case_id, event->case_id) && has_target(event, f->target);
}

static void may_put(struct cs_writer *w, const char *name, struct cs_str value)
{
	if (value.len > 0)
		cs_put_string(w, name, value);
}

/* Answers of one minute in one event: many processes may have asked. */
static bool is_sum(const struct audit_event *event)
{
	return event->has_verdict && !event->shadow &&
	    (event->reason == CS_MISHEARD || event->reason == CS_THROTTLED);
}

static void put_verdict(struct cs_writer *w, const struct audit_event *event)
{
	char verification[24];

	cs_put_string(w, "verdict",
	    event->verdict == CS_ACCEPTED ? CS_STR("accepted") : CS_STR("refused"));
	cs_put_string(w, "reason", cs_str(cs_reason_name(event->reason)));
	if (!is_sum(event)) {
		snprintf(verification, sizeof(verification), "V%" PRIu64, event->id);
		cs_put_string(w, "verification", cs_str(verification));
	}
	if (event->shadow)
		cs_put_string(w, "mode", CS_STR("shadow"));
}

static enum cs_err put_event(struct request *r, const struct audit_event *event)
{
	struct cs_writer *w = reply_begin(r, true);
	char uid[24];

	cs_put_int(w, "event", (int64_t)event->id);
	cs_put_int(w, "time", event->time);
	cs_put_string(w, "kind", cs_str(audit_kind_name(event->kind)));
	if (event->has_verdict)
		put_verdict(w, event);
	may_put(w, "account", event->account);
	may_put(w, "action", event->action);
	if (event->targets.n > 0)
		cs_put_strings(w, "target", event->targets.at, event->targets.n);
	may_put(w, "administrator", event->admin);
	may_put(w, "administrator_name", event->admin_name);
	may_put(w, "technician", event->technician_name);
	snprintf(uid, sizeof(uid), "%u", event->asserter);
	if (!is_sum(event))
		cs_put_string(w, "asserter", cs_str(uid));
	may_put(w, "credential", event->credential);
	may_put(w, "case", event->case_id);
	if (event->count > 1)
		cs_put_int(w, "count", event->count);
	may_put(w, "note", event->note);
	return reply_end(r);
}

/* Sends what passes from *at on; *end is set at the log's end. */
static enum cs_err put_some(struct request *r, const struct filter *f, uint64_t *at, bool *end)
{
	uint64_t last = store_count(r->store, SEQ_EVENT);
	struct audit_event event;
	unsigned looked = 0;

	for (unsigned rows = 0; rows < ROWS_AT_ONCE && looked < LOOKED_AT_ONCE && *at < last;
	     looked++) {
		enum cs_err e = store_get_event(r->store, ++*at, &event, NULL);

		if (e == CS_ERR_NOTFOUND)
			continue;
		if (e == CS_OK && passes(f, &event)) {
			e = put_event(r, &event);
			rows++;
		}
		if (e != CS_OK)
			return e;
	}
	*end = *at >= last;
	return CS_OK;
}

enum cs_err handle_events(struct request *r)
{
	struct filter f = { 0 };
	uint64_t at = cursor_id(r->cursor);
	bool end;
	enum cs_err e = read_filter(r, &f);

	if (e == CS_OK && !r->cursor->started) {
		at = (uint64_t)f.after;
		if (at == 0 && f.since > 0)
			e = store_event_before(r->store, f.since, &at);
	}
	if (e == CS_OK)
		e = put_some(r, &f, &at, &end);
	if (e != CS_OK)
		return e;
	if (end && !f.follow)
		return reply_done(r);
	cursor_go_on(r->cursor, at);
	r->cursor->again = !end;
	r->cursor->follow = f.follow;
	return CS_OK;
}

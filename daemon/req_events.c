/* SPDX-License-Identifier: ISC
 *
 * Events: the audit log as a list, with filters, from any number on.
 */
#include "handlers.h"

#include "eventrow.h"

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

static bool fits(struct cs_str wanted, struct cs_str text)
{
	return wanted.len == 0 || cs_str_same(wanted, text);
}

static bool has_target(const struct audit_event *event, struct cs_str wanted)
{
	for (size_t i = 0; i < event->targets.n; i++)
		if (fits(wanted, event->targets.at[i]))
			return true;
	return wanted.len == 0;
}

static bool passes(const struct filter *f, const struct audit_event *event)
{
	return event->time >= f->since && (f->until == 0 || event->time < f->until) &&
	    fits(f->account, event->account) && fits(f->administrator, event->admin) &&
	    fits(f->technician, event->technician_name) && fits(f->action, event->action) &&
	    fits(f->case_id, event->case_id) && has_target(event, f->target);
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
			e = eventrow_put(r, &event, false);
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

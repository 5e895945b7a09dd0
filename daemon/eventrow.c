/* SPDX-License-Identifier: ISC
 *
 * Writes the fields of an event, those that say something.
 */
#include "eventrow.h"

#include "audit.h"
#include "name.h"

#include <stdio.h>

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

/* Others have a verdict too, a log-in that failed for one. */
static bool is_verification(const struct audit_event *event)
{
	return event->kind == EVENT_VERIFY || event->kind == EVENT_REDEEM;
}

static void put_verdict(struct cs_writer *w, const struct audit_event *event)
{
	char verification[NUMBER_TEXT];

	cs_put_string(w, "verdict",
	    event->verdict == CS_ACCEPTED ? CS_STR("accepted") : CS_STR("refused"));
	cs_put_string(w, "reason", cs_str(cs_reason_name(event->reason)));
	if (!is_sum(event) && is_verification(event)) {
		number_format('V', event->id, verification);
		cs_put_string(w, "verification", cs_str(verification));
	}
	if (event->shadow)
		cs_put_string(w, "mode", CS_STR("shadow"));
}

static void put_scope(struct request *r, struct cs_writer *w, const struct audit_event *event,
    bool title)
{
	const struct action *action = title ? conf_action(r->conf, event->action) : NULL;

	may_put(w, "action", event->action);
	if (action != NULL)
		cs_put_string(w, "title", cs_str(action->title));
	if (event->targets.n > 0)
		cs_put_strings(w, "target", event->targets.at, event->targets.n);
}

enum cs_err eventrow_put(struct request *r, const struct audit_event *event, bool to_customer)
{
	struct cs_writer *w = reply_begin(r, true);
	char uid[24];

	cs_put_int(w, "event", (int64_t)event->id);
	cs_put_int(w, "time", event->time);
	cs_put_string(w, "kind", cs_str(audit_kind_name(event->kind)));
	if (event->has_verdict)
		put_verdict(w, event);
	may_put(w, "account", event->account);
	put_scope(r, w, event, to_customer);
	may_put(w, "administrator", event->admin);
	may_put(w, "administrator_name", event->admin_name);
	may_put(w, "technician", event->technician_name);
	snprintf(uid, sizeof(uid), "%u", event->asserter);
	if (!is_sum(event) && !to_customer)
		cs_put_string(w, "asserter", cs_str(uid));
	may_put(w, "credential", event->credential);
	may_put(w, "case", event->case_id);
	may_put(w, "client", event->client);
	if (event->count > 1)
		cs_put_int(w, "count", event->count);
	may_put(w, "note", event->note);
	return reply_end(r);
}

/* SPDX-License-Identifier: ISC
 *
 * The sentences of events; a verification's depends on its verdict and reason.
 */
#include "event_text.h"

#include "texts.h"

const struct event_kind event_kinds[] = {
	{ "verify", EVENT_VERIFY },
	{ "redeem", EVENT_REDEEM },
	{ "issue", EVENT_ISSUE },
	{ "revoke", EVENT_REVOKE },
	{ "call-denied", EVENT_CALL_DENIED },
	{ "ticket-open", EVENT_TICKET_OPEN },
	{ "ticket-reply", EVENT_TICKET_REPLY },
	{ "ticket-close", EVENT_TICKET_CLOSE },
	{ "log-in", EVENT_LOG_IN },
	{ "log-in-failed", EVENT_LOG_IN_FAILED },
	{ "log-out", EVENT_LOG_OUT },
	{ "session-end", EVENT_SESSION_END },
	{ "prove", EVENT_PROVE },
	{ "password", EVENT_PASSWORD },
	{ "invite-accept", EVENT_INVITE_ACCEPT },
	{ "enroll", EVENT_ENROLL },
	{ "confirm", EVENT_CONFIRM },
	{ "authenticator-rename", EVENT_AUTHENTICATOR_RENAME },
	{ "authenticator-remove", EVENT_AUTHENTICATOR_REMOVE },
	{ "authenticator-import", EVENT_AUTHENTICATOR_IMPORT },
	{ "authenticator-export", EVENT_AUTHENTICATOR_EXPORT },
	{ "resync", EVENT_RESYNC },
	{ "recovery", EVENT_RECOVERY },
	{ "admin-add", EVENT_ADMIN_ADD },
	{ "admin-invite", EVENT_ADMIN_INVITE },
	{ "admin-name", EVENT_ADMIN_NAME },
	{ "admin-rights", EVENT_ADMIN_RIGHTS },
	{ "admin-suspend", EVENT_ADMIN_SUSPEND },
	{ "admin-resume", EVENT_ADMIN_RESUME },
	{ "admin-reset", EVENT_ADMIN_RESET },
	{ "admin-remove", EVENT_ADMIN_REMOVE },
	{ "cooling-waive", EVENT_COOLING_WAIVE },
	{ "account-add", EVENT_ACCOUNT_ADD },
	{ "account-suspend", EVENT_ACCOUNT_SUSPEND },
	{ "account-resume", EVENT_ACCOUNT_RESUME },
	{ "account-freeze", EVENT_ACCOUNT_FREEZE },
	{ "account-thaw", EVENT_ACCOUNT_THAW },
	{ "policy-set", EVENT_POLICY_SET },
	{ "sync", EVENT_SYNC },
};
const size_t event_nkinds = sizeof(event_kinds) / sizeof(event_kinds[0]);

/* What a refused verification says, by its reason. */
static const struct event_kind refusals[] = {
	{ "wrong", EVENT_WRONG },
	{ "misheard", EVENT_MISHEARD },
	{ "expired", EVENT_EXPIRED },
	{ "used", EVENT_USED },
	{ "replaced", EVENT_REPLACED },
	{ "cancelled", EVENT_CANCELLED },
	{ "other-action", EVENT_OTHER_ACTION },
	{ "other-target", EVENT_OTHER_TARGET },
	{ "not-permitted", EVENT_NOT_PERMITTED },
	{ "cooling-off", EVENT_COOLING_OFF },
	{ "throttled", EVENT_THROTTLED },
	{ "suspended", EVENT_SUSPENDED },
	{ "frozen", EVENT_FROZEN },
	{ "approval-needed", EVENT_APPROVAL_NEEDED },
};

/* What is no verification and is refused whatever the reason. */
static const struct event_kind refused_kinds[] = {
	{ "log-in-failed", EVENT_LOG_IN_FAILED },
	{ "password", EVENT_PASSWORD_REFUSED },
};

static const char *find(const struct event_kind *at, size_t n, struct cs_str name)
{
	for (size_t i = 0; i < n; i++)
		if (cs_str_is(name, at[i].kind))
			return at[i].name;
	return NULL;
}

struct event_text event_text(const struct answer *events, size_t row)
{
	struct cs_str kind = answer_string(events, row, "kind");
	const char *text = find(event_kinds, event_nkinds, kind);

	if (cs_str_is(answer_string(events, row, "verdict"), "refused")) {
		if (cs_str_is(answer_string(events, row, "mode"), "shadow"))
			return (struct event_text){ EVENT_LET_THROUGH, true };
		const char *why = find(refused_kinds,
		    sizeof(refused_kinds) / sizeof(refused_kinds[0]), kind);

		if (why == NULL)
			why = find(refusals, sizeof(refusals) / sizeof(refusals[0]),
			    answer_string(events, row, "reason"));
		return (struct event_text){ why != NULL ? why : EVENT_REFUSED, true };
	}
	return (struct event_text){ text != NULL ? text : EVENT_OTHER,
		cs_str_is(kind, "call-denied") };
}

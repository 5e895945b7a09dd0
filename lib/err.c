/* SPDX-License-Identifier: ISC
 *
 * The words for errors and reasons.  Reasons are spelled here as the protocol
 * spells them and nowhere else, and what a person is told who gets no answer.
 */
#include "err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const err_texts[] = {
	[CS_OK] = "no error",
	[CS_ERR_NOMEM] = "out of memory",
	[CS_ERR_SYSTEM] = "a system call failed",
	[CS_ERR_FORMAT] = "the bytes are malformed",
	[CS_ERR_LIMIT] = "larger than allowed",
	[CS_ERR_TIMEOUT] = "the deadline passed",
	[CS_ERR_UNREACHABLE] = "nobody listens on the socket",
	[CS_ERR_PEER] = "the peer is not our daemon",
	[CS_ERR_CLOSED] = "the peer closed the connection",
	[CS_ERR_NOTFOUND] = "no such record",
	[CS_ERR_EXISTS] = "it exists already",
	[CS_ERR_FULL] = "no room is left",
	[CS_ERR_IO] = "the storage is faulty",
	[CS_ERR_CRYPTO] = "a seal did not open",
	[CS_ERR_CONFIG] = "the configuration or key file is wrong",
	[CS_ERR_ANSWERED] = "the request was answered with an error",
};

static const char *const reason_names[CS_REASONS] = {
	[CS_WRONG] = "wrong",
	[CS_MISHEARD] = "misheard",
	[CS_EXPIRED] = "expired",
	[CS_USED] = "used",
	[CS_REPLACED] = "replaced",
	[CS_CANCELLED] = "cancelled",
	[CS_OTHER_ACTION] = "other-action",
	[CS_OTHER_TARGET] = "other-target",
	[CS_NOT_PERMITTED] = "not-permitted",
	[CS_COOLING_OFF] = "cooling-off",
	[CS_THROTTLED] = "throttled",
	[CS_UNKNOWN_ACCOUNT] = "unknown-account",
	[CS_SUSPENDED] = "suspended",
	[CS_FROZEN] = "frozen",
	[CS_APPROVAL_NEEDED] = "approval-needed",
	[CS_REASON_ACCEPTED] = "accepted",
};

const char *cs_err_text(enum cs_err e)
{
	return err_texts[e];
}

/* What happened, without the dot. */
static void tell_cause(enum cs_err e, const char *path, bool asked, char *out, size_t cap)
{
	const char *why = e == CS_ERR_SYSTEM ? strerror(errno) : cs_err_text(e);

	if (e == CS_ERR_UNREACHABLE)
		snprintf(out, cap, "Countersign does not answer (daemon not running)");
	else if (e == CS_ERR_PEER)
		snprintf(out, cap, "What listens on %s is not this machine's Countersign", path);
	else if (e == CS_ERR_TIMEOUT)
		snprintf(out, cap, "Countersign does not answer in time");
	else if (e == CS_ERR_CLOSED)
		snprintf(out, cap, "Countersign went away before it answered");
	else
		snprintf(out, cap, asked ? "Countersign's answer cannot be read (%s)"
		    : "Countersign cannot be asked: %s", why);
}

void cs_err_tell(enum cs_err e, const char *path, const char *asked, char out[CS_TOLD_MAX])
{
	bool open = asked != NULL && e != CS_ERR_UNREACHABLE && e != CS_ERR_PEER;
	char cause[CS_TOLD_MAX - 200];

	if (!open && e == CS_ERR_SYSTEM && errno == EACCES) {
		snprintf(out, CS_TOLD_MAX, "You may not use %.256s: it takes a role that the "
		    "operator gives. A new group counts from your next log-in on. "
		    "Nothing was changed.", path);
		return;
	}
	tell_cause(e, path, open, cause, sizeof(cause));
	if (open)
		snprintf(out, CS_TOLD_MAX, "%s: " CS_NOT_KNOWN("%.64s"), cause, asked);
	else
		snprintf(out, CS_TOLD_MAX, "%s. " CS_NOT_DONE, cause);
}

const char *cs_reason_name(enum cs_reason reason)
{
	return reason_names[reason];
}

bool cs_reason_parse(const char *name, size_t len, enum cs_reason *reason)
{
	for (size_t i = CS_REASONS; i-- > 0;) { /* "accepted" is last, and nearly always it */
		const char *known = reason_names[i];

		if (strlen(known) == len && memcmp(known, name, len) == 0) {
			*reason = (enum cs_reason)i;
			return true;
		}
	}
	return false;
}

/* SPDX-License-Identifier: ISC
 *
 * Appends events with their Merkle leaf hashes, and sums what would flood the
 * log.  SHA-256 is Nettle's, which uses what the processor has for it.
 */
#include "audit.h"

#include <nettle/sha2.h>
#include <nettle/version.h>

const char *audit_kind_name(enum event_kind kind)
{
	static const char *const names[EVENT_KINDS] = {
		[EVENT_VERIFY] = "verify",
		[EVENT_REDEEM] = "redeem",
		[EVENT_ISSUE] = "issue",
		[EVENT_REVOKE] = "revoke",
		[EVENT_ACCOUNT_ADD] = "account-add",
		[EVENT_ADMIN_ADD] = "admin-add",
		[EVENT_ADMIN_REMOVE] = "admin-remove",
		[EVENT_ENROLL] = "enroll",
		[EVENT_CONFIRM] = "confirm",
		[EVENT_START] = "start",
		[EVENT_RELOAD] = "reload",
		[EVENT_CLOCK] = "clock",
		[EVENT_ACCOUNT_SUSPEND] = "account-suspend",
		[EVENT_ACCOUNT_RESUME] = "account-resume",
		[EVENT_ACCOUNT_REMOVE] = "account-remove",
		[EVENT_ACCOUNT_FREEZE] = "account-freeze",
		[EVENT_ACCOUNT_THAW] = "account-thaw",
		[EVENT_ADMIN_SUSPEND] = "admin-suspend",
		[EVENT_ADMIN_RESUME] = "admin-resume",
		[EVENT_ADMIN_RIGHTS] = "admin-rights",
		[EVENT_ADMIN_INVITE] = "admin-invite",
		[EVENT_ADMIN_RESET] = "admin-reset",
		[EVENT_COOLING_WAIVE] = "cooling-waive",
		[EVENT_AUTHENTICATOR_REMOVE] = "authenticator-remove",
		[EVENT_RESYNC] = "resync",
		[EVENT_RECOVERY] = "recovery",
		[EVENT_TECHNICIAN_SUSPEND] = "technician-suspend",
		[EVENT_TECHNICIAN_RESUME] = "technician-resume",
		[EVENT_POLICY_SET] = "policy-set",
		[EVENT_ADMIN_NAME] = "admin-name",
		[EVENT_AUTHENTICATOR_IMPORT] = "authenticator-import",
		[EVENT_AUTHENTICATOR_EXPORT] = "authenticator-export",
		[EVENT_SYNC] = "sync",
		[EVENT_LOG_IN] = "log-in",
		[EVENT_LOG_IN_FAILED] = "log-in-failed",
		[EVENT_LOG_OUT] = "log-out",
		[EVENT_PASSWORD] = "password",
		[EVENT_INVITE_ACCEPT] = "invite-accept",
		[EVENT_SESSION_END] = "session-end",
		[EVENT_PROVE] = "prove",
		[EVENT_CALL_DENIED] = "call-denied",
		[EVENT_AUTHENTICATOR_RENAME] = "authenticator-rename",
		[EVENT_TICKET_OPEN] = "ticket-open",
		[EVENT_TICKET_REPLY] = "ticket-reply",
		[EVENT_TICKET_CLOSE] = "ticket-close",
	};

	return names[kind];
}

static void hash_leaf(const struct vault *vault, uint64_t id, const uint8_t *record, size_t len,
    uint8_t leaf[32])
{
	static const uint8_t leaf_prefix = 0;	/* RFC 6962 §2.1 */
	struct sha256_ctx sha;
	struct vault_hash h CS_UNCLEARED;
	uint8_t salt[16];

	vault_hash_begin(vault, VAULT_LEAF, &h, sizeof(salt));
	vault_hash_u64(&h, id);
	vault_hash_end(&h, salt, sizeof(salt));
	sha256_init(&sha);
	sha256_update(&sha, 1, &leaf_prefix);
	sha256_update(&sha, sizeof(salt), salt);
	sha256_update(&sha, len, record);
#if NETTLE_VERSION_MAJOR >= 4
	sha256_digest(&sha, leaf);
#else
	sha256_digest(&sha, SHA256_DIGEST_SIZE, leaf);
#endif
}

enum cs_err audit_append(struct store *store, const struct vault *vault, const struct moment *now,
    struct audit_event *event)
{
	struct staged_event staged;
	enum cs_err e;

	event->id = store_new_id(store, SEQ_EVENT);
	event->time = now->at.wall;
	if (event->count == 0)
		event->count = 1;
	e = store_put_event(store, event, &staged);
	if (e == CS_OK)
		hash_leaf(vault, event->id, staged.record, staged.len, staged.leaf);
	return e;
}

enum cs_err audit_tally(struct store *store, const struct moment *now, uint32_t technician,
    struct cs_str name, enum event_kind kind, enum cs_reason reason)
{
	struct tally tally;
	enum cs_err e = store_get_tally(store, now->at.wall / 60, technician, kind, reason,
	    &tally);

	if (e != CS_OK)
		return e;
	tally.minute = now->at.wall / 60;
	tally.technician = technician;
	tally.technician_name = name;
	tally.kind = kind;
	tally.reason = reason;
	tally.count++;
	store_put_tally(store, &tally);
	return CS_OK;
}

/* SPDX-License-Identifier: ISC
 *
 * Makes sessions and finds who is asking.  A token is compared by its keyed
 * hash only, in one look-up.
 */
#include "session.h"

#include "audit.h"
#include "limit.h"
#include "name.h"
#include "alive.h"
#include "vault.h"

#include "../lib/secret.h"

#include <sodium.h>
#include <string.h>

static void hash_token(const struct vault *vault, struct cs_str token, uint8_t hash[16])
{
	struct vault_hash h;

	vault_hash_begin(vault, VAULT_SESSION, &h, 16);
	vault_hash_bytes(&h, token.p, token.len);
	vault_hash_end(&h, hash, 16);
}

enum cs_err session_make(struct request *r, struct session *session, char token[SESSION_TEXT])
{
	uint8_t secret[(SESSION_TEXT - 1) / 2];
	enum cs_err e = cs_random(secret, sizeof(secret));

	if (e != CS_OK)
		return e;
	sodium_bin2hex(token, SESSION_TEXT, secret, sizeof(secret));
	cs_wipe(secret, sizeof(secret));
	session->id = store_new_id(r->store, SEQ_SESSION);
	hash_token(r->vault, cs_str(token), session->hash);
	session->began = r->now.at;
	session->steady = session->used = r->now.steady;
	store_put_session(r->store, session);
	return alive_note(r, session->admin);
}

/* Steady time, so that a clock set back keeps nobody logged in. */
bool session_over(const struct session *session, const struct moment *now)
{
	return now->steady - session->used > SESSION_IDLE ||
	    now->steady - session->steady > SESSION_LIFE;
}

int64_t session_expires(const struct session *session, const struct moment *now)
{
	int64_t idle = session->used + SESSION_IDLE, life = session->steady + SESSION_LIFE;

	return now->at.wall + (idle < life ? idle : life) - now->steady;
}

enum cs_err session_read_client(struct request *r, struct session *session)
{
	enum cs_err e = want_string(r, "address", &session->address);

	if (e == CS_OK && !text_valid(session->address))
		e = refuse_parameter(r, "address");
	if (e == CS_OK)
		e = may_string(r, "browser", &session->browser);
	/* What a browser says of itself may be anything. */
	session->browser = text_cut(session->browser, TEXT_MAX_LEN);
	if (!text_plain(session->browser))
		session->browser = CS_STR("");
	return e;
}

/* In each of the person's accounts, for the colleagues there; of nobody's log-in
 * and of who has no account there is one all the same. */
static enum cs_err append(struct request *r, struct audit_event *event)
{
	struct member member = { .account = 0 };
	struct account account;
	enum cs_err e;

	while ((e = store_next_member_of(r->store, event->admin_id, member.account, &member)) ==
	    CS_OK) {
		e = store_get_account(r->store, member.account, &account);
		if (e != CS_OK)
			return e;
		event->account_id = account.id;
		event->account = account.name;
		e = audit_append(r->store, r->vault, &r->now, event);
		if (e != CS_OK)
			return e;
	}
	if (e != CS_ERR_NOTFOUND)
		return e;
	return event->account_id != 0 ? CS_OK :
	    audit_append(r->store, r->vault, &r->now, event);
}

enum cs_err session_log(struct request *r, enum event_kind kind, const struct admin *admin,
    const struct session *session, const char *note)
{
	struct audit_event event = {
		.kind = kind,
		.asserter = r->peer->uid,
		.admin_id = admin->id,
		.admin = admin->name,
		.admin_name = admin->display,
		.client = session->address,
		.note = cs_str(note),
	};

	return append(r, &event);
}

enum cs_err session_log_failed(struct request *r, enum event_kind kind, const struct admin *admin,
    const struct session *session, enum cs_reason reason, const char *note)
{
	struct audit_event event = {
		.kind = kind,
		.has_verdict = true,
		.verdict = CS_REFUSED,
		.reason = reason,
		.asserter = r->peer->uid,
		.admin_id = admin->id,
		.admin = admin->name,
		.admin_name = admin->display,
		.client = session->address,
		.note = cs_str(note),
	};
	bool flood;
	enum cs_err e = limit_count_failure(r->store, admin->id, r->peer->uid, r->now.steady,
	    &flood);

	if (e != CS_OK)
		return e;
	if (flood)
		return audit_tally(r->store, &r->now, r->peer->uid, CS_STR(""), event.kind,
		    CS_WRONG);
	return append(r, &event);
}

static enum cs_err refuse_logged_out(struct request *r)
{
	return refuse_error(r, "LoggedOut", "You are logged out. Log in again.");
}

/* Written once a minute: pages ask more often than that. */
static void note_use(struct request *r, struct session *session)
{
	if (r->now.steady - session->used < 60)
		return;
	session->used = r->now.steady;
	store_update_session(r->store, session);
}

enum cs_err caller_read(struct request *r, struct caller *caller)
{
	struct cs_str token;
	uint8_t hash[16];
	enum cs_err e = want_string(r, "session", &token);

	if (e != CS_OK)
		return e;
	hash_token(r->vault, token, hash);
	e = store_find_session(r->store, hash, &caller->session);
	if (e == CS_ERR_NOTFOUND || (e == CS_OK && session_over(&caller->session, &r->now)))
		return refuse_logged_out(r);
	if (e == CS_OK)
		e = store_get_admin(r->store, caller->session.admin, &caller->admin);
	if (e == CS_OK && caller->admin.standing != STANDING_ACTIVE)
		return refuse_logged_out(r);
	if (e == CS_OK)
		note_use(r, &caller->session);
	return e;
}

enum cs_err caller_read_account(struct request *r, struct caller *caller)
{
	struct cs_str name;
	enum cs_err e = caller_read(r, caller);

	if (e == CS_OK)
		e = want_string(r, "account", &name);
	if (e != CS_OK)
		return e;
	e = store_find_account(r->store, name, &caller->account);
	if (e == CS_OK)
		e = store_get_member(r->store, caller->account.id, caller->admin.id,
		    &caller->member);
	if (e == CS_ERR_NOTFOUND || (e == CS_OK && caller->member.standing != STANDING_ACTIVE))
		return refuse_named(r, "UnknownAccount", "account", name,
		    "You act for no account of that name.");
	return e;
}

bool caller_proved(const struct request *r, const struct caller *caller)
{
	const struct session *session = &caller->session;

	return session->proved != 0 && r->now.steady - session->proved <= SESSION_PROOF;
}

enum cs_err refuse_proof_needed(struct request *r)
{
	return refuse_error(r, "ProofNeeded",
	    "This needs a fresh code from your authenticator app.");
}

enum cs_err caller_must_prove(struct request *r, const struct caller *caller)
{
	return caller_proved(r, caller) ? CS_OK : refuse_proof_needed(r);
}

enum cs_err caller_must_prove_or_recover(struct request *r, const struct caller *caller)
{
	return caller->session.recovery ? CS_OK : caller_must_prove(r, caller);
}

static struct limit_login counted_for(const struct caller *caller)
{
	struct limit_login counted = { .name = 0 };

	memcpy(&counted.device, caller->session.hash, sizeof(counted.device));
	counted.device |= 1;
	return counted;
}

enum cs_err caller_may_try(struct request *r, const struct caller *caller)
{
	const struct limit_login counted = counted_for(caller);
	int64_t wait;
	enum cs_err e = limit_login(r->store, r->conf, &counted, r->now.steady, &wait);

	if (e == CS_OK && wait > 0)
		e = refuse_busy(r, wait,
		    "Too many wrong tries. Wait some minutes, then try again.");
	return e;
}

enum cs_err caller_may_change(struct request *r, const struct caller *caller)
{
	int64_t wait;
	enum cs_err e = limit_count_change(r->store, caller->admin.id, r->now.steady, &wait);

	if (e == CS_OK && wait > 0)
		e = refuse_busy(r, wait,
		    "Too many changes in a short time. Wait some minutes, then try again.");
	return e;
}

enum cs_err caller_tried_wrong(struct request *r, const struct caller *caller,
    enum event_kind kind, enum cs_reason reason, const char *say)
{
	const struct limit_login counted = counted_for(caller);
	struct audit_event event = {
		.kind = kind,
		.has_verdict = true,
		.verdict = CS_REFUSED,
		.reason = reason,
		.asserter = r->peer->uid,
		.admin_id = caller->admin.id,
		.admin = caller->admin.name,
		.admin_name = caller->admin.display,
		.client = caller->session.address,
	};
	enum cs_err e = limit_count_login(r->store, &counted, r->now.steady);

	if (e == CS_OK)
		e = append(r, &event);
	return e == CS_OK ? answer_refused(r, cs_reason_name(reason), say) : e;
}

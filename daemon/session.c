/* SPDX-License-Identifier: ISC
 *
 * Makes sessions and finds who is asking.  A token is compared by its keyed
 * hash only, in one look-up.
 */
#include "session.h"

#include "vault.h"

#include "../lib/secret.h"

#include <sodium.h>

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
	return CS_OK;
}

/* Steady time, so that a clock set back keeps nobody logged in. */
bool session_over(const struct session *session, const struct moment *now)
{
	return now->steady - session->used > SESSION_IDLE ||
	    now->steady - session->steady > SESSION_LIFE;
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

enum cs_err caller_must_prove(struct request *r, const struct caller *caller)
{
	if (caller_proved(r, caller))
		return CS_OK;
	return refuse_error(r, "ProofNeeded",
	    "This needs a fresh code from your authenticator app.");
}

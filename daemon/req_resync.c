/* SPDX-License-Identifier: ISC
 *
 * ListAuthenticators, RemoveAuthenticator and Resync: authenticators after
 * their enrolment.  None of them tells a secret.
 */
#include "handlers.h"

#include "alive.h"
#include "asked.h"
#include "authenticator.h"
#include "authority.h"
#include "code.h"
#include "cooling.h"
#include "name.h"

#include "../lib/secret.h"

#include <inttypes.h>
#include <stdio.h>

static const char *describe(const struct authenticator *auth,
    const struct authenticator_state *state)
{
	if (state->wrong >= AUTHENTICATOR_REST)
		return "resting";
	return auth->pending ? "pending" : "active";
}

static enum cs_err put_row(struct request *r, const struct authenticator *auth)
{
	struct authenticator_state state;
	char id[NUMBER_TEXT];
	enum cs_err e = store_get_authenticator_state(r->store, auth->id, &state);

	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, true);
	number_format('A', auth->id, id);
	cs_put_string(w, "authenticator", cs_str(id));
	cs_put_string(w, "purpose", cs_str(authenticator_purpose(auth->purpose)));
	cs_put_string(w, "state", cs_str(describe(auth, &state)));
	cs_put_string(w, "kind", cs_str(authenticator_kind(auth->kind)));
	cs_put_string(w, "hash", cs_str(authenticator_hash(auth->hash)));
	cs_put_int(w, "digits", auth->digits);
	if (auth->label.len > 0)
		cs_put_string(w, "label", auth->label);
	cs_put_int(w, "created", auth->created);
	if (state.used != 0)
		cs_put_int(w, "used", state.used);
	cs_put_int(w, "wrong", state.wrong);
	cs_put_int(w, "drift", state.drift * auth->period);
	return reply_end(r);
}

/* A person has sixteen of them: no need to go on later. */
enum cs_err handle_list_authenticators(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct authenticator auth = { .id = 0 };
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	while (e == CS_OK) {
		e = store_next_authenticator(r->store, admin.id, auth.id, &auth);
		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e == CS_OK)
			e = put_row(r, &auth);
	}
	return e;
}

static enum cs_err answer(struct request *r, const struct admin *admin,
    const struct authenticator *auth)
{
	struct cs_writer *w = reply_begin(r, false);
	char id[NUMBER_TEXT];

	number_format('A', auth->id, id);
	cs_put_string(w, "authenticator", cs_str(id));
	cs_put_string(w, "administrator", admin->name);
	return reply_end(r);
}

static enum cs_err log_authenticator(struct request *r, struct authority *authority,
    enum event_kind kind, const struct admin *admin, const struct authenticator *auth)
{
	char what[40];

	snprintf(what, sizeof(what), "%s A%" PRIu64, authenticator_purpose(auth->purpose),
	    auth->id);
	return authority_log_person(r, authority, kind, admin, what);
}

/* One that never worked is nobody's loss: it takes no word, and no day. */
enum cs_err handle_remove_authenticator(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct authenticator auth;
	struct authority authority;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = asked_authenticator_must(r, &admin, &auth);
	if (e == CS_OK)
		e = authority_read(r, &authority);
	if (e == CS_OK && (!auth.pending || authority.grant.id != 0))
		e = authority_check_person(r, &authority, &admin);
	if (e == CS_OK && !auth.pending)
		e = cooling_start_all(r, admin.id);
	if (e == CS_OK)
		e = authenticator_remove(r->store, r->vault, &auth);
	if (e == CS_OK)
		e = log_authenticator(r, &authority, EVENT_AUTHENTICATOR_REMOVE, &admin, &auth);
	return e == CS_OK ? answer(r, &admin, &auth) : e;
}

/* Counted, so the refusal is an answer that is kept. */
static enum cs_err refuse_codes(struct request *r, struct authenticator_state *state, bool used)
{
	state->wrong++;
	store_put_authenticator_state(r->store, state);
	return used ? answer_refused(r, "used",
	    "These codes are older than the last one that was accepted. Wait for the next two.") :
	    answer_refused(r, "wrong",
	    "These are no two codes that the authenticator shows one after the other. Wait for "
	    "the next two, and give the older one first.");
}

static enum cs_err match(struct request *r, const struct authenticator *auth,
    struct authenticator_state *state, enum match *match)
{
	struct entry first, second;
	struct cs_str code, next;
	enum cs_err e = want_string(r, "code", &code);

	*match = MATCH_NONE;
	if (e == CS_OK)
		e = want_string(r, "next", &next);
	if (e == CS_OK && auth->kind == OATH_KIND_TOTP && !r->now.plausible)
		e = refuse_named(r, "Refused", "why", CS_STR("clock"),
		    "This machine's clock is wrong. "
		    "Set it first.");
	if (e != CS_OK)
		return e;
	code_parse(code, &first);
	code_parse(next, &second);
	if (first.kind == ENTRY_AUTHENTICATOR && second.kind == ENTRY_AUTHENTICATOR)
		e = authenticator_resync(r->vault, auth, state, r->now.at.wall,
		    (struct cs_str){ first.digits, first.len },
		    (struct cs_str){ second.digits, second.len }, match);
	cs_wipe(&first, sizeof(first));
	cs_wipe(&second, sizeof(second));
	return e;
}

enum cs_err handle_resync(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct authenticator auth;
	struct authenticator_state state;
	struct authority nobody = { .grant = { .id = 0 } };
	enum match found;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = asked_authenticator_must(r, &admin, &auth);
	if (e == CS_OK)
		e = store_get_authenticator_state(r->store, auth.id, &state);
	if (e == CS_OK)
		e = match(r, &auth, &state, &found);
	if (e == CS_OK && found != MATCH_NEW)
		return refuse_codes(r, &state, found == MATCH_USED);
	if (e != CS_OK)
		return e;
	store_put_authenticator_state(r->store, &state);
	e = alive_note(r, admin.id);
	if (e == CS_OK)
		e = log_authenticator(r, &nobody, EVENT_RESYNC, &admin, &auth);
	return e == CS_OK ? answer(r, &admin, &auth) : e;
}

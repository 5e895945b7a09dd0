/* SPDX-License-Identifier: ISC
 *
 * Authenticators, EnrollAuthenticator, ConfirmAuthenticator, RenameAuthenticator,
 * RemoveAuthenticator, RecoveryCodes: a person's own, on the customer's page.
 * They act on nobody but the session's person, and colleagues see it happen.
 */
#include "handlers.h"

#include "asked.h"
#include "authenticator.h"
#include "authority.h"
#include "cooling.h"
#include "enrolment.h"
#include "member.h"
#include "name.h"
#include "recovery.h"
#include "session.h"

#include "../lib/secret.h"

#include <inttypes.h>
#include <stdio.h>

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
	cs_put_string(w, "label", auth->label);
	cs_put_bool(w, "pending", auth->pending);
	cs_put_bool(w, "resting", state.wrong >= AUTHENTICATOR_REST);
	cs_put_int(w, "created", auth->created);
	if (state.used != 0)
		cs_put_int(w, "used", state.used);
	return reply_end(r);
}

/* Sixteen at most: no need to go on later. */
enum cs_err handle_authenticators(struct request *r)
{
	struct caller caller;
	struct authenticator auth = { .id = 0 };
	enum cs_err e = caller_read(r, &caller);

	while (e == CS_OK) {
		e = store_next_authenticator(r->store, caller.admin.id, auth.id, &auth);
		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e == CS_OK)
			e = put_row(r, &auth);
	}
	return e;
}

/* In each of the person's accounts, for the colleagues there. */
static enum cs_err log_own(struct request *r, const struct caller *caller, enum event_kind kind,
    const struct authenticator *auth)
{
	struct authority own = { .client = caller->session.address };
	char what[40] = "";

	if (auth != NULL)
		snprintf(what, sizeof(what), "%s A%" PRIu64, authenticator_purpose(auth->purpose),
		    auth->id);
	return authority_log_person(r, &own, kind, &caller->admin, what);
}

static enum cs_err answer(struct request *r, const struct authenticator *auth)
{
	char id[NUMBER_TEXT];

	number_format('A', auth->id, id);
	cs_put_string(reply_begin(r, false), "authenticator", cs_str(id));
	return reply_end(r);
}

/* Whoever lost the phone logged in with a recovery code, and needs a new one. */
static enum cs_err must_prove_for(struct request *r, const struct caller *caller,
    enum purpose purpose)
{
	return purpose == PURPOSE_LOGIN ? caller_must_prove_or_recover(r, caller) :
	    caller_must_prove(r, caller);
}

enum cs_err handle_enroll_authenticator(struct request *r)
{
	struct caller caller;
	struct cs_str issuer;
	/* what every app supports */
	struct authenticator auth = {
		.kind = OATH_KIND_TOTP,
		.hash = OATH_HASH_SHA1,
		.digits = 6,
		.period = 30,
		.created = r->now.at.wall,
	};
	enum cs_err e = caller_read(r, &caller);

	if (e == CS_OK)
		e = read_purpose(r, &auth.purpose);
	if (e == CS_OK)
		e = enrolment_read_label(r, "label", &auth.label, (struct cs_str){ 0 });
	if (e == CS_OK)
		e = enrolment_read_label(r, "issuer", &issuer, CS_STR("Countersign"));
	if (e == CS_OK)
		e = must_prove_for(r, &caller, auth.purpose);
	if (e == CS_OK)
		e = caller_may_change(r, &caller);
	if (e == CS_OK)
		e = enrolment_check_number(r, caller.admin.id);
	if (e == CS_OK)
		e = enrolment_begin(r, &caller.admin, &auth, issuer);
	return e == CS_OK ? log_own(r, &caller, EVENT_ENROLL, &auth) : e;
}

enum cs_err handle_confirm_authenticator(struct request *r)
{
	struct caller caller;
	struct authenticator auth;
	bool confirmed;
	enum cs_err e = caller_read(r, &caller);

	if (e == CS_OK)
		e = enrolment_confirm(r, &caller.admin, &auth, &confirmed);
	if (e != CS_OK || !confirmed)
		return e;
	e = log_own(r, &caller, EVENT_CONFIRM, &auth);
	return e == CS_OK ? answer(r, &auth) : e;
}

enum cs_err handle_rename_authenticator(struct request *r)
{
	struct caller caller;
	struct authenticator auth;
	enum cs_err e = caller_read(r, &caller);

	if (e == CS_OK)
		e = asked_authenticator_must(r, &caller.admin, &auth);
	if (e == CS_OK)
		e = enrolment_read_label(r, "label", &auth.label, (struct cs_str){ 0 });
	if (e == CS_OK)
		e = caller_may_change(r, &caller);
	if (e != CS_OK)
		return e;
	store_put_authenticator(r->store, &auth);
	e = log_own(r, &caller, EVENT_AUTHENTICATOR_RENAME, &auth);
	return e == CS_OK ? answer(r, &auth) : e;
}

/* Who has no other to log in with could not log in again. */
static enum cs_err check_last(struct request *r, const struct authenticator *removed)
{
	struct authenticator auth = { .id = 0 };
	enum cs_err e;

	if (removed->purpose != PURPOSE_LOGIN)
		return CS_OK;
	while ((e = store_next_authenticator(r->store, removed->admin, auth.id, &auth)) == CS_OK)
		if (auth.id != removed->id && auth.purpose == PURPOSE_LOGIN && !auth.pending)
			return CS_OK;
	if (e == CS_ERR_NOTFOUND)
		return refuse_named(r, "Refused", "why", CS_STR("last"),
		    "This is your only authenticator to log in with. Add another one first.");
	return e;
}

/* One that never worked is nobody's loss: no proof, and no day. */
enum cs_err handle_remove_authenticator_panel(struct request *r)
{
	struct caller caller;
	struct authenticator auth;
	enum cs_err e = caller_read(r, &caller);

	if (e == CS_OK)
		e = asked_authenticator_must(r, &caller.admin, &auth);
	if (e == CS_OK && !auth.pending)
		e = check_last(r, &auth);
	if (e == CS_OK && !auth.pending)
		e = must_prove_for(r, &caller, auth.purpose);
	if (e == CS_OK && !auth.pending)
		e = cooling_start_all(r, caller.admin.id);
	if (e == CS_OK)
		e = authenticator_remove(r->store, r->vault, &auth);
	if (e == CS_OK)
		e = log_own(r, &caller, EVENT_AUTHENTICATOR_REMOVE, &auth);
	return e == CS_OK ? answer(r, &auth) : e;
}

static enum cs_err answer_codes(struct request *r, char text[RECOVERY_CODES][RECOVERY_TEXT])
{
	struct cs_str codes[RECOVERY_CODES];

	for (size_t i = 0; i < RECOVERY_CODES; i++)
		codes[i] = cs_str(text[i]);
	cs_put_strings(reply_begin(r, false), "codes", codes, RECOVERY_CODES);
	return reply_end(r);
}

/* A page that is loaded again sends its form again: what is on paper by then
 * stays good, and nobody can tell it once more. */
static enum cs_err check_made(struct request *r, const uint8_t key[16])
{
	struct memo memo;
	enum cs_err e = store_get_memo(r->store, key, &memo);

	if (e == CS_OK)
		return refuse_named(r, "Refused", "why", CS_STR("shown"),
		    "Codes were made for this form already, and are shown once. If you have not "
		    "kept them, make new ones: those replace them.");
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err handle_recovery_codes(struct request *r)
{
	struct caller caller;
	struct recovery recovery = { .made = r->now.at.wall };
	struct memo memo = { .steady = r->now.steady };
	char text[RECOVERY_CODES][RECOVERY_TEXT];
	uint8_t key[16];
	enum cs_err e = caller_read(r, &caller);

	if (e == CS_OK)
		e = asked_request_key(r, caller.admin.id, key);
	if (e == CS_OK)
		e = check_made(r, key);
	if (e == CS_OK)
		e = caller_must_prove(r, &caller);
	if (e == CS_OK)
		e = caller_may_change(r, &caller);
	if (e != CS_OK)
		return e;
	recovery.admin = caller.admin.id;
	e = recovery_make(r->vault, &recovery, text);
	if (e == CS_OK) {
		store_put_recovery(r->store, &recovery);
		store_put_memo(r->store, key, &memo);
		e = log_own(r, &caller, EVENT_RECOVERY, NULL);
	}
	if (e == CS_OK)
		e = answer_codes(r, text);
	cs_wipe(text, sizeof(text));
	return e;
}

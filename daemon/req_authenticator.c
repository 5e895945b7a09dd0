/* SPDX-License-Identifier: ISC
 *
 * Enroll and Confirm.  The secret leaves in Enroll's reply and nowhere else;
 * what stays is sealed.
 */
#include "handlers.h"

#include "asked.h"
#include "authenticator.h"
#include "code.h"
#include "cooling.h"
#include "member.h"
#include "name.h"
#include "otpauth.h"

#include "../lib/secret.h"

#include <inttypes.h>
#include <liboath/oath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_MAX 64		/* bytes */
#define AUTHENTICATORS_MOST 16	/* of one person */

struct word {
	const char *text;
	unsigned value;
};

/* One of the words, the first when the parameter is absent; ends with NULL. */
static enum cs_err read_word(struct request *r, const char *name, const struct word *words,
    unsigned *value)
{
	struct cs_str text;
	enum cs_err e = may_string(r, name, &text);

	if (e != CS_OK)
		return e;
	if (text.len == 0) {
		*value = words[0].value;
		return CS_OK;
	}
	for (; words->text != NULL; words++) {
		if (!cs_str_is(text, words->text))
			continue;
		*value = words->value;
		return CS_OK;
	}
	return refuse_parameter(r, name);
}

/* What every app supports, unless asked otherwise. */
static enum cs_err read_form(struct request *r, struct authenticator *auth)
{
	static const struct word kinds[] = {
		{ "totp", OATH_KIND_TOTP }, { "hotp", OATH_KIND_HOTP }, { NULL, 0 },
	};
	static const struct word hashes[] = {
		{ "sha1", OATH_HASH_SHA1 }, { "sha256", OATH_HASH_SHA256 },
		{ "sha512", OATH_HASH_SHA512 }, { NULL, 0 },
	};
	unsigned kind = 0, hash = 0;
	int64_t digits = 6;
	enum cs_err e = read_word(r, "kind", kinds, &kind);

	if (e == CS_OK)
		e = read_word(r, "hash", hashes, &hash);
	if (e == CS_OK)
		e = may_int(r, "digits", &digits);
	if (e == CS_OK && (digits < 6 || digits > 8))
		e = refuse_parameter(r, "digits");
	if (e != CS_OK)
		return e;
	auth->kind = (enum oath_kind)kind;
	auth->hash = (enum oath_hash)hash;
	auth->digits = (unsigned)digits;
	auth->period = auth->kind == OATH_KIND_TOTP ? 30 : 0;
	return CS_OK;
}

/* RFC 4226 §4 R6, RFC 6238 §5.1: as long as what the hash gives. */
static size_t secret_len(enum oath_hash hash)
{
	static const size_t lens[] = {
		[OATH_HASH_SHA1] = 20,
		[OATH_HASH_SHA256] = 32,
		[OATH_HASH_SHA512] = SECRET_MAX,
	};

	return lens[hash];
}

static enum cs_err answer_enrolled(struct request *r, const struct authenticator *auth,
    struct cs_str issuer, struct cs_str name, const uint8_t *secret)
{
	char *base32 = NULL, uri[OTPAUTH_ROOM], id[24];
	size_t len;

	if (oath_base32_encode((const char *)secret, secret_len(auth->hash), &base32, &len) !=
	    OATH_OK)
		return CS_ERR_CRYPTO;
	base32[strcspn(base32, "=")] = '\0';
	otpauth_format(uri, auth, issuer, name, base32);
	snprintf(id, sizeof(id), "A%" PRIu64, auth->id);
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "authenticator", cs_str(id));
	cs_put_string(w, "secret", cs_str(base32));
	cs_put_string(w, "uri", cs_str(uri));
	cs_wipe(base32, len);
	free(base32);
	cs_wipe(uri, sizeof(uri));
	return reply_end(r);
}

static enum cs_err read_label(struct request *r, const char *name, struct cs_str *out,
    struct cs_str otherwise)
{
	enum cs_err e = may_string(r, name, out);

	if (e == CS_OK && out->len == 0)
		*out = otherwise;
	if (e == CS_OK && out->len > 0 &&
	    (!text_valid(*out) || memchr(out->p, ':', out->len) != NULL))
		e = refuse_parameter(r, name);
	return e;
}

/* Each is tried at a verification, so there is an end to them. */
static enum cs_err check_number(struct request *r, const struct admin *admin)
{
	struct authenticator auth = { .id = 0 };
	unsigned n = 0;
	enum cs_err e;

	while ((e = store_next_authenticator(r->store, admin->id, auth.id, &auth)) == CS_OK)
		n++;
	if (e == CS_ERR_NOTFOUND && n >= AUTHENTICATORS_MOST)
		return refuse_named(r, "Refused", "why", CS_STR("too-many"),
		    "This person has sixteen "
		    "authenticators. Remove one first: countersign authenticator remove.");
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err read_enrolment(struct request *r, struct admin *admin,
    struct authenticator *auth, struct cs_str *issuer)
{
	struct asked asked;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, admin);
	if (e == CS_OK)
		e = read_purpose(r, &auth->purpose);
	if (e == CS_OK)
		e = read_form(r, auth);
	if (e == CS_OK)
		e = read_label(r, "label", &auth->label, (struct cs_str){ 0 });
	if (e == CS_OK)
		e = read_label(r, "issuer", issuer, CS_STR("Countersign"));
	return e == CS_OK ? check_number(r, admin) : e;
}

enum cs_err handle_enroll(struct request *r)
{
	struct admin admin;
	struct cs_str issuer;
	uint8_t secret[SECRET_MAX], room[SEALED_MAX_LEN];
	struct authenticator auth = { .pending = true, .created = r->now.at.wall };
	enum cs_err e = read_enrolment(r, &admin, &auth, &issuer);

	if (e == CS_OK)
		e = cs_random(secret, sizeof(secret));
	if (e != CS_OK)
		return e;
	auth.admin = admin.id;
	auth.id = store_new_id(r->store, SEQ_AUTHENTICATOR);
	e = authenticator_seal(r->vault, &auth, secret, secret_len(auth.hash), room);
	if (e == CS_OK) {
		store_put_authenticator(r->store, &auth);
		e = log_change(r, EVENT_ENROLL, NULL, &admin, authenticator_purpose(auth.purpose));
	}
	if (e == CS_OK)
		e = answer_enrolled(r, &auth, issuer, admin.name, secret);
	cs_wipe(secret, sizeof(secret));
	return e;
}

static enum cs_err find_pending(struct request *r, const struct admin *admin,
    struct authenticator *auth)
{
	enum cs_err e = asked_authenticator_must(r, admin, auth);

	if (e == CS_OK && !auth->pending)
		return refuse_error(r, "Exists", "This authenticator is confirmed already.");
	return e;
}

/* Counted, so the refusal is an answer that is kept. */
static enum cs_err refuse_confirm(struct request *r, struct authenticator_state *state, uint64_t id)
{
	struct cs_writer *w;

	state->id = id;
	state->wrong++;
	store_put_authenticator_state(r->store, state);
	w = reply_error(r, "Refused");
	cs_put_string(w, "why", CS_STR("wrong"));
	cs_put_string(w, "say",
	    CS_STR(
		"This is not the code that the app shows now. Wait for the next one and try again; "
		"if it fails again, set the phone's clock to automatic."));
	return reply_end(r);
}

/* A second authenticator for the same purpose may be somebody else's phone:
 * high-risk actions wait, in every account (design §10). */
static enum cs_err cool_off(struct request *r, const struct authenticator *confirmed)
{
	struct authenticator auth = { .id = 0 };
	bool second = false;
	enum cs_err e;

	while (!second &&
	    (e = store_next_authenticator(r->store, confirmed->admin, auth.id, &auth)) == CS_OK)
		second =
		    auth.id != confirmed->id && auth.purpose == confirmed->purpose && !auth.pending;
	if (!second)
		return e == CS_ERR_NOTFOUND ? CS_OK : e;
	return cooling_start_all(r, confirmed->admin);
}

enum cs_err handle_confirm(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct authenticator auth;
	struct authenticator_state state;
	struct entry entry;
	struct cs_str typed;
	char id[24];
	enum match match = MATCH_NONE;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = find_pending(r, &admin, &auth);
	if (e == CS_OK)
		e = want_string(r, "code", &typed);
	if (e == CS_OK)
		e = store_get_authenticator_state(r->store, auth.id, &state);
	if (e != CS_OK)
		return e;
	code_parse(typed, &entry);
	if (entry.kind == ENTRY_AUTHENTICATOR && state.wrong < AUTHENTICATOR_REST &&
	    r->now.plausible)
		e = authenticator_match(r->vault, &auth, &state, r->now.at.wall,
		    (struct cs_str){ entry.digits, entry.len }, &match);
	if (e == CS_OK && match != MATCH_NEW)
		return refuse_confirm(r, &state, auth.id);
	if (e != CS_OK)
		return e;
	auth.pending = false;
	store_put_authenticator(r->store, &auth);
	store_put_authenticator_state(r->store, &state);
	e = cool_off(r, &auth);
	if (e == CS_OK)
		e = log_change(r, EVENT_CONFIRM, NULL, &admin, authenticator_purpose(auth.purpose));
	if (e != CS_OK)
		return e;
	snprintf(id, sizeof(id), "A%" PRIu64, auth.id);
	cs_put_string(reply_begin(r, false), "authenticator", cs_str(id));
	return reply_end(r);
}

/* SPDX-License-Identifier: ISC
 *
 * Draws, seals and confirms.
 */
#include "enrolment.h"

#include "asked.h"
#include "authenticator.h"
#include "code.h"
#include "cooling.h"
#include "name.h"
#include "otpauth.h"

#include "../lib/secret.h"

#include <string.h>

#define AUTHENTICATORS_MOST 16	/* of one person */

enum cs_err enrolment_read_label(struct request *r, const char *name, struct cs_str *out,
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

/* One of the words, the first when the parameter is absent; ends with NULL. */
static enum cs_err read_word(struct request *r, const char *name, const char *const *words,
    unsigned *out)
{
	struct cs_str text;
	enum cs_err e = may_string(r, name, &text);

	*out = 0;
	if (e != CS_OK || text.len == 0)
		return e;
	while (words[*out] != NULL && !cs_str_is(text, words[*out]))
		++*out;
	return words[*out] != NULL ? CS_OK : refuse_parameter(r, name);
}

enum cs_err enrolment_read_form(struct request *r, struct authenticator *auth)
{
	static const char *const kinds[] = {
		[OATH_KIND_TOTP] = "totp", [OATH_KIND_HOTP] = "hotp", NULL,
	};
	static const char *const hashes[] = {
		[OATH_HASH_SHA1] = "sha1", [OATH_HASH_SHA256] = "sha256",
		[OATH_HASH_SHA512] = "sha512", NULL,
	};
	unsigned kind, hash;
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
	return CS_OK;
}

enum cs_err enrolment_check_number(struct request *r, uint64_t admin)
{
	struct authenticator auth = { .id = 0 };
	unsigned n = 0;
	enum cs_err e;

	while ((e = store_next_authenticator(r->store, admin, auth.id, &auth)) == CS_OK)
		n++;
	if (e == CS_ERR_NOTFOUND && n >= AUTHENTICATORS_MOST)
		return refuse_named(r, "Refused", "why", CS_STR("too-many"),
		    "This person has sixteen "
		    "authenticators. Remove one first.");
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* RFC 4226 §4 R6, RFC 6238 §5.1: as long as what the hash gives. */
static size_t secret_len(enum oath_hash hash)
{
	static const size_t lens[] = {
		[OATH_HASH_SHA1] = 20,
		[OATH_HASH_SHA256] = 32,
		[OATH_HASH_SHA512] = AUTHENTICATOR_SECRET_MAX,
	};

	return lens[hash];
}

static enum cs_err answer_enrolled(struct request *r, const struct authenticator *auth,
    struct cs_str issuer, struct cs_str name, const uint8_t *secret)
{
	char base32[AUTHENTICATOR_BASE32_MAX], uri[OTPAUTH_ROOM], id[NUMBER_TEXT];
	enum cs_err e = authenticator_encode(secret, secret_len(auth->hash), base32);

	if (e != CS_OK)
		return e;
	otpauth_format(uri, auth, issuer, name, base32);
	number_format('A', auth->id, id);
	struct cs_writer *w = reply_begin(r, false);
	cs_put_string(w, "authenticator", cs_str(id));
	cs_put_string(w, "secret", cs_str(base32));
	cs_put_string(w, "uri", cs_str(uri));
	cs_wipe(base32, sizeof(base32));
	cs_wipe(uri, sizeof(uri));
	return reply_end(r);
}

enum cs_err enrolment_begin(struct request *r, const struct admin *admin,
    struct authenticator *auth, struct cs_str issuer)
{
	uint8_t secret[AUTHENTICATOR_SECRET_MAX], room[SEALED_MAX_LEN];
	enum cs_err e = cs_random(secret, sizeof(secret));

	if (e != CS_OK)
		return e;
	auth->admin = admin->id;
	auth->id = store_new_id(r->store, SEQ_AUTHENTICATOR);
	auth->pending = true;
	e = authenticator_seal(r->vault, auth, secret, secret_len(auth->hash), room);
	if (e == CS_OK) {
		store_put_authenticator(r->store, auth);
		e = answer_enrolled(r, auth, issuer, admin->name, secret);
	}
	auth->sealed = (struct cs_str){ 0 };
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
	state->id = id;
	state->wrong++;
	store_put_authenticator_state(r->store, state);
	return answer_refused(r, "wrong",
	    "This is not the code that the app shows now. Wait for the next one and try again; "
	    "if it fails again, set the phone's clock to automatic.");
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

static enum cs_err match_code(struct request *r, const struct authenticator *auth,
    struct authenticator_state *state, enum match *match)
{
	struct entry entry;
	struct cs_str typed;
	enum cs_err e = want_string(r, "code", &typed);

	*match = MATCH_NONE;
	if (e == CS_OK)
		e = store_get_authenticator_state(r->store, auth->id, state);
	if (e != CS_OK)
		return e;
	code_parse(typed, &entry);
	if (entry.kind == ENTRY_AUTHENTICATOR && state->wrong < AUTHENTICATOR_REST &&
	    r->now.plausible)
		e = authenticator_match(r->vault, auth, state, r->now.at.wall,
		    (struct cs_str){ entry.digits, entry.len }, match);
	cs_wipe(&entry, sizeof(entry));
	return e;
}

enum cs_err enrolment_confirm(struct request *r, const struct admin *admin,
    struct authenticator *auth, bool *confirmed)
{
	struct authenticator_state state;
	enum match match;
	enum cs_err e = find_pending(r, admin, auth);

	*confirmed = false;
	if (e == CS_OK)
		e = match_code(r, auth, &state, &match);
	if (e == CS_OK && match != MATCH_NEW)
		return refuse_confirm(r, &state, auth->id);
	if (e != CS_OK)
		return e;
	auth->pending = false;
	store_put_authenticator(r->store, auth);
	store_put_authenticator_state(r->store, &state);
	*confirmed = true;
	return cool_off(r, auth);
}

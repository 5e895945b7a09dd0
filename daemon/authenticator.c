/* SPDX-License-Identifier: ISC
 *
 * RFC 6238 §5.2 (resynchronisation, one-time use) and RFC 4226 §7.4
 * (look-ahead), compared with sodium_memcmp.
 */
#include "authenticator.h"

#include "code.h"

#include "../lib/secret.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW 1	/* steps either side */
#define LOOK_AHEAD 10	/* HOTP counters */
#define DRIFT_MOST 10	/* steps that a phone's clock may be off for good */
#define RESYNC 100	/* steps either side, or counters ahead */

/* Tries the moving factors from first to last; *hit is the one that matches. */
static enum cs_err scan(const struct authenticator *auth, const uint8_t *secret, size_t len,
    int64_t first, int64_t last, struct cs_str digits, bool *found, int64_t *hit)
{
	char code[9];
	enum cs_err e = CS_OK;

	*found = false;
	for (int64_t factor = first; factor <= last && e == CS_OK; factor++) {
		if (factor < 0)
			continue;
		e = code_oath(secret, len, auth->hash, (uint64_t)factor, auth->digits, code);
		if (e == CS_OK && digits.len == auth->digits &&
		    sodium_memcmp(code, digits.p, digits.len) == 0 && !*found) {
			*found = true;
			*hit = factor;
		}
	}
	cs_wipe(code, sizeof(code));
	return e;
}

enum cs_err authenticator_unseal(const struct vault *vault, const struct authenticator *auth,
    uint8_t secret[SEALED_MAX_LEN], size_t *len)
{
	return vault_unseal(vault, TABLE_AUTHENTICATOR, auth->admin, auth->id,
	    (const uint8_t *)auth->sealed.p, auth->sealed.len, secret, len);
}

enum cs_err authenticator_match(const struct vault *vault, const struct authenticator *auth,
    struct authenticator_state *state, int64_t wall, struct cs_str digits, enum match *match)
{
	uint8_t secret[SEALED_MAX_LEN];
	size_t len = 0;
	int64_t first, last, step = 0, hit = 0;
	bool found;
	enum cs_err e;

	*match = MATCH_NONE;
	if (auth->kind == OATH_KIND_TOTP && auth->period == 0)
		return CS_ERR_FORMAT;
	if (auth->kind == OATH_KIND_TOTP)
		step = wall / auth->period;
	e = authenticator_unseal(vault, auth, secret, &len);
	if (e != CS_OK)
		return e;
	if (auth->kind == OATH_KIND_TOTP) {
		first = step + state->drift - WINDOW;
		last = step + state->drift + WINDOW;
	} else {
		first = state->last;		/* the next counter */
		last = state->last + LOOK_AHEAD;
	}
	e = scan(auth, secret, len, first, last, digits, &found, &hit);
	cs_wipe(secret, sizeof(secret));
	if (e != CS_OK || !found)
		return e;
	if (auth->kind == OATH_KIND_TOTP && hit + 1 <= state->last) {
		*match = MATCH_USED;
		return CS_OK;
	}
	*match = MATCH_NEW;
	state->id = auth->id;
	state->last = hit + 1;
	state->wrong = 0;
	state->used = wall;
	/* What resynchronising found is followed from there. */
	if (auth->kind == OATH_KIND_TOTP &&
	    (llabs(hit - step) <= DRIFT_MOST || llabs(state->drift) > DRIFT_MOST))
		state->drift = hit - step;
	return CS_OK;
}

/* The first factor of two whose codes are these. */
static enum cs_err scan_pair(const struct authenticator *auth, const uint8_t *secret, size_t len,
    int64_t first, int64_t last, const struct cs_str codes[2], bool *found, int64_t *hit)
{
	int64_t at, unused;
	bool second;
	enum cs_err e;

	do {
		e = scan(auth, secret, len, first, last, codes[0], found, &at);
		if (e == CS_OK && *found)
			e = scan(auth, secret, len, at + 1, at + 1, codes[1], &second, &unused);
		if (e != CS_OK || !*found)
			return e;
		first = at + 1;
	} while (!second);
	*hit = at;
	return CS_OK;
}

enum cs_err authenticator_resync(const struct vault *vault, const struct authenticator *auth,
    struct authenticator_state *state, int64_t wall, struct cs_str first, struct cs_str second,
    enum match *match)
{
	const struct cs_str codes[2] = { first, second };
	uint8_t secret[SEALED_MAX_LEN];
	size_t len = 0;
	int64_t step, hit = 0;
	bool timed = auth->kind == OATH_KIND_TOTP, found;
	enum cs_err e;

	*match = MATCH_NONE;
	if (timed && auth->period == 0)
		return CS_ERR_FORMAT;
	step = timed ? wall / auth->period : state->last;
	e = authenticator_unseal(vault, auth, secret, &len);
	if (e != CS_OK)
		return e;
	e = scan_pair(auth, secret, len, timed ? step - RESYNC : step, step + RESYNC, codes, &found,
	    &hit);
	cs_wipe(secret, sizeof(secret));
	if (e != CS_OK || !found)
		return e;
	if (hit < state->last) {
		*match = MATCH_USED;
		return CS_OK;
	}
	*match = MATCH_NEW;
	*state = (struct authenticator_state){
		.id = auth->id,
		.last = hit + 2,
		.drift = timed ? hit + 1 - step : 0,
		.used = wall,
	};
	return CS_OK;
}

const char *authenticator_purpose(enum purpose purpose)
{
	static const char *const names[] = {
		[PURPOSE_LOGIN] = "login",
		[PURPOSE_SUPPORT] = "support",
	};

	return names[purpose];
}

const char *authenticator_kind(enum oath_kind kind)
{
	static const char *const names[] = {
		[OATH_KIND_TOTP] = "totp",
		[OATH_KIND_HOTP] = "hotp",
	};

	return names[kind];
}

const char *authenticator_hash(enum oath_hash hash)
{
	static const char *const names[] = {
		[OATH_HASH_SHA1] = "sha1",
		[OATH_HASH_SHA256] = "sha256",
		[OATH_HASH_SHA512] = "sha512",
	};

	return names[hash];
}

enum cs_err authenticator_seal(const struct vault *vault, struct authenticator *auth,
    const uint8_t *secret, size_t len, uint8_t room[SEALED_MAX_LEN])
{
	enum cs_err e;

	if (len + VAULT_OVERHEAD > SEALED_MAX_LEN)
		return CS_ERR_LIMIT;
	e = vault_seal(vault, TABLE_AUTHENTICATOR, auth->admin, auth->id, secret, len, room);
	auth->sealed = (struct cs_str){ (const char *)room, len + VAULT_OVERHEAD };
	return e;
}

enum cs_err authenticator_decode(struct cs_str base32, uint8_t secret[AUTHENTICATOR_SECRET_MAX],
    size_t *len)
{
	char *bytes = NULL;
	size_t n = 0;
	enum cs_err e = CS_ERR_FORMAT;
	int rc;

	if (base32.len == 0 || base32.len > AUTHENTICATOR_BASE32_MAX)
		return CS_ERR_FORMAT;
	rc = oath_base32_decode(base32.p, base32.len, &bytes, &n);
	if (rc != OATH_OK)
		return rc == OATH_MALLOC_ERROR ? CS_ERR_NOMEM : CS_ERR_FORMAT;
	if (n >= AUTHENTICATOR_SECRET_MIN && n <= AUTHENTICATOR_SECRET_MAX) {
		memcpy(secret, bytes, n);
		*len = n;
		e = CS_OK;
	}
	cs_free_secret(&bytes, n);
	return e;
}

enum cs_err authenticator_encode(const uint8_t *secret, size_t len, char *out)
{
	char *base32 = NULL;
	size_t n;

	if (oath_base32_encode((const char *)secret, len, &base32, &n) != OATH_OK)
		return CS_ERR_CRYPTO;
	snprintf(out, AUTHENTICATOR_BASE32_MAX, "%.*s", (int)strcspn(base32, "="), base32);
	cs_free_secret(&base32, n);
	return CS_OK;
}

/* HMAC fills a key up with zeros (RFC 2104 §2). */
static size_t without_zeros(const uint8_t *key, size_t len)
{
	while (len > 0 && key[len - 1] == 0)
		len--;
	return len;
}

/* Of the secret alone: the same number gives the same code, whatever it counts. */
static void hash_spent(const struct vault *vault, const uint8_t *secret, size_t len,
    uint8_t hash[16])
{
	struct vault_hash h;

	vault_hash_begin(vault, VAULT_SPENT, &h, 16);
	vault_hash_bytes(&h, secret, without_zeros(secret, len));
	vault_hash_end(&h, hash, 16);
}

enum cs_err authenticator_add(struct store *store, const struct vault *vault,
    struct authenticator *auth, const uint8_t *secret, size_t len, int64_t counter)
{
	struct authenticator_state state = { .last = counter };
	uint8_t hash[16], room[SEALED_MAX_LEN];
	int64_t spent;
	enum cs_err e;

	hash_spent(vault, secret, len, hash);
	e = store_get_spent(store, hash, &spent);
	if (e != CS_OK)
		return e;
	if (state.last < spent)
		state.last = spent;
	auth->id = state.id = store_new_id(store, SEQ_AUTHENTICATOR);
	e = authenticator_seal(vault, auth, secret, len, room);
	if (e != CS_OK)
		return e;
	store_put_authenticator(store, auth);
	auth->sealed = (struct cs_str){ 0 };
	if (state.last > 0)
		store_put_authenticator_state(store, &state);
	return CS_OK;
}

static enum cs_err note_spent(struct store *store, const struct vault *vault,
    const struct authenticator *auth)
{
	uint8_t secret[SEALED_MAX_LEN], hash[16];
	struct authenticator_state state;
	int64_t spent = 0;
	size_t len;
	enum cs_err e = store_get_authenticator_state(store, auth->id, &state);

	if (e != CS_OK || state.used == 0)
		return e;
	e = authenticator_unseal(vault, auth, secret, &len);
	/* What does not open accepts nothing more, and a leaver's has to go. */
	if (e != CS_OK)
		return e == CS_ERR_CRYPTO ? CS_OK : e;
	hash_spent(vault, secret, len, hash);
	cs_wipe(secret, sizeof(secret));
	e = store_get_spent(store, hash, &spent);
	if (e == CS_OK && spent < state.last)
		store_put_spent(store, hash, state.last);
	return e;
}

enum cs_err authenticator_remove(struct store *store, const struct vault *vault,
    const struct authenticator *auth)
{
	enum cs_err e = note_spent(store, vault, auth);

	if (e == CS_OK)
		store_del_authenticator(store, auth->admin, auth->id);
	return e;
}

/* Do they make the same codes? */
static bool same_key(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t len = without_zeros(a, a_len);

	return len == without_zeros(b, b_len) && sodium_memcmp(a, b, len) == 0;
}

enum cs_err authenticator_holding(struct store *store, const struct vault *vault, uint64_t admin,
    enum purpose purpose, const uint8_t *secret, size_t len, struct holding *holding)
{
	struct authenticator auth = { .id = 0 };
	uint8_t own[SEALED_MAX_LEN];
	size_t own_len;
	enum cs_err e;

	*holding = (struct holding){ .any = false };
	while ((e = store_next_authenticator(store, admin, auth.id, &auth)) == CS_OK) {
		e = authenticator_unseal(vault, &auth, own, &own_len);
		if (e != CS_OK)
			break;
		holding->any |= auth.purpose == purpose && !auth.pending;
		if (same_key(own, own_len, secret, len))
			*(auth.purpose == purpose ? &holding->same : &holding->elsewhere) = true;
	}
	cs_wipe(own, sizeof(own));
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

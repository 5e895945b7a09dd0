/* SPDX-License-Identifier: ISC
 *
 * One authenticator against one typed code: window, drift, look-ahead, replay,
 * rest (design §5).  Pure but for unsealing the secret, which it wipes.
 */
#pragma once

#include "store.h"
#include "vault.h"

#define AUTHENTICATOR_REST 50	/* wrong tries until it rests */

enum match { MATCH_NONE = 0, MATCH_USED, MATCH_NEW };

/* MATCH_NEW sets *state to what must be kept when the code is accepted;
 * otherwise *state is untouched.  CS_ERR_CRYPTO when the seal does not open. */
enum cs_err authenticator_match(const struct vault *, const struct authenticator *,
    struct authenticator_state *state, int64_t wall, struct cs_str digits, enum match *);

/* Two consecutive codes that are new find a clock or counter that went astray:
 * up to a hundred steps either way, or counters ahead.  Otherwise as above, and
 * MATCH_USED for codes from before the last acceptance. */
enum cs_err authenticator_resync(const struct vault *, const struct authenticator *,
    struct authenticator_state *state, int64_t wall, struct cs_str first, struct cs_str second,
    enum match *);

const char *authenticator_purpose(enum purpose);	/* "login", "support" */
const char *authenticator_kind(enum oath_kind);		/* "totp", "hotp" */
const char *authenticator_hash(enum oath_hash);		/* "sha1"... */

/* Seals a new secret into auth->sealed, which then points into room. */
enum cs_err authenticator_seal(const struct vault *, struct authenticator *auth,
    const uint8_t *secret, size_t len, uint8_t room[SEALED_MAX_LEN]);

#define AUTHENTICATOR_SECRET_MIN 10	/* bytes; older apps made 80 bits */
#define AUTHENTICATOR_SECRET_MAX 64

/* Base32 as apps write it, blanks and small letters allowed.  CS_ERR_FORMAT,
 * also for a length out of bounds; CS_ERR_NOMEM. */
enum cs_err authenticator_decode(struct cs_str base32, uint8_t secret[AUTHENTICATOR_SECRET_MAX],
    size_t *len);
/* Into out[AUTHENTICATOR_BASE32_MAX], without padding. */
#define AUTHENTICATOR_BASE32_MAX 128
enum cs_err authenticator_encode(const uint8_t *secret, size_t len, char *out);

/* A new one whose secret came from outside, into the store: it goes on where the
 * last authenticator with that secret was when it was removed, whoever had it,
 * or at the counter (0 for time-based ones), whichever is later. */
enum cs_err authenticator_add(struct store *, const struct vault *, struct authenticator *,
    const uint8_t *secret, size_t len, int64_t counter);
/* Out of the store; what it accepted stays accepted (promise 1). */
enum cs_err authenticator_remove(struct store *, const struct vault *,
    const struct authenticator *);

enum cs_err authenticator_unseal(const struct vault *, const struct authenticator *,
    uint8_t secret[SEALED_MAX_LEN], size_t *len);

/* What a person has: any of one purpose but pending ones; and one that makes the
 * codes of this secret, of that purpose or of the other, pending or not.  Two of
 * these would each accept a code once. */
struct holding {
	bool any, same, elsewhere;
};
enum cs_err authenticator_holding(struct store *, const struct vault *, uint64_t admin,
    enum purpose, const uint8_t *secret, size_t len, struct holding *);

/* SPDX-License-Identifier: ISC
 *
 * One authenticator against one typed code: window, drift, look-ahead, replay,
 * rest (design §5).  Pure but for unsealing the secret, which it wipes.
 */
#pragma once

#include "record.h"
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

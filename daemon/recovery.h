/* SPDX-License-Identifier: ISC
 *
 * Recovery codes: ten of 64 random bits each, for a log-in without the phone,
 * each good once.  The store keeps keyed hashes; the codes are shown once.
 */
#pragma once

#include "store.h"
#include "vault.h"

#define RECOVERY_TEXT 20	/* "1a2b-3c4d-5e6f-7081" and NUL */

/* Draws ten for recovery->admin. */
enum cs_err recovery_make(const struct vault *, struct recovery *,
    char out[RECOVERY_CODES][RECOVERY_TEXT]);

/* True when what was typed is one of them that was not used; it is used then,
 * and the caller keeps the record.  Takes the same time for all. */
bool recovery_use(const struct vault *, struct recovery *, struct cs_str typed);

unsigned recovery_left(const struct recovery *);
/* Of this person; who has none has none left. */
enum cs_err recovery_read_left(struct store *, uint64_t admin, unsigned *left);

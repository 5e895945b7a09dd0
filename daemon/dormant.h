/* SPDX-License-Identifier: ISC
 *
 * Suspends administrators who have long given no sign of life, if the
 * configuration wants it.  Never the one who was active last in an account:
 * somebody must be left to ask for the others.
 */
#pragma once

#include "clock.h"
#include "conf.h"
#include "store.h"
#include "vault.h"

/* Where the walk through all administrators is.  Begins all zero; losing it
 * costs a walk. */
struct dormant_walk {
	uint64_t admin;		/* the last that was looked at */
	int64_t rest;		/* steady: when the next walk begins */
	bool told;		/* that there is damage */
};

/* Looks at a few administrators and suspends them, with an event an account, each
 * kept or dropped by itself: nothing may be staged before.  Who has no record of
 * activity yet gets one. */
enum cs_err dormant_step(struct store *, const struct conf *, const struct vault *,
    const struct moment *, struct dormant_walk *);

/* SPDX-License-Identifier: ISC
 *
 * Which actions somebody may authorise for an account, set anew: by an operator
 * or by a colleague.
 */
#pragma once

#include "authority.h"

/* Reads "actions" and "all" into the member: those named, each known to the
 * policy, or every one.  *given: one of them was there.  Faults are answered. */
enum cs_err rights_may_read(struct request *, struct member *, bool *given);

/* The parameters "actions" or "all", one of which must be there. */
enum cs_err rights_read(struct request *, const struct member *before, struct member *after);

/* Is anything among them that was not before? */
bool rights_wider(const struct member *now, const struct member *before);

/* Stages it, cools off for what is wider than before, logs and answers. */
enum cs_err rights_set(struct request *, struct authority *, const struct account *,
    const struct admin *, const struct member *before, struct member *after);

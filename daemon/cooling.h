/* SPDX-License-Identifier: ISC
 *
 * Cooling off: for a day after somebody's rights or credentials came anew they
 * authorise nothing of high risk (design §10).  Counted in steady seconds, for
 * a person and an account.
 */
#pragma once

#include "request.h"

/* Not staged: the caller puts the member. */
void cooling_start(const struct request *, struct member *);
/* In every account of the person; staged. */
enum cs_err cooling_start_all(struct request *, uint64_t admin);
bool cooling_is(const struct request *, const struct member *);
/* Puts cooling_until, wall time, while it is cooling off. */
void cooling_put(const struct request *, struct cs_writer *, const struct member *);

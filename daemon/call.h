/* SPDX-License-Identifier: ISC
 *
 * Calls: what technicians ask of an account right now.  A call's number stands
 * for what its customer saw: one action and its targets, never others.
 */
#pragma once

#include "request.h"

bool call_over(const struct call *, const struct moment *);
/* Is it for just this change? */
bool call_is_for(const struct call *, struct cs_str action, const struct targets *);

/* The open call of the account that the text names.  NotFound is answered. */
enum cs_err call_find(struct request *, uint64_t account, struct cs_str text, struct call *);

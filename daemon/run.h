/* SPDX-License-Identifier: ISC
 *
 * A run: one import of a roster, by the number that SyncBegin gave it.
 */
#pragma once

#include "request.h"

/* Reads the parameter "run".  Faults are answered. */
enum cs_err run_read(struct request *, uint64_t *run);

/* The run named this member.  Of two at a time the later one says who is missing,
 * whichever is faster; whom an operator added no run takes over.  True when it was
 * news. */
bool run_note(struct member *, uint64_t run);

/* Did only earlier runs name them? */
bool run_misses(uint64_t run, const struct member *);

/* SPDX-License-Identifier: ISC
 *
 * What time undoes: remembered requests, dead codes, grants, calls, sessions, the
 * tallies of a finished minute, tickets of two years ago and dormant
 * administrators, in small steps.
 */
#pragma once

#include "clock.h"
#include "conf.h"
#include "dormant.h"
#include "store.h"
#include "vault.h"

/* Stages at most a few hundred deletions, after keeping what ends dormant
 * administrators.  Called each second in a transaction of its own; the caller keeps
 * or drops. */
enum cs_err purge_step(struct store *, const struct conf *, const struct vault *,
    const struct moment *, struct dormant_walk *);

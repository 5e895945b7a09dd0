/* SPDX-License-Identifier: ISC
 *
 * What the daemon does of itself, beside the batches and in small steps, so
 * that no verification waits for it: purge, tallies, the index of events, and
 * events of its own.
 */
#pragma once

#include "record.h"

struct daemon;
struct upkeep;

enum cs_err upkeep_new(struct daemon *, struct upkeep **);
void upkeep_free(struct upkeep **);

/* One step of everything, and the store's own housekeeping.  Called each second. */
void upkeep_tick(struct upkeep *);
/* Makes an event of the daemon's own, durable before it returns, in a full
 * store too; logged when it is not. */
enum cs_err upkeep_record(struct daemon *, enum event_kind, const char *note);

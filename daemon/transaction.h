/* SPDX-License-Identifier: ISC
 *
 * The loop's write transactions, those of batches (batch.c) and of housekeeping
 * (upkeep.c).  Each begins with what time it is, and a store that cannot begin
 * or say what it holds ends the daemon.
 */
#pragma once

#include "store.h"

struct daemon;

/* On failure no transaction is open. */
enum cs_err transaction_begin(struct daemon *, bool reserve, struct moment *now);
/* why is set unless the outcome is durable. */
enum outcome transaction_commit(struct daemon *, enum cs_err *why);

/* Why it failed, for the log and the technician's eyes alike. */
const char *transaction_plain(enum cs_err why);

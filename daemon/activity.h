/* SPDX-License-Identifier: ISC
 *
 * The events of one account, newest first, without a look at those of others.
 * Their index is written behind the log, a second or so: each verification
 * would pay a fifth more for it.  What it does not know yet is looked through.
 */
#pragma once

#include "store.h"

/* Brings the index on by at most so many events, and by fewer where their
 * accounts come in no order; staged.  *behind when that is not to the end. */
enum cs_err activity_step(struct store *, unsigned most, bool *behind);

/* The account's latest event before *at, into *event, and *at is its number
 * then.  Looks at "most" events at most: CS_ERR_LIMIT when it has to go on from
 * *at.  CS_ERR_NOTFOUND at the log's beginning. */
enum cs_err activity_previous(struct store *, uint64_t account, uint64_t *at, unsigned *most,
    struct audit_event *event);

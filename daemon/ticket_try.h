/* SPDX-License-Identifier: ISC
 *
 * The steps of a verification by ticket: what req_verify.c does for a code, in
 * the same order.
 */
#pragma once

#include "attempt.h"
#include "code.h"

/* Step 5: there is such a ticket for this account, and it authorises something. */
enum cs_err ticket_try_find(struct attempt *, const struct entry *);
/* Step 6: this action and these targets are what its author named. */
void ticket_try_scope(struct attempt *);
/* Step 7, after an acceptance: it authorises nothing any more. */
void ticket_try_consume(struct attempt *, uint64_t verification);

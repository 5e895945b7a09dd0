/* SPDX-License-Identifier: ISC
 *
 * What the customer's pages listen for: that something happened to an account,
 * under a name that tells nobody which.  A page knows the names of its own
 * person's accounts, from Session and Account.
 */
#pragma once

#include "request.h"
#include "vault.h"

#define CHANNEL_TEXT 33		/* 32 hex digits and NUL */

/* The keyed hash of the account's number. */
void channel_name(const struct vault *, uint64_t account, char out[CHANNEL_TEXT]);

/* For batch.c: a call was opened for the account. */
void channel_note(struct openings *, uint64_t account);

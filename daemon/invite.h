/* SPDX-License-Identifier: ISC
 *
 * Invitations: "N12-" and 32 hex digits of fresh randomness, for a link.  The
 * store keeps a keyed hash of them, one for a person, and never the text.
 */
#pragma once

#include "record.h"
#include "vault.h"

#define INVITE_LIFE 259200	/* seconds: 72 hours */
#define INVITE_TEXT 56		/* "N", up to 20 digits, "-", 32 hex digits, NUL */

/* Draws one for invite->admin: sets the hash and writes the text. */
enum cs_err invite_make(const struct vault *, struct invite *, char out[INVITE_TEXT]);

/* The secret of the authenticator that is set up with an invitation: asked for
 * again, it is the same one, and nothing of it is kept until it is confirmed. */
#define INVITE_SECRET 20
void invite_secret(const struct vault *, const struct invite *, uint8_t secret[INVITE_SECRET]);

/* The administrator's number in a presented one; 0 when it has not the shape. */
uint64_t invite_number(struct cs_str presented);

/* True when the text is this record's invitation; takes the same time for all.
 * Whether it is over is the caller's to ask. */
bool invite_is(const struct vault *, const struct invite *, struct cs_str presented);

/* SPDX-License-Identifier: ISC
 *
 * Grants as text: "G12-" and 32 hex digits that are derived anew from the
 * record each time, never stored (design §6).
 */
#pragma once

#include "record.h"
#include "vault.h"

#define GRANT_LIFE 900		/* seconds, design §10 */
#define GRANT_TEXT 56		/* "G", up to 20 digits, "-", 32 hex digits, NUL */

void grant_format(const struct vault *, const struct grant *, char out[GRANT_TEXT]);

/* The number in a presented grant; 0 when it has not the shape of one. */
uint64_t grant_number(struct cs_str presented);

/* True when the text is this record's grant; takes the same time for all. */
bool grant_is(const struct vault *, const struct grant *, struct cs_str presented);

/* Over for so long that no small step of a clock lets it live again. */
bool grant_long_over(const struct grant *, const struct moment *);

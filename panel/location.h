/* SPDX-License-Identifier: ISC
 *
 * Where a browser is sent: to rows of the table, filled in, and never to what a
 * browser sent.
 */
#pragma once

#include "visit.h"

#define LOCATION_MAX 1024

/* A page of the table that can be come back to. */
bool location_fine(struct cs_str path);

/* The path of a row with each ":name" from the answer (which may be NULL), the
 * path or the form.  False when it is too long. */
bool location_fill(const struct visit *, const struct answer *, const char *path,
    char out[LOCATION_MAX]);
/* Appends, percent-encoded. */
bool location_add(char out[LOCATION_MAX], size_t *len, struct cs_str);

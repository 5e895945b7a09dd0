/* SPDX-License-Identifier: ISC
 *
 * What the daemon said to one question, decoded and bounded.  See visit.h for
 * how pages read it.
 */
#pragma once

#include "visit.h"

#define ANSWER_ROWS 2000	/* replies of one list */
#define ANSWER_BYTES (3 << 20)	/* of all its frames: 200 of 12 KB in a ticket */

struct answer *answer_new(void);	/* NULL: no memory */
void answer_free(struct answer *);	/* wipes */

/* Adds the reply in the frame, which is changed; *more: others follow.
 * CS_ERR_FORMAT for what is no reply, CS_ERR_LIMIT past the bounds. */
enum cs_err answer_add(struct answer *, char *frame, size_t len, bool *more);

/* An error that the panel itself found, with its sentence. */
void answer_fail(struct answer *, const char *error);

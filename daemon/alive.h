/* SPDX-License-Identifier: ISC
 *
 * When administrators last gave a sign of life: a code issued, an authenticator or
 * a ticket accepted, a log-in, an operator's invitation or resumption.
 */
#pragma once

#include "request.h"

/* Stages a write once a day at most, so that it may be called at every
 * verification and log-in. */
enum cs_err alive_note(struct request *, uint64_t admin);

/* *idle: steady seconds since the last sign of life.  0 when none is known yet:
 * the first walk of dormant.c notes one, and counting begins there.  *wall: when
 * that was, 0 when not known. */
enum cs_err alive_idle(struct store *, const struct moment *, uint64_t admin, int64_t *idle,
    int64_t *wall);

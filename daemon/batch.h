/* SPDX-License-Identifier: ISC
 *
 * Group commit: every request ready in one turn of the loop runs, in the order
 * of arrival, in one write transaction; replies follow the commit (design §8).
 * A batch that was lost is replayed request by request, once; one whose fate
 * is unknown answers Unavailable, and the daemon ends.
 */
#pragma once

#include "request.h"

struct event_base;
struct batch;
struct conn;

/* What the daemon is made of; owned by daemon.c. */
struct daemon;

enum cs_err batch_new(struct daemon *, struct batch **);
void batch_free(struct batch **);

/* Puts a decoded request in.  The frame that msg points into, and conn, must
 * stay until conn_answer (or conn's end, after batch_forget). */
void batch_add(struct batch *, struct conn *, const struct row *, const struct cs_msg *,
    const struct technician *);
void batch_forget(struct batch *, struct conn *);
/* Runs what is in hand now: for a clean stop. */
void batch_flush(struct batch *);
/* Purge, tallies, the store's housekeeping: one small step, as part of the
 * next batch.  Called each second. */
void batch_tick(struct batch *);

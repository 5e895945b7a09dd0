/* SPDX-License-Identifier: ISC
 *
 * Group commit: every request ready in one turn of the loop runs, in the order
 * of arrival, in one write transaction; replies follow the commit (design §8).
 * A batch that was lost is replayed request by request, once; one whose fate
 * is unknown answers Unavailable, and the daemon ends.
 */
#pragma once

#include "request.h"

struct batch;
struct conn;
struct daemon;
struct task;

enum cs_err batch_new(struct daemon *, struct batch **);
void batch_free(struct batch **);

/* The task stays its conn's; it must live until conn_answer or, when conn ends
 * before, batch_forget. */
void batch_add(struct batch *, struct task *);
void batch_forget(struct batch *, const struct conn *);
/* Runs what is in hand now: for a clean stop. */
void batch_flush(struct batch *);
/* Purge, tallies, the store's housekeeping: one small step in a transaction of
 * its own.  Called each second. */
void batch_tick(struct batch *);
/* Makes an event of the daemon's own, durable before it returns, in a full
 * store too; logged when it is not. */
enum cs_err batch_record(struct batch *, enum event_kind, const char *note);

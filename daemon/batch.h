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
/* Is anything in hand? */
bool batch_waits(const struct batch *);
/* Runs what is in hand now: for a clean stop. */
void batch_flush(struct batch *);

/* SPDX-License-Identifier: ISC
 *
 * The one thread that hashes passwords, so that the loop never waits for it
 * (design §8).  Its queue has an end, and a share of its own for those who
 * are known: a flood of log-ins by strangers locks nobody out.
 */
#pragma once

#include "job.h"

struct event_base;
struct worker;

#define WORKER_QUEUE 32		/* jobs that wait: so many of strangers, and of the known */

/* On the loop.  The job is the callback's. */
typedef void (*worker_cb)(struct job *, void *arg);

enum cs_err worker_new(struct event_base *, struct worker **);
void worker_free(struct worker **);

/* Takes the job over, also when it fails: CS_ERR_FULL, CS_ERR_NOMEM. */
enum cs_err worker_add(struct worker *, struct job **, worker_cb, void *arg);
/* The callback with this arg will not be called any more. */
void worker_forget(struct worker *, const void *arg);

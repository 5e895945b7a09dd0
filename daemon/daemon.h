/* SPDX-License-Identifier: ISC
 *
 * The daemon as a whole: opens everything in order, runs the loop, reloads,
 * stops cleanly.
 */
#pragma once

#include "batch.h"
#include "conn.h"
#include "listener.h"
#include "quota.h"
#include "request.h"
#include "upkeep.h"

#include <event2/event.h>
#include <sys/queue.h>

TAILQ_HEAD(conn_list, conn);

struct daemon {
	struct event_base *base;
	struct conf *conf;
	struct store *store;
	struct vault *vault;
	struct technicians *technicians;
	struct worker *worker;
	struct batch *batch;
	struct upkeep *upkeep;
	struct listener *listeners[DOORS];
	struct quotas *quotas;
	struct conn_list conns;
	struct conn_list ended;		/* to be freed when nobody uses them */
	struct event *reap, *tick, *leave, *on_term, *on_int, *on_hup;
	struct counters counters;
	struct openings openings;
	bool stopping;			/* no frame is taken any more */
	bool failed;			/* the disk left us in doubt: no more decisions */
	int64_t stop_by;		/* microseconds; 0: nobody told it to stop */
};

/* Returns the process's exit status. */
int daemon_run(const char *conf_path);

/* Ends the daemon after the replies that are due: why is logged, and the exit
 * status is 1.  Only the first call does anything. */
void daemon_fail(struct daemon *, const char *why);

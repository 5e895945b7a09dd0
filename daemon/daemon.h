/* SPDX-License-Identifier: ISC
 *
 * The daemon as a whole: opens everything in order, runs the loop, reloads,
 * stops cleanly.
 */
#pragma once

#include "batch.h"
#include "conn.h"
#include "request.h"

#include <event2/event.h>
#include <sys/queue.h>

struct listener;
TAILQ_HEAD(conn_list, conn);

struct daemon {
	struct event_base *base;
	struct conf *conf;
	struct store *store;
	struct vault *vault;
	struct technicians *technicians;
	struct batch *batch;
	struct listener *listeners[DOORS];
	struct conn_list conns;
	struct counters counters;
	bool stopping;
};

/* Returns the process's exit status. */
int daemon_run(const char *conf_path);

/* SPDX-License-Identifier: ISC
 *
 * Many connections of one process, each with one request in flight: what load
 * generators share.  Requests are written before the clock starts, replies are
 * decoded when it has stopped, and whatever is not expected counts.
 */
#pragma once

#include "../../lib/wire.h"

/* The requests of one run, one after the other. */
struct script {
	char *frames;
	size_t used, room;
	size_t *start;		/* n + 1 of them */
	size_t n, cap;
};

/* A writer for the next request; script_end ends it. */
struct cs_writer *script_begin(struct script *, const char *method);
void script_end(struct script *);
void script_clear(struct script *);

struct result {
	size_t asked, unexpected;
	size_t done;		/* of those asked, after the warm-up */
	double seconds;
	double *usec;		/* of each of those done, sorted */
};

/* Looks at the reply to request i; false when it is not the one expected. */
typedef bool (*swarm_take)(void *arg, size_t i, const struct cs_msg *reply);

/* Opens the connections; ends the process where that fails. */
int *swarm_open(const char *path, size_t clients);
void swarm_close(int *fds, size_t clients);

/* Asks, each connection as soon as it has its answer, until the script or the
 * time is over, and waits for what is under way.  The clock starts after four
 * rounds: how a crowd arrives is another question than how it is served.
 * Seconds 0: nothing is measured, and only the script ends it. */
void swarm_run(const int *fds, size_t clients, const struct script *, double seconds,
    swarm_take take, void *arg, struct result *);

/* {"asked": …, "done": …, "unexpected": …, "seconds": …, "rate": …, "p50": …, "p99": …}
 * without the closing brace.  Times are in microseconds. */
void result_print(const struct result *);
void result_clear(struct result *);

double read_seconds(void);
_Noreturn void die(const char *what);

/* SPDX-License-Identifier: ISC
 *
 * Between a connection and the batch: finds the row, reads its columns, learns
 * in whose name is asked (design §7).  The only place that says who may ask.
 */
#pragma once

#include "request.h"

struct conn;
struct daemon;

/* A call in hand.  Made and freed by conn.c. */
struct task {
	struct daemon *daemon;
	struct conn *conn;
	size_t len;			/* of the frame, to wipe it */
	const struct row *row;
	bool resolving;			/* the name service is being asked */
	int64_t since;			/* microseconds, when that began */
	bool has_who;			/* a technician is part of the question */
	struct job *job;		/* done by the worker; NULL before, and for most */
	struct technician who;
	struct cs_msg msg;
	char frame[];			/* what msg points into */
};

/* Answers the task's conn with an error, or puts it into the batch; perhaps
 * later, when the name service has answered. */
void dispatch(struct task *);

/* Gives up on a name service that takes too long. */
void dispatch_expire(struct task *, int64_t usec);

/* The connection is gone. */
void dispatch_forget(struct task *);

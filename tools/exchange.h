/* SPDX-License-Identifier: ISC
 *
 * One question to the daemon and its answers.
 *
 *	status = exchange_begin(&x, in, door, "Prepare", false);
 *	cs_put_string(&x.w, ...);
 *	if (status == STATUS_DONE)
 *		status = exchange_ask(&x);
 *	... x.reply ...
 *	exchange_end(&x);
 */
#pragma once

#include "place.h"

#include "../lib/client.h"

struct exchange {
	const struct invocation *in;
	struct place place;
	struct cs_client *client;
	struct cs_writer w;
	const struct cs_msg *reply;
	bool sent;
	bool patient;		/* the next row may take its time, and an end of the
				 * connection sets lost without a sentence */
	bool lost;
};

/* Connects and begins the call.  On failure the sentence is out, and w takes
 * no harm from being written to. */
enum status exchange_begin(struct exchange *, const struct invocation *, enum door,
    const char *method, bool more);

/* Sends and reads the first reply; any error, typed ones too, is told. */
enum status exchange_ask(struct exchange *);

/* A question that must not be asked twice: fill puts its parameters, a fresh
 * request id goes with them.  When the answer is lost on its way, the same
 * question is put once more under the same id, and the daemon gives the same
 * answer without doing it again.  Begins and asks in one. */
typedef void (*exchange_fill)(struct cs_writer *, const void *arg);
enum status exchange_once(struct exchange *, const struct invocation *, enum door,
    const char *method, exchange_fill, const void *arg);

/* The next row of a list: STATUS_DONE with reply NULL is its end. */
enum status exchange_next(struct exchange *);

/* Legal after a failed begin, and twice. */
void exchange_end(struct exchange *);

/* SPDX-License-Identifier: ISC
 *
 * Many questions to the daemon, a few at once, each on a connection of its
 * own, so that one commit serves them all.  After each round it leaves the
 * daemon alone for a while, for those who verify meanwhile.
 */
#pragma once

#include "place.h"

#include "../lib/client.h"

#define LANES_MAX 16		/* a quarter of what one uid may have by default: root is
				 * every technician's under sudo, and may import twice */

struct lanes {
	const struct invocation *in;
	struct place place;
	struct cs_client *at[LANES_MAX];
	bool answered[LANES_MAX];	/* it was not one too many */
	bool sent;		/* a question was put */
	size_t n;		/* how many the daemon lets us have */
};

/* Puts the parameters of question i; false leaves it out. */
typedef bool (*lanes_fill)(struct cs_writer *, void *arg, size_t i);
/* The answer to question i, a typed error too.  Another status ends it all. */
typedef enum status (*lanes_take)(void *arg, size_t i, const struct cs_msg *reply);

enum status lanes_open(struct lanes *, const struct invocation *, enum door);
/* Asks n questions.  One that is lost with its connection is asked again, so
 * it must be one that may be done twice. */
enum status lanes_ask(struct lanes *, const char *method, size_t n, lanes_fill, lanes_take,
    void *arg);
void lanes_close(struct lanes *);

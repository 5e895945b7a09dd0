/* SPDX-License-Identifier: ISC
 *
 * The way to the daemon: a few connections to its panel socket, questions that
 * wait in a queue, a deadline for each.  It talks only to a peer that
 * lib/client would talk to, and bounds what it takes from it.
 */
#pragma once

#include "answer.h"
#include "method.h"

struct event_base;
struct link;
struct question;

/* The answer is the callee's from now on, and never NULL: a daemon that is
 * away, late or says nonsense is the error "Unavailable". */
typedef void (*link_answer_cb)(struct answer *, void *arg);
/* The name of a channel that changed; p is NULL when some may have been missed. */
typedef void (*link_change_cb)(struct cs_str channel, void *arg);

enum cs_err link_new(struct event_base *, const char *path, struct link **);
void link_free(struct link **);		/* forgets every question */

/* Copies the call, of len bytes with its NUL.  Never calls back before it
 * returns.  NULL: no memory, or too many wait. */
struct question *link_ask(struct link *, const struct method *, enum lane, const char *call,
    size_t len, link_answer_cb, void *arg);
/* Nobody waits for it any more: no call back. */
void link_forget(struct question *);

/* Follows Changes from now on, over every loss of connection. */
void link_follow(struct link *, link_change_cb, void *arg);

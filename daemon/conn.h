/* SPDX-License-Identifier: ISC
 *
 * Connections: frames in, replies out, and every bound on a peer (design §7,
 * §8).  It alone frees a connection.  It distrusts every byte: what is not a
 * well-formed call closes that connection and touches nothing else.
 */
#pragma once

#include "request.h"

struct daemon;
struct conn;
struct quota;

/* Takes over an accepted descriptor. */
void conn_new(struct daemon *, int fd, enum door);
/* Once a second: ends what has reached a deadline. */
void conn_sweep(struct daemon *);
/* The configuration is another: reads the roles of every peer again. */
void conn_read_roles(struct daemon *);
/* daemon->stopping was set: ends what has nothing in hand. */
void conn_stop(struct daemon *);
void conn_close_all(struct daemon *);
/* Frees what has ended; never called from below a conn function. */
void conn_reap(struct daemon *);
/* True while a connection still has replies to send. */
bool conn_any_busy(const struct daemon *);

/* For batch.c, after the commit: the reply's bytes go out (copied), and the
 * connection reads its next frame, or, for a list that goes on, is asked again
 * when the output has drained. */
void conn_answer(struct conn *, const struct reply *);
void conn_unavailable(struct conn *, const char *why);
void conn_throttled(struct conn *, int64_t wait, const char *say);
/* The batch wrote events or opened calls: wakes the lists that follow. */
void conn_wake_followers(struct daemon *);

const struct peer *conn_peer(const struct conn *);
unsigned conn_roles(const struct conn *);
enum door conn_door(const struct conn *);
struct quota *conn_quota(const struct conn *);
struct cursor *conn_cursor(struct conn *);

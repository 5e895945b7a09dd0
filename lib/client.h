/* SPDX-License-Identifier: ISC
 *
 * The blocking client of countersignd's sockets, made to live inside other
 * people's processes: libc only, no signal, no thread, no name look-up, one
 * monotonic deadline for a whole exchange.  It talks only to a peer whose uid
 * is 0, the caller's own, or that of the owner of the socket's folder.
 */
#pragma once

#include "wire.h"

#include <sys/types.h>

#define CS_STAFF_SOCKET "/run/countersign/staff"
#define CS_PANEL_SOCKET "/run/countersign/panel"
#define CS_CONTROL_SOCKET "/run/countersign/control"

struct cs_client;

/* Connects and checks the peer.  The descriptor is close-on-exec and >= 3.
 * timeout_ms counts from here over everything that follows, until
 * cs_client_set_timeout; 0 means no deadline.
 * CS_ERR_UNREACHABLE, CS_ERR_PEER, CS_ERR_TIMEOUT, CS_ERR_NOMEM; CS_ERR_SYSTEM
 * with errno (EACCES: the socket is there, but not for us); CS_ERR_LIMIT for a
 * path of 107 bytes or more.
 * *client is set on CS_OK only and then belongs to the caller. */
enum cs_err cs_client_open(const char *path, int timeout_ms, struct cs_client **client);

/* A message buffer of CS_FRAME_MAX + 1 bytes that lives with the client, for
 * cs_writer_call: so that a caller needs no 16 KiB of somebody else's stack. */
char *cs_client_buf(struct cs_client *);

/* Sends the frame of len bytes (NUL included) that cs_client_buf holds and
 * reads the first reply.  A typed error of the daemon is CS_OK with
 * reply->error set.  *reply points into the client: it is valid until the
 * next call or close.  The deadline of open() still runs.
 * CS_ERR_TIMEOUT, CS_ERR_CLOSED, CS_ERR_SYSTEM; CS_ERR_LIMIT for a reply past
 * CS_FRAME_MAX; CS_ERR_FORMAT for what is no reply, for bytes after the last
 * one, and for a call while a list is unread.  After an error every later call
 * gives that same error: close, and open another. */
enum cs_err cs_client_call(struct cs_client *, size_t len, const struct cs_msg **reply);

/* The two halves of cs_client_call, for who asks on several connections at
 * once: each send is followed by one receive. */
enum cs_err cs_client_send(struct cs_client *, size_t len);
enum cs_err cs_client_receive(struct cs_client *, const struct cs_msg **reply);

/* The next reply of a call made with "more"; call again while the last one
 * had continues set.  CS_ERR_NOTFOUND when it had not; else as above. */
enum cs_err cs_client_next(struct cs_client *, const struct cs_msg **reply);

/* A new deadline from now on; 0 means none. */
void cs_client_set_timeout(struct cs_client *, int timeout_ms);

/* For who connects in its own way: CS_OK when the peer of this connection to
 * path (at most 106 bytes) is one that a client accepts, else CS_ERR_PEER. */
enum cs_err cs_client_check_peer(int fd, const char *path);

/* Wipes what was sent and received, closes, frees, sets *client to NULL. */
void cs_client_close(struct cs_client **client);

/* Fills 32 lower-case hex digits and a NUL: a fresh request id (design §6.1).
 * Returns CS_ERR_SYSTEM when the kernel gives no randomness. */
enum cs_err cs_request_id(char out[33]);

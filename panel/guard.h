/* SPDX-License-Identifier: ISC
 *
 * Connections from browsers, before evhttp sees a byte of them.  evhttp takes
 * two Content-Lengths, line ends of several kinds and a byte every few seconds
 * for ever; so a request is held here until all of it has come, judged as raw
 * bytes, refused here or handed over whole.  One request a connection: what
 * comes after it is thrown away, and never taken for another one.
 */
#pragma once

#include "../lib/err.h"

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct guard;
struct guest;

/* Listens where conf says and gives whole requests to http. */
enum cs_err guard_open(struct event_base *, struct evhttp *, const struct conf *, struct guard **);
/* No new connections. */
void guard_stop(struct guard *);
/* After evhttp_free. */
void guard_close(struct guard **);

/* The connection that a request came on. */
struct guest *guard_find(struct guard *, struct bufferevent *);
/* The client, as the proxy in front names it: "192.0.2.7". */
const char *guest_address(const struct guest *);
/* The header Cookie, which evhttp has not seen; NULL when there was none or it
 * was forgotten (and wiped). */
const char *guest_cookie(const struct guest *);
void guest_forget_cookie(struct guest *);
/* It may stay open as long as the browser likes: a live page. */
void guest_keep(struct guest *);
/* Ends it at the end of the turn; its bufferevent tells evhttp. */
void guest_end(struct guest *);
/* Bytes written to it that have not gone out. */
size_t guest_unsent(const struct guest *);

/* What every answer carries, with CRLFs; also for the answers of evhttp. */
extern const struct guard_header {
	const char *name, *value;
} guard_headers[];
extern const size_t guard_nheaders;

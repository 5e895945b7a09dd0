/* SPDX-License-Identifier: ISC
 *
 * Open pages that are told what changes: text/event-stream.  A page says
 * which account it is about by the opaque name of its channel; when that is
 * heard to have changed, the fragment is made anew and sent if it differs.
 * Events: "page" (the fragment), "away" (the daemon does not answer), "end"
 * (the session is over: the browser should load the page again).
 */
#pragma once

#include "visit_inside.h"

struct lives;

enum cs_err lives_new(struct panel *, struct lives **);
void lives_free(struct lives **);	/* before evhttp_free */

/* How many changes were heard: what was asked before the latest may be stale. */
uint64_t lives_heard(const struct lives *);

/* Turns an answered visit into an open page; takes its request over. */
void live_open(struct lives *, struct visit *, struct html *first);
/* For a session that is over: tells the browser so, and nothing else. */
void live_refuse(struct evhttp_request *);
/* Ends every page of a session. */
void live_end_session(struct lives *, const char *session);

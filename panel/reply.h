/* SPDX-License-Identifier: ISC
 *
 * Answers to browsers: every one with the headers of guard.h, and kept by
 * nobody unless it is a file that never changes.
 */
#pragma once

#include "asset.h"
#include "html.h"

#include <event2/http.h>

void reply_header(struct evhttp_request *, const char *name, const char *value);

/* Sends html, which is freed (and its memory wiped when it has gone out).
 * For HEAD the length only. */
void reply_send(struct evhttp_request *, int status, const char *type, struct html *);
void reply_see(struct evhttp_request *, const char *location);		/* 303 */
void reply_text(struct evhttp_request *, int status, const char *sentence);
void reply_asset(struct evhttp_request *, const struct asset *);
/* The beginning of text/event-stream. */
void reply_stream(struct evhttp_request *);

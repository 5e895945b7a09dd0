/* SPDX-License-Identifier: ISC
 *
 * The process: what it opened, and its life.  No key and no database are here:
 * whoever takes it over can act for persons who log in, enrol or hold a session
 * while it is taken over, and for nobody else.
 */
#pragma once

#include "conf.h"
#include "csrf.h"

#include <sys/queue.h>

struct event_base;
struct evhttp;
struct guard;
struct link;
struct lives;
struct visit;

TAILQ_HEAD(visits, visit);

struct panel {
	struct event_base *base;
	struct evhttp *http;
	struct conf *conf;
	struct guard *guard;
	struct link *link;
	struct lives *lives;
	struct csrf csrf;
	struct visits visits;
};

/* Until SIGTERM; the process's exit status. */
int panel_run(const char *conf_path);

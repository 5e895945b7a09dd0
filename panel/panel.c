/* SPDX-License-Identifier: ISC
 *
 * Locks itself in before it reads a byte from anybody; opens, serves, leaves
 * when it is told to.  What browsers see of a restart is a page that asks to
 * send a form again.
 */
#include "panel.h"

#include "asset.h"
#include "guard.h"
#include "head.h"
#include "link.h"
#include "live.h"

#include "../daemon/service_manager.h"
#include "../lib/log.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* No core file, no debugger of the same uid, no program of another's rights. */
static enum cs_err harden(void)
{
	struct rlimit none = { 0, 0 };

	umask(077);
	signal(SIGPIPE, SIG_IGN);
	if (prctl(PR_SET_DUMPABLE, 0) == -1 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    setrlimit(RLIMIT_CORE, &none) == -1) {
		cs_log(CS_LOG_ERR, "cannot lock itself in: %s", strerror(errno));
		return CS_ERR_SYSTEM;
	}
	if (sodium_init() == -1) {
		cs_log(CS_LOG_ERR, "libsodium does not start");
		return CS_ERR_CRYPTO;
	}
	return CS_OK;
}

/* A connection is a descriptor; some more are for the daemon (link.c: 60) and ourselves. */
static void fit_descriptors(struct conf *conf)
{
	const rlim_t spare = 96;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur == RLIM_INFINITY || files.rlim_cur >= conf->connections + spare)
		return;
	conf->connections = files.rlim_cur > 2 * spare ? (unsigned)(files.rlim_cur - spare) :
	    (unsigned)spare;
	cs_log(CS_LOG_WARNING, "connections = %u: this process may open no more files",
	    conf->connections);
}

static void stop_cb(evutil_socket_t signo, short what, void *arg)
{
	struct panel *p = arg;

	(void)what;
	cs_log(CS_LOG_INFO, "stopping (signal %d)", (int)signo);
	service_manager_notify("STOPPING=1");
	guard_stop(p->guard);
	event_base_loopexit(p->base, NULL);
}

static void request_cb(struct evhttp_request *req, void *arg)
{
	visit_serve(arg, req);
}

static enum cs_err open_http(struct panel *p)
{
	p->http = evhttp_new(p->base);
	if (p->http == NULL)
		return CS_ERR_NOMEM;
	/* guard.c has judged all of this before; these are a second wall. */
	evhttp_set_allowed_methods(p->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST);
	evhttp_set_max_headers_size(p->http, HEAD_MAX);
	evhttp_set_max_body_size(p->http, BODY_MAX);
	evhttp_set_default_content_type(p->http, NULL);
	evhttp_set_gencb(p->http, request_cb, p);
	return guard_open(p->base, p->http, p->conf, &p->guard);
}

static enum cs_err open_all(struct panel *p, const char *conf_path)
{
	enum cs_err e = conf_load(conf_path, &p->conf);

	if (e != CS_OK)
		return e;
	fit_descriptors(p->conf);
	p->base = event_base_new();
	if (p->base == NULL)
		return CS_ERR_NOMEM;
	e = csrf_init(&p->csrf);
	if (e == CS_OK)
		e = asset_init(p->conf);
	if (e == CS_OK)
		e = link_new(p->base, p->conf->socket, &p->link);
	if (e == CS_OK)
		e = lives_new(p, &p->lives);
	if (e == CS_OK)
		e = open_http(p);
	return e;
}

static void close_all(struct panel *p)
{
	struct visit *v;

	lives_free(&p->lives);
	while ((v = TAILQ_FIRST(&p->visits)) != NULL)
		visit_free(v);
	link_free(&p->link);
	if (p->http != NULL)
		evhttp_free(p->http);
	guard_close(&p->guard);
	if (p->base != NULL)
		event_base_free(p->base);
	conf_free(&p->conf);
}

int panel_run(const char *conf_path)
{
	struct panel p = { .visits = TAILQ_HEAD_INITIALIZER(p.visits) };
	struct event *term = NULL, *interrupt = NULL;
	enum cs_err e = harden();

	if (e == CS_OK)
		e = open_all(&p, conf_path);
	if (e == CS_OK) {
		term = evsignal_new(p.base, SIGTERM, stop_cb, &p);
		interrupt = evsignal_new(p.base, SIGINT, stop_cb, &p);
		if (term == NULL || interrupt == NULL || event_add(term, NULL) == -1 ||
		    event_add(interrupt, NULL) == -1)
			e = CS_ERR_NOMEM;
	}
	if (e == CS_OK) {
		service_manager_notify("READY=1");
		cs_log(CS_LOG_INFO, "ready on %s for %s", p.conf->listen, p.conf->origin);
		event_base_dispatch(p.base);
	} else if (e != CS_ERR_CONFIG) {
		cs_log(CS_LOG_ERR, "cannot start: %s", cs_err_text(e));
	}
	if (term != NULL)
		event_free(term);
	if (interrupt != NULL)
		event_free(interrupt);
	close_all(&p);
	return e == CS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

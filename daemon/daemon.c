/* SPDX-License-Identifier: ISC
 *
 * The life of the process: open everything in order, tell the service manager,
 * run the loop, reload on SIGHUP, leave on SIGTERM with every request in hand
 * answered.  Nothing is undone half: what fails at start-up ends it, what
 * fails in a reload leaves the old configuration in force.
 */
#include "daemon.h"

#include "service_manager.h"
#include "worker.h"

#include "../lib/log.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define LEAVE_WITHIN 2000000	/* microseconds to get the last replies out */

static const enum door all_doors[DOORS] = { DOOR_STAFF, DOOR_PANEL, DOOR_CONTROL };

/* No core file and no debugger of the same uid sees a key. */
static enum cs_err harden(void)
{
	struct rlimit none = { 0, 0 }, files;

	umask(077);
	signal(SIGPIPE, SIG_IGN);
	if (prctl(PR_SET_DUMPABLE, 0) == -1 || setrlimit(RLIMIT_CORE, &none) == -1) {
		cs_log(CS_LOG_ERR, "cannot forbid core files: %s", strerror(errno));
		return CS_ERR_SYSTEM;
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (sodium_init() == -1) {
		cs_log(CS_LOG_ERR, "libsodium does not start");
		return CS_ERR_CRYPTO;
	}
	return CS_OK;
}

static enum cs_err commit(struct store *store)
{
	enum outcome outcome = OUTCOME_NOTHING;
	enum cs_err why = CS_OK;

	store_commit(store, &outcome, &why);
	if (outcome == OUTCOME_DURABLE)
		return CS_OK;
	cs_log(CS_LOG_ERR, "the database cannot be written: %s", cs_err_text(why));
	return why;
}

/* A database belongs to the key it was made with: with another one every
 * secret in it would be refused, one by one, with no word why. */
static enum cs_err match_key(struct store *store, const struct vault *vault)
{
	static const uint8_t none[8];
	uint8_t ours[8], theirs[8];
	enum cs_err kept, e = store_begin(store);

	if (e != CS_OK)
		return e;
	vault_key_id(vault, ours);
	e = store_key_id(store, theirs);
	if (e == CS_OK && memcmp(theirs, none, sizeof(none)) == 0) {
		store_set_key_id(store, ours);
		e = store_keep(store);
	} else if (e == CS_OK && memcmp(theirs, ours, sizeof(ours)) != 0) {
		cs_log(CS_LOG_ERR, "this database was made with another master key; "
		    "put that key back, or set another state-dir");
		e = CS_ERR_CONFIG;
	}
	kept = commit(store);
	return e != CS_OK ? e : kept;
}

static enum cs_err open_data(struct daemon *d, const char *conf_path)
{
	enum cs_err e = conf_load(conf_path, &d->conf);

	if (e == CS_OK)
		e = store_open(d->conf, &d->store);
	if (e == CS_OK)
		e = vault_open(d->conf->master_key, store_generation(d->store), &d->vault);
	if (e == CS_OK)
		e = match_key(d->store, d->vault);
	if (e == CS_ERR_NOMEM)		/* of which not all of them have a word to say */
		cs_log(CS_LOG_ERR, "cannot start: %s", cs_err_text(e));
	return e;
}

/* The first turns after the signal have read what was sent before it. */
static void leave_cb(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	if (!d->stopping) {
		d->stopping = true;
		batch_flush(d->batch);
		conn_stop(d);
	}
	if (!conn_any_busy(d) || clock_usec() >= d->stop_by)
		event_base_loopexit(d->base, NULL);
}

static void stop(struct daemon *d)
{
	static const struct timeval soon = { 0, 5000 };

	if (d->stop_by != 0)
		return;
	d->stop_by = clock_usec() + LEAVE_WITHIN;
	service_manager_notify("STOPPING=1");
	for (size_t i = 0; i < DOORS; i++)
		listener_close(&d->listeners[i]);
	event_add(d->leave, &soon);
}

void daemon_fail(struct daemon *d, const char *why)
{
	if (d->failed)
		return;
	cs_log(CS_LOG_ERR, "%s; ending, so that it is opened afresh", why);
	d->failed = true;
	stop(d);
}

static void stop_cb(evutil_socket_t signo, short what, void *arg)
{
	(void)what;
	cs_log(CS_LOG_INFO, "stopping (signal %d)", (int)signo);
	stop(arg);
}

static void swap(char **a, char **b)
{
	char *t = *a;

	*a = *b;
	*b = t;
}

/* What was opened at start-up stays open: the new configuration keeps the old
 * word for it. */
static void keep_places(struct conf *old, struct conf *new)
{
	const struct {
		const char *option;
		char **was, **is;
	} places[] = {
		{ "state-dir", &old->state_dir, &new->state_dir },
		{ "socket-dir", &old->socket_dir, &new->socket_dir },
		{ "master-key", &old->master_key, &new->master_key },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (strcmp(*places[i].was, *places[i].is) == 0)
			continue;
		cs_log(CS_LOG_WARNING, "%s: the change takes a restart; %s stays in use",
		    places[i].option, *places[i].was);
		swap(places[i].was, places[i].is);
	}
	if (old->map_size != new->map_size)
		cs_log(CS_LOG_WARNING, "map-size: the change takes a restart");
	new->map_size = old->map_size;
}

static void reload(struct daemon *d)
{
	struct conf *new;

	if (conf_load_again(d->conf, &new) != CS_OK) {
		cs_log(CS_LOG_ERR, "the new configuration is wrong; the old one stays in force");
		return;
	}
	keep_places(d->conf, new);
	conf_free(&d->conf);
	d->conf = new;
	conn_read_roles(d);
	for (size_t i = 0; i < DOORS; i++)
		if (d->listeners[i] != NULL)
			listener_set_mode(d->listeners[i]);
	cs_log(CS_LOG_INFO, "configuration read again");
	upkeep_record(d, EVENT_RELOAD, "");
}

static void reload_cb(evutil_socket_t signo, short what, void *arg)
{
	struct daemon *d = arg;
	char state[80];

	(void)signo;
	(void)what;
	if (d->stop_by != 0)
		return;
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_usec());
	service_manager_notify(state);
	reload(d);
	service_manager_notify("READY=1");
}

static void tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	conn_sweep(d);
	quotas_sweep(d->quotas, clock_usec());
	upkeep_tick(d->upkeep);
}

static void reap_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conn_reap(arg);
}

static enum cs_err open_base(struct daemon *d)
{
	struct event_config *config = event_config_new();

	if (config == NULL || event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == -1)
		return CS_ERR_NOMEM;
	d->base = event_base_new_with_config(config);
	event_config_free(config);
	return d->base == NULL ? CS_ERR_NOMEM : CS_OK;
}

static enum cs_err open_events(struct daemon *d)
{
	static const struct timeval second = { 1, 0 };
	struct event **all[] = { &d->reap, &d->tick, &d->leave,
	    &d->on_term, &d->on_int, &d->on_hup };

	d->reap = event_new(d->base, -1, 0, reap_cb, d);
	d->tick = event_new(d->base, -1, EV_PERSIST, tick_cb, d);
	d->leave = event_new(d->base, -1, EV_PERSIST, leave_cb, d);
	d->on_term = evsignal_new(d->base, SIGTERM, stop_cb, d);
	d->on_int = evsignal_new(d->base, SIGINT, stop_cb, d);
	d->on_hup = evsignal_new(d->base, SIGHUP, reload_cb, d);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (*all[i] == NULL)
			return CS_ERR_NOMEM;
	if (event_add(d->tick, &second) == -1 || event_add(d->on_term, NULL) == -1 ||
	    event_add(d->on_int, NULL) == -1 || event_add(d->on_hup, NULL) == -1)
		return CS_ERR_SYSTEM;
	return CS_OK;
}

static enum cs_err open_loop(struct daemon *d)
{
	enum cs_err e = open_base(d);

	if (e == CS_OK)
		e = open_events(d);
	if (e == CS_OK)
		e = quotas_new(&d->quotas);
	if (e == CS_OK)
		e = technicians_new(d->base, &d->technicians);
	if (e == CS_OK)
		e = worker_new(d->base, &d->worker);
	if (e == CS_OK)
		e = batch_new(d, &d->batch);
	if (e == CS_OK)
		e = upkeep_new(d, &d->upkeep);
	if (e != CS_OK)
		cs_log(CS_LOG_ERR, "cannot start the loop: %s", cs_err_text(e));
	return e;
}

static enum cs_err open_doors(struct daemon *d)
{
	enum cs_err e = CS_OK;

	for (size_t i = 0; i < DOORS && e == CS_OK; i++)
		e = listener_open(d, all_doors[i]);
	service_manager_forget_sockets();
	return e == CS_OK ? listener_check_room() : e;
}

/* A second SIGTERM must not end what the first one is ending cleanly. */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void close_all(struct daemon *d)
{
	struct event *all[] = { d->reap, d->tick, d->leave, d->on_term, d->on_int, d->on_hup };

	block_signals();
	for (size_t i = 0; i < DOORS; i++)
		listener_close(&d->listeners[i]);
	conn_close_all(d);
	technicians_free(&d->technicians);
	worker_free(&d->worker);
	upkeep_free(&d->upkeep);
	batch_free(&d->batch);
	quotas_free(&d->quotas);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] != NULL)
			event_free(all[i]);
	if (d->base != NULL)
		event_base_free(d->base);
	vault_close(&d->vault);
	if (d->store != NULL)
		store_close(d->store);
	conf_free(&d->conf);
}

int daemon_run(const char *conf_path)
{
	struct daemon d = { 0 };
	struct instant now;
	enum cs_err e;

	TAILQ_INIT(&d.conns);
	TAILQ_INIT(&d.ended);
	clock_read(&now);
	d.counters.started = now.wall;
	e = harden();
	if (e == CS_OK)
		e = open_data(&d, conf_path);
	if (e == CS_OK)
		e = open_loop(&d);
	if (e == CS_OK)
		e = upkeep_record(&d, EVENT_START, PACKAGE_VERSION);
	if (e == CS_OK)
		e = open_doors(&d);
	if (e == CS_OK) {
		service_manager_notify("READY=1");
		cs_log(CS_LOG_INFO, "ready on %s", d.conf->socket_dir);
		if (event_base_dispatch(d.base) == -1) {
			cs_log(CS_LOG_ERR, "the loop cannot wait: %s", strerror(errno));
			e = CS_ERR_SYSTEM;
		}
	}
	close_all(&d);
	return e == CS_OK && !d.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}

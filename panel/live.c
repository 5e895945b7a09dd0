/* SPDX-License-Identifier: ISC
 *
 * A page costs its connection and a few hundred bytes, and asks only when its
 * account has changed, at most a few of them at the same time: a thousand open
 * pages must cost neither memory nor the others' answers.
 */
#include "live.h"

#include "guard.h"
#include "link.h"
#include "reply.h"

#include "../lib/secret.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHANNEL_MAX 65
#define ASKING_MOST 8		/* pages made anew at the same time */
#define BEAT_SECONDS 20		/* a line, so that a dead browser is noticed */
#define ALIVE_SECONDS 240	/* asks Session, so that a session with an open page lives */
#define RETRY_SECONDS 2		/* after "away" */
#define TICK_MS 500		/* so late a page is told of what ends by itself */
#define UNSENT_MOST 65536	/* a browser that does not read */

struct live {
	TAILQ_ENTRY(live) link, due_link;
	struct lives *lives;
	struct evhttp_request *req;
	struct guest *guest;
	const struct route *route;
	char *path;
	char session[COOKIE_VALUE + 1];
	char channel[CHANNEL_MAX];
	unsigned char shown[16];	/* hash of the fragment sent last */
	int64_t beat, ask;		/* when it is next time for it, in milliseconds */
	bool unsent;			/* at the last tick there was something */
	bool due, asking, away, over, gone;
	struct visit *visit;
};

TAILQ_HEAD(live_list, live);

struct lives {
	struct panel *panel;
	struct live_list all, due;
	struct event *pump, *tick;
	unsigned asking;
	uint64_t heard;			/* changes */
};

static int64_t read_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t after(int64_t seconds)
{
	return read_ms(CLOCK_MONOTONIC) + 1000 * seconds;
}

/* When the page is made anew though nothing happened. */
static int64_t next_ask(const struct visit *v)
{
	int64_t left = v->turns * 1000 - read_ms(CLOCK_REALTIME);

	if (v->turns == 0 || left > 1000 * ALIVE_SECONDS)
		return after(ALIVE_SECONDS);
	return after(0) + (left > 0 ? left : 0);
}

static void wake(struct lives *ls)
{
	event_active(ls->pump, EV_TIMEOUT, 0);
}

static void send_chunk(struct evhttp_request *req, struct evbuffer *chunk)
{
	evhttp_send_reply_chunk(req, chunk);
	evbuffer_free(chunk);
}

/* A line of data for each line of text. */
static void send_event(struct evhttp_request *req, const char *name, const char *p, size_t len)
{
	struct evbuffer *chunk = evbuffer_new();

	if (chunk == NULL)
		return;
	evbuffer_add_printf(chunk, "event: %s\n", name);
	do {
		const char *stop = len > 0 ? memchr(p, '\n', len) : NULL;
		size_t part = stop != NULL ? (size_t)(stop - p) : len;

		evbuffer_add(chunk, "data: ", 6);
		evbuffer_add(chunk, p, part);
		evbuffer_add(chunk, "\n", 1);
		p += part + (stop != NULL);
		len -= part + (stop != NULL);
	} while (len > 0);
	evbuffer_add(chunk, "\n", 1);
	send_chunk(req, chunk);
}

static void send_fragment(struct live *l, struct html *h)
{
	unsigned char hash[sizeof(l->shown)];
	const char *p;
	size_t len;

	if (!html_view(h, &p, &len))
		return;
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)p, len, NULL, 0);
	if (!l->away && memcmp(hash, l->shown, sizeof(hash)) == 0)
		return;
	memcpy(l->shown, hash, sizeof(hash));
	l->away = false;
	send_event(l->req, "page", p, len);
}

static void set_due(struct live *l)
{
	if (l->due)
		return;
	l->due = true;
	TAILQ_INSERT_TAIL(&l->lives->due, l, due_link);
	wake(l->lives);
}

static void free_live(struct live *l)
{
	struct lives *ls = l->lives;

	if (l->due)
		TAILQ_REMOVE(&ls->due, l, due_link);
	TAILQ_REMOVE(&ls->all, l, link);
	if (l->visit != NULL)
		visit_free(l->visit);
	if (l->asking) {
		ls->asking--;
		wake(ls);	/* another one's turn */
	}
	free(l->path);
	cs_wipe(l->session, sizeof(l->session));
	free(l);
}

/* The browser went, or never read: the request is ours when evhttp has given
 * it up, else evhttp frees it. */
static void closed_cb(struct evhttp_connection *evcon, void *arg)
{
	struct live *l = arg;

	(void)evcon;
	if (evhttp_request_get_connection(l->req) == NULL)
		evhttp_request_free(l->req);
	free_live(l);
}

static void end_live(struct live *l)
{
	struct evhttp_request *req = l->req;

	evhttp_connection_set_closecb(evhttp_request_get_connection(req), NULL, NULL);
	free_live(l);
	send_event(req, "end", "", 0);
	evhttp_send_reply_end(req);
}

void live_refuse(struct evhttp_request *req)
{
	reply_stream(req);
	send_event(req, "end", "", 0);
	evhttp_send_reply_end(req);
}

void live_open(struct lives *ls, struct visit *v, struct html *first)
{
	struct cs_str channel = visit_channel(v);
	struct live *l = calloc(1, sizeof(*l));

	if (l != NULL)
		l->path = strdup(v->path);
	if (l == NULL || l->path == NULL || channel.len >= sizeof(l->channel)) {
		free(l != NULL ? l->path : NULL);
		free(l);
		html_free(first);
		reply_text(v->req, 503, "Too many pages are open.\n");
		return;
	}
	l->lives = ls;
	l->req = v->req;
	l->guest = v->guest;
	l->route = v->route;
	memcpy(l->session, v->session, sizeof(l->session));
	memcpy(l->channel, channel.p, channel.len);
	l->beat = after(BEAT_SECONDS);
	l->ask = next_ask(v);
	TAILQ_INSERT_TAIL(&ls->all, l, link);
	guest_keep(l->guest);
	evhttp_connection_set_closecb(evhttp_request_get_connection(l->req), closed_cb, l);
	evhttp_clear_headers(evhttp_request_get_input_headers(l->req));
	reply_stream(l->req);
	send_fragment(l, first);
	html_free(first);
	/* Between its answers and now nobody told it. */
	if (v->heard != ls->heard)
		set_due(l);
}

uint64_t lives_heard(const struct lives *ls)
{
	return ls->heard;
}

void live_end_session(struct lives *ls, const char *session)
{
	struct live *l, *next;

	for (l = TAILQ_FIRST(&ls->all); l != NULL; l = next) {
		next = TAILQ_NEXT(l, link);
		if (strcmp(l->session, session) == 0)
			end_live(l);
	}
}

/* May be called before visit_live returns: frees nothing. */
static void made_cb(struct visit *v, const char *error, struct html *h, void *arg)
{
	struct live *l = arg;

	l->visit = NULL;
	l->asking = false;
	l->lives->asking--;
	if (error == NULL) {
		l->ask = next_ask(v);
		send_fragment(l, h);
	} else if (strcmp(error, "Unavailable") == 0) {
		if (!l->away)
			send_event(l->req, "away", "", 0);
		l->away = true;
		l->ask = after(RETRY_SECONDS);
	} else {
		l->over = true;
	}
	html_free(h);
	wake(l->lives);
}

static void ask(struct live *l)
{
	l->due = false;
	l->asking = true;
	l->lives->asking++;
	TAILQ_REMOVE(&l->lives->due, l, due_link);
	if (!visit_live(l->lives->panel, l->route, l->path, l->session, &l->visit, made_cb, l))
		made_cb(NULL, "Unavailable", NULL, l);
}

static void pump_cb(evutil_socket_t fd, short what, void *arg)
{
	struct lives *ls = arg;
	struct live *l, *next;

	(void)fd;
	(void)what;
	for (l = TAILQ_FIRST(&ls->due); l != NULL && ls->asking < ASKING_MOST; l = next) {
		next = TAILQ_NEXT(l, due_link);
		if (!l->asking)
			ask(l);
	}
	for (l = TAILQ_FIRST(&ls->all); l != NULL; l = next) {
		next = TAILQ_NEXT(l, link);
		if (l->over)
			end_live(l);
	}
}

static void change_cb(struct cs_str channel, void *arg)
{
	struct lives *ls = arg;
	struct live *l;

	ls->heard++;
	TAILQ_FOREACH(l, &ls->all, link)
		if (channel.p == NULL || cs_str_is(channel, l->channel))
			set_due(l);
}

static void beat(struct live *l)
{
	struct evbuffer *chunk = evbuffer_new();

	if (chunk == NULL)
		return;
	evbuffer_add(chunk, ":\n\n", 3);
	send_chunk(l->req, chunk);
}

static void tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct lives *ls = arg;
	int64_t now = after(0);
	struct live *l, *next;

	(void)fd;
	(void)what;
	for (l = TAILQ_FIRST(&ls->all); l != NULL; l = next) {
		size_t unsent = guest_unsent(l->guest);
		/* What was written in this very turn is no browser that left. */
		bool stuck = unsent > 0 && l->unsent;

		next = TAILQ_NEXT(l, link);
		l->unsent = unsent > 0;
		if (now >= l->ask && !l->asking)
			set_due(l);
		if (unsent > UNSENT_MOST || (stuck && now >= l->beat)) {
			guest_end(l->guest);
		} else if (unsent == 0 && now >= l->beat) {
			l->beat = after(BEAT_SECONDS);
			beat(l);
		}
	}
}

enum cs_err lives_new(struct panel *panel, struct lives **out)
{
	static const struct timeval tick = { 0, 1000 * TICK_MS };
	struct lives *ls = calloc(1, sizeof(*ls));

	if (ls == NULL)
		return CS_ERR_NOMEM;
	ls->panel = panel;
	TAILQ_INIT(&ls->all);
	TAILQ_INIT(&ls->due);
	ls->pump = event_new(panel->base, -1, 0, pump_cb, ls);
	ls->tick = event_new(panel->base, -1, EV_PERSIST, tick_cb, ls);
	if (ls->pump == NULL || ls->tick == NULL || event_add(ls->tick, &tick) == -1) {
		lives_free(&ls);
		return CS_ERR_NOMEM;
	}
	link_follow(panel->link, change_cb, ls);
	*out = ls;
	return CS_OK;
}

void lives_free(struct lives **lives)
{
	struct lives *ls = *lives;
	struct live *l;

	if (ls == NULL)
		return;
	while ((l = TAILQ_FIRST(&ls->all)) != NULL) {
		evhttp_connection_set_closecb(evhttp_request_get_connection(l->req), NULL, NULL);
		free_live(l);
	}
	if (ls->pump != NULL)
		event_free(ls->pump);
	if (ls->tick != NULL)
		event_free(ls->tick);
	free(ls);
	*lives = NULL;
}

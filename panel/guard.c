/* SPDX-License-Identifier: ISC
 *
 * A filter between the socket and evhttp.  evhttp owns and frees it; to end a
 * connection, its socket is shut down, and evhttp meets the end of it.
 */
#include "guard.h"

#include "conf.h"
#include "head.h"

#include "../lib/log.h"
#include "../lib/secret.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ARRIVE_SECONDS 12	/* for the whole request */
#define ANSWER_SECONDS 60	/* for the answer to be made and taken */
#define LINGER_SECONDS 2	/* for a refusal to be read */
#define REST_USEC 100000	/* after the limit of descriptors */

enum phase {
	PHASE_ARRIVING,
	PHASE_HANDED_OVER,
	PHASE_REFUSED,
};

struct guest {
	TAILQ_ENTRY(guest) link;
	struct guard *guard;
	struct bufferevent *under, *bev;	/* the socket's; evhttp's */
	struct event writable;	/* of the socket; there once the request is */
	bool writing;		/* we are in its callback */
	enum phase phase;
	bool head_only;
	size_t scanned;		/* bytes known to hold no end of the head */
	size_t whole;		/* bytes of head and body; 0: not known yet */
	int64_t deadline;	/* monotonic seconds; 0: none */
	char *cookie;
	char address[INET6_ADDRSTRLEN];
	unsigned char network[9];	/* what is counted as one client */
};

struct guard {
	struct event_base *base;
	const struct conf *conf;
	struct evconnlistener *listener;
	struct event *tick, *rest;
	TAILQ_HEAD(, guest) guests;
	unsigned nguests;
	bool full, stopping;
};

/* For accept_error_cb, which libevent calls with evhttp's argument instead of ours. */
static struct guard *listening;

/* No page of another site may frame, embed or read ours; nothing is kept. */
const struct guard_header guard_headers[] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
	  "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	/* The origin alone: no-referrer would make browsers hide it from us, too. */
	{ "Referrer-Policy", "strict-origin" },
	{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Connection", "close" },
};
const size_t guard_nheaders = sizeof(guard_headers) / sizeof(guard_headers[0]);

static int64_t read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static const struct refusal {
	int status;
	const char *phrase, *say;
} refusals[] = {
	{ 400, "Bad Request", "The browser sent something that is not a request.\n" },
	{ 405, "Method Not Allowed", "This can only be read or sent as a form.\n" },
	{ 408, "Request Timeout", "The request did not arrive in time.\n" },
	{ 411, "Length Required", "The form came without its length.\n" },
	{ 413, "Content Too Large", "The form is too long.\n" },
	{ 415, "Unsupported Media Type", "This is no form that is known here.\n" },
	{ 417, "Expectation Failed", "Nothing can be expected here.\n" },
	{ 429, "Too Many Requests", "Too many connections from this address. Try again soon.\n" },
	{ 431, "Request Header Fields Too Large", "The head of the request is too long.\n" },
	{ 501, "Not Implemented", "This is not known here.\n" },
};

static const struct refusal *find_refusal(int status)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].status == status)
			return &refusals[i];
	return &refusals[0];
}

/* Nothing was written before it, so it fits into the socket's buffer. */
static void refuse(struct guest *g, int status)
{
	const struct refusal *r = find_refusal(status);
	int fd = bufferevent_getfd(g->under);
	char text[2048];
	size_t len;

	len = (size_t)snprintf(text, sizeof(text), "HTTP/1.1 %d %s\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n"
	    "Cache-Control: no-store\r\n%s", r->status, r->phrase, strlen(r->say),
	    status == 405 ? "Allow: GET, HEAD, POST\r\n" : "");
	for (size_t i = 0; i < guard_nheaders; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s: %s\r\n",
		    guard_headers[i].name, guard_headers[i].value);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "\r\n%s",
	    g->head_only ? "" : r->say);
	if (send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len)
		shutdown(fd, SHUT_WR);
	else
		shutdown(fd, SHUT_RDWR);
	g->phase = PHASE_REFUSED;
	g->deadline = read_clock() + LINGER_SECONDS;
}

/* An IPv4 address in its IPv6 clothes is the same client; who has an IPv6
 * address has the other 2^64 of its network, too. */
static void take_address(struct guest *g, int family, const unsigned char *raw)
{
	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)raw)) {
		family = AF_INET;
		raw += 12;
	}
	inet_ntop(family, raw, g->address, sizeof(g->address));
	memset(g->network, family, sizeof(g->network));
	memcpy(g->network, raw, family == AF_INET ? 4 : 8);
}

/* The last hop: the address that the proxy itself saw.  What stands before it
 * is whatever the client wrote.  Who connects is on this host, always. */
static void note_address(struct guest *g, struct cs_str forwarded)
{
	static const unsigned char here[] = { 127, 0, 0, 1 };
	const char *comma =
	    forwarded.len > 0 ? memrchr(forwarded.p, ',', forwarded.len) : NULL;
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr raw;
	int family;

	if (comma != NULL) {
		forwarded.len -= (size_t)(comma + 1 - forwarded.p);
		forwarded.p = comma + 1;
	}
	while (forwarded.len > 0 && forwarded.p[0] == ' ') {
		forwarded.p++;
		forwarded.len--;
	}
	if (forwarded.len > 0 && forwarded.len < sizeof(text))
		memcpy(text, forwarded.p, forwarded.len);
	family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, &raw) == 1)
		take_address(g, family, raw.s6_addr);
	else
		take_address(g, AF_INET, here);
}

/* evhttp copies what it reads, and wipes no copy: it gets blanks instead. */
static bool take_cookie(struct guest *g, struct cs_str cookie)
{
	if (cookie.p == NULL)
		return true;
	g->cookie = strndup(cookie.p, cookie.len);
	memset((char *)cookie.p, '-', cookie.len);
	return g->cookie != NULL;
}

/* Of those whose head has come: a body may take its time, and memory. */
static unsigned count_address(const struct guest *g)
{
	const struct guest *other;
	unsigned n = 0;

	TAILQ_FOREACH(other, &g->guard->guests, link)
		if (other->whole > 0 && other->phase != PHASE_REFUSED &&
		    memcmp(other->network, g->network, sizeof(g->network)) == 0)
			n++;
	return n;
}

/* True when the whole head is there and fine; g->whole is then set. */
static bool take_head(struct guest *g, struct evbuffer *src)
{
	size_t len = evbuffer_get_length(src);
	size_t look = len < HEAD_MAX ? len : HEAD_MAX;
	const char *p = (const char *)evbuffer_pullup(src, (ev_ssize_t)look);
	size_t from = g->scanned > 3 ? g->scanned - 3 : 0;
	const char *end = p != NULL ? memmem(p + from, look - from, "\r\n\r\n", 4) : NULL;
	struct head head;
	int status;

	if (end == NULL) {
		g->scanned = look;
		if (look == HEAD_MAX)
			refuse(g, 431);
		return false;
	}
	look = (size_t)(end - p) + 4;
	g->head_only = look > 5 && memcmp(p, "HEAD ", 5) == 0;
	status = head_parse(p, look, g->guard->conf->host, &head);
	if (status == 0) {
		note_address(g, head.values[HEADER_FORWARDED]);
		if (count_address(g) >= g->guard->conf->per_address ||
		    !take_cookie(g, head.values[HEADER_COOKIE]))
			status = 429;
	}
	if (status != 0) {
		refuse(g, status);
		return false;
	}
	g->whole = look + head.body;
	return true;
}

static void writable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct guest *g = arg;
	bufferevent_event_cb event_cb;

	(void)fd;
	(void)what;
	/* evhttp may have freed it in this turn, of which free_cb is told at the
	 * end of the turn.  Flushing it would free it a second time. */
	bufferevent_getcb(g->bev, NULL, NULL, &event_cb, NULL);
	if (event_cb == NULL)
		return;
	g->writing = true;
	bufferevent_flush(g->bev, EV_WRITE, BEV_NORMAL);
	g->writing = false;
}

static enum bufferevent_filter_result in_cb(struct evbuffer *src, struct evbuffer *dst,
    ev_ssize_t limit, enum bufferevent_flush_mode mode, void *arg)
{
	struct guest *g = arg;

	(void)limit;
	(void)mode;
	if (g->phase == PHASE_ARRIVING && (g->whole > 0 || take_head(g, src)) &&
	    evbuffer_get_length(src) >= g->whole) {
		evbuffer_remove_buffer(src, dst, g->whole);
		g->phase = PHASE_HANDED_OVER;
		g->deadline = read_clock() + ANSWER_SECONDS;
		/* evhttp turns writing on after it has put the answer into the
		 * buffer, which a filter does not notice. */
		bufferevent_enable(g->bev, EV_WRITE);
		event_assign(&g->writable, g->guard->base, bufferevent_getfd(g->under), EV_WRITE,
		    writable_cb, g);
		evbuffer_drain(src, evbuffer_get_length(src));
		return BEV_OK;
	}
	if (g->phase != PHASE_ARRIVING)
		evbuffer_drain(src, evbuffer_get_length(src));
	return BEV_NEED_MORE;
}

/* Written straight to the socket, when it can take more.  In the buffer of the
 * bufferevent below it would be lost: evhttp closes a connection as soon as its
 * own buffer is empty. */
static enum bufferevent_filter_result out_cb(struct evbuffer *src, struct evbuffer *dst,
    ev_ssize_t limit, enum bufferevent_flush_mode mode, void *arg)
{
	struct guest *g = arg;

	(void)dst;
	(void)limit;
	(void)mode;
	if (g->phase != PHASE_HANDED_OVER)
		return BEV_NEED_MORE;
	if (g->writing && evbuffer_write(src, bufferevent_getfd(g->under)) < 0 &&
	    errno != EAGAIN && errno != EINTR) {
		guest_end(g);
		return BEV_ERROR;
	}
	if (evbuffer_get_length(src) == 0)
		return BEV_OK;
	event_add(&g->writable, NULL);
	return BEV_NEED_MORE;
}

static void set_listening(struct guard *gd)
{
	bool full = gd->nguests >= gd->conf->connections;

	if (gd->stopping || gd->listener == NULL || full == gd->full)
		return;
	gd->full = full;
	if (full)
		evconnlistener_disable(gd->listener);
	else
		evconnlistener_enable(gd->listener);
}

static void free_cb(void *arg)
{
	struct guest *g = arg;

	if (event_initialized(&g->writable))
		event_del(&g->writable);
	if (g->guard != NULL) {
		TAILQ_REMOVE(&g->guard->guests, g, link);
		g->guard->nguests--;
		set_listening(g->guard);
	}
	guest_forget_cookie(g);
	free(g);
}

/* For evhttp: the descriptor comes right afterwards. */
static struct bufferevent *make_cb(struct event_base *base, void *arg)
{
	struct guard *gd = arg;
	struct guest *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->guard = gd;
	g->deadline = read_clock() + ARRIVE_SECONDS;
	g->under = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (g->under == NULL)
		goto fail;
	TAILQ_INSERT_HEAD(&gd->guests, g, link);
	gd->nguests++;
	/* Deferred: evhttp says whom to tell of written bytes after writing them. */
	g->bev = bufferevent_filter_new(g->under, in_cb, out_cb,
	    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS, free_cb, g);
	if (g->bev == NULL) {
		bufferevent_free(g->under);
		free_cb(g);
		return NULL;
	}
	set_listening(gd);
	return g->bev;
fail:
	free(g);
	return NULL;
}

struct guest *guard_find(struct guard *gd, struct bufferevent *bev)
{
	struct guest *g;

	TAILQ_FOREACH(g, &gd->guests, link)
		if (g->bev == bev)
			return g;
	return NULL;
}

const char *guest_address(const struct guest *g)
{
	return g->address;
}

const char *guest_cookie(const struct guest *g)
{
	return g->cookie;
}

void guest_forget_cookie(struct guest *g)
{
	if (g->cookie != NULL)
		cs_free_secret(&g->cookie, strlen(g->cookie));
}

void guest_keep(struct guest *g)
{
	g->deadline = 0;
}

void guest_end(struct guest *g)
{
	shutdown(bufferevent_getfd(g->under), SHUT_RDWR);
}

size_t guest_unsent(const struct guest *g)
{
	return evbuffer_get_length(bufferevent_get_output(g->bev));
}

static void tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct guard *gd = arg;
	int64_t now = read_clock();
	struct guest *g;

	(void)fd;
	(void)what;
	TAILQ_FOREACH(g, &gd->guests, link) {
		if (g->deadline == 0 || now < g->deadline)
			continue;
		if (g->phase == PHASE_ARRIVING && g->scanned + g->whole > 0)
			refuse(g, 408);
		else
			guest_end(g);
	}
}

static void rest_cb(evutil_socket_t fd, short what, void *arg)
{
	struct guard *gd = arg;

	(void)fd;
	(void)what;
	if (!gd->stopping && !gd->full)
		evconnlistener_enable(gd->listener);
}

/* Out of descriptors, accept would be tried again at once, and for ever. */
static void accept_error_cb(struct evconnlistener *listener, void *arg)
{
	static const struct timeval pause = { 0, REST_USEC };

	(void)arg;
	cs_log(CS_LOG_WARNING, "cannot accept: %s", strerror(errno));
	evconnlistener_disable(listener);
	event_add(listening->rest, &pause);
}

static enum cs_err open_listener(struct guard *gd, struct evhttp *http)
{
	const struct conf *conf = gd->conf;
	struct evhttp_bound_socket *bound;

	gd->listener = evconnlistener_new_bind(gd->base, NULL, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, 256,
	    (const struct sockaddr *)&conf->address, (int)conf->address_len);
	if (gd->listener == NULL) {
		cs_log(CS_LOG_ERR, "cannot listen on %s: %s", conf->listen, strerror(errno));
		return CS_ERR_SYSTEM;
	}
	bound = evhttp_bind_listener(http, gd->listener);
	if (bound == NULL)
		return CS_ERR_NOMEM;
	listening = gd;
	evconnlistener_set_error_cb(gd->listener, accept_error_cb);
	return CS_OK;
}

enum cs_err guard_open(struct event_base *base, struct evhttp *http, const struct conf *conf,
    struct guard **out)
{
	static const struct timeval second = { 1, 0 };
	struct guard *gd = calloc(1, sizeof(*gd));
	enum cs_err e;

	if (gd == NULL)
		return CS_ERR_NOMEM;
	gd->base = base;
	gd->conf = conf;
	TAILQ_INIT(&gd->guests);
	gd->tick = event_new(base, -1, EV_PERSIST, tick_cb, gd);
	gd->rest = event_new(base, -1, 0, rest_cb, gd);
	if (gd->tick == NULL || gd->rest == NULL || event_add(gd->tick, &second) == -1) {
		guard_close(&gd);
		return CS_ERR_NOMEM;
	}
	evhttp_set_bevcb(http, make_cb, gd);
	e = open_listener(gd, http);
	if (e != CS_OK)
		guard_close(&gd);
	else
		*out = gd;
	return e;
}

void guard_stop(struct guard *gd)
{
	gd->stopping = true;
	evconnlistener_disable(gd->listener);
}

/* The listener went with evhttp; its connections go later, with the loop. */
void guard_close(struct guard **guard)
{
	struct guard *gd = *guard;
	struct guest *g;

	if (gd == NULL)
		return;
	while ((g = TAILQ_FIRST(&gd->guests)) != NULL) {
		TAILQ_REMOVE(&gd->guests, g, link);
		g->guard = NULL;
	}
	if (gd->tick != NULL)
		event_free(gd->tick);
	if (gd->rest != NULL)
		event_free(gd->rest);
	free(gd);
	*guard = NULL;
}

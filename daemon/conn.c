/* SPDX-License-Identifier: ISC
 *
 * A connection takes one frame in hand at a time; the next ones wait, at most
 * a frame's worth of bytes.  Nothing more is taken while output waits to be
 * read.  An idle connection keeps no buffer: bytes are read into one scratch
 * area that all share.  Ended connections are freed at the end of the turn, so
 * that no caller loses the ground under its feet.
 */
#include "conn.h"

#include "daemon.h"
#include "dispatch.h"
#include "buffer.h"
#include "worker.h"

#include "../lib/log.h"
#include "../lib/secret.h"

#include <errno.h>
#include <event2/event_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECOND 1000000
#define FRAME_DEADLINE (5 * SECOND)
#define UNREAD_DEADLINE (30 * SECOND)
#define IDLE_DEADLINE (120 * SECOND)
#define LIFE (600 * SECOND)
#define AT_ONCE 4		/* frames of one peer, while others may wait */

enum phase {
	PHASE_READY,		/* for the next frame */
	PHASE_IN_HAND,		/* the task is dispatch.c's or batch.c's */
	PHASE_TO_GO_ON,		/* a list, to be asked again once its output is read */
	PHASE_FOLLOWING,	/* a list that waits for events */
};

struct conn {
	TAILQ_ENTRY(conn) link;
	struct daemon *daemon;
	struct event readable, writable;
	int fd;
	enum door door;
	unsigned roles;
	struct peer *peer;	/* only as many groups as it has */
	struct quota *quota;
	enum phase phase;
	struct task *task;
	struct cursor cursor;
	struct buffer in, out;
	size_t scanned;		/* of in: bytes known to hold no NUL */
	size_t sent;		/* of out */
	int64_t born, idle_since, frame_since, unread_since;
	bool reading, going_on, eof, ended;
	bool last;		/* its life is over after the task in hand */
};

static char scratch[CS_FRAME_MAX + 1];

/* Whatever text a task knows is in its frame. */
static void free_task(struct conn *c)
{
	if (c->task != NULL) {
		job_free(&c->task->job);
		cs_wipe(c->task->frame, c->task->len);
	}
	free(c->task);
	c->task = NULL;
}

static void end(struct conn *c)
{
	struct daemon *d = c->daemon;

	if (c->ended)
		return;
	c->ended = true;
	event_del(&c->readable);
	event_del(&c->writable);
	close(c->fd);
	batch_forget(d->batch, c);
	if (c->task != NULL) {
		dispatch_forget(c->task);
		worker_forget(d->worker, c->task);
	}
	quota_close(c->quota);
	d->counters.connections--;
	TAILQ_REMOVE(&d->conns, c, link);
	TAILQ_INSERT_TAIL(&d->ended, c, link);
	event_active(d->reap, EV_TIMEOUT, 0);
}

void conn_reap(struct daemon *d)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&d->ended)) != NULL) {
		TAILQ_REMOVE(&d->ended, c, link);
		free_task(c);
		buffer_clear(&c->in);
		buffer_clear(&c->out);
		free(c->peer);
		free(c);
	}
}

/* For a peer that does not speak the protocol. */
static void end_for(struct conn *c, const char *what)
{
	if (quota_complain(c->quota, clock_usec()))
		cs_log(CS_LOG_WARNING, "%s socket, uid %u, pid %d: %s; closed",
		    door_name(c->door), (unsigned)c->peer->uid, (int)c->peer->pid, what);
	end(c);
}

static void set_reading(struct conn *c)
{
	bool want = !c->eof && c->in.len <= CS_FRAME_MAX;

	if (c->ended || want == c->reading)
		return;
	c->reading = want;
	if (!want)
		event_del(&c->readable);
	else if (event_add(&c->readable, NULL) == -1)
		end(c);
}

static bool decode(struct conn *c, struct task *t, size_t len)
{
	enum cs_err e = cs_msg_decode(t->frame, len, &t->msg);

	if (e == CS_OK && t->msg.method.p != NULL && !t->msg.upgrade)
		return true;
	end_for(c, e != CS_OK ? "bytes that are not a message" :
	    t->msg.upgrade ? "asked for an upgrade" : "a message without a method");
	return false;
}

/* Takes the next whole frame in hand; false when there is none. */
static bool take_frame(struct conn *c)
{
	const char *nul = NULL;
	struct task *t;
	size_t len;

	if (c->in.len > c->scanned)
		nul = memchr(c->in.p + c->scanned, '\0', c->in.len - c->scanned);
	if (nul == NULL) {
		c->scanned = c->in.len;
		if (c->in.len > CS_FRAME_MAX)
			end_for(c, "a message over the limit");
		return false;
	}
	len = (size_t)(nul - c->in.p);
	t = malloc(sizeof(*t) + len);
	if (t == NULL) {
		end(c);
		return false;
	}
	t->daemon = c->daemon;
	t->conn = c;
	t->len = len;
	t->resolving = false;
	t->job = NULL;
	memcpy(t->frame, c->in.p, len);
	buffer_shift(&c->in, len + 1);
	c->scanned = 0;
	c->frame_since = 0;
	c->task = t;
	c->cursor = (struct cursor){ 0 };
	c->phase = PHASE_IN_HAND;
	return decode(c, t, len);
}

/* Its reader has to read; when nothing is to be sent, for the next turn of the loop. */
static void wait_to_write(struct conn *c)
{
	if (event_add(&c->writable, NULL) == -1)
		end(c);
}

/* One step; false when there is nothing more to do now. */
static bool step(struct conn *c)
{
	bool leaving = c->last || c->daemon->stopping;

	if (c->ended || c->out.len > 0)
		return false;
	switch (c->phase) {
	case PHASE_IN_HAND:
		return false;
	case PHASE_FOLLOWING:
		if (leaving || c->eof)
			end(c);
		return false;
	case PHASE_TO_GO_ON:
		if (c->daemon->stopping) {
			end(c);
			return false;
		}
		c->phase = PHASE_IN_HAND;
		batch_add(c->daemon->batch, c->task);
		return true;
	case PHASE_READY:
		break;
	}
	if (leaving) {
		end(c);
		return false;
	}
	if (take_frame(c)) {
		dispatch(c->task);
		return true;
	}
	if (c->eof)
		end(c);
	return false;
}

/* Does what can be done now, or a part of it, so that who sends a thousand small
 * calls at once holds nobody up: the socket can be written, so write_cb goes on
 * when all others had their turn.  A task that is answered at once comes back here
 * through conn_answer: then the outer call goes on. */
static void go_on(struct conn *c)
{
	bool waiting;
	unsigned n = 0;

	if (c->going_on || c->ended)
		return;
	c->going_on = true;
	while (n < AT_ONCE && step(c))
		n++;
	c->going_on = false;
	if (c->ended)
		return;
	if (n == AT_ONCE)
		wait_to_write(c);
	waiting = c->phase == PHASE_READY && c->out.len == 0 && c->in.len > 0;
	if (!waiting)
		c->frame_since = 0;
	else if (c->frame_since == 0)
		c->frame_since = clock_usec();
	set_reading(c);
}

static void read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	ssize_t n = recv(fd, scratch, sizeof(scratch) - c->in.len, 0);

	(void)what;
	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			end(c);
		return;
	}
	if (n == 0)
		c->eof = true;
	else if (buffer_append(&c->in, scratch, (size_t)n) != CS_OK)
		end(c);
	cs_wipe(scratch, (size_t)n);
	c->idle_since = clock_usec();
	go_on(c);
}

/* Sends what the socket takes; *n is what it took. */
static bool send_some(struct conn *c, const char *p, size_t len, size_t *n)
{
	ssize_t k = send(c->fd, p, len, MSG_NOSIGNAL);

	*n = k > 0 ? (size_t)k : 0;
	if (k >= 0 || errno == EAGAIN || errno == EINTR)
		return true;
	end(c);
	return false;
}

static void write_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	size_t n;

	(void)fd;
	(void)what;
	if (c->out.len > 0) {		/* else it was only to go on */
		if (!send_some(c, c->out.p + c->sent, c->out.len - c->sent, &n))
			return;
		c->sent += n;
	}
	if (c->sent < c->out.len) {
		wait_to_write(c);
		return;
	}
	buffer_clear(&c->out);
	c->sent = 0;
	c->idle_since = clock_usec();
	go_on(c);
}

static void send_reply(struct conn *c, const struct reply *reply)
{
	size_t n;

	if (reply->len == 0 || !send_some(c, reply->buf, reply->len, &n) || n == reply->len)
		return;
	if (buffer_append(&c->out, reply->buf + n, reply->len - n) != CS_OK) {
		end(c);
		return;
	}
	c->unread_since = clock_usec();
	wait_to_write(c);
}

void conn_answer(struct conn *c, const struct reply *reply)
{
	if (!c->task->msg.oneway)
		send_reply(c, reply);
	if (c->ended)
		return;
	c->idle_since = clock_usec();
	if (c->cursor.again) {
		c->phase = PHASE_TO_GO_ON;
	} else if (c->cursor.follow) {
		c->phase = PHASE_FOLLOWING;
	} else {
		free_task(c);
		c->phase = PHASE_READY;
	}
	go_on(c);
}

static void answer_error(struct conn *c, struct reply *reply)
{
	c->cursor = (struct cursor){ 0 };
	if (reply->err == CS_OK)
		conn_answer(c, reply);
	else
		end(c);
	reply_clear(reply);
}

void conn_unavailable(struct conn *c, const char *why)
{
	struct reply reply = { 0 };
	struct request r = { .door = c->door, .reply = &reply };

	refuse_unavailable(&r, why);
	answer_error(c, &reply);
}

void conn_throttled(struct conn *c, int64_t wait, const char *say)
{
	struct reply reply = { 0 };
	struct request r = { .door = c->door, .reply = &reply };

	refuse_busy(&r, wait, say);
	answer_error(c, &reply);
}

void conn_wake_followers(struct daemon *d)
{
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&d->conns); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->phase != PHASE_FOLLOWING)
			continue;
		c->phase = PHASE_TO_GO_ON;
		go_on(c);
	}
}

/* The peer's memory ends after its last group: most are in a few of the 256. */
static struct peer *copy_peer(const struct peer *peer)
{
	size_t size = offsetof(struct peer, groups) + peer->ngroups * sizeof(peer->groups[0]);
	struct peer *copy = malloc(size);

	if (copy != NULL)
		memcpy(copy, peer, size);
	return copy;
}

static void turn_away(int fd, enum door door, uid_t uid)
{
	struct reply reply = { 0 };
	struct request r = { .door = door, .reply = &reply };
	char why[64];

	snprintf(why, sizeof(why), "too many connections of uid %u", (unsigned)uid);
	refuse_unavailable(&r, why);
	if (reply.len > 0 && send(fd, reply.buf, reply.len, MSG_NOSIGNAL) == -1)
		cs_log(CS_LOG_DEBUG, "turning away uid %u: %s", (unsigned)uid, strerror(errno));
	reply_clear(&reply);
	close(fd);
}

void conn_new(struct daemon *d, int fd, enum door door)
{
	struct conn *c;
	struct peer peer;
	struct quota *quota;
	enum cs_err e = peer_read(fd, &peer);

	if (e != CS_OK) {
		cs_log(CS_LOG_WARNING, "%s socket: credentials of a peer: %s",
		    door_name(door), cs_err_text(e));
		close(fd);
		return;
	}
	if (!quota_open(d->quotas, peer.uid, d->conf->limit.connections, &quota)) {
		turn_away(fd, door, peer.uid);
		return;
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL || (c->peer = copy_peer(&peer)) == NULL) {
		quota_close(quota);
		free(c);
		close(fd);
		return;
	}
	c->daemon = d;
	c->fd = fd;
	c->door = door;
	c->roles = role_mask(d->conf, peer.uid, peer.groups, peer.ngroups);
	c->quota = quota;
	c->born = c->idle_since = clock_usec();
	event_assign(&c->readable, d->base, fd, EV_READ | EV_PERSIST, read_cb, c);
	event_assign(&c->writable, d->base, fd, EV_WRITE, write_cb, c);
	TAILQ_INSERT_TAIL(&d->conns, c, link);
	d->counters.connections++;
	set_reading(c);
}

static void check_deadlines(struct conn *c, int64_t now)
{
	if (c->frame_since != 0 && now - c->frame_since >= FRAME_DEADLINE) {
		end_for(c, "an unfinished message");
	} else if (c->out.len > 0 && now - c->unread_since >= UNREAD_DEADLINE) {
		end_for(c, "replies that nobody reads");
	} else if (c->phase == PHASE_READY && c->out.len == 0 &&
	    now - c->idle_since >= IDLE_DEADLINE) {
		end(c);
	} else if (now - c->born >= LIFE) {
		c->last = true;
		go_on(c);
	}
	if (!c->ended && c->task != NULL)
		dispatch_expire(c->task, now);
}

void conn_sweep(struct daemon *d)
{
	int64_t now = clock_usec();
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&d->conns); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		check_deadlines(c, now);
	}
}

void conn_read_roles(struct daemon *d)
{
	struct conn *c, *next;
	unsigned needed;

	for (c = TAILQ_FIRST(&d->conns); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		needed = c->task == NULL ? ROLE_ANY : c->task->row->roles;
		c->roles = role_mask(d->conf, c->peer->uid, c->peer->groups, c->peer->ngroups);
		if (needed != ROLE_ANY && (needed & c->roles) == 0)
			end(c);
	}
}

void conn_stop(struct daemon *d)
{
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&d->conns); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		go_on(c);
	}
}

bool conn_any_busy(const struct daemon *d)
{
	const struct conn *c;

	TAILQ_FOREACH(c, &d->conns, link)
		if (c->phase == PHASE_IN_HAND || c->out.len > 0)
			return true;
	return false;
}

void conn_close_all(struct daemon *d)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&d->conns)) != NULL)
		end(c);
	conn_reap(d);
}

const struct peer *conn_peer(const struct conn *c)
{
	return c->peer;
}

unsigned conn_roles(const struct conn *c)
{
	return c->roles;
}

enum door conn_door(const struct conn *c)
{
	return c->door;
}

struct quota *conn_quota(const struct conn *c)
{
	return c->quota;
}

struct cursor *conn_cursor(struct conn *c)
{
	return &c->cursor;
}

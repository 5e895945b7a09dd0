/* SPDX-License-Identifier: ISC
 *
 * One question at a time on a connection, so that a lost one is never answered
 * by the reply of another.  Connections are opened when somebody asks, closed
 * before the daemon closes them, and opened anew when it does.
 */
#include "link.h"

#include "../lib/client.h"
#include "../lib/log.h"
#include "../lib/secret.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define IDLE_SECONDS 60		/* the daemon closes after 120 */
#define LIFE_SECONDS 540	/* and after 600 whatever happens */
#define OVERLAP_SECONDS 3	/* two follow, so that no change is missed */
#define REST_MS 50		/* after a full backlog */

static const struct {
	size_t lines;		/* connections at most */
	size_t waiting;		/* questions in the queue at most */
	int seconds;		/* for an answer, queueing included */
} lanes[LANES] = {
	[LANE_PAGES] = { 6, 1024, 10 },
	/* More than the daemon lets wait of strangers (worker.h): it refuses the
	 * others at once, and a browser that it knows never waits behind them. */
	[LANE_SLOW] = { 48, 1024, 25 },
	[LANE_SEARCH] = { 2, 64, 10 },
	[LANE_LIVE] = { 2, 256, 20 },
};

struct question {
	TAILQ_ENTRY(question) link;
	struct link *owner;
	const struct method *method;
	enum lane lane;
	int64_t deadline;	/* monotonic seconds */
	link_answer_cb cb;	/* NULL: forgotten */
	void *arg;
	struct answer *answer;
	bool again;		/* was asked before */
	size_t len;
	char call[];
};

struct line {
	TAILQ_ENTRY(line) link;
	struct link *owner;
	struct event readable, writable;
	int fd;
	bool follows, quiet;	/* quiet: another follows, and misses nothing */
	enum lane lane;
	struct question *asked;	/* NULL: ready */
	size_t sent;
	bool used;		/* it has answered before */
	int64_t born, idle_since;
	size_t got;
	char in[CS_FRAME_MAX + 1];
};

TAILQ_HEAD(questions, question);

struct link {
	struct event_base *base;
	char *path;
	struct event *pump, *tick;
	struct questions waiting[LANES];
	size_t nwaiting[LANES], nlines[LANES];
	TAILQ_HEAD(, line) lines;
	struct line *following, *follow_before;
	int64_t follow_again;	/* when to try */
	link_change_cb change_cb;
	void *change_arg;
	bool away, deaf;	/* said once in the log */
};

static int64_t read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void free_question(struct question *q)
{
	char *p = (char *)q;

	answer_free(q->answer);
	cs_free_secret(&p, sizeof(*q) + q->len);
}

static void give_answer(struct question *q)
{
	struct answer *a = q->answer;

	q->answer = NULL;
	if (q->cb != NULL)
		q->cb(a, q->arg);
	else
		answer_free(a);
	free_question(q);
}

static void fail_question(struct question *q)
{
	answer_fail(q->answer, "Unavailable");
	give_answer(q);
}

static void enqueue(struct question *q, bool first)
{
	struct link *l = q->owner;

	if (first)
		TAILQ_INSERT_HEAD(&l->waiting[q->lane], q, link);
	else
		TAILQ_INSERT_TAIL(&l->waiting[q->lane], q, link);
	l->nwaiting[q->lane]++;
	event_active(l->pump, EV_TIMEOUT, 0);
}

static struct question *dequeue(struct link *l, struct question *q)
{
	TAILQ_REMOVE(&l->waiting[q->lane], q, link);
	l->nwaiting[q->lane]--;
	return q;
}

struct question *link_ask(struct link *l, const struct method *method, enum lane lane,
    const char *call, size_t len, link_answer_cb cb, void *arg)
{
	struct question *q;

	if (l->nwaiting[lane] >= lanes[lane].waiting)
		return NULL;
	q = malloc(sizeof(*q) + len);
	if (q == NULL)
		return NULL;
	*q = (struct question){ .owner = l, .method = method, .lane = lane, .cb = cb, .arg = arg,
	    .deadline = read_clock() + lanes[lane].seconds, .len = len };
	memcpy(q->call, call, len);
	q->answer = answer_new();
	if (q->answer == NULL) {
		free_question(q);
		return NULL;
	}
	enqueue(q, false);
	return q;
}

void link_forget(struct question *q)
{
	if (q != NULL)
		q->cb = NULL;
}

static void close_line(struct line *ln)
{
	struct link *l = ln->owner;
	struct question *q = ln->asked;

	event_del(&ln->readable);
	event_del(&ln->writable);
	close(ln->fd);
	TAILQ_REMOVE(&l->lines, ln, link);
	if (!ln->follows)
		l->nlines[ln->lane]--;
	if (l->following == ln)
		l->following = NULL;
	if (l->follow_before == ln)
		l->follow_before = NULL;
	cs_wipe(ln->in, ln->got);
	free(ln);
	if (q != NULL)
		free_question(q);
}

/* The connection broke off or was broken off.  What was asked on one that had
 * worked before may have met a daemon that was leaving: it is asked once more,
 * if asking twice does no harm. */
static void lose_line(struct line *ln, bool may_repeat)
{
	struct question *q = ln->asked;
	bool used = ln->used, followed = ln->owner->following == ln;
	struct link *l = ln->owner;

	ln->asked = NULL;
	close_line(ln);
	if (followed) {
		l->follow_again = read_clock() + 1;
		event_active(l->pump, EV_TIMEOUT, 0);
		/* open pages ask, and learn whether the daemon is away */
		l->change_cb((struct cs_str){ NULL, 0 }, l->change_arg);
	}
	if (q == NULL)
		return;
	if (may_repeat && used && !q->again && (q->method->flags & METHOD_AGAIN) != 0 &&
	    q->answer->n == 0 && q->cb != NULL) {
		q->again = true;
		enqueue(q, true);
	} else {
		fail_question(q);
	}
}

static void finish_question(struct line *ln)
{
	struct question *q = ln->asked;

	ln->asked = NULL;
	ln->used = true;
	ln->idle_since = read_clock();
	event_active(ln->owner->pump, EV_TIMEOUT, 0);
	give_answer(q);
}

/* False: it will not go on. */
static bool tell_change(struct line *ln, char *frame, size_t len)
{
	struct link *l = ln->owner;
	struct answer *a = answer_new();
	struct cs_str channel;
	bool more = false;

	if (a == NULL || answer_add(a, frame, len, &more) != CS_OK)
		more = false;
	else if (a->error != NULL && !l->deaf)
		cs_log(CS_LOG_ERR, "the daemon tells no changes: %s", a->error);
	l->deaf = !more;
	channel = answer_string(a, 0, "channel");
	if (channel.len == 0)	/* anything may have happened before we followed */
		channel.p = NULL;
	if (more && (channel.p != NULL || !ln->quiet))
		l->change_cb(channel, l->change_arg);
	ln->quiet = false;
	answer_free(a);
	return more;
}

/* False: the line is gone. */
static bool take_frame(struct line *ln, char *frame, size_t len)
{
	bool more = false;
	enum cs_err e;

	if (ln->follows) {
		if (tell_change(ln, frame, len))
			return true;
		lose_line(ln, false);
		return false;
	}
	e = ln->asked != NULL ? answer_add(ln->asked->answer, frame, len, &more) : CS_ERR_FORMAT;
	if (e != CS_OK) {
		cs_log(CS_LOG_WARNING, "an answer of the daemon: %s", cs_err_text(e));
		lose_line(ln, false);
		return false;
	}
	if (!more)
		finish_question(ln);
	return true;
}

static void take_frames(struct line *ln)
{
	size_t start = 0;
	char *nul;

	while ((nul = memchr(ln->in + start, '\0', ln->got - start)) != NULL) {
		size_t len = (size_t)(nul - (ln->in + start));

		if (!take_frame(ln, ln->in + start, len))
			return;
		start += len + 1;
	}
	if (start == 0 && ln->got == sizeof(ln->in)) {
		cs_log(CS_LOG_WARNING, "an answer of the daemon is too long");
		lose_line(ln, false);
		return;
	}
	memmove(ln->in, ln->in + start, ln->got - start);
	cs_wipe(ln->in + ln->got - start, start);
	ln->got -= start;
}

static void read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct line *ln = arg;
	ssize_t n = recv(fd, ln->in + ln->got, sizeof(ln->in) - ln->got, 0);

	(void)what;
	if (n > 0) {
		ln->got += (size_t)n;
		take_frames(ln);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		lose_line(ln, true);
	}
}

static void write_cb(evutil_socket_t fd, short what, void *arg)
{
	struct line *ln = arg;
	struct question *q = ln->asked;
	ssize_t n;

	(void)what;
	if (q == NULL || ln->sent == q->len)
		return;
	n = send(fd, q->call + ln->sent, q->len - ln->sent, MSG_NOSIGNAL);
	if (n >= 0) {
		ln->sent += (size_t)n;
		if (ln->sent == q->len)
			q->answer->sent = true;
		else
			event_add(&ln->writable, NULL);
	} else if (errno == EAGAIN || errno == EINTR) {
		event_add(&ln->writable, NULL);
	} else {
		lose_line(ln, true);
	}
}

static enum cs_err connect_fd(const char *path, int *out)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	enum cs_err e = CS_ERR_UNREACHABLE;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return CS_ERR_SYSTEM;
	memcpy(sa.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		e = cs_client_check_peer(fd, path);
	else if (errno == EAGAIN)
		e = CS_ERR_FULL;
	else if (errno != ENOENT && errno != ECONNREFUSED)
		e = CS_ERR_SYSTEM;
	if (e != CS_OK)
		close(fd);
	else
		*out = fd;
	return e;
}

static void note_away(struct link *l, enum cs_err e)
{
	if (e == CS_OK && l->away)
		cs_log(CS_LOG_INFO, "the daemon answers again");
	else if (e != CS_OK && !l->away)
		cs_log(CS_LOG_ERR, "%s: %s", l->path,
		    e == CS_ERR_SYSTEM ? strerror(errno) : cs_err_text(e));
	l->away = e != CS_OK;
}

static enum cs_err open_line(struct link *l, enum lane lane, bool follows, struct line **out)
{
	int fd = -1;
	enum cs_err e = connect_fd(l->path, &fd);
	struct line *ln;

	if (e != CS_ERR_FULL)
		note_away(l, e);
	if (e != CS_OK)
		return e;
	ln = malloc(sizeof(*ln));
	if (ln == NULL) {
		close(fd);
		return CS_ERR_NOMEM;
	}
	memset(ln, 0, offsetof(struct line, in));
	ln->owner = l;
	ln->fd = fd;
	ln->lane = lane;
	ln->follows = follows;
	ln->born = ln->idle_since = read_clock();
	event_assign(&ln->readable, l->base, fd, EV_READ | EV_PERSIST, read_cb, ln);
	event_assign(&ln->writable, l->base, fd, EV_WRITE, write_cb, ln);
	event_add(&ln->readable, NULL);
	TAILQ_INSERT_TAIL(&l->lines, ln, link);
	if (!follows)
		l->nlines[lane]++;
	*out = ln;
	return CS_OK;
}

static struct line *find_ready(struct link *l, enum lane lane)
{
	struct line *ln;

	TAILQ_FOREACH(ln, &l->lines, link)
		if (!ln->follows && ln->lane == lane && ln->asked == NULL)
			return ln;
	return NULL;
}

static void ask(struct line *ln, struct question *q)
{
	ln->asked = q;
	ln->sent = 0;
	write_cb(ln->fd, EV_WRITE, ln);
}

static void rest(struct link *l)
{
	static const struct timeval soon = { 0, REST_MS * 1000 };

	event_add(l->pump, &soon);
}

static void pump_lane(struct link *l, enum lane lane)
{
	struct question *q;

	while ((q = TAILQ_FIRST(&l->waiting[lane])) != NULL) {
		struct line *ln;
		enum cs_err e = CS_OK;

		if (q->cb == NULL) {
			free_question(dequeue(l, q));
			continue;
		}
		ln = find_ready(l, lane);
		if (ln == NULL && l->nlines[lane] >= lanes[lane].lines)
			return;
		if (ln == NULL)
			e = open_line(l, lane, false, &ln);
		if (e == CS_ERR_FULL) {
			rest(l);
			return;
		}
		dequeue(l, q);
		if (e == CS_OK)
			ask(ln, q);
		else
			fail_question(q);
	}
}

/* The call that follows is never answered, only added to. */
static void pump_follow(struct link *l)
{
	static const char call[] =
	    "{\"method\":\"io.countersign.panel.Changes\",\"parameters\":{},\"more\":true}";
	struct line *ln;

	if (l->change_cb == NULL || l->following != NULL || read_clock() < l->follow_again)
		return;
	if (open_line(l, LANE_LIVE, true, &ln) != CS_OK) {
		l->follow_again = read_clock() + 1;
		return;
	}
	if (send(ln->fd, call, sizeof(call), MSG_NOSIGNAL) != (ssize_t)sizeof(call)) {
		close_line(ln);
		l->follow_again = read_clock() + 1;
		return;
	}
	ln->quiet = l->follow_before != NULL;
	l->following = ln;
}

static void pump_cb(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;

	(void)fd;
	(void)what;
	for (int lane = 0; lane < LANES; lane++)
		pump_lane(l, (enum lane)lane);
	pump_follow(l);
}

void link_follow(struct link *l, link_change_cb cb, void *arg)
{
	l->change_cb = cb;
	l->change_arg = arg;
	event_active(l->pump, EV_TIMEOUT, 0);
}

static void expire_waiting(struct link *l, int64_t now)
{
	for (int lane = 0; lane < LANES; lane++) {
		struct question *q, *next;

		for (q = TAILQ_FIRST(&l->waiting[lane]); q != NULL; q = next) {
			next = TAILQ_NEXT(q, link);
			if (now < q->deadline)
				continue;
			dequeue(l, q);
			fail_question(q);
			/* the callback may have changed the queue */
			next = TAILQ_FIRST(&l->waiting[lane]);
		}
	}
}

static void renew_follow(struct link *l, int64_t now)
{
	if (l->following != NULL && now - l->following->born >= LIFE_SECONDS) {
		l->follow_before = l->following;
		l->following = NULL;
		pump_follow(l);
	}
	if (l->follow_before != NULL && l->following != NULL &&
	    now - l->following->born >= OVERLAP_SECONDS)
		close_line(l->follow_before);
}

/* True when one was lost, and the list is to be read from its start again. */
static bool expire_line(struct link *l, int64_t now)
{
	struct line *ln;

	TAILQ_FOREACH(ln, &l->lines, link) {
		if (ln->follows)
			continue;
		if (ln->asked != NULL && now >= ln->asked->deadline) {
			lose_line(ln, false);
			return true;
		}
		if (ln->asked == NULL && (now - ln->idle_since >= IDLE_SECONDS ||
		    now - ln->born >= LIFE_SECONDS)) {
			close_line(ln);
			return true;
		}
	}
	return false;
}

static void tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;
	int64_t now = read_clock();

	(void)fd;
	(void)what;
	expire_waiting(l, now);
	while (expire_line(l, now))
		continue;
	renew_follow(l, now);
	event_active(l->pump, EV_TIMEOUT, 0);
}

enum cs_err link_new(struct event_base *base, const char *path, struct link **out)
{
	static const struct timeval second = { 1, 0 };
	struct link *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return CS_ERR_NOMEM;
	l->base = base;
	for (int i = 0; i < LANES; i++)
		TAILQ_INIT(&l->waiting[i]);
	TAILQ_INIT(&l->lines);
	l->path = strdup(path);
	l->pump = event_new(base, -1, 0, pump_cb, l);
	l->tick = event_new(base, -1, EV_PERSIST, tick_cb, l);
	if (l->path == NULL || l->pump == NULL || l->tick == NULL ||
	    event_add(l->tick, &second) == -1) {
		link_free(&l);
		return CS_ERR_NOMEM;
	}
	*out = l;
	return CS_OK;
}

void link_free(struct link **link)
{
	struct link *l = *link;
	struct question *q;
	struct line *ln;

	if (l == NULL)
		return;
	while ((ln = TAILQ_FIRST(&l->lines)) != NULL)
		close_line(ln);
	for (int i = 0; i < LANES; i++)
		while ((q = TAILQ_FIRST(&l->waiting[i])) != NULL)
			free_question(dequeue(l, q));
	if (l->pump != NULL)
		event_free(l->pump);
	if (l->tick != NULL)
		event_free(l->tick);
	free(l->path);
	free(l);
	*link = NULL;
}

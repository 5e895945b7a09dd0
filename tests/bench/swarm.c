/* SPDX-License-Identifier: ISC
 *
 * One loop over epoll; it measures from before the send to after the receive.
 */
#include "swarm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define IN_ROOM (CS_FRAME_MAX + 1)
#define EVENTS 256
#define WARM 4			/* answers for each, before the clock starts */
#define REPLY 512		/* bytes, of most */

struct lane {
	int fd;
	size_t request;		/* in flight */
	double since;
	size_t sent, got;
	char *in;
};

struct swarm {
	const struct script *script;
	struct lane *lanes;
	int epoll;
	size_t next, flying;
	size_t warm;		/* answers to come until the clock starts */
	double seconds, began;
	struct result *result;
	char *replies;		/* each begins with its request's number and its length */
	size_t used, room;
};

struct kept {
	size_t request, len;
};

void die(const char *what)
{
	perror(what);
	exit(3);
}

static void *grow(void *p, size_t size)
{
	p = realloc(p, size);
	if (p == NULL)
		die("memory");
	return p;
}

/* Of pages that are there: who measures must not wait for the kernel to find them. */
static void *room_for(size_t size)
{
	return size == 0 ? NULL : memset(grow(NULL, size), 1, size);
}

double read_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct cs_writer writer;

struct cs_writer *script_begin(struct script *s, const char *method)
{
	if (s->room - s->used < CS_FRAME_MAX + 1) {
		s->room = s->room * 2 + 1048576;
		s->frames = grow(s->frames, s->room);
	}
	if (s->n + 1 >= s->cap) {
		s->cap = s->cap * 2 + 1024;
		s->start = grow(s->start, s->cap * sizeof(s->start[0]));
	}
	s->start[s->n] = s->used;
	cs_writer_call(&writer, s->frames + s->used, CS_FRAME_MAX + 1, method, false);
	return &writer;
}

void script_end(struct script *s)
{
	size_t len;

	if (cs_writer_end(&writer, &len) != CS_OK)
		die("a request that cannot be written");
	s->used += len;
	s->start[++s->n] = s->used;
}

void script_clear(struct script *s)
{
	free(s->frames);
	free(s->start);
	*s = (struct script){ .frames = NULL };
}

int *swarm_open(const char *path, size_t clients)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int *fds = grow(NULL, clients * sizeof(fds[0]));

	if (strlen(path) >= sizeof(sa.sun_path))
		die("the socket's path is too long");
	strcpy(sa.sun_path, path);
	for (size_t i = 0; i < clients; i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		/* Blocking: a full backlog is waited for. */
		if (fds[i] == -1 || connect(fds[i], (struct sockaddr *)&sa, sizeof(sa)) == -1)
			die(path);
		if (fcntl(fds[i], F_SETFL, O_NONBLOCK) == -1)
			die("fcntl");
	}
	return fds;
}

void swarm_close(int *fds, size_t clients)
{
	for (size_t i = 0; i < clients; i++)
		close(fds[i]);
	free(fds);
}

static void send_rest(struct swarm *s, struct lane *lane)
{
	const size_t *start = s->script->start + lane->request;
	const char *p = s->script->frames + start[0] + lane->sent;
	ssize_t n = send(lane->fd, p, start[1] - start[0] - lane->sent, MSG_NOSIGNAL);

	/* A frame is far smaller than a socket's buffer. */
	if (n == -1 || (lane->sent += (size_t)n) < start[1] - start[0])
		die("send");
}

static void ask_next(struct swarm *s, struct lane *lane)
{
	double now = read_seconds();

	if (s->next == s->script->n ||
	    (s->began > 0 && s->seconds > 0 && now >= s->began + s->seconds))
		return;
	lane->request = s->next++;
	lane->since = now;
	lane->sent = lane->got = 0;
	s->flying++;
	send_rest(s, lane);
}

static void complain(const struct cs_msg *msg)
{
	struct cs_str reason = CS_STR(""), say = CS_STR("");

	cs_msg_string(msg, "reason", &reason);
	if (cs_msg_string(msg, "say", &say) != CS_OK)
		cs_msg_string(msg, "why", &say);
	fprintf(stderr, "unexpected: %.*s %.*s %.*s\n", (int)msg->error.len,
	    msg->error.p == NULL ? "" : msg->error.p, (int)reason.len, reason.p, (int)say.len,
	    say.p);
}

static void note_time(struct swarm *s, double since)
{
	double now = read_seconds();

	if (s->warm > 0 && --s->warm == 0)
		s->began = now;
	else if (s->warm == 0 && since >= s->began)
		s->result->usec[s->result->done++] = (now - since) * 1e6;
}

/* Kept, and judged when nobody waits for the next request any more. */
static void take_reply(struct swarm *s, struct lane *lane)
{
	struct kept kept = { lane->request, lane->got };

	note_time(s, lane->since);
	s->flying--;
	s->result->asked++;
	if (s->room - s->used < sizeof(kept) + kept.len) {
		s->room = s->room * 2 + IN_ROOM * 64;
		s->replies = grow(s->replies, s->room);
	}
	memcpy(s->replies + s->used, &kept, sizeof(kept));
	memcpy(s->replies + s->used + sizeof(kept), lane->in, kept.len);
	s->used += sizeof(kept) + kept.len;
	ask_next(s, lane);
}

static void judge(const struct swarm *s, swarm_take take, void *arg)
{
	static struct cs_msg msg;
	struct kept kept;

	for (size_t at = 0; at < s->used; at += sizeof(kept) + kept.len) {
		memcpy(&kept, s->replies + at, sizeof(kept));
		if (cs_msg_decode(s->replies + at + sizeof(kept), kept.len - 1, &msg) != CS_OK)
			die("a reply that is no message");
		if (!take(arg, kept.request, &msg) && s->result->unexpected++ == 0)
			complain(&msg);
	}
}

static void receive(struct swarm *s, struct lane *lane)
{
	ssize_t n = recv(lane->fd, lane->in + lane->got, IN_ROOM - lane->got, 0);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		die("the other side closed the connection");
	lane->got += (size_t)n;
	if (lane->in[lane->got - 1] == '\0')
		take_reply(s, lane);
	else if (lane->got == IN_ROOM)
		die("a reply without an end");
}

static void start(struct swarm *s, const int *fds, size_t clients)
{
	char *in = grow(NULL, clients * IN_ROOM);

	s->lanes = grow(NULL, clients * sizeof(s->lanes[0]));
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll == -1)
		die("epoll");
	for (size_t i = 0; i < clients; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &s->lanes[i] };

		s->lanes[i] = (struct lane){ .fd = fds[i], .in = in + i * IN_ROOM };
		if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fds[i], &event) == -1)
			die("epoll");
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void swarm_run(const int *fds, size_t clients, const struct script *script, double seconds,
    swarm_take take, void *arg, struct result *result)
{
	struct swarm s = { .script = script, .seconds = seconds,
		.warm = seconds > 0 ? WARM * clients : 0, .result = result,
		.room = seconds > 0 ? (script->n + 1) * REPLY : 0 };
	struct epoll_event events[EVENTS];

	s.replies = room_for(s.room);
	*result = (struct result){ .usec = room_for((script->n + 1) * sizeof(double)) };
	start(&s, fds, clients);
	for (size_t i = 0; i < clients; i++)
		ask_next(&s, &s.lanes[i]);
	while (s.flying > 0) {
		int n = epoll_wait(s.epoll, events, EVENTS, 30000);

		if (n == 0)
			die("no answer for half a minute");
		for (int i = 0; i < n; i++)
			receive(&s, events[i].data.ptr);
	}
	result->seconds = read_seconds() - s.began;
	qsort(result->usec, result->done, sizeof(double), compare);
	judge(&s, take, arg);
	free(s.replies);
	close(s.epoll);
	free(s.lanes[0].in);
	free(s.lanes);
}

void result_print(const struct result *r)
{
	size_t n = r->done;

	printf("{\"asked\": %zu, \"done\": %zu, \"unexpected\": %zu, \"seconds\": %.6f",
	    r->asked, n, r->unexpected, r->seconds);
	if (n > 0)
		printf(", \"rate\": %.1f, \"p50\": %.1f, \"p99\": %.1f", (double)n / r->seconds,
		    r->usec[n / 2], r->usec[n - 1 - n / 100]);
}

void result_clear(struct result *r)
{
	free(r->usec);
	*r = (struct result){ .usec = NULL };
}

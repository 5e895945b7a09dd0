/* SPDX-License-Identifier: ISC
 *
 * One connection, two buffers of a fixed size, one deadline.  It distrusts the
 * peer until the kernel has said who that is, and its bytes even then.  It
 * reads no environment, installs no handler, starts no thread, and an exchange
 * that broke off is never taken up again: a late reply must not answer the
 * next question.
 */
#include "client.h"

#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PATH_LEN_MAX 106	/* sun_path with a NUL, and a byte to spare */
#define NAP_MS 10		/* between tries at a full backlog */

struct cs_client {
	int fd;
	int64_t deadline;	/* CLOCK_MONOTONIC, milliseconds; 0: none */
	enum cs_err failed;	/* how the exchange broke off */
	bool streaming;		/* the last reply said that more follow */
	bool unsent;		/* "out" was lent, and nobody knows how much was written */
	size_t start, end;	/* what "in" holds beyond the last reply */
	size_t sent, got;	/* how much of "out" and "in" was ever used, to wipe */
	struct cs_msg msg;
	char out[CS_FRAME_MAX + 1];
	char in[CS_FRAME_MAX + 1];
};

static int64_t read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void cs_client_set_timeout(struct cs_client *c, int timeout_ms)
{
	c->deadline = timeout_ms == 0 ? 0 : read_clock() + timeout_ms;
}

/* Sleeps until the descriptor is ready, in trouble or out of time, as the call
 * that follows will say; at most "most" milliseconds when that is not negative. */
static enum cs_err wait_for(const struct cs_client *c, short events, int most)
{
	struct pollfd p = { .fd = events != 0 ? c->fd : -1, .events = events };

	for (;;) {
		int left = most, n;

		if (c->deadline != 0) {
			int64_t rest = c->deadline - read_clock();

			if (rest <= 0)
				return CS_ERR_TIMEOUT;
			if (left < 0 || rest < left)
				left = (int)rest;
		}
		n = poll(&p, 1, left);
		if (n >= 0)
			return CS_OK;
		if (errno != EINTR)
			return CS_ERR_SYSTEM;
	}
}

/* Never one of the standard three, which the host program may have closed and
 * whatever it opens next would take for its own. */
static enum cs_err open_socket(int *out)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && fd < 3) {
		int low = fd;

		fd = fcntl(low, F_DUPFD_CLOEXEC, 3);
		close(low);
	}
	if (fd < 0)
		return CS_ERR_SYSTEM;
	*out = fd;
	return CS_OK;
}

/* A full backlog is EAGAIN, and poll does not wait for that. */
static enum cs_err connect_to(struct cs_client *c, const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	enum cs_err e;

	memcpy(sa.sun_path, path, strlen(path) + 1);
	while (connect(c->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
			return CS_ERR_UNREACHABLE;
		if (errno != EAGAIN && errno != EINTR)
			return CS_ERR_SYSTEM;
		e = wait_for(c, 0, errno == EAGAIN ? NAP_MS : 0);
		if (e != CS_OK)
			return e;
	}
	return CS_OK;
}

static bool owns_folder(uid_t uid, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_LEN_MAX + 1] = ".";
	struct stat st;

	if (slash != NULL) {
		size_t len = slash == path ? 1 : (size_t)(slash - path);

		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	return stat(folder, &st) == 0 && st.st_uid == uid;
}

enum cs_err cs_client_check_peer(int fd, const char *path)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return CS_ERR_SYSTEM;
	if (peer.uid == 0 || peer.uid == geteuid() || owns_folder(peer.uid, path))
		return CS_OK;
	return CS_ERR_PEER;
}

enum cs_err cs_client_open(const char *path, int timeout_ms, struct cs_client **client)
{
	struct cs_client *c;
	enum cs_err e;

	if (path[0] == '\0')	/* the kernel would make up an abstract name */
		return CS_ERR_UNREACHABLE;
	if (strlen(path) > PATH_LEN_MAX)
		return CS_ERR_LIMIT;
	c = malloc(sizeof(*c));
	if (c == NULL)
		return CS_ERR_NOMEM;
	memset(c, 0, offsetof(struct cs_client, msg));	/* the buffers need no zeros */
	c->fd = -1;
	cs_client_set_timeout(c, timeout_ms);
	e = open_socket(&c->fd);
	if (e == CS_OK)
		e = connect_to(c, path);
	if (e == CS_OK)
		e = cs_client_check_peer(c->fd, path);
	if (e != CS_OK)
		cs_client_close(&c);
	else
		*client = c;
	return e;
}

void cs_client_close(struct cs_client **client)
{
	struct cs_client *c = *client;
	int saved = errno;

	if (c == NULL)
		return;
	if (c->fd >= 0)
		close(c->fd);
	cs_wipe(c->out, c->unsent ? sizeof(c->out) : c->sent);
	cs_wipe(c->in, c->got);
	free(c);
	*client = NULL;
	errno = saved;
}

char *cs_client_buf(struct cs_client *c)
{
	c->unsent = true;
	return c->out;
}

/* What a failed send or receive means: CS_OK when it may be tried again. */
static enum cs_err judge_failure(const struct cs_client *c, short events)
{
	if (errno == EAGAIN || errno == EINTR)
		return wait_for(c, events, -1);
	if (errno == EPIPE || errno == ECONNRESET)
		return CS_ERR_CLOSED;
	return CS_ERR_SYSTEM;
}

static enum cs_err send_frame(const struct cs_client *c, size_t len)
{
	size_t sent = 0;

	while (sent < len) {
		ssize_t n = send(c->fd, c->out + sent, len - sent, MSG_NOSIGNAL);

		if (n >= 0) {
			sent += (size_t)n;
		} else {
			enum cs_err e = judge_failure(c, POLLOUT);

			if (e != CS_OK)
				return e;
		}
	}
	return CS_OK;
}

/* At least one more byte into "in", which has room.  The deadline is looked at
 * before each, so that a peer that drips cannot stretch it. */
static enum cs_err receive_some(struct cs_client *c)
{
	enum cs_err e = wait_for(c, POLLIN, -1);

	while (e == CS_OK) {
		ssize_t n = recv(c->fd, c->in + c->end, sizeof(c->in) - c->end, 0);

		if (n > 0) {
			c->end += (size_t)n;
			if (c->end > c->got)
				c->got = c->end;
			break;
		}
		e = n == 0 ? CS_ERR_CLOSED : judge_failure(c, POLLIN);
	}
	return e;
}

static enum cs_err receive_frame(struct cs_client *c, char **frame, size_t *len)
{
	size_t seen = 0;
	char *nul;

	if (c->start > 0)
		memmove(c->in, c->in + c->start, c->end - c->start);
	c->end -= c->start;
	c->start = 0;
	while ((nul = memchr(c->in + seen, '\0', c->end - seen)) == NULL) {
		enum cs_err e;

		if (c->end == sizeof(c->in))
			return CS_ERR_LIMIT;
		seen = c->end;
		e = receive_some(c);
		if (e != CS_OK)
			return e;
	}
	*frame = c->in;
	*len = (size_t)(nul - c->in);
	c->start = *len + 1;
	return CS_OK;
}

static enum cs_err read_reply(struct cs_client *c)
{
	char *frame;
	size_t len;
	enum cs_err e = receive_frame(c, &frame, &len);

	if (e == CS_OK)
		e = cs_msg_decode(frame, len, &c->msg);
	if (e != CS_OK)
		return e;
	c->streaming = c->msg.continues && c->msg.error.p == NULL;
	if (c->msg.method.p != NULL || (!c->streaming && c->start != c->end))
		return CS_ERR_FORMAT;
	return CS_OK;
}

/* Once failed, failed for good. */
static enum cs_err finish(struct cs_client *c, const struct cs_msg **reply)
{
	if (c->failed == CS_OK)
		c->failed = read_reply(c);
	if (c->failed == CS_OK)
		*reply = &c->msg;
	return c->failed;
}

enum cs_err cs_client_send(struct cs_client *c, size_t len)
{
	if (len == 0 || len > sizeof(c->out))
		return CS_ERR_LIMIT;
	if (len > c->sent)
		c->sent = len;
	c->unsent = false;
	if (c->failed == CS_OK && c->streaming)
		c->failed = CS_ERR_FORMAT;
	if (c->failed == CS_OK)
		c->failed = send_frame(c, len);
	return c->failed;
}

enum cs_err cs_client_receive(struct cs_client *c, const struct cs_msg **reply)
{
	return finish(c, reply);
}

/* Who ends a connection before the question was put may have said why: that
 * there are too many.  Anything but an error is no answer to it. */
static bool read_last_words(struct cs_client *c)
{
	return read_reply(c) == CS_OK && c->msg.error.p != NULL;
}

enum cs_err cs_client_call(struct cs_client *c, size_t len, const struct cs_msg **reply)
{
	bool began = c->failed == CS_OK;
	enum cs_err e = cs_client_send(c, len);

	if (e == CS_OK)
		return cs_client_receive(c, reply);
	if (e != CS_ERR_CLOSED || !began || !read_last_words(c))
		return e;
	*reply = &c->msg;
	return CS_OK;
}

enum cs_err cs_client_next(struct cs_client *c, const struct cs_msg **reply)
{
	if (c->failed == CS_OK && !c->streaming)
		return CS_ERR_NOTFOUND;
	return finish(c, reply);
}

enum cs_err cs_request_id(char out[33])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char raw[16];
	enum cs_err e = cs_random(raw, sizeof(raw));

	if (e != CS_OK)
		return e;
	for (size_t i = 0; i < sizeof(raw); i++) {
		out[2 * i] = hex[raw[i] >> 4];
		out[2 * i + 1] = hex[raw[i] & 15];
	}
	out[32] = '\0';
	return CS_OK;
}

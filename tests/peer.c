/* SPDX-License-Identifier: ISC
 *
 * The process ends with its test, and after 20 seconds whatever happens.
 */
#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

char peer_folder[64], peer_path[80];
struct cs_client *client;
struct cs_str peer_words;
static pid_t child;

int peer_set_up(void **state)
{
	(void)state;
	strcpy(peer_folder, "/tmp/countersign-test.XXXXXX");
	if (mkdtemp(peer_folder) == NULL)
		return -1;
	snprintf(peer_path, sizeof(peer_path), "%s/staff", peer_folder);
	return 0;
}

int peer_tear_down(void **state)
{
	(void)state;
	cs_client_close(&client);
	if (child > 0)
		kill(child, SIGKILL);
	peer_wait();
	unlink(peer_path);
	return rmdir(peer_folder);
}

int peer_listen(const char *path, int backlog)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(fd, backlog) < 0)
		abort();
	return fd;
}

/* Closing "ready" tells the parent that the socket is there. */
static void run(uid_t uid, const int ready[2], peer_act act)
{
	int fd;

	if (uid != getuid() && setuid(uid) < 0)
		abort();
	alarm(20);
	fd = peer_listen(peer_path, 8);
	close(ready[0]);
	close(ready[1]);
	act(accept(fd, NULL, NULL));
	_exit(0);
}

void peer_start(uid_t uid, peer_act act)
{
	int ready[2];
	ssize_t n;
	char byte;

	if (pipe(ready) < 0 || (child = fork()) < 0)
		abort();
	if (child == 0)
		run(uid, ready, act);
	close(ready[1]);
	do
		n = read(ready[0], &byte, 1);
	while (n < 0 && errno == EINTR);	/* one test is full of signals */
	if (n != 0)
		abort();
	close(ready[0]);
}

void peer_wait(void)
{
	if (child > 0)
		waitpid(child, NULL, 0);
	child = 0;
}

int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

enum cs_err ask(const char *text, const struct cs_msg **reply)
{
	struct cs_writer w;
	size_t len;

	cs_writer_call(&w, cs_client_buf(client), CS_FRAME_MAX + 1, "a.Verify", true);
	cs_put_string(&w, "text", cs_str(text));
	assert_int_equal(cs_writer_end(&w, &len), CS_OK);
	return cs_client_call(client, len, reply);
}

enum cs_err ask_peer(peer_act act, int timeout_ms, const struct cs_msg **reply)
{
	peer_start(getuid(), act);
	assert_int_equal(cs_client_open(peer_path, timeout_ms, &client), CS_OK);
	return ask("hello", reply);
}

void assert_text(const struct cs_msg *reply, const char *expected)
{
	struct cs_str text;

	assert_int_equal(cs_msg_string(reply, "text", &text), CS_OK);
	assert_true(cs_str_is(text, expected));
}

void peer_nap(int ms)
{
	poll(NULL, 0, ms);
}

void peer_read_call(int fd)
{
	char c = 1;

	while (c != '\0' && read(fd, &c, 1) == 1)
		;
}

void peer_write(int fd, const char *bytes, size_t len)
{
	if (write(fd, bytes, len) < 0)
		_exit(1);
}

void echo(int fd)
{
	static char in[CS_FRAME_MAX + 1], out[CS_FRAME_MAX + 1];
	static struct cs_msg msg;
	struct cs_str text;
	struct cs_writer w;
	size_t len = 0;

	while (len < sizeof(in) && read(fd, in + len, 1) == 1) {
		if (in[len++] != '\0')
			continue;
		if (cs_msg_decode(in, len - 1, &msg) != CS_OK ||
		    cs_msg_string(&msg, "text", &text) != CS_OK)
			_exit(1);
		cs_writer_reply(&w, out, sizeof(out), false);
		cs_put_string(&w, "text", text);
		if (cs_writer_end(&w, &len) != CS_OK)
			_exit(1);
		peer_write(fd, out, len);
		len = 0;
	}
}

void say_nothing(int fd)
{
	(void)fd;
	peer_nap(10000);
}

void close_at_once(int fd)
{
	close(fd);
}

void say_and_close(int fd)
{
	peer_read_call(fd);
	peer_write(fd, peer_words.p, peer_words.len);
}

void say(int fd)
{
	say_and_close(fd);
	peer_nap(10000);
}

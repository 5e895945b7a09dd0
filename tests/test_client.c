/* SPDX-License-Identifier: ISC
 *
 * The client against peers that are absent, silent, slow, confused or somebody
 * else: each is a forked process on a real socket in a folder of its own.
 */
#include "../lib/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY 65534

static char folder[64], path[80];
static pid_t child;
static struct cs_client *client;

/* ---- the peer ---------------------------------------------------------- */

static int listen_at(const char *where, int backlog)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, where);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(fd, backlog) < 0)
		abort();
	return fd;
}

/* Forks a peer that listens as uid, takes one connection and acts on it. */
static void start_peer(uid_t uid, void (*act)(int fd))
{
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int fd;

		if (uid != 0 && setuid(uid) < 0)
			abort();
		alarm(20);
		fd = listen_at(path, 8);
		close(ready[0]);
		close(ready[1]);
		fd = accept(fd, NULL, NULL);
		act(fd);
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
}

static void stop_peer(void)
{
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	child = 0;
}

static void nap(int ms)
{
	poll(NULL, 0, ms);
}

static void read_call(int fd)
{
	char c = 1;

	while (c != '\0' && read(fd, &c, 1) == 1)
		;
}

static void write_bytes(int fd, const char *p, size_t len)
{
	if (write(fd, p, len) < 0)
		_exit(1);
}

#define WRITE(fd, literal) write_bytes((fd), (literal), sizeof(literal) - 1)
#define ROW(n) "{\"parameters\":{\"row\":" #n "},\"continues\":true}\0"
#define DONE "{\"parameters\":{}}\0"

/* Answers each call with what it was sent last in "text". */
static void echo(int fd)
{
	static char in[CS_FRAME_MAX + 1], out[CS_FRAME_MAX + 1];
	static struct cs_msg msg;
	struct cs_writer w;
	struct cs_str text = CS_STR("");
	size_t len;

	for (;;) {
		for (len = 0; len < sizeof(in) && read(fd, in + len, 1) == 1 && in[len] != '\0'; len++)
			;
		if (len == 0 || cs_msg_decode(in, len, &msg) != CS_OK)
			_exit(1);
		cs_msg_string(&msg, "text", &text);
		cs_writer_reply(&w, out, sizeof(out), false);
		cs_put_string(&w, "text", text);
		if (cs_writer_end(&w, &len) != CS_OK)
			_exit(1);
		write_bytes(fd, out, len);
	}
}

static void say_nothing(int fd)
{
	(void)fd;
	nap(10000);
}

static void close_at_once(int fd)
{
	close(fd);
}

static void send_garbage(int fd)
{
	read_call(fd);
	WRITE(fd, "HTTP/1.1 400 Bad Request\r\n\r\n\0");
	nap(10000);
}

static void send_an_empty_frame(int fd)
{
	read_call(fd);
	WRITE(fd, "\0");
	nap(10000);
}

static void send_a_call(int fd)
{
	read_call(fd);
	WRITE(fd, "{\"method\":\"a.B\",\"parameters\":{}}\0");
	nap(10000);
}

static void send_half_and_wait(int fd)
{
	read_call(fd);
	WRITE(fd, "{\"parameters\":{\"ver");
	nap(10000);
}

static void send_half_and_close(int fd)
{
	read_call(fd);
	WRITE(fd, "{\"parameters\":{\"ver");
}

static void send_all_but_the_nul_and_close(int fd)
{
	read_call(fd);
	WRITE(fd, "{\"parameters\":{}}");
}

static void drip(int fd, int ms)
{
	static const char reply[] = "{\"parameters\":{\"text\":\"one byte at a time\"}}";

	read_call(fd);
	for (size_t i = 0; i < sizeof(reply); i++) {
		write_bytes(fd, reply + i, 1);
		nap(ms);
	}
	nap(10000);
}

static void drip_fast(int fd)
{
	drip(fd, 1);
}

static void drip_slowly(int fd)
{
	drip(fd, 40);
}

static void send_two_replies(int fd)
{
	read_call(fd);
	WRITE(fd, DONE DONE);
	nap(10000);
}

static void send_three_rows_at_once(int fd)
{
	read_call(fd);
	WRITE(fd, ROW(1) ROW(2) DONE);
	nap(10000);
}

static void send_rows_cut_anywhere(int fd)
{
	read_call(fd);
	WRITE(fd, ROW(1) "{\"parame");
	nap(30);
	WRITE(fd, "ters\":{\"row\":2},\"continues\":true}\0" "{");
	nap(30);
	WRITE(fd, "\"parameters\":{}}\0");
	nap(10000);
}

static void send_a_row_and_an_error(int fd)
{
	read_call(fd);
	WRITE(fd, ROW(1) "{\"error\":\"io.countersign.control.Unavailable\",\"parameters\":{},\"continues\":true}\0");
	nap(10000);
}

static void send_a_row_and_more_than_the_end(int fd)
{
	read_call(fd);
	WRITE(fd, ROW(1) DONE "{");
	nap(10000);
}

/* In large pieces, so that the client never runs dry. */
static void send_rows_for_ever(int fd)
{
	static char rows[1024 * (sizeof(ROW(1)) - 1)];

	for (size_t at = 0; at < sizeof(rows); at += sizeof(ROW(1)) - 1)
		memcpy(rows + at, ROW(1), sizeof(ROW(1)) - 1);
	read_call(fd);
	for (;;)
		write_bytes(fd, rows, sizeof(rows));
}

/* {"parameters":{"text":"xxx..."}} of len bytes, then a NUL. */
static void send_long(int fd, size_t len)
{
	static const char before[] = "{\"parameters\":{\"text\":\"", after[] = "\"}}";
	char *reply = malloc(len + 1);

	memset(reply, 'x', len);
	memcpy(reply, before, sizeof(before) - 1);
	memcpy(reply + len + 1 - sizeof(after), after, sizeof(after));
	read_call(fd);
	write_bytes(fd, reply, len + 1);
	nap(10000);
}

static void send_the_longest(int fd)
{
	send_long(fd, CS_FRAME_MAX);
}

static void send_one_too_long(int fd)
{
	send_long(fd, CS_FRAME_MAX + 1);
}

static void send_huge(int fd)
{
	send_long(fd, 20 * CS_FRAME_MAX);
}

static void answer_late(int fd)
{
	read_call(fd);
	nap(300);
	WRITE(fd, "{\"parameters\":{\"text\":\"late\"}}\0");
	read_call(fd);
	WRITE(fd, "{\"parameters\":{\"text\":\"second\"}}\0");
	nap(10000);
}

/* ---- asking it --------------------------------------------------------- */

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_client.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/staff", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	cs_client_close(&client);
	stop_peer();
	unlink(path);
	return rmdir(folder);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static enum cs_err ask(const char *text, const struct cs_msg **reply)
{
	struct cs_writer w;
	size_t len;

	cs_writer_call(&w, cs_client_buf(client), CS_FRAME_MAX + 1, "io.countersign.staff.Verify", true);
	cs_put_string(&w, "text", cs_str(text));
	assert_int_equal(cs_writer_end(&w, &len), CS_OK);
	return cs_client_call(client, len, reply);
}

static enum cs_err ask_peer(void (*act)(int fd), int timeout_ms, const struct cs_msg **reply)
{
	start_peer(0, act);
	assert_int_equal(cs_client_open(path, timeout_ms, &client), CS_OK);
	return ask("hello", reply);
}

static void assert_text(const struct cs_msg *reply, const char *expected)
{
	struct cs_str text;

	assert_int_equal(cs_msg_string(reply, "text", &text), CS_OK);
	assert_true(cs_str_is(text, expected));
}

static void assert_row(const struct cs_msg *reply, int expected)
{
	int64_t row;

	assert_int_equal(cs_msg_int(reply, "row", &row), CS_OK);
	assert_int_equal(row, expected);
	assert_true(reply->continues);
}

/* Runs until the deadline of ms, and not much longer. */
static void assert_times_out(void (*act)(int fd), int ms)
{
	const struct cs_msg *reply = NULL;
	int64_t start = now_ms(), took;

	assert_int_equal(ask_peer(act, ms, &reply), CS_ERR_TIMEOUT);
	took = now_ms() - start;
	assert_in_range(took, ms - 1, ms + 1500);
	assert_null(reply);
}

/* ---- tests ------------------------------------------------------------- */

static void questions_are_answered_one_after_another(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	assert_int_equal(ask_peer(echo, 5000, &reply), CS_OK);
	assert_text(reply, "hello");
	assert_int_equal(ask("again", &reply), CS_OK);
	assert_text(reply, "again");
	cs_client_close(&client);
	assert_null(client);
	cs_client_close(&client);
}

static void an_absent_socket_is_unreachable(void **state)
{
	char inside[160];

	(void)state;
	assert_int_equal(cs_client_open(path, 1000, &client), CS_ERR_UNREACHABLE);
	close(listen_at(path, 1));
	assert_int_equal(cs_client_open(path, 1000, &client), CS_ERR_UNREACHABLE);
	snprintf(inside, sizeof(inside), "%s/inside", path);
	assert_int_equal(cs_client_open(inside, 1000, &client), CS_ERR_UNREACHABLE);
	assert_null(client);
}

/* To the kernel a path of no bytes is an abstract name, which anybody takes. */
static void an_empty_path_is_unreachable_whoever_listens(void **state)
{
	int fd = listen_at("", 1);

	(void)state;
	assert_int_equal(cs_client_open("", 1000, &client), CS_ERR_UNREACHABLE);
	close(fd);
}

static void a_path_of_107_bytes_is_refused(void **state)
{
	char name[128];

	(void)state;
	memset(name, 'x', sizeof(name));
	memcpy(name, "/tmp/", 5);
	name[107] = '\0';
	assert_int_equal(cs_client_open(name, 1000, &client), CS_ERR_LIMIT);
	name[106] = '\0';
	assert_int_equal(cs_client_open(name, 1000, &client), CS_ERR_UNREACHABLE);
}

static void a_socket_that_is_not_for_us_is_told_apart(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	if (getuid() != 0)
		skip();
	assert_int_equal(chmod(folder, 0755), 0);
	close(listen_at(path, 1));
	assert_int_equal(chmod(path, 0600), 0);
	pid = fork();
	if (pid == 0) {
		enum cs_err e;

		if (setuid(NOBODY) < 0)
			_exit(2);
		e = cs_client_open(path, 1000, &client);
		_exit(e == CS_ERR_SYSTEM && errno == EACCES ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static void a_peer_of_another_uid_is_refused(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	assert_int_equal(chmod(folder, 0777), 0);
	start_peer(NOBODY, echo);
	assert_int_equal(cs_client_open(path, 1000, &client), CS_ERR_PEER);
	assert_null(client);
}

static void the_owner_of_the_folder_is_believed(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	if (getuid() != 0)
		skip();
	assert_int_equal(chown(folder, NOBODY, (gid_t)-1), 0);
	start_peer(NOBODY, echo);
	assert_int_equal(cs_client_open(path, 1000, &client), CS_OK);
	assert_int_equal(ask("hello", &reply), CS_OK);
}

/* The same, by a name without a slash and one that lies in "/". */
static void a_folder_is_found_for_every_form_of_path(void **state)
{
	char before[256];

	(void)state;
	if (getuid() != 0)
		skip();
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chown(folder, NOBODY, (gid_t)-1), 0);
	assert_int_equal(chdir(folder), 0);
	start_peer(NOBODY, echo);
	assert_int_equal(cs_client_open("staff", 1000, &client), CS_OK);
	assert_int_equal(chdir(before), 0);
}

static void a_silent_peer_is_left_at_the_deadline(void **state)
{
	(void)state;
	assert_times_out(say_nothing, 200);
}

static void half_a_reply_is_left_at_the_deadline(void **state)
{
	(void)state;
	assert_times_out(send_half_and_wait, 200);
}

static void a_peer_that_drips_does_not_stretch_the_deadline(void **state)
{
	(void)state;
	assert_times_out(drip_slowly, 300);
}

static void a_peer_that_never_stops_does_not_stretch_the_deadline(void **state)
{
	const struct cs_msg *reply;
	int64_t start = now_ms();
	enum cs_err e = ask_peer(send_rows_for_ever, 200, &reply);

	(void)state;
	while (e == CS_OK && now_ms() - start < 5000)
		e = cs_client_next(client, &reply);
	assert_int_equal(e, CS_ERR_TIMEOUT);
}

static void a_full_backlog_is_left_at_the_deadline(void **state)
{
	int fds[64], n = 0, listener = listen_at(path, 0);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int64_t start;

	(void)state;
	strcpy(sa.sun_path, path);
	do {
		fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	} while (connect(fds[n++], (struct sockaddr *)&sa, sizeof(sa)) == 0 && n < 64);
	assert_int_equal(errno, EAGAIN);
	start = now_ms();
	assert_int_equal(cs_client_open(path, 200, &client), CS_ERR_TIMEOUT);
	assert_in_range(now_ms() - start, 199, 1700);
	assert_null(client);
	while (n > 0)
		close(fds[--n]);
	close(listener);
}

static void a_full_backlog_that_drains_is_waited_for(void **state)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fds[64], n = 0, listener = listen_at(path, 0);

	(void)state;
	strcpy(sa.sun_path, path);
	do {
		fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	} while (connect(fds[n++], (struct sockaddr *)&sa, sizeof(sa)) == 0 && n < 64);
	child = fork();
	if (child == 0) {
		nap(100);
		for (;;)
			close(accept(listener, NULL, NULL));
	}
	assert_int_equal(cs_client_open(path, 5000, &client), CS_OK);
	while (n > 0)
		close(fds[--n]);
	close(listener);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int sig)
{
	(void)sig;
	alarms++;
}

static void signals_neither_end_nor_stretch_the_wait(void **state)
{
	struct sigaction sa = { .sa_handler = count_alarm }, before;
	struct itimerval often = { { 0, 10000 }, { 0, 10000 } }, off = { 0 };

	(void)state;
	sigaction(SIGALRM, &sa, &before);
	setitimer(ITIMER_REAL, &often, NULL);
	alarms = 0;
	assert_times_out(say_nothing, 300);
	setitimer(ITIMER_REAL, &off, NULL);
	sigaction(SIGALRM, &before, NULL);
	assert_true(alarms > 5);
}

static void a_new_deadline_begins_when_it_is_set(void **state)
{
	const struct cs_msg *reply;
	int64_t start;

	(void)state;
	start_peer(0, say_nothing);
	assert_int_equal(cs_client_open(path, 50, &client), CS_OK);
	nap(80);
	cs_client_set_timeout(client, 200);
	start = now_ms();
	assert_int_equal(ask("hello", &reply), CS_ERR_TIMEOUT);
	assert_in_range(now_ms() - start, 199, 1700);
}

static void no_deadline_waits(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	assert_int_equal(ask_peer(answer_late, 0, &reply), CS_OK);
	assert_text(reply, "late");
}

static void a_late_reply_never_answers_the_next_question(void **state)
{
	const struct cs_msg *reply = NULL;

	(void)state;
	assert_int_equal(ask_peer(answer_late, 100, &reply), CS_ERR_TIMEOUT);
	nap(300);
	cs_client_set_timeout(client, 2000);
	assert_int_equal(ask("second", &reply), CS_ERR_TIMEOUT);
	assert_int_equal(cs_client_next(client, &reply), CS_ERR_TIMEOUT);
	assert_null(reply);
}

static const struct {
	const char *what;
	void (*act)(int fd);
	enum cs_err expected;
} bad_peers[] = {
	{ "garbage", send_garbage, CS_ERR_FORMAT },
	{ "an empty frame", send_an_empty_frame, CS_ERR_FORMAT },
	{ "a call", send_a_call, CS_ERR_FORMAT },
	{ "two replies", send_two_replies, CS_ERR_FORMAT },
	{ "half a reply and the end", send_half_and_close, CS_ERR_CLOSED },
	{ "a reply without its NUL", send_all_but_the_nul_and_close, CS_ERR_CLOSED },
	{ "nothing and the end", close_at_once, CS_ERR_CLOSED },
	{ "a byte too many", send_one_too_long, CS_ERR_LIMIT },
	{ "a huge reply", send_huge, CS_ERR_LIMIT },
};

static void a_peer_that_misbehaves_is_an_error_at_once(void **state)
{
	for (size_t i = 0; i < sizeof(bad_peers) / sizeof(bad_peers[0]); i++) {
		const struct cs_msg *reply = NULL;
		int64_t start = now_ms();
		enum cs_err e = ask_peer(bad_peers[i].act, 5000, &reply);

		if (e != bad_peers[i].expected || reply != NULL || now_ms() - start > 3000)
			fail_msg("%s: %s", bad_peers[i].what, cs_err_text(e));
		assert_int_equal(ask("once more", &reply), e);
		assert_int_equal(remove_folder(state), 0);
		assert_int_equal(make_folder(state), 0);
	}
}

/* The default action of SIGPIPE would end this process. */
static void a_call_to_a_peer_that_is_gone_raises_no_signal(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	start_peer(0, close_at_once);
	assert_int_equal(cs_client_open(path, 2000, &client), CS_OK);
	assert_int_equal(waitpid(child, NULL, 0), child);
	child = 0;
	assert_int_equal(ask("hello", &reply), CS_ERR_CLOSED);
}

static void a_reply_of_single_bytes_is_put_together(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	assert_int_equal(ask_peer(drip_fast, 5000, &reply), CS_OK);
	assert_text(reply, "one byte at a time");
}

static void the_longest_reply_is_taken(void **state)
{
	const struct cs_msg *reply;
	struct cs_str text;

	(void)state;
	assert_int_equal(ask_peer(send_the_longest, 5000, &reply), CS_OK);
	assert_int_equal(cs_msg_string(reply, "text", &text), CS_OK);
	assert_int_equal(text.len, CS_FRAME_MAX - strlen("{\"parameters\":{\"text\":\"\"}}"));
}

static void assert_list(void (*act)(int fd))
{
	const struct cs_msg *reply;

	assert_int_equal(ask_peer(act, 5000, &reply), CS_OK);
	assert_row(reply, 1);
	assert_int_equal(cs_client_next(client, &reply), CS_OK);
	assert_row(reply, 2);
	assert_int_equal(cs_client_next(client, &reply), CS_OK);
	assert_false(reply->continues);
	assert_int_equal(cs_client_next(client, &reply), CS_ERR_NOTFOUND);
}

static void rows_in_one_write_are_kept_for_later(void **state)
{
	(void)state;
	assert_list(send_three_rows_at_once);
}

static void rows_cut_anywhere_are_put_together(void **state)
{
	(void)state;
	assert_list(send_rows_cut_anywhere);
}

static void an_error_ends_a_list(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	assert_int_equal(ask_peer(send_a_row_and_an_error, 5000, &reply), CS_OK);
	assert_int_equal(cs_client_next(client, &reply), CS_OK);
	assert_true(cs_str_is(reply->error, "io.countersign.control.Unavailable"));
	assert_int_equal(cs_client_next(client, &reply), CS_ERR_NOTFOUND);
}

static void bytes_after_the_end_of_a_list_are_refused(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	assert_int_equal(ask_peer(send_a_row_and_more_than_the_end, 5000, &reply), CS_OK);
	assert_int_equal(cs_client_next(client, &reply), CS_ERR_FORMAT);
}

static void an_unread_list_does_not_answer_the_next_question(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	assert_int_equal(ask_peer(send_three_rows_at_once, 5000, &reply), CS_OK);
	assert_int_equal(ask("another", &reply), CS_ERR_FORMAT);
	assert_int_equal(cs_client_next(client, &reply), CS_ERR_FORMAT);
}

static int count_open(bool *all_close_on_exec)
{
	int n = 0;

	for (int fd = 3; fd < 64; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags < 0)
			continue;
		n++;
		if (!(flags & FD_CLOEXEC))
			*all_close_on_exec = false;
	}
	return n;
}

/* In a process of its own, whose descriptors from "lowest" on are closed. */
static int use_descriptors(int lowest)
{
	const struct cs_msg *reply;
	bool closing = true;

	for (int fd = lowest; fd < 64; fd++)
		close(fd);
	if (cs_client_open(path, 2000, &client) != CS_OK || ask("hello", &reply) != CS_OK)
		return 1;
	for (int fd = lowest; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 2;
	if (count_open(&closing) != 1 || !closing)
		return 3;
	cs_client_close(&client);
	return count_open(&closing) == 0 ? 0 : 4;
}

static void the_descriptor_is_at_least_three_and_closes_on_exec(void **state)
{
	for (int lowest = 0; lowest <= 3; lowest++) {
		int status;
		pid_t pid;

		start_peer(0, echo);
		pid = fork();
		if (pid == 0)
			_exit(use_descriptors(lowest));
		waitpid(pid, &status, 0);
		assert_int_equal(status, 0);
		assert_int_equal(remove_folder(state), 0);
		assert_int_equal(make_folder(state), 0);
	}
}

static void a_failed_open_leaves_no_descriptor(void **state)
{
	bool closing;
	int before = count_open(&closing);

	(void)state;
	assert_int_equal(cs_client_open(path, 1000, &client), CS_ERR_UNREACHABLE);
	assert_int_equal(count_open(&closing), before);
}

static void a_frame_longer_than_the_buffer_is_not_sent(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	start_peer(0, echo);
	assert_int_equal(cs_client_open(path, 1000, &client), CS_OK);
	assert_int_equal(cs_client_call(client, CS_FRAME_MAX + 2, &reply), CS_ERR_LIMIT);
	assert_int_equal(cs_client_call(client, 0, &reply), CS_ERR_LIMIT);
	assert_int_equal(ask("hello", &reply), CS_OK);
}

static void request_ids_are_new_each_time(void **state)
{
	char a[33], b[33];

	(void)state;
	assert_int_equal(cs_request_id(a), CS_OK);
	assert_int_equal(cs_request_id(b), CS_OK);
	assert_int_equal(strlen(a), 32);
	assert_int_equal(strspn(a, "0123456789abcdef"), 32);
	assert_string_not_equal(a, b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(questions_are_answered_one_after_another),
		TEST(an_absent_socket_is_unreachable),
		TEST(an_empty_path_is_unreachable_whoever_listens),
		TEST(a_path_of_107_bytes_is_refused),
		TEST(a_socket_that_is_not_for_us_is_told_apart),
		TEST(a_peer_of_another_uid_is_refused),
		TEST(the_owner_of_the_folder_is_believed),
		TEST(a_folder_is_found_for_every_form_of_path),
		TEST(a_silent_peer_is_left_at_the_deadline),
		TEST(half_a_reply_is_left_at_the_deadline),
		TEST(a_peer_that_drips_does_not_stretch_the_deadline),
		TEST(a_peer_that_never_stops_does_not_stretch_the_deadline),
		TEST(a_full_backlog_is_left_at_the_deadline),
		TEST(a_full_backlog_that_drains_is_waited_for),
		TEST(signals_neither_end_nor_stretch_the_wait),
		TEST(a_new_deadline_begins_when_it_is_set),
		TEST(no_deadline_waits),
		TEST(a_late_reply_never_answers_the_next_question),
		TEST(a_peer_that_misbehaves_is_an_error_at_once),
		TEST(a_call_to_a_peer_that_is_gone_raises_no_signal),
		TEST(a_reply_of_single_bytes_is_put_together),
		TEST(the_longest_reply_is_taken),
		TEST(rows_in_one_write_are_kept_for_later),
		TEST(rows_cut_anywhere_are_put_together),
		TEST(an_error_ends_a_list),
		TEST(bytes_after_the_end_of_a_list_are_refused),
		TEST(an_unread_list_does_not_answer_the_next_question),
		TEST(the_descriptor_is_at_least_three_and_closes_on_exec),
		TEST(a_failed_open_leaves_no_descriptor),
		TEST(a_frame_longer_than_the_buffer_is_not_sent),
		TEST(request_ids_are_new_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

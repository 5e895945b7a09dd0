/* SPDX-License-Identifier: ISC
 *
 * One deadline over everything: the client against peers that are silent,
 * slow, busy or never finish, and under signals.
 */
#include "peer.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void drip(int fd, int ms)
{
	static const char reply[] = "{\"parameters\":{\"text\":\"one byte at a time\"}}";

	peer_read_call(fd);
	for (size_t i = 0; i < sizeof(reply); i++) {
		peer_write(fd, reply + i, 1);
		peer_nap(ms);
	}
	peer_nap(10000);
}

static void drip_fast(int fd)
{
	drip(fd, 1);
}

static void drip_slowly(int fd)
{
	drip(fd, 400);
}

static void answer_late(int fd)
{
	peer_read_call(fd);
	peer_nap(300);
	PEER_WRITE(fd, "{\"parameters\":{\"text\":\"late\"}}\0");
	peer_read_call(fd);
	PEER_WRITE(fd, "{\"parameters\":{\"text\":\"second\"}}\0");
	peer_nap(10000);
}

enum { STRETCHED = 10000 };	/* what peers make of it where they can */

/* Runs until the deadline of ms, not until the peer has done. */
static void assert_times_out(peer_act act, int ms)
{
	const struct cs_msg *reply = NULL;
	int64_t start = now_ms(), took;

	assert_int_equal(ask_peer(act, ms, &reply), CS_ERR_TIMEOUT);
	took = now_ms() - start;
	assert_in_range(took, ms - 1, STRETCHED);
	assert_null(reply);
}

static void a_reply_of_single_bytes_is_put_together(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	assert_int_equal(ask_peer(drip_fast, 5000, &reply), CS_OK);
	assert_text(reply, "one byte at a time");
}

static void a_silent_peer_is_left_at_the_deadline(void **state)
{
	(void)state;
	assert_times_out(say_nothing, 200);
}

static void half_a_reply_is_left_at_the_deadline(void **state)
{
	(void)state;
	peer_words = CS_STR("{\"parameters\":{\"ver");
	assert_times_out(say, 200);
}

static void a_peer_that_drips_does_not_stretch_the_deadline(void **state)
{
	(void)state;
	assert_times_out(drip_slowly, 300);
}

/* What came before the deadline may be read after it, one buffer full, but the
 * socket is not asked again, though there is more in it. */
static void a_peer_that_never_stops_does_not_stretch_the_deadline(void **state)
{
	static char rows[1024 * (sizeof(ROW(1)) - 1)];
	const struct cs_msg *reply;
	size_t taken = 0;

	(void)state;
	for (size_t at = 0; at < sizeof(rows); at += sizeof(ROW(1)) - 1)
		memcpy(rows + at, ROW(1), sizeof(ROW(1)) - 1);
	peer_words = (struct cs_str){ rows, sizeof(rows) };
	assert_int_equal(ask_peer(say, 5000, &reply), CS_OK);
	cs_client_set_timeout(client, 50);
	peer_nap(100);
	while (cs_client_next(client, &reply) == CS_OK)
		taken++;
	assert_int_equal(cs_client_next(client, &reply), CS_ERR_TIMEOUT);
	assert_true(taken <= (CS_FRAME_MAX + 1) / (sizeof(ROW(1)) - 1));
}

/* Connects until the listener takes no more; returns how many. */
static size_t fill_backlog(int fds[64])
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t n = 0;

	strcpy(sa.sun_path, peer_path);
	do {
		fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	} while (connect(fds[n++], (struct sockaddr *)&sa, sizeof(sa)) == 0 && n < 64);
	assert_int_equal(errno, EAGAIN);
	return n;
}

static void a_full_backlog_is_left_at_the_deadline(void **state)
{
	int fds[64], listener = peer_listen(peer_path, 0);
	size_t n = fill_backlog(fds);
	int64_t start = now_ms();

	(void)state;
	assert_int_equal(cs_client_open(peer_path, 200, &client), CS_ERR_TIMEOUT);
	assert_in_range(now_ms() - start, 199, STRETCHED);
	assert_null(client);
	while (n > 0)
		close(fds[--n]);
	close(listener);
}

static void a_full_backlog_that_drains_is_waited_for(void **state)
{
	int fds[64], listener = peer_listen(peer_path, 0);
	size_t n = fill_backlog(fds);
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		peer_nap(100);
		for (;;)
			close(accept(listener, NULL, NULL));
	}
	assert_int_equal(cs_client_open(peer_path, 5000, &client), CS_OK);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
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
	assert_true(alarms > 0);
}

static void a_new_deadline_begins_when_it_is_set(void **state)
{
	const struct cs_msg *reply;
	int64_t start;

	(void)state;
	peer_start(getuid(), say_nothing);
	assert_int_equal(cs_client_open(peer_path, 50, &client), CS_OK);
	peer_nap(80);
	cs_client_set_timeout(client, 200);
	start = now_ms();
	assert_int_equal(ask("hello", &reply), CS_ERR_TIMEOUT);
	assert_in_range(now_ms() - start, 199, STRETCHED);
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
	peer_nap(300);
	cs_client_set_timeout(client, 2000);
	assert_int_equal(ask("second", &reply), CS_ERR_TIMEOUT);
	assert_int_equal(cs_client_next(client, &reply), CS_ERR_TIMEOUT);
	assert_null(reply);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, peer_set_up, peer_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reply_of_single_bytes_is_put_together),
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

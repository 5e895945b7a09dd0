/* SPDX-License-Identifier: ISC
 *
 * The client against peers that are absent, confused or somebody else: each is
 * a process on a real socket (peer.h).  Time is in test_client_deadline.c.
 */
#include "../lib/client.h"

#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY 65534

static void send_rows_cut_anywhere(int fd)
{
	peer_read_call(fd);
	PEER_WRITE(fd, ROW(1) "{\"parame");
	peer_nap(30);
	PEER_WRITE(fd, "ters\":{\"row\":2},\"continues\":true}\0{");
	peer_nap(30);
	PEER_WRITE(fd, "\"parameters\":{}}\0");
	peer_nap(10000);
}

static void assert_row(const struct cs_msg *reply, int expected)
{
	int64_t row;

	assert_int_equal(cs_msg_int(reply, "row", &row), CS_OK);
	assert_int_equal(row, expected);
	assert_true(reply->continues);
}

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
	assert_int_equal(cs_client_open(peer_path, 1000, &client), CS_ERR_UNREACHABLE);
	close(peer_listen(peer_path, 1));
	assert_int_equal(cs_client_open(peer_path, 1000, &client), CS_ERR_UNREACHABLE);
	snprintf(inside, sizeof(inside), "%s/inside", peer_path);
	assert_int_equal(cs_client_open(inside, 1000, &client), CS_ERR_UNREACHABLE);
	assert_null(client);
}

/* To the kernel a path of no bytes is an abstract name, which anybody takes. */
static void an_empty_path_is_unreachable_whoever_listens(void **state)
{
	int fd = peer_listen("", 1);

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
	assert_int_equal(chmod(peer_folder, 0755), 0);
	close(peer_listen(peer_path, 1));
	assert_int_equal(chmod(peer_path, 0600), 0);
	pid = fork();
	if (pid == 0) {
		enum cs_err e;

		if (setuid(NOBODY) < 0)
			_exit(2);
		e = cs_client_open(peer_path, 1000, &client);
		_exit(e == CS_ERR_SYSTEM && errno == EACCES ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static void say_and_leave(int fd)
{
	peer_write(fd, peer_words.p, peer_words.len);
	PEER_WRITE(fd, "\0");
}

/* What is asked then is never read. */
static enum cs_err ask_who_left(struct cs_str last_words, const struct cs_msg **reply)
{
	peer_words = last_words;
	peer_start(getuid(), say_and_leave);
	assert_int_equal(cs_client_open(peer_path, 5000, &client), CS_OK);
	peer_wait();
	return ask("too late", reply);
}

static void who_leaves_first_may_have_said_why(void **state)
{
	const struct cs_msg *reply = NULL;

	(void)state;
	assert_int_equal(ask_who_left(CS_STR("{\"error\":\"io.countersign.staff.Unavailable\"}"),
	    &reply), CS_OK);
	assert_true(cs_str_is(reply->error, "io.countersign.staff.Unavailable"));
	assert_int_equal(ask("again", &reply), CS_ERR_CLOSED);
}

static void who_leaves_first_has_answered_nothing(void **state)
{
	const struct cs_msg *reply = NULL;

	(void)state;
	assert_int_equal(ask_who_left(CS_STR("{\"parameters\":{\"verdict\":\"accepted\"}}"),
	    &reply), CS_ERR_CLOSED);
	assert_null(reply);
}

static void a_peer_of_another_uid_is_refused(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	assert_int_equal(chmod(peer_folder, 0777), 0);
	peer_start(NOBODY, echo);
	assert_int_equal(cs_client_open(peer_path, 1000, &client), CS_ERR_PEER);
	assert_null(client);
}

static void the_owner_of_the_folder_is_believed(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	if (getuid() != 0)
		skip();
	assert_int_equal(chown(peer_folder, NOBODY, (gid_t)-1), 0);
	peer_start(NOBODY, echo);
	assert_int_equal(cs_client_open(peer_path, 1000, &client), CS_OK);
	assert_int_equal(ask("hello", &reply), CS_OK);
}

static void a_path_without_a_slash_lies_in_this_folder(void **state)
{
	char before[256];

	(void)state;
	if (getuid() != 0)
		skip();
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chown(peer_folder, NOBODY, (gid_t)-1), 0);
	assert_int_equal(chdir(peer_folder), 0);
	peer_start(NOBODY, echo);
	assert_int_equal(cs_client_open("staff", 1000, &client), CS_OK);
	assert_int_equal(chdir(before), 0);
}

/* A good reply of len bytes and its NUL; the caller frees it. */
static struct cs_str make_reply(size_t len)
{
	static const char before[] = "{\"parameters\":{\"text\":\"", after[] = "\"}}";
	char *reply = malloc(len + 1);

	assert_non_null(reply);
	memset(reply, 'x', len);
	memcpy(reply, before, sizeof(before) - 1);
	memcpy(reply + len + 1 - sizeof(after), after, sizeof(after));
	return (struct cs_str){ reply, len + 1 };
}

/* And not at the deadline, which is another error. */
static void assert_fails_at_once(void **state, peer_act act, enum cs_err expected)
{
	const struct cs_msg *reply = NULL;
	enum cs_err e = ask_peer(act, 5000, &reply);

	if (e != expected || reply != NULL)
		fail_msg("%s after %.30s", cs_err_text(e), peer_words.p);
	assert_int_equal(ask("once more", &reply), e);
	assert_int_equal(peer_tear_down(state), 0);
	assert_int_equal(peer_set_up(state), 0);
}

static void what_is_no_reply_is_malformed(void **state)
{
	static const struct cs_str replies[] = {
		CS_STR("HTTP/1.1 400 Bad Request\r\n\r\n\0"), CS_STR("\0"),
		CS_STR("{\"method\":\"a.B\",\"parameters\":{}}\0"), CS_STR(DONE DONE),
		CS_STR(DONE " "), CS_STR("{\"parameters\":{\"a\":1,\"a\":2}}\0"),
	};

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		peer_words = replies[i];
		assert_fails_at_once(state, say, CS_ERR_FORMAT);
	}
}

static void a_peer_that_closes_before_the_nul_has_not_answered(void **state)
{
	assert_fails_at_once(state, close_at_once, CS_ERR_CLOSED);
	peer_words = CS_STR("{\"parameters\":{\"ver");
	assert_fails_at_once(state, say_and_close, CS_ERR_CLOSED);
	peer_words = CS_STR("{\"parameters\":{}}");
	assert_fails_at_once(state, say_and_close, CS_ERR_CLOSED);
}

static void a_reply_past_16_kib_is_over_the_limit(void **state)
{
	static const size_t lengths[] = { CS_FRAME_MAX + 1, 20 * CS_FRAME_MAX };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		peer_words = make_reply(lengths[i]);
		assert_fails_at_once(state, say, CS_ERR_LIMIT);
		free((char *)peer_words.p);
	}
}

/* The default action of SIGPIPE would end this process. */
static void a_call_to_a_peer_that_is_gone_raises_no_signal(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	peer_start(getuid(), close_at_once);
	assert_int_equal(cs_client_open(peer_path, 2000, &client), CS_OK);
	peer_wait();
	assert_int_equal(ask("hello", &reply), CS_ERR_CLOSED);
}

static void the_longest_reply_is_taken(void **state)
{
	const struct cs_msg *reply;
	struct cs_str text;

	(void)state;
	peer_words = make_reply(CS_FRAME_MAX);
	assert_int_equal(ask_peer(say, 5000, &reply), CS_OK);
	free((char *)peer_words.p);
	assert_int_equal(cs_msg_string(reply, "text", &text), CS_OK);
	assert_int_equal(text.len, CS_FRAME_MAX - strlen("{\"parameters\":{\"text\":\"\"}}"));
}

static void assert_list(peer_act act)
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
	peer_words = CS_STR(ROW(1) ROW(2) DONE);
	assert_list(say);
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
	peer_words = CS_STR(ROW(1)
	    "{\"error\":\"a.Unavailable\",\"parameters\":{},\"continues\":true}\0");
	assert_int_equal(ask_peer(say, 5000, &reply), CS_OK);
	assert_int_equal(cs_client_next(client, &reply), CS_OK);
	assert_true(cs_str_is(reply->error, "a.Unavailable"));
	assert_int_equal(cs_client_next(client, &reply), CS_ERR_NOTFOUND);
}

static void bytes_after_the_end_of_a_list_are_refused(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	peer_words = CS_STR(ROW(1) DONE "{");
	assert_int_equal(ask_peer(say, 5000, &reply), CS_OK);
	assert_int_equal(cs_client_next(client, &reply), CS_ERR_FORMAT);
}

static void an_unread_list_does_not_answer_the_next_question(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	peer_words = CS_STR(ROW(1) ROW(2) DONE);
	assert_int_equal(ask_peer(say, 5000, &reply), CS_OK);
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
	if (cs_client_open(peer_path, 2000, &client) != CS_OK || ask("hello", &reply) != CS_OK)
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

		peer_start(getuid(), echo);
		pid = fork();
		if (pid == 0)
			_exit(use_descriptors(lowest));
		waitpid(pid, &status, 0);
		assert_int_equal(status, 0);
		assert_int_equal(peer_tear_down(state), 0);
		assert_int_equal(peer_set_up(state), 0);
	}
}

static void a_failed_open_leaves_no_descriptor(void **state)
{
	bool closing;
	int before = count_open(&closing);

	(void)state;
	assert_int_equal(cs_client_open(peer_path, 1000, &client), CS_ERR_UNREACHABLE);
	assert_int_equal(count_open(&closing), before);
}

static void a_frame_longer_than_the_buffer_is_not_sent(void **state)
{
	const struct cs_msg *reply;

	(void)state;
	peer_start(getuid(), echo);
	assert_int_equal(cs_client_open(peer_path, 1000, &client), CS_OK);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, peer_set_up, peer_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(questions_are_answered_one_after_another),
		TEST(an_absent_socket_is_unreachable),
		TEST(an_empty_path_is_unreachable_whoever_listens),
		TEST(a_path_of_107_bytes_is_refused),
		TEST(a_socket_that_is_not_for_us_is_told_apart),
		TEST(who_leaves_first_may_have_said_why),
		TEST(who_leaves_first_has_answered_nothing),
		TEST(a_peer_of_another_uid_is_refused),
		TEST(the_owner_of_the_folder_is_believed),
		TEST(a_path_without_a_slash_lies_in_this_folder),
		TEST(what_is_no_reply_is_malformed),
		TEST(a_peer_that_closes_before_the_nul_has_not_answered),
		TEST(a_reply_past_16_kib_is_over_the_limit),
		TEST(a_call_to_a_peer_that_is_gone_raises_no_signal),
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

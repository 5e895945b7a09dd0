/* SPDX-License-Identifier: ISC
 *
 * The command's side of a lost reply: what it asks again, and what it makes of
 * answers that it does not know.  The daemon is a child that follows a script.
 */
#include "../tools/exchange.h"
#include "../tools/gate.h"
#include "../tools/lanes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/countersign.XXXXXX", path[64], seen[64];
static pid_t child;

static const struct option no_options[] = { { 0 } };
static const struct command command = { .name = "verify", .help = "", .options = no_options };
static struct invocation in = { .command = &command, .socket = path };

/* Appends the frame's request id to the file "seen". */
static void note_request(char *frame, size_t len)
{
	static struct cs_msg m;
	struct cs_str id = CS_STR("none");
	FILE *f = fopen(seen, "a");

	if (cs_msg_decode(frame, len, &m) == CS_OK)
		cs_msg_string(&m, "request", &id);
	fprintf(f, "%.*s\n", (int)id.len, id.p);
	fclose(f);
}

static void serve_one(int listener, const char *answer, bool last)
{
	char frame[CS_FRAME_MAX + 1];
	size_t len = 0;
	int fd = accept(listener, NULL, NULL);

	while (len == 0 || frame[len - 1] != '\0') {
		ssize_t n = read(fd, frame + len, sizeof(frame) - len);

		if (n <= 0)
			_exit(1);
		len += (size_t)n;
	}
	note_request(frame, len - 1);
	if (*answer && write(fd, answer, strlen(answer) + 1) < 0)
		_exit(1);
	if (last)
		close(listener);
	close(fd);
}

/* Each answer is for one connection; "" closes it without one.  Nobody listens
 * any more when the last one closes. */
static void start(const char *first, const char *second)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(path);
	unlink(seen);
	strcpy(sa.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 5), 0);
	child = fork();
	if (child == 0) {
		serve_one(fd, first, !second);
		if (second)
			serve_one(fd, second, true);
		_exit(0);
	}
	close(fd);
}

static void stop(char lines[2][64])
{
	FILE *f;

	waitpid(child, NULL, 0);
	memset(lines, 0, 2 * 64);
	f = fopen(seen, "r");
	assert_non_null(f);
	for (int i = 0; i < 2 && fgets(lines[i], 64, f); i++)
		;
	fclose(f);
}

static void fill(struct cs_writer *w, const void *arg)
{
	cs_put_string(w, "code", cs_str(arg));
}

static enum status ask(struct exchange *x)
{
	return exchange_once(x, &in, DOOR_STAFF, "Verify", fill, "483109276");
}

static void a_lost_reply_is_asked_for_again_under_the_same_request_id(void **state)
{
	char lines[2][64];
	struct exchange x;
	struct cs_str verdict;

	(void)state;
	start("", "{\"parameters\":{\"verdict\":\"accepted\"}}");
	assert_int_equal(ask(&x), STATUS_DONE);
	assert_int_equal(cs_msg_string(x.reply, "verdict", &verdict), CS_OK);
	exchange_end(&x);
	stop(lines);
	assert_int_equal(strlen(lines[0]), 33);
	assert_string_equal(lines[0], lines[1]);
}

static void two_questions_have_two_request_ids(void **state)
{
	char lines[2][64];
	struct exchange x;

	(void)state;
	start("{\"parameters\":{}}", "{\"parameters\":{}}");
	ask(&x);
	exchange_end(&x);
	ask(&x);
	exchange_end(&x);
	stop(lines);
	assert_string_not_equal(lines[0], lines[1]);
}

static void a_reply_that_is_lost_twice_is_no_acceptance(void **state)
{
	char lines[2][64];
	struct exchange x;

	(void)state;
	start("", "");
	assert_int_equal(ask(&x), STATUS_AWAY);
	exchange_end(&x);
	stop(lines);
}

static enum status judge_verdict(const struct cs_msg *reply)
{
	bool again;

	return gate_verdict(&in, reply, true, &again);
}

static enum status ask_and_judge(void)
{
	struct exchange x;
	enum status status = ask(&x);

	if (status == STATUS_DONE)
		status = judge_verdict(x.reply);
	exchange_end(&x);
	return status;
}

/* What goes to standard error, into text, while somebody asks. */
static enum status read_told(enum status (*asks)(void), char *text, size_t cap)
{
	int before = dup(STDERR_FILENO);
	FILE *f = tmpfile();
	enum status status;

	assert_non_null(f);
	dup2(fileno(f), STDERR_FILENO);
	status = asks();
	dup2(before, STDERR_FILENO);
	close(before);
	rewind(f);
	text[fread(text, 1, cap - 1, f)] = '\0';
	fclose(f);
	return status;
}

static void nothing_is_said_to_be_unchanged_where_the_reply_was_lost_with_the_daemon(void **state)
{
	char lines[2][64], text[512];

	(void)state;
	start("", NULL);
	assert_int_equal(read_told(ask_and_judge, text, sizeof(text)), STATUS_AWAY);
	stop(lines);
	assert_int_equal(strlen(lines[0]), 33);
	assert_non_null(strstr(text, "whether it did what was asked is not known."));
	assert_null(strstr(text, "Nothing was changed"));
}

#define STAFF_ERROR(name) "{\"error\":\"io.countersign.staff." name "\"}"

static void nor_where_the_answer_leaves_it_open(void **state)
{
	static const char contradiction[] = "{\"parameters\":"
	    "{\"verdict\":\"accepted\",\"reason\":\"wrong\",\"say\":\"Wrong.\"}}";
	const char *const replies[] = {
		"garbage", "{\"parameters\":{\"a\":1}}x", STAFF_ERROR("SomethingNew"),
		STAFF_ERROR("Unavailable"), "{\"parameters\":{}}", contradiction,
	};
	char lines[2][64], text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		start(replies[i], NULL);
		assert_int_equal(read_told(ask_and_judge, text, sizeof(text)), STATUS_AWAY);
		stop(lines);
		if (strstr(text, "Nothing was changed") || !strstr(text, "Tell the operator"))
			fail_msg("%s: %s", replies[i], text);
		if (!strstr(replies[i], "Unavailable"))
			assert_non_null(strstr(text, "did what was asked is not known."));
	}
}

static bool put_nothing(struct cs_writer *w, void *arg, size_t i)
{
	(void)w;
	(void)arg;
	(void)i;
	return true;
}

static enum status take_nothing(void *arg, size_t i, const struct cs_msg *reply)
{
	(void)arg;
	(void)i;
	(void)reply;
	return STATUS_DONE;
}

static enum status ask_on_lanes(void)
{
	struct lanes lanes;
	enum status status = lanes_open(&lanes, &in, DOOR_CONTROL);

	if (status == STATUS_DONE)
		status = lanes_ask(&lanes, "Add", 1, put_nothing, take_nothing, NULL);
	lanes_close(&lanes);
	return status;
}

static void nor_where_the_first_of_many_was_lost(void **state)
{
	char lines[2][64], text[512];

	(void)state;
	start("", NULL);
	assert_int_equal(read_told(ask_on_lanes, text, sizeof(text)), STATUS_AWAY);
	stop(lines);
	assert_null(strstr(text, "Nothing was changed"));
	assert_non_null(strstr(text, "do the same again"));
	assert_int_equal(read_told(ask_on_lanes, text, sizeof(text)), STATUS_AWAY);
	assert_non_null(strstr(text, "Nothing was changed"));
}

struct expected {
	const char *reply;
	enum status status;
};

static const struct expected answers[] = {
	{ "{\"error\":\"io.countersign.staff.NotPermitted\",\"parameters\":{\"say\":\"no\"}}",
	    STATUS_NOT_PERMITTED },
	{ "{\"error\":\"io.countersign.staff.UnknownTechnician\"}", STATUS_NOT_PERMITTED },
	{ "{\"error\":\"io.countersign.staff.Throttled\",\"parameters\":{\"wait\":3}}",
	    STATUS_THROTTLED },
	{ "{\"error\":\"io.countersign.staff.Unavailable\",\"parameters\":{\"why\":\"full\"}}",
	    STATUS_AWAY },
	{ "{\"error\":\"io.countersign.staff.UnknownAccount\"}", STATUS_REFUSED },
	{ "{\"error\":\"io.countersign.staff.UnknownAction\"}", STATUS_REFUSED },
	{ "{\"error\":\"io.countersign.staff.UnknownAdministrator\"}", STATUS_REFUSED },
	{ "{\"error\":\"io.countersign.staff.NotFound\"}", STATUS_REFUSED },
	{ "{\"error\":\"io.countersign.staff.Exists\"}", STATUS_REFUSED },
	{ "{\"error\":\"io.countersign.staff.Refused\"}", STATUS_REFUSED },
	{ "{\"error\":\"org.varlink.service.InvalidParameter\","
	    "\"parameters\":{\"parameter\":\"code\"}}", STATUS_USAGE },
	{ "{\"error\":\"org.varlink.service.MethodNotFound\"}", STATUS_AWAY },
	{ "{\"error\":\"io.countersign.staff.SomethingNew\"}", STATUS_AWAY },
	{ "{\"error\":\"\"}", STATUS_AWAY },
	{ "garbage", STATUS_AWAY },
	{ "{\"parameters\":{\"a\":1}}x", STATUS_AWAY },
};

/* What the command makes of each reply; judge: of one that is no error. */
static void expect(const struct expected *rows, size_t n,
    enum status (*judge)(const struct cs_msg *))
{
	char lines[2][64];
	struct exchange x;

	for (size_t i = 0; i < n; i++) {
		enum status got;

		start(rows[i].reply, NULL);
		got = ask(&x);
		if (got == STATUS_DONE && judge)
			got = judge(x.reply);
		exchange_end(&x);
		stop(lines);
		if (got != rows[i].status)
			fail_msg("%s: exit %d, wanted %d", rows[i].reply, got, rows[i].status);
	}
}

static void every_error_has_its_exit_status_and_none_is_0(void **state)
{
	(void)state;
	expect(answers, sizeof(answers) / sizeof(*answers), NULL);
}

#define VERDICT(rest) "{\"parameters\":{\"verdict\":\"accepted\"," rest "}}"

/* A daemon that is newer, broken or no daemon of ours: only these words open. */
static const struct expected verdicts[] = {
	{ VERDICT("\"reason\":\"accepted\",\"say\":\"Accepted.\""), STATUS_DONE },
	{ VERDICT("\"reason\":\"wrong\",\"say\":\"Wrong.\",\"mode\":\"shadow\""), STATUS_DONE },
	{ VERDICT("\"reason\":\"wrong\",\"say\":\"Wrong.\",\"mode\":\"enforce\""), STATUS_AWAY },
	{ VERDICT("\"reason\":\"wrong\",\"say\":\"Wrong.\""), STATUS_AWAY },
	{ VERDICT("\"reason\":\"new\",\"say\":\"New.\",\"mode\":\"shadow\""), STATUS_AWAY },
	{ VERDICT("\"say\":\"Accepted.\""), STATUS_AWAY },
	{ VERDICT("\"reason\":\"accepted\""), STATUS_AWAY },
	{ "{\"parameters\":{\"verdict\":\"accepted\",\"reason\":\"accepted\","
	    "\"say\":\"Accepted.\"},\"continues\":true}", STATUS_AWAY },
	{ "{\"parameters\":{\"verdict\":\"refused\",\"reason\":\"wrong\",\"say\":\"Wrong.\"}}",
	    STATUS_REFUSED },
	{ "{\"parameters\":{\"reason\":\"accepted\",\"say\":\"Accepted.\"}}", STATUS_REFUSED },
	{ "{\"parameters\":{}}", STATUS_AWAY },
};

static void only_a_whole_verdict_opens_the_gate(void **state)
{
	(void)state;
	expect(verdicts, sizeof(verdicts) / sizeof(*verdicts), judge_verdict);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/staff", folder);
	snprintf(seen, sizeof(seen), "%s/seen", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(seen);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_reply_is_asked_for_again_under_the_same_request_id),
		cmocka_unit_test(two_questions_have_two_request_ids),
		cmocka_unit_test(a_reply_that_is_lost_twice_is_no_acceptance),
		cmocka_unit_test(
		    nothing_is_said_to_be_unchanged_where_the_reply_was_lost_with_the_daemon),
		cmocka_unit_test(nor_where_the_answer_leaves_it_open),
		cmocka_unit_test(nor_where_the_first_of_many_was_lost),
		cmocka_unit_test(every_error_has_its_exit_status_and_none_is_0),
		cmocka_unit_test(only_a_whole_verdict_opens_the_gate),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

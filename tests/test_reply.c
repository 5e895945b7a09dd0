/* SPDX-License-Identifier: ISC
 *
 * What goes out in answer to a request, and what its parameters may be.
 */
#include "../daemon/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct asking {
	struct reply reply;
	struct request r;
	struct cs_msg in;
	char text[512];
};

static void ask(struct asking *a, const char *parameters)
{
	memset(a, 0, sizeof(*a));
	a->r.door = DOOR_STAFF;
	a->r.reply = &a->reply;
	a->r.in = &a->in;
	snprintf(a->text, sizeof(a->text), "{\"method\":\"a.b\",\"parameters\":%s}", parameters);
	assert_int_equal(cs_msg_decode(a->text, strlen(a->text), &a->in), CS_OK);
}

static void expect(struct asking *a, const char *frame)
{
	assert_int_equal(a->reply.err, CS_OK);
	assert_false(a->reply.open);
	assert_int_equal(a->reply.len, strlen(frame) + 1);
	assert_string_equal(a->reply.buf, frame);
	reply_clear(&a->reply);
}

static void an_error_gets_the_interface_of_its_socket(void **state)
{
	struct asking a;

	(void)state;
	ask(&a, "{}");
	a.r.door = DOOR_PANEL;
	assert_int_equal(refuse_error(&a.r, "NotPermitted", "No."), CS_ERR_ANSWERED);
	expect(&a, "{\"error\":\"io.countersign.panel.NotPermitted\","
		   "\"parameters\":{\"say\":\"No.\"}}");
}

static void an_error_with_a_dot_keeps_its_name(void **state)
{
	struct asking a;

	(void)state;
	ask(&a, "{}");
	refuse_parameter(&a.r, "code");
	expect(&a, "{\"error\":\"org.varlink.service.InvalidParameter\","
		   "\"parameters\":{\"parameter\":\"code\"}}");
}

static void a_list_is_frames_that_continue_and_one_that_does_not(void **state)
{
	static const char first[] = "{\"parameters\":{\"n\":1},\"continues\":true}";
	static const char last[] = "{\"parameters\":{}}";
	struct asking a;

	(void)state;
	ask(&a, "{}");
	cs_put_int(reply_begin(&a.r, true), "n", 1);
	assert_int_equal(reply_end(&a.r), CS_OK);
	assert_int_equal(reply_done(&a.r), CS_OK);
	assert_int_equal(a.reply.len, sizeof(first) + sizeof(last));
	assert_string_equal(a.reply.buf, first);
	assert_string_equal(a.reply.buf + sizeof(first), last);
	reply_clear(&a.reply);
}

static void a_frame_that_does_not_fit_fails_the_whole_reply(void **state)
{
	static char big[CS_FRAME_MAX];
	struct asking a;

	(void)state;
	memset(big, 'x', sizeof(big));
	ask(&a, "{}");
	cs_put_string(reply_begin(&a.r, false), "big", (struct cs_str){ big, sizeof(big) });
	assert_int_not_equal(reply_end(&a.r), CS_OK);
	assert_int_not_equal(reply_done(&a.r), CS_OK);
	assert_int_not_equal(a.reply.err, CS_OK);
	assert_int_equal(a.reply.len, 0);
	reply_restart(&a.reply);
	assert_int_equal(reply_done(&a.r), CS_OK);
	expect(&a, "{\"parameters\":{}}");
}

static void a_reply_leaves_nothing_behind_when_it_starts_again(void **state)
{
	struct asking a;

	(void)state;
	ask(&a, "{}");
	cs_put_string(reply_begin(&a.r, false), "code", CS_STR("483109276"));
	reply_end(&a.r);
	assert_non_null(memmem(a.reply.buf, a.reply.cap, "483109276", 9));
	reply_restart(&a.reply);
	assert_null(memmem(a.reply.buf, a.reply.cap, "483109276", 9));
	assert_int_equal(a.reply.len, 0);
	reply_clear(&a.reply);
}

/* Escaped, a peer's 16 KiB would be more than a frame. */
static void a_peers_text_is_cut_between_characters(void **state)
{
	char text[1000];
	struct cs_msg out;
	struct cs_str name;
	struct asking a;

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	ask(&a, "{}");
	refuse_named(&a.r, "UnknownAccount", "account", (struct cs_str){ text + 1, 998 }, NULL);
	assert_int_equal(a.reply.err, CS_ERR_FORMAT);	/* it began in mid-character */
	reply_restart(&a.reply);
	refuse_named(&a.r, "UnknownAccount", "account", (struct cs_str){ text, 999 }, NULL);
	assert_int_equal(a.reply.err, CS_OK);
	assert_int_equal(cs_msg_decode(a.reply.buf, a.reply.len - 1, &out), CS_OK);
	assert_int_equal(cs_msg_string(&out, "account", &name), CS_OK);
	assert_int_equal(name.len, 255);
	reply_clear(&a.reply);
}

static void a_parameter_of_another_type_is_refused_by_name(void **state)
{
	struct asking a;
	struct cs_str s;
	int64_t n = 7;
	bool b = true;

	(void)state;
	ask(&a, "{\"s\":1,\"n\":\"1\",\"b\":0}");
	assert_int_equal(may_string(&a.r, "s", &s), CS_ERR_ANSWERED);
	reply_restart(&a.reply);
	assert_int_equal(may_int(&a.r, "n", &n), CS_ERR_ANSWERED);
	reply_restart(&a.reply);
	assert_int_equal(may_bool(&a.r, "b", &b), CS_ERR_ANSWERED);
	assert_int_equal(n, 7);
	assert_true(b);
	expect(&a, "{\"error\":\"org.varlink.service.InvalidParameter\","
		   "\"parameters\":{\"parameter\":\"b\"}}");
}

static void a_wanted_parameter_must_be_there_and_say_something(void **state)
{
	struct asking a;
	struct cs_str s = CS_STR("before");

	(void)state;
	ask(&a, "{\"empty\":\"\",\"none\":null,\"there\":\"x\"}");
	assert_int_equal(want_string(&a.r, "there", &s), CS_OK);
	assert_true(cs_str_is(s, "x"));
	assert_int_equal(want_string(&a.r, "empty", &s), CS_ERR_ANSWERED);
	assert_int_equal(want_string(&a.r, "none", &s), CS_ERR_ANSWERED);
	assert_int_equal(want_string(&a.r, "absent", &s), CS_ERR_ANSWERED);
	assert_int_equal(may_string(&a.r, "absent", &s), CS_OK);
	assert_int_equal(s.len, 0);
	reply_clear(&a.reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_gets_the_interface_of_its_socket),
		cmocka_unit_test(an_error_with_a_dot_keeps_its_name),
		cmocka_unit_test(a_list_is_frames_that_continue_and_one_that_does_not),
		cmocka_unit_test(a_frame_that_does_not_fit_fails_the_whole_reply),
		cmocka_unit_test(a_reply_leaves_nothing_behind_when_it_starts_again),
		cmocka_unit_test(a_peers_text_is_cut_between_characters),
		cmocka_unit_test(a_parameter_of_another_type_is_refused_by_name),
		cmocka_unit_test(a_wanted_parameter_must_be_there_and_say_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

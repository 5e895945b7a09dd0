/* SPDX-License-Identifier: ISC
 *
 * A sentence for every reason, whole and printable whatever it mentions.  How
 * the sentences read is for people to judge, not for this file.
 */
#include "../daemon/say.h"
#include "../daemon/name.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct conf *conf;
static const struct moment now = { .at = { 1790000000, 5000, 1 }, .steady = 1000 };

static int begin(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	return conf_load(NULL, &conf) == CS_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	conf_free(&conf);
	return 0;
}

/* The longest of each that a record may hold, of three-byte characters. */
static char huge[TEXT_MAX_LEN + 1], room[TARGETS_MAX][TARGET_MAX_LEN + 1];
static struct issue issue;
static struct audit_event use;
static struct action action;

static struct cs_str fill(size_t len)
{
	for (size_t i = 0; i + 3 <= TEXT_MAX_LEN; i += 3)
		memcpy(huge + i, "\xe5\xad\x97", 3);
	return (struct cs_str){ huge, len - len % 3 };
}

static struct say_facts largest(void)
{
	static char title[TEXT_MAX_LEN + 1];

	memcpy(title, fill(TEXT_MAX_LEN).p, fill(TEXT_MAX_LEN).len);
	action = (struct action){ .name = conf->actions[0].name, .title = title };
	issue = (struct issue){ .action = cs_str("mail.server"), .issued = { 1, 1, 1 },
		.life = 600 };
	for (size_t i = 0; i < TARGETS_MAX; i++) {
		memset(room[i], 'x', TARGET_MAX_LEN);
		room[i][100] = '=';
		issue.targets.at[i] = cs_str(room[i]);
	}
	issue.targets.n = TARGETS_MAX;
	use = (struct audit_event){ .time = 1, .technician = 1,
		.technician_name = fill(NAME_MAX_LEN), .action = cs_str("no.such.action"),
		.targets = issue.targets };
	return (struct say_facts){ .now = &now, .account = fill(NAME_MAX_LEN),
	    .account_name = fill(TEXT_MAX_LEN),
		.admin_name = fill(TEXT_MAX_LEN), .suggestion = fill(NAME_MAX_LEN), .issue = &issue,
		.targets = &issue.targets, .use = &use, .conf = conf,
		.action = &action, .wait = INT32_MAX };
}

static void assert_sentence(enum cs_reason reason, const struct say_facts *facts)
{
	char out[SAY_MAX + 8];
	size_t len;

	memset(out, '#', sizeof(out));
	assert_ptr_equal(say_verdict(reason, facts, out), out);
	len = strnlen(out, sizeof(out));
	if (len < 10 || len >= SAY_MAX || !text_plain((struct cs_str){ out, len }))
		print_error("# %s: %.*s\n", cs_reason_name(reason), (int)len, out);
	assert_in_range(len, 10, SAY_MAX - 1);
	assert_true(text_plain((struct cs_str){ out, len }));
	assert_null(strstr(out, "(null)"));
	assert_true(strchr(".?!", out[len - 1]) != NULL);
	for (size_t i = SAY_MAX; i < sizeof(out); i++)
		assert_int_equal(out[i], '#');
}

static void every_reason_has_a_whole_sentence(void **state)
{
	static const struct action plain = { .name = (char *)"report.mail",
	    .title = (char *)"Report" };
	static const struct issue bare = { .life = 600 };

	(void)state;
	for (unsigned reason = 0; reason < CS_REASONS; reason++) {
		struct say_facts facts = { .now = &now, .conf = conf, .action = &plain };

		facts.because = reason == CS_THROTTLED ? "too many" : NULL;
		assert_sentence(reason, &facts);
		facts.issue = &bare;
		assert_sentence(reason, &facts);
		facts = largest();
		facts.because = reason == CS_THROTTLED ? "too many" : NULL;
		assert_sentence(reason, &facts);
		facts.issue = NULL;
		assert_sentence(reason, &facts);
		facts.grant = true;
		assert_sentence(reason, &facts);
		facts.use = NULL;
		assert_sentence(reason, &facts);
		facts.because = "A sentence that says more.";
		assert_sentence(reason, &facts);
	}
}

static void every_reason_has_a_whole_sentence_for_the_customer(void **state)
{
	static const struct action plain = { .name = (char *)"report.mail",
	    .title = (char *)"Report" };
	char out[SAY_MAX];

	(void)state;
	for (unsigned reason = 0; reason < CS_REASONS; reason++) {
		struct say_facts facts = { .now = &now, .conf = conf, .action = &plain, .wait = 60,
			.because = reason == CS_THROTTLED ? "too many" : NULL };

		out[0] = '\0';
		say_to_customer(reason, &facts, out);
		assert_in_range(strlen(out), 10, SAY_MAX - 1);
		assert_int_equal(out[strlen(out) - 1], '.');
		assert_true(out[0] >= 'A' && out[0] <= 'Z');
		assert_null(strstr(out, "ot accepted:"));
	}
}

/* Bare, with the longest of everything, closed, used. */
static void every_reason_has_a_whole_sentence_about_a_ticket(void **state)
{
	static const struct ticket bare = { .id = 4821, .life = 259200 };
	struct say_facts facts = largest();
	struct ticket ticket = {
		.id = UINT64_MAX, .action = cs_str("no.such.action"), .targets = issue.targets,
		.opened = { now.at.wall - 300000, 1, 1 }, .life = 259200, .ended = now.at.wall,
		.ended_by = 1, .ended_by_name = fill(NAME_MAX_LEN),
	};

	(void)state;
	facts.issue = NULL;
	for (unsigned reason = 0; reason < CS_REASONS; reason++) {
		facts.because = reason == CS_THROTTLED ? "too many" : NULL;
		facts.ticket = &bare;
		assert_sentence(reason, &facts);
		facts.ticket = &ticket;
		for (unsigned closed = 0; closed < 2; closed++) {
			ticket.closed = closed;
			facts.technician = closed;
			assert_sentence(reason, &facts);
		}
	}
}

static const char *say(enum cs_reason reason, struct say_facts facts)
{
	static char out[SAY_MAX];

	facts.now = &now;
	facts.conf = conf;
	return say_verdict(reason, &facts, out);
}

static void sentences_tell_what_is_known(void **state)
{
	const struct issue dead = { .issued = { now.at.wall - 840, 1, 1 }, .life = 600,
		.action = CS_STR("report.mail"),
		.targets = { 1, { CS_STR("mx1.acme.example=203.0.113.9") } } };

	(void)state;
	assert_non_null(strstr(say(CS_EXPIRED, (struct say_facts){ .issue = &dead }),
	    "4 minutes ago"));
	assert_non_null(strstr(say(CS_OTHER_ACTION, (struct say_facts){ .issue = &dead }),
	    "\"Report of mail"));
	assert_non_null(strstr(say(CS_OTHER_TARGET, (struct say_facts){ .issue = &dead }),
	    "mx1.acme.example \xe2\x86\x92 203.0.113.9"));
	assert_string_equal(say(CS_UNKNOWN_ACCOUNT, (struct say_facts){ .account = CS_STR("acem"),
	    .suggestion = CS_STR("acme") }), "No account \"acem\". Did you mean acme?");
	assert_non_null(strstr(say(CS_REASON_ACCEPTED, (struct say_facts){
	    .admin_name = CS_STR("Dana Reyes"), .account_name = CS_STR("Acme Ltd") }),
	    "Dana Reyes for Acme Ltd."));
	assert_non_null(strstr(say(CS_COOLING_OFF, (struct say_facts){ .wait = 7200 }),
	    "Another administrator of the account may be able to authorise it."));
	assert_non_null(strstr(say(CS_THROTTLED, (struct say_facts){ .wait = 30, .because = "x" }),
	    "14:13:50"));
}

/* One that no calendar has, as only damage makes it. */
static void a_time_that_is_none_is_no_other_time(void **state)
{
	const struct audit_event used = { .time = INT64_MAX, .technician_name = CS_STR("mia"),
		.action = CS_STR("report.mail") };
	const struct targets none = { .n = 0 };
	const struct ticket ticket = { .ended = INT64_MAX, .ended_by_name = CS_STR("mia") };

	(void)state;
	assert_non_null(strstr(say(CS_USED, (struct say_facts){ .use = &used, .technician = 1,
	    .action = conf_action(conf, cs_str("report.mail")), .targets = &none }),
	    "at an unknown time"));
	assert_non_null(strstr(say(CS_USED, (struct say_facts){ .ticket = &ticket }),
	    "an unknown time"));
}

static const char *say_use(const char *asked, struct targets targets, uint32_t technician,
    int64_t ago)
{
	const struct audit_event used = { .time = now.at.wall - ago, .technician = 1007,
		.technician_name = CS_STR("mia"), .action = CS_STR("mail.server"),
		.targets = { 1, { CS_STR("mx1.acme.example=203.0.113.9") } } };

	return say(CS_USED, (struct say_facts){ .use = &used, .technician = technician,
	    .action = conf_action(conf, cs_str(asked)), .targets = &targets });
}

static void a_used_code_tells_by_whom_when_and_whether_for_the_same_change(void **state)
{
	const struct targets same = { 1, { CS_STR("mx1.acme.example=203.0.113.9") } },
	    other = { 1, { CS_STR("mx2.acme.example=203.0.113.9") } };

	(void)state;
	assert_string_equal(say_use("mail.server", same, 1007, 60),
	    "Not accepted: this code was used at 14:12 by you, for the same change. Check whether "
	    "it already went through, then ask for a new one.");
	assert_non_null(strstr(say_use("mail.server", same, 1008, 60),
	    "at 14:12 by mia, for the same change. Check"));
	assert_string_equal(say_use("mail.server", other, 1007, 60),
	    "Not accepted: this code was used at 14:12 by you for \"Change a mail server's IP or "
	    "host name\" (mx1.acme.example \xe2\x86\x92 203.0.113.9). Ask for a new one.");
	assert_non_null(strstr(say_use("filter.list", same, 1008, 60), "by mia for \"Change a"));
	/* Before midnight it was another day. */
	assert_non_null(strstr(say_use("mail.server", same, 1007, 14 * 3600), "used at 00:13 by"));
	assert_non_null(strstr(say_use("mail.server", same, 1007, 15 * 3600),
	    "used on 2026-09-20 at 23:13 by you, for"));
}

static void durations_are_rounded_up_in_the_unit_people_use(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ -5, "0 seconds" }, { 0, "0 seconds" }, { 1, "1 second" }, { 119, "119 seconds" },
		{ 120, "2 minutes" }, { 121, "3 minutes" }, { 7199, "120 minutes" }, { 7200,
		    "2 hours" },
		{ 86399, "24 hours" },
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(say_duration(rows[i].seconds, out), rows[i].text);
}

static void a_limit_is_told_as_people_say_it(void **state)
{
	static const struct {
		struct rate rate;
		const char *text;
	} rows[] = {
		{ { 5, 600 }, "five wrong codes in ten minutes" },
		{ { 1, 1 }, "one wrong code in a second" },
		{ { 10, 3600 }, "ten wrong codes in an hour" },
		{ { 11, 7200 }, "11 wrong codes in two hours" },
		{ { 2, 5400 }, "two wrong codes in 90 minutes" },
		{ { 3, 61 }, "three wrong codes in 61 seconds" },
		{ { 200, 86400 }, "200 wrong codes in a day" },
		{ { UINT_MAX, INT64_MAX },
		    "4294967295 wrong codes in 9223372036854775807 seconds" },
	};
	char out[SAY_RATE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(say_rate(&rows[i].rate, "wrong code", out), rows[i].text);
}

static void a_call_names_account_action_and_targets(void **state)
{
	const struct account account = { .name = CS_STR("acme"), .display = CS_STR("Acme Ltd") },
	    nobody = { 0 };
	const struct targets one = { 1, { CS_STR("mx1=203.0.113.9") } }, none = { 0 };
	const struct action *mail = conf_action(conf, cs_str("mail.server"));
	struct say_facts facts = largest();
	char out[SAY_MAX];

	(void)state;
	assert_string_equal(say_call(&account, mail, &one, out), "Acme Ltd (acme) \xe2\x80\x94 "
	    "Change a mail server's IP or host name: mx1 \xe2\x86\x92 203.0.113.9");
	assert_string_equal(say_call(&nobody, mail, &none, out),
	    "Change a mail server's IP or host name");
	const struct account big = { .name = fill(NAME_MAX_LEN), .display = fill(TEXT_MAX_LEN) };
	say_call(&big, facts.action, &issue.targets, out);
	assert_true(text_plain(cs_str(out)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_whole_sentence),
		cmocka_unit_test(every_reason_has_a_whole_sentence_for_the_customer),
		cmocka_unit_test(every_reason_has_a_whole_sentence_about_a_ticket),
		cmocka_unit_test(sentences_tell_what_is_known),
		cmocka_unit_test(a_time_that_is_none_is_no_other_time),
		cmocka_unit_test(a_used_code_tells_by_whom_when_and_whether_for_the_same_change),
		cmocka_unit_test(durations_are_rounded_up_in_the_unit_people_use),
		cmocka_unit_test(a_limit_is_told_as_people_say_it),
		cmocka_unit_test(a_call_names_account_action_and_targets),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

/* SPDX-License-Identifier: ISC
 *
 * Verify against a real store: every reason with its sentence, scope,
 * roles, shadow mode, clocks that jump.
 */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;

#define OPTIONS \
	"action host.reset { title = \"Reset a host\" require = code bind-target = true }\n" \
	"action note.add { title = \"Add a note\" require = code authenticator = true }\n"

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, OPTIONS);
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "bolt", "eve");
	return 0;
}

#define REPORT "'account':'acme','administrator':'dana','action':'report.mail'"
#define MX \
	"'account':'acme','administrator':'dana','action':'mail.server'," \
	"'target':['mx1.acme=203.0.113.9']"

static const char *report(const char *code)
{
	return desk_verify(&desk, "'account':'acme','action':'report.mail','code':'%s'", code);
}

static const char *mail(const char *target, const char *code)
{
	return desk_verify(&desk,
	    "'account':'acme','action':'mail.server','target':['%s'],'code':'%s'", target, code);
}

static char *fresh(void)
{
	return desk_keep(&desk, desk_issue(&desk, "%s,'replace':true", REPORT));
}

static void ask_accepted(void)
{
	report(fresh());
}

static void ask_wrong(void)
{
	report(desk_wrong(&desk));
}

static void ask_misheard(void)
{
	char *code = fresh();

	code[3] = code[3] == '9' ? '0' : (char)(code[3] + 1);
	report(code);
}

static void ask_expired(void)
{
	char *code = fresh();

	desk_pass(&desk, 780);
	report(code);
}

static void ask_used(void)
{
	char *code = fresh();

	report(code);
	report(code);
}

static void ask_used_for_another(void)
{
	char *code = desk_keep(&desk, desk_issue(&desk, "'account':'acme','administrator':'dana'"));

	desk_verify(&desk, "'account':'acme','action':'filter.list','target':['b'],'code':'%s'",
	    code);
	report(code);
}

static void ask_used_by_another(void)
{
	char *code = fresh();

	desk_sit(&desk, DESK_TEO, "teo");
	report(code);
	desk_sit(&desk, DESK_MIA, "mia");
	report(code);
}

static void ask_replaced(void)
{
	char *code = fresh();

	fresh();
	report(code);
}

static void ask_cancelled(void)
{
	char *code = fresh();

	desk_fail(&desk, "acme", 3);
	report(code);
}

static void ask_revoked(void)
{
	char *code = fresh();

	assert_int_equal(desk_ask(&desk, "control.Revoke", "'issue':'%s'", desk_text(&desk,
	    "issue")), CS_OK);
	report(code);
}

static void ask_other_action(void)
{
	desk_verify(&desk, "'account':'acme','action':'filter.list','code':'%s'", fresh());
}

static void ask_high_without_action(void)
{
	char *code = desk_keep(&desk, desk_issue(&desk, "'account':'acme','administrator':'dana'"));

	desk_verify(&desk, "'account':'acme','action':'service.change','code':'%s'", code);
}

static void ask_other_target(void)
{
	mail("mx1.acme=203.0.113.8", desk_keep(&desk, desk_issue(&desk, MX)));
}

static void ask_bound_without_target(void)
{
	char *code = desk_keep(&desk, desk_issue(&desk, "'account':'acme','administrator':'dana'"));

	desk_verify(&desk, "'account':'acme','action':'host.reset','target':['h1'],'code':'%s'",
	    code);
}

static void ask_not_permitted(void)
{
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
	    "'account':'acme','administrator':'frank',"
	    "'reason':'test','actions':['filter.list']"), CS_OK);
	report(desk_keep(&desk, desk_issue(&desk, "'account':'acme','administrator':'frank'")));
}

static void ask_in_the_name_of_another(void)
{
	desk_verify(&desk, "'account':'acme/eve','action':'report.mail','code':'%s'", fresh());
}

/* A code from before what makes its owner wait. */
static void ask_cooling_off(void)
{
	char *code = desk_keep(&desk, desk_issue(&desk, MX));
	struct account account;
	struct admin admin;
	struct member member;

	desk_begin(&desk);
	assert_int_equal(store_find_account(desk.store, cs_str("acme"), &account), CS_OK);
	assert_int_equal(store_find_admin(desk.store, cs_str("dana"), &admin), CS_OK);
	assert_int_equal(store_get_member(desk.store, account.id, admin.id, &member), CS_OK);
	member.cooling_until = desk.now.steady + 7200;
	store_put_member(desk.store, &member);
	assert_int_equal(store_keep(desk.store), CS_OK);
	desk_commit(&desk);
	mail("mx1.acme=203.0.113.9", code);
}

static void ask_throttled(void)
{
	for (unsigned i = 0; i < 5; i++)
		report(desk_wrong(&desk));
	report(fresh());
}

static void ask_unknown_account(void)
{
	desk_verify(&desk, "'account':'amce','action':'report.mail','code':'123456789'");
}

static void ask_suspended(void)
{
	char *code = fresh();

	desk_stand(&desk, "acme", STANDING_SUSPENDED);
	report(code);
}

static void ask_frozen(void)
{
	char *code = fresh();

	desk_stand(&desk, "acme", STANDING_FROZEN);
	report(code);
}

static void ask_ticket(void)
{
	report("T4821");
}

static void ask_app_code_without_name(void)
{
	desk_verify(&desk, "'account':'acme','action':'note.add','code':'123456'");
}

static void ask_ten_digits(void)
{
	report("1234567890");
}

static void ask_in_the_name_of_nobody(void)
{
	desk_verify(&desk, "'account':'acme/nobody','action':'report.mail','code':'%s'", fresh());
}

static void ask_app_code_for_high(void)
{
	desk_verify(&desk, "'account':'acme/dana','action':'service.change','code':'123456'");
}

static void ask_nothing_required(void)
{
	desk_verify(&desk, "'account':'acme','action':'general','code':''");
}

static const struct {
	void (*ask)(void);
	enum cs_reason reason;
	const char *say;
	bool event;			/* of its own */
} reasons[] = {
	{ ask_accepted, CS_REASON_ACCEPTED, "dana R. for acme Ltd.", true },
	{ ask_nothing_required, CS_REASON_ACCEPTED, "no code is needed", true },
	{ ask_wrong, CS_WRONG, "no such code for this account", true },
	{ ask_ticket, CS_WRONG, "no such ticket", true },
	{ ask_misheard, CS_MISHEARD, "a digit is wrong", false },
	{ ask_ten_digits, CS_MISHEARD, "Ask for it again, in threes.", false },
	{ ask_app_code_without_name, CS_MISHEARD, "name the administrator", false },
	{ ask_expired, CS_EXPIRED, "3 minutes ago", true },
	{ ask_used, CS_USED, "by you, for the same change. Check whether it already", true },
	{ ask_used_for_another, CS_USED, "by you for \"Add to an allow or deny list\" (b).", true },
	{ ask_used_by_another, CS_USED, "by teo", true },
	{ ask_replaced, CS_REPLACED, "newer code", true },
	{ ask_cancelled, CS_CANCELLED, "too many wrong codes", true },
	{ ask_revoked, CS_CANCELLED, "was cancelled", true },
	{ ask_other_action, CS_OTHER_ACTION, "\"Report of mail transferred\"", true },
	{ ask_high_without_action, CS_OTHER_ACTION, "without naming an action", true },
	{ ask_other_target, CS_OTHER_TARGET, "mx1.acme \xe2\x86\x92 203.0.113.9", true },
	{ ask_bound_without_target, CS_OTHER_TARGET, "names no target", true },
	{ ask_not_permitted, CS_NOT_PERMITTED, "may not authorise", true },
	{ ask_in_the_name_of_another, CS_NOT_PERMITTED, "not from the administrator you named",
	    true },
	{ ask_in_the_name_of_nobody, CS_NOT_PERMITTED, "not from the administrator you named",
	    true },
	{ ask_app_code_for_high, CS_NOT_PERMITTED, "app does not serve", true },
	{ ask_cooling_off, CS_COOLING_OFF, "in 2 hours", true },
	{ ask_throttled, CS_THROTTLED,
	    "Wait 30 seconds: five wrong codes in ten minutes. The", false },
	{ ask_unknown_account, CS_UNKNOWN_ACCOUNT, "Did you mean acme?", true },
	{ ask_suspended, CS_SUSPENDED, "suspended", true },
	{ ask_frozen, CS_FROZEN, "frozen", true },
};

static void every_reason_comes_with_its_sentence_and_its_event(void **state)
{
	char reason[32];
	uint64_t event;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (i > 0)
			begin(state);
		reasons[i].ask();
		event = desk_events(&desk);
		snprintf(reason, sizeof(reason), "%s", cs_reason_name(reasons[i].reason));
		assert_string_equal(desk_text(&desk, "reason"), reason);
		if (strstr(desk_text(&desk, "say"), reasons[i].say) == NULL)
			fail_msg("%s: %s", reason, desk_text(&desk, "say"));
		assert_string_equal(desk_text(&desk, "verdict"),
		    reasons[i].reason == CS_REASON_ACCEPTED ? "accepted" :
		    "refused");
		assert_int_equal(desk_text(&desk, "verification")[0] == 'V', reasons[i].event);
		assert_int_equal(desk_int(&desk, "wait") > 0, reasons[i].reason == CS_THROTTLED ||
		    reasons[i].reason == CS_COOLING_OFF);
		if (reasons[i].event) {
			desk_event(&desk, event);
			assert_string_equal(desk_text(&desk, "reason"), reason);
			assert_string_equal(desk_text(&desk, "technician"), "mia");
			assert_int_equal(desk_text(&desk, "credential")[0] != '\0',
			    desk_text(&desk, "administrator")[0] != '\0');
		}
		if (i + 1 < sizeof(reasons) / sizeof(reasons[0]))
			desk_end(state);
	}
}

static void what_decides_first_is_what_is_told(void **state)
{
	char *code = fresh(), *host;

	(void)state;
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme/eve','action':'filter.list','code':'%s'", code), "not-permitted");
	host = desk_keep(&desk, desk_issue(&desk, MX));
	ask_cooling_off();
	assert_string_equal(mail("mx1.acme=203.0.113.8", host), "other-target");
	desk_sit(&desk, DESK_OPERATOR, "root");
	assert_string_equal(mail("mx1.acme=203.0.113.9", host), "cooling-off");
	desk_sit(&desk, DESK_MIA, "mia");
	desk_reload(&desk, OPTIONS "action report.mail { groups = { \"4242\" } }\n");
	for (unsigned i = 0; i < 5; i++)
		desk_verify(&desk, "'account':'bolt','action':'note.add','code':'%s'",
		    desk_wrong(&desk));
	assert_string_equal(report(code), "throttled");
}

static void a_used_code_is_refused_after_restart(void **state)
{
	char *code = fresh();

	(void)state;
	desk_restart(&desk);
	assert_string_equal(report(code), "accepted");
	desk_restart(&desk);
	assert_string_equal(report(code), "used");
}

static void a_code_is_used_once_within_one_batch(void **state)
{
	char *code = fresh();

	(void)state;
	desk_begin(&desk);
	assert_string_equal(report(code), "accepted");
	for (unsigned i = 0; i < 10; i++)
		assert_string_equal(report(code), "used");
	desk_commit(&desk);
}

static void the_event_of_a_dead_code_names_whose_it_was(void **state)
{
	static void (*const asks[])(void) = { ask_used, ask_expired, ask_replaced, ask_cancelled,
		ask_revoked, ask_in_the_name_of_another };

	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		if (i > 0)
			begin(state);
		asks[i]();
		assert_string_equal(desk_text(&desk, "administrator"), "");
		desk_event(&desk, desk_events(&desk));
		assert_string_equal(desk_text(&desk, "administrator"), "dana");
		assert_string_equal(desk_text(&desk, "administrator_name"), "dana R.");
		if (i + 1 < sizeof(asks) / sizeof(asks[0]))
			desk_end(state);
	}
}

static void a_code_for_one_thing_does_nothing_for_another_and_stays_good(void **state)
{
	char *code;

	(void)state;
	code = desk_keep(&desk, desk_issue(&desk, MX));
	assert_string_equal(desk_verify(&desk,
	    "'account':'bolt','action':'mail.server','target':['mx1.acme=203.0.113.9'],"
	    "'code':'%s'", code), "wrong");
	assert_string_equal(mail("mx2.acme=203.0.113.9", code), "other-target");
	assert_string_equal(report(code), "other-action");
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'host.reset','target':['mx1.acme=203.0.113.9'],"
	    "'code':'%s'", code), "other-action");
	assert_string_equal(mail(" MX1.acme.=203.0.113.9 ", code), "accepted");
}

static void a_code_without_action_serves_what_is_neither_high_nor_bound(void **state)
{
	char *code = desk_keep(&desk, desk_issue(&desk, "'account':'acme','administrator':'dana'"));

	(void)state;
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'service.change','code':'%s'", code),
	    "other-action");
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'host.reset','target':['h'],'code':'%s'", code),
	    "other-target");
	assert_string_equal(report(code), "accepted");
}

static void each_target_asked_for_must_be_among_the_codes(void **state)
{
	char *code = desk_keep(&desk, desk_issue(&desk,
	    "'account':'acme','administrator':'dana','action':'host.reset',"
	    "'target':['h1','h2','h3']"));

	(void)state;
	assert_string_equal(desk_verify(&desk, "'account':'acme','action':'host.reset','code':'%s'",
	    code),
	    "InvalidParameter");
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'host.reset','target':['h1','h4'],'code':'%s'",
	    code), "other-target");
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'host.reset','target':['h3','h1'],'code':'%s'",
	    code), "accepted");
}

static void a_code_that_names_targets_does_not_serve_an_unnamed_one(void **state)
{
	char *code = desk_keep(&desk, desk_issue(&desk, REPORT ",'target':['a@acme']"));

	(void)state;
	assert_string_equal(report(code), "other-target");
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'report.mail','target':['a@acme'],'code':'%s'",
	    code), "accepted");
}

static void targets_that_an_event_could_not_be_sent_with_are_refused(void **state)
{
	static char list[CS_FRAME_MAX];
	size_t len = 0;
	char *code = fresh();

	(void)state;
	for (unsigned i = 0; i < 61; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s'%0255u'", i > 0 ?
		    "," : "", i);
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'report.mail','target':[%s],'code':'%s'", list,
	    code), "InvalidParameter");
	list[40 * 258 - 1] = '\0';
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'report.mail','target':[%s],'code':'%s'", list,
	    code), "accepted");
	desk_event(&desk, desk_events(&desk));
}

static void a_code_at_another_prompt_reaches_no_event_and_stays_good(void **state)
{
	char *code = fresh(), places[3][64];
	uint64_t events = desk_events(&desk);

	(void)state;
	snprintf(places[0], sizeof(places[0]), "'target':['%s']", code);
	snprintf(places[1], sizeof(places[1]), "'target':['a@acme','%.3s %s']", code, code + 3);
	snprintf(places[2], sizeof(places[2]), "'case':'%.3s-%s'", code, code + 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(desk_verify(&desk,
		    "'account':'acme','action':'report.mail','code':'%s',%s", code, places[i]),
		    "InvalidParameter");
	}
	assert_int_equal(desk_events(&desk), events);
	/* Another number is none. */
	assert_string_equal(desk_verify(&desk, "'account':'acme','action':'report.mail',"
	    "'code':'%s','case':'%s'", code, desk_wrong(&desk)), "accepted");
}

static void an_action_the_policy_does_not_name_is_an_error(void **state)
{
	(void)state;
	assert_string_equal(desk_verify(&desk, "'account':'acme','action':'mail.serve','code':'1'"),
	    "UnknownAction");
	assert_string_equal(desk_verify(&desk, "'account':'acme','code':'1'"), "InvalidParameter");
	assert_string_equal(desk_verify(&desk, "'account':'acme','action':'report.mail','code':1"),
	    "InvalidParameter");
}

static void who_issued_a_code_cannot_verify_it(void **state)
{
	char *code = fresh();

	(void)state;
	desk_sit(&desk, DESK_OPERATOR, "root");
	desk.asserter = 991;
	assert_string_equal(report(code), "not-permitted");
	assert_non_null(strstr(desk_text(&desk, "say"), "under your own user"));
	desk_sit(&desk, DESK_MIA, "mia");
	desk.asserter = DESK_OPERATOR;
	assert_string_equal(report(code), "not-permitted");
	assert_string_equal(desk_text(&desk, "say"), "Not accepted: it was issued under the user "
	    "that checks it here (root, under sudo), and who issues does not verify. "
	    "Ask the caller "
	    "for a code from the control panel.");
	desk_reload(&desk, OPTIONS "separate-roles = false\n");
	assert_string_equal(report(code), "accepted");
}

static void an_action_may_be_for_some_technicians_only(void **state)
{
	char *code = fresh();

	(void)state;
	desk_reload(&desk, "action report.mail { groups = { \"4242\" } }\n");
	assert_string_equal(report(code), "not-permitted");
	assert_string_equal(desk_verify(&desk,
	    "'account':'nobody','action':'report.mail','code':'%s'", code),
	    "not-permitted");
	desk.who.ngroups = 1;
	desk.who.groups[0] = 4242;
	assert_string_equal(report(code), "accepted");
}

#define SHADOW OPTIONS "mode = shadow\n" \
	"action report.mail { mode = shadow }\naction mail.server { mode = shadow }\n" \
	"action filter.list { mode = shadow }\n"

static void shadow_mode_records_and_lets_refusals_of_the_credential_through(void **state)
{
	static const char *const let[] = { "wrong", "misheard", "expired", "used", "replaced",
		"cancelled", "other-action", "other-target", "cooling-off", "not-permitted" };
	uint64_t event;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		bool through = reasons[i].reason == CS_REASON_ACCEPTED;
		const char *reason = cs_reason_name(reasons[i].reason);

		for (size_t j = 0; j < sizeof(let) / sizeof(let[0]); j++)
			through = through || strcmp(reason, let[j]) == 0;
		if (i > 0)
			begin(state);
		desk_reload(&desk,
		    SHADOW "action service.change { mode = shadow }\n"
		    "action general { mode = shadow }\n");
		reasons[i].ask();
		event = desk_events(&desk);
		assert_string_equal(desk_text(&desk, "reason"), reason);
		assert_string_equal(desk_text(&desk, "mode"), "shadow");
		if (strcmp(desk_text(&desk, "verdict"), through ? "accepted" : "refused") != 0)
			fail_msg("%s: %s", reason, desk_text(&desk, "say"));
		if (through) {
			desk_event(&desk, event);
			assert_string_equal(desk_text(&desk, "reason"), reason);
			assert_string_equal(desk_text(&desk, "verdict"),
			    reasons[i].reason == CS_REASON_ACCEPTED ?
			    "accepted" : "refused");
		}
		if (i + 1 < sizeof(reasons) / sizeof(reasons[0]))
			desk_end(state);
	}
}

static void shadow_mode_does_not_let_a_technician_through_who_may_not_ask(void **state)
{
	(void)state;
	desk_reload(&desk, "action report.mail { mode = shadow groups = { \"4242\" } }\n");
	assert_string_equal(report(fresh()), "not-permitted");
	assert_string_equal(desk_text(&desk, "verdict"), "refused");
}

static void shadow_mode_consumes_nothing_that_it_lets_through(void **state)
{
	char *code = fresh();

	(void)state;
	desk_reload(&desk, SHADOW);
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'filter.list','code':'%s'", code),
	    "other-action");
	assert_string_equal(desk_text(&desk, "verdict"), "accepted");
	desk_reload(&desk, OPTIONS);
	assert_string_equal(report(code), "accepted");
}

static void a_code_lives_ten_minutes_by_either_clock(void **state)
{
	char *code = fresh();

	(void)state;
	desk_pass(&desk, 599);
	assert_string_equal(report(code), "accepted");
	code = fresh();
	desk_pass(&desk, 600);
	assert_string_equal(report(code), "expired");
	code = fresh();
	desk.at.wall += 580;
	desk.at.boot += 600;
	assert_string_equal(report(code), "expired");
}

static void an_hour_back_ends_live_codes_and_lengthens_none(void **state)
{
	char *code = fresh();

	(void)state;
	desk_pass(&desk, 60);
	desk.at.wall -= 3600;
	assert_string_equal(report(code), "expired");
	assert_non_null(strstr(desk_text(&desk, "say"), "it has expired"));
	assert_string_equal(report(fresh()), "accepted");
	desk.at.wall += 3600;
	assert_string_equal(report(code), "expired");
}

static void a_day_forward_ends_live_codes_and_forgives_no_wrong_try(void **state)
{
	char *code = fresh();

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		report(desk_wrong(&desk));
	desk.at.wall += 86400;
	assert_string_equal(report(code), "throttled");
	desk_pass(&desk, 30);
	assert_string_equal(report(code), "expired");
}

static void a_code_outlives_a_reboot_within_its_time(void **state)
{
	char *code = fresh(), *late = desk_keep(&desk, desk_issue(&desk,
	    "'account':'acme','administrator':'dana'"));

	(void)state;
	desk.at = (struct instant){ desk.at.wall + 300, 20, 2 };
	desk_restart(&desk);
	assert_string_equal(report(code), "accepted");
	desk_pass(&desk, 300);
	assert_string_equal(report(late), "expired");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_reason_comes_with_its_sentence_and_its_event),
		TEST(what_decides_first_is_what_is_told),
		TEST(a_used_code_is_refused_after_restart),
		TEST(a_code_is_used_once_within_one_batch),
		TEST(the_event_of_a_dead_code_names_whose_it_was),
		TEST(a_code_for_one_thing_does_nothing_for_another_and_stays_good),
		TEST(a_code_without_action_serves_what_is_neither_high_nor_bound),
		TEST(each_target_asked_for_must_be_among_the_codes),
		TEST(a_code_that_names_targets_does_not_serve_an_unnamed_one),
		TEST(targets_that_an_event_could_not_be_sent_with_are_refused),
		TEST(a_code_at_another_prompt_reaches_no_event_and_stays_good),
		TEST(an_action_the_policy_does_not_name_is_an_error),
		TEST(who_issued_a_code_cannot_verify_it),
		TEST(an_action_may_be_for_some_technicians_only),
		TEST(shadow_mode_records_and_lets_refusals_of_the_credential_through),
		TEST(shadow_mode_does_not_let_a_technician_through_who_may_not_ask),
		TEST(shadow_mode_consumes_nothing_that_it_lets_through),
		TEST(a_code_lives_ten_minutes_by_either_clock),
		TEST(an_hour_back_ends_live_codes_and_lengthens_none),
		TEST(a_day_forward_ends_live_codes_and_forgives_no_wrong_try),
		TEST(a_code_outlives_a_reboot_within_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

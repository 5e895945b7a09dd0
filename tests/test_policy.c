/* SPDX-License-Identifier: ISC
 *
 * What one account's override changes, that it only ever tightens, and that
 * the sentences about it are true.
 */
#include "desk.h"

#include "../daemon/explain.h"
#include "../daemon/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct desk desk;

#define OPTIONS \
	"action note.add { title = \"Add a note\" require = code authenticator = true }\n" \
	"action log.read { title = \"Read a log\" require = code mode = shadow }\n"

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, OPTIONS);
	desk_add(&desk, "acme", "dana");
	desk_add(&desk, "bolt", "eve");
	return 0;
}

static void set(const char *action, const char *more)
{
	assert_int_equal(desk_ask(&desk, "control.SetPolicy", "'account':'acme','action':'%s',%s",
			     action, more),
	    CS_OK);
	assert_string_equal(desk_text(&desk, "error"), "");
}

static const char *verify(const char *account, const char *action, const char *code)
{
	return desk_verify(&desk, "'account':'%s','action':'%s','code':'%s'", account, action,
	    code);
}

static char *unscoped(const char *account, const char *admin)
{
	return desk_keep(&desk,
	    desk_issue(&desk, "'account':'%s','administrator':'%s','replace':true", account,
		admin));
}

static const char *prepared(const char *account, const char *action, const char *field)
{
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "'account':'%s','action':'%s'", account,
	    action), CS_OK);
	return desk_text(&desk, field);
}

static void an_override_may_require_a_code_where_none_is_required(void **state)
{
	(void)state;
	set("general", "'require':'code'");
	assert_string_equal(prepared("acme", "general", "requires"), "code");
	assert_string_equal(prepared("bolt", "general", "requires"), "none");
	assert_string_equal(prepared("", "general", "requires"), "none");
	assert_string_equal(verify("acme", "general", ""), "misheard");
	assert_string_equal(verify("acme", "general", desk_wrong(&desk)), "wrong");
	assert_string_equal(verify("acme", "general", unscoped("acme", "dana")), "accepted");
	assert_string_equal(verify("bolt", "general", ""), "accepted");
	assert_string_equal(verify("", "general", ""), "accepted");
}

static void an_override_may_make_an_action_high_risk(void **state)
{
	(void)state;
	set("filter.list", "'risk':'high'");
	assert_string_equal(verify("acme", "filter.list", unscoped("acme", "dana")),
	    "other-action");
	assert_string_equal(verify("bolt", "filter.list", unscoped("bolt", "eve")), "accepted");
	assert_string_equal(verify("acme", "filter.list", desk_keep(&desk, desk_issue(&desk,
	    "'account':'acme','administrator':'dana','action':'filter.list'"))), "accepted");
	desk_add(&desk, "acme", "rita");
	assert_string_equal(desk_issue(&desk,
	    "'account':'acme','administrator':'rita','action':'filter.list'"), "Refused");
	assert_string_equal(desk_text(&desk, "why"), "cooling-off");
}

static void an_override_may_bind_the_target(void **state)
{
	static const char asked[] =
	    "'account':'acme','administrator':'dana','action':'filter.list'%s";
	bool binds = false;

	(void)state;
	set("filter.list", "'bind_target':true");
	prepared("acme", "filter.list", "call");
	assert_int_equal(cs_msg_bool(&desk.out, "binds_target", &binds), CS_OK);
	assert_true(binds);
	assert_string_equal(verify("acme", "filter.list", unscoped("acme", "dana")),
	    "InvalidParameter");
	assert_string_equal(desk_text(&desk, "parameter"), "target");
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'filter.list','target':['a.example'],'code':'%s'",
	    unscoped("acme", "dana")), "other-target");
	assert_string_equal(desk_issue(&desk, asked, ""), "InvalidParameter");
	char *code = desk_keep(&desk, desk_issue(&desk, asked, ",'target':['a.example']"));
	assert_string_equal(desk_verify(&desk,
	    "'account':'acme','action':'filter.list','target':['a.example'],'code':'%s'", code),
	    "accepted");
	assert_string_equal(verify("bolt", "filter.list", unscoped("bolt", "eve")), "accepted");
}

static void an_override_may_end_shadow_mode(void **state)
{
	(void)state;
	set("log.read", "'mode':'enforce'");
	assert_string_equal(verify("acme", "log.read", desk_wrong(&desk)), "wrong");
	assert_string_equal(desk_text(&desk, "verdict"), "refused");
	assert_string_equal(desk_text(&desk, "mode"), "enforce");
	assert_string_equal(verify("bolt", "log.read", desk_wrong(&desk)), "wrong");
	assert_string_equal(desk_text(&desk, "verdict"), "accepted");
	assert_string_equal(desk_text(&desk, "mode"), "shadow");
	assert_string_equal(prepared("acme", "log.read", "mode"), "enforce");
	assert_string_equal(prepared("", "log.read", "mode"), "shadow");
}

static void an_override_may_keep_codes_from_apps_out(void **state)
{
	static const char *const ways[] = { "'authenticator':'no'", "'risk':'high'",
		"'bind_target':true" };
	uint8_t secret[20];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (i > 0)
			begin(state);
		desk_enroll(&desk, "dana", "support", secret);
		desk_pass(&desk, 60);
		assert_string_equal(desk_verify(&desk,
		    "'account':'acme/dana','action':'note.add','target':['x'],'code':'%s'",
		    desk_app(&desk, secret)), "accepted");
		set("note.add", ways[i]);
		desk_pass(&desk, 60);
		assert_string_equal(desk_verify(&desk,
		    "'account':'acme/dana','action':'note.add','target':['x'],'code':'%s'",
		    desk_app(&desk, secret)), "not-permitted");
		if (i + 1 < sizeof(ways) / sizeof(ways[0]))
			desk_end(state);
	}
}

static void an_override_may_shorten_a_codes_life(void **state)
{
	char *code = unscoped("acme", "dana");

	(void)state;
	set("filter.list", "'lifetime':300");
	desk_pass(&desk, 299);
	assert_string_equal(verify("acme", "filter.list", code), "accepted");
	code = unscoped("acme", "dana");
	desk_pass(&desk, 300);
	assert_string_equal(verify("acme", "filter.list", code), "expired");
	assert_string_equal(verify("acme", "report.mail", code), "accepted");
	desk_issue(&desk, "'account':'acme','administrator':'dana','action':'filter.list'");
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + 300);
}

static void a_code_that_has_become_too_long_lived_is_not_shown_again(void **state)
{
	static const char asked[] =
	    "'account':'acme','administrator':'dana','action':'filter.list'";
	char *code = desk_keep(&desk, desk_issue(&desk, "%s", asked));

	(void)state;
	assert_string_equal(desk_issue(&desk, "%s", asked), code);
	set("filter.list", "'lifetime':300");
	char *other = desk_keep(&desk, desk_issue(&desk, "%s", asked));
	assert_string_not_equal(other, code);
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + 300);
	assert_string_equal(verify("acme", "filter.list", code), "replaced");
	assert_string_equal(verify("acme", "filter.list", other), "accepted");
}

static void what_would_ask_for_less_is_refused_and_changes_nothing(void **state)
{
	static const char *const looser[] = {
		"'require':'none'", "'risk':'normal'", "'mode':'shadow'", "'authenticator':'yes'",
		"'bind_target':false", "'lifetime':601", "'risk':'high','mode':'shadow'",
	};
	uint64_t events = desk_events(&desk);

	(void)state;
	for (size_t i = 0; i < sizeof(looser) / sizeof(looser[0]); i++) {
		assert_int_equal(desk_ask(&desk, "control.SetPolicy",
		    "'account':'acme','action':'log.read',%s", looser[i]), CS_ERR_ANSWERED);
		assert_string_equal(desk_text(&desk, "error"), "Refused");
		assert_string_equal(desk_text(&desk, "why"), "looser");
		assert_non_null(strstr(desk_text(&desk, "say"), "would ask for less"));
	}
	assert_int_equal(desk_rows(&desk, TABLE_OVERRIDES), 0);
	assert_int_equal(desk_events(&desk), events);
}

static void a_lifetime_is_not_lengthened_by_a_second_override(void **state)
{
	(void)state;
	set("log.read", "'lifetime':300");
	set("log.read", "'lifetime':300");
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'log.read','lifetime':301"), CS_ERR_ANSWERED);
	assert_string_equal(desk_text(&desk, "why"), "looser");
	set("log.read", "'lifetime':120");
	assert_int_equal(desk_int(&desk, "lifetime"), 120);
}

static void nonsense_is_refused(void **state)
{
	static const struct {
		const char *parameters, *error;
	} rows[] = {
		{ "'account':'acme','action':'log.read'", "Refused" },
		{ "'account':'acme','action':'log.read','clear':true,'risk':'high'", "Refused" },
		{ "'account':'acme','action':'log.read','clear':true", "NotFound" },
		{ "'account':'acme','action':'general','risk':'high'", "Refused" },
		{ "'account':'acme','action':'log.read','risk':'higher'", "InvalidParameter" },
		{ "'account':'acme','action':'log.read','lifetime':119", "InvalidParameter" },
		{ "'account':'acme','action':'log.read','lifetime':-1", "InvalidParameter" },
		{ "'account':'acme','action':'log.read','bind_target':'yes'", "InvalidParameter" },
		{ "'account':'acme','risk':'high'", "InvalidParameter" },
		{ "'account':'acme','action':'log.rea','risk':'high'", "UnknownAction" },
		{ "'account':'acne','action':'log.read','risk':'high'", "UnknownAccount" },
		{ "'action':'log.read','risk':'high'", "InvalidParameter" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		desk_ask(&desk, "control.SetPolicy", "%s", rows[i].parameters);
		assert_string_equal(desk_text(&desk, "error"), rows[i].error);
	}
	assert_int_equal(desk_rows(&desk, TABLE_OVERRIDES), 0);
}

static void an_account_has_overrides_for_64_actions(void **state)
{
	char options[4096], action[8];
	size_t len = 0;

	(void)state;
	for (unsigned i = 0; i <= 64; i++)
		len += (size_t)snprintf(options + len, sizeof(options) - len,
		    "action a%u { require = code }\n", i);
	desk_reload(&desk, options);
	for (unsigned i = 0; i < 64; i++) {
		snprintf(action, sizeof(action), "a%u", i);
		set(action, "'risk':'high'");
	}
	desk_ask(&desk, "control.SetPolicy", "'account':'acme','action':'a64','risk':'high'");
	assert_string_equal(desk_text(&desk, "why"), "full");
	set("a63", "'bind_target':true");
	set("a0", "'clear':true");
	set("a64", "'risk':'high'");
	assert_string_equal(desk_text(&desk, "risk"), "high");
}

static void what_was_set_stays_until_it_is_cleared(void **state)
{
	(void)state;
	set("log.read", "'risk':'high'");
	set("filter.list", "'require':'code'");
	set("log.read", "'mode':'enforce'");
	assert_string_equal(desk_text(&desk, "risk"), "high");
	desk_restart(&desk);
	assert_string_equal(verify("acme", "log.read", unscoped("acme", "dana")), "other-action");
	assert_string_equal(desk_text(&desk, "verdict"), "refused");
	set("log.read", "'clear':true");
	assert_string_equal(verify("acme", "log.read", desk_wrong(&desk)), "wrong");
	assert_string_equal(desk_text(&desk, "verdict"), "accepted");
	assert_int_equal(desk_rows(&desk, TABLE_OVERRIDES), 1);
	set("filter.list", "'clear':true");
	assert_int_equal(desk_rows(&desk, TABLE_OVERRIDES), 0);
	desk_event(&desk, desk_events(&desk));
	assert_string_equal(desk_text(&desk, "kind"), "policy-set");
	assert_string_equal(desk_text(&desk, "action"), "filter.list");
	assert_string_equal(desk_text(&desk, "note"), "cleared");
}

/* Whatever the two say, nothing is looser than either. */
static void an_override_is_never_looser_than_the_configuration(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 1u << 12; bits++) {
		const struct override o = {
			.code = bits & 1,
			.high = bits & 2,
			.bind_target = bits & 4,
			.enforce = bits & 8,
			.no_authenticator = bits & 16,
			.lifetime = bits & 32 ? 300 : 0,
		};
		const struct action configured = {
			.name = (char *)"a",
			.require = bits & 64 ? REQUIRE_CODE : REQUIRE_NONE,
			.risk = bits & 128 ? RISK_HIGH : RISK_NORMAL,
			.bind_target = bits & 256,
			.shadow = bits & 512,
			.authenticator = bits & 1024,
			.lifetime = bits & 2048 ? 120 : 600,
		};
		struct action now = configured;

		policy_tighten(&now, &o);
		assert_true(now.require >= configured.require &&
		    now.require >= (o.code ? REQUIRE_CODE : 0));
		assert_true(now.risk >= configured.risk && now.risk >= (o.high ? RISK_HIGH : 0));
		assert_true(now.bind_target == (configured.bind_target || o.bind_target));
		assert_true(now.shadow == (configured.shadow && !o.enforce));
		assert_true(!now.authenticator ||
		    (configured.authenticator && !o.no_authenticator && now.risk == RISK_NORMAL &&
			!now.bind_target));
		assert_true(now.lifetime <= configured.lifetime);
		assert_true(o.lifetime == 0 || now.lifetime <= o.lifetime);
	}
}

static void the_configuration_may_become_stricter_than_an_override(void **state)
{
	char *code;

	(void)state;
	set("filter.list", "'lifetime':300");
	desk_reload(&desk, OPTIONS "action filter.list { lifetime = 2m risk = high }\n");
	assert_string_equal(verify("acme", "filter.list", unscoped("acme", "dana")),
	    "other-action");
	code = desk_keep(&desk, desk_issue(&desk,
	    "'account':'acme','administrator':'dana','action':'filter.list'"));
	assert_int_equal(desk_int(&desk, "expires"), desk.at.wall + 120);
	desk_pass(&desk, 120);
	assert_string_equal(verify("acme", "filter.list", code), "expired");
}

static char *grant(const char *account, const char *action, const char *code)
{
	desk_verify(&desk, "'account':'%s','action':'%s','code':'%s','grant':true", account, action,
	    code);
	assert_string_equal(desk_text(&desk, "verdict"), "accepted");
	return desk_keep(&desk, desk_text(&desk, "grant"));
}

static const char *redeem(const char *action, const char *text)
{
	return desk_redeem(&desk, "'account':'acme','action':'%s','grant':'%s'", action, text);
}

static void a_grant_is_redeemed_under_the_policy_of_that_moment(void **state)
{
	uint8_t secret[20];
	char *by_code = grant("acme", "filter.list", unscoped("acme", "dana"));
	char *for_nothing = grant("acme", "general", "");
	char *in_shadow = grant("acme", "log.read", desk_wrong(&desk));
	char *by_app;

	(void)state;
	desk_enroll(&desk, "dana", "support", secret);
	desk_pass(&desk, 60);
	by_app = grant("acme/dana", "note.add", desk_app(&desk, secret));
	set("filter.list", "'risk':'high'");
	set("general", "'require':'code'");
	set("log.read", "'mode':'enforce'");
	set("note.add", "'authenticator':'no'");
	assert_string_equal(redeem("filter.list", by_code), "not-permitted");
	assert_non_null(strstr(desk_text(&desk, "say"), "policy was changed"));
	assert_string_equal(redeem("general", for_nothing), "not-permitted");
	assert_string_equal(redeem("log.read", in_shadow), "not-permitted");
	assert_string_equal(desk_text(&desk, "mode"), "enforce");
	assert_string_equal(redeem("note.add", by_app), "not-permitted");
	set("filter.list", "'clear':true");
	set("general", "'clear':true");
	set("log.read", "'clear':true");
	set("note.add", "'clear':true");
	assert_string_equal(redeem("filter.list", by_code), "accepted");
	assert_string_equal(redeem("general", for_nothing), "accepted");
	assert_string_equal(redeem("log.read", in_shadow), "wrong");
	assert_string_equal(desk_text(&desk, "verdict"), "accepted");
	assert_string_equal(desk_text(&desk, "mode"), "shadow");
	assert_string_equal(redeem("note.add", by_app), "accepted");
}

static void a_grant_whose_code_named_it_all_outlives_a_stricter_policy(void **state)
{
	char *code = desk_keep(&desk, desk_issue(&desk,
	    "'account':'acme','administrator':'dana','action':'filter.list','target':['x']"));
	char *text;

	(void)state;
	desk_verify(&desk,
	    "'account':'acme','action':'filter.list','target':['x'],'code':'%s','grant':true",
	    code);
	text = desk_keep(&desk, desk_text(&desk, "grant"));
	set("filter.list", "'risk':'high','bind_target':true,'lifetime':120");
	assert_string_equal(
	    desk_redeem(&desk,
		"'account':'acme','action':'filter.list','target':['x'],'grant':'%s'", text),
	    "accepted");
}

static void a_grant_whose_code_named_no_target_ends_when_the_target_is_bound(void **state)
{
	char *text;

	(void)state;
	desk_verify(&desk,
	    "'account':'acme','action':'filter.list','target':['x'],'code':'%s','grant':true",
	    unscoped("acme", "dana"));
	text = desk_keep(&desk, desk_text(&desk, "grant"));
	set("filter.list", "'bind_target':true");
	assert_string_equal(
	    desk_redeem(&desk,
		"'account':'acme','action':'filter.list','target':['x'],'grant':'%s'", text),
	    "not-permitted");
}

static void a_grant_for_a_change_of_administrators_too(void **state)
{
	static const char add[] = "'account':'acme','administrator':'rita','grant':'%s'";
	char *text;

	(void)state;
	desk_reload(&desk, OPTIONS "action admin.change { risk = normal }\n");
	text = grant("acme", "admin.change", unscoped("acme", "dana"));
	set("admin.change", "'risk':'high'");
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator", add, text), CS_ERR_ANSWERED);
	assert_string_equal(desk_text(&desk, "why"), "grant");
	assert_non_null(strstr(desk_text(&desk, "say"), "policy was changed"));
	set("admin.change", "'clear':true");
	assert_int_equal(desk_ask(&desk, "control.AddAdministrator", add, text), CS_OK);
}

static void a_removed_account_leaves_no_override_behind(void **state)
{
	(void)state;
	set("log.read", "'risk':'high'");
	assert_int_equal(desk_ask(&desk, "control.RemoveAccount", "'account':'acme'"), CS_OK);
	assert_int_equal(desk_rows(&desk, TABLE_OVERRIDES), 0);
}

static void the_same_request_keeps_the_mode_of_its_answer(void **state)
{
	const char *code = desk_wrong(&desk);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		desk_verify(&desk, "'account':'acme','action':'log.read','code':'%s',"
		    "'request':'a-request-of-16-or-more'", code);
		assert_string_equal(desk_text(&desk, "verdict"), "accepted");
		assert_string_equal(desk_text(&desk, "mode"), "shadow");
		if (i == 0)
			set("log.read", "'mode':'enforce'");
	}
}

/* The lines of one explanation as one text. */
static const char *explained(const char *parameters)
{
	static char text[CS_FRAME_MAX];
	const struct cs_str *at;
	size_t n, len = 0;

	assert_int_equal(desk_ask(&desk, "control.ExplainPolicy", "%s", parameters), CS_OK);
	assert_int_equal(cs_msg_strings(&desk.out, "say", &at, &n), CS_OK);
	assert_in_range(n, 1, EXPLAIN_LINES);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(at[i].p[at[i].len - 1], '.');
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s\n", (int)at[i].len,
		    at[i].p);
	}
	return text;
}

static void says(const char *parameters, const char *part)
{
	const char *text = explained(parameters);

	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in\n%s", part, text);
}

static void an_override_is_told_apart_from_the_configuration(void **state)
{
	(void)state;
	set("log.read", "'risk':'high','mode':'enforce','lifetime':300,'authenticator':'no'");
	says("'action':'log.read','account':'acme'", "less than 5 minutes old");
	says("'action':'log.read','account':'acme'",
	    "stricter than the configuration, by this account's "
	    "override of 2026-09-21: it is high-risk, it is enforced and not in shadow mode, a "
	    "code serves "
	    "for 5 minutes only.");
	says("'action':'log.read','account':'bolt'", "Its mode is shadow");
	says("'action':'log.read'", "Its mode is shadow");
	assert_null(strstr(explained("'action':'log.read','account':'bolt'"), "override"));
	desk_reload(&desk, "action log.read { require = code risk = high lifetime = 2m }\n"
	    "action note.add { require = code }\n");
	says("'action':'log.read','account':'acme'",
	    "asks for nothing that the configuration does not ask");
}

static void what_stands_in_the_accounts_way_is_told(void **state)
{
	(void)state;
	desk_stand(&desk, "acme", STANDING_FROZEN);
	says("'action':'log.read','account':'acme'", "The account is frozen");
	desk_stand(&desk, "acme", STANDING_SUSPENDED);
	says("'action':'log.read','account':'acme'", "The account is suspended");
}

static void it_is_told_who_could_authorise_it_now_and_who_not(void **state)
{
	static const char asked[] = "'action':'service.change','account':'acme'";
	uint8_t secret[20];
	char until[64];

	(void)state;
	says(asked, "dana R. (dana) could authorise it now, with a code from an operator");
	desk_enroll(&desk, "dana", "login", secret);
	says(asked, "dana R. (dana) could authorise it now.");
	desk_add(&desk, "acme", "rita");
	time_t then = (time_t)desk.at.wall + 86400;
	strftime(until, sizeof(until),
	    "rita R. (rita) is cooling off and may authorise it from %Y-%m-%d %H:%M on.",
	    localtime(&then));
	says(asked, until);
	says("'action':'report.mail','account':'acme'",
	    "rita R. (rita) could authorise it now, with");
	desk_ask(&desk, "control.AddAdministrator",
	    "'account':'acme','administrator':'frank','actions':['filter.list'],'reason':'new'");
	says(asked, "frank (frank) may not authorise it: this action is not among");
	assert_null(strstr(explained(asked), "Nobody"));
	desk_ask(&desk, "control.SuspendAdministrator", "'administrator':'dana'");
	says(asked, "dana R. (dana) may not authorise it: suspended.");
	says(asked, "Nobody could authorise it now.");
	assert_null(strstr(explained("'action':'general','account':'acme'"), "authorise"));
}

static void many_administrators_fit_into_one_answer(void **state)
{
	char quoted[2 * 128 + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(quoted) - 1; i++)
		quoted[i] = '\\';
	quoted[sizeof(quoted) - 1] = '\0';
	for (unsigned i = 0; i < 30; i++) {
		assert_int_equal(desk_ask(&desk, "control.AddAdministrator",
				     "'account':'acme','administrator':'admin-with-a-long-name-%"
				     "040u','name':'%s','reason':'r'",
				     i, quoted),
		    CS_OK);
	}
	says("'action':'service.change','account':'acme'", "There are more administrators");
}

static void it_is_told_whether_a_technician_may_ask(void **state)
{
	static const char asked[] = "'action':'filter.list','technician':'x'";

	(void)state;
	says(asked, "mia may ask for it, as every technician may.");
	desk_sit(&desk, 4321, "zoe");
	says(asked, "zoe may not ask for anything: neither role staff nor");
	desk_sit(&desk, DESK_MIA, "mia");
	desk_reload(&desk, OPTIONS "action filter.list { groups = { \"4242\", \"4243\" } }\n");
	says(asked, "mia may not ask for it: only technicians in group 4242 or 4243 may.");
	says("'action':'filter.list'", "Only technicians in group 4242 or 4243 may ask for it.");
	desk.who.ngroups = 1;
	desk.who.groups[0] = 4243;
	says(asked, "mia may ask for it, being in group 4242 or 4243.");
	for (unsigned i = 0; i < 6; i++)
		verify("bolt", "report.mail", desk_wrong(&desk));
	says(asked, "mia has to wait 30 seconds first: five wrong codes in ten minutes.");
	desk_ask(&desk, "control.SuspendTechnician", "'technician':'mia'");
	says(asked, "mia is suspended, so may not ask for anything.");
	desk_sit(&desk, 4321, "zoe");
	desk_reload(&desk,
	    OPTIONS "role desk { users = { \"4322\" } technicians { users = { \"4321\" } groups = "
		    "{ } } }\n");
	says(asked, "zoe may ask through a staff web tool (role desk) only.");
	desk_reload(&desk, OPTIONS "role issuer { users = { \"4321\" } }\n");
	says(asked, "zoe may not ask: who issues codes does not verify them");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_override_may_require_a_code_where_none_is_required),
		TEST(an_override_may_make_an_action_high_risk),
		TEST(an_override_may_bind_the_target),
		TEST(an_override_may_end_shadow_mode),
		TEST(an_override_may_keep_codes_from_apps_out),
		TEST(an_override_may_shorten_a_codes_life),
		TEST(a_code_that_has_become_too_long_lived_is_not_shown_again),
		TEST(what_would_ask_for_less_is_refused_and_changes_nothing),
		TEST(a_lifetime_is_not_lengthened_by_a_second_override),
		TEST(nonsense_is_refused),
		TEST(an_account_has_overrides_for_64_actions),
		TEST(what_was_set_stays_until_it_is_cleared),
		cmocka_unit_test(an_override_is_never_looser_than_the_configuration),
		TEST(the_configuration_may_become_stricter_than_an_override),
		TEST(a_grant_is_redeemed_under_the_policy_of_that_moment),
		TEST(a_grant_whose_code_named_it_all_outlives_a_stricter_policy),
		TEST(a_grant_whose_code_named_no_target_ends_when_the_target_is_bound),
		TEST(a_grant_for_a_change_of_administrators_too),
		TEST(a_removed_account_leaves_no_override_behind),
		TEST(the_same_request_keeps_the_mode_of_its_answer),
		TEST(an_override_is_told_apart_from_the_configuration),
		TEST(what_stands_in_the_accounts_way_is_told),
		TEST(it_is_told_who_could_authorise_it_now_and_who_not),
		TEST(many_administrators_fit_into_one_answer),
		TEST(it_is_told_whether_a_technician_may_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

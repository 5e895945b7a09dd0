/* SPDX-License-Identifier: ISC
 *
 * countersign policy: what requires what, and why; one account's overrides; and
 * whether the customers are ready for it.
 */
#include "exchange.h"
#include "fail.h"
#include "show.h"

static const struct option list_options[] = {
	{ .name = "account", .arg = "ACCOUNT", .param = "account",
	  .help = "what is in force for this account" },
	{ 0 },
};

static const struct column list_columns[] = {
	{ "action", "ACTION", LOOK_TEXT },
	{ "requires", "REQUIRES", LOOK_TEXT },
	{ "credentials", "SERVES", LOOK_TEXT },
	{ "binds_target", "TARGET", LOOK_YES },
	{ "target_form", "FORM", LOOK_TEXT },
	{ "risk", "RISK", LOOK_TEXT },
	{ "lifetime", "LIFETIME", LOOK_SPAN },
	{ "groups", "GROUPS", LOOK_TEXT },
	{ "mode", "MODE", LOOK_TEXT },
	{ "override", "OVERRIDE", LOOK_YES },
	{ "title", "TITLE", LOOK_TEXT },
	{ 0 },
};

const struct command cmd_policy_list = {
	.name = "policy list",
	.help = "List the policy that is in force",
	.options = list_options,
	.columns = list_columns,
	.door = DOOR_CONTROL,
	.method = "ListPolicy",
	.list = true,
};

static const struct option explain_options[] = {
	{ .arg = "ACTION", .param = "action", .required = true, .help = "the action" },
	{ .name = "account", .arg = "ACCOUNT", .param = "account", .help = "for this account" },
	{ .name = "as", .arg = "TECHNICIAN", .param = "technician",
	  .help = "asked by this technician" },
	{ 0 },
};

/* Prints the sentences of the reply, a line each. */
static enum status ask_for_sentences(const struct invocation *in)
{
	const struct cs_str *at;
	struct exchange x;
	size_t n;
	enum status status = exchange_begin(&x, in, DOOR_CONTROL, in->command->method, false);

	if (status == STATUS_DONE) {
		given_put(in, &x.w);
		status = exchange_ask(&x);
	}
	if (status == STATUS_DONE && in->json)
		show_json(x.reply);
	else if (status == STATUS_DONE && cs_msg_strings(x.reply, "say", &at, &n) == CS_OK)
		for (size_t i = 0; i < n; i++) {
			show_text(stdout, at[i]);
			putchar('\n');
		}
	exchange_end(&x);
	return status;
}

const struct command cmd_policy_explain = {
	.name = "policy explain",
	.help = "Say what an action requires, and why",
	.options = explain_options,
	.door = DOOR_CONTROL,
	.method = "ExplainPolicy",
	.run = ask_for_sentences,
};

static const struct option set_options[] = {
	{ .arg = "ACTION", .param = "action", .required = true, .help = "the action" },
	{ .name = "account", .arg = "ACCOUNT", .param = "account", .required = true,
	  .help = "for this account" },
	{ .name = "require", .arg = "WHAT", .param = "require", .words = "code none",
	  .help = "code: a code is required" },
	{ .name = "bind-target", .param = "bind_target", .value = VALUE_FLAG,
	  .help = "a code must name the target" },
	{ .name = "risk", .arg = "RISK", .param = "risk", .words = "high normal",
	  .help = "high: a code must name the action" },
	{ .name = "mode", .arg = "MODE", .param = "mode", .words = "enforce shadow",
	  .help = "enforce: no shadow mode" },
	{ .name = "authenticator", .arg = "ANSWER", .param = "authenticator", .words = "no yes",
	  .help = "no: codes from apps do not serve" },
	{ .name = "lifetime", .arg = "DURATION", .param = "lifetime", .value = VALUE_SPAN,
	  .help = "how old a code may be: 2m to 30m" },
	{ .name = "clear", .param = "clear", .value = VALUE_FLAG,
	  .help = "take the override back" },
	{ 0 },
};

const struct command cmd_policy_set = {
	.name = "policy set",
	.help = "Ask for more than the configuration does, for one account",
	.options = set_options,
	.door = DOOR_CONTROL,
	.method = "SetPolicy",
	.run = ask_for_sentences,
};

static const struct option readiness_options[] = { { 0 } };

/* The one row comes when everything was counted, which may take its time. */
static enum status show_readiness(const struct invocation *in)
{
	struct exchange x;
	enum status status = exchange_begin(&x, in, DOOR_CONTROL, "PolicyReadiness", true);

	x.patient = true;
	if (status == STATUS_DONE)
		status = exchange_ask(&x);
	while (status == STATUS_DONE && x.reply) {
		if (x.reply->nfields && in->json)
			show_json(x.reply);
		else
			show_line(stdout, "", x.reply, "say");
		status = exchange_next(&x);
	}
	if (x.lost)
		status =
		    fail_with(STATUS_AWAY, "The daemon went away before everything was counted.");
	exchange_end(&x);
	return status;
}

const struct command cmd_policy_readiness = {
	.name = "policy readiness",
	.help = "Count the accounts that could get a code, and what shadow mode let through",
	.options = readiness_options,
	.door = DOOR_CONTROL,
	.method = "PolicyReadiness",
	.list = true,
	.run = show_readiness,
};

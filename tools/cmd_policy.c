/* SPDX-License-Identifier: ISC
 *
 * countersign policy: what requires what, and why.
 */
#include "exchange.h"
#include "show.h"

static const struct option list_options[] = { { 0 } };

static const struct column list_columns[] = {
	{ "action", "ACTION", LOOK_TEXT },
	{ "requires", "REQUIRES", LOOK_TEXT },
	{ "binds_target", "TARGET", LOOK_YES },
	{ "target_form", "FORM", LOOK_TEXT },
	{ "risk", "RISK", LOOK_TEXT },
	{ "mode", "MODE", LOOK_TEXT },
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

static enum status explain(const struct invocation *in)
{
	const struct cs_str *at;
	struct exchange x;
	size_t n;
	enum status status = exchange_begin(&x, in, DOOR_CONTROL, "ExplainPolicy", false);

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
	.run = explain,
};

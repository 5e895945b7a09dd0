/* SPDX-License-Identifier: ISC
 *
 * countersign account: the customer organisations.
 */
#include "command.h"

static const struct option add_options[] = {
	{ .arg = "ACCOUNT", .param = "account", .required = true,
	  .help = "its name: 1 to 64 of a-z 0-9 . _ - that begin with a letter or digit" },
	{ .name = "name", .arg = "NAME", .param = "name",
	  .help = "how people call it, up to 128 bytes: \"Acme Ltd\"" },
	{ .name = "ref", .arg = "ID", .param = "ref",
	  .help = "the provider's own id, up to 64 characters, no blank; ref:ID then names it" },
	{ 0 },
};

const struct command cmd_account_add = {
	.name = "account add",
	.help = "Add an account",
	.options = add_options,
	.door = DOOR_CONTROL,
	.method = "AddAccount",
	.say = "Added account {account}. Next: countersign admin add {account} NAME",
};

static const struct option list_options[] = { { 0 } };

static const struct column list_columns[] = {
	{ "account", "ACCOUNT", LOOK_TEXT },
	{ "ref", "REF", LOOK_TEXT },
	{ "state", "STATE", LOOK_TEXT },
	{ "created", "CREATED", LOOK_TIME },
	{ "name", "NAME", LOOK_TEXT },
	{ 0 },
};

const struct command cmd_account_list = {
	.name = "account list",
	.help = "List the accounts",
	.options = list_options,
	.columns = list_columns,
	.door = DOOR_CONTROL,
	.method = "ListAccounts",
	.list = true,
	.say = "No account yet: \"countersign account add NAME\" makes one.",
};

static const struct option show_options[] = {
	{ .arg = "ACCOUNT", .param = "account", .required = true, .help = "its name or ref:ID" },
	{ 0 },
};

static const struct column show_columns[] = {
	{ "account", "Account", LOOK_TEXT },
	{ "name", "Name", LOOK_TEXT },
	{ "ref", "Ref", LOOK_TEXT },
	{ "state", "State", LOOK_TEXT },
	{ "created", "Created", LOOK_TIME },
	{ "administrators", "Administrators", LOOK_TEXT },
	{ "live_codes", "Live codes", LOOK_TEXT },
	{ "calls", "Calls", LOOK_TEXT },
	{ 0 },
};

const struct command cmd_account_show = {
	.name = "account show",
	.help = "Show an account, its administrators, live codes and open calls",
	.options = show_options,
	.columns = show_columns,
	.door = DOOR_CONTROL,
	.method = "ShowAccount",
};

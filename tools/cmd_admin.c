/* SPDX-License-Identifier: ISC
 *
 * countersign admin: the people who may authorise changes.
 */
#include "grant.h"

static const struct option add_options[] = {
	{ .arg = "ACCOUNT", .param = "account", .required = true,
	  .help = "the account, by name or ref:ID" },
	{ .arg = "ADMIN", .param = "administrator", .required = true,
	  .help = "their name here: 1 to 64 of a-z 0-9 . _ - that begin with a letter or digit" },
	{ .name = "name", .arg = "NAME", .param = "name",
	  .help = "how people call them, up to 128 bytes: \"Dana Reyes\"" },
	{ .name = "ref", .arg = "ID", .param = "ref",
	  .help = "the provider's own id of the person, up to 64 characters, no blank" },
	{ .name = "actions", .arg = "A,B", .param = "actions", .value = VALUE_COMMAS,
	  .help = "the only actions they may authorise, instead of --all" },
	{ .name = "all", .param = "all", .value = VALUE_FLAG,
	  .help = "they may authorise every action (the default)" },
	{ .name = "existing", .param = "existing", .value = VALUE_FLAG,
	  .help = "the person is an administrator elsewhere and gets this account too" },
	AUTHORITY_ROWS,
	{ 0 },
};

static const struct column add_columns[] = {
	{ "cooling_until", "High-risk changes wait until", LOOK_TIME },
	{ 0 },
};

const struct command cmd_admin_add = {
	.name = "admin add",
	.help = "Add an administrator of an account",
	.about = "The first administrator of an account needs neither --reason nor --grant.",
	.options = add_options,
	.columns = add_columns,
	.door = DOOR_CONTROL,
	.method = "AddAdministrator",
	.say = "Added administrator {administrator}. Next: countersign enroll {administrator} "
	    "--purpose login",
	.run = authority_run,
};

static const struct option list_options[] = {
	{ .arg = "ACCOUNT", .param = "account", .help = "of this account only" },
	{ .name = "dormant", .param = "dormant", .value = VALUE_FLAG,
	  .help = "only who has long given no sign of life" },
	{ .name = "after", .arg = "DURATION", .param = "after", .value = VALUE_SPAN,
	  .help = "with --dormant: for so long, 30d; else as configured" },
	{ .name = "no-password", .param = "no_password", .value = VALUE_FLAG,
	  .help = "only who has an authenticator, but no password for the control panel" },
	{ 0 },
};

static const struct column list_columns[] = {
	{ "administrator", "ADMINISTRATOR", LOOK_TEXT },
	{ "account", "ACCOUNT", LOOK_TEXT },
	{ "ref", "REF", LOOK_TEXT },
	{ "state", "STATE", LOOK_TEXT },
	{ "all", "ALL", LOOK_YES },
	{ "actions", "ACTIONS", LOOK_TEXT },
	{ "cooling_until", "COOLING OFF UNTIL", LOOK_TIME },
	{ "active", "LAST ACTIVE", LOOK_DAY },
	{ "name", "NAME", LOOK_TEXT },
	{ 0 },
};

const struct command cmd_admin_list = {
	.name = "admin list",
	.help = "List administrators and what they may authorise",
	.options = list_options,
	.columns = list_columns,
	.door = DOOR_CONTROL,
	.method = "ListAdministrators",
	.list = true,
	.say = "No administrator to list.",
};

static const struct option show_options[] = {
	{ .arg = "ADMIN", .param = "administrator", .required = true, .help = "the person" },
	{ 0 },
};

static const struct column show_columns[] = {
	{ "administrator", "Administrator", LOOK_TEXT },
	{ "name", "Name", LOOK_TEXT },
	{ "ref", "Ref", LOOK_TEXT },
	{ "state", "State", LOOK_TEXT },
	{ "created", "Created", LOOK_TIME },
	{ "active", "Last active", LOOK_DAY },
	{ "accounts", "Accounts", LOOK_TEXT },
	{ "authenticators", "Authenticators", LOOK_TEXT },
	{ "recovery_codes", "Recovery codes", LOOK_TEXT },
	{ "password", "Password", LOOK_TEXT },
	{ "sessions", "Sessions", LOOK_TEXT },
	{ "log_in", "Log-in", LOOK_TEXT },
	{ 0 },
};

const struct command cmd_admin_show = {
	.name = "admin show",
	.help = "Show an administrator, their accounts and authenticators",
	.options = show_options,
	.columns = show_columns,
	.door = DOOR_CONTROL,
	.method = "ShowAdministrator",
};

static const struct option remove_options[] = {
	{ .arg = "ADMIN", .param = "administrator", .required = true,
	  .help = "the person who leaves" },
	{ .name = "account", .arg = "ACCOUNT", .param = "account",
	  .help = "leaves this account only" },
	AUTHORITY_ROWS,
	{ 0 },
};

const struct command cmd_admin_remove = {
	.name = "admin remove",
	.help = "Remove an administrator, and end all they could do at once",
	.options = remove_options,
	.door = DOOR_CONTROL,
	.method = "RemoveAdministrator",
	.say = "Removed {administrator} from {accounts|account}. Ended: {codes|code}, "
	    "{sessions|session}, {authenticators|authenticator}, {grants|grant}, {calls|call}, "
	    "{tickets|ticket}.",
	.run = authority_run,
};

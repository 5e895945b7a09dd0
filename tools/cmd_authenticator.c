/* SPDX-License-Identifier: ISC
 *
 * countersign authenticator: what somebody enrolled.
 */
#include "grant.h"

static const struct option list_options[] = {
	{ .arg = "ADMIN", .param = "administrator", .required = true, .help = "their owner" },
	{ 0 },
};

static const struct column list_columns[] = {
	{ "authenticator", "ID", LOOK_TEXT },
	{ "purpose", "PURPOSE", LOOK_TEXT },
	{ "state", "STATE", LOOK_TEXT },
	{ "kind", "KIND", LOOK_TEXT },
	{ "hash", "HASH", LOOK_TEXT },
	{ "digits", "DIGITS", LOOK_TEXT },
	{ "created", "CREATED", LOOK_TIME },
	{ "used", "LAST USED", LOOK_TIME },
	{ "wrong", "WRONG", LOOK_TEXT },
	{ "drift", "AHEAD (S)", LOOK_TEXT },
	{ "label", "LABEL", LOOK_TEXT },
	{ 0 },
};

const struct command cmd_authenticator_list = {
	.name = "authenticator list",
	.help = "List an administrator's authenticators",
	.options = list_options,
	.columns = list_columns,
	.door = DOOR_CONTROL,
	.method = "ListAuthenticators",
	.list = true,
	.say = "No authenticator yet: \"countersign enroll\" adds one.",
};

static const struct option remove_options[] = {
	{ .arg = "ADMIN", .param = "administrator", .required = true, .help = "its owner" },
	{ .arg = "ID", .param = "authenticator", .required = true,
	  .help = "its id, as authenticator list shows it" },
	AUTHORITY_ROWS,
	{ 0 },
};

const struct command cmd_authenticator_remove = {
	.name = "authenticator remove",
	.help = "Remove an authenticator; high-risk changes of its owner wait a day",
	.about = "One that is pending needs neither --reason nor --grant, and delays nothing.",
	.options = remove_options,
	.door = DOOR_CONTROL,
	.method = "RemoveAuthenticator",
	.say = "Removed authenticator {authenticator} of {administrator}.",
	.run = authority_run,
};

/* SPDX-License-Identifier: ISC
 *
 * countersign admin: rights, waive, invite.
 */
#include "grant.h"

#define MEMBER_ROWS \
	{ .arg = "ACCOUNT", .param = "account", .required = true, \
	  .help = "the account, by name or ref:ID" }, \
	{ .arg = "ADMIN", .param = "administrator", .required = true, .help = "the person" }

static const struct option rights_options[] = {
	MEMBER_ROWS,
	{ .name = "actions", .arg = "A,B", .param = "actions", .value = VALUE_COMMAS,
	  .help = "the only actions they may authorise, instead of --all" },
	{ .name = "all", .param = "all", .value = VALUE_FLAG,
	  .help = "they may authorise every action" },
	AUTHORITY_ROWS,
	{ 0 },
};

static const struct column cooling_columns[] = {
	{ "cooling_until", "High-risk changes wait until", LOOK_TIME },
	{ 0 },
};

const struct command cmd_admin_rights = {
	.name = "admin rights",
	.help = "Change what an administrator may authorise for an account",
	.about = "Wider rights cool off for a day: until then they serve no high-risk change.",
	.options = rights_options,
	.columns = cooling_columns,
	.door = DOOR_CONTROL,
	.method = "SetRights",
	.say = "Changed the rights of {administrator} for {account}.",
	.run = authority_run,
};

static const struct option waive_options[] = {
	MEMBER_ROWS,
	{ .name = "reason", .arg = "TEXT", .param = "reason", .required = true,
	  .help = "why, for the log" },
	{ 0 },
};

const struct command cmd_admin_waive = {
	.name = "admin waive",
	.help = "Let an administrator authorise high-risk changes without cooling off",
	.options = waive_options,
	.door = DOOR_CONTROL,
	.method = "WaiveCooling",
	.say = "{administrator} may authorise high-risk changes for {account} now.",
};

static const struct option invite_options[] = {
	{ .arg = "ADMIN", .param = "administrator", .required = true, .help = "the person" },
	{ .name = "reset", .param = "reset", .value = VALUE_FLAG,
	  .help = "they cannot log in any more: end what they had first" },
	AUTHORITY_ROWS,
	{ 0 },
};

static const struct column invite_columns[] = {
	{ "link", "Link", LOOK_TEXT },
	{ "invitation", "Invitation", LOOK_TEXT },
	{ "expires", "Good once until", LOOK_TIME },
	{ 0 },
};

const struct command cmd_admin_invite = {
	.name = "admin invite",
	.help = "Make the one-time secret by which an administrator sets up their log-in",
	.about = "With --reset their codes, grants, authenticators and recovery codes end, and "
	    "high-risk changes wait a day.",
	.options = invite_options,
	.columns = invite_columns,
	.door = DOOR_CONTROL,
	.method = "InviteAdministrator",
	.say = "Invited {administrator}. Ended: {codes|code}, {sessions|session}, "
	    "{authenticators|authenticator}, {grants|grant}, {calls|call}, {tickets|ticket}.",
	.run = authority_run,
};

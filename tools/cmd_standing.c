/* SPDX-License-Identifier: ISC
 *
 * countersign account and admin: suspend, resume, remove, freeze, thaw.
 */
#include "command.h"

#define ENDED \
	"Ended: {codes|code}, {sessions|session}, {grants|grant}, {calls|call}, {tickets|ticket}."

#define ACCOUNT_ROW \
	{ .arg = "ACCOUNT", .param = "account", .required = true, .help = "its name or ref:ID" }
#define REASON_ROW \
	{ .name = "reason", .arg = "TEXT", .param = "reason", .help = "why, for the log" }

static const struct option account_options[] = { ACCOUNT_ROW, REASON_ROW, { 0 } };

static const struct option must_options[] = {
	ACCOUNT_ROW,
	{ .name = "reason", .arg = "TEXT", .param = "reason", .required = true,
	  .help = "why, for the log" },
	{ 0 },
};

const struct command cmd_account_suspend = {
	.name = "account suspend",
	.help = "Suspend an account: nothing is accepted for it",
	.options = account_options,
	.door = DOOR_CONTROL,
	.method = "SuspendAccount",
	.say = "Suspended account {account}. " ENDED,
};

const struct command cmd_account_resume = {
	.name = "account resume",
	.help = "End the suspension of an account",
	.options = account_options,
	.door = DOOR_CONTROL,
	.method = "ResumeAccount",
	.say = "Account {account} is active again. What was ended stays ended.",
};

const struct command cmd_account_remove = {
	.name = "account remove",
	.help = "Remove an account, and its administrators who have no other",
	.options = account_options,
	.door = DOOR_CONTROL,
	.method = "RemoveAccount",
	.say = "Removed account {account} with {administrators|administrator}. Ended: "
	    "{codes|code}, {sessions|session}, {authenticators|authenticator}, {grants|grant}, "
	    "{calls|call}, {tickets|ticket}.",
};

const struct command cmd_account_freeze = {
	.name = "account freeze",
	.help = "Freeze an account: somebody may be acting for it who should not",
	.options = must_options,
	.door = DOOR_CONTROL,
	.method = "FreezeAccount",
	.say =
	    "Froze account {account}. " ENDED " Another operator may thaw it, or you in an hour.",
};

const struct command cmd_account_thaw = {
	.name = "account thaw",
	.help = "Thaw a frozen account: another operator than who froze it, or after an hour",
	.options = must_options,
	.door = DOOR_CONTROL,
	.method = "ThawAccount",
	.say = "Thawed account {account}. What was ended stays ended.",
};

static const struct option admin_options[] = {
	{ .arg = "ADMIN", .param = "administrator", .required = true, .help = "the person" },
	{ .name = "account", .arg = "ACCOUNT", .param = "account",
	  .help = "in this account only" },
	REASON_ROW,
	{ 0 },
};

const struct command cmd_admin_suspend = {
	.name = "admin suspend",
	.help = "Suspend an administrator, in one account or as a whole",
	.options = admin_options,
	.door = DOOR_CONTROL,
	.method = "SuspendAdministrator",
	.say = "Suspended {administrator}. " ENDED,
};

const struct command cmd_admin_resume = {
	.name = "admin resume",
	.help = "End the suspension of an administrator",
	.options = admin_options,
	.door = DOOR_CONTROL,
	.method = "ResumeAdministrator",
	.say = "{administrator} is active again. What was ended stays ended.",
};

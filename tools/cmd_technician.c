/* SPDX-License-Identifier: ISC
 *
 * countersign technician: who has asked, and who may not any more.
 */
#include "command.h"

static const struct option list_options[] = { { 0 } };

static const struct column list_columns[] = {
	{ "technician", "TECHNICIAN", LOOK_TEXT },
	{ "uid", "UID", LOOK_TEXT },
	{ "state", "STATE", LOOK_TEXT },
	{ "first", "FIRST SEEN", LOOK_TIME },
	{ "last", "LAST SEEN", LOOK_TIME },
	{ "tries", "WRONG TRIES", LOOK_TEXT },
	{ 0 },
};

const struct command cmd_technician_list = {
	.name = "technician list",
	.help = "List the technicians who have asked",
	.options = list_options,
	.columns = list_columns,
	.door = DOOR_CONTROL,
	.method = "ListTechnicians",
	.list = true,
	.say = "No technician has asked yet.",
};

static const struct option options[] = {
	{ .arg = "TECHNICIAN", .param = "technician", .required = true,
	  .help = "user name, or uid" },
	{ .name = "reason", .arg = "TEXT", .param = "reason", .help = "why, for the log" },
	{ 0 },
};

const struct command cmd_technician_suspend = {
	.name = "technician suspend",
	.help = "Refuse whatever a technician asks from now on",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "SuspendTechnician",
	.say = "Suspended {technician} (uid {uid}). Ended: {grants|grant}, {calls|call}.",
};

const struct command cmd_technician_resume = {
	.name = "technician resume",
	.help = "End the suspension of a technician",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "ResumeTechnician",
	.say = "{technician} (uid {uid}) may ask again.",
};

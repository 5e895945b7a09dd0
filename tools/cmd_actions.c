/* SPDX-License-Identifier: ISC
 *
 * countersign actions: what the policy names, for technicians.
 */
#include "command.h"

static const struct option options[] = { { 0 } };

static const struct column columns[] = {
	{ "action", "ACTION", LOOK_TEXT },
	{ "requires", "REQUIRES", LOOK_TEXT },
	{ "binds_target", "TARGET", LOOK_YES },
	{ "risk", "RISK", LOOK_TEXT },
	{ "title", "TITLE", LOOK_TEXT },
	{ 0 },
};

const struct command cmd_actions = {
	.name = "actions",
	.help = "List the actions and what each requires",
	.options = options,
	.columns = columns,
	.door = DOOR_STAFF,
	.method = "Actions",
	.list = true,
};

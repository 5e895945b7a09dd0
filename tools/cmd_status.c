/* SPDX-License-Identifier: ISC
 *
 * countersign status: the daemon in numbers.
 */
#include "command.h"

static const struct option options[] = { { 0 } };

static const struct column columns[] = {
	{ "version", "Version", LOOK_TEXT },
	{ "pid", "Process", LOOK_TEXT },
	{ "started", "Started", LOOK_TIME },
	{ "now", "Now", LOOK_TIME },
	{ "configuration", "Configuration", LOOK_TEXT },
	{ "generation", "Generation", LOOK_TEXT },
	{ "accounts", "Accounts", LOOK_TEXT },
	{ "administrators", "Administrators", LOOK_TEXT },
	{ "events", "Events", LOOK_TEXT },
	{ "verifications", "Verifications", LOOK_TEXT },
	{ "accepted", "Accepted", LOOK_TEXT },
	{ "refused", "Refused", LOOK_TEXT },
	{ "connections", "Connections", LOOK_TEXT },
	{ "batches", "Batches", LOOK_TEXT },
	{ "map_used", "Store used", LOOK_BYTES },
	{ "map_size", "Store limit", LOOK_BYTES },
	{ 0 },
};

const struct command cmd_status = {
	.name = "status",
	.help = "Show the daemon's state",
	.options = options,
	.columns = columns,
	.door = DOOR_CONTROL,
	.method = "Status",
};

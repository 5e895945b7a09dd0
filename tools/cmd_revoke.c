/* SPDX-License-Identifier: ISC
 *
 * countersign revoke: ends a live code.
 */
#include "command.h"

static const struct option options[] = {
	{ .arg = "ID", .param = "issue", .required = true, .help = "the id that issue printed" },
	{ 0 },
};

const struct command cmd_revoke = {
	.name = "revoke",
	.help = "End a live support code",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "Revoke",
	.say = "Ended {issue}.",
};

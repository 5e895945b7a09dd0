/* SPDX-License-Identifier: ISC
 *
 * countersign verify: exit 0 is the gate.
 */
#include "gate.h"

static const struct option options[] = {
	VERIFY_ROWS,
	{ .name = "grant", .value = VALUE_FLAG, .param = "grant",
	  .help = "print a grant that countersign redeem spends later" },
	{ .name = "tty", .value = VALUE_FLAG,
	  .help = "ask on /dev/tty; standard input is left alone" },
	{ 0 },
};

static enum status run(const struct invocation *in)
{
	return gate_pass(in, given_flag(in, "grant"));
}

const struct command cmd_verify = {
	.name = "verify",
	.help = "Check a support code; exit 0 means that the change may be made now",
	.about = "The code is asked for on the terminal, or is one line of standard input.",
	.options = options,
	.door = DOOR_STAFF,
	.method = "Verify",
	.gate = true,
	.run = run,
};

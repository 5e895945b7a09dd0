/* SPDX-License-Identifier: ISC
 *
 * countersign confirm: a new authenticator works once it has shown a code.
 */
#include "ask.h"
#include "fail.h"

#include "../lib/secret.h"

static const struct option options[] = {
	{ .arg = "ADMIN", .param = "administrator", .required = true,
	  .help = "the authenticator's owner" },
	{ .arg = "ID", .param = "authenticator", .required = true,
	  .help = "the id that enroll printed" },
	{ .name = "tty", .value = VALUE_FLAG,
	  .help = "ask on /dev/tty; standard input is left alone" },
	{ 0 },
};

static enum status run(const struct invocation *in)
{
	char code[ASK_MAX];
	enum status status;
	struct ask ask;

	status = ask_open(&ask, in, "The authenticator is still pending.");
	if (status != STATUS_DONE)
		return status;
	if (ask_line(&ask, "Code that the authenticator shows: ", true, code) != CS_OK || !code[0])
		status = fail_with(STATUS_USAGE,
		    "No code was given. The authenticator is still pending.");
	else
		status = plain_run_with(in, "code", code);
	ask_close(&ask);
	cs_wipe(code, sizeof(code));
	return status;
}

const struct command cmd_confirm = {
	.name = "confirm",
	.help = "Confirm a new authenticator with a code that it shows",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "Confirm",
	.say = "Confirmed: authenticator {authenticator} works from now on.",
	.run = run,
};

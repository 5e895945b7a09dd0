/* SPDX-License-Identifier: ISC
 *
 * The countersign command: a client of the daemon's sockets.  It opens no
 * database, holds no key, and takes no code, grant or secret from its
 * arguments, where ps shows them.
 */
#include "fail.h"
#include "invocation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A list that was cut short by a full disk must not look whole. */
static enum status finish_output(enum status status, const char *besides)
{
	bool failed = fflush(stdout) != 0 || ferror(stdout);

	if (failed && status == STATUS_DONE)
		return fail_with(STATUS_REFUSED, "countersign: standard output: %s.%s",
		    strerror(errno), besides);
	return status;
}

/* A code is not asked for where nobody could be told what came of it. */
static enum status pass_gate(const struct invocation *in)
{
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
		return fail_with(STATUS_REFUSED,
		    "countersign: standard output is closed. Nothing was changed.");
	return finish_output(in->command->run(in),
	    " A code or grant that was accepted is used up; nothing was changed.");
}

int main(int argc, char **argv)
{
	static struct invocation in;

	/* Codes, passphrases and rosters' secrets are typed and read here, and no
	 * core is to hold them.  It ends with exec, so CMD's cores are its own. */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return fail_with(STATUS_AWAY, "countersign: prctl: %s. Nothing was changed.",
		    strerror(errno));
	switch (invocation_parse(argc, argv, &in)) {
	case PARSED_WRONG:
		return STATUS_USAGE;
	case PARSED_SHOWN:
		return finish_output(STATUS_DONE, "");
	case PARSED_RUN:
		break;
	}
	if (in.command->gate)
		return pass_gate(&in);
	return finish_output(in.command->run ? in.command->run(&in) : plain_run(&in), "");
}

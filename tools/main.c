/* SPDX-License-Identifier: ISC
 *
 * The countersign command: a client of the daemon's sockets.  It opens no
 * database, holds no key, and takes no code, grant or secret from its
 * arguments, where ps shows them.
 */
#include "fail.h"
#include "invocation.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

/* A list that was cut short by a full disk must not look whole. */
static enum status finish_output(enum status status)
{
	bool failed = fflush(stdout) != 0 || ferror(stdout);

	if (failed && status == STATUS_DONE)
		return fail_with(STATUS_REFUSED, "countersign: standard output: %s.",
		    strerror(errno));
	return status;
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
		return finish_output(STATUS_DONE);
	case PARSED_RUN:
		break;
	}
	return finish_output(in.command->run ? in.command->run(&in) : plain_run(&in));
}

/* SPDX-License-Identifier: ISC
 *
 * See grant.h.  The variable is forgeable; the daemon checks what is in it.
 */
#include "grant.h"

#include "fail.h"

#include "../lib/secret.h"

#include <stdio.h>
#include <stdlib.h>

enum status grant_read(const struct invocation *in, const char *nothing, char grant[ASK_MAX])
{
	const char *given = getenv("COUNTERSIGN_GRANT");
	enum status status;
	struct ask ask;
	enum cs_err e;

	if (given && *given) {
		if ((size_t)snprintf(grant, ASK_MAX, "%s", given) < ASK_MAX)
			return STATUS_DONE;
		return fail_with(STATUS_USAGE, "What is in COUNTERSIGN_GRANT is no grant. %s",
		    nothing);
	}
	status = ask_open(&ask, in, nothing);
	if (status != STATUS_DONE)
		return status;
	e = ask_line(&ask, "Grant: ", false, grant);
	ask_close(&ask);
	if (e != CS_OK || !*grant)
		return fail_with(STATUS_USAGE, "No grant was given. %s", nothing);
	return STATUS_DONE;
}

enum status authority_run(const struct invocation *in)
{
	char grant[ASK_MAX] = "";
	enum status status = STATUS_DONE;

	if (given_flag(in, "grant"))
		status = grant_read(in, "Nothing was done.", grant);
	if (status == STATUS_DONE)
		status = plain_run_with(in, *grant ? "grant" : NULL, grant);
	cs_wipe(grant, sizeof(grant));
	return status;
}

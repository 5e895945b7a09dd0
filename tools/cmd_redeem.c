/* SPDX-License-Identifier: ISC
 *
 * countersign redeem: spends a grant.  The variable is forgeable; the daemon
 * checks what is in it.
 */
#include "ask.h"
#include "exchange.h"
#include "fail.h"
#include "gate.h"

#include "../lib/secret.h"

#include <stdio.h>
#include <stdlib.h>

static const struct option options[] = {
	{ .arg = "ACCOUNT", .param = "account", .required = true,
	  .help = "the customer the grant is for" },
	GATE_ROWS,
	{ .name = "tty", .value = VALUE_FLAG,
	  .help = "ask on /dev/tty; standard input is left alone" },
	{ 0 },
};

static enum status read_grant(const struct invocation *in, char grant[ASK_MAX])
{
	const char *given = getenv("COUNTERSIGN_GRANT");
	struct ask ask;
	enum cs_err e;

	if (given && *given) {
		if ((size_t)snprintf(grant, ASK_MAX, "%s", given) < ASK_MAX)
			return STATUS_DONE;
		return fail_with(STATUS_USAGE,
		    "What is in COUNTERSIGN_GRANT is no grant. Nothing was changed.");
	}
	if (ask_open(&ask, given_flag(in, "tty")) != CS_OK)
		return fail_with(STATUS_USAGE,
		    "There is no terminal to ask on. Nothing was changed.");
	e = ask_line(&ask, "Grant: ", false, grant);
	ask_close(&ask);
	if (e != CS_OK || !*grant)
		return fail_with(STATUS_USAGE, "No grant was given. Nothing was changed.");
	return STATUS_DONE;
}

struct spending {
	const struct invocation *in;
	char grant[ASK_MAX];
};

static void put_spending(struct cs_writer *w, const void *arg)
{
	const struct spending *s = arg;
	const char *technician = place_technician();

	given_put(s->in, w);
	cs_put_string(w, "grant", cs_str(s->grant));
	if (technician)
		cs_put_string(w, "technician", cs_str(technician));
}

static enum status run(const struct invocation *in)
{
	struct spending spending = { .in = in };
	struct exchange x = { 0 };
	enum status status = read_grant(in, spending.grant);
	bool again;

	if (status == STATUS_DONE)
		status = exchange_once(&x, in, DOOR_STAFF, "Redeem", put_spending, &spending);
	if (status == STATUS_DONE)
		status = gate_verdict(in, x.reply, false, &again);
	exchange_end(&x);
	cs_wipe(&spending, sizeof(spending));
	return status;
}

const struct command cmd_redeem = {
	.name = "redeem",
	.help = "Spend a grant of verify --grant; exit 0 means that the change may be made now",
	.about = "The grant is in $COUNTERSIGN_GRANT, else it is asked for, or is one line of "
	    "standard input.",
	.options = options,
	.door = DOOR_STAFF,
	.method = "Redeem",
	.gate = true,
	.run = run,
};

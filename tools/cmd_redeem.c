/* SPDX-License-Identifier: ISC
 *
 * countersign redeem: spends a grant.
 */
#include "exchange.h"
#include "gate.h"
#include "grant.h"

#include "../lib/secret.h"

static const struct option options[] = {
	{ .arg = "ACCOUNT",
	  .help = "the customer the grant is for; asked for when it is missing" },
	GATE_ROWS,
	{ .name = "tty", .value = VALUE_FLAG,
	  .help = "ask on /dev/tty; standard input is left alone" },
	{ 0 },
};

struct spending {
	const struct invocation *in;
	const char *account;
	char typed[ASK_MAX], grant[ASK_MAX];
};

static void put_spending(struct cs_writer *w, const void *arg)
{
	const struct spending *s = arg;

	given_put(s->in, w);
	cs_put_string(w, "account", cs_str(s->account));
	cs_put_string(w, "grant", cs_str(s->grant));
	place_put_technician(w);
}

static enum status find_account(struct spending *s)
{
	enum status status;
	struct ask ask;

	s->account = given_text(s->in, "ACCOUNT");
	if (s->account)
		return STATUS_DONE;
	status = gate_open(s->in, false, &ask);
	if (status != STATUS_DONE)
		return status;
	s->account = s->typed;
	status = gate_account(&ask, s->typed);
	ask_close(&ask);
	return status;
}

static enum status run(const struct invocation *in)
{
	struct spending spending = { .in = in };
	struct exchange x = { 0 };
	enum status status = find_account(&spending);
	bool again;

	if (status == STATUS_DONE)
		status = grant_read(in, "Nothing was changed.", spending.grant);
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

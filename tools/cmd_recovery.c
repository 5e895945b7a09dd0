/* SPDX-License-Identifier: ISC
 *
 * countersign recovery: codes for a log-in without the phone.
 */
#include "exchange.h"
#include "fail.h"
#include "grant.h"
#include "show.h"

#include "../lib/secret.h"

#include <stdio.h>

static const struct option options[] = {
	{ .arg = "ADMIN", .param = "administrator", .required = true, .help = "the person" },
	AUTHORITY_ROWS,
	{ 0 },
};

static enum status show_codes(const struct exchange *x)
{
	const struct cs_str *at;
	size_t n;

	if (cs_msg_strings(x->reply, "codes", &at, &n) != CS_OK)
		return fail_call(CS_ERR_FORMAT, x->place.path, true);
	for (size_t i = 0; i < n; i++) {
		show_text(stdout, at[i]);
		putchar('\n');
	}
	show_sentence(stdout,
	    "Each is good once, for {administrator} to log in. They are not shown "
	    "again; those from before are void.",
	    x->reply);
	return STATUS_DONE;
}

static enum status run(const struct invocation *in)
{
	char grant[ASK_MAX] = "";
	struct exchange x = { 0 };
	enum status status = STATUS_DONE;

	if (given_flag(in, "grant"))
		status = grant_read(in, "Nothing was done.", grant);
	if (status == STATUS_DONE)
		status = exchange_begin(&x, in, DOOR_CONTROL, "NewRecoveryCodes", false);
	if (status == STATUS_DONE) {
		given_put(in, &x.w);
		if (*grant)
			cs_put_string(&x.w, "grant", cs_str(grant));
		status = exchange_ask(&x);
	}
	if (status == STATUS_DONE && in->json)
		show_json(x.reply);
	else if (status == STATUS_DONE)
		status = show_codes(&x);
	exchange_end(&x);
	cs_wipe(grant, sizeof(grant));
	return status;
}

const struct command cmd_recovery_new = {
	.name = "recovery new",
	.help = "Make ten recovery codes, shown this once",
	.about = "The first set needs neither --reason nor --grant.",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "NewRecoveryCodes",
	.run = run,
};

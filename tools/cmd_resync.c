/* SPDX-License-Identifier: ISC
 *
 * countersign resync: two codes in a row find a clock or counter again.
 */
#include "ask.h"
#include "exchange.h"
#include "fail.h"
#include "show.h"

#include "../lib/secret.h"

static const struct option options[] = {
	{ .arg = "ADMIN", .param = "administrator", .required = true,
	  .help = "the authenticator's owner" },
	{ .arg = "ID", .param = "authenticator", .required = true,
	  .help = "its id, as authenticator list shows it" },
	{ .name = "tty", .value = VALUE_FLAG,
	  .help = "ask on /dev/tty; standard input is left alone" },
	{ 0 },
};

static enum status resync(const struct invocation *in, const char *code, const char *next)
{
	struct exchange x;
	enum status status = exchange_begin(&x, in, DOOR_CONTROL, "Resync", false);

	if (status == STATUS_DONE) {
		given_put(in, &x.w);
		cs_put_string(&x.w, "code", cs_str(code));
		cs_put_string(&x.w, "next", cs_str(next));
		status = exchange_ask(&x);
	}
	if (status == STATUS_DONE && in->json)
		show_json(x.reply);
	else if (status == STATUS_DONE)
		show_sentence(stdout, "Authenticator {authenticator} is in step again.", x.reply);
	exchange_end(&x);
	return status;
}

static bool read_code(const struct ask *ask, const char *prompt, char *code)
{
	return ask_line(ask, prompt, true, code) == CS_OK && code[0];
}

static enum status run(const struct invocation *in)
{
	char code[ASK_MAX], next[ASK_MAX];
	enum status status;
	struct ask ask;

	status = ask_open(&ask, in, "Nothing was changed.");
	if (status != STATUS_DONE)
		return status;
	if (!read_code(&ask, "Code that the authenticator shows: ", code) ||
	    !read_code(&ask, "The next one: ", next))
		status = fail_with(STATUS_USAGE, "Two codes are needed, a line each. Nothing was "
		    "changed.");
	else
		status = resync(in, code, next);
	ask_close(&ask);
	cs_wipe(code, sizeof(code));
	cs_wipe(next, sizeof(next));
	return status;
}

const struct command cmd_resync = {
	.name = "resync",
	.help = "Bring an authenticator back into step with two codes, and end its rest",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "Resync",
	.run = run,
};

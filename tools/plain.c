/* SPDX-License-Identifier: ISC
 *
 * What most subcommands do: send the parameters that were given, print what
 * comes, as the rows of the command say.
 */
#include "exchange.h"
#include "fail.h"
#include "show.h"

static void show_reply(const struct invocation *in, const struct cs_msg *reply)
{
	const struct command *c = in->command;

	if (in->json) {
		show_json(reply);
		return;
	}
	if (c->say)
		show_sentence(stdout, c->say, reply);
	if (c->columns)
		show_card(c->columns, reply);
}

static enum status show_list(struct exchange *x)
{
	const char *empty = x->in->json ? NULL : x->in->command->say;
	enum status status = STATUS_DONE;
	struct sheet sheet;

	sheet_init(&sheet, x->in->command->columns);
	while (status == STATUS_DONE && x->reply) {
		if (x->reply->nfields > 0)
			empty = NULL;
		if (x->reply->nfields == 0)
			;
		else if (x->in->json)
			show_json(x->reply);
		else if (!sheet_add(&sheet, x->reply))
			status = fail_call(CS_ERR_NOMEM, x->place.path, true);
		if (status == STATUS_DONE)
			status = exchange_next(x);
	}
	sheet_end(&sheet);
	if (status == STATUS_DONE && empty)
		fprintf(stderr, "%s\n", empty);
	return status;
}

enum status plain_run(const struct invocation *in)
{
	return plain_run_with(in, NULL, NULL);
}

enum status plain_run_with(const struct invocation *in, const char *param, const char *value)
{
	const struct command *c = in->command;
	struct exchange x;
	enum status status = exchange_begin(&x, in, c->door, c->method, c->list);

	if (status == STATUS_DONE) {
		given_put(in, &x.w);
		if (param)
			cs_put_string(&x.w, param, cs_str(value));
		status = exchange_ask(&x);
	}
	if (status == STATUS_DONE && c->list)
		status = show_list(&x);
	else if (status == STATUS_DONE)
		show_reply(in, x.reply);
	exchange_end(&x);
	return status;
}

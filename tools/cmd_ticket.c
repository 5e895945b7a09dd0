/* SPDX-License-Identifier: ISC
 *
 * countersign ticket: what customers ask in writing, and the answers.  What they
 * wrote is shown indented, line by line, so that no text looks like the next
 * entry's head or like what the ticket authorises.
 */
#include "exchange.h"
#include "fail.h"
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REPLY_MAX 4000		/* characters */
#define REPLY_BYTES (3 * REPLY_MAX + 2)	/* and the end of its last line */

#define TICKET_ROW \
	{ .arg = "TICKET", .param = "ticket", .required = true, .help = "its number: T4821" }

/* Under sudo the person behind it asks, as for a verification. */
static enum status run_in_own_name(const struct invocation *in)
{
	const char *technician = place_technician();

	return plain_run_with(in, technician ? "technician" : NULL, technician);
}

static const struct option list_options[] = {
	{ .arg = "ACCOUNT", .param = "account", .help = "of this account; else of all" },
	{ .name = "closed", .param = "closed", .value = VALUE_FLAG,
	  .help = "the closed ones instead of the open ones" },
	{ 0 },
};

static const struct column list_columns[] = {
	{ "ticket", "TICKET", LOOK_TEXT },
	{ "updated", "UPDATED", LOOK_TIME },
	{ "account", "ACCOUNT", LOOK_TEXT },
	{ "authority", "AUTHORITY", LOOK_TEXT },
	{ "action", "ACTION", LOOK_TEXT },
	{ "administrator", "ADMINISTRATOR", LOOK_TEXT },
	{ "entries", "ENTRIES", LOOK_TEXT },
	{ "subject", "SUBJECT", LOOK_TEXT },
	{ 0 },
};

const struct command cmd_ticket_list = {
	.name = "ticket list",
	.help = "List the open tickets, newest first",
	.options = list_options,
	.columns = list_columns,
	.door = DOOR_STAFF,
	.method = "Tickets",
	.list = true,
	.say = "No ticket to list.",
	.run = run_in_own_name,
};

static const struct option show_options[] = { TICKET_ROW, { 0 } };

static const struct column card[] = {
	{ "ticket", "Ticket", LOOK_TEXT },
	{ "subject", "Subject", LOOK_TEXT },
	{ "account", "Account", LOOK_TEXT },
	{ "account_name", "Name", LOOK_TEXT },
	{ "administrator_name", "Opened by", LOOK_TEXT },
	{ "opened", "Opened", LOOK_TIME },
	{ "state", "State", LOOK_TEXT },
	{ "authority", "Authority", LOOK_TEXT },
	{ "title", "Authorises", LOOK_TEXT },
	{ "action", "Action", LOOK_TEXT },
	{ "target", "Target", LOOK_TEXT },
	{ "expires", "Until", LOOK_TIME },
	{ "used", "Used", LOOK_TIME },
	{ "used_by", "Used by", LOOK_TEXT },
	{ "verification", "Verification", LOOK_TEXT },
	{ 0 },
};

static void show_lines(struct cs_str text)
{
	while (text.len > 0) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t len = end ? (size_t)(end - text.p) : text.len;

		fputs(len > 0 ? "    " : "", stdout);
		show_text(stdout, (struct cs_str){ text.p, len });
		putchar('\n');
		len += end != NULL;
		text = (struct cs_str){ text.p + len, text.len - len };
	}
}

static void show_entry(const struct cs_msg *m)
{
	static const struct column when = { "time", "", LOOK_TIME };
	struct cs_str text = { 0 };
	char at[64];
	bool staff = false;

	cs_msg_bool(m, "staff", &staff);
	cs_msg_string(m, "text", &text);
	printf("\n%s  ", show_field(m, &when, at, sizeof(at)));
	show_sentence(stdout, staff ? "{display}, technician" : "{display} ({name})", m);
	show_lines(text);
}

/* The card, then the entries. */
static enum status show_ticket(struct exchange *x)
{
	enum status status = STATUS_DONE;

	for (bool first = true; status == STATUS_DONE && x->reply; first = false) {
		if (x->reply->nfields && x->in->json)
			show_json(x->reply);
		else if (x->reply->nfields && first)
			show_card(card, x->reply);
		else if (x->reply->nfields)
			show_entry(x->reply);
		status = exchange_next(x);
	}
	return status;
}

static enum status run_show(const struct invocation *in)
{
	struct exchange x;
	enum status status = exchange_begin(&x, in, DOOR_STAFF, "Ticket", true);

	if (status == STATUS_DONE) {
		given_put(in, &x.w);
		place_put_technician(&x.w);
		status = exchange_ask(&x);
	}
	if (status == STATUS_DONE)
		status = show_ticket(&x);
	exchange_end(&x);
	return status;
}

const struct command cmd_ticket_show = {
	.name = "ticket show",
	.help = "Show a ticket and what was said in it",
	.about = "It authorises what stands under Authority, Action and Target; what is said in\n"
	    "it never adds to that. To use it: countersign verify, and its number for a code.",
	.options = show_options,
	.columns = card,
	.door = DOOR_STAFF,
	.method = "Ticket",
	.run = run_show,
};

static const struct option reply_options[] = { TICKET_ROW, { 0 } };

static enum status fail_long(void)
{
	return fail_with(STATUS_USAGE, "A reply has at most %d characters. Nothing was sent.",
	    REPLY_MAX);
}

/* All of standard input; room for one byte more than is allowed. */
static enum status read_text(char text[REPLY_BYTES + 2], size_t *len)
{
	ssize_t n;

	*len = 0;
	if (isatty(STDIN_FILENO))
		fputs("Your reply, which the customer reads; Ctrl-D on its own line ends it:\n",
		    stderr);
	while (*len <= REPLY_BYTES &&
	    (n = read(STDIN_FILENO, text + *len, REPLY_BYTES + 1 - *len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_with(STATUS_USAGE,
			    "The text cannot be read: %s. Nothing was sent.", strerror(errno));
		*len += (size_t)n;
	}
	if (*len > REPLY_BYTES)
		return fail_long();
	while (*len > 0 && (text[*len - 1] == '\n' || text[*len - 1] == ' '))
		--*len;
	text[*len] = '\0';
	if (*len == 0)
		return fail_with(STATUS_USAGE, "No text was given. Nothing was sent.");
	if (!cs_utf8_valid(text, *len))
		return fail_with(STATUS_USAGE, "The text is not valid UTF-8. Nothing was sent.");
	return cs_utf8_characters(text, *len) > REPLY_MAX ? fail_long() : STATUS_DONE;
}

struct reply {
	const struct invocation *in;
	const char *text;
};

static void put_reply(struct cs_writer *w, const void *arg)
{
	const struct reply *reply = arg;

	given_put(reply->in, w);
	cs_put_string(w, "text", cs_str(reply->text));
	place_put_technician(w);
}

static enum status run_reply(const struct invocation *in)
{
	char text[REPLY_BYTES + 2];
	struct reply reply = { in, text };
	struct exchange x = { 0 };
	size_t len;
	enum status status = read_text(text, &len);

	if (status == STATUS_DONE)
		status = exchange_once(&x, in, DOOR_STAFF, "Reply", put_reply, &reply);
	if (status == STATUS_DONE && in->json)
		show_json(x.reply);
	else if (status == STATUS_DONE)
		printf("Said in %s.\n", given_text(in, "TICKET"));
	exchange_end(&x);
	return status;
}

const struct command cmd_ticket_reply = {
	.name = "ticket reply",
	.help = "Answer a ticket with text from standard input",
	.options = reply_options,
	.door = DOOR_STAFF,
	.method = "Reply",
	.run = run_reply,
};

static const struct option close_options[] = { TICKET_ROW, { 0 } };

const struct command cmd_ticket_close = {
	.name = "ticket close",
	.help = "Close a ticket, which ends what it authorises",
	.options = close_options,
	.door = DOOR_STAFF,
	.method = "CloseTicket",
	.say = "Closed {ticket}. It authorises nothing any more.",
	.run = run_in_own_name,
};

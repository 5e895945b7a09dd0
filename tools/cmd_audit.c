/* SPDX-License-Identifier: ISC
 *
 * countersign audit list: events as they come, oldest first.  Rows are printed
 * one by one, because a log may be larger than memory and --follow never ends.
 */
#include "exchange.h"
#include "fail.h"
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option options[] = {
	{ .name = "follow", .param = "follow", .value = VALUE_FLAG,
	  .help = "stay, and print what comes" },
	{ .name = "since", .arg = "TIME", .param = "since", .value = VALUE_TIME,
	  .help = "from then: 2026-03-01, \"2026-03-01 14:30\", 2h, 3d" },
	{ .name = "until", .arg = "TIME", .param = "until", .value = VALUE_TIME,
	  .help = "up to then" },
	{ .name = "account", .arg = "ACCOUNT", .param = "account", .help = "of this account" },
	{ .name = "admin", .arg = "ADMIN", .param = "administrator",
	  .help = "of this administrator" },
	{ .name = "technician", .arg = "NAME", .param = "technician",
	  .help = "asked by this technician" },
	{ .name = "action", .arg = "ACTION", .param = "action", .help = "for this action" },
	{ .name = "target", .arg = "TARGET", .param = "target", .help = "for this target" },
	{ .name = "case", .arg = "ID", .param = "case", .help = "under this case" },
	{ 0 },
};

/* The last one is not padded. */
static const struct {
	struct column column;
	int width;
} cells[] = {
	{ { "time", "TIME", LOOK_TIME }, 19 },
	{ { "kind", "EVENT", LOOK_TEXT }, 12 },
	{ { "reason", "ANSWER", LOOK_TEXT }, 13 },
	{ { "account", "ACCOUNT", LOOK_TEXT }, 12 },
	{ { "action", "ACTION", LOOK_TEXT }, 14 },
	{ { "administrator", "ADMINISTRATOR", LOOK_TEXT }, 13 },
	{ { "technician", "TECHNICIAN", LOOK_TEXT }, 10 },
	{ { "verification", "NUMBER", LOOK_TEXT }, 6 },
	{ { "credential", "CODE", LOOK_TEXT }, 5 },
	{ { "case", "CASE", LOOK_TEXT }, 8 },
	{ { "target", "TARGET", LOOK_TEXT }, 0 },
};
#define CELLS (sizeof(cells) / sizeof(*cells))

static void show_titles(void)
{
	for (size_t i = 0; i < CELLS; i++)
		printf("%s%-*s", i ? "  " : "", cells[i].width, cells[i].column.title);
	putchar('\n');
}

static void show_remarks(const struct cs_msg *m)
{
	struct cs_str note = { 0 }, mode = { 0 }, verdict = { 0 }, client = { 0 };
	int64_t count = 1;

	cs_msg_string(m, "note", &note);
	cs_msg_string(m, "client", &client);
	cs_msg_string(m, "mode", &mode);
	cs_msg_string(m, "verdict", &verdict);
	cs_msg_int(m, "count", &count);
	if (count > 1)
		printf("  x%lld", (long long)count);
	if (cs_str_is(mode, "shadow") && !cs_str_is(verdict, "accepted"))
		fputs("  let through", stdout);
	if (client.len) {
		fputs("  from ", stdout);
		show_text(stdout, client);
	}
	if (note.len) {
		fputs("  ", stdout);
		show_text(stdout, note);
	}
}

/* An account or case that somebody typed may hold blanks, and with them look
 * like the columns that follow: then it is quoted. */
static const char *quote(const char *text, char *out)
{
	bool plain = true;
	size_t n = 0;

	for (const char *p = text; *p; p++)
		plain &= *p > ' ' && *p <= '~' && *p != '"';
	if (plain)
		return text;
	out[n++] = '"';
	for (const char *p = text; *p; p++)
		out[n++] = *p == '"' ? '\'' : *p;
	strcpy(out + n, "\"");
	return out;
}

static void show_event(const struct cs_msg *m)
{
	static char text[CS_FRAME_MAX], quoted[sizeof(text) + 3];	/* 64 targets fit */

	for (size_t i = 0; i < CELLS; i++) {
		const char *cell = show_field(m, &cells[i].column, text, sizeof(text));

		if (i)
			fputs("  ", stdout);
		if (cells[i].column.look == LOOK_TEXT && cells[i].width)
			cell = quote(cell, quoted);
		show_padded(stdout, cell, cells[i].width);
	}
	show_remarks(m);
	putchar('\n');
}

/* One connection's worth; *after is the last event seen. */
static enum status list(const struct invocation *in, struct exchange *x, int64_t *after)
{
	bool follow = given_flag(in, "follow");
	enum status status;

	given_put(in, &x->w);
	if (*after)
		cs_put_int(&x->w, "after", *after);
	x->patient = follow;
	status = exchange_ask(x);
	while (status == STATUS_DONE && x->reply) {
		if (x->reply->nfields == 0 && *after == 0 && !in->json && !follow)
			fputs("No event to list. A name is looked for as it was then.\n",
			    stderr);
		if (x->reply->nfields && in->json)
			show_json(x->reply);
		else if (x->reply->nfields)
			show_event(x->reply);
		cs_msg_int(x->reply, "event", after);
		if (follow && fflush(stdout) != 0)
			return fail_with(STATUS_REFUSED, "countersign: standard output: %s.",
			    strerror(errno));
		status = exchange_next(x);
	}
	return status;
}

/* The daemon ends connections after ten minutes, and is back soon after a
 * restart; who follows wants to stay. */
static void wait_for_daemon(const char *path)
{
	struct cs_client *client;

	for (int i = 0; i < 10; i++) {
		sleep(1);
		if (cs_client_open(path, 1000, &client) == CS_OK) {
			cs_client_close(&client);
			return;
		}
	}
}

static enum status run(const struct invocation *in)
{
	struct exchange x;
	int64_t after = 0;
	enum status status;

	for (bool first = true;; first = false) {
		status = exchange_begin(&x, in, DOOR_CONTROL, "Events", true);
		if (status == STATUS_DONE && first && !in->json)
			show_titles();
		if (status == STATUS_DONE)
			status = list(in, &x, &after);
		exchange_end(&x);
		if (!given_flag(in, "follow") || (status != STATUS_DONE && !x.lost))
			return status;
		wait_for_daemon(x.place.path);
	}
}

const struct command cmd_audit_list = {
	.name = "audit list",
	.help = "List the events of the audit log, oldest first",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "Events",
	.run = run,
};

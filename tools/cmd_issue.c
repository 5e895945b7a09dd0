/* SPDX-License-Identifier: ISC
 *
 * countersign issue: a support code on an administrator's behalf, as an
 * operator on the control socket or as a control panel on the panel socket.
 */
#include "exchange.h"
#include "show.h"
#include "when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct option options[] = {
	{ .arg = "ACCOUNT", .param = "account", .required = true,
	  .help = "the account, by name or ref:ID" },
	{ .arg = "ADMIN", .param = "administrator", .required = true, .help = "whose code it is" },
	{ .name = "action", .arg = "ACTION", .param = "action", .help = "for this action only" },
	{ .name = "target", .arg = "TARGET", .param = "target", .value = VALUE_MANY,
	  .help = "for this target only" },
	{ .name = "replace", .param = "replace", .value = VALUE_FLAG,
	  .help = "a new code even if one of the same scope is live" },
	{ 0 },
};

static void put_scope(struct cs_writer *w, const void *arg)
{
	given_put(arg, w);
}

/* An issuer has no way to the control socket, an operator none to the panel's. */
static enum door choose_door(const struct invocation *in)
{
	struct place place;
	const char *name;

	if (place_find(in, DOOR_CONTROL, &place) != STATUS_DONE)
		return DOOR_CONTROL;
	name = strrchr(place.path, '/');
	if (strcmp(name ? name + 1 : place.path, "panel") == 0)
		return DOOR_PANEL;
	if (access(place.path, W_OK) == 0)
		return DOOR_CONTROL;
	if (place_find(in, DOOR_PANEL, &place) == STATUS_DONE && access(place.path, W_OK) == 0)
		return DOOR_PANEL;
	return DOOR_CONTROL;
}

static void show_code(const struct cs_msg *m)
{
	struct cs_str code = { 0 };
	int64_t expires = 0;
	char at[32];

	cs_msg_string(m, "code", &code);
	cs_msg_int(m, "expires", &expires);
	if (code.len == 9)
		printf("%.3s %.3s %.3s\n", code.p, code.p + 3, code.p + 6);
	else
		show_line(stdout, "", m, "code");
	printf("Good once, until %s. ", when_format_short(expires, time(NULL), at, sizeof(at)));
	show_sentence(stdout, "To end it: countersign revoke {issue}", m);
}

static enum status run(const struct invocation *in)
{
	struct exchange x;
	enum status status = exchange_once(&x, in, choose_door(in), "Issue", put_scope, in);

	if (status == STATUS_DONE && in->json)
		show_json(x.reply);
	else if (status == STATUS_DONE)
		show_code(x.reply);
	exchange_end(&x);
	return status;
}

const struct command cmd_issue = {
	.name = "issue",
	.help = "Issue a support code in an administrator's name",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "Issue",
	.run = run,
};

/* SPDX-License-Identifier: ISC
 *
 * countersign check: what this side sees of the sockets, then the daemon's
 * view of its own installation; or a PAM service file.  Exit 0 only without a
 * fault.
 */
#include "exchange.h"
#include "fail.h"
#include "pamstack.h"
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option options[] = {
	{ .name = "pam",
	    .arg = "FILE",
	    .value = VALUE_FILE,
	    .help = "check the gate in a PAM service file, such as /etc/pam.d/countersign-mail" },
	{ 0 },
};

struct check {
	const struct invocation *in;
	bool fault;
};

static void show_item(struct check *c, const struct cs_msg *m)
{
	static const struct column result = { "result", "", LOOK_TEXT };
	static const struct column item = { "item", "", LOOK_TEXT };
	static const struct column say = { "say", "", LOOK_TEXT };
	char text[1024];
	struct cs_str is = { 0 };

	cs_msg_string(m, "result", &is);
	c->fault |= !cs_str_is(is, "ok") && !cs_str_is(is, "warning") && !cs_str_is(is, "note");
	if (c->in->json) {
		show_json(m);
		return;
	}
	show_padded(stdout, show_field(m, &result, text, sizeof(text)), 9);
	show_padded(stdout, show_field(m, &item, text, sizeof(text)), 18);
	printf("%s\n", show_field(m, &say, text, sizeof(text)));
}

static void show_own(struct check *c, const char *item, const char *result, const char *say)
{
	static struct cs_msg m;

	memset(&m, 0, sizeof(m));
	m.fields[0] = show_own_text("item", item);
	m.fields[1] = show_own_text("result", result);
	m.fields[2] = show_own_text("say", say);
	m.nfields = 3;
	show_item(c, &m);
}

static void check_socket(struct check *c, const char *path, const char *item)
{
	struct cs_client *client;
	char say[512];
	enum cs_err e = cs_client_open(path, 2000, &client);

	if (e == CS_OK) {
		cs_client_close(&client);
		snprintf(say, sizeof(say), "%s answers", path);
		show_own(c, item, "ok", say);
		return;
	}
	if (access(path, W_OK) < 0 && errno == EACCES)
		snprintf(say, sizeof(say), "%s is not open to you: run this as an operator", path);
	else if (e == CS_ERR_UNREACHABLE)
		snprintf(say, sizeof(say),
		    "nobody listens on %s: start countersignd, or give its socket-dir "
		    "with --socket",
		    path);
	else
		snprintf(say, sizeof(say), "%s: %s", path, cs_err_text(e));
	show_own(c, item, "fault", say);
}

static void show_finding(void *arg, int line, const char *result, const char *text)
{
	struct check *c = arg;
	char item[32] = "file";

	if (line > 0)
		snprintf(item, sizeof(item), "line %d", line);
	show_own(c, item, result, text);
}

/* Without a daemon the answer is no. */
static bool is_shadow(void *arg, const char *action)
{
	const struct check *c = arg;
	const struct cs_msg *reply;
	struct cs_client *client;
	struct cs_str mode = { 0 };
	struct cs_writer w;
	struct place place;
	bool shadow;
	size_t len;

	if (place_find(c->in, DOOR_STAFF, &place) != STATUS_DONE ||
	    cs_client_open(place.path, 2000, &client) != CS_OK)
		return false;
	cs_writer_call(&w, cs_client_buf(client), CS_FRAME_MAX + 1, "io.countersign.staff.Prepare",
	    false);
	cs_put_string(&w, "account", cs_str(""));
	cs_put_string(&w, "action", cs_str(action));
	if (cs_writer_end(&w, &len) == CS_OK && cs_client_call(client, len, &reply) == CS_OK)
		cs_msg_string(reply, "mode", &mode);
	shadow = cs_str_is(mode, "shadow");
	cs_client_close(&client);
	return shadow;
}

static enum status check_pam(struct check *c, const char *path)
{
	const struct stack_reader reader = { show_finding, is_shadow, c };
	struct pamfile file;
	enum cs_err e = pamfile_read(path, &file);

	if (e != CS_OK)
		return fail_with(STATUS_USAGE, "%s: %s.", path,
		    e == CS_ERR_SYSTEM ? strerror(errno) : cs_err_text(e));
	stack_judge(&file, &reader);
	pamfile_clear(&file);
	return c->fault ? STATUS_REFUSED : STATUS_DONE;
}

static enum status check_installation(const struct invocation *in)
{
	struct place staff, control;
	struct check c = { .in = in };
	struct exchange x;
	enum status status;

	if (place_find(in, DOOR_STAFF, &staff) != STATUS_DONE ||
	    place_find(in, DOOR_CONTROL, &control) != STATUS_DONE)
		return STATUS_USAGE;
	if (strcmp(staff.path, control.path) != 0)
		check_socket(&c, staff.path, "staff socket");
	check_socket(&c, control.path, "control socket");
	status = exchange_begin(&x, in, DOOR_CONTROL, "Check", true);
	if (status == STATUS_DONE)
		status = exchange_ask(&x);
	while (status == STATUS_DONE && x.reply) {
		if (x.reply->nfields)
			show_item(&c, x.reply);
		status = exchange_next(&x);
	}
	exchange_end(&x);
	return status == STATUS_DONE && c.fault ? STATUS_REFUSED : status;
}

static enum status run(const struct invocation *in)
{
	struct check c = { .in = in };
	const char *pam = given_text(in, "pam");

	return pam ? check_pam(&c, pam) : check_installation(in);
}

const struct command cmd_check = {
	.name = "check",
	.help = "Check the installation, and say what to do about each fault",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "Check",
	.list = true,
	.run = run,
};

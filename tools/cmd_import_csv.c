/* SPDX-License-Identifier: ISC
 *
 * countersign import csv: makes accounts and administrators what a roster
 * says.  It asks about every line first, changing nothing, then how many would
 * be suspended; only then it does what came of that.
 */
#include "exchange.h"
#include "fail.h"
#include "lanes.h"
#include "roster.h"
#include "show.h"

#include "../lib/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BRAKE 10		/* as the daemon has it: more than one in so many */

static const struct option options[] = {
	{ .arg = "FILE",
	    .value = VALUE_FILES,
	    .required = true,
	    .help = "CSV with the columns account_ref, account, admin_ref, admin, name, actions, "
		    "purpose, secret" },
	{ .name = "dry-run",
	    .value = VALUE_FLAG,
	    .help = "say what would change, and change nothing" },
	{ .name = "yes-suspend",
	    .arg = "N",
	    .help = "suspend these many, although they are more than a tenth" },
	{ 0 },
};

struct missing {
	int64_t imported, n;
};

struct import {
	const struct invocation *in;
	struct roster roster;
	struct lanes lanes;
	int64_t run, suspend;		/* suspend: -1 where not given */
	bool dry;
	bool real;			/* the second pass */
	size_t done, total;
	int64_t shown;			/* when the progress line was written */
	struct missing missing;
	size_t suspended;
};

/* "4,112": three digits at a time. */
static const char *group_digits(uint64_t n, char out[32])
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n), at = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

static void show_progress(struct import *import, bool last)
{
	char done[32], total[32];
	struct timespec ts;
	int64_t now;

	if (!isatty(STDERR_FILENO))
		return;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (int64_t)ts.tv_sec * 10 + ts.tv_nsec / 100000000;
	if (now == import->shown && !last)
		return;
	import->shown = now;
	if (last)
		fputs("\r\033[K", stderr);
	else
		fprintf(stderr, "\r%s line %s of %s\033[K", import->real ? "Importing" : "Checking",
		    group_digits(import->done, done), group_digits(import->total, total));
	fflush(stderr);
}

static void put_actions(struct cs_writer *w, struct cs_str list)
{
	struct cs_str at[CS_STRINGS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < list.len && n < CS_STRINGS_MAX;) {
		size_t len = 0;

		while (i + len < list.len && memchr(",; \t", list.p[i + len], 4) == NULL)
			len++;
		if (len > 0)
			at[n++] = (struct cs_str){ list.p + i, len };
		i += len + 1;
	}
	if (n == 0)		/* separators alone: no action has that name */
		at[n++] = list;
	if (n == 1 && at[0].len == 1 && at[0].p[0] == '*')
		cs_put_bool(w, "all", true);
	else
		cs_put_strings(w, "actions", at, n);
}

static const struct {
	enum column_of col;
	const char *parameter;
	const char *say;		/* when the daemon does not take it */
} parameters[] = {
	{ COL_ACCOUNT_REF, "account_ref",
	    "Its account_ref is empty or not 1 to 64 printable characters "
	    "without blank and slash." },
	{ COL_ACCOUNT, "account",
	    "Its account is empty or not a name: a-z, 0-9, dot, dash and "
	    "underscore." },
	{ COL_ADMIN_REF, "admin_ref",
	    "Its admin_ref is empty or not 1 to 64 printable characters "
	    "without blank and slash." },
	{ COL_ADMIN, "administrator",
	    "Its admin is empty or not a name: a-z, 0-9, dot, dash and "
	    "underscore." },
	{ COL_NAME, "name",
	    "Its name is longer than 128 bytes, has control characters or belongs to "
	    "no admin." },
	{ COL_ACTIONS, "actions", "Its actions are more than 64 or belong to no admin." },
	{ COL_PURPOSE, "purpose", "Its purpose is neither login nor support." },
	{ COL_SECRET, "secret",
	    "Its secret is not base32 of 10 to 64 bytes, or belongs to no admin." },
};
#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

static bool has_work(const struct roster_line *line)
{
	return line->account == CHANGE_ADDED || line->admin > CHANGE_SAME ||
	    line->authenticator > CHANGE_SAME;
}

static bool fill_cb(struct cs_writer *w, void *arg, size_t i)
{
	const struct import *import = arg;
	const struct roster_line *line = &import->roster.lines[i];

	/* A line that contradicts another is asked about all the same, so that
	 * whom it names is not missing. */
	if (import->real ? line->refused != NULL || !has_work(line) : line->nobody)
		return false;
	cs_put_int(w, "run", import->run);
	cs_put_bool(w, "dry_run", !import->real);
	for (size_t p = 0; p < PARAMETERS; p++) {
		struct cs_str value = line->field[parameters[p].col];

		if (value.len == 0)
			continue;
		if (parameters[p].col == COL_ACTIONS)
			put_actions(w, value);
		else
			cs_put_string(w, parameters[p].parameter, value);
	}
	return true;
}

static enum change read_change(const struct cs_msg *reply, const char *name)
{
	static const char *const words[] = {
		[CHANGE_SAME] = "same",
		[CHANGE_ADDED] = "added",
		[CHANGE_CHANGED] = "changed",
		[CHANGE_RESUMED] = "resumed",
	};
	struct cs_str word = CS_STR("");

	cs_msg_string(reply, name, &word);
	for (enum change c = CHANGE_SAME; c <= CHANGE_RESUMED; c++)
		if (cs_str_is(word, words[c]))
			return c;
	return CHANGE_NONE;
}

/* Errors about the line; others end the import. */
static bool refuse_line(struct roster_line *line, const struct cs_msg *reply)
{
	struct cs_str say = CS_STR(""), parameter = CS_STR("");
	char text[512];

	cs_msg_string(reply, "parameter", &parameter);
	for (size_t p = 0; p < PARAMETERS; p++)
		if (cs_str_is(parameter, parameters[p].parameter)) {
			enum column_of col = parameters[p].col;

			return roster_refuse(line, col == COL_ACCOUNT_REF || col == COL_ADMIN_REF,
			    "%s", parameters[p].say);
		}
	if (cs_msg_string(reply, "say", &say) != CS_OK || say.len == 0)
		return false;
	cs_log_escape(text, sizeof(text), say.p, say.len);
	return roster_refuse(line, false, "%s", text);
}

static bool about_the_line(const struct cs_msg *reply)
{
	static const char *const errors[] = {
		"org.varlink.service.InvalidParameter", "io.countersign.control.Exists",
		"io.countersign.control.UnknownAction", "io.countersign.control.Refused",
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (cs_str_is(reply->error, errors[i]))
			return true;
	return false;
}

static enum status take_cb(void *arg, size_t i, const struct cs_msg *reply)
{
	struct import *import = arg;
	struct roster_line *line = &import->roster.lines[i];

	import->done++;
	show_progress(import, false);
	if (reply->error.p != NULL) {
		if (about_the_line(reply) && refuse_line(line, reply))
			return STATUS_DONE;
		show_progress(import, true);
		return fail_reply(import->in, reply);
	}
	line->account = read_change(reply, "account");
	line->admin = read_change(reply, "administrator");
	line->authenticator = read_change(reply, "authenticator");
	return STATUS_DONE;
}

static enum status ask_lines(struct import *import, bool real)
{
	enum status status;

	import->real = real;
	import->shown = 0;
	import->done = import->total = 0;
	for (size_t i = 0; i < import->roster.n; i++)
		import->total += real ? import->roster.lines[i].refused == NULL &&
		    has_work(&import->roster.lines[i]) : !import->roster.lines[i].nobody;
	status =
	    lanes_ask(&import->lanes, "SyncRecord", import->roster.n, fill_cb, take_cb, import);
	show_progress(import, true);
	return status;
}

static enum status begin_run(struct import *import)
{
	struct exchange x;
	enum status status = exchange_begin(&x, import->in, DOOR_CONTROL, "SyncBegin", false);

	if (status == STATUS_DONE)
		status = exchange_ask(&x);
	if (status == STATUS_DONE && cs_msg_int(x.reply, "run", &import->run) != CS_OK)
		status = fail_call(CS_ERR_FORMAT, x.place.path, true);
	exchange_end(&x);
	return status;
}

static void show_missing(const struct import *import, const struct cs_msg *row)
{
	if (import->in->json)
		show_json(row);
	else
		show_sentence(stdout,
		    import->dry ? "to suspend: {account}/{administrator} {administrator_name}"
				: "suspended: {account}/{administrator} {administrator_name}",
		    row);
}

/* Looks for the missing; names them when that is asked for, or suspends them. */
static enum status end_run(struct import *import, bool dry, bool name)
{
	struct exchange x;
	enum status status = exchange_begin(&x, import->in, DOOR_CONTROL, "SyncEnd", true);

	if (status == STATUS_DONE) {
		cs_put_int(&x.w, "run", import->run);
		cs_put_bool(&x.w, "dry_run", dry);
		if (import->suspend >= 0)
			cs_put_int(&x.w, "suspend", import->suspend);
		status = exchange_ask(&x);
	}
	if (status == STATUS_DONE &&
	    (cs_msg_int(x.reply, "imported", &import->missing.imported) != CS_OK ||
		cs_msg_int(x.reply, "missing", &import->missing.n) != CS_OK))
		status = fail_call(CS_ERR_FORMAT, x.place.path, true);
	import->suspended = 0;
	while (status == STATUS_DONE && name && (status = exchange_next(&x)) == STATUS_DONE &&
	    x.reply != NULL) {
		import->suspended++;
		show_missing(import, x.reply);
	}
	exchange_end(&x);
	return status;
}

/* Why the missing are not suspended just so; NULL: they may be. */
static const char *find_brake(const struct import *import, const struct roster_counts *counts)
{
	const struct missing *m = &import->missing;

	if (m->n == 0 || import->suspend == m->n)
		return NULL;
	if (counts->nobody > 0)
		return "some refused lines do not tell whom they name";
	return m->n * BRAKE > m->imported || import->suspend >= 0 ?
	    "that is more than a tenth, or not the number given" : NULL;
}

static void show_lines(const struct import *import)
{
	for (size_t i = 0; i < import->roster.n; i++) {
		const struct roster_line *line = &import->roster.lines[i];

		if (line->refused != NULL)
			show_refused(import->in->json, line->path, line->line, line->refused);
	}
}

static void show_summary_json(const struct import *import, const struct roster_counts *c,
    uint64_t suspend)
{
	const struct {
		struct cs_str name;
		uint64_t n;
	} rows[] = {
		{ CS_STR("run"), (uint64_t)import->run },
		{ CS_STR("accounts"), c->accounts },
		{ CS_STR("administrators"), c->admins },
		{ CS_STR("authenticators"), c->authenticators },
		{ CS_STR("changed"), c->changed },
		{ CS_STR("resumed"), c->resumed },
		{ CS_STR("suspended"), suspend },
		{ CS_STR("refused"), c->refused },
	};
	static struct cs_msg m;

	for (m.nfields = 0; m.nfields < sizeof(rows) / sizeof(rows[0]); m.nfields++)
		m.fields[m.nfields] = (struct cs_field){ rows[m.nfields].name, CS_INT,
		    .integer = (int64_t)rows[m.nfields].n };
	m.fields[m.nfields++] =
	    (struct cs_field){ CS_STR("dry_run"), CS_BOOL, .boolean = import->dry };
	show_json(&m);
}

static void show_count(const char *before, uint64_t n, const char *noun, const char *after)
{
	char text[32];

	printf("%s%s%s%s%s%s", before, group_digits(n, text), noun[0] != '\0' ? " " : "", noun,
	    noun[0] != '\0' && n != 1 ? "s" : "", after);
}

static void show_summary(const struct import *import, const struct roster_counts *c,
    uint64_t suspend)
{
	const char *to = import->dry ? " to" : "";

	if (import->in->json) {
		show_summary_json(import, c, suspend);
		return;
	}
	show_count("", c->accounts, "account", ", ");
	show_count("", c->admins, "administrator", import->dry ? " to add, " : " added, ");
	if (c->authenticators > 0)
		show_count("", c->authenticators, "secret",
		    import->dry ? " to take, " : " taken, ");
	if (c->changed > 0)
		show_count("", c->changed, "", import->dry ? " to change, " : " changed, ");
	if (c->resumed > 0)
		show_count("", c->resumed, "", import->dry ? " to resume, " : " resumed, ");
	show_count("", suspend, "", to);
	fputs(import->dry ? " suspend, " : " suspended, ", stdout);
	show_count("", c->refused, "line", " refused");
	puts(c->refused > 0 ? " (see below)" : "");
}

static enum status fail_brake(const struct import *import, const char *why)
{
	return fail_with(STATUS_REFUSED,
	    "%" PRId64 " of %" PRId64 " imported administrators are not in this "
	    "roster, and %s. Nothing was changed. If they are to be suspended: --yes-suspend "
	    "%" PRId64,
	    import->missing.n, import->missing.imported, why, import->missing.n);
}

/* The dry run, and what the run begins with. */
static enum status check_all(struct import *import)
{
	enum status status = begin_run(import);

	if (status == STATUS_DONE)
		status = ask_lines(import, false);
	return status == STATUS_DONE ? end_run(import, true, false) : status;
}

static enum status say_dry(struct import *import, const struct roster_counts *counts)
{
	const char *brake = find_brake(import, counts);
	enum status status;

	show_summary(import, counts, (uint64_t)import->missing.n);
	show_lines(import);
	fflush(stdout);
	status = end_run(import, true, true);
	if (status == STATUS_DONE && brake != NULL)
		status = fail_brake(import, brake);
	return status;
}

static enum status do_all(struct import *import, const struct roster_counts *before)
{
	struct roster_counts counts;
	const char *brake = find_brake(import, before);
	enum status status;

	if (brake != NULL) {
		show_lines(import);
		return fail_brake(import, brake);
	}
	status = ask_lines(import, true);
	if (status == STATUS_DONE)
		status = end_run(import, false, true);
	if (status != STATUS_DONE)
		return status;
	roster_count(&import->roster, &counts);
	show_summary(import, &counts, import->suspended);
	show_lines(import);
	return counts.refused > 0 ? STATUS_REFUSED : STATUS_DONE;
}

static bool parse_suspend(const char *text, int64_t *n)
{
	char *end;

	*n = -1;
	if (text == NULL)
		return true;
	errno = 0;
	*n = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' && text[0] >= '0' && text[0] <= '9';
}

static enum status run(const struct invocation *in)
{
	struct import import = { .in = in, .dry = given_flag(in, "dry-run") };
	struct roster_counts counts;
	enum status status;

	if (!parse_suspend(given_text(in, "yes-suspend"), &import.suspend))
		return fail_with(STATUS_USAGE,
		    "countersign: --yes-suspend takes the number that was printed.");
	status = roster_read(in, &import.roster);
	if (status != STATUS_DONE)
		return status;
	status = lanes_open(&import.lanes, in, DOOR_CONTROL);
	if (status == STATUS_DONE)
		status = check_all(&import);
	if (status == STATUS_DONE) {
		roster_count(&import.roster, &counts);
		status = import.dry ? say_dry(&import, &counts) : do_all(&import, &counts);
		if (status == STATUS_DONE && counts.refused > 0)
			status = STATUS_REFUSED;
	}
	lanes_close(&import.lanes);
	roster_clear(&import.roster);
	return status;
}

const struct command cmd_import_csv = {
	.name = "import csv",
	.help = "Make accounts and administrators what a roster says",
	.about =
	    "Whom an earlier roster named and this one does not is suspended; whom you added by\n"
	    "hand is left alone. Running it again changes nothing.",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "SyncRecord",
	.run = run,
};

/* SPDX-License-Identifier: ISC
 *
 * See fail.h.  An error that no row names is refused with what it says: a
 * newer daemon never turns into success here.
 */
#include "fail.h"

#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKED "it did what was asked"

static const struct {
	const char *error;		/* after the interface's name */
	enum status status;
	const char *sentence;		/* where the reply has no "say" */
} errors[] = {
	{ "NotPermitted", STATUS_NOT_PERMITTED, "You may not ask this." },
	{ "UnknownTechnician", STATUS_NOT_PERMITTED,
	    "Countersign does not know this technician: {technician}" },
	{ "PermissionDenied", STATUS_NOT_PERMITTED, "You may not ask this." },
	{ "Throttled", STATUS_THROTTLED, "Wait {wait|second}." },
	{ "Unavailable", STATUS_AWAY, "Countersign cannot answer now: {why}. " CS_TELL_OPERATOR },
	{ "UnknownAccount", STATUS_REFUSED, "There is no account {account}." },
	{ "UnknownAction", STATUS_REFUSED, "The policy does not name the action {action}." },
	{ "UnknownAdministrator", STATUS_REFUSED, "There is no administrator {administrator}." },
	{ "NotFound", STATUS_REFUSED, "There is no {what}." },
	{ "Exists", STATUS_REFUSED, "It exists already." },
	{ "Refused", STATUS_REFUSED, "Refused: {why}." },
	{ "InvalidParameter", STATUS_USAGE, "Countersign does not take this {parameter}." },
	{ "MethodNotFound", STATUS_AWAY,
	    "This Countersign does not know {method}: is it older than this command?" },
	{ "InterfaceNotFound", STATUS_AWAY, "This socket does not serve {interface}: "
	    "name the folder of the sockets instead." },
};

/* The option that a person typed, or left out, says more than the protocol's
 * name. */
static bool name_option(const struct invocation *in, const struct cs_msg *m)
{
	struct cs_str parameter;

	if (cs_msg_string(m, "parameter", &parameter) != CS_OK)
		return false;
	for (const struct option *row = in->command->options; row->name || row->arg; row++) {
		const char *name = row->name ? row->name : row->arg;
		const char *dashes = row->name ? "--" : "";

		if (!row->param || !cs_str_is(parameter, row->param))
			continue;
		if (given_flag(in, name))
			fprintf(stderr, "Countersign does not take this value of %s%s (%s).\n",
			    dashes, name, row->help);
		else
			fprintf(stderr, "countersign: %s%s is missing (%s).\n", dashes, name,
			    row->help);
		return true;
	}
	return false;
}

static struct cs_str last_part(struct cs_str name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.p[i - 1] == '.')
			return (struct cs_str){ name.p + i, name.len - i };
	return name;
}

enum status fail_reply(const struct invocation *in, const struct cs_msg *m)
{
	struct cs_str error = last_part(m->error), say = { 0 };

	if (in->json)
		show_json_error(m);
	cs_msg_string(m, "say", &say);
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		if (!cs_str_is(error, errors[i].error))
			continue;
		if (say.len)
			show_line(stderr, "", m, "say");
		else if (!name_option(in, m))
			show_sentence(stderr, errors[i].sentence, m);
		return errors[i].status;
	}
	fputs("Countersign answered ", stderr);
	show_text(stderr, m->error);
	fputs(": " CS_NOT_KNOWN(ASKED) "\n", stderr);
	return STATUS_AWAY;
}

enum status fail_call(enum cs_err e, const char *path, bool sent)
{
	bool barred = !sent && e == CS_ERR_SYSTEM && errno == EACCES;
	char told[CS_TOLD_MAX];

	if (!sent && (e == CS_ERR_FORMAT || e == CS_ERR_LIMIT))
		return fail_with(STATUS_USAGE, "countersign: the arguments cannot be sent: %s.",
		    cs_err_text(e));
	cs_err_tell(e, path, sent ? ASKED : NULL, told);
	return fail_with(barred ? STATUS_NOT_PERMITTED : STATUS_AWAY, "%s", told);
}

void fail_print(const char *fmt, va_list ap)
{
	char *text, *next;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	for (char *line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		show_text(stderr, cs_str(line));
		fputc('\n', stderr);
	}
	free(text);
}

enum status fail_with(enum status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_print(fmt, ap);
	va_end(ap);
	return status;
}

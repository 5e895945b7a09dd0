/* SPDX-License-Identifier: ISC
 *
 * A value goes to the daemon as the browser sent it: what it means is decided
 * there.  Only shapes are converted here: lines, numbers, days, invitations.
 */
#include "method.h"

#include "visit_inside.h"

#include "../lib/secret.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define INTERFACE "io.countersign.panel."

const struct method methods[] = {
	{ "LogIn", METHOD_SLOW, "name password code device? address browser?" },
	{ "LogOut", METHOD_AGAIN, "session" },
	{ "Session", METHOD_AGAIN, "session" },
	{ "Prove", 0, "session code=proof" },
	{ "Invitation", METHOD_AGAIN, "invitation~ issuer?" },
	{ "AcceptInvitation", METHOD_SLOW, "invitation~ password code address browser?" },
	{ "SetPassword", METHOD_SLOW, "session old password" },
	{ "Sessions", METHOD_MORE | METHOD_AGAIN, "session" },
	{ "EndSession", METHOD_AGAIN, "session id?" },

	{ "Tickets", METHOD_MORE | METHOD_AGAIN, "session account closed!? before?" },
	{ "Ticket", METHOD_MORE | METHOD_AGAIN, "session account ticket" },
	{ "OpenTicket", METHOD_AGAIN, "session account subject text action? target[]? request" },
	{ "ReplyTicket", METHOD_AGAIN, "session account ticket text request" },
	{ "CloseTicket", METHOD_AGAIN, "session account ticket" },

	{ "Account", METHOD_AGAIN, "session account" },
	{ "Actions", METHOD_MORE | METHOD_AGAIN, "session account" },
	{ "Calls", METHOD_MORE | METHOD_AGAIN, "session account" },
	{ "DenyCall", METHOD_AGAIN, "session account call" },
	{ "Generate", METHOD_AGAIN,
	  "session account action? target[]? call? replace!? request" },
	{ "Code", METHOD_AGAIN, "session account issue" },
	{ "Codes", METHOD_MORE | METHOD_AGAIN, "session account" },
	{ "CancelCode", METHOD_AGAIN, "session account issue" },
	{ "Activity", METHOD_MORE | METHOD_AGAIN | METHOD_SEARCH,
	  "session account since@? until@? administrator? technician? action? kind? before#? "
	  "count#?" },
	{ "People", METHOD_MORE | METHOD_AGAIN, "session account" },
	{ "InvitePerson", 0, "session account name administrator actions[]? all!?" },
	{ "SetPersonRights", METHOD_AGAIN,
	  "session account administrator actions[]? all!? expected[]" },
	{ "SuspendPerson", METHOD_AGAIN, "session account administrator" },
	{ "ResumePerson", METHOD_AGAIN, "session account administrator" },
	{ "RemovePerson", 0, "session account administrator" },
	{ "ResetPerson", 0, "session account administrator" },
	{ "Authenticators", METHOD_MORE | METHOD_AGAIN, "session" },
	{ "EnrollAuthenticator", 0, "session purpose label issuer?" },
	{ "ConfirmAuthenticator", 0, "session authenticator code" },
	{ "RenameAuthenticator", METHOD_AGAIN, "session authenticator label" },
	{ "RemoveAuthenticator", 0, "session authenticator" },
	{ "RecoveryCodes", 0, "session request" },
	{ "FreezeAccount", METHOD_AGAIN, "session account" },
};

const size_t nmethods = sizeof(methods) / sizeof(methods[0]);

const struct method *method_find(const char *name)
{
	for (size_t i = 0; i < nmethods; i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

/* One word of "parameters", taken apart. */
struct parameter {
	char name[METHOD_NAME];	/* the daemon's */
	char from[METHOD_NAME];	/* ours; the same unless "=" says otherwise */
	bool optional;
	char shape;		/* 0, '[', '#', '!', '@', '~' */
};

static const char *read_word(const char *p, char *out, size_t cap)
{
	size_t len = 0;

	while ((*p >= 'a' && *p <= 'z') || *p == '_') {
		if (len + 1 < cap)
			out[len++] = *p;
		p++;
	}
	out[len] = '\0';
	return p;
}

/* False at the end. */
static bool next_parameter(const char **at, struct parameter *out)
{
	const char *p = *at + strspn(*at, " ");

	if (*p == '\0')
		return false;
	memset(out, 0, sizeof(*out));
	p = read_word(p, out->name, sizeof(out->name));
	memcpy(out->from, out->name, sizeof(out->from));
	if (*p == '=')
		p = read_word(p + 1, out->from, sizeof(out->from));
	for (; *p != ' ' && *p != '\0'; p++) {
		if (*p == '?')
			out->optional = true;
		else if (*p != ']')
			out->shape = *p;
	}
	*at = p;
	return true;
}

static enum cs_err put_number(struct cs_writer *w, const char *name, struct cs_str text)
{
	int64_t n = 0;

	if (text.len == 0 || text.len > 15)
		return CS_ERR_FORMAT;
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return CS_ERR_FORMAT;
		n = n * 10 + (text.p[i] - '0');
	}
	cs_put_int(w, name, n);
	return CS_OK;
}

static enum cs_err put_day(struct cs_writer *w, const char *name, struct cs_str text)
{
	char copy[16], again[16];
	struct tm tm = { 0 };
	const char *end;
	time_t at;

	if (text.len != 10)
		return CS_ERR_FORMAT;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	end = strptime(copy, "%Y-%m-%d", &tm);
	if (end == NULL || *end != '\0')
		return CS_ERR_FORMAT;
	at = timegm(&tm);
	strftime(again, sizeof(again), "%Y-%m-%d", &tm);
	if (strcmp(copy, again) != 0)	/* there is no 31st of June */
		return CS_ERR_FORMAT;
	cs_put_int(w, name, at);
	return CS_OK;
}

static struct cs_str trim(struct cs_str s)
{
	while (s.len > 0 && strchr(" \t\r", s.p[0]) != NULL) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && strchr(" \t\r", s.p[s.len - 1]) != NULL)
		s.len--;
	return s;
}

/* "N12-0a1b": in an address it stands behind the "#", and phones begin a word with
 * a capital. */
static enum cs_err put_invitation(struct cs_writer *w, const char *name, struct cs_str text)
{
	const char *hash = text.len > 0 ? memrchr(text.p, '#', text.len) : NULL;
	char token[64] = "";
	bool whole;
	int end = 0;

	if (hash != NULL)
		text = (struct cs_str){ hash + 1, (size_t)(text.p + text.len - hash) - 1 };
	text = trim(text);
	if (text.len == 0 || text.len >= sizeof(token))
		return CS_ERR_FORMAT;
	token[0] = (char)toupper((unsigned char)text.p[0]);
	for (size_t i = 1; i < text.len; i++)
		token[i] = (char)tolower((unsigned char)text.p[i]);
	sscanf(token, "N%*[0-9]-%*[0-9a-f]%n", &end);
	whole = end > 0 && token[end] == '\0';
	if (whole)
		cs_put_string(w, name, cs_str(token));
	cs_wipe(token, sizeof(token));
	return whole ? CS_OK : CS_ERR_FORMAT;
}

static enum cs_err add_lines(struct lines *lines, struct cs_str text)
{
	while (text.len > 0) {
		const char *stop = memchr(text.p, '\n', text.len);
		size_t len = stop != NULL ? (size_t)(stop - text.p) : text.len;
		struct cs_str line = trim((struct cs_str){ text.p, len });

		text.p += len + (stop != NULL);
		text.len -= len + (stop != NULL);
		if (line.len == 0)
			continue;
		if (lines->n == LINES_MAX)
			return CS_ERR_LIMIT;
		lines->at[lines->n++] = line;
	}
	return CS_OK;
}

/* "host=ip" from the fields target_host and target_ip, before the others. */
static enum cs_err add_pair(struct lines *lines, const struct visit *v)
{
	struct cs_str host = trim(visit_field(v, "target_host"));
	struct cs_str ip = trim(visit_field(v, "target_ip"));

	if (host.len == 0 && ip.len == 0)
		return CS_OK;
	if (host.len > LINES_PAIR || ip.len > LINES_PAIR)
		return CS_ERR_LIMIT;
	snprintf(lines->pair, sizeof(lines->pair), "%.*s=%.*s", (int)host.len, host.p, (int)ip.len,
	    ip.p);
	return add_lines(lines, cs_str(lines->pair));
}

/* The lines of every field of that name. */
enum cs_err method_lines(const struct visit *v, const char *field, struct lines *lines)
{
	struct cs_str name, value;
	enum cs_err e = CS_OK;

	lines->n = 0;
	if (strcmp(field, "target") == 0)
		e = add_pair(lines, v);
	for (size_t i = 0; e == CS_OK && visit_field_at(v, i, &name, &value); i++)
		if (cs_str_is(name, field))
			e = add_lines(lines, value);
	return e;
}

static enum cs_err put_lines(struct cs_writer *w, const struct visit *v,
    const struct parameter *parameter)
{
	struct lines lines;
	enum cs_err e;

	/* "Everything" includes what else is ticked; the daemon takes one of the two. */
	if (strcmp(parameter->name, "actions") == 0 && visit_field(v, "all").len > 0)
		return CS_OK;
	e = method_lines(v, parameter->from, &lines);
	if (e == CS_OK && (lines.n > 0 || !parameter->optional))
		cs_put_strings(w, parameter->name, lines.at, lines.n);
	return e;
}

static enum cs_err put_parameter(struct cs_writer *w, const struct visit *v,
    const struct parameter *parameter)
{
	struct cs_str value;

	if (parameter->shape == '[')
		return put_lines(w, v, parameter);
	value = visit_parameter(v, parameter->from);
	if (value.len == 0 && parameter->optional)
		return CS_OK;
	if (parameter->shape == '#')
		return put_number(w, parameter->name, value);
	if (parameter->shape == '@')
		return put_day(w, parameter->name, value);
	if (parameter->shape == '~')
		return put_invitation(w, parameter->name, value);
	if (parameter->shape == '!')
		cs_put_bool(w, parameter->name, value.len > 0);
	else
		cs_put_string(w, parameter->name, value.p != NULL ? value : CS_STR(""));
	return CS_OK;
}

enum cs_err method_write(const struct method *m, const struct visit *v, char *buf, size_t cap,
    size_t *len, char fault[METHOD_NAME])
{
	const char *at = m->parameters;
	struct parameter parameter = { .optional = false };
	struct cs_writer w;
	enum cs_err e = CS_OK;
	char name[64];

	snprintf(name, sizeof(name), INTERFACE "%s", m->name);
	cs_writer_call(&w, buf, cap, name, (m->flags & METHOD_MORE) != 0);
	while (e == CS_OK && next_parameter(&at, &parameter)) {
		e = put_parameter(&w, v, &parameter);
		if (e == CS_OK)
			e = w.err;
	}
	memcpy(fault, parameter.name, METHOD_NAME);
	return e != CS_OK ? e : cs_writer_end(&w, len);
}

/* SPDX-License-Identifier: ISC
 *
 * See promised.h.  It reads "(name: ?type, ...)" as the files of daemon/ write it.
 */
#include "promised.h"

#include "../daemon/interfaces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const types[] = {
	[CS_STRING] = "string",
	[CS_INT] = "int",
	[CS_BOOL] = "bool",
	[CS_STRINGS] = "[]string",
};

/* "name: string, other: ?int)..." after "\nmethod Verify(...) -> (" or "\nerror Refused (". */
static const char *find_list(const char *kind, struct cs_str name)
{
	size_t at = name.len;
	char wanted[80];

	while (at > 0 && name.p[at - 1] != '.')
		at--;
	snprintf(wanted, sizeof(wanted), "\n%s %.*s%s(", kind, (int)(name.len - at), name.p + at,
	    kind[0] == 'e' ? " " : "");
	for (size_t i = 0; i < ninterfaces; i++) {
		const char *p = interfaces[i].description;

		if (strlen(interfaces[i].name) != at - 1 ||
		    memcmp(interfaces[i].name, name.p, at - 1) != 0)
			continue;
		p = strstr(p, wanted);
		if (p != NULL && kind[0] == 'm')
			p = strstr(p, "-> (");
		if (p != NULL)
			return strchr(p + strlen("-> "), '(') + 1;
	}
	fail_msg("no interface file has the %s %.*s", kind, (int)name.len, name.p);
	return NULL;
}

/* The next "name: ?type" of the list; false behind its last. */
static bool next_promise(const char **list, struct cs_str *name, struct cs_str *type, bool *absent)
{
	if (**list == ')')
		return false;
	*name = (struct cs_str){ *list, strcspn(*list, ":") };
	*list += name->len + 2;
	*absent = **list == '?';
	*list += *absent;
	*type = (struct cs_str){ *list, strcspn(*list, ",)") };
	*list += type->len + (strncmp(*list + type->len, ", ", 2) == 0 ? 2 : 0);
	return true;
}

static void check_message(const struct row *row, const struct cs_msg *msg)
{
	bool refused = msg->error.p != NULL, absent;
	struct cs_str whole = refused ? msg->error : cs_str(row->method), name, type;
	const char *list = find_list(refused ? "error" : "method", whole);
	size_t kept = 0;

	if (!refused && (row->flags & ROW_MORE) != 0 && !msg->continues && msg->nfields == 0)
		return;
	while (next_promise(&list, &name, &type, &absent)) {
		const struct cs_field *field = NULL;

		for (size_t i = 0; i < msg->nfields; i++)
			if (cs_str_same(msg->fields[i].name, name))
				field = &msg->fields[i];
		if (field == NULL && !absent)
			fail_msg("%.*s without %.*s", (int)whole.len, whole.p, (int)name.len,
			    name.p);
		if (field != NULL && !cs_str_is(type, types[field->type]))
			fail_msg("%.*s: %.*s is no %.*s", (int)whole.len, whole.p, (int)name.len,
			    name.p, (int)type.len, type.p);
		kept += field != NULL;
	}
	if (kept != msg->nfields)
		fail_msg("%.*s: one of %zu parameters is not in the interface file",
		    (int)whole.len, whole.p, msg->nfields);
}

void promised_check(const struct row *row, const char *frames, size_t len)
{
	static struct cs_msg msg;
	static char frame[CS_FRAME_MAX + 1];

	for (size_t at = 0; at < len; at += strlen(frames + at) + 1) {
		strcpy(frame, frames + at);
		assert_int_equal(cs_msg_decode(frame, strlen(frame), &msg), CS_OK);
		check_message(row, &msg);
	}
}

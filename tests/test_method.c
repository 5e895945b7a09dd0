/* SPDX-License-Identifier: ISC
 *
 * The panel's table of methods against the daemon's interface file, and what
 * does not fit into a call.
 */
#include "../panel/visit_inside.h"

#include "../daemon/interfaces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *interface(void)
{
	for (size_t i = 0; i < ninterfaces; i++)
		if (strcmp(interfaces[i].name, "io.countersign.panel") == 0)
			return interfaces[i].description;
	fail_msg("there is no interface io.countersign.panel");
	return NULL;
}

/* "session: string, account: string" of the method, or fails. */
static void find_parameters(const char *name, char *out, size_t cap)
{
	char wanted[64];
	const char *p;

	snprintf(wanted, sizeof(wanted), "\nmethod %s(", name);
	p = strstr(interface(), wanted);
	if (p == NULL)
		fail_msg("the daemon has no method %s", name);
	p += strlen(wanted);
	snprintf(out, cap, "%.*s", (int)strcspn(p, ")"), p);
}

/* True when "name: ..." is in the list; *optional: "name: ?...". */
static bool declares(const char *list, const char *name, bool *optional)
{
	char wanted[80];
	const char *p;

	snprintf(wanted, sizeof(wanted), "%s: ", name);
	for (p = list; (p = strstr(p, wanted)) != NULL; p++) {
		if (p != list && p[-1] != ' ')
			continue;
		*optional = p[strlen(wanted)] == '?';
		return true;
	}
	return false;
}

/* The name that the daemon knows a word of the table by. */
static void name_of(const char *word, char *out, size_t cap)
{
	snprintf(out, cap, "%.*s", (int)strcspn(word, "?[]#!@~= "), word);
}

static void the_panel_sends_what_the_interface_declares(void **state)
{
	(void)state;
	for (size_t i = 0; i < nmethods; i++) {
		char list[1024], name[64];
		bool optional = false;

		find_parameters(methods[i].name, list, sizeof(list));
		for (const char *p = methods[i].parameters; *p != '\0';) {
			size_t len = strcspn(p, " ");

			name_of(p, name, sizeof(name));
			if (!declares(list, name, &optional))
				fail_msg("%s has no parameter %s", methods[i].name, name);
			if (memchr(p, '?', len) != NULL && !optional)
				fail_msg("%s cannot go without %s", methods[i].name, name);
			p += len;
			p += strspn(p, " ");
		}
	}
}

static bool sends(const struct method *m, const char *name)
{
	char ours[64];

	for (const char *p = m->parameters; *p != '\0';) {
		name_of(p, ours, sizeof(ours));
		if (strcmp(ours, name) == 0)
			return true;
		p += strcspn(p, " ");
		p += strspn(p, " ");
	}
	return false;
}

static void the_panel_leaves_out_nothing_that_is_required(void **state)
{
	(void)state;
	for (size_t i = 0; i < nmethods; i++) {
		char list[1024], *rest = list, *part;

		find_parameters(methods[i].name, list, sizeof(list));
		while ((part = strsep(&rest, ",")) != NULL) {
			char *colon = strchr(part, ':');

			if (colon == NULL || colon[2] == '?')
				continue;
			*colon = '\0';
			part += strspn(part, " ");
			if (!sends(&methods[i], part))
				fail_msg("%s is asked without %s", methods[i].name, part);
		}
	}
}

/* Nothing else may be asked for again by itself after a connection was lost. */
static void what_is_asked_again_does_no_harm_twice(void **state)
{
	static const char *const once[] = { "LogIn", "Prove", "AcceptInvitation", "SetPassword",
	    "InvitePerson", "ResetPerson", "EnrollAuthenticator", "RecoveryCodes",
	    "ConfirmAuthenticator" };

	(void)state;
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		const struct method *m = method_find(once[i]);

		assert_non_null(m);
		assert_int_equal(m->flags & METHOD_AGAIN, 0);
	}
}

/* The page marks its field. */
static void what_is_too_long_for_a_call_is_named(void **state)
{
	static struct visit v;
	static char body[CS_FRAME_MAX + 64], call[CS_FRAME_MAX + 1];
	char fault[METHOD_NAME];
	size_t len = 0, n;

	(void)state;
	n = (size_t)snprintf(body, sizeof(body), "account=acme&subject=hi&action=a&text=");
	memset(body + n, 'x', CS_FRAME_MAX);
	assert_int_equal(form_parse(&v.fields, body, n + CS_FRAME_MAX), CS_OK);
	assert_int_equal(method_write(method_find("OpenTicket"), &v, call, sizeof(call), &len,
	    fault), CS_ERR_LIMIT);
	assert_string_equal(fault, "text");
	form_clear(&v.fields);
}

/* What a method's call says for the fields of a body; "-" and the parameter's name
 * when it cannot be asked. */
static void write_of(const char *method, const char *body, char *out, size_t cap)
{
	static struct visit v;
	static char call[CS_FRAME_MAX + 1];
	char fault[METHOD_NAME];
	size_t len = 0;
	enum cs_err e;

	assert_int_equal(form_parse(&v.fields, body, strlen(body)), CS_OK);
	e = method_write(method_find(method), &v, call, sizeof(call), &len, fault);
	form_clear(&v.fields);
	if (e == CS_OK)
		snprintf(out, cap, "%.*s", (int)len - 1, call);
	else
		snprintf(out, cap, "-%s", fault);
}

static void a_number_or_a_day_is_one_or_is_named(void **state)
{
	static const struct {
		const char *body, *said;
	} rows[] = {
		{ "before=17", "\"before\":17" }, { "before=999999999999999", "999999999999999" },
		{ "before=", "\"account\":\"\"}}" }, { "before=x", "-before" },
		{ "before=-1", "-before" },
		{ "before=1x", "-before" }, { "before=9999999999999999", "-before" },
		{ "count=%2b1", "-count" }, { "since=2026-03-01", "\"since\":1772323200" },
		{ "since=2026-3-01", "-since" }, { "since=2026-13-01", "-since" },
		{ "since=2026-3-011", "-since" }, { "until=2026-02-29", "-until" },
		{ "until=2026-03-01x", "-until" }, { "until=yesterday!", "-until" },
	};
	char out[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_of("Activity", rows[i].body, out, sizeof(out));
		if (strstr(out, rows[i].said) == NULL)
			fail_msg("%s: %s", rows[i].body, out);
	}
}

static void targets_are_lines_without_blank_ones(void **state)
{
	char body[2048], out[1024];
	size_t n;

	(void)state;
	write_of("OpenTicket", "target=%0a+a+%0a%0a%09b%0a&target=c&target_host=+h+&target_ip=i",
	    out, sizeof(out));
	assert_non_null(strstr(out, "\"target\":[\"h=i\",\"a\",\"b\",\"c\"]"));
	for (unsigned lines = LINES_MAX; lines <= LINES_MAX + 1; lines++) {
		n = (size_t)snprintf(body, sizeof(body), "target=");
		for (unsigned i = 0; i < lines; i++)
			n += (size_t)snprintf(body + n, sizeof(body) - n, "x%%0a");
		write_of("OpenTicket", body, out, sizeof(out));
		assert_int_equal(strcmp(out, "-target") == 0, lines > LINES_MAX);
	}
}

/* Cut, it would be another host. */
static void a_host_that_is_too_long_for_a_pair_is_not_cut(void **state)
{
	static const char *const names[] = { "target_host", "target_ip" };
	char body[512], out[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (int len = LINES_PAIR; len <= LINES_PAIR + 1; len++) {
			snprintf(body, sizeof(body), "%s=%0*d", names[i], len, 0);
			write_of("OpenTicket", body, out, sizeof(out));
			assert_int_equal(strcmp(out, "-target") == 0, len > LINES_PAIR);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_panel_sends_what_the_interface_declares),
		cmocka_unit_test(the_panel_leaves_out_nothing_that_is_required),
		cmocka_unit_test(what_is_asked_again_does_no_harm_twice),
		cmocka_unit_test(what_is_too_long_for_a_call_is_named),
		cmocka_unit_test(a_number_or_a_day_is_one_or_is_named),
		cmocka_unit_test(targets_are_lines_without_blank_ones),
		cmocka_unit_test(a_host_that_is_too_long_for_a_pair_is_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

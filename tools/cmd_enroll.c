/* SPDX-License-Identifier: ISC
 *
 * countersign enroll: a new authenticator.  Its secret goes to the terminal or
 * into a new file that only its owner reads, never into a pipe or a log.
 */
#include "exchange.h"
#include "fail.h"
#include "qr.h"
#include "show.h"

#include "../lib/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option options[] = {
	{ .arg = "ADMIN", .param = "administrator", .required = true,
	  .help = "the authenticator's owner" },
	{ .name = "purpose", .arg = "PURPOSE", .param = "purpose", .required = true,
	  .words = "login support",
	  .help = "login (the control panel) or support (codes on the phone)" },
	{ .name = "label", .arg = "LABEL", .param = "label",
	  .help = "what the owner calls it: \"work phone\"" },
	{ .name = "issuer", .arg = "NAME", .param = "issuer",
	  .help = "the provider's name in the app" },
	{ .name = "kind", .arg = "KIND", .param = "kind", .words = "totp hotp",
	  .help = "codes by the clock (totp, the default) or by a counter (hotp)" },
	{ .name = "hash", .arg = "HASH", .param = "hash", .words = "sha1 sha256 sha512",
	  .help = "sha1 (the default) is what every app supports" },
	{ .name = "digits", .arg = "N", .words = "6 7 8",
	  .help = "of a code; 6 (the default) is what every app supports" },
	{ .name = "qr", .arg = "FORM", .words = "utf8 inverted ascii svg png",
	  .help = "how to draw it: utf8 (the default), inverted, ascii; svg, png with --out" },
	{ .name = "out", .arg = "FILE", .value = VALUE_FILE,
	  .help = "a new file for the secret, mode 0600" },
	{ 0 },
};

/* In the order of --qr's words. */
enum form { FORM_URI, FORM_UTF8, FORM_INVERTED, FORM_ASCII, FORM_SVG, FORM_PNG };

static enum form choose_form(const struct invocation *in)
{
	static const char *const names[] = {
		[FORM_UTF8] = "utf8",
		[FORM_INVERTED] = "inverted",
		[FORM_ASCII] = "ascii",
		[FORM_SVG] = "svg",
		[FORM_PNG] = "png",
	};
	const char *given = given_text(in, "qr");

	for (enum form f = FORM_UTF8; given && f <= FORM_PNG; f++)
		if (strcmp(names[f], given) == 0)
			return f;
	return given_text(in, "out") ? FORM_URI : FORM_UTF8;
}

static void write_text(const struct cs_msg *m, FILE *f)
{
	show_line(f, "", m, "uri");
	show_line(f, "Secret: ", m, "secret");
}

static enum cs_err write_secret(const struct cs_msg *m, enum form form, FILE *f)
{
	char uri[2048];
	struct cs_str s = { 0 };
	enum cs_err e = CS_OK;

	cs_msg_string(m, "uri", &s);
	if (s.len >= sizeof(uri))
		return CS_ERR_LIMIT;
	snprintf(uri, sizeof(uri), "%.*s", (int)s.len, s.p ? s.p : "");
	switch (form) {
	case FORM_URI:
		fprintf(f, "%s\n", uri);
		break;
	case FORM_UTF8:
		e = qr_utf8(uri, isatty(fileno(f)) ? QR_PAINTED : QR_LIGHT, f);
		write_text(m, f);
		break;
	case FORM_INVERTED:
		e = qr_utf8(uri, QR_DARK, f);
		write_text(m, f);
		break;
	case FORM_ASCII:
		e = qr_ascii(uri, f);
		write_text(m, f);
		break;
	case FORM_SVG:
		e = qr_svg(uri, f);
		break;
	case FORM_PNG:
		e = qr_png(uri, f);
		break;
	}
	cs_wipe(uri, sizeof(uri));
	return e;
}

static void show_next(const struct invocation *in, const struct cs_msg *m)
{
	if (given_text(in, "out"))
		printf("The secret is in %s: delete it when the app has it.\n",
		    given_text(in, "out"));
	show_sentence(stdout, "Authenticator {authenticator} is pending until it has shown a code:",
	    m);
	printf("    countersign confirm %s ", given_text(in, "ADMIN"));
	show_sentence(stdout, "{authenticator}", m);
}

/* All that may go into a pipe. */
static void show_id(const struct cs_msg *m)
{
	struct cs_msg id = { .nfields = 1 };
	const struct cs_field *f = cs_msg_find(m, "authenticator");

	if (f) {
		id.fields[0] = *f;
		show_json(&id);
	}
}

static enum status enroll(const struct invocation *in, FILE *f)
{
	struct exchange x;
	enum cs_err e = CS_OK;
	enum status status = exchange_begin(&x, in, DOOR_CONTROL, "Enroll", false);

	if (status == STATUS_DONE) {
		given_put(in, &x.w);
		if (given_text(in, "digits"))
			cs_put_int(&x.w, "digits", atoi(given_text(in, "digits")));
		status = exchange_ask(&x);
	}
	if (status == STATUS_DONE && in->json && f == stdout) {
		show_json(x.reply);
	} else if (status == STATUS_DONE) {
		e = write_secret(x.reply, choose_form(in), f);
		if (e == CS_OK && fflush(f) != 0)
			e = CS_ERR_SYSTEM;
		if (e != CS_OK)
			status = fail_with(STATUS_REFUSED,
			    "The secret could not be written: %s. The authenticator stays "
			    "pending; enroll a new one.",
			    e == CS_ERR_SYSTEM ? strerror(errno) : cs_err_text(e));
		else if (in->json)
			show_id(x.reply);
		else
			show_next(in, x.reply);
	}
	exchange_end(&x);
	return status;
}

static enum status enroll_into(const struct invocation *in, const char *file)
{
	enum status status;
	FILE *f;
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_with(STATUS_REFUSED, "%s cannot be made: %s. Nothing was enrolled.",
		    file, strerror(errno));
	f = fdopen(fd, "w");
	if (!f) {
		close(fd);
		return fail_call(CS_ERR_NOMEM, "", false);
	}
	status = enroll(in, f);
	fclose(f);
	if (status != STATUS_DONE)
		unlink(file);
	return status;
}

static enum status run(const struct invocation *in)
{
	const char *file = given_text(in, "out");

	if (file)
		return enroll_into(in, file);
	if (choose_form(in) >= FORM_SVG)
		return fail_with(STATUS_USAGE, "countersign: --qr %s needs --out FILE.",
		    given_text(in, "qr"));
	if (!isatty(STDOUT_FILENO))
		return fail_with(STATUS_USAGE,
		    "countersign: the secret goes to a terminal or to --out FILE, and "
		    "standard output is neither. Nothing was enrolled.");
	return enroll(in, stdout);
}

const struct command cmd_enroll = {
	.name = "enroll",
	.help = "Enroll a new authenticator; it is pending until it is confirmed",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "Enroll",
	.run = run,
};

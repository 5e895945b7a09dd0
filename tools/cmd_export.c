/* SPDX-License-Identifier: ISC
 *
 * countersign export authenticators: the secrets of an account's
 * administrators into a new file under a passphrase.  They go nowhere else,
 * and the daemon makes an event of it.
 */
#include "ask.h"
#include "exchange.h"
#include "fail.h"
#include "sealed.h"
#include "show.h"

#include "../lib/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLAIN_MOST ((size_t)4 << 20)
#define PASSPHRASE_MIN 12	/* characters: a file can be guessed at in peace */

static const struct option options[] = {
	{ .arg = "ACCOUNT", .param = "account", .required = true,
	  .help = "whose administrators, by name or ref:ID" },
	{ .arg = "FILE", .value = VALUE_FILE, .required = true, .help = "a new file, mode 0600" },
	{ .name = "tty", .value = VALUE_FLAG,
	  .help = "ask on /dev/tty; standard input is left alone" },
	{ 0 },
};

struct plain {
	char *text;
	size_t len, rows;
};

/* Twice where a typing error would not be seen. */
static enum cs_err read_passphrase(const struct ask *ask, char passphrase[ASK_MAX], bool *same)
{
	char again[ASK_MAX];
	enum cs_err e = ask_line(ask, "Passphrase for the file: ", false, passphrase);

	*same = true;
	if (e != CS_OK || !ask->terminal)
		return e;
	e = ask_line(ask, "The same again: ", false, again);
	*same = e == CS_OK && strcmp(passphrase, again) == 0;
	cs_wipe(again, sizeof(again));
	return e;
}

static enum status ask_passphrase(const struct invocation *in, char passphrase[ASK_MAX])
{
	enum status status;
	struct ask ask;
	enum cs_err e;
	bool same;

	status = ask_open(&ask, in, "Nothing was exported.");
	if (status != STATUS_DONE)
		return status;
	e = read_passphrase(&ask, passphrase, &same);
	ask_close(&ask);
	if (e == CS_ERR_FORMAT)
		return fail_with(STATUS_USAGE,
		    "A passphrase is text in UTF-8, without control characters. Nothing was "
		    "exported.");
	if (e != CS_OK)
		return fail_with(STATUS_USAGE, "No passphrase was given. Nothing was exported.");
	if (!same)
		return fail_with(STATUS_USAGE, "The two are not the same. Nothing was exported.");
	if (strlen(passphrase) < PASSPHRASE_MIN)
		return fail_with(STATUS_USAGE,
		    "A passphrase has at least %d characters. Nothing was exported.",
		    PASSPHRASE_MIN);
	return STATUS_DONE;
}

/* The row as the daemon sent it, in the codec's own spelling. */
static bool add_row(struct plain *plain, const struct cs_msg *m)
{
	struct cs_writer w;
	size_t len;

	if (PLAIN_MOST - plain->len < CS_FRAME_MAX + 1)
		return false;
	cs_writer_reply(&w, plain->text + plain->len, CS_FRAME_MAX + 1, false);
	for (size_t i = 0; i < m->nfields; i++) {
		const struct cs_field *f = &m->fields[i];
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)f->name.len, f->name.p);
		if (f->type == CS_STRING)
			cs_put_string(&w, name, f->string);
		else if (f->type == CS_INT)
			cs_put_int(&w, name, f->integer);
	}
	if (cs_writer_end(&w, &len) != CS_OK)
		return false;
	plain->len += len;
	plain->text[plain->len - 1] = '\n';
	plain->rows++;
	return true;
}

static enum status fetch(const struct invocation *in, struct plain *plain)
{
	struct exchange x;
	enum status status = exchange_begin(&x, in, DOOR_CONTROL, "ExportAuthenticators", true);

	if (status == STATUS_DONE) {
		given_put(in, &x.w);
		status = exchange_ask(&x);
	}
	while (status == STATUS_DONE && x.reply != NULL) {
		if (x.reply->nfields > 0 && !add_row(plain, x.reply))
			status = fail_call(CS_ERR_LIMIT, x.place.path, true);
		else
			status = exchange_next(&x);
	}
	exchange_end(&x);
	return status;
}

static enum status write_file(const char *path, int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			break;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	if (len == 0 && fsync(fd) == 0)
		return STATUS_DONE;
	return fail_with(STATUS_REFUSED, "%s cannot be written: %s.", path, strerror(errno));
}

static void show_written(const struct invocation *in, const char *path, size_t rows)
{
	struct cs_msg wrote = { .nfields = 2 };

	wrote.fields[0] = show_own_text("file", path);
	wrote.fields[1] = show_own_number("authenticators", rows);
	if (in->json)
		show_json(&wrote);
	else
		printf("%zu authenticator%s in %s. Keep the passphrase elsewhere.\n", rows,
		    rows == 1 ? "" : "s", path);
}

static enum status export_into(const struct invocation *in, const char *path, int fd,
    const char *passphrase)
{
	struct plain plain = { .text = malloc(PLAIN_MOST) };
	char *sealed = NULL;
	size_t len = 0;
	enum status status;
	enum cs_err e;

	if (plain.text == NULL)
		return fail_call(CS_ERR_NOMEM, "", false);
	status = fetch(in, &plain);
	if (status == STATUS_DONE) {
		e = sealed_make(passphrase, plain.text, plain.len, &sealed, &len);
		status = e == CS_OK ? write_file(path, fd, sealed, len) : fail_call(e, path, false);
	}
	if (status == STATUS_DONE)
		show_written(in, path, plain.rows);
	free(sealed);
	cs_free_secret(&plain.text, plain.len);
	return status;
}

static enum status run(const struct invocation *in)
{
	const char *path = given_text(in, "FILE");
	char passphrase[ASK_MAX];
	enum status status = ask_passphrase(in, passphrase);
	int fd;

	if (status != STATUS_DONE) {
		cs_wipe(passphrase, sizeof(passphrase));
		return status;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		status = fail_with(STATUS_REFUSED, "%s cannot be made: %s. Nothing was exported.",
		    path, strerror(errno));
	} else {
		status = export_into(in, path, fd, passphrase);
		close(fd);
		if (status != STATUS_DONE)
			unlink(path);
	}
	cs_wipe(passphrase, sizeof(passphrase));
	return status;
}

const struct command cmd_export_authenticators = {
	.name = "export authenticators",
	.help = "Write the authenticators of an account's administrators into a sealed file",
	.about = "Reads the passphrase from the terminal, or a line of standard input.",
	.options = options,
	.door = DOOR_CONTROL,
	.method = "ExportAuthenticators",
	.run = run,
};

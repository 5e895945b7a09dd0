/* SPDX-License-Identifier: ISC
 *
 * countersign key new: draws a master key.  Asks no daemon, never overwrites,
 * never prints the key.
 */
#include "fail.h"
#include "show.h"

#include "../lib/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_BYTES 32

static const struct option options[] = {
	{ .arg = "FILE", .value = VALUE_FILE, .required = true,
	  .help = "where to; must not exist" },
	{ 0 },
};

static bool draw_key(char text[2 * KEY_BYTES + 1])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char key[KEY_BYTES];
	bool drawn = cs_random(key, sizeof(key)) == CS_OK;

	for (size_t i = 0; drawn && i < KEY_BYTES; i++) {
		text[2 * i] = hex[key[i] >> 4];
		text[2 * i + 1] = hex[key[i] & 15];
	}
	text[2 * KEY_BYTES] = '\n';
	cs_wipe(key, sizeof(key));
	return drawn;
}

/* So that the name, too, outlives a power cut: without it a store opens never again.
 * As far as the folder may be read, and can be synced. */
static bool sync_folder(const char *file)
{
	char *copy = strdup(file);
	int fd = copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = fd >= 0 ? fsync(fd) == 0 || errno == EINVAL : errno == EACCES;

	if (fd >= 0)
		close(fd);
	free(copy);
	return synced;
}

static enum status run(const struct invocation *in)
{
	const char *file = given_text(in, "FILE");
	char text[2 * KEY_BYTES + 1];
	struct cs_msg wrote = { .nfields = 1 };
	bool written;
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);

	if (fd < 0 && errno == EEXIST)
		return fail_with(STATUS_REFUSED, "%s exists; a master key is never overwritten.",
		    file);
	if (fd < 0)
		return fail_with(STATUS_REFUSED, "%s cannot be made: %s.", file, strerror(errno));
	written = draw_key(text) && write(fd, text, sizeof(text)) == sizeof(text) &&
	    fsync(fd) == 0 && sync_folder(file);
	cs_wipe(text, sizeof(text));
	close(fd);
	if (!written) {
		unlink(file);
		return fail_with(STATUS_REFUSED, "%s could not be written: %s.", file,
		    strerror(errno));
	}
	wrote.fields[0] = show_own_text("file", file);
	if (in->json)
		show_json(&wrote);
	else
		printf("Wrote %s. Keep a copy apart from the backups: a store opens with its own "
		    "key only.\n"
		    "Where systemd does not hand it to the daemon, the daemon's user must own it: "
		    "chown countersign %s\n", file, file);
	return STATUS_DONE;
}

const struct command cmd_key_new = {
	.name = "key new",
	.help = "Write a new master key to FILE",
	.options = options,
	.door = DOOR_NONE,
	.run = run,
};

/* SPDX-License-Identifier: ISC
 *
 * countersign run: verifies, then becomes CMD.  It execs rather than waits, so
 * that signals, job control and the exit status are CMD's own, and nothing of
 * ours (code, descriptors) outlives the acceptance.
 */
#include "fail.h"
#include "gate.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct option options[] = {
	VERIFY_ROWS,
	{ .name = "tty", .value = VALUE_FLAG,
	  .help = "ask on /dev/tty; standard input is left to CMD" },
	{ 0 },
};

#define IN_A_SCRIPT \
	"Put the change into a script that root owns, with\n" \
	"  countersign verify \"$1\" --action mail.server --target \"$2=$3\" || exit\n" \
	"at its top, and allow that script; countersign(1) shows it whole. Nothing was changed."

/* sudoers that allow "countersign run" allow any CMD, as root; under a link's
 * name too. */
static bool started_by_sudo(void)
{
	const char *command = getenv("SUDO_COMMAND");
	char path[PATH_MAX];
	struct stat theirs, ours;
	const char *name;

	if (!command)
		return false;
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(command, " "), command);
	name = strrchr(path, '/');
	if (strcmp(name ? name + 1 : path, "countersign") == 0)
		return true;
	return stat(path, &theirs) == 0 && stat("/proc/self/exe", &ours) == 0 &&
	    theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

/* Whatever somebody made of SUDO_COMMAND. */
static bool child_of_sudo(void)
{
	char link[64], exe[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%ld/exe", (long)getppid());
	n = readlink(link, exe, sizeof(exe));
	return n >= 5 && (size_t)n < sizeof(exe) && memcmp(exe + n - 5, "/sudo", 5) == 0;
}

/* doas leaves no word of what it started. */
static bool started_by_doas(void)
{
	return geteuid() == 0 && getenv("DOAS_USER");
}

static bool runnable(const char *path, bool *there)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	*there = true;
	return S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* As the shell finds it, but before the code is spent on a typing error.
 * there: something has that name, if only what cannot be run. */
static bool find_program(const char *name, char *path, size_t cap, bool *there)
{
	const char *dirs = getenv("PATH");

	if (strchr(name, '/'))
		return (size_t)snprintf(path, cap, "%s", name) < cap && runnable(path, there);
	for (const char *p = dirs ? dirs : "/usr/bin:/bin"; *name; p++) {
		size_t len = strcspn(p, ":");

		int n = snprintf(path, cap, "%.*s/%s", len ? (int)len : 1, len ? p : ".", name);

		if ((size_t)n < cap && runnable(path, there))
			return true;
		p += len;
		if (!*p)
			break;
	}
	return false;
}

static enum status run(const struct invocation *in)
{
	char path[PATH_MAX];
	enum status status;
	bool there = false;

	if (started_by_sudo() || child_of_sudo())
		return fail_with(STATUS_USAGE,
		    "sudo started countersign itself: sudoers that allow this allow any command.\n"
		    IN_A_SCRIPT);
	if (started_by_doas())
		return fail_with(STATUS_USAGE,
		    "doas made you root and does not say for which command: if for this one, then "
		    "for any.\n" IN_A_SCRIPT);
	if (!find_program(in->rest[0], path, sizeof(path), &there))
		return fail_with(STATUS_NOT_STARTED, there
		    ? "%s is there, but it cannot be executed. No code was asked for."
		    : "There is no program %s. No code was asked for.", in->rest[0]);
	status = gate_pass(in, true);
	if (status != STATUS_DONE)
		return status;
	if (fflush(stdout) != 0 || ferror(stdout) || ferror(stderr))
		return fail_with(STATUS_NOT_STARTED,
		    "%s was not started: the acceptance could not be written. A code that was "
		    "accepted is used up; nothing was changed.", path);
	execvp(path, in->rest);
	return fail_with(STATUS_NOT_STARTED,
	    "%s did not start: %s. A code that was accepted is used up; nothing was changed.",
	    path, strerror(errno));
}

const struct command cmd_run = {
	.name = "run",
	.help = "Check a support code, then run CMD",
	.about = "Exit is CMD's own; 125 when CMD did not start; else as for verify.",
	.options = options,
	.door = DOOR_STAFF,
	.method = "Verify",
	.gate = true,
	.rest = true,
	.run = run,
};

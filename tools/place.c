/* SPDX-License-Identifier: ISC
 *
 * See place.h.
 */
#include "place.h"

#include "fail.h"

#include "../lib/client.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *socket, *interface, *path;
} doors[] = {
	[DOOR_STAFF] = { "staff", "io.countersign.staff", CS_STAFF_SOCKET },
	[DOOR_CONTROL] = { "control", "io.countersign.control", CS_CONTROL_SOCKET },
	[DOOR_PANEL] = { "panel", "io.countersign.panel", CS_PANEL_SOCKET },
};

/* Who started us through sudo or doas, or NULL. */
static const char *find_starter(void)
{
	const char *user = getenv("SUDO_USER");

	return user ? user : getenv("DOAS_USER");
}

/* Each of the two sets its own variable, and may be told to keep the other's.
 * Where sudo lets its caller set one, it can be emptied, but not taken away. */
static bool starters_agree(void)
{
	const char *sudo = getenv("SUDO_USER"), *doas = getenv("DOAS_USER");

	return !(sudo && !*sudo) && !(doas && !*doas) && !(sudo && doas && strcmp(sudo, doas) != 0);
}

const char *place_technician(void)
{
	const char *user = geteuid() == 0 ? find_starter() : NULL;

	return user && strcmp(user, "root") != 0 ? user : NULL;
}

void place_put_technician(struct cs_writer *w)
{
	const char *technician = place_technician();

	if (technician)
		cs_put_string(w, "technician", cs_str(technician));
}

bool place_under_sudo(void)
{
	return find_starter() != NULL;
}

/* Nobody but root, or in the last folder the daemon of the fixed path, can put
 * something else there. */
static bool only_root_changes(const char *resolved)
{
	char path[PATH_MAX];
	struct stat st, fixed;
	bool last = true;
	char *slash;

	snprintf(path, sizeof(path), "%s", resolved);
	while ((slash = strrchr(path, '/'))) {
		*slash = '\0';
		if (stat(*path ? path : "/", &st) < 0)
			return false;
		if (st.st_uid != 0 && !(last && stat("/run/countersign", &fixed) == 0 &&
		    fixed.st_uid == st.st_uid))
			return false;
		if ((st.st_mode & (S_IWGRP | S_IWOTH)) && (last || !(st.st_mode & S_ISVTX)))
			return false;
		last = false;
	}
	return true;
}

/* Goes on with the path without its links, which is what was looked at. */
static enum status harden(struct place *place)
{
	char resolved[PATH_MAX];

	if (!realpath(place->path, resolved))
		return fail_call(errno == EACCES ? CS_ERR_SYSTEM : CS_ERR_UNREACHABLE, place->path,
		    false);
	if (!only_root_changes(resolved) || strlen(resolved) >= sizeof(place->path))
		return fail_with(STATUS_NOT_PERMITTED,
		    "As root, and under sudo, %s is refused: somebody other than root "
		    "can put a socket there. Nothing was changed.", place->path);
	strcpy(place->path, resolved);
	return STATUS_DONE;
}

enum status place_find(const struct invocation *in, enum door door, struct place *place)
{
	const char *path = in->socket ? in->socket : secure_getenv("COUNTERSIGN_SOCKET");
	struct stat st;
	int n;

	if (!starters_agree())
		return fail_with(STATUS_NOT_PERMITTED,
		    "SUDO_USER and DOAS_USER are empty or name different people, so nobody knows "
		    "who you are. Let nobody but sudo or doas set them. Nothing was changed.");
	if (in->command->gate && getuid() != geteuid())
		return fail_with(STATUS_NOT_PERMITTED,
		    "Two users' rights are mixed here, so nobody knows who you are. Let what "
		    "starts countersign become root wholly. Nothing was changed.");
	place->interface = doors[door].interface;
	if (!path || !*path) {
		snprintf(place->path, sizeof(place->path), "%s", doors[door].path);
		return STATUS_DONE;
	}
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		n = snprintf(place->path, sizeof(place->path), "%s/%s", path, doors[door].socket);
	else
		n = snprintf(place->path, sizeof(place->path), "%s", path);
	if (n < 0 || (size_t)n >= sizeof(place->path))
		return fail_with(STATUS_USAGE, "countersign: the socket's path is too long.");
	return in->command->gate && (geteuid() == 0 || place_under_sudo()) ? harden(place) :
	    STATUS_DONE;
}

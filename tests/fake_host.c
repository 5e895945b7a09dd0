/* SPDX-License-Identifier: ISC
 *
 * Asks for a buffer of 3000 bytes, as a host with large groups does.
 */
#include "fake_host.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define BUFFER_WANTED 3000

static const struct fake_user *users;
static const struct fake_group *groups;
static int failure;

void fake_host(const struct fake_user *u, const struct fake_group *g)
{
	users = u;
	groups = g;
	failure = 0;
}

void fake_host_fail(int error)
{
	failure = error;
}

static int give_user(const char *name, uid_t uid, struct passwd *out, size_t cap,
    struct passwd **found)
{
	*found = NULL;
	if (failure != 0)
		return failure;
	for (const struct fake_user *u = users; u->name != NULL; u++) {
		if (name != NULL ? strcmp(u->name, name) != 0 : u->uid != uid)
			continue;
		if (cap < BUFFER_WANTED)
			return ERANGE;
		*out = (struct passwd){ .pw_name = (char *)u->name, .pw_uid = u->uid,
			.pw_gid = u->gid };
		*found = out;
		break;
	}
	return 0;
}

static int give_group(const char *name, gid_t gid, struct group *out, size_t cap,
    struct group **found)
{
	static char *members[FAKE_MEMBERS + 1];
	*found = NULL;
	if (failure != 0)
		return failure;
	for (const struct fake_group *g = groups; g->name != NULL; g++) {
		if (name != NULL ? strcmp(g->name, name) != 0 : g->gid != gid)
			continue;
		if (cap < BUFFER_WANTED)
			return ERANGE;
		memcpy(members, g->members, sizeof(g->members));
		*out = (struct group){ .gr_name = (char *)g->name, .gr_gid = g->gid,
			.gr_mem = members };
		*found = out;
		break;
	}
	return 0;
}

int getpwnam_r(const char *name, struct passwd *out, char *buf, size_t cap, struct passwd **found)
{
	(void)buf;
	return give_user(name, 0, out, cap, found);
}

int getpwuid_r(uid_t uid, struct passwd *out, char *buf, size_t cap, struct passwd **found)
{
	(void)buf;
	return give_user(NULL, uid, out, cap, found);
}

int getgrnam_r(const char *name, struct group *out, char *buf, size_t cap, struct group **found)
{
	(void)buf;
	return give_group(name, 0, out, cap, found);
}

int getgrgid_r(gid_t gid, struct group *out, char *buf, size_t cap, struct group **found)
{
	(void)buf;
	return give_group(NULL, gid, out, cap, found);
}

static bool is_member(const struct fake_group *g, const char *user)
{
	for (int i = 0; i < FAKE_MEMBERS && g->members[i] != NULL; i++)
		if (strcmp(g->members[i], user) == 0)
			return true;
	return false;
}

int getgrouplist(const char *user, gid_t primary, gid_t *out, int *n)
{
	int cap = *n, count = 0;
	if (count < cap)
		out[count] = primary;
	count++;
	for (const struct fake_group *g = groups; g->name != NULL; g++) {
		if (!is_member(g, user))
			continue;
		if (count < cap)
			out[count] = g->gid;
		count++;
	}
	*n = count;
	return count <= cap ? count : -1;
}

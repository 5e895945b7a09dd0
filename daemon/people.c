/* SPDX-License-Identifier: ISC
 *
 * Asks the name service, which may be slow, wrong or away: a name that cannot
 * be looked up is never an empty answer.
 */
#include "people.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKUP_MAX (1u << 22)	/* bytes of one entry; a group may have many members */
#define USER_GROUPS_MAX 65536	/* the kernel's own limit */

/* One entry and the memory its strings are in. */
struct lookup {
	struct passwd user;
	struct group group;
	char *buf;
};

enum by { USER_BY_NAME, USER_BY_ID, GROUP_BY_NAME, GROUP_BY_ID };

static int ask(enum by by, const char *name, id_t id, struct lookup *l, size_t cap, bool *found)
{
	struct passwd *user = NULL;
	struct group *group = NULL;
	int r = 0;
	switch (by) {
	case USER_BY_NAME:
		r = getpwnam_r(name, &l->user, l->buf, cap, &user);
		break;
	case USER_BY_ID:
		r = getpwuid_r(id, &l->user, l->buf, cap, &user);
		break;
	case GROUP_BY_NAME:
		r = getgrnam_r(name, &l->group, l->buf, cap, &group);
		break;
	case GROUP_BY_ID:
		r = getgrgid_r(id, &l->group, l->buf, cap, &group);
		break;
	}
	*found = user != NULL || group != NULL;
	return r;
}

/* On CS_OK the caller frees l->buf. */
static enum cs_err look_up(enum by by, const char *name, id_t id, struct lookup *l)
{
	for (size_t cap = 1024; cap <= LOOKUP_MAX; cap *= 4) {
		bool found = false;
		l->buf = malloc(cap);
		if (l->buf == NULL)
			return CS_ERR_NOMEM;
		int r = ask(by, name, id, l, cap, &found);
		if (found)
			return CS_OK;
		free(l->buf);
		l->buf = NULL;
		/* getpwnam(3): what services say for "nobody of that name" */
		if (r == 0 || r == ENOENT || r == ESRCH || r == EBADF || r == EPERM)
			return CS_ERR_NOTFOUND;
		if (r != ERANGE) {
			errno = r;
			return CS_ERR_SYSTEM;
		}
	}
	errno = ERANGE;
	return CS_ERR_SYSTEM;
}

/* The largest 32-bit number means "no id" to the kernel. */
static bool parse_id(const char *text, id_t *id)
{
	unsigned long long n = 0;
	if (*text == '\0' || strlen(text) > 10)
		return false;
	for (const char *p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return false;
		n = n * 10 + (unsigned)(*p - '0');
	}
	if (n >= 0xffffffffULL)
		return false;
	*id = (id_t)n;
	return true;
}

static enum cs_err append(id_t **list, size_t *n, id_t id)
{
	for (size_t i = 0; i < *n; i++)
		if ((*list)[i] == id)
			return CS_OK;
	id_t *more = reallocarray(*list, *n + 1, sizeof(**list));
	if (more == NULL)
		return CS_ERR_NOMEM;
	more[(*n)++] = id;
	*list = more;
	return CS_OK;
}

void people_clear(struct people *people)
{
	free(people->users);
	for (size_t i = 0; people->group_names != NULL && i < people->ngroups; i++)
		free(people->group_names[i]);
	free(people->group_names);
	free(people->groups);
	*people = (struct people){ 0 };
}

enum cs_err people_add_user(struct people *people, const char *name)
{
	id_t uid;
	if (!parse_id(name, &uid)) {
		struct lookup l;
		enum cs_err e = look_up(USER_BY_NAME, name, 0, &l);
		if (e != CS_OK)
			return e;
		uid = l.user.pw_uid;
		free(l.buf);
	}
	return append(&people->users, &people->nusers, uid);
}

static enum cs_err append_group(struct people *people, const char *name, gid_t gid)
{
	size_t before = people->ngroups;
	char *copy = strdup(name);
	char **names = reallocarray(people->group_names, before + 1, sizeof(*names));
	if (names != NULL)
		people->group_names = names;
	enum cs_err e = CS_ERR_NOMEM;
	if (copy != NULL && names != NULL)
		e = append(&people->groups, &people->ngroups, gid);
	if (e == CS_OK && people->ngroups > before)
		names[before] = copy;
	else
		free(copy);
	return e;
}

enum cs_err people_add_group(struct people *people, const char *name)
{
	id_t gid;
	if (!parse_id(name, &gid)) {
		struct lookup l;
		enum cs_err e = look_up(GROUP_BY_NAME, name, 0, &l);
		if (e != CS_OK)
			return e;
		gid = l.group.gr_gid;
		free(l.buf);
	}
	return append_group(people, name, gid);
}

bool people_have(const struct people *people, uid_t uid, const gid_t *groups, size_t ngroups)
{
	for (size_t i = 0; i < people->nusers; i++)
		if (people->users[i] == uid)
			return true;
	for (size_t i = 0; i < people->ngroups; i++)
		for (size_t j = 0; j < ngroups; j++)
			if (people->groups[i] == groups[j])
				return true;
	return false;
}

/* Is this user among them, listed or by a group? */
static enum cs_err have_user(const struct people *people, const struct passwd *user, bool *have)
{
	gid_t *groups = NULL;
	int n = 64;
	for (;;) {
		gid_t *more = reallocarray(groups, (size_t)n, sizeof(*groups));
		if (more == NULL) {
			free(groups);
			return CS_ERR_NOMEM;
		}
		groups = more;
		int room = n;
		if (getgrouplist(user->pw_name, user->pw_gid, groups, &n) >= 0)
			break;
		if (room >= USER_GROUPS_MAX) {
			n = room;
			break;
		}
		n = n > room ? n : room * 2;
	}
	*have = people_have(people, user->pw_uid, groups, (size_t)n);
	free(groups);
	return CS_OK;
}

/* A name that is gone is nobody; a name service that failed is an error. */
static enum cs_err check_user(enum by by, const char *name, uid_t uid, const struct people *other,
    bool *found, char *who, size_t cap)
{
	struct lookup l;
	enum cs_err e = look_up(by, name, uid, &l);
	if (e == CS_ERR_NOTFOUND) {
		*found = by == USER_BY_ID && people_have(other, uid, NULL, 0);
		if (*found)
			snprintf(who, cap, "user %u", (unsigned)uid);
		return CS_OK;
	}
	if (e != CS_OK)
		return e;
	e = have_user(other, &l.user, found);
	if (e == CS_OK && *found)
		snprintf(who, cap, "user %s", l.user.pw_name);
	free(l.buf);
	return e;
}

static enum cs_err check_group(gid_t gid, const struct people *other, bool *found, char *who,
    size_t cap)
{
	*found = people_have(other, (uid_t)-1, &gid, 1);
	if (*found) {
		char name[128];
		snprintf(who, cap, "group %s", people_group_text(gid, name, sizeof(name)));
		return CS_OK;
	}
	struct lookup l;
	enum cs_err e = look_up(GROUP_BY_ID, NULL, gid, &l);
	if (e == CS_ERR_NOTFOUND)
		return CS_OK;
	if (e != CS_OK)
		return e;
	for (char **member = l.group.gr_mem; e == CS_OK && !*found && *member != NULL; member++)
		e = check_user(USER_BY_NAME, *member, 0, other, found, who, cap);
	free(l.buf);
	return e;
}

static enum cs_err check_all(const struct people *these, const struct people *other, bool *found,
    char *who, size_t cap)
{
	enum cs_err e = CS_OK;
	for (size_t i = 0; e == CS_OK && !*found && i < these->nusers; i++)
		e = check_user(USER_BY_ID, NULL, these->users[i], other, found, who, cap);
	for (size_t i = 0; e == CS_OK && !*found && i < these->ngroups; i++)
		e = check_group(these->groups[i], other, found, who, cap);
	return e;
}

enum cs_err people_overlap(const struct people *a, const struct people *b, bool *found, char *who,
    size_t cap)
{
	bool hit = false;
	enum cs_err e = check_all(a, b, &hit, who, cap);
	if (e == CS_OK && !hit)
		e = check_all(b, a, &hit, who, cap);
	if (e == CS_OK)
		*found = hit;
	return e;
}

/* A name of digits, or one that leads elsewhere, would not be read back. */
static char *write_name(enum by by, enum by back, id_t id, char *out, size_t cap)
{
	struct lookup l, again;
	id_t number;
	snprintf(out, cap, "%u", (unsigned)id);
	if (look_up(by, NULL, id, &l) != CS_OK)
		return out;
	const char *name = by == USER_BY_ID ? l.user.pw_name : l.group.gr_name;
	if (!parse_id(name, &number) && strlen(name) < cap &&
	    look_up(back, name, 0, &again) == CS_OK) {
		number = back == USER_BY_NAME ? again.user.pw_uid : again.group.gr_gid;
		if (number == id)
			snprintf(out, cap, "%s", name);
		free(again.buf);
	}
	free(l.buf);
	return out;
}

char *people_user_text(uid_t uid, char *out, size_t cap)
{
	return write_name(USER_BY_ID, USER_BY_NAME, uid, out, cap);
}

char *people_group_text(gid_t gid, char *out, size_t cap)
{
	return write_name(GROUP_BY_ID, GROUP_BY_NAME, gid, out, cap);
}

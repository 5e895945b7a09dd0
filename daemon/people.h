/* SPDX-License-Identifier: ISC
 *
 * Lists of users and groups, as numbers.  Names are looked up when the
 * configuration is read, and only then; the loop compares numbers.
 */
#pragma once

#include "../lib/err.h"

#include <stddef.h>
#include <sys/types.h>

struct people {
	uid_t *users;
	size_t nusers;
	gid_t *groups;
	size_t ngroups;
	char **group_names;	/* as they were written, in step with groups */
};

void people_clear(struct people *);

/* A name, or a number as it is.  CS_ERR_NOTFOUND: nobody has this name;
 * CS_ERR_SYSTEM: the name service failed; CS_ERR_NOMEM. */
enum cs_err people_add_user(struct people *, const char *name);
enum cs_err people_add_group(struct people *, const char *name);

/* True when uid or one of the groups is among them. */
bool people_have(const struct people *, uid_t, const gid_t *groups, size_t ngroups);

/* Looks for somebody who is among both: listed, as a member of a listed group,
 * or by being in one.  *found, and who ("user mia", "group staff"), are set on
 * CS_OK.  A user whose only tie to a group is in a name service that does not
 * tell its members cannot be seen here. */
enum cs_err people_overlap(const struct people *a, const struct people *b, bool *found, char *who,
    size_t cap);

/* The name, or the number where there is none that would be read back as the
 * same.  Returns out. */
char *people_user_text(uid_t, char *out, size_t cap);
char *people_group_text(gid_t, char *out, size_t cap);

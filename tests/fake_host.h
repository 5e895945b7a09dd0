/* SPDX-License-Identifier: ISC
 *
 * A host with users and groups of the test's choice: its functions take the
 * place of the C library's in the test program.
 */
#pragma once

#include <sys/types.h>

#define FAKE_MEMBERS 4

struct fake_user {
	const char *name;
	uid_t uid;
	gid_t gid;
};

struct fake_group {
	const char *name;
	gid_t gid;
	const char *members[FAKE_MEMBERS];
};

/* Both end with a row without a name, and must outlive the look-ups. */
void fake_host(const struct fake_user *, const struct fake_group *);

/* From now on every look-up fails with this errno; 0: no more. */
void fake_host_fail(int error);

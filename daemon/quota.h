/* SPDX-License-Identifier: ISC
 *
 * What one uid may take of the daemon: connections at a time and calls of a
 * row a minute.  In memory only; the limits that protect codes are limit.c's.
 */
#pragma once

#include "request.h"

struct quotas;
struct quota;

enum cs_err quotas_new(struct quotas **);
void quotas_free(struct quotas **);

/* Counts one more connection of the uid; false, and nothing counted, when it
 * has "most" already or memory is out.  *quota stays valid until its
 * quota_close. */
bool quota_open(struct quotas *, uid_t, unsigned most, struct quota **quota);
void quota_close(struct quota *);

/* Seconds to wait before this call may be made; 0: it may, and is counted. */
int64_t quota_take(struct quota *, const struct row *, int64_t usec);

/* True once a minute: so that a uid's bad bytes do not fill the log. */
bool quota_complain(struct quota *, int64_t usec);

/* Forgets uids that have been away for a minute. */
void quotas_sweep(struct quotas *, int64_t usec);

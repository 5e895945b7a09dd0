/* SPDX-License-Identifier: ISC
 *
 * From a technician's name (or a peer's uid) to uid, name and groups: asked of
 * the name service on a thread of its own, because it may take seconds, and
 * kept for a minute.  The loop never waits for it.
 */
#pragma once

#include "role.h"

struct event_base;
struct technicians;

struct technician {
	uid_t uid;
	char name[NAME_MAX_LEN + 1];	/* the name service's own; "uid 1007" without one */
	size_t ngroups;			/* 0 when found by uid */
	gid_t groups[PEER_GROUPS_MAX];
};

/* CS_OK, CS_ERR_NOTFOUND (no such user), CS_ERR_UNREACHABLE (the name service
 * failed), CS_ERR_LIMIT (in more groups than fit), CS_ERR_FULL (too many
 * look-ups are waiting), CS_ERR_NOMEM.  Called on the loop, maybe before
 * technician_find returns. */
typedef void (*technician_cb)(enum cs_err, const struct technician *, void *arg);

enum cs_err technicians_new(struct event_base *, struct technicians **);
void technicians_free(struct technicians **);

/* Finds by name, or by uid when name.len is 0.  No deadline: who waits gives
 * up with technician_forget. */
void technician_find(struct technicians *, struct cs_str name, uid_t, technician_cb, void *arg);
/* The callback with this arg will not be called any more. */
void technician_forget(struct technicians *, void *arg);

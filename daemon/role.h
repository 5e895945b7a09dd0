/* SPDX-License-Identifier: ISC
 *
 * Who a peer is: the kernel's word (SO_PEERCRED, SO_PEERGROUPS) against the
 * configuration's lists.  No name service is asked here.
 */
#pragma once

#include "conf.h"

#define PEER_GROUPS_MAX 256

struct peer {
	uid_t uid;
	pid_t pid;
	size_t ngroups;
	gid_t groups[PEER_GROUPS_MAX];	/* the first is the primary one */
};

/* CS_ERR_SYSTEM; CS_ERR_LIMIT for somebody in more groups than fit. */
enum cs_err peer_read(int fd, struct peer *);

/* The roles a peer holds now, as a mask of enum role.  uid 0 is a technician
 * unless it issues codes: sudo and sshd ask as root. */
unsigned role_mask(const struct conf *, uid_t, const gid_t *groups, size_t ngroups);

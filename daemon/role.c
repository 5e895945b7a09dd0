/* SPDX-License-Identifier: ISC
 *
 * Takes the kernel's word for who connected, and nobody else's.
 */
#include "role.h"

#include <errno.h>
#include <sys/socket.h>

enum cs_err peer_read(int fd, struct peer *peer)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return CS_ERR_SYSTEM;
	if (len != sizeof(cred) || cred.uid == (uid_t)-1) {
		errno = ENOTSOCK;	/* not a local one: the kernel knows nobody */
		return CS_ERR_SYSTEM;
	}

	struct peer p = { .uid = cred.uid, .pid = cred.pid, .ngroups = 1 };
	gid_t groups[PEER_GROUPS_MAX];
	len = sizeof(groups);
	p.groups[0] = cred.gid;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
		return errno == ERANGE ? CS_ERR_LIMIT : CS_ERR_SYSTEM;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++) {
		if (groups[i] == cred.gid)
			continue;
		if (p.ngroups == PEER_GROUPS_MAX)
			return CS_ERR_LIMIT;
		p.groups[p.ngroups++] = groups[i];
	}
	*peer = p;
	return CS_OK;
}

unsigned role_mask(const struct conf *conf, uid_t uid, const gid_t *groups, size_t ngroups)
{
	unsigned mask = 0;

	for (unsigned bit = 0; bit < ROLES; bit++)
		if (people_have(&conf->roles[bit], uid, groups, ngroups))
			mask |= 1u << bit;
	/* sudo and sshd run PAM as root, whoever the operators are. */
	if (uid == 0 && (mask & (ROLE_PANEL | ROLE_ISSUER)) == 0)
		mask |= ROLE_TECHNICIAN;
	return mask;
}

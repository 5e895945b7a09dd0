/* SPDX-License-Identifier: ISC
 *
 * Which socket is asked: --socket, else $COUNTERSIGN_SOCKET, else the fixed
 * path.  Either may name the folder of the sockets.
 *
 * It distrusts both where a technician may have chosen them: as root, and under
 * sudo, the subcommands that let a change through take only a path that root alone
 * can change, or a daemon of the technician's own would say yes.
 */
#pragma once

#include "invocation.h"

struct place {
	char path[256];
	const char *interface;		/* "io.countersign.staff" */
};

/* Writes the sentence when the place is refused, and when nobody can say who asks
 * there. */
enum status place_find(const struct invocation *, enum door, struct place *);

/* Did sudo or doas start this?  Then what is typed, and the environment, are
 * a technician's. */
bool place_under_sudo(void);

/* The technician to name: SUDO_USER where sudo made us root, else NULL, and
 * the daemon goes by the kernel's word. */
const char *place_technician(void);
void place_put_technician(struct cs_writer *);

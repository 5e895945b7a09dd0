/* SPDX-License-Identifier: ISC
 *
 * The state folder, whatever engine lives in it: that it is ours alone, on a
 * local file system, held by one daemon, with some disk put by.
 */
#pragma once

#include "../lib/err.h"

#include <stdint.h>
#include <sys/types.h>

#define STATEDIR_RESERVE (4 << 20)	/* bytes put by, given up one MiB at a time */

struct statedir {
	int dir;	/* the folder */
	int lock;	/* held by flock as long as it is open */
	int reserve;	/* -1: none could be made */
	off_t reserved;	/* its size now */
};

/* Makes the folder (0700) when it is not there, checks it and takes the lock.
 * Faults are logged with what to do: CS_ERR_CONFIG, CS_ERR_EXISTS for another
 * daemon, CS_ERR_SYSTEM. */
enum cs_err statedir_open(const char *path, struct statedir *);
void statedir_close(struct statedir *);

/* The size of a file in the folder that must be ours alone; CS_ERR_NOTFOUND,
 * or CS_ERR_CONFIG (logged). */
enum cs_err statedir_file(const struct statedir *, const char *path, const char *name,
    uint64_t *size);

/* True when so little is left that a write may have stopped half-way. */
bool statedir_disk_full(const struct statedir *);
/* A MiB of the reserve for a write that must succeed. */
void statedir_give_room(struct statedir *);
/* Fills the reserve again where that leaves room for the work. */
void statedir_put_room_by(struct statedir *);

/* The plain name of a network file system of that statfs type, or NULL. */
const char *statedir_network(uint64_t type);

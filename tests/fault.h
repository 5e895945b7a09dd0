/* SPDX-License-Identifier: ISC
 *
 * For a test's own program: one call of those that can fail does, whoever makes it,
 * LMDB and libsodium included.
 */
#pragma once

#include <stdbool.h>

enum fault {
	FAULT_NONE,
	FAULT_MEMORY,		/* an allocation */
	FAULT_RANDOM,		/* getrandom, our own: libsodium ends the process */
	FAULT_ROOM,		/* a row that is put or deleted: MDB_MAP_FULL */
	FAULT_ROW,		/* the same, and a row that is read: EIO */
	FAULT_WRITE,		/* a write to a file, of LMDB's meta page, too: EIO */
	FAULT_SYNC,		/* fdatasync and fsync: EIO */
};

/* The n-th of them from now on. */
void fault_at(enum fault, unsigned n);
/* None any more; whether one has failed. */
bool fault_end(void);

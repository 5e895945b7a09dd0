/* SPDX-License-Identifier: ISC
 *
 * Stands before libc and LMDB under their own names: linked into a program, not
 * into libtest.a, which would give them to every test.
 */
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* Looked up once: the look-up itself may allocate. */
#define NEXT(f) \
	static __typeof__(&(f)) next; \
	if (next == NULL) \
	*(void **)&next = dlsym(RTLD_NEXT, #f)

static enum fault which;
static unsigned countdown;
static bool failed;

static bool fails(enum fault fault, int error)
{
	if (which != fault || countdown == 0 || --countdown > 0)
		return false;
	failed = true;
	errno = error;
	return true;
}

void fault_at(enum fault fault, unsigned n)
{
	failed = false;
	countdown = n;
	which = fault;
}

bool fault_end(void)
{
	which = FAULT_NONE;
	return failed;
}

void *malloc(size_t size)
{
	NEXT(malloc);
	return fails(FAULT_MEMORY, ENOMEM) ? NULL : next(size);
}

void *calloc(size_t n, size_t size)
{
	NEXT(calloc);
	return fails(FAULT_MEMORY, ENOMEM) ? NULL : next(n, size);
}

void *realloc(void *p, size_t size)
{
	NEXT(realloc);
	return fails(FAULT_MEMORY, ENOMEM) ? NULL : next(p, size);
}

void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	NEXT(mmap);
	return fails(FAULT_MEMORY, ENOMEM) ? MAP_FAILED : next(at, len, prot, flags, fd, offset);
}

ssize_t __wrap_getrandom(void *, size_t, unsigned);
ssize_t __real_getrandom(void *, size_t, unsigned);

ssize_t __wrap_getrandom(void *p, size_t len, unsigned flags)
{
	return fails(FAULT_RANDOM, ENOSYS) ? -1 : __real_getrandom(p, len, flags);
}

int mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *val, unsigned flags)
{
	NEXT(mdb_put);
	if (fails(FAULT_ROOM, 0))
		return MDB_MAP_FULL;
	return fails(FAULT_ROW, 0) ? EIO : next(txn, dbi, key, val, flags);
}

int mdb_del(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *val)
{
	NEXT(mdb_del);
	if (fails(FAULT_ROOM, 0))
		return MDB_MAP_FULL;
	return fails(FAULT_ROW, 0) ? EIO : next(txn, dbi, key, val);
}

int mdb_get(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *val)
{
	NEXT(mdb_get);
	return fails(FAULT_ROW, 0) ? EIO : next(txn, dbi, key, val);
}

int mdb_cursor_get(MDB_cursor *cursor, MDB_val *key, MDB_val *val, MDB_cursor_op op)
{
	NEXT(mdb_cursor_get);
	return fails(FAULT_ROW, 0) ? EIO : next(cursor, key, val, op);
}

ssize_t write(int fd, const void *p, size_t len)
{
	NEXT(write);
	return fails(FAULT_WRITE, EIO) ? -1 : next(fd, p, len);
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
	NEXT(writev);
	return fails(FAULT_WRITE, EIO) ? -1 : next(fd, iov, n);
}

ssize_t pwrite(int fd, const void *p, size_t len, off_t at)
{
	NEXT(pwrite);
	return fails(FAULT_WRITE, EIO) ? -1 : next(fd, p, len, at);
}

int fdatasync(int fd)
{
	NEXT(fdatasync);
	return fails(FAULT_SYNC, EIO) ? -1 : next(fd);
}

int fsync(int fd)
{
	NEXT(fsync);
	return fails(FAULT_SYNC, EIO) ? -1 : next(fd);
}

/* SPDX-License-Identifier: ISC
 *
 * Preloaded into a daemon by power.py.  Writes down in $RECORD, in the order in which
 * it happens, what is done to files below $RECORDED and what is sent to anybody.  One
 * lock is held over an act and its line, so no other act comes in between.
 *
 * sync_file_range is no act: it promises nothing.  After act number $LAST the daemon is
 * killed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEXT(f) ((__typeof__(&f))dlsym(RTLD_NEXT, #f))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sigset_t unblocked;
static int acts;

/* A handler of signals sends, too. */
static void begin(void)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_mutex_lock(&lock);
	unblocked = before;
}

static void end(void)
{
	sigset_t before = unblocked;

	if (acts > 0 && acts == atoi(getenv("LAST")))
		raise(SIGKILL);
	pthread_mutex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void put(const void *p, size_t len)
{
	static int record = -1;

	if (record == -1)
		record = NEXT(open)(getenv("RECORD"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		    0600);
	if (NEXT(write)(record, p, len) != (ssize_t)len)
		abort();
}

/* One line, which that many bytes follow unless there are none. */
static void note(const char *act, long long offset, long long len, const char *path)
{
	char line[PATH_MAX + 64];

	acts++;
	put(line, (size_t)snprintf(line, sizeof(line), "%s %lld %lld %s\n", act, offset, len,
	    path));
}

static bool below(const char *path)
{
	const char *folder = getenv("RECORDED");

	return folder != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

/* The name that the kernel has for it. */
static bool named(int fd, char name[PATH_MAX])
{
	char link[64];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, name, PATH_MAX - 1);
	name[len > 0 ? len : 0] = '\0';
	return below(name);
}

/* An act without bytes, when it was done. */
static int noted(int rc, const char *act, int fd, off_t len)
{
	char path[PATH_MAX];

	if (rc == 0 && named(fd, path))
		note(act, 0, len, path);
	end();
	return rc;
}

static ssize_t written(ssize_t n, int fd, const struct iovec *iov, off_t offset)
{
	char path[PATH_MAX];

	if (n > 0 && named(fd, path)) {
		bool through = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;

		note(through ? "write-through" : "write", offset, n, path);
		for (size_t left = (size_t)n, len; left > 0; left -= len, iov++) {
			len = left < iov->iov_len ? left : iov->iov_len;
			put(iov->iov_base, len);
		}
	}
	end();
	return n;
}

/* Where the writing of n bytes began. */
static off_t start(int fd, ssize_t n)
{
	return n > 0 ? lseek(fd, 0, SEEK_CUR) - n : 0;
}

ssize_t write(int fd, const void *p, size_t len)
{
	ssize_t n;

	begin();
	n = NEXT(write)(fd, p, len);
	return written(n, fd, &(struct iovec){ (void *)p, len }, start(fd, n));
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	ssize_t n;

	begin();
	n = NEXT(writev)(fd, iov, count);
	return written(n, fd, iov, start(fd, n));
}

ssize_t pwrite(int fd, const void *p, size_t len, off_t offset)
{
	begin();
	return written(NEXT(pwrite)(fd, p, len, offset), fd, &(struct iovec){ (void *)p, len },
	    offset);
}

ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t offset)
{
	begin();
	return written(NEXT(pwritev)(fd, iov, count, offset), fd, iov, offset);
}

int ftruncate(int fd, off_t len)
{
	begin();
	return noted(NEXT(ftruncate)(fd, len), "truncate", fd, len);
}

int posix_fallocate(int fd, off_t offset, off_t len)
{
	begin();
	return noted(NEXT(posix_fallocate)(fd, offset, len), "extend", fd, offset + len);
}

int fsync(int fd)
{
	begin();
	return noted(NEXT(fsync)(fd), "sync", fd, 0);
}

int fdatasync(int fd)
{
	begin();
	return noted(NEXT(fdatasync)(fd), "sync", fd, 0);
}

static int opened(int fd)
{
	if (fd != -1)
		noted(0, "open", fd, 0);
	else
		end();
	return fd;
}

static mode_t mode_of(int flags, va_list ap)
{
	return (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	begin();
	return opened(NEXT(open)(path, flags, mode));
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	begin();
	return opened(NEXT(openat)(dir, path, flags, mode));
}

int mkdir(const char *path, mode_t mode)
{
	int rc;

	begin();
	rc = NEXT(mkdir)(path, mode);
	if (rc == 0 && below(path))
		note("mkdir", 0, 0, path);
	end();
	return rc;
}

/* Into "path"; whether it is below $RECORDED. */
static bool named_at(int dir, const char *name, char path[2 * PATH_MAX])
{
	if (!named(dir, path))
		return false;
	strcat(strcat(path, "/"), name);
	return true;
}

int renameat(int from, const char *old, int to, const char *new)
{
	char path[2 * PATH_MAX];
	int rc;

	begin();
	rc = NEXT(renameat)(from, old, to, new);
	if (rc == 0 && named_at(from, old, path))
		note("renamed-from", 0, 0, path);
	if (rc == 0 && named_at(to, new, path))
		note("renamed-to", 0, 0, path);
	end();
	return rc;
}

int unlinkat(int dir, const char *name, int flags)
{
	char path[2 * PATH_MAX];
	int rc;

	begin();
	rc = NEXT(unlinkat)(dir, name, flags);
	if (rc == 0 && named_at(dir, name, path))
		note("unlink", 0, 0, path);
	end();
	return rc;
}

ssize_t send(int fd, const void *p, size_t len, int flags)
{
	char name[PATH_MAX];
	ssize_t n;

	begin();
	n = NEXT(send)(fd, p, len, flags);
	if (n > 0) {
		named(fd, name);
		note("send", 0, n, name);
		put(p, (size_t)n);
	}
	end();
	return n;
}

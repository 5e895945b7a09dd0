/* SPDX-License-Identifier: ISC
 *
 * Preloaded into a daemon by bad_luck.py, which says in $PLAN which call fails next.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct plan {
	char call[16];		/* "recv" */
	int error;		/* an errno */
	atomic_uint left;	/* of its calls until then, with that one */
	atomic_uint failed;	/* how many have */
	atomic_uint turns;	/* of the loop */
};

static struct plan *plan;

#define NEXT(f) \
	static __typeof__(&(f)) next; \
	if (next == NULL) \
	*(void **)&next = dlsym(RTLD_NEXT, #f)

static int (*real_open)(const char *, int, ...);

__attribute__((constructor)) static void read_plan(void)
{
	int fd;

	*(void **)&real_open = dlsym(RTLD_NEXT, "open");
	fd = real_open(getenv("PLAN"), O_RDWR | O_CLOEXEC);
	plan = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
}

static bool fails(const char *call)
{
	if (plan == NULL || strcmp(plan->call, call) != 0 || atomic_load(&plan->left) == 0 ||
	    atomic_fetch_sub(&plan->left, 1) != 1)
		return false;
	atomic_fetch_add(&plan->failed, 1);
	errno = plan->error;
	return true;
}

#define FAILING(result, call, parameters, arguments) \
	result call parameters \
	{ \
		NEXT(call); \
		return fails(#call) ? (result)-1 : next arguments; \
	}

FAILING(ssize_t, recv, (int fd, void *p, size_t len, int flags), (fd, p, len, flags))
FAILING(ssize_t, send, (int fd, const void *p, size_t len, int flags), (fd, p, len, flags))
FAILING(int, accept4, (int fd, struct sockaddr *address, socklen_t *len, int flags),
    (fd, address, len, flags))
FAILING(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *len),
    (fd, level, name, value, len))
FAILING(int, epoll_ctl, (int epoll, int op, int fd, struct epoll_event *event),
    (epoll, op, fd, event))
FAILING(ssize_t, read, (int fd, void *p, size_t len), (fd, p, len))
FAILING(ssize_t, pwrite, (int fd, const void *p, size_t len, off_t at), (fd, p, len, at))
FAILING(ssize_t, writev, (int fd, const struct iovec *iov, int n), (fd, iov, n))
FAILING(int, fdatasync, (int fd), (fd))
FAILING(int, fsync, (int fd), (fd))
FAILING(int, mkdir, (const char *path, mode_t mode), (path, mode))
FAILING(int, flock, (int fd, int operation), (fd, operation))
FAILING(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new))
FAILING(int, eventfd, (unsigned value, int flags), (value, flags))
FAILING(int, epoll_create1, (int flags), (flags))
FAILING(int, socket, (int domain, int type, int protocol), (domain, type, protocol))
FAILING(int, bind, (int fd, const struct sockaddr *address, socklen_t len), (fd, address, len))
FAILING(int, listen, (int fd, int backlog), (fd, backlog))
FAILING(ssize_t, getrandom, (void *p, size_t len, unsigned flags), (p, len, flags))
FAILING(void *, mmap, (void *at, size_t len, int prot, int flags, int fd, off_t offset),
    (at, len, prot, flags, fd, offset))

/* What the compiler's checks make of recv and read. */
ssize_t __recv_chk(int fd, void *p, size_t len, size_t room, int flags)
{
	return len > room ? -1 : recv(fd, p, len, flags);
}

ssize_t __read_chk(int fd, void *p, size_t len, size_t room)
{
	return len > room ? -1 : read(fd, p, len);
}

/* What wakes the loop up does not fail: eight bytes to an eventfd. */
ssize_t write(int fd, const void *p, size_t len)
{
	NEXT(write);
	return len != 8 && fails("write") ? -1 : next(fd, p, len);
}

int epoll_wait(int epoll, struct epoll_event *events, int n, int timeout)
{
	NEXT(epoll_wait);
	atomic_fetch_add(&plan->turns, 1);
	return fails("epoll_wait") ? -1 : next(epoll, events, n, timeout);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*work)(void *), void *arg)
{
	NEXT(pthread_create);
	return fails("pthread_create") ? plan->error : next(thread, attr, work, arg);
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
	return fails("open") ? -1 : real_open(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	NEXT(openat);
	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return fails("openat") ? -1 : next(dir, path, flags, mode);
}

int fcntl(int fd, int command, ...)
{
	va_list ap;
	void *arg;

	NEXT(fcntl);
	va_start(ap, command);
	arg = va_arg(ap, void *);
	va_end(ap);
	return fails("fcntl") ? -1 : next(fd, command, arg);
}

/* libconfuse and the name service's part of libc do not live through a want of
 * memory. */
static bool fails_for(const void *caller)
{
	static const char *const weak[] = { "/libconfuse", "/libc.", "/libnss_", "/ld-" };
	Dl_info in;

	if (plan == NULL || strcmp(plan->call, "malloc") != 0 || dladdr(caller, &in) == 0)
		return false;
	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
		if (strstr(in.dli_fname, weak[i]) != NULL)
			return false;
	return fails("malloc");
}

#define FAILING_FOR_MEMORY(result, call, parameters, arguments) \
	result call parameters \
	{ \
		NEXT(call); \
		return fails_for(__builtin_return_address(0)) ? NULL : next arguments; \
	}

/* A sanitizer's come before these. */
FAILING_FOR_MEMORY(void *, malloc, (size_t size), (size))
FAILING_FOR_MEMORY(void *, calloc, (size_t n, size_t size), (n, size))
FAILING_FOR_MEMORY(void *, realloc, (void *p, size_t size), (p, size))

char *strdup(const char *text)
{
	NEXT(strdup);
	return fails_for(__builtin_return_address(0)) ? NULL : next(text);
}

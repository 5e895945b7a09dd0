/* SPDX-License-Identifier: ISC
 *
 * Makes, opens and guards the three sockets.  A socket file is replaced only
 * when nobody answers on it.  Modes are a first fence for honest mistakes; who
 * may ask is decided by dispatch.c from the kernel's credentials.
 */
#include "listener.h"

#include "daemon.h"
#include "service_manager.h"

#include "../lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ACCEPTS_A_TURN 64
#define DESCRIPTORS_KEPT 8

static const struct timeval nap = { 0, 100000 };

struct listener {
	struct daemon *daemon;
	enum door door;
	int fd;
	bool handed_over;
	bool made;		/* the file is ours to remove */
	int spare;		/* a descriptor to give up at the limit */
	struct event *readable, *rested;
	struct sockaddr_un address;
};

static const struct {
	const char *name;
	enum door door;
	unsigned roles;		/* whom the mode lets in */
} doors[DOORS] = {
	{ "staff", DOOR_STAFF, ROLE_TECHNICIAN | ROLE_DESK },
	{ "panel", DOOR_PANEL, ROLE_PANEL | ROLE_ISSUER },
	{ "control", DOOR_CONTROL, ROLE_OPERATOR },
};

static size_t index_of(enum door door)
{
	size_t i = 0;

	while (doors[i].door != door)
		i++;
	return i;
}

const char *door_name(enum door door)
{
	return doors[index_of(door)].name;
}

/* The people of those roles, as a mode can tell them apart: one group, or
 * everybody. */
static mode_t mode_for(const struct conf *conf, unsigned roles, gid_t *group)
{
	bool others = false;
	size_t ngroups = 0;

	for (unsigned i = 0; i < ROLES; i++) {
		const struct people *p = &conf->roles[i];

		if ((roles & 1u << i) == 0)
			continue;
		for (size_t n = 0; n < p->nusers; n++)
			others = others || (p->users[n] != 0 && p->users[n] != geteuid());
		for (size_t n = 0; n < p->ngroups; n++)
			if (ngroups == 0 || p->groups[n] != *group) {
				*group = p->groups[n];
				ngroups++;
			}
	}
	if (others || ngroups > 1)
		return 0666;
	return ngroups == 1 ? 0660 : 0600;
}

enum cs_err listener_set_mode(const struct listener *l)
{
	const char *path = l->address.sun_path;
	gid_t group = (gid_t)-1;
	mode_t mode = mode_for(l->daemon->conf, doors[index_of(l->door)].roles, &group);

	if (l->handed_over)
		return CS_OK;
	/* Without the right to give it to the group, the table alone decides. */
	if (mode == 0660 && chown(path, (uid_t)-1, group) == -1)
		mode = 0666;
	if (chmod(path, mode) == 0)
		return CS_OK;
	cs_log(CS_LOG_ERR, "%s: %s", path, strerror(errno));
	return CS_ERR_SYSTEM;
}

/* Is the file there left over from a daemon that is gone? */
static enum cs_err clear_path(const struct sockaddr_un *address)
{
	struct stat st;
	int fd, error;

	/* Connecting to any other file is refused, too, as if nobody answered. */
	if (lstat(address->sun_path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		cs_log(CS_LOG_ERR, "%s is not a socket: move it away, or set another socket-dir",
		    address->sun_path);
		return CS_ERR_CONFIG;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1) {
		cs_log(CS_LOG_ERR, "%s: %s", address->sun_path, strerror(errno));
		return CS_ERR_SYSTEM;
	}
	error = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ? 0 : errno;
	close(fd);
	if (error == ENOENT)
		return CS_OK;
	if (error == ECONNREFUSED && unlink(address->sun_path) == 0)
		return CS_OK;
	if (error == ECONNREFUSED)
		error = errno;
	cs_log(CS_LOG_ERR, "%s: %s", address->sun_path, error == 0 || error == EAGAIN ?
	    "another daemon answers there; stop it, or set another socket-dir" : strerror(error));
	return CS_ERR_SYSTEM;
}

static enum cs_err make_socket(struct listener *l)
{
	enum cs_err e = clear_path(&l->address);

	if (e != CS_OK)
		return e;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd == -1 || bind(l->fd, (struct sockaddr *)&l->address, sizeof(l->address)) == -1)
		goto fault;
	l->made = true;
	e = listener_set_mode(l);
	if (e != CS_OK)
		return e;
	if (listen(l->fd, SOMAXCONN) == 0)
		return CS_OK;
fault:
	cs_log(CS_LOG_ERR, "%s: %s", l->address.sun_path, strerror(errno));
	return CS_ERR_SYSTEM;
}

/* Clients believe the owner of this folder, so nobody else may change it. */
static enum cs_err check_folder(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    (st.st_uid == 0 || st.st_uid == geteuid()) && (st.st_mode & 0022) == 0)
		return CS_OK;
	cs_log(CS_LOG_ERR,
	    "socket-dir %s: must be a folder of root or of the daemon's user that nobody else may "
	    "write to; run chmod 0755 on it, or chown",
	    path);
	return CS_ERR_CONFIG;
}

static enum cs_err make_folder(const char *path)
{
	if (mkdir(path, 0755) == 0) {
		if (chmod(path, 0755) == 0)	/* whatever the umask */
			return CS_OK;
	} else if (errno == EEXIST) {
		return check_folder(path);
	}
	cs_log(CS_LOG_ERR, "socket-dir %s: %s", path, strerror(errno));
	return CS_ERR_SYSTEM;
}

static enum cs_err open_socket(struct listener *l)
{
	const char *folder = l->daemon->conf->socket_dir, *name = door_name(l->door);
	size_t cap = sizeof(l->address.sun_path);
	enum cs_err e;

	l->address.sun_family = AF_UNIX;
	if ((size_t)snprintf(l->address.sun_path, cap, "%s/%s", folder, name) >= cap) {
		cs_log(CS_LOG_ERR, "socket-dir %s: too long for a socket's address", folder);
		return CS_ERR_CONFIG;
	}
	l->fd = service_manager_socket(name);
	l->handed_over = l->fd != -1;
	if (l->handed_over)
		return CS_OK;
	e = make_folder(folder);
	return e == CS_OK ? make_socket(l) : e;
}

/* At the limit of descriptors: takes one peer and closes it, so that it does
 * not hang, then rests, so that the loop does not spin. */
static void rest(struct listener *l)
{
	int fd;

	close(l->spare);
	fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd != -1)
		close(fd);
	l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (event_add(l->rested, &nap) == 0)
		event_del(l->readable);
}

/* The last descriptors are the name service's and the key file's: those who are
 * connected already are to be answered. */
static bool is_too_high(int fd)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
	    (rlim_t)fd + DESCRIPTORS_KEPT >= limit.rlim_cur;
}

enum cs_err listener_check_room(void)
{
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC), last;

	if (next != -1)
		close(next);
	else if (errno == EMFILE)
		next = getdtablesize();
	else
		return CS_OK;	/* which says nothing of them */
	last = next + DOORS - 1;
	if (!is_too_high(last))
		return CS_OK;
	cs_log(CS_LOG_ERR, "too few files may be open at once: the daemon needs %d, and one more "
	    "for each who is connected; raise LimitNOFILE in its unit, or ulimit -n",
	    last + DESCRIPTORS_KEPT + 1);
	return CS_ERR_CONFIG;
}

static void readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (peer != -1 && is_too_high(peer)) {
			close(peer);
			rest(l);
			return;
		}
		if (peer != -1) {
			conn_new(l->daemon, peer, l->door);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			rest(l);
		return;
	}
}

/* Where the kernel has no memory for it, it rests on: the door must not stay shut. */
static void rested_cb(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd;
	(void)what;
	if (event_add(l->readable, NULL) == -1)
		event_add(l->rested, &nap);
}

static enum cs_err complain(enum door door, enum cs_err e)
{
	cs_log(CS_LOG_ERR, "socket %s: %s", door_name(door),
	    e == CS_ERR_SYSTEM ? strerror(errno) : cs_err_text(e));
	return e;
}

enum cs_err listener_open(struct daemon *d, enum door door)
{
	struct listener *l = calloc(1, sizeof(*l));
	enum cs_err e;

	if (l == NULL)
		return complain(door, CS_ERR_NOMEM);
	l->daemon = d;
	l->door = door;
	l->fd = -1;
	l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	e = l->spare == -1 ? complain(door, CS_ERR_SYSTEM) : open_socket(l);
	if (e == CS_OK) {
		l->readable = event_new(d->base, l->fd, EV_READ | EV_PERSIST, readable_cb, l);
		l->rested = event_new(d->base, -1, 0, rested_cb, l);
		if (l->readable == NULL || l->rested == NULL || event_add(l->readable, NULL) == -1)
			e = complain(door, CS_ERR_NOMEM);
	}
	if (e != CS_OK) {
		listener_close(&l);
		return e;
	}
	d->listeners[index_of(door)] = l;
	return CS_OK;
}

void listener_close(struct listener **listener)
{
	struct listener *l = *listener;

	if (l == NULL)
		return;
	*listener = NULL;
	if (l->readable != NULL)
		event_free(l->readable);
	if (l->rested != NULL)
		event_free(l->rested);
	if (l->made)
		unlink(l->address.sun_path);
	if (l->fd != -1)
		close(l->fd);
	if (l->spare != -1)
		close(l->spare);
	free(l);
}

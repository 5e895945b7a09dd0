/* SPDX-License-Identifier: ISC
 *
 * Opens the state folder.  It distrusts whoever made it: other owners, other
 * people's permissions, file systems whose locks and syncs reach a server.  It
 * never changes what it finds there.
 */
#include "statedir.h"

#include "../lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MIB (1 << 20)
#define ROOM (2 * STATEDIR_RESERVE)	/* left free when the reserve is made */

/* linux/magic.h and the file systems' own headers */
static const struct {
	uint32_t type;
	const char *name;
} networks[] = {
	{ 0x00006969, "NFS" },
	{ 0x0000517b, "SMB" },
	{ 0xff534d42, "CIFS" },
	{ 0xfe534d42, "SMB" },
	{ 0x65735546, "FUSE" },
	{ 0x00c36400, "Ceph" },
	{ 0x5346414f, "AFS" },
	{ 0x6b414653, "AFS" },
	{ 0x73757245, "Coda" },
	{ 0x01161970, "GFS2" },
	{ 0x7461636f, "OCFS2" },
	{ 0x0bd00bd0, "Lustre" },
};
#define V9FS 0x01021997		/* 9p: a virtual machine's or container's folder */

const char *statedir_network(uint64_t type)
{
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		if (networks[i].type == (uint32_t)type)
			return networks[i].name;
	return NULL;
}

static enum cs_err check_file_system(const char *path, int dir)
{
	struct statfs fs;
	const char *name;

	if (fstatfs(dir, &fs) == -1) {
		cs_log(CS_LOG_ERR, "%s: statfs: %s", path, strerror(errno));
		return CS_ERR_SYSTEM;
	}
	name = statedir_network((uint64_t)fs.f_type);
	if (name != NULL) {
		cs_log(CS_LOG_ERR, "%s is on a network file system (%s), where locks and syncs "
		    "cannot be relied on: set state-dir to a folder on a local disk", path, name);
		return CS_ERR_CONFIG;
	}
	if ((uint32_t)fs.f_type == V9FS)
		cs_log(CS_LOG_WARNING, "%s is on a 9p file system: what it calls synced is only "
		    "as safe as the host that serves it", path);
	return CS_OK;
}

static enum cs_err check_owner(const char *path, const char *name, const struct stat *st)
{
	const char *slash = *name != '\0' ? "/" : "";

	if (st->st_uid != geteuid()) {
		cs_log(CS_LOG_ERR, "%s%s%s belongs to uid %u, but the daemon runs as uid %u: "
		    "chown %u '%s%s%s'", path, slash, name, st->st_uid, geteuid(), geteuid(), path,
		    slash, name);
		return CS_ERR_CONFIG;
	}
	if ((st->st_mode & 077) != 0) {
		cs_log(CS_LOG_ERR, "%s%s%s is open to others (mode %04o): chmod go= '%s%s%s'", path,
		    slash, name, st->st_mode & 07777u, path, slash, name);
		return CS_ERR_CONFIG;
	}
	return CS_OK;
}

/* Also when an earlier start made it: that one may have been ended before it came
 * here.  Above it may be what only its owner reads, or what cannot be synced. */
static enum cs_err sync_name(const char *path, int dir)
{
	int above = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = above == -1 ? errno == EACCES :
	    fsync(above) == 0 || errno == EROFS || errno == EINVAL;

	if (!synced)
		cs_log(CS_LOG_ERR, "cannot sync the folder of state-dir %s: %s", path,
		    strerror(errno));
	if (above != -1)
		close(above);
	return synced ? CS_OK : CS_ERR_SYSTEM;
}

static enum cs_err open_folder(const char *path, int *dir)
{
	struct stat st;
	enum cs_err e;

	if (mkdir(path, 0700) == -1 && errno != EEXIST) {
		cs_log(CS_LOG_ERR, "cannot make state-dir %s: %s", path, strerror(errno));
		return CS_ERR_CONFIG;
	}
	*dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*dir == -1 || fstat(*dir, &st) == -1) {
		cs_log(CS_LOG_ERR, "cannot open state-dir %s: %s", path, strerror(errno));
		return CS_ERR_CONFIG;
	}
	e = check_owner(path, "", &st);
	if (e == CS_OK)
		e = check_file_system(path, *dir);
	return e != CS_OK ? e : sync_name(path, *dir);
}

static enum cs_err take_lock(const char *path, struct statedir *s)
{
	s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock == -1) {
		cs_log(CS_LOG_ERR, "cannot open %s/lock: %s", path, strerror(errno));
		return CS_ERR_SYSTEM;
	}
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return CS_OK;
	if (errno != EWOULDBLOCK) {
		cs_log(CS_LOG_ERR, "cannot lock %s/lock: %s", path, strerror(errno));
		return CS_ERR_SYSTEM;
	}
	cs_log(CS_LOG_ERR, "another countersignd uses state-dir %s: stop it first "
	    "(fuser -v %s/lock shows it), or give this one a state-dir of its own", path, path);
	return CS_ERR_EXISTS;
}

enum cs_err statedir_open(const char *path, struct statedir *out)
{
	struct statedir s = { .dir = -1, .lock = -1, .reserve = -1 };
	struct stat st;
	enum cs_err e = open_folder(path, &s.dir);

	if (e == CS_OK)
		e = take_lock(path, &s);
	if (e != CS_OK) {
		statedir_close(&s);
		return e;
	}
	s.reserve = openat(s.dir, "reserve", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s.reserve != -1 && fstat(s.reserve, &st) == 0)
		s.reserved = st.st_size;
	statedir_put_room_by(&s);
	*out = s;
	return CS_OK;
}

void statedir_close(struct statedir *s)
{
	int *const fds[] = { &s->reserve, &s->lock, &s->dir };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] != -1)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

enum cs_err statedir_file(const struct statedir *s, const char *path, const char *name,
    uint64_t *size)
{
	struct stat st;
	enum cs_err e;

	if (fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno == ENOENT)
			return CS_ERR_NOTFOUND;
		cs_log(CS_LOG_ERR, "%s/%s: %s", path, name, strerror(errno));
		return CS_ERR_SYSTEM;
	}
	if (!S_ISREG(st.st_mode)) {
		cs_log(CS_LOG_ERR, "%s/%s is not a plain file: move it away", path, name);
		return CS_ERR_CONFIG;
	}
	e = check_owner(path, name, &st);
	if (e == CS_OK)
		*size = (uint64_t)st.st_size;
	return e;
}

static uint64_t bytes_left(const struct statedir *s)
{
	struct statvfs fs;

	if (fstatvfs(s->dir, &fs) == -1)
		return 0;
	return (uint64_t)fs.f_frsize * (geteuid() == 0 ? fs.f_bfree : fs.f_bavail);
}

/* What statvfs shows to root, ext4 keeps for itself in part, and it knows nothing of
 * quotas: so the disk is asked for a MiB. */
bool statedir_disk_full(const struct statedir *s)
{
	bool full = bytes_left(s) < MIB;

	if (full || s->reserve == -1)
		return full;
	full = fallocate(s->reserve, FALLOC_FL_KEEP_SIZE, s->reserved, MIB) == -1 &&
	    (errno == ENOSPC || errno == EDQUOT);
	return ftruncate(s->reserve, s->reserved) == -1 || full;
}

void statedir_give_room(struct statedir *s)
{
	if (s->reserved >= MIB && ftruncate(s->reserve, s->reserved - MIB) == 0)
		s->reserved -= MIB;
}

void statedir_put_room_by(struct statedir *s)
{
	if (s->reserve == -1 || s->reserved >= STATEDIR_RESERVE || bytes_left(s) < ROOM)
		return;
	if (posix_fallocate(s->reserve, 0, STATEDIR_RESERVE) == 0)
		s->reserved = STATEDIR_RESERVE;
	else if (ftruncate(s->reserve, s->reserved) == -1)
		s->reserved = 0;
}

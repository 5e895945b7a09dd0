/* SPDX-License-Identifier: ISC
 *
 * systemd's two protocols in plain C.  It distrusts what it is handed: a
 * descriptor that is not a listening AF_UNIX stream socket is not used.
 */
#include "service_manager.h"

#include "../lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3
#define SOCKETS_MAX 16

static bool listens(int fd, struct sockaddr_un *sun)
{
	socklen_t len = sizeof(*sun);
	int type, accepts;
	socklen_t size = sizeof(int);

	memset(sun, 0, sizeof(*sun));
	return getsockname(fd, (struct sockaddr *)sun, &len) == 0 && sun->sun_family == AF_UNIX &&
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM &&
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0 && accepts;
}

static int handed_over(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	if (pid == NULL || n == NULL || strtol(pid, NULL, 10) != (long)getpid())
		return 0;
	return atoi(n) > SOCKETS_MAX ? SOCKETS_MAX : atoi(n);
}

/* Is the i-th of the colon-separated names this one? */
static bool is_named(int i, const char *name)
{
	const char *p = getenv("LISTEN_FDNAMES");

	while (p != NULL && i-- > 0) {
		p = strchr(p, ':');
		if (p != NULL)
			p++;
	}
	return p != NULL && strlen(name) == strcspn(p, ":") && strncmp(p, name, strlen(name)) == 0;
}

int service_manager_socket(const char *name)
{
	int n = handed_over();

	for (int i = 0; i < n; i++) {
		int fd = FIRST_FD + i;
		struct sockaddr_un sun;
		const char *file;

		if (!listens(fd, &sun))
			continue;
		file = strrchr(sun.sun_path, '/');
		if (!is_named(i, name) && (file == NULL || strcmp(file + 1, name) != 0))
			continue;
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		return fd;
	}
	return -1;
}

void service_manager_forget_sockets(void)
{
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

void service_manager_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = path == NULL ? 0 : strlen(path);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	int fd;

	if (len == 0 || len >= sizeof(sun.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(sun.sun_path, path, len);
	if (path[0] == '@')
		sun.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&sun, size) == -1)
		cs_log(CS_LOG_WARNING, "cannot tell the service manager \"%s\": %s",
		    state, strerror(errno));
	close(fd);
}

/* SPDX-License-Identifier: ISC
 *
 * See guest.h.  Only one descriptor is ever handed out; everything that the
 * module does not ask for goes to the real function.
 */
#include "guest.h"

#include "../lib/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <security/pam_ext.h>

#define FD 1000

struct guest guest;

static int converse(int n, const struct pam_message **messages, struct pam_response **out,
    void *arg)
{
	int style = messages[0]->msg_style;
	size_t i = guest.answered;

	(void)arg;
	if (n != 1)
		abort();
	if (style != PAM_PROMPT_ECHO_ON && style != PAM_PROMPT_ECHO_OFF)
		return PAM_SUCCESS;
	if (i == guest.nanswers)
		return PAM_CONV_ERR;
	guest.answered++;
	if (guest.answers[i].result != PAM_SUCCESS || guest.answers[i].nothing)
		return guest.answers[i].result;
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return PAM_BUF_ERR;
	if (guest.answers[i].text == NULL)
		return PAM_SUCCESS;
	(*out)->resp = malloc(strlen(guest.answers[i].text) + 1);
	if ((*out)->resp == NULL) {
		free(*out);
		*out = NULL;
		return PAM_BUF_ERR;
	}
	strcpy((*out)->resp, guest.answers[i].text);
	return PAM_SUCCESS;
}

int pam_get_item(const pam_handle_t *pamh, int type, const void **item)
{
	static const struct pam_conv conv = { converse, NULL };

	(void)pamh;
	*item = type == PAM_USER ? guest.user : type == PAM_AUTHTOK ? guest.authtok : NULL;
	if (type == PAM_CONV)
		*item = &conv;
	return PAM_SUCCESS;
}

static bool memory_fails(void)
{
	return guest.running && ++guest.memories == guest.fail_memory;
}

int pam_set_data(pam_handle_t *pamh, const char *name, void *data,
    void (*cleanup)(pam_handle_t *, void *, int))
{
	(void)pamh;
	(void)name;
	if (memory_fails())
		return PAM_BUF_ERR;
	guest.data = data;
	guest.cleanup = cleanup;
	return PAM_SUCCESS;
}

int pam_get_data(const pam_handle_t *pamh, const char *name, const void **data)
{
	(void)pamh;
	(void)name;
	*data = guest.data;
	return guest.data == NULL ? PAM_NO_MODULE_DATA : PAM_SUCCESS;
}

int pam_putenv(pam_handle_t *pamh, const char *setting)
{
	(void)pamh;
	if (memory_fails())
		return PAM_BUF_ERR;
	snprintf(guest.environment, sizeof(guest.environment), "%s", setting);
	return PAM_SUCCESS;
}

/* What is logged is formatted, so that a sanitizer sees it, and thrown away. */
void pam_syslog(const pam_handle_t *pamh, int priority, const char *fmt, ...)
{
	char line[4096];
	va_list ap;

	(void)pamh;
	(void)priority;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < 2; i++)
		if (guest.secrets[i] != NULL && strstr(line, guest.secrets[i]) != NULL)
			guest.showed_secret = true;
}

int pam_fail_delay(pam_handle_t *pamh, unsigned usec)
{
	(void)pamh;
	(void)usec;
	return PAM_SUCCESS;
}

const char *pam_strerror(pam_handle_t *pamh, int code)
{
	(void)pamh;
	(void)code;
	return "";
}

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void __real_free(void *);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void __wrap_free(void *);

void *__wrap_malloc(size_t size)
{
	void *p = memory_fails() ? NULL : __real_malloc(size);

	guest.blocks += guest.running && p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = memory_fails() ? NULL : __real_calloc(n, size);

	guest.blocks += guest.running && p != NULL;
	return p;
}

void __wrap_free(void *p)
{
	if (guest.running && p != NULL) {
		guest.blocks--;
		for (size_t i = 0; i < 2; i++)
			if (guest.secrets[i] != NULL &&
			    memmem(p, malloc_usable_size(p), guest.secrets[i],
				strlen(guest.secrets[i])) != NULL)
				guest.showed_secret = true;
	}
	__real_free(p);
}

int __real_socket(int, int, int);
int __real_connect(int, const struct sockaddr *, socklen_t);
int __real_getsockopt(int, int, int, void *, socklen_t *);
int __real_stat(const char *, struct stat *);
ssize_t __real_send(int, const void *, size_t, int);
ssize_t __real_recv(int, void *, size_t, int);
int __real_poll(struct pollfd *, nfds_t, int);
int __real_close(int);
ssize_t __real_getrandom(void *, size_t, unsigned);
int __real_clock_gettime(clockid_t, struct timespec *);
int __wrap_socket(int, int, int);
int __wrap_connect(int, const struct sockaddr *, socklen_t);
int __wrap_getsockopt(int, int, int, void *, socklen_t *);
int __wrap_stat(const char *, struct stat *);
ssize_t __wrap_send(int, const void *, size_t, int);
ssize_t __wrap_recv(int, void *, size_t, int);
ssize_t __wrap___recv_chk(int, void *, size_t, size_t, int);
int __wrap_poll(struct pollfd *, nfds_t, int);
int __wrap_close(int);
ssize_t __wrap_getrandom(void *, size_t, unsigned);
int __wrap_clock_gettime(clockid_t, struct timespec *);

static bool call_fails(void)
{
	if (++guest.calls != guest.fail_call)
		return false;
	errno = guest.fail_errno;
	return true;
}

int __wrap_socket(int domain, int type, int protocol)
{
	if (!guest.running)
		return __real_socket(domain, type, protocol);
	if (call_fails())
		return -1;
	guest.sockets++;
	return FD;
}

int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	if (!guest.running)
		return __real_connect(fd, sa, len);
	if (call_fails())
		return -1;
	if (guest.connections == guest.nreplies) {
		errno = ECONNREFUSED;
		return -1;
	}
	guest.connections++;
	guest.given = 0;
	guest.request_len = 0;
	guest.method[0] = '\0';
	return 0;
}

int __wrap_getsockopt(int fd, int level, int name, void *out, socklen_t *len)
{
	if (!guest.running)
		return __real_getsockopt(fd, level, name, out, len);
	if (call_fails())
		return -1;
	((struct ucred *)out)->uid = geteuid();
	return 0;
}

int __wrap_stat(const char *path, struct stat *st)
{
	if (!guest.running)
		return __real_stat(path, st);
	return call_fails() ? -1 : __real_stat("/", st);
}

/* Which method the module asks, once the frame is whole. */
static void read_request(void)
{
	static struct cs_msg m;

	if (guest.request_len == 0 || guest.request[guest.request_len - 1] != '\0')
		return;
	if (cs_msg_decode(guest.request, guest.request_len - 1, &m) != CS_OK || m.method.p == NULL)
		abort();
	snprintf(guest.method, sizeof(guest.method), "%.*s", (int)m.method.len, m.method.p);
}

ssize_t __wrap_send(int fd, const void *p, size_t len, int flags)
{
	if (!guest.running)
		return __real_send(fd, p, len, flags);
	if (!(flags & MSG_NOSIGNAL) || guest.request_len + len > sizeof(guest.request))
		abort();
	if (call_fails())
		return -1;
	len = (len + 1) / 2;	/* and the rest another time */
	memcpy(guest.request + guest.request_len, p, len);
	guest.request_len += len;
	read_request();
	return (ssize_t)len;
}

/* Has the daemon said "accepted" to this question? */
static void judge_reply(const char *p, size_t len)
{
	static char frame[CS_FRAME_MAX + 1];
	static struct cs_msg m;
	const char *end = memchr(p, '\0', len);
	struct cs_str verdict;

	if (end == NULL || end - p > CS_FRAME_MAX)
		return;
	memcpy(frame, p, (size_t)(end - p));
	if (cs_msg_decode(frame, (size_t)(end - p), &m) != CS_OK || m.error.p != NULL ||
	    m.method.p != NULL || cs_msg_string(&m, "verdict", &verdict) != CS_OK ||
	    !cs_str_is(verdict, "accepted"))
		return;
	if (strcmp(guest.method, "io.countersign.staff.Verify") == 0)
		guest.verify_accepted = true;
	if (strcmp(guest.method, "io.countersign.staff.Redeem") == 0)
		guest.redeem_accepted = true;
}

ssize_t __wrap_recv(int fd, void *p, size_t len, int flags)
{
	const char *reply;
	size_t left;

	if (!guest.running)
		return __real_recv(fd, p, len, flags);
	if (call_fails())
		return -1;
	reply = guest.replies[guest.connections - 1].p;
	left = guest.replies[guest.connections - 1].len - guest.given;
	if (len > left)
		len = left;
	if (len > 0)
		memcpy(p, reply + guest.given, len);
	guest.given += len;
	judge_reply(reply, guest.given);
	return (ssize_t)len;
}

ssize_t __wrap___recv_chk(int fd, void *p, size_t len, size_t room, int flags)
{
	if (len > room)
		abort();
	return __wrap_recv(fd, p, len, flags);
}

int __wrap_poll(struct pollfd *p, nfds_t n, int timeout)
{
	if (!guest.running)
		return __real_poll(p, n, timeout);
	if (call_fails())
		return -1;
	guest.clock += timeout > 0 ? 1 : 0;
	p->revents = p->events;
	return 1;
}

int __wrap_close(int fd)
{
	if (!guest.running || fd != FD)
		return __real_close(fd);
	guest.sockets--;
	return 0;
}

ssize_t __wrap_getrandom(void *p, size_t len, unsigned flags)
{
	if (!guest.running)
		return __real_getrandom(p, len, flags);
	if (call_fails())
		return -1;
	memset(p, 'r', len);
	return (ssize_t)len;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	if (!guest.running)
		return __real_clock_gettime(id, ts);
	ts->tv_sec = 1000 + guest.clock / 1000;
	ts->tv_nsec = guest.clock % 1000 * 1000000;
	return 0;
}

static pam_handle_t *handle(void)
{
	return (pam_handle_t *)(void *)&guest;
}

void guest_begin(void)
{
	memset(&guest, 0, sizeof(guest));
	guest.user = "mia";
	guest.fail_errno = EIO;
}

int guest_authenticate(int flags, int argc, const char **argv)
{
	int result;

	guest.running = true;
	result = pam_sm_authenticate(handle(), flags, argc, argv);
	guest.running = false;
	return result;
}

int guest_acct_mgmt(int flags, int argc, const char **argv)
{
	int result;

	guest.running = true;
	result = pam_sm_acct_mgmt(handle(), flags, argc, argv);
	guest.running = false;
	return result;
}

void guest_end(void)
{
	guest.running = true;
	if (guest.data != NULL)
		guest.cleanup(handle(), guest.data, PAM_SUCCESS);
	guest.data = NULL;
	guest.running = false;
}

void guest_answer(const char *text)
{
	guest.answers[guest.nanswers++].text = text;
}

void guest_reply(const char *json)
{
	guest.replies[guest.nreplies].p = json;
	guest.replies[guest.nreplies++].len = strlen(json) + 1;
}

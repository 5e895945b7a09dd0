/* SPDX-License-Identifier: ISC
 *
 * See ask.h.  A support code is echoed: it is read back to the caller and good
 * once.  Where echo is off, a signal puts the terminal back before it acts.
 */
#include "ask.h"

#include "fail.h"

#include "../lib/log.h"
#include "../lib/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void note_signal(int sig)
{
	caught = sig;
}

enum status ask_open(struct ask *a, const struct invocation *in, const char *nothing)
{
	*a = (struct ask){ STDIN_FILENO, STDERR_FILENO, false };
	if (given_flag(in, "tty")) {
		a->in = a->out = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
		if (a->in < 0)
			return fail_with(STATUS_USAGE, "There is no terminal to ask on. %s",
			    nothing);
	}
	a->terminal = isatty(a->in);
	if (a->terminal && !isatty(a->out)) {
		int out = open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY);

		a->out = out < 0 ? a->in : out;	/* which may be open for reading alone */
	}
	return STATUS_DONE;
}

void ask_close(struct ask *a)
{
	if (a->out > STDERR_FILENO && a->out != a->in)
		close(a->out);
	if (a->in > STDERR_FILENO)
		close(a->in);
}

/* Whether what errno tells is no end.  A terminal that another program left in
 * O_NONBLOCK is waited for. */
static bool go_on(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	if (errno == EAGAIN)
		return poll(&p, 1, -1) >= 0 || errno == EINTR;
	return errno == EINTR;
}

static void write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && !go_on(fd, POLLOUT))
			return;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

/* The line without its end; what is over the cap is read and dropped. */
static enum cs_err read_line(int fd, char *line, size_t cap, size_t *len)
{
	size_t seen = 0;
	ssize_t n;
	char c = 0;

	*len = 0;
	while ((n = read(fd, &c, 1)) != 0 && c != '\n') {
		if (n < 0 && !caught && go_on(fd, POLLIN))
			continue;
		if (n < 0)
			return CS_ERR_SYSTEM;
		seen++;
		if (*len < cap)
			line[(*len)++] = c;
	}
	if (n == 0 && seen == 0)
		return CS_ERR_CLOSED;
	if (*len && line[*len - 1] == '\r')
		--*len;
	return CS_OK;
}

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define SIGNALS (sizeof(signals) / sizeof(*signals))

static void show_prompt(const struct ask *a, const char *prompt)
{
	if (a->terminal)
		write_all(a->out, prompt, strlen(prompt));
}

/* Without echo, so that nobody reads a grant over a shoulder; what is typed
 * after the prompt is not flushed. */
static enum cs_err read_quietly(const struct ask *a, const char *prompt, char *line, size_t cap,
    size_t *len)
{
	struct sigaction act = { .sa_handler = note_signal }, before[SIGNALS];
	struct termios was, quiet;
	enum cs_err e;

	if (tcgetattr(a->in, &was) < 0) {
		show_prompt(a, prompt);
		return read_line(a->in, line, cap, len);
	}
	caught = 0;
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &act, &before[i]);
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_cc[VSUSP] = _POSIX_VDISABLE;	/* a shell would turn echo on again */
	tcsetattr(a->in, TCSAFLUSH, &quiet);
	show_prompt(a, prompt);
	e = read_line(a->in, line, cap, len);
	tcsetattr(a->in, TCSAFLUSH, &was);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	write_all(a->out, "\n", 1);
	if (caught)
		raise(caught);
	return e;
}

enum cs_err ask_line(const struct ask *a, const char *prompt, bool echo, char *out)
{
	char line[ASK_MAX];
	size_t len = 0;
	enum cs_err e;

	if (a->terminal && !echo) {
		e = read_quietly(a, prompt, line, sizeof(line) - 1, &len);
	} else {
		show_prompt(a, prompt);
		e = read_line(a->in, line, sizeof(line) - 1, &len);
	}
	if (e == CS_OK) {
		cs_log_escape(out, ASK_MAX, line, len);
		/* A secret's bytes must not become others. */
		if (!echo && (strlen(out) != len || memcmp(out, line, len) != 0))
			e = CS_ERR_FORMAT;
	} else if (a->terminal && echo) {
		write_all(a->out, "\n", 1);
	}
	cs_wipe(line, sizeof(line));
	return e;
}

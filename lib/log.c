/* SPDX-License-Identifier: ISC
 *
 * One write(2) a line, or some whole lines, so that those of several
 * processes do not mix.  It
 * keeps errno, allocates nothing, and distrusts the text of peers: what could
 * move a cursor or turn a line round does not reach a terminal.
 */
#include "log.h"

#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM_MAX 64
#define LINE_MAX_LEN 4096	/* PIPE_BUF: written in one piece */

static struct {
	const char *program;
	enum cs_level most;
	bool journal, serves;
} config = { .program = "countersign", .most = CS_LOG_INFO };

static _Thread_local struct {
	bool on;
	size_t len;
	char text[LINE_MAX_LEN];
} held;

static _Thread_local unsigned lost;	/* writes that nobody had room for */

/* $JOURNAL_STREAM is inherited; it is about us only while standard error is
 * still the device and inode that it names (systemd.exec(5)). */
static bool speak_to_journal(void)
{
	const char *stream = secure_getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	if (stream == NULL || sscanf(stream, "%ju:%ju", &device, &inode) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void cs_log_init(const char *program, enum cs_level most)
{
	config.program = program;
	config.most = most;
	config.journal = speak_to_journal();
	config.serves = true;
}

/* What is left of a text of len bytes when a character that was cut in two at
 * its end is taken off. */
static size_t trim(const char *text, size_t len)
{
	size_t start = len;

	while (start > 0 && len - start < 4) {
		start--;
		if ((text[start] & 0xc0) != 0x80)
			return cs_utf8_valid(text + start, len - start) ? len : start;
	}
	return len;
}

/* Without printf: each decision has a line. */
static size_t put_prefix(enum cs_level level, char *line)
{
	size_t len = strnlen(config.program, PROGRAM_MAX);

	if (config.journal) {
		line[0] = '<';
		line[1] = (char)('0' + level);
		line[2] = '>';
		return 3;
	}
	memcpy(line, config.program, len);
	memcpy(line + len, ": ", 2);
	return len + 2;
}

/* A pipe with room has some for LINE_MAX_LEN bytes. */
static bool has_room(void)
{
	struct pollfd to = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&to, 1, 0) != 0;
}

static void write_whole(const char *text, size_t len)
{
	while (write(STDERR_FILENO, text, len) < 0 && errno == EINTR)
		;
}

static void say_lost(void)
{
	char line[PROGRAM_MAX + 80];
	size_t prefix = put_prefix(CS_LOG_WARNING, line);
	int n = snprintf(line + prefix, sizeof(line) - prefix,
	    "%u pieces of this log are missing: nobody read it\n", lost);

	lost = 0;
	write_whole(line, prefix + (size_t)n);
}

static void write_lines(const char *text, size_t len)
{
	int saved = errno;

	if (lost > 0 && has_room())
		say_lost();
	if (!config.serves || has_room())
		write_whole(text, len);
	else
		lost++;
	errno = saved;
}

void cs_log_release(void)
{
	if (held.len > 0)
		write_lines(held.text, held.len);
	held.len = 0;
	held.on = false;
}

void cs_log_hold(void)
{
	held.on = true;
}

/* The len bytes of a line, for which there is room for a line feed. */
static void end_line(char *line, size_t len)
{
	line[len++] = '\n';
	if (!held.on) {
		write_lines(line, len);
		return;
	}
	if (len > sizeof(held.text) - held.len) {
		cs_log_release();
		held.on = true;
	}
	memcpy(held.text + held.len, line, len);
	held.len += len;
}

void cs_log_text(enum cs_level level, const char *text, size_t len)
{
	char line[LINE_MAX_LEN] CS_UNCLEARED;
	size_t prefix;

	if (level > config.most)
		return;
	prefix = put_prefix(level, line);
	if (len > sizeof(line) - 1 - prefix)
		len = trim(text, sizeof(line) - 1 - prefix);
	memcpy(line + prefix, text, len);
	end_line(line, prefix + len);
}

void cs_log(enum cs_level level, const char *fmt, ...)
{
	char line[LINE_MAX_LEN] CS_UNCLEARED;
	int n;
	size_t prefix, len;
	va_list ap;

	if (level > config.most)
		return;
	prefix = put_prefix(level, line);
	va_start(ap, fmt);
	n = vsnprintf(line + prefix, sizeof(line) - prefix, fmt, ap);
	va_end(ap);

	len = prefix + (n > 0 ? (size_t)n : 0);
	if (len >= sizeof(line))
		len = trim(line, sizeof(line) - 1);
	end_line(line, len);
}

/* SPDX-License-Identifier: ISC
 *
 * One write(2) a line, so that lines of several processes do not mix.  It
 * keeps errno, allocates nothing, and distrusts the text of peers: what could
 * move a cursor or turn a line round does not reach a terminal.
 */
#include "log.h"

#include "wire.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_LEN 4096	/* PIPE_BUF: written in one piece */

static struct {
	const char *program;
	enum cs_level most;
	bool journal;
} config = { .program = "countersign", .most = CS_LOG_INFO };

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

void cs_log(enum cs_level level, const char *fmt, ...)
{
	char line[LINE_MAX_LEN];
	int saved = errno, prefix, n;
	size_t len;
	va_list ap;

	if (level > config.most)
		return;
	if (config.journal)
		prefix = snprintf(line, sizeof(line), "<%d>", (int)level);
	else
		prefix = snprintf(line, sizeof(line), "%.64s: ", config.program);
	errno = saved;		/* for %m */
	va_start(ap, fmt);
	n = vsnprintf(line + prefix, sizeof(line) - (size_t)prefix, fmt, ap);
	va_end(ap);

	len = (size_t)prefix + (n > 0 ? (size_t)n : 0);
	if (len >= sizeof(line))
		len = trim(line, sizeof(line) - 1);
	line[len++] = '\n';
	while (write(STDERR_FILENO, line, len) < 0 && errno == EINTR)
		;
	errno = saved;
}

/* The character at text and its length; a broken byte is U+0000. */
static uint32_t read_character(const char *text, size_t len, size_t *n)
{
	unsigned char lead = (unsigned char)text[0];
	uint32_t c;

	*n = 1 + (lead >= 0x80) + (lead >= 0xe0) + (lead >= 0xf0);
	if (*n > len || !cs_utf8_valid(text, *n)) {
		*n = 1;
		return 0;
	}
	if (*n == 1)
		return lead;
	c = lead & (0x7fu >> *n);
	for (size_t i = 1; i < *n; i++)
		c = c << 6 | ((unsigned char)text[i] & 0x3fu);
	return c;
}

static bool is_harmful(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f },		/* C0, DEL, C1: a terminal obeys */
		{ 0x061c, 0x061c }, { 0x200e, 0x200f },	/* bidi marks */
		{ 0x2028, 0x202e },			/* line ends, embeddings, overrides */
		{ 0x2066, 0x2069 },			/* isolates */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

char *cs_log_escape(char *out, size_t cap, const char *text, size_t len)
{
	size_t used = 0, at = 0, n;

	while (at < len) {
		uint32_t c = read_character(text + at, len - at, &n);
		bool shown = !is_harmful(c);

		if (used + (shown ? n : 1) >= cap)
			break;
		if (shown)
			memcpy(out + used, text + at, n);
		else
			out[used] = '?';
		used += shown ? n : 1;
		at += n;
	}
	out[used] = '\0';
	return out;
}

/* SPDX-License-Identifier: ISC
 *
 * See source.h.
 */
#include "source.h"

#include "fail.h"

#include "../lib/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_CAP 65536

static enum status fail_system(const char *path)
{
	return fail_with(STATUS_USAGE, "%s cannot be read: %s.", path, strerror(errno));
}

static enum status fail_size(const char *path, size_t most)
{
	return fail_with(STATUS_USAGE, "%s is larger than %zu MiB. Nothing was imported.", path,
	    most >> 20);
}

/* No realloc, which would leave a copy of secrets behind. */
static bool grow(struct source *s)
{
	size_t cap = s->cap * 2;
	char *text = malloc(cap + 1);

	if (text == NULL)
		return false;
	memcpy(text, s->text, s->len);
	cs_free_secret(&s->text, s->cap);
	s->text = text;
	s->cap = cap;
	return true;
}

static enum status read_all(int fd, size_t most, struct source *s)
{
	ssize_t n;

	while ((n = read(fd, s->text + s->len, s->cap - s->len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_system(s->path);
		s->len += (size_t)n;
		if (s->len > most)
			return fail_size(s->path, most);
		if (s->len == s->cap && !grow(s))
			return fail_call(CS_ERR_NOMEM, "", false);
	}
	s->text[s->len] = '\0';
	return STATUS_DONE;
}

static enum status read_file(int fd, size_t most, struct source *s)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_system(s->path);
	if (S_ISREG(st.st_mode) && st.st_size > (off_t)most)
		return fail_size(s->path, most);
	s->cap = S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : FIRST_CAP;
	s->text = malloc(s->cap + 1);
	if (s->text == NULL)
		return fail_call(CS_ERR_NOMEM, "", false);
	return read_all(fd, most, s);
}

enum status source_read(const char *path, size_t most, struct source *s)
{
	enum status status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	*s = (struct source){ .path = path };
	if (fd < 0)
		return fail_system(path);
	status = read_file(fd, most, s);
	close(fd);
	if (status != STATUS_DONE)
		source_clear(s);
	return status;
}

void source_clear(struct source *s)
{
	cs_free_secret(&s->text, s->cap);
	*s = (struct source){ .path = NULL };
}

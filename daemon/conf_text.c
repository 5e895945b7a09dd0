/* SPDX-License-Identifier: ISC
 *
 * Distrusts who else can write the file, and its size.  A tree that libconfuse
 * refused is half filled and never handed out.
 */
#include "conf_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20)

static bool trust_file(const char *path, const struct stat *st)
{
	if (!S_ISREG(st->st_mode)) {
		conf_fault(path, 0, "this is not a regular file: name one");
		return false;
	}
	if (geteuid() == 0 && (st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		conf_fault(path, 0, "others than its owner may write this file: chmod go-w it");
		return false;
	}
	return true;
}

/* To the end, whatever size was told.  A line end is put after the text, which
 * has room for FILE_MAX and that. */
static enum cs_err read_all(const char *path, int fd, char *text, size_t *len)
{
	*len = 0;
	while (*len <= FILE_MAX) {
		ssize_t n = read(fd, text + *len, FILE_MAX + 1 - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			conf_fault(path, 0, "cannot be read: %s", strerror(errno));
			return CS_ERR_CONFIG;
		}
		if (n == 0) {
			text[(*len)++] = '\n';
			return CS_OK;
		}
		*len += (size_t)n;
	}
	conf_fault(path, 0, "this file is larger than 1 MiB: is it the right one?");
	return CS_ERR_CONFIG;
}

static enum cs_err read_file(struct source *src)
{
	struct stat st;
	enum cs_err e = CS_ERR_CONFIG;
	int fd = open(src->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0) {
		conf_fault(src->path, 0, "cannot be opened: %s", strerror(errno));
		goto out;
	}
	if (!trust_file(src->path, &st))
		goto out;
	src->text = malloc(FILE_MAX + 1);
	if (src->text == NULL) {
		e = CS_ERR_NOMEM;
		goto out;
	}
	e = read_all(src->path, fd, src->text, &src->len);
out:
	if (fd >= 0)
		close(fd);
	return e;
}

static enum cs_err scan(struct source *src)
{
	return conf_scan(src->path, src->text, src->len, &src->scan);
}

enum cs_err conf_text_read(struct source *src, const char *path)
{
	*src = (struct source){ .path = path };
	enum cs_err e = read_file(src);
	return e == CS_OK ? scan(src) : e;
}

enum cs_err conf_text_take(struct source *src, const char *path, const char *text)
{
	*src = (struct source){ .path = path, .text = strdup(text), .len = strlen(text) };
	return src->text != NULL ? scan(src) : CS_ERR_NOMEM;
}

static void log_cb(cfg_t *tree, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void log_cb(cfg_t *tree, const char *fmt, va_list ap)
{
	char sentence[256];
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	conf_fault(tree->filename, tree->line, "%s", sentence);
}

enum cs_err conf_text_parse(struct source *src, cfg_opt_t *rows)
{
	FILE *f = fmemopen(src->text, src->len, "r");
	src->tree = cfg_init(rows, CFGF_NONE);	/* copies the rows */
	enum cs_err e = CS_ERR_NOMEM;
	if (f == NULL || src->tree == NULL || (src->tree->filename = strdup(src->path)) == NULL)
		goto out;
	cfg_set_error_function(src->tree, log_cb);
	e = cfg_parse_fp(src->tree, f) == CFG_SUCCESS ? CS_OK : CS_ERR_CONFIG;
out:
	if (f != NULL)
		fclose(f);
	return e;
}

void conf_text_clear(struct source *src)
{
	if (src->tree != NULL)
		cfg_free(src->tree);
	conf_scan_clear(&src->scan);
	free(src->text);
	*src = (struct source){ 0 };
}

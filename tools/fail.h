/* SPDX-License-Identifier: ISC
 *
 * What did not work, for people, and the exit status that says it to scripts.
 * One table for the daemon's typed errors, one for our own.
 */
#pragma once

#include "invocation.h"

#include <stdarg.h>

/* The daemon's typed error: its sentence to standard error (with --json the
 * object to standard output too). */
enum status fail_reply(const struct invocation *, const struct cs_msg *);

/* No answer: why the question could not be put to the socket at path.  sent:
 * it may have reached the daemon. */
enum status fail_call(enum cs_err, const char *path, bool sent);

/* Lines to standard error, without what a terminal would obey: arguments and
 * other people's files are in them. */
void fail_print(const char *fmt, va_list) __attribute__((format(printf, 1, 0)));

/* A sentence of our own.  Returns the status, so that callers can return it. */
enum status fail_with(enum status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

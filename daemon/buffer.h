/* SPDX-License-Identifier: ISC
 *
 * Bytes that grow and may hold a code: whatever memory they leave is wiped.
 */
#pragma once

#include "../lib/err.h"

#include <stddef.h>

struct buffer {
	char *p;
	size_t len, cap;
};

/* Room for at least "more" bytes after len; CS_ERR_NOMEM changes nothing. */
enum cs_err buffer_room(struct buffer *, size_t more);
enum cs_err buffer_append(struct buffer *, const void *p, size_t len);
/* Takes the first n bytes away. */
void buffer_shift(struct buffer *, size_t n);
void buffer_clear(struct buffer *);

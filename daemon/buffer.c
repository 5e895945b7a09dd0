/* SPDX-License-Identifier: ISC
 *
 * Growth without realloc, which would leave a copy of a code behind.
 */
#include "buffer.h"

#include "../lib/secret.h"

#include <stdlib.h>
#include <string.h>

enum cs_err buffer_room(struct buffer *b, size_t more)
{
	size_t cap = b->cap * 2 > b->len + more ? b->cap * 2 : b->len + more;
	char *p;

	if (b->cap - b->len >= more)
		return CS_OK;
	p = malloc(cap);
	if (p == NULL)
		return CS_ERR_NOMEM;
	if (b->len > 0)
		memcpy(p, b->p, b->len);
	cs_free_secret(&b->p, b->cap);
	b->p = p;
	b->cap = cap;
	return CS_OK;
}

enum cs_err buffer_append(struct buffer *b, const void *p, size_t len)
{
	enum cs_err e = buffer_room(b, len);

	if (e == CS_OK && len > 0) {
		memcpy(b->p + b->len, p, len);
		b->len += len;
	}
	return e;
}

void buffer_shift(struct buffer *b, size_t n)
{
	b->len -= n;
	if (b->len == 0)
		buffer_clear(b);
	else
		memmove(b->p, b->p + n, b->len);
}

void buffer_clear(struct buffer *b)
{
	cs_free_secret(&b->p, b->cap);
	b->len = b->cap = 0;
}

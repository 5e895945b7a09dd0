/* SPDX-License-Identifier: ISC
 *
 * Staged writes: a head, the key and the value of each, packed.  The memory
 * only grows, so that after the first requests nothing is allocated.
 */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 65536

struct head {
	uint32_t table, del, key_len, val_len;
};

void stage_fail(struct stage *stage, enum cs_err e)
{
	if (stage->err == CS_OK)
		stage->err = e;
}

static bool reserve(struct stage *stage, size_t more)
{
	size_t cap = stage->cap > 0 ? stage->cap : FIRST_CAP;
	uint8_t *buf;

	if (stage->err != CS_OK)
		return false;
	if (stage->cap - stage->len >= more)
		return true;
	while (cap - stage->len < more)
		cap *= 2;
	buf = realloc(stage->buf, cap);
	if (buf == NULL) {
		stage_fail(stage, CS_ERR_NOMEM);
		return false;
	}
	stage->buf = buf;
	stage->cap = cap;
	return true;
}

static void append(struct stage *stage, const void *p, size_t len)
{
	if (len > 0)
		memcpy(stage->buf + stage->len, p, len);
	stage->len += len;
}

static bool add_row(struct stage *stage, enum table table, bool del, struct bytes key, size_t most)
{
	struct head head = { .table = table, .del = del, .key_len = (uint32_t)key.len };

	if (!reserve(stage, sizeof(head) + key.len + most))
		return false;
	stage->open = stage->len;
	append(stage, &head, sizeof(head));
	append(stage, key.p, key.len);
	return true;
}

void stage_put(struct stage *stage, enum table table, struct bytes key, struct bytes val)
{
	if (!add_row(stage, table, false, key, val.len))
		return;
	if (val.len > 0)
		memcpy(stage->buf + stage->len, val.p, val.len);
	stage_fill(stage, val.len);
}

void stage_del(struct stage *stage, enum table table, struct bytes key)
{
	add_row(stage, table, true, key, 0);
}

uint8_t *stage_room(struct stage *stage, enum table table, struct bytes key, size_t most)
{
	return add_row(stage, table, false, key, most) ? stage->buf + stage->len : NULL;
}

void stage_fill(struct stage *stage, size_t len)
{
	struct head head;

	memcpy(&head, stage->buf + stage->open, sizeof(head));
	head.val_len = (uint32_t)len;
	memcpy(stage->buf + stage->open, &head, sizeof(head));
	stage->len += len;
}

bool stage_next(const struct stage *stage, size_t *at, struct staged *row)
{
	const uint8_t *p;
	struct head head;

	if (*at == stage->len)	/* buf may be NULL */
		return false;
	p = stage->buf + *at;
	memcpy(&head, p, sizeof(head));
	p += sizeof(head);
	*row = (struct staged){
		.table = (enum table)head.table,
		.del = head.del,
		.key = { p, head.key_len },
		.val = { p + head.key_len, head.val_len },
	};
	*at += sizeof(head) + head.key_len + head.val_len;
	return true;
}

void stage_clear(struct stage *stage)
{
	stage->len = 0;
	stage->err = CS_OK;
}

void stage_free(struct stage *stage)
{
	free(stage->buf);
	*stage = (struct stage){ .buf = NULL };
}

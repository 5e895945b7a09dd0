/* SPDX-License-Identifier: ISC
 *
 * A reply is copied out of the connection's buffer into one piece of memory of
 * just its size, because a page may hold many; it is wiped when it is freed.
 */
#include "answer.h"

#include "../lib/secret.h"

#include <stdlib.h>
#include <string.h>

struct row {
	size_t size;
	size_t nfields;
	struct cs_field *fields;
	struct cs_str *strings;
	char *text;
};

struct holder {
	struct answer answer;
	char error[64];
	size_t cap, bytes;
};

struct answer *answer_new(void)
{
	struct holder *h = calloc(1, sizeof(*h));

	return h != NULL ? &h->answer : NULL;
}

void answer_free(struct answer *a)
{
	struct holder *h = (struct holder *)a;

	if (h == NULL)
		return;
	for (size_t i = 0; i < h->cap && h->answer.rows[i] != NULL; i++) {
		char *p = (char *)h->answer.rows[i];

		cs_free_secret(&p, h->answer.rows[i]->size);
	}
	free(h->answer.rows);
	free(h);
}

static const char *move(const char *p, const char *from, char *to)
{
	return p != NULL ? to + (p - from) : NULL;
}

static struct row *copy_row(const struct cs_msg *msg, const char *frame, size_t len)
{
	size_t fields = msg->nfields * sizeof(*msg->fields);
	size_t strings = msg->nstrings * sizeof(*msg->strings);
	size_t size = sizeof(struct row) + fields + strings + len;
	struct row *row = malloc(size);

	if (row == NULL)
		return NULL;
	*row = (struct row){ .size = size, .nfields = msg->nfields };
	row->fields = (struct cs_field *)(row + 1);
	row->strings = (struct cs_str *)(row->fields + msg->nfields);
	row->text = (char *)(row->strings + msg->nstrings);
	memcpy(row->fields, msg->fields, fields);
	memcpy(row->strings, msg->strings, strings);
	memcpy(row->text, frame, len);
	for (size_t i = 0; i < msg->nstrings; i++)
		row->strings[i].p = move(msg->strings[i].p, frame, row->text);
	for (size_t i = 0; i < msg->nfields; i++) {
		struct cs_field *f = &row->fields[i];

		f->name.p = move(f->name.p, frame, row->text);
		if (f->type == CS_STRING)
			f->string.p = move(f->string.p, frame, row->text);
		else if (f->type == CS_STRINGS)
			f->strings.at = row->strings + (f->strings.at - msg->strings);
	}
	return row;
}

/* Keeps one NULL behind the last, for answer_free. */
static bool make_room(struct holder *h)
{
	size_t cap = h->cap > 0 ? 2 * h->cap : 4;
	struct row **rows;

	if (h->answer.n + 2 <= h->cap)
		return true;
	rows = realloc(h->answer.rows, cap * sizeof(struct row *));
	if (rows == NULL)
		return false;
	memset(rows + h->cap, 0, (cap - h->cap) * sizeof(struct row *));
	h->answer.rows = rows;
	h->cap = cap;
	return true;
}

/* Its parameters, the row just added, become row 0. */
static void put_error(struct holder *h, struct cs_str name)
{
	struct row **rows = h->answer.rows, *detail = rows[h->answer.n];
	size_t from = name.len;

	rows[h->answer.n] = rows[0];
	rows[0] = detail;
	while (from > 0 && name.p[from - 1] != '.')
		from--;
	name.p += from;
	name.len -= from;
	if (name.len >= sizeof(h->error))
		name.len = sizeof(h->error) - 1;
	memcpy(h->error, name.p, name.len);
	h->error[name.len] = '\0';
	h->answer.error = h->error;
	h->answer.n = 0;
}

enum cs_err answer_add(struct answer *a, char *frame, size_t len, bool *more)
{
	static struct cs_msg msg;
	struct holder *h = (struct holder *)a;
	enum cs_err e = cs_msg_decode(frame, len, &msg);

	if (e != CS_OK)
		return e;
	if (msg.method.p != NULL || a->error != NULL)
		return CS_ERR_FORMAT;
	h->bytes += len;
	if (h->bytes > ANSWER_BYTES)
		return CS_ERR_LIMIT;
	*more = msg.continues && msg.error.p == NULL;
	/* A list's end says nothing; a single reply may, too. */
	if (msg.error.p == NULL && !msg.continues && msg.nfields == 0 && a->n > 0)
		return CS_OK;
	if (a->n >= ANSWER_ROWS)
		return CS_ERR_LIMIT;
	if (!make_room(h))
		return CS_ERR_NOMEM;
	a->rows[a->n] = copy_row(&msg, frame, len);
	if (a->rows[a->n] == NULL)
		return CS_ERR_NOMEM;
	if (msg.error.p != NULL)
		put_error(h, msg.error);
	else if (msg.nfields > 0 || msg.continues)
		a->n++;
	return CS_OK;
}

void answer_fail(struct answer *a, const char *error)
{
	a->n = 0;
	a->error = error;
}

static const struct cs_field *find(const struct answer *a, size_t row, const char *name,
    enum cs_type type)
{
	const struct row *r;

	if (a == NULL || a->rows == NULL || row >= (a->error != NULL ? 1 : a->n) ||
	    a->rows[row] == NULL)
		return NULL;
	r = a->rows[row];
	for (size_t i = 0; i < r->nfields; i++)
		if (r->fields[i].type == type && cs_str_is(r->fields[i].name, name))
			return &r->fields[i];
	return NULL;
}

struct cs_str answer_string(const struct answer *a, size_t row, const char *name)
{
	const struct cs_field *f = find(a, row, name, CS_STRING);

	return f != NULL ? f->string : CS_STR("");
}

int64_t answer_int(const struct answer *a, size_t row, const char *name)
{
	const struct cs_field *f = find(a, row, name, CS_INT);

	return f != NULL ? f->integer : 0;
}

bool answer_bool(const struct answer *a, size_t row, const char *name)
{
	const struct cs_field *f = find(a, row, name, CS_BOOL);

	return f != NULL && f->boolean;
}

bool answer_has(const struct answer *a, size_t row, const char *name)
{
	return find(a, row, name, CS_STRING) != NULL || find(a, row, name, CS_INT) != NULL ||
	    find(a, row, name, CS_BOOL) != NULL || find(a, row, name, CS_STRINGS) != NULL;
}

size_t answer_strings(const struct answer *a, size_t row, const char *name,
    const struct cs_str **at)
{
	const struct cs_field *f = find(a, row, name, CS_STRINGS);

	*at = f != NULL ? f->strings.at : NULL;
	return f != NULL ? f->strings.n : 0;
}

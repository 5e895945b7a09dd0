/* SPDX-License-Identifier: ISC
 *
 * Nothing of the codec is used to look at jansson's side, and nothing of
 * jansson to look at the codec's.
 */
#include "wire_jansson.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A copy of exactly this size, so that a sanitizer sees a step past it. */
static char *copy(const char *bytes, size_t len)
{
	char *p = malloc(len > 0 ? len : 1);

	if (p == NULL)
		abort();
	if (len > 0)
		memcpy(p, bytes, len);
	return p;
}

/* What wire.h allows, as a walk over jansson's tree. */

static bool allows_field(json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			return false;
	return !json_is_real(value) && !json_is_object(value);
}

static bool allows_parameters(json_t *parameters)
{
	size_t strings = 0;

	for (void *i = json_object_iter(parameters); i; i = json_object_iter_next(parameters, i)) {
		if (!allows_field(json_object_iter_value(i)))
			return false;
		strings += json_array_size(json_object_iter_value(i));
	}
	return json_object_size(parameters) <= CS_FIELDS_MAX && strings <= CS_STRINGS_MAX;
}

static bool allows_member(const char *name, json_t *value)
{
	if (json_is_null(value))
		return true;
	if (strcmp(name, "parameters") == 0)
		return json_is_object(value) && allows_parameters(value);
	if (strcmp(name, "method") == 0 || strcmp(name, "error") == 0)
		return json_is_string(value);
	if (strcmp(name, "more") == 0 || strcmp(name, "oneway") == 0 ||
	    strcmp(name, "upgrade") == 0 || strcmp(name, "continues") == 0)
		return json_is_boolean(value);
	return json_is_string(value) || json_is_integer(value) || json_is_boolean(value);
}

static bool allows(json_t *root, size_t len)
{
	if (len > CS_FRAME_MAX || !json_is_object(root) || json_object_size(root) > CS_MEMBERS_MAX)
		return false;
	for (void *i = json_object_iter(root); i; i = json_object_iter_next(root, i))
		if (!allows_member(json_object_iter_key(i), json_object_iter_value(i)))
			return false;
	return true;
}

static bool is_string(struct cs_str s, const json_t *value)
{
	return json_is_string(value) && json_string_length(value) == s.len &&
	    memcmp(json_string_value(value), s.p, s.len) == 0;
}

static bool is_field(const struct cs_field *f, const json_t *value)
{
	switch (f->type) {
	case CS_NULL:
		return json_is_null(value);
	case CS_BOOL:
		return json_is_boolean(value) && json_is_true(value) == f->boolean;
	case CS_INT:
		return json_is_integer(value) && json_integer_value(value) == f->integer;
	case CS_STRING:
		return is_string(f->string, value);
	case CS_STRINGS:
		if (!json_is_array(value) || json_array_size(value) != f->strings.n)
			return false;
		for (size_t i = 0; i < f->strings.n; i++)
			if (!is_string(f->strings.at[i], json_array_get(value, i)))
				return false;
		return true;
	}
	return false;
}

static bool is_text(struct cs_str s, const json_t *root, const char *name)
{
	const json_t *value = json_object_get(root, name);

	return s.p == NULL ? value == NULL || json_is_null(value) : is_string(s, value);
}

static bool is_message(const struct cs_msg *m, const json_t *root)
{
	const json_t *parameters = json_object_get(root, "parameters");

	if (!is_text(m->method, root, "method") || !is_text(m->error, root, "error") ||
	    m->more != json_is_true(json_object_get(root, "more")) ||
	    m->oneway != json_is_true(json_object_get(root, "oneway")) ||
	    m->upgrade != json_is_true(json_object_get(root, "upgrade")) ||
	    m->continues != json_is_true(json_object_get(root, "continues")) ||
	    m->nfields != json_object_size(parameters))
		return false;
	for (size_t i = 0; i < m->nfields; i++) {
		const struct cs_field *f = &m->fields[i];

		if (!is_field(f, json_object_getn(parameters, f->name.p, f->name.len)))
			return false;
	}
	return true;
}

static char *terminate(struct cs_str s)
{
	char *p = malloc(s.len + 1);

	if (p == NULL)
		abort();
	memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return p;
}

static void put_field(struct cs_writer *w, const struct cs_field *f)
{
	char *name = terminate(f->name);

	switch (f->type) {
	case CS_NULL:		/* the writer leaves out what is absent */
		break;
	case CS_BOOL:
		cs_put_bool(w, name, f->boolean);
		break;
	case CS_INT:
		cs_put_int(w, name, f->integer);
		break;
	case CS_STRING:
		cs_put_string(w, name, f->string);
		break;
	case CS_STRINGS:
		cs_put_strings(w, name, f->strings.at, f->strings.n);
		break;
	}
	free(name);
}

static enum cs_err encode(const struct cs_msg *m, char *buf, size_t cap, size_t *len)
{
	struct cs_str title = m->method.p != NULL ? m->method : m->error;
	struct cs_writer w;
	char *name = terminate(title.p != NULL ? title : CS_STR(""));

	if (m->method.p != NULL)
		cs_writer_call(&w, buf, cap, name, m->more);
	else if (m->error.p != NULL)
		cs_writer_error(&w, buf, cap, name);
	else
		cs_writer_reply(&w, buf, cap, m->continues);
	free(name);
	for (size_t i = 0; i < m->nfields; i++)
		put_field(&w, &m->fields[i]);
	return cs_writer_end(&w, len);
}

static bool same_text(struct cs_str a, struct cs_str b)
{
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

static bool same_field(const struct cs_field *a, const struct cs_field *b)
{
	if (!same_text(a->name, b->name) || a->type != b->type)
		return false;
	switch (a->type) {
	case CS_NULL:
		return true;
	case CS_BOOL:
		return a->boolean == b->boolean;
	case CS_INT:
		return a->integer == b->integer;
	case CS_STRING:
		return same_text(a->string, b->string);
	case CS_STRINGS:
		for (size_t i = 0; i < a->strings.n && i < b->strings.n; i++)
			if (!same_text(a->strings.at[i], b->strings.at[i]))
				return false;
		return a->strings.n == b->strings.n;
	}
	return false;
}

static bool same_message(const struct cs_msg *a, const struct cs_msg *b)
{
	size_t at = 0;

	if (a->method.p != NULL ? b->method.p == NULL || !same_text(a->method, b->method) :
	    a->error.p != NULL ? b->error.p == NULL || !same_text(a->error, b->error) :
	    a->continues != b->continues)
		return false;
	if (a->method.p != NULL && a->more != b->more)
		return false;
	for (size_t i = 0; i < a->nfields; i++)
		if (a->fields[i].type != CS_NULL &&
		    (at == b->nfields || !same_field(&a->fields[i], &b->fields[at++])))
			return false;
	return at == b->nfields;
}

static const char *write_and_read(const struct cs_msg *m, size_t original)
{
	/* What the writer says of its own accord, and a short original need not. */
	static const char own[] = "{\"error\":\"\",\"parameters\":{},\"continues\":true}";
	char *buf = malloc(CS_FRAME_MAX + 1);
	struct cs_msg *again = malloc(sizeof(*again));
	const char *why = NULL;
	enum cs_err e;
	size_t len;

	if (buf == NULL || again == NULL)
		abort();
	e = encode(m, buf, CS_FRAME_MAX + 1, &len);
	if (e == CS_ERR_LIMIT && original + sizeof(own) > CS_FRAME_MAX)
		why = NULL;
	else if (e != CS_OK)
		why = "what was decoded cannot be encoded";
	else if (strlen(buf) != len - 1)
		why = "the length is not that of the frame and its NUL";
	else if (cs_msg_decode(buf, len - 1, again) != CS_OK)
		why = "what was encoded cannot be decoded";
	else if (!same_message(m, again))
		why = "encoded and decoded again it is another message";
	free(buf);
	free(again);
	return why;
}

/* A NUL is in no JSON text, but jansson 2.14 overlooks one that comes right
 * after a number or a word ("true\0}"). */
static json_t *load(const char *bytes, size_t len)
{
	if (memchr(bytes, '\0', len) != NULL)
		return NULL;
	return json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
}

enum judgement judge(const char *bytes, size_t len, const char **why)
{
	char *mine = copy(bytes, len), *theirs = copy(bytes, len);
	struct cs_msg *m = malloc(sizeof(*m));
	json_t *root = load(theirs, len);
	enum judgement j;

	if (m == NULL)
		abort();
	*why = NULL;
	if (cs_msg_decode(mine, len, m) == CS_OK) {
		j = BOTH_TAKE;
		if (root == NULL)
			*why = "the codec takes what jansson refuses";
		else if (!allows(root, len))
			*why = "the codec takes what wire.h forbids";
		else if (!is_message(m, root))
			*why = "the codec and jansson read different values";
		else
			*why = write_and_read(m, len);
	} else {
		j = root == NULL ? BOTH_REFUSE : RESTRICTED;
		if (root != NULL && allows(root, len))
			*why = "the codec refuses what wire.h allows";
	}
	json_decref(root);
	free(m);
	free(mine);
	free(theirs);
	return *why != NULL ? DISAGREE : j;
}

/* SPDX-License-Identifier: ISC
 *
 * Writes the frames that answer a request, and reads its parameters.  A reply
 * that could not be written whole is remembered as failed (reply->err), so
 * that batch.c drops what the handler did: nobody acts on half an answer.
 */
#include "request.h"

#include "buffer.h"
#include "listener.h"
#include "name.h"
#include "say.h"

#include "../lib/secret.h"

#include <stdio.h>
#include <string.h>

#define ECHO_MAX 255	/* bytes of a peer's text that an error repeats */

/* Memory for one more frame of any allowed size. */
static bool make_room(struct reply *reply)
{
	struct buffer b = { reply->buf, reply->len, reply->cap };
	enum cs_err e = buffer_room(&b, CS_FRAME_MAX + 1);

	reply->buf = b.p;
	reply->cap = b.cap;
	if (reply->err == CS_OK)
		reply->err = e;
	return reply->err == CS_OK;
}

/* After a failure what is put goes nowhere, and reply_end says so. */
static struct cs_writer *open_frame(struct reply *reply, const char *error, bool continues)
{
	struct cs_writer *w = &reply->writer;

	if (!make_room(reply))
		*w = (struct cs_writer){ .err = reply->err };
	else if (error != NULL)
		cs_writer_error(w, reply->buf + reply->len, CS_FRAME_MAX + 1, error);
	else
		cs_writer_reply(w, reply->buf + reply->len, CS_FRAME_MAX + 1, continues);
	reply->open = true;
	return w;
}

struct cs_writer *reply_begin(struct request *r, bool continues)
{
	return open_frame(r->reply, NULL, continues);
}

struct cs_writer *reply_error(struct request *r, const char *error)
{
	char whole[128];

	if (strchr(error, '.') != NULL)
		return open_frame(r->reply, error, false);
	snprintf(whole, sizeof(whole), "io.countersign.%s.%s", door_name(r->door), error);
	return open_frame(r->reply, whole, false);
}

enum cs_err reply_end(struct request *r)
{
	struct reply *reply = r->reply;
	size_t len;
	enum cs_err e = reply->err;

	reply->open = false;
	if (e == CS_OK)
		e = cs_writer_end(&reply->writer, &len);
	if (e == CS_OK)
		reply->len += len;
	reply->err = e;
	return e;
}

enum cs_err reply_done(struct request *r)
{
	reply_begin(r, false);
	return reply_end(r);
}

void reply_clear(struct reply *reply)
{
	cs_free_secret(&reply->buf, reply->cap);
	*reply = (struct reply){ 0 };
}

void reply_restart(struct reply *reply)
{
	struct reply kept = { .buf = reply->buf, .cap = reply->cap };
	bool whole = reply->err == CS_OK && !reply->open;

	if (reply->cap > CS_FRAME_MAX + 1) {
		reply_clear(reply);
		return;
	}
	if (reply->cap > 0)
		cs_wipe(reply->buf, whole ? reply->len : reply->cap);
	*reply = kept;
}

enum cs_err refuse_parameter(struct request *r, const char *name)
{
	struct cs_writer *w = reply_error(r, "org.varlink.service.InvalidParameter");

	cs_put_string(w, "parameter", cs_str(name));
	reply_end(r);
	return CS_ERR_ANSWERED;
}

enum cs_err refuse_error(struct request *r, const char *error, const char *say)
{
	struct cs_writer *w = reply_error(r, error);

	cs_put_string(w, "say", cs_str(say));
	reply_end(r);
	return CS_ERR_ANSWERED;
}

enum cs_err refuse_unavailable(struct request *r, const char *why)
{
	struct cs_writer *w = reply_error(r, "Unavailable");

	cs_put_string(w, "why", cs_str(why));
	reply_end(r);
	return CS_ERR_ANSWERED;
}

enum cs_err refuse_busy(struct request *r, int64_t wait, const char *say)
{
	struct cs_writer *w = reply_error(r, "Throttled");

	cs_put_int(w, "wait", wait);
	cs_put_string(w, "say", cs_str(say));
	reply_end(r);
	return CS_ERR_ANSWERED;
}

enum cs_err refuse_throttled(struct request *r, int64_t wait, const char *because)
{
	const struct say_facts facts = { .wait = wait, .because = because };
	char say[SAY_MAX];

	return refuse_busy(r, wait, say_to_customer(CS_THROTTLED, &facts, say));
}

enum cs_err refuse_named(struct request *r, const char *error, const char *field,
    struct cs_str value, const char *say)
{
	struct cs_writer *w = reply_error(r, error);

	cs_put_string(w, field, text_cut(value, ECHO_MAX));	/* the whole may not fit */
	if (say != NULL)
		cs_put_string(w, "say", cs_str(say));
	reply_end(r);
	return CS_ERR_ANSWERED;
}

enum cs_err answer_refused(struct request *r, const char *why, const char *say)
{
	refuse_named(r, "Refused", "why", cs_str(why), say);
	return r->reply->err;
}

enum cs_err may_string(struct request *r, const char *name, struct cs_str *out)
{
	enum cs_err e = cs_msg_string(r->in, name, out);

	if (e == CS_ERR_NOTFOUND)
		*out = CS_STR("");
	return e == CS_OK || e == CS_ERR_NOTFOUND ? CS_OK : refuse_parameter(r, name);
}

enum cs_err want_string(struct request *r, const char *name, struct cs_str *out)
{
	enum cs_err e = may_string(r, name, out);

	return e == CS_OK && out->len == 0 ? refuse_parameter(r, name) : e;
}

enum cs_err may_bool(struct request *r, const char *name, bool *out)
{
	enum cs_err e = cs_msg_bool(r->in, name, out);

	return e == CS_OK || e == CS_ERR_NOTFOUND ? CS_OK : refuse_parameter(r, name);
}

enum cs_err may_int(struct request *r, const char *name, int64_t *out)
{
	enum cs_err e = cs_msg_int(r->in, name, out);

	return e == CS_OK || e == CS_ERR_NOTFOUND ? CS_OK : refuse_parameter(r, name);
}

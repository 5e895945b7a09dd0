/* SPDX-License-Identifier: ISC
 *
 * See exchange.h.
 */
#include "exchange.h"

#include "fail.h"

#include <stdio.h>
#include <string.h>

#define TIMEOUT_MS 10000

static enum cs_err begin_call(struct exchange *x, const char *method, bool more)
{
	char whole[96];
	enum cs_err e = cs_client_open(x->place.path, TIMEOUT_MS, &x->client);

	if (e != CS_OK)
		return e;
	snprintf(whole, sizeof(whole), "%s.%s", x->place.interface, method);
	cs_writer_call(&x->w, cs_client_buf(x->client), CS_FRAME_MAX + 1, whole, more);
	return CS_OK;
}

enum status exchange_begin(struct exchange *x, const struct invocation *in, enum door door,
    const char *method, bool more)
{
	enum status status;
	enum cs_err e;

	memset(x, 0, sizeof(*x));
	x->in = in;
	x->w.err = CS_ERR_UNREACHABLE;
	status = place_find(in, door, &x->place);
	if (status != STATUS_DONE)
		return status;
	e = begin_call(x, method, more);
	return e == CS_OK ? STATUS_DONE : fail_call(e, x->place.path, false);
}

static enum cs_err try_call(struct exchange *x)
{
	size_t len;
	enum cs_err e = cs_writer_end(&x->w, &len);

	if (e != CS_OK)
		return e;
	x->sent = true;
	return cs_client_call(x->client, len, &x->reply);
}

static enum status judge(struct exchange *x, enum cs_err e)
{
	x->lost = x->patient && e == CS_ERR_CLOSED;
	if (x->lost)
		return STATUS_AWAY;
	if (e != CS_OK)
		return fail_call(e, x->place.path, x->sent);
	if (x->reply->error.p)
		return fail_reply(x->in, x->reply);
	return STATUS_DONE;
}

enum status exchange_ask(struct exchange *x)
{
	if (x->patient)
		cs_client_set_timeout(x->client, 0);
	return judge(x, try_call(x));
}

enum status exchange_once(struct exchange *x, const struct invocation *in, enum door door,
    const char *method, exchange_fill fill, const void *arg)
{
	enum cs_err e;
	char request[33];
	enum status status = exchange_begin(x, in, door, method, false);

	if (status != STATUS_DONE)
		return status;
	e = cs_request_id(request);
	if (e != CS_OK)
		return judge(x, e);
	for (int try = 1;; try++) {
		fill(&x->w, arg);
		cs_put_string(&x->w, "request", cs_str(request));
		e = try_call(x);
		if (try == 2 || (e != CS_ERR_CLOSED && e != CS_ERR_TIMEOUT))
			return judge(x, e);
		exchange_end(x);
		if (begin_call(x, method, false) != CS_OK)
			return judge(x, e);	/* the first try may have done it */
	}
}

enum status exchange_next(struct exchange *x)
{
	enum status status;

	if (!x->reply->continues) {
		x->reply = NULL;
		return STATUS_DONE;
	}
	cs_client_set_timeout(x->client, x->patient ? 0 : TIMEOUT_MS);
	status = judge(x, cs_client_next(x->client, &x->reply));
	if (status == STATUS_DONE && x->reply->nfields == 0 && !x->reply->continues)
		x->reply = NULL;
	return status;
}

void exchange_end(struct exchange *x)
{
	cs_client_close(&x->client);
	x->reply = NULL;
}

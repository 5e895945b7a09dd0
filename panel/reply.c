/* SPDX-License-Identifier: ISC
 *
 * evhttp writes the lines; what stands in them is decided here.
 */
#include "reply.h"

#include "guard.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <string.h>

static const char *phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" }, { 303, "See Other" }, { 304, "Not Modified" },
		{ 400, "Bad Request" }, { 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" }, { 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Answer";
}

void reply_header(struct evhttp_request *req, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(req), name, value);
}

static void add_headers(struct evhttp_request *req, const char *type, const char *cache)
{
	for (size_t i = 0; i < guard_nheaders; i++)
		reply_header(req, guard_headers[i].name, guard_headers[i].value);
	reply_header(req, "Cache-Control", cache);
	if (type != NULL)
		reply_header(req, "Content-Type", type);
}

static void send_body(struct evhttp_request *req, int status, struct evbuffer *body)
{
	char length[24];

	snprintf(length, sizeof(length), "%zu", evbuffer_get_length(body));
	if (status != 304)
		reply_header(req, "Content-Length", length);
	if (evhttp_request_get_command(req) == EVHTTP_REQ_HEAD)
		evbuffer_drain(body, evbuffer_get_length(body));
	evhttp_send_reply(req, status, phrase(status), body);
	evbuffer_free(body);
}

static void cleanup_cb(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	html_free(arg);
}

void reply_send(struct evhttp_request *req, int status, const char *type, struct html *h)
{
	struct evbuffer *body = evbuffer_new();
	const char *p;
	size_t len;

	if (!html_view(h, &p, &len) || body == NULL) {
		html_free(h);
		if (body != NULL)
			evbuffer_free(body);
		reply_text(req, 500, "This page could not be written.\n");
		return;
	}
	if (len == 0 || evbuffer_add_reference(body, p, len, cleanup_cb, h) == -1)
		html_free(h);
	add_headers(req, type, "no-store");
	send_body(req, status, body);
}

void reply_text(struct evhttp_request *req, int status, const char *sentence)
{
	struct evbuffer *body = evbuffer_new();

	if (body == NULL)
		return;
	evbuffer_add(body, sentence, strlen(sentence));
	add_headers(req, "text/plain; charset=utf-8", "no-store");
	send_body(req, status, body);
}

void reply_see(struct evhttp_request *req, const char *location)
{
	reply_header(req, "Location", location);
	reply_text(req, 303, "See there.\n");
}

void reply_asset(struct evhttp_request *req, const struct asset *asset)
{
	const char *known = evhttp_find_header(evhttp_request_get_input_headers(req),
	    "If-None-Match");
	bool same = known != NULL && strstr(known, asset->etag) != NULL;
	struct evbuffer *body = evbuffer_new();

	if (body == NULL)
		return;
	if (!same)
		evbuffer_add_reference(body, asset->text, strlen(asset->text), NULL, NULL);
	add_headers(req, same ? NULL : asset->type, "public, max-age=31536000, immutable");
	reply_header(req, "ETag", asset->etag);
	send_body(req, same ? 304 : 200, body);
}

void reply_stream(struct evhttp_request *req)
{
	add_headers(req, "text/event-stream; charset=utf-8", "no-store");
	/* nginx would keep what we send until there is more of it */
	reply_header(req, "X-Accel-Buffering", "no");
	evhttp_send_reply_start(req, 200, phrase(200));
}

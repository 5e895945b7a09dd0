/* SPDX-License-Identifier: ISC
 *
 * The head of a request, as raw bytes, before evhttp sees it.  It is stricter
 * than any parser behind it, so that nobody can disagree on where a request
 * ends: one spelling of a line's end, one Content-Length of digits, no
 * Transfer-Encoding, no folded line, no control character.
 */
#pragma once

#include "../lib/wire.h"

#define HEAD_MAX 8192
#define BODY_MAX 40960	/* 4,000 characters of three bytes, escaped, and more */
#define TARGET_MAX 2048
#define HEAD_LINES 64

enum header {
	HEADER_HOST,
	HEADER_CONTENT_LENGTH,
	HEADER_CONTENT_TYPE,
	HEADER_TRANSFER_ENCODING,
	HEADER_EXPECT,
	HEADER_UPGRADE,
	HEADER_COOKIE,
	HEADER_ORIGIN,
	HEADER_FETCH_SITE,
	HEADER_FORWARDED,	/* X-Forwarded-For */
};
#define HEADERS (HEADER_FORWARDED + 1)

struct head {
	struct cs_str method, target;
	struct cs_str values[HEADERS];	/* p == NULL: absent */
	size_t body;			/* bytes that follow */
};

/* Reads the len bytes up to and with the empty line.  0, or the status to
 * refuse with: 400, 405, 411, 413, 415, 417, 501.  host: the only one that is
 * served. */
int head_parse(const char *p, size_t len, const char *host, struct head *);

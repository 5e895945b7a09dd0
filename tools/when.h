/* SPDX-License-Identifier: ISC
 *
 * Times as people write and read them; the protocol has seconds since
 * 1970-01-01 UTC.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 2026-03-01, 2026-03-01 14:30[:05], with T for the blank, with Z for UTC and
 * else local time; 90s, 30m, 2h, 3d, 1w before now.  False when it is none. */
bool when_parse(const char *text, int64_t now, int64_t *when);

/* 90s, 30m, 2h, 3d, 1w as seconds.  False when it is none. */
bool when_span(const char *text, int64_t *seconds);

/* 600 -> "10m".  Returns out. */
char *when_format_span(int64_t seconds, char *out, size_t cap);

/* "2026-03-01 14:30:05", local time.  Returns out. */
char *when_format(int64_t when, char *out, size_t cap);

/* "14:30:05" on the day of now, else as when_format. */
char *when_format_short(int64_t when, int64_t now, char *out, size_t cap);

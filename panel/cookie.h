/* SPDX-License-Identifier: ISC
 *
 * The three cookies: the session, the device that logged in before, and the
 * secret of a form that is shown to somebody without a session.  They hold
 * what the daemon or this process drew, 64 hex digits; anything else that a
 * browser sends under their names counts as absent.
 */
#pragma once

#include "../lib/wire.h"

#define COOKIE_VALUE 64

enum cookie { COOKIE_SESSION, COOKIE_DEVICE, COOKIE_FORM };
#define COOKIES 3

/* out: NUL-terminated.  False, and out left as it is, when it is not there, twice
 * or of another form. */
bool cookie_read(const char *header, enum cookie, bool secure, char out[COOKIE_VALUE + 1]);
/* The value of Set-Cookie; value "" clears it. */
#define COOKIE_HEADER 256
void cookie_write(char out[COOKIE_HEADER], enum cookie, bool secure, struct cs_str value);
bool cookie_value_fine(struct cs_str value);

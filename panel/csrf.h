/* SPDX-License-Identifier: ISC
 *
 * Whether a form that arrives is one that this process has shown to this very
 * browser.  The token in it is a hash of the session's (before log-in: of the
 * form cookie's) under a key that is drawn at start-up and never leaves.
 */
#pragma once

#include "../lib/wire.h"

#define CSRF_TEXT 65

struct csrf {
	unsigned char key[32];
};

enum cs_err csrf_init(struct csrf *);
/* secret: the cookie that it belongs to. */
void csrf_token(const struct csrf *, const char *secret, char out[CSRF_TEXT]);
bool csrf_fits(const struct csrf *, const char *secret, struct cs_str token);

/* Origin and Sec-Fetch-Site as the browser sent them, NULL when absent. */
bool csrf_origin_fits(const char *ours, const char *origin, const char *fetch_site);

/* SPDX-License-Identifier: ISC
 *
 * Holds what the daemon answers against its interface files: a reply, or a typed error,
 * has the parameters that are named there, of these types, and no others.
 */
#pragma once

#include "../daemon/request.h"

/* The frames of one answer; fails the test.  The last of a list may be empty. */
void promised_check(const struct row *row, const char *frames, size_t len);

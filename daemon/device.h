/* SPDX-License-Identifier: ISC
 *
 * Device tokens: a browser keeps one from each full log-in, so that a flood of
 * wrong log-ins under somebody's name does not keep that browser out.  They
 * are keyed hashes and no record: who presents one may try, and still needs
 * password and code.
 */
#pragma once

#include "record.h"
#include "vault.h"

#define DEVICE_TEXT 65		/* 64 hex digits and NUL */

/* Good until the password is another one. */
enum cs_err device_make(const struct vault *, const struct password *, char out[DEVICE_TEXT]);

/* Takes the same time for all. */
bool device_is(const struct vault *, const struct password *, struct cs_str presented);

/* SPDX-License-Identifier: ISC
 *
 * The URI that puts an authenticator into an app.
 */
#pragma once

#include "record.h"

#define OTPAUTH_ROOM 1536

/* otpauth://totp/Issuer:name?secret=...; base32 is authenticator_encode's. */
void otpauth_format(char out[OTPAUTH_ROOM], const struct authenticator *, struct cs_str issuer,
    struct cs_str name, const char *base32);

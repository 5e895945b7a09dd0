/* SPDX-License-Identifier: ISC
 *
 * What is shown once: the secret of an authenticator, as a picture and as text,
 * and recovery codes.  The one file that calls libqrencode.
 */
#pragma once

#include "visit.h"

/* A picture to scan, a link for the app on the same device, groups to type. */
void enrol_write(struct html *, struct cs_str uri, struct cs_str secret);

/* The whole page of ten codes; answer: who gave "recovery_codes" or "codes". */
void enrol_write_recovery(struct visit *, struct html *, const struct answer *);

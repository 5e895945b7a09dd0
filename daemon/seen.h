/* SPDX-License-Identifier: ISC
 *
 * The technicians who have asked, and those who may not any more.  Kept by
 * uid, as limits and grants are.
 */
#pragma once

#include "request.h"

/* Notes that r->who asks, once a minute.  A suspended one is refused:
 * NotPermitted is answered. */
enum cs_err seen_note(struct request *);

/* SPDX-License-Identifier: ISC
 *
 * What a code, a call or a ticket is for, as the customer's page is told.
 */
#pragma once

#include "conf.h"

/* Puts action, title and target; what there is none of is left out. */
void scope_put(const struct conf *, struct cs_writer *, struct cs_str action,
    const struct targets *);

/* SPDX-License-Identifier: ISC
 *
 * An event as a row of a list.
 */
#pragma once

#include "request.h"

/* to_customer: with the action's title and without the uid that asked. */
enum cs_err eventrow_put(struct request *, const struct audit_event *, bool to_customer);

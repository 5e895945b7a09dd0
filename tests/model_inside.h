/* SPDX-License-Identifier: ISC
 *
 * What the files of the model share.
 */
#pragma once

#include "model.h"

unsigned model_tries_since(const struct model_tries *, int64_t since);
void model_try_once(struct model_tries *, int64_t now);

/* By wrong tries since its issue. */
bool model_was_killed(const struct model *, const struct model_code *);

/* What the ticket that is presented is worth; *found and *person are set where
 * they count. */
enum cs_reason model_look_at_ticket(struct model *, const struct model_ask *,
    const struct model_policy *, struct model_ticket **found, int *person);
/* NONE: of whatever person, account. */
void model_end_tickets(struct model *, int person, int account);

bool model_may_act(const struct model *, int account, int person);
enum cs_reason model_look_at_person(const struct model *, int account, int person, int action,
    bool high);

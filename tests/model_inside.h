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

bool model_may_act(const struct model *, int account, int person);
enum cs_reason model_look_at_person(const struct model *, int account, int person, int action,
    bool high);

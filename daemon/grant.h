/* SPDX-License-Identifier: ISC
 *
 * Grants as text: "G12-" and 32 hex digits that are derived anew from the
 * record each time, never stored (design §6).  And whether one is still good: one
 * is ended by a number, up to which all are, so that one row ends any number of them.
 */
#pragma once

#include "store.h"
#include "vault.h"

#define GRANT_LIFE 900		/* seconds, design §10 */
#define GRANT_TEXT 56		/* "G", up to 20 digits, "-", 32 hex digits, NUL */

void grant_format(const struct vault *, const struct grant *, char out[GRANT_TEXT]);

/* The grant whose text that is; CS_ERR_NOTFOUND for what is none. */
enum cs_err grant_find(struct store *, const struct vault *, struct cs_str presented,
    struct grant *);

enum grant_state {
	GRANT_SPENT,
	GRANT_ENDED,			/* with who gave it, its account or technician */
	GRANT_OVER,
	GRANT_GOOD,
};
/* Written on success only. */
enum cs_err grant_judge(struct store *, const struct moment *, const struct grant *,
    enum grant_state *);

/* Over for so long that no small step of a clock lets it live again. */
bool grant_long_over(const struct grant *, const struct moment *);

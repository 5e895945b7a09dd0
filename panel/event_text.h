/* SPDX-License-Identifier: ISC
 *
 * Events in the customer's words: a row for each kind that an account sees.
 */
#pragma once

#include "visit.h"

struct event_text {
	const char *text;	/* "Code accepted" */
	bool refused;		/* something did not go through */
};

/* Of one row of Activity. */
struct event_text event_text(const struct answer *events, size_t row);

/* For the filter. */
struct event_kind {
	const char *kind, *name;
};
extern const struct event_kind event_kinds[];
extern const size_t event_nkinds;

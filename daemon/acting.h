/* SPDX-License-Identifier: ISC
 *
 * The accounts for which a person acts, as one answer has them.
 */
#pragma once

#include "channel.h"

/* Three strings for each of these and one for each of those fill an answer. */
#define ACTING_MOST 60
#define ACTING_SUSPENDED_MOST 12

struct acting {
	size_t n;
	bool more;			/* than there is room for */
	struct cs_str account[ACTING_MOST], name[ACTING_MOST], channel[ACTING_MOST];
	char room[ACTING_MOST][CHANNEL_TEXT];
	size_t nsuspended;		/* where the person may not act for now */
	struct cs_str suspended[ACTING_SUSPENDED_MOST];	/* the accounts' display */
	int64_t cooling;		/* steady: until when, in any of them; 0: in none */
};

enum cs_err acting_read(struct request *, uint64_t admin, struct acting *);

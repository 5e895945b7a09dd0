/* SPDX-License-Identifier: ISC
 *
 * The accounts for which a person acts, as one answer has them.
 */
#pragma once

#include "channel.h"

#define ACTING_MOST 64

struct acting {
	size_t n;
	struct cs_str account[ACTING_MOST], name[ACTING_MOST], channel[ACTING_MOST];
	char room[ACTING_MOST][CHANNEL_TEXT];
	int64_t cooling;		/* steady: until when, in any of them; 0: in none */
};

enum cs_err acting_read(struct request *, uint64_t admin, struct acting *);

/* SPDX-License-Identifier: ISC
 *
 * The only file that reads the clock, and the rule for clocks that lie
 * (design §8): wall time and CLOCK_BOOTTIME are compared at each batch.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What the kernel says, in seconds. */
struct instant {
	int64_t wall;		/* CLOCK_REALTIME */
	int64_t boot;		/* CLOCK_BOOTTIME */
	uint64_t boot_id;	/* changes with each boot of the machine */
};

/* What the store remembers of the last commit. */
struct clock_record {
	struct instant last;	/* as far as steady has counted: each clock may
				 * have been a second further */
	int64_t steady;		/* seconds that surely passed, see below */
	int64_t highest;	/* latest wall time that is believed */
	uint64_t epoch;		/* one more each time the clock lied */
};

/* What handlers are given as "now". */
struct moment {
	struct instant at;
	int64_t steady;		/* only ever grows, by the smaller of the two
				 * clocks: limits and cooling-off count in it */
	uint64_t epoch;		/* codes, grants and answers of another epoch are dead */
	bool plausible;		/* false: wall time is 60 s or more before the
				 * latest believed; authenticators refuse */
};

void clock_read(struct instant *);

/* Monotonic microseconds, for measuring within the process only. */
int64_t clock_usec(void);

/* The moment that "at" is after "last", and the record to keep with the next
 * commit.  A fresh store has an all-zero record.  Pure. */
void clock_judge(const struct clock_record *last, const struct instant *at,
    struct moment *now, struct clock_record *keep);

/* True when something made at "then" (of epoch "epoch") with "life" seconds is
 * over: by wall clock or boot clock, whichever comes first, or because the
 * clock lied since. */
bool clock_over(const struct moment *now, const struct instant *then, uint64_t epoch, int64_t life);

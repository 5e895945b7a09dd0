/* SPDX-License-Identifier: ISC
 *
 * Reads the two clocks and judges them.  A clock that jumps may end live codes
 * early, but never lengthens the life of one.
 */
#include "clock.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define LIE 60		/* seconds by which a clock may be off and still be believed */
#define OFF_MOST 3600	/* seconds that a machine was off, as far as they count: only
			 * wall time says so, and it may come from a dead battery */
#define YOUNG 3600	/* a store of so few seconds has nothing to protect yet, */
#define FAR 86400	/* so a clock that was set back this far was wrong before */

/* 64 bits of the kernel's boot id; a container without /proc gets 0, which is
 * as good as "the same boot" for as long as it lives. */
static uint64_t read_boot_id(void)
{
	char text[36] = "";
	uint64_t id = 0;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return 0;
	if (read(fd, text, sizeof(text)) == (ssize_t)sizeof(text))
		for (size_t i = 0; i < sizeof(text); i++)
			id = id * 1099511628211u ^ (unsigned char)text[i];
	close(fd);
	return id;
}

void clock_read(struct instant *at)
{
	static uint64_t boot_id;
	struct timespec wall, boot;

	if (boot_id == 0)
		boot_id = read_boot_id();
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	at->wall = wall.tv_sec;
	at->boot = boot.tv_sec;
	at->boot_id = boot_id;
}

int64_t clock_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t between(int64_t low, int64_t v)
{
	return v < low ? low : v;
}

/* Seconds that passed for certain, and whether the clocks agree about it. */
static int64_t passed(const struct instant *from, const struct instant *to, bool *lied)
{
	int64_t wall = to->wall - from->wall;
	int64_t boot = to->boot - from->boot;

	if (to->boot_id != from->boot_id) {
		*lied = wall <= -LIE;
		return between(0, wall < OFF_MOST ? wall : OFF_MOST);
	}
	*lied = wall - boot >= LIE || boot - wall >= LIE;
	return between(0, wall < boot ? wall : boot);
}

/* How far wall time may be believed for good.  A jump ahead is not: if it is
 * undone, what was the latest time before still is.  A clock that stays ahead,
 * after a reboot too, is believed bit by bit, a hundred times faster than time
 * goes. */
static int64_t latest_believed(const struct clock_record *last, const struct instant *at,
    int64_t seconds, bool lied)
{
	int64_t ahead = at->wall - last->highest;
	int64_t most = lied ? seconds : seconds * 100;

	if (at->boot_id != last->last.boot_id)
		most = 0;
	if (last->steady < YOUNG && ahead < -FAR)
		return at->wall;
	if (ahead <= 0)
		return last->highest;
	return ahead < most ? at->wall : last->highest + most;
}

/* The clocks tick at different moments.  A second that only one of them has
 * counted so far is left for the next time, or steady time would stand still
 * in a daemon that commits more often than once a second. */
static int64_t left_over(int64_t passed, int64_t counted)
{
	return passed > counted ? 1 : 0;
}

static struct instant counted_up_to(const struct instant *from, const struct instant *to,
    int64_t seconds)
{
	struct instant at = *to;

	if (to->boot_id == from->boot_id) {
		at.wall -= left_over(to->wall - from->wall, seconds);
		at.boot -= left_over(to->boot - from->boot, seconds);
	}
	return at;
}

void clock_judge(const struct clock_record *last, const struct instant *at, struct moment *now,
    struct clock_record *keep)
{
	struct clock_record next = { .last = *at,
		.steady = 1,
		.highest = at->wall,
		.epoch = last->epoch };
	bool lied = false;

	if (last->last.wall != 0) {
		int64_t seconds = passed(&last->last, at, &lied);

		next.steady = last->steady + seconds;
		next.epoch += lied ? 1 : 0;
		next.highest = latest_believed(last, at, seconds, lied);
		if (!lied)
			next.last = counted_up_to(&last->last, at, seconds);
	}
	now->at = *at;
	now->steady = next.steady;
	now->epoch = next.epoch;
	now->plausible = at->wall > next.highest - LIE;
	*keep = next;
}

bool clock_over(const struct moment *now, const struct instant *then, uint64_t epoch, int64_t life)
{
	if (now->epoch != epoch || now->at.wall - then->wall >= life)
		return true;
	if (now->at.boot_id == then->boot_id)
		return now->at.boot - then->boot >= life;
	return now->at.wall - then->wall <= -LIE;
}

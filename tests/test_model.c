/* SPDX-License-Identifier: ISC
 *
 * Random operations through the handlers against the reference of model.c:
 * no verdict, no reason and no error may differ.  $STEPS and $SEED choose
 * another run; a difference prints what led to it.
 */
#include "act.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STEPS 100000
#define WORLD 10000	/* steps before everything begins anew */

static const char options[] =
    "action note.add { require = code authenticator = true lifetime = 5m }\n"
    "action log.read { require = code authenticator = true mode = shadow }\n";

static void do_purge(void)
{
	struct clock_record before = *store_clock(act_desk.store);

	model_judge_clock(&act_model);
	desk_purge(&act_desk);
	model_purge(&act_model);
	act_forget_old();
	if (memcmp(&before, store_clock(act_desk.store), sizeof(before)) != 0)
		model_keep_clock(&act_model);
	act_tell("purge");
}

static void pass_to_the_end_of_a_cooling_off(void)
{
	const struct model_person *p = &act_model.person[act_below(MODEL_PERSONS)];
	int64_t left = p->of[act_below(MODEL_ACCOUNTS)].cooling_until - act_model.steady;

	if (left > 100)
		desk_pass(&act_desk, left - act_below(100));
}

static void move_clocks(void)
{
	static const int64_t spans[] = { 1, 5, 20, 31, 61, 119, 240, 301, 610 };
	static const int64_t jumps[] = { -3600, 3600, 86400 + 1000 };

	switch (act_below(70)) {
	case 0:
		act_desk.at.wall += (int64_t)act_below(101) - 50;	/* a step of ntpd */
		break;
	case 1:
		if (act_one_in(6))
			act_desk.at.wall += jumps[act_below(3)];
		break;
	case 2:
		desk_pass(&act_desk, act_one_in(3) ? 90000 : 4000);
		break;
	case 3:
		if (act_one_in(3))
			act_desk.at = (struct instant){ act_desk.at.wall + act_below(200),
				20 + act_below(20), act_desk.at.boot_id + 1 };
		if (act_one_in(30))
			act_desk.at.wall += 2 * 86400;		/* with a dead battery */
		break;
	case 4:
		if (act_one_in(4))
			act_desk.at.boot += 7200;	/* wall time stood still */
		break;
	case 5:
	case 6:
		pass_to_the_end_of_a_cooling_off();
		break;
	default:
		desk_pass(&act_desk, spans[act_below(sizeof(spans) / sizeof(spans[0]))]);
	}
	act_tell("the clocks say %" PRId64 " %" PRId64 " %" PRIu64, act_desk.at.wall,
	    act_desk.at.boot, act_desk.at.boot_id);
}

/* Some requests in one transaction, as batch.c has them. */
static void one_batch(void)
{
	unsigned n = 1 + act_below(10);
	bool wrote;

	act_model.at =
	    (struct model_time){ act_desk.at.wall, act_desk.at.boot, act_desk.at.boot_id };
	model_judge_clock(&act_model);
	desk_begin(&act_desk);
	while (n-- > 0) {
		act_step++;
		act();
	}
	wrote = store_wrote(act_desk.store);
	desk_commit(&act_desk);
	if (wrote)
		model_keep_clock(&act_model);
}

static void between_batches(void)
{
	act_step++;
	if (act_one_in(2))
		move_clocks();
	act_model.at =
	    (struct model_time){ act_desk.at.wall, act_desk.at.boot, act_desk.at.boot_id };
	act_step++;
	if (act_one_in(40))
		do_purge();
	else if (act_one_in(80)) {
		desk_restart(&act_desk);
		act_tell("restart");
	}
}

static void live_one_world(unsigned long steps)
{
	unsigned long until = act_step + steps;

	desk_open(&act_desk, options);
	act_forget();
	model_start(&act_model,
	    (struct model_time){ act_desk.at.wall, act_desk.at.boot, act_desk.at.boot_id });
	while (act_step < until) {
		one_batch();
		between_batches();
	}
	desk_close(&act_desk);
}

static unsigned long number_from(const char *variable, unsigned long otherwise)
{
	const char *text = getenv(variable);

	return text != NULL ? strtoul(text, NULL, 10) : otherwise;
}

static void the_daemon_answers_as_the_model_does(void **state)
{
	unsigned long steps = number_from("STEPS", STEPS);

	(void)state;
	act_seed(number_from("SEED", 4));
	while (act_step < steps)
		live_one_world(steps - act_step < WORLD ? steps - act_step : WORLD);
}

/* A run that never sees a reason says nothing about it. */
static void the_run_has_seen_every_reason(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CS_REASONS; i++)
		print_message("%s: %lu\n", cs_reason_name(i), act_seen[i]);
	for (unsigned i = 0; i < CS_REASONS && act_step >= STEPS; i++)
		if (i != CS_APPROVAL_NEEDED)
			assert_in_range(act_seen[i], 20, act_step);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_daemon_answers_as_the_model_does),
		cmocka_unit_test(the_run_has_seen_every_reason),
	};

	/* Not a test of what is durable, and a disk would be most of its time. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

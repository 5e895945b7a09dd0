/* SPDX-License-Identifier: ISC
 *
 * What tests of batch.c and upkeep.c share: a store, connections and a worker
 * that do what a test tells them to.  What happened is one string, a letter an
 * act.
 */
#pragma once

#include "../daemon/asked.h"
#include "../daemon/audit.h"
#include "../daemon/daemon.h"
#include "../daemon/dispatch.h"
#include "../daemon/worker.h"

struct conn {
	char name;
	unsigned roles;
	struct peer peer;
	struct cursor cursor;
	char said[256];
	struct task task; /* last: its frame has no size */
};

/* What has happened, and what the next calls answer. */
struct script {
	char acts[4096];
	enum outcome outcomes[8]; /* of the commits to come; then durable */
	size_t ncommits;
	size_t before_growth; /* how many of the acts were done before the file grew */
	enum cs_err commit_why, begin, append, keep, purge;
	uint64_t last_event;
	struct clock_record last_clock;
	uint64_t walk_began;   /* where the last step of the purge did */
	unsigned steps_behind; /* of the index */
	struct job *working;   /* the worker has room for one */
};
extern struct script script;
extern struct daemon d;

void act(const char *text);
void act_named(const struct request *); /* by its method */

/* A request that writes an event and is accepted. */
extern const struct row accept_row;
enum cs_err say_yes(struct request *);

void add(struct conn *, char name, const struct row *);
void finish_work(void); /* the worker's, and rightly */

/* Fixtures: a daemon with nothing in hand. */
int set_up(void **state);
int tear_down(void **state);

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* SPDX-License-Identifier: ISC
 *
 * A store in a temporary folder, for the tests of it and of what is above it.
 * fdatasync and pwrite are the fixture's own, also for LMDB, so that a test can
 * count and fail them.
 */
#pragma once

#include "../daemon/conf.h"
#include "../daemon/store.h"

#define MIB ((uint64_t)1 << 20)

extern struct conf conf;
extern struct store *store;
extern char dir[64];

extern unsigned syncs;
extern int fail_sync;		/* errno for the next fdatasync */
extern int fail_meta;		/* errno for the next write of a meta page */

int store_set_up(void **state);
int store_tear_down(void **state);
/* All of these but store_close_it fail the test when they fail. */
void store_open_it(void);
void store_close_it(void);
void reopen(void);
void begin(void);
void keep(void);
void commit(void);
void commit_fails(enum outcome, enum cs_err why);

/* Staged, with the store's next number. */
uint64_t put_event(struct store *);
uint64_t put_large_event(struct store *);	/* about 16 KiB */
bool has_event(uint64_t id);

/* An account, an administrator: only what a test looks at. */
struct account an_account(uint64_t id, const char *name, const char *ref);
struct admin an_admin(uint64_t id, const char *name, const char *ref);

void path_of(const char *name, char *path, size_t cap);
void remove_folder(void);

/* The same numbers in each run. */
extern uint32_t seed;
uint32_t draw(uint32_t below);

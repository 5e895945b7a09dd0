/* SPDX-License-Identifier: ISC
 *
 * The store that the tests share.
 */
#include "store_fixture.h"

#include "../lib/log.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define META_PAGES 8192

struct conf conf;
struct store *store;
char dir[64];
unsigned syncs;
int fail_sync, fail_meta;
uint32_t seed;

int fdatasync(int fd)
{
	int (*real)(int);

	syncs++;
	if (fail_sync != 0) {
		errno = fail_sync;
		fail_sync = 0;
		return -1;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
	return real(fd);
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
	ssize_t (*real)(int, const void *, size_t, off_t);

	if (fail_meta != 0 && at < META_PAGES && len < META_PAGES / 2) {
		errno = fail_meta;
		fail_meta = 0;
		return -1;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "pwrite");
	return real(fd, buf, len, at);
}

void store_open_it(void)
{
	assert_int_equal(CS_OK, store_open(&conf, &store));
}

void store_close_it(void)
{
	store_close(store);
	store = NULL;
}

void reopen(void)
{
	store_close_it();
	store_open_it();
}

void begin(void)
{
	assert_int_equal(CS_OK, store_begin(store));
}

void keep(void)
{
	assert_int_equal(CS_OK, store_keep(store));
}

void commit(void)
{
	enum outcome outcome;

	store_commit(store, &outcome, NULL);
	assert_int_equal(OUTCOME_DURABLE, outcome);
}

void commit_fails(enum outcome want, enum cs_err want_why)
{
	enum outcome outcome;
	enum cs_err why = CS_OK;

	store_commit(store, &outcome, &why);
	assert_int_equal(want, outcome);
	assert_int_equal(want_why, why);
}

uint64_t put_large_event(struct store *s)
{
	static char text[TARGET_MAX_LEN];
	struct audit_event e = { .targets = { .n = TARGETS_MAX } };
	struct staged_event staged;

	e.id = store_new_id(s, SEQ_EVENT);
	for (size_t i = 0; i < TARGETS_MAX; i++)
		e.targets.at[i] = (struct cs_str){ text, sizeof(text) };
	assert_int_equal(CS_OK, store_put_event(s, &e, &staged));
	return e.id;
}

uint64_t put_event(struct store *s)
{
	struct audit_event e = { .id = store_new_id(s, SEQ_EVENT), .note = cs_str("note") };
	struct staged_event staged;

	assert_int_equal(CS_OK, store_put_event(s, &e, &staged));
	return e.id;
}

bool has_event(uint64_t id)
{
	struct audit_event e;
	enum cs_err err = store_get_event(store, id, &e, NULL);

	assert_true(err == CS_OK || err == CS_ERR_NOTFOUND);
	assert_true(err != CS_OK || e.id == id);
	return err == CS_OK;
}

struct account an_account(uint64_t id, const char *name, const char *ref)
{
	return (struct account){
		.id = id, .name = cs_str(name), .display = cs_str("Acme Ltd"), .ref = cs_str(ref),
	};
}

struct admin an_admin(uint64_t id, const char *name, const char *ref)
{
	return (struct admin){
		.id = id, .name = cs_str(name), .display = cs_str("Dana Reyes"), .ref = cs_str(ref),
	};
}

void path_of(const char *name, char *path, size_t cap)
{
	snprintf(path, cap, "%s/%s", dir, name);
}

void remove_folder(void)
{
	struct dirent *entry;
	DIR *d = opendir(dir);

	while (d != NULL && (entry = readdir(d)) != NULL)
		unlinkat(dirfd(d), entry->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

int store_set_up(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_store.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	conf = (struct conf){ .state_dir = dir, .map_size = 64 * MIB };
	store = NULL;
	fail_sync = fail_meta = 0;
	cs_log_init("test", (enum cs_level)0);
	return store_open(&conf, &store) == CS_OK ? 0 : -1;
}

int store_tear_down(void **state)
{
	(void)state;
	store_close(store);
	remove_folder();
	return 0;
}

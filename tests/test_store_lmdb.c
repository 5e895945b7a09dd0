/* SPDX-License-Identifier: ISC
 *
 * What a batch keeps, what it forgets, and what a crash, a full map and a full
 * disk do to it.
 */
#include "store_fixture.h"

#include "../daemon/rowkey.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void a_batch_too_large_for_the_map_leaves_nothing_and_the_next_works(void **state)
{
	enum cs_err e = CS_OK;
	uint64_t id = 0, used, map;
	struct account account;

	(void)state;
	store_close_it();
	conf.map_size = MIB;
	store_open_it();
	begin();
	put_event(store);
	keep();
	commit();
	begin();
	for (unsigned i = 0; i < 200 && e == CS_OK; i++) {
		id = put_large_event(store);
		e = store_keep(store);
	}
	assert_int_equal(CS_ERR_FULL, e);
	assert_true(id > 20);
	assert_int_equal(CS_ERR_FULL, store_keep(store));
	/* and there is nothing to be read any more */
	assert_int_equal(CS_ERR_FULL, store_get_account(store, 1, &account));
	assert_int_equal(CS_ERR_FULL, store_next_account(store, 0, &account));
	assert_int_equal(0, store_rows(store, TABLE_EVENT));
	store_usage(store, &used, &map);
	assert_int_equal(0, used);
	assert_int_equal(MIB, map);
	commit_fails(OUTCOME_NOTHING, CS_ERR_FULL);
	begin();
	assert_int_equal(1, store_rows(store, TABLE_EVENT));
	assert_int_equal(2, put_event(store));
	keep();
	commit();
	begin();
	assert_true(has_event(1) && has_event(2) && !has_event(3));
	commit();
}

/* Fills the store in batches of one event; returns how many are in. */
static uint64_t fill(void)
{
	enum outcome outcome = OUTCOME_DURABLE;
	enum cs_err why = CS_OK;
	uint64_t id = 0;

	while (outcome == OUTCOME_DURABLE) {
		begin();
		id = put_large_event(store);
		store_keep(store);
		store_commit(store, &outcome, &why);
	}
	assert_int_equal(OUTCOME_NOTHING, outcome);
	assert_int_equal(CS_ERR_FULL, why);
	return id - 1;
}

static void del_event(uint64_t id)
{
	struct rowkey key = rowkey1(id);

	store_del(store, TABLE_EVENT, rowkey_bytes(&key));
}

static void an_operator_can_still_delete_in_a_full_map(void **state)
{
	struct admin a = { .name = cs_str("dana") };
	uint64_t id;

	(void)state;
	store_close_it();
	conf.map_size = MIB;
	store_open_it();
	id = fill();
	assert_int_equal(CS_OK, store_begin_reserve(store));
	for (uint64_t i = 1; i < id; i++)
		del_event(i);
	for (unsigned i = 0; i < 40; i++)
		put_large_event(store);
	a.id = store_new_id(store, SEQ_ADMIN);
	store_put_admin(store, &a);
	keep();
	commit();
	begin();	/* back within the map, and what was freed serves */
	assert_int_equal(CS_OK, store_get_admin(store, 1, &a));
	for (uint64_t i = 1; i < 30; i++)
		del_event(id + i);
	keep();
	commit();
	begin();
	put_large_event(store);
	keep();
	commit();
	reopen();
}

static void a_restart_keeps_everything(void **state)
{
	static const uint8_t key_id[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, leaf[32] = { 9 };
	const struct clock_record clock = { { 1771500000, 50, 7 }, 40, 1771500001, 2 };
	struct account a = { .name = cs_str("acme"), .ref = cs_str("4711") };
	uint8_t generation[16], id[8], got_leaf[32];
	struct audit_event event = { .note = cs_str("first") };
	struct staged_event staged;

	(void)state;
	assert_int_equal(CS_OK, store_key_id(store, id));
	assert_memory_equal("\0\0\0\0\0\0\0\0", id, 8);
	memcpy(generation, store_generation(store), 16);
	begin();
	a.id = store_new_id(store, SEQ_ACCOUNT);
	store_put_account(store, &a);
	event.id = store_new_id(store, SEQ_EVENT);
	assert_int_equal(CS_OK, store_put_event(store, &event, &staged));
	memcpy(staged.leaf, leaf, sizeof(leaf));
	store_set_key_id(store, key_id);
	store_set_clock(store, &clock);
	keep();
	commit();
	reopen();
	assert_memory_equal(generation, store_generation(store), 16);
	assert_memory_equal(&clock, store_clock(store), sizeof(clock));
	assert_int_equal(CS_OK, store_key_id(store, id));
	assert_memory_equal(key_id, id, 8);
	begin();
	assert_int_equal(CS_OK, store_key_id(store, id));
	assert_int_equal(CS_OK, store_find_account_ref(store, cs_str("4711"), &a));
	assert_true(a.id == 1 && cs_str_is(a.name, "acme"));
	assert_int_equal(CS_OK, store_get_event(store, 1, &event, got_leaf));
	assert_true(cs_str_is(event.note, "first"));
	assert_memory_equal(leaf, got_leaf, 32);
	assert_int_equal(2, store_new_id(store, SEQ_ACCOUNT));
	assert_int_equal(2, store_new_id(store, SEQ_EVENT));
	assert_int_equal(1, store_new_id(store, SEQ_GRANT));
}

static void two_stores_have_two_generations(void **state)
{
	uint8_t generation[16];

	(void)state;
	memcpy(generation, store_generation(store), 16);
	store_close_it();
	remove_folder();
	store_open_it();
	assert_memory_not_equal(generation, store_generation(store), 16);
}

static void a_batch_without_writes_does_not_sync(void **state)
{
	struct account got;

	(void)state;
	syncs = 0;
	begin();
	assert_int_equal(CS_ERR_NOTFOUND, store_find_account(store, cs_str("acme"), &got));
	keep();
	put_event(store);
	store_drop(store);
	commit();
	assert_int_equal(0, syncs);
	begin();
	put_event(store);
	keep();
	put_event(store);
	keep();
	commit();
	assert_int_equal(1, syncs);
}

static void a_fault_of_the_disk_leaves_the_outcome_unknown(void **state)
{
	(void)state;
	begin();
	put_event(store);
	keep();
	fail_sync = EIO;
	commit_fails(OUTCOME_UNKNOWN, CS_ERR_IO);
}

static void a_fault_while_the_meta_page_is_written_leaves_the_outcome_unknown(void **state)
{
	(void)state;
	begin();
	put_event(store);
	keep();
	fail_meta = ENOSPC;
	commit_fails(OUTCOME_UNKNOWN, CS_ERR_IO);
	assert_int_equal(0, fail_meta);
	assert_int_equal(CS_ERR_IO, store_begin(store));
}

/* Writes events until it is killed; tells each number once it is durable. */
static void write_until_killed(int fd)
{
	enum outcome outcome;

	if (store_open(&conf, &store) != CS_OK)
		_exit(1);
	for (;;) {
		uint64_t id;

		if (store_begin(store) != CS_OK)
			_exit(1);
		id = put_event(store);
		if (store_keep(store) != CS_OK)
			_exit(1);
		store_commit(store, &outcome, NULL);
		if (outcome != OUTCOME_DURABLE || write(fd, &id, sizeof(id)) != sizeof(id))
			_exit(1);
	}
}

static void nothing_acknowledged_is_lost_when_the_daemon_is_killed(void **state)
{
	uint64_t id, last = 0;

	(void)state;
	store_close_it();
	seed = 3;
	for (unsigned round = 0; round < 50; round++) {
		int fds[2], status;
		pid_t pid;

		assert_int_equal(0, pipe(fds));
		pid = fork();
		if (pid == 0)
			write_until_killed(fds[1]);
		close(fds[1]);
		assert_int_equal(sizeof(id), read(fds[0], &id, sizeof(id)));
		assert_true(id > last);
		last = id;
		usleep(draw(8000));
		kill(pid, SIGKILL);
		while (read(fds[0], &id, sizeof(id)) == sizeof(id))
			last = id;
		close(fds[0]);
		assert_int_equal(pid, waitpid(pid, &status, 0));
		assert_true(WIFSIGNALED(status));
		store_open_it();
		begin();
		for (id = last; id > 0 && id + 2000 > last; id--)
			assert_true(has_event(id));
		assert_in_range(store_rows(store, TABLE_EVENT), last, last + 1);
		assert_int_equal(store_rows(store, TABLE_EVENT), store_count(store, SEQ_EVENT));
		commit();
		store_close_it();
		store = NULL;
	}
}

/* What lies in the file already is cheaper to write than what makes it longer. */
static void the_file_has_room_ahead_of_its_use(void **state)
{
	uint64_t used, map;
	char path[128];
	struct stat st;

	(void)state;
	path_of("data.mdb", path, sizeof(path));
	for (unsigned i = 0; i < 100; i++) {
		begin();
		put_large_event(store);
		keep();
		store_usage(store, &used, &map);
		commit();
		store_grow(store);
		assert_int_equal(0, stat(path, &st));
		assert_in_range(st.st_size, used + (256 << 10), used + (512 << 10));
	}
	reopen();			/* reads every row */
	begin();
	for (uint64_t id = 1; id <= 100; id++)
		assert_true(has_event(id));
	commit();
}

/* In the child the test library must not speak: a line number is its answer. */
#define need(condition) \
	do { \
		if (!(condition)) \
			return __LINE__; \
	} while (0)

static enum outcome try_event(bool large, enum cs_err *why)
{
	enum outcome outcome;

	if (large)
		put_large_event(store);
	else
		put_event(store);
	store_keep(store);
	store_commit(store, &outcome, why);
	return outcome;
}

static int fill_disk(void)
{
	enum outcome outcome = OUTCOME_DURABLE;
	enum cs_err why = CS_OK;
	uint64_t n, before;
	char path[128];
	int ballast;

	path_of("ballast", path, sizeof(path));
	ballast = open(path, O_RDWR | O_CREAT, 0600);
	need(ballast != -1 && posix_fallocate(ballast, 0, 12 * MIB) == 0);
	need(store_open(&conf, &store) == CS_OK);
	for (n = 0; outcome == OUTCOME_DURABLE && n < 1000; n++) {
		need(store_begin(store) == CS_OK);
		outcome = try_event(true, &why);
	}
	n--;
	need(outcome == OUTCOME_NOTHING && why == CS_ERR_FULL && n > 50);
	need(store_begin(store) == CS_OK && store_rows(store, TABLE_EVENT) == n);
	need(try_event(true, &why) == OUTCOME_NOTHING && why == CS_ERR_FULL);
	/* for operators there is room */
	need(store_begin_reserve(store) == CS_OK);
	need(try_event(true, &why) == OUTCOME_DURABLE && ++n > 0);
	store_close(store);
	need(store_open(&conf, &store) == CS_OK && store_begin(store) == CS_OK);
	need(store_rows(store, TABLE_EVENT) == n && store_count(store, SEQ_EVENT) == n);
	store_commit(store, &outcome, &why);
	/* when there is room, work goes on and some is put by again */
	path_of("reserve", path, sizeof(path));
	need(lseek(open(path, O_RDONLY), 0, SEEK_END) < 4 << 20);
	need(ftruncate(ballast, 0) == 0);
	store_tick(store);
	need(lseek(open(path, O_RDONLY), 0, SEEK_END) == 4 << 20);
	for (before = n; n < before + 100; n++)
		need(store_begin(store) == CS_OK && try_event(true, &why) == OUTCOME_DURABLE);
	store_close(store);
	need(store_open(&conf, &store) == CS_OK && store_begin(store) == CS_OK);
	need(store_rows(store, TABLE_EVENT) == n);
	return 0;
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd != -1 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd != -1)
		close(fd);
	return ok;
}

/* A small disk of our own: -1 where that is not allowed. */
static int mount_small_disk(void)
{
	char users[64], groups[64];

	snprintf(users, sizeof(users), "0 %u 1", geteuid());
	snprintf(groups, sizeof(groups), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1 ||
	    !write_text("/proc/self/setgroups", "deny") ||
	    !write_text("/proc/self/uid_map", users) || !write_text("/proc/self/gid_map", groups))
		return -1;
	return mount("tmpfs", dir, "tmpfs", 0, "size=24m,mode=700");
}

static void a_full_disk_refuses_and_work_goes_on_when_there_is_room(void **state)
{
	int status, fds[2], line = -1;
	pid_t pid;

	(void)state;
	store_close_it();
	assert_int_equal(0, pipe(fds));
	pid = fork();
	if (pid == 0) {
		line = mount_small_disk();
		if (line == 0)
			line = fill_disk();
		_exit(write(fds[1], &line, sizeof(line)) == sizeof(line) ? 0 : 1);
	}
	close(fds[1]);
	assert_int_equal(sizeof(line), read(fds[0], &line, sizeof(line)));
	close(fds[0]);
	assert_int_equal(pid, waitpid(pid, &status, 0));
	if (line == -1)
		skip();
	assert_int_equal(0, line);
}

static void usage_counts_what_is_in_use(void **state)
{
	uint64_t before, full, after, map;

	(void)state;
	begin();
	store_usage(store, &before, &map);
	assert_int_equal(64 * MIB, map);
	for (unsigned i = 0; i < 100; i++)
		put_large_event(store);
	keep();
	store_usage(store, &full, &map);
	assert_true(full > before + 100 * 16384);
	for (uint64_t i = 1; i <= 100; i++)
		del_event(i);
	keep();
	commit();
	begin();
	store_usage(store, &after, &map);
	assert_true(after < before + 20 * 4096);
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)
		TEST(a_batch_too_large_for_the_map_leaves_nothing_and_the_next_works),
		TEST(an_operator_can_still_delete_in_a_full_map),
		TEST(a_restart_keeps_everything),
		TEST(two_stores_have_two_generations),
		TEST(a_batch_without_writes_does_not_sync),
		TEST(a_fault_of_the_disk_leaves_the_outcome_unknown),
		TEST(a_fault_while_the_meta_page_is_written_leaves_the_outcome_unknown),
		TEST(nothing_acknowledged_is_lost_when_the_daemon_is_killed),
		TEST(the_file_has_room_ahead_of_its_use),
		TEST(a_full_disk_refuses_and_work_goes_on_when_there_is_room),
		TEST(usage_counts_what_is_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

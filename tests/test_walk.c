/* SPDX-License-Identifier: ISC
 *
 * A database is read through before it is trusted; a damaged one costs a child.
 */
#include "store_fixture.h"

#include "../daemon/store_engine.h"
#include "../daemon/walk.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void a_newer_format_is_refused(void **state)
{
	static const uint8_t newer[4] = { 0, 0, 0, STORE_FORMAT + 1 };

	(void)state;
	begin();
	store_put(store, TABLE_META, (struct bytes){ "format", 6 }, (struct bytes){ newer, 4 });
	keep();
	commit();
	store_close_it();
	assert_int_equal(CS_ERR_CONFIG, store_open(&conf, &store));
	assert_null(store);
}

static void rows_that_no_version_of_us_wrote_are_refused(void **state)
{
	static const struct {
		enum table table;
		const char *key;
		size_t key_len;
		const char *val;
		size_t val_len;
	} rows[] = {
		{ TABLE_META, "colour", 6, "red", 3 },
		{ TABLE_META, "key-id", 6, "short", 5 },
		{ TABLE_ACCOUNT, "\0\0\0\0\1", 5, "garbage", 7 },
		{ TABLE_ACCOUNT_NAME, "acme", 4, "\0\1", 2 },
		{ TABLE_ACCOUNT_REF, "acme", 4, "", 0 },
		{ TABLE_SESSION_HASH, "short", 5, "\1", 1 },
		{ TABLE_EVENT, "\0\0\0\0\1", 5, "leaf", 4 },
		{ TABLE_GRANT_OF, "\0\0\0\0\1\0\0\0\0\1", 10, "", 0 },
		{ TABLE_GRANTS_ENDED, "\0\0\0\0\1", 5, "\1", 1 },
		{ TABLE_GRANTS_ENDED, "\0\0\0\0\1\0\0\0\0\1", 10, "\0\1", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin();
		store_put(store, rows[i].table, (struct bytes){ rows[i].key, rows[i].key_len },
		    (struct bytes){ rows[i].val, rows[i].val_len });
		keep();
		commit();
		store_close_it();
		store = NULL;
		assert_int_equal(CS_ERR_CONFIG, store_open(&conf, &store));
		assert_null(store);
		remove_folder();
		store_open_it();
	}
}

static void put_grant(void)
{
	store_put_grant(store, &(struct grant){ .id = 1, .admin = 1 });
}

static void put_ticket(void)
{
	store_put_ticket(store, &(struct ticket){ .id = 1, .account = 1, .admin = 1 });
}

static void numbers_that_were_never_given_out_are_refused(void **state)
{
	static void (*const put[])(void) = { put_grant, put_ticket };

	(void)state;
	for (size_t i = 0; i < sizeof(put) / sizeof(put[0]); i++) {
		begin();
		put[i]();
		keep();
		commit();
		store_close_it();
		store = NULL;
		assert_int_equal(CS_ERR_CONFIG, store_open(&conf, &store));
		remove_folder();
		store_open_it();
	}
}

/* Some of everything, over many pages, with pages freed in between. */
static void make_a_populated_store(void)
{
	char name[32];

	for (unsigned batch = 0; batch < 40; batch++) {
		begin();
		for (unsigned i = 0; i < 40; i++) {
			struct account a = { .id = store_new_id(store, SEQ_ACCOUNT) };
			struct issue issue = { .account = a.id };
			struct memo m = { .steady = (int64_t)a.id };
			struct member member = { .account = a.id, .admin = 1 + i };
			uint8_t key[16] = { 0 };

			issue.id = store_new_id(store, SEQ_ISSUE);
			snprintf(name, sizeof(name), "customer-%lu", (unsigned long)a.id);
			a.name = a.ref = cs_str(name);
			store_put_account(store, &a);
			memcpy(issue.tag, &a.id, sizeof(a.id));
			store_put_issue(store, &issue);
			memcpy(key, &a.id, sizeof(a.id));
			store_put_memo(store, key, &m);
			store_put_member(store, &member);
			put_event(store);
			if (i == 7)
				put_large_event(store);
			if (a.id > 400)
				store_del_member(store, a.id - 400, 1 + i);
			keep();
		}
		commit();
	}
}

/* Reads every row and writes a batch, as the daemon might. */
static void use_the_store(void)
{
	static const struct bytes none;

	begin();
	for (enum table t = 0; t < TABLES; t++) {
		struct bytes key = none, val;
		uint8_t last[64];
		enum cs_err e;

		while ((e = store_next(store, t, none, key, &key, &val)) == CS_OK) {
			assert_true(key.len <= sizeof(last));
			memcpy(last, key.p, key.len);
			key.p = last;
		}
		assert_int_equal(CS_ERR_NOTFOUND, e);
	}
	put_event(store);
	keep();
	commit();
}

static void write_file(const char *path, const uint8_t *p, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd != -1 && write(fd, p, len) == (ssize_t)len);
	close(fd);
}

/* Returns whether the store was refused. */
static bool try_damaged(void)
{
	enum cs_err e = store_open(&conf, &store);

	assert_true(e == CS_OK || e == CS_ERR_CONFIG || e == CS_ERR_NOMEM);
	if (e == CS_OK)
		use_the_store();
	store_close_it();
	return e != CS_OK;
}

static void a_damaged_file_is_refused_and_never_crashes_us(void **state)
{
	unsigned refused = 0, cut = 0;
	uint8_t *bytes;
	size_t used;
	char path[128];
	struct stat st;
	int fd;

	(void)state;
	make_a_populated_store();
	store_close_it();
	path_of("data.mdb", path, sizeof(path));
	fd = open(path, O_RDONLY);
	assert_true(fd != -1 && fstat(fd, &st) == 0);
	bytes = malloc((size_t)st.st_size);
	assert_true(read(fd, bytes, (size_t)st.st_size) == st.st_size);
	close(fd);
	seed = 1;
	for (unsigned i = 0; i < 200; i++) {
		/* Half of them in the heads of pages and rows. */
		size_t page = draw((uint32_t)(st.st_size / 4096));
		size_t at = page * 4096 + draw(i % 2 != 0 ? 4096 : 64);
		uint8_t flip = (uint8_t)(1 + draw(255));

		bytes[at] ^= flip;
		write_file(path, bytes, (size_t)st.st_size);
		refused += try_damaged();
		bytes[at] ^= flip;
	}
	/* The zeros that the file grew by are not missed. */
	for (used = (size_t)st.st_size; bytes[used - 1] == 0;)
		used--;
	for (unsigned i = 0; i < 20; i++) {
		write_file(path, bytes, draw((uint32_t)used));
		cut += try_damaged();
	}
	assert_in_range(refused, 40, 200);
	assert_in_range(cut, 19, 20);
	write_file(path, bytes, (size_t)st.st_size);
	assert_false(try_damaged());
	free(bytes);
}

static enum cs_err be_killed(const char *path, uint64_t map)
{
	(void)path;
	(void)map;
	raise(SIGKILL);
	return CS_OK;
}

static void a_check_that_somebody_ends_says_nothing_of_the_file(void **state)
{
	(void)state;
	assert_int_equal(CS_ERR_SYSTEM, walk_in_child("state", 0, 0, be_killed));
}

static void an_empty_file_is_not_begun_anew(void **state)
{
	char path[128];
	struct stat st;

	(void)state;
	make_a_populated_store();
	store_close_it();
	path_of("data.mdb", path, sizeof(path));
	assert_int_equal(0, truncate(path, 0));
	assert_true(try_damaged());
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0, st.st_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)
		TEST(a_newer_format_is_refused),
		TEST(rows_that_no_version_of_us_wrote_are_refused),
		TEST(numbers_that_were_never_given_out_are_refused),
		TEST(a_damaged_file_is_refused_and_never_crashes_us),
		TEST(an_empty_file_is_not_begun_anew),
		cmocka_unit_test(a_check_that_somebody_ends_says_nothing_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

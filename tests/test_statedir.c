/* SPDX-License-Identifier: ISC
 *
 * The state folder: whose it is, who holds it, what is put by.
 */
#include "../daemon/statedir.h"

#include "../lib/log.h"

#include "store_fixture.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static __typeof__(((struct statfs *)0)->f_type) file_system;	/* 0: what it is */

int fstatfs(int fd, struct statfs *fs)
{
	int (*real)(int, struct statfs *);
	int rc;

	*(void **)&real = dlsym(RTLD_NEXT, "fstatfs");
	rc = real(fd, fs);
	if (file_system != 0)
		fs->f_type = file_system;
	return rc;
}

/* An operator reads why. */
static void assert_refused(const char *part)
{
	char said[8192] = "";
	int kept = dup(STDERR_FILENO);
	FILE *f = tmpfile();
	struct store *s = NULL;
	enum cs_err e;

	assert_non_null(f);
	dup2(fileno(f), STDERR_FILENO);
	cs_log_init("test_statedir", CS_LOG_ERR);
	e = store_open(&conf, &s);
	cs_log_init("test_statedir", 0);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(f);
	said[fread(said, 1, sizeof(said) - 1, f)] = '\0';
	fclose(f);
	assert_int_equal(CS_ERR_CONFIG, e);
	assert_null(s);
	if (strstr(said, part) == NULL)
		fail_msg("\"%s\" is not in \"%.300s\"", part, said);
}

static void a_second_opener_is_refused(void **state)
{
	struct store *second = NULL;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(store_open(&conf, &second) == CS_ERR_EXISTS ? 0 : 1);
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_int_equal(0, status);
	assert_int_equal(CS_ERR_EXISTS, store_open(&conf, &second));
	assert_null(second);
	begin();
	put_event(store);
	keep();
	commit();
	reopen();
}

static void the_folder_and_its_files_are_ours_alone(void **state)
{
	static const char *const files[] = { "data.mdb", "lock.mdb", "lock", "reserve" };
	char path[128];
	struct stat st;

	(void)state;
	store_close_it();
	remove_folder();
	umask(0);
	store_open_it();
	umask(022);
	assert_int_equal(0, stat(dir, &st));
	assert_int_equal(0700, st.st_mode & 07777);
	for (size_t i = 0; i < 4; i++) {
		path_of(files[i], path, sizeof(path));
		assert_int_equal(0, stat(path, &st));
		assert_int_equal(0600, st.st_mode & 07777);
	}
	store_close_it();
	chmod(dir, 0750);
	assert_int_equal(CS_ERR_CONFIG, store_open(&conf, &store));
	chmod(dir, 0700);
	path_of("data.mdb", path, sizeof(path));
	chmod(path, 0644);
	assert_int_equal(CS_ERR_CONFIG, store_open(&conf, &store));
	chmod(path, 0600);
	store_open_it();
}

static void a_folder_or_file_of_somebody_else_is_refused(void **state)
{
	char path[128];

	(void)state;
	if (geteuid() != 0)
		skip();
	store_close_it();
	assert_int_equal(0, chown(dir, 12345, 0));
	assert_int_equal(CS_ERR_CONFIG, store_open(&conf, &store));
	assert_int_equal(0, chown(dir, 0, 0));
	path_of("data.mdb", path, sizeof(path));
	assert_int_equal(0, chown(path, 12345, 0));
	assert_int_equal(CS_ERR_CONFIG, store_open(&conf, &store));
	assert_int_equal(0, chown(path, 0, 0));
	store_open_it();
}

static void a_folder_that_cannot_be_made_or_is_a_file_is_refused(void **state)
{
	char path[128];
	struct conf other = conf;
	struct store *s = NULL;

	(void)state;
	path_of("none/deeper", path, sizeof(path));
	other.state_dir = path;
	assert_int_equal(CS_ERR_CONFIG, store_open(&other, &s));
	path_of("lock", path, sizeof(path));
	assert_int_equal(CS_ERR_CONFIG, store_open(&other, &s));
	assert_null(s);
}

static void network_file_systems_are_known(void **state)
{
	(void)state;
	assert_string_equal("NFS", statedir_network(0x6969));
	assert_string_equal("CIFS", statedir_network(0xff534d42));
	assert_string_equal("SMB", statedir_network((uint64_t)(int64_t)(int32_t)0xfe534d42));
	assert_string_equal("FUSE", statedir_network(0x65735546));
	assert_null(statedir_network(0xef53));		/* ext4 */
	assert_null(statedir_network(0x01021994));	/* tmpfs */
}

static void a_folder_whose_locks_and_syncs_mean_nothing_is_refused(void **state)
{
	char path[128];

	(void)state;
	store_close_it();
	remove_folder();
	path_of("lock", path, sizeof(path));
	file_system = 0x6969;
	assert_refused("network file system (NFS)");
	assert_int_equal(-1, access(path, F_OK));
	file_system = 0x01021997;	/* 9p: as good as the host's */
	store_open_it();
	file_system = 0;
}

static void a_database_that_is_no_plain_file_is_refused_and_left_alone(void **state)
{
	char path[128], moved[128];

	(void)state;
	store_close_it();
	path_of("data.mdb", path, sizeof(path));
	path_of("moved", moved, sizeof(moved));
	assert_int_equal(0, rename(path, moved));
	assert_int_equal(0, mkdir(path, 0700));
	assert_refused("not a plain file: move it away");
	assert_int_equal(0, rmdir(path));
	assert_int_equal(0, symlink("moved", path));
	assert_refused("not a plain file: move it away");
	assert_int_equal(0, unlink(path));
	assert_int_equal(0, rename(moved, path));
	store_open_it();
}

static void dead_readers_and_a_missing_reserve_are_seen_to(void **state)
{
	char path[128];
	struct stat st;

	(void)state;
	path_of("reserve", path, sizeof(path));
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(STATEDIR_RESERVE, st.st_size);
	store_close_it();
	assert_int_equal(0, truncate(path, 0));
	store_open_it();
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(STATEDIR_RESERVE, st.st_size);
	assert_true(st.st_blocks * 512 >= STATEDIR_RESERVE);
	store_tick(store);
	begin();
	put_event(store);
	keep();
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)
		TEST(a_second_opener_is_refused),
		TEST(the_folder_and_its_files_are_ours_alone),
		TEST(a_folder_or_file_of_somebody_else_is_refused),
		TEST(a_folder_that_cannot_be_made_or_is_a_file_is_refused),
		TEST(network_file_systems_are_known),
		TEST(a_folder_whose_locks_and_syncs_mean_nothing_is_refused),
		TEST(a_database_that_is_no_plain_file_is_refused_and_left_alone),
		TEST(dead_readers_and_a_missing_reserve_are_seen_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

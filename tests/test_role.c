/* SPDX-License-Identifier: ISC
 *
 * The kernel's word about a peer, and the roles that follow from it.
 */
#include "../daemon/conf_option.h"
#include "../daemon/role.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void a_peer_is_who_the_kernel_says(void **state)
{
	(void)state;
	int fd[2];
	struct peer peer;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(peer_read(fd[0], &peer), CS_OK);
	assert_int_equal(peer.uid, geteuid());
	assert_int_equal(peer.pid, getpid());
	assert_true(peer.ngroups >= 1);
	assert_int_equal(peer.groups[0], getegid());

	gid_t mine[PEER_GROUPS_MAX];
	int n = getgroups(PEER_GROUPS_MAX, mine);
	for (int i = 0; i < n; i++) {
		bool there = false;
		for (size_t j = 0; j < peer.ngroups; j++)
			there = there || peer.groups[j] == mine[i];
		assert_true(there);
	}
	for (size_t i = 1; i < peer.ngroups; i++)
		assert_int_not_equal(peer.groups[i], peer.groups[0]);
	close(fd[0]);
	close(fd[1]);
}

/* In a child in n groups from first on; returns what peer_read said there. */
static enum cs_err read_with_groups(gid_t first, size_t n, size_t *seen)
{
	int report[2], status;
	enum cs_err e = CS_ERR_SYSTEM;
	assert_int_equal(pipe(report), 0);
	pid_t child = fork();
	if (child == 0) {
		gid_t groups[PEER_GROUPS_MAX + 8];
		int fd[2];
		struct peer peer = { .ngroups = 0 };
		for (size_t i = 0; i < n; i++)
			groups[i] = first + (gid_t)i;
		if (setgroups(n, groups) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
			_exit(99);
		e = peer_read(fd[0], &peer);
		ssize_t w = write(report[1], &peer.ngroups, sizeof(peer.ngroups));
		_exit(w == sizeof(peer.ngroups) ? (int)e : 99);
	}
	assert_int_equal(read(report[0], seen, sizeof(*seen)), sizeof(*seen));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 99);
	e = (enum cs_err)WEXITSTATUS(status);
	close(report[0]);
	close(report[1]);
	return e;
}

static void somebody_in_more_groups_than_fit_is_an_error_and_not_cut(void **state)
{
	(void)state;
	size_t seen = 0;
	if (geteuid() != 0)
		skip();
	assert_int_equal(read_with_groups(5000, 3, &seen), CS_OK);
	assert_int_equal(seen, 4);
	assert_int_equal(read_with_groups(5000, PEER_GROUPS_MAX - 1, &seen), CS_OK);
	assert_int_equal(seen, PEER_GROUPS_MAX);
	assert_int_equal(read_with_groups(5000, PEER_GROUPS_MAX, &seen), CS_ERR_LIMIT);
	assert_int_equal(seen, 0);
	assert_int_equal(read_with_groups(5000, PEER_GROUPS_MAX + 1, &seen), CS_ERR_LIMIT);
}

static void the_primary_group_is_told_once(void **state)
{
	(void)state;
	size_t seen = 0;
	if (geteuid() != 0)
		skip();
	assert_int_equal(read_with_groups(getegid(), 3, &seen), CS_OK);
	assert_int_equal(seen, 3);
	assert_int_equal(read_with_groups(getegid(), PEER_GROUPS_MAX, &seen), CS_OK);
	assert_int_equal(seen, PEER_GROUPS_MAX);
}

static void what_is_no_local_socket_has_no_peer(void **state)
{
	(void)state;
	struct peer peer = { .uid = 12345 };
	int fd[2];
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(peer_read(fd[0], &peer), CS_ERR_SYSTEM);
	assert_int_equal(errno, ENOTSOCK);
	close(fd[0]);
	close(fd[1]);

	int ip = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(ip >= 0);
	assert_int_equal(peer_read(ip, &peer), CS_ERR_SYSTEM);
	assert_int_equal(errno, ENOTSOCK);
	close(ip);
	assert_int_equal(peer.uid, 12345);
}

static void roles_are_a_union_over_users_and_groups(void **state)
{
	(void)state;
	uid_t mia[] = { 1007 }, root[] = { 0 };
	gid_t staff[] = { 500, 501 }, web[] = { 600 };
	const gid_t both[] = { 600, 501 }, none[] = { 1007, 0 };
	struct conf conf = { .map_size = 0 };
	conf.roles[0] = (struct people){ .groups = staff, .ngroups = 2 };
	conf.roles[1] = (struct people){ .users = mia, .nusers = 1 };
	conf.roles[2] = (struct people){ .users = root, .nusers = 1 };
	conf.roles[4] = (struct people){ .groups = web, .ngroups = 1 };

	assert_int_equal(role_mask(&conf, 1007, both, 2),
	    ROLE_TECHNICIAN | ROLE_DESK | ROLE_ISSUER);
	assert_int_equal(role_mask(&conf, 1007, NULL, 0), ROLE_DESK);
	assert_int_equal(role_mask(&conf, 0, both, 1), ROLE_OPERATOR | ROLE_ISSUER);
	assert_int_equal(role_mask(&conf, 1008, both + 1, 1), ROLE_TECHNICIAN);
	assert_int_equal(role_mask(&conf, 0, NULL, 0), ROLE_OPERATOR | ROLE_TECHNICIAN);
	/* a gid is not a uid */
	assert_int_equal(role_mask(&conf, 500, none, 2), 0);
}

static void each_role_has_its_word(void **state)
{
	static const char *const words[ROLES] = { "staff", "desk", "operator", "panel",
		"issuer" };
	(void)state;
	for (int i = 0; i < ROLES; i++)
		assert_string_equal(conf_roles[i], words[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_is_who_the_kernel_says),
		cmocka_unit_test(somebody_in_more_groups_than_fit_is_an_error_and_not_cut),
		cmocka_unit_test(the_primary_group_is_told_once),
		cmocka_unit_test(what_is_no_local_socket_has_no_peer),
		cmocka_unit_test(roles_are_a_union_over_users_and_groups),
		cmocka_unit_test(each_role_has_its_word),
	};
	return cmocka_run_group_tests_name("role", tests, NULL, NULL);
}

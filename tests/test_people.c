/* SPDX-License-Identifier: ISC
 *
 * Names and numbers to lists, and who is found on both of two lists.
 */
#include "../daemon/people.h"

#include "fake_host.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct fake_user users[] = {
	{ "root", 0, 0 },
	{ "mia", 1007, 100 },
	{ "web", 990, 990 },
	{ "2001", 1008, 100 },
	{ "alias", 1007, 100 },
	{ "mia", 1009, 100 },
	{ NULL, 0, 0 },
};

static const struct fake_group groups[] = {
	{ "root", 0, { NULL } },
	{ "users", 100, { NULL } },
	{ "staff", 500, { "mia" } },
	{ "pages", 600, { "gone", "web" } },
	{ "both", 700, { "mia", "web" } },
	{ NULL, 0, { NULL } },
};

struct lists {
	struct people a, b;
};

static int set_up(void **state)
{
	static struct lists lists;
	fake_host(users, groups);
	memset(&lists, 0, sizeof(lists));
	*state = &lists;
	return 0;
}

static int tear_down(void **state)
{
	struct lists *l = *state;
	people_clear(&l->a);
	people_clear(&l->b);
	return 0;
}

static void a_name_becomes_a_number(void **state)
{
	struct lists *l = *state;
	assert_int_equal(people_add_user(&l->a, "mia"), CS_OK);
	assert_int_equal(people_add_group(&l->a, "staff"), CS_OK);
	assert_int_equal(l->a.nusers, 1);
	assert_int_equal(l->a.users[0], 1007);
	assert_int_equal(l->a.ngroups, 1);
	assert_int_equal(l->a.groups[0], 500);
}

static void a_number_is_taken_as_it_is_though_nobody_has_it(void **state)
{
	struct lists *l = *state;
	assert_int_equal(people_add_user(&l->a, "2001"), CS_OK);
	assert_int_equal(people_add_group(&l->a, "4294967294"), CS_OK);
	assert_int_equal(l->a.users[0], 2001);
	assert_int_equal(l->a.groups[0], 4294967294u);
}

static void an_unknown_name_is_not_found(void **state)
{
	static const char *const names[] = { "nosuch", "", "4294967295", "99999999999", "-1",
		"1x" };
	struct lists *l = *state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(people_add_user(&l->a, names[i]), CS_ERR_NOTFOUND);
		assert_int_equal(people_add_group(&l->a, names[i]), CS_ERR_NOTFOUND);
	}
	assert_int_equal(l->a.nusers + l->a.ngroups, 0);
}

static void a_name_service_that_fails_is_not_an_unknown_name(void **state)
{
	struct lists *l = *state;
	char who[64];
	bool found = false;
	assert_int_equal(people_add_group(&l->b, "500"), CS_OK);
	assert_int_equal(people_add_user(&l->a, "1007"), CS_OK);
	fake_host_fail(EIO);
	assert_int_equal(people_add_user(&l->a, "mia"), CS_ERR_SYSTEM);
	assert_int_equal(errno, EIO);
	assert_int_equal(people_overlap(&l->a, &l->b, &found, who, sizeof(who)), CS_ERR_SYSTEM);
	people_clear(&l->a);
	assert_int_equal(people_add_group(&l->a, "600"), CS_OK);
	assert_int_equal(people_overlap(&l->a, &l->b, &found, who, sizeof(who)), CS_ERR_SYSTEM);
	assert_false(found);
}

static void an_entry_of_many_megabytes_is_an_error(void **state)
{
	struct lists *l = *state;
	fake_host_fail(ERANGE);
	assert_int_equal(people_add_group(&l->a, "staff"), CS_ERR_SYSTEM);
	assert_int_equal(errno, ERANGE);
	assert_int_equal(l->a.ngroups, 0);
}

static void who_is_named_twice_is_listed_once(void **state)
{
	struct lists *l = *state;
	assert_int_equal(people_add_user(&l->a, "mia"), CS_OK);
	assert_int_equal(people_add_user(&l->a, "web"), CS_OK);
	assert_int_equal(people_add_user(&l->a, "alias"), CS_OK);
	assert_int_equal(people_add_user(&l->a, "1007"), CS_OK);
	assert_int_equal(l->a.nusers, 2);
	assert_int_equal(people_add_group(&l->a, "staff"), CS_OK);
	assert_int_equal(people_add_group(&l->a, "500"), CS_OK);
	assert_int_equal(people_add_group(&l->a, "pages"), CS_OK);
	assert_int_equal(l->a.ngroups, 2);
	assert_string_equal(l->a.group_names[1], "pages");
}

static void having_goes_by_uid_or_by_any_group(void **state)
{
	struct lists *l = *state;
	const gid_t staff[] = { 100, 500 }, other[] = { 100, 501 };
	assert_int_equal(people_add_user(&l->a, "0"), CS_OK);
	assert_int_equal(people_add_group(&l->a, "staff"), CS_OK);
	assert_true(people_have(&l->a, 0, NULL, 0));
	assert_true(people_have(&l->a, 1, staff, 2));
	assert_false(people_have(&l->a, 1, other, 2));
	assert_false(people_have(&l->a, 500, NULL, 0));
	assert_false(people_have(&l->b, 0, staff, 2));
}

/* Users and groups of the two lists, separated by blanks; who, or NULL. */
static const struct {
	const char *users_a, *groups_a, *users_b, *groups_b, *who;
} overlaps[] = {
	{ "mia", "", "web", "", NULL },
	{ "mia", "", "alias", "", "user mia" },
	{ "5000", "", "5000", "", "user 5000" },
	{ "5000", "", "5001", "", NULL },
	{ "mia", "", "", "staff", "user mia" },
	{ "", "staff", "mia", "", "user mia" },
	{ "mia", "", "", "users", "user mia" },		/* primary group */
	{ "", "users", "mia", "", "user mia" },
	{ "", "both", "", "pages", "user web" },
	{ "", "staff", "", "pages", NULL },
	{ "", "staff", "", "staff", "group staff" },
	{ "", "800", "", "800", "group 800" },
	{ "web", "", "mia", "staff", NULL },
	{ "", "", "mia", "staff", NULL },
};

static void add_all(struct people *people, const char *u, const char *g)
{
	if (*u != '\0')
		assert_int_equal(people_add_user(people, u), CS_OK);
	if (*g != '\0')
		assert_int_equal(people_add_group(people, g), CS_OK);
}

static void somebody_on_both_lists_is_found_however_they_are_listed(void **state)
{
	struct lists *l = *state;
	for (size_t i = 0; i < sizeof(overlaps) / sizeof(overlaps[0]); i++) {
		char who[64] = "";
		bool found = overlaps[i].who == NULL;
		add_all(&l->a, overlaps[i].users_a, overlaps[i].groups_a);
		add_all(&l->b, overlaps[i].users_b, overlaps[i].groups_b);
		assert_int_equal(people_overlap(&l->a, &l->b, &found, who, sizeof(who)), CS_OK);
		assert_int_equal(found, overlaps[i].who != NULL);
		if (found)
			assert_string_equal(who, overlaps[i].who);
		people_clear(&l->a);
		people_clear(&l->b);
	}
}

/* Whose members nobody lists, as some name services do not. */
static void somebody_in_hundreds_of_groups_is_found_by_the_last(void **state)
{
	static struct fake_group many[302] = { { "many", 1299, { NULL } } };
	struct lists *l = *state;
	char who[64] = "";
	bool found = false;
	for (gid_t i = 0; i < 300; i++)
		many[i + 1] = (struct fake_group){ "many", 1000 + i, { "web" } };
	fake_host(users, many);
	assert_int_equal(people_add_user(&l->a, "web"), CS_OK);
	assert_int_equal(people_add_group(&l->b, "1300"), CS_OK);
	assert_int_equal(people_overlap(&l->a, &l->b, &found, who, sizeof(who)), CS_OK);
	assert_false(found);
	assert_int_equal(people_add_group(&l->b, "1299"), CS_OK);
	assert_int_equal(people_overlap(&l->a, &l->b, &found, who, sizeof(who)), CS_OK);
	assert_true(found);
	assert_string_equal(who, "user web");
}

static void a_number_is_shown_as_the_name_that_leads_back_to_it(void **state)
{
	char text[64];
	(void)state;
	assert_string_equal(people_user_text(1007, text, sizeof(text)), "mia");
	assert_string_equal(people_user_text(1008, text, sizeof(text)), "1008");
	assert_string_equal(people_user_text(1009, text, sizeof(text)), "1009");
	assert_string_equal(people_user_text(77, text, sizeof(text)), "77");
	assert_string_equal(people_group_text(500, text, sizeof(text)), "staff");
	assert_string_equal(people_group_text(500, text, 4), "500");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_becomes_a_number),
		TEST(a_number_is_taken_as_it_is_though_nobody_has_it),
		TEST(an_unknown_name_is_not_found),
		TEST(a_name_service_that_fails_is_not_an_unknown_name),
		TEST(an_entry_of_many_megabytes_is_an_error),
		TEST(who_is_named_twice_is_listed_once),
		TEST(having_goes_by_uid_or_by_any_group),
		TEST(somebody_on_both_lists_is_found_however_they_are_listed),
		TEST(somebody_in_hundreds_of_groups_is_found_by_the_last),
		TEST(a_number_is_shown_as_the_name_that_leads_back_to_it),
	};
	return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}

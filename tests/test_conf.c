/* SPDX-License-Identifier: ISC
 *
 * The configuration: what the defaults are, what a file may change, and that
 * each mistake is refused with its line.
 */
#include "../daemon/conf.h"

#include "../daemon/conf_option.h"
#include "../daemon/name.h"
#include "fake_host.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct fake_user users[] = {
	{ "root", 0, 0 },
	{ "mia", 1007, 100 },
	{ "web", 990, 990 },
	{ NULL, 0, 0 },
};

static const struct fake_group groups[] = {
	{ "root", 0, { NULL } },
	{ "support", 500, { "mia" } },
	{ "pages", 600, { "web" } },
	{ "both", 700, { "mia", "web" } },
	{ NULL, 0, { NULL } },
};

static char dir[] = "/tmp/countersign-conf-XXXXXX";
static char path[64];
static char logged[8192];

static int set_up(void **state)
{
	(void)state;
	fake_host(users, groups);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/conf", dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void write_file(const char *text, size_t len)
{
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

/* What goes to standard error meanwhile ends in "logged". */
static enum cs_err load_path(const char *from, struct conf **conf)
{
	int saved = dup(2), fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(saved >= 0 && fd >= 0);
	fflush(stderr);
	dup2(fd, 2);
	enum cs_err e = conf_load(from, conf);
	fflush(stderr);
	dup2(saved, 2);
	ssize_t n = pread(fd, logged, sizeof(logged) - 1, 0);
	logged[n > 0 ? n : 0] = '\0';
	close(fd);
	close(saved);
	return e;
}

static enum cs_err load(const char *text, struct conf **conf)
{
	write_file(text, strlen(text));
	return load_path(path, conf);
}

static struct conf *must_load(const char *text)
{
	struct conf *conf = NULL;
	enum cs_err e = load(text, &conf);
	if (e != CS_OK)
		print_error("%s", logged);
	assert_int_equal(e, CS_OK);
	return conf;
}

/* Refused, with "path:line: " (or "path: " for line 0) and the words. */
static void must_refuse(const char *text, int line, const char *words)
{
	char start[128];
	struct conf *conf = NULL;
	enum cs_err e = load(text, &conf);
	snprintf(start, sizeof(start), line > 0 ? "%s:%d: " : "%s: ", path, line);
	if (e == CS_OK || strstr(logged, start) == NULL || strstr(logged, words) == NULL)
		print_error("%s\nwanted %s%s\nlogged %s\n", text, start, words, logged);
	assert_int_equal(e, CS_ERR_CONFIG);
	assert_null(conf);
	assert_non_null(strstr(logged, start));
	assert_non_null(strstr(logged, words));
}

static void what_came_from_no_file_can_be_loaded_again(void **state)
{
	struct conf *first = NULL, *again = NULL;

	(void)state;
	if (conf_default_path() != NULL)
		skip();
	assert_int_equal(load_path(NULL, &first), CS_OK);
	assert_int_equal(conf_load_again(first, &again), CS_OK);
	assert_null(again->path);
	conf_free(&first);
	conf_free(&again);
	first = must_load("dormant = 40d");
	write_file("dormant = 50d", 13);
	assert_int_equal(conf_load_again(first, &again), CS_OK);
	assert_string_equal(again->path, path);
	assert_int_equal(again->dormant, 50 * 86400);
	conf_free(&first);
	conf_free(&again);
}

/* Its size is only what it was at first. */
static void a_file_that_is_larger_than_it_said_is_refused(void **state)
{
	static const char endless[] = "/proc/kallsyms";
	struct stat st;
	struct conf *conf = NULL;

	(void)state;
	if (stat(endless, &st) != 0 || st.st_size != 0)
		skip();
	assert_int_equal(load_path(endless, &conf), CS_ERR_CONFIG);
	assert_non_null(strstr(logged, "/proc/kallsyms: this file is larger than 1 MiB"));
}

static void the_defaults_are_those_of_the_design(void **state)
{
	struct conf *c = NULL;
	(void)state;
	assert_int_equal(load_path(NULL, &c), CS_OK);
	assert_string_equal(c->state_dir, "/var/lib/countersign");
	assert_string_equal(c->socket_dir, "/run/countersign");
	assert_string_equal(c->master_key, "/etc/countersign/master.key");
	assert_int_equal(c->map_size, 16ULL << 30);
	assert_true(c->separate_roles);
	assert_false(c->vouches_high);
	assert_false(c->shadow);
	assert_int_equal(c->code_lifetime, 600);
	assert_int_equal(c->code_tries, 3);
	assert_int_equal(c->limit.technician.count, 5);
	assert_int_equal(c->limit.technician.seconds, 600);
	assert_int_equal(c->limit.technician_pause, 30);
	assert_int_equal(c->limit.technician_day, 200);
	assert_int_equal(c->limit.account.count, 10);
	assert_int_equal(c->limit.account.seconds, 3600);
	assert_int_equal(c->limit.account_day, 20);
	assert_int_equal(c->limit.issue.count, 20);
	assert_int_equal(c->limit.misheard.count, 30);
	assert_int_equal(c->limit.connections, 64);
	assert_int_equal(c->roles[2].nusers, 1);
	assert_int_equal(c->roles[2].users[0], 0);
	conf_free(&c);
	assert_null(c);
}

static const struct {
	const char *name;
	enum requirement require;
	enum risk risk;
	bool bind_target;
	enum target_form form;
} shipped[] = {
	{ "mail.server", REQUIRE_CODE, RISK_HIGH, true, TARGET_HOST_IP },
	{ "service.change", REQUIRE_CODE, RISK_HIGH, false, TARGET_FREE },
	{ "filter.list", REQUIRE_CODE, RISK_NORMAL, false, TARGET_FREE },
	{ "report.mail", REQUIRE_CODE, RISK_NORMAL, false, TARGET_FREE },
	{ "admin.change", REQUIRE_CODE, RISK_HIGH, false, TARGET_FREE },
	{ "general", REQUIRE_NONE, RISK_NORMAL, false, TARGET_FREE },
};

static void the_shipped_actions_are_there_and_no_other(void **state)
{
	(void)state;
	struct conf *c = must_load("");
	assert_int_equal(c->nactions, COUNT(shipped));
	for (size_t i = 0; i < COUNT(shipped); i++) {
		const struct action *a = conf_action(c, cs_str(shipped[i].name));
		assert_non_null(a);
		assert_int_equal(a->require, shipped[i].require);
		assert_int_equal(a->risk, shipped[i].risk);
		assert_int_equal(a->bind_target, shipped[i].bind_target);
		assert_int_equal(a->form, shipped[i].form);
		assert_int_equal(a->lifetime, 600);
		assert_false(a->authenticator);
		assert_false(a->shadow);
		assert_int_equal(a->technicians.ngroups, 0);
	}
	assert_null(conf_action(c, cs_str("mail.serve")));
	assert_null(conf_action(c, cs_str("mail.server2")));
	assert_null(conf_action(c, cs_str("")));
	conf_free(&c);
}

static void a_file_changes_what_it_names_and_nothing_else(void **state)
{
	(void)state;
	struct conf *c = must_load("mode = shadow\n"
	    "code { lifetime = 5m }\n"
	    "action mail.server { mode = enforce  lifetime = \"20m\"\n"
	    "	groups = { support, \"600\" } }\n"
	    "action \"dns.zone\" { require = \"code\"  authenticator = yes }\n");
	const struct action *a = conf_action(c, CS_STR("mail.server"));
	assert_string_equal(a->title, "Change a mail server's IP or host name");
	assert_int_equal(a->risk, RISK_HIGH);
	assert_true(a->bind_target);
	assert_false(a->shadow);
	assert_int_equal(a->lifetime, 1200);
	assert_int_equal(a->technicians.ngroups, 2);
	assert_int_equal(a->technicians.groups[0], 500);
	assert_int_equal(a->technicians.groups[1], 600);

	a = conf_action(c, CS_STR("general"));
	assert_true(a->shadow);
	assert_int_equal(a->lifetime, 300);

	a = conf_action(c, CS_STR("dns.zone"));
	assert_string_equal(a->title, "dns.zone");
	assert_true(a->authenticator && a->shadow);
	assert_int_equal(a->risk, RISK_NORMAL);
	assert_int_equal(a->lifetime, 300);
	assert_int_equal(c->nactions, COUNT(shipped) + 1);
	assert_int_equal(c->code_tries, 3);
	conf_free(&c);
}

static void every_section_reaches_its_place(void **state)
{
	(void)state;
	struct conf *c = must_load("# a comment\n"
	    "state-dir = /srv/cs // another\n"
	    "socket-dir = '/srv/s' /* and\n another */ map-size=\"64M\"\n"
	    "directions = \"say \\\"now\\\" \\\\ '$HOME' M\xc3\xbcller\"\n"
	    "separate-roles = off\n"
	    "role staff { groups = { # who\n\"support\", // asks\n} users /* all */ = { mia } }\n"
	    "role operator { users = { 1007, root } }\r\n"
	    "role panel { users = { \"web\" } }\n"
	    "role issuer { groups = { pages } vouches-high = true }\n"
	    "role desk { users = \"990\" technicians { groups = {} users = { \"mia\" } } }\n"
	    "limit { technician = 1/1s technician-pause = 1h account = 32/1d issue = 2/90s\n"
	    "misheard = \"3/2h\" connections = 1 technician-day = 7 account-day = 8 }\n"
	    "code { tries = 010 lifetime = 30m }");
	assert_string_equal(c->state_dir, "/srv/cs");
	assert_string_equal(c->socket_dir, "/srv/s");
	assert_int_equal(c->map_size, 64 << 20);
	assert_string_equal(c->directions, "say \"now\" \\ '$HOME' M\xc3\xbcller");
	assert_false(c->separate_roles);
	assert_int_equal(c->roles[0].groups[0], 500);
	assert_int_equal(c->roles[0].users[0], 1007);
	assert_int_equal(c->roles[2].nusers, 2);
	assert_int_equal(c->roles[3].users[0], 990);
	assert_int_equal(c->roles[4].groups[0], 600);
	assert_true(c->vouches_high);
	assert_int_equal(c->roles[1].users[0], 990);
	assert_int_equal(c->desk_technicians.ngroups, 0);
	assert_int_equal(c->desk_technicians.users[0], 1007);
	assert_int_equal(c->limit.technician.count, 1);
	assert_int_equal(c->limit.technician.seconds, 1);
	assert_int_equal(c->limit.technician_pause, 3600);
	assert_int_equal(c->limit.account.count, 32);
	assert_int_equal(c->limit.account.seconds, 86400);
	assert_int_equal(c->limit.issue.seconds, 90);
	assert_int_equal(c->limit.misheard.seconds, 7200);
	assert_int_equal(c->limit.connections, 1);
	assert_int_equal(c->limit.technician_day, 7);
	assert_int_equal(c->limit.account_day, 8);
	assert_int_equal(c->code_tries, 10);
	assert_int_equal(c->code_lifetime, 1800);
	assert_string_equal(logged, "");
	conf_free(&c);
}

static const struct {
	const char *text;
	int line;
	const char *words;
} mistakes[] = {
	/* names */
	{ "\nstatedir = /x\n", 2, "write one of state-dir, " },
	{ "code { state-dir = /x }", 1, "write one of lifetime, tries" },
	{ "role panel { vouches-high = true }", 1, "write one of users, groups\n" },
	{ "role panel { technicians { } }", 1, "unknown here" },
	{ "technicians { }", 1, "unknown here" },
	{ "code { code { } }", 1, "unknown here" },
	{ "include(\"/etc/passwd\")", 1, "no meaning here" },
	{ "code|lifetime = 5m", 1, "no meaning here" },
	{ "\"state-dir\" = /x", 1, "without quotes" },
	{ "role manager { }", 1, "there is no role \"manager\"" },
	{ "role { }", 1, "needs a title" },
	{ "code x { }", 1, "has not a title" },
	{ "action \"Mail\" { }", 1, "no name for an action" },
	{ "action \"\" { }", 1, "no name for an action" },
	{ "action a\xd0\xb0 { }", 1, "no meaning here" },
	{ "role desk { technicians = { groups = { support } } }", 1, "no = before its {" },
	{ "code = 5", 1, "is a section" },
	{ "mode { }", 1, "write mode = and one value" },
	{ "mode = { shadow }", 1, "write mode = and one value" },
	{ "role staff { users { } }", 1, "write users = {" },
	/* written twice */
	{ "mode = shadow\n\nmode = shadow\n", 3, "written twice, first in line 1" },
	{ "code { tries = 3\ntries = 4 }", 2, "written twice" },
	{ "code { tries = 3 }\ncode { }", 2, "written twice" },
	{ "role staff { users = { }\nusers = { } }", 2, "written twice" },
	{ "role staff { }\nrole staff { }", 2, "staff is written twice" },
	{ "action a { }\naction \"b\" { }\naction 'a' { }", 3, "action a is written twice" },
	{ "code { }\ncode again { }", 2, "has not a title" },	/* which is another mistake */
	{ "role staff { users += { mia } }", 1, "whole list" },
	/* strings and comments */
	{ "\ndirections = \"${HOME}\"", 2, "environment" },
	{ "directions = ${HOME}", 1, "no meaning here" },
	{ "directions = \"a\\\\${HOME}\"", 1, "environment" },
	{ "directions = \"a\\0b\"", 1, "backslash" },
	{ "directions = \"a\\x24{HOME}\"", 1, "backslash" },
	{ "directions = 'a\\nb'", 1, "backslash" },
	{ "directions = \"a\nmode = shadow\n\"", 1, "no end" },
	{ "directions = 'a", 1, "no end" },
	{ "directions = \"a\\", 1, "backslash" },
	{ "directions = \"a\tb\"", 1, "control character" },
	{ "directions = \"\xe2\x80\xae"
	  "b\"",
	    1, "plain text" },
	{ "mode = shadow\n\n/* the rest\nis gone", 3, "no end" },
	{ "mode = shadow\ncode {\n tries = 3", 2, "no end" },
	{ "mode = shadow\n}\n", 2, "name of an option" },
	{ "mode = shadow;", 1, "no meaning here" },
	{ "mode =", 1, "has no value" },
	{ "mode", 1, "must follow mode" },
	{ "mode shadow", 1, "must follow mode" },
	{ "mode = = shadow", 1, "has no value" },
	{ "role staff { users = { mia web } }", 1, "a list is written" },
	{ "role staff { users = { , } }", 1, "a list is written" },
	{ "mode = shadow\ndirections = \"\xff\"", 2, "not UTF-8" },
	/* values */
	{ "mode = on", 1, "write enforce or shadow" },
	{ "mode = Shadow", 1, "write enforce or shadow" },
	{ "separate-roles = maybe", 1, "true" },
	{ "separate-roles = 1", 1, "true" },
	{ "state-dir = lib", 1, "begins with /" },
	{ "panel-url = \"support.example.net\"", 1, "https://HOST" },
	{ "panel-url = \"https://support.example.net/\"", 1, "https://HOST" },
	{ "panel-url = \"https://a.example/?x\"", 1, "https://HOST" },
	{ "state-dir = \"\"", 1, "begins with /" },
	{ "map-size = 1023K", 1, "write 1M to " },
	{ "map-size = 16T", 1, "write 1M to " },
	{ "map-size = 16g", 1, "write 1M to " },
	{ "map-size = 17179869200G", 1, "write 1M to " },
	{ "map-size = -1G", 1, "write 1M to " },
	{ "map-size = 1.5G", 1, "write 1M to " },
	{ "code { lifetime = 119s }", 1, "write 2m to 30m" },
	{ "code { lifetime = 31m }", 1, "write 2m to 30m" },
	{ "code { lifetime = 600 }", 1, "write 2m to 30m" },
	{ "code { lifetime = 10min }", 1, "write 2m to 30m" },
	{ "code { lifetime = \" 10m\" }", 1, "write 2m to 30m" },
	{ "code { tries = 0 }", 1, "write 1 to 10" },
	{ "code { tries = 11 }", 1, "write 1 to 10" },
	{ "code { tries = 3x }", 1, "write 1 to 10" },
	{ "code { tries = -3 }", 1, "write 1 to 10" },
	{ "code { tries = 4294967299 }", 1, "write 1 to 10" },
	{ "code { tries = 18446744073709551619 }", 1, "write 1 to 10" },
	{ "limit { technician = 5 }", 1, "like 5/10m" },
	{ "limit { technician = 5/10 }", 1, "like 5/10m" },
	{ "limit { technician = 5/10w }", 1, "like 5/10m" },
	{ "limit { technician = /10m }", 1, "like 5/10m" },
	{ "limit { technician = 0/10m }", 1, "count of 1 to 32" },
	{ "limit { technician = 33/10m }", 1, "count of 1 to 32" },
	{ "limit { technician = 5/0s }", 1, "count of 1 to 32" },
	{ "limit { technician = 5/2d }", 1, "count of 1 to 32" },
	{ "limit { technician-pause = 0s }", 1, "write 1s to 1h" },
	{ "limit { connections = 0 }", 1, "write 1 to " },
	{ "action a { title = \"\" }", 1, "write 1 to 128 bytes" },
	{ "action a { require = ticket }", 1, "write none or code" },
	{ "action a { risk = low }", 1, "write normal or high" },
	{ "action a { target-form = ip }", 1, "write free or host=ip" },
	{ "action a {\n lifetime = 31m }", 2, "write 2m to 30m" },
	/* contradictions */
	{ "action a { risk = high\nauthenticator = true }", 2, "contradicts risk" },
	{ "action a { bind-target = true\nauthenticator = true }", 2, "contradicts bind-target" },
	{ "\naction mail.server {\nauthenticator = true }", 3, "contradicts risk" },
	{ "\n\naction filter.list {\nrisk = high\nauthenticator = true }", 5, "contradicts risk" },
	{ "action a { require = none\nrisk = high }", 2, "contradicts require = none" },
	{ "action a {\nrequire = none\nbind-target = true }", 3, "contradicts require = none" },
	{ "action a {\nrequire = none\nauthenticator = yes }", 3, "contradicts require = none" },
	{ "action admin.change {\nrequire = none }", 2, "risk = \"high\" contradicts require" },
	{ "action mail.server { risk = normal\nrequire = none }", 2,
	    "bind-target = true contradicts" },
	/* people */
	{ "role staff {\nusers = { mia, nosuch } }", 2, "no user \"nosuch\"" },
	{ "role staff {\ngroups = { nosuch } }", 2, "no group \"nosuch\"" },
	{ "role staff {\ngroups = { countersign-staff } }", 2, "no group \"countersign-staff\"" },
	{ "role panel {\nusers = { countersign-panel } }", 2, "no user \"countersign-panel\"" },
	{ "action a {\ngroups = { nosuch } }", 2, "no group \"nosuch\"" },
	{ "role desk { technicians {\nusers = { 4294967295 } } }", 2, "no user" },
};

static void every_mistake_is_refused_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++)
		must_refuse(mistakes[i].text, mistakes[i].line, mistakes[i].words);
}

static void all_wrong_values_are_told_at_once(void **state)
{
	(void)state;
	must_refuse("code { tries = 0 }\nmode = x\naction a { risk = x }", 1, "tries");
	assert_non_null(strstr(logged, ":2: mode"));
	assert_non_null(strstr(logged, ":3: risk"));
}

static void what_a_line_says_cannot_forge_the_log(void **state)
{
	(void)state;
	must_refuse("mode = \"\xe2\x80\xae\xe2\x80\xae\"", 1, "write enforce or shadow");
	assert_null(strstr(logged, "\xe2\x80\xae"));
}

static void a_name_of_any_length_is_refused_in_one_line_that_ends(void **state)
{
	char text[4096], xs[2000];

	(void)state;
	memset(xs, 'x', sizeof(xs));
	snprintf(text, sizeof(text), "\n%.*s = 1\n", (int)sizeof(xs), xs);
	must_refuse(text, 2, "xxx");
	assert_in_range(strcspn(logged, "\n"), 300, 600);
}

/* One uid may not both issue and verify; through users, groups and members. */
static const char *const overlaps[] = {
	"role panel { users = { mia } }\nrole staff { users = { 1007 } }",
	"role issuer { users = { mia } }\nrole staff { groups = { support } }",
	"role issuer { groups = { support } }\nrole desk { users = { mia } }",
	"role panel { groups = { both } }\nrole desk { users = { web } }",
	"role issuer { groups = { 700 } }\nrole staff { groups = { pages } }",
	"role panel { groups = { 4000 } }\nrole staff { groups = { 4000 } }",
	"role panel { users = { 4000 } }\nrole desk { users = { 4000 } }",
};

static void nobody_both_issues_and_verifies_unless_the_file_says_so(void **state)
{
	char text[256];
	(void)state;
	for (size_t i = 0; i < COUNT(overlaps); i++) {
		must_refuse(overlaps[i], 1, "separate-roles = false");
		snprintf(text, sizeof(text), "%s\nseparate-roles = false\n", overlaps[i]);
		struct conf *c = must_load(text);
		assert_false(c->separate_roles);
		conf_free(&c);
	}
	struct conf *c = must_load("role panel { users = { web } }\n"
	    "role issuer { users = { web } }\nrole staff { users = { mia } }\n"
	    "role desk { users = { mia } }");
	conf_free(&c);
}

static void the_shipped_panel_may_not_verify_either(void **state)
{
	static const struct fake_user with_panel[] = {
		{ "root", 0, 0 }, { "countersign-panel", 991, 991 }, { NULL, 0, 0 }
	};

	(void)state;
	fake_host(with_panel, groups);
	must_refuse("\nrole staff { users = { 991 } }", 2,
	    "user countersign-panel is in role panel and in role staff");
	fake_host(users, groups);
}

static void a_shipped_name_that_the_host_lacks_is_a_warning(void **state)
{
	(void)state;
	struct conf *c = must_load("");
	assert_non_null(strstr(logged, "countersign-staff"));
	assert_non_null(strstr(logged, "countersign-panel"));
	assert_int_equal(c->roles[0].ngroups, 0);
	assert_int_equal(c->roles[3].nusers, 0);
	conf_free(&c);
	c = must_load("role staff { groups = { } }\nrole panel { users = { } }");
	assert_string_equal(logged, "");
	conf_free(&c);
}

static void a_long_value_does_not_hide_what_is_wrong_with_it(void **state)
{
	char text[1100];
	(void)state;
	snprintf(text, sizeof(text), "state-dir = \"/%01024d\"", 0);
	must_refuse(text, 1, "0...\": write 2 to 1024 bytes");
}

static void a_name_service_that_fails_is_an_error(void **state)
{
	struct conf *c = NULL;
	(void)state;
	fake_host_fail(EIO);
	must_refuse("role staff { users = { mia } }", 1, "cannot be looked up");
	assert_int_equal(load("", &c), CS_ERR_CONFIG);
	/* These numbers are looked up only to compare the roles. */
	must_refuse("role staff { users = { 1007 } groups = { } }\n"
	    "role operator { users = { 0 } }\nrole panel { users = { 990 } }\n"
	    "role desk { technicians { groups = { } } }", 0,
	    "the members of role panel and of role staff cannot be looked up: Input/output error");
	fake_host_fail(0);
	assert_null(c);
}

static void only_a_small_regular_private_file_is_read(void **state)
{
	struct conf *c = NULL;
	(void)state;
	unlink(path);
	assert_int_equal(load_path(path, &c), CS_ERR_CONFIG);
	assert_non_null(strstr(logged, "No such file"));
	assert_int_equal(load_path(dir, &c), CS_ERR_CONFIG);
	assert_non_null(strstr(logged, "regular file"));
	assert_int_equal(load_path("/dev/null", &c), CS_ERR_CONFIG);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(load_path(path, &c), CS_ERR_CONFIG);

	static char large[(1 << 20) + 1];
	memset(large, '\n', sizeof(large));
	write_file(large, sizeof(large));
	assert_int_equal(load_path(path, &c), CS_ERR_CONFIG);
	assert_non_null(strstr(logged, "1 MiB"));
	write_file(large, sizeof(large) - 1);
	assert_int_equal(load_path(path, &c), CS_OK);
	conf_free(&c);
	write_file("mode = \0shadow\n", 15);
	assert_int_equal(load_path(path, &c), CS_ERR_CONFIG);
	assert_non_null(strstr(logged, ":1: this line is not UTF-8"));
	assert_null(c);
}

static void others_may_not_write_a_file_that_root_reads(void **state)
{
	static const mode_t bad[] = { 0620, 0602, 0666 };
	struct conf *c = NULL;
	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < COUNT(bad); i++) {
		write_file("", 0);
		assert_int_equal(chmod(path, bad[i]), 0);
		assert_int_equal(load_path(path, &c), CS_ERR_CONFIG);
		assert_non_null(strstr(logged, "chmod go-w"));
	}
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(load_path(path, &c), CS_OK);
	conf_free(&c);
}

static void too_many_options_are_refused_soon(void **state)
{
	static char text[1 << 20];
	size_t len = 0;
	(void)state;
	for (int i = 0; i < 5000; i++)
		len += (size_t)sprintf(text + len, "action a%d { }\n", i);
	must_refuse(text, 4097, "more than 4096");
}

static char *dump(const struct conf *c)
{
	static char text[2][32768];
	static int turn;
	char *out = text[turn++ % 2];
	int fd = memfd_create("dump", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(conf_dump(c, fd), CS_OK);
	ssize_t n = pread(fd, out, sizeof(text[0]) - 1, 0);
	assert_in_range(n, 1, sizeof(text[0]) - 2);
	out[n] = '\0';
	close(fd);
	return out;
}

static const char *const dumped[] = {
	"",
	"mode = shadow",
	"directions = '${HOME} \\' \\\\ \"x\"'\nmap-size = 1048577\nseparate-roles = no\n"
	"role staff { users = { 1007, 5000 } groups = { support, 501 } }\n"
	"role issuer { users = { 5000 } vouches-high = yes }\n"
	"role desk { groups = { both } technicians { users = { mia } } }\n"
	"code { lifetime = 121s tries = 1 }\n"
	"limit { technician = 7/61s technician-pause = 59s connections = 10000 }\n"
	"action a { title = \"q\\\"q \xe2\x86\x92 'x' \\\\\" require = code authenticator = true\n"
	"	target-form = \"host=ip\" lifetime = 29m mode = shadow groups = { pages } }\n"
	"action general { require = code bind-target = true }\n",
};

static void a_dump_loads_to_the_same_configuration(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dumped); i++) {
		struct conf *first = must_load(dumped[i]);
		char *one = dump(first);
		struct conf *second = must_load(one);
		char *two = dump(second);
		assert_string_equal(one, two);
		assert_string_equal(first->directions, second->directions);
		assert_int_equal(first->map_size, second->map_size);
		assert_int_equal(first->roles[0].nusers, second->roles[0].nusers);
		assert_int_equal(first->limit.technician.seconds, second->limit.technician.seconds);
		assert_int_equal(first->nactions, second->nactions);
		const struct action *a = conf_action(first, CS_STR("a"));
		const struct action *b = conf_action(second, CS_STR("a"));
		if (a != NULL) {
			assert_string_equal(a->title, "q\"q \xe2\x86\x92 'x' \\");
			assert_string_equal(a->title, b->title);
			assert_true(b->shadow && b->authenticator);
			assert_int_equal(b->form, TARGET_HOST_IP);
			assert_int_equal(b->technicians.groups[0], 600);
		}
		conf_free(&first);
		conf_free(&second);
	}
}

static bool is_first_of_its_name(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (conf_options[j].scope == conf_options[i].scope &&
		    strcmp(conf_options[j].name, conf_options[i].name) == 0)
			return false;
	return true;
}

static size_t count_items(const char *page, const char *name)
{
	char item[80];
	size_t n = 0;
	snprintf(item, sizeof(item), "\n.It Ic %s ", name);
	for (const char *p = page; (p = strstr(p, item)) != NULL; p++)
		n++;
	return n;
}

static void the_manual_names_every_option_and_no_other(void **state)
{
	static char page[65536], file[4096];
	const char *srcdir = getenv("srcdir");
	size_t items = 0, options = 0;
	(void)state;
	snprintf(file, sizeof(file), "%s/man/countersign.conf.5", srcdir != NULL ? srcdir : ".");
	FILE *f = fopen(file, "r");
	assert_non_null(f);
	page[fread(page, 1, sizeof(page) - 1, f)] = '\0';
	fclose(f);

	for (size_t i = 0; i < conf_noptions; i++) {
		size_t same = 0;
		for (size_t j = 0; j < conf_noptions; j++)
			same += is_first_of_its_name(j) &&
			    strcmp(conf_options[i].name, conf_options[j].name) == 0;
		if (count_items(page, conf_options[i].name) != same)
			print_error("%s\n", conf_options[i].name);
		assert_int_equal(count_items(page, conf_options[i].name), same);
		options += is_first_of_its_name(i);
	}
	for (const char *p = page; (p = strstr(p, "\n.It Ic ")) != NULL; p++)
		items++;
	assert_int_equal(items, options);
	for (size_t i = 0; i < COUNT(shipped); i++)
		assert_non_null(strstr(page, shipped[i].name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_those_of_the_design),
		cmocka_unit_test(what_came_from_no_file_can_be_loaded_again),
		cmocka_unit_test(a_file_that_is_larger_than_it_said_is_refused),
		cmocka_unit_test(the_shipped_actions_are_there_and_no_other),
		cmocka_unit_test(a_file_changes_what_it_names_and_nothing_else),
		cmocka_unit_test(every_section_reaches_its_place),
		cmocka_unit_test(every_mistake_is_refused_with_its_line),
		cmocka_unit_test(all_wrong_values_are_told_at_once),
		cmocka_unit_test(what_a_line_says_cannot_forge_the_log),
		cmocka_unit_test(a_name_of_any_length_is_refused_in_one_line_that_ends),
		cmocka_unit_test(nobody_both_issues_and_verifies_unless_the_file_says_so),
		cmocka_unit_test(the_shipped_panel_may_not_verify_either),
		cmocka_unit_test(a_shipped_name_that_the_host_lacks_is_a_warning),
		cmocka_unit_test(a_long_value_does_not_hide_what_is_wrong_with_it),
		cmocka_unit_test(a_name_service_that_fails_is_an_error),
		cmocka_unit_test(only_a_small_regular_private_file_is_read),
		cmocka_unit_test(others_may_not_write_a_file_that_root_reads),
		cmocka_unit_test(too_many_options_are_refused_soon),
		cmocka_unit_test(a_dump_loads_to_the_same_configuration),
		cmocka_unit_test(the_manual_names_every_option_and_no_other),
	};
	return cmocka_run_group_tests_name("conf", tests, set_up, tear_down);
}

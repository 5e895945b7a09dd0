/* SPDX-License-Identifier: ISC
 *
 * Promise 3 for the daemon's handlers: each allocation, random number, row, write and
 * sync of a request fails once.  Then nothing of it is kept, and who asks again is
 * answered as if nothing had happened.  test_pam_failures.c is the module's.
 */
#include "fault.h"
#include "login_desk.h"

#include "../daemon/purge.h"
#include "../daemon/rowkey.h"

#include "../lib/log.h"

#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FAULTS_MOST 2000
#define HINTED 3	/* names that scenes look up where a hint says first */
#define OPTIONS "action note.add { title = \"Add a note\" require = code authenticator = true }\n"
#define DANA "'account':'acme','administrator':'dana'"
#define MX "'action':'mail.server','target':['mx1.acme=203.0.113.9']"
#define REQUEST "'request':'0123456789abcdef'"

static char asked[1024];		/* what a scene asks for */
static uint8_t support[20];

static void ask_for(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void ask_for(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	assert_in_range(vsnprintf(asked, sizeof(asked), fmt, ap), 0, sizeof(asked) - 1);
	va_end(ap);
}

/* ---- what is asked ------------------------------------------------------------ */

static const char *issue(const char *scope)
{
	return desk_keep(&desk, desk_issue(&desk, DANA "%s,'replace':true", scope));
}

static const char *grant(void)
{
	const char *code = issue("," MX);

	assert_string_equal(desk_verify(&desk, "'account':'acme'," MX ",'code':'%s','grant':true",
	    code), "accepted");
	return desk_keep(&desk, desk_text(&desk, "grant"));
}

static void a_code(void)
{
	ask_for("'account':'acme'," MX ",'code':'%s'," REQUEST, issue("," MX));
}

static void a_wrong_code(void)
{
	issue("");
	ask_for("'account':'acme','action':'report.mail','code':'%s'," REQUEST, desk_wrong(&desk));
}

static void a_code_for_a_grant(void)
{
	ask_for("'account':'acme'," MX ",'code':'%s','grant':true," REQUEST, issue("," MX));
}

static void an_app_code(void)
{
	ask_for("'account':'acme/dana','action':'note.add','code':'%s'," REQUEST,
	    desk_app(&desk, support));
}

static void open_ticket(const char *session)
{
	ask_for("'session':'%s','account':'acme','subject':'A filter','text':'Please add it.',"
		"'action':'filter.list','target':['a.example']," REQUEST, session);
}

static void a_ticket(void)
{
	open_ticket(desk_log_in(&desk, "dana", true));
}

static void a_tickets_number(void)
{
	a_ticket();
	assert_int_equal(desk_ask(&desk, "panel.OpenTicket", "%s", asked), CS_OK);
	ask_for("'account':'acme','action':'filter.list','target':['a.example'],'code':'%s',"
		REQUEST, desk_text(&desk, "ticket"));
}

static void a_grant(void)
{
	ask_for("'account':'acme'," MX ",'grant':'%s'," REQUEST, grant());
}

static void a_new_code(void)
{
	issue("," MX);
	ask_for(DANA "," MX ",'replace':true," REQUEST);
}

static void a_code_on_the_page(void)
{
	ask_for("'session':'%s','account':'acme'," MX "," REQUEST,
	    desk_log_in(&desk, "dana", true));
}

static void a_call(void)
{
	ask_for("'account':'acme'," MX);
}

static void a_log_in(void)
{
	ask_for("'name':'dana','password':'" PASSWORD "','code':'%s'," HOME,
	    desk_app(&desk, secret));
}

static void a_new_person(void)
{
	ask_for("'account':'acme','administrator':'fay','name':'Fay R.','reason':'test'");
}

/* Much of hers ends. */
static void a_leaver(void)
{
	grant();
	issue("");
	desk_log_in(&desk, "dana", true);
	a_call();
	assert_int_equal(desk_ask(&desk, "staff.Prepare", "%s", asked), CS_OK);
	ask_for("'administrator':'dana','reason':'left'");
}

static void a_suspension(void)
{
	a_leaver();
	ask_for("'account':'acme','reason':'unpaid'");
}

static void new_rights(void)
{
	ask_for("'account':'acme','administrator':'eli','actions':['report.mail'],'reason':'x'");
}

static void an_invitation(void)
{
	ask_for("'administrator':'eli','reason':'new'");
}

static void an_accepted_invitation(void)
{
	const char *invitation, *base32;
	uint8_t eli[20];
	size_t len;
	char *decoded;

	an_invitation();
	assert_int_equal(desk_ask(&desk, "control.InviteAdministrator", "%s", asked), CS_OK);
	invitation = desk_keep(&desk, desk_text(&desk, "invitation"));
	desk_ask(&desk, "panel.Invitation", "'invitation':'%s'", invitation);
	base32 = desk_text(&desk, "secret");
	assert_int_equal(oath_base32_decode(base32, strlen(base32), &decoded, &len), OATH_OK);
	assert_int_equal(len, sizeof(eli));
	memcpy(eli, decoded, len);
	free(decoded);
	ask_for("'invitation':'%s','password':'" PASSWORD "','code':'%s'," HOME, invitation,
	    desk_app(&desk, eli));
}

static void an_apps_secret(void)
{
	ask_for("'administrator':'eli','purpose':'support',"
		"'secret':'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'");
}

static void an_authenticator(void)
{
	ask_for("'administrator':'eli','purpose':'support'");
}

static void a_line_of_a_roster(void)
{
	assert_int_equal(desk_ask(&desk, "control.SyncBegin", "%s", ""), CS_OK);
	ask_for("'account_ref':'c9','account':'cord','admin_ref':'p9','administrator':'gil',"
		"'secret':'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP','run':%lld",
	    (long long)desk_int(&desk, "run"));
}

static void a_day_that_is_over(void)
{
	a_leaver();
	desk_verify(&desk, "'account':'acme','action':'report.mail','code':'1'");
	desk_pass(&desk, 3 * 86400);
}

static enum cs_err purge(struct desk *d, void *arg)
{
	struct dormant_walk walk = { .admin = 0 };
	enum cs_err e = purge_step(d->store, d->conf, d->vault, &d->now, &walk);

	(void)arg;
	d->out = (struct cs_msg){ .nfields = 0 };
	if (e == CS_OK)
		return store_keep(d->store);
	store_drop(d->store);
	return e;
}

static const struct scene {
	const char *method;		/* NULL: a step of the purge */
	void (*set)(void);
} scenes[] = {
	{ "staff.Verify", a_code },
	{ "staff.Verify", a_wrong_code },
	{ "staff.Verify", a_code_for_a_grant },
	{ "staff.Verify", an_app_code },
	{ "staff.Verify", a_tickets_number },
	{ "staff.Redeem", a_grant },
	{ "staff.Prepare", a_call },
	{ "control.Issue", a_new_code },
	{ "panel.Generate", a_code_on_the_page },
	{ "panel.LogIn", a_log_in },
	{ "panel.OpenTicket", a_ticket },
	{ "control.AddAdministrator", a_new_person },
	{ "control.RemoveAdministrator", a_leaver },
	{ "control.SuspendAccount", a_suspension },
	{ "control.SetRights", new_rights },
	{ "control.InviteAdministrator", an_invitation },
	{ "panel.AcceptInvitation", an_accepted_invitation },
	{ "control.Enroll", an_authenticator },
	{ "control.ImportAuthenticator", an_apps_secret },
	{ "control.SyncRecord", a_line_of_a_roster },
	{ NULL, a_day_that_is_over },
};
#define SCENES (sizeof(scenes) / sizeof(scenes[0]))

struct answer {
	enum cs_err e;
	char text[80];			/* the reason or the error */
};

static struct answer ask(const struct scene *scene, bool failing)
{
	struct answer a;

	desk.failing = failing;
	if (scene->method == NULL)
		a.e = desk_risk(&desk, purge, NULL);
	else
		a.e = desk_ask(&desk, scene->method, "%s", asked);
	desk.failing = false;
	snprintf(a.text, sizeof(a.text), "%s%s", desk_text(&desk, "error"),
	    desk_text(&desk, "reason"));
	return a;
}

static bool is_same(struct answer a, struct answer b)
{
	return a.e == b.e && strcmp(a.text, b.text) == 0;
}

/* ---- what is kept ------------------------------------------------------------- */

struct picture {
	uint64_t rows[TABLES], last[SEQUENCES];
	uint64_t hash;			/* of all that is in the rows */
};

/* FNV-1a */
static void add(uint64_t *hash, struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		*hash = (*hash ^ ((const uint8_t *)b.p)[i]) * 1099511628211u;
	*hash = (*hash ^ b.len) * 1099511628211u;
}

static struct picture look(void)
{
	static const struct bytes all = { "", 0 };
	struct picture p = { .hash = 14695981039346656037u };

	desk_begin(&desk);
	for (enum table t = 0; t < TABLES; t++) {
		struct rowkey from = { .len = 0 };
		struct bytes key, val;

		while (store_next(desk.store, t, all, rowkey_bytes(&from), &key, &val) == CS_OK) {
			add(&p.hash, key);
			add(&p.hash, val);
			p.rows[t]++;
			from.len = 0;
			rowkey_add_bytes(&from, key.p, key.len);
		}
	}
	for (enum sequence s = 0; s < SEQUENCES; s++)
		p.last[s] = store_count(desk.store, s);
	desk_commit(&desk);
	return p;
}

static bool has_as_many(const struct picture *a, const struct picture *b)
{
	return memcmp(a->rows, b->rows, sizeof(a->rows)) == 0 &&
	    memcmp(a->last, b->last, sizeof(a->last)) == 0;
}

/* The desk as a scene left it, to begin from again. */
static struct {
	struct desk desk;
	uint8_t data[4 << 20];
	size_t len;
} kept;

static FILE *database(const char *mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/state/data.mdb", desk.folder);
	f = fopen(path, mode);
	assert_non_null(f);
	return f;
}

static void keep_scene(void)
{
	FILE *f;

	store_close(desk.store);
	desk.store = NULL;
	f = database("r");
	kept.len = fread(kept.data, 1, sizeof(kept.data), f);
	assert_in_range(kept.len, 1, sizeof(kept.data) - 1);
	fclose(f);
	kept.desk = desk;
}

static void begin_scene(void)
{
	struct vault *vault = desk.vault;	/* a restart made another */
	FILE *f;

	store_close(desk.store);
	desk = kept.desk;
	desk.vault = vault;
	f = database("w");
	assert_int_equal(fwrite(kept.data, 1, kept.len, f), kept.len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(store_open(desk.conf, &desk.store), CS_OK);
}

/* ---- each fault, at each place ------------------------------------------------ */

static const struct scene *scene;
static unsigned at;
static unsigned second_ways;		/* places whose failure changed nothing */

static void check(bool good, const char *what)
{
	if (!good)
		fail_msg("%s %s, fault %u: %s", scene->method == NULL ? "the purge" : scene->method,
		    asked, at, what);
}

/* What failed is asked for again, by the next fault's turn at the latest.  Memory
 * that grows when it is first used does so once in a store's life.  Returns how many
 * places there are. */
static unsigned fail_each(enum fault fault)
{
	struct picture before, after, is;
	struct answer wanted, got;
	bool failed = true, done = true;

	begin_scene();
	before = look();
	wanted = ask(scene, false);
	after = look();
	for (at = 1; failed && at < FAULTS_MOST; at++) {
		if (done)
			begin_scene();
		fault_at(fault, at);
		got = ask(scene, true);
		failed = fault_end();
		done = is_same(got, wanted);
		if (done && failed)
			second_ways++;
		if (!done) {
			check(failed && got.e != CS_OK, "neither the answer nor an error");
			if (desk.outcome == OUTCOME_UNKNOWN)
				desk_restart(&desk);
			is = look();
			check(memcmp(&is, &before, sizeof(is)) == 0, "a part of it was kept");
			done = fault == FAULT_MEMORY;
			if (done)
				check(is_same(ask(scene, false), wanted), "another answer then");
		}
		if (done) {
			is = look();
			check(has_as_many(&is, &after), "other rows were kept");
		}
	}
	desk_restart(&desk);
	is = look();
	check(has_as_many(&is, &after), "other rows are on the disk");
	return at - 2;
}

static void begin_desk(void)
{
	login_begin(NULL);
	desk_reload(&desk, OPTIONS);
	desk_add(&desk, "acme", "eli");
	desk_enroll(&desk, "dana", "support", support);
	desk_pass(&desk, 2 * 86400);
}

static unsigned fail_in_all(enum fault fault)
{
	unsigned places = 0;

	second_ways = 0;
	for (scene = scenes; scene < scenes + SCENES; scene++) {
		begin_desk();
		scene->set();
		keep_scene();
		places += fail_each(fault);
		desk_close(&desk);
	}
	return places;
}

static void an_allocation_that_fails_costs_that_answer_alone(void **state)
{
	(void)state;
	assert_in_range(fail_in_all(FAULT_MEMORY), 10 * SCENES, FAULTS_MOST * SCENES);
}

static void without_randomness_nothing_is_made(void **state)
{
	(void)state;
	assert_in_range(fail_in_all(FAULT_RANDOM), 8, FAULTS_MOST * SCENES);
	assert_int_equal(second_ways, 0);
}

static void a_full_database_keeps_no_part_of_a_request(void **state)
{
	(void)state;
	assert_in_range(fail_in_all(FAULT_ROOM), 3 * SCENES, FAULTS_MOST * SCENES);
	assert_int_equal(second_ways, 0);
}

static void a_row_that_cannot_be_read_or_written_is_an_error(void **state)
{
	(void)state;
	assert_in_range(fail_in_all(FAULT_ROW), 10 * SCENES, FAULTS_MOST * SCENES);
	assert_int_equal(second_ways, HINTED);
}

static void a_disk_that_takes_no_more_has_all_of_a_request_or_nothing(void **state)
{
	(void)state;
	assert_in_range(fail_in_all(FAULT_WRITE), 2 * SCENES, FAULTS_MOST * SCENES);
	assert_int_equal(second_ways, 0);
	assert_in_range(fail_in_all(FAULT_SYNC), SCENES, FAULTS_MOST * SCENES);
	assert_int_equal(second_ways, 0);
}

static void remove_state(void)
{
	static const char *const files[] = { "data.mdb", "lock.mdb", "new.mdb", "lock", "reserve" };
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/state/%s", desk.folder, files[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/state", desk.folder);
	rmdir(path);
}

static enum cs_err open_store(enum fault fault)
{
	enum cs_err e;

	desk.store = NULL;
	fault_at(fault, at);
	e = store_open(desk.conf, &desk.store);
	return fault_end() || e != CS_OK ? e : CS_ERR_NOTFOUND;
}

/* What LMDB calls EIO in a row is damage; the rest is none, and nobody shall put a
 * backup back for want of memory. */
static const enum fault of_a_start[] = { FAULT_MEMORY, FAULT_RANDOM, FAULT_ROOM, FAULT_WRITE,
	FAULT_SYNC };
#define OF_A_START (sizeof(of_a_start) / sizeof(of_a_start[0]))

static unsigned open_with_each(enum fault fault, const struct picture *before)
{
	struct picture is;
	enum cs_err e;

	for (at = 1; (e = open_store(fault)) != CS_ERR_NOTFOUND; at++) {
		assert_in_range(at, 1, FAULTS_MOST);
		if (e == CS_ERR_CONFIG || e == CS_ERR_FORMAT || e == CS_ERR_EXISTS)
			fail_msg("fault %d, %u: %s", (int)fault, at, cs_err_text(e));
		if (e != CS_OK)
			assert_int_equal(store_open(desk.conf, &desk.store), CS_OK);
		if (before != NULL) {
			is = look();
			assert_memory_equal(&is, before, sizeof(is));
		}
		store_close(desk.store);
		if (before == NULL)
			remove_state();
	}
	store_close(desk.store);
	desk.store = NULL;
	return at - 1;
}

static void a_start_that_fails_leaves_the_store_as_it_was(void **state)
{
	struct picture before;
	unsigned places = 0;

	(void)state;
	begin_desk();
	a_leaver();
	before = look();
	store_close(desk.store);
	for (size_t i = 0; i < OF_A_START; i++)
		places += open_with_each(of_a_start[i], &before);
	desk_close(&desk);
	assert_in_range(places, 30, FAULTS_MOST);
}

static void a_first_start_that_fails_is_no_damage_at_the_next(void **state)
{
	unsigned places = 0;

	(void)state;
	begin_desk();
	store_close(desk.store);
	remove_state();
	for (size_t i = 0; i < OF_A_START; i++) {
		places += open_with_each(of_a_start[i], NULL);
		remove_state();
	}
	desk_close(&desk);
	assert_in_range(places, 30, FAULTS_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_allocation_that_fails_costs_that_answer_alone),
		cmocka_unit_test(without_randomness_nothing_is_made),
		cmocka_unit_test(a_full_database_keeps_no_part_of_a_request),
		cmocka_unit_test(a_row_that_cannot_be_read_or_written_is_an_error),
		cmocka_unit_test(a_disk_that_takes_no_more_has_all_of_a_request_or_nothing),
		cmocka_unit_test(a_start_that_fails_leaves_the_store_as_it_was),
		cmocka_unit_test(a_first_start_that_fails_is_no_damage_at_the_next),
	};

	cs_log_init("test", (enum cs_level)0);
	/* Thousands of commits, and no disk is to be waited for. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

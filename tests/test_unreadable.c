/* SPDX-License-Identifier: ISC
 *
 * Promise 3 on a disk that fails: whichever record cannot be read, what was asked
 * is an error, and nothing of it is kept.  LMDB's functions that read are ours
 * here, so that each record that a handler reads is the lost one once.
 */
#include "desk.h"

#include <dlfcn.h>
#include <errno.h>
#include <lmdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NEXT(f) ((__typeof__(&f))dlsym(RTLD_NEXT, #f))

static struct desk desk;
static uint8_t support[20];		/* of dana's app */
static const char *session;		/* hers */
static unsigned long turn;		/* what is new in each has its number */
static char credential[128];		/* a code, a grant, a ticket, or who leaves */

/* What a handler reads, told once however often it does: the one of this number
 * fails each time, because a handler may run twice. */
static struct read {
	MDB_dbi dbi;
	int op;
	size_t len;
	char key[512];
} reads[128];
static unsigned nreads, lost;		/* 0: none is lost, and none is noted */

static bool is_lost(MDB_dbi dbi, int op, const MDB_val *key)
{
	unsigned i = 0;

	if (lost == 0)
		return false;
	while (i < nreads && (reads[i].dbi != dbi || reads[i].op != op ||
	    reads[i].len != key->mv_size || memcmp(reads[i].key, key->mv_data, key->mv_size) != 0))
		i++;
	if (i == nreads) {
		assert_in_range(i, 0, sizeof(reads) / sizeof(reads[0]) - 1);
		assert_in_range(key->mv_size, 0, sizeof(reads[0].key));
		reads[nreads++] = (struct read){ .dbi = dbi, .op = op, .len = key->mv_size };
		memcpy(reads[i].key, key->mv_data, key->mv_size);
	}
	return i == lost - 1;
}

int mdb_get(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *val)
{
	return is_lost(dbi, -1, key) ? EIO : NEXT(mdb_get)(txn, dbi, key, val);
}

int mdb_cursor_get(MDB_cursor *cursor, MDB_val *key, MDB_val *val, MDB_cursor_op op)
{
	return is_lost(mdb_cursor_dbi(cursor), (int)op, key) ? EIO :
	    NEXT(mdb_cursor_get)(cursor, key, val, op);
}

#define MX "'account':'acme','action':'mail.server','target':['a=203.0.113.1']"
#define NOTE "'action':'note.add'"

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk,
	    "limit { issue = \"32/1s\" ticket = \"32/1s\" "
	    "account = \"32/1s\" account-day = 1000 }\n"
	    "action note.add { title = \"Add a note\" require = code authenticator = true }\n");
	desk_add(&desk, "acme", "dana");
	desk_enroll(&desk, "dana", "support", support);
	assert_int_equal(desk_ask(&desk, "control.SetPolicy",
	    "'account':'acme','action':'mail.server','lifetime':300,'reason':'test'"), CS_OK);
	desk_pass(&desk, 86400);
	desk.damaged = true;
	return 0;
}

/* What few have and nobody looks for in vain: wrong tries, a call. */
static void leave_traces(void)
{
	assert_string_equal(desk_verify(&desk, MX ",'code':'%s'", desk_wrong(&desk)), "wrong");
	assert_int_equal(desk_ask(&desk, "staff.Prepare", MX), CS_OK);
}

/* One read after the other is the lost one, until there are no more and it is done. */
static void nothing_comes_of(void (*before)(void), enum cs_err (*act)(void))
{
	for (unsigned n = 1;; n++) {
		uint64_t events;
		enum cs_err e;

		turn++;
		desk_pass(&desk, 30);
		session = desk_log_in(&desk, "dana", true);
		desk_sit(&desk, (uid_t)(5000 + turn), "mia");
		leave_traces();
		before();
		events = desk_events(&desk);
		desk_begin(&desk);
		nreads = 0;
		lost = n;
		e = act();
		lost = 0;
		desk_commit(&desk);
		if (nreads < n) {
			assert_int_equal(e, CS_OK);
			assert_string_equal(desk_text(&desk, "error"), "");
			assert_in_range(n, 3, sizeof(reads) / sizeof(reads[0]));
			return;
		}
		assert_int_equal(e, CS_ERR_IO);
		assert_int_equal(desk_events(&desk), events);
	}
}

static void issue(void)
{
	strcpy(credential, desk_issue(&desk, MX ",'administrator':'dana','replace':true"));
}

static enum cs_err verify(void)
{
	return desk_ask(&desk, "staff.Verify", MX ",'code':'%s','request':'%032lu'",
	    credential, turn);
}

static void verify_first(void)
{
	issue();
	verify();
	assert_string_equal(desk_text(&desk, "reason"), "accepted");
}

static enum cs_err verify_another(void)
{
	return desk_ask(&desk, "staff.Verify",
	    "'account':'acme'," NOTE ",'code':'%s','request':'%032lu'", credential, turn);
}

static enum cs_err verify_for_a_grant(void)
{
	return desk_ask(&desk, "staff.Verify", MX ",'code':'%s','grant':true,'request':'%032lu'",
	    credential, turn);
}

static void get_grant_first(void)
{
	issue();
	verify_for_a_grant();
	assert_string_equal(desk_text(&desk, "reason"), "accepted");
}

static void get_grant(void)
{
	get_grant_first();
	strcpy(credential, desk_text(&desk, "grant"));
}

static enum cs_err redeem(void)
{
	return desk_ask(&desk, "staff.Redeem", MX ",'grant':'%s','request':'redeem-%032lu'",
	    credential, turn);
}

static void redeem_first(void)
{
	get_grant();
	redeem();
	assert_string_equal(desk_text(&desk, "reason"), "accepted");
}

static void look_at_the_app(void)
{
	strcpy(credential, desk_app(&desk, support));
}

static enum cs_err verify_by_app(void)
{
	return desk_ask(&desk, "staff.Verify", "'account':'acme/dana'," NOTE ",'code':'%s'",
	    credential);
}

static enum cs_err open_ticket(void)
{
	return desk_ask(&desk, "panel.OpenTicket",
	    "'session':'%s'," MX ",'subject':'A change','text':'Please.'", session);
}

static void have_a_ticket(void)
{
	open_ticket();
	strcpy(credential, desk_text(&desk, "ticket"));
}

static void guess(void)
{
	strcpy(credential, desk_wrong(&desk));
}

static void guess_an_app(void)
{
	look_at_the_app();
	credential[0] = credential[0] == '9' ? '0' : (char)(credential[0] + 1);
}

static void nothing(void)
{
}

static enum cs_err prepare(void)
{
	return desk_ask(&desk, "staff.Prepare", MX);
}

static enum cs_err issue_one(void)
{
	return desk_ask(&desk, "control.Issue", MX ",'administrator':'dana','replace':true");
}

static enum cs_err generate(void)
{
	return desk_ask(&desk, "panel.Generate", "'session':'%s'," MX ",'replace':true", session);
}

static void have_a_leaver(void)
{
	char name[24];

	snprintf(name, sizeof(name), "leaver%lu", turn);
	desk_add(&desk, name, name);
	strcpy(credential, name);
	desk_issue(&desk, "'account':'%s','administrator':'%s'", name, name);
	desk_log_in(&desk, name, true);
}

static enum cs_err remove_leaver(void)
{
	return desk_ask(&desk, "control.RemoveAdministrator", "'administrator':'%s'", credential);
}

static enum cs_err suspend_leaver(void)
{
	return desk_ask(&desk, "control.SuspendAdministrator", "'administrator':'%s'", credential);
}

static enum cs_err freeze(void)
{
	return desk_ask(&desk, "control.FreezeAccount", "'account':'%s','reason':'test'",
	    credential);
}

static void a_code_is_not_taken_while_a_record_cannot_be_read(void **state)
{
	(void)state;
	nothing_comes_of(issue, verify);
	nothing_comes_of(issue, verify_for_a_grant);
}

static void nor_is_one_from_an_app(void **state)
{
	(void)state;
	nothing_comes_of(look_at_the_app, verify_by_app);
}

static void nor_a_ticket(void **state)
{
	(void)state;
	nothing_comes_of(have_a_ticket, verify);
}

static void nor_is_a_guess_judged(void **state)
{
	(void)state;
	nothing_comes_of(guess, verify);
	nothing_comes_of(guess_an_app, verify_by_app);
}

static void nor_an_answer_repeated(void **state)
{
	(void)state;
	nothing_comes_of(verify_first, verify);
	nothing_comes_of(verify_first, verify_another);
	nothing_comes_of(get_grant_first, verify_for_a_grant);
	nothing_comes_of(redeem_first, redeem);
}

static void nor_a_grant_redeemed(void **state)
{
	(void)state;
	nothing_comes_of(get_grant, redeem);
}

static void nor_a_call_opened(void **state)
{
	(void)state;
	nothing_comes_of(nothing, prepare);
}

static void nor_a_code_issued_or_a_ticket_opened(void **state)
{
	(void)state;
	nothing_comes_of(nothing, issue_one);
	nothing_comes_of(nothing, generate);
	nothing_comes_of(nothing, open_ticket);
}

static void nor_somebody_removed_in_part(void **state)
{
	(void)state;
	nothing_comes_of(have_a_leaver, remove_leaver);
	nothing_comes_of(have_a_leaver, suspend_leaver);
	nothing_comes_of(have_a_leaver, freeze);
}

/* What earlier turns left would be read as well, and more each time. */
static void forget_calls(void)
{
	desk_pass(&desk, 600);
	desk_purge(&desk);
}

static void have_a_call(void)
{
	forget_calls();
	prepare();
	strcpy(credential, desk_text(&desk, "call"));
}

static void have_an_issue(void)
{
	issue_one();
	strcpy(credential, desk_text(&desk, "issue"));
}

static void have_a_newcomer(void)
{
	snprintf(credential, sizeof(credential), "ida%lu", turn);
	desk_add(&desk, "acme", credential);
}

/* What is asked: $ is the session, @ what was had before. */
static const struct ask {
	void (*before)(void);
	const char *method, *parameters;
} changes[] = {
	{ have_a_call, "panel.DenyCall", "'session':'$','account':'acme','call':'@'" },
	{ have_an_issue, "control.Revoke", "'issue':'@'" },
	{ have_a_ticket, "panel.ReplyTicket", "'session':'$','ticket':'@','text':'Yes.'" },
	{ have_a_ticket, "panel.CloseTicket", "'session':'$','ticket':'@'" },
	{ have_a_ticket, "staff.Reply", "'ticket':'@','text':'Yes.'" },
	{ have_a_ticket, "staff.CloseTicket", "'ticket':'@'" },
	{ have_a_newcomer, "control.WaiveCooling",
	    "'account':'acme','administrator':'@','reason':'test'" },
	{ have_a_newcomer, "control.SetRights",
	    "'account':'acme','administrator':'@','actions':['report.mail'],'reason':'test'" },
	{ have_a_newcomer, "control.InviteAdministrator",
	    "'administrator':'@','reset':true,'reason':'test'" },
	{ have_a_leaver, "control.RemoveAccount", "'account':'@','reason':'test'" },
	{ forget_calls, "control.SuspendTechnician", "'technician':'1007','reason':'test'" },
}, looks[] = {
	{ have_a_call, "panel.Calls", "'session':'$','account':'acme'" },
	{ have_a_ticket, "panel.Ticket", "'session':'$','ticket':'@'" },
	{ nothing, "panel.Tickets", "'session':'$','account':'acme'" },
	{ have_a_ticket, "staff.Ticket", "'ticket':'@'" },
	{ nothing, "staff.Tickets", "'account':'acme'" },
	{ nothing, "panel.Codes", "'session':'$','account':'acme'" },
	{ nothing, "panel.Authenticators", "'session':'$'" },
	{ nothing, "panel.People", "'session':'$','account':'acme'" },
	{ nothing, "control.ListAdministrators", "'account':'acme'" },
	{ nothing, "control.ListAuthenticators", "'administrator':'dana'" },
	{ forget_calls, "control.ShowAccount", "'account':'acme'" },
};
static const struct ask *asked;

static enum cs_err ask(void)
{
	char text[512] = "";
	size_t len = 0;

	for (const char *p = asked->parameters; *p != '\0'; p++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s",
		    *p == '$' || *p == '@' ? 256 : 1,
		    *p == '$' ? session : *p == '@' ? credential : p);
	return desk_ask(&desk, asked->method, "%s", text);
}

/* Each at a desk of its own, where no more is read than it must. */
static void nothing_comes_of_each(const struct ask *asks, size_t n, void **state)
{
	for (asked = asks; asked < asks + n; asked++) {
		session = desk_log_in(&desk, "dana", true);
		open_ticket();
		issue_one();
		nothing_comes_of(asked->before, ask);
		desk_close(&desk);
		begin(state);
	}
}

static void nor_anything_else_changed(void **state)
{
	nothing_comes_of_each(changes, sizeof(changes) / sizeof(changes[0]), state);
}

static void nor_is_a_list_shorter(void **state)
{
	nothing_comes_of_each(looks, sizeof(looks) / sizeof(looks[0]), state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_code_is_not_taken_while_a_record_cannot_be_read),
		TEST(nor_is_one_from_an_app),
		TEST(nor_a_ticket),
		TEST(nor_is_a_guess_judged),
		TEST(nor_an_answer_repeated),
		TEST(nor_a_grant_redeemed),
		TEST(nor_a_call_opened),
		TEST(nor_a_code_issued_or_a_ticket_opened),
		TEST(nor_somebody_removed_in_part),
		TEST(nor_anything_else_changed),
		TEST(nor_is_a_list_shorter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

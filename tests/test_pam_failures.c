/* SPDX-License-Identifier: ISC
 *
 * Every allocation and every system call of the PAM module fails once, at each
 * place: the answer is a failure unless the daemon accepted, nothing leaks, and
 * no code or grant stays in freed memory.
 */
#include "guest.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define CODE "483109276"
#define GRANT "G17-00112233445566778899aabbccddeeff"
#define CALLS_MAX 400

static const char *options[] = { "action=mail.server", "debug" };
static const char *exporting[] = { "action=mail.server", "export" };

#define SAID "\"say\":\"said\"}}"
static const char prepared[] =
    "{\"parameters\":{\"account\":\"acme\",\"name\":\"Acme\",\"requires\":\"code\","
    "\"binds_target\":true,\"directions\":\"there\",\"wait\":0,\"mode\":\"enforce\"," SAID;
static const char accepted[] = "{\"parameters\":{\"verdict\":\"accepted\",\"reason\":\"accepted\","
    "\"grant\":\"" GRANT "\"," SAID;
static const char redeemed[] =
    "{\"parameters\":{\"verdict\":\"accepted\",\"reason\":\"accepted\"," SAID;

static void script(void)
{
	guest_begin();
	guest.secrets[0] = CODE;
	guest.secrets[1] = GRANT;
	guest_answer("acme");
	guest_answer("mx1=203.0.113.9");
	guest_answer(CODE);
	guest_reply(prepared);
	guest_reply(prepared);
	guest_reply(prepared);
	guest_reply(accepted);
	guest_reply(redeemed);
}

struct results {
	int auth, acct;
};

static struct results run(const char **with)
{
	struct results r;

	r.auth = guest_authenticate(0, 2, with);
	r.acct = guest_acct_mgmt(0, 2, with);
	guest_end();
	if (r.auth == PAM_SUCCESS)
		assert_true(guest.verify_accepted);
	if (r.acct == PAM_SUCCESS)
		assert_true(r.auth == PAM_SUCCESS && (guest.redeem_accepted || with == exporting));
	assert_int_not_equal(r.auth, PAM_IGNORE);
	assert_int_not_equal(r.acct, PAM_IGNORE);
	assert_int_equal(guest.blocks, 0);
	assert_int_equal(guest.sockets, 0);
	assert_false(guest.showed_secret);
	return r;
}

static void without_a_failure_it_succeeds(void **state)
{
	struct results r;

	(void)state;
	script();
	r = run(options);
	assert_int_equal(r.auth, PAM_SUCCESS);
	assert_int_equal(r.acct, PAM_SUCCESS);
	assert_int_equal(guest.connections, 5);
	assert_string_equal(guest.environment, "");
	script();
	r = run(exporting);
	assert_int_equal(r.acct, PAM_SUCCESS);
	assert_int_equal(guest.connections, 4);
	assert_string_equal(guest.environment, "COUNTERSIGN_GRANT=" GRANT);
}

static void every_allocation_that_fails_is_a_failure(void **state)
{
	unsigned n = 0, failed = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++, n = 0)
		do {
			struct results r;

			script();
			guest.fail_memory = ++n;
			r = run(i == 0 ? options : exporting);
			if (guest.memories < n)
				break;
			failed++;
			assert_true(r.auth == PAM_BUF_ERR || r.acct == PAM_BUF_ERR);
			assert_int_not_equal(r.acct, PAM_SUCCESS);
		} while (n < CALLS_MAX);
	assert_in_range(failed, 20, CALLS_MAX);
}

static void every_system_call_that_fails_is_a_failure(void **state)
{
	static const int errors[] = { EIO, EACCES, ENOMEM, EPIPE, ECONNREFUSED, EMFILE, ETIMEDOUT };
	unsigned n;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (n = 1; n < CALLS_MAX; n++) {
			struct results r;

			script();
			guest.fail_call = n;
			guest.fail_errno = errors[i];
			r = run(options);
			if (guest.calls < n)
				break;
			/* A connection that broke may be made again, once. */
			if (errors[i] != EPIPE)
				assert_false(r.auth == PAM_SUCCESS && r.acct == PAM_SUCCESS);
		}
		assert_in_range(n, 30, CALLS_MAX - 1);
	}
}

static void an_interrupted_call_is_called_again(void **state)
{
	unsigned successes = 0;

	(void)state;
	for (unsigned n = 1; n < CALLS_MAX; n++) {
		script();
		guest.fail_call = n;
		guest.fail_errno = EINTR;
		successes += run(options).acct == PAM_SUCCESS;
		if (guest.calls < n)
			break;
	}
	assert_in_range(successes, 30, CALLS_MAX);
}

/* One bit of a refusal is turned over, each in its turn. */
static void no_turned_bit_makes_an_acceptance(void **state)
{
	static const char refused[] =
	    "{\"parameters\":{\"verdict\":\"refused\",\"reason\":\"accepted\","
	    "\"grant\":\"" GRANT "\"," SAID;
	char turned[sizeof(refused)];

	(void)state;
	for (size_t i = 0; i < 8 * (sizeof(refused) - 1); i++) {
		memcpy(turned, refused, sizeof(refused));
		turned[i / 8] ^= (char)(1 << i % 8);
		script();
		guest.replies[3].p = turned;
		guest.replies[3].len = sizeof(refused);
		assert_int_not_equal(run(options).auth, PAM_SUCCESS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_failure_it_succeeds),
		cmocka_unit_test(every_allocation_that_fails_is_a_failure),
		cmocka_unit_test(every_system_call_that_fails_is_a_failure),
		cmocka_unit_test(an_interrupted_call_is_called_again),
		cmocka_unit_test(no_turned_bit_makes_an_acceptance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

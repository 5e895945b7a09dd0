/* SPDX-License-Identifier: ISC
 *
 * Nothing but an acceptance is PAM_SUCCESS, and nothing at all PAM_IGNORE: every
 * value of every enum that the module meets.
 */
#include "../pam_module/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void is_failure(struct outcome o)
{
	assert_int_not_equal(o.pam, PAM_SUCCESS);
	assert_int_not_equal(o.pam, PAM_IGNORE);
	assert_in_range(o.pam, 1, _PAM_RETURN_VALUES - 1);
}

static void no_error_is_success(void **state)
{
	(void)state;
	for (int e = CS_OK; e <= CS_ERR_ANSWERED; e++) {
		is_failure(outcome_of_error((enum cs_err)e));
		assert_false(outcome_of_error((enum cs_err)e).again);
	}
	is_failure(outcome_of_error((enum cs_err)99));
	assert_int_equal(outcome_of_error(CS_ERR_NOMEM).pam, PAM_BUF_ERR);
	assert_int_equal(outcome_of_error(CS_ERR_SYSTEM).pam, PAM_SYSTEM_ERR);
	assert_int_equal(outcome_of_error(CS_ERR_TIMEOUT).pam, PAM_ABORT);
}

static void no_fault_is_success(void **state)
{
	static const int wanted[FAULTS] = {
		[FAULT_OTHER] = PAM_ABORT,
		[FAULT_NONE] = PAM_SYSTEM_ERR,
		[FAULT_TECHNICIAN] = PAM_USER_UNKNOWN,
		[FAULT_NOT_PERMITTED] = PAM_PERM_DENIED,
		[FAULT_ACTION] = PAM_SERVICE_ERR,
		[FAULT_ACCOUNT] = PAM_AUTH_ERR,
		[FAULT_TARGET] = PAM_AUTH_ERR,
		[FAULT_THROTTLED] = PAM_ABORT,
		[FAULT_UNAVAILABLE] = PAM_ABORT,
	};

	(void)state;
	for (int f = 0; f < FAULTS; f++) {
		struct outcome o = outcome_of_fault((enum fault)f);

		is_failure(o);
		assert_int_equal(o.pam, wanted[f]);
		assert_int_equal(o.again, f == FAULT_ACCOUNT || f == FAULT_TARGET);
		assert_null(strstr(outcome_fault_text((enum fault)f, false), "not known"));
		assert_int_equal(f == FAULT_OTHER || f == FAULT_UNAVAILABLE,
		    strstr(outcome_fault_text((enum fault)f, true), "used is not known.") != NULL);
	}
}

static void no_refusal_is_success_whatever_its_reason(void **state)
{
	static const int wanted[CS_REASONS] = {
		[CS_WRONG] = PAM_AUTH_ERR,
		[CS_MISHEARD] = PAM_AUTH_ERR,
		[CS_EXPIRED] = PAM_AUTH_ERR,
		[CS_USED] = PAM_AUTH_ERR,
		[CS_REPLACED] = PAM_AUTH_ERR,
		[CS_CANCELLED] = PAM_AUTH_ERR,
		[CS_OTHER_ACTION] = PAM_CRED_INSUFFICIENT,
		[CS_OTHER_TARGET] = PAM_CRED_INSUFFICIENT,
		[CS_NOT_PERMITTED] = PAM_CRED_INSUFFICIENT,
		[CS_COOLING_OFF] = PAM_CRED_INSUFFICIENT,
		[CS_THROTTLED] = PAM_ABORT,
		[CS_UNKNOWN_ACCOUNT] = PAM_AUTH_ERR,
		[CS_SUSPENDED] = PAM_AUTH_ERR,
		[CS_FROZEN] = PAM_AUTH_ERR,
		[CS_APPROVAL_NEEDED] = PAM_CRED_INSUFFICIENT,
		[CS_REASON_ACCEPTED] = PAM_AUTH_ERR,
	};

	(void)state;
	for (int r = 0; r < CS_REASONS; r++) {
		struct outcome o = outcome_of_verdict(CS_REFUSED, (enum cs_reason)r);

		is_failure(o);
		assert_int_equal(o.pam, wanted[r]);
		assert_int_equal(o.again, r <= CS_CANCELLED);
	}
}

static void an_acceptance_is_success_and_a_verdict_of_no_kind_is_not(void **state)
{
	(void)state;
	for (int r = 0; r < CS_REASONS; r++) {
		assert_int_equal(outcome_of_verdict(CS_ACCEPTED, (enum cs_reason)r).pam,
		    PAM_SUCCESS);
		is_failure(outcome_of_verdict((enum cs_verdict)2, (enum cs_reason)r));
		is_failure(outcome_of_verdict((enum cs_verdict) - 1, (enum cs_reason)r));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_error_is_success),
		cmocka_unit_test(no_fault_is_success),
		cmocka_unit_test(no_refusal_is_success_whatever_its_reason),
		cmocka_unit_test(an_acceptance_is_success_and_a_verdict_of_no_kind_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

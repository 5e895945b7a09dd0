/* SPDX-License-Identifier: ISC
 *
 * The one table from what the daemon answered to what PAM is told, and whether
 * the person is asked again first.  No error is in it as success.
 */
#pragma once

#include "question.h"

struct outcome {
	int pam;		/* PAM_SUCCESS only for an acceptance */
	bool again;		/* ask the person again, while tries last */
};

struct outcome outcome_of_error(enum cs_err);
struct outcome outcome_of_fault(enum fault);
struct outcome outcome_of_verdict(enum cs_verdict, enum cs_reason);

/* What may have happened in an exchange that had a code or grant in it. */
#define OUTCOME_ASKED "the code was used"

/* The sentence for a typed error that came without one; sent: a code or grant
 * was in the question. */
const char *outcome_fault_text(enum fault, bool sent);

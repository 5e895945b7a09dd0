/* SPDX-License-Identifier: ISC
 *
 * Answers to PAM codes.  sudo stops on ABORT, CRED_INSUFFICIENT, SYSTEM_ERR
 * and SERVICE_ERR, and would ask the staff password again on AUTH_ERR and
 * PERM_DENIED; hence what is what.
 */
#include "outcome.h"

struct outcome outcome_of_error(enum cs_err e)
{
	switch (e) {
	case CS_ERR_NOMEM:
		return (struct outcome){ PAM_BUF_ERR, false };
	case CS_ERR_SYSTEM:
	case CS_OK:		/* an error was asked for */
		return (struct outcome){ PAM_SYSTEM_ERR, false };
	case CS_ERR_FORMAT:
	case CS_ERR_LIMIT:
	case CS_ERR_TIMEOUT:
	case CS_ERR_UNREACHABLE:
	case CS_ERR_PEER:
	case CS_ERR_CLOSED:
	case CS_ERR_NOTFOUND:
	case CS_ERR_EXISTS:
	case CS_ERR_FULL:
	case CS_ERR_IO:
	case CS_ERR_CRYPTO:
	case CS_ERR_CONFIG:
	case CS_ERR_ANSWERED:
		return (struct outcome){ PAM_ABORT, false };
	}
	return (struct outcome){ PAM_ABORT, false };
}

struct outcome outcome_of_fault(enum fault fault)
{
	static const struct outcome table[FAULTS] = {
		[FAULT_OTHER] = { PAM_ABORT, false },
		[FAULT_NONE] = { PAM_SYSTEM_ERR, false },	/* a fault was asked for */
		[FAULT_TECHNICIAN] = { PAM_USER_UNKNOWN, false },
		[FAULT_NOT_PERMITTED] = { PAM_PERM_DENIED, false },
		[FAULT_ACTION] = { PAM_SERVICE_ERR, false },
		[FAULT_ACCOUNT] = { PAM_AUTH_ERR, true },
		[FAULT_TARGET] = { PAM_AUTH_ERR, true },
		[FAULT_THROTTLED] = { PAM_ABORT, false },
		[FAULT_UNAVAILABLE] = { PAM_ABORT, false },
	};

	return table[fault];
}

struct outcome outcome_of_verdict(enum cs_verdict verdict, enum cs_reason reason)
{
	static const struct outcome refused[CS_REASONS] = {
		[CS_WRONG] = { PAM_AUTH_ERR, true },
		[CS_MISHEARD] = { PAM_AUTH_ERR, true },
		[CS_EXPIRED] = { PAM_AUTH_ERR, true },
		[CS_USED] = { PAM_AUTH_ERR, true },
		[CS_REPLACED] = { PAM_AUTH_ERR, true },
		[CS_CANCELLED] = { PAM_AUTH_ERR, true },
		[CS_OTHER_ACTION] = { PAM_CRED_INSUFFICIENT, false },
		[CS_OTHER_TARGET] = { PAM_CRED_INSUFFICIENT, false },
		[CS_NOT_PERMITTED] = { PAM_CRED_INSUFFICIENT, false },
		[CS_COOLING_OFF] = { PAM_CRED_INSUFFICIENT, false },
		[CS_APPROVAL_NEEDED] = { PAM_CRED_INSUFFICIENT, false },
		[CS_THROTTLED] = { PAM_ABORT, false },
		[CS_UNKNOWN_ACCOUNT] = { PAM_AUTH_ERR, false },
		[CS_SUSPENDED] = { PAM_AUTH_ERR, false },
		[CS_FROZEN] = { PAM_AUTH_ERR, false },
		[CS_REASON_ACCEPTED] = { PAM_AUTH_ERR, false },	/* yet refused: nonsense */
	};

	if (verdict == CS_ACCEPTED)
		return (struct outcome){ PAM_SUCCESS, false };
	return refused[reason];
}

const char *outcome_fault_text(enum fault fault, bool sent)
{
	switch (fault) {
	case FAULT_TARGET:
		return "Countersign does not take this target. Ask the caller for it again.";
	case FAULT_UNAVAILABLE:
		return sent ? "Countersign cannot answer now: " CS_NOT_KNOWN(OUTCOME_ASKED)
			    : "Countersign cannot answer now. " CS_NOT_DONE;
	case FAULT_OTHER:
		if (sent)
			return "Countersign's answer makes no sense: " CS_NOT_KNOWN(OUTCOME_ASKED);
		break;
	case FAULT_NONE:
	case FAULT_TECHNICIAN:
	case FAULT_NOT_PERMITTED:
	case FAULT_ACTION:
	case FAULT_ACCOUNT:
	case FAULT_THROTTLED:
		break;
	}
	return "Countersign cannot be asked. " CS_NOT_DONE;
}

/* SPDX-License-Identifier: ISC
 *
 * The two kinds of result that the project never mixes: an error says that a
 * question could not be answered, a verdict answers it.  Both reserve 0 so
 * that zeroed memory is "no error yet" and "refused".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Behind a large variable that is written before it is read: a compiler that
 * clears every other one on entry need not write these kilobytes. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define CS_UNCLEARED __attribute__((uninitialized))
#endif
#endif
#ifndef CS_UNCLEARED
#define CS_UNCLEARED
#endif

enum cs_err {
	CS_OK = 0,
	CS_ERR_NOMEM,		/* memory */
	CS_ERR_SYSTEM,		/* a system call failed; errno says why */
	CS_ERR_FORMAT,		/* bytes that are not what they should be */
	CS_ERR_LIMIT,		/* well-formed, but larger than allowed */
	CS_ERR_TIMEOUT,		/* the deadline passed */
	CS_ERR_UNREACHABLE,	/* nobody listens on the socket */
	CS_ERR_PEER,		/* somebody listens, but not our daemon */
	CS_ERR_CLOSED,		/* the peer ended the conversation */
	CS_ERR_NOTFOUND,	/* no such record */
	CS_ERR_EXISTS,		/* there is one already */
	CS_ERR_FULL,		/* map, disk or quota is full */
	CS_ERR_IO,		/* storage answered with a fault; fatal */
	CS_ERR_CRYPTO,		/* a seal did not open, or a library refused */
	CS_ERR_CONFIG,		/* configuration or key file */
	CS_ERR_ANSWERED,	/* the handler has written a typed error */
};

enum cs_verdict {
	CS_REFUSED = 0,
	CS_ACCEPTED,
};

/* Why a verdict is what it is (design §6).  The protocol's spelling is what
 * cs_reason_name returns. */
enum cs_reason {
	CS_WRONG = 0,
	CS_MISHEARD,
	CS_EXPIRED,
	CS_USED,
	CS_REPLACED,
	CS_CANCELLED,
	CS_OTHER_ACTION,
	CS_OTHER_TARGET,
	CS_NOT_PERMITTED,
	CS_COOLING_OFF,
	CS_THROTTLED,
	CS_UNKNOWN_ACCOUNT,
	CS_SUSPENDED,
	CS_FROZEN,
	CS_APPROVAL_NEEDED,
	CS_REASON_ACCEPTED,
};
#define CS_REASONS (CS_REASON_ACCEPTED + 1)

/* A lower-case sentence fragment for people: "the deadline passed". */
const char *cs_err_text(enum cs_err);

/* How a sentence ends where there was no answer.  Only who knows may say that
 * nothing was changed; what: "the code was used". */
#define CS_TELL_OPERATOR "Tell the operator; do not go round it."
#define CS_NOT_DONE "Nothing was changed. " CS_TELL_OPERATOR
#define CS_NOT_KNOWN(what) \
	"whether " what " is not known. No change was made here. " CS_TELL_OPERATOR

/* What a person is told who asked at path and got no answer; errno is why, with
 * CS_ERR_SYSTEM.  asked: what may have happened all the same, or NULL.  Nobody
 * listening and a stranger are found out before anything is asked. */
#define CS_TOLD_MAX 512
void cs_err_tell(enum cs_err, const char *path, const char *asked, char out[CS_TOLD_MAX]);

/* "other-target"; never NULL for a value of the enum. */
const char *cs_reason_name(enum cs_reason);

/* False, with *reason untouched, when no reason has this name. */
bool cs_reason_parse(const char *name, size_t len, enum cs_reason *reason);

/* SPDX-License-Identifier: ISC
 *
 * Every decoder of the store's records: the first byte chooses one.  What
 * decodes must encode to the same bytes, and nothing may read past the end.
 */
#include "../../daemon/record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEFINE_TRY(type) \
	static void try_##type(const uint8_t *p, size_t len) \
	{ \
		static uint8_t again[1 << 16]; \
		struct type r; \
		size_t n = 0; \
\
		if (record_decode_##type(p, len, &r) != CS_OK) \
			return; \
		if (record_encode_##type(&r, again, sizeof(again), &n) != CS_OK || n != len || \
		    memcmp(p, again, n) != 0) \
			abort(); \
	}

DEFINE_TRY(account)
DEFINE_TRY(admin)
DEFINE_TRY(member)
DEFINE_TRY(authenticator)
DEFINE_TRY(authenticator_state)
DEFINE_TRY(issue)
DEFINE_TRY(memo)
DEFINE_TRY(bucket)
DEFINE_TRY(tally)
DEFINE_TRY(grant)
DEFINE_TRY(call)
DEFINE_TRY(audit_event)
DEFINE_TRY(tail)
DEFINE_TRY(invite)
DEFINE_TRY(recovery)
DEFINE_TRY(seen)
DEFINE_TRY(overrides)
DEFINE_TRY(alive)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(const uint8_t *p, size_t len) = {
		try_account, try_admin, try_member, try_authenticator, try_authenticator_state,
		try_issue, try_memo, try_bucket, try_tally, try_grant, try_call, try_audit_event,
		try_tail, try_invite, try_recovery, try_seen, try_overrides,
		try_alive,
	};

	if (size > 0)
		tries[data[0] % (sizeof(tries) / sizeof(tries[0]))](data + 1, size - 1);
	return 0;
}

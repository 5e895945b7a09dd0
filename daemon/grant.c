/* SPDX-License-Identifier: ISC
 *
 * Derives and compares the text of a grant.
 */
#include "grant.h"

#include "name.h"

#include "../lib/secret.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

void grant_format(const struct vault *vault, const struct grant *grant, char out[GRANT_TEXT])
{
	struct vault_hash h;
	uint8_t mac[16];
	char hex[33];

	vault_hash_begin(vault, VAULT_GRANT, &h, sizeof(mac));
	vault_hash_u64(&h, grant->id);
	vault_hash_bytes(&h, grant->nonce, sizeof(grant->nonce));
	vault_hash_u64(&h, grant->account);
	vault_hash_u64(&h, grant->admin);
	vault_hash_u64(&h, grant->technician);
	vault_hash_u64(&h, (uint64_t)grant->issued.wall);
	vault_hash_end(&h, mac, sizeof(mac));
	sodium_bin2hex(hex, sizeof(hex), mac, sizeof(mac));
	snprintf(out, GRANT_TEXT, "G%" PRIu64 "-%s", grant->id, hex);
	cs_wipe(hex, sizeof(hex));
	cs_wipe(mac, sizeof(mac));
}

uint64_t grant_number(struct cs_str presented)
{
	return number_of_token('G', presented);
}

bool grant_is(const struct vault *vault, const struct grant *grant, struct cs_str presented)
{
	char text[GRANT_TEXT];
	bool same;

	grant_format(vault, grant, text);
	same =
	    presented.len == strlen(text) && sodium_memcmp(text, presented.p, presented.len) == 0;
	cs_wipe(text, sizeof(text));
	return same;
}

bool grant_long_over(const struct grant *grant, const struct moment *now)
{
	return clock_over(now, &grant->issued, grant->epoch, 2 * grant->life);
}

/* SPDX-License-Identifier: ISC
 *
 * Names channels, and notes what is no event.
 */
#include "channel.h"

#include <sodium.h>

void channel_name(const struct vault *vault, uint64_t account, char out[CHANNEL_TEXT])
{
	struct vault_hash h;
	uint8_t hash[(CHANNEL_TEXT - 1) / 2];

	vault_hash_begin(vault, VAULT_CHANNEL, &h, sizeof(hash));
	vault_hash_u64(&h, account);
	vault_hash_end(&h, hash, sizeof(hash));
	sodium_bin2hex(out, CHANNEL_TEXT, hash, sizeof(hash));
}

void channel_note(struct openings *openings, uint64_t account)
{
	openings->account[openings->n++ % OPENINGS_KEPT] = account;
}

/* SPDX-License-Identifier: ISC
 *
 * Draws and compares the text of an invitation.
 */
#include "invite.h"

#include "name.h"

#include "../lib/secret.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

static void hash_text(const struct vault *vault, uint64_t admin, struct cs_str text,
    uint8_t hash[16])
{
	struct vault_hash h;

	vault_hash_begin(vault, VAULT_INVITE, &h, 16);
	vault_hash_u64(&h, admin);
	vault_hash_bytes(&h, text.p, text.len);
	vault_hash_end(&h, hash, 16);
}

enum cs_err invite_make(const struct vault *vault, struct invite *invite, char out[INVITE_TEXT])
{
	uint8_t secret[16];
	char hex[33];
	enum cs_err e = cs_random(secret, sizeof(secret));

	if (e != CS_OK)
		return e;
	sodium_bin2hex(hex, sizeof(hex), secret, sizeof(secret));
	snprintf(out, INVITE_TEXT, "N%" PRIu64 "-%s", invite->admin, hex);
	hash_text(vault, invite->admin, cs_str(out), invite->hash);
	cs_wipe(hex, sizeof(hex));
	cs_wipe(secret, sizeof(secret));
	return CS_OK;
}

void invite_secret(const struct vault *vault, const struct invite *invite,
    uint8_t secret[INVITE_SECRET])
{
	static const char what[] = "authenticator";
	struct vault_hash h;

	vault_hash_begin(vault, VAULT_INVITE, &h, INVITE_SECRET);
	vault_hash_u64(&h, invite->admin);
	vault_hash_bytes(&h, what, sizeof(what));
	vault_hash_bytes(&h, invite->hash, sizeof(invite->hash));
	vault_hash_end(&h, secret, INVITE_SECRET);
}

uint64_t invite_number(struct cs_str presented)
{
	return number_of_token('N', presented);
}

bool invite_is(const struct vault *vault, const struct invite *invite, struct cs_str presented)
{
	uint8_t hash[16];

	hash_text(vault, invite->admin, presented, hash);
	return sodium_memcmp(hash, invite->hash, sizeof(hash)) == 0;
}

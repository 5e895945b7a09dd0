/* SPDX-License-Identifier: ISC
 *
 * Draws, hashes and uses up recovery codes.
 */
#include "recovery.h"

#include "../lib/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void hash_secret(const struct vault *vault, uint64_t admin, const uint8_t secret[8],
    uint8_t hash[16])
{
	struct vault_hash h;

	vault_hash_begin(vault, VAULT_RECOVERY, &h, 16);
	vault_hash_u64(&h, admin);
	vault_hash_bytes(&h, secret, 8);
	vault_hash_end(&h, hash, 16);
}

enum cs_err recovery_make(const struct vault *vault, struct recovery *recovery,
    char out[RECOVERY_CODES][RECOVERY_TEXT])
{
	uint8_t secret[RECOVERY_CODES][8];
	enum cs_err e = cs_random(secret, sizeof(secret));

	for (size_t i = 0; i < RECOVERY_CODES && e == CS_OK; i++) {
		const uint8_t *s = secret[i];

		snprintf(out[i], RECOVERY_TEXT, "%02x%02x-%02x%02x-%02x%02x-%02x%02x", s[0], s[1],
		    s[2], s[3], s[4], s[5], s[6], s[7]);
		hash_secret(vault, recovery->admin, s, recovery->hash[i]);
	}
	cs_wipe(secret, sizeof(secret));
	return e;
}

bool recovery_use(const struct vault *vault, struct recovery *recovery, struct cs_str typed)
{
	uint8_t secret[8], hash[16];
	size_t len = 0, hit = RECOVERY_CODES;
	const char *end = NULL;

	/* Capitals and blanks are how people copy from paper. */
	if (sodium_hex2bin(secret, sizeof(secret), typed.p, typed.len, " -", &len, &end) == 0 &&
	    len == sizeof(secret) && end == typed.p + typed.len) {
		hash_secret(vault, recovery->admin, secret, hash);
		for (size_t i = 0; i < RECOVERY_CODES; i++)
			if (sodium_memcmp(hash, recovery->hash[i], sizeof(hash)) == 0)
				hit = i;
	}
	cs_wipe(secret, sizeof(secret));
	if (hit == RECOVERY_CODES)
		return false;
	memset(recovery->hash[hit], 0, sizeof(recovery->hash[hit]));
	return true;
}

unsigned recovery_left(const struct recovery *recovery)
{
	unsigned left = 0;

	for (size_t i = 0; i < RECOVERY_CODES; i++)
		left += !sodium_is_zero(recovery->hash[i], sizeof(recovery->hash[i]));
	return left;
}

enum cs_err recovery_read_left(struct store *store, uint64_t admin, unsigned *left)
{
	struct recovery recovery;
	enum cs_err e = store_get_recovery(store, admin, &recovery);

	*left = e == CS_OK ? recovery_left(&recovery) : 0;
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

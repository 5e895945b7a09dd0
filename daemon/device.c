/* SPDX-License-Identifier: ISC
 *
 * A token is a random half and the keyed hash of it with whose it is.
 */
#include "device.h"

#include "../lib/secret.h"

#include <sodium.h>

#define HALF 16

static void hash_half(const struct vault *vault, const struct password *password,
    const uint8_t half[HALF], uint8_t hash[HALF])
{
	struct vault_hash h;

	vault_hash_begin(vault, VAULT_DEVICE, &h, HALF);
	vault_hash_u64(&h, password->admin);
	vault_hash_bytes(&h, password->devices, sizeof(password->devices));
	vault_hash_bytes(&h, half, HALF);
	vault_hash_end(&h, hash, HALF);
}

enum cs_err device_make(const struct vault *vault, const struct password *password,
    char out[DEVICE_TEXT])
{
	uint8_t token[2 * HALF];
	enum cs_err e = cs_random(token, HALF);

	if (e != CS_OK)
		return e;
	hash_half(vault, password, token, token + HALF);
	sodium_bin2hex(out, DEVICE_TEXT, token, sizeof(token));
	return CS_OK;
}

bool device_is(const struct vault *vault, const struct password *password, struct cs_str presented)
{
	uint8_t token[2 * HALF] = { 0 }, hash[HALF];
	char text[DEVICE_TEXT];
	size_t len = 0;
	bool shaped = sodium_hex2bin(token, sizeof(token), presented.p, presented.len, NULL, &len,
	    NULL) == 0 && len == sizeof(token);

	/* One spelling only: a token's tries are counted by its text. */
	sodium_bin2hex(text, sizeof(text), token, sizeof(token));
	shaped = shaped && sodium_memcmp(text, presented.p, DEVICE_TEXT - 1) == 0;
	hash_half(vault, password, token, hash);
	return sodium_memcmp(hash, token + HALF, HALF) == 0 && shaped;
}

/* SPDX-License-Identifier: ISC
 *
 * Keys.  From the 32-byte master key, which never enters the database, come
 * subkeys (crypto_kdf), one for each purpose; what they hash is also bound to
 * the store's generation, so that a restored copy cannot make the codes of the
 * original.  It never logs, and wipes in close.
 */
#pragma once

#include "../lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vault;

/* A systemd credential beats the file (design §8): true when there is one, at "path". */
#define VAULT_PATH_MAX 4096
bool vault_credential(char path[VAULT_PATH_MAX]);

/* Reads the key file (64 hex digits; not readable by others; owned by root or
 * us) or $CREDENTIALS_DIRECTORY/countersign.master-key where there is one.
 * Faults are logged with what to do next: CS_ERR_CONFIG. */
enum cs_err vault_open(const char *key_file, const uint8_t generation[16], struct vault **);
void vault_close(struct vault **);

/* Tells keys apart without telling the key. */
void vault_key_id(const struct vault *, uint8_t id[8]);

enum vault_use { VAULT_CODE = 1, VAULT_TAG, VAULT_MEMO, VAULT_GRANT, VAULT_LEAF, VAULT_SEAL,
	VAULT_INVITE, VAULT_RECOVERY, VAULT_SESSION, VAULT_DEVICE, VAULT_CHANNEL, VAULT_SUBJECT,
	VAULT_SPENT };

/* Keyed BLAKE2b over length-framed parts, begun with the generation.  What each
 * request needs and nobody outside must find again (VAULT_MEMO, VAULT_LEAF: 16
 * bytes) is SipHash-2-4-128 when it is short, which takes a fifth of the time. */
struct vault_hash {
	const struct vault *vault;
	enum vault_use use;
	size_t outlen;
	bool begun;		/* "parts" went into "state" before */
	size_t len;
	uint8_t parts[512];
	_Alignas(64) unsigned char state[384];
};
void vault_hash_begin(const struct vault *, enum vault_use, struct vault_hash *, size_t outlen);
void vault_hash_bytes(struct vault_hash *, const void *p, size_t len);
void vault_hash_u64(struct vault_hash *, uint64_t);
void vault_hash_end(struct vault_hash *, uint8_t *out, size_t outlen);

#define VAULT_OVERHEAD 41	/* version 1, nonce 24, tag 16 */

/* XChaCha20-Poly1305; table and record key are associated data, so that a
 * sealed secret moved to another record does not open.  sealed has room for
 * len + VAULT_OVERHEAD bytes. */
enum cs_err vault_seal(const struct vault *, unsigned table, uint64_t key1, uint64_t key2,
    const uint8_t *plain, size_t len, uint8_t *sealed);
/* plain has room for len - VAULT_OVERHEAD bytes; CS_ERR_CRYPTO when the seal
 * does not open. */
enum cs_err vault_unseal(const struct vault *, unsigned table, uint64_t key1, uint64_t key2,
    const uint8_t *sealed, size_t len, uint8_t *plain, size_t *plain_len);

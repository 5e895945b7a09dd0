/* SPDX-License-Identifier: ISC
 *
 * The head is the file's name and version, salt, work, memory and nonce; it is
 * associated data.  Work and memory are bounded before a byte of it is used.
 */
#include "sealed.h"

#include "../lib/secret.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "countersign sealed 1\n"
#define MAGIC_LEN (sizeof(MAGIC) - 1)
#define KIB_MOST (1u << 20)	/* a gigabyte */
#define PASSES_MOST 16
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define KEY crypto_aead_xchacha20poly1305_ietf_KEYBYTES

struct head {
	char magic[MAGIC_LEN];
	uint8_t salt[crypto_pwhash_SALTBYTES];
	uint8_t passes[4], kib[4];	/* big-endian */
	uint8_t nonce[NONCE];
};

static void put_number(uint8_t at[4], uint32_t n)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(n >> (24 - 8 * i));
}

static uint32_t get_number(const uint8_t at[4])
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static enum cs_err derive(const char *passphrase, const struct head *head, uint8_t key[KEY])
{
	if (crypto_pwhash(key, KEY, passphrase, strlen(passphrase), head->salt,
	    get_number(head->passes), (size_t)get_number(head->kib) << 10,
	    crypto_pwhash_ALG_ARGON2ID13) != 0)
		return CS_ERR_NOMEM;
	return CS_OK;
}

enum cs_err sealed_make(const char *passphrase, const char *plain, size_t len, char **sealed,
    size_t *sealed_len)
{
	struct head head;
	uint8_t key[KEY];
	char *out;
	enum cs_err e;

	if (sodium_init() < 0)
		return CS_ERR_CRYPTO;
	memcpy(head.magic, MAGIC, MAGIC_LEN);
	randombytes_buf(head.salt, sizeof(head.salt));
	randombytes_buf(head.nonce, sizeof(head.nonce));
	put_number(head.passes, crypto_pwhash_OPSLIMIT_MODERATE);
	put_number(head.kib, crypto_pwhash_MEMLIMIT_MODERATE >> 10);
	out = malloc(sizeof(head) + len + TAG);
	if (out == NULL)
		return CS_ERR_NOMEM;
	e = derive(passphrase, &head, key);
	if (e == CS_OK) {
		memcpy(out, &head, sizeof(head));
		crypto_aead_xchacha20poly1305_ietf_encrypt((uint8_t *)out + sizeof(head), NULL,
		    (const uint8_t *)plain, len, (const uint8_t *)&head, sizeof(head), NULL,
		    head.nonce, key);
		*sealed = out;
		*sealed_len = sizeof(head) + len + TAG;
	} else {
		free(out);
	}
	cs_wipe(key, sizeof(key));
	return e;
}

enum cs_err sealed_open(const char *passphrase, const char *sealed, size_t len, char **plain,
    size_t *plain_len)
{
	struct head head;
	uint8_t key[KEY];
	unsigned long long n = 0;
	char *out;
	enum cs_err e;

	if (sodium_init() < 0)
		return CS_ERR_CRYPTO;
	if (len < sizeof(head) + TAG || memcmp(sealed, MAGIC, MAGIC_LEN) != 0)
		return CS_ERR_FORMAT;
	memcpy(&head, sealed, sizeof(head));
	if (get_number(head.kib) > KIB_MOST || get_number(head.passes) > PASSES_MOST ||
	    get_number(head.kib) < crypto_pwhash_MEMLIMIT_MIN >> 10 || get_number(head.passes) < 1)
		return CS_ERR_LIMIT;
	out = malloc(len);
	if (out == NULL)
		return CS_ERR_NOMEM;
	e = derive(passphrase, &head, key);
	if (e == CS_OK && crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)out, &n, NULL,
	    (const uint8_t *)sealed + sizeof(head), len - sizeof(head), (const uint8_t *)&head,
	    sizeof(head), head.nonce, key) != 0)
		e = CS_ERR_CRYPTO;
	cs_wipe(key, sizeof(key));
	if (e != CS_OK) {
		free(out);
		return e;
	}
	*plain = out;
	*plain_len = (size_t)n;
	return CS_OK;
}

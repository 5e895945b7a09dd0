/* SPDX-License-Identifier: ISC
 *
 * Subkeys, keyed hashes and seals, all by libsodium.  Keys live in memory that
 * is locked and left out of core files (sodium_malloc).
 */
#include "vault.h"

#include "../lib/log.h"
#include "../lib/secret.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTEXT "cntrsign"	/* crypto_kdf_CONTEXTBYTES */
#define HEX (2 * crypto_kdf_KEYBYTES)
#define SEAL_VERSION 1
#define USES (VAULT_SPENT + 1)
#define SHORT 1000		/* and after: keys for SipHash */

struct vault {
	uint8_t subkey[USES][32];
	uint8_t short_key[USES][crypto_shorthash_siphashx24_KEYBYTES];
	uint8_t generation[16];
	uint8_t key_id[8];
};

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(((struct vault_hash *)0)->state),
    "room for the state");
_Static_assert(VAULT_OVERHEAD == 1 + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
    crypto_aead_xchacha20poly1305_ietf_ABYTES, "overhead of a seal");

static enum cs_err complain(const char *path, const char *what)
{
	cs_log(CS_LOG_ERR, "master key %s: %s", path, what);
	return CS_ERR_CONFIG;
}

/* Who else may read it?  A systemd credential is 0400 or 0440 in a folder that
 * is ours alone, so only "others" count there. */
static enum cs_err check_mode(const char *path, int fd, bool credential)
{
	struct stat st;
	mode_t others = credential ? 0007 : 0077;

	if (fstat(fd, &st) == -1)
		return complain(path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return complain(path, "is not a regular file");
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return complain(path,
		    "belongs to another user; it must belong to root or to the daemon's user");
	if (st.st_mode & others)
		return complain(path,
		    "others may read it; run chmod 0400 on it, and think about who has read it");
	return CS_OK;
}

static enum cs_err read_master(const char *path, bool credential,
    uint8_t master[crypto_kdf_KEYBYTES])
{
	char text[HEX + 2];
	size_t binlen;
	ssize_t n;
	enum cs_err e;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd == -1) {
		if (errno == ENOENT)
			return complain(path,
			    "does not exist; make one with: countersign key new FILE");
		if (errno == EACCES)
			return complain(path, "Permission denied: chown it to the daemon's user");
		return complain(path, strerror(errno));
	}
	e = check_mode(path, fd, credential);
	n = e == CS_OK ? read(fd, text, sizeof(text)) : 0;
	close(fd);
	if (e != CS_OK)
		return e;
	if (n == HEX + 1 && text[HEX] == '\n')
		n--;
	if (n != HEX ||
	    sodium_hex2bin(master, crypto_kdf_KEYBYTES, text, HEX, NULL, &binlen, NULL) != 0 ||
	    binlen != crypto_kdf_KEYBYTES)
		e = complain(path,
		    "is damaged: it must hold 64 hex digits and nothing else; restore it from your "
		    "copy");
	cs_wipe(text, sizeof(text));
	return e;
}

bool vault_credential(char path[VAULT_PATH_MAX])
{
	const char *folder = secure_getenv("CREDENTIALS_DIRECTORY");

	return folder != NULL &&
	    snprintf(path, VAULT_PATH_MAX, "%s/countersign.master-key", folder) < VAULT_PATH_MAX &&
	    access(path, F_OK) == 0;
}

static enum cs_err find_master(const char *key_file, uint8_t master[crypto_kdf_KEYBYTES])
{
	char path[VAULT_PATH_MAX];
	bool credential = vault_credential(path);

	return read_master(credential ? path : key_file, credential, master);
}

enum cs_err vault_open(const char *key_file, const uint8_t generation[16], struct vault **out)
{
	struct vault *vault;
	uint8_t master[crypto_kdf_KEYBYTES];
	enum cs_err e;

	if (sodium_init() == -1)
		return complain(key_file, "libsodium does not start");
	vault = sodium_malloc(sizeof(*vault));
	if (vault == NULL)
		return CS_ERR_NOMEM;
	e = find_master(key_file, master);
	if (e != CS_OK)
		goto out;
	for (unsigned use = VAULT_CODE; use < USES; use++) {
		crypto_kdf_derive_from_key(vault->subkey[use], 32, use, CONTEXT, master);
		crypto_kdf_derive_from_key(vault->short_key[use], sizeof(vault->short_key[use]),
		    SHORT + use, CONTEXT, master);
	}
	memcpy(vault->generation, generation, 16);
	crypto_generichash(vault->key_id, sizeof(vault->key_id), (const uint8_t *)"key id", 6,
	    master, sizeof(master));
	sodium_mprotect_readonly(vault);
	*out = vault;
	vault = NULL;
out:
	cs_wipe(master, sizeof(master));
	sodium_free(vault);
	return e;
}

void vault_close(struct vault **vault)
{
	sodium_free(*vault);	/* wipes */
	*vault = NULL;
}

void vault_key_id(const struct vault *vault, uint8_t id[8])
{
	memcpy(id, vault->key_id, 8);
}

static crypto_generichash_state *state_of(struct vault_hash *h)
{
	return (crypto_generichash_state *)h->state;
}

void vault_hash_begin(const struct vault *vault, enum vault_use use, struct vault_hash *h,
    size_t outlen)
{
	h->vault = vault;
	h->use = use;
	h->outlen = outlen;
	h->begun = false;
	h->len = 0;
	vault_hash_bytes(h, vault->generation, sizeof(vault->generation));
}

/* The parts have no room for more, or have ended. */
static void empty_parts(struct vault_hash *h)
{
	if (!h->begun)
		crypto_generichash_init(state_of(h), h->vault->subkey[h->use], 32, h->outlen);
	h->begun = true;
	crypto_generichash_update(state_of(h), h->parts, h->len);
	h->len = 0;
}

static void add(struct vault_hash *h, const void *p, size_t len)
{
	if (len > sizeof(h->parts) - h->len)
		empty_parts(h);
	if (len > sizeof(h->parts)) {
		crypto_generichash_update(state_of(h), p, len);
		return;
	}
	if (len > 0)
		memcpy(h->parts + h->len, p, len);
	h->len += len;
}

void vault_hash_u64(struct vault_hash *h, uint64_t v)
{
	uint64_t big = htobe64(v);

	add(h, &big, sizeof(big));
}

/* The length goes first, so that no two lists of parts hash alike. */
void vault_hash_bytes(struct vault_hash *h, const void *p, size_t len)
{
	vault_hash_u64(h, len);
	add(h, p, len);
}

static bool is_for_siphash(const struct vault_hash *h)
{
	return !h->begun && h->outlen == crypto_shorthash_siphashx24_BYTES &&
	    (h->use == VAULT_MEMO || h->use == VAULT_LEAF);
}

void vault_hash_end(struct vault_hash *h, uint8_t *out, size_t outlen)
{
	size_t used = h->begun ? sizeof(h->parts) : h->len;

	if (is_for_siphash(h)) {
		crypto_shorthash_siphashx24(out, h->parts, h->len, h->vault->short_key[h->use]);
	} else {
		empty_parts(h);
		crypto_generichash_final(state_of(h), out, outlen);
		cs_wipe(h->state, sizeof(h->state));
	}
	cs_wipe(h->parts, used);
}

struct associated {
	uint8_t generation[16];
	uint8_t numbers[25];	/* version, table, key1, key2 */
};

static void associate(const struct vault *vault, unsigned table, uint64_t key1, uint64_t key2,
    struct associated *ad)
{
	uint64_t numbers[3] = { table, key1, key2 };

	memcpy(ad->generation, vault->generation, 16);
	ad->numbers[0] = SEAL_VERSION;
	for (size_t i = 0; i < 3; i++)
		for (int shift = 0; shift < 8; shift++)
			ad->numbers[1 + i * 8 + (size_t)shift] =
			    (uint8_t)(numbers[i] >> (56 - 8 * shift));
}

enum cs_err vault_seal(const struct vault *vault, unsigned table, uint64_t key1, uint64_t key2,
    const uint8_t *plain, size_t len, uint8_t *sealed)
{
	struct associated ad;
	uint8_t *nonce = sealed + 1;

	associate(vault, table, key1, key2, &ad);
	sealed[0] = SEAL_VERSION;
	randombytes_buf(nonce, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(nonce +
		    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
		NULL, plain, len, (const uint8_t *)&ad, sizeof(ad), NULL, nonce,
		vault->subkey[VAULT_SEAL]) != 0)
		return CS_ERR_CRYPTO;
	return CS_OK;
}

enum cs_err vault_unseal(const struct vault *vault, unsigned table, uint64_t key1, uint64_t key2,
    const uint8_t *sealed, size_t len, uint8_t *plain, size_t *plain_len)
{
	struct associated ad;
	const uint8_t *nonce = sealed + 1;
	unsigned long long n;

	if (len < VAULT_OVERHEAD || sealed[0] != SEAL_VERSION)
		return CS_ERR_CRYPTO;
	associate(vault, table, key1, key2, &ad);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &n, NULL,
		nonce + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
		len - 1 - crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, (const uint8_t *)&ad,
		sizeof(ad), nonce, vault->subkey[VAULT_SEAL]) != 0)
		return CS_ERR_CRYPTO;
	*plain_len = (size_t)n;
	return CS_OK;
}

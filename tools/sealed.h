/* SPDX-License-Identifier: ISC
 *
 * Bytes under a passphrase: Argon2id makes the key, XChaCha20-Poly1305 seals
 * all at once, so that a file that was cut or changed does not open at all.
 * Any program with libsodium can open it; countersign(1) gives the layout.
 */
#pragma once

#include "../lib/err.h"

#include <stddef.h>

/* *sealed is the caller's to free.  CS_ERR_NOMEM, CS_ERR_CRYPTO. */
enum cs_err sealed_make(const char *passphrase, const char *plain, size_t len, char **sealed,
    size_t *sealed_len);
/* *plain is the caller's to wipe and free.  CS_ERR_FORMAT: no such file;
 * CS_ERR_LIMIT: it asks for more work than ours do; CS_ERR_CRYPTO: it does not
 * open. */
enum cs_err sealed_open(const char *passphrase, const char *sealed, size_t len, char **plain,
    size_t *plain_len);

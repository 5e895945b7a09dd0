/* SPDX-License-Identifier: ISC
 *
 * What every process does with secrets in memory: wipe, compare, draw.
 */
#pragma once

#include "err.h"

#include <stddef.h>

void cs_wipe(void *p, size_t len);

/* Takes the same time wherever the first difference is. */
bool cs_equal(const void *a, const void *b, size_t len);

/* Kernel randomness, all of it or CS_ERR_SYSTEM. */
enum cs_err cs_random(void *p, size_t len);

/* Wipes, frees and sets *p to NULL; *p may be NULL. */
void cs_free_secret(char **p, size_t len);

/* SPDX-License-Identifier: ISC
 *
 * What somebody may have meant by a word that is not there.
 */
#pragma once

#include "command.h"

/* NULL when nothing is near.  Of a command's name "len" bytes are meant: the
 * family alone where none of its members is near the second word. */
const char *nearest_command(const char *first, const char *second, size_t *len);
const char *nearest_option(const struct option *rows, const char *name, size_t len);

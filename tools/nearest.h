/* SPDX-License-Identifier: ISC
 *
 * What somebody may have meant by a word that is not there.
 */
#pragma once

#include "command.h"

/* NULL when nothing is near. */
const char *nearest_command(const char *word);
const char *nearest_option(const struct option *rows, const char *name, size_t len);

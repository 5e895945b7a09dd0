/* SPDX-License-Identifier: ISC
 *
 * What --help says, made from the rows.
 */
#pragma once

#include "command.h"

#include <stdio.h>

void help_short(FILE *);
void help_all(FILE *);
void help_usage(FILE *, const struct command *);
void help_command(FILE *, const struct command *);

/* "account" of "account add" and "account list". */
bool help_is_family(const char *word);
void help_family(FILE *, const char *word);

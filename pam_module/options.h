/* SPDX-License-Identifier: ISC
 *
 * Reading the module's options.  What is unknown or out of range makes the
 * module fail (PAM_SERVICE_ERR): a misspelt option must never mean "less
 * checking".
 */
#pragma once

#include "option_table.h"

#include <security/pam_modules.h>

/* False, with a line in the system log, when an option is bad or action= is
 * missing.  The strings are views into argv. */
bool options_parse(pam_handle_t *, int argc, const char **argv, struct options *);

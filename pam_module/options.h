/* SPDX-License-Identifier: ISC
 *
 * The words after the module's name in a PAM service file.  One table; what is
 * unknown or out of range makes the module fail (PAM_SERVICE_ERR): a misspelt
 * option must never mean "less checking".
 */
#pragma once

#include <stdbool.h>
#include <security/pam_modules.h>

struct options {
	const char *action;		/* required */
	const char *socket;
	const char *account, *target;	/* NULL: asked for */
	const char *account_prompt;
	const char *code_prompt;	/* NULL: the daemon's account name makes it */
	int timeout;			/* seconds for one exchange, 1 to 30 */
	int tries;			/* answers in one authentication, 1 to 9 */
	bool noecho, use_first_pass, try_first_pass, export, debug, quiet, nodelay;
};

/* False, with a line in the system log, when an option is bad or action= is
 * missing.  The strings are views into argv. */
bool options_parse(pam_handle_t *, int argc, const char **argv, struct options *);

/* SPDX-License-Identifier: ISC
 *
 * The words after the module's name in a PAM service file, as one table.  The
 * module reads them, and "countersign check --pam" reads them without libpam.
 */
#pragma once

#include <stdbool.h>

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

/* The defaults. */
void options_init(struct options *);

/* False when the word is no option, or has a bad value. */
bool options_take(const char *word, struct options *);

/* What is wrong with all of them together, or NULL. */
const char *options_fault(const struct options *);

/* SPDX-License-Identifier: ISC
 *
 * Every option of the panel's configuration as a row.
 */
#pragma once

#include "conf.h"

#include <stddef.h>

enum kind { KIND_TEXT, KIND_NUMBER };

struct conf_option {
	const char *name;
	enum kind kind;
	unsigned least, most;	/* bytes, or the number itself */
	size_t at;		/* the member of struct conf */
	const char *fallback;
	const char *help;
};

extern const struct conf_option conf_options[];
extern const size_t conf_noptions;

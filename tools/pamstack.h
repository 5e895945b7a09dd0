/* SPDX-License-Identifier: ISC
 *
 * What is wrong with the place of pam_countersign.so in a PAM service file, as
 * a table of findings.
 */
#pragma once

#include "pamfile.h"

struct stack_reader {
	/* result: "fault", "warning", "note", "ok"; line 0: the whole file. */
	void (*say)(void *arg, int line, const char *result, const char *text);
	/* Is the action's mode shadow? */
	bool (*is_shadow)(void *arg, const char *action);
	void *arg;
};

void stack_judge(const struct pamfile *, const struct stack_reader *);

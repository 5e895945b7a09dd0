/* SPDX-License-Identifier: ISC
 *
 * A grant from $COUNTERSIGN_GRANT, the terminal or one line of standard input,
 * never from an argument; and the commands that may take one beside a reason.
 */
#pragma once

#include "ask.h"
#include "invocation.h"

/* nothing: what to say that was not done. */
enum status grant_read(const struct invocation *, const char *nothing, char grant[ASK_MAX]);

/* The rows of a change that takes an administrator's word or the operator's. */
#define AUTHORITY_ROWS \
	{ .name = "reason", .arg = "TEXT", .param = "reason", \
	  .help = "why, on your own word; it goes into the log" }, \
	{ .name = "grant", .value = VALUE_FLAG, \
	  .help = "on an administrator's word: a grant for the action admin.change" }

/* As plain_run; with --grant it reads one and sends it along. */
enum status authority_run(const struct invocation *);

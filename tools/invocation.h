/* SPDX-License-Identifier: ISC
 *
 * One command line, parsed by the rows of its command.  It distrusts every
 * argument: a root-owned script may pass on what a technician typed, so a
 * value is never taken for an option, an option given twice is refused, and
 * an empty operand is not a missing one.
 */
#pragma once

#include "command.h"

struct given {
	const struct option *option;
	const char *value;		/* NULL for a flag */
};

#define GIVEN_MAX 160

struct invocation {
	const struct command *command;
	const char *socket;		/* --socket, or NULL */
	bool json;
	struct given given[GIVEN_MAX];
	size_t ngiven;
	char **rest;			/* CMD ... of run, ends with NULL; or NULL */
};

enum parsed {
	PARSED_RUN,			/* the invocation is complete */
	PARSED_SHOWN,			/* help or version went out; exit 0 */
	PARSED_WRONG,			/* the sentence went to standard error; exit 2 */
};

/* Reads argv[1...]. */
enum parsed invocation_parse(int argc, char **argv, struct invocation *);

/* The value of --name, or of the operand that help calls so; NULL when it was
 * not given. */
const char *given_text(const struct invocation *, const char *name);
bool given_flag(const struct invocation *, const char *name);

/* All values of a repeated option or operand; returns their number, at most max. */
size_t given_many(const struct invocation *, const char *name, struct cs_str *at, size_t max);

/* Puts every parameter that a given row maps to. */
void given_put(const struct invocation *, struct cs_writer *);

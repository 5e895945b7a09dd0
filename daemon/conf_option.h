/* SPDX-License-Identifier: ISC
 *
 * Every option of the configuration as a row: it drives the parser, the
 * conversion, the dump, the error texts and the check that countersign.conf(5)
 * names them all.
 */
#pragma once

#include "conf.h"

#include <stdio.h>

enum scope {
	SCOPE_TOP,
	SCOPE_ROLE,
	SCOPE_TECHNICIANS,	/* of role desk */
	SCOPE_CODE,
	SCOPE_LIMIT,
	SCOPE_ACTION,
};

enum kind {
	KIND_TEXT,		/* char *; least and most are bytes */
	KIND_PATH,		/* char *; absolute */
	KIND_URL,		/* char *; where a site begins, or empty */
	KIND_BOOL,
	KIND_NUMBER,		/* unsigned */
	KIND_SIZE,		/* uint64_t, bytes */
	KIND_SPAN,		/* int64_t, seconds */
	KIND_RATE,		/* struct rate; least and most are its seconds */
	KIND_WORD,		/* an enum, or a bool for two words */
	KIND_USERS,		/* struct people */
	KIND_GROUPS,
};

struct conf_option {
	enum scope scope;
	const char *role;		/* whose option it is, or NULL */
	const char *name;
	enum kind kind;
	const char *const *words;	/* KIND_WORD: in the order of the values */
	uint64_t least, most;
	size_t at, size;		/* the member: of struct action in SCOPE_ACTION,
					 * else of struct conf */
	const char *fallback;		/* as it would be written; NULL in SCOPE_ACTION,
					 * where conf.c knows */
	const char *help;
};

extern const struct conf_option conf_options[];
extern const size_t conf_noptions;

/* Bit numbers of enum role. */
enum role_bit { BIT_STAFF, BIT_DESK, BIT_OPERATOR, BIT_PANEL, BIT_ISSUER };

/* What the file calls them. */
extern const char *const conf_roles[ROLES];

/* The actions that are there before the file is read, in its syntax. */
extern const char conf_shipped[];

/* Is it a list of users or groups? */
bool conf_option_is_people(const struct conf_option *);

/* Not for users and groups.  Converts text into the member of base; a string
 * that was there is freed.  CS_ERR_CONFIG: *why says what to write instead;
 * CS_ERR_NOMEM. */
enum cs_err conf_option_parse(const struct conf_option *, const char *text, void *base, char *why,
    size_t cap);

/* Writes the value as the file would have it, users and groups too. */
void conf_option_print(const struct conf_option *, const void *base, FILE *);

/* SPDX-License-Identifier: ISC
 *
 * Authenticators as other systems' files tell of them.  A parser takes the
 * text of one file, distrusts all of it, and adds a token or a refusal for
 * each that it tells of; what it cannot make sense of, it refuses, and never
 * guesses.
 */
#pragma once

#include "../lib/wire.h"

#include <stdio.h>

#define TOKEN_TEXT 129		/* bytes with the NUL */

struct token {
	size_t line;		/* or the number of the key */
	const char *refused;	/* the sentence, else NULL */
	const char *path;
	char user[TOKEN_TEXT];	/* who the file says it is; may be empty */
	char label[TOKEN_TEXT];
	char purpose[16];	/* empty: the file does not say */
	const char *kind, *hash;	/* the protocol's words */
	int64_t digits, period, counter;
	char secret[TOKEN_TEXT];	/* base32 */
	/* once it was asked for: */
	const char *admin;
	bool again;		/* the same one was in these files before */
};

struct tokens {
	const char *path;	/* the file that is being read */
	struct token *at;
	size_t n, cap;
	bool nomem;
};

/* A new one with the usual values, or NULL without memory. */
struct token *tokens_add(struct tokens *, size_t line);
void tokens_refuse(struct tokens *, size_t line, const char *say);
void tokens_clear(struct tokens *);	/* wipes */

/* Set *token's text, or false: too long, not UTF-8, control characters. */
bool token_text(char out[TOKEN_TEXT], struct cs_str);
/* From bytes, from hex, or as base32 that was written by somebody. */
bool token_secret(struct token *, const void *secret, size_t len);
bool token_secret_hex(struct token *, struct cs_str hex);
bool token_secret_base32(struct token *, struct cs_str base32);
/* Digits alone, at most 15 of them. */
bool token_number(struct cs_str, int64_t *);

/* Cuts the next line off *text; false at the end.  *whole: it has an end. */
bool token_line(struct cs_str *text, struct cs_str *line, bool *whole);

typedef void (*token_parser)(struct tokens *, struct cs_str text);
void token_parse_google(struct tokens *, struct cs_str text);
void token_parse_usersoath(struct tokens *, struct cs_str text);
void token_parse_otpauth(struct tokens *, struct cs_str text);
void token_parse_pskc(struct tokens *, struct cs_str text);
/* What countersign export wrote, opened. */
void token_parse_own(struct tokens *, struct cs_str text);

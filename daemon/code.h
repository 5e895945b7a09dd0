/* SPDX-License-Identifier: ISC
 *
 * Support codes and authenticator codes as numbers: what was typed, check
 * digit, derivation, tag.  It never stores a code and never compares one with
 * anything but sodium_memcmp or a keyed tag (design §5).
 */
#pragma once

#include "clock.h"
#include "record.h"
#include "vault.h"

#define CODE_DIGITS 9			/* 8 by RFC 6238, 1 check digit */

/* What a typed entry can be, told by its shape alone. */
enum entry_kind {
	ENTRY_MISHEARD = 0,	/* nothing that anybody could have read out */
	ENTRY_SUPPORT,		/* nine digits that pass the check */
	ENTRY_AUTHENTICATOR,	/* six to eight digits */
	ENTRY_TICKET,		/* T and a number */
};

struct entry {
	enum entry_kind kind;
	size_t len;
	char digits[CODE_DIGITS + 11];	/* normalised, NUL-terminated */
};

/* Drops blanks and dashes, turns full-width digits (U+FF10-19) into ASCII. */
void code_parse(struct cs_str typed, struct entry *);

/* Could a part of this text be a support code? */
bool code_within(struct cs_str text);

/* The digit that makes digits + itself pass Damm's check (H. M. Damm, 2004):
 * it catches every single wrong digit and every swap of neighbours. */
char code_check_digit(const char *digits, size_t n);
bool code_check(const char *digits, size_t n);

/* The code of an issue: RFC 6238 TOTP, 8 digits, 30 s, at issued.wall, over a
 * key derived from store generation, nonce and the immutable fields, and the
 * check digit.  out is NUL-terminated. */
enum cs_err code_derive(const struct vault *, const struct issue *, char out[CODE_DIGITS + 1]);

/* The look-up tag: keyed hash of account and digits. */
void code_tag(const struct vault *, uint64_t account, const char digits[CODE_DIGITS],
    uint8_t tag[16]);

/* RFC 4226 with the hash of RFC 6238 §1.2, through liboath but without its
 * comparing functions.  factor is the HOTP counter or the TOTP step.  digits 6
 * to 8; out has room for 9 bytes. */
enum cs_err code_oath(const uint8_t *secret, size_t len, enum oath_hash, uint64_t factor,
    unsigned digits, char *out);

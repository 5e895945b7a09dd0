/* SPDX-License-Identifier: ISC
 *
 * What was typed, Damm's check digit, the derivation of a support code and its
 * tag.  It never stores a code; buffers that held one are wiped.
 */
#include "code.h"

#include "../lib/secret.h"

#include <liboath/oath.h>
#include <string.h>

#define STEP 30		/* RFC 6238 §4.1, X */

/* What people type between digits: blanks and dashes of several kinds. */
static const struct cs_str fillers[] = {
	CS_STR(" "), CS_STR("\t"), CS_STR("-"),
	CS_STR("\xc2\xa0"),	/* no-break space */
	CS_STR("\xe2\x80\x89"),	/* thin space */
	CS_STR("\xe2\x80\xaf"),	/* narrow no-break space */
	CS_STR("\xe2\x80\x90"),	/* hyphen */
	CS_STR("\xe2\x80\x91"),	/* no-break hyphen */
	CS_STR("\xe2\x80\x92"),	/* figure dash */
	CS_STR("\xe2\x80\x93"),	/* en dash */
	CS_STR("\xe2\x80\x94"),	/* em dash */
	CS_STR("\xe2\x88\x92"),	/* minus */
	CS_STR("\xe3\x80\x80"),	/* ideographic space */
};

/* The bytes that a filler takes at p, 0 when there is none. */
static size_t skip_filler(const char *p, size_t left)
{
	for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++)
		if (fillers[i].len <= left && memcmp(p, fillers[i].p, fillers[i].len) == 0)
			return fillers[i].len;
	return 0;
}

/* One digit at p, ASCII or full-width; *took is 0 when there is none. */
static char take_digit(const char *p, size_t left, size_t *took)
{
	const unsigned char *u = (const unsigned char *)p;

	*took = 0;
	if (*p >= '0' && *p <= '9') {
		*took = 1;
		return *p;
	}
	if (left >= 3 && u[0] == 0xef && u[1] == 0xbc && u[2] >= 0x90 && u[2] <= 0x99) {
		*took = 3;
		return (char)('0' + (u[2] - 0x90));
	}
	return 0;
}

static enum entry_kind kind_of(const struct entry *entry, bool ticket)
{
	if (ticket)
		return entry->len >= 1 ? ENTRY_TICKET : ENTRY_MISHEARD;
	if (entry->len == CODE_DIGITS)
		return code_check(entry->digits, entry->len) ? ENTRY_SUPPORT : ENTRY_MISHEARD;
	return entry->len >= 6 && entry->len <= 8 ? ENTRY_AUTHENTICATOR : ENTRY_MISHEARD;
}

void code_parse(struct cs_str typed, struct entry *entry)
{
	bool ticket = false;
	size_t took;

	memset(entry, 0, sizeof(*entry));
	for (size_t i = 0; i < typed.len; i += took) {
		const char *p = typed.p + i;
		char digit = take_digit(p, typed.len - i, &took);

		if (took > 0) {
			if (entry->len == sizeof(entry->digits) - 1)
				return;
			entry->digits[entry->len++] = digit;
			continue;
		}
		took = skip_filler(p, typed.len - i);
		if (took > 0)
			continue;
		if ((*p != 'T' && *p != 't') || ticket || entry->len > 0)
			return;
		ticket = true;
		took = 1;
	}
	entry->kind = kind_of(entry, ticket);
}

/* Takes nine digits from p on, fillers aside; false when something else comes, or a
 * tenth right behind them: a longer number is no code. */
static bool take_nine(const char *p, const char *end, char digits[CODE_DIGITS])
{
	size_t n = 0, took;

	for (; p < end && n < CODE_DIGITS; p += took) {
		char digit = take_digit(p, (size_t)(end - p), &took);

		if (took > 0)
			digits[n++] = digit;
		else if ((took = skip_filler(p, (size_t)(end - p))) == 0)
			return false;
	}
	if (p == end)
		return n == CODE_DIGITS;
	take_digit(p, (size_t)(end - p), &took);
	return n == CODE_DIGITS && took == 0;
}

bool code_within(struct cs_str text)
{
	char digits[CODE_DIGITS];
	bool within = false, inside = false;	/* a number */
	size_t took;

	for (size_t i = 0; i + CODE_DIGITS <= text.len && !within; i++) {
		take_digit(text.p + i, text.len - i, &took);
		within = took > 0 && !inside &&
		    take_nine(text.p + i, text.p + text.len, digits) &&
		    code_check(digits, CODE_DIGITS);
		inside = took > 0;
	}
	cs_wipe(digits, sizeof(digits));
	return within;
}

/* The quasigroup of order 10 from Damm's thesis: totally anti-symmetric, with
 * a zero diagonal, so that the check of digits + check digit is 0. */
static const char quasigroup[10][10] = {
	{ 0, 3, 1, 7, 5, 9, 8, 6, 4, 2 },
	{ 7, 0, 9, 2, 1, 5, 4, 8, 6, 3 },
	{ 4, 2, 0, 6, 8, 7, 1, 3, 5, 9 },
	{ 1, 7, 5, 0, 9, 8, 3, 4, 2, 6 },
	{ 6, 1, 2, 3, 0, 4, 5, 9, 7, 8 },
	{ 3, 6, 7, 4, 2, 0, 9, 5, 8, 1 },
	{ 5, 8, 6, 9, 7, 2, 0, 1, 3, 4 },
	{ 8, 9, 4, 5, 3, 6, 2, 0, 1, 7 },
	{ 9, 4, 3, 8, 6, 1, 7, 2, 0, 5 },
	{ 2, 5, 8, 1, 4, 3, 6, 7, 9, 0 },
};

char code_check_digit(const char *digits, size_t n)
{
	int interim = 0;

	for (size_t i = 0; i < n; i++)
		interim = quasigroup[interim][digits[i] - '0'];
	return (char)('0' + interim);
}

bool code_check(const char *digits, size_t n)
{
	return code_check_digit(digits, n) == '0';
}

enum cs_err code_oath(const uint8_t *secret, size_t len, enum oath_hash hash, uint64_t factor,
    unsigned digits, char *out)
{
	static const int flags[] = {
		[OATH_HASH_SHA1] = 0,
		[OATH_HASH_SHA256] = OATH_TOTP_HMAC_SHA256,
		[OATH_HASH_SHA512] = OATH_TOTP_HMAC_SHA512,
	};

	/* A step of one second makes the time the moving factor itself. */
	if (factor > INT64_MAX ||
	    oath_totp_generate2((const char *)secret, len, (time_t)factor, 1, 0, digits,
		flags[hash], out) != OATH_OK)
		return CS_ERR_CRYPTO;
	return CS_OK;
}

enum cs_err code_derive(const struct vault *vault, const struct issue *issue,
    char out[CODE_DIGITS + 1])
{
	struct vault_hash h CS_UNCLEARED;
	uint8_t key[32];
	enum cs_err e;

	vault_hash_begin(vault, VAULT_CODE, &h, sizeof(key));
	vault_hash_bytes(&h, issue->nonce, sizeof(issue->nonce));
	vault_hash_u64(&h, issue->id);
	vault_hash_u64(&h, issue->account);
	vault_hash_u64(&h, issue->admin);
	vault_hash_bytes(&h, issue->action.p, issue->action.len);
	vault_hash_u64(&h, issue->targets.n);
	for (size_t i = 0; i < issue->targets.n; i++)
		vault_hash_bytes(&h, issue->targets.at[i].p, issue->targets.at[i].len);
	vault_hash_u64(&h, (uint64_t)issue->issued.wall);
	vault_hash_u64(&h, (uint64_t)issue->life);
	vault_hash_end(&h, key, sizeof(key));
	e = code_oath(key, sizeof(key), OATH_HASH_SHA1, (uint64_t)(issue->issued.wall / STEP),
	    CODE_DIGITS - 1, out);
	cs_wipe(key, sizeof(key));
	if (e == CS_OK) {
		out[CODE_DIGITS - 1] = code_check_digit(out, CODE_DIGITS - 1);
		out[CODE_DIGITS] = '\0';
	}
	return e;
}

void code_tag(const struct vault *vault, uint64_t account, const char digits[CODE_DIGITS],
    uint8_t tag[16])
{
	struct vault_hash h CS_UNCLEARED;

	vault_hash_begin(vault, VAULT_TAG, &h, 16);
	vault_hash_u64(&h, account);
	vault_hash_bytes(&h, digits, CODE_DIGITS);
	vault_hash_end(&h, tag, 16);
}

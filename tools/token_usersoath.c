/* SPDX-License-Identifier: ISC
 *
 * pam_oath's users.oath: TYPE USER PIN SECRET [COUNTER [LAST-CODE TIME]].  The
 * counter is the last one used where a last code stands beside it, as liboath
 * writes it, else the next one.
 */
#include "token.h"

#include <string.h>

#define WORDS 8

static size_t split(struct cs_str line, struct cs_str words[WORDS])
{
	size_t n = 0;

	for (size_t i = 0; i < line.len && n < WORDS;) {
		size_t len = 0;

		while (i + len < line.len && line.p[i + len] != ' ' && line.p[i + len] != '\t')
			len++;
		if (len > 0)
			words[n++] = (struct cs_str){ line.p + i, len };
		i += len + 1;
	}
	return n;
}

/* HOTP, HOTP/E/6, HOTP/T30, HOTP/T60/8 */
static bool read_type(struct token *token, struct cs_str type)
{
	struct cs_str rest = { type.p + 4, type.len - 4 };
	const char *slash;

	if (type.len < 4 || memcmp(type.p, "HOTP", 4) != 0)
		return false;
	token->kind = "hotp";
	if (rest.len == 0)
		return true;
	if (rest.len < 2 || rest.p[0] != '/')
		return false;
	rest = (struct cs_str){ rest.p + 1, rest.len - 1 };
	slash = memchr(rest.p, '/', rest.len);
	if (slash != NULL) {
		struct cs_str digits = { slash + 1, rest.len - (size_t)(slash + 1 - rest.p) };

		if (!token_number(digits, &token->digits))
			return false;
		rest.len = (size_t)(slash - rest.p);
	}
	if (cs_str_is(rest, "E"))
		return true;
	token->kind = "totp";
	return rest.len > 1 && rest.p[0] == 'T' &&
	    token_number((struct cs_str){ rest.p + 1, rest.len - 1 }, &token->period);
}

static const char *read_words(struct token *token, const struct cs_str words[WORDS], size_t n)
{
	if (n < 4 || n > 7)
		return "It is not TYPE USER PIN SECRET with at most a counter, a code and a time.";
	if (!read_type(token, words[0]))
		return "Its type is none of HOTP, HOTP/E/6 and HOTP/T30/6.";
	if (!token_text(token->user, words[1]))
		return "Its user name is no plain text.";
	if (!token_secret_hex(token, words[3]))
		return "Its secret is not 10 to 64 bytes of hexadecimal digits.";
	if (n > 4 && !token_number(words[4], &token->counter))
		return "Its counter is not a number.";
	if (strcmp(token->kind, "totp") == 0)
		token->counter = 0;
	else if (n > 5)
		token->counter++;
	return NULL;
}

void token_parse_usersoath(struct tokens *tokens, struct cs_str text)
{
	struct cs_str line, words[WORDS];
	bool whole;

	for (size_t number = 1; token_line(&text, &line, &whole); number++) {
		size_t n = split(line, words);
		struct token *token;

		if (n == 0 || words[0].p[0] == '#')
			continue;
		token = tokens_add(tokens, number);
		if (token == NULL)
			return;
		token->refused = read_words(token, words, n);
		if (!whole)
			token->refused =
			    "The file ends in the middle of this line: it may have been cut "
			    "off.";
	}
}

/* SPDX-License-Identifier: ISC
 *
 * ~/.google_authenticator: the secret, options that begin with a quotation
 * mark, then codes for emergencies, which are not taken.
 */
#include "token.h"

#include <string.h>

struct google {
	bool typed;		/* TOTP_AUTH or HOTP_COUNTER came */
	const char *fault;
};

/* "HOTP_COUNTER 1": the word's number, when it is that word. */
static bool has_word(struct cs_str line, const char *word, struct cs_str *rest)
{
	size_t len = strlen(word);

	if (line.len < len || memcmp(line.p, word, len) != 0 ||
	    (line.len > len && line.p[len] != ' '))
		return false;
	*rest = (struct cs_str){ line.p + len, line.len - len };
	if (rest->len > 0) {
		rest->p++;
		rest->len--;
	}
	return true;
}

static void take_option(struct google *g, struct token *token, struct cs_str option)
{
	struct cs_str rest;

	if (has_word(option, "TOTP_AUTH", &rest)) {
		g->typed = true;
	} else if (has_word(option, "HOTP_COUNTER", &rest)) {
		g->typed = true;
		token->kind = "hotp";
		if (!token_number(rest, &token->counter))
			g->fault = "Its HOTP_COUNTER is not a number.";
	} else if (has_word(option, "STEP_SIZE", &rest)) {
		if (!token_number(rest, &token->period))
			g->fault = "Its STEP_SIZE is not a number.";
	}
}

static bool is_emergency_code(struct cs_str line)
{
	int64_t n;

	return line.len == 8 && token_number(line, &n);
}

void token_parse_google(struct tokens *tokens, struct cs_str text)
{
	struct token *token = tokens_add(tokens, 1);
	struct google g = { false, NULL };
	struct cs_str line;
	bool whole = false;

	if (token == NULL)
		return;
	if (!token_line(&text, &line, &whole) || !token_secret_base32(token, line)) {
		token->refused = "Its first line is not a secret in base32: this is not a file of "
		    "google-authenticator.";
		return;
	}
	while (token_line(&text, &line, &whole) && g.fault == NULL) {
		if (line.len > 2 && line.p[0] == '"' && line.p[1] == ' ')
			take_option(&g, token, (struct cs_str){ line.p + 2, line.len - 2 });
		else if (!is_emergency_code(line))
			g.fault = "There is a line that google-authenticator does not write.";
	}
	if (g.fault == NULL && (!g.typed || !whole))
		g.fault = "It ends too early: it may have been cut off.";
	token->refused = g.fault;
}

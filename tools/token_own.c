/* SPDX-License-Identifier: ISC
 *
 * What countersign export wrote, once it is open: the daemon's rows, one a
 * line.
 */
#include "token.h"

#include "../lib/secret.h"

#include <string.h>

static bool read_text(const struct cs_msg *m, const char *name, char out[TOKEN_TEXT])
{
	struct cs_str s = CS_STR("");

	cs_msg_string(m, name, &s);
	return token_text(out, s);
}

static bool read_word(const struct cs_msg *m, const char *name, const char *const *words,
    const char **out)
{
	struct cs_str s = CS_STR("");

	cs_msg_string(m, name, &s);
	for (; *words != NULL; words++)
		if (cs_str_is(s, *words)) {
			*out = *words;
			return true;
		}
	return false;
}

static bool read_row(struct token *token, const struct cs_msg *m)
{
	static const char *const kinds[] = { "totp", "hotp", NULL };
	static const char *const hashes[] = { "sha1", "sha256", "sha512", NULL };
	static const char *const purposes[] = { "login", "support", NULL };
	const char *purpose = "";
	struct cs_str secret = CS_STR("");

	if (!read_word(m, "kind", kinds, &token->kind) ||
	    !read_word(m, "hash", hashes, &token->hash) ||
	    !read_word(m, "purpose", purposes, &purpose) ||
	    !read_text(m, "administrator", token->user) || !read_text(m, "label", token->label) ||
	    cs_msg_int(m, "digits", &token->digits) != CS_OK ||
	    cs_msg_int(m, "period", &token->period) != CS_OK)
		return false;
	cs_msg_int(m, "counter", &token->counter);
	cs_msg_string(m, "secret", &secret);
	snprintf(token->purpose, sizeof(token->purpose), "%s", purpose);
	return token_secret_base32(token, secret);
}

void token_parse_own(struct tokens *tokens, struct cs_str text)
{
	static struct cs_msg m;
	static char row[CS_FRAME_MAX];
	struct cs_str line;
	bool whole;

	for (size_t number = 1; token_line(&text, &line, &whole); number++) {
		struct token *token = tokens_add(tokens, number);

		if (token == NULL)
			break;
		token->refused = "This row is not one of countersign export.";
		if (line.len > sizeof(row))
			continue;
		memcpy(row, line.p, line.len);
		if (cs_msg_decode(row, line.len, &m) == CS_OK && read_row(token, &m))
			token->refused = NULL;
	}
	cs_wipe(row, sizeof(row));
}

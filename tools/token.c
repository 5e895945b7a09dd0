/* SPDX-License-Identifier: ISC
 *
 * What the parsers share.
 */
#include "token.h"

#include "../lib/secret.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_MIN 10		/* bytes, as the daemon has it */
#define SECRET_MAX 64

struct token *tokens_add(struct tokens *tokens, size_t line)
{
	struct token *token;

	if (tokens->n == tokens->cap) {
		size_t cap = tokens->cap == 0 ? 64 : tokens->cap * 2;
		struct token *at = calloc(cap, sizeof(*at));

		if (at == NULL) {
			tokens->nomem = true;
			return NULL;
		}
		if (tokens->n > 0) {
			memcpy(at, tokens->at, tokens->n * sizeof(*at));
			cs_wipe(tokens->at, tokens->n * sizeof(*at));
		}
		free(tokens->at);
		tokens->at = at;
		tokens->cap = cap;
	}
	token = &tokens->at[tokens->n++];
	*token = (struct token){
		.line = line,
		.path = tokens->path,
		.kind = "totp",
		.hash = "sha1",
		.digits = 6,
		.period = 30,
	};
	return token;
}

void tokens_refuse(struct tokens *tokens, size_t line, const char *say)
{
	struct token *token = tokens_add(tokens, line);

	if (token != NULL)
		token->refused = say;
}

void tokens_clear(struct tokens *tokens)
{
	if (tokens->at != NULL)
		cs_wipe(tokens->at, tokens->cap * sizeof(*tokens->at));
	free(tokens->at);
	*tokens = (struct tokens){ .at = NULL };
}

bool token_text(char out[TOKEN_TEXT], struct cs_str text)
{
	if (text.len >= TOKEN_TEXT || !cs_utf8_valid(text.p, text.len))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
			return false;
	memcpy(out, text.p, text.len);
	out[text.len] = '\0';
	return true;
}

bool token_secret(struct token *token, const void *secret, size_t len)
{
	char *base32 = NULL;
	size_t n;

	if (len < SECRET_MIN || len > SECRET_MAX ||
	    oath_base32_encode(secret, len, &base32, &n) != OATH_OK)
		return false;
	snprintf(token->secret, sizeof(token->secret), "%s", base32);
	token->secret[strcspn(token->secret, "=")] = '\0';
	cs_free_secret(&base32, n);
	return true;
}

bool token_secret_hex(struct token *token, struct cs_str hex)
{
	unsigned char bytes[SECRET_MAX];
	const char *end;
	size_t n;
	bool ok = sodium_hex2bin(bytes, sizeof(bytes), hex.p, hex.len, NULL, &n, &end) == 0 &&
	    end == hex.p + hex.len && token_secret(token, bytes, n);

	cs_wipe(bytes, sizeof(bytes));
	return ok;
}

bool token_secret_base32(struct token *token, struct cs_str base32)
{
	char *bytes = NULL;
	size_t n = 0;
	bool ok = base32.len > 0 && base32.len < TOKEN_TEXT &&
	    oath_base32_decode(base32.p, base32.len, &bytes, &n) == OATH_OK &&
	    token_secret(token, bytes, n);

	cs_free_secret(&bytes, n);
	return ok;
}

bool token_number(struct cs_str text, int64_t *n)
{
	int64_t v = 0;

	if (text.len == 0 || text.len > 15)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		v = v * 10 + (text.p[i] - '0');
	}
	*n = v;
	return true;
}

bool token_line(struct cs_str *text, struct cs_str *line, bool *whole)
{
	const char *end;

	if (text->len == 0)
		return false;
	end = memchr(text->p, '\n', text->len);
	*whole = end != NULL;
	*line = (struct cs_str){ text->p, end != NULL ? (size_t)(end - text->p) : text->len };
	text->p += line->len + *whole;
	text->len -= line->len + *whole;
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* SPDX-License-Identifier: ISC
 *
 * otpauth:// URIs, one a line.  A parameter that is repeated, an issuer that
 * is not the label's, an escape that is none: apps differ in what they make of
 * these, so nobody can say which secret was meant.
 */
#include "token.h"

#include <string.h>
#include <strings.h>

#define PARAMETERS_MOST 16

struct uri {
	struct token *token;
	char issuer[TOKEN_TEXT], label_issuer[TOKEN_TEXT];
	bool has_secret, has_counter, has_issuer;
	struct cs_str seen[PARAMETERS_MOST];
	size_t nseen;
};

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c | 0x20);

	return at == NULL ? -1 : (int)(at - digits);
}

static bool decode(struct cs_str text, char out[TOKEN_TEXT])
{
	char room[TOKEN_TEXT];
	size_t n = 0;

	for (size_t i = 0; i < text.len && n < sizeof(room); n++) {
		if (text.p[i] != '%') {
			room[n] = text.p[i++];
			continue;
		}
		if (text.len - i < 3 || hex_value(text.p[i + 1]) < 0 ||
		    hex_value(text.p[i + 2]) < 0)
			return false;
		room[n] = (char)(hex_value(text.p[i + 1]) << 4 | hex_value(text.p[i + 2]));
		i += 3;
	}
	return n < sizeof(room) && token_text(out, (struct cs_str){ room, n });
}

/* "Issuer:dana" */
static bool read_label(struct uri *u, struct cs_str encoded)
{
	char whole[TOKEN_TEXT], *colon, *name = whole;

	if (!decode(encoded, whole))
		return false;
	colon = strchr(whole, ':');
	if (colon != NULL) {
		*colon = '\0';
		snprintf(u->label_issuer, sizeof(u->label_issuer), "%s", whole);
		for (name = colon + 1; *name == ' ';)
			name++;
	}
	if (strchr(name, ':') != NULL)
		return false;
	snprintf(u->token->user, sizeof(u->token->user), "%s", name);
	snprintf(u->token->label, sizeof(u->token->label), "%s", name);
	return true;
}

static bool read_algorithm(struct token *token, struct cs_str value)
{
	static const char *const hashes[] = { "sha1", "sha256", "sha512" };

	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (value.len == strlen(hashes[i]) &&
		    strncasecmp(value.p, hashes[i], value.len) == 0) {
			token->hash = hashes[i];
			return true;
		}
	return false;
}

static const char *read_parameter(struct uri *u, struct cs_str name, struct cs_str value)
{
	struct token *t = u->token;

	for (size_t i = 0; i < u->nseen; i++)
		if (u->seen[i].len == name.len && strncasecmp(u->seen[i].p, name.p, name.len) == 0)
			return "One of its parameters is repeated.";
	if (u->nseen == PARAMETERS_MOST)
		return "It has too many parameters.";
	u->seen[u->nseen++] = name;
	if (cs_str_is(name, "secret")) {
		u->has_secret = token_secret_base32(t, value);
		return u->has_secret ? NULL : "Its secret is not base32 of 10 to 64 bytes.";
	}
	if (cs_str_is(name, "issuer")) {
		u->has_issuer = true;
		return decode(value, u->issuer) ? NULL : "Its issuer is no plain text.";
	}
	if (cs_str_is(name, "algorithm"))
		return read_algorithm(t, value) ? NULL
						: "Its algorithm is none of SHA1, SHA256, SHA512.";
	if (cs_str_is(name, "digits"))
		return token_number(value, &t->digits) ? NULL : "Its digits are not a number.";
	if (cs_str_is(name, "period"))
		return token_number(value, &t->period) ? NULL : "Its period is not a number.";
	if (cs_str_is(name, "counter")) {
		u->has_counter = token_number(value, &t->counter);
		return u->has_counter ? NULL : "Its counter is not a number.";
	}
	return NULL;
}

static const char *read_query(struct uri *u, struct cs_str query)
{
	const char *fault = NULL;

	while (query.len > 0 && fault == NULL) {
		const char *amp = memchr(query.p, '&', query.len), *is;
		size_t len = amp != NULL ? (size_t)(amp - query.p) : query.len;

		is = memchr(query.p, '=', len);
		if (is == NULL)
			return "One of its parameters has no value.";
		fault = read_parameter(u, (struct cs_str){ query.p, (size_t)(is - query.p) },
		    (struct cs_str){ is + 1, len - (size_t)(is + 1 - query.p) });
		query.p += len + (amp != NULL);
		query.len -= len + (amp != NULL);
	}
	return fault;
}

static const char *read_type(struct token *token, struct cs_str *uri)
{
	static const char totp[] = "otpauth://totp/", hotp[] = "otpauth://hotp/";
	size_t len = sizeof(totp) - 1;

	if (uri->len > 20 && strncasecmp(uri->p, "otpauth-migration://", 20) == 0)
		return "This is several authenticators in a form of one app's own. Export them one "
		       "by one.";
	if (uri->len > len && strncasecmp(uri->p, hotp, len) == 0)
		token->kind = "hotp";
	else if (uri->len <= len || strncasecmp(uri->p, totp, len) != 0)
		return "It does not begin with otpauth://totp/ or otpauth://hotp/.";
	uri->p += len;
	uri->len -= len;
	return NULL;
}

static const char *read_uri(struct token *token, struct cs_str uri)
{
	struct uri u = { .token = token };
	const char *fault = read_type(token, &uri), *query;

	if (fault != NULL)
		return fault;
	query = memchr(uri.p, '?', uri.len);
	if (query == NULL || memchr(uri.p, '#', uri.len) != NULL)
		return "It has no parameters, or something after them.";
	if (!read_label(&u, (struct cs_str){ uri.p, (size_t)(query - uri.p) }))
		return "Its label is no plain text of at most 128 bytes, or has two colons.";
	fault = read_query(&u, (struct cs_str){ query + 1, uri.len - (size_t)(query + 1 - uri.p) });
	if (fault != NULL)
		return fault;
	if (!u.has_secret)
		return "It has no secret.";
	if (u.has_issuer && u.label_issuer[0] != '\0' && strcmp(u.issuer, u.label_issuer) != 0)
		return "Its issuer is not the one of its label.";
	if ((strcmp(token->kind, "hotp") == 0) != u.has_counter)
		return "It counts and has no counter, or has one and does not count.";
	return NULL;
}

void token_parse_otpauth(struct tokens *tokens, struct cs_str text)
{
	struct cs_str line;
	bool whole;

	for (size_t number = 1; token_line(&text, &line, &whole); number++) {
		struct token *token;

		while (
		    line.len > 0 && (line.p[line.len - 1] == ' ' || line.p[line.len - 1] == '\t'))
			line.len--;
		if (line.len == 0 || line.p[0] == '#')
			continue;
		token = tokens_add(tokens, number);
		if (token == NULL)
			return;
		token->refused = whole ? read_uri(token, line) :
		    "The file ends in the middle of this line: it may have been cut off.";
	}
}

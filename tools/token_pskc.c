/* SPDX-License-Identifier: ISC
 *
 * PSKC (RFC 6030) through libpskc, which only this file calls, and only in the
 * command: an XML library is no company for keys.  It crashes on a DOCTYPE, so
 * whatever could be or could hide one is refused before it sees a byte.
 */
#include "token.h"

#include <pskc/pskc.h>
#include <string.h>
#include <strings.h>

#define NAMESPACE "urn:ietf:params:xml:ns:keyprov:pskc:"

static bool begins(struct cs_str text, const char *word)
{
	size_t len = strlen(word);

	return text.len >= len && strncasecmp(text.p, word, len) == 0;
}

/* What begins with the word, or nothing. */
static struct cs_str find(struct cs_str text, const char *word)
{
	while (text.len > 0 && !begins(text, word)) {
		text.p++;
		text.len--;
	}
	return text;
}

static bool contains(struct cs_str text, const char *word)
{
	return find(text, word).len > 0;
}

/* Another encoding could hide a DOCTYPE from who looks for its bytes. */
static bool is_utf8_xml(struct cs_str text)
{
	static const char word[] = "encoding";
	struct cs_str head = { text.p, text.len };
	const char *end;

	if (text.len < 5 || text.p[0] != '<' || !cs_utf8_valid(text.p, text.len))
		return false;
	if (strncmp(text.p, "<?xml", 5) != 0)
		return true;
	end = memchr(text.p, '>', text.len);
	if (end == NULL)
		return false;
	head.len = (size_t)(end - text.p);
	head = find(head, word);
	if (head.len == 0)
		return true;
	head = (struct cs_str){ head.p + sizeof(word) - 1, head.len - (sizeof(word) - 1) };
	return (begins(head, "=\"UTF-8\"") || begins(head, "='UTF-8'")) && !contains(head, word);
}

static const char *last_part(const char *urn)
{
	size_t len = sizeof(NAMESPACE) - 1;

	return urn != NULL && strncasecmp(urn, NAMESPACE, len) == 0 ? urn + len : "";
}

static bool read_hash(struct token *token, const char *suite)
{
	static const struct {
		const char *suite, *hash;
	} rows[] = {
		{ "", "sha1" },
		{ "SHA1", "sha1" },
		{ "HMAC-SHA1", "sha1" },
		{ "HMAC-SHA-1", "sha1" },
		{ "SHA256", "sha256" },
		{ "HMAC-SHA256", "sha256" },
		{ "HMAC-SHA-256", "sha256" },
		{ "SHA512", "sha512" },
		{ "HMAC-SHA512", "sha512" },
		{ "HMAC-SHA-512", "sha512" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcasecmp(suite != NULL ? suite : "", rows[i].suite) == 0) {
			token->hash = rows[i].hash;
			return true;
		}
	return false;
}

/* "UID=dana,DC=example" or just dana */
static bool read_user(struct token *token, pskc_key_t *key)
{
	const char *user = pskc_get_key_userid(key);
	size_t len;

	if (user == NULL || user[0] == '\0')
		user = pskc_get_device_userid(key);
	if (user == NULL)
		return true;
	len = strlen(user);
	if (strncasecmp(user, "UID=", 4) == 0 || strncasecmp(user, "CN=", 3) == 0) {
		user = strchr(user, '=') + 1;
		len = strcspn(user, ",");
	}
	return token_text(token->user, (struct cs_str){ user, len });
}

static const char *read_key(struct token *token, pskc_key_t *key)
{
	const char *secret, *serial = pskc_get_device_serialno(key);
	int present = 0;
	size_t len = 0;

	token->kind = last_part(pskc_get_key_algorithm(key));
	if (strcmp(token->kind, "totp") != 0 && strcmp(token->kind, "hotp") != 0)
		return "It is neither a TOTP nor an HOTP.";
	token->kind = token->kind[0] == 't' ? "totp" : "hotp";
	if (!read_hash(token, pskc_get_key_algparm_suite(key)))
		return "Its suite is none of HMAC-SHA1, HMAC-SHA256, HMAC-SHA512.";
	if (pskc_get_key_algparm_resp_encoding(key, &present) != PSKC_VALUEFORMAT_DECIMAL &&
	    present)
		return "Its codes are not decimal.";
	token->digits = pskc_get_key_algparm_resp_length(key, &present);
	if (!present)
		token->digits = 6;
	if (token->kind[0] == 'h')
		token->counter = (int64_t)(pskc_get_key_data_counter(key, &present) & INT64_MAX);
	else if ((token->period = pskc_get_key_data_timeinterval(key, &present)) == 0)
		token->period = 30;
	if (!read_user(token, key))
		return "Its user name is no plain text of at most 128 bytes.";
	if (serial == NULL || strchr(serial, ':') != NULL ||
	    !token_text(token->label, cs_str(serial)))
		token->label[0] = '\0';
	secret = pskc_get_key_data_secret(key, &len);
	if (secret == NULL)
		return "Its secret is encrypted or not there: decrypt the file with the tool that "
		       "made it.";
	return token_secret(token, secret, len) ? NULL : "Its secret is not of 10 to 64 bytes.";
}

static void read_keys(struct tokens *tokens, pskc_t *container)
{
	pskc_key_t *key;

	for (size_t i = 0; (key = pskc_get_keypackage(container, i)) != NULL; i++) {
		struct token *token = tokens_add(tokens, i + 1);

		if (token == NULL)
			return;
		token->refused = read_key(token, key);
	}
}

static void drop_message(const char *msg)
{
	(void)msg;		/* it may quote what it could not read */
}

void token_parse_pskc(struct tokens *tokens, struct cs_str text)
{
	pskc_t *container = NULL;
	size_t before = tokens->n;

	if (text.len >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		text = (struct cs_str){ text.p + 3, text.len - 3 };
	if (!is_utf8_xml(text)) {
		tokens_refuse(tokens, 1, "It is not an XML file in UTF-8.");
		return;
	}
	if (contains(text, "<!DOCTYPE") || contains(text, "<!ENTITY")) {
		tokens_refuse(tokens, 1, "It has a DOCTYPE, which a PSKC file has no use for.");
		return;
	}
	if (pskc_global_init() == PSKC_OK && pskc_init(&container) == PSKC_OK) {
		pskc_global_log(drop_message);
		if (pskc_parse_from_memory(container, text.len, text.p) != PSKC_OK)
			tokens_refuse(tokens, 1,
			    "It is not PSKC as libpskc reads it: it may be cut off or encrypted.");
		else
			read_keys(tokens, container);
		if (tokens->n == before)
			tokens_refuse(tokens, 1, "It holds no keys.");
		pskc_done(container);
	} else {
		tokens->nomem = true;
	}
	pskc_global_done();
}

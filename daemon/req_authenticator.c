/* SPDX-License-Identifier: ISC
 *
 * Enroll and Confirm: what an operator may choose about an authenticator.
 */
#include "handlers.h"

#include "alive.h"
#include "asked.h"
#include "authenticator.h"
#include "enrolment.h"
#include "member.h"
#include "name.h"

struct word {
	const char *text;
	unsigned value;
};

/* One of the words, the first when the parameter is absent; ends with NULL. */
static enum cs_err read_word(struct request *r, const char *name, const struct word *words,
    unsigned *value)
{
	struct cs_str text;
	enum cs_err e = may_string(r, name, &text);

	if (e != CS_OK)
		return e;
	if (text.len == 0) {
		*value = words[0].value;
		return CS_OK;
	}
	for (; words->text != NULL; words++) {
		if (!cs_str_is(text, words->text))
			continue;
		*value = words->value;
		return CS_OK;
	}
	return refuse_parameter(r, name);
}

/* What every app supports, unless asked otherwise. */
static enum cs_err read_form(struct request *r, struct authenticator *auth)
{
	static const struct word kinds[] = {
		{ "totp", OATH_KIND_TOTP }, { "hotp", OATH_KIND_HOTP }, { NULL, 0 },
	};
	static const struct word hashes[] = {
		{ "sha1", OATH_HASH_SHA1 }, { "sha256", OATH_HASH_SHA256 },
		{ "sha512", OATH_HASH_SHA512 }, { NULL, 0 },
	};
	unsigned kind = 0, hash = 0;
	int64_t digits = 6;
	enum cs_err e = read_word(r, "kind", kinds, &kind);

	if (e == CS_OK)
		e = read_word(r, "hash", hashes, &hash);
	if (e == CS_OK)
		e = may_int(r, "digits", &digits);
	if (e == CS_OK && (digits < 6 || digits > 8))
		e = refuse_parameter(r, "digits");
	if (e != CS_OK)
		return e;
	auth->kind = (enum oath_kind)kind;
	auth->hash = (enum oath_hash)hash;
	auth->digits = (unsigned)digits;
	auth->period = auth->kind == OATH_KIND_TOTP ? 30 : 0;
	return CS_OK;
}

static enum cs_err read_enrolment(struct request *r, struct admin *admin,
    struct authenticator *auth, struct cs_str *issuer)
{
	struct asked asked;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, admin);
	if (e == CS_OK)
		e = read_purpose(r, &auth->purpose);
	if (e == CS_OK)
		e = read_form(r, auth);
	if (e == CS_OK)
		e = enrolment_read_label(r, "label", &auth->label, (struct cs_str){ 0 });
	if (e == CS_OK)
		e = enrolment_read_label(r, "issuer", issuer, CS_STR("Countersign"));
	return e == CS_OK ? enrolment_check_number(r, admin->id) : e;
}

enum cs_err handle_enroll(struct request *r)
{
	struct admin admin;
	struct cs_str issuer;
	struct authenticator auth = { .created = r->now.at.wall };
	enum cs_err e = read_enrolment(r, &admin, &auth, &issuer);

	if (e == CS_OK)
		e = enrolment_begin(r, &admin, &auth, issuer);
	return e == CS_OK ? log_change(r, EVENT_ENROLL, NULL, &admin,
				authenticator_purpose(auth.purpose)) : e;
}

enum cs_err handle_confirm(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct authenticator auth;
	bool confirmed;
	char id[NUMBER_TEXT];
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = enrolment_confirm(r, &admin, &auth, &confirmed);
	if (e != CS_OK || !confirmed)
		return e;
	e = alive_note(r, admin.id);
	if (e == CS_OK)
		e = log_change(r, EVENT_CONFIRM, NULL, &admin, authenticator_purpose(auth.purpose));
	if (e != CS_OK)
		return e;
	number_format('A', auth.id, id);
	cs_put_string(reply_begin(r, false), "authenticator", cs_str(id));
	return reply_end(r);
}

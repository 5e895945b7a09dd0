/* SPDX-License-Identifier: ISC
 *
 * ImportAuthenticator and ExportAuthenticators: secrets in from other systems,
 * and out for the operator who wants to leave.  Export is the one method that
 * hands out what was sealed, and no secret leaves without its event.
 */
#include "handlers.h"

#include "asked.h"
#include "authenticator.h"
#include "authority.h"
#include "cooling.h"
#include "enrolment.h"
#include "member.h"
#include "name.h"

#include "../lib/secret.h"

#define PERIOD_MIN 10		/* seconds */
#define PERIOD_MAX 300
#define COUNTER_MAX 1000000000000

static enum cs_err read_number(struct request *r, const char *name, int64_t least, int64_t most,
    int64_t *n)
{
	enum cs_err e = may_int(r, name, n);

	return e == CS_OK && (*n < least || *n > most) ? refuse_parameter(r, name) : e;
}

static enum cs_err read_form(struct request *r, struct authenticator *auth, int64_t *counter)
{
	int64_t period = 30;
	enum cs_err e = enrolment_read_form(r, auth);

	if (e == CS_OK)
		e = read_number(r, "period", PERIOD_MIN, PERIOD_MAX, &period);
	if (e == CS_OK)
		e = read_number(r, "counter", 0, auth->kind == OATH_KIND_HOTP ? COUNTER_MAX : 0,
		    counter);
	auth->period = (unsigned)period;
	return e;
}

static enum cs_err read_secret(struct request *r, uint8_t secret[AUTHENTICATOR_SECRET_MAX],
    size_t *len)
{
	struct cs_str base32;
	enum cs_err e = want_string(r, "secret", &base32);

	if (e == CS_OK)
		e = authenticator_decode(base32, secret, len);
	return e == CS_ERR_FORMAT ? refuse_parameter(r, "secret") : e;
}

static enum cs_err keep(struct request *r, const struct admin *admin, struct authenticator *auth,
    const uint8_t *secret, size_t len, int64_t counter)
{
	enum cs_err e = authenticator_add(r->store, r->vault, auth, secret, len, counter);

	return e != CS_OK ? e : log_change(r, EVENT_AUTHENTICATOR_IMPORT, NULL, admin,
				    authenticator_purpose(auth->purpose));
}

static enum cs_err answer_imported(struct request *r, const struct authenticator *auth)
{
	struct cs_writer *w = reply_begin(r, false);
	char id[NUMBER_TEXT];

	number_format('A', auth->id, id);
	if (auth->id != 0)
		cs_put_string(w, "authenticator", cs_str(id));
	return reply_end(r);
}

static enum cs_err import(struct request *r, const struct admin *admin, struct authenticator *auth,
    const uint8_t *secret, size_t len, int64_t counter)
{
	struct holding holding;
	bool dry = false;
	enum cs_err e = may_bool(r, "dry_run", &dry);

	if (e == CS_OK)
		e = authenticator_holding(r->store, r->vault, admin->id, auth->purpose, secret, len,
		    &holding);
	if (e == CS_OK && holding.same)
		e = refuse_error(r, "Exists", "This administrator has an authenticator with that "
		    "secret already.");
	if (e == CS_OK && holding.elsewhere)
		e = refuse_other_purpose(r);
	if (e == CS_OK)
		e = enrolment_check_number(r, admin->id);
	if (e == CS_OK && !dry)
		e = keep(r, admin, auth, secret, len, counter);
	/* Another one beside what they have is a reset (design §10). */
	if (e == CS_OK && !dry && holding.any)
		e = cooling_start_all(r, admin->id);
	return e == CS_OK ? answer_imported(r, auth) : e;
}

enum cs_err handle_import_authenticator(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct authenticator auth = { .created = r->now.at.wall };
	uint8_t secret[AUTHENTICATOR_SECRET_MAX];
	size_t len = 0;
	int64_t counter = 0;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = read_purpose(r, &auth.purpose);
	if (e == CS_OK)
		e = read_form(r, &auth, &counter);
	if (e == CS_OK)
		e = enrolment_read_label(r, "label", &auth.label, (struct cs_str){ 0 });
	if (e == CS_OK)
		e = read_secret(r, secret, &len);
	if (e != CS_OK)
		return e;
	auth.admin = admin.id;
	e = import(r, &admin, &auth, secret, len, counter);
	cs_wipe(secret, sizeof(secret));
	return e;
}

static enum cs_err put_authenticator(struct request *r, const struct admin *admin,
    const struct authenticator *auth)
{
	uint8_t secret[SEALED_MAX_LEN];
	struct authenticator_state state;
	char base32[AUTHENTICATOR_BASE32_MAX], id[NUMBER_TEXT];
	size_t len;
	struct cs_writer *w;
	enum cs_err e = store_get_authenticator_state(r->store, auth->id, &state);

	if (e == CS_OK)
		e = authenticator_unseal(r->vault, auth, secret, &len);
	if (e == CS_OK)
		e = authenticator_encode(secret, len, base32);
	cs_wipe(secret, sizeof(secret));
	if (e != CS_OK)
		return e;
	number_format('A', auth->id, id);
	w = reply_begin(r, true);
	cs_put_string(w, "administrator", admin->name);
	cs_put_string(w, "administrator_name", admin->display);
	cs_put_string(w, "authenticator", cs_str(id));
	cs_put_string(w, "purpose", cs_str(authenticator_purpose(auth->purpose)));
	cs_put_string(w, "kind", cs_str(authenticator_kind(auth->kind)));
	cs_put_string(w, "hash", cs_str(authenticator_hash(auth->hash)));
	cs_put_int(w, "digits", auth->digits);
	cs_put_int(w, "period", auth->period);
	if (auth->kind == OATH_KIND_HOTP)
		cs_put_int(w, "counter", state.last);
	if (auth->label.len > 0)
		cs_put_string(w, "label", auth->label);
	cs_put_string(w, "secret", cs_str(base32));
	cs_wipe(base32, sizeof(base32));
	return reply_end(r);
}

/* All of one person's; there are few. */
static enum cs_err put_person(struct request *r, uint64_t admin_id)
{
	struct authenticator auth = { .id = 0 };
	struct admin admin;
	enum cs_err e = store_get_admin(r->store, admin_id, &admin);

	while (e == CS_OK) {
		e = store_next_authenticator(r->store, admin_id, auth.id, &auth);
		if (e == CS_OK && !auth.pending)
			e = put_authenticator(r, &admin, &auth);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err handle_export_authenticators(struct request *r)
{
	struct asked asked;
	struct account account;
	struct member member = { .admin = cursor_id(r->cursor) };
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK && asked.typed.len == 0)
		e = refuse_parameter(r, "account");
	if (e == CS_OK)
		e = asked_account_must(r, &asked, &account);
	if (e == CS_OK && !r->cursor->started)
		e = log_change(r, EVENT_AUTHENTICATOR_EXPORT, &account, NULL, "");
	if (e == CS_OK)
		e = store_next_member(r->store, account.id, member.admin, &member);
	if (e == CS_ERR_NOTFOUND)
		return reply_done(r);
	if (e == CS_OK)
		e = put_person(r, member.admin);
	if (e == CS_OK)
		cursor_go_on(r->cursor, member.admin);
	return e;
}

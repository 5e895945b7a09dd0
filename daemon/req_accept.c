/* SPDX-License-Identifier: ISC
 *
 * Invitation and AcceptInvitation: the secret of a link becomes password,
 * authenticator and recovery codes, all at once or not at all, and once.
 * Opening the link changes nothing, however often a mail scanner does it.
 */
#include "handlers.h"

#include "acting.h"
#include "authenticator.h"
#include "code.h"
#include "cooling.h"
#include "device.h"
#include "invite.h"
#include "name.h"
#include "otpauth.h"
#include "password.h"
#include "proof.h"
#include "recovery.h"
#include "session.h"

#include "../lib/secret.h"

#include <string.h>

struct invited {
	struct invite invite;
	struct admin admin;
	/* the authenticator that comes of it */
	struct authenticator auth;
	uint8_t secret[INVITE_SECRET], room[SEALED_MAX_LEN];
	struct authenticator_state state;
};

/* Not a word about whether there was such an invitation. */
static enum cs_err refuse_invitation(struct request *r, const struct session *session)
{
	const struct admin nobody = { .id = 0 };
	enum cs_err e = session_log_failed(r, EVENT_LOG_IN_FAILED, &nobody, session, CS_WRONG,
	    "invitation");

	return e != CS_OK ? e : answer_refused(r, "invitation",
	    "This invitation is not good any more: it was used, replaced, or is older than "
	    "three days. Ask whoever sent it for a new one.");
}

static enum cs_err find_invite(struct request *r, struct cs_str text, struct invited *i)
{
	enum cs_err e = store_get_invite(r->store, invite_number(text), &i->invite);

	if (e == CS_OK && (!invite_is(r->vault, &i->invite, text) ||
	    clock_over(&r->now, &i->invite.made, i->invite.epoch, i->invite.life)))
		e = CS_ERR_NOTFOUND;
	if (e == CS_OK)
		e = store_get_admin(r->store, i->invite.admin, &i->admin);
	if (e == CS_OK && i->admin.standing != STANDING_ACTIVE)
		e = CS_ERR_NOTFOUND;
	return e;
}

static enum cs_err make_authenticator(struct request *r, struct invited *i, uint64_t id)
{
	i->auth = (struct authenticator){
		.id = id,
		.admin = i->admin.id,
		.purpose = PURPOSE_LOGIN,
		.kind = OATH_KIND_TOTP,
		.hash = OATH_HASH_SHA1,
		.digits = 6,
		.period = 30,
		.created = r->now.at.wall,
	};
	i->state = (struct authenticator_state){ .id = id };
	invite_secret(r->vault, &i->invite, i->secret);
	return authenticator_seal(r->vault, &i->auth, i->secret, sizeof(i->secret), i->room);
}

/* CS_OK with a reply written: it was refused. */
static enum cs_err read_invited(struct request *r, const struct session *session, uint64_t id,
    struct invited *i)
{
	struct cs_str text;
	enum cs_err e = want_string(r, "invitation", &text);

	if (e != CS_OK)
		return e;
	e = find_invite(r, text, i);
	if (e == CS_ERR_NOTFOUND)
		return refuse_invitation(r, session);
	return e == CS_OK ? make_authenticator(r, i, id) : e;
}

static enum cs_err answer_invitation(struct request *r, const struct invited *i,
    struct cs_str issuer)
{
	struct acting acting;
	char base32[AUTHENTICATOR_BASE32_MAX], uri[OTPAUTH_ROOM];
	struct cs_writer *w;
	enum cs_err e = acting_read(r, i->admin.id, &acting);

	if (e == CS_OK)
		e = authenticator_encode(i->secret, sizeof(i->secret), base32);
	if (e != CS_OK)
		return e;
	otpauth_format(uri, &i->auth, issuer, i->admin.name, base32);
	w = reply_begin(r, false);
	cs_put_string(w, "administrator", i->admin.name);
	cs_put_string(w, "name", i->admin.display);
	cs_put_strings(w, "accounts", acting.account, acting.n);
	cs_put_strings(w, "account_names", acting.name, acting.n);
	if (i->invite.by.len > 0)
		cs_put_string(w, "invited_by", i->invite.by);
	cs_put_string(w, "secret", cs_str(base32));
	cs_put_string(w, "uri", cs_str(uri));
	cs_put_int(w, "expires", i->invite.made.wall + i->invite.life);
	cs_wipe(base32, sizeof(base32));
	cs_wipe(uri, sizeof(uri));
	return reply_end(r);
}

enum cs_err handle_invitation(struct request *r)
{
	const struct session nobodys = { .id = 0 };
	struct cs_str issuer;
	struct invited i;
	enum cs_err e = may_string(r, "issuer", &issuer);

	if (e == CS_OK && issuer.len == 0)
		issuer = CS_STR("Countersign");
	if (e == CS_OK && (!text_valid(issuer) || memchr(issuer.p, ':', issuer.len) != NULL))
		e = refuse_parameter(r, "issuer");
	if (e == CS_OK)
		e = read_invited(r, &nobodys, 0, &i);
	if (e == CS_OK && r->reply->len == 0)
		e = answer_invitation(r, &i, issuer);
	cs_wipe(&i, sizeof(i));
	return e;
}

static enum cs_err check_code(struct request *r, struct invited *i)
{
	struct cs_str typed;
	struct entry entry;
	enum match match = MATCH_NONE;
	enum cs_err e = want_string(r, "code", &typed);

	if (e != CS_OK)
		return e;
	if (!r->now.plausible)
		return refuse_named(r, "Refused", "why", CS_STR("clock"),
		    "The clock of the machine that checks codes is wrong at the moment. Try again "
		    "later, and tell whoever sent the invitation.");
	code_parse(typed, &entry);
	if (entry.kind == ENTRY_AUTHENTICATOR)
		e = authenticator_match(r->vault, &i->auth, &i->state, r->now.at.wall,
		    (struct cs_str){ entry.digits, entry.len }, &match);
	cs_wipe(&entry, sizeof(entry));
	if (e == CS_OK && match != MATCH_NEW)
		e = refuse_named(r, "Refused", "why", CS_STR("code"),
		    "This is not the code that the app shows now. Wait for the next one and try "
		    "again; if it fails again, set the phone's clock to automatic.");
	return e;
}

/* What prepare and handler both look at. */
static enum cs_err read_acceptance(struct request *r, uint64_t id, struct session *session,
    struct invited *i)
{
	enum cs_err e = session_read_client(r, session);

	if (e == CS_OK)
		e = read_invited(r, session, id, i);
	if (e == CS_OK && r->reply->len == 0)
		e = check_code(r, i);
	return e;
}

enum cs_err prepare_accept_invitation(struct request *r, struct job *job)
{
	struct session session = { .id = 0 };
	struct invited i;
	struct cs_str chosen;
	enum cs_err e = want_string(r, "password", &chosen);

	if (e == CS_OK)
		e = read_acceptance(r, 0, &session, &i);
	if (e == CS_OK && r->reply->len == 0)
		e = password_choose(r, &i.admin, chosen, job);
	job->known = true;
	cs_wipe(&i, sizeof(i));
	return e;
}

/* A second authenticator may be a stranger's phone.  Otherwise whoever had to
 * cool off when they came or were reset does so again from the day on which
 * they can log in; the first of an account never did. */
static enum cs_err cool_off(struct request *r, uint64_t admin)
{
	struct member member = { .account = 0 };
	unsigned others;
	enum cs_err e = proof_authenticators(r, admin, &others);

	if (e == CS_OK && others > 0)
		return cooling_start_all(r, admin);
	while (e == CS_OK) {
		e = store_next_member_of(r->store, admin, member.account, &member);
		if (e != CS_OK || member.cooling_until == 0)
			continue;
		cooling_start(r, &member);
		store_put_member(r->store, &member);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

struct given {
	char token[SESSION_TEXT], device[DEVICE_TEXT];
	char codes[RECOVERY_CODES][RECOVERY_TEXT];
};

/* Stages all of it. */
static enum cs_err set_up(struct request *r, const struct invited *i, struct session *session,
    struct given *given)
{
	struct recovery recovery = { .admin = i->admin.id, .made = r->now.at.wall };
	struct password password;
	enum cs_err e = cool_off(r, i->admin.id);

	if (e == CS_OK)
		e = password_set(r, i->admin.id, r->job, &password);
	if (e == CS_OK)
		e = recovery_make(r->vault, &recovery, given->codes);
	if (e == CS_OK)
		e = device_make(r->vault, &password, given->device);
	session->admin = i->admin.id;
	session->proved = r->now.steady;
	if (e == CS_OK)
		e = session_make(r, session, given->token);
	if (e != CS_OK)
		return e;
	store_put_authenticator(r->store, &i->auth);
	store_put_authenticator_state(r->store, &i->state);
	store_put_recovery(r->store, &recovery);
	store_del_invite(r->store, i->admin.id);
	return session_log(r, EVENT_INVITE_ACCEPT, &i->admin, session, "");
}

static enum cs_err answer_accepted(struct request *r, const struct invited *i,
    const struct session *session, const struct given *given)
{
	struct cs_str codes[RECOVERY_CODES];
	struct cs_writer *w = reply_begin(r, false);

	for (size_t n = 0; n < RECOVERY_CODES; n++)
		codes[n] = cs_str(given->codes[n]);
	cs_put_string(w, "session", cs_str(given->token));
	cs_put_string(w, "device", cs_str(given->device));
	cs_put_string(w, "administrator", i->admin.name);
	cs_put_string(w, "name", i->admin.display);
	cs_put_strings(w, "recovery_codes", codes, RECOVERY_CODES);
	cs_put_int(w, "expires", session_expires(session, &r->now));
	return reply_end(r);
}

enum cs_err handle_accept_invitation(struct request *r)
{
	struct session session = { .id = 0 };
	struct invited i;
	struct given given;
	enum cs_err e = read_acceptance(r, store_new_id(r->store, SEQ_AUTHENTICATOR), &session, &i);

	if (e == CS_OK && r->reply->len == 0)
		e = set_up(r, &i, &session, &given);
	if (e == CS_OK && r->reply->len == 0)
		e = answer_accepted(r, &i, &session, &given);
	cs_wipe(&given, sizeof(given));
	cs_wipe(&i, sizeof(i));
	return e;
}

/* SPDX-License-Identifier: ISC
 *
 * LogIn and LogOut.  A log-in takes password and code, both or nothing: what
 * fails is answered alike in words and in time, whatever it failed for, and
 * spends nothing.  handle_log_in reads everything again that prepare_log_in
 * read: while the worker hashed, the world went on.
 */
#include "handlers.h"

#include "audit.h"
#include "cooling.h"
#include "device.h"
#include "limit.h"
#include "name.h"
#include "password.h"
#include "proof.h"
#include "recovery.h"
#include "session.h"

#include "../lib/secret.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct log_in {
	struct request *r;
	struct cs_str typed_password, code, device;
	struct session session;		/* with what the panel saw of the client */
	struct admin admin;		/* id 0: nobody of that name */
	struct password password;
	bool known;			/* a browser that this person used before */
	struct limit_login counted;
	/* what came of it */
	enum cs_reason reason;
	const char *note;
	struct proof proof;
	struct recovery recovery;	/* with the code used up, when by_recovery */
	bool by_recovery;
};

static uint64_t hash_subject(struct request *r, enum bucket_kind kind, const void *p, size_t len)
{
	struct vault_hash h;
	uint64_t subject;

	vault_hash_begin(r->vault, VAULT_SUBJECT, &h, 16);
	vault_hash_u64(&h, kind);
	vault_hash_bytes(&h, p, len);
	uint8_t hash[16];
	vault_hash_end(&h, hash, sizeof(hash));
	memcpy(&subject, hash, sizeof(subject));
	return subject | 1;
}

/* Who has an IPv6 address has the other 2^64 of its network too. */
static uint64_t hash_address(struct request *r, struct cs_str address)
{
	char text[INET6_ADDRSTRLEN] = "";
	uint8_t in6[16];

	if (address.len < sizeof(text))
		memcpy(text, address.p, address.len);
	if (inet_pton(AF_INET6, text, in6) == 1)
		return hash_subject(r, BUCKET_ADDRESS, in6, 8);
	return hash_subject(r, BUCKET_ADDRESS, address.p, address.len);
}

static enum cs_err find_person(struct log_in *l, struct cs_str typed)
{
	struct request *r = l->r;
	char name[NAME_MAX_LEN + 1];
	enum cs_err e = CS_ERR_NOTFOUND;

	if (name_parse(typed, name)) {
		typed = cs_str(name);
		e = store_find_admin(r->store, typed, &l->admin);
		if (e == CS_OK)
			e = store_get_password(r->store, l->admin.id, &l->password);
	}
	l->counted.name = hash_subject(r, BUCKET_LOGIN, typed.p, typed.len);
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err read_log_in(struct log_in *l)
{
	struct request *r = l->r;
	struct cs_str name;
	enum cs_err e = want_string(r, "name", &name);

	if (e == CS_OK)
		e = want_string(r, "password", &l->typed_password);
	if (e == CS_OK)
		e = want_string(r, "code", &l->code);
	if (e == CS_OK)
		e = may_string(r, "device", &l->device);
	if (e == CS_OK)
		e = session_read_client(r, &l->session);
	if (e == CS_OK)
		e = find_person(l, name);
	if (e != CS_OK)
		return e;
	l->counted.address = hash_address(r, l->session.address);
	l->known = device_is(r->vault, &l->password, l->device) && l->password.admin != 0;
	if (l->known)
		l->counted.device = hash_subject(r, BUCKET_DEVICE, l->device.p, l->device.len);
	return CS_OK;
}

/* Whoever fails often is told to wait, and that is summed in the log. */
static enum cs_err check_limits(struct log_in *l)
{
	struct request *r = l->r;
	int64_t wait;
	char say[160];
	struct cs_writer *w;
	enum cs_err e = limit_login(r->store, r->conf, &l->counted, r->now.steady, &wait);

	if (e != CS_OK || wait == 0)
		return e;
	e = audit_tally(r->store, &r->now, r->peer->uid, CS_STR(""), EVENT_LOG_IN_FAILED,
	    CS_THROTTLED);
	if (e != CS_OK)
		return e;
	snprintf(say, sizeof(say), "Too many log-ins failed. Wait %" PRId64 " minute%s, or use a "
	    "browser in which you have logged in before.", (wait + 59) / 60, wait > 60 ? "s" : "");
	w = reply_error(r, "Throttled");
	cs_put_int(w, "wait", wait);
	cs_put_string(w, "say", cs_str(say));
	return reply_end(r);
}

enum cs_err prepare_log_in(struct request *r, struct job *job)
{
	struct log_in l = { .r = r };
	enum cs_err e = read_log_in(&l);

	if (e == CS_OK)
		e = check_limits(&l);
	if (e != CS_OK || r->reply->len > 0)
		return e;
	job->known = l.known;
	return password_ask(r, l.admin.id, l.typed_password, job);
}

static void fail(struct log_in *l, enum cs_reason reason, const char *note)
{
	l->reason = reason;
	l->note = note;
}

/* A recovery code is typed where the app's code would be. */
static enum cs_err judge_recovery(struct log_in *l)
{
	enum cs_err e = store_get_recovery(l->r->store, l->admin.id, &l->recovery);

	if (e == CS_OK)
		l->by_recovery = recovery_use(l->r->vault, &l->recovery, l->code);
	if (!l->by_recovery)
		fail(l, CS_WRONG, "code");
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err judge_code(struct log_in *l)
{
	enum cs_err e = proof_read(l->r, l->admin.id, l->code, &l->proof);

	if (e != CS_OK)
		return e;
	if (l->proof.digits == 0)
		return judge_recovery(l);
	if (l->proof.match == MATCH_USED)
		fail(l, CS_USED, "code");
	else if (l->proof.match == MATCH_NONE)
		fail(l, CS_WRONG, "code");
	return CS_OK;
}

static enum cs_err judge(struct log_in *l)
{
	bool right;
	enum cs_err e = password_is(l->r, l->admin.id, l->r->job, &right);

	l->reason = CS_REASON_ACCEPTED;
	if (e != CS_OK)
		return e;
	if (l->admin.id == 0)
		fail(l, CS_WRONG, "name");
	else if (!right)
		fail(l, CS_WRONG, "password");
	else if (l->admin.standing != STANDING_ACTIVE)
		fail(l, CS_SUSPENDED, "");
	else
		return judge_code(l);
	return CS_OK;
}

/* Counted, so the refusal is an answer that is kept.  A wrong code counts for
 * the authenticators only beside the right password: nobody else can make them
 * rest. */
static enum cs_err refuse(struct log_in *l)
{
	struct request *r = l->r;
	enum cs_err e = limit_count_login(r->store, &l->counted, r->now.steady);

	if (e == CS_OK && l->proof.digits != 0 && l->proof.match == MATCH_NONE)
		e = proof_count(r, &l->proof);
	if (e == CS_OK)
		e = session_log_failed(r, EVENT_LOG_IN_FAILED, &l->admin, &l->session, l->reason,
		    l->note);
	return e != CS_OK ? e : answer_refused(r, "log-in",
	    "Name, password and code do not fit together. Check all three, and wait for your "
	    "app's next code.");
}

/* Stages what the log-in used up and what it mends. */
static enum cs_err spend(struct log_in *l)
{
	struct request *r = l->r;
	enum cs_err e = proof_forgive(r, &l->proof);

	if (e != CS_OK)
		return e;
	if (!l->by_recovery) {
		proof_keep(r, &l->proof);
		return CS_OK;
	}
	store_put_recovery(r->store, &l->recovery);
	return cooling_start_all(r, l->admin.id);
}

static enum cs_err answer(struct log_in *l, const char *token, const char *device)
{
	struct request *r = l->r;
	struct cs_writer *w = reply_begin(r, false);

	cs_put_string(w, "session", cs_str(token));
	if (device[0] != '\0')
		cs_put_string(w, "device", cs_str(device));
	cs_put_string(w, "administrator", l->admin.name);
	cs_put_string(w, "name", l->admin.display);
	cs_put_bool(w, "recovery", l->by_recovery);
	cs_put_int(w, "expires", session_expires(&l->session, &r->now));
	return reply_end(r);
}

/* A log-in without the app makes no browser known. */
static enum cs_err let_in(struct log_in *l)
{
	struct request *r = l->r;
	char token[SESSION_TEXT] = "", device[DEVICE_TEXT] = "";
	enum cs_err e = spend(l);

	l->session.admin = l->admin.id;
	l->session.recovery = l->by_recovery;
	l->session.proved = l->by_recovery ? 0 : r->now.steady;
	if (e == CS_OK)
		e = session_make(r, &l->session, token);
	if (e == CS_OK && !l->by_recovery)
		e = device_make(r->vault, &l->password, device);
	if (e == CS_OK)
		e = session_log(r, EVENT_LOG_IN, &l->admin, &l->session,
		    l->by_recovery ? "recovery code" : "");
	if (e == CS_OK)
		e = answer(l, token, device);
	cs_wipe(token, sizeof(token));
	cs_wipe(device, sizeof(device));
	return e;
}

enum cs_err handle_log_in(struct request *r)
{
	struct log_in l = { .r = r };
	enum cs_err e = read_log_in(&l);

	if (e == CS_OK)
		e = check_limits(&l);
	if (e != CS_OK || r->reply->len > 0)
		return e;
	e = judge(&l);
	if (e != CS_OK)
		return e;
	return l.reason == CS_REASON_ACCEPTED ? let_in(&l) : refuse(&l);
}

enum cs_err handle_log_out(struct request *r)
{
	struct caller caller;
	enum cs_err e = caller_read(r, &caller);

	if (e != CS_OK)
		return e;
	store_del_session(r->store, &caller.session);
	e = session_log(r, EVENT_LOG_OUT, &caller.admin, &caller.session, "");
	return e == CS_OK ? reply_done(r) : e;
}

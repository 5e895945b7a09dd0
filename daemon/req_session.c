/* SPDX-License-Identifier: ISC
 *
 * Session, Account, Prove, Sessions and EndSession: what a logged-in person may
 * know of themselves and of an account, and do about their own log-ins.
 */
#include "handlers.h"

#include "acting.h"
#include "cooling.h"
#include "end.h"
#include "member.h"
#include "name.h"
#include "proof.h"
#include "recovery.h"
#include "session.h"

#include <inttypes.h>
#include <stdio.h>

static int64_t wall_of(const struct request *r, int64_t steady)
{
	return r->now.at.wall + steady - r->now.steady;
}

static enum cs_err answer_session(struct request *r, const struct caller *caller,
    const struct acting *acting, unsigned authenticators, unsigned codes)
{
	const struct session *session = &caller->session;
	struct cs_writer *w = reply_begin(r, false);

	cs_put_string(w, "administrator", caller->admin.name);
	cs_put_string(w, "name", caller->admin.display);
	cs_put_strings(w, "accounts", acting->account, acting->n);
	cs_put_strings(w, "account_names", acting->name, acting->n);
	cs_put_strings(w, "channels", acting->channel, acting->n);
	if (acting->more)
		cs_put_bool(w, "more", true);
	if (acting->nsuspended > 0)
		cs_put_strings(w, "suspended", acting->suspended, acting->nsuspended);
	cs_put_int(w, "began", session->began.wall);
	cs_put_int(w, "expires", session_expires(session, &r->now));
	if (caller_proved(r, caller))
		cs_put_int(w, "proved_until", wall_of(r, session->proved + SESSION_PROOF));
	if (acting->cooling != 0)
		cs_put_int(w, "cooling", wall_of(r, acting->cooling));
	cs_put_bool(w, "recovery", session->recovery);
	cs_put_int(w, "authenticators", authenticators);
	cs_put_int(w, "recovery_codes", codes);
	return reply_end(r);
}

enum cs_err handle_session(struct request *r)
{
	struct caller caller;
	struct acting acting;
	unsigned authenticators, codes;
	enum cs_err e = caller_read(r, &caller);

	if (e == CS_OK)
		e = acting_read(r, caller.admin.id, &acting);
	if (e == CS_OK)
		e = proof_authenticators(r, caller.admin.id, &authenticators);
	if (e == CS_OK)
		e = recovery_read_left(r->store, caller.admin.id, &codes);
	return e == CS_OK ? answer_session(r, &caller, &acting, authenticators, codes) : e;
}

enum cs_err handle_account(struct request *r)
{
	struct caller caller;
	const struct account *account = &caller.account;
	char channel[CHANNEL_TEXT];
	struct cs_writer *w;
	enum cs_err e = caller_read_account(r, &caller);

	if (e != CS_OK)
		return e;
	w = reply_begin(r, false);
	cs_put_string(w, "account", account->name);
	cs_put_string(w, "name", account->display);
	channel_name(r->vault, account->id, channel);
	cs_put_string(w, "channel", cs_str(channel));
	cs_put_string(w, "standing", cs_str(standing_name(account->standing)));
	if (account->stopped != 0)
		cs_put_int(w, "since", account->stopped);
	if (account->stopped_by.len > 0)
		cs_put_string(w, "by", account->stopped_by);
	if (cooling_is(r, &caller.member))
		cs_put_int(w, "cooling", wall_of(r, caller.member.cooling_until));
	return reply_end(r);
}

static enum cs_err refuse_proof(struct request *r, const struct caller *caller,
    const struct proof *proof)
{
	enum cs_err e = CS_OK;

	if (proof->match == MATCH_USED)
		return caller_tried_wrong(r, caller, EVENT_PROVE, CS_USED,
		    "This code was used already. Wait for your app's next code.");
	if (proof->wrong >= PROOF_GUESSES) {
		store_del_session(r->store, &caller->session);
		return caller_tried_wrong(r, caller, EVENT_PROVE, CS_WRONG,
		    "Too many wrong codes: this log-in has ended. Log in again.");
	}
	e = proof_count(r, proof);
	return e != CS_OK ? e : caller_tried_wrong(r, caller, EVENT_PROVE, CS_WRONG,
	    "This is not the code that your app shows now. Wait for the next one and try again; "
	    "if it fails again, set the phone's clock to automatic.");
}

enum cs_err handle_prove(struct request *r)
{
	struct caller caller;
	struct cs_str typed;
	struct proof proof;
	enum cs_err e = caller_read(r, &caller);

	if (e == CS_OK)
		e = want_string(r, "code", &typed);
	if (e == CS_OK)
		e = caller_may_try(r, &caller);
	if (e == CS_OK)
		e = proof_read(r, caller.admin.id, typed, &proof);
	if (e != CS_OK)
		return e;
	if (proof.match != MATCH_NEW)
		return refuse_proof(r, &caller, &proof);
	proof_keep(r, &proof);
	caller.session.proved = caller.session.used = r->now.steady;
	store_update_session(r->store, &caller.session);
	e = session_log(r, EVENT_PROVE, &caller.admin, &caller.session, "");
	if (e != CS_OK)
		return e;
	cs_put_int(reply_begin(r, false), "proved_until", r->now.at.wall + SESSION_PROOF);
	return reply_end(r);
}

static enum cs_err put_session(struct request *r, const struct session *session, bool current)
{
	char id[NUMBER_TEXT];
	struct cs_writer *w = reply_begin(r, true);

	number_format('S', session->id, id);
	cs_put_string(w, "id", cs_str(id));
	cs_put_int(w, "began", session->began.wall);
	cs_put_int(w, "used", wall_of(r, session->used));
	cs_put_string(w, "address", session->address);
	cs_put_string(w, "browser", session->browser);
	cs_put_bool(w, "current", current);
	return reply_end(r);
}

enum cs_err handle_sessions(struct request *r)
{
	struct caller caller;
	struct session session = { .id = cursor_id(r->cursor) };
	enum cs_err e = caller_read(r, &caller);

	for (unsigned n = 0; n < ROWS_AT_ONCE && e == CS_OK; n++) {
		e = store_next_session(r->store, caller.admin.id, session.id, &session);
		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e == CS_OK && !session_over(&session, &r->now))
			e = put_session(r, &session, session.id == caller.session.id);
	}
	if (e == CS_OK)
		cursor_go_on(r->cursor, session.id);
	return e;
}

/* "S12": one of the person's own; others are not there. */
static enum cs_err find_own(struct request *r, const struct caller *caller, struct cs_str text,
    struct session *session)
{
	uint64_t id = 0;
	enum cs_err e = CS_ERR_NOTFOUND;

	if (number_parse('S', text, &id))
		e = store_get_session(r->store, caller->admin.id, id, session);
	if (e == CS_ERR_NOTFOUND || (e == CS_OK && session_over(session, &r->now)))
		return refuse_named(r, "NotFound", "what", text, "This log-in has ended already.");
	return e;
}

static enum cs_err answer_ended(struct request *r, const struct caller *caller, int64_t n)
{
	char note[48];
	enum cs_err e;

	snprintf(note, sizeof(note), "%" PRId64 " session%s", n, n == 1 ? "" : "s");
	e = session_log(r, EVENT_SESSION_END, &caller->admin, &caller->session, note);
	if (e != CS_OK)
		return e;
	cs_put_int(reply_begin(r, false), "sessions", n);
	return reply_end(r);
}

enum cs_err handle_end_session(struct request *r)
{
	struct caller caller;
	struct session session;
	struct cs_str id;
	int64_t n = 0;
	enum cs_err e = caller_read(r, &caller);

	if (e == CS_OK)
		e = may_string(r, "id", &id);
	if (e == CS_OK && id.len > 0) {
		e = find_own(r, &caller, id, &session);
		if (e == CS_OK)
			store_del_session(r->store, &session);
		n = 1;
	} else if (e == CS_OK) {
		e = end_sessions(r, caller.admin.id, caller.session.id, &n);
		if (e == CS_OK && n == 0)
			e = caller_may_change(r, &caller);
	}
	return e == CS_OK ? answer_ended(r, &caller, n) : e;
}

/* SPDX-License-Identifier: ISC
 *
 * Sessions: what a log-in yields and every method of the panel's pages begins
 * with.  The person comes from the token, never from another field (design §3),
 * so that a panel acts only for who is logged in through it.
 */
#pragma once

#include "record.h"
#include "request.h"

#define SESSION_TEXT 65		/* 64 hex digits and NUL: 256 random bits */
#define SESSION_IDLE 1800	/* steady seconds without a sign of life */
#define SESSION_LIFE 43200	/* at most */
#define SESSION_PROOF 900	/* how long an authenticator's code is good for */

/* Draws the token: sets number, hash and times and stages the record.  admin,
 * proved, recovery, address and browser are the caller's to set before. */
enum cs_err session_make(struct request *, struct session *, char token[SESSION_TEXT]);

bool session_over(const struct session *, const struct moment *);
/* Wall time at which it ends if nothing more is asked in it. */
int64_t session_expires(const struct session *, const struct moment *);

/* Reads "address" and "browser", what the panel saw of its client, which is
 * kept and shown and never believed. */
enum cs_err session_read_client(struct request *, struct session *);

/* Appends the event of what somebody did to their own log-in, in each of their
 * accounts. */
enum cs_err session_log(struct request *, enum event_kind, const struct admin *,
    const struct session *, const char *note);
/* Of a log-in or a proof that did not come about; admin->id may be 0, for
 * nobody.  Many in a minute of one person, or of nobody, are summed. */
enum cs_err session_log_failed(struct request *, enum event_kind, const struct admin *,
    const struct session *, enum cs_reason, const char *note);

/* Who is asking. */
struct caller {
	struct session session;
	struct admin admin;
	/* caller_read_account: */
	struct account account;
	struct member member;
};

/* Reads the parameter "session".  LoggedOut is answered for a token that is
 * unknown or over, and for a person who is not active. */
enum cs_err caller_read(struct request *, struct caller *);

/* And "account": one in which this person is an active administrator.  All
 * others answer UnknownAccount alike, those that do not exist too. */
enum cs_err caller_read_account(struct request *, struct caller *);

/* A code of an authenticator in this session, within SESSION_PROOF; else
 * ProofNeeded is answered. */
bool caller_proved(const struct request *, const struct caller *);
enum cs_err caller_must_prove(struct request *, const struct caller *);
enum cs_err refuse_proof_needed(struct request *);
/* Wrong codes and passwords within a session, counted for the session alone:
 * what a thief of it guesses does not keep the owner from logging in.  The
 * first answers Throttled, the other is the refusal, with its event. */
enum cs_err caller_may_try(struct request *, const struct caller *);
enum cs_err caller_tried_wrong(struct request *, const struct caller *, enum event_kind,
    enum cs_reason, const char *say);
/* Counts a change that could otherwise be made as fast as the daemon answers, to
 * fill the log or keep the worker busy; Throttled is answered for too many. */
enum cs_err caller_may_change(struct request *, const struct caller *);
/* As caller_must_prove, for what mends a log-in: a session that began with a
 * recovery code may, or who lost a phone could enrol no other one. */
enum cs_err caller_must_prove_or_recover(struct request *, const struct caller *);

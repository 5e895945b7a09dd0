/* SPDX-License-Identifier: ISC
 *
 * Verify: one code or ticket for one account, action and target.  handle_verify
 * reads top to bottom in the order of design §6; the steps that grants share are
 * in attempt.c, those of tickets in ticket_try.c.
 */
#include "handlers.h"

#include "alive.h"
#include "attempt.h"
#include "authenticator.h"
#include "code.h"
#include "name.h"
#include "say.h"
#include "ticket_try.h"

#include "../lib/secret.h"

#include <stdio.h>
#include <string.h>

/* What only a code has, beside the attempt. */
struct code_try {
	struct entry entry;
	struct authenticator_state state;	/* to keep when accepted */
	bool keep_state;
	uint64_t guessed;		/* whose authenticators it did not match; 0: nobody's */
};

/* Why a known code is dead, or nothing when it lives. */
static void judge_life(struct attempt *a)
{
	const struct issue *issue = &a->issue;

	switch (issue->state) {
	case ISSUE_USED:
		attempt_refuse(a, CS_USED);
		return;
	case ISSUE_REPLACED:
		attempt_refuse(a, CS_REPLACED);
		return;
	case ISSUE_REVOKED:
	case ISSUE_CANCELLED:
		attempt_refuse(a, CS_CANCELLED);
		return;
	case ISSUE_LIVE:
		break;
	}
	if (clock_over(&a->r->now, &issue->issued, issue->epoch, issue->life))
		attempt_refuse(a, CS_EXPIRED);
	else if (limit_killed(a->r->conf, &a->limits, issue))
		attempt_refuse_because(a, CS_CANCELLED,
		    "too many wrong codes were tried for this account since it was generated. "
		    "Ask the caller to press \"Generate a new one\".");
}

static enum cs_err judge_support_code(struct attempt *a, const struct entry *entry)
{
	uint8_t tag[16];
	enum cs_err e;

	/* An unknown account costs the same work: one tag, one look-up. */
	code_tag(a->r->vault, a->has_account ? a->account.id : 0, entry->digits, tag);
	e = store_find_issue(a->r->store, tag, &a->issue);
	if (e == CS_ERR_NOTFOUND ||
	    (e == CS_OK && (!a->has_account || a->issue.account != a->account.id))) {
		attempt_refuse(a, CS_WRONG);
		return CS_OK;
	}
	if (e != CS_OK)
		return e;
	a->has_issue = true;
	a->used_by = a->issue.ended_event;
	a->owner = a->issue.admin;
	number_format('I', a->issue.id, a->credential);
	judge_life(a);
	return CS_OK;
}

/* The administrator's next authenticator that such a code may be of. */
static enum cs_err next_candidate(struct attempt *a, const struct code_try *t, uint64_t admin,
    struct authenticator *auth, struct authenticator_state *state)
{
	enum cs_err e;

	while ((e = store_next_authenticator(a->r->store, admin, auth->id, auth)) == CS_OK) {
		if (auth->purpose != PURPOSE_SUPPORT || auth->pending ||
		    auth->digits != t->entry.len)
			continue;
		e = store_get_authenticator_state(a->r->store, auth->id, state);
		state->id = auth->id;
		if (e != CS_OK || state->wrong < AUTHENTICATOR_REST)
			return e;
	}
	return e;
}

/* The administrator's support authenticators, each tried once. */
static enum cs_err match_any(struct attempt *a, struct code_try *t, uint64_t admin,
    enum match *best)
{
	struct authenticator auth = { .id = 0 };
	struct authenticator_state state;
	struct cs_str digits = { t->entry.digits, t->entry.len };
	enum cs_err e;

	*best = MATCH_NONE;
	while ((e = next_candidate(a, t, admin, &auth, &state)) == CS_OK) {
		enum match match;

		e = authenticator_match(a->r->vault, &auth, &state, a->r->now.at.wall, digits,
		    &match);
		if (e != CS_OK)
			return e;
		if (match <= *best && a->credential[0] != '\0')
			continue;
		*best = match;
		number_format('A', auth.id, a->credential);
		a->owner = admin;
		if (match == MATCH_NEW) {
			t->keep_state = true;
			t->state = state;
			return CS_OK;
		}
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* A guess was one at each of them: otherwise the second would never rest. */
static enum cs_err count_guess(struct attempt *a, const struct code_try *t)
{
	struct authenticator auth = { .id = 0 };
	struct authenticator_state state;
	enum cs_err e;

	while ((e = next_candidate(a, t, t->guessed, &auth, &state)) == CS_OK) {
		state.wrong++;
		store_put_authenticator_state(a->r->store, &state);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static void refuse_full_account(struct attempt *a)
{
	char rate[SAY_RATE];

	snprintf(a->too_many, sizeof(a->too_many),
	    "%s for this account; a support code generated now still serves",
	    say_rate(&a->limits.rate, "wrong code", rate));
	attempt_refuse_because(a, CS_THROTTLED, a->too_many);
	a->wait = a->limits.wait;
}

static enum cs_err judge_authenticator(struct attempt *a, struct code_try *t)
{
	struct admin admin;
	enum match match = MATCH_NONE;
	enum cs_err e;

	if (a->asked.admin[0] == '\0') {
		attempt_refuse_because(a, CS_MISHEARD,
		    "a support code has nine digits. "
		    "For a code from an app, name the administrator: ACCOUNT/NAME. "
		    "No try was spent.");
		return CS_OK;
	}
	if (!a->asked.action->authenticator) {	/* high or bound, none is (policy.c, conf.c) */
		attempt_refuse_because(a, CS_NOT_PERMITTED,
		    "a code from an app does not serve this action. "
		    "Ask for a support code of nine digits.");
		return CS_OK;
	}
	if (!a->r->now.plausible) {
		attempt_refuse_because(a, CS_NOT_PERMITTED,
		    "this machine's clock is wrong, so codes from apps do not count. "
		    "Ask for a support code, and tell your operator.");
		return CS_OK;
	}
	if (a->limits.full) {
		refuse_full_account(a);
		return CS_OK;
	}
	e = asked_admin(a->r, &a->asked, &admin);
	/* Nobody's code is guessed at on an account that is not theirs. */
	if (e == CS_OK)
		e = store_get_member(a->r->store, a->account.id, admin.id, &a->member);
	if (e == CS_OK)
		e = match_any(a, t, admin.id, &match);
	if (e == CS_ERR_NOTFOUND || (e == CS_OK && match == MATCH_NONE)) {
		t->guessed = e == CS_OK ? admin.id : 0;
		attempt_refuse(a, CS_WRONG);
		return CS_OK;
	}
	if (e == CS_OK && match == MATCH_USED)
		attempt_refuse(a, CS_USED);
	return e;
}

/* An override may bind the target where the configuration does not. */
static enum cs_err need_target(struct attempt *a)
{
	if (a->asked.action->bind_target && a->asked.targets.n == 0)
		return refuse_parameter(a->r, "target");
	return CS_OK;
}

static void refuse_misheard(struct attempt *a, const struct entry *entry)
{
	if (entry->len == CODE_DIGITS && !code_check(entry->digits, entry->len))
		attempt_refuse(a, CS_MISHEARD);
	else
		attempt_refuse_because(a, CS_MISHEARD,
		    "a support code is nine digits and nothing else. No try was spent. "
		    "Ask for it again, in threes.");
}

/* Step 5: the credential, by its shape. */
static enum cs_err judge_credential(struct attempt *a, struct code_try *t)
{
	if (a->asked.action->require == REQUIRE_NONE) {
		attempt_accept(a);
		return CS_OK;
	}
	switch (t->entry.kind) {
	case ENTRY_MISHEARD:
		refuse_misheard(a, &t->entry);
		return CS_OK;
	case ENTRY_SUPPORT:
		return judge_support_code(a, &t->entry);
	case ENTRY_AUTHENTICATOR:
		return judge_authenticator(a, t);
	case ENTRY_TICKET:
		return ticket_try_find(a, &t->entry);
	}
	return CS_ERR_FORMAT;
}

/* A code without an action serves no high one; a code with targets serves
 * only those, and without one no action that binds its target.  A code may
 * have been issued with less proof, or to live longer, than this action allows. */
static void judge_code_scope(struct attempt *a)
{
	const struct action *action = a->asked.action;
	const struct issue *issue = &a->issue;

	if (issue->action.len == 0 ? action->risk == RISK_HIGH
				   : !cs_str_is(issue->action, action->name))
		attempt_refuse(a, CS_OTHER_ACTION);
	else if (issue->targets.n == 0 ? action->bind_target :
	    a->asked.targets.n == 0 || !targets_within(&a->asked.targets, &issue->targets))
		attempt_refuse(a, CS_OTHER_TARGET);
	else if (action->risk == RISK_HIGH && !issue->proved)
		attempt_refuse_because(a, CS_NOT_PERMITTED,
		    "since it was generated the change has come to need more than the "
		    "caller showed then. Ask the caller to generate a new code for this change.");
	else if (clock_over(&a->r->now, &issue->issued, issue->epoch, action->lifetime))
		attempt_refuse_because(a, CS_EXPIRED,
		    "it is too old for this change, though not for others. "
		    "Ask the caller to generate a code for this change.");
}

static void judge_scope(struct attempt *a)
{
	if (a->has_issue)
		judge_code_scope(a);
	else if (a->has_ticket)
		ticket_try_scope(a);
}

/* Who mints does not verify (design §7). */
static void judge_separation(struct attempt *a)
{
	uint32_t issuer;

	if ((!a->has_issue && !a->has_ticket) || !a->r->conf->separate_roles)
		return;
	issuer = a->has_issue ? a->issue.issuer : a->ticket.issuer;
	if (issuer == a->r->who->uid)
		attempt_refuse_because(a, CS_NOT_PERMITTED, a->has_issue
			? "this code was issued under your own user, so you cannot verify it. "
			  "A colleague can."
			: "this ticket was opened under your own user, so you cannot verify it. "
			  "A colleague can.");
	else if (issuer == a->r->peer->uid)
		attempt_refuse_because(a, CS_NOT_PERMITTED,
		    "it was issued under the user that checks it here (root, under sudo), "
		    "and who issues does not verify. "
		    "Ask the caller for a code from the control panel.");
}

static enum cs_err judge_admin(struct attempt *a)
{
	bool has_giver = a->has_issue || a->has_ticket;
	uint64_t giver = a->has_issue ? a->issue.admin : a->has_ticket ? a->ticket.admin : 0;
	struct admin named;
	enum cs_err e = CS_OK;

	if (a->asked.admin[0] != '\0') {
		e = asked_admin(a->r, &a->asked, &named);
		if (e == CS_ERR_NOTFOUND || (e == CS_OK && has_giver && giver != named.id)) {
			attempt_refuse_because(a, CS_NOT_PERMITTED, a->has_ticket
				? "this ticket is not from the administrator you named. "
				  "Ask who is calling."
				: "this code is not from the administrator you named. "
				  "Ask who is calling.");
			return CS_OK;
		}
	}
	return e == CS_OK ? attempt_person(a, has_giver ? giver : named.id) : e;
}

/* Step 6. */
static enum cs_err judge_authority(struct attempt *a)
{
	enum cs_err e = judge_admin(a);

	if (e == CS_OK && !a->decided)
		judge_scope(a);
	if (e == CS_OK && !a->decided)
		attempt_cooling(a);
	if (e == CS_OK && !a->decided)
		judge_separation(a);
	if (e == CS_OK && !a->decided)
		attempt_accept(a);
	return e;
}

/* Steps 2 to 6: they set the verdict and nothing else. */
static enum cs_err decide(struct attempt *a, struct code_try *t)
{
	enum cs_err e = attempt_limits(a);

	if (e == CS_OK && !a->decided)
		attempt_policy(a);
	if (e == CS_OK && !a->decided)
		e = attempt_account(a);
	if (e == CS_OK && !a->decided)
		e = need_target(a);
	if (e == CS_OK && !a->decided)
		e = judge_credential(a, t);
	if (e == CS_OK && !a->decided)
		e = judge_authority(a);
	return e;
}

/* Shadow mode lets refusals about the credential through, on a known and
 * active account only; it never turns an error into success. */
static bool shadow_lets_through(const struct attempt *a)
{
	if (!a->asked.action->shadow || a->verdict == CS_ACCEPTED || !a->has_account)
		return false;
	switch (a->reason) {
	case CS_WRONG:
	case CS_MISHEARD:
	case CS_EXPIRED:
	case CS_USED:
	case CS_REPLACED:
	case CS_CANCELLED:
	case CS_OTHER_ACTION:
	case CS_OTHER_TARGET:
	case CS_COOLING_OFF:
	case CS_APPROVAL_NEEDED:
	case CS_NOT_PERMITTED:	/* the technician's own is decided before the account */
		return true;
	case CS_THROTTLED:
	case CS_UNKNOWN_ACCOUNT:
	case CS_SUSPENDED:
	case CS_FROZEN:
	case CS_REASON_ACCEPTED:
		return false;
	}
	return false;
}

static enum cs_err consume(struct attempt *a, struct code_try *t, uint64_t verification)
{
	struct request *r = a->r;

	if (a->verdict == CS_ACCEPTED && a->has_issue)
		store_use_issue(r->store, a->issue.id, verification);
	if (a->verdict == CS_ACCEPTED && a->has_ticket)
		ticket_try_consume(a, verification);
	if (t->keep_state && a->verdict == CS_ACCEPTED)
		store_put_authenticator_state(r->store, &t->state);
	if (a->has_account && (a->verdict == CS_ACCEPTED || a->let_through))
		store_del_call(r->store, a->account.id, r->who->uid);
	/* Whoever has a live support code was alive when it was issued. */
	if (a->verdict == CS_ACCEPTED && a->has_admin && !a->has_issue)
		return alive_note(r, a->admin.id);
	return t->guessed != 0 ? count_guess(a, t) : CS_OK;
}

/* What the policy may come to ask for until the grant is redeemed. */
static void note_origin(const struct attempt *a, struct grant *grant)
{
	if (a->has_issue) {
		grant->from = GRANT_FROM_CODE;
		grant->named_action = a->issue.action.len > 0 && a->issue.proved;
		grant->named_target = a->issue.targets.n > 0;
	} else if (a->has_ticket) {
		grant->from = GRANT_FROM_TICKET;
		grant->named_action = a->ticket.proved;
		grant->named_target = a->ticket.targets.n > 0;
	} else {
		grant->from = GRANT_FROM_AUTHENTICATOR;
	}
}

static enum cs_err make_grant(struct attempt *a, uint64_t verification)
{
	struct request *r = a->r;
	struct grant grant = {
		.id = store_new_id(r->store, SEQ_GRANT),
		.account = a->has_account ? a->account.id : 0,
		.admin = a->has_admin && a->verdict == CS_ACCEPTED ? a->admin.id : 0,
		.technician = r->who->uid,
		.action = cs_str(a->asked.action->name),
		.targets = a->asked.targets,
		.issued = r->now.at,
		.epoch = r->now.epoch,
		.life = GRANT_LIFE,
		.event = verification,
		.shadow = a->let_through,
	};
	enum cs_err e = cs_random(grant.nonce, sizeof(grant.nonce));

	if (e != CS_OK)
		return e;
	if (a->verdict == CS_ACCEPTED && a->has_admin)
		note_origin(a, &grant);
	a->grant = grant.id;
	a->expires = r->now.at.wall + GRANT_LIFE;
	grant_format(r->vault, &grant, a->grant_text);
	store_put_grant(r->store, &grant);
	return CS_OK;
}

/* Step 7: for every verdict, in the one write transaction. */
static enum cs_err record(struct attempt *a, struct code_try *t)
{
	uint64_t verification;
	enum cs_err e = attempt_count(a);

	if (e == CS_OK)
		e = attempt_event(a, &verification);
	if (e != CS_OK)
		return e;
	e = consume(a, t, verification);
	if (e == CS_OK && a->want_grant && (a->verdict == CS_ACCEPTED || a->let_through))
		e = make_grant(a, verification);
	return e == CS_OK ? attempt_answer(a, verification) : e;
}

static bool is_code(struct cs_str text, const struct entry *entry)
{
	struct entry other;
	bool same;

	code_parse(text, &other);
	same = other.kind == entry->kind && strcmp(other.digits, entry->digits) == 0;
	cs_wipe(&other, sizeof(other));
	return same;
}

/* Typed at another prompt, too, a code that stays good would be in the log. */
static const char *misplaced_code(const struct attempt *a, const struct entry *entry)
{
	const struct asked *asked = &a->asked;

	if (entry->kind != ENTRY_SUPPORT && entry->kind != ENTRY_AUTHENTICATOR)
		return NULL;
	for (size_t i = 0; i < asked->targets.n; i++)
		if (is_code(asked->targets.at[i], entry))
			return "target";
	return is_code(asked->case_id, entry) ? "case" : NULL;
}

enum cs_err handle_verify(struct request *r)
{
	struct attempt a CS_UNCLEARED;
	struct code_try t = { .keep_state = false, .guessed = 0 };
	const char *misplaced;
	bool answered;
	enum cs_err e = attempt_read(r, EVENT_VERIFY, "code", &a);

	if (e != CS_OK)
		return e;
	if (a.asked.action->bind_target && a.asked.targets.n == 0)
		return refuse_parameter(r, "target");
	code_parse(a.secret, &t.entry);
	misplaced = misplaced_code(&a, &t.entry);
	if (misplaced != NULL) {
		e = refuse_parameter(r, misplaced);
		goto out;
	}
	e = attempt_recall(&a, &answered);
	if (e != CS_OK || answered)
		goto out;
	if (!a.decided)
		e = decide(&a, &t);
	if (e != CS_OK)
		goto out;
	a.let_through = shadow_lets_through(&a);
	e = record(&a, &t);
out:
	cs_wipe(&t, sizeof(t));
	cs_wipe(a.grant_text, sizeof(a.grant_text));
	return e;
}

/* SPDX-License-Identifier: ISC
 *
 * Issue and Revoke: support codes, for the operator and for control panels
 * that vouch for their own log-ins.  The code leaves in the reply and is
 * derived again when it is asked for again; it is never written down.
 */
#include "handlers.h"

#include "activity.h"
#include "asked.h"
#include "attempt.h"
#include "audit.h"
#include "authenticator.h"
#include "code.h"
#include "limit.h"
#include "name.h"
#include "policy.h"
#include "say.h"

#include "../lib/secret.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIVE_MOST 64	/* codes of one account, design §5 */
#define DEAD_MOST 64
#define COLLISIONS 16	/* ids tried when digits collide within the account */

struct issuing {
	struct request *r;
	struct asked asked;		/* asked.action: the one in force */
	struct action in_force;
	bool replace;
	uint8_t key[16], body[16];
	struct account account;
	struct admin admin;
	struct member member;
	struct limit_account limits;
	/* what the account's codes look like */
	struct issue same;		/* live, of the same scope */
	bool has_same;
	unsigned live, killed;		/* killed: of this administrator, noticed now */
	unsigned dead;
	uint64_t dead_id[LIVE_MOST + DEAD_MOST];	/* oldest first */
};

static int64_t lifetime(const struct issuing *i)
{
	return i->asked.action == NULL ? i->r->conf->code_lifetime : i->asked.action->lifetime;
}

static const char *scope_action(const struct issuing *i)
{
	return i->asked.action == NULL ? "" : i->asked.action->name;
}

static void hash_body(struct issuing *i)
{
	struct vault_hash h;

	vault_hash_begin(i->r->vault, VAULT_MEMO, &h, 16);
	vault_hash_bytes(&h, i->asked.typed.p, i->asked.typed.len);
	vault_hash_bytes(&h, i->asked.admin, strlen(i->asked.admin));
	vault_hash_bytes(&h, scope_action(i), strlen(scope_action(i)));
	for (size_t t = 0; t < i->asked.targets.n; t++)
		vault_hash_bytes(&h, i->asked.targets.at[t].p, i->asked.targets.at[t].len);
	vault_hash_u64(&h, i->replace);
	vault_hash_end(&h, i->body, 16);
}

static enum cs_err read_issuing(struct issuing *i)
{
	struct request *r = i->r;
	enum cs_err e = asked_read(r, &i->asked);

	i->replace = i->has_same = false;
	i->live = i->dead = i->killed = 0;
	if (e == CS_OK)
		e = may_bool(r, "replace", &i->replace);
	if (e == CS_OK)
		e = asked_request_key(r, r->peer->uid, i->key);
	if (e == CS_OK && i->asked.action == NULL && i->asked.targets.n > 0)
		e = refuse_parameter(r, "action");
	if (e == CS_OK)
		e = asked_account_must(r, &i->asked, &i->account);
	if (e == CS_OK && i->asked.action != NULL) {
		e = policy_for(r->store, &i->account, i->asked.action, &i->in_force);
		i->asked.action = &i->in_force;
	}
	if (e == CS_OK && i->asked.action != NULL && i->asked.action->bind_target &&
	    i->asked.targets.n == 0)
		e = refuse_parameter(r, "target");
	if (e == CS_OK)
		e = asked_admin_must(r, &i->asked, &i->admin);
	if (e == CS_OK)
		hash_body(i);
	return e;
}

static enum cs_err refuse(struct issuing *i, enum cs_reason reason)
{
	char say[SAY_MAX];
	struct say_facts facts = {
		.now = &i->r->now,
		.account = i->account.name,
		.account_name = i->account.display,
		.admin_name = i->admin.display,
		.conf = i->r->conf,
		.action = i->asked.action,
		.wait = i->member.cooling_until - i->r->now.steady,
	};

	return refuse_named(i->r, "Refused", "why", cs_str(cs_reason_name(reason)),
	    say_reason(reason, &facts, say));
}

/* May this administrator have such a code at all?  The same conditions are
 * checked again when it is used; this spares the caller a useless one. */
static enum cs_err check_rights(struct issuing *i)
{
	const struct action *action = i->asked.action;
	enum cs_err e;

	i->member.cooling_until = 0;
	if (i->account.standing == STANDING_FROZEN)
		return refuse(i, CS_FROZEN);
	if (i->account.standing != STANDING_ACTIVE)
		return refuse(i, CS_SUSPENDED);
	e = store_get_member(i->r->store, i->account.id, i->admin.id, &i->member);
	if (e == CS_ERR_NOTFOUND)
		return refuse(i, CS_NOT_PERMITTED);
	if (e != CS_OK)
		return e;
	if (i->admin.standing != STANDING_ACTIVE || i->member.standing != STANDING_ACTIVE)
		return refuse(i, CS_NOT_PERMITTED);
	if (action != NULL && !member_may(&i->member, action))
		return refuse(i, CS_NOT_PERMITTED);
	if (action != NULL && action->risk == RISK_HIGH &&
	    i->member.cooling_until > i->r->now.steady)
		return refuse(i, CS_COOLING_OFF);
	return limit_account(i->r->store, i->r->conf, i->account.id, i->r->now.steady, &i->limits);
}

static bool same_scope(const struct issuing *i, const struct issue *issue)
{
	return issue->admin == i->admin.id && issue->issuer == i->r->peer->uid &&
	    cs_str_is(issue->action, scope_action(i)) &&
	    targets_equal(&issue->targets, &i->asked.targets);
}

/* One of this administrator's is noted as killed, once, and given back; those
 * of others are left for them to be given back. */
static void note_dead(struct issuing *i, struct issue *issue, bool killed)
{
	if (killed && issue->admin == i->admin.id) {
		issue->state = ISSUE_CANCELLED;
		issue->ended = i->r->now.at.wall;
		store_update_issue(i->r->store, issue);
		i->killed++;
	}
	if (i->dead < LIVE_MOST + DEAD_MOST)
		i->dead_id[i->dead++] = issue->id;
}

/* One walk over the account's codes, at most 128 of them. */
static enum cs_err survey(struct issuing *i)
{
	struct request *r = i->r;
	struct issue issue = { .id = 0 };
	enum cs_err e;

	while ((e = store_next_issue_of(r->store, i->account.id, issue.id, &issue)) == CS_OK) {
		bool live = issue.state == ISSUE_LIVE &&
		    !clock_over(&r->now, &issue.issued, issue.epoch, issue.life);
		bool killed = live && limit_killed(r->conf, &i->limits, &issue);

		if (!live || killed) {
			note_dead(i, &issue, killed);
			continue;
		}
		i->live++;
		if (same_scope(i, &issue)) {
			i->same = issue;
			i->has_same = true;
		}
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err answer(struct request *r, const struct issue *issue)
{
	char digits[CODE_DIGITS + 1], id[24];
	struct cs_writer *w;
	enum cs_err e = code_derive(r->vault, issue, digits);

	if (e != CS_OK)
		return e;
	snprintf(id, sizeof(id), "I%" PRIu64, issue->id);
	w = reply_begin(r, false);
	cs_put_string(w, "code", cs_str(digits));
	cs_put_string(w, "issue", cs_str(id));
	cs_put_int(w, "expires", issue->issued.wall + issue->life);
	cs_wipe(digits, sizeof(digits));
	return reply_end(r);
}

static void remember(struct issuing *i, const struct issue *issue, uint64_t event)
{
	struct memo memo = {
		.steady = i->r->now.steady,
		.verdict = CS_ACCEPTED,
		.reason = CS_REASON_ACCEPTED,
		.event = event,
		.account = i->account.id,
		.admin = i->admin.id,
		.issue = issue->id,
	};

	memcpy(memo.body, i->body, sizeof(memo.body));
	store_put_memo(i->r->store, i->key, &memo);
}

/* The same request again gets the same code, whatever became of it. */
static enum cs_err recall(struct issuing *i, bool *answered)
{
	struct memo memo;
	struct issue issue;
	enum cs_err e = store_get_memo(i->r->store, i->key, &memo);

	*answered = false;
	if (e == CS_ERR_NOTFOUND)
		return CS_OK;
	if (e == CS_OK && memcmp(memo.body, i->body, sizeof(memo.body)) != 0)
		return refuse_parameter(i->r, "request");
	if (e == CS_OK)
		e = store_get_issue(i->r->store, memo.issue, &issue);
	if (e == CS_ERR_NOTFOUND)
		return refuse_named(i->r, "Refused", "why", CS_STR("expired"),
		    "The code of this request is long gone. "
		    "Generate a new one.");
	if (e == CS_OK)
		e = answer(i->r, &issue);
	*answered = e == CS_OK;
	return e;
}

static enum cs_err log_issue(struct issuing *i, const struct issue *issue, uint64_t *event_id)
{
	char id[24];
	struct audit_event event = {
		.kind = EVENT_ISSUE,
		.account_id = i->account.id,
		.account = i->account.name,
		.admin_id = i->admin.id,
		.admin = i->admin.name,
		.admin_name = i->admin.display,
		.action = cs_str(scope_action(i)),
		.targets = i->asked.targets,
		.asserter = i->r->peer->uid,
		.technician = i->r->peer->uid,
		.case_id = i->asked.case_id,
	};
	enum cs_err e;

	snprintf(id, sizeof(id), "I%" PRIu64, issue->id);
	event.credential = cs_str(id);
	e = audit_append(i->r->store, i->r->vault, &i->r->now, &event);
	*event_id = event.id;
	return e;
}

/* Draws ids until the digits are free within the account. */
static enum cs_err draw(struct issuing *i, struct issue *issue)
{
	char digits[CODE_DIGITS + 1];
	struct issue other;
	enum cs_err e = cs_random(issue->nonce, sizeof(issue->nonce));

	for (unsigned n = 0; n < COLLISIONS && e == CS_OK; n++) {
		issue->id = store_new_id(i->r->store, SEQ_ISSUE);
		e = code_derive(i->r->vault, issue, digits);
		if (e != CS_OK)
			return e;
		code_tag(i->r->vault, issue->account, digits, issue->tag);
		cs_wipe(digits, sizeof(digits));
		e = store_find_issue(i->r->store, issue->tag, &other);
		if (e == CS_ERR_NOTFOUND)
			return CS_OK;
	}
	return e == CS_OK ? CS_ERR_LIMIT : e;
}

/* Live ones may all have expired at once, so more than one may have to go. */
static enum cs_err bury(struct issuing *i)
{
	struct issue dead;
	enum cs_err e = CS_OK;

	for (unsigned n = 0; e == CS_OK && i->dead + i->has_same - n > DEAD_MOST; n++) {
		e = store_get_issue(i->r->store, i->dead_id[n], &dead);
		if (e == CS_OK)
			store_del_issue(i->r->store, &dead);
	}
	return e;
}

static enum cs_err issue_new(struct issuing *i)
{
	struct request *r = i->r;
	struct issue issue = {
		.account = i->account.id,
		.admin = i->admin.id,
		.action = cs_str(scope_action(i)),
		.targets = i->asked.targets,
		.issued = r->now.at,
		.epoch = r->now.epoch,
		.life = lifetime(i),
		.wrong_before = i->limits.wrong,
		.issuer = r->peer->uid,
		.state = ISSUE_LIVE,
	};
	uint64_t event;
	enum cs_err e = draw(i, &issue);

	if (e == CS_OK)
		e = bury(i);
	if (e != CS_OK)
		return e;
	if (i->has_same) {
		i->same.state = ISSUE_REPLACED;
		i->same.ended = r->now.at.wall;
		store_update_issue(r->store, &i->same);
	}
	store_put_issue(r->store, &issue);
	e = log_issue(i, &issue, &event);
	if (e == CS_OK)
		e = activity_note(r, i->admin.id);
	if (e != CS_OK)
		return e;
	remember(i, &issue, event);
	return answer(r, &issue);
}

static enum cs_err refuse_throttled(struct request *r, int64_t wait)
{
	char say[SAY_MAX];
	struct say_facts facts = { .now = &r->now,
		.wait = wait,
		.because = "too many codes were generated" };
	struct cs_writer *w = reply_error(r, "Throttled");

	cs_put_int(w, "wait", wait);
	cs_put_string(w, "say", cs_str(say_reason(CS_THROTTLED, &facts, say)));
	reply_end(r);
	return CS_ERR_ANSWERED;
}

static enum cs_err issue_code(struct issuing *i)
{
	int64_t wait;
	enum cs_err e = survey(i);

	if (e != CS_OK)
		return e;
	/* One from before the policy allowed less would be refused for its age. */
	if (i->has_same && !i->replace && i->same.life <= lifetime(i)) {
		remember(i, &i->same, 0);
		e = limit_refund_issue(i->r->store, i->admin.id, i->killed);
		return e == CS_OK ? answer(i->r, &i->same) : e;
	}
	if (i->live >= LIVE_MOST && !i->has_same)
		return refuse_throttled(i->r, i->r->conf->code_lifetime);
	e = limit_count_issue(i->r->store, i->r->conf, i->admin.id, i->killed, i->r->now.steady,
	    &wait);
	if (e == CS_OK && wait > 0)
		return refuse_throttled(i->r, wait);
	return e == CS_OK ? issue_new(i) : e;
}

/* A log-in authenticator's code of this administrator, new: the only way an
 * issuer gets a high-risk code (design §13, vouches-high). */
static enum cs_err match_proof(struct issuing *i, struct cs_str typed, enum match *match)
{
	struct authenticator auth = { .id = 0 };
	struct authenticator_state state;
	struct entry entry;
	enum cs_err e;

	*match = MATCH_NONE;
	code_parse(typed, &entry);
	if (entry.kind != ENTRY_AUTHENTICATOR || !i->r->now.plausible)
		return CS_OK;
	while ((e = store_next_authenticator(i->r->store, i->admin.id, auth.id, &auth)) == CS_OK) {
		if (auth.purpose != PURPOSE_LOGIN || auth.pending || auth.digits != entry.len)
			continue;
		e = store_get_authenticator_state(i->r->store, auth.id, &state);
		if (e == CS_OK && state.wrong < AUTHENTICATOR_REST)
			e = authenticator_match(i->r->vault, &auth, &state, i->r->now.at.wall,
			    (struct cs_str){ entry.digits, entry.len }, match);
		if (e != CS_OK || *match == MATCH_USED)
			return e;
		state.id = auth.id;
		state.wrong += *match == MATCH_NONE;
		store_put_authenticator_state(i->r->store, &state);
		if (*match == MATCH_NEW)
			return CS_OK;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

/* Wrong proofs are counted, so this refusal is an answer that is kept. */
static enum cs_err refuse_proof(struct request *r)
{
	struct cs_writer *w = reply_error(r, "Refused");

	cs_put_string(w, "why", CS_STR("wrong"));
	cs_put_string(w, "say",
	    CS_STR("A high-risk action needs a fresh code from the administrator's log-in "
		   "authenticator."));
	return reply_end(r);
}

static enum cs_err handle(struct request *r, bool vouches_high)
{
	struct issuing i = { .r = r };
	struct cs_str proof;
	enum match match;
	bool answered;
	enum cs_err e = read_issuing(&i);

	if (e == CS_OK)
		e = recall(&i, &answered);
	if (e != CS_OK || answered)
		return e;
	e = check_rights(&i);
	if (e != CS_OK)
		return e;
	if (i.asked.action != NULL && i.asked.action->risk == RISK_HIGH && !vouches_high) {
		e = may_string(r, "proof", &proof);
		if (e == CS_OK)
			e = match_proof(&i, proof, &match);
		if (e == CS_OK && match != MATCH_NEW)
			return refuse_proof(r);
	}
	return e == CS_OK ? issue_code(&i) : e;
}

enum cs_err handle_issue(struct request *r)
{
	return handle(r, true);
}

enum cs_err handle_issue_panel(struct request *r)
{
	return handle(r, r->conf->vouches_high);
}

static enum cs_err find_revoked(struct request *r, struct issue *issue)
{
	struct cs_str text;
	char number[24] = "", *end;
	enum cs_err e = want_string(r, "issue", &text);

	if (e != CS_OK)
		return e;
	if (text.len < 2 || text.len >= sizeof(number) || text.p[0] != 'I')
		return refuse_parameter(r, "issue");
	memcpy(number, text.p + 1, text.len - 1);
	uint64_t id = strtoull(number, &end, 10);
	if (*end != '\0')
		return refuse_parameter(r, "issue");
	e = store_get_issue(r->store, id, issue);
	if (e == CS_ERR_NOTFOUND || (e == CS_OK && issue->state != ISSUE_LIVE))
		return refuse_named(r, "NotFound", "what", text, "There is no such live code.");
	return e;
}

enum cs_err handle_revoke(struct request *r)
{
	struct issue issue;
	struct account account;
	char id[24];
	enum cs_err e = find_revoked(r, &issue);

	if (e == CS_OK)
		e = store_get_account(r->store, issue.account, &account);
	if (e != CS_OK)
		return e;
	snprintf(id, sizeof(id), "I%" PRIu64, issue.id);
	issue.state = ISSUE_REVOKED;
	issue.ended = r->now.at.wall;
	store_update_issue(r->store, &issue);
	struct audit_event event = {
		.kind = EVENT_REVOKE,
		.account_id = account.id,
		.account = account.name,
		.action = issue.action,
		.targets = issue.targets,
		.credential = cs_str(id),
		.asserter = r->peer->uid,
		.technician = r->peer->uid,
	};
	e = audit_append(r->store, r->vault, &r->now, &event);
	if (e != CS_OK)
		return e;
	cs_put_string(reply_begin(r, false), "issue", cs_str(id));
	return reply_end(r);
}

/* SPDX-License-Identifier: ISC
 *
 * Issue and Revoke: support codes, for the operator and for control panels
 * that vouch for their own log-ins.
 */
#include "handlers.h"

#include "attempt.h"
#include "audit.h"
#include "authenticator.h"
#include "code.h"
#include "issuing.h"
#include "name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void hash_body(struct issuing *i, const struct asked *asked)
{
	const char *action = asked->action == NULL ? "" : asked->action->name;
	struct vault_hash h;

	vault_hash_begin(i->r->vault, VAULT_MEMO, &h, 16);
	vault_hash_bytes(&h, asked->typed.p, asked->typed.len);
	vault_hash_bytes(&h, asked->admin, strlen(asked->admin));
	vault_hash_bytes(&h, action, strlen(action));
	for (size_t t = 0; t < asked->targets.n; t++)
		vault_hash_bytes(&h, asked->targets.at[t].p, asked->targets.at[t].len);
	vault_hash_u64(&h, i->replace);
	vault_hash_end(&h, i->body, 16);
}

static enum cs_err read_issuing(struct issuing *i, struct asked *asked)
{
	struct request *r = i->r;
	enum cs_err e = asked_read(r, asked);

	i->targets = &asked->targets;
	if (e == CS_OK)
		e = may_bool(r, "replace", &i->replace);
	if (e == CS_OK)
		e = asked_request_key(r, r->peer->uid, i->key);
	if (e == CS_OK && asked->action == NULL && asked->targets.n > 0)
		e = refuse_parameter(r, "action");
	if (e == CS_OK)
		e = asked_account_must(r, asked, &i->account);
	if (e == CS_OK)
		e = issuing_scope(i, asked->action);
	if (e == CS_OK)
		e = asked_admin_must(r, asked, &i->admin);
	if (e != CS_OK)
		return e;
	i->case_id = asked->case_id;
	hash_body(i, asked);
	return CS_OK;
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
	struct asked asked;
	struct issuing i;
	struct cs_str proof;
	enum match match;
	bool answered;
	enum cs_err e;

	issuing_start(&i, r);
	e = read_issuing(&i, &asked);
	if (e == CS_OK)
		e = issuing_recall(&i, &answered);
	if (e != CS_OK || answered)
		return e;
	e = issuing_check(&i);
	if (e != CS_OK)
		return e;
	if (issuing_high(&i) && !vouches_high) {
		e = may_string(r, "proof", &proof);
		if (e == CS_OK)
			e = match_proof(&i, proof, &match);
		if (e == CS_OK && match != MATCH_NEW)
			return refuse_proof(r);
	}
	return e == CS_OK ? issuing_code(&i) : e;
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
	uint64_t id;
	enum cs_err e = want_string(r, "issue", &text);

	if (e != CS_OK)
		return e;
	if (!number_parse('I', text, &id))
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

/* SPDX-License-Identifier: ISC
 *
 * Issue and Revoke: support codes, for the operator and for control panels
 * that vouch for their own log-ins.
 */
#include "handlers.h"

#include "attempt.h"
#include "audit.h"
#include "issuing.h"
#include "name.h"
#include "proof.h"
#include "session.h"

#include <string.h>

static void hash_body(struct issuing *i, const struct asked *asked)
{
	const char *action = asked->action == NULL ? "" : asked->action->name;
	struct vault_hash h;

	vault_hash_begin(i->r->vault, VAULT_MEMO, &h, 16);
	vault_hash_u64(&h, i->account.id);
	vault_hash_u64(&h, i->admin.id);
	vault_hash_bytes(&h, action, strlen(action));
	for (size_t t = 0; t < asked->targets.n; t++)
		vault_hash_bytes(&h, asked->targets.at[t].p, asked->targets.at[t].len);
	vault_hash_u64(&h, i->replace);
	vault_hash_end(&h, i->body, 16);
}

/* Only a control panel sends an address or a proof. */
static enum cs_err read_panel(struct issuing *i, struct cs_str *proof)
{
	enum cs_err e = may_string(i->r, "address", &i->client);

	if (e == CS_OK && i->client.len > 0 && !text_valid(i->client))
		e = refuse_parameter(i->r, "address");
	return e == CS_OK ? may_string(i->r, "proof", proof) : e;
}

static enum cs_err read_issuing(struct issuing *i, struct asked *asked, struct cs_str *proof)
{
	struct request *r = i->r;
	enum cs_err e = asked_read(r, asked);

	i->targets = &asked->targets;
	if (e == CS_OK)
		e = may_bool(r, "replace", &i->replace);
	if (e == CS_OK && r->door == DOOR_PANEL)
		e = read_panel(i, proof);
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

/* Counted, when there was one, so this refusal is an answer that is kept. */
static enum cs_err refuse_proof(struct issuing *i, const struct proof *proof)
{
	const struct session nobodys = { .address = i->client };
	enum cs_reason reason = proof->match == MATCH_USED ? CS_USED : CS_WRONG;
	struct request *r = i->r;
	enum cs_err e = CS_OK;

	if (proof->match == MATCH_NONE)
		e = proof_count(r, proof);
	if (e == CS_OK && proof->digits != 0)
		e = session_log_failed(r, EVENT_PROVE, &i->admin, &nobodys, reason, "");
	return e != CS_OK ? e : answer_refused(r, cs_reason_name(reason),
	    "A high-risk action needs a fresh code from the administrator's log-in "
	    "authenticator.");
}

static enum cs_err handle(struct request *r, bool vouches_high)
{
	struct asked asked;
	struct issuing i;
	struct cs_str typed = { 0 };
	struct proof proof;
	bool answered;
	enum cs_err e;

	issuing_start(&i, r);
	e = read_issuing(&i, &asked, &typed);
	if (e == CS_OK)
		e = issuing_recall(&i, &answered);
	if (e != CS_OK || answered)
		return e;
	e = issuing_check(&i);
	if (e != CS_OK)
		return e;
	i.proved = vouches_high;
	/* The only way an issuer gets a high-risk code (design §13, vouches-high). */
	if (issuing_high(&i) && !vouches_high) {
		e = proof_read(r, i.admin.id, typed, &proof);
		if (e == CS_OK && proof.match != MATCH_NEW)
			return refuse_proof(&i, &proof);
		if (e == CS_OK)
			proof_keep(r, &proof);
		i.proved = i.spent_proof = true;
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
	char id[NUMBER_TEXT];
	enum cs_err e = find_revoked(r, &issue);

	if (e == CS_OK)
		e = store_get_account(r->store, issue.account, &account);
	if (e != CS_OK)
		return e;
	number_format('I', issue.id, id);
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

/* SPDX-License-Identifier: ISC
 *
 * Redeem: spends a grant, once, for exactly what it was given for, by the
 * technician it was given to.
 */
#include "handlers.h"

#include "attempt.h"
#include "name.h"
#include "policy.h"

static enum cs_err find_grant(struct attempt *a, struct grant *grant)
{
	enum cs_err e = grant_find(a->r->store, a->r->vault, a->secret, grant);

	if (e == CS_ERR_NOTFOUND) {
		attempt_refuse_because(a, CS_WRONG, "this is no grant. Verify again.");
		return CS_OK;
	}
	if (e != CS_OK)
		return e;
	number_format('G', grant->id, a->credential);
	a->has_grant = true;
	a->used_by = grant->spent_event;
	return CS_OK;
}

static void judge_scope(struct attempt *a, const struct grant *grant, uint64_t account)
{
	if (grant->technician != a->r->who->uid)
		attempt_refuse_because(a, CS_NOT_PERMITTED,
		    "this grant was given to another technician.");
	else if (grant->account != account)
		attempt_refuse_because(a, CS_OTHER_TARGET, "this grant is for another account.");
	else if (!cs_str_is(grant->action, a->asked.action->name))
		attempt_refuse_because(a, CS_OTHER_ACTION, "this grant is for another action.");
	else if (!targets_equal(&grant->targets, &a->asked.targets))
		attempt_refuse_because(a, CS_OTHER_TARGET, "this grant is for another target.");
}

static enum cs_err judge_grant(struct attempt *a, const struct grant *grant)
{
	static const struct {
		enum cs_reason reason;
		const char *because;
	} dead[] = {
		[GRANT_SPENT] = { CS_USED, NULL },
		[GRANT_ENDED] = { CS_CANCELLED, "this grant was ended: who gave it, the account "
		    "or you were suspended or removed since. Verify again." },
		[GRANT_OVER] = { CS_EXPIRED, "this grant has expired. Verify again." },
	};
	uint64_t account = a->has_account ? a->account.id : 0;
	enum grant_state state;
	enum cs_err e = grant_judge(a->r->store, &a->r->now, grant, &state);

	if (e != CS_OK)
		return e;
	if (grant->account == account)
		a->owner = grant->admin;
	if (state != GRANT_GOOD)
		attempt_refuse_because(a, dead[state].reason, dead[state].because);
	else
		judge_scope(a, grant, account);
	return CS_OK;
}

/* Nobody authorised it: what the verification was refused for is said again. */
static enum cs_err let_through(struct attempt *a, const struct grant *grant)
{
	struct audit_event verification CS_UNCLEARED;
	enum cs_err e = store_get_event(a->r->store, grant->event, &verification, NULL);

	if (e != CS_OK)
		return e == CS_ERR_NOTFOUND ? CS_ERR_FORMAT : e;
	attempt_refuse_because(a, verification.reason,
	    "no code authorised this when the grant was given.");
	a->let_through = true;
	a->owner = verification.admin_id;
	return CS_OK;
}

/* Rights and policy may have changed since the grant was given. */
static enum cs_err judge_giver(struct attempt *a, const struct grant *grant)
{
	enum cs_err e = CS_OK;

	if (!policy_still(a->asked.action, grant)) {
		attempt_refuse_because(a, CS_NOT_PERMITTED,
		    "the policy was changed since. Verify again.");
		return CS_OK;
	}
	if (grant->shadow)
		return let_through(a, grant);
	if (grant->admin != 0)
		e = attempt_person(a, grant->admin);
	if (e == CS_OK && !a->decided && grant->admin != 0)
		attempt_cooling(a);
	if (e == CS_OK && !a->decided)
		attempt_accept(a);
	return e;
}

static enum cs_err decide(struct attempt *a, struct grant *grant)
{
	enum cs_err e = attempt_limits(a);

	if (e == CS_OK && !a->decided)
		attempt_policy(a);
	if (e == CS_OK && !a->decided)
		e = attempt_account(a);
	if (e == CS_OK && !a->decided)
		e = find_grant(a, grant);
	if (e == CS_OK && !a->decided)
		e = judge_grant(a, grant);
	if (e == CS_OK && !a->decided)
		e = judge_giver(a, grant);
	return e;
}

static enum cs_err record(struct attempt *a, struct grant *grant)
{
	uint64_t verification;
	enum cs_err e = attempt_count(a);

	if (e == CS_OK)
		e = attempt_event(a, &verification);
	if (e != CS_OK)
		return e;
	if (a->verdict == CS_ACCEPTED || a->let_through) {
		grant->spent_event = verification;
		store_put_grant(a->r->store, grant);
	}
	return attempt_answer(a, verification);
}

enum cs_err handle_redeem(struct request *r)
{
	struct attempt a CS_UNCLEARED;
	struct grant grant;
	bool answered;
	enum cs_err e = attempt_read(r, EVENT_REDEEM, "grant", &a);

	if (e != CS_OK)
		return e;
	e = attempt_recall(&a, &answered);
	if (e != CS_OK || answered)
		return e;
	if (!a.decided)
		e = decide(&a, &grant);
	return e == CS_OK ? record(&a, &grant) : e;
}

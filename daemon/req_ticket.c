/* SPDX-License-Identifier: ISC
 *
 * Tickets, Ticket, OpenTicket, ReplyTicket, CloseTicket of the customer's page.
 * Every active administrator of the account sees its tickets, may reply to them
 * and close them; what one authorises comes from its author alone, once, here.
 */
#include "handlers.h"

#include "asked.h"
#include "attempt.h"
#include "limit.h"
#include "name.h"
#include "policy.h"
#include "say.h"
#include "session.h"
#include "ticket.h"

#include <stdio.h>
#include <string.h>

#define COUNT 100		/* rows, unless asked otherwise */
#define COUNT_MOST 1000

struct query {
	bool closed;
	int64_t count;
	uint64_t before;	/* 0: from the newest */
};

/* Where the list goes on. */
struct place {
	uint64_t at;		/* below this number; 0: from the newest */
	uint64_t told;		/* rows */
};

static enum cs_err read_query(struct request *r, struct query *q)
{
	struct cs_str before;
	enum cs_err e = may_bool(r, "closed", &q->closed);

	if (e == CS_OK)
		e = may_string(r, "before", &before);
	if (e == CS_OK && before.len > 0 && !number_parse('T', before, &q->before))
		e = refuse_parameter(r, "before");
	if (e == CS_OK)
		e = may_int(r, "count", &q->count);
	if (e == CS_OK && (q->count < 1 || q->count > COUNT_MOST))
		e = refuse_parameter(r, "count");
	return e;
}

static enum cs_err put_some(struct request *r, uint64_t account, const struct query *q,
    struct place place)
{
	struct ticket ticket;

	for (unsigned i = 0; i < ROWS_AT_ONCE; i++) {
		enum cs_err e = place.told == (uint64_t)q->count ? CS_ERR_NOTFOUND :
		    store_next_ticket_of(r->store, account, q->closed, place.at, &ticket);

		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e == CS_OK)
			e = ticket_put(r, &ticket);
		if (e != CS_OK)
			return e;
		place = (struct place){ ticket.id, place.told + 1 };
	}
	cursor_save(r->cursor, &place, sizeof(place));
	return CS_OK;
}

enum cs_err handle_panel_tickets(struct request *r)
{
	struct caller caller;
	struct query q = { .count = COUNT };
	struct place place;
	enum cs_err e = caller_read_account(r, &caller);

	if (e == CS_OK)
		e = read_query(r, &q);
	if (e != CS_OK)
		return e;
	place = (struct place){ .at = q.before };
	cursor_load(r->cursor, &place, sizeof(place));
	return put_some(r, caller.account.id, &q, place);
}

/* Is it of the account that is named, if one is? */
static enum cs_err check_account(struct request *r, const struct ticket *ticket)
{
	struct cs_str name;
	struct account account;
	enum cs_err e = may_string(r, "account", &name);

	if (e != CS_OK || name.len == 0)
		return e;
	e = store_find_account(r->store, name, &account);
	return e == CS_OK && account.id != ticket->account ? CS_ERR_NOTFOUND : e;
}

/* One of an account in which the caller is an active administrator.  That of
 * another is answered as one that does not exist. */
static enum cs_err read_own(struct request *r, struct caller *caller, struct ticket *ticket)
{
	enum cs_err e = caller_read(r, caller);

	if (e == CS_OK)
		e = ticket_read(r, ticket);
	if (e != CS_OK)
		return e;
	e = check_account(r, ticket);
	if (e == CS_OK)
		e = store_get_member(r->store, ticket->account, caller->admin.id, &caller->member);
	if (e == CS_ERR_NOTFOUND || (e == CS_OK && caller->member.standing != STANDING_ACTIVE))
		return ticket_refuse_unknown(r);
	return e;
}

enum cs_err handle_panel_ticket(struct request *r)
{
	struct caller caller;
	struct ticket ticket;
	enum cs_err e = read_own(r, &caller, &ticket);

	if (e == CS_OK && !r->cursor->started)
		e = ticket_put(r, &ticket);
	return e == CS_OK ? ticket_put_entries(r, &ticket) : e;
}

static struct speaker speaker_of(const struct caller *caller)
{
	return (struct speaker){ &caller->admin, caller->session.address };
}

enum cs_err handle_reply_ticket(struct request *r)
{
	struct caller caller;
	struct ticket ticket;
	enum cs_err e = read_own(r, &caller, &ticket);

	return e == CS_OK ? ticket_reply(r, &ticket, speaker_of(&caller)) : e;
}

enum cs_err handle_close_ticket(struct request *r)
{
	struct caller caller;
	struct ticket ticket;
	enum cs_err e = read_own(r, &caller, &ticket);

	return e == CS_OK ? ticket_close(r, &ticket, speaker_of(&caller)) : e;
}

struct opening {
	struct request *r;
	struct caller caller;
	struct asked asked;		/* asked.action: the one in force; NULL: it
					 * authorises nothing */
	struct action in_force;
	struct cs_str subject, text;
	char room[TEXT_LONG_MAX + 1];
	uint8_t key[16], body[16];
};

static void hash_body(struct opening *o)
{
	struct vault_hash h;
	const char *action = o->asked.action == NULL ? "" : o->asked.action->name;

	vault_hash_begin(o->r->vault, VAULT_MEMO, &h, 16);
	vault_hash_u64(&h, o->caller.admin.id);
	vault_hash_u64(&h, o->caller.account.id);
	vault_hash_bytes(&h, action, strlen(action));
	vault_hash_u64(&h, o->asked.targets.n);
	for (size_t i = 0; i < o->asked.targets.n; i++)
		vault_hash_bytes(&h, o->asked.targets.at[i].p, o->asked.targets.at[i].len);
	vault_hash_bytes(&h, o->subject.p, o->subject.len);
	vault_hash_bytes(&h, o->text.p, o->text.len);
	vault_hash_end(&h, o->body, 16);
}

/* What it shall authorise, as for a code (Issue). */
static enum cs_err read_scope(struct opening *o)
{
	struct request *r = o->r;
	enum cs_err e = asked_read(r, &o->asked);

	if (e == CS_OK && o->asked.action == NULL && o->asked.targets.n > 0)
		e = refuse_parameter(r, "action");
	if (e != CS_OK || o->asked.action == NULL)
		return e;
	e = policy_for(r->store, &o->caller.account, o->asked.action, &o->in_force);
	o->asked.action = &o->in_force;
	if (e == CS_OK && o->in_force.bind_target && o->asked.targets.n == 0)
		e = refuse_parameter(r, "target");
	return e;
}

static enum cs_err read_opening(struct opening *o)
{
	struct request *r = o->r;
	enum cs_err e = caller_read_account(r, &o->caller);

	if (e == CS_OK)
		e = want_string(r, "subject", &o->subject);
	if (e == CS_OK && !text_valid(o->subject))
		e = refuse_parameter(r, "subject");
	if (e == CS_OK)
		e = ticket_read_text(r, o->room, &o->text);
	if (e == CS_OK)
		e = read_scope(o);
	if (e == CS_OK)
		e = asked_request_key(r, o->caller.admin.id, o->key);
	if (e == CS_OK)
		hash_body(o);
	return e;
}

static enum cs_err answer(struct request *r, uint64_t number)
{
	char id[NUMBER_TEXT];

	cs_put_string(reply_begin(r, false), "ticket", cs_str(number_format('T', number, id)));
	return reply_end(r);
}

static enum cs_err recall(struct opening *o, bool *answered)
{
	struct memo memo;
	enum cs_err e = store_get_memo(o->r->store, o->key, &memo);

	*answered = false;
	if (e == CS_ERR_NOTFOUND)
		return CS_OK;
	if (e == CS_OK && memcmp(memo.body, o->body, sizeof(memo.body)) != 0)
		return refuse_parameter(o->r, "request");
	if (e == CS_OK)
		e = answer(o->r, memo.issue);
	*answered = e == CS_OK;
	return e;
}

static enum cs_err refuse(struct request *r, enum cs_reason reason, const char *say)
{
	return refuse_named(r, "Refused", "why", cs_str(cs_reason_name(reason)), say);
}

/* May its author authorise this?  The same is asked again when it is used; of
 * a high action what is asked for only here is a fresh code. */
static enum cs_err check_rights(struct opening *o)
{
	struct request *r = o->r;
	const struct member *member = &o->caller.member;
	int64_t left = member->cooling_until - r->now.steady;
	char duration[32], say[160];

	if (o->asked.action == NULL)
		return CS_OK;
	if (o->caller.account.standing == STANDING_FROZEN)
		return refuse(r, CS_FROZEN, "This account is frozen: nothing is changed for it. "
		    "Open the ticket without naming an action.");
	if (o->caller.account.standing != STANDING_ACTIVE)
		return refuse(r, CS_SUSPENDED, "This account is suspended: nothing is changed for "
		    "it. Open the ticket without naming an action.");
	if (!member_may(member, o->asked.action))
		return refuse(r, CS_NOT_PERMITTED, "You may not authorise this. Open the ticket "
		    "without naming an action, or ask a colleague who may.");
	if (o->asked.action->risk != RISK_HIGH)
		return CS_OK;
	if (left > 0) {
		snprintf(say, sizeof(say), "You may authorise this in %s. Another administrator of "
		    "the account can do it now.", say_duration(left, duration));
		return refuse(r, CS_COOLING_OFF, say);
	}
	return caller_must_prove(r, &o->caller);
}

static enum cs_err check_limits(struct opening *o)
{
	struct request *r = o->r;
	struct ticket open = { .id = 0 };
	int64_t wait = 0;
	unsigned n = 0;
	enum cs_err e = CS_OK;

	while (n < TICKETS_OPEN_MOST && e == CS_OK) {
		e = store_next_ticket_of(r->store, o->caller.account.id, false, open.id, &open);
		n += e == CS_OK;
	}
	if (e != CS_OK && e != CS_ERR_NOTFOUND)
		return e;
	if (n == TICKETS_OPEN_MOST)
		return refuse_named(r, "Refused", "why", CS_STR("full"),
		    "This account has as many open tickets as it may have. Close one first.");
	e = limit_count_ticket(r->store, r->conf, o->caller.admin.id, r->now.steady, &wait);
	if (e == CS_OK && wait > 0)
		e = refuse_throttled(r, wait, "too many tickets in a short time");
	return e;
}

static enum cs_err open_ticket(struct opening *o)
{
	struct request *r = o->r;
	struct speaker author = speaker_of(&o->caller);
	struct ticket ticket = {
		.id = store_new_id(r->store, SEQ_TICKET),
		.account = o->caller.account.id,
		.admin = o->caller.admin.id,
		.subject = o->subject,
		.action = cs_str(o->asked.action == NULL ? "" : o->asked.action->name),
		.targets = o->asked.targets,
		.opened = r->now.at,
		.epoch = r->now.epoch,
		.life = TICKET_LIFE,
		.issuer = r->peer->uid,
		.proved = caller_proved(r, &o->caller),
		.authority = ISSUE_LIVE,
	};
	struct memo memo = {
		.steady = r->now.steady,
		.verdict = CS_ACCEPTED,
		.reason = CS_REASON_ACCEPTED,
		.account = ticket.account,
		.admin = ticket.admin,
		.issue = ticket.id,
	};
	enum cs_err e = ticket_log(r, EVENT_TICKET_OPEN, &ticket, author, o->subject, &memo.event);

	if (e != CS_OK)
		return e;
	memcpy(ticket.generation, store_generation(r->store), sizeof(ticket.generation));
	ticket_add_entry(r, &ticket, author, o->text, memo.event);
	store_put_ticket(r->store, &ticket);
	memcpy(memo.body, o->body, sizeof(memo.body));
	store_put_memo(r->store, o->key, &memo);
	return answer(r, ticket.id);
}

enum cs_err handle_open_ticket(struct request *r)
{
	struct opening o = { .r = r };
	bool answered;
	enum cs_err e = read_opening(&o);

	if (e == CS_OK)
		e = recall(&o, &answered);
	if (e != CS_OK || answered)
		return e;
	e = check_rights(&o);
	if (e == CS_OK)
		e = check_limits(&o);
	return e == CS_OK ? open_ticket(&o) : e;
}

/* SPDX-License-Identifier: ISC
 *
 * What is said in a ticket: entries, their events, the rows that show them.  The
 * customer's page and the technicians' tools do it alike.  Nothing here reads a
 * text, and nothing here gives or widens what a ticket authorises.
 */
#include "ticket.h"

#include "asked.h"
#include "audit.h"
#include "limit.h"
#include "name.h"
#include "scope.h"

#include <string.h>

_Static_assert(TEXT_LONG_MAX == 3 * TICKET_CHARACTERS_MOST, "room for the longest");

/* Forms send CR LF; the blanks and lines at the end say nothing. */
enum cs_err ticket_read_text(struct request *r, char out[TEXT_LONG_MAX + 1], struct cs_str *text)
{
	struct cs_str typed;
	size_t n = 0;
	enum cs_err e = want_string(r, "text", &typed);

	if (e != CS_OK)
		return e;
	for (size_t i = 0; i < typed.len; i++) {
		if (typed.p[i] == '\r' && i + 1 < typed.len && typed.p[i + 1] == '\n')
			continue;
		if (n == TEXT_LONG_MAX)
			return refuse_parameter(r, "text");
		out[n++] = typed.p[i];
	}
	while (n > 0 && (out[n - 1] == '\n' || out[n - 1] == ' '))
		n--;
	*text = (struct cs_str){ out, n };
	if (n == 0 || !text_lines(*text) || cs_utf8_characters(out, n) > TICKET_CHARACTERS_MOST)
		return refuse_parameter(r, "text");
	return CS_OK;
}

enum cs_err ticket_log(struct request *r, enum event_kind kind, const struct ticket *ticket,
    struct speaker speaker, struct cs_str note, uint64_t *event_id)
{
	char id[NUMBER_TEXT];
	struct account account;
	struct audit_event event = {
		.kind = kind,
		.action = ticket->action,
		.targets = ticket->targets,
		.technician = r->peer->uid,
		.asserter = r->peer->uid,
		.client = speaker.client,
		.note = note,
	};
	enum cs_err e = store_get_account(r->store, ticket->account, &account);

	if (e != CS_OK)
		return e;
	number_format('T', ticket->id, id);
	event.credential = cs_str(id);
	event.account_id = account.id;
	event.account = account.name;
	if (speaker.admin != NULL) {
		event.admin_id = speaker.admin->id;
		event.admin = speaker.admin->name;
		event.admin_name = speaker.admin->display;
	} else {
		event.technician = r->who->uid;
		event.technician_name = cs_str(r->who->name);
	}
	e = audit_append(r->store, r->vault, &r->now, &event);
	*event_id = event.id;
	return e;
}

void ticket_add_entry(struct request *r, struct ticket *ticket, struct speaker speaker,
    struct cs_str text, uint64_t event)
{
	struct entry_text entry = {
		.ticket = ticket->id,
		.n = ++ticket->entries,
		.event = event,
		.time = r->now.at.wall,
		.staff = speaker.admin == NULL,
		.text = text,
	};

	if (speaker.admin != NULL) {
		entry.who = speaker.admin->id;
		entry.name = speaker.admin->name;
		entry.display = speaker.admin->display;
	} else {
		entry.who = r->who->uid;
		entry.name = entry.display = cs_str(r->who->name);
	}
	ticket->updated = r->now.at.wall;
	ticket->touched = r->now.steady;
	store_put_entry_text(r->store, &entry);
}

struct replying {
	struct request *r;
	struct ticket *ticket;
	struct speaker speaker;
	char room[TEXT_LONG_MAX + 1];
	struct cs_str text;
	uint8_t key[16], body[16];
};

static enum cs_err answer_reply(struct replying *w, uint64_t n)
{
	cs_put_int(reply_begin(w->r, false), "n", (int64_t)n);
	return reply_end(w->r);
}

static enum cs_err read_reply(struct replying *w)
{
	uint64_t who = w->speaker.admin != NULL ? w->speaker.admin->id : w->r->who->uid;
	struct vault_hash h;
	enum cs_err e = ticket_read_text(w->r, w->room, &w->text);

	if (e == CS_OK)
		e = asked_request_key(w->r, who, w->key);
	if (e != CS_OK)
		return e;
	vault_hash_begin(w->r->vault, VAULT_MEMO, &h, 16);
	vault_hash_u64(&h, who);
	vault_hash_u64(&h, w->ticket->id);
	vault_hash_bytes(&h, w->text.p, w->text.len);
	vault_hash_end(&h, w->body, 16);
	return CS_OK;
}

/* The entry whose event the memo remembers. */
static enum cs_err recall_reply(struct replying *w, bool *answered)
{
	struct entry_text entry = { .n = 0 };
	struct memo memo;
	enum cs_err e = store_get_memo(w->r->store, w->key, &memo);

	*answered = false;
	if (e == CS_ERR_NOTFOUND)
		return CS_OK;
	if (e == CS_OK && memcmp(memo.body, w->body, sizeof(memo.body)) != 0)
		return refuse_parameter(w->r, "request");
	while (e == CS_OK && !*answered) {
		e = store_next_entry_text(w->r->store, w->ticket->id, entry.n, &entry);
		*answered = e == CS_OK && entry.event == memo.event;
	}
	return *answered ? answer_reply(w, entry.n) : e;
}

static enum cs_err check_reply(struct replying *w)
{
	struct request *r = w->r;
	int64_t wait = 0;
	enum cs_err e = CS_OK;

	if (w->ticket->closed)
		return refuse_named(r, "Refused", "why", CS_STR("closed"),
		    "This ticket is closed. Open a new one.");
	if (w->ticket->entries >= TICKET_ENTRIES_MOST)
		return refuse_named(r, "Refused", "why", CS_STR("full"),
		    "This ticket has no room for more. Open a new one.");
	if (w->speaker.admin != NULL)
		e = limit_count_reply(r->store, r->conf, w->speaker.admin->id, r->now.steady,
		    &wait);
	if (e == CS_OK && wait > 0)
		e = refuse_throttled(r, wait, "too many replies in a short time");
	return e;
}

static enum cs_err add_reply(struct replying *w)
{
	struct request *r = w->r;
	struct memo memo = {
		.steady = r->now.steady,
		.verdict = CS_ACCEPTED,
		.reason = CS_REASON_ACCEPTED,
		.account = w->ticket->account,
		.admin = w->speaker.admin != NULL ? w->speaker.admin->id : 0,
		.issue = w->ticket->id,
	};
	enum cs_err e = ticket_log(r, EVENT_TICKET_REPLY, w->ticket, w->speaker, CS_STR(""),
	    &memo.event);

	if (e != CS_OK)
		return e;
	ticket_add_entry(r, w->ticket, w->speaker, w->text, memo.event);
	store_update_ticket(r->store, w->ticket);
	memcpy(memo.body, w->body, sizeof(memo.body));
	store_put_memo(r->store, w->key, &memo);
	return answer_reply(w, w->ticket->entries);
}

enum cs_err ticket_reply(struct request *r, struct ticket *ticket, struct speaker speaker)
{
	struct replying w = { .r = r, .ticket = ticket, .speaker = speaker };
	bool answered;
	enum cs_err e = read_reply(&w);

	if (e == CS_OK)
		e = recall_reply(&w, &answered);
	if (e != CS_OK || answered)
		return e;
	e = check_reply(&w);
	return e == CS_OK ? add_reply(&w) : e;
}

enum cs_err ticket_close(struct request *r, struct ticket *ticket, struct speaker speaker)
{
	bool live = ticket_authority(r->store, &r->now, ticket) == TICKET_LIVE;
	char id[NUMBER_TEXT];
	uint64_t event;
	enum cs_err e = CS_OK;

	if (!ticket->closed) {
		ticket_end(r, ticket);
		ticket->closed = true;
		ticket->updated = r->now.at.wall;
		ticket->touched = r->now.steady;
		store_put_ticket(r->store, ticket);
		e = ticket_log(r, EVENT_TICKET_CLOSE, ticket, speaker,
		    live ? CS_STR("it authorises nothing any more") : CS_STR(""), &event);
	}
	if (e != CS_OK)
		return e;
	number_format('T', ticket->id, id);
	cs_put_string(reply_begin(r, false), "ticket", cs_str(id));
	return reply_end(r);
}

static void put_authority(struct request *r, struct cs_writer *w, const struct ticket *ticket)
{
	static const char *const names[] = {
		[TICKET_NOTHING] = "none",
		[TICKET_LIVE] = "live",
		[TICKET_USED] = "used",
		[TICKET_EXPIRED] = "expired",
		[TICKET_ENDED] = "revoked",
	};
	enum ticket_authority authority = ticket_authority(r->store, &r->now, ticket);
	char verification[NUMBER_TEXT];

	cs_put_string(w, "authority", cs_str(names[authority]));
	if (authority == TICKET_LIVE || authority == TICKET_EXPIRED)
		cs_put_int(w, "expires", ticket->opened.wall + ticket->life);
	if (authority == TICKET_USED) {
		number_format('V', ticket->ended_event, verification);
		cs_put_int(w, "used", ticket->ended);
		cs_put_string(w, "used_by", ticket->ended_by_name);
		cs_put_string(w, "verification", cs_str(verification));
	}
}

enum cs_err ticket_put(struct request *r, const struct ticket *ticket)
{
	char id[NUMBER_TEXT];
	struct account account;
	struct admin author;
	struct cs_writer *w;
	enum cs_err e = store_get_account(r->store, ticket->account, &account);

	if (e == CS_OK)
		e = store_get_admin(r->store, ticket->admin, &author);
	if (e != CS_OK)
		return e;
	number_format('T', ticket->id, id);
	w = reply_begin(r, true);
	cs_put_string(w, "ticket", cs_str(id));
	cs_put_string(w, "account", account.name);
	cs_put_string(w, "account_name", account.display);
	cs_put_string(w, "subject", ticket->subject);
	cs_put_string(w, "state", ticket->closed ? CS_STR("closed") : CS_STR("open"));
	put_authority(r, w, ticket);
	scope_put(r->conf, w, ticket->action, &ticket->targets);
	cs_put_string(w, "administrator", author.name);
	cs_put_string(w, "administrator_name", author.display);
	cs_put_int(w, "opened", ticket->opened.wall);
	cs_put_int(w, "updated", ticket->updated);
	cs_put_int(w, "entries", ticket->entries);
	return reply_end(r);
}

enum cs_err ticket_put_entries(struct request *r, const struct ticket *ticket)
{
	struct entry_text entry = { .n = r->cursor->started ? cursor_id(r->cursor) : 0 };

	for (unsigned i = 0; i < ROWS_AT_ONCE; i++) {
		enum cs_err e = store_next_entry_text(r->store, ticket->id, entry.n, &entry);
		struct cs_writer *w;

		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e != CS_OK)
			return e;
		w = reply_begin(r, true);
		cs_put_int(w, "n", (int64_t)entry.n);
		cs_put_int(w, "time", entry.time);
		cs_put_bool(w, "staff", entry.staff);
		cs_put_string(w, "name", entry.name);
		cs_put_string(w, "display", entry.display);
		cs_put_string(w, "text", entry.text);
		e = reply_end(r);
		if (e != CS_OK)
			return e;
	}
	cursor_go_on(r->cursor, entry.n);
	return CS_OK;
}

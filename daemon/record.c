/* SPDX-License-Identifier: ISC
 *
 * The codec of the store's records.  A version byte, then the fields in the
 * order of their walk function, which encodes and decodes: numbers as base-128
 * varints in their shortest form, signed ones zigzag, strings behind their
 * length.  One record has one encoding, so what decodes encodes to the same
 * bytes.  It never allocates, never recurses, never reads past the end.
 */
#include "record.h"

#include <string.h>

#define VERSION 1

struct codec {
	bool decoding;
	const uint8_t *in;	/* when decoding */
	uint8_t *out;		/* when encoding */
	size_t at, end;
	enum cs_err err;	/* the first failure; later steps do nothing */
};

/* What is too large to encode is a limit; decoded, it cannot be ours. */
static void exceed(struct codec *c)
{
	if (c->err == CS_OK)
		c->err = c->decoding ? CS_ERR_FORMAT : CS_ERR_LIMIT;
}

static void spoil(struct codec *c)
{
	if (c->err == CS_OK)
		c->err = CS_ERR_FORMAT;
}

static bool have_room(struct codec *c, size_t len)
{
	if (c->err == CS_OK && len > c->end - c->at)
		exceed(c);
	return c->err == CS_OK;
}

static void walk_bytes(struct codec *c, uint8_t *p, size_t len)
{
	if (!have_room(c, len))
		return;
	if (c->decoding)
		memcpy(p, c->in + c->at, len);
	else
		memcpy(c->out + c->at, p, len);
	c->at += len;
}

static void encode_number(struct codec *c, uint64_t v)
{
	while (have_room(c, 1)) {
		bool last = v < 0x80;

		c->out[c->at++] = (uint8_t)(last ? v : v | 0x80);
		if (last)
			return;
		v >>= 7;
	}
}

static uint64_t decode_number(struct codec *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; have_room(c, 1); shift += 7) {
		uint8_t b = c->in[c->at++];

		if ((shift == 63 && b > 1) || (shift > 0 && b == 0))
			break;		/* past 64 bits, or not the shortest */
		v |= (uint64_t)(b & 0x7f) << shift;
		if (b < 0x80)
			return v;
	}
	spoil(c);
	return 0;
}

static void walk_u64(struct codec *c, uint64_t *v)
{
	if (c->decoding)
		*v = decode_number(c);
	else
		encode_number(c, *v);
}

static void walk_i64(struct codec *c, int64_t *v)
{
	uint64_t zigzag;

	if (c->decoding) {
		zigzag = decode_number(c);
		*v = (int64_t)(zigzag >> 1 ^ -(zigzag & 1));
	} else {
		zigzag = (uint64_t)*v << 1 ^ -(uint64_t)(*v < 0);
		encode_number(c, zigzag);
	}
}

/* Returns the number encoded or decoded, 0 after a failure. */
static uint64_t walk_within(struct codec *c, uint64_t v, uint64_t most)
{
	if (c->decoding)
		v = decode_number(c);
	if (v > most) {
		spoil(c);
		return 0;
	}
	if (!c->decoding)
		encode_number(c, v);
	return v;
}

/* Enums, flags and small numbers.  A record that is encoded is only read. */
#define WALK_WITHIN(c, field, most) \
	do { \
		uint64_t got = walk_within(c, (c)->decoding ? 0 : (uint64_t)(field), most); \
		if ((c)->decoding) \
			(field) = got; \
	} while (0)
#define WALK_FLAG(c, field) WALK_WITHIN(c, field, 1)

static void walk_str(struct codec *c, struct cs_str *s, size_t most)
{
	uint64_t len = c->decoding ? decode_number(c) : s->len;

	if (len > most) {
		exceed(c);
		return;
	}
	if (!c->decoding) {
		encode_number(c, len);
		if (have_room(c, len) && len > 0)
			memcpy(c->out + c->at, s->p, len);
	} else if (have_room(c, len)) {
		*s = (struct cs_str){ (const char *)c->in + c->at, len };
	}
	if (c->err == CS_OK)
		c->at += len;
}

static void walk_list(struct codec *c, struct targets *t, size_t most, size_t most_len)
{
	uint64_t n = c->decoding ? decode_number(c) : t->n;

	if (n > most) {
		exceed(c);
		return;
	}
	if (c->decoding)
		t->n = n;
	else
		encode_number(c, n);
	for (size_t i = 0; i < n && c->err == CS_OK; i++)
		walk_str(c, &t->at[i], most_len);
}

static void walk_targets(struct codec *c, struct targets *t)
{
	walk_list(c, t, TARGETS_MAX, TARGET_MAX_LEN);
}

/* Left empty when it is the name once more. */
static void walk_display(struct codec *c, struct cs_str *display, struct cs_str name)
{
	bool same = !c->decoding && cs_str_same(*display, name);
	struct cs_str own = same ? (struct cs_str){ NULL, 0 } : *display;

	walk_str(c, &own, TEXT_MAX_LEN);
	if (!c->decoding || c->err != CS_OK)
		return;
	if (own.len > 0 && cs_str_same(own, name))
		spoil(c);
	*display = own.len > 0 ? own : name;
}

static void walk_instant(struct codec *c, struct instant *at)
{
	walk_i64(c, &at->wall);
	walk_i64(c, &at->boot);
	walk_u64(c, &at->boot_id);
}

static void walk_account(struct codec *c, struct account *r)
{
	walk_u64(c, &r->id);
	walk_str(c, &r->name, NAME_MAX_LEN);
	walk_display(c, &r->display, r->name);
	walk_str(c, &r->ref, NAME_MAX_LEN);
	WALK_WITHIN(c, r->standing, STANDING_REMOVED);
	walk_i64(c, &r->created);
	WALK_FLAG(c, r->had_administrator);
	walk_i64(c, &r->frozen);
	WALK_WITHIN(c, r->frozen_by, UINT32_MAX);
	WALK_FLAG(c, r->suspended_too);
	walk_i64(c, &r->stopped);
	walk_str(c, &r->stopped_by, TEXT_MAX_LEN);
	walk_u64(c, &r->run);
}

static void walk_admin(struct codec *c, struct admin *r)
{
	walk_u64(c, &r->id);
	walk_str(c, &r->name, NAME_MAX_LEN);
	walk_display(c, &r->display, r->name);
	walk_str(c, &r->ref, NAME_MAX_LEN);
	WALK_WITHIN(c, r->standing, STANDING_REMOVED);
	walk_i64(c, &r->created);
	walk_u64(c, &r->run);
	WALK_WITHIN(c, r->ntaken, TAKEN_MAX);
	for (unsigned i = 0; c->err == CS_OK && i < r->ntaken; i++)
		walk_bytes(c, r->taken[i], TAKEN_LEN);
}

static void walk_member(struct codec *c, struct member *r)
{
	walk_u64(c, &r->account);
	walk_u64(c, &r->admin);
	WALK_WITHIN(c, r->standing, STANDING_REMOVED);
	WALK_FLAG(c, r->all);
	walk_list(c, &r->actions, ACTIONS_MAX, NAME_MAX_LEN);
	walk_i64(c, &r->cooling_until);
	walk_u64(c, &r->added);
	walk_u64(c, &r->run);
	WALK_FLAG(c, r->missing);
}

static void walk_authenticator(struct codec *c, struct authenticator *r)
{
	walk_u64(c, &r->id);
	walk_u64(c, &r->admin);
	WALK_WITHIN(c, r->purpose, PURPOSE_SUPPORT);
	WALK_WITHIN(c, r->kind, OATH_KIND_HOTP);
	WALK_WITHIN(c, r->hash, OATH_HASH_SHA512);
	WALK_WITHIN(c, r->digits, 8);
	WALK_WITHIN(c, r->period, 3600);
	WALK_FLAG(c, r->pending);
	walk_str(c, &r->label, TEXT_MAX_LEN);
	walk_str(c, &r->sealed, SEALED_MAX_LEN);
	walk_i64(c, &r->created);
}

static void walk_authenticator_state(struct codec *c, struct authenticator_state *r)
{
	walk_u64(c, &r->id);
	walk_i64(c, &r->last);
	walk_i64(c, &r->drift);
	WALK_WITHIN(c, r->wrong, UINT32_MAX);
	walk_i64(c, &r->used);
}

static void walk_issue(struct codec *c, struct issue *r)
{
	walk_u64(c, &r->id);
	walk_u64(c, &r->account);
	walk_u64(c, &r->admin);
	walk_str(c, &r->action, NAME_MAX_LEN);
	walk_targets(c, &r->targets);
	walk_instant(c, &r->issued);
	walk_u64(c, &r->epoch);
	walk_i64(c, &r->life);
	walk_bytes(c, r->nonce, sizeof(r->nonce));
	walk_bytes(c, r->tag, sizeof(r->tag));
	walk_u64(c, &r->wrong_before);
	WALK_WITHIN(c, r->issuer, UINT32_MAX);
	WALK_FLAG(c, r->proved);
	walk_u64(c, &r->event);
	WALK_WITHIN(c, r->state, ISSUE_CANCELLED);
	walk_i64(c, &r->ended);
}

static void walk_memo(struct codec *c, struct memo *r)
{
	walk_bytes(c, r->body, sizeof(r->body));
	walk_i64(c, &r->steady);
	walk_u64(c, &r->epoch);
	WALK_WITHIN(c, r->verdict, CS_ACCEPTED);
	WALK_WITHIN(c, r->reason, CS_REASONS - 1);
	WALK_FLAG(c, r->shadow);
	walk_u64(c, &r->event);
	walk_u64(c, &r->admin);
	walk_u64(c, &r->account);
	walk_u64(c, &r->grant);
	walk_u64(c, &r->issue);
	walk_i64(c, &r->wait);
	walk_i64(c, &r->expires);
	walk_str(c, &r->say, SAY_MAX);
	WALK_FLAG(c, r->in_shadow);
}

static void walk_bucket(struct codec *c, struct bucket *r)
{
	walk_u64(c, &r->total);
	walk_u64(c, &r->filled);
	WALK_WITHIN(c, r->n, BUCKET_TIMES);
	for (unsigned i = 0; c->err == CS_OK && i < r->n; i++)
		walk_i64(c, &r->at[i]);
	walk_i64(c, &r->day);
	WALK_WITHIN(c, r->today, UINT32_MAX);
}

static void walk_tally(struct codec *c, struct tally *r)
{
	walk_i64(c, &r->minute);
	WALK_WITHIN(c, r->technician, UINT32_MAX);
	WALK_WITHIN(c, r->kind, EVENT_KINDS - 1);
	WALK_WITHIN(c, r->reason, CS_REASONS - 1);
	walk_str(c, &r->technician_name, NAME_MAX_LEN);
	WALK_WITHIN(c, r->count, UINT32_MAX);
}

static void walk_grant(struct codec *c, struct grant *r)
{
	walk_u64(c, &r->id);
	walk_u64(c, &r->account);
	walk_u64(c, &r->admin);
	WALK_WITHIN(c, r->technician, UINT32_MAX);
	walk_str(c, &r->action, NAME_MAX_LEN);
	walk_targets(c, &r->targets);
	walk_instant(c, &r->issued);
	walk_u64(c, &r->epoch);
	walk_i64(c, &r->life);
	walk_bytes(c, r->nonce, sizeof(r->nonce));
	walk_u64(c, &r->event);
	WALK_FLAG(c, r->shadow);
	walk_u64(c, &r->spent_event);
	WALK_WITHIN(c, r->from, GRANT_FROM_TICKET);
	WALK_FLAG(c, r->named_action);
	WALK_FLAG(c, r->named_target);
}

static void walk_call(struct codec *c, struct call *r)
{
	walk_u64(c, &r->id);
	walk_u64(c, &r->account);
	WALK_WITHIN(c, r->technician, UINT32_MAX);
	walk_str(c, &r->technician_name, NAME_MAX_LEN);
	walk_str(c, &r->action, NAME_MAX_LEN);
	walk_str(c, &r->case_id, TEXT_MAX_LEN);
	walk_targets(c, &r->targets);
	walk_instant(c, &r->opened);
	walk_u64(c, &r->epoch);
	walk_i64(c, &r->life);
}

/* What an event has of these, a bit each, goes first.  Most have few, and those
 * in the order in which they are had, so that the bits fit two bytes. */
#define EVENT_FIELDS(FIELD) \
	FIELD(has_verdict, r->has_verdict, WALK_FLAG(c, r->has_verdict)) \
	FIELD(verdict, r->verdict, WALK_WITHIN(c, r->verdict, CS_ACCEPTED)) \
	FIELD(reason, r->reason, WALK_WITHIN(c, r->reason, CS_REASONS - 1)) \
	FIELD(account_id, r->account_id, walk_u64(c, &r->account_id)) \
	FIELD(admin_id, r->admin_id, walk_u64(c, &r->admin_id)) \
	FIELD(account, r->account.len, walk_str(c, &r->account, TEXT_MAX_LEN)) \
	FIELD(action, r->action.len, walk_str(c, &r->action, NAME_MAX_LEN)) \
	FIELD(admin, r->admin.len, walk_str(c, &r->admin, NAME_MAX_LEN)) \
	FIELD(admin_name, r->admin_name.len, walk_display(c, &r->admin_name, r->admin)) \
	FIELD(technician, r->technician, WALK_WITHIN(c, r->technician, UINT32_MAX)) \
	FIELD(technician_name, r->technician_name.len, \
	    walk_str(c, &r->technician_name, NAME_MAX_LEN)) \
	FIELD(asserter, r->asserter, WALK_WITHIN(c, r->asserter, UINT32_MAX)) \
	FIELD(credential, r->credential.len, walk_str(c, &r->credential, NAME_MAX_LEN)) \
	FIELD(note, r->note.len, walk_str(c, &r->note, NOTE_MAX_LEN)) \
	FIELD(targets, r->targets.n, walk_targets(c, &r->targets)) \
	FIELD(count, r->count != 1, WALK_WITHIN(c, r->count, UINT32_MAX)) \
	FIELD(case_id, r->case_id.len, walk_str(c, &r->case_id, TEXT_MAX_LEN)) \
	FIELD(client, r->client.len, walk_str(c, &r->client, TEXT_MAX_LEN)) \
	FIELD(shadow, r->shadow, WALK_FLAG(c, r->shadow))

enum {
#define NUMBER(name, value, walk) HAS_##name,
	EVENT_FIELDS(NUMBER)
#undef NUMBER
	EVENT_FIELD_COUNT
};

static uint64_t event_has(const struct audit_event *r)
{
	uint64_t has = 0;

#define SET(name, value, walk) has |= (uint64_t)((value) != 0) << HAS_##name;
	EVENT_FIELDS(SET)
#undef SET
	return has;
}

/* The account is as somebody typed it when there is none of that name. */
static void walk_audit_event(struct codec *c, struct audit_event *r)
{
	uint64_t has = c->decoding ? 0 : event_has(r);

	if (c->decoding)
		*r = (struct audit_event){ .count = 1 };
	has = walk_within(c, has, ((uint64_t)1 << EVENT_FIELD_COUNT) - 1);
	walk_u64(c, &r->id);
	walk_i64(c, &r->time);
	WALK_WITHIN(c, r->kind, EVENT_KINDS - 1);
#define WALK(name, value, walk) \
	if (has >> HAS_##name & 1) \
		walk;
	EVENT_FIELDS(WALK)
#undef WALK
	if (c->decoding && c->err == CS_OK && event_has(r) != has)
		spoil(c);
}

static void walk_tail(struct codec *c, struct tail *r)
{
	for (unsigned i = 0; i < SEQUENCES; i++)
		walk_u64(c, &r->last[i]);
	walk_instant(c, &r->clock.last);
	walk_i64(c, &r->clock.steady);
	walk_i64(c, &r->clock.highest);
	walk_u64(c, &r->clock.epoch);
}

static void walk_invite(struct codec *c, struct invite *r)
{
	walk_u64(c, &r->admin);
	walk_bytes(c, r->hash, sizeof(r->hash));
	walk_instant(c, &r->made);
	walk_u64(c, &r->epoch);
	walk_i64(c, &r->life);
	walk_str(c, &r->by, TEXT_MAX_LEN);
}

static void walk_recovery(struct codec *c, struct recovery *r)
{
	walk_u64(c, &r->admin);
	for (unsigned i = 0; i < RECOVERY_CODES; i++)
		walk_bytes(c, r->hash[i], sizeof(r->hash[i]));
	walk_i64(c, &r->made);
}

static void walk_seen(struct codec *c, struct seen *r)
{
	WALK_WITHIN(c, r->uid, UINT32_MAX);
	walk_str(c, &r->name, NAME_MAX_LEN);
	walk_i64(c, &r->first);
	walk_i64(c, &r->last);
	WALK_FLAG(c, r->suspended);
	walk_u64(c, &r->grants_ended);
}

static void walk_override(struct codec *c, struct override *r)
{
	walk_str(c, &r->action, NAME_MAX_LEN);
	walk_i64(c, &r->since);
	WALK_FLAG(c, r->code);
	WALK_FLAG(c, r->high);
	WALK_FLAG(c, r->bind_target);
	WALK_FLAG(c, r->enforce);
	WALK_FLAG(c, r->no_authenticator);
	walk_i64(c, &r->lifetime);
}

static void walk_overrides(struct codec *c, struct overrides *r)
{
	walk_u64(c, &r->account);
	WALK_WITHIN(c, r->n, OVERRIDES_MAX);
	for (size_t i = 0; c->err == CS_OK && i < r->n; i++)
		walk_override(c, &r->at[i]);
}

static void walk_password(struct codec *c, struct password *r)
{
	walk_u64(c, &r->admin);
	walk_str(c, &r->sealed, SEALED_LONG_MAX_LEN);
	walk_i64(c, &r->made);
	walk_bytes(c, r->devices, sizeof(r->devices));
}

static void walk_session(struct codec *c, struct session *r)
{
	walk_u64(c, &r->id);
	walk_u64(c, &r->admin);
	walk_bytes(c, r->hash, sizeof(r->hash));
	walk_instant(c, &r->began);
	walk_i64(c, &r->steady);
	walk_i64(c, &r->used);
	walk_i64(c, &r->proved);
	WALK_FLAG(c, r->recovery);
	walk_str(c, &r->address, TEXT_MAX_LEN);
	walk_str(c, &r->browser, TEXT_MAX_LEN);
}

static void walk_ticket(struct codec *c, struct ticket *r)
{
	walk_u64(c, &r->id);
	walk_u64(c, &r->account);
	walk_u64(c, &r->admin);
	walk_str(c, &r->subject, TEXT_MAX_LEN);
	walk_str(c, &r->action, NAME_MAX_LEN);
	walk_targets(c, &r->targets);
	walk_instant(c, &r->opened);
	walk_u64(c, &r->epoch);
	walk_i64(c, &r->life);
	walk_bytes(c, r->generation, sizeof(r->generation));
	WALK_WITHIN(c, r->issuer, UINT32_MAX);
	WALK_FLAG(c, r->proved);
	WALK_WITHIN(c, r->entries, UINT32_MAX);
	walk_i64(c, &r->updated);
	walk_i64(c, &r->touched);
	WALK_FLAG(c, r->closed);
	WALK_WITHIN(c, r->authority, ISSUE_CANCELLED);
	walk_i64(c, &r->ended);
	WALK_WITHIN(c, r->ended_by, UINT32_MAX);
	walk_str(c, &r->ended_by_name, NAME_MAX_LEN);
	walk_u64(c, &r->ended_event);
}

static void walk_entry_text(struct codec *c, struct entry_text *r)
{
	walk_u64(c, &r->ticket);
	walk_u64(c, &r->n);
	walk_u64(c, &r->event);
	walk_i64(c, &r->time);
	WALK_FLAG(c, r->staff);
	walk_u64(c, &r->who);
	walk_str(c, &r->name, NAME_MAX_LEN);
	walk_str(c, &r->display, TEXT_MAX_LEN);
	walk_str(c, &r->text, TEXT_LONG_MAX);
}

static void walk_alive(struct codec *c, struct alive *r)
{
	walk_u64(c, &r->admin);
	walk_i64(c, &r->steady);
	walk_i64(c, &r->wall);
}

static void walk_version(struct codec *c)
{
	uint8_t version = VERSION;

	walk_bytes(c, &version, 1);
	if (version != VERSION)
		spoil(c);
}

/* The cast is safe: with decoding unset no walk writes to the record. */
#define DEFINE_CODEC(type) \
	enum cs_err record_encode_##type(const struct type *r, uint8_t *buf, size_t cap, \
	    size_t *len) \
	{ \
		struct codec c = { .out = buf, .end = cap }; \
\
		walk_version(&c); \
		walk_##type(&c, (struct type *)r); \
		if (c.err == CS_OK) \
			*len = c.at; \
		return c.err; \
	} \
	enum cs_err record_decode_##type(const uint8_t *buf, size_t len, struct type *r) \
	{ \
		struct codec c = { .decoding = true, .in = buf, .end = len }; \
\
		walk_version(&c); \
		walk_##type(&c, r); \
		if (c.at != c.end) \
			spoil(&c); \
		if (c.err != CS_OK) \
			memset(r, 0, sizeof(*r)); \
		return c.err; \
	}

DEFINE_CODEC(account)
DEFINE_CODEC(admin)
DEFINE_CODEC(member)
DEFINE_CODEC(authenticator)
DEFINE_CODEC(authenticator_state)
DEFINE_CODEC(issue)
DEFINE_CODEC(memo)
DEFINE_CODEC(bucket)
DEFINE_CODEC(tally)
DEFINE_CODEC(grant)
DEFINE_CODEC(call)
DEFINE_CODEC(audit_event)
DEFINE_CODEC(tail)
DEFINE_CODEC(invite)
DEFINE_CODEC(recovery)
DEFINE_CODEC(seen)
DEFINE_CODEC(overrides)
DEFINE_CODEC(alive)
DEFINE_CODEC(password)
DEFINE_CODEC(session)
DEFINE_CODEC(ticket)
DEFINE_CODEC(entry_text)

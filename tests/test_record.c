/* SPDX-License-Identifier: ISC
 *
 * Every record comes back as it was, has one spelling only, and nothing else
 * decodes.
 */
#include "../daemon/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A filled record as bytes, and its decoder followed by its encoder. */
struct sample {
	uint8_t buf[RECORD_MAX];
	size_t len;
	enum cs_err (*again)(const uint8_t *p, size_t len, uint8_t *out, size_t cap, size_t *n);
};

#define DEFINE_AGAIN(type) \
	static enum cs_err again_##type(const uint8_t *p, size_t len, uint8_t *out, size_t cap, \
	    size_t *n) \
	{ \
		struct type r; \
		enum cs_err e; \
\
		memset(&r, 0x5a, sizeof(r)); \
		e = record_decode_##type(p, len, &r); \
		return e != CS_OK ? e : record_encode_##type(&r, out, cap, n); \
	} \
	static void add_##type(struct sample *s, const struct type *r) \
	{ \
		s->again = again_##type; \
		assert_int_equal(CS_OK, record_encode_##type(r, s->buf, sizeof(s->buf), &s->len)); \
	}
DEFINE_AGAIN(account)
DEFINE_AGAIN(admin)
DEFINE_AGAIN(member)
DEFINE_AGAIN(authenticator)
DEFINE_AGAIN(authenticator_state)
DEFINE_AGAIN(issue)
DEFINE_AGAIN(memo)
DEFINE_AGAIN(bucket)
DEFINE_AGAIN(tally)
DEFINE_AGAIN(grant)
DEFINE_AGAIN(call)
DEFINE_AGAIN(audit_event)
DEFINE_AGAIN(tail)
DEFINE_AGAIN(invite)
DEFINE_AGAIN(recovery)
DEFINE_AGAIN(seen)

DEFINE_AGAIN(overrides)
DEFINE_AGAIN(alive)
DEFINE_AGAIN(password)
DEFINE_AGAIN(session)
DEFINE_AGAIN(ticket)
DEFINE_AGAIN(entry_text)

#define SAMPLES 22
static struct sample samples[SAMPLES];

/* Macros, for clang takes no constant object in another's initialiser. */
#define TWO { .n = 2, .at = { { "mx1.acme.example=203.0.113.9", 28 }, \
	{ "mx2.acme.example=203.0.113.10", 29 } } }
#define ACTIONS { .n = 2, .at = { { "mail.server", 11 }, { "general", 7 } } }
#define THEN { 1771500000, 86400, 0xfedcba9876543210u }
static const struct targets two = TWO;
static const struct targets actions = ACTIONS;
static const struct instant then = THEN;

static const struct account account = {
	.id = 7, .name = { "acme", 4 }, .display = { "Acme Ltd", 8 }, .ref = { "4711", 4 },
	.standing = STANDING_FROZEN, .created = 1771500000, .had_administrator = true,
	.frozen = 86400, .frozen_by = 4294967294u, .suspended_too = true,
	.stopped = 1771500000, .stopped_by = { "Dana Reyes", 10 }, .run = 12,
};
static const struct admin admin = {
	.id = 300, .name = { "dana", 4 }, .display = { "Dana Reyes", 10 }, .ref = { "p-9", 3 },
	.standing = STANDING_SUSPENDED, .created = -1, .run = 12, .ntaken = 2,
	.taken = { { 1, 2, 3 }, { 0xff, 0, 0xff } },
};
static const struct member member = {
	.account = 7, .admin = 300, .standing = STANDING_REMOVED, .all = true, .actions = ACTIONS,
	.cooling_until = INT64_MAX, .added = UINT64_MAX, .run = 13, .missing = true,
};
static const struct authenticator authenticator = {
	.id = 9, .admin = 300, .purpose = PURPOSE_SUPPORT, .kind = OATH_KIND_HOTP,
	.hash = OATH_HASH_SHA512, .digits = 8, .period = 60, .pending = true,
	.label = { "phone", 5 }, .sealed = { "\0\xff\x80sealed", 9 }, .created = 5,
};
static const struct authenticator_state authenticator_state = {
	.id = 9, .last = 59050000, .drift = -1, .wrong = 49, .used = 1771500000,
};
static const struct issue issue = {
	.id = UINT64_MAX, .account = 7, .admin = 300, .action = { "mail.server", 11 },
	.targets = TWO, .issued = THEN, .epoch = 3, .life = 600, .nonce = { 1, 2, 0xff },
	.tag = { 0xee, 0, 1 },
	.wrong_before = 12, .issuer = 4294967294u, .proved = true, .event = 128,
	.state = ISSUE_CANCELLED, .ended = 1771500300,
};
static const struct memo memo = {
	.body = { 9, 8, 7 }, .steady = 16384, .epoch = 5,
	.verdict = CS_ACCEPTED, .reason = CS_REASON_ACCEPTED,
	.shadow = true, .event = 127, .admin = 128, .account = 16383, .grant = 16384, .issue = 1,
	.wait = 30, .expires = 1771500900, .say = { "Accepted.", 9 }, .in_shadow = true,
};
static const struct bucket bucket = {
	.total = 100000, .filled = 99, .n = 3, .at = { 10, 20, -30 }, .day = 86400,
	.today = 4294967295u,
};
static const struct tally tally = {
	.minute = 29525000, .technician = 1000, .kind = EVENT_LOG_IN_FAILED, .reason = CS_THROTTLED,
	.technician_name = { "mia", 3 }, .count = 12,
};
static const struct grant grant = {
	.id = 5, .account = 7, .admin = 300, .technician = 1000, .action = { "mail.server", 11 },
	.targets = TWO, .issued = THEN, .epoch = 3, .life = 900, .nonce = { 4, 5, 6 }, .event = 77,
	.shadow = true, .spent_event = 78,
	.from = GRANT_FROM_AUTHENTICATOR, .named_action = true, .named_target = true,
};
static const struct overrides overrides = {
	.account = 7, .n = 2, .at = {
		{ .action = { "general", 7 }, .since = 1771500000, .code = true, .enforce = true },
		{ .action = { "note.add", 8 }, .since = -1, .high = true, .bind_target = true,
		    .no_authenticator = true, .lifetime = 300 },
	},
};
static const struct call call = {
	.id = 6, .account = 7, .technician = 1000, .technician_name = { "mia", 3 },
	.action = { "general", 7 }, .case_id = { "#1234 \xe2\x82\xac", 9 }, .targets = TWO,
	.opened = THEN, .epoch = 3, .life = 600,
};
static const struct audit_event event = {
	.id = 1000000, .time = 1771500000, .kind = EVENT_KINDS - 1, .has_verdict = true,
	.verdict = CS_ACCEPTED, .reason = CS_REASON_ACCEPTED, .shadow = true, .account_id = 7,
	.admin_id = 300, .account = { "acme", 4 }, .action = { "mail.server", 11 }, .targets = TWO,
	.admin = { "dana", 4 }, .admin_name = { "Dana Reyes", 10 }, .technician = 1000,
	.technician_name = { "mia", 3 }, .asserter = 33, .credential = { "I42", 3 },
	.case_id = { "#1234", 5 }, .client = { "192.0.2.1", 9 }, .count = 1, .note = { "note", 4 },
};
static const struct tail tail = {
	.last = { 1, 2, 3, 4, 5, 6, 1000000 }, .clock = { THEN, 4000, 1771500000, 3 },
};

static const struct invite invite = {
	.admin = 300, .hash = { 1, 0xff, 2 }, .made = THEN, .epoch = 3, .life = 259200,
	.by = { "Dana Reyes", 10 },
};
static const struct recovery recovery = {
	.admin = 300, .hash = { { 1, 2 }, { 0 }, { 0xff } }, .made = 1771500000,
};
static const struct seen seen = {
	.uid = 1007, .name = { "mia", 3 }, .first = 1771500000, .last = 1771503600,
	.suspended = true, .grants_ended = UINT64_MAX,
};

static const struct password password = {
	.admin = 300, .sealed = { "\0\xff\x80sealed", 9 }, .made = 1771500000,
	.devices = { 7, 0, 0xff },
};
static const struct session session = {
	.id = 11, .admin = 300, .hash = { 1, 0xff, 2 }, .began = THEN, .steady = 3600, .used = 4000,
	.proved = 3700, .recovery = true, .address = { "2001:db8::9", 11 },
	.browser = { "Firefox on Linux", 16 },
};
static const struct ticket ticket = {
	.id = 4821, .account = 7, .admin = 300, .subject = { "Move our mail", 13 },
	.action = { "mail.server", 11 }, .targets = TWO, .opened = THEN, .epoch = 3,
	.life = 259200, .generation = { 9, 0, 0xff }, .issuer = 4294967294u, .proved = true,
	.entries = 2, .updated = 1771500300, .touched = 86700, .closed = true,
	.authority = ISSUE_USED, .ended = 1771500200, .ended_by = 1000,
	.ended_by_name = { "mia", 3 }, .ended_event = 128,
};
static const struct entry_text entry_text = {
	.ticket = 4821, .n = 2, .event = 129, .time = 1771500300, .staff = true, .who = 1000,
	.name = { "mia", 3 }, .display = { "", 0 }, .text = { "Done. \xe2\x82\xac\n", 10 },
};

static const struct alive alive = {
	.admin = 300, .steady = 86400, .wall = 1771500000,
};

static int make_samples(void **state)
{
	struct sample *s = samples;

	(void)state;
	add_account(s++, &account);
	add_admin(s++, &admin);
	add_member(s++, &member);
	add_authenticator(s++, &authenticator);
	add_authenticator_state(s++, &authenticator_state);
	add_issue(s++, &issue);
	add_memo(s++, &memo);
	add_bucket(s++, &bucket);
	add_tally(s++, &tally);
	add_grant(s++, &grant);
	add_call(s++, &call);
	add_audit_event(s++, &event);
	add_tail(s++, &tail);
	add_invite(s++, &invite);
	add_recovery(s++, &recovery);
	add_seen(s++, &seen);
	add_overrides(s++, &overrides);
	add_alive(s++, &alive);
	add_password(s++, &password);
	add_session(s++, &session);
	add_ticket(s++, &ticket);
	add_entry_text(s++, &entry_text);
	return s == samples + SAMPLES ? 0 : -1;
}

/* A copy on the heap of exactly these bytes, so that a sanitizer or valgrind
 * sees a read past the end. */
static enum cs_err again(const struct sample *s, const uint8_t *p, size_t len, uint8_t *out,
    size_t *n)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	enum cs_err e;

	memcpy(copy, p, len);
	e = s->again(copy, len, out, RECORD_MAX, n);
	free(copy);
	return e;
}

#define assert_str(want, got) \
	do { \
		assert_int_equal((want).len, (got).len); \
		assert_memory_equal((want).p, (got).p, (want).len); \
	} while (0)

static void assert_targets(const struct targets *want, const struct targets *got)
{
	assert_int_equal(want->n, got->n);
	for (size_t i = 0; i < want->n; i++)
		assert_str(want->at[i], got->at[i]);
}

static void every_field_of_an_issue_comes_back(void **state)
{
	const struct sample *s = &samples[5];
	struct issue r;

	(void)state;
	memset(&r, 0x5a, sizeof(r));
	assert_int_equal(CS_OK, record_decode_issue(s->buf, s->len, &r));
	assert_true(r.id == issue.id && r.account == 7 && r.admin == 300 && r.epoch == 3);
	assert_str(issue.action, r.action);
	assert_targets(&two, &r.targets);
	assert_true(r.issued.wall == then.wall && r.issued.boot == then.boot);
	assert_true(r.issued.boot_id == then.boot_id && r.life == 600);
	assert_memory_equal(issue.nonce, r.nonce, 16);
	assert_memory_equal(issue.tag, r.tag, 16);
	assert_true(r.wrong_before == 12 && r.issuer == issue.issuer && r.state == ISSUE_CANCELLED);
	assert_true(r.ended == issue.ended && r.event == 128 && r.proved);
}

static void every_field_of_an_event_comes_back(void **state)
{
	const struct sample *s = &samples[11];
	struct audit_event r;

	(void)state;
	memset(&r, 0x5a, sizeof(r));
	assert_int_equal(CS_OK, record_decode_audit_event(s->buf, s->len, &r));
	assert_true(r.id == event.id && r.time == event.time && r.kind == event.kind);
	assert_true(r.has_verdict && r.verdict == CS_ACCEPTED && r.reason == CS_REASON_ACCEPTED &&
	    r.shadow);
	assert_true(r.account_id == 7 && r.admin_id == 300 && r.technician == 1000);
	assert_true(r.asserter == 33 && r.count == 1);
	assert_str(event.account, r.account);
	assert_str(event.action, r.action);
	assert_targets(&two, &r.targets);
	assert_str(event.admin, r.admin);
	assert_str(event.admin_name, r.admin_name);
	assert_str(event.technician_name, r.technician_name);
	assert_str(event.credential, r.credential);
	assert_str(event.case_id, r.case_id);
	assert_str(event.client, r.client);
	assert_str(event.note, r.note);
}

static void numbers_keep_their_sign_and_size(void **state)
{
	struct member m;
	struct bucket b;
	struct tail t;

	(void)state;
	assert_int_equal(CS_OK, record_decode_member(samples[2].buf, samples[2].len, &m));
	assert_true(m.cooling_until == INT64_MAX && m.added == UINT64_MAX && m.all);
	assert_targets(&actions, &m.actions);
	assert_int_equal(CS_OK, record_decode_bucket(samples[7].buf, samples[7].len, &b));
	assert_true(b.n == 3 && b.at[0] == 10 && b.at[1] == 20 && b.at[2] == -30);
	assert_true(b.total == 100000 && b.filled == 99 && b.today == 4294967295u);
	assert_int_equal(CS_OK, record_decode_tail(samples[12].buf, samples[12].len, &t));
	assert_memory_equal(&tail, &t, sizeof(t));
}

static void an_empty_record_is_small_and_comes_back(void **state)
{
	static const struct issue none = { .id = 0 };
	uint8_t buf[128];
	struct issue r;
	size_t len;

	(void)state;
	assert_int_equal(CS_OK, record_encode_issue(&none, buf, sizeof(buf), &len));
	assert_in_range(len, 32, 56);
	memset(&r, 0x5a, sizeof(r));
	assert_int_equal(CS_OK, record_decode_issue(buf, len, &r));
	assert_true(r.targets.n == 0 && r.action.len == 0 && r.state == ISSUE_LIVE);
}

static void what_decodes_encodes_to_the_same_bytes(void **state)
{
	static uint8_t out[RECORD_MAX];
	size_t n;

	(void)state;
	for (const struct sample *s = samples; s < samples + SAMPLES; s++) {
		assert_int_equal(CS_OK, again(s, s->buf, s->len, out, &n));
		assert_int_equal(s->len, n);
		assert_memory_equal(s->buf, out, n);
	}
}

static void a_record_cut_anywhere_is_refused(void **state)
{
	static uint8_t out[RECORD_MAX];
	size_t n;

	(void)state;
	for (const struct sample *s = samples; s < samples + SAMPLES; s++)
		for (size_t len = 0; len < s->len; len++)
			assert_int_equal(CS_ERR_FORMAT, again(s, s->buf, len, out, &n));
}

static void trailing_bytes_are_refused(void **state)
{
	static uint8_t out[RECORD_MAX];
	size_t n;

	(void)state;
	for (struct sample *s = samples; s < samples + SAMPLES; s++) {
		s->buf[s->len] = 0;
		assert_int_equal(CS_ERR_FORMAT, again(s, s->buf, s->len + 1, out, &n));
	}
}

static void another_version_is_refused(void **state)
{
	static uint8_t out[RECORD_MAX];
	size_t n;

	(void)state;
	for (struct sample *s = samples; s < samples + SAMPLES; s++) {
		uint8_t version = s->buf[0];

		s->buf[0] = (uint8_t)(version + 1);
		assert_int_equal(CS_ERR_FORMAT, again(s, s->buf, s->len, out, &n));
		s->buf[0] = version;
	}
}

/* One flipped bit gives another record or none, never a second spelling. */
static void one_record_has_one_spelling(void **state)
{
	static uint8_t out[RECORD_MAX];
	size_t n;

	(void)state;
	for (struct sample *s = samples; s < samples + SAMPLES; s++)
		for (size_t bit = 0; bit < s->len * 8; bit++) {
			s->buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (again(s, s->buf, s->len, out, &n) == CS_OK) {
				assert_int_equal(s->len, n);
				assert_memory_equal(s->buf, out, n);
			}
			s->buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
}

static void a_number_in_a_longer_spelling_is_refused(void **state)
{
	/* authenticator_state: id, last, drift, wrong, used */
	static const struct {
		uint8_t bytes[16];
		size_t len;
		enum cs_err want;
	} rows[] = {
		{ { 1, 5, 0, 0, 0, 0 }, 6, CS_OK },
		{ { 1, 0x85, 0, 0, 0, 0, 0 }, 7, CS_ERR_FORMAT },
		{ { 1, 0x80, 0, 0, 0, 0, 0 }, 7, CS_ERR_FORMAT },
		{ { 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 0 }, 15, CS_OK },
		{ { 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0 }, 15,
		    CS_ERR_FORMAT },
		{ { 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 129, 0, 0, 0, 0 }, 15,
		    CS_ERR_FORMAT },
		{ { 1, 5, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0 }, 10, CS_OK },
		{ { 1, 5, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x10, 0 }, 10, CS_ERR_FORMAT },
	};
	struct authenticator_state r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(rows[i].want,
		    record_decode_authenticator_state(rows[i].bytes, rows[i].len, &r));
}

static void an_enum_or_flag_out_of_range_is_refused_both_ways(void **state)
{
	/* account: version, id, three empty strings, standing, created, flag,
	 * frozen, by whom, flag, stopped, by whom, run */
	uint8_t bytes[] = { 1, 7, 0, 0, 0, STANDING_REMOVED, 0, 1, 0, 0, 0, 0, 0, 0 }, out[256];
	struct memo m = { .reason = CS_REASONS };
	struct account r;
	size_t len = 99;

	(void)state;
	assert_int_equal(CS_OK, record_decode_account(bytes, sizeof(bytes), &r));
	bytes[5]++;
	assert_int_equal(CS_ERR_FORMAT, record_decode_account(bytes, sizeof(bytes), &r));
	bytes[5]--;
	bytes[7] = 2;
	assert_int_equal(CS_ERR_FORMAT, record_decode_account(bytes, sizeof(bytes), &r));
	r.standing = STANDING_REMOVED + 1;
	assert_int_equal(CS_ERR_FORMAT, record_encode_account(&r, out, sizeof(out), &len));
	assert_int_equal(CS_ERR_FORMAT, record_encode_memo(&m, out, sizeof(out), &len));
	assert_int_equal(99, len);
}

static void a_refused_record_is_all_zero(void **state)
{
	static const struct memo zero;
	struct memo r;

	(void)state;
	memset(&r, 0x5a, sizeof(r));
	assert_int_equal(CS_ERR_FORMAT, record_decode_memo(samples[6].buf, samples[6].len - 1, &r));
	assert_memory_equal(&zero, &r, sizeof(r));
}

static void long_strings_and_lists_are_refused_both_ways(void **state)
{
	static uint8_t buf[2 * RECORD_MAX];
	static char text[300];
	struct issue r = { .targets = { .n = TARGETS_MAX } }, got;
	size_t len, at;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < TARGETS_MAX; i++)
		r.targets.at[i] = (struct cs_str){ text, 1 };
	assert_int_equal(CS_OK, record_encode_issue(&r, buf, sizeof(buf), &len));
	assert_int_equal(CS_OK, record_decode_issue(buf, len, &got));
	at = 5;		/* version, id, account, admin, no action */
	assert_int_equal(TARGETS_MAX, buf[at]);
	memmove(buf + at + 3, buf + at + 1, len - at - 1);
	buf[at] = TARGETS_MAX + 1;
	buf[at + 1] = 1;
	buf[at + 2] = 'x';
	assert_int_equal(CS_ERR_FORMAT, record_decode_issue(buf, len + 2, &got));

	r.targets.n = TARGETS_MAX + 1;
	assert_int_equal(CS_ERR_LIMIT, record_encode_issue(&r, buf, sizeof(buf), &len));
	r.targets.n = 1;
	r.targets.at[0].len = TARGET_MAX_LEN;
	assert_int_equal(CS_OK, record_encode_issue(&r, buf, sizeof(buf), &len));
	assert_memory_equal(buf + at, "\x01\xff\x01", 3);
	memmove(buf + at + 4, buf + at + 3, len - at - 3);
	memcpy(buf + at, "\x01\x80\x02x", 4);
	assert_int_equal(CS_ERR_FORMAT, record_decode_issue(buf, len + 1, &got));
	r.targets.at[0].len = TARGET_MAX_LEN + 1;
	assert_int_equal(CS_ERR_LIMIT, record_encode_issue(&r, buf, sizeof(buf), &len));
}

static void encoding_stays_within_the_room_given(void **state)
{
	uint8_t buf[512];
	size_t len = 0;

	(void)state;
	for (size_t cap = 0; cap < samples[11].len; cap++) {
		memset(buf, 0x5a, sizeof(buf));
		assert_int_equal(CS_ERR_LIMIT, record_encode_audit_event(&event, buf, cap, &len));
		for (size_t i = cap; i < sizeof(buf); i++)
			assert_int_equal(0x5a, buf[i]);
	}
	assert_int_equal(CS_OK, record_encode_audit_event(&event, buf, samples[11].len, &len));
	assert_int_equal(samples[11].len, len);
}

static void the_largest_event_fits(void **state)
{
	static uint8_t buf[RECORD_MAX];
	static char text[TARGET_MAX_LEN];
	const struct cs_str name = { text, NAME_MAX_LEN }, words = { text, TEXT_MAX_LEN };
	struct audit_event r = {
		.id = UINT64_MAX, .time = INT64_MIN, .account_id = UINT64_MAX,
		.admin_id = UINT64_MAX,
		.account = words, .action = name, .targets = { .n = TARGETS_MAX }, .admin = name,
		.admin_name = words, .technician = UINT32_MAX, .technician_name = name,
		.asserter = UINT32_MAX, .credential = name, .case_id = words, .client = words,
		.count = UINT32_MAX, .note = { text, NOTE_MAX_LEN },
	};
	size_t len;

	(void)state;
	for (size_t i = 0; i < TARGETS_MAX; i++)
		r.targets.at[i] = (struct cs_str){ text, TARGET_MAX_LEN };
	assert_int_equal(CS_OK, record_encode_audit_event(&r, buf, sizeof(buf), &len));
	assert_int_equal(CS_OK, record_decode_audit_event(buf, len, &r));
}

/* version, what it has, number, time, kind, has_verdict */
static void what_an_event_says_to_have_it_has(void **state)
{
	uint8_t buf[] = { 1, 1, 1, 0, 0, 1 };
	struct audit_event r;

	(void)state;
	assert_int_equal(CS_OK, record_decode_audit_event(buf, sizeof(buf), &r));
	assert_true(r.has_verdict);
	buf[5] = 0;
	assert_int_equal(CS_ERR_FORMAT, record_decode_audit_event(buf, sizeof(buf), &r));
}

/* Nor in the row: it is the name, once. */
static void a_display_name_that_is_the_name_is_not_kept_twice(void **state)
{
	struct account r = { .id = 1, .name = cs_str("acme"), .display = cs_str("acme") };
	uint8_t buf[64];
	size_t len, longer;

	(void)state;
	assert_int_equal(CS_OK, record_encode_account(&r, buf, sizeof(buf), &len));
	assert_int_equal(CS_OK, record_decode_account(buf, len, &r));
	assert_str(cs_str("acme"), r.display);
	r.display = cs_str("acne");
	assert_int_equal(CS_OK, record_encode_account(&r, buf, sizeof(buf), &longer));
	assert_int_equal(len + 4, longer);
	memcpy(buf + 8, "acme", 4);	/* version, id, length, name, length */
	assert_int_equal(CS_ERR_FORMAT, record_decode_account(buf, longer, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_of_an_issue_comes_back),
		cmocka_unit_test(every_field_of_an_event_comes_back),
		cmocka_unit_test(numbers_keep_their_sign_and_size),
		cmocka_unit_test(an_empty_record_is_small_and_comes_back),
		cmocka_unit_test(what_decodes_encodes_to_the_same_bytes),
		cmocka_unit_test(a_record_cut_anywhere_is_refused),
		cmocka_unit_test(trailing_bytes_are_refused),
		cmocka_unit_test(another_version_is_refused),
		cmocka_unit_test(one_record_has_one_spelling),
		cmocka_unit_test(a_number_in_a_longer_spelling_is_refused),
		cmocka_unit_test(an_enum_or_flag_out_of_range_is_refused_both_ways),
		cmocka_unit_test(a_refused_record_is_all_zero),
		cmocka_unit_test(long_strings_and_lists_are_refused_both_ways),
		cmocka_unit_test(encoding_stays_within_the_room_given),
		cmocka_unit_test(the_largest_event_fits),
		cmocka_unit_test(what_an_event_says_to_have_it_has),
		cmocka_unit_test(a_display_name_that_is_the_name_is_not_kept_twice),
	};

	return cmocka_run_group_tests(tests, make_samples, NULL);
}

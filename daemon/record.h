/* SPDX-License-Identifier: ISC
 *
 * The records of the store and their one codec: versioned, bounded, the same
 * function walks a record to encode and to decode it, so that the two cannot
 * differ.  Strings in a decoded record are views into the bytes it came from.
 * It distrusts those bytes: they may come from a damaged disk.
 */
#pragma once

#include "../lib/wire.h"

#include "clock.h"

#define NAME_MAX_LEN 64		/* accounts, administrators, actions, refs */
#define TEXT_MAX_LEN 128	/* display names, labels, cases */
#define TARGET_MAX_LEN 255
#define SAY_MAX 1024		/* a verdict's sentence and its NUL */
#define NOTE_MAX_LEN 255	/* an event's note */
#define TARGETS_MAX 64
#define ACTIONS_MAX 64		/* actions in one administrator's list */
#define OVERRIDES_MAX 64	/* actions that one account has overrides for */
#define SEALED_MAX_LEN 128	/* a sealed authenticator secret */
#define TEXT_LONG_MAX 12000	/* what a ticket's entry says: 4000 characters */
#define SEALED_LONG_MAX_LEN 192	/* a sealed password hash */
#define RECORD_MAX 20480	/* bytes of any encoded record */

struct targets {
	size_t n;
	struct cs_str at[TARGETS_MAX];
};

enum standing { STANDING_ACTIVE, STANDING_SUSPENDED, STANDING_FROZEN, STANDING_REMOVED };

#define FROZEN_BY_CUSTOMER UINT32_MAX	/* until an operator has asked to thaw it */

struct account {
	uint64_t id;
	struct cs_str name, display, ref;	/* ref may be empty */
	enum standing standing;
	int64_t created;			/* wall */
	bool had_administrator;			/* a later one cools off */
	/* while it is frozen: */
	int64_t frozen;				/* steady time */
	uint32_t frozen_by;			/* uid, or FROZEN_BY_CUSTOMER */
	bool suspended_too;			/* what a thaw leads back to */
	/* while it is frozen or suspended, for its people: */
	int64_t stopped;			/* wall; 0: not known any more */
	struct cs_str stopped_by; /* the administrator's display; empty: an operator */
	uint64_t run;				/* the import that made it; 0: none */
};

#define TAKEN_MAX 8
#define TAKEN_LEN 8

struct admin {
	uint64_t id;
	struct cs_str name, display, ref;
	enum standing standing;
	int64_t created;
	uint64_t run;			/* the import that made it; 0: none */
	/* Keyed hashes of the latest secrets that came with imports, so that one
	 * that was removed here does not come back with the next. */
	unsigned ntaken;
	uint8_t taken[TAKEN_MAX][TAKEN_LEN];
};

/* What an administrator may authorise for one account. */
struct member {
	uint64_t account, admin;
	enum standing standing;
	bool all;			/* every action */
	struct targets actions;		/* else these */
	int64_t cooling_until;		/* steady time; 0: not cooling off */
	uint64_t added;			/* the log's last event before it */
	uint64_t run;			/* the last import that it was named by, or
				 * missing from; 0: an operator added it */
	bool missing;			/* suspended because a later one did not */
};

/* What one account's policy asks beyond the configured one. */
struct override {
	struct cs_str action;
	int64_t since;			/* wall; when last changed */
	bool code, high, bind_target, enforce, no_authenticator;
	int64_t lifetime;		/* seconds; 0: as configured */
};

struct overrides {
	uint64_t account;
	size_t n;
	struct override at[OVERRIDES_MAX];
};

enum purpose { PURPOSE_LOGIN, PURPOSE_SUPPORT };
enum oath_kind { OATH_KIND_TOTP, OATH_KIND_HOTP };
enum oath_hash { OATH_HASH_SHA1, OATH_HASH_SHA256, OATH_HASH_SHA512 };

struct authenticator {
	uint64_t id, admin;
	enum purpose purpose;
	enum oath_kind kind;
	enum oath_hash hash;
	unsigned digits, period;
	bool pending;			/* until its owner has shown one code */
	struct cs_str label;
	struct cs_str sealed;		/* vault_seal of the secret */
	int64_t created;
};

/* A link's secret that makes somebody an administrator who can log in: the
 * record never holds it. */
struct invite {
	uint64_t admin;
	uint8_t hash[16];
	struct instant made;
	uint64_t epoch;
	int64_t life;			/* seconds */
	struct cs_str by; /* display of the colleague who invited; empty: an operator */
};

#define RECOVERY_CODES 10

/* One person's recovery codes, as keyed hashes; a used one is all zero. */
struct recovery {
	uint64_t admin;
	uint8_t hash[RECOVERY_CODES][16];
	int64_t made;			/* wall */
};

/* What a person logs in with, beside a code. */
struct password {
	uint64_t admin;
	struct cs_str sealed;		/* vault_seal of what crypto_pwhash_str wrote */
	int64_t made;			/* wall */
	uint8_t devices[16];		/* drawn with it: device tokens die with the password */
};

/* A person's log-in.  The record never holds its token. */
struct session {
	uint64_t id, admin;
	uint8_t hash[16];		/* keyed, of the token */
	struct instant began;
	int64_t steady;			/* when it began */
	int64_t used;			/* steady: the last sign of life, to the minute */
	int64_t proved;			/* steady: the last code of an authenticator; 0: none */
	bool recovery;			/* began with a recovery code */
	struct cs_str address, browser;	/* as the panel saw them */
};

enum issue_state { ISSUE_LIVE, ISSUE_USED, ISSUE_REPLACED, ISSUE_REVOKED, ISSUE_CANCELLED };

/* A support request by a logged-in administrator.  What it authorises is what
 * its author wrote when it was opened, and nothing after. */
struct ticket {
	uint64_t id, account, admin;
	struct cs_str subject;
	struct cs_str action;		/* empty: it authorises nothing */
	struct targets targets;
	struct instant opened;
	uint64_t epoch;
	int64_t life;			/* seconds that its authority lasts */
	uint8_t generation[16];		/* the store's: a restored copy authorises nothing */
	uint32_t issuer;		/* uid that opened it for its author */
	bool proved;			/* with a code of an authenticator, as a code for an
					 * action of high risk would have been */
	/* what may change: */
	unsigned entries;
	int64_t updated;		/* wall */
	int64_t touched;		/* steady: the same, for the purge */
	bool closed;
	enum issue_state authority;
	int64_t ended;			/* wall; when the authority did */
	uint32_t ended_by;		/* uid; meaningful when used */
	struct cs_str ended_by_name;
	uint64_t ended_event;
};

/* One thing said in a ticket. */
struct entry_text {
	uint64_t ticket, n;		/* from 1 */
	uint64_t event;			/* that it was said */
	int64_t time;			/* wall */
	bool staff;
	uint64_t who;			/* administrator's id or technician's uid */
	struct cs_str name, display;	/* as they were then */
	struct cs_str text;
};

/* What changes with use, apart from what does not. */
struct authenticator_state {
	uint64_t id;
	int64_t last;			/* last accepted step or counter + 1; 0: none */
	int64_t drift;			/* steps, learned */
	unsigned wrong;			/* since the last acceptance */
	int64_t used;			/* wall; 0: never */
};

/* Never holds the code (design §5). */
struct issue {
	uint64_t id, account, admin;
	struct cs_str action;		/* empty: none */
	struct targets targets;
	struct instant issued;
	uint64_t epoch;
	int64_t life;			/* seconds */
	uint8_t nonce[16], tag[16];
	uint64_t wrong_before;		/* the account's wrong tries at issue */
	uint32_t issuer;		/* uid that asked for it */
	bool proved;			/* as one for an action of high risk has to be: by a
					 * code of an authenticator or by who vouches */
	uint64_t event;			/* that it was issued */
	/* what may change: */
	enum issue_state state;
	int64_t ended;			/* wall */
	/* A use is not in the record but in the event (store_use_issue), and from
	 * there come the two above and: */
	uint32_t ended_by;		/* uid */
	struct cs_str ended_by_name;
	uint64_t ended_event;
};

#define MEMO_KEY 16	/* bytes of a request's keyed hash */

/* The remembered answer to a request id (design §6 step 1). */
struct memo {
	uint8_t body[16];		/* MAC of the request */
	int64_t steady;			/* when answered, */
	uint64_t epoch;			/* and in which: in another it stands no more */
	enum cs_verdict verdict;
	enum cs_reason reason;
	bool shadow;
	uint64_t event, admin, account, grant;
	uint64_t issue;			/* the code's number, or the ticket's */
	int64_t wait, expires;
	struct cs_str say;		/* the sentence that went with it */
	bool in_shadow;			/* the mode that was in force */
};

enum bucket_kind {
	BUCKET_TECHNICIAN,		/* uid: wrong tries */
	BUCKET_MISHEARD,		/* uid */
	BUCKET_ACCOUNT,			/* account id: wrong tries */
	BUCKET_ISSUE,			/* admin id: codes issued */
	BUCKET_REFUSED,			/* uid: refusals of every kind */
	BUCKET_LOGIN,			/* hash of a name: failed log-ins */
	BUCKET_ADDRESS,			/* hash of a client's address: failed log-ins */
	BUCKET_DEVICE,			/* hash of a device token: failed log-ins */
	BUCKET_TICKET,			/* admin id: tickets opened */
	BUCKET_REPLY,			/* admin id: replies to tickets */
	BUCKET_CHANGE,			/* admin id: changes that no other bucket counts */
	BUCKET_FAILED,			/* admin id: failed log-ins and proofs */
	BUCKET_SHOWN,			/* admin id: live codes shown again */
	BUCKET_KINDS
};
#define BUCKET_TIMES 32

/* Times are steady seconds. */
struct bucket {
	uint64_t total;			/* ever */
	uint64_t filled;		/* total when it last became full */
	unsigned n;
	int64_t at[BUCKET_TIMES];	/* the latest n, oldest first */
	int64_t day;			/* when the present day began */
	unsigned today;
};

enum grant_from {
	GRANT_FROM_NOTHING, GRANT_FROM_CODE, GRANT_FROM_AUTHENTICATOR, GRANT_FROM_TICKET
};

struct grant {
	uint64_t id, account, admin;
	uint32_t technician;
	struct cs_str action;
	struct targets targets;
	struct instant issued;
	uint64_t epoch;
	int64_t life;
	uint8_t nonce[16];
	uint64_t event;			/* the verification it comes from */
	bool shadow;
	/* what may change: */
	uint64_t spent_event;		/* what spent it; 0: unspent */
	/* what it was given for, against a policy that asks for more since: */
	enum grant_from from;
	bool named_action;		/* by a code or a ticket with proof */
	bool named_target;		/* by the code or the ticket */
};

/* A technician who has asked; written once a minute at most. */
struct seen {
	uint32_t uid;
	struct cs_str name;		/* as the name service gave it last */
	int64_t first, last;		/* wall, to the minute */
	bool suspended;
	uint64_t grants_ended;		/* the last grant that a suspension ended; 0: none */
};

/* When an administrator last gave a sign of life; written once a day at most. */
struct alive {
	uint64_t admin;
	int64_t steady;			/* what dormancy is counted in */
	int64_t wall;			/* for people */
};

struct call {
	uint64_t id, account;
	uint32_t technician;
	struct cs_str technician_name, action, case_id;
	struct targets targets;
	struct instant opened;
	uint64_t epoch;
	int64_t life;
};

enum event_kind {
	EVENT_VERIFY, EVENT_REDEEM, EVENT_ISSUE, EVENT_REVOKE,
	EVENT_ACCOUNT_ADD, EVENT_ADMIN_ADD, EVENT_ADMIN_REMOVE,
	EVENT_ENROLL, EVENT_CONFIRM, EVENT_START, EVENT_RELOAD, EVENT_CLOCK,
	EVENT_ACCOUNT_SUSPEND, EVENT_ACCOUNT_RESUME, EVENT_ACCOUNT_REMOVE, EVENT_ACCOUNT_FREEZE,
	EVENT_ACCOUNT_THAW, EVENT_ADMIN_SUSPEND, EVENT_ADMIN_RESUME, EVENT_ADMIN_RIGHTS,
	EVENT_ADMIN_INVITE, EVENT_ADMIN_RESET, EVENT_COOLING_WAIVE, EVENT_AUTHENTICATOR_REMOVE,
	EVENT_RESYNC, EVENT_RECOVERY, EVENT_TECHNICIAN_SUSPEND, EVENT_TECHNICIAN_RESUME,
	EVENT_POLICY_SET,
	EVENT_ADMIN_NAME, EVENT_AUTHENTICATOR_IMPORT, EVENT_AUTHENTICATOR_EXPORT, EVENT_SYNC,
	EVENT_LOG_IN, EVENT_LOG_IN_FAILED, EVENT_LOG_OUT, EVENT_PASSWORD, EVENT_INVITE_ACCEPT,
	EVENT_SESSION_END, EVENT_PROVE, EVENT_CALL_DENIED,
	EVENT_AUTHENTICATOR_RENAME, EVENT_TICKET_OPEN, EVENT_TICKET_REPLY, EVENT_TICKET_CLOSE,
	EVENT_KINDS
};

/* Misheard and throttled answers of one technician, or log-ins that a panel
 * was refused, in one minute. */
struct tally {
	int64_t minute;			/* wall / 60 */
	uint32_t technician;		/* or the panel's uid */
	enum event_kind kind;
	enum cs_reason reason;
	struct cs_str technician_name;
	unsigned count;
};

struct audit_event {
	uint64_t id;
	int64_t time;			/* wall */
	enum event_kind kind;
	bool has_verdict;		/* verdict, reason and shadow say something */
	enum cs_verdict verdict;
	enum cs_reason reason;
	bool shadow;
	uint64_t account_id, admin_id;	/* 0: none */
	struct cs_str account;		/* the name then; as typed, at most TEXT_MAX_LEN
					 * bytes of it, when unknown */
	struct cs_str action;
	struct targets targets;
	struct cs_str admin, admin_name;	/* as they were then */
	uint32_t technician;
	struct cs_str technician_name;
	uint32_t asserter;		/* uid of the peer */
	struct cs_str credential;	/* "I42", "A7", "T4821", "G9" */
	struct cs_str case_id;
	struct cs_str client;		/* issuer's client address */
	unsigned count;			/* for summed events, else 1 */
	struct cs_str note;
};

/* Numbers that the store gives out, each kind from 1. */
enum sequence {
	SEQ_ACCOUNT, SEQ_ADMIN, SEQ_AUTHENTICATOR, SEQ_ISSUE, SEQ_GRANT, SEQ_CALL, SEQ_EVENT,
	SEQ_RUN, SEQ_SESSION, SEQ_TICKET,
	SEQ_MEMO,
	SEQUENCES
};

/* Written with each commit. */
struct tail {
	uint64_t last[SEQUENCES];	/* the last number given out; 0: none */
	struct clock_record clock;
};

/* encode: writes at most cap bytes, sets *len on CS_OK; CS_ERR_LIMIT when a
 * string or list is longer than allowed or it does not fit, CS_ERR_FORMAT for
 * an enum out of range.
 * decode: CS_ERR_FORMAT, and the record all zero, for anything encode would
 * not have written.  A decoded list's strings past its n are unspecified. */
#define RECORD_CODEC(type) \
	enum cs_err record_encode_##type(const struct type *, uint8_t *buf, size_t cap, \
	    size_t *len); \
	enum cs_err record_decode_##type(const uint8_t *buf, size_t len, struct type *)
RECORD_CODEC(account);
RECORD_CODEC(admin);
RECORD_CODEC(member);
RECORD_CODEC(authenticator);
RECORD_CODEC(authenticator_state);
RECORD_CODEC(issue);
RECORD_CODEC(memo);
RECORD_CODEC(bucket);
RECORD_CODEC(tally);
RECORD_CODEC(grant);
RECORD_CODEC(call);
RECORD_CODEC(audit_event);
RECORD_CODEC(tail);
RECORD_CODEC(invite);
RECORD_CODEC(recovery);
RECORD_CODEC(seen);
RECORD_CODEC(overrides);
RECORD_CODEC(alive);
RECORD_CODEC(password);
RECORD_CODEC(session);
RECORD_CODEC(ticket);
RECORD_CODEC(entry_text);

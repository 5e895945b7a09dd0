/* SPDX-License-Identifier: ISC
 *
 * The store: byte tables under one write transaction a batch (store_lmdb.c),
 * and above them typed records for handlers (store.c).  One process, one
 * thread.  Nothing outside store_lmdb.c names LMDB.
 *
 * A handler reads, decides, then stages its writes; it does not see its own
 * staged writes.  store_keep makes them part of the batch and visible to later
 * requests, store_drop forgets them, store_commit makes the batch durable.
 * Views (struct bytes, struct cs_str in records) stay valid until the next
 * store_keep or store_commit.
 */
#pragma once

#include "clock.h"
#include "record.h"

#include "../lib/err.h"

struct conf;
struct store;

struct bytes {
	const void *p;
	size_t len;
};

/* Keys are big-endian numbers, so that byte order is number order. */
enum table {
	TABLE_META,		/* name -> generation, key id, format */
	TABLE_ACCOUNT,		/* account id -> struct account; behind each its people:
				 * account id, admin id -> struct member */
	TABLE_ACCOUNT_NAME,	/* name -> account id */
	TABLE_ACCOUNT_REF,	/* ref -> account id */
	TABLE_ADMIN,		/* admin id -> struct admin */
	TABLE_ADMIN_NAME,	/* name -> admin id */
	TABLE_ADMIN_REF,	/* ref -> admin id */
	TABLE_MEMBER_OF,	/* admin id, account id -> nothing */
	TABLE_AUTHENTICATOR,	/* admin id, authenticator id -> struct authenticator */
	TABLE_AUTHENTICATOR_STATE, /* authenticator id -> struct authenticator_state */
	TABLE_SPENT,		/* 16-byte hash of a removed secret -> a number */
	TABLE_ISSUE,		/* issue id -> struct issue */
	TABLE_MEMO,		/* memo number -> 16-byte request key, struct memo */
	TABLE_BUCKET,		/* kind, subject -> struct bucket */
	TABLE_TALLY,		/* minute, technician uid, kind, reason -> struct tally */
	TABLE_GRANT,		/* grant id -> struct grant */
	TABLE_GRANT_OF,		/* account id, admin id, grant id -> nothing */
	TABLE_GRANTS_ENDED,	/* account id, admin id or 0: all -> number of the last one */
	TABLE_CALL,		/* account id, technician uid -> struct call */
	TABLE_EVENT,		/* event id -> leaf hash, struct audit_event */
	TABLE_INVITE,		/* admin id -> struct invite */
	TABLE_RECOVERY,		/* admin id -> struct recovery */
	TABLE_SEEN,		/* technician uid -> struct seen */
	TABLE_OVERRIDES,	/* account id -> struct overrides */
	TABLE_ALIVE,		/* admin id -> struct alive */
	TABLE_PASSWORD,		/* admin id -> struct password */
	TABLE_SESSION,		/* admin id, session id -> struct session */
	TABLE_SESSION_HASH,	/* 16-byte hash -> admin id, session id */
	TABLE_TICKET,		/* ticket id -> struct ticket */
	TABLE_TICKET_OF,	/* account id, closed, ~ticket id -> nothing */
	TABLE_ENTRY_TEXT,	/* ticket id, number -> struct entry_text */
	TABLE_EVENT_OF,		/* account id, event id -> nothing */
	TABLES
};

enum outcome {
	OUTCOME_UNKNOWN = 0,	/* the disk may or may not have it: fatal after
				 * the replies */
	OUTCOME_NOTHING,	/* nothing of the batch was kept */
	OUTCOME_DURABLE,
};

/* The engine: store_lmdb.c. */

/* Opens conf's state-dir, makes it on first use, refuses a second opener, a
 * network file system and a database that does not walk cleanly.  It forks for
 * that walk, so call it before there are threads.  Faults are logged with what
 * to do next: CS_ERR_CONFIG for what the operator has to mend, CS_ERR_EXISTS
 * for a second opener, else CS_ERR_SYSTEM, CS_ERR_IO, CS_ERR_NOMEM, CS_ERR_FULL. */
enum cs_err store_open(const struct conf *, struct store **);
/* CS_ERR_IO is fatal; after another error nothing is begun. */
enum cs_err store_begin(struct store *);
/* As store_begin for an operator's request that must work in a full store:
 * it may use the reserve (64 MiB of map; where the disk was full, a MiB of a
 * file kept for that). */
enum cs_err store_begin_reserve(struct store *);
enum cs_err store_get(struct store *, enum table, struct bytes key, struct bytes *val);
/* The first row of the table whose key starts with prefix and is greater than
 * "after" (empty: the first with that prefix).  CS_ERR_NOTFOUND at the end. */
enum cs_err store_next(struct store *, enum table, struct bytes prefix, struct bytes after,
    struct bytes *key, struct bytes *val);
/* The last such row that is less than "before"; with neither, the table's last. */
enum cs_err store_previous(struct store *, enum table, struct bytes prefix, struct bytes before,
    struct bytes *key, struct bytes *val);
void store_put(struct store *, enum table, struct bytes key, struct bytes val);	/* staged */
void store_del(struct store *, enum table, struct bytes key);	/* staged; absent is fine */
/* On any error the whole batch is lost: every later call answers the same and
 * commit OUTCOME_NOTHING, or OUTCOME_UNKNOWN after CS_ERR_IO, because that is
 * fatal.  CS_ERR_FULL, CS_ERR_IO, CS_ERR_NOMEM; CS_ERR_LIMIT and CS_ERR_FORMAT
 * for a record that has no encoding, CS_ERR_EXISTS for a name or ref that
 * another account or administrator has. */
enum cs_err store_keep(struct store *);
void store_drop(struct store *);
/* *why (may be NULL) is set unless the outcome is durable. */
void store_commit(struct store *, enum outcome *, enum cs_err *why);
/* Between batches, when the replies have left: the file grows by zeros, because
 * what is written over blocks that it has takes a shorter flush than what must
 * be given some. */
void store_grow(struct store *);
/* Between batches, each second or so: lets go of dead readers, which would pin
 * pages, and makes the reserve file again when there is room. */
void store_tick(struct store *);
void store_close(struct store *);	/* NULL is fine; a batch in hand is lost */
bool store_wrote(const struct store *);	/* has the batch any kept write? */
/* In a batch.  Pages that were freed do not count as used. */
void store_usage(struct store *, uint64_t *used_bytes, uint64_t *map_bytes);
uint64_t store_rows(struct store *, enum table);	/* in a batch */

/* The generation (16 bytes), random, made with the store, renewed by restore.
 * Valid as long as the store is open. */
const uint8_t *store_generation(const struct store *);
/* 8 bytes that tell which master key this store was made with; all zero in a
 * fresh store.  In a batch or outside of one. */
enum cs_err store_key_id(struct store *, uint8_t id[8]);
void store_set_key_id(struct store *, const uint8_t id[8]);	/* staged */

/* Numbers and time: kept in the "tail" record with each commit. */

/* The next number, from 1; given back by store_drop and by a lost batch. */
uint64_t store_new_id(struct store *, enum sequence);
/* How many were ever given out, this batch's kept requests included. */
uint64_t store_count(const struct store *, enum sequence);
/* As of the last commit. */
const struct clock_record *store_clock(const struct store *);
/* Called in a batch, by it and not by a request: store_drop leaves it.  Kept
 * when the batch writes, else forgotten with it. */
void store_set_clock(struct store *, const struct clock_record *);

/* Typed records: store.c, store_numbers.c. */
/* get, find, next: CS_ERR_NOTFOUND, or CS_ERR_FORMAT for a damaged record;
 * *out is then untouched or all zero. */

/* Accounts and administrators are never deleted, so an id that leads to none is
 * damage: get says CS_ERR_FORMAT where a caller might read "no more" otherwise. */
enum cs_err store_get_account(struct store *, uint64_t id, struct account *);
enum cs_err store_find_account(struct store *, struct cs_str name, struct account *);
enum cs_err store_find_account_ref(struct store *, struct cs_str ref, struct account *);
/* In the order of ids; after 0 comes the first. */
enum cs_err store_next_account(struct store *, uint64_t after, struct account *);
/* Keeps the name and ref rows in step: a changed name moves, and a removed
 * account gives both up.  So does store_put_admin. */
void store_put_account(struct store *, const struct account *);

enum cs_err store_get_admin(struct store *, uint64_t id, struct admin *);
enum cs_err store_find_admin(struct store *, struct cs_str name, struct admin *);
enum cs_err store_find_admin_ref(struct store *, struct cs_str ref, struct admin *);
/* In the order of ids, removed ones too; after 0 comes the first. */
enum cs_err store_next_admin(struct store *, uint64_t after, struct admin *);
void store_put_admin(struct store *, const struct admin *);

enum cs_err store_get_alive(struct store *, uint64_t admin, struct alive *);
void store_put_alive(struct store *, const struct alive *);
void store_del_alive(struct store *, uint64_t admin);

enum cs_err store_get_member(struct store *, uint64_t account, uint64_t admin, struct member *);
void store_put_member(struct store *, const struct member *);
void store_update_member(struct store *, const struct member *);	/* the record alone */
void store_del_member(struct store *, uint64_t account, uint64_t admin);
/* The members of an account / accounts of an administrator after an id
 * (0: the first); CS_ERR_NOTFOUND at the end. */
enum cs_err store_next_member(struct store *, uint64_t account, uint64_t after_admin,
    struct member *);
enum cs_err store_next_member_of(struct store *, uint64_t admin, uint64_t after_account,
    struct member *);
/* Of all accounts, in the order of accounts and administrators. */
enum cs_err store_next_any_member(struct store *, uint64_t after_account, uint64_t after_admin,
    struct member *);

/* Absent ones are none; none are not kept. */
enum cs_err store_get_overrides(struct store *, uint64_t account, struct overrides *);
void store_put_overrides(struct store *, const struct overrides *);

enum cs_err store_get_authenticator(struct store *, uint64_t admin, uint64_t id,
    struct authenticator *);
enum cs_err store_next_authenticator(struct store *, uint64_t admin, uint64_t after,
    struct authenticator *);
void store_put_authenticator(struct store *, const struct authenticator *);
void store_del_authenticator(struct store *, uint64_t admin, uint64_t id);	/* and its state */
/* Absent state is all zero but its id. */
enum cs_err store_get_authenticator_state(struct store *, uint64_t id,
    struct authenticator_state *);
void store_put_authenticator_state(struct store *, const struct authenticator_state *);

/* The last step or counter + 1 that was accepted of a secret whose authenticator
 * is gone, by a keyed hash of it; absent: 0.  It is kept as long as the log is. */
enum cs_err store_get_spent(struct store *, const uint8_t hash[16], int64_t *last);
void store_put_spent(struct store *, const uint8_t hash[16], int64_t last);

enum cs_err store_get_invite(struct store *, uint64_t admin, struct invite *);
void store_put_invite(struct store *, const struct invite *);
void store_del_invite(struct store *, uint64_t admin);
enum cs_err store_get_recovery(struct store *, uint64_t admin, struct recovery *);
void store_put_recovery(struct store *, const struct recovery *);
void store_del_recovery(struct store *, uint64_t admin);

/* Technicians in the order of their uids; after -1 comes the first. */
enum cs_err store_get_seen(struct store *, uint32_t uid, struct seen *);
enum cs_err store_next_seen(struct store *, int64_t after, struct seen *);
void store_put_seen(struct store *, const struct seen *);

enum cs_err store_get_issue(struct store *, uint64_t id, struct issue *);
enum cs_err store_find_issue(struct store *, const uint8_t tag[16], struct issue *);
enum cs_err store_next_issue_of(struct store *, uint64_t account, uint64_t after, struct issue *);
void store_put_issue(struct store *, const struct issue *);	/* a new one, once */
void store_update_issue(struct store *, const struct issue *);	/* the record alone */
/* A code's use is the event that says so, staged with the same request: what a
 * verification accepts is read as ISSUE_USED, and the record stays as it was. */
void store_use_issue(struct store *, uint64_t id, uint64_t event);
void store_del_issue(struct store *, const struct issue *);

void store_expect_memo(const struct store *, const uint8_t key[16]);	/* is asked for soon */
enum cs_err store_get_memo(struct store *, const uint8_t key[16], struct memo *);
void store_put_memo(struct store *, const uint8_t key[16], const struct memo *);

/* Absent buckets are all zero; absent tallies too but what they were asked by. */
enum cs_err store_get_bucket(struct store *, enum bucket_kind, uint64_t subject, struct bucket *);
void store_put_bucket(struct store *, enum bucket_kind, uint64_t subject, const struct bucket *);
void store_del_bucket(struct store *, enum bucket_kind, uint64_t subject);
/* The next of a kind after this subject. */
enum cs_err store_next_bucket(struct store *, enum bucket_kind, uint64_t after,
    uint64_t *subject, struct bucket *);
enum cs_err store_get_tally(struct store *, int64_t minute, uint32_t technician,
    enum event_kind, enum cs_reason, struct tally *);
void store_put_tally(struct store *, const struct tally *);
void store_del_tally(struct store *, const struct tally *);
enum cs_err store_next_tally(struct store *, struct bytes after_key, struct bytes *key,
    struct tally *);

enum cs_err store_get_grant(struct store *, uint64_t id, struct grant *);
/* The latest before a number: of all, or given by one person for an account. */
enum cs_err store_previous_grant(struct store *, uint64_t before, struct grant *);
enum cs_err store_previous_grant_of(struct store *, uint64_t account, uint64_t admin,
    uint64_t before, struct grant *);
void store_put_grant(struct store *, const struct grant *);	/* and index */
void store_del_grant(struct store *, const struct grant *);
/* Up to which number those of one person for an account are ended (admin 0: those
 * of all for it); 0: none are.  And ends all that were given until now. */
enum cs_err store_get_grants_ended(struct store *, uint64_t account, uint64_t admin,
    uint64_t *last);
void store_end_grants(struct store *, uint64_t account, uint64_t admin);

enum cs_err store_get_call(struct store *, uint64_t account, uint32_t technician, struct call *);
enum cs_err store_next_call(struct store *, uint64_t account, int64_t after_technician,
    struct call *);	/* -1: first */
void store_put_call(struct store *, const struct call *);
void store_del_call(struct store *, uint64_t account, uint32_t technician);

/* leaf: the 32-byte Merkle leaf hash that is kept beside the record; may be
 * NULL in get.  Events are put in the order of their ids, never changed. */
enum cs_err store_get_event(struct store *, uint64_t id, struct audit_event *, uint8_t leaf[32]);
/* An event as it is staged, until the next write: its record, and where the
 * caller puts the leaf hash of that. */
struct staged_event {
	const uint8_t *record;
	size_t len;
	uint8_t *leaf;
};
enum cs_err store_put_event(struct store *, const struct audit_event *, struct staged_event *);

/* The number before the first event of that wall time or later: numbers grow
 * with time, so it is found by halving. */
enum cs_err store_event_before(struct store *, int64_t since, uint64_t *before);

/* Walks issues/grants/calls/memos for the purge: the oldest row after "after". */
enum cs_err store_next_issue(struct store *, uint64_t after, struct issue *);
enum cs_err store_next_grant(struct store *, uint64_t after, struct grant *);
enum cs_err store_next_any_call(struct store *, uint64_t after_account, int64_t after_technician,
    struct call *);
/* The oldest memo after *number, which is set to its own. */
enum cs_err store_next_memo(struct store *, uint64_t *number, struct memo *);
void store_del_memo(struct store *, uint64_t number);

/* What the customer's page is made of: store_panel.c. */

enum cs_err store_get_password(struct store *, uint64_t admin, struct password *);
void store_put_password(struct store *, const struct password *);
void store_del_password(struct store *, uint64_t admin);

enum cs_err store_find_session(struct store *, const uint8_t hash[16], struct session *);
enum cs_err store_get_session(struct store *, uint64_t admin, uint64_t id, struct session *);
enum cs_err store_next_session(struct store *, uint64_t admin, uint64_t after, struct session *);
/* Of all administrators, in the order of administrators and sessions. */
enum cs_err store_next_any_session(struct store *, uint64_t after_admin, uint64_t after,
    struct session *);
void store_put_session(struct store *, const struct session *);	/* and hash */
void store_update_session(struct store *, const struct session *);	/* the record alone */
void store_del_session(struct store *, const struct session *);

enum cs_err store_get_ticket(struct store *, uint64_t id, struct ticket *);
enum cs_err store_next_ticket(struct store *, uint64_t after, struct ticket *);
/* The account's open or closed ones, newest first; after 0 comes the newest. */
enum cs_err store_next_ticket_of(struct store *, uint64_t account, bool closed, uint64_t after,
    struct ticket *);
void store_put_ticket(struct store *, const struct ticket *);	/* and index */
void store_update_ticket(struct store *, const struct ticket *);	/* closed as before */
void store_del_ticket(struct store *, const struct ticket *);	/* and index; no entries */

/* What was said in a ticket, from the first on (after 0). */
enum cs_err store_next_entry_text(struct store *, uint64_t ticket, uint64_t after,
    struct entry_text *);
void store_put_entry_text(struct store *, const struct entry_text *);
void store_del_entry_text(struct store *, uint64_t ticket, uint64_t n);

/* Events by account, as far as they are indexed: up to that event. */
enum cs_err store_indexed(struct store *, uint64_t *event);
void store_set_indexed(struct store *, uint64_t event);
void store_index_event(struct store *, uint64_t account, uint64_t event);
/* The latest before *event. */
enum cs_err store_last_event_of(struct store *, uint64_t account, uint64_t *event);

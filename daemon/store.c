/* SPDX-License-Identifier: ISC
 *
 * Typed records over an engine's byte tables.  It keeps the index rows in step
 * with the records, takes an index that points nowhere for damage, and decides
 * nothing.
 */
#include "store_engine.h"

#include "store_rows.h"

#include <string.h>

#define LEAF_LEN 32

static struct bytes str_bytes(struct cs_str s)
{
	return store_bytes(s.p, s.len);
}

static const struct bytes NOTHING = { "", 0 };

DEFINE_ROWS(account)
DEFINE_ROWS(admin)
DEFINE_ROWS(member)
DEFINE_ROWS(authenticator)
DEFINE_ROWS(authenticator_state)
DEFINE_ROWS(bucket)
DEFINE_ROWS(tally)
DEFINE_ROWS(call)
DEFINE_ROWS(invite)
DEFINE_ROWS(recovery)
DEFINE_ROWS(seen)
DEFINE_ROWS(overrides)
DEFINE_ROWS(alive)
DEFINE_NEXT(account)
DEFINE_NEXT(admin)
DEFINE_NEXT(member)
DEFINE_NEXT(authenticator)
DEFINE_NEXT(call)
DEFINE_NEXT(seen)

static const struct rowkey WHOLE_TABLE = { .len = 0 };

void store_put_key(struct store *store, enum table table, struct rowkey key)
{
	store_put(store, table, rowkey_bytes(&key), NOTHING);
}

void store_del_key(struct store *store, enum table table, struct rowkey key)
{
	store_del(store, table, rowkey_bytes(&key));
}

enum cs_err store_follow(enum cs_err e)
{
	return e == CS_ERR_NOTFOUND ? CS_ERR_FORMAT : e;
}

/* The number at the end of the next key that begins with "of", after "after". */
static enum cs_err next_number(struct store *store, enum table table, uint64_t of,
    uint64_t after, uint64_t *number)
{
	struct rowkey prefix = rowkey1(of), from = rowkey2(of, after);
	struct bytes key, val;
	enum cs_err e = store_next(store, table, rowkey_bytes(&prefix), rowkey_bytes(&from),
	    &key, &val);

	if (e == CS_OK && key.len != 2 * ROWKEY_NUMBER)
		e = CS_ERR_FORMAT;
	if (e == CS_OK)
		*number = rowkey_number(key, ROWKEY_NUMBER, ROWKEY_NUMBER);
	return e;
}

enum cs_err store_find_id(struct store *store, enum table table, struct bytes key, uint64_t *id)
{
	struct bytes val;
	enum cs_err e = store_get(store, table, key, &val);

	if (e == CS_OK && !rowkey_is_short(val))
		e = CS_ERR_FORMAT;
	if (e == CS_OK)
		*id = rowkey_number(val, 0, (unsigned)val.len);
	return e;
}

static enum cs_err find_name(struct store *store, enum table table, struct cs_str name,
    uint64_t *id)
{
	if (name.len == 0 || name.len > NAME_MAX_LEN)
		return CS_ERR_NOTFOUND;
	return store_find_id(store, table, str_bytes(name), id);
}

void store_put_id(struct store *store, enum table table, struct bytes key, uint64_t id)
{
	struct rowkey val = rowkey_short(id);

	store_put(store, table, key, rowkey_bytes(&val));
}

/* The name that a record of this standing holds; a removed one holds none. */
static struct cs_str held(enum standing standing, struct cs_str name)
{
	return standing == STANDING_REMOVED ? (struct cs_str){ NULL, 0 } : name;
}

static void move_name(struct store *store, enum table table, uint64_t id, struct cs_str from,
    struct cs_str to)
{
	uint64_t other = id;
	enum cs_err e;

	if (cs_str_same(from, to))
		return;
	if (from.len > 0)
		store_del(store, table, str_bytes(from));
	if (to.len == 0)
		return;
	e = find_name(store, table, to, &other);
	if (e != CS_ERR_NOTFOUND)
		stage_fail(&store->stage, e);
	if (other != id)
		stage_fail(&store->stage, CS_ERR_EXISTS);
	store_put_id(store, table, str_bytes(to), id);
}

#define DEFINE_NAMED(type, TABLE) \
	enum cs_err store_get_##type(struct store *store, uint64_t id, struct type *out) \
	{ \
		return store_follow(read_##type(store, TABLE, rowkey1(id), out)); \
	} \
	enum cs_err store_find_##type(struct store *store, struct cs_str name, struct type *out) \
	{ \
		struct bytes key = str_bytes(name); \
		uint64_t id = hint_get(&store->hints, TABLE, key); \
		enum cs_err e; \
\
		if (id != 0 && name.len > 0 && store_get_##type(store, id, out) == CS_OK && \
		    cs_str_same(held(out->standing, out->name), name)) \
			return CS_OK; \
		*out = (struct type){ .id = 0 }; \
		e = find_name(store, TABLE##_NAME, name, &id); \
		if (e != CS_OK) \
			return e; \
		hint_put(&store->hints, TABLE, key, id); \
		return store_get_##type(store, id, out); \
	} \
	enum cs_err store_find_##type##_ref(struct store *store, struct cs_str ref, \
	    struct type *out) \
	{ \
		uint64_t id; \
		enum cs_err e = find_name(store, TABLE##_REF, ref, &id); \
\
		return e != CS_OK ? e : store_get_##type(store, id, out); \
	} \
	void store_put_##type(struct store *store, const struct type *in) \
	{ \
		struct type old = { .standing = STANDING_REMOVED }; \
		enum cs_err e = read_##type(store, TABLE, rowkey1(in->id), &old); \
\
		if (e != CS_OK && e != CS_ERR_NOTFOUND) \
			stage_fail(&store->stage, e); \
		move_name(store, TABLE##_NAME, in->id, held(old.standing, old.name), \
		    held(in->standing, in->name)); \
		move_name(store, TABLE##_REF, in->id, held(old.standing, old.ref), \
		    held(in->standing, in->ref)); \
		write_##type(store, TABLE, rowkey1(in->id), in); \
	}

DEFINE_NAMED(account, TABLE_ACCOUNT)
DEFINE_NAMED(admin, TABLE_ADMIN)

enum cs_err store_next_account(struct store *store, uint64_t after, struct account *out)
{
	return next_account(store, TABLE_ACCOUNT, WHOLE_TABLE, rowkey2(after, ROWKEY_NUMBER_MAX),
	    out);
}

enum cs_err store_next_admin(struct store *store, uint64_t after, struct admin *out)
{
	return next_admin(store, TABLE_ADMIN, WHOLE_TABLE, rowkey1(after), out);
}

enum cs_err store_get_alive(struct store *store, uint64_t admin, struct alive *out)
{
	return read_alive(store, TABLE_ALIVE, rowkey1(admin), out);
}

void store_put_alive(struct store *store, const struct alive *in)
{
	write_alive(store, TABLE_ALIVE, rowkey1(in->admin), in);
}

void store_del_alive(struct store *store, uint64_t admin)
{
	store_del_key(store, TABLE_ALIVE, rowkey1(admin));
}

enum cs_err store_get_member(struct store *store, uint64_t account, uint64_t admin,
    struct member *out)
{
	return read_member(store, TABLE_ACCOUNT, rowkey2(account, admin), out);
}

void store_update_member(struct store *store, const struct member *in)
{
	write_member(store, TABLE_ACCOUNT, rowkey2(in->account, in->admin), in);
}

void store_put_member(struct store *store, const struct member *in)
{
	store_update_member(store, in);
	store_put_key(store, TABLE_MEMBER_OF, rowkey2(in->admin, in->account));
}

void store_del_member(struct store *store, uint64_t account, uint64_t admin)
{
	store_del_key(store, TABLE_ACCOUNT, rowkey2(account, admin));
	store_del_key(store, TABLE_MEMBER_OF, rowkey2(admin, account));
}

enum cs_err store_next_member(struct store *store, uint64_t account, uint64_t after_admin,
    struct member *out)
{
	return next_member(store, TABLE_ACCOUNT, rowkey1(account),
	    rowkey2(account, after_admin), out);
}

enum cs_err store_next_member_of(struct store *store, uint64_t admin, uint64_t after_account,
    struct member *out)
{
	uint64_t account;
	enum cs_err e = next_number(store, TABLE_MEMBER_OF, admin, after_account, &account);

	return e != CS_OK ? e : store_follow(store_get_member(store, account, admin, out));
}

enum cs_err store_get_overrides(struct store *store, uint64_t account, struct overrides *out)
{
	enum cs_err e = read_overrides(store, TABLE_OVERRIDES, rowkey1(account), out);

	if (e != CS_ERR_NOTFOUND)
		return e;
	out->account = account;
	out->n = 0;
	return CS_OK;
}

void store_put_overrides(struct store *store, const struct overrides *in)
{
	if (in->n == 0)
		store_del_key(store, TABLE_OVERRIDES, rowkey1(in->account));
	else
		write_overrides(store, TABLE_OVERRIDES, rowkey1(in->account), in);
}

enum cs_err store_next_any_member(struct store *store, uint64_t after_account, uint64_t after_admin,
    struct member *out)
{
	struct rowkey from = rowkey2(after_account, after_admin);
	struct bytes key, val;
	enum cs_err e;

	/* The accounts' own rows lie between. */
	e = store_next(store, TABLE_ACCOUNT, NOTHING, rowkey_bytes(&from), &key, &val);
	while (e == CS_OK && key.len == ROWKEY_NUMBER) {
		from = rowkey1(rowkey_number(key, 0, ROWKEY_NUMBER));
		e = store_next(store, TABLE_ACCOUNT, NOTHING, rowkey_bytes(&from), &key, &val);
	}
	return e != CS_OK ? e : record_decode_member(val.p, val.len, out);
}

enum cs_err store_get_authenticator(struct store *store, uint64_t admin, uint64_t id,
    struct authenticator *out)
{
	return read_authenticator(store, TABLE_AUTHENTICATOR, rowkey2(admin, id), out);
}

enum cs_err store_next_authenticator(struct store *store, uint64_t admin, uint64_t after,
    struct authenticator *out)
{
	return next_authenticator(store, TABLE_AUTHENTICATOR, rowkey1(admin),
	    rowkey2(admin, after), out);
}

void store_put_authenticator(struct store *store, const struct authenticator *in)
{
	write_authenticator(store, TABLE_AUTHENTICATOR, rowkey2(in->admin, in->id), in);
}

void store_del_authenticator(struct store *store, uint64_t admin, uint64_t id)
{
	store_del_key(store, TABLE_AUTHENTICATOR, rowkey2(admin, id));
	store_del_key(store, TABLE_AUTHENTICATOR_STATE, rowkey1(id));
}

enum cs_err store_get_authenticator_state(struct store *store, uint64_t id,
    struct authenticator_state *out)
{
	enum cs_err e =
	    read_authenticator_state(store, TABLE_AUTHENTICATOR_STATE, rowkey1(id), out);

	if (e != CS_ERR_NOTFOUND)
		return e;
	*out = (struct authenticator_state){ .id = id };
	return CS_OK;
}

void store_put_authenticator_state(struct store *store, const struct authenticator_state *in)
{
	write_authenticator_state(store, TABLE_AUTHENTICATOR_STATE, rowkey1(in->id), in);
}

enum cs_err store_get_spent(struct store *store, const uint8_t hash[16], int64_t *last)
{
	uint64_t n = 0;
	enum cs_err e = store_find_id(store, TABLE_SPENT, store_bytes(hash, 16), &n);

	*last = (int64_t)n;
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

void store_put_spent(struct store *store, const uint8_t hash[16], int64_t last)
{
	store_put_id(store, TABLE_SPENT, store_bytes(hash, 16), (uint64_t)last);
}

enum cs_err store_get_invite(struct store *store, uint64_t admin, struct invite *out)
{
	return read_invite(store, TABLE_INVITE, rowkey1(admin), out);
}

void store_put_invite(struct store *store, const struct invite *in)
{
	write_invite(store, TABLE_INVITE, rowkey1(in->admin), in);
}

void store_del_invite(struct store *store, uint64_t admin)
{
	store_del_key(store, TABLE_INVITE, rowkey1(admin));
}

enum cs_err store_get_recovery(struct store *store, uint64_t admin, struct recovery *out)
{
	return read_recovery(store, TABLE_RECOVERY, rowkey1(admin), out);
}

void store_put_recovery(struct store *store, const struct recovery *in)
{
	write_recovery(store, TABLE_RECOVERY, rowkey1(in->admin), in);
}

void store_del_recovery(struct store *store, uint64_t admin)
{
	store_del_key(store, TABLE_RECOVERY, rowkey1(admin));
}

/* Technician -1 comes before every technician. */
static struct rowkey seen_key(int64_t uid)
{
	struct rowkey key = { .len = 0 };

	if (uid >= 0)
		rowkey_add(&key, (uint64_t)uid, 4);
	return key;
}

enum cs_err store_get_seen(struct store *store, uint32_t uid, struct seen *out)
{
	return read_seen(store, TABLE_SEEN, seen_key(uid), out);
}

enum cs_err store_next_seen(struct store *store, int64_t after, struct seen *out)
{
	return next_seen(store, TABLE_SEEN, WHOLE_TABLE, seen_key(after), out);
}

void store_put_seen(struct store *store, const struct seen *in)
{
	write_seen(store, TABLE_SEEN, seen_key(in->uid), in);
}

static struct rowkey bucket_key(enum bucket_kind kind, uint64_t subject)
{
	struct rowkey key = { .len = 0 };

	rowkey_add(&key, kind, 1);
	rowkey_add(&key, subject, 8);
	return key;
}

enum cs_err store_get_bucket(struct store *store, enum bucket_kind kind, uint64_t subject,
    struct bucket *out)
{
	enum cs_err e = read_bucket(store, TABLE_BUCKET, bucket_key(kind, subject), out);

	if (e != CS_ERR_NOTFOUND)
		return e;
	*out = (struct bucket){ .total = 0 };
	return CS_OK;
}

void store_put_bucket(struct store *store, enum bucket_kind kind, uint64_t subject,
    const struct bucket *in)
{
	write_bucket(store, TABLE_BUCKET, bucket_key(kind, subject), in);
}

void store_del_bucket(struct store *store, enum bucket_kind kind, uint64_t subject)
{
	store_del_key(store, TABLE_BUCKET, bucket_key(kind, subject));
}

enum cs_err store_next_bucket(struct store *store, enum bucket_kind kind, uint64_t after,
    uint64_t *subject, struct bucket *out)
{
	struct rowkey prefix = { .len = 0 }, from = bucket_key(kind, after);
	struct bytes key, val;
	enum cs_err e;

	rowkey_add(&prefix, kind, 1);
	e = store_next(store, TABLE_BUCKET, rowkey_bytes(&prefix), rowkey_bytes(&from), &key, &val);
	if (e != CS_OK)
		return e;
	if (key.len != 9)
		return CS_ERR_FORMAT;
	*subject = rowkey_number(key, 1, 8);
	return record_decode_bucket(val.p, val.len, out);
}

static struct rowkey tally_key(int64_t minute, uint32_t technician, enum event_kind kind,
    enum cs_reason reason)
{
	struct rowkey key = rowkey1((uint64_t)minute);

	rowkey_add(&key, technician, 4);
	rowkey_add(&key, kind, 1);
	rowkey_add(&key, reason, 1);
	return key;
}

enum cs_err store_get_tally(struct store *store, int64_t minute, uint32_t technician,
    enum event_kind kind, enum cs_reason reason, struct tally *out)
{
	enum cs_err e = read_tally(store, TABLE_TALLY, tally_key(minute, technician, kind, reason),
	    out);

	if (e != CS_ERR_NOTFOUND)
		return e;
	*out = (struct tally){ .minute = minute, .technician = technician, .kind = kind,
		.reason = reason };
	return CS_OK;
}

void store_put_tally(struct store *store, const struct tally *in)
{
	write_tally(store, TABLE_TALLY,
	    tally_key(in->minute, in->technician, in->kind, in->reason), in);
}

void store_del_tally(struct store *store, const struct tally *in)
{
	store_del_key(store, TABLE_TALLY,
	    tally_key(in->minute, in->technician, in->kind, in->reason));
}

enum cs_err store_next_tally(struct store *store, struct bytes after_key, struct bytes *key,
    struct tally *out)
{
	struct bytes val;
	enum cs_err e = store_next(store, TABLE_TALLY, NOTHING, after_key, key, &val);

	return e != CS_OK ? e : record_decode_tally(val.p, val.len, out);
}

/* Technician -1 comes before every technician of the account. */
static struct rowkey call_key(uint64_t account, int64_t technician)
{
	struct rowkey key = rowkey1(account);

	if (technician >= 0)
		rowkey_add(&key, (uint64_t)technician, 4);
	return key;
}

enum cs_err store_get_call(struct store *store, uint64_t account, uint32_t technician,
    struct call *out)
{
	return read_call(store, TABLE_CALL, call_key(account, technician), out);
}

enum cs_err store_next_call(struct store *store, uint64_t account, int64_t after_technician,
    struct call *out)
{
	return next_call(store, TABLE_CALL, rowkey1(account),
	    call_key(account, after_technician), out);
}

enum cs_err store_next_any_call(struct store *store, uint64_t after_account,
    int64_t after_technician, struct call *out)
{
	return next_call(store, TABLE_CALL, WHOLE_TABLE,
	    call_key(after_account, after_technician), out);
}

void store_put_call(struct store *store, const struct call *in)
{
	write_call(store, TABLE_CALL, call_key(in->account, in->technician), in);
}

void store_del_call(struct store *store, uint64_t account, uint32_t technician)
{
	store_del_key(store, TABLE_CALL, call_key(account, technician));
}

/* An event's row is the leaf hash, then the record. */

enum cs_err store_get_event(struct store *store, uint64_t id, struct audit_event *out,
    uint8_t leaf[32])
{
	struct rowkey key = rowkey1(id);
	struct bytes val;
	enum cs_err e = store_get(store, TABLE_EVENT, rowkey_bytes(&key), &val);

	if (e == CS_OK && val.len < LEAF_LEN)
		e = CS_ERR_FORMAT;
	if (e != CS_OK)
		return e;
	if (leaf != NULL)
		memcpy(leaf, val.p, LEAF_LEN);
	return record_decode_audit_event((const uint8_t *)val.p + LEAF_LEN,
	    val.len - LEAF_LEN, out);
}

enum cs_err store_event_before(struct store *store, int64_t since, uint64_t *before)
{
	uint64_t low = 0, high = store_count(store, SEQ_EVENT);
	struct audit_event event;

	while (low < high) {
		uint64_t middle = low + (high - low + 1) / 2;
		enum cs_err e = store_get_event(store, middle, &event, NULL);

		if (e != CS_OK && e != CS_ERR_NOTFOUND)
			return e;
		if (e == CS_OK && event.time >= since)
			high = middle - 1;
		else
			low = middle;
	}
	*before = low;
	return CS_OK;
}

enum cs_err store_put_event(struct store *store, const struct audit_event *in,
    struct staged_event *out)
{
	struct rowkey key = rowkey1(in->id);
	uint8_t *room = stage_room(&store->stage, TABLE_EVENT, rowkey_bytes(&key),
	    LEAF_LEN + RECORD_MAX);
	size_t len = 0;

	if (room == NULL)
		return store->stage.err;
	memset(room, 0, LEAF_LEN);
	stage_fail(&store->stage, record_encode_audit_event(in, room + LEAF_LEN, RECORD_MAX, &len));
	stage_fill(&store->stage, LEAF_LEN + len);
	*out = (struct staged_event){ .record = room + LEAF_LEN, .len = len, .leaf = room };
	return store->stage.err;
}

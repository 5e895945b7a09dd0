/* SPDX-License-Identifier: ISC
 *
 * Typed records of what each verification finds or writes, each found through
 * an index in memory (numbers.c): codes by their tags and by their accounts, a
 * code's use by the code, answers by their requests.  Like store.c it decides nothing.
 */
#include "name.h"
#include "store_rows.h"

#include <string.h>

DEFINE_ROWS(issue)
DEFINE_NEXT(issue)

static const struct rowkey WHOLE_TABLE = { .len = 0 };

_Static_assert(ROWKEY_NUMBER == 5, "numbers.c has 40 bits of a number");

static uint64_t first_bytes(const void *hash)
{
	return rowkey_number(store_bytes(hash, 8), 0, 8);
}

/* Numbers come in order: one multiplication spreads them (Knuth, vol. 3, §6.4). */
static uint64_t spread(uint64_t number)
{
	return number * 0x9e3779b97f4a7c15;
}

static void add_index(struct store *store, enum index i, uint64_t hash, uint64_t number)
{
	stage_fail(&store->stage, numbers_add(&store->index[i], hash, number));
}

static void remove_index(struct store *store, enum index i, uint64_t hash, uint64_t number)
{
	stage_fail(&store->stage, numbers_remove(&store->index[i], hash, number));
}

/* Which code this event used; 0: none. */
static uint64_t used_code(const struct audit_event *event)
{
	uint64_t issue = 0;

	if (event->kind != EVENT_VERIFY || event->verdict != CS_ACCEPTED ||
	    !number_parse('I', event->credential, &issue))
		return 0;
	return issue;
}

static enum cs_err find_use(struct store *store, uint64_t issue, struct audit_event *use)
{
	uint64_t id = UINT64_MAX;

	while ((id = numbers_find(&store->index[INDEX_USE], spread(issue), id)) != 0) {
		enum cs_err e = store_get_event(store, id, use, NULL);

		if (e != CS_OK)
			return store_follow(e);
		if (used_code(use) == issue)
			return CS_OK;
	}
	return CS_ERR_NOTFOUND;
}

/* Completes a record that was read: its use is not in it. */
static enum cs_err add_use(struct store *store, struct issue *out)
{
	struct audit_event use CS_UNCLEARED;
	enum cs_err e = find_use(store, out->id, &use);

	out->ended_by = 0;
	out->ended_by_name = (struct cs_str){ 0 };
	out->ended_event = 0;
	if (e == CS_ERR_NOTFOUND)
		return CS_OK;
	if (e != CS_OK) {
		*out = (struct issue){ .id = 0 };
		return e;
	}
	out->state = ISSUE_USED;
	out->ended = use.time;
	out->ended_by = use.technician;
	out->ended_by_name = use.technician_name;
	out->ended_event = use.id;
	return CS_OK;
}

enum cs_err store_get_issue(struct store *store, uint64_t id, struct issue *out)
{
	enum cs_err e;

	numbers_expect(&store->index[INDEX_USE], spread(id));
	e = read_issue(store, TABLE_ISSUE, rowkey1(id), out);
	return e != CS_OK ? e : add_use(store, out);
}

/* The latest of them: an earlier one of the same tag is dead. */
enum cs_err store_find_issue(struct store *store, const uint8_t tag[16], struct issue *out)
{
	uint64_t id = UINT64_MAX;

	while ((id = numbers_find(&store->index[INDEX_ISSUE], first_bytes(tag), id)) != 0) {
		enum cs_err e = store_get_issue(store, id, out);

		if (e == CS_OK && memcmp(out->tag, tag, sizeof(out->tag)) != 0)
			continue;
		if (e != CS_ERR_NOTFOUND)
			return e;
	}
	*out = (struct issue){ .id = 0 };
	return CS_ERR_NOTFOUND;
}

enum cs_err store_next_issue_of(struct store *store, uint64_t account, uint64_t after,
    struct issue *out)
{
	while ((after = numbers_next(&store->index[INDEX_ISSUE_OF], spread(account), after)) != 0) {
		enum cs_err e = store_get_issue(store, after, out);

		if (e == CS_OK && out->account != account)
			continue;
		if (e != CS_ERR_NOTFOUND)
			return e;
	}
	*out = (struct issue){ .id = 0 };
	return CS_ERR_NOTFOUND;
}

enum cs_err store_next_issue(struct store *store, uint64_t after, struct issue *out)
{
	enum cs_err e = next_issue(store, TABLE_ISSUE, WHOLE_TABLE, rowkey1(after), out);

	return e != CS_OK ? e : add_use(store, out);
}

void store_put_issue(struct store *store, const struct issue *in)
{
	store_update_issue(store, in);
	add_index(store, INDEX_ISSUE, first_bytes(in->tag), in->id);
	add_index(store, INDEX_ISSUE_OF, spread(in->account), in->id);
}

void store_update_issue(struct store *store, const struct issue *in)
{
	write_issue(store, TABLE_ISSUE, rowkey1(in->id), in);
}

void store_use_issue(struct store *store, uint64_t id, uint64_t event)
{
	if (event == 0)		/* unwritten, it would be forgotten */
		stage_fail(&store->stage, CS_ERR_FORMAT);
	add_index(store, INDEX_USE, spread(id), event);
}

void store_del_issue(struct store *store, const struct issue *in)
{
	store_del_key(store, TABLE_ISSUE, rowkey1(in->id));
	remove_index(store, INDEX_ISSUE, first_bytes(in->tag), in->id);
	remove_index(store, INDEX_ISSUE_OF, spread(in->account), in->id);
	if (in->state == ISSUE_USED)
		remove_index(store, INDEX_USE, spread(in->id), in->ended_event);
}

/* When the store is opened: of a row that is durable. */
static enum cs_err index_row(struct store *store, enum index i, uint64_t hash, uint64_t number)
{
	enum cs_err e = numbers_add(&store->index[i], hash, number);

	if (e == CS_OK) {
		numbers_keep(&store->index[i]);
		numbers_settle(&store->index[i]);
	}
	return e;
}

/* No code that is kept was used before the oldest of them was issued.  A use
 * may be of one that was deleted since; an event that is not there is damage. */
static enum cs_err index_uses(struct store *store, uint64_t before)
{
	struct audit_event event CS_UNCLEARED;
	struct issue issue CS_UNCLEARED;

	for (uint64_t id = before + 1; id <= store->durable.last[SEQ_EVENT]; id++) {
		enum cs_err e = store_follow(store_get_event(store, id, &event, NULL));

		if (e == CS_OK && used_code(&event) != 0)
			e = store_get_issue(store, used_code(&event), &issue);
		else if (e == CS_OK)
			continue;
		if (e == CS_OK)
			e = index_row(store, INDEX_USE, spread(issue.id), id);
		if (e != CS_OK && e != CS_ERR_NOTFOUND)
			return e;
	}
	return CS_OK;
}

enum cs_err store_index_issues(struct store *store)
{
	const uint64_t last = store->durable.last[SEQ_EVENT];
	struct issue issue CS_UNCLEARED;
	uint64_t before = last;
	enum cs_err e;

	issue.id = 0;
	while ((e = store_next_issue(store, issue.id, &issue)) == CS_OK) {
		if (issue.event > last)
			return CS_ERR_FORMAT;
		if (issue.event < before)
			before = issue.event;
		e = index_row(store, INDEX_ISSUE, first_bytes(issue.tag), issue.id);
		if (e == CS_OK)
			e = index_row(store, INDEX_ISSUE_OF, spread(issue.account), issue.id);
		if (e != CS_OK)
			return e;
	}
	return e == CS_ERR_NOTFOUND ? index_uses(store, before) : e;
}

/* A memo's row is the request's key, then the record. */

static enum cs_err read_memo(struct bytes val, struct memo *out)
{
	if (val.len < MEMO_KEY)
		return CS_ERR_FORMAT;
	return record_decode_memo((const uint8_t *)val.p + MEMO_KEY, val.len - MEMO_KEY, out);
}

void store_expect_memo(const struct store *store, const uint8_t key[MEMO_KEY])
{
	numbers_expect(&store->index[INDEX_MEMO], first_bytes(key));
}

enum cs_err store_get_memo(struct store *store, const uint8_t key[MEMO_KEY], struct memo *out)
{
	uint64_t number = UINT64_MAX;

	while ((number = numbers_find(&store->index[INDEX_MEMO], first_bytes(key), number)) != 0) {
		struct rowkey row = rowkey1(number);
		struct bytes val;
		enum cs_err e = store_get(store, TABLE_MEMO, rowkey_bytes(&row), &val);

		if (e == CS_OK && val.len >= MEMO_KEY && memcmp(val.p, key, MEMO_KEY) != 0)
			continue;
		if (e != CS_ERR_NOTFOUND)
			return e != CS_OK ? e : read_memo(val, out);
	}
	return CS_ERR_NOTFOUND;
}

void store_put_memo(struct store *store, const uint8_t key[MEMO_KEY], const struct memo *in)
{
	uint64_t number = store_new_id(store, SEQ_MEMO);
	struct rowkey row = rowkey1(number);
	uint8_t *room = stage_room(&store->stage, TABLE_MEMO, rowkey_bytes(&row),
	    MEMO_KEY + RECORD_MAX);
	size_t len = 0;

	if (room == NULL)
		return;
	memcpy(room, key, MEMO_KEY);
	stage_fail(&store->stage, record_encode_memo(in, room + MEMO_KEY, RECORD_MAX, &len));
	stage_fill(&store->stage, MEMO_KEY + len);
	add_index(store, INDEX_MEMO, first_bytes(key), number);
}

static enum cs_err next_memo(struct store *store, uint64_t *number, struct bytes *val)
{
	struct rowkey from = rowkey1(*number);
	struct bytes key;
	enum cs_err e = store_next(store, TABLE_MEMO, store_bytes("", 0), rowkey_bytes(&from), &key,
	    val);

	if (e == CS_OK && (key.len != ROWKEY_NUMBER || val->len < MEMO_KEY))
		e = CS_ERR_FORMAT;
	if (e == CS_OK)
		*number = rowkey_number(key, 0, ROWKEY_NUMBER);
	return e;
}

enum cs_err store_next_memo(struct store *store, uint64_t *number, struct memo *out)
{
	struct bytes val;
	enum cs_err e = next_memo(store, number, &val);

	return e != CS_OK ? e : read_memo(val, out);
}

void store_del_memo(struct store *store, uint64_t number)
{
	struct rowkey row = rowkey1(number);
	struct bytes val;
	enum cs_err e = store_get(store, TABLE_MEMO, rowkey_bytes(&row), &val);

	if (e == CS_OK && val.len < MEMO_KEY)
		e = CS_ERR_FORMAT;
	if (e == CS_OK)
		e = numbers_remove(&store->index[INDEX_MEMO], first_bytes(val.p), number);
	if (e != CS_OK && e != CS_ERR_NOTFOUND)
		stage_fail(&store->stage, e);
	store_del_key(store, TABLE_MEMO, row);
}

enum cs_err store_index_memos(struct store *store)
{
	uint64_t number = 0;
	struct bytes val;
	enum cs_err e;

	while ((e = next_memo(store, &number, &val)) == CS_OK) {
		e = index_row(store, INDEX_MEMO, first_bytes(val.p), number);
		if (e != CS_OK)
			return e;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

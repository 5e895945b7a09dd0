/* SPDX-License-Identifier: ISC
 *
 * Writes the index of events by account and walks it backwards.
 */
#include "activity.h"

/* Rows of accounts in no order are a page each, and leave as many free ones in
 * the middle of the file: then what a batch writes lies in as many pieces. */
#define SCATTERED 64

/* How many lie elsewhere than behind those before. */
struct order {
	uint64_t highest;
	unsigned scattered;
};

static void index_one(struct store *store, const struct audit_event *event, uint64_t at,
    struct order *order)
{
	if (event->account_id == 0)
		return;
	if (event->account_id < order->highest)
		order->scattered++;
	else
		order->highest = event->account_id;
	store_index_event(store, event->account_id, at);
}

enum cs_err activity_step(struct store *store, unsigned most, bool *behind)
{
	uint64_t last = store_count(store, SEQ_EVENT), before, at;
	struct order order = { .highest = 0 };
	struct audit_event event;
	enum cs_err e = store_indexed(store, &before);

	for (at = before; e == CS_OK && at < last && at < before + most &&
	    order.scattered < SCATTERED; at++) {
		e = store_get_event(store, at + 1, &event, NULL);
		if (e == CS_OK)
			index_one(store, &event, at + 1, &order);
		if (e == CS_ERR_NOTFOUND)
			e = CS_OK;
	}
	if (e == CS_OK && at > before)
		store_set_indexed(store, at);
	*behind = e == CS_OK && at < last;
	return e;
}

/* From the log's end back to where the index ends. */
static enum cs_err look_through(struct store *store, uint64_t account, uint64_t indexed,
    uint64_t *at, unsigned *most, struct audit_event *event)
{
	while (*at > indexed + 1) {
		enum cs_err e;

		if (*most == 0)
			return CS_ERR_LIMIT;
		(*most)--;
		e = store_get_event(store, --*at, event, NULL);
		if (e == CS_ERR_NOTFOUND || (e == CS_OK && event->account_id != account))
			continue;
		return e;
	}
	return CS_ERR_NOTFOUND;
}

enum cs_err activity_previous(struct store *store, uint64_t account, uint64_t *at, unsigned *most,
    struct audit_event *event)
{
	uint64_t indexed;
	enum cs_err e = store_indexed(store, &indexed);

	if (e == CS_OK)
		e = look_through(store, account, indexed, at, most, event);
	if (e != CS_ERR_NOTFOUND)
		return e;
	if (*most == 0)
		return CS_ERR_LIMIT;
	(*most)--;
	e = store_last_event_of(store, account, at);
	return e == CS_OK ? store_get_event(store, *at, event, NULL) : e;
}

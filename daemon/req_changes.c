/* SPDX-License-Identifier: ISC
 *
 * Changes: wakes the customer's pages.  It tells the panel that something
 * happened to somebody, under a name that means nothing without a session of
 * that account's: what happened is then asked for with the session.
 */
#include "handlers.h"

#include "channel.h"

#define LOOKED_AT_ONCE 500	/* events */

/* How far this stream has come. */
struct place {
	uint64_t event, opening;
};

static struct place place_of(const struct request *r)
{
	struct place place = { store_count(r->store, SEQ_EVENT), r->openings->n };

	cursor_load(r->cursor, &place, sizeof(place));
	return place;
}

/* account 0: any of them. */
static enum cs_err put_channel(struct request *r, uint64_t account)
{
	struct cs_writer *w = reply_begin(r, true);
	char name[CHANNEL_TEXT];

	if (account != 0) {
		channel_name(r->vault, account, name);
		cs_put_string(w, "channel", cs_str(name));
	}
	return reply_end(r);
}

/* Several events of one request are about one account. */
static enum cs_err put_events(struct request *r, struct place *place)
{
	uint64_t last = store_count(r->store, SEQ_EVENT), told = 0;
	struct audit_event event;
	enum cs_err e = CS_OK;

	for (unsigned n = 0; n < LOOKED_AT_ONCE && place->event < last && e == CS_OK; n++) {
		e = store_get_event(r->store, ++place->event, &event, NULL);
		if (e == CS_ERR_NOTFOUND) {
			e = CS_OK;
			continue;
		}
		if (e == CS_OK && event.account_id != 0 && event.account_id != told) {
			told = event.account_id;
			e = put_channel(r, told);
		}
	}
	return e;
}

static enum cs_err put_openings(struct request *r, struct place *place)
{
	const struct openings *openings = r->openings;
	enum cs_err e = CS_OK;

	if (openings->n - place->opening > OPENINGS_KEPT) {
		place->opening = openings->n;
		return put_channel(r, 0);
	}
	for (; place->opening < openings->n && e == CS_OK; place->opening++)
		e = put_channel(r, openings->account[place->opening % OPENINGS_KEPT]);
	return e;
}

static void go_on(struct request *r, const struct place *place)
{
	cursor_save(r->cursor, place, sizeof(*place));
	r->cursor->again = place->event < store_count(r->store, SEQ_EVENT);
	r->cursor->follow = true;
}

enum cs_err handle_changes(struct request *r)
{
	struct place place = place_of(r);
	enum cs_err e;

	/* The first row says that from here on nothing is missed. */
	if (!r->cursor->started)
		e = put_channel(r, 0);
	else
		e = put_events(r, &place);
	if (e == CS_OK)
		e = put_openings(r, &place);
	if (e == CS_OK)
		go_on(r, &place);
	return e;
}

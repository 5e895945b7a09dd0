/* SPDX-License-Identifier: ISC
 *
 * People: who may authorise what for an account, as its administrators see it.
 * Of a person's other accounts it says nothing.
 */
#include "handlers.h"

#include "authenticator.h"
#include "cooling.h"
#include "member.h"
#include "session.h"

/* What is there to log in with, and when it was used last. */
struct log_in {
	bool password, authenticator;
	int64_t last;
};

static enum cs_err read_log_in(struct store *store, uint64_t admin, struct log_in *log_in)
{
	struct authenticator auth = { .id = 0 };
	struct authenticator_state state;
	struct password password;
	enum cs_err e = store_get_password(store, admin, &password);

	*log_in = (struct log_in){ .password = e == CS_OK };
	if (e != CS_OK && e != CS_ERR_NOTFOUND)
		return e;
	while ((e = store_next_authenticator(store, admin, auth.id, &auth)) == CS_OK) {
		if (auth.purpose != PURPOSE_LOGIN || auth.pending)
			continue;
		log_in->authenticator = true;
		e = store_get_authenticator_state(store, auth.id, &state);
		if (e != CS_OK)
			return e;
		if (state.used > log_in->last)
			log_in->last = state.used;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err put_row(struct request *r, const struct caller *caller,
    const struct member *member)
{
	struct admin admin;
	struct log_in log_in;
	enum cs_err e = store_get_admin(r->store, member->admin, &admin);

	if (e == CS_OK)
		e = read_log_in(r->store, member->admin, &log_in);
	if (e != CS_OK)
		return e;
	struct cs_writer *w = reply_begin(r, true);
	cs_put_string(w, "administrator", admin.name);
	cs_put_string(w, "name", admin.display);
	cs_put_string(w, "standing", cs_str(standing_name(admin.standing == STANDING_ACTIVE ?
	    member->standing : admin.standing)));
	cs_put_bool(w, "all", member->all);
	if (!member->all)
		cs_put_strings(w, "actions", member->actions.at, member->actions.n);
	if (log_in.last != 0)
		cs_put_int(w, "last", log_in.last);
	cs_put_bool(w, "pending", !log_in.password || !log_in.authenticator);
	if (cooling_is(r, member))
		cs_put_int(w, "cooling", r->now.at.wall + member->cooling_until - r->now.steady);
	cs_put_bool(w, "you", member->admin == caller->admin.id);
	return reply_end(r);
}

enum cs_err handle_people(struct request *r)
{
	struct caller caller;
	struct member member = { .admin = cursor_id(r->cursor) };
	enum cs_err e = caller_read_account(r, &caller);

	for (unsigned n = 0; n < ROWS_AT_ONCE && e == CS_OK; n++) {
		e = store_next_member(r->store, caller.account.id, member.admin, &member);
		if (e == CS_ERR_NOTFOUND)
			return reply_done(r);
		if (e == CS_OK)
			e = put_row(r, &caller, &member);
	}
	if (e == CS_OK)
		cursor_go_on(r->cursor, member.admin);
	return e;
}

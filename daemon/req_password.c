/* SPDX-License-Identifier: ISC
 *
 * SetPassword: another one for who knows the present one.
 */
#include "handlers.h"

#include "cooling.h"
#include "device.h"
#include "end.h"
#include "password.h"
#include "session.h"

#include "../lib/secret.h"

static enum cs_err read_caller(struct request *r, struct caller *caller)
{
	enum cs_err e = caller_read(r, caller);

	if (e == CS_OK)
		e = caller_must_prove_or_recover(r, caller);
	return e == CS_OK ? caller_may_try(r, caller) : e;
}

enum cs_err prepare_set_password(struct request *r, struct job *job)
{
	struct caller caller;
	struct cs_str old, chosen;
	enum cs_err e = read_caller(r, &caller);

	if (e == CS_OK)
		e = want_string(r, "old", &old);
	if (e == CS_OK)
		e = want_string(r, "password", &chosen);
	if (e == CS_OK)
		e = password_choose(r, &caller.admin, chosen, job);
	/* Before the worker works, and kept whatever comes of it. */
	if (e == CS_OK)
		e = caller_may_change(r, &caller);
	job->known = true;
	return e == CS_OK ? password_ask(r, caller.admin.id, old, job) : e;
}

static enum cs_err answer(struct request *r, const struct password *password, int64_t ended)
{
	char device[DEVICE_TEXT];
	struct cs_writer *w;
	enum cs_err e = device_make(r->vault, password, device);

	if (e != CS_OK)
		return e;
	w = reply_begin(r, false);
	cs_put_int(w, "sessions", ended);
	cs_put_string(w, "device", cs_str(device));
	cs_wipe(device, sizeof(device));
	return reply_end(r);
}

/* Who shows the old password and an authenticator's code resets nothing; who
 * came in by a recovery code has a day to wait from here. */
enum cs_err handle_set_password(struct request *r)
{
	struct caller caller;
	struct password password;
	bool right;
	int64_t ended = 0;
	enum cs_err e = read_caller(r, &caller);

	if (e == CS_OK)
		e = password_is(r, caller.admin.id, r->job, &right);
	if (e == CS_OK && !right)
		return caller_tried_wrong(r, &caller, EVENT_PASSWORD, CS_WRONG,
		    "Your present password is another one.");
	if (e == CS_OK)
		e = password_set(r, caller.admin.id, r->job, &password);
	if (e == CS_OK)
		e = end_sessions(r, caller.admin.id, caller.session.id, &ended);
	if (e == CS_OK && caller.session.recovery)
		e = cooling_start_all(r, caller.admin.id);
	if (e == CS_OK)
		e = session_log(r, EVENT_PASSWORD, &caller.admin, &caller.session, "");
	return e == CS_OK ? answer(r, &password, ended) : e;
}

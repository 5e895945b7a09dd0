/* SPDX-License-Identifier: ISC
 *
 * InviteAdministrator and NewRecoveryCodes: secrets by which a person logs in
 * for the first time, or again.  They leave in the reply and nowhere else.
 */
#include "handlers.h"

#include "alive.h"
#include "asked.h"
#include "cooling.h"
#include "end.h"
#include "invite.h"
#include "recovery.h"

#include "../lib/secret.h"

#include <stdio.h>

/* Who can log in already gets no second way in without a reset. */
static enum cs_err is_set_up(struct request *r, uint64_t admin, bool *yes)
{
	struct authenticator auth = { .id = 0 };
	struct recovery recovery;
	struct password password;
	enum cs_err e = store_get_recovery(r->store, admin, &recovery);

	if (e == CS_ERR_NOTFOUND)
		e = store_get_password(r->store, admin, &password);
	*yes = e == CS_OK;
	if (!*yes && e != CS_ERR_NOTFOUND)
		return e;
	while (!*yes &&
	    (e = store_next_authenticator(r->store, admin, auth.id, &auth)) == CS_OK)
		*yes = !auth.pending;
	return *yes || e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err check_invite(struct request *r, const struct admin *admin, bool resets,
    struct authority *authority)
{
	bool set_up = false;
	enum cs_err e = authority_read(r, authority);

	if (e == CS_OK && resets)
		return authority_check_person(r, authority, admin);
	if (e == CS_OK && authority->grant.id != 0)
		e = refuse_parameter(r, "grant");
	if (e == CS_OK)
		e = is_set_up(r, admin->id, &set_up);
	if (e == CS_OK && set_up)
		e = refuse_error(r, "Exists",
		    "This person has something to log in with already. If they cannot log in: "
		    "--reset, which ends what they have.");
	if (e == CS_OK && admin->standing != STANDING_ACTIVE)
		e = refuse_named(r, "Refused", "why", CS_STR("suspended"),
		    "This person is suspended.");
	return e;
}

/* "https://support.example.net/invitation#N12-...": what stands behind the # is
 * sent to no server, and so is in no log. */
static void put_link(struct request *r, struct cs_writer *w, const char *text)
{
	char link[512];

	if (r->conf->panel_url[0] == '\0')
		return;
	snprintf(link, sizeof(link), "%s/invitation#%s", r->conf->panel_url, text);
	cs_put_string(w, "link", cs_str(link));
	cs_wipe(link, sizeof(link));
}

static enum cs_err answer_invited(struct request *r, const struct admin *admin,
    const struct invite *invite, const char *text, const struct ended *ended)
{
	struct cs_writer *w = reply_begin(r, false);

	cs_put_string(w, "administrator", admin->name);
	cs_put_string(w, "invitation", cs_str(text));
	put_link(r, w, text);
	cs_put_int(w, "expires", invite->made.wall + invite->life);
	ended_put(w, ended);
	return reply_end(r);
}

enum cs_err handle_invite_administrator(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct authority authority;
	struct ended ended = { 0 };
	struct invite invite = { .made = r->now.at, .epoch = r->now.epoch, .life = INVITE_LIFE };
	char text[INVITE_TEXT];
	bool resets = false;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = may_bool(r, "reset", &resets);
	if (e == CS_OK)
		e = check_invite(r, &admin, resets, &authority);
	if (e == CS_OK && resets)
		e = end_for_reset(r, &admin, &ended);
	invite.admin = admin.id;
	if (e == CS_OK)
		e = invite_make(r->vault, &invite, text);
	if (e == CS_OK) {
		store_put_invite(r->store, &invite);
		e = alive_note(r, admin.id);
	}
	if (e == CS_OK)
		e = authority_log_person(r, &authority,
		    resets ? EVENT_ADMIN_RESET : EVENT_ADMIN_INVITE, &admin, "");
	if (e == CS_OK)
		e = answer_invited(r, &admin, &invite, text, &ended);
	cs_wipe(text, sizeof(text));
	return e;
}

/* The first set needs nobody's word; another one replaces it. */
static enum cs_err check_recovery(struct request *r, const struct admin *admin,
    struct authority *authority)
{
	struct recovery old;
	enum cs_err e = authority_read(r, authority);

	if (e == CS_OK)
		e = store_get_recovery(r->store, admin->id, &old);
	if (e == CS_OK)
		return authority_check_person(r, authority, admin);
	if (e == CS_ERR_NOTFOUND && authority->grant.id != 0)
		return refuse_parameter(r, "grant");
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err handle_new_recovery_codes(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct authority authority;
	struct recovery recovery = { .made = r->now.at.wall };
	char text[RECOVERY_CODES][RECOVERY_TEXT];
	struct cs_str codes[RECOVERY_CODES];
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = check_recovery(r, &admin, &authority);
	if (e != CS_OK)
		return e;
	recovery.admin = admin.id;
	e = recovery_make(r->vault, &recovery, text);
	if (e == CS_OK) {
		store_put_recovery(r->store, &recovery);
		e = authority_log_person(r, &authority, EVENT_RECOVERY, &admin, "");
	}
	if (e == CS_OK) {
		struct cs_writer *w = reply_begin(r, false);

		for (size_t i = 0; i < RECOVERY_CODES; i++)
			codes[i] = cs_str(text[i]);
		cs_put_string(w, "administrator", admin.name);
		cs_put_strings(w, "codes", codes, RECOVERY_CODES);
		e = reply_end(r);
	}
	cs_wipe(text, sizeof(text));
	return e;
}

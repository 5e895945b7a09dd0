/* SPDX-License-Identifier: ISC
 *
 * Reads and adds administrators, and looks for them.
 */
#include "member.h"

#include "cooling.h"
#include "name.h"

const char *standing_name(enum standing standing)
{
	static const char *const names[] = {
		[STANDING_ACTIVE] = "active",
		[STANDING_SUSPENDED] = "suspended",
		[STANDING_FROZEN] = "frozen",
		[STANDING_REMOVED] = "removed",
	};

	return names[standing];
}

enum cs_err read_new(struct request *r, const char *what, char name[NAME_MAX_LEN + 1],
    struct cs_str *display, struct cs_str *ref)
{
	struct cs_str typed;
	enum cs_err e = want_string(r, what, &typed);

	if (e == CS_OK && !name_parse(typed, name))
		e = refuse_parameter(r, what);
	if (e == CS_OK)
		e = may_string(r, "name", display);
	if (e == CS_OK && display->len == 0)
		*display = cs_str(name);
	if (e == CS_OK && !text_valid(*display))
		e = refuse_parameter(r, "name");
	if (e == CS_OK)
		e = may_string(r, "ref", ref);
	if (e == CS_OK && ref->len > 0 && !ref_valid(*ref))
		e = refuse_parameter(r, "ref");
	return e;
}

enum cs_err has_active_member(struct request *r, uint64_t account, uint64_t except, bool *active)
{
	struct member member = { .admin = 0 };
	struct admin admin;
	enum cs_err e;

	*active = false;
	while (!*active &&
	    (e = store_next_member(r->store, account, member.admin, &member)) == CS_OK) {
		if (member.admin == except || member.standing != STANDING_ACTIVE)
			continue;
		e = store_get_admin(r->store, member.admin, &admin);
		if (e != CS_OK)
			return e;
		*active = admin.standing == STANDING_ACTIVE;
	}
	return *active || e == CS_ERR_NOTFOUND ? CS_OK : e;
}

void member_add(struct request *r, struct account *account, struct admin *admin,
    struct member *member)
{
	if (admin->id == 0) {
		admin->id = store_new_id(r->store, SEQ_ADMIN);
		store_put_admin(r->store, admin);
	}
	member->account = account->id;
	member->admin = admin->id;
	member->added = store_count(r->store, SEQ_EVENT);
	if (account->had_administrator) {
		cooling_start(r, member);
	} else {
		account->had_administrator = true;
		store_put_account(r->store, account);
	}
	store_put_member(r->store, member);
}

enum cs_err read_purpose(struct request *r, enum purpose *purpose)
{
	struct cs_str text;
	enum cs_err e = want_string(r, "purpose", &text);

	if (e != CS_OK)
		return e;
	if (cs_str_is(text, "login"))
		*purpose = PURPOSE_LOGIN;
	else if (cs_str_is(text, "support"))
		*purpose = PURPOSE_SUPPORT;
	else
		return refuse_parameter(r, "purpose");
	return CS_OK;
}

enum cs_err refuse_other_purpose(struct request *r)
{
	return refuse_error(r, "Exists", "This administrator has that secret for the other purpose "
	    "already, and one never works for both: a code would be good twice. Make another.");
}

enum cs_err member_has_login(struct store *store, uint64_t admin, bool *has)
{
	struct authenticator auth = { .id = 0 };
	enum cs_err e = CS_ERR_NOTFOUND;

	*has = false;
	while (!*has && (e = store_next_authenticator(store, admin, auth.id, &auth)) == CS_OK)
		*has = auth.purpose == PURPOSE_LOGIN && !auth.pending;
	return *has || e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err member_lacks_password(struct store *store, uint64_t admin, bool *lacks)
{
	struct password password;
	enum cs_err e = store_get_password(store, admin, &password);

	*lacks = false;
	return e == CS_ERR_NOTFOUND ? member_has_login(store, admin, lacks) : e;
}

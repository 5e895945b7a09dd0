/* SPDX-License-Identifier: ISC
 *
 * SyncBegin, SyncRecord: a roster that an operator's other system keeps, a line
 * a call.  A line is taken whole or refused whole.  Refs alone tell who is meant,
 * so that a name clash empowers nobody.
 */
#include "handlers.h"

#include "alive.h"
#include "authenticator.h"
#include "authority.h"
#include "cooling.h"
#include "enrolment.h"
#include "member.h"
#include "name.h"
#include "rights.h"
#include "run.h"

#include "../lib/secret.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One line as it was sent. */
struct line {
	uint64_t run;
	bool dry, has_admin, rights_given, has_secret;
	struct cs_str account_ref, admin_ref, display;
	char account[NAME_MAX_LEN + 1], admin[NAME_MAX_LEN + 1];
	struct member rights;
	enum purpose purpose;
	uint8_t secret[AUTHENTICATOR_SECRET_MAX];
	size_t secret_len;
};

/* What the store has of it, then what it is to have. */
struct found {
	bool has_account, has_admin, has_member;
	struct account account;
	struct admin admin;
	struct member member;
	bool account_changed, admin_changed, resumed, renamed, widened, rights_changed;
	bool new_secret, later_secret;
};

enum cs_err handle_sync_begin(struct request *r)
{
	uint64_t run = store_new_id(r->store, SEQ_RUN);
	char note[32];
	enum cs_err e;

	snprintf(note, sizeof(note), "run %" PRIu64, run);
	e = log_change(r, EVENT_SYNC, NULL, NULL, note);
	if (e != CS_OK)
		return e;
	cs_put_int(reply_begin(r, false), "run", (int64_t)run);
	return reply_end(r);
}

static enum cs_err read_ref(struct request *r, const char *name, struct cs_str *ref)
{
	enum cs_err e = want_string(r, name, ref);

	return e == CS_OK && !ref_valid(*ref) ? refuse_parameter(r, name) : e;
}

static enum cs_err read_refs(struct request *r, struct line *line)
{
	struct cs_str typed;
	enum cs_err e = run_read(r, &line->run);

	if (e == CS_OK)
		e = may_bool(r, "dry_run", &line->dry);
	if (e == CS_OK)
		e = read_ref(r, "account_ref", &line->account_ref);
	if (e == CS_OK)
		e = may_string(r, "admin_ref", &line->admin_ref);
	if (e == CS_OK)
		e = may_string(r, "administrator", &typed);
	if (e != CS_OK)
		return e;
	line->has_admin = line->admin_ref.len > 0 || typed.len > 0;
	return line->has_admin ? read_ref(r, "admin_ref", &line->admin_ref) : CS_OK;
}

static enum cs_err read_name(struct request *r, const char *parameter, char name[NAME_MAX_LEN + 1])
{
	struct cs_str typed;
	enum cs_err e = want_string(r, parameter, &typed);

	return e == CS_OK && !name_parse(typed, name) ? refuse_parameter(r, parameter) : e;
}

static enum cs_err read_credential(struct request *r, struct line *line)
{
	struct cs_str purpose, secret;
	enum cs_err e = may_string(r, "purpose", &purpose);

	if (e == CS_OK && purpose.len > 0)
		e = read_purpose(r, &line->purpose);
	if (e == CS_OK)
		e = may_string(r, "secret", &secret);
	if (e != CS_OK || secret.len == 0)
		return e;
	line->has_secret = true;
	if (!line->has_admin)
		return refuse_parameter(r, "secret");
	e = authenticator_decode(secret, line->secret, &line->secret_len);
	return e == CS_ERR_FORMAT ? refuse_parameter(r, "secret") : e;
}

static enum cs_err read_rest(struct request *r, struct line *line)
{
	enum cs_err e = read_name(r, "account", line->account);

	if (e == CS_OK && line->has_admin)
		e = read_name(r, "administrator", line->admin);
	if (e == CS_OK)
		e = may_string(r, "name", &line->display);
	if (e == CS_OK && line->display.len > 0 && (!line->has_admin || !text_valid(line->display)))
		e = refuse_parameter(r, "name");
	if (e == CS_OK)
		e = rights_may_read(r, &line->rights, &line->rights_given);
	if (e == CS_OK && line->rights_given && !line->has_admin)
		e = refuse_parameter(r, "actions");
	return e == CS_OK ? read_credential(r, line) : e;
}

static enum cs_err find(struct request *r, const struct line *line, struct found *f)
{
	enum cs_err e = store_find_account_ref(r->store, line->account_ref, &f->account);

	f->has_account = e == CS_OK;
	if ((e == CS_OK || e == CS_ERR_NOTFOUND) && line->has_admin) {
		e = store_find_admin_ref(r->store, line->admin_ref, &f->admin);
		f->has_admin = e == CS_OK;
	}
	if (e == CS_OK && f->has_account && f->has_admin) {
		e = store_get_member(r->store, f->account.id, f->admin.id, &f->member);
		f->has_member = e == CS_OK;
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err refuse_clash(struct request *r, const char *what, const char *name, bool known,
    struct cs_str has)
{
	char say[400];

	if (known)
		snprintf(say, sizeof(say), "The ref belongs to the %s %.*s here, not %s; an import "
		    "renames nobody.", what, (int)has.len, has.p, name);
	else
		snprintf(say, sizeof(say), "There is the %s %s here with %s%.*s; a name alone does "
		    "not say that it is the same. Name the other differently in the roster, "
		    "or remove this one first.", what, name, has.len > 0 ? "the ref " : "no ref",
		    (int)has.len, has.len > 0 ? has.p : "");
	return refuse_error(r, "Exists", say);
}

/* A known ref keeps its name, and a new ref takes nobody else's. */
static enum cs_err check_account(struct request *r, const struct line *line, const struct found *f)
{
	struct account other;
	enum cs_err e;

	if (f->has_account)
		return cs_str_is(f->account.name, line->account) ? CS_OK :
		    refuse_clash(r, "account", line->account, true, f->account.name);
	e = store_find_account(r->store, cs_str(line->account), &other);
	if (e == CS_OK)
		return refuse_clash(r, "account", line->account, false, other.ref);
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static enum cs_err check_admin(struct request *r, const struct line *line, const struct found *f)
{
	struct admin other;
	enum cs_err e;

	if (!line->has_admin)
		return CS_OK;
	if (f->has_admin)
		return cs_str_is(f->admin.name, line->admin) ? CS_OK :
		    refuse_clash(r, "administrator", line->admin, true, f->admin.name);
	e = store_find_admin(r->store, cs_str(line->admin), &other);
	if (e == CS_OK)
		return refuse_clash(r, "administrator", line->admin, false, other.ref);
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

static bool same_rights(const struct member *a, const struct member *b)
{
	return a->all == b->all && (a->all || targets_equal(&a->actions, &b->actions));
}

static void plan_account(struct request *r, const struct line *line, struct found *f)
{
	if (f->has_account)
		return;
	f->account = (struct account){
		.name = cs_str(line->account),
		.display = cs_str(line->account),
		.ref = line->account_ref,
		.standing = STANDING_ACTIVE,
		.created = r->now.at.wall,
		.run = line->run,
	};
	f->account_changed = true;
}

static void plan_admin(struct request *r, const struct line *line, struct found *f)
{
	struct cs_str display = line->display;

	if (!f->has_admin) {
		f->admin = (struct admin){
			.name = cs_str(line->admin),
			.display = display.len > 0 ? display : cs_str(line->admin),
			.ref = line->admin_ref,
			.standing = STANDING_ACTIVE,
			.created = r->now.at.wall,
			.run = line->run,
		};
		f->admin_changed = true;
	} else if (display.len > 0 && !cs_str_same(display, f->admin.display)) {
		f->admin.display = display;
		f->renamed = f->admin_changed = true;
	}
}

/* A new account's first administrators do not cool off (design §10). */
static void plan_member(struct request *r, const struct line *line, struct found *f)
{
	struct member *m = &f->member;

	if (!f->has_member) {
		*m = line->rights;
		m->run = line->run;
		m->standing = STANDING_ACTIVE;
		m->added = store_count(r->store, SEQ_EVENT);
		if (f->account.had_administrator && f->account.run != line->run)
			cooling_start(r, m);
		f->account_changed |= !f->account.had_administrator;
		f->account.had_administrator = true;
	} else if (line->rights_given && !same_rights(m, &line->rights)) {
		f->rights_changed = true;
		f->widened = rights_wider(&line->rights, m);
		m->all = line->rights.all;
		m->actions = line->rights.actions;
	}
	f->resumed = m->missing && m->standing == STANDING_SUSPENDED && m->run <= line->run;
	if (f->resumed) {
		m->standing = STANDING_ACTIVE;
		m->missing = false;
	}
	if (f->resumed || f->widened)
		cooling_start(r, m);
	run_note(m, line->run);
}

static void hash_secret(struct request *r, const struct line *line, uint8_t out[16])
{
	struct vault_hash h;

	vault_hash_begin(r->vault, VAULT_MEMO, &h, 16);
	vault_hash_bytes(&h, "secret of an import", 19);
	vault_hash_u64(&h, line->purpose);
	vault_hash_bytes(&h, line->secret, line->secret_len);
	vault_hash_end(&h, out, 16);
}

/* The latest TAKEN_MAX are remembered. */
static bool remember_secret(struct admin *admin, const uint8_t hash[16])
{
	for (unsigned i = 0; i < admin->ntaken; i++)
		if (cs_equal(admin->taken[i], hash, TAKEN_LEN))
			return false;
	if (admin->ntaken == TAKEN_MAX)
		memmove(admin->taken[0], admin->taken[1], (TAKEN_MAX - 1) * TAKEN_LEN);
	else
		admin->ntaken++;
	memcpy(admin->taken[admin->ntaken - 1], hash, TAKEN_LEN);
	return true;
}

static enum cs_err plan_secret(struct request *r, const struct line *line, struct found *f)
{
	struct holding holding = { .any = false };
	uint8_t hash[16];
	enum cs_err e = CS_OK;

	if (!line->has_secret)
		return CS_OK;
	hash_secret(r, line, hash);
	if (f->has_admin)
		e = authenticator_holding(r->store, r->vault, f->admin.id, line->purpose,
		    line->secret, line->secret_len, &holding);
	if (e == CS_OK && holding.elsewhere)
		e = refuse_other_purpose(r);
	if (e != CS_OK || !remember_secret(&f->admin, hash))
		return e;
	f->new_secret = !holding.same;
	f->admin_changed = true;
	/* Another one beside what they have is a reset, and cools off. */
	f->later_secret = f->new_secret && holding.any && f->admin.run != line->run;
	return f->new_secret && f->has_admin ? enrolment_check_number(r, f->admin.id) : CS_OK;
}

static enum cs_err plan(struct request *r, struct line *line, struct found *f)
{
	enum cs_err e = read_rest(r, line);

	if (e == CS_OK)
		e = check_account(r, line, f);
	if (e == CS_OK)
		e = check_admin(r, line, f);
	if (e != CS_OK)
		return e;
	plan_account(r, line, f);
	if (!line->has_admin)
		return CS_OK;
	plan_admin(r, line, f);
	plan_member(r, line, f);
	return plan_secret(r, line, f);
}

static enum cs_err add_authenticator(struct request *r, const struct line *line, struct found *f)
{
	struct authenticator auth = {
		.admin = f->admin.id,
		.purpose = line->purpose,
		.kind = OATH_KIND_TOTP,
		.hash = OATH_HASH_SHA1,
		.digits = 6,
		.period = 30,
		.created = r->now.at.wall,
	};
	enum cs_err e = authenticator_add(r->store, r->vault, &auth, line->secret,
	    line->secret_len, 0);

	if (e == CS_OK && f->later_secret) {
		e = cooling_start_all(r, f->admin.id);
		cooling_start(r, &f->member);
	}
	return e == CS_OK ? log_change(r, EVENT_AUTHENTICATOR_IMPORT, NULL, &f->admin,
	    authenticator_purpose(auth.purpose)) : e;
}

static enum cs_err log_all(struct request *r, const struct line *line, const struct found *f)
{
	const struct {
		bool happened;
		enum event_kind kind;
	} rows[] = {
		{ !f->has_account, EVENT_ACCOUNT_ADD },
		{ line->has_admin && !f->has_member, EVENT_ADMIN_ADD },
		{ f->renamed, EVENT_ADMIN_NAME },
		{ f->rights_changed, EVENT_ADMIN_RIGHTS },
		{ f->resumed, EVENT_ADMIN_RESUME },
	};
	char note[48];
	enum cs_err e = CS_OK;

	snprintf(note, sizeof(note), "import %" PRIu64, line->run);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && e == CS_OK; i++)
		if (rows[i].happened)
			e = log_change(r, rows[i].kind, &f->account, i == 0 ? NULL : &f->admin,
			    note);
	return e;
}

static enum cs_err apply(struct request *r, const struct line *line, struct found *f)
{
	enum cs_err e = CS_OK;

	if (!f->has_account)
		f->account.id = store_new_id(r->store, SEQ_ACCOUNT);
	if (line->has_admin && !f->has_admin)
		f->admin.id = store_new_id(r->store, SEQ_ADMIN);
	if (f->account_changed)
		store_put_account(r->store, &f->account);
	if (f->admin_changed)
		store_put_admin(r->store, &f->admin);
	if (f->new_secret)
		e = add_authenticator(r, line, f);
	if (e != CS_OK || !line->has_admin)
		return e == CS_OK ? log_all(r, line, f) : e;
	f->member.account = f->account.id;
	f->member.admin = f->admin.id;
	if (f->has_member)
		store_update_member(r->store, &f->member);
	else
		store_put_member(r->store, &f->member);
	if (f->resumed)
		e = alive_note(r, f->admin.id);
	return e == CS_OK ? log_all(r, line, f) : e;
}

/* A line that named somebody keeps them from being missing, whatever became
 * of the line. */
static enum cs_err mark(struct request *r, const struct line *line, const struct found *f)
{
	struct member seen;
	enum cs_err e;

	if (!f->has_member)
		return CS_OK;
	e = store_get_member(r->store, f->account.id, f->admin.id, &seen);
	if (e == CS_OK && run_note(&seen, line->run))
		store_update_member(r->store, &seen);
	return e;
}

static enum cs_err answer(struct request *r, const struct line *line, const struct found *f)
{
	bool changed = f->renamed || f->rights_changed;
	struct cs_writer *w = reply_begin(r, false);

	cs_put_string(w, "account", f->has_account ? CS_STR("same") : CS_STR("added"));
	if (line->has_admin)
		cs_put_string(w, "administrator", !f->has_member ? CS_STR("added") :
		    f->resumed ? CS_STR("resumed") : changed ? CS_STR("changed") : CS_STR("same"));
	if (line->has_secret)
		cs_put_string(w, "authenticator", f->new_secret ? CS_STR("added") : CS_STR("same"));
	return reply_end(r);
}

enum cs_err handle_sync_record(struct request *r)
{
	struct line line;
	struct found f;
	bool refused;
	enum cs_err e;

	memset(&line, 0, sizeof(line));
	memset(&f, 0, sizeof(f));
	e = read_refs(r, &line);
	if (e == CS_OK)
		e = find(r, &line, &f);
	if (e != CS_OK)
		return e;
	e = plan(r, &line, &f);
	refused = e == CS_ERR_ANSWERED;		/* which is kept */
	if (refused || (e == CS_OK && line.dry))
		e = mark(r, &line, &f);
	else if (e == CS_OK)
		e = apply(r, &line, &f);
	cs_wipe(line.secret, sizeof(line.secret));
	return e == CS_OK && !refused ? answer(r, &line, &f) : e;
}

/* SPDX-License-Identifier: ISC
 *
 * Reads what a request asks about.  It distrusts every parameter.
 */
#include "asked.h"

#include "code.h"
#include "name.h"

#include <string.h>

#define REQUEST_MIN 16
#define REQUEST_MAX 64
#define SUGGEST_MOST 16	/* letters of a name that is worth a thousand look-ups */
#define TARGETS_BYTES 12288	/* of all targets as JSON: an event with them and
				 * all the rest must fit into one message */

enum cs_err asked_no_action(struct request *r, struct cs_str name)
{
	char say[SAY_MAX];

	name = asked_shown(text_cut(name, NAME_MAX_LEN));
	text_join(say, sizeof(say), (struct cs_str[]){ CS_STR("The policy names no action \""),
	    name, CS_STR("\". \"countersign actions\" lists them.") }, 3);
	return refuse_named(r, "UnknownAction", "action", name, say);
}

static void read_account(struct asked *asked, struct cs_str text)
{
	const char *slash = text.len > 0 ? memchr(text.p, '/', text.len) : NULL;

	asked->typed = text_cut(text, NAME_MAX_LEN);
	if (slash != NULL) {
		struct cs_str admin = { slash + 1, text.len - (size_t)(slash + 1 - text.p) };

		text.len = (size_t)(slash - text.p);
		if (!name_parse(admin, asked->admin))
			return;		/* acme/?? is no account either */
	}
	if (text.len > 4 && memcmp(text.p, "ref:", 4) == 0)
		asked->ref = (struct cs_str){ text.p + 4, text.len - 4 };
	else if (!name_parse(text, asked->account))
		asked->account[0] = '\0';
}

static enum cs_err read_admin(struct request *r, struct asked *asked)
{
	struct cs_str admin;
	char name[NAME_MAX_LEN + 1];
	enum cs_err e = may_string(r, "administrator", &admin);

	if (e != CS_OK || admin.len == 0)
		return e;
	/* acme/dana and another administrator contradict each other. */
	if (!name_parse(admin, name) ||
	    (asked->admin[0] != '\0' && strcmp(name, asked->admin) != 0))
		return refuse_parameter(r, "administrator");
	memcpy(asked->admin, name, sizeof(name));
	return CS_OK;
}

static enum cs_err read_action(struct request *r, struct asked *asked)
{
	struct cs_str name;
	enum cs_err e = may_string(r, "action", &name);

	if (e != CS_OK || name.len == 0)
		return e;
	asked->action = conf_action(r->conf, name);
	return asked->action == NULL ? asked_no_action(r, name) : CS_OK;
}

/* The bytes of a target in a message. */
static size_t written(const char *target)
{
	size_t n = 3;		/* quotes and a comma */

	for (; *target != '\0'; target++)
		n += *target == '"' || *target == '\\' ? 2 : 1;
	return n;
}

static enum cs_err read_targets(struct request *r, struct asked *asked)
{
	const struct cs_str *at;
	size_t n, bytes = 0;
	enum cs_err e = cs_msg_strings(r->in, "target", &at, &n);

	if (e == CS_ERR_NOTFOUND)
		return CS_OK;
	if (e != CS_OK || n > TARGETS_MAX)
		return refuse_parameter(r, "target");
	for (size_t i = 0; i < n; i++) {
		enum target_form form = asked->action == NULL ? TARGET_FREE : asked->action->form;

		if (!target_parse(form, at[i], asked->room[i]))
			return refuse_parameter(r, "target");
		bytes += written(asked->room[i]);
		if (bytes > TARGETS_BYTES)
			return refuse_parameter(r, "target");
		asked->targets.at[i] = cs_str(asked->room[i]);
		asked->targets.n++;
	}
	return CS_OK;
}

enum cs_err asked_read(struct request *r, struct asked *asked)
{
	struct cs_str account;
	enum cs_err e;

	/* The room for targets is 16 KiB and needs no zeros. */
	memset(asked->account, 0, sizeof(asked->account));
	memset(asked->admin, 0, sizeof(asked->admin));
	asked->ref = asked->typed = (struct cs_str){ 0 };
	asked->action = NULL;
	asked->targets.n = 0;
	e = may_string(r, "account", &account);
	if (e != CS_OK)
		return e;
	read_account(asked, account);
	e = read_admin(r, asked);
	if (e == CS_OK)
		e = read_action(r, asked);
	if (e == CS_OK)
		e = read_targets(r, asked);
	if (e == CS_OK)
		e = may_string(r, "case", &asked->case_id);
	if (e == CS_OK && asked->case_id.len > 0 && !text_valid(asked->case_id))
		e = refuse_parameter(r, "case");
	return e;
}

struct cs_str asked_shown(struct cs_str typed)
{
	return code_within(typed) ? CS_STR("(nine digits)") : typed;
}

enum cs_err asked_account(struct request *r, const struct asked *asked, struct account *account)
{
	enum cs_err e = CS_ERR_NOTFOUND;

	if (asked->ref.len > 0)
		e = ref_valid(asked->ref) ? store_find_account_ref(r->store, asked->ref, account)
					  : CS_ERR_NOTFOUND;
	else if (asked->account[0] != '\0')
		e = store_find_account(r->store, cs_str(asked->account), account);
	if (e == CS_OK && account->standing == STANDING_REMOVED)
		e = CS_ERR_NOTFOUND;
	return e;
}

enum cs_err asked_admin(struct request *r, const struct asked *asked, struct admin *admin)
{
	enum cs_err e = CS_ERR_NOTFOUND;

	if (asked->admin[0] != '\0')
		e = store_find_admin(r->store, cs_str(asked->admin), admin);
	if (e == CS_OK && admin->standing == STANDING_REMOVED)
		e = CS_ERR_NOTFOUND;
	return e;
}

enum cs_err asked_account_must(struct request *r, const struct asked *asked,
    struct account *account)
{
	enum cs_err e = asked->typed.len == 0 ? refuse_parameter(r, "account") :
	    asked_account(r, asked, account);

	if (e == CS_ERR_NOTFOUND)
		return refuse_named(r, "UnknownAccount", "account", asked->typed,
		    "There is no account of that name. \"countersign account list\" shows them.");
	return e;
}

enum cs_err asked_admin_must(struct request *r, const struct asked *asked, struct admin *admin)
{
	enum cs_err e = asked->admin[0] == '\0' ? refuse_parameter(r, "administrator") :
	    asked_admin(r, asked, admin);

	if (e == CS_ERR_NOTFOUND)
		return refuse_named(r, "UnknownAdministrator", "administrator",
		    cs_str(asked->admin),
		    "There is no administrator of that name. \"countersign admin list\" shows "
		    "them.");
	return e;
}

enum cs_err asked_member_must(struct request *r, const struct asked *asked,
    struct account *account, struct admin *admin, struct member *member)
{
	enum cs_err e = asked_account_must(r, asked, account);

	if (e == CS_OK)
		e = asked_admin_must(r, asked, admin);
	if (e == CS_OK)
		e = store_get_member(r->store, account->id, admin->id, member);
	if (e == CS_ERR_NOTFOUND)
		return refuse_named(r, "Refused", "why", CS_STR("not-permitted"),
		    "This person is no administrator of that account.");
	return e;
}

enum cs_err asked_authenticator_must(struct request *r, const struct admin *admin,
    struct authenticator *auth)
{
	struct cs_str text;
	uint64_t id;
	enum cs_err e = want_string(r, "authenticator", &text);

	if (e != CS_OK)
		return e;
	e = number_parse('A', text, &id) ? store_get_authenticator(r->store, admin->id, id, auth)
					 : CS_ERR_NOTFOUND;
	if (e == CS_ERR_NOTFOUND)
		return refuse_named(r, "NotFound", "what", text,
		    "This administrator has no such authenticator.");
	return e;
}

static enum cs_err try_name(struct request *r, const char *name, size_t len,
    struct account *account)
{
	struct cs_str s = { name, len };

	if (!name_valid(s))
		return CS_ERR_NOTFOUND;
	enum cs_err e = store_find_account(r->store, s, account);
	return e == CS_OK && account->standing != STANDING_ACTIVE ? CS_ERR_NOTFOUND : e;
}

/* Every name one edit away at position i: two letters swapped, one too many,
 * one wrong, one missing. */
static enum cs_err try_edits(struct request *r, const char *name, size_t len, size_t i,
    struct account *account)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
	char edit[NAME_MAX_LEN + 2];
	enum cs_err e = CS_ERR_NOTFOUND;

	if (i + 1 < len) {
		memcpy(edit, name, len);
		edit[i] = name[i + 1];
		edit[i + 1] = name[i];
		e = try_name(r, edit, len, account);
	}
	if (e == CS_ERR_NOTFOUND && i < len) {
		memcpy(edit, name, i);
		memcpy(edit + i, name + i + 1, len - i - 1);
		e = try_name(r, edit, len - 1, account);
	}
	for (const char *c = letters; *c != '\0' && e == CS_ERR_NOTFOUND; c++) {
		memcpy(edit, name, len);
		edit[i] = *c;
		if (i < len)
			e = try_name(r, edit, len, account);
		memcpy(edit + i + 1, name + i, len - i);
		if (e == CS_ERR_NOTFOUND)
			e = try_name(r, edit, len + 1, account);
	}
	return e;
}

enum cs_err asked_suggestion(struct request *r, const struct asked *asked, struct account *account)
{
	size_t len = strlen(asked->account);
	enum cs_err e = CS_ERR_NOTFOUND;

	for (size_t i = 0; len > 1 && len <= SUGGEST_MOST && i <= len && e == CS_ERR_NOTFOUND; i++)
		e = try_edits(r, asked->account, len, i, account);
	return e;
}

enum cs_err asked_request_key(struct request *r, uint64_t who, uint8_t key[16])
{
	struct cs_str id;
	struct vault_hash h CS_UNCLEARED;
	enum cs_err e = want_string(r, "request", &id);

	if (e != CS_OK)
		return e;
	if (id.len < REQUEST_MIN || id.len > REQUEST_MAX)
		return refuse_parameter(r, "request");
	vault_hash_begin(r->vault, VAULT_MEMO, &h, 16);
	vault_hash_bytes(&h, r->row->method, strlen(r->row->method));
	vault_hash_u64(&h, r->peer->uid);
	vault_hash_u64(&h, who);
	vault_hash_bytes(&h, id.p, id.len);
	vault_hash_end(&h, key, 16);
	return CS_OK;
}

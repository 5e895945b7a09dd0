/* SPDX-License-Identifier: ISC
 *
 * What a request asks about: account, administrator, action, targets, read
 * from its parameters into their canonical forms.  One place, so that two
 * methods never read the same words differently.
 */
#pragma once

#include "request.h"

struct asked {
	struct cs_str typed;			/* the account as typed, cut to NAME_MAX_LEN */
	char account[NAME_MAX_LEN + 1];		/* canonical; empty: not a name */
	struct cs_str ref;			/* set instead for ref:4711 */
	char admin[NAME_MAX_LEN + 1];		/* of acme/dana or "administrator"; may be empty */
	const struct action *action;		/* NULL: none was named */
	struct targets targets;
	char room[TARGETS_MAX][TARGET_MAX_LEN + 1];
	struct cs_str case_id;
};

/* Reads account, administrator, action, target, case.  Faults of shape are
 * answered with a typed error (CS_ERR_ANSWERED); an account that cannot exist
 * is not one: asked_account says not found. */
enum cs_err asked_read(struct request *, struct asked *);

/* A typed account as it may be written down: without a code that slipped into
 * the wrong field, which is live and would be readable there. */
struct cs_str asked_shown(struct cs_str typed);

/* CS_ERR_NOTFOUND when there is no such account, or it was removed. */
enum cs_err asked_account(struct request *, const struct asked *, struct account *);

/* The named administrator; CS_ERR_NOTFOUND likewise. */
enum cs_err asked_admin(struct request *, const struct asked *, struct admin *);

/* UnknownAction, for a name that the policy does not have. */
enum cs_err asked_no_action(struct request *, struct cs_str name);

/* For methods whose parameter must be there and name an existing one: answered with
 * InvalidParameter, or UnknownAccount or UnknownAdministrator and a sentence. */
enum cs_err asked_account_must(struct request *, const struct asked *, struct account *);
enum cs_err asked_admin_must(struct request *, const struct asked *, struct admin *);
/* Both, and the one is an administrator of the other, or Refused is answered. */
enum cs_err asked_member_must(struct request *, const struct asked *, struct account *,
    struct admin *, struct member *);

/* The authenticator of that administrator that the parameter "authenticator"
 * names, A7; NotFound is answered. */
enum cs_err asked_authenticator_must(struct request *, const struct admin *,
    struct authenticator *);

/* A known account whose name is one slip of the finger away; CS_ERR_NOTFOUND. */
enum cs_err asked_suggestion(struct request *, const struct asked *, struct account *);

/* The request id of parameter "request", hashed with who asks what: the key
 * under which the answer is remembered (design §6 step 1). */
enum cs_err asked_request_key(struct request *, uint64_t who, uint8_t key[16]);

/* SPDX-License-Identifier: ISC
 *
 * Administrators of accounts, for the handlers: reading a new one, adding it, and
 * whether somebody is there to act.
 */
#pragma once

#include "request.h"

/* "active", "suspended", "frozen", "removed" */
const char *standing_name(enum standing);

/* Reads the parameter "what" (a name) with "name" and "ref"; a missing name
 * is the name itself.  Faults are answered. */
enum cs_err read_new(struct request *, const char *what, char name[NAME_MAX_LEN + 1],
    struct cs_str *display, struct cs_str *ref);

/* Stages a new administrator of the account, and the person when admin->id is
 * 0.  A later one than the account's first cools off. */
void member_add(struct request *, struct account *, struct admin *, struct member *);

/* *active: has the account an administrator who may act for it, other than
 * "except" (0: nobody)? */
enum cs_err has_active_member(struct request *, uint64_t account, uint64_t except, bool *active);

/* Reads the parameter "purpose": login or support. */
enum cs_err read_purpose(struct request *, enum purpose *);

/* Who brings a secret that the person has for the other one. */
enum cs_err refuse_other_purpose(struct request *);

/* Whether the person has a confirmed log-in authenticator, and so can be issued
 * codes of every kind. */
enum cs_err member_has_login(struct store *, uint64_t admin, bool *has);
/* Whether they have one but no password, as who came from another system: on the
 * customer's page they cannot log in. */
enum cs_err member_lacks_password(struct store *, uint64_t admin, bool *lacks);

/* SPDX-License-Identifier: ISC
 *
 * On whose word it is changed who may authorise things.  An operator needs, on
 * an account that has an active administrator, that of one of them, shown by a
 * grant for the action admin.change, or the operator's own, with a reason; the
 * first administrator of an account needs nobody's.  On the customer's page a
 * colleague's who may authorise that action is enough (req_person.c).
 */
#pragma once

#include "request.h"

#define AUTHORITY_ACTION "admin.change"

struct authority {
	struct cs_str reason;		/* may be empty */
	struct grant grant;		/* id 0: none */
	/* or the administrator who does it on the page, and from which address */
	struct cs_str colleague, client;
};

/* Reads "reason" and "grant" and judges the grant as far as it can be without
 * the account.  Faults are answered. */
enum cs_err authority_read(struct request *, struct authority *);
/* The reason alone. */
enum cs_err authority_reason(struct request *, bool must, struct authority *);

/* Is it enough for a change to "about" on this account, or to "about" as a
 * person, in all their accounts?  If not, Refused is answered. */
enum cs_err authority_check(struct request *, const struct authority *, const struct account *,
    const struct admin *about);
enum cs_err authority_check_person(struct request *, const struct authority *,
    const struct admin *about);

/* Appends the event of the change with "what" (at most NOTE_MAX_LEN bytes) and
 * reason or grant, and spends the grant.
 * authority_log_person: one event for each account of the person, or one
 * without an account. */
enum cs_err authority_log(struct request *, struct authority *, enum event_kind,
    const struct account *, const struct admin *, const char *what);
enum cs_err authority_log_person(struct request *, struct authority *, enum event_kind,
    const struct admin *, const char *what);

/* Appends the event of a change that needs nobody's word; account and admin may be
 * NULL. */
enum cs_err log_change(struct request *, enum event_kind, const struct account *,
    const struct admin *, const char *note);

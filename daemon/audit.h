/* SPDX-License-Identifier: ISC
 *
 * The audit log's writing side: every decision is an event in the decision's
 * own transaction; no event, no acceptance (design §9).
 */
#pragma once

#include "store.h"
#include "vault.h"

/* Numbers and stages the event; its leaf is SHA-256(0 || salt || record), as
 * RFC 6962 §2.1, with a 16-byte salt derived from the vault.  Sets event->id
 * and event->time. */
enum cs_err audit_append(struct store *, const struct vault *, const struct moment *,
    struct audit_event *);

/* Counts one misheard or throttled answer, or a log-in among many that failed:
 * a technician's minute becomes one event of that kind when it is over
 * (purge.c). */
enum cs_err audit_tally(struct store *, const struct moment *, uint32_t technician,
    struct cs_str name, enum event_kind, enum cs_reason);

/* "verify", "admin-remove"... */
const char *audit_kind_name(enum event_kind);

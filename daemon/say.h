/* SPDX-License-Identifier: ISC
 *
 * The sentences for technicians: why not, and what to tell the caller next.
 * All of the daemon's prose about a verdict is here, in one table.
 */
#pragma once

#include "conf.h"
#include "store.h"

/* What a sentence may mention; what is empty or 0 is left out. */
struct say_facts {
	const struct moment *now;
	struct cs_str account, account_name;	/* acme, Acme Ltd */
	struct cs_str admin_name;		/* Dana Reyes */
	struct cs_str suggestion;		/* a known account with a similar name */
	const struct issue *issue;		/* the code in question, */
	const struct audit_event *use;		/* by what it was used, */
	const struct ticket *ticket;		/* or the ticket */
	bool grant;				/* or it was a grant */
	const struct conf *conf;
	const struct action *action;		/* what was asked for, */
	const struct targets *targets;		/* and of what */
	uint32_t technician;
	int64_t wait;
	const char *because;			/* overrides the reason's sentence */
};

/* Writes the sentence of a verdict into out and returns it: "Not accepted: it
 * expired 4 minutes ago. ..." */
char *say_verdict(enum cs_reason, const struct say_facts *, char out[SAY_MAX]);

/* The same without what goes before the colon, as a sentence of its own, for a
 * typed error. */
char *say_reason(enum cs_reason, const struct say_facts *, char out[SAY_MAX]);

/* For the administrator on the customer's page, why there is no code, or not yet. */
char *say_to_customer(enum cs_reason, const struct say_facts *, char out[SAY_MAX]);

/* "Acme Ltd (acme) — Change a mail server's IP or host name: mx1 → 203.0.113.9" */
char *say_call(const struct account *, const struct action *, const struct targets *,
    char out[SAY_MAX]);

/* "five wrong codes in ten minutes", of one "wrong code" */
#define SAY_RATE 64
char *say_rate(const struct rate *, const char *what, char out[SAY_RATE]);

/* "4 minutes", "1 second" */
char *say_duration(int64_t seconds, char out[32]);

/* SPDX-License-Identifier: ISC
 *
 * A small reference of what the daemon should answer, written from the design
 * and not from the daemon: plain arrays, linear searches, no store.  It shares
 * no code with daemon/ but the names of reasons.
 */
#pragma once

#include "../lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MODEL_ACCOUNTS = 4,
	MODEL_PERSONS = 6,
	MODEL_TECHNICIANS = 4,
	MODEL_TARGETS = 3,
	MODEL_CODES = 4096,	/* issued since the beginning */
	MODEL_GRANTS = 4096,
	MODEL_TICKETS = 4096,
	MODEL_TIMES = 4096,
	NONE = -1,
};

enum model_action { REPORT, CHANGE, SERVER, NOTE, LOG, GENERAL, MODEL_ACTIONS };

struct model_policy {
	bool code, high, bound, app, shadow;
	int64_t life;
};
extern const char *const model_action_name[MODEL_ACTIONS];
extern const struct model_policy model_configured[MODEL_ACTIONS];

/* Tries of somebody: all of them, oldest first. */
struct model_tries {
	size_t n;
	int64_t at[MODEL_TIMES];
	uint64_t total, filled;
	int64_t day;
	unsigned today;
};

struct model_time {
	int64_t wall, boot;
	uint64_t boot_id;
};

enum model_standing { MODEL_ACTIVE, MODEL_SUSPENDED, MODEL_FROZEN };

struct model_account {
	bool exists, had_administrator, suspended_too;
	unsigned life;			/* one more for each of the same name */
	int64_t frozen;
	enum model_standing standing;
	struct model_tries wrong;
	struct model_policy extra[MODEL_ACTIONS];	/* life 0: none; app: kept out */
};

struct model_member {
	bool is, suspended;
	unsigned long added;		/* step of the random life */
	unsigned actions;		/* bits */
	int64_t cooling_until;
};

struct model_app {
	bool enrolled, confirmed;
	char id[24];
	uint8_t secret[20];
	int64_t last, drift;
	unsigned wrong;
};

struct model_person {
	bool exists, suspended;
	unsigned life;			/* one more for each namesake */
	struct model_app app;
	struct model_tries issued, opened;
	struct model_member of[MODEL_ACCOUNTS + 1];
};

struct model_code {
	bool gone, live;		/* gone: purged or buried */
	enum cs_reason dead;		/* why not live */
	char digits[10], id[24];
	int account, person, action, target;
	struct model_time issued;
	uint64_t epoch, wrong_before;
	int64_t life;
};

struct model_ticket {
	bool live, closed, proved;
	enum cs_reason dead;		/* why not live */
	char id[24];
	int account, person, action, target;
	struct model_time opened;
	uint64_t epoch;
};

struct model_grant {
	bool gone, spent, ended, shadow;
	char text[64];
	int account, person, technician, action, target;
	struct model_time issued;
	uint64_t epoch;
	enum { FROM_NOTHING, FROM_CODE, FROM_APP, FROM_TICKET } from;
	bool named_action, named_target;
	enum cs_reason reason;		/* what the verification said */
};

struct model {
	/* what the clocks say, and said when last something was written */
	struct model_time at, last;
	int64_t steady, highest, kept_steady, kept_highest;
	uint64_t epoch, kept_epoch;
	bool started, plausible;
	/* the last of each never exists */
	struct model_account account[MODEL_ACCOUNTS + 1];
	struct model_person person[MODEL_PERSONS + 1];
	bool out[MODEL_TECHNICIANS];	/* suspended */
	struct model_tries wrong[MODEL_TECHNICIANS], misheard[MODEL_TECHNICIANS];
	struct model_tries refused[MODEL_TECHNICIANS];
	size_t ncodes, ngrants, ntickets;
	struct model_code code[MODEL_CODES];
	struct model_grant grant[MODEL_GRANTS];
	struct model_ticket ticket[MODEL_TICKETS];
};

/* What a technician presents.  Indices are NONE for "not given". */
struct model_ask {
	int technician, account, person, action, target;
	char entry[64];
	enum { SHOWS_NOTHING, SHOWS_NINE, SHOWS_APP, SHOWS_TICKET } shape;
	bool grant;
};

struct model_verdict {
	const char *error;		/* there is no verdict */
	bool summed;			/* in the log, so not remembered */
	bool accepted;			/* what the tool is told, shadow mode included */
	bool truly;			/* without shadow mode */
	enum cs_reason reason;
	int person;			/* whose authority it was looked at */
	bool gives_grant;
	struct model_grant given;
};

void model_start(struct model *, struct model_time);
/* Between two transactions: the moment of the next one; then, when it wrote. */
void model_judge_clock(struct model *);
void model_keep_clock(struct model *);

struct model_verdict model_verify(struct model *, const struct model_ask *);
struct model_verdict model_redeem(struct model *, const struct model_ask *);

/* The policy for an account (NONE: nobody's). */
struct model_policy model_policy(const struct model *, int account, int action);
bool model_over(const struct model *, struct model_time, uint64_t epoch, int64_t life);

/* What issuing does: NULL and *index of the new or same code, or the error. */
const char *model_issue(struct model *, int account, int person, int action, int target,
    bool replace, size_t *index, bool *fresh);
/* What opening a ticket does: NULL and *index of it, or the error. */
const char *model_open(struct model *, int account, int person, int action, int target,
    bool proved, size_t *index);
void model_close(struct model_ticket *);
/* What ends, and what is no more; account NONE: in all of them. */
void model_end(struct model *, int person, int account);
void model_end_account(struct model *, int account);
void model_end_technician(struct model *, int technician);
void model_remove(struct model *, int person, int account);
void model_remove_account(struct model *, int account);
void model_purge(struct model *);

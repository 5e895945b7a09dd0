/* SPDX-License-Identifier: ISC
 *
 * A support desk for tests: a store, a vault and a configuration in a folder
 * of their own, clocks that stand still until they are moved, and handlers
 * called as batch.c calls them.  Each handler runs twice, the first run being
 * dropped, because a lost batch is replayed.
 */
#pragma once

#include "../daemon/request.h"

#include <stdarg.h>

#define DESK_OPERATOR 0		/* uids that ask on the three sockets */
#define DESK_ISSUER 990
#define DESK_MIA 1007
#define DESK_TEO 1008

#define DESK_STACK ((size_t)1 << 20)

struct desk {
	char folder[64];
	struct conf *conf;
	struct store *store;
	struct vault *vault;
	struct instant at;		/* what the clocks say */
	struct technician who;		/* who asks on the staff socket */
	uid_t asserter;			/* the process that asks in that name */
	unsigned long asked;
	bool batching;
	bool damaged;			/* the store is: other errors are returned, too */
	bool failing;			/* anything may fail: each handler runs once, what
					 * it failed of is returned, and nothing is kept */
	enum outcome outcome;		/* of the last commit then */
	uint8_t *stack;			/* DESK_STACK bytes that handlers have for theirs,
					 * to see what they leave there; NULL: the test's */
	struct openings openings;
	uint64_t opened;
	struct cursor cursor, told;	/* before the last answer, and after */
	char rows[131072];		/* what it answered */
	size_t rows_len;
	struct job *job;		/* of a method that has one, in hand */
	/* the last answer */
	struct moment now;
	struct cs_msg out;
	char frame[CS_FRAME_MAX + 1];
	char text[16][SAY_MAX];		/* what desk_text returned lately */
	unsigned ntext;
	char kept[80][72];		/* and desk_keep */
	unsigned nkept;
};

/* A vault over a key file that is gone again, for a generation of that byte. */
struct vault *desk_vault(uint8_t generation);

/* options are added to the configuration file; may be "". */
void desk_open(struct desk *, const char *options);
void desk_close(struct desk *);
/* A fixture of cmocka: closes the desk that *state is. */
int desk_end(void **state);
/* Closes and opens everything: what is not on disk is gone. */
void desk_restart(struct desk *);
/* As SIGHUP with other options. */
void desk_reload(struct desk *, const char *options);

void desk_sit(struct desk *, uid_t, const char *name);	/* who asks from now on */
void desk_pass(struct desk *, int64_t seconds);		/* both clocks */

/* All that is asked between the two is in one transaction. */
void desk_begin(struct desk *);
void desk_commit(struct desk *);

/* Asks "staff.Verify", "control.Issue"...; what has a prepare is prepared, worked
 * and handled.  The parameters are JSON with ' for
 * ", without braces; a fresh "request" is added when there is none.  CS_OK:
 * kept; CS_ERR_ANSWERED: a typed error, nothing kept; another error: no answer,
 * where something is damaged or fails. */
enum cs_err desk_ask(struct desk *, const char *method, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
enum cs_err desk_vask(struct desk *, const char *method, const char *fmt, va_list)
    __attribute__((format(printf, 3, 0)));

/* A transaction of its own for work that may fail, and what it failed of. */
enum cs_err desk_risk(struct desk *, enum cs_err (*work)(struct desk *, void *), void *arg);

/* The answer's parameter, "" when it has none; the error's last name as "error". */
const char *desk_text(struct desk *, const char *name);
int64_t desk_int(struct desk *, const char *name);		/* -1: none */

/* The list that was asked for last, from where it is. */
enum cs_err desk_go_on(struct desk *);
/* The last answer's rows, without the empty one that ends a list: how many, and
 * the one that desk_text is about from now on. */
unsigned desk_rows_told(struct desk *);
void desk_row(struct desk *, unsigned n);

/* What follows is desk_story.c.
 *
 * Verifies and returns the reason, or the name of the error. */
const char *desk_verify(struct desk *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *desk_redeem(struct desk *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The operator issues a code: its nine digits, or the name of the error. */
const char *desk_issue(struct desk *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Nine digits that pass the check, new each time, that nobody issued. */
const char *desk_wrong(struct desk *);
/* So many wrong tries on an account, each by another technician. */
void desk_fail(struct desk *, const char *account, unsigned tries);

/* A copy of a text that outlives the desk's own sixteen. */
char *desk_keep(struct desk *, const char *text);
/* Suspends, freezes... an account. */
void desk_stand(struct desk *, const char *account, enum standing);
/* The account with one administrator, who may authorise everything. */
void desk_add(struct desk *, const char *account, const char *admin);
/* Enrolls and confirms; returns the number, secret has room for 20 bytes. */
uint64_t desk_enroll(struct desk *, const char *admin, const char *purpose, uint8_t *secret);
/* A session of that administrator from 192.0.2.7, proved by a code just now or
 * not at all: the token. */
const char *desk_log_in(struct desk *, const char *admin, bool proved);
/* The code that an app with this secret shows now. */
const char *desk_app(struct desk *, const uint8_t *secret);
/* Runs the purge and the index until nothing is left for them. */
void desk_purge(struct desk *);
/* Rows of a table. */
uint64_t desk_rows(struct desk *, enum table);
/* An event as the log shows it: then desk_text. */
void desk_event(struct desk *, uint64_t id);
uint64_t desk_events(struct desk *);
/* A record under its number, gone although others name it: only damage does that. */
void desk_lose(struct desk *, enum table, uint64_t number);

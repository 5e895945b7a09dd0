/* SPDX-License-Identifier: ISC
 *
 * What may be asked: one table, a row a method.  Who may ask is a column of
 * it, and no other access check exists.  A handler is straight-line code that
 * may run twice (batch.c): no statics, no libevent, numbers from the store.
 */
#pragma once

#include "clock.h"
#include "conf.h"
#include "cursor.h"
#include "role.h"
#include "store.h"
#include "technician.h"
#include "vault.h"

#include "../lib/wire.h"

enum door {			/* the sockets, as a mask */
	DOOR_STAFF = 1 << 0,
	DOOR_PANEL = 1 << 1,
	DOOR_CONTROL = 1 << 2,
};
#define DOORS 3
#define DOOR_ANY (DOOR_STAFF | DOOR_PANEL | DOOR_CONTROL)

#define ROLE_ANY 0xffffffffu

enum row_flag {
	ROW_MORE = 1 << 0,		/* answers many rows */
	ROW_TECHNICIAN = 1 << 1,	/* asked in the name of a technician */
	ROW_RESERVE = 1 << 2,		/* must work in a full store */
	ROW_ABOUT = 1 << 3,		/* asked about a technician, if one is named */
};

struct request;
struct job;

struct row {
	const char *method;		/* whole: io.countersign.staff.Verify */
	unsigned doors;			/* where it may be asked */
	unsigned roles;			/* by whom */
	unsigned per_minute;		/* calls of one uid that is no operator; 0: unbounded */
	unsigned flags;
	enum cs_err (*handle)(struct request *);
	/* Comes before the handler, in a batch of its own, when there is one: reads
	 * what the worker needs to know, and sets up the job.  What it writes into
	 * the reply is the answer, and there is no job. */
	enum cs_err (*prepare)(struct request *, struct job *);
};

extern const struct row request_rows[];
extern const size_t request_nrows;

const struct row *request_find(struct cs_str method);

/* Numbers for Status; written by batch.c and conn.c only. */
struct counters {
	uint64_t connections, batches, verifications, accepted, refused;
	int64_t started;	/* wall */
};

/* The accounts for which calls were opened of late, for Changes: that is no
 * event.  Written by batch.c only, after the commit. */
#define OPENINGS_KEPT 256
struct openings {
	uint64_t n;			/* ever, since the start */
	uint64_t account[OPENINGS_KEPT];	/* the n-th at n % OPENINGS_KEPT, from 0 */
};

/* What a handler is given. */
struct request {
	const struct row *row;
	const struct cs_msg *in;
	const struct peer *peer;
	unsigned roles;
	enum door door;
	const struct technician *who;	/* ROW_TECHNICIAN: in whose name; ROW_ABOUT:
					 * about whom, or NULL */
	struct store *store;
	const struct vault *vault;
	const struct conf *conf;
	const struct counters *counters;
	const struct openings *openings;
	struct moment now;
	struct cursor *cursor;		/* ROW_MORE */
	const struct job *job;		/* what the worker made of prepare's */
	struct reply *reply;
	/* told to batch.c, which counts after the commit */
	bool decided;			/* a verification was made */
	enum cs_verdict verdict;
	uint64_t opened;		/* the account for which a call was; 0: none */
};

/* The encoded frames that answer one request.  Grows; freed by batch.c. */
struct reply {
	char *buf;
	size_t len, cap;
	struct cs_writer writer;
	bool open;
	enum cs_err err;
};

/* Begins a frame; cs_put_* into what it returns; then reply_end.  continues
 * must be true for each row of a list, and a list ends with reply_done. */
struct cs_writer *reply_begin(struct request *, bool continues);
/* "NotPermitted": the door's interface is put before it; a name with a dot is
 * whole. */
struct cs_writer *reply_error(struct request *, const char *error);
enum cs_err reply_end(struct request *);
/* The end of a list: a reply without parameters. */
enum cs_err reply_done(struct request *);
void reply_clear(struct reply *);	/* wipes and frees */
void reply_restart(struct reply *);	/* wipes; keeps the memory of one frame */

/* One-line answers to what is wrong: they write the typed error and return
 * CS_ERR_ANSWERED, which a handler passes on. */
enum cs_err refuse_parameter(struct request *, const char *name);	/* InvalidParameter */
enum cs_err refuse_error(struct request *, const char *error, const char *say);
enum cs_err refuse_named(struct request *, const char *error, const char *field,
    struct cs_str value, const char *say);
enum cs_err refuse_unavailable(struct request *, const char *why);
enum cs_err refuse_busy(struct request *, int64_t wait, const char *say);
/* A refusal that is an answer: what was counted with it is kept. */
enum cs_err answer_refused(struct request *, const char *why, const char *say);
/* For the customer's page: "too many codes were generated". */
enum cs_err refuse_throttled(struct request *, int64_t wait, const char *because);

/* Parameters, answered for by refuse_parameter when of the wrong type.
 * want: must be there and not empty; may: *out is empty when absent. */
enum cs_err want_string(struct request *, const char *name, struct cs_str *out);
enum cs_err may_string(struct request *, const char *name, struct cs_str *out);
enum cs_err may_bool(struct request *, const char *name, bool *out);
enum cs_err may_int(struct request *, const char *name, int64_t *out);

/* SPDX-License-Identifier: ISC
 *
 * Everything real but the sockets and the clock.
 */
#include "desk.h"

#include "promised.h"

#include "../daemon/channel.h"
#include "../daemon/job.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"

struct vault *desk_vault(uint8_t generation)
{
	char path[] = "/tmp/countersign.XXXXXX";
	uint8_t whole[16];
	struct vault *vault = NULL;
	int fd = mkstemp(path);

	unsetenv("CREDENTIALS_DIRECTORY");
	memset(whole, generation, sizeof(whole));
	assert_true(fd >= 0);
	assert_int_equal(write(fd, KEY, sizeof(KEY) - 1), sizeof(KEY) - 1);
	close(fd);
	assert_int_equal(vault_open(path, whole, &vault), CS_OK);
	unlink(path);
	return vault;
}

static void write_file(const struct desk *d, const char *name, mode_t mode, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", d->folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void load(struct desk *d, const char *options)
{
	char text[8192], path[128];

	snprintf(text, sizeof(text),
	    "state-dir = \"%s/state\"\nsocket-dir = \"%s\"\nmaster-key = \"%s/key\"\n"
	    "map-size = \"64M\"\n"
	    "role staff { users = { \"%d\", \"%d\" } groups = { } }\n"
	    "role panel { users = { } }\n%s\n",
	    d->folder, d->folder, d->folder, DESK_MIA, DESK_TEO, options);
	write_file(d, "conf", 0600, text);
	snprintf(path, sizeof(path), "%s/conf", d->folder);
	conf_free(&d->conf);
	assert_int_equal(conf_load(path, &d->conf), CS_OK);
}

static void open_store(struct desk *d)
{
	assert_int_equal(store_open(d->conf, &d->store), CS_OK);
	assert_int_equal(vault_open(d->conf->master_key, store_generation(d->store), &d->vault),
	    CS_OK);
}

void desk_open(struct desk *d, const char *options)
{
	*d = (struct desk){ .at = { .wall = 1790000000, .boot = 5000, .boot_id = 1 } };
	snprintf(d->folder, sizeof(d->folder), "%s/countersign.XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(d->folder));
	unsetenv("CREDENTIALS_DIRECTORY");
	write_file(d, "key", 0400, KEY);
	load(d, options);
	open_store(d);
	desk_sit(d, DESK_MIA, "mia");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

void desk_close(struct desk *d)
{
	store_close(d->store);
	vault_close(&d->vault);
	conf_free(&d->conf);
	nftw(d->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int desk_end(void **state)
{
	desk_close(*state);
	return 0;
}

void desk_restart(struct desk *d)
{
	store_close(d->store);
	vault_close(&d->vault);
	open_store(d);
}

void desk_reload(struct desk *d, const char *options)
{
	load(d, options);
}

void desk_sit(struct desk *d, uid_t uid, const char *name)
{
	d->who = (struct technician){ .uid = uid };
	snprintf(d->who.name, sizeof(d->who.name), "%s", name);
	d->asserter = uid;
}

void desk_pass(struct desk *d, int64_t seconds)
{
	d->at.wall += seconds;
	d->at.boot += seconds;
}

void desk_begin(struct desk *d)
{
	struct clock_record keep;

	assert_int_equal(store_begin(d->store), CS_OK);
	clock_judge(store_clock(d->store), &d->at, &d->now, &keep);
	store_set_clock(d->store, &keep);
	d->batching = true;
}

void desk_commit(struct desk *d)
{
	enum outcome outcome;

	store_commit(d->store, &outcome, NULL);
	assert_int_equal(outcome, OUTCOME_DURABLE);
	d->batching = false;
}

static uid_t peer_of(const struct desk *d, enum door door)
{
	switch (door) {
	case DOOR_STAFF:
		return d->asserter;
	case DOOR_PANEL:
		return DESK_ISSUER;
	case DOOR_CONTROL:
		return DESK_OPERATOR;
	}
	return 0;
}

static bool names_technician(const struct row *row, const struct cs_msg *in)
{
	return (row->flags & ROW_TECHNICIAN) != 0 ||
	    ((row->flags & ROW_ABOUT) != 0 && cs_msg_find(in, "technician") != NULL);
}

static struct {
	const struct row *row;
	struct request *r;
	struct job *job;
	enum cs_err e;
} call;

static void call_it(void)
{
	call.e = call.job != NULL ? call.row->prepare(call.r, call.job) : call.row->handle(call.r);
}

static void call_there(uint8_t *stack)
{
	ucontext_t here, there;

	assert_int_equal(getcontext(&there), 0);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = DESK_STACK;
	there.uc_link = &here;
	makecontext(&there, call_it, 0);
	assert_int_equal(swapcontext(&here, &there), 0);
}

/* As in batch.c: one that is not whole is an error.  A preparation need not reply. */
static enum cs_err check_reply(const struct reply *reply, bool prepares, enum cs_err e)
{
	if (e != CS_OK && e != CS_ERR_ANSWERED)
		return e;
	if (reply->err != CS_OK)
		return reply->err;
	return reply->open || (reply->len == 0 && !prepares) ? CS_ERR_FORMAT : e;
}

static enum cs_err run(struct desk *d, const struct row *row, const struct cs_msg *in,
    struct job *job)
{
	static const struct counters counters;
	const struct peer peer = { .uid = peer_of(d, row->doors) };
	struct reply reply = { 0 };
	struct cursor cursor = d->cursor;
	struct request r = {
		.row = row,
		.in = in,
		.peer = &peer,
		.door = row->doors,
		.who = names_technician(row, in) ? &d->who : NULL,
		.store = d->store,
		.vault = d->vault,
		.conf = d->conf,
		.counters = &counters,
		.openings = &d->openings,
		.now = d->now,
		.cursor = &cursor,
		.reply = &reply,
		.job = d->job,
	};
	enum cs_err e;

	call.row = row;
	call.r = &r;
	call.job = job;
	if (d->stack != NULL)
		call_there(d->stack);
	else
		call_it();
	e = call.e;
	d->opened = r.opened;
	d->told = cursor;
	d->told.started = true;
	if (d->failing)
		e = check_reply(&reply, job != NULL, e);
	else
		assert_int_equal(reply.err, CS_OK);
	if (job != NULL && reply.len == 0)
		return e;
	if ((d->damaged || d->failing) && e != CS_OK && e != CS_ERR_ANSWERED) {
		d->out = (struct cs_msg){ .nfields = 0 };
		reply_clear(&reply);
		return e;
	}
	assert_true(e == CS_OK || e == CS_ERR_ANSWERED);
	assert_false(reply.open);
	assert_true(reply.len <= sizeof(d->rows));
	if (reply.len > 0)
		memcpy(d->rows, reply.buf, reply.len);
	d->rows_len = reply.len;
	promised_check(row, d->rows, reply.len);
	if (reply.len > 0)
		desk_row(d, 0);
	reply_clear(&reply);
	return e;
}

void desk_row(struct desk *d, unsigned n)
{
	const char *row = d->rows;
	size_t len;

	for (; n > 0; n--)
		row += strlen(row) + 1;
	len = strlen(row);
	assert_true(row + len < d->rows + d->rows_len && len <= CS_FRAME_MAX);
	memcpy(d->frame, row, len + 1);
	assert_int_equal(cs_msg_decode(d->frame, len, &d->out), CS_OK);
}

unsigned desk_rows_told(struct desk *d)
{
	unsigned n = 0;

	for (size_t i = 0; i < d->rows_len; i += strlen(d->rows + i) + 1)
		n += strstr(d->rows + i, "\"continues\":true") != NULL;
	return n;
}

static void read_message(struct desk *d, const char *method, const char *parameters, char *frame,
    struct cs_msg *in)
{
	int n;

	d->asked++;
	n = snprintf(frame, CS_FRAME_MAX + 1, "{'method':'io.countersign.%s','parameters':{%s%s",
	    method, parameters,
	    parameters[0] == '\0' ? "" : ",");
	if (strstr(parameters, "'request'") == NULL)
		n += snprintf(frame + n, (size_t)(CS_FRAME_MAX + 1 - n),
		    "'request':'request-%08lu'}}", d->asked);
	else
		n += snprintf(frame + n - 1, (size_t)(CS_FRAME_MAX + 2 - n), "}}") - 1;
	assert_in_range(n, 1, CS_FRAME_MAX);
	for (int i = 0; i < n; i++)
		if (frame[i] == '\'')
			frame[i] = '"';
	assert_int_equal(cs_msg_decode(frame, (size_t)n, in), CS_OK);
}

/* True when the preparation is the answer. */
static bool prepare(struct desk *d, const struct row *row, const struct cs_msg *in, enum cs_err *e)
{
	struct job *job = calloc(1, sizeof(*job));

	assert_non_null(job);
	d->out = (struct cs_msg){ .nfields = 0 };
	run(d, row, in, job);
	store_drop(d->store);
	memset(job, 0, sizeof(*job));
	*e = run(d, row, in, job);
	if (*e == CS_OK)
		assert_int_equal(store_keep(d->store), CS_OK);
	else
		store_drop(d->store);
	if (*e != CS_OK || d->out.error.len > 0) {
		job_free(&job);
		return true;
	}
	job_work(job);
	d->job = job;
	return false;
}

/* Twice, as batch.c may. */
static enum cs_err handle(struct desk *d, const struct row *row, const struct cs_msg *in)
{
	char first[64];
	enum cs_err e;

	run(d, row, in, NULL);
	store_drop(d->store);
	snprintf(first, sizeof(first), "%s %s", desk_text(d, "error"), desk_text(d, "reason"));
	e = run(d, row, in, NULL);
	if (e == CS_OK && d->opened != 0)
		channel_note(&d->openings, d->opened);
	if (e == CS_OK)
		assert_int_equal(store_keep(d->store), CS_OK);
	else
		store_drop(d->store);
	assert_int_equal(strncmp(first, desk_text(d, "error"), strlen(desk_text(d, "error"))), 0);
	assert_string_equal(strchr(first, ' ') + 1, desk_text(d, "reason"));
	return e;
}

static enum cs_err keep_or_drop(struct desk *d, enum cs_err e)
{
	if (e == CS_OK)
		return store_keep(d->store);
	store_drop(d->store);
	return e;
}

/* Once, and the first step that fails is the last. */
static enum cs_err handle_or_fail(struct desk *d, const struct row *row, const struct cs_msg *in)
{
	struct job *job = NULL;
	enum cs_err e = CS_OK;

	d->out = (struct cs_msg){ .nfields = 0 };
	if (row->prepare != NULL) {
		job = calloc(1, sizeof(*job));
		e = job == NULL ? CS_ERR_NOMEM : keep_or_drop(d, run(d, row, in, job));
		if (e == CS_OK)
			job_work(job);
	}
	d->job = job;
	if (e == CS_OK && d->out.error.len == 0)
		e = keep_or_drop(d, run(d, row, in, NULL));
	job_free(&d->job);
	return e;
}

enum cs_err desk_risk(struct desk *d, enum cs_err (*work)(struct desk *, void *), void *arg)
{
	struct clock_record keep;
	enum cs_err e = store_begin(d->store), why = CS_OK;

	d->outcome = OUTCOME_NOTHING;
	if (e != CS_OK)
		return e;
	clock_judge(store_clock(d->store), &d->at, &d->now, &keep);
	store_set_clock(d->store, &keep);
	e = work(d, arg);
	store_commit(d->store, &d->outcome, &why);
	return e == CS_OK ? why : e;
}

struct asked {
	const struct row *row;
	const struct cs_msg *in;
};

static enum cs_err risk(struct desk *d, void *arg)
{
	const struct asked *asked = arg;

	return handle_or_fail(d, asked->row, asked->in);
}

static enum cs_err carry_out(struct desk *d, const struct row *row, const struct cs_msg *in)
{
	bool own = !d->batching;
	enum cs_err e = CS_OK;

	if (d->failing)
		return desk_risk(d, risk, &(struct asked){ row, in });
	if (own)
		desk_begin(d);
	if (row->prepare == NULL || !prepare(d, row, in, &e))
		e = handle(d, row, in);
	job_free(&d->job);
	if (own)
		desk_commit(d);
	return e;
}

static char frame[CS_FRAME_MAX + 1];
static struct cs_msg asked;

static enum cs_err ask(struct desk *d, const char *method, const char *parameters)
{
	const struct row *row;

	read_message(d, method, parameters, frame, &asked);
	row = request_find(asked.method);
	assert_non_null(row);
	d->cursor = (struct cursor){ 0 };
	return carry_out(d, row, &asked);
}

enum cs_err desk_go_on(struct desk *d)
{
	d->cursor = d->told;
	d->cursor.again = d->cursor.follow = false;
	return carry_out(d, request_find(asked.method), &asked);
}

enum cs_err desk_vask(struct desk *d, const char *method, const char *fmt, va_list ap)
{
	char parameters[CS_FRAME_MAX];
	int n = vsnprintf(parameters, sizeof(parameters), fmt, ap);

	assert_in_range(n, 0, CS_FRAME_MAX - 1);
	return ask(d, method, parameters);
}

enum cs_err desk_ask(struct desk *d, const char *method, const char *fmt, ...)
{
	enum cs_err e;
	va_list ap;

	va_start(ap, fmt);
	e = desk_vask(d, method, fmt, ap);
	va_end(ap);
	return e;
}

const char *desk_text(struct desk *d, const char *name)
{
	char *text = d->text[d->ntext++ % 16];
	struct cs_str s = { NULL, 0 };

	if (strcmp(name, "error") == 0) {
		s = d->out.error;
		for (size_t i = s.len; i > 0; i--) {
			if (s.p[i - 1] == '.') {
				s = (struct cs_str){ s.p + i, s.len - i };
				break;
			}
		}
	} else {
		cs_msg_string(&d->out, name, &s);
	}
	assert_true(s.len < SAY_MAX);
	if (s.len > 0)
		memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	return text;
}

int64_t desk_int(struct desk *d, const char *name)
{
	int64_t n = -1;

	cs_msg_int(&d->out, name, &n);
	return n;
}

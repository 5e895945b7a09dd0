/* SPDX-License-Identifier: ISC */
#include "fake_batch.h"

#include "../daemon/activity.h"
#include "../daemon/purge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct script script;
struct daemon d;

void act(const char *text)
{
	strncat(script.acts, text, sizeof(script.acts) - strlen(script.acts) - 1);
}

enum cs_err store_begin(struct store *s)
{
	(void)s;
	if (script.begin == CS_OK)
		act("(");
	return script.begin;
}

enum cs_err store_begin_reserve(struct store *s)
{
	(void)s;
	act("[");
	return CS_OK;
}

enum cs_err store_keep(struct store *s)
{
	enum cs_err e = script.keep;

	(void)s;
	script.keep = CS_OK;
	act(e == CS_OK ? "+" : "!");
	return e;
}

void store_drop(struct store *s)
{
	(void)s;
	act("-");
}

void store_commit(struct store *s, enum outcome *outcome, enum cs_err *why)
{
	(void)s;
	*outcome = script.outcomes[script.ncommits];
	if (why != NULL && *outcome != OUTCOME_DURABLE)
		*why = script.commit_why;
	if (script.ncommits < sizeof(script.outcomes) / sizeof(script.outcomes[0]) - 1)
		script.ncommits++;
	act(*outcome == OUTCOME_DURABLE ? ")" : *outcome == OUTCOME_NOTHING ? "0" : "?");
}

uint64_t store_count(const struct store *s, enum sequence sequence)
{
	(void)s;
	(void)sequence;
	return script.last_event;
}

const struct clock_record *store_clock(const struct store *s)
{
	(void)s;
	return &script.last_clock;
}

void store_set_clock(struct store *s, const struct clock_record *c)
{
	(void)s;
	(void)c;
}

void store_grow(struct store *s)
{
	(void)s;
	script.before_growth = strlen(script.acts);
}

void store_tick(struct store *s)
{
	(void)s;
}

const char *audit_kind_name(enum event_kind kind)
{
	(void)kind;
	return "event";
}

struct cs_str asked_shown(struct cs_str typed)
{
	return typed;
}

enum cs_err audit_append(struct store *s, const struct vault *v, const struct moment *now,
    struct audit_event *event)
{
	(void)s;
	(void)v;
	(void)now;
	(void)event;
	act("e");
	return script.append;
}

enum cs_err purge_step(struct store *s, const struct conf *conf, const struct vault *v,
    const struct moment *now, struct dormant_walk *walk)
{
	(void)s;
	(void)conf;
	(void)v;
	(void)now;
	script.walk_began = walk->admin;
	walk->admin += 50;
	act("p");
	return script.purge;
}

enum cs_err activity_step(struct store *s, unsigned most, bool *behind)
{
	(void)s;
	*behind = script.steps_behind > 0 && --script.steps_behind > 0;
	act(most > 100 ? "I" : "i");
	return CS_OK;
}

void conn_answer(struct conn *c, const struct reply *reply)
{
	char text[] = { '<', c->name, '\0' };

	act(text);
	snprintf(c->said, sizeof(c->said), "%s", reply->len > 0 ? reply->buf : "");
}

void conn_unavailable(struct conn *c, const char *why)
{
	char text[] = { 'u', c->name, '\0' };

	act(text);
	snprintf(c->said, sizeof(c->said), "%s", why);
}

void conn_throttled(struct conn *c, int64_t wait, const char *say)
{
	char text[] = { 't', c->name, '\0' };

	(void)wait;
	(void)say;
	act(text);
}

void conn_wake_followers(struct daemon *daemon)
{
	(void)daemon;
	act("w");
}

const struct peer *conn_peer(const struct conn *c)
{
	return &c->peer;
}

unsigned conn_roles(const struct conn *c)
{
	return c->roles;
}

enum door conn_door(const struct conn *c)
{
	(void)c;
	return DOOR_STAFF;
}

struct cursor *conn_cursor(struct conn *c)
{
	return &c->cursor;
}

const char *door_name(enum door door)
{
	(void)door;
	return "staff";
}

void daemon_fail(struct daemon *daemon, const char *why)
{
	(void)why;
	if (!daemon->failed)
		act("F");
	daemon->failed = true;
}

/* The worker: it has room for one, and works when it is told. */

static struct task *waiting;
static worker_cb tell;

enum cs_err worker_add(struct worker *w, struct job **job, worker_cb cb, void *arg)
{
	(void)w;
	act("j");
	if (script.working != NULL) {
		job_free(job);
		return CS_ERR_FULL;
	}
	script.working = *job;
	*job = NULL;
	tell = cb;
	waiting = arg;
	return CS_OK;
}

void finish_work(void)
{
	struct job *job = script.working;

	script.working = NULL;
	job->right = true;
	tell(job, waiting);
}

void act_named(const struct request *r)
{
	act(r->in->method.p);
}

enum cs_err say_yes(struct request *r)
{
	act_named(r);
	r->decided = true;
	r->verdict = CS_ACCEPTED;
	script.last_event++;
	cs_put_bool(reply_begin(r, false), "yes", true);
	return reply_end(r);
}

const struct row accept_row = { "t.Accept", DOOR_STAFF, ROLE_ANY, 0, 0, say_yes, NULL };

void add(struct conn *c, char name, const struct row *row)
{
	static const char *const names = "a\0b\0c\0d";

	memset(c, 0, sizeof(*c));
	c->name = name;
	c->task.daemon = &d;
	c->task.conn = c;
	c->task.row = row;
	c->task.msg.method = (struct cs_str){ names + 2 * (name - 'a'), 1 };
	batch_add(d.batch, &c->task);
}

int set_up(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	script = (struct script){ .commit_why = CS_ERR_FULL };
	for (size_t i = 0; i < sizeof(script.outcomes) / sizeof(script.outcomes[0]); i++)
		script.outcomes[i] = OUTCOME_DURABLE;
	d.base = event_base_new();
	return batch_new(&d, &d.batch) == CS_OK && upkeep_new(&d, &d.upkeep) == CS_OK ? 0 : -1;
}

int tear_down(void **state)
{
	(void)state;
	upkeep_free(&d.upkeep);
	batch_free(&d.batch);
	event_base_free(d.base);
	return 0;
}

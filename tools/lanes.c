/* SPDX-License-Identifier: ISC
 *
 * See lanes.h.
 */
#include "lanes.h"

#include "fail.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define TIMEOUT_MS 30000
#define PACE 180000		/* nanoseconds a question; a roster asks two for a line */
#define PAUSE_TENTHS 7		/* of the time that a round took, at least */
#define PAUSE_MOST 100000000	/* nanoseconds */

/* One question on its way. */
struct asked {
	size_t i;		/* which one */
	bool sent;
};

struct round {
	struct lanes *lanes;
	char method[96];
	lanes_fill fill;
	lanes_take take;
	void *arg;
	struct asked asked[LANES_MAX];
	size_t n;
};

enum status lanes_open(struct lanes *l, const struct invocation *in, enum door door)
{
	*l = (struct lanes){ .in = in, .n = LANES_MAX };
	return place_find(in, door, &l->place);
}

void lanes_close(struct lanes *l)
{
	for (size_t i = 0; i < LANES_MAX; i++)
		cs_client_close(&l->at[i]);
}

/* Whatever was put, answered or not, may be done. */
static enum status fail_midway(const struct lanes *l, enum cs_err e, struct cs_str why)
{
	if (!l->sent)
		return fail_call(e, l->place.path, false);
	if (why.len == 0)
		why = cs_str(cs_err_text(e));
	return fail_with(STATUS_AWAY,
	    "Countersign stopped answering: %.*s. What was done before stays done. When it "
	    "answers, do the same again: it goes on from there.", (int)why.len, why.p);
}

static enum cs_err send_one(struct round *r, size_t lane, size_t i, bool *skipped)
{
	struct cs_client **client = &r->lanes->at[lane];
	struct cs_writer w;
	size_t len;
	enum cs_err e = CS_OK;

	*skipped = false;
	if (*client == NULL)
		e = cs_client_open(r->lanes->place.path, TIMEOUT_MS, client);
	if (e != CS_OK)
		return e;
	cs_client_set_timeout(*client, TIMEOUT_MS);
	cs_writer_call(&w, cs_client_buf(*client), CS_FRAME_MAX + 1, r->method, false);
	*skipped = !r->fill(&w, r->arg, i);
	if (*skipped)
		return CS_OK;
	e = cs_writer_end(&w, &len);
	if (e != CS_OK)
		return e;
	r->lanes->sent = true;
	return cs_client_send(*client, len);
}

static bool is_unavailable(const struct cs_msg *reply)
{
	static const char name[] = ".Unavailable";
	size_t len = sizeof(name) - 1;

	return reply->error.len > len &&
	    memcmp(reply->error.p + reply->error.len - len, name, len) == 0;
}

/* The daemon takes no more connections than before this lane; one is left for
 * what is asked beside. */
static void narrow(struct lanes *l, size_t lane)
{
	if (lane == 0 || lane >= l->n)
		return;
	l->n = lane > 1 ? lane - 1 : 1;
	for (size_t i = l->n; i < LANES_MAX; i++)
		cs_client_close(&l->at[i]);
}

/* On the first lane, anew, when a connection ended or was one too many. */
static enum status ask_again(struct round *r, size_t lane, size_t i)
{
	struct lanes *l = r->lanes;
	const struct cs_msg *reply;
	struct cs_str why = { 0 };
	bool skipped;
	enum cs_err e;

	cs_client_close(&l->at[lane]);
	if (!l->answered[lane])
		narrow(l, lane);
	e = send_one(r, 0, i, &skipped);
	if (e == CS_OK)
		e = cs_client_receive(l->at[0], &reply);
	if (e != CS_OK)
		return fail_midway(l, e, why);
	if (!is_unavailable(reply))
		return r->take(r->arg, i, reply);
	cs_msg_string(reply, "why", &why);
	return why.len > 0 ? fail_midway(l, CS_ERR_CLOSED, why) : fail_reply(l->in, reply);
}

static enum status collect(struct round *r)
{
	bool lost[LANES_MAX] = { false };
	enum status status = STATUS_DONE;

	for (size_t lane = 0; lane < r->n && status == STATUS_DONE; lane++) {
		const struct cs_msg *reply;
		enum cs_err e = CS_ERR_CLOSED;

		if (r->asked[lane].sent)
			e = cs_client_receive(r->lanes->at[lane], &reply);
		lost[lane] = e != CS_OK || is_unavailable(reply);
		r->lanes->answered[lane] |= !lost[lane];
		if (!lost[lane])
			status = r->take(r->arg, r->asked[lane].i, reply);
	}
	for (size_t lane = 0; lane < r->n && status == STATUS_DONE; lane++)
		if (lost[lane])
			status = ask_again(r, lane, r->asked[lane].i);
	return status;
}

static int64_t read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* On a fast disk the pace alone leaves the daemon idle most of the time; on a
 * slow one a verification waits for one commit of ours at most. */
static void pause_after(size_t n, int64_t took)
{
	int64_t least = took * PAUSE_TENTHS / 10, paced = (int64_t)n * PACE - took;
	int64_t ns = paced > least ? paced : least;
	struct timespec ts = { 0, ns < PAUSE_MOST ? ns : PAUSE_MOST };

	nanosleep(&ts, NULL);
}

enum status lanes_ask(struct lanes *l, const char *method, size_t n, lanes_fill fill,
    lanes_take take, void *arg)
{
	struct round r = { .lanes = l, .fill = fill, .take = take, .arg = arg };
	enum status status = STATUS_DONE;
	size_t next = 0;

	snprintf(r.method, sizeof(r.method), "%s.%s", l->place.interface, method);
	while (next < n && status == STATUS_DONE) {
		int64_t began = read_clock();

		for (r.n = 0; r.n < l->n && next < n; next++) {
			bool skipped;
			enum cs_err e = send_one(&r, r.n, next, &skipped);

			if (e == CS_ERR_LIMIT || e == CS_ERR_FORMAT || e == CS_ERR_UNREACHABLE ||
			    e == CS_ERR_PEER || e == CS_ERR_NOMEM)
				return fail_midway(l, e, (struct cs_str){ 0 });
			if (!skipped)
				r.asked[r.n++] = (struct asked){ next, e == CS_OK };
		}
		status = collect(&r);
		if (r.n > 0)
			pause_after(r.n, read_clock() - began);
	}
	return status;
}

/* SPDX-License-Identifier: ISC
 *
 * Sliding windows over the times of the latest tries, and a count a day.
 */
#include "limit.h"

#include <string.h>

#define DAY 86400

bool bucket_full(const struct bucket *b, const struct rate *rate, int64_t now)
{
	return b->n >= rate->count && b->at[b->n - rate->count] > now - rate->seconds;
}

int64_t bucket_wait(const struct bucket *b, const struct rate *rate, int64_t now)
{
	return bucket_full(b, rate, now) ? b->at[b->n - rate->count] + rate->seconds - now : 0;
}

static bool day_full(const struct bucket *b, unsigned most, int64_t now)
{
	return b->today >= most && now < b->day + DAY;
}

void bucket_add(struct bucket *b, int64_t now)
{
	if (b->n == BUCKET_TIMES)
		memmove(b->at, b->at + 1, --b->n * sizeof(b->at[0]));
	b->at[b->n++] = now;
	b->total++;
	if (b->today == 0 || now >= b->day + DAY) {
		b->day = now;
		b->today = 0;
	}
	b->today++;
}

enum cs_err limit_technician(struct store *store, const struct conf *conf, uint32_t uid,
    int64_t steady, struct limit_wait *wait)
{
	struct bucket wrong, misheard;
	enum cs_err e = store_get_bucket(store, BUCKET_TECHNICIAN, uid, &wrong);

	*wait = (struct limit_wait){ 0 };
	if (e == CS_OK)
		e = store_get_bucket(store, BUCKET_MISHEARD, uid, &misheard);
	if (e != CS_OK)
		return e;
	if (day_full(&wrong, conf->limit.technician_day, steady))
		*wait = (struct limit_wait){ wrong.day + DAY - steady,
		    { conf->limit.technician_day, DAY }, "wrong code" };
	else if (bucket_full(&misheard, &conf->limit.misheard, steady))
		*wait = (struct limit_wait){ bucket_wait(&misheard, &conf->limit.misheard, steady),
		    conf->limit.misheard, "misheard code" };
	else if (bucket_full(&wrong, &conf->limit.technician, steady) &&
	    wrong.at[wrong.n - 1] + conf->limit.technician_pause > steady)
		*wait = (struct limit_wait){
			wrong.at[wrong.n - 1] + conf->limit.technician_pause - steady,
			conf->limit.technician, "wrong code"
		};
	return CS_OK;
}

static bool account_full(const struct conf *conf, const struct bucket *b, int64_t steady)
{
	return bucket_full(b, &conf->limit.account, steady) ||
	    day_full(b, conf->limit.account_day, steady);
}

enum cs_err limit_account(struct store *store, const struct conf *conf, uint64_t account,
    int64_t steady, struct limit_account *out)
{
	struct bucket b;
	enum cs_err e = store_get_bucket(store, BUCKET_ACCOUNT, account, &b);

	if (e != CS_OK)
		return e;
	out->wrong = b.total;
	out->filled = b.filled;
	out->full = account_full(conf, &b, steady);
	out->wait = bucket_wait(&b, &conf->limit.account, steady);
	out->rate = conf->limit.account;
	if (day_full(&b, conf->limit.account_day, steady)) {
		out->wait = b.day + DAY - steady;
		out->rate = (struct rate){ conf->limit.account_day, DAY };
	}
	return CS_OK;
}

bool limit_killed(const struct conf *conf, const struct limit_account *limits,
    const struct issue *issue)
{
	return limits->wrong - issue->wrong_before >= conf->code_tries ||
	    (limits->full && issue->wrong_before < limits->filled);
}

static enum cs_err count(struct store *store, enum bucket_kind kind, uint64_t subject,
    int64_t steady)
{
	struct bucket b;
	enum cs_err e = store_get_bucket(store, kind, subject, &b);

	if (e != CS_OK)
		return e;
	bucket_add(&b, steady);
	store_put_bucket(store, kind, subject, &b);
	return CS_OK;
}

enum cs_err limit_count_wrong(struct store *store, const struct conf *conf, uint32_t uid,
    uint64_t account, int64_t steady)
{
	struct bucket b;
	enum cs_err e = count(store, BUCKET_TECHNICIAN, uid, steady);

	if (e != CS_OK || account == 0)
		return e;
	e = store_get_bucket(store, BUCKET_ACCOUNT, account, &b);
	if (e != CS_OK)
		return e;
	bool was_full = account_full(conf, &b, steady);
	bucket_add(&b, steady);
	if (!was_full && account_full(conf, &b, steady))
		b.filled = b.total;
	store_put_bucket(store, BUCKET_ACCOUNT, account, &b);
	return CS_OK;
}

enum cs_err limit_count_misheard(struct store *store, uint32_t uid, int64_t steady)
{
	return count(store, BUCKET_MISHEARD, uid, steady);
}

static enum cs_err count_flood(struct store *store, enum bucket_kind kind, uint64_t subject,
    int64_t steady, bool *flood)
{
	static const struct rate most = { .count = 30, .seconds = 60 };
	struct bucket b;
	enum cs_err e = store_get_bucket(store, kind, subject, &b);

	if (e != CS_OK)
		return e;
	*flood = bucket_full(&b, &most, steady);
	bucket_add(&b, steady);
	store_put_bucket(store, kind, subject, &b);
	return CS_OK;
}

enum cs_err limit_count_refusal(struct store *store, uint32_t uid, int64_t steady, bool *flood)
{
	return count_flood(store, BUCKET_REFUSED, uid, steady, flood);
}

enum cs_err limit_count_failure(struct store *store, uint64_t admin, uint32_t uid, int64_t steady,
    bool *flood)
{
	return admin == 0 ? limit_count_refusal(store, uid, steady, flood) :
	    count_flood(store, BUCKET_FAILED, admin, steady, flood);
}

enum cs_err limit_count_shown(struct store *store, uint64_t admin, int64_t steady, bool *flood)
{
	return count_flood(store, BUCKET_SHOWN, admin, steady, flood);
}

/* Which of them does not matter: the latest frees the window last. */
static void take_back(struct bucket *b, unsigned refund)
{
	while (refund-- > 0 && b->n > 0)
		b->n--;
}

enum cs_err limit_refund_issue(struct store *store, uint64_t admin, unsigned refund)
{
	struct bucket b;
	enum cs_err e = store_get_bucket(store, BUCKET_ISSUE, admin, &b);

	if (e != CS_OK || refund == 0)
		return e;
	take_back(&b, refund);
	store_put_bucket(store, BUCKET_ISSUE, admin, &b);
	return CS_OK;
}

static enum cs_err take(struct store *store, enum bucket_kind kind, uint64_t subject,
    unsigned refund, const struct rate *rate, int64_t steady, int64_t *wait)
{
	struct bucket b;
	enum cs_err e = store_get_bucket(store, kind, subject, &b);

	if (e != CS_OK)
		return e;
	take_back(&b, refund);
	*wait = bucket_wait(&b, rate, steady);
	if (*wait == 0) {
		bucket_add(&b, steady);
		store_put_bucket(store, kind, subject, &b);
	}
	return CS_OK;
}

const struct rate *limit_rate(const struct conf *conf, enum bucket_kind kind)
{
	return kind == BUCKET_DEVICE ? &conf->limit.log_in_device :
	    kind == BUCKET_LOGIN ? &conf->limit.log_in : &conf->limit.log_in_address;
}

struct counted {
	enum bucket_kind kind;
	uint64_t subject;
};

/* Where a log-in counts: one or two of them. */
static unsigned counted_in(const struct limit_login *login, struct counted in[2])
{
	unsigned n = 0;

	if (login->device != 0) {
		in[0] = (struct counted){ BUCKET_DEVICE, login->device };
		return 1;
	}
	if (login->name != 0)
		in[n++] = (struct counted){ BUCKET_LOGIN, login->name };
	if (login->address != 0)
		in[n++] = (struct counted){ BUCKET_ADDRESS, login->address };
	return n;
}

enum cs_err limit_login(struct store *store, const struct conf *conf,
    const struct limit_login *login, int64_t steady, int64_t *wait)
{
	struct counted in[2];
	unsigned n = counted_in(login, in);
	struct bucket b;

	*wait = 0;
	for (unsigned i = 0; i < n; i++) {
		enum cs_err e = store_get_bucket(store, in[i].kind, in[i].subject, &b);
		int64_t longer;

		if (e != CS_OK)
			return e;
		longer = bucket_wait(&b, limit_rate(conf, in[i].kind), steady);
		if (longer > *wait)
			*wait = longer;
	}
	return CS_OK;
}

enum cs_err limit_count_login(struct store *store, const struct limit_login *login, int64_t steady)
{
	struct counted in[2];
	unsigned n = counted_in(login, in);
	enum cs_err e = CS_OK;

	for (unsigned i = 0; i < n && e == CS_OK; i++)
		e = count(store, in[i].kind, in[i].subject, steady);
	return e;
}

enum cs_err limit_count_issue(struct store *store, const struct conf *conf, uint64_t admin,
    unsigned refund, int64_t steady, int64_t *wait)
{
	return take(store, BUCKET_ISSUE, admin, refund, &conf->limit.issue, steady, wait);
}

enum cs_err limit_count_ticket(struct store *store, const struct conf *conf, uint64_t admin,
    int64_t steady, int64_t *wait)
{
	return take(store, BUCKET_TICKET, admin, 0, &conf->limit.ticket, steady, wait);
}

enum cs_err limit_count_reply(struct store *store, const struct conf *conf, uint64_t admin,
    int64_t steady, int64_t *wait)
{
	return take(store, BUCKET_REPLY, admin, 0, &conf->limit.reply, steady, wait);
}

enum cs_err limit_count_change(struct store *store, uint64_t admin, int64_t steady, int64_t *wait)
{
	static const struct rate changes = { .count = 30, .seconds = 600 };

	return take(store, BUCKET_CHANGE, admin, 0, &changes, steady, wait);
}

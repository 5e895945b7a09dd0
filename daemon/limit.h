/* SPDX-License-Identifier: ISC
 *
 * How often somebody may be wrong: durable buckets, counted in steady seconds
 * (design §6, Limits).  Only wrong tries count; what is misheard has a bucket
 * of its own.  Nothing here lets somebody who fails on purpose keep a customer
 * out who can get a fresh code.
 */
#pragma once

#include "conf.h"
#include "store.h"

/* What a technician must wait before the next try, 0: nothing, because there were
 * so many wrong or misheard codes in that time. */
struct limit_wait {
	int64_t seconds;
	struct rate rate;
	const char *what;	/* one of them */
};
enum cs_err limit_technician(struct store *, const struct conf *, uint32_t uid, int64_t steady,
    struct limit_wait *);

/* What a customer's wrong tries mean for the credential at hand. */
struct limit_account {
	uint64_t wrong;		/* tries ever */
	bool full;
	uint64_t filled;	/* wrong tries when it filled: only codes issued
				 * at or after that count serve */
	int64_t wait;		/* until it is no longer full, */
	struct rate rate;	/* of so many in that time */
};
enum cs_err limit_account(struct store *, const struct conf *, uint64_t account, int64_t steady,
    struct limit_account *);

/* True when wrong tries since its issue have killed this code. */
bool limit_killed(const struct conf *, const struct limit_account *, const struct issue *);

/* Staged counts.  account 0: unknown, only the technician's. */
enum cs_err limit_count_wrong(struct store *, const struct conf *, uint32_t uid, uint64_t account,
    int64_t steady);
enum cs_err limit_count_misheard(struct store *, uint32_t uid, int64_t steady);

/* Counts one refusal; *flood when there were so many of this technician in a
 * minute that more of them are summed, or they would fill log and store. */
enum cs_err limit_count_refusal(struct store *, uint32_t uid, int64_t steady, bool *flood);
/* So of log-ins that failed, by the person's own: those of nobody (0), whom anybody
 * can make fail, count for the uid that asked, and hide nothing from a customer. */
enum cs_err limit_count_failure(struct store *, uint64_t admin, uint32_t uid, int64_t steady,
    bool *flood);
/* Counts a look at a live code, likewise. */
enum cs_err limit_count_shown(struct store *, uint64_t admin, int64_t steady, bool *flood);

/* Issuing: *wait is 0 when one more is allowed, after giving back "refund"
 * codes that others killed by wrong tries; then the count is staged. */
enum cs_err limit_count_issue(struct store *, const struct conf *, uint64_t admin, unsigned refund,
    int64_t steady, int64_t *wait);
/* The giving back alone. */
enum cs_err limit_refund_issue(struct store *, uint64_t admin, unsigned refund);

/* What a log-in that fails counts for: the name it was tried under, whether
 * anybody has it or not, and the client's address.  From a browser that this
 * person has logged in with (device) it counts for that browser alone: nobody
 * else's failures keep it out.  Hashes; 0 is not counted. */
struct limit_login {
	uint64_t name, address, device;
};
/* *wait is 0 when one more try is allowed. */
enum cs_err limit_login(struct store *, const struct conf *, const struct limit_login *,
    int64_t steady, int64_t *wait);
/* Of BUCKET_LOGIN, BUCKET_ADDRESS, BUCKET_DEVICE: when older tries are forgotten. */
const struct rate *limit_rate(const struct conf *, enum bucket_kind);
/* Staged. */
enum cs_err limit_count_login(struct store *, const struct limit_login *, int64_t steady);
/* Tickets and replies of an administrator: *wait is 0 when one more is allowed,
 * and then it is counted. */
enum cs_err limit_count_ticket(struct store *, const struct conf *, uint64_t admin, int64_t steady,
    int64_t *wait);
enum cs_err limit_count_reply(struct store *, const struct conf *, uint64_t admin, int64_t steady,
    int64_t *wait);
/* What else a person may do over and over, each time an event or a hash. */
enum cs_err limit_count_change(struct store *, uint64_t admin, int64_t steady, int64_t *wait);

/* The bucket itself, pure. */
bool bucket_full(const struct bucket *, const struct rate *, int64_t now);
int64_t bucket_wait(const struct bucket *, const struct rate *, int64_t now);
void bucket_add(struct bucket *, int64_t now);

/* SPDX-License-Identifier: ISC
 *
 * One entry a uid with a connection, kept a minute beyond its last one so that
 * reconnecting refills nothing.  A row's calls are counted by one time, the
 * one at which its bucket would be empty again (GCRA).
 */
#include "quota.h"

#include <stdlib.h>
#include <sys/queue.h>

#define MINUTE 60000000		/* microseconds */

struct quota {
	LIST_ENTRY(quota) link;
	uid_t uid;
	unsigned connections;
	int64_t left;		/* when its last connection ended, as far as swept */
	int64_t complained;
	int64_t empty_at[];	/* by row */
};

struct quotas {
	LIST_HEAD(, quota) list;
};

enum cs_err quotas_new(struct quotas **quotas)
{
	struct quotas *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return CS_ERR_NOMEM;
	LIST_INIT(&q->list);
	*quotas = q;
	return CS_OK;
}

void quotas_free(struct quotas **quotas)
{
	struct quota *q;

	if (*quotas == NULL)
		return;
	while ((q = LIST_FIRST(&(*quotas)->list)) != NULL) {
		LIST_REMOVE(q, link);
		free(q);
	}
	free(*quotas);
	*quotas = NULL;
}

bool quota_open(struct quotas *quotas, uid_t uid, unsigned most, struct quota **quota)
{
	struct quota *q;

	LIST_FOREACH(q, &quotas->list, link)
		if (q->uid == uid)
			break;
	if (q == NULL) {
		q = calloc(1, sizeof(*q) + request_nrows * sizeof(q->empty_at[0]));
		if (q == NULL)
			return false;
		q->uid = uid;
		q->complained = -MINUTE;
		LIST_INSERT_HEAD(&quotas->list, q, link);
	}
	if (q->connections >= most)
		return false;
	q->connections++;
	q->left = 0;
	*quota = q;
	return true;
}

void quota_close(struct quota *q)
{
	q->connections--;
}

int64_t quota_take(struct quota *q, const struct row *row, int64_t usec)
{
	int64_t *empty_at = &q->empty_at[row - request_rows];
	int64_t each, over;

	if (row->per_minute == 0)
		return 0;
	each = MINUTE / row->per_minute;
	if (*empty_at < usec)
		*empty_at = usec;
	over = *empty_at + each - usec - MINUTE;
	if (over > 0)
		return (over + 999999) / 1000000;
	*empty_at += each;
	return 0;
}

bool quota_complain(struct quota *q, int64_t usec)
{
	if (usec - q->complained < MINUTE)
		return false;
	q->complained = usec;
	return true;
}

void quotas_sweep(struct quotas *quotas, int64_t usec)
{
	struct quota *q, *next;

	for (q = LIST_FIRST(&quotas->list); q != NULL; q = next) {
		next = LIST_NEXT(q, link);
		if (q->connections > 0)
			continue;
		if (q->left == 0)
			q->left = usec;
		else if (usec - q->left >= MINUTE) {
			LIST_REMOVE(q, link);
			free(q);
		}
	}
}

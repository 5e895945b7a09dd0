/* SPDX-License-Identifier: ISC
 *
 * Which import named whom last.
 */
#include "run.h"

enum cs_err run_read(struct request *r, uint64_t *run)
{
	int64_t n = 0;
	enum cs_err e = may_int(r, "run", &n);

	if (e == CS_OK && (n < 1 || (uint64_t)n > store_count(r->store, SEQ_RUN)))
		e = refuse_parameter(r, "run");
	*run = (uint64_t)n;
	return e;
}

bool run_note(struct member *m, uint64_t run)
{
	bool later = m->run != 0 && m->run < run;

	if (later)
		m->run = run;
	return later;
}

bool run_misses(uint64_t run, const struct member *m)
{
	return m->standing == STANDING_ACTIVE && m->run != 0 && m->run < run;
}

/* SPDX-License-Identifier: ISC
 *
 * One look-up at each call of a technician, one small write a minute.
 */
#include "seen.h"

enum cs_err seen_note(struct request *r)
{
	int64_t minute = r->now.at.wall / 60 * 60;
	struct cs_str name = cs_str(r->who->name);
	struct seen seen;
	enum cs_err e = store_get_seen(r->store, r->who->uid, &seen);

	if (e != CS_OK && e != CS_ERR_NOTFOUND)
		return e;
	if (e == CS_OK && seen.suspended)
		return refuse_error(r, "NotPermitted",
		    "Your access is suspended. Change nothing; hand "
		    "the case to a colleague and ask your operator.");
	if (e == CS_OK && seen.last == minute && cs_str_same(seen.name, name))
		return CS_OK;
	if (e == CS_ERR_NOTFOUND)
		seen = (struct seen){ .uid = r->who->uid };
	if (seen.first == 0)
		seen.first = minute;
	seen.name = name;
	seen.last = minute;
	store_put_seen(r->store, &seen);
	return CS_OK;
}

/* SPDX-License-Identifier: ISC
 *
 * Status and Check: how the daemon is, as numbers and as sentences.
 */
#include "handlers.h"

#include "conf_option.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum cs_err handle_status(struct request *r)
{
	uint64_t used, map;
	char generation[33];
	struct cs_writer *w = reply_begin(r, false);

	store_usage(r->store, &used, &map);
	sodium_bin2hex(generation, sizeof(generation), store_generation(r->store), 16);
	cs_put_string(w, "version", CS_STR(PACKAGE_VERSION));
	cs_put_int(w, "pid", getpid());
	cs_put_int(w, "started", r->counters->started);
	cs_put_int(w, "now", r->now.at.wall);
	cs_put_int(w, "accounts", (int64_t)store_rows(r->store, TABLE_ACCOUNT_NAME));
	cs_put_int(w, "administrators", (int64_t)store_rows(r->store, TABLE_ADMIN_NAME));
	cs_put_int(w, "events", (int64_t)store_count(r->store, SEQ_EVENT));
	cs_put_int(w, "map_used", (int64_t)used);
	cs_put_int(w, "map_size", (int64_t)map);
	cs_put_int(w, "connections", (int64_t)r->counters->connections);
	cs_put_int(w, "batches", (int64_t)r->counters->batches);
	cs_put_int(w, "verifications", (int64_t)r->counters->verifications);
	cs_put_int(w, "accepted", (int64_t)r->counters->accepted);
	cs_put_int(w, "refused", (int64_t)r->counters->refused);
	cs_put_string(w, "configuration",
	    cs_str(r->conf->path == NULL ? "defaults" : r->conf->path));
	cs_put_string(w, "generation", cs_str(generation));
	return reply_end(r);
}

enum finding { FINDING_OK, FINDING_WARNING, FINDING_FAULT };

__attribute__((format(printf, 4, 5))) static enum cs_err put_finding(struct request *r,
    const char *item, enum finding finding, const char *fmt, ...)
{
	static const char *const names[] = {
		[FINDING_OK] = "ok",
		[FINDING_WARNING] = "warning",
		[FINDING_FAULT] = "fault",
	};
	struct cs_writer *w = reply_begin(r, true);
	char say[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(say, sizeof(say), fmt, ap);
	va_end(ap);
	cs_put_string(w, "item", cs_str(item));
	cs_put_string(w, "result", cs_str(names[finding]));
	cs_put_string(w, "say", cs_str(say));
	return reply_end(r);
}

static enum cs_err check_key(struct request *r)
{
	char credential[VAULT_PATH_MAX];
	struct stat st;

	if (vault_credential(credential))
		return put_finding(r, "master key", FINDING_OK, "given by the service manager");
	if (stat(r->conf->master_key, &st) == -1)
		return put_finding(r, "master key", FINDING_FAULT,
		    "%s is gone: the daemon will not start again "
		    "without it. Put it back from your copy.",
		    r->conf->master_key);
	if ((st.st_mode & 0077) != 0)
		return put_finding(r, "master key", FINDING_FAULT,
		    "others may read %s: run chmod 0400 on it.", r->conf->master_key);
	return put_finding(r, "master key", FINDING_OK,
	    "%s, readable by its owner alone. Keep a copy off this host.", r->conf->master_key);
}

static enum cs_err check_room(struct request *r)
{
	uint64_t used, map;

	store_usage(r->store, &used, &map);
	unsigned percent = (unsigned)(used * 100 / map);
	return put_finding(r, "database",
	    percent >= 95       ? FINDING_FAULT
		: percent >= 80 ? FINDING_WARNING
				: FINDING_OK,
	    "%u %% of map-size is used%s", percent,
	    percent >= 80 ? ": raise map-size and restart." : ".");
}

static enum cs_err check_clock(struct request *r)
{
	if (!r->now.plausible)
		return put_finding(r, "clock", FINDING_FAULT,
		    "wall time is before what was recorded: codes from apps "
		    "are refused until it is right. Set the clock (NTP).");
	return put_finding(r, "clock", FINDING_OK, "plausible.");
}

static enum cs_err check_technicians(struct request *r)
{
	const struct people *staff = &r->conf->roles[BIT_STAFF];

	if (staff->nusers + staff->ngroups == 0)
		return put_finding(r, "technicians", FINDING_FAULT,
		    "role staff names nobody who exists: nobody can "
		    "verify. Create its group (groupadd --system countersign-staff) and reload.");
	return put_finding(r, "technicians", FINDING_OK, "role staff: %zu group(s), %zu user(s).",
	    staff->ngroups, staff->nusers);
}

static enum cs_err check_policy(struct request *r)
{
	size_t code = 0, shadow = 0;

	for (size_t i = 0; i < r->conf->nactions; i++) {
		code += r->conf->actions[i].require == REQUIRE_CODE;
		shadow += r->conf->actions[i].shadow;
	}
	return put_finding(r, "policy", code == 0 || shadow > 0 ? FINDING_WARNING : FINDING_OK,
	    "%zu action(s), %zu require a code, %zu in shadow mode%s", r->conf->nactions, code,
	    shadow, shadow > 0 ? ": those let refusals through." : ".");
}

static enum cs_err check_roles(struct request *r)
{
	if (r->conf->separate_roles)
		return put_finding(r, "separate roles", FINDING_OK,
		    "nobody both issues and verifies.");
	return put_finding(r, "separate roles", FINDING_WARNING,
	    "off: one person may issue a code and verify it. "
	    "Right for a trial only.");
}

enum cs_err handle_check(struct request *r)
{
	static enum cs_err (*const checks[])(struct request *) = {
		check_key, check_room, check_clock, check_technicians, check_policy, check_roles,
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		enum cs_err e = checks[i](r);
		if (e != CS_OK)
			return e;
	}
	return reply_done(r);
}

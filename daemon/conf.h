/* SPDX-License-Identifier: ISC
 *
 * The configuration: read with libconfuse through one table that also drives
 * the dump and the check that countersign.conf(5) names every option.  Names
 * of users and groups are resolved here, at start-up and reload, never later.
 */
#pragma once

#include "people.h"
#include "record.h"

#include "../lib/err.h"

enum role {
	ROLE_TECHNICIAN = 1 << 0,	/* role staff { } */
	ROLE_DESK = 1 << 1,
	ROLE_OPERATOR = 1 << 2,
	ROLE_PANEL = 1 << 3,
	ROLE_ISSUER = 1 << 4,
};
#define ROLES 5

#define CONF_FILE "/etc/countersign/countersign.conf"

/* count in seconds, e.g. "5/10m" */
struct rate {
	unsigned count;
	int64_t seconds;
};

enum requirement { REQUIRE_NONE, REQUIRE_CODE };
enum risk { RISK_NORMAL, RISK_HIGH };
enum target_form { TARGET_FREE, TARGET_HOST_IP };

struct action {
	char *name, *title;
	enum requirement require;
	enum risk risk;
	bool bind_target;
	enum target_form form;
	bool authenticator;	/* authenticator codes on the phone serve it;
				 * a start-up error when high or bind-target */
	bool shadow;		/* mode = shadow, its own or the global one */
	int64_t lifetime;	/* seconds */
	struct people technicians;	/* groups that may ask; empty: all */
};

struct conf {
	char *path;		/* the file that it came from; NULL: the defaults alone */
	char *state_dir, *socket_dir, *master_key, *directions, *panel_url;
	uint64_t map_size;
	bool shadow;		/* for actions that do not say their mode */
	bool separate_roles;
	bool vouches_high;
	int64_t dormant;	/* seconds without a sign of life */
	bool suspend_dormant;
	struct people roles[ROLES];	/* indexed by bit number of enum role */
	struct people desk_technicians;
	int64_t code_lifetime;	/* 2 to 30 minutes */
	unsigned code_tries;	/* 1 to 10 */
	struct {
		struct rate technician, account, issue, misheard, ticket, reply;
		struct rate log_in, log_in_address, log_in_device;
		int64_t technician_pause;	/* seconds between tries once full */
		unsigned technician_day, account_day, connections;
	} limit;
	struct action *actions;
	size_t nactions;
};

/* Errors are logged as file:line: sentence; CS_ERR_CONFIG.  The path may be
 * NULL: every default.  *conf is set on CS_OK only. */
enum cs_err conf_load(const char *path, struct conf **conf);
/* CONF_FILE; NULL without one: every option has its default then. */
const char *conf_default_path(void);
/* What came from no file may find the default one now. */
enum cs_err conf_load_again(const struct conf *, struct conf **);
void conf_free(struct conf **);

/* Prints what is in force, in the file's own syntax: it can be loaded again.
 * CS_ERR_SYSTEM: not all of it was written. */
enum cs_err conf_dump(const struct conf *, int fd);

/* The action of that name or NULL. */
const struct action *conf_action(const struct conf *, struct cs_str name);

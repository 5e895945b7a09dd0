/* SPDX-License-Identifier: ISC
 *
 * What a subcommand is: data.  Each cmd_*.c holds one (or the few of one
 * family); commands.c lists them.  The rows drive the parser, --help, the
 * completions, the request that is sent and the check that countersign(1)
 * names everything.
 */
#pragma once

#include "../lib/wire.h"

#include <stddef.h>

/* Exit statuses are part of the interface: 0 is the gate. */
enum status {
	STATUS_DONE = 0,
	STATUS_REFUSED = 1,
	STATUS_USAGE = 2,
	STATUS_AWAY = 3,
	STATUS_NOT_PERMITTED = 4,
	STATUS_THROTTLED = 5,
	STATUS_NOT_STARTED = 125,
};

enum value {
	VALUE_TEXT,
	VALUE_FLAG,		/* no value */
	VALUE_MANY,		/* may be repeated: an array of strings */
	VALUE_COMMAS,		/* A,B,C: an array of strings */
	VALUE_TIME,		/* when_parse: seconds since 1970 */
	VALUE_FILE,		/* completed as one */
	VALUE_SPAN,		/* when_span: seconds */
	VALUE_FILES,		/* the last operand: one or more of them */
};

/* An option, or an operand when name is NULL. */
struct option {
	const char *name;	/* "action" for --action */
	const char *arg;	/* what help calls the value; NULL for a flag */
	const char *help;
	const char *param;	/* the protocol's name; NULL: the command reads it */
	enum value value;
	bool required;
	const char *words;	/* the only values there are, between blanks */
};

enum look {
	LOOK_TEXT,
	LOOK_TIME,
	LOOK_DAY,
	LOOK_YES,
	LOOK_BYTES,
	LOOK_SPAN,
};

/* A field of a reply as people see it. */
struct column {
	const char *field;
	const char *title;
	enum look look;
};

enum door { DOOR_NONE, DOOR_STAFF, DOOR_CONTROL, DOOR_PANEL };

struct invocation;

struct command {
	const char *name;		/* "account add" */
	const char *help;		/* one line */
	const char *about;		/* what --help adds to it, or NULL */
	const struct option *options;	/* ends with a row that is all zero */
	const struct column *columns;	/* likewise */
	enum door door;
	const char *method;		/* "AddAccount" */
	bool list;			/* answers one row a reply */
	bool gate;			/* exit 0 lets a change through: nothing else may */
	bool rest;			/* takes -- CMD ... */
	const char *say;		/* show_sentence's template, or NULL; a list's for when
					 * it is empty */
	enum status (*run)(const struct invocation *);	/* NULL: plain_run */
};

extern const struct command cmd_verify, cmd_redeem, cmd_run, cmd_actions;
extern const struct command cmd_ticket_list, cmd_ticket_show, cmd_ticket_reply, cmd_ticket_close;
extern const struct command cmd_account_add, cmd_account_list, cmd_account_show;
extern const struct command cmd_account_suspend, cmd_account_resume, cmd_account_remove;
extern const struct command cmd_account_freeze, cmd_account_thaw;
extern const struct command cmd_admin_add, cmd_admin_list, cmd_admin_show, cmd_admin_remove;
extern const struct command cmd_admin_suspend, cmd_admin_resume, cmd_admin_rights;
extern const struct command cmd_admin_waive, cmd_admin_invite;
extern const struct command cmd_enroll, cmd_confirm, cmd_resync, cmd_recovery_new;
extern const struct command cmd_authenticator_list, cmd_authenticator_remove;
extern const struct command cmd_issue, cmd_revoke;
extern const struct command cmd_technician_list, cmd_technician_suspend, cmd_technician_resume;
extern const struct command cmd_policy_list, cmd_policy_explain, cmd_audit_list;
extern const struct command cmd_policy_set, cmd_policy_readiness;
extern const struct command cmd_import_csv, cmd_import_google, cmd_import_usersoath;
extern const struct command cmd_import_otpauth, cmd_import_pskc, cmd_import_own;
extern const struct command cmd_export_authenticators;
extern const struct command cmd_key_new, cmd_status, cmd_check, cmd_completion;

/* In the order of help; ends with NULL. */
extern const struct command *const commands[];

/* --socket and the others that every subcommand takes. */
extern const struct option global_options[];

/* Sends the parameters that were given, prints what comes. */
enum status plain_run(const struct invocation *);
/* The same with one parameter more, unless it is NULL. */
enum status plain_run_with(const struct invocation *, const char *param, const char *value);

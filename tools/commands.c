/* SPDX-License-Identifier: ISC
 *
 * The table of subcommands.  A new one is a cmd_*.c and a line in each list.
 */
#include "command.h"

const struct command *const commands[] = {
	&cmd_verify,
	&cmd_redeem,
	&cmd_run,
	&cmd_actions,
	&cmd_account_add,
	&cmd_account_list,
	&cmd_account_show,
	&cmd_admin_add,
	&cmd_admin_list,
	&cmd_admin_show,
	&cmd_admin_remove,
	&cmd_enroll,
	&cmd_confirm,
	&cmd_issue,
	&cmd_revoke,
	&cmd_policy_list,
	&cmd_policy_explain,
	&cmd_audit_list,
	&cmd_import_csv,
	&cmd_import_google,
	&cmd_import_usersoath,
	&cmd_import_otpauth,
	&cmd_import_pskc,
	&cmd_import_own,
	&cmd_export_authenticators,
	&cmd_key_new,
	&cmd_status,
	&cmd_check,
	&cmd_completion,
	NULL,
};

const struct option global_options[] = {
	{ .name = "socket", .arg = "PATH", .value = VALUE_FILE,
	  .help = "the daemon's socket, or the folder of its sockets" },
	{ .name = "json", .value = VALUE_FLAG,
	  .help = "one object a line, with the protocol's names" },
	{ .name = "help", .value = VALUE_FLAG, .help = "this text" },
	{ .name = "version", .value = VALUE_FLAG, .help = "the version" },
	{ 0 },
};

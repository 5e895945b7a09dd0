/* SPDX-License-Identifier: ISC
 *
 * Everything that may be asked, where, by whom, how often.  dispatch.c reads
 * these columns; nothing else decides who may ask.
 */
#include "request.h"

#include "handlers.h"

#include <string.h>

#define OFTEN 6000	/* a minute */

#define CONTROL(name) "io.countersign.control." name, DOOR_CONTROL, ROLE_OPERATOR
#define PANEL(name) "io.countersign.panel." name, DOOR_PANEL, ROLE_PANEL, 0
#define STAFF(name) \
	"io.countersign.staff." name, DOOR_STAFF, ROLE_TECHNICIAN | ROLE_DESK | ROLE_OPERATOR

/* Few rows have a prepare, and those who have none do not say so. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* In the order of strcmp: request_find halves. */
const struct row request_rows[] = {
	{ CONTROL("AddAccount"), 0, 0, handle_add_account },
	{ CONTROL("AddAdministrator"), 0, 0, handle_add_administrator },
	{ CONTROL("Check"), 0, ROW_MORE, handle_check },
	{ CONTROL("Confirm"), 0, 0, handle_confirm },
	{ CONTROL("Enroll"), 0, 0, handle_enroll },
	{ CONTROL("Events"), 0, ROW_MORE, handle_events },
	{ CONTROL("ExplainPolicy"), 0, ROW_ABOUT, handle_explain_policy },
	{ CONTROL("ExportAuthenticators"), 0, ROW_MORE, handle_export_authenticators },
	{ CONTROL("FreezeAccount"), 0, ROW_RESERVE, handle_freeze_account },
	{ CONTROL("ImportAuthenticator"), 0, 0, handle_import_authenticator },
	{ CONTROL("InviteAdministrator"), 0, 0, handle_invite_administrator },
	{ CONTROL("Issue"), 0, 0, handle_issue },
	{ CONTROL("ListAccounts"), 0, ROW_MORE, handle_list_accounts },
	{ CONTROL("ListAdministrators"), 0, ROW_MORE, handle_list_administrators },
	{ CONTROL("ListAuthenticators"), 0, ROW_MORE, handle_list_authenticators },
	{ CONTROL("ListPolicy"), 0, ROW_MORE, handle_list_policy },
	{ CONTROL("ListTechnicians"), 0, ROW_MORE, handle_list_technicians },
	{ CONTROL("NewRecoveryCodes"), 0, 0, handle_new_recovery_codes },
	{ CONTROL("PolicyReadiness"), 0, ROW_MORE, handle_policy_readiness },
	{ CONTROL("RemoveAccount"), 0, ROW_RESERVE, handle_remove_account },
	{ CONTROL("RemoveAdministrator"), 0, ROW_RESERVE, handle_remove_administrator },
	{ CONTROL("RemoveAuthenticator"), 0, ROW_RESERVE, handle_remove_authenticator },
	{ CONTROL("ResumeAccount"), 0, 0, handle_resume_account },
	{ CONTROL("ResumeAdministrator"), 0, 0, handle_resume_administrator },
	{ CONTROL("ResumeTechnician"), 0, 0, handle_resume_technician },
	{ CONTROL("Resync"), 0, 0, handle_resync },
	{ CONTROL("Revoke"), 0, ROW_RESERVE, handle_revoke },
	{ CONTROL("SetPolicy"), 0, 0, handle_set_policy },
	{ CONTROL("SetRights"), 0, 0, handle_set_rights },
	{ CONTROL("ShowAccount"), 0, 0, handle_show_account },
	{ CONTROL("ShowAdministrator"), 0, 0, handle_show_administrator },
	{ CONTROL("Status"), 0, 0, handle_status },
	{ CONTROL("SuspendAccount"), 0, ROW_RESERVE, handle_suspend_account },
	{ CONTROL("SuspendAdministrator"), 0, ROW_RESERVE, handle_suspend_administrator },
	{ CONTROL("SuspendTechnician"), 0, ROW_RESERVE, handle_suspend_technician },
	{ CONTROL("SyncBegin"), 0, 0, handle_sync_begin },
	{ CONTROL("SyncEnd"), 0, ROW_MORE, handle_sync_end },
	{ CONTROL("SyncRecord"), 0, 0, handle_sync_record },
	{ CONTROL("ThawAccount"), 0, 0, handle_thaw_account },
	{ CONTROL("WaiveCooling"), 0, 0, handle_waive_cooling },
	/* The panel asks for everybody: no rate of its own. */
	{ PANEL("AcceptInvitation"), 0, handle_accept_invitation, prepare_accept_invitation },
	{ PANEL("Account"), 0, handle_account },
	{ PANEL("Actions"), ROW_MORE, handle_actions_panel },
	{ PANEL("Activity"), ROW_MORE, handle_activity },
	{ PANEL("Authenticators"), ROW_MORE, handle_authenticators },
	{ PANEL("Calls"), ROW_MORE, handle_calls },
	{ PANEL("CancelCode"), 0, handle_cancel_code },
	{ PANEL("Changes"), ROW_MORE, handle_changes },
	{ PANEL("CloseTicket"), 0, handle_close_ticket },
	{ PANEL("Code"), 0, handle_code },
	{ PANEL("Codes"), ROW_MORE, handle_codes },
	{ PANEL("ConfirmAuthenticator"), 0, handle_confirm_authenticator },
	{ PANEL("DenyCall"), 0, handle_deny_call },
	{ PANEL("EndSession"), 0, handle_end_session },
	{ PANEL("EnrollAuthenticator"), 0, handle_enroll_authenticator },
	{ PANEL("FreezeAccount"), ROW_RESERVE, handle_freeze_account_panel },
	{ PANEL("Generate"), 0, handle_generate },
	{ PANEL("Invitation"), 0, handle_invitation },
	{ PANEL("InvitePerson"), 0, handle_invite_person },
	{ "io.countersign.panel.Issue", DOOR_PANEL, ROLE_ISSUER, OFTEN, 0, handle_issue_panel },
	{ PANEL("LogIn"), 0, handle_log_in, prepare_log_in },
	{ PANEL("LogOut"), 0, handle_log_out },
	{ PANEL("OpenTicket"), 0, handle_open_ticket },
	{ PANEL("People"), ROW_MORE, handle_people },
	{ PANEL("Prove"), 0, handle_prove },
	{ PANEL("RecoveryCodes"), 0, handle_recovery_codes },
	{ PANEL("RemoveAuthenticator"), 0, handle_remove_authenticator_panel },
	{ PANEL("RemovePerson"), ROW_RESERVE, handle_remove_person },
	{ PANEL("RenameAuthenticator"), 0, handle_rename_authenticator },
	{ PANEL("ReplyTicket"), 0, handle_reply_ticket },
	{ PANEL("ResetPerson"), 0, handle_reset_person },
	{ PANEL("ResumePerson"), 0, handle_resume_person },
	{ PANEL("Session"), 0, handle_session },
	{ PANEL("Sessions"), ROW_MORE, handle_sessions },
	{ PANEL("SetPassword"), 0, handle_set_password, prepare_set_password },
	{ PANEL("SetPersonRights"), 0, handle_set_person_rights },
	{ PANEL("SuspendPerson"), ROW_RESERVE, handle_suspend_person },
	{ PANEL("Ticket"), ROW_MORE, handle_panel_ticket },
	{ PANEL("Tickets"), ROW_MORE, handle_panel_tickets },
	{ STAFF("Actions"), OFTEN, ROW_MORE, handle_actions },
	{ STAFF("CloseTicket"), OFTEN, ROW_TECHNICIAN, handle_staff_close_ticket },
	{ STAFF("Prepare"), OFTEN, ROW_TECHNICIAN, handle_prepare },
	{ STAFF("Redeem"), OFTEN, ROW_TECHNICIAN, handle_redeem },
	{ STAFF("Reply"), OFTEN, ROW_TECHNICIAN, handle_reply },
	{ STAFF("Ticket"), OFTEN, ROW_MORE | ROW_TECHNICIAN, handle_ticket },
	{ STAFF("Tickets"), OFTEN, ROW_MORE | ROW_TECHNICIAN, handle_tickets },
	{ STAFF("Verify"), OFTEN, ROW_TECHNICIAN, handle_verify },
	{ "org.varlink.service.GetInfo", DOOR_ANY, ROLE_ANY, OFTEN, 0, handle_get_info },
	{ "org.varlink.service.GetInterfaceDescription", DOOR_ANY, ROLE_ANY, OFTEN, 0,
	    handle_get_interface_description },
};

const size_t request_nrows = sizeof(request_rows) / sizeof(request_rows[0]);

static int compare(struct cs_str method, const char *name)
{
	size_t len = strlen(name);
	int d = memcmp(method.p, name, method.len < len ? method.len : len);

	return d != 0 ? d : (method.len > len) - (method.len < len);
}

const struct row *request_find(struct cs_str method)
{
	size_t low = 0, high = request_nrows;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int d = compare(method, request_rows[middle].method);

		if (d == 0)
			return &request_rows[middle];
		if (d < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

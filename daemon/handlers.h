/* SPDX-License-Identifier: ISC
 *
 * The right-hand column of request_rows: one handler a method, each in the
 * req_*.c of its noun.
 */
#pragma once

#include "request.h"

enum cs_err handle_prepare(struct request *);
enum cs_err handle_verify(struct request *);
enum cs_err handle_redeem(struct request *);
enum cs_err handle_actions(struct request *);
enum cs_err handle_tickets(struct request *);
enum cs_err handle_ticket(struct request *);
enum cs_err handle_reply(struct request *);
enum cs_err handle_staff_close_ticket(struct request *);

enum cs_err handle_issue_panel(struct request *);
enum cs_err handle_actions_panel(struct request *);
enum cs_err handle_calls(struct request *);
enum cs_err handle_deny_call(struct request *);
enum cs_err handle_generate(struct request *);
enum cs_err handle_code(struct request *);
enum cs_err handle_codes(struct request *);
enum cs_err handle_cancel_code(struct request *);
enum cs_err handle_changes(struct request *);
enum cs_err handle_activity(struct request *);
enum cs_err handle_authenticators(struct request *);
enum cs_err handle_enroll_authenticator(struct request *);
enum cs_err handle_confirm_authenticator(struct request *);
enum cs_err handle_rename_authenticator(struct request *);
enum cs_err handle_remove_authenticator_panel(struct request *);
enum cs_err handle_recovery_codes(struct request *);
enum cs_err handle_freeze_account_panel(struct request *);
enum cs_err handle_people(struct request *);
enum cs_err handle_invite_person(struct request *);
enum cs_err handle_set_person_rights(struct request *);
enum cs_err handle_suspend_person(struct request *);
enum cs_err handle_resume_person(struct request *);
enum cs_err handle_remove_person(struct request *);
enum cs_err handle_reset_person(struct request *);
enum cs_err prepare_log_in(struct request *, struct job *);
enum cs_err handle_log_in(struct request *);
enum cs_err handle_log_out(struct request *);
enum cs_err handle_session(struct request *);
enum cs_err handle_account(struct request *);
enum cs_err handle_prove(struct request *);
enum cs_err handle_sessions(struct request *);
enum cs_err handle_end_session(struct request *);
enum cs_err handle_panel_tickets(struct request *);
enum cs_err handle_panel_ticket(struct request *);
enum cs_err handle_open_ticket(struct request *);
enum cs_err handle_reply_ticket(struct request *);
enum cs_err handle_close_ticket(struct request *);
enum cs_err handle_invitation(struct request *);
enum cs_err prepare_accept_invitation(struct request *, struct job *);
enum cs_err handle_accept_invitation(struct request *);
enum cs_err prepare_set_password(struct request *, struct job *);
enum cs_err handle_set_password(struct request *);

enum cs_err handle_add_account(struct request *);
enum cs_err handle_list_accounts(struct request *);
enum cs_err handle_show_account(struct request *);
enum cs_err handle_add_administrator(struct request *);
enum cs_err handle_list_administrators(struct request *);
enum cs_err handle_show_administrator(struct request *);
enum cs_err handle_remove_administrator(struct request *);
enum cs_err handle_enroll(struct request *);
enum cs_err handle_confirm(struct request *);
enum cs_err handle_suspend_account(struct request *);
enum cs_err handle_resume_account(struct request *);
enum cs_err handle_remove_account(struct request *);
enum cs_err handle_freeze_account(struct request *);
enum cs_err handle_thaw_account(struct request *);
enum cs_err handle_suspend_administrator(struct request *);
enum cs_err handle_resume_administrator(struct request *);
enum cs_err handle_set_rights(struct request *);
enum cs_err handle_waive_cooling(struct request *);
enum cs_err handle_invite_administrator(struct request *);
enum cs_err handle_new_recovery_codes(struct request *);
enum cs_err handle_list_authenticators(struct request *);
enum cs_err handle_remove_authenticator(struct request *);
enum cs_err handle_resync(struct request *);
enum cs_err handle_list_technicians(struct request *);
enum cs_err handle_suspend_technician(struct request *);
enum cs_err handle_resume_technician(struct request *);
enum cs_err handle_import_authenticator(struct request *);
enum cs_err handle_export_authenticators(struct request *);
enum cs_err handle_sync_begin(struct request *);
enum cs_err handle_sync_record(struct request *);
enum cs_err handle_sync_end(struct request *);
enum cs_err handle_issue(struct request *);
enum cs_err handle_revoke(struct request *);
enum cs_err handle_list_policy(struct request *);
enum cs_err handle_explain_policy(struct request *);
enum cs_err handle_set_policy(struct request *);
enum cs_err handle_policy_readiness(struct request *);
enum cs_err handle_events(struct request *);
enum cs_err handle_status(struct request *);
enum cs_err handle_check(struct request *);

enum cs_err handle_get_info(struct request *);
enum cs_err handle_get_interface_description(struct request *);

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
#define STAFF(name) \
	"io.countersign.staff." name, DOOR_STAFF, ROLE_TECHNICIAN | ROLE_DESK | ROLE_OPERATOR

/* In the order of strcmp: request_find halves. */
const struct row request_rows[] = {
	{ CONTROL("AddAccount"), 0, 0, handle_add_account },
	{ CONTROL("AddAdministrator"), 0, 0, handle_add_administrator },
	{ CONTROL("Check"), 0, ROW_MORE, handle_check },
	{ CONTROL("Confirm"), 0, 0, handle_confirm },
	{ CONTROL("Enroll"), 0, 0, handle_enroll },
	{ CONTROL("Events"), 0, ROW_MORE, handle_events },
	{ CONTROL("ExplainPolicy"), 0, 0, handle_explain_policy },
	{ CONTROL("ExportAuthenticators"), 0, ROW_MORE, handle_export_authenticators },
	{ CONTROL("ImportAuthenticator"), 0, 0, handle_import_authenticator },
	{ CONTROL("Issue"), 0, 0, handle_issue },
	{ CONTROL("ListAccounts"), 0, ROW_MORE, handle_list_accounts },
	{ CONTROL("ListAdministrators"), 0, ROW_MORE, handle_list_administrators },
	{ CONTROL("ListPolicy"), 0, ROW_MORE, handle_list_policy },
	{ CONTROL("RemoveAdministrator"), 0, ROW_RESERVE, handle_remove_administrator },
	{ CONTROL("Revoke"), 0, ROW_RESERVE, handle_revoke },
	{ CONTROL("ShowAccount"), 0, 0, handle_show_account },
	{ CONTROL("ShowAdministrator"), 0, 0, handle_show_administrator },
	{ CONTROL("Status"), 0, 0, handle_status },
	{ CONTROL("SyncBegin"), 0, 0, handle_sync_begin },
	{ CONTROL("SyncEnd"), 0, ROW_MORE, handle_sync_end },
	{ CONTROL("SyncRecord"), 0, 0, handle_sync_record },
	{ "io.countersign.panel.Issue", DOOR_PANEL, ROLE_ISSUER, OFTEN, 0, handle_issue_panel },
	{ STAFF("Actions"), OFTEN, ROW_MORE, handle_actions },
	{ STAFF("Prepare"), OFTEN, ROW_TECHNICIAN, handle_prepare },
	{ STAFF("Redeem"), OFTEN, ROW_TECHNICIAN, handle_redeem },
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

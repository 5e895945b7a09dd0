/* SPDX-License-Identifier: ISC
 *
 * The table.  Among rows that fit a path the first one is taken.  Proxies log
 * addresses: no secret stands in one.
 */
#include "route.h"

#include "form.h"
#include "texts.h"

#include <string.h>

#define A "/a/:account"

/* A page; what it asks comes last, NULL when it asks nothing. */
#define PAGE(path_, flags_, title_, render_, ...) { .verb = GET, .path = path_, \
	.flags = flags_, .title = title_, .render = render_, .asks = { __VA_ARGS__ } }
/* What is no page of HTML. */
#define BARE(path_, flags_, type_, render_, ...) { .verb = GET, .path = path_, \
	.flags = flags_, .type = type_, .render = render_, .asks = { __VA_ARGS__ } }
/* A form that leads somewhere. */
#define FORM(path_, flags_, ask_, then_, shows_) { .verb = POST, .path = path_, \
	.flags = flags_, .asks = { ask_ }, .then = then_, .shows = shows_ }
/* A form whose answer is shown once, and by itself. */
#define ONCE(path_, flags_, ask_, title_, render_, shows_) { .verb = POST, .path = path_, \
	.flags = flags_, .asks = { ask_ }, .title = title_, .render = render_, .shows = shows_ }

const struct route routes[] = {
	BARE("/healthz", ROUTE_PUBLIC | ROUTE_BARE, "text/plain; charset=utf-8", page_health, NULL),
	PAGE("/login", ROUTE_PUBLIC | ROUTE_GUEST, TEXT_LOG_IN, page_login, NULL),
	FORM("/login", ROUTE_PUBLIC | ROUTE_GUEST, "LogIn", "/", "/login"),
	PAGE("/login/recovery", ROUTE_PUBLIC | ROUTE_GUEST, TEXT_LOG_IN, page_login_recovery, NULL),
	FORM("/login/recovery", ROUTE_PUBLIC | ROUTE_GUEST, "LogIn", "/", "/login/recovery"),
	FORM("/logout", ROUTE_DONE, "LogOut", "/login", "/"),
	PAGE("/invitation", ROUTE_PUBLIC, TEXT_INVITATION, page_invitation, NULL),
	ONCE("/invitation/open", ROUTE_PUBLIC, "Invitation", TEXT_INVITATION, page_welcome,
	    "/invitation"),
	ONCE("/invitation/accept", ROUTE_PUBLIC, "AcceptInvitation", TEXT_INVITATION,
	    page_welcome_done, "/invitation/open"),

	PAGE("/", 0, TEXT_YOUR_ACCOUNTS, page_accounts, NULL),
	PAGE(A, ROUTE_RELOADS, TEXT_OVERVIEW, page_overview, "Account", "Calls", "Codes",
	    "Tickets", "Activity"),

	PAGE(A "/codes", ROUTE_RELOADS, TEXT_CODES, page_codes, "Account", "Calls", "Codes",
	    "Actions"),
	FORM(A "/codes", 0, "Generate", A "/codes/:issue", A "/codes"),
	BARE(A "/codes/live", ROUTE_LIVE, NULL, page_codes_live, "Account", "Calls", "Codes"),
	FORM(A "/calls/deny", 0, "DenyCall", A "/codes", A "/codes"),
	PAGE(A "/codes/:issue", ROUTE_RELOADS, TEXT_YOUR_CODE, page_code, "Account", "Code"),
	BARE(A "/codes/:issue/live", ROUTE_LIVE, NULL, page_code_live, "Account", "Code"),
	FORM(A "/codes/:issue/cancel", 0, "CancelCode", A "/codes/:issue", A "/codes/:issue"),

	PAGE(A "/tickets", 0, TEXT_TICKETS_TITLE, page_tickets, "Account", "Tickets"),
	FORM(A "/tickets", ROUTE_WRITTEN, "OpenTicket", A "/tickets/:ticket", A "/tickets/new"),
	PAGE(A "/tickets/new", 0, TEXT_ENTER_TICKET, page_ticket_new, "Account", "Actions"),
	PAGE(A "/tickets/:ticket", 0, TEXT_TICKET, page_ticket, "Account", "Ticket"),
	FORM(A "/tickets/:ticket", ROUTE_WRITTEN, "ReplyTicket", A "/tickets/:ticket",
	    A "/tickets/:ticket"),
	FORM(A "/tickets/:ticket/close", 0, "CloseTicket", A "/tickets/:ticket",
	    A "/tickets/:ticket"),

	PAGE(A "/people", 0, TEXT_PEOPLE, page_people, "Account", "People", "Actions"),
	ONCE(A "/people", 0, "InvitePerson", TEXT_INVITED, page_person_invited, A "/people/_new"),
	/* Nobody's name begins with "_". */
	PAGE(A "/people/_new", 0, TEXT_INVITE_TITLE, page_person_invite, "Account", "Actions"),
	PAGE(A "/people/:administrator", 0, TEXT_PEOPLE, page_person, "Account", "People",
	    "Actions"),
	FORM(A "/people/:administrator/rights", 0, "SetPersonRights", A "/people",
	    A "/people/:administrator"),
	FORM(A "/people/:administrator/suspend", 0, "SuspendPerson", A "/people",
	    A "/people/:administrator"),
	FORM(A "/people/:administrator/resume", 0, "ResumePerson", A "/people",
	    A "/people/:administrator"),
	ONCE(A "/people/:administrator/remove", 0, "RemovePerson", TEXT_REMOVED, page_person_ended,
	    A "/people/:administrator"),
	ONCE(A "/people/:administrator/reset", 0, "ResetPerson", TEXT_INVITED, page_person_invited,
	    A "/people/:administrator"),

	PAGE(A "/activity", ROUTE_FILTERS, TEXT_ACTIVITY, page_activity, "Account", "Activity",
	    "Actions"),
	BARE(A "/activity.csv", ROUTE_BARE, "text/csv; charset=utf-8", page_activity_csv,
	    "Activity"),
	BARE(A "/activity.jsonl", ROUTE_BARE, "application/jsonl; charset=utf-8",
	    page_activity_jsonl, "Activity"),

	PAGE(A "/freeze", 0, TEXT_FREEZE_TITLE, page_freeze, "Account"),
	ONCE(A "/freeze", 0, "FreezeAccount", TEXT_FROZEN, page_frozen, A "/freeze"),

	PAGE("/security", 0, TEXT_SECURITY, page_security, "Authenticators", "Sessions"),
	ONCE("/security/authenticators", 0, "EnrollAuthenticator", TEXT_ENROLLED, page_enrolled,
	    "/security"),
	FORM("/security/authenticators/confirm", 0, "ConfirmAuthenticator", "/security",
	    "/security"),
	FORM("/security/authenticators/rename", 0, "RenameAuthenticator", "/security", "/security"),
	FORM("/security/authenticators/remove", 0, "RemoveAuthenticator", "/security", "/security"),
	ONCE("/security/recovery", 0, "RecoveryCodes", TEXT_RECOVERY, page_recovery, "/security"),
	FORM("/security/password", 0, "SetPassword", "/security", "/security"),
	FORM("/security/sessions/end", 0, "EndSession", "/security", "/security"),
};
#undef A
#undef PAGE
#undef BARE
#undef FORM
#undef ONCE
const size_t nroutes = sizeof(routes) / sizeof(routes[0]);

/* The segment that begins at p, without its slash. */
static struct cs_str segment(const char *p)
{
	return (struct cs_str){ p, strcspn(p, "/") };
}

/* Segment by segment; placeholders take any that is not empty. */
static bool shape_fits(const char *row, const char *path)
{
	while (*row == '/' && *path == '/') {
		struct cs_str wanted = segment(++row), got = segment(++path);

		if (wanted.p[0] == ':' ? got.len == 0 :
		    wanted.len != got.len || memcmp(wanted.p, got.p, got.len) != 0)
			return false;
		row += wanted.len;
		path += got.len;
	}
	return *row == '\0' && *path == '\0';
}

static bool value_fine(struct cs_str s)
{
	return s.len > 0 && s.len <= 255 && memchr(s.p, '/', s.len) == NULL &&
	    !cs_str_is(s, ".") && !cs_str_is(s, "..") && form_text_fine(s.p, s.len, false);
}

static bool take_places(const char *row, char *path, struct places *places)
{
	places->n = 0;
	while (*row == '/') {
		struct cs_str wanted = segment(++row), got = segment(++path);
		struct place_name *place = &places->at[places->n];

		row += wanted.len;
		path += got.len;
		if (wanted.p[0] != ':')
			continue;
		if (places->n == ROUTE_PLACES || !form_unescape((char *)got.p, &got.len, false) ||
		    !value_fine(got))
			return false;
		*place = (struct place_name){ { wanted.p + 1, wanted.len - 1 }, got };
		places->n++;
	}
	return true;
}

const struct route *route_find(enum verb verb, char *path, struct places *places, bool *other)
{
	*other = false;
	for (size_t i = 0; i < nroutes; i++) {
		if (!shape_fits(routes[i].path, path))
			continue;
		if (routes[i].verb == verb)
			return take_places(routes[i].path, path, places) ? &routes[i] : NULL;
		*other = true;
	}
	return NULL;
}

const struct route *route_page(const char *path)
{
	const struct route *found = NULL;

	for (size_t i = 0; i < nroutes; i++)
		if (routes[i].render != NULL && strcmp(routes[i].path, path) == 0 &&
		    (found == NULL || routes[i].verb == GET))
			found = &routes[i];
	return found;
}

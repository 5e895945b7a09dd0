/* SPDX-License-Identifier: ISC
 *
 * Every address of the panel as a row: who may come, what the daemon is asked
 * before the page is written, who writes it, where a form leads.
 */
#pragma once

#include "visit.h"

enum verb { GET, POST };	/* HEAD is GET without the body */

#define ROUTE_PUBLIC (1 << 0)	/* without a session; Session is not asked */
#define ROUTE_GUEST (1 << 1)	/* public, and who is logged in is sent to / */
#define ROUTE_LIVE (1 << 2)	/* text/event-stream: render writes the fragment, again
				 * after each change of the account */
#define ROUTE_BARE (1 << 3)	/* render writes the whole body; "type" says what it is */
#define ROUTE_DONE (1 << 4)	/* POST that ends the session */
#define ROUTE_RELOADS (1 << 5)	/* without a script it is loaded again every ten seconds,
				 * unless it shows a refusal */
#define ROUTE_FILTERS (1 << 6)	/* people write its query: what does not fit is told there */
#define ROUTE_WRITTEN (1 << 7)	/* POST: who was logged out meanwhile gets the text back */

#define ROUTE_ASKS 6

struct route {
	enum verb verb;
	/* "/a/:account/codes/:issue": a placeholder's name is that of the
	 * parameter in the daemon's methods. */
	const char *path;
	unsigned flags;
	/* Methods asked one after another before rendering (method.c says with
	 * which parameters).  Session comes first by itself. */
	const char *asks[ROUTE_ASKS];
	const char *title;
	void (*render)(struct visit *, struct html *);
	/* POST: where to go (303) when it went well; ":name" is taken from the
	 * daemon's last reply, the path or the form.  NULL: render writes the
	 * answer, for what is shown once. */
	const char *then;
	/* POST: the path of the row whose page shows a refusal, with its say and
	 * with what was typed. */
	const char *shows;
	const char *type;	/* ROUTE_BARE */
};

extern const struct route routes[];
extern const size_t nroutes;

/* What stands at the placeholders, percent-decoded; into the visit's memory. */
#define ROUTE_PLACES 3
struct place_name {
	struct cs_str name, value;
};
struct places {
	struct place_name at[ROUTE_PLACES];
	size_t n;
};

/* The row of verb and path (no query; still percent-encoded, changed in place),
 * or NULL; *other: some row has the path with the other verb. */
const struct route *route_find(enum verb, char *path, struct places *, bool *other);

/* The row that shows the page of a path as written in a row, or NULL. */
const struct route *route_page(const char *path);

/* The pages: page_*.c. */

/* Around every page that is not ROUTE_BARE or ROUTE_LIVE: from <!doctype html>
 * to the beginning of <main>, and from its end. */
void page_begin(struct visit *, struct html *);
void page_end(struct visit *, struct html *);

/* An error without a page of its own: 404, 403, 503 ...; the frame is there. */
void page_error(struct visit *, struct html *, int status);
/* A form waits for a code of the authenticator: see html_form_again. */
void page_prove(struct visit *, struct html *);

void page_login(struct visit *, struct html *);
void page_login_recovery(struct visit *, struct html *);
void page_invitation(struct visit *, struct html *);		/* asks for the invitation */
void page_welcome(struct visit *, struct html *);		/* Invitation: QR, password, code */
void page_welcome_done(struct visit *, struct html *);	/* AcceptInvitation: recovery codes */
void page_accounts(struct visit *, struct html *);
void page_overview(struct visit *, struct html *);
void page_codes(struct visit *, struct html *);
void page_codes_live(struct visit *, struct html *);
void page_code(struct visit *, struct html *);
void page_code_live(struct visit *, struct html *);
void page_tickets(struct visit *, struct html *);
void page_ticket_new(struct visit *, struct html *);
void page_ticket(struct visit *, struct html *);
void page_unsent(struct visit *, struct html *);		/* see ROUTE_WRITTEN */
void page_people(struct visit *, struct html *);
void page_person(struct visit *, struct html *);
void page_person_invite(struct visit *, struct html *);
void page_person_invited(struct visit *, struct html *);	/* InvitePerson, ResetPerson */
void page_person_ended(struct visit *, struct html *);	/* RemovePerson: what ended */
void page_activity(struct visit *, struct html *);
void page_activity_csv(struct visit *, struct html *);
void page_activity_jsonl(struct visit *, struct html *);
void page_security(struct visit *, struct html *);
void page_enrolled(struct visit *, struct html *);		/* EnrollAuthenticator */
void page_recovery(struct visit *, struct html *);		/* RecoveryCodes */
void page_freeze(struct visit *, struct html *);
void page_frozen(struct visit *, struct html *);		/* FreezeAccount */
void page_health(struct visit *, struct html *);

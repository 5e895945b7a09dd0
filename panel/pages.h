/* SPDX-License-Identifier: ISC
 *
 * What pages lend each other; each is in the file of the page it comes from.
 */
#pragma once

#include "visit.h"

/* As many as the daemon sends at once of a long list; a full page has older ones
 * behind it. */
#define PAGE_ROWS 100

/* page_frame.c: without a script the page is loaded again every ten seconds; not
 * what is typed in, and no refusal. */
bool pages_reloads(const struct visit *);

/* page_accounts.c: what a log-in with a recovery code means. */
void pages_recovered(struct html *);
/* Nothing can be authorised for the account (Account). */
bool pages_is_stopped(const struct visit *);
/* Who stopped it, when, and what to do next; nothing for one that is active. */
void pages_stopped(struct visit *, struct html *);

/* page_codes.c: for a person whose high-risk changes wait, until when: in the
 * account of a page that asks Account, else in any. */
void pages_cooling(struct visit *, struct html *);
/* The actions that this person may authorise, each leading to path with
 * ?action=, whose fields are that action's: so it needs no script to show the
 * right ones.  Nothing when there are none; else between two literals. */
void pages_actions(struct visit *, struct html *, const char *path, const char *before,
    const char *after);
/* The one that was chosen, as a row of Actions; false for none. */
bool pages_chosen(const struct visit *, size_t *row);

/* page_code.c: around what the script replaces by what path sends. */
void pages_live_begin(struct visit *, struct html *, const char *path);
void pages_live_end(struct visit *, struct html *);
/* "Used by mia at 10:42 for this change."; title: for that one, unless "". */
void pages_used(struct visit *, struct html *, struct cs_str by, int64_t at, struct cs_str title);
/* Fields for an action's targets, by its form. */
void pages_target_fields(struct visit *, struct html *, struct cs_str form);

/* page_people.c: "Ended: 1 code, 2 sessions." */
void pages_ended(struct html *, const struct answer *);

/* page_tickets.c, page_activity.c: the first n rows of Tickets, of Activity. */
void pages_tickets(struct visit *, struct html *, size_t n);
void pages_events(struct visit *, struct html *, size_t n);

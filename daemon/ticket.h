/* SPDX-License-Identifier: ISC
 *
 * Support tickets: what one authorises now, what is said in it, its end.  Only
 * what its author named when it was opened is ever looked at for authority;
 * what was said in it is text, which nothing reads but people.
 */
#pragma once

#include "code.h"
#include "request.h"

#define TICKET_LIFE 259200		/* seconds that it authorises, design §10 */
#define TICKETS_OPEN_MOST 100		/* of one account */
#define TICKET_ENTRIES_MOST 200
#define TICKET_CHARACTERS_MOST 4000	/* of an entry, by cs_utf8_characters */

/* The number in T4821; 0 when it is none. */
uint64_t ticket_number(const struct entry *);

enum ticket_authority {
	TICKET_NOTHING,			/* no action was named */
	TICKET_LIVE,
	TICKET_USED,
	TICKET_EXPIRED,
	TICKET_ENDED,			/* closed, or ended with its author or account */
};
enum ticket_authority ticket_authority(const struct store *, const struct moment *,
    const struct ticket *);

/* Takes what is left of its authority; the caller puts the record. */
void ticket_end(const struct request *, struct ticket *);
/* Closes what an account still has open; staged. */
enum cs_err ticket_close_all(struct request *, uint64_t account);

/* The parameter "ticket".  NotFound is answered for what is none. */
enum cs_err ticket_read(struct request *, struct ticket *);
enum cs_err ticket_refuse_unknown(struct request *);

/* What is said in it: ticket_thread.c. */

/* Who says something in a ticket or closes it. */
struct speaker {
	const struct admin *admin;	/* NULL: the technician in whose name is asked */
	struct cs_str client;		/* the administrator's address */
};

/* Reads the parameter "text" into out: lines of text that end with a line feed
 * each but the last.  Faults are answered. */
enum cs_err ticket_read_text(struct request *, char out[TEXT_LONG_MAX + 1], struct cs_str *text);

/* The event of a new ticket, a reply or an end. */
enum cs_err ticket_log(struct request *, enum event_kind, const struct ticket *, struct speaker,
    struct cs_str note, uint64_t *event);
/* Counts, dates and stages the next entry; the caller puts the ticket. */
void ticket_add_entry(struct request *, struct ticket *, struct speaker, struct cs_str text,
    uint64_t event);

/* All of a reply to a ticket that the speaker may see, up to the answer; and of
 * its close, which is no fault when it was closed before. */
enum cs_err ticket_reply(struct request *, struct ticket *, struct speaker);
enum cs_err ticket_close(struct request *, struct ticket *, struct speaker);

/* One frame of a list, and what was said after the cursor. */
enum cs_err ticket_put(struct request *, const struct ticket *);
enum cs_err ticket_put_entries(struct request *, const struct ticket *);

/* SPDX-License-Identifier: ISC
 *
 * Names and targets: what is allowed, and the one form in which they are
 * compared (design §6).  ASCII only, so that no look-alike letter is a name.
 */
#pragma once

#include "conf.h"
#include "record.h"

/* [a-z0-9][a-z0-9._-]{0,63} */
bool name_valid(struct cs_str);

/* Trims blanks and lowers ASCII letters into out[NAME_MAX_LEN + 1].  False
 * when the result is not a valid name. */
bool name_parse(struct cs_str typed, char *out);

/* What a reply wrote as "I42": the letter and a number from 1. */
bool number_parse(char letter, struct cs_str text, uint64_t *number);

/* Of what is handed out as "G9-1a2b": the number; 0 when it is none. */
uint64_t number_of_token(char letter, struct cs_str presented);

/* And how it is written; without a letter ('\0') the digits alone.  Returns out. */
#define NUMBER_TEXT 24
char *number_format(char letter, uint64_t number, char out[NUMBER_TEXT]);

/* The parts one after another, cut at cap.  Returns the length.  For sentences
 * of each verification: printf takes ten times as long. */
size_t text_join(char *out, size_t cap, const struct cs_str *parts, size_t n);

/* At most n bytes of UTF-8, cut between characters. */
struct cs_str text_cut(struct cs_str, size_t n);

/* UTF-8 of any length, without control characters, line separators or bidi
 * controls. */
bool text_plain(struct cs_str);

/* The same with line feeds between its lines: what somebody wrote at length. */
bool text_lines(struct cs_str);

/* A person's or organisation's name, a label, a case: 1 to TEXT_MAX_LEN bytes
 * of such text. */
bool text_valid(struct cs_str);

/* A provider's own id: 1 to NAME_MAX_LEN printable ASCII characters, no blank
 * and no slash, which begins an administrator's name (acme/dana). */
bool ref_valid(struct cs_str);

/* The canonical form of one typed target, into out[TARGET_MAX_LEN + 1]:
 * trimmed, ASCII lower case, without a final dot; with TARGET_HOST_IP
 * host=address, the address as inet_ntop writes it.  False when it is empty,
 * too long, has anything but printable ASCII or is not of that form.  What it
 * gave once, it gives again for its own answer. */
bool target_parse(enum target_form, struct cs_str typed, char *out);

/* "mx1.acme.example=203.0.113.9" for people: "mx1.acme.example → 203.0.113.9",
 * several joined with ", ".  Cuts at cap with "…".  Returns out. */
char *targets_text(const struct targets *, char *out, size_t cap);

/* True when each of "these" is among "those": always so for no targets. */
bool targets_within(const struct targets *these, const struct targets *those);
/* The same ones, in any order. */
bool targets_equal(const struct targets *, const struct targets *);

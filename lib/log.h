/* SPDX-License-Identifier: ISC
 *
 * One line to standard error for each thing worth telling the operator, with
 * the <N> prefix that systemd reads as a priority when $JOURNAL_STREAM says
 * that somebody does.  Text from peers goes through cs_log_escape first.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cs_level { CS_LOG_ERR = 3, CS_LOG_WARNING = 4, CS_LOG_INFO = 6, CS_LOG_DEBUG = 7 };

/* For who serves others: from then on no line is waited for.  What nobody reads is
 * lost, and a later line says how much.  program is kept, not copied. */
void cs_log_init(const char *program, enum cs_level most);
/* Adds the newline; keeps errno; cuts a line at 4 KiB. */
void cs_log(enum cs_level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same of a text that is ready, which printf would take long for. */
void cs_log_text(enum cs_level, const char *text, size_t len);
/* Between the two this thread's lines wait, 4 KiB of them at most, to be written
 * together. */
void cs_log_hold(void);
void cs_log_release(void);

/* Does the text begin with what a terminal obeys: a control character (C1 too), a
 * line separator, a bidi control (U+061C, U+200E/F, U+202A-E, U+2066-9) or broken
 * UTF-8, which counts as U+0000?  *n: its bytes; *c: the character. */
bool cs_log_is_harmful(const char *text, size_t len, size_t *n, uint32_t *c);

/* Copies text for one log line or terminal line: what is harmful becomes "?".
 * Always NUL-terminates (cap is not 0), cuts between characters.  Returns out. */
char *cs_log_escape(char *out, size_t cap, const char *text, size_t len);

/* SPDX-License-Identifier: ISC
 *
 * Codes, grants and names from a person, or one line of standard input.  Reads
 * a byte at a time, so that what follows the line is left for the command that
 * runs afterwards.
 */
#pragma once

#include "invocation.h"

#define ASK_MAX 1024		/* longer lines are cut: no code is that long */

struct ask {
	int in, out;
	bool terminal;		/* somebody is there to be asked again */
};

/* With --tty on /dev/tty instead of standard input.  Where there is none the
 * sentence is out; nothing: what to say that was not done. */
enum status ask_open(struct ask *, const struct invocation *, const char *nothing);
void ask_close(struct ask *);

/* Prompts when somebody is there, and reads one line into out[ASK_MAX], valid
 * UTF-8 without control characters: others become '?', or CS_ERR_FORMAT without
 * echo, where it is a secret.  CS_ERR_CLOSED when nothing comes. */
enum cs_err ask_line(const struct ask *, const char *prompt, bool echo, char *out);

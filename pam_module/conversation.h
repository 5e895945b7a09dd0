/* SPDX-License-Identifier: ISC
 *
 * Asking and telling the person through the application's conversation
 * function, one message a call.  The application is not trusted to fill in
 * what it was asked for.
 */
#pragma once

#include "options.h"

#define ANSWER_MAX 512	/* bytes of an answer that are kept, NUL included */

/* PAM_SUCCESS with a non-empty answer in out; PAM_CONV_ERR, PAM_INCOMPLETE
 * (ask again when called again), PAM_BUF_ERR.  An answer that starts as sshd's
 * made-up password does is PAM_CONV_ERR.  What does not fit is cut: nothing
 * that long is a code or a name.  What is no UTF-8 or no text becomes '?'. */
int conversation_ask(pam_handle_t *, bool echo, const char *prompt, char out[ANSWER_MAX]);

/* PAM_TEXT_INFO or PAM_ERROR_MSG; whether anybody saw it does not matter. */
void conversation_tell(pam_handle_t *, int style, const char *text);

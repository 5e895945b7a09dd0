/* SPDX-License-Identifier: ISC
 *
 * What the module keeps with a PAM handle (pam_set_data): the answers given so
 * far, for a conversation that is resumed, and the grant of an acceptance
 * until the account phase spends it.
 */
#pragma once

#include "conversation.h"
#include "question.h"

struct handle {
	char technician[256];
	char account[ANSWER_MAX], target[ANSWER_MAX];	/* "": not known yet */
	int answers;			/* codes and names that were refused */
	bool resumed;			/* the last call ended in PAM_INCOMPLETE */
	bool presented;			/* the earlier module's answer was taken for a code */
	bool announced;			/* the call was shown, the code is next */
	/* an acceptance: */
	bool held;
	char accepted_action[80], accepted_technician[256];
	char grant[GRANT_TEXT];
	/* Of the latest question; here because the stack is somebody else's.  No
	 * call reads what an earlier one was told. */
	struct answer answer;
};

/* The handle's, made on first use; NULL: no memory. */
struct handle *handle_get(pam_handle_t *);

/* The one that is there, or NULL. */
struct handle *handle_find(pam_handle_t *);

/* Forgets what was asked and any acceptance. */
void handle_restart(struct handle *);

/* SPDX-License-Identifier: ISC
 *
 * One message, one response, wiped.
 */
#include "conversation.h"

#include "../lib/log.h"
#include "../lib/secret.h"

#include <stdlib.h>
#include <string.h>
#include <security/pam_appl.h>

static int converse(pam_handle_t *pamh, int style, const char *text, struct pam_response **response)
{
	const struct pam_message message = { .msg_style = style, .msg = text };
	const struct pam_message *messages = &message;
	const void *item = NULL;
	const struct pam_conv *conv;

	*response = NULL;
	if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
		return PAM_CONV_ERR;
	conv = item;
	if (conv->conv == NULL)
		return PAM_CONV_ERR;
	return conv->conv(1, &messages, response, conv->appdata_ptr);
}

static void free_response(struct pam_response *response)
{
	if (response == NULL)
		return;
	if (response->resp != NULL) {
		cs_wipe(response->resp, strlen(response->resp));
		free(response->resp);
	}
	free(response);
}

/* sshd answers for a user who may not log in with a made-up password that
 * starts like this. */
static bool is_made_up(const char *answer)
{
	return strncmp(answer, "\b\n\r\177", 4) == 0;
}

int conversation_ask(pam_handle_t *pamh, bool echo, const char *prompt, char out[ANSWER_MAX])
{
	struct pam_response *response;
	int result =
	    converse(pamh, echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF, prompt, &response);

	if (result == PAM_CONV_AGAIN) {
		result = PAM_INCOMPLETE;
	} else if (result == PAM_BUF_ERR) {
		result = PAM_BUF_ERR;
	} else if (result != PAM_SUCCESS || response == NULL || response->resp == NULL ||
	    response->resp[0] == '\0' || is_made_up(response->resp)) {
		result = PAM_CONV_ERR;
	} else {
		/* Another character set could not be sent at all. */
		cs_log_escape(out, ANSWER_MAX, response->resp, strlen(response->resp));
	}
	free_response(response);
	return result;
}

void conversation_tell(pam_handle_t *pamh, int style, const char *text)
{
	struct pam_response *response;

	converse(pamh, style, text, &response);
	free_response(response);
}

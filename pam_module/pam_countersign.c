/* SPDX-License-Identifier: ISC
 *
 * pam_countersign.so: no change without a live code of the customer's.  The
 * person is asked for account, target and code; the daemon decides.  Every
 * path begins as a failure and only an acceptance ends it otherwise.  It never
 * changes PAM_USER, signals, threads, descriptors or the environment, asks no
 * name service and keeps no global state.
 */
#include "handle.h"
#include "outcome.h"

#include "../lib/log.h"
#include "../lib/secret.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>

#define PUBLIC __attribute__((visibility("default")))
#define FAIL_DELAY_USEC 1000000

/* One call of the application. */
struct attempt {
	pam_handle_t *pamh;
	const struct options *options;
	struct handle *handle;
	struct answer *answer;	/* the handle's */
	bool silent;
};

static struct question question_of(const struct attempt *a)
{
	const struct options *o = a->options;

	return (struct question){
		.options = o,
		.technician = a->handle->technician,
		.account = o->account != NULL ? o->account : a->handle->account,
		.target = o->target != NULL ? o->target : a->handle->target,
	};
}

/* sudo and su say who asks in PAM_RUSER; log-ins only have PAM_USER. */
static int find_technician(struct attempt *a)
{
	static const int items[] = { PAM_RUSER, PAM_USER };
	struct handle *h = a->handle;

	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		const void *item = NULL;

		if (pam_get_item(a->pamh, items[i], &item) != PAM_SUCCESS || item == NULL ||
		    *(const char *)item == '\0')
			continue;
		if (strlen(item) >= sizeof(h->technician))
			return PAM_USER_UNKNOWN;
		strcpy(h->technician, item);
		return PAM_SUCCESS;
	}
	return PAM_USER_UNKNOWN;
}

/* Refusals go out even when PAM_SILENT was asked for: they are why the command
 * does not run. */
static void tell_refusal(struct attempt *a, const char *text)
{
	if (text[0] != '\0')
		conversation_tell(a->pamh, PAM_ERROR_MSG, text);
}

static void tell(struct attempt *a, const char *text)
{
	if (!a->silent && text[0] != '\0')
		conversation_tell(a->pamh, PAM_TEXT_INFO, text);
}

static void tell_call(struct attempt *a)
{
	char line[DIRECTIONS_TEXT + 64];

	tell(a, a->answer->say);
	if (a->answer->directions[0] == '\0')
		return;
	snprintf(line, sizeof(line), "The caller finds the code at: %s", a->answer->directions);
	tell(a, line);
}

/* Logs and tells why there was no verdict. */
static struct outcome explain(struct attempt *a, enum cs_err e)
{
	char told[CS_TOLD_MAX];

	if (e != CS_OK) {
		cs_err_tell(e, a->options->socket, a->answer->sent ? OUTCOME_ASKED : NULL, told);
		pam_syslog(a->pamh, LOG_ERR, "action %s: %s (%s)", a->options->action,
		    cs_err_text(e), a->options->socket);
		tell_refusal(a, told);
		return outcome_of_error(e);
	}
	pam_syslog(a->pamh, LOG_NOTICE, "action %s, technician %s: no verdict",
	    a->options->action, a->handle->technician);
	tell_refusal(a, a->answer->say[0] != '\0' ? a->answer->say
	    : outcome_fault_text(a->answer->fault, a->answer->sent));
	return outcome_of_fault(a->answer->fault);
}

static struct outcome prepare(struct attempt *a)
{
	struct question q = question_of(a);
	enum cs_err e = question_prepare(&q, a->answer);

	if (e != CS_OK || a->answer->fault != FAULT_NONE)
		return explain(a, e);
	if (a->answer->wait > 0) {
		tell_refusal(a, a->answer->say);
		return (struct outcome){ PAM_ABORT, false };
	}
	return (struct outcome){ PAM_SUCCESS, false };
}

/* Asks for what neither an option nor the person has given yet; *asked tells
 * that there is something new to prepare. */
static int ask_missing(struct attempt *a, bool *asked)
{
	const struct options *o = a->options;
	struct handle *h = a->handle;
	bool account = o->account == NULL && h->account[0] == '\0';
	bool target =
	    !account && a->answer->binds_target && o->target == NULL && h->target[0] == '\0';

	*asked = account || target;
	if (account)
		return conversation_ask(a->pamh, !o->noecho, o->account_prompt, h->account);
	if (target)
		return conversation_ask(a->pamh, !o->noecho, "Target: ", h->target);
	return PAM_SUCCESS;
}

/* After a refusal: PAM_SUCCESS when the person may answer again, else what ends
 * it.  sudo would ask for the staff password again after less than an abort. */
static int spend_answer(struct attempt *a, int refusal)
{
	if (a->options->tries == 1)
		return refusal;
	return ++a->handle->answers < a->options->tries ? PAM_SUCCESS : PAM_ABORT;
}

/* The same, for a name; one by option stays what it is. */
static int take_back(struct attempt *a, int refusal)
{
	char *typed = a->answer->fault == FAULT_TARGET ? a->handle->target : a->handle->account;

	if (typed[0] == '\0')
		return refusal;
	typed[0] = '\0';
	a->handle->announced = false;
	return spend_answer(a, refusal);
}

/* Until the call is announced to the daemon with all that it needs.  The first
 * question goes out before anything is asked of the person. */
static int announce(struct attempt *a)
{
	bool asked = true;

	while (asked) {
		struct outcome outcome = prepare(a);
		int result;

		if (outcome.again) {
			result = take_back(a, outcome.pam);
			if (result != PAM_SUCCESS)
				return result;
			continue;
		}
		if (outcome.pam != PAM_SUCCESS)
			return outcome.pam;
		if (!a->answer->needs_code)
			return PAM_SUCCESS;
		result = ask_missing(a, &asked);
		if (result == PAM_CONV_ERR && a->answer->shadow &&
		    question_of(a).account[0] != '\0')
			return PAM_SUCCESS;	/* and the daemon's verdict */
		if (result != PAM_SUCCESS)
			return result;
	}
	if (!a->handle->announced) {
		tell_call(a);
		a->handle->announced = true;
	}
	return PAM_SUCCESS;
}

/* From an earlier module, when the options say so. */
static bool take_first_pass(struct attempt *a, char code[ANSWER_MAX])
{
	const void *item = NULL;

	if (!a->options->use_first_pass && !a->options->try_first_pass)
		return false;
	if (a->handle->presented || pam_get_item(a->pamh, PAM_AUTHTOK, &item) != PAM_SUCCESS ||
	    item == NULL)
		return false;
	a->handle->presented = true;
	cs_log_escape(code, ANSWER_MAX, item, strlen(item));
	return code[0] != '\0';
}

static int ask_code(struct attempt *a, char code[ANSWER_MAX])
{
	char prompt[320];

	code[0] = '\0';
	if (!a->answer->needs_code || take_first_pass(a, code))
		return PAM_SUCCESS;
	if (a->options->use_first_pass)
		return PAM_CONV_ERR;
	snprintf(prompt, sizeof(prompt), "Code for %s (%s): ", a->answer->name, a->answer->account);
	return conversation_ask(a->pamh, !a->options->noecho,
	    a->options->code_prompt != NULL ? a->options->code_prompt : prompt, code);
}

static void hold(struct attempt *a)
{
	struct handle *h = a->handle;

	h->held = true;
	snprintf(h->accepted_action, sizeof(h->accepted_action), "%s", a->options->action);
	snprintf(h->accepted_technician, sizeof(h->accepted_technician), "%s", h->technician);
	memcpy(h->grant, a->answer->grant, sizeof(h->grant));
}

/* One code, one verdict. */
static struct outcome verify(struct attempt *a, const char *code)
{
	struct question q = question_of(a);
	struct outcome outcome;
	enum cs_err e = question_verify(&q, code, a->answer);
	bool accepted;

	if (e != CS_OK || a->answer->fault != FAULT_NONE) {
		outcome = explain(a, e);
		outcome.again = false;	/* another code would not mend it */
		return outcome;
	}
	outcome = outcome_of_verdict(a->answer->verdict, a->answer->reason);
	accepted = outcome.pam == PAM_SUCCESS;
	pam_syslog(a->pamh, accepted ? LOG_INFO : LOG_NOTICE,
	    "action %s, technician %s, account %s: %s (%s)", a->options->action,
	    a->handle->technician, a->answer->account, accepted ? "accepted" : "refused",
	    cs_reason_name(a->answer->reason));
	if (accepted) {
		hold(a);
		tell(a, a->answer->say);
	} else {
		tell_refusal(a, a->answer->say);
	}
	return outcome;
}

/* Up to "tries" answers, then the command is given up. */
static int ask_and_verify(struct attempt *a)
{
	char code[ANSWER_MAX];

	for (;;) {
		struct outcome outcome;
		int result = ask_code(a, code);

		if (result == PAM_CONV_ERR && a->answer->shadow)
			result = PAM_SUCCESS;	/* the daemon records that there was none */
		if (result != PAM_SUCCESS)
			return result;
		outcome = verify(a, code);
		cs_wipe(code, sizeof(code));
		if (!outcome.again)
			return outcome.pam;
		result = spend_answer(a, outcome.pam);
		if (result != PAM_SUCCESS)
			return result;
		if (a->options->use_first_pass)
			return PAM_ABORT;
	}
}

static int authenticate(struct attempt *a)
{
	int result = find_technician(a);

	if (result == PAM_SUCCESS)
		result = announce(a);
	return result == PAM_SUCCESS ? ask_and_verify(a) : result;
}

PUBLIC int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct options options;
	struct attempt a = { .pamh = pamh, .options = &options };
	int result;

	if (!options_parse(pamh, argc, argv, &options))
		return PAM_SERVICE_ERR;
	a.silent = (flags & PAM_SILENT) != 0 || options.quiet;
	a.handle = handle_get(pamh);
	if (a.handle == NULL)
		return PAM_BUF_ERR;
	a.answer = &a.handle->answer;
	if (!a.handle->resumed)
		handle_restart(a.handle);
	if (!options.nodelay)
		pam_fail_delay(pamh, FAIL_DELAY_USEC);
	result = authenticate(&a);
	a.handle->resumed = result == PAM_INCOMPLETE;
	if (options.debug)
		pam_syslog(pamh, LOG_DEBUG, "authenticate: %s", pam_strerror(pamh, result));
	cs_wipe(a.answer->grant, sizeof(a.answer->grant));
	return result;
}

/* Leaves the grant to the command, which redeems it with its own arguments. */
static int export_grant(pam_handle_t *pamh, struct handle *h)
{
	char setting[GRANT_TEXT + 32];
	int result;

	snprintf(setting, sizeof(setting), "COUNTERSIGN_GRANT=%s", h->grant);
	result = pam_putenv(pamh, setting);
	cs_wipe(setting, sizeof(setting));
	return result == PAM_SUCCESS ? PAM_SUCCESS : PAM_BUF_ERR;
}

static int redeem(struct attempt *a)
{
	struct question q = question_of(a);
	struct outcome outcome;
	enum cs_err e = question_redeem(&q, a->handle->grant, a->answer);

	if (e != CS_OK || a->answer->fault != FAULT_NONE)
		return explain(a, e).pam;
	outcome = outcome_of_verdict(a->answer->verdict, a->answer->reason);
	if (outcome.pam == PAM_SUCCESS)
		return PAM_SUCCESS;
	tell_refusal(a, a->answer->say);
	return PAM_PERM_DENIED;
}

/* Is the acceptance this technician's, for this action? */
static bool fits_acceptance(struct attempt *a)
{
	const struct handle *h = a->handle;

	if (find_technician(a) != PAM_SUCCESS ||
	    strcmp(h->technician, h->accepted_technician) != 0)
		return false;
	if (strcmp(a->options->action, h->accepted_action) == 0)
		return true;
	pam_syslog(a->pamh, LOG_ERR, "action %s: the acceptance is for action %s",
	    a->options->action, h->accepted_action);
	tell_refusal(a,
	    "This PAM service asks for one action and checks another. Tell the operator.");
	return false;
}

/* A cached sudo timestamp, NOPASSWD, root and self skip authentication, but not
 * this: without an acceptance on this very handle nothing goes. */
PUBLIC int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct options options;
	struct attempt a = { .pamh = pamh, .options = &options };
	struct handle *h;
	int result;

	if (!options_parse(pamh, argc, argv, &options))
		return PAM_SERVICE_ERR;
	a.silent = (flags & PAM_SILENT) != 0 || options.quiet;
	a.handle = h = handle_find(pamh);
	if (h == NULL || !h->held) {
		pam_syslog(pamh, LOG_NOTICE, "action %s: no acceptance on this handle",
		    options.action);
		if (h == NULL)		/* else the person was told why */
			tell_refusal(&a,
			    "Not accepted: this needs a code, and none was asked for. "
			    "Run it again after sudo -k; if it still asks for none, tell the "
			    "operator.");
		return PAM_PERM_DENIED;
	}
	a.answer = &h->answer;
	h->held = false;
	if (!fits_acceptance(&a))
		return PAM_PERM_DENIED;
	result = options.export ? export_grant(pamh, h) : redeem(&a);
	cs_wipe(h->grant, sizeof(h->grant));
	return result;
}

PUBLIC int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

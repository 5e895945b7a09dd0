/* SPDX-License-Identifier: ISC
 *
 * See gate.h.  The account that a script passed on is never asked for again
 * when it is unknown, and under sudo not at all ("--grant" in its place is no
 * account): the script would change what it was called with, and the code would
 * be for what was typed here.
 */
#include "gate.h"

#include "exchange.h"
#include "fail.h"
#include "show.h"

#include "../lib/secret.h"

#include <stdio.h>
#include <string.h>

#define ANSWERS 3

struct gate {
	const struct invocation *in;
	struct ask ask;
	bool quiet_output;
	bool named;			/* the account came as an argument */
	char account[ASK_MAX];
	char administrator[ASK_MAX];
	bool needs_code;
};

static void show_accepted(FILE *f, const struct cs_msg *m, bool plain)
{
	struct cs_str say = { 0 }, verification = { 0 };

	cs_msg_string(m, "say", &say);
	cs_msg_string(m, "verification", &verification);
	if (!plain)
		fputs("Let through, in shadow mode. ", f);
	show_text(f, say);
	if (verification.len) {
		fputs(" (", f);
		show_text(f, verification);
		fputc(')', f);
	}
	fputc('\n', f);
}

/* For another reason than "accepted" only shadow mode lets a change through. */
static bool may_open(const struct cs_msg *m, enum cs_reason reason)
{
	struct cs_str mode = { 0 };

	cs_msg_string(m, "mode", &mode);
	return !m->continues && (reason == CS_REASON_ACCEPTED || cs_str_is(mode, "shadow"));
}

enum status gate_verdict(const struct invocation *in, const struct cs_msg *m, bool quiet_output,
    bool *again)
{
	struct cs_str verdict = { 0 }, name = { 0 }, say = { 0 };
	enum cs_reason reason = CS_WRONG;

	cs_msg_string(m, "verdict", &verdict);
	cs_msg_string(m, "reason", &name);
	cs_msg_string(m, "say", &say);
	if (!cs_reason_parse(name.p, name.len, &reason) || say.len == 0 ||
	    (cs_str_is(verdict, "accepted") && !may_open(m, reason)))
		return fail_call(CS_ERR_FORMAT, "", true);
	if (in->json)
		show_json(m);
	if (cs_str_is(verdict, "accepted")) {
		show_accepted(quiet_output || in->json ? stderr : stdout, m,
		    reason == CS_REASON_ACCEPTED);
		return STATUS_DONE;
	}
	*again = reason == CS_MISHEARD;
	show_line(stderr, "", m, "say");
	return reason == CS_THROTTLED ? STATUS_THROTTLED : STATUS_REFUSED;
}

/* "acme/dana": the administrator whose authenticator's code it will be.  What is
 * cut would be another account than the change is for. */
static enum status take_account(struct gate *g, const char *typed)
{
	const char *slash = strrchr(typed, '/');

	if (strlen(typed) >= sizeof(g->account))
		return fail_with(STATUS_USAGE,
		    "No account has such a long name. Nothing was changed.");
	snprintf(g->account, sizeof(g->account), "%.*s",
	    (int)(slash ? (size_t)(slash - typed) : strlen(typed)), typed);
	snprintf(g->administrator, sizeof(g->administrator), "%s", slash ? slash + 1 : "");
	return STATUS_DONE;
}

enum status gate_open(const struct invocation *in, bool named, struct ask *ask)
{
	enum status status;

	if (!named && place_under_sudo())
		return fail_with(STATUS_USAGE,
		    "countersign: the account is missing. Under sudo it is an argument, and never "
		    "asked for: the change is for the account that the script was called with. "
		    "Nothing was changed.");
	status = ask_open(ask, in, "Nothing was changed.");
	if (status != STATUS_DONE || named || ask->terminal)
		return status;
	ask_close(ask);
	return fail_with(STATUS_USAGE, "countersign: the account is missing, and there is nobody "
	    "to ask. Nothing was changed.");
}

enum status gate_account(const struct ask *ask, char account[ASK_MAX])
{
	do {
		if (ask_line(ask, "Customer account: ", true, account) != CS_OK)
			return fail_with(STATUS_USAGE,
			    "No account was given. Nothing was changed.");
	} while (!account[strspn(account, " \t")]);
	return STATUS_DONE;
}

static enum status ask_account(struct gate *g)
{
	char line[ASK_MAX];
	enum status status = gate_account(&g->ask, line);

	return status == STATUS_DONE ? take_account(g, line) : status;
}

static void put_question(const struct gate *g, struct cs_writer *w)
{
	const char *id = given_text(g->in, "case");
	struct cs_str at[GIVEN_MAX];
	size_t n = given_many(g->in, "target", at, GIVEN_MAX);

	cs_put_string(w, "account", cs_str(g->account));
	cs_put_string(w, "action", cs_str(given_text(g->in, "action")));
	if (n)
		cs_put_strings(w, "target", at, n);
	place_put_technician(w);
	if (id)
		cs_put_string(w, "case", cs_str(id));
}

/* What the technician sees before the prompt. */
static enum status show_call(struct gate *g, const struct cs_msg *m)
{
	struct cs_str requires = { 0 };
	bool binds = false;
	int64_t wait = 0;

	cs_msg_string(m, "requires", &requires);
	cs_msg_bool(m, "binds_target", &binds);
	cs_msg_int(m, "wait", &wait);
	g->needs_code = !cs_str_is(requires, "none");
	if (wait > 0) {
		if (g->in->json)
			show_json(m);
		show_line(stderr, "", m, "say");
		return STATUS_THROTTLED;
	}
	if (g->needs_code && binds && !given_flag(g->in, "target"))
		return fail_with(STATUS_USAGE,
		    "A code for this action is for one target: give it with "
		    "--target. Nothing was changed.");
	if (!g->ask.terminal)
		return STATUS_DONE;
	show_line(stderr, "", m, "say");
	if (g->needs_code)
		show_line(stderr, "The caller finds the code at: ", m, "directions");
	return STATUS_DONE;
}

/* unknown: there is no such account, and the sentence is out. */
static enum status prepare(struct gate *g, bool *unknown)
{
	struct exchange x;
	enum status status = exchange_begin(&x, g->in, DOOR_STAFF, "Prepare", false);

	*unknown = false;
	if (status == STATUS_DONE) {
		put_question(g, &x.w);
		status = exchange_ask(&x);
		*unknown = status != STATUS_DONE && x.reply &&
		    cs_str_is(x.reply->error, "io.countersign.staff.UnknownAccount");
	}
	if (status == STATUS_DONE)
		status = show_call(g, x.reply);
	exchange_end(&x);
	return status;
}

static enum status announce(struct gate *g)
{
	enum status status;
	bool unknown;

	for (int answer = 1;; answer++) {
		if (!g->named) {
			status = ask_account(g);
			if (status != STATUS_DONE)
				return status;
		}
		status = prepare(g, &unknown);
		if (!unknown || g->named || answer == ANSWERS)
			return status;
	}
}

struct attempt {
	const struct gate *gate;
	const char *code;
};

static void put_attempt(struct cs_writer *w, const void *arg)
{
	const struct attempt *a = arg;

	put_question(a->gate, w);
	cs_put_string(w, "code", cs_str(a->code));
	if (a->gate->administrator[0])
		cs_put_string(w, "administrator", cs_str(a->gate->administrator));
	if (given_flag(a->gate->in, "grant"))
		cs_put_bool(w, "grant", true);
}

static enum status verify(const struct gate *g, const char *code, bool *again)
{
	struct attempt attempt = { g, code };
	struct exchange x;
	enum status status = exchange_once(&x, g->in, DOOR_STAFF, "Verify", put_attempt, &attempt);

	*again = false;
	if (status == STATUS_DONE)
		status = gate_verdict(g->in, x.reply, g->quiet_output, again);
	if (status == STATUS_DONE && given_flag(g->in, "grant") && !g->in->json)
		show_line(stdout, "", x.reply, "grant");
	exchange_end(&x);
	return status;
}

static enum status ask_and_verify(struct gate *g)
{
	enum status status = STATUS_REFUSED;
	char code[ASK_MAX] = "";
	bool again = true;

	for (int answer = 1; again && answer <= ANSWERS; answer++) {
		if (ask_line(&g->ask, "Code: ", true, code) != CS_OK) {
			status = fail_with(STATUS_USAGE, "No code was given. Nothing was changed.");
			break;
		}
		if (!code[0])
			status = fail_with(STATUS_USAGE, "No code was given. Nothing was changed.");
		else
			status = verify(g, code, &again);
		if (!g->ask.terminal)
			break;
	}
	cs_wipe(code, sizeof(code));
	return status;
}

enum status gate_pass(const struct invocation *in, bool quiet_output)
{
	struct gate g = { .in = in, .quiet_output = quiet_output };
	const char *account = given_text(in, "ACCOUNT[/ADMIN]");
	enum status status;
	bool again;

	status = gate_open(in, account != NULL, &g.ask);
	if (status != STATUS_DONE)
		return status;
	g.named = account != NULL;
	if (account)
		status = take_account(&g, account);
	if (status == STATUS_DONE)
		status = announce(&g);
	if (status == STATUS_DONE)
		status = g.needs_code ? ask_and_verify(&g) : verify(&g, "", &again);
	ask_close(&g.ask);
	return status;
}

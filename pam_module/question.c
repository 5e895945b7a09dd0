/* SPDX-License-Identifier: ISC
 *
 * Prepare, Verify and Redeem over lib/client.
 */
#include "question.h"

#include "../lib/log.h"
#include "../lib/secret.h"

#include <string.h>

#define STAFF "io.countersign.staff."

/* Copies what fits, fit to be shown. */
static void copy(const struct cs_msg *m, const char *name, char *out, size_t cap)
{
	const struct cs_field *f = cs_msg_find(m, name);

	out[0] = '\0';
	if (f == NULL || f->type != CS_STRING)
		return;
	if (f->plain && f->string.len < cap) {
		memcpy(out, f->string.p, f->string.len);
		out[f->string.len] = '\0';
	} else {
		cs_log_escape(out, cap, f->string.p, f->string.len);
	}
}

static bool says(const struct cs_msg *m, const char *name, const char *word)
{
	const struct cs_field *f = cs_msg_find(m, name);

	return f != NULL && f->type == CS_STRING && cs_str_is(f->string, word);
}

static enum fault read_fault(const struct cs_msg *m)
{
	static const struct {
		const char *error;
		enum fault fault;
	} table[] = {
		{ STAFF "UnknownTechnician", FAULT_TECHNICIAN },
		{ STAFF "NotPermitted", FAULT_NOT_PERMITTED },
		{ STAFF "UnknownAction", FAULT_ACTION },
		{ STAFF "UnknownAccount", FAULT_ACCOUNT },
		{ STAFF "Refused", FAULT_ACCOUNT },
		{ STAFF "Throttled", FAULT_THROTTLED },
		{ STAFF "Unavailable", FAULT_UNAVAILABLE },
	};

	if (m->error.p == NULL)
		return FAULT_NONE;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (cs_str_is(m->error, table[i].error))
			return table[i].fault;
	if (cs_str_is(m->error, "org.varlink.service.InvalidParameter") &&
	    says(m, "parameter", "target"))
		return FAULT_TARGET;
	return FAULT_OTHER;
}

static void read_call(const struct cs_msg *m, struct answer *answer)
{
	answer->needs_code = !says(m, "requires", "none");
	answer->binds_target = false;
	answer->shadow = says(m, "mode", "shadow");
	answer->wait = 0;
	cs_msg_bool(m, "binds_target", &answer->binds_target);
	cs_msg_int(m, "wait", &answer->wait);
	copy(m, "name", answer->name, sizeof(answer->name));
	copy(m, "account", answer->account, sizeof(answer->account));
	copy(m, "directions", answer->directions, sizeof(answer->directions));
}

static void read_verdict(const struct cs_msg *m, struct answer *answer)
{
	struct cs_str reason = { 0 };

	cs_msg_string(m, "reason", &reason);
	if (answer->fault != FAULT_NONE ||
	    !cs_reason_parse(reason.p, reason.len, &answer->reason))
		return;		/* no verdict: refused */
	if (!says(m, "verdict", "accepted"))
		return;
	answer->verdict = CS_ACCEPTED;
	copy(m, "grant", answer->grant, sizeof(answer->grant));
}

/* As long as nothing is known: refused, and nothing said. */
static void clear(struct answer *answer)
{
	answer->fault = FAULT_OTHER;
	answer->say[0] = '\0';
	answer->verdict = CS_REFUSED;
	answer->reason = CS_WRONG;
	cs_wipe(answer->grant, sizeof(answer->grant));
}

/* The parameters that all three share. */
static void put_question(struct cs_writer *w, const struct question *q)
{
	struct cs_str target = cs_str(q->target);

	cs_put_string(w, "account", cs_str(q->account));
	cs_put_string(w, "action", cs_str(q->options->action));
	cs_put_string(w, "technician", cs_str(q->technician));
	if (target.len > 0)
		cs_put_strings(w, "target", &target, 1);
}

struct secret {
	const char *name, *value;	/* "code" or "grant" */
	const char *request;
};

static enum cs_err ask(const struct question *q, const char *method, const struct secret *secret,
    struct answer *answer)
{
	struct cs_client *client = NULL;
	struct cs_writer w;
	const struct cs_msg *reply;
	size_t len;
	enum cs_err e;

	clear(answer);
	e = cs_client_open(q->options->socket, q->options->timeout * 1000, &client);
	if (e != CS_OK)
		return e;
	cs_writer_call(&w, cs_client_buf(client), CS_FRAME_MAX + 1, method, false);
	put_question(&w, q);
	if (secret != NULL) {
		cs_put_string(&w, secret->name, cs_str(secret->value));
		cs_put_string(&w, "request", cs_str(secret->request));
		if (strcmp(secret->name, "code") == 0)
			cs_put_bool(&w, "grant", true);
	}
	e = cs_writer_end(&w, &len);
	if (e == CS_OK) {
		answer->sent |= secret != NULL;
		e = cs_client_call(client, len, &reply);
	}
	if (e == CS_OK && reply->continues)
		e = CS_ERR_FORMAT;	/* one question, one answer */
	if (e == CS_OK) {
		answer->fault = read_fault(reply);
		copy(reply, "say", answer->say, sizeof(answer->say));
		(secret == NULL ? read_call : read_verdict)(reply, answer);
	}
	cs_client_close(&client);
	return e;
}

static enum cs_err ask_once(const struct question *q, const char *method, const char *name,
    const char *value, struct answer *answer)
{
	char request[33];
	struct secret secret = { name, value, request };
	enum cs_err e;

	clear(answer);
	answer->sent = false;
	e = cs_request_id(request);
	if (e == CS_OK)
		e = ask(q, method, &secret, answer);
	/* The first may have been done, whatever keeps the second from an answer. */
	if (e == CS_ERR_CLOSED && ask(q, method, &secret, answer) == CS_OK)
		e = CS_OK;
	return e;
}

enum cs_err question_prepare(const struct question *q, struct answer *answer)
{
	answer->sent = false;
	return ask(q, STAFF "Prepare", NULL, answer);
}

enum cs_err question_verify(const struct question *q, const char *code, struct answer *answer)
{
	return ask_once(q, STAFF "Verify", "code", code, answer);
}

enum cs_err question_redeem(const struct question *q, const char *grant, struct answer *answer)
{
	return ask_once(q, STAFF "Redeem", "grant", grant, answer);
}

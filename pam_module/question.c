/* SPDX-License-Identifier: ISC
 *
 * Prepare, Verify and Redeem over lib/client.
 */
#include "question.h"

#include "../lib/secret.h"

#include <string.h>

#define STAFF "io.countersign.staff."

/* Copies what fits, cut between characters. */
static void copy(const struct cs_msg *m, const char *name, char *out, size_t cap)
{
	struct cs_str s = { 0 };

	cs_msg_string(m, name, &s);
	if (s.len >= cap)
		for (s.len = cap - 1; s.len > 0 && ((unsigned char)s.p[s.len] & 0xc0) == 0x80;)
			s.len--;
	if (s.len > 0)
		memcpy(out, s.p, s.len);
	out[s.len] = '\0';
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
	struct cs_str parameter;

	if (m->error.p == NULL)
		return FAULT_NONE;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (cs_str_is(m->error, table[i].error))
			return table[i].fault;
	if (cs_str_is(m->error, "org.varlink.service.InvalidParameter") &&
	    cs_msg_string(m, "parameter", &parameter) == CS_OK && cs_str_is(parameter, "target"))
		return FAULT_TARGET;
	return FAULT_OTHER;
}

static void read_answer(const struct cs_msg *m, struct answer *answer)
{
	struct cs_str text = { 0 };
	char reason[32];

	answer->fault = read_fault(m);
	copy(m, "say", answer->say, sizeof(answer->say));
	cs_msg_int(m, "wait", &answer->wait);
	cs_msg_bool(m, "binds_target", &answer->binds_target);
	copy(m, "name", answer->name, sizeof(answer->name));
	copy(m, "account", answer->account, sizeof(answer->account));
	copy(m, "directions", answer->directions, sizeof(answer->directions));
	answer->needs_code =
	    cs_msg_string(m, "requires", &text) != CS_OK || !cs_str_is(text, "none");
	answer->shadow = cs_msg_string(m, "mode", &text) == CS_OK && cs_str_is(text, "shadow");
	copy(m, "reason", reason, sizeof(reason));
	if (answer->fault != FAULT_NONE || !cs_reason_parse(reason, &answer->reason))
		return;		/* no verdict: refused */
	if (cs_msg_string(m, "verdict", &text) == CS_OK && cs_str_is(text, "accepted"))
		answer->verdict = CS_ACCEPTED;
	if (answer->verdict == CS_ACCEPTED)
		copy(m, "grant", answer->grant, sizeof(answer->grant));
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

	memset(answer, 0, sizeof(*answer));
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
	if (e == CS_OK)
		e = cs_client_call(client, len, &reply);
	if (e == CS_OK && reply->continues)
		e = CS_ERR_FORMAT;	/* one question, one answer */
	if (e == CS_OK)
		read_answer(reply, answer);
	cs_client_close(&client);
	return e;
}

static enum cs_err ask_once(const struct question *q, const char *method, const char *name,
    const char *value, struct answer *answer)
{
	char request[33];
	struct secret secret = { name, value, request };
	enum cs_err e;

	memset(answer, 0, sizeof(*answer));
	e = cs_request_id(request);
	if (e == CS_OK)
		e = ask(q, method, &secret, answer);
	if (e == CS_ERR_CLOSED)
		e = ask(q, method, &secret, answer);
	return e;
}

enum cs_err question_prepare(const struct question *q, struct answer *answer)
{
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

/* SPDX-License-Identifier: ISC
 *
 * Log-in authenticators, each tried once.
 */
#include "proof.h"

#include "code.h"

#include "../lib/secret.h"

/* The person's next one for log-ins that was confirmed. */
static enum cs_err next(struct request *r, uint64_t admin, struct authenticator *auth)
{
	enum cs_err e;

	while ((e = store_next_authenticator(r->store, admin, auth->id, auth)) == CS_OK)
		if (auth->purpose == PURPOSE_LOGIN && !auth->pending)
			return CS_OK;
	return e;
}

/* And that such a code may be of. */
static enum cs_err next_candidate(struct request *r, const struct proof *p,
    struct authenticator *auth, struct authenticator_state *state)
{
	enum cs_err e;

	while ((e = next(r, p->admin, auth)) == CS_OK) {
		if (auth->digits != p->digits)
			continue;
		e = store_get_authenticator_state(r->store, auth->id, state);
		state->id = auth->id;
		if (e != CS_OK || state->wrong < AUTHENTICATOR_REST)
			return e;
	}
	return e;
}

static enum cs_err try_each(struct request *r, struct cs_str digits, struct proof *p)
{
	struct authenticator auth = { .id = 0 };
	struct authenticator_state state;
	enum cs_err e;

	while (p->match != MATCH_NEW &&
	    (e = next_candidate(r, p, &auth, &state)) != CS_ERR_NOTFOUND) {
		enum match match = MATCH_NONE;

		if (e == CS_OK && state.wrong > p->wrong)
			p->wrong = state.wrong;
		if (e == CS_OK)
			e = authenticator_match(r->vault, &auth, &state, r->now.at.wall,
			    digits, &match);
		if (e != CS_OK)
			return e;
		if (match <= p->match)
			continue;
		p->match = match;
		p->authenticator = auth.id;
		p->state = state;
	}
	return CS_OK;
}

enum cs_err proof_read(struct request *r, uint64_t admin, struct cs_str typed, struct proof *p)
{
	struct entry entry;
	enum cs_err e = CS_OK;

	*p = (struct proof){ .admin = admin };
	code_parse(typed, &entry);
	if (entry.kind == ENTRY_AUTHENTICATOR)
		p->digits = (unsigned)entry.len;
	if (p->digits != 0 && r->now.plausible)
		e = try_each(r, (struct cs_str){ entry.digits, entry.len }, p);
	cs_wipe(&entry, sizeof(entry));
	return e;
}

void proof_keep(struct request *r, const struct proof *p)
{
	store_put_authenticator_state(r->store, &p->state);
}

enum cs_err proof_count(struct request *r, const struct proof *p)
{
	struct authenticator auth = { .id = 0 };
	struct authenticator_state state;
	enum cs_err e = CS_ERR_NOTFOUND;

	while (p->digits != 0 && r->now.plausible &&
	    (e = next_candidate(r, p, &auth, &state)) == CS_OK) {
		state.wrong++;
		store_put_authenticator_state(r->store, &state);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err proof_forgive(struct request *r, const struct proof *p)
{
	struct authenticator auth = { .id = 0 };
	struct authenticator_state state;
	enum cs_err e;

	while ((e = store_next_authenticator(r->store, p->admin, auth.id, &auth)) == CS_OK) {
		if (p->match == MATCH_NEW && auth.id == p->authenticator)
			continue;
		e = store_get_authenticator_state(r->store, auth.id, &state);
		if (e != CS_OK)
			return e;
		if (state.wrong == 0)
			continue;
		state.id = auth.id;
		state.wrong = 0;
		store_put_authenticator_state(r->store, &state);
	}
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

enum cs_err proof_authenticators(struct request *r, uint64_t admin, unsigned *n)
{
	struct authenticator auth = { .id = 0 };
	enum cs_err e;

	*n = 0;
	while ((e = next(r, admin, &auth)) == CS_OK)
		(*n)++;
	return e == CS_ERR_NOTFOUND ? CS_OK : e;
}

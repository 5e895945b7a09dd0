/* SPDX-License-Identifier: ISC
 *
 * Derives and compares the text of a grant, and judges whether it is still good.
 */
#include "grant.h"

#include "name.h"

#include "../lib/secret.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

void grant_format(const struct vault *vault, const struct grant *grant, char out[GRANT_TEXT])
{
	struct vault_hash h;
	uint8_t mac[16];
	char hex[33];

	vault_hash_begin(vault, VAULT_GRANT, &h, sizeof(mac));
	vault_hash_u64(&h, grant->id);
	vault_hash_bytes(&h, grant->nonce, sizeof(grant->nonce));
	vault_hash_u64(&h, grant->account);
	vault_hash_u64(&h, grant->admin);
	vault_hash_u64(&h, grant->technician);
	vault_hash_u64(&h, (uint64_t)grant->issued.wall);
	vault_hash_end(&h, mac, sizeof(mac));
	sodium_bin2hex(hex, sizeof(hex), mac, sizeof(mac));
	snprintf(out, GRANT_TEXT, "G%" PRIu64 "-%s", grant->id, hex);
	cs_wipe(hex, sizeof(hex));
	cs_wipe(mac, sizeof(mac));
}

/* True when the text is this record's grant; takes the same time for all. */
static bool is_text_of(const struct vault *vault, const struct grant *grant,
    struct cs_str presented)
{
	char text[GRANT_TEXT];
	bool same;

	grant_format(vault, grant, text);
	same =
	    presented.len == strlen(text) && sodium_memcmp(text, presented.p, presented.len) == 0;
	cs_wipe(text, sizeof(text));
	return same;
}

enum cs_err grant_find(struct store *store, const struct vault *vault, struct cs_str presented,
    struct grant *out)
{
	uint64_t id = number_of_token('G', presented);
	enum cs_err e = id == 0 ? CS_ERR_NOTFOUND : store_get_grant(store, id, out);

	return e == CS_OK && !is_text_of(vault, out, presented) ? CS_ERR_NOTFOUND : e;
}

/* With the account, with who gave it, or with the technician. */
static enum cs_err is_ended(struct store *store, const struct grant *grant, bool *ended)
{
	struct seen technician;
	uint64_t all, own = 0;
	enum cs_err e = store_get_grants_ended(store, grant->account, 0, &all);

	if (e == CS_OK && grant->admin != 0)
		e = store_get_grants_ended(store, grant->account, grant->admin, &own);
	if (e == CS_OK)
		e = store_get_seen(store, grant->technician, &technician);
	if (e != CS_OK)		/* who was given one has asked */
		return e == CS_ERR_NOTFOUND ? CS_ERR_FORMAT : e;
	*ended = grant->id <= all || grant->id <= own || grant->id <= technician.grants_ended;
	return CS_OK;
}

enum cs_err grant_judge(struct store *store, const struct moment *now, const struct grant *grant,
    enum grant_state *state)
{
	bool ended;
	enum cs_err e = is_ended(store, grant, &ended);

	if (e != CS_OK)
		return e;
	if (grant->spent_event != 0)
		*state = GRANT_SPENT;
	else if (ended)
		*state = GRANT_ENDED;
	else if (clock_over(now, &grant->issued, grant->epoch, grant->life))
		*state = GRANT_OVER;
	else
		*state = GRANT_GOOD;
	return CS_OK;
}

bool grant_long_over(const struct grant *grant, const struct moment *now)
{
	return clock_over(now, &grant->issued, grant->epoch, 2 * grant->life);
}

/* SPDX-License-Identifier: ISC
 *
 * Reads, compares and keeps sealed hashes.
 */
#include "password.h"

#include "../lib/secret.h"

#include <sodium.h>
#include <string.h>

_Static_assert(PASSWORD_HASH + VAULT_OVERHEAD <= SEALED_LONG_MAX_LEN, "room for a sealed hash");

/* Of 32 random bytes that nobody has: unknown names cost what known ones do. */
static const char nobodys[] = "$argon2id$v=19$m=19456,t=2,p=1$"
			      "eat2iG0aOD9pAl931bS8XQ$Tgu4VCkpqutKoy1GxhmDjiCJ+FYe6KTsD8SnY1fBLTo";

static void copy(char room[PASSWORD_ROOM], struct cs_str text)
{
	memcpy(room, text.p, text.len);
	room[text.len] = '\0';
}

/* The hash in the store, or nobody's. */
static enum cs_err read_kept(struct request *r, uint64_t admin, char kept[PASSWORD_HASH])
{
	struct password password;
	size_t len;
	enum cs_err e = store_get_password(r->store, admin, &password);

	memset(kept, 0, PASSWORD_HASH);
	memcpy(kept, nobodys, sizeof(nobodys));
	if (e != CS_OK)
		return e == CS_ERR_NOTFOUND ? CS_OK : e;
	memset(kept, 0, PASSWORD_HASH);
	if (password.sealed.len >= PASSWORD_HASH + VAULT_OVERHEAD)
		return CS_ERR_FORMAT;
	return vault_unseal(r->vault, TABLE_PASSWORD, admin, 0,
	    (const uint8_t *)password.sealed.p, password.sealed.len, (uint8_t *)kept, &len);
}

enum cs_err password_ask(struct request *r, uint64_t admin, struct cs_str typed, struct job *job)
{
	/* Nobody could have chosen it. */
	if (typed.len >= PASSWORD_ROOM) {
		typed.len = PASSWORD_ROOM - 1;
		admin = 0;
	}
	copy(job->typed, typed);
	return read_kept(r, admin, job->kept);
}

enum cs_err password_is(struct request *r, uint64_t admin, const struct job *job, bool *right)
{
	char kept[PASSWORD_HASH];
	enum cs_err e = read_kept(r, admin, kept);

	*right = false;
	if (e == CS_OK)
		e = job->err;
	if (e == CS_OK)
		*right = job->right && strcmp(kept, nobodys) != 0 &&
		    sodium_memcmp(kept, job->kept, sizeof(kept)) == 0;
	cs_wipe(kept, sizeof(kept));
	return e;
}

static size_t characters(struct cs_str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return n;
}

static bool is_name(struct cs_str text, struct cs_str name)
{
	if (text.len != name.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char a = text.p[i], b = name.p[i];

		a = (char)(a >= 'A' && a <= 'Z' ? a + 32 : a);
		b = (char)(b >= 'A' && b <= 'Z' ? b + 32 : b);
		if (a != b)
			return false;
	}
	return true;
}

enum cs_err password_choose(struct request *r, const struct admin *admin, struct cs_str chosen,
    struct job *job)
{
	size_t n = characters(chosen);
	const char *say = NULL;

	if (n < PASSWORD_LEAST)
		say = "This password is too short: twelve characters at least. Three or four words "
		      "that do not belong together are easy to keep in mind.";
	else if (n > PASSWORD_MOST || chosen.len >= PASSWORD_ROOM)
		say = "This password is too long: 128 characters at most.";
	else if (is_name(chosen, admin->name) || is_name(chosen, admin->display))
		say = "Your name is no password. Choose another one.";
	if (say != NULL)
		return refuse_named(r, "Refused", "why", CS_STR("password"), say);
	copy(job->chosen, chosen);
	return CS_OK;
}

enum cs_err password_set(struct request *r, uint64_t admin, const struct job *job,
    struct password *password)
{
	uint8_t room[PASSWORD_HASH + VAULT_OVERHEAD];
	size_t len = strlen(job->made);
	enum cs_err e = job->err;

	*password = (struct password){ .admin = admin, .made = r->now.at.wall };
	if (e == CS_OK)
		e = cs_random(password->devices, sizeof(password->devices));
	if (e == CS_OK)
		e = vault_seal(r->vault, TABLE_PASSWORD, admin, 0, (const uint8_t *)job->made, len,
		    room);
	if (e != CS_OK)
		return e;
	password->sealed = (struct cs_str){ (const char *)room, len + VAULT_OVERHEAD };
	store_put_password(r->store, password);
	password->sealed = (struct cs_str){ NULL, 0 };	/* room ends here */
	return CS_OK;
}

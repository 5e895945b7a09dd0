/* SPDX-License-Identifier: ISC
 *
 * What a test tells in one line: a code verified, a person added, a week gone by.
 */
#include "desk.h"

#include "../daemon/activity.h"
#include "../daemon/code.h"
#include "../daemon/purge.h"
#include "../daemon/rowkey.h"
#include "../daemon/session.h"

#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *ask(struct desk *, const char *method, const char *name, const char *fmt,
    va_list) __attribute__((format(printf, 4, 0)));
static const char *ask(struct desk *d, const char *method, const char *name, const char *fmt,
    va_list ap)
{
	bool answered = desk_vask(d, method, fmt, ap) == CS_OK && d->out.error.len == 0;

	return desk_text(d, answered ? name : "error");
}

const char *desk_verify(struct desk *d, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = ask(d, "staff.Verify", "reason", fmt, ap);
	va_end(ap);
	return text;
}

const char *desk_redeem(struct desk *d, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = ask(d, "staff.Redeem", "reason", fmt, ap);
	va_end(ap);
	return text;
}

const char *desk_issue(struct desk *d, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = ask(d, "control.Issue", "code", fmt, ap);
	va_end(ap);
	return text;
}

const char *desk_wrong(struct desk *d)
{
	char *text = d->text[d->ntext++ % 16];

	snprintf(text, SAY_MAX, "%08lu", 30000000 + ++d->asked);
	text[8] = code_check_digit(text, 8);
	text[9] = '\0';
	return text;
}

void desk_fail(struct desk *d, const char *account, unsigned tries)
{
	struct technician who = d->who;
	uid_t asserter = d->asserter;

	for (unsigned i = 0; i < tries; i++) {
		desk_sit(d, (uid_t)(5000 + d->asked), "nobody");
		assert_string_equal(desk_verify(d,
		    "'account':'%s','action':'report.mail','code':'%s'", account,
		    desk_wrong(d)), "wrong");
	}
	d->who = who;
	d->asserter = asserter;
}

char *desk_keep(struct desk *d, const char *text)
{
	char *kept = d->kept[d->nkept++ % 80];

	snprintf(kept, sizeof(d->kept[0]), "%s", text);
	return kept;
}

void desk_stand(struct desk *d, const char *account, enum standing standing)
{
	struct account a;

	desk_begin(d);
	assert_int_equal(store_find_account(d->store, cs_str(account), &a), CS_OK);
	a.standing = standing;
	store_put_account(d->store, &a);
	assert_int_equal(store_keep(d->store), CS_OK);
	desk_commit(d);
}

void desk_add(struct desk *d, const char *account, const char *admin)
{
	if (desk_ask(d, "control.ShowAccount", "'account':'%s'", account) != CS_OK)
		assert_int_equal(desk_ask(d, "control.AddAccount", "'account':'%s','name':'%s Ltd'",
		    account, account),
		    CS_OK);
	assert_int_equal(desk_ask(d, "control.AddAdministrator",
	    "'account':'%s','administrator':'%s','name':'%s R.','reason':'test'",
	    account, admin, admin), CS_OK);
}

uint64_t desk_enroll(struct desk *d, const char *admin, const char *purpose, uint8_t *secret)
{
	char id[24], *decoded;
	size_t len;

	assert_int_equal(desk_ask(d, "control.Enroll", "'administrator':'%s','purpose':'%s'", admin,
	    purpose), CS_OK);
	strcpy(id, desk_text(d, "authenticator"));
	const char *base32 = desk_text(d, "secret");
	assert_int_equal(oath_base32_decode(base32, strlen(base32), &decoded, &len), OATH_OK);
	assert_int_equal(len, 20);
	memcpy(secret, decoded, len);
	free(decoded);
	assert_int_equal(desk_ask(d, "control.Confirm",
	    "'administrator':'%s','authenticator':'%s','code':'%s'", admin,
	    id, desk_app(d, secret)), CS_OK);
	assert_string_equal(desk_text(d, "error"), "");
	return strtoull(id + 1, NULL, 10);
}

const char *desk_log_in(struct desk *d, const char *name, bool proved)
{
	char *token = desk_keep(d, "");
	struct session session = { .id = 0 };
	struct admin admin;
	struct request r = { 0 };
	bool own = !d->batching;

	if (own)
		desk_begin(d);
	r.store = d->store;
	r.vault = d->vault;
	r.now = d->now;
	assert_int_equal(store_find_admin(d->store, cs_str(name), &admin), CS_OK);
	session.admin = admin.id;
	session.address = CS_STR("192.0.2.7");
	session.proved = proved ? d->now.steady : 0;
	assert_int_equal(session_make(&r, &session, token), CS_OK);
	assert_int_equal(store_keep(d->store), CS_OK);
	if (own)
		desk_commit(d);
	return token;
}

const char *desk_app(struct desk *d, const uint8_t *secret)
{
	char *text = d->text[d->ntext++ % 16];

	assert_int_equal(oath_totp_generate((const char *)secret, 20, d->at.wall, 30, 0, 6, text),
	    OATH_OK);
	return text;
}

void desk_purge(struct desk *d)
{
	struct dormant_walk walk = { .admin = 0 };
	bool wrote = true, behind;

	/* until a walk is done, too */
	while (wrote || walk.rest == 0) {
		desk_begin(d);
		assert_int_equal(purge_step(d->store, d->conf, d->vault, &d->now,
		    &walk), CS_OK);
		assert_int_equal(activity_step(d->store, 500, &behind), CS_OK);
		assert_int_equal(store_keep(d->store), CS_OK);
		wrote = store_wrote(d->store);
		desk_commit(d);
	}
}

uint64_t desk_rows(struct desk *d, enum table table)
{
	uint64_t n;

	desk_begin(d);
	n = store_rows(d->store, table);
	desk_commit(d);
	return n;
}

void desk_event(struct desk *d, uint64_t id)
{
	assert_int_equal(desk_ask(d, "control.Events", "'after':%llu", (unsigned long long)id - 1),
	    CS_OK);
	assert_int_equal(desk_int(d, "event"), id);
}

uint64_t desk_events(struct desk *d)
{
	return store_count(d->store, SEQ_EVENT);
}

void desk_lose(struct desk *d, enum table table, uint64_t number)
{
	struct rowkey key = rowkey1(number);

	desk_begin(d);
	store_del(d->store, table, rowkey_bytes(&key));
	assert_int_equal(store_keep(d->store), CS_OK);
	desk_commit(d);
	d->damaged = true;
}

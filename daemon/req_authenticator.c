/* SPDX-License-Identifier: ISC
 *
 * Enroll and Confirm: what an operator may choose about an authenticator.
 */
#include "handlers.h"

#include "alive.h"
#include "asked.h"
#include "authenticator.h"
#include "authority.h"
#include "enrolment.h"
#include "member.h"
#include "name.h"

static enum cs_err read_enrolment(struct request *r, struct admin *admin,
    struct authenticator *auth, struct cs_str *issuer)
{
	struct asked asked;
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, admin);
	if (e == CS_OK)
		e = read_purpose(r, &auth->purpose);
	if (e == CS_OK)
		e = enrolment_read_form(r, auth);
	auth->period = auth->kind == OATH_KIND_TOTP ? 30 : 0;
	if (e == CS_OK)
		e = enrolment_read_label(r, "label", &auth->label, (struct cs_str){ 0 });
	if (e == CS_OK)
		e = enrolment_read_label(r, "issuer", issuer, CS_STR("Countersign"));
	return e == CS_OK ? enrolment_check_number(r, admin->id) : e;
}

enum cs_err handle_enroll(struct request *r)
{
	struct admin admin;
	struct cs_str issuer;
	struct authenticator auth = { .created = r->now.at.wall };
	enum cs_err e = read_enrolment(r, &admin, &auth, &issuer);

	if (e == CS_OK)
		e = enrolment_begin(r, &admin, &auth, issuer);
	return e == CS_OK ? log_change(r, EVENT_ENROLL, NULL, &admin,
				authenticator_purpose(auth.purpose)) : e;
}

enum cs_err handle_confirm(struct request *r)
{
	struct asked asked;
	struct admin admin;
	struct authenticator auth;
	bool confirmed;
	char id[NUMBER_TEXT];
	enum cs_err e = asked_read(r, &asked);

	if (e == CS_OK)
		e = asked_admin_must(r, &asked, &admin);
	if (e == CS_OK)
		e = enrolment_confirm(r, &admin, &auth, &confirmed);
	if (e != CS_OK || !confirmed)
		return e;
	e = alive_note(r, admin.id);
	if (e == CS_OK)
		e = log_change(r, EVENT_CONFIRM, NULL, &admin, authenticator_purpose(auth.purpose));
	if (e != CS_OK)
		return e;
	number_format('A', auth.id, id);
	cs_put_string(reply_begin(r, false), "authenticator", cs_str(id));
	return reply_end(r);
}

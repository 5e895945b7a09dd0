/* SPDX-License-Identifier: ISC
 *
 * Putting an authenticator into somebody's app, whoever asks for it: it is
 * pending until it has shown one code.  Its secret leaves in the reply and
 * nowhere else; what stays is sealed.
 */
#pragma once

#include "request.h"

/* A label, or an issuer's name, which the URI cannot hold with a colon in it. */
enum cs_err enrolment_read_label(struct request *, const char *name, struct cs_str *out,
    struct cs_str otherwise);

/* Kind, hash and digits: what every app supports, unless asked otherwise. */
enum cs_err enrolment_read_form(struct request *, struct authenticator *);

/* Each is tried at a verification, so there is an end to them: Refused. */
enum cs_err enrolment_check_number(struct request *, uint64_t admin);

/* Draws the secret of an authenticator whose form, purpose and label are set,
 * stages it, and writes the answer.  The event is the caller's. */
enum cs_err enrolment_begin(struct request *, const struct admin *, struct authenticator *,
    struct cs_str issuer);

/* The parameter "code" against the pending authenticator that the parameter
 * "authenticator" names.  *confirmed: it is active now, and cools its owner off
 * if it is a second one.  Otherwise the refusal is written, and counted. */
enum cs_err enrolment_confirm(struct request *, const struct admin *, struct authenticator *,
    bool *confirmed);

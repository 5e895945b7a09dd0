/* SPDX-License-Identifier: ISC
 *
 * Passwords: what is accepted as one, and the hash that is kept of it
 * (Argon2id), sealed, so that a stolen database alone gives nothing to guess
 * at.  Hashing is a job for the worker: here it is set up and judged.
 */
#pragma once

#include "job.h"
#include "request.h"

/* Has the job check what was typed against this person's password.  Who has
 * none, and admin 0, is nobody: the same work comes to nothing. */
enum cs_err password_ask(struct request *, uint64_t admin, struct cs_str typed, struct job *);

/* What the job answered, if the password is still the one it was asked about. */
enum cs_err password_is(struct request *, uint64_t admin, const struct job *, bool *right);

/* Has the job hash a new one.  Refused, why "password", is answered for what
 * is too short, too long, or the person's name. */
enum cs_err password_choose(struct request *, const struct admin *, struct cs_str chosen,
    struct job *);

/* Stages what the job made: from now on this is the password, and whichever
 * browsers were known are not. */
enum cs_err password_set(struct request *, uint64_t admin, const struct job *, struct password *);

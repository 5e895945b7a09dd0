/* SPDX-License-Identifier: ISC
 *
 * A desk at which dana, of acme, has a password and an app: what the tests of
 * log-ins, sessions and invitations share.
 */
#pragma once

#include "desk.h"

#include "../daemon/recovery.h"

#define PASSWORD "four words nobody guesses"
#define HOME "'address':'192.0.2.7','browser':'Firefox'"

extern struct desk desk;
extern uint8_t secret[20];		/* of her app */
extern char recovery_codes[RECOVERY_CODES][RECOVERY_TEXT];

/* Fixtures of cmocka. */
int login_begin(void **state);
int login_end(void **state);

void login_give_password(const char *name, const char *text);
/* New recovery codes, into recovery_codes. */
void login_give_codes(const char *name);

/* The error's name; "" for an answer. */
const char *login_try(const char *name, const char *password, const char *code, const char *more);
const char *login_ask(const char *method, const char *session);
const char *login_prove(const char *session, const char *code);

/* What her app shows neither now nor in the periods beside. */
const char *login_wrong_code(void);

/* Logs dana in with the next code; the token. */
char *login_token(void);

void login_fail_often(const char *name, unsigned tries, const char *more);
unsigned login_wrong_tries(uint64_t authenticator);

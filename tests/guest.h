/* SPDX-License-Identifier: ISC
 *
 * The PAM module's whole surroundings in memory: libpam, the person, the daemon
 * and the system, each of which may fail.  The test binary defines libpam's
 * functions and wraps libc's (see guest_wraps in Makefile.am).
 */
#pragma once

#include "../lib/err.h"

#include <stddef.h>
#include <security/pam_appl.h>
#include <security/pam_modules.h>

#define GUEST_LIST 16

struct guest {
	/* the script */
	const char *user, *authtok;
	struct {
		int result;		/* of the conversation function */
		const char *text;	/* NULL: no answer in the response */
		bool nothing;		/* not even a response */
	} answers[GUEST_LIST];
	size_t nanswers;
	struct {
		const char *p;
		size_t len;
	} replies[GUEST_LIST];		/* one a connection; then nobody listens */
	size_t nreplies;
	const char *secrets[2];		/* what no freed memory may hold */
	unsigned fail_memory;		/* this allocation fails, 1 is the first; 0: none */
	unsigned fail_call;		/* this system call does, */
	int fail_errno;			/* with this */

	/* what came of it */
	unsigned memories, calls, blocks, sockets;
	bool showed_secret;		/* in a block that was freed */
	bool verify_accepted, redeem_accepted;	/* a reply that was read said so */
	char environment[256];

	/* how it goes on */
	size_t answered, connections, given;
	char method[64];
	char request[32768];
	size_t request_len;
	long clock;			/* milliseconds */
	void *data;
	void (*cleanup)(pam_handle_t *, void *, int);
	bool running;
};

extern struct guest guest;

void guest_begin(void);		/* an empty script */
int guest_authenticate(int flags, int argc, const char **argv);
int guest_acct_mgmt(int flags, int argc, const char **argv);
void guest_end(void);		/* as pam_end; then blocks and sockets should be 0 */

/* Scripts an answer, or a reply and its NUL. */
void guest_answer(const char *text);
void guest_reply(const char *json);

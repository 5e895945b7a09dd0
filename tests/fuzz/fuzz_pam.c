/* SPDX-License-Identifier: ISC
 *
 * libFuzzer: a whole authentication and account phase with any options, any
 * person, any daemon and one failing call.  It succeeds only where the daemon
 * said "accepted" to a verification, and the account phase only where it then
 * said so to a redemption.
 */
#include "../guest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of the input, and room for what was taken of it. */
static struct {
	const uint8_t *at, *end;
	char room[4 * 65536];
	size_t used;
} input;

static unsigned take_byte(void)
{
	return input.at < input.end ? *input.at++ : 0;
}

/* A text that ends before the next 0xff; NULL when there is none. */
static char *take_text(size_t *len)
{
	const uint8_t *end = memchr(input.at, 0xff, (size_t)(input.end - input.at));
	char *text = input.room + input.used;

	if (end == NULL)
		end = input.end;
	*len = (size_t)(end - input.at);
	memcpy(text, input.at, *len);
	text[*len] = '\0';
	input.used += *len + 1;
	input.at = end + (end < input.end);
	return text;
}

#define SAID "\"say\":\"said\"}}"

/* So that the deeper places are found: a reply of one byte names one of these. */
static const char *const known[] = {
	"{\"parameters\":{\"account\":\"a\",\"name\":\"A\",\"requires\":\"code\"," SAID,
	"{\"parameters\":{\"account\":\"a\",\"name\":\"A\",\"requires\":\"none\"," SAID,
	"{\"parameters\":{\"requires\":\"code\",\"binds_target\":true," SAID,
	"{\"parameters\":{\"requires\":\"code\",\"mode\":\"shadow\"," SAID,
	"{\"parameters\":{\"verdict\":\"accepted\",\"reason\":\"accepted\",\"grant\":\"G1-"
	"0\"," SAID,
	"{\"parameters\":{\"verdict\":\"refused\",\"reason\":\"wrong\"," SAID,
	"{\"parameters\":{\"verdict\":\"refused\",\"reason\":\"accepted\",\"grant\":\"G1-0\"," SAID,
	"{\"parameters\":{\"verdict\":\"refused\",\"reason\":\"other-target\"," SAID,
	"{\"error\":\"io.countersign.staff.UnknownAccount\",\"parameters\":{" SAID,
	"{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":"
	"\"target\"}}",
	"{\"error\":\"io.countersign.staff.Throttled\",\"parameters\":{\"wait\":9," SAID,
	"",
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

static void take_replies(void)
{
	while (input.at < input.end && guest.nreplies < GUEST_LIST) {
		size_t len;
		const char *text = take_text(&len);

		if (len == 1 && (size_t)text[0] < KNOWN) {
			guest_reply(known[(size_t)text[0]]);
		} else {
			guest.replies[guest.nreplies].p = text;
			guest.replies[guest.nreplies++].len = len;
		}
	}
}

static void take_answers(size_t n)
{
	static const int results[] = { PAM_CONV_AGAIN, PAM_CONV_ERR, PAM_BUF_ERR, PAM_ABORT };

	for (size_t i = 0; i < n && input.at < input.end; i++) {
		unsigned kind = take_byte();
		size_t len;

		guest_answer(take_text(&len));
		if (kind < 4)
			guest.answers[i].result = results[kind];
		else if (kind == 4)
			guest.answers[i].text = NULL;
		guest.answers[i].nothing = kind == 5;
	}
}

static bool has_word(int argc, const char **argv, const char *word)
{
	while (argc-- > 0)
		if (strcmp(argv[argc], word) == 0)
			return true;
	return false;
}

static void check(int auth, int acct, bool exporting)
{
	if (auth == PAM_SUCCESS && !guest.verify_accepted)
		abort();
	if (acct == PAM_SUCCESS && (auth != PAM_SUCCESS || (!exporting && !guest.redeem_accepted)))
		abort();
	if (auth == PAM_IGNORE || acct == PAM_IGNORE || guest.blocks != 0 || guest.sockets != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const words[] = {
		"account=acme",
		"target=a=192.0.2.1",
		"tries=1",
		"noecho",
		"use_first_pass",
		"try_first_pass",
		"export",
		"debug",
		"quiet",
		"nodelay",
		"tries=9",
		"timeout=1",
		"code_prompt=Code: ",
	};
	const char *argv[OPTIONS + 2] = { "action=mail.server" };
	int argc = 1, flags, auth, acct;
	size_t len;

	if (size > 65536)
		return 0;
	input.at = data;
	input.end = data + size;
	input.used = 0;
	guest_begin();
	for (; argc <= OPTIONS; argc++) {
		unsigned i = take_byte();

		if (i >= sizeof(words) / sizeof(words[0]))
			break;
		argv[argc] = words[i];
	}
	if (take_byte() == 1)
		argv[argc++] = take_text(&len);
	flags = take_byte() & 1 ? PAM_SILENT : 0;
	guest.fail_memory = take_byte();
	guest.fail_call = take_byte();
	guest.fail_errno = (int)take_byte();
	if (take_byte() == 1)
		guest.authtok = take_text(&len);
	take_answers(take_byte() % GUEST_LIST);
	take_replies();

	auth = guest_authenticate(flags, argc, argv);
	if (auth == PAM_INCOMPLETE)
		auth = guest_authenticate(flags, argc, argv);
	acct = guest_acct_mgmt(flags, argc, argv);
	guest_end();
	check(auth, acct, has_word(argc, argv, "export"));
	return 0;
}

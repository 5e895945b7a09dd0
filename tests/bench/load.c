/* SPDX-License-Identifier: ISC
 *
 * Asks a daemon for one thing, many times, on many connections, and prints one
 * line of JSON about it.  It makes what it needs first, through the same
 * sockets: accounts, authenticators, codes.  Its people are numbered: account
 * a00000007 has the administrator p00000007.
 *
 *	load FOLDER WHAT [NAME=NUMBER]...
 */
#include "swarm.h"

#include "../../daemon/code.h"
#include "../../lib/client.h"

#include <liboath/oath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STAFF "io.countersign.staff."
#define CONTROL "io.countersign.control."
#define ACTION "filter.list"
#define MAKERS 64		/* connections that make what is needed */
#define REUSED 2048		/* codes that replays come from */
#define SECRET_LEN 20
#define ROSTER_PERIOD 30
#define STRIDE 7368787		/* has no factor in common with any population */

static const char *folder;
static size_t clients = 1, milliseconds = 500, most = 1000;
static size_t accounts = 1000, first, technicians = 64, period = 30, targets = 1;
static size_t present;

/* What was issued. */
struct code {
	char digits[16];
};
static struct code *codes;
static char request_prefix[33];

/* The i-th request is about this account: all of them in turn, none near the
 * one before. */
static size_t account_of(size_t i)
{
	return (first + i) % accounts * STRIDE % accounts;
}

static struct cs_str numbered(char letter, size_t n)
{
	static char text[8][32];
	static unsigned turn;
	char *p = text[turn++ % 8];

	snprintf(p, sizeof(text[0]), "%c%08zu", letter, n);
	return cs_str(p);
}

/* Each code is for a target of its own: otherwise asking for a second one of
 * the same account would show the first. */
static void put_target(struct cs_writer *w, size_t i)
{
	struct cs_str target = numbered('h', i);

	if (targets > 0)
		cs_put_strings(w, "target", &target, 1);
}

/* Another process has another prefix. */
static void put_request(struct cs_writer *w, char kind, size_t i)
{
	char id[48];

	snprintf(id, sizeof(id), "%.16s%c%015zx", request_prefix, kind, i);
	cs_put_string(w, "request", cs_str(id));
}

/* Technicians who exist in the name service alone, else oneself. */
static void put_technician(struct cs_writer *w, size_t i)
{
	char name[32];

	if (technicians == 0)
		return;
	snprintf(name, sizeof(name), "tech%zu", i % technicians);
	cs_put_string(w, "technician", cs_str(name));
}

/* Request number "id": the code, for the i-th target. */
static void add_verify(struct script *s, size_t id, size_t account, size_t i, const char *code,
    bool named)
{
	struct cs_writer *w = script_begin(s, STAFF "Verify");
	char who[32];

	snprintf(who, sizeof(who), named ? "a%08zu/p%08zu" : "a%08zu", account, account);
	cs_put_string(w, "account", cs_str(who));
	cs_put_string(w, "action", CS_STR(ACTION));
	put_target(w, i);
	cs_put_string(w, "code", cs_str(code));
	put_technician(w, id);
	put_request(w, 'a', id);
	script_end(s);
}

static bool take_reason(void *arg, size_t i, const struct cs_msg *reply)
{
	struct cs_str reason = CS_STR("");

	(void)i;
	cs_msg_string(reply, "reason", &reason);
	return reply->error.p == NULL && cs_str_is(reason, arg);
}

static bool take_done(void *arg, size_t i, const struct cs_msg *reply)
{
	(void)arg;
	(void)i;
	return reply->error.p == NULL;
}

struct number {
	const char *name;
	int64_t *value;
};

static bool take_number(void *arg, size_t i, const struct cs_msg *reply)
{
	const struct number *n = arg;

	(void)i;
	return cs_msg_int(reply, n->name, n->value) == CS_OK;
}

static bool take_code(void *arg, size_t i, const struct cs_msg *reply)
{
	struct cs_str digits = CS_STR("");

	(void)arg;
	cs_msg_string(reply, "code", &digits);
	if (reply->error.p != NULL || digits.len >= sizeof(codes[i].digits))
		return false;
	memcpy(codes[i].digits, digits.p, digits.len);
	codes[i].digits[digits.len] = '\0';
	return true;
}

static const char *door(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* What must succeed before anything is measured; prints nothing. */
static void make(const char *socket, struct script *s, swarm_take take, const char *arg)
{
	size_t n = s->n < MAKERS ? s->n : MAKERS;
	int *fds = swarm_open(door(socket), n);
	struct result r;

	swarm_run(fds, n, s, 0, take, (void *)arg, &r);
	swarm_close(fds, n);
	if (r.unexpected > 0)
		exit(4);
	result_clear(&r);
	script_clear(s);
}

static void ask_once(const char *method, const char *want, int64_t *number)
{
	struct number n = { want, number };
	struct script s = { .frames = NULL };
	int *fds = swarm_open(door("control"), 1);
	struct result r;

	script_begin(&s, method);
	script_end(&s);
	swarm_run(fds, 1, &s, 0, take_number, &n, &r);
	swarm_close(fds, 1);
	if (r.unexpected > 0)
		exit(4);
	script_clear(&s);
	result_clear(&r);
}

/* Nanoseconds that the daemon's own thread has had of a processor. */
static double read_cpu(int64_t pid)
{
	char path[64];
	double ns = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%lld/schedstat", (long long)pid);
	f = fopen(path, "re");
	if (f == NULL || fscanf(f, "%lf", &ns) != 1)
		die(path);
	fclose(f);
	return ns;
}

static void print_measured(struct result *r, struct script *s)
{
	result_print(r);
	printf(", \"clients\": %zu, \"frame\": %zu", clients, s->used / s->n);
	result_clear(r);
	script_clear(s);
}

static void measure_echo(struct script *s)
{
	int *fds = swarm_open(folder, clients);
	struct result r;

	swarm_run(fds, clients, s, (double)milliseconds / 1000, take_reason, (char *)"accepted",
	    &r);
	swarm_close(fds, clients);
	print_measured(&r, s);
	puts("}");
}

/* "cpu": microseconds of the daemon's for each. */
static void measure(struct script *s, const char *reason)
{
	int *fds = swarm_open(door("staff"), clients);
	int64_t before, after, pid;
	struct result r;
	double cpu;

	if (present > 0 && present < s->n)
		s->n = present;
	ask_once(CONTROL "Status", "pid", &pid);
	ask_once(CONTROL "Status", "batches", &before);
	cpu = read_cpu(pid);
	swarm_run(fds, clients, s, (double)milliseconds / 1000, take_reason, (void *)reason, &r);
	swarm_close(fds, clients);
	cpu = (read_cpu(pid) - cpu) / 1000 / (double)r.asked;
	ask_once(CONTROL "Status", "batches", &after);
	print_measured(&r, s);
	printf(", \"cpu\": %.2f, \"batches\": %lld}\n", cpu, (long long)(after - before - 1));
}

static void issue(size_t n)
{
	struct script s = { .frames = NULL };

	codes = calloc(n, sizeof(codes[0]));
	if (codes == NULL)
		die("memory");
	for (size_t i = 0; i < n; i++) {
		struct cs_writer *w = script_begin(&s, CONTROL "Issue");

		cs_put_string(w, "account", numbered('a', account_of(i)));
		cs_put_string(w, "administrator", numbered('p', account_of(i)));
		cs_put_string(w, "action", CS_STR(ACTION));
		put_target(w, i);
		cs_put_bool(w, "replace", true);
		put_request(w, 'b', i);
		script_end(&s);
	}
	make("control", &s, take_code, NULL);
}

/* The frames of a verification, for a server that looks at none of them. */
static void do_echo(void)
{
	struct script s = { .frames = NULL };

	for (size_t i = 0; i < most; i++)
		add_verify(&s, i, account_of(i), i, "483109276", false);
	measure_echo(&s);
}

static void do_verify(void)
{
	struct script s = { .frames = NULL };

	issue(most);
	for (size_t i = 0; i < most; i++)
		add_verify(&s, i, account_of(i), i, codes[i].digits, false);
	measure(&s, "accepted");
}

/* A code that has most likely never been issued. */
static void add_wrong(struct script *s, size_t id, size_t i)
{
	char digits[CODE_DIGITS + 1];

	snprintf(digits, sizeof(digits), "%08ld", random() % 100000000);
	digits[CODE_DIGITS - 1] = code_check_digit(digits, CODE_DIGITS - 1);
	digits[CODE_DIGITS] = '\0';
	add_verify(s, id, account_of(i), i, digits, false);
}

/* With one try each: more than may wait to be looked up come at once later. */
static void look_up_technicians(void)
{
	struct script s = { .frames = NULL };

	for (size_t i = 0; i < technicians; i++)
		add_wrong(&s, 2 * most + i, i);
	make("staff", &s, take_reason, "wrong");
}

static void do_wrong(void)
{
	struct script s = { .frames = NULL };

	look_up_technicians();
	for (size_t i = 0; i < most; i++)
		add_wrong(&s, i, i);
	measure(&s, "wrong");
}

/* Used codes, presented anew. */
static void do_replay(void)
{
	struct script s = { .frames = NULL };
	size_t n = most < REUSED ? most : REUSED;

	look_up_technicians();
	issue(n);
	for (size_t i = 0; i < n; i++)
		add_verify(&s, i, account_of(i), i, codes[i].digits, false);
	make("staff", &s, take_reason, "accepted");
	for (size_t i = 0; i < most; i++)
		add_verify(&s, n + i, account_of(i % n), i % n, codes[i % n].digits, false);
	measure(&s, "used");
}

static void fill_secret(size_t account, char secret[SECRET_LEN + 1])
{
	snprintf(secret, SECRET_LEN + 1, "secret %013zu", account % 10000000000000);
}

static void do_authenticator(void)
{
	struct script s = { .frames = NULL };
	char secret[SECRET_LEN + 1], code[8];
	time_t now = time(NULL);

	for (size_t i = 0; i < most; i++) {
		fill_secret(account_of(i), secret);
		if (oath_totp_generate(secret, SECRET_LEN, now, (unsigned)period, 0, 6, code) != 0)
			die("liboath");
		add_verify(&s, i, account_of(i), i, code, true);
	}
	measure(&s, "accepted");
}

static void put_secret(struct cs_writer *w, size_t account)
{
	char secret[SECRET_LEN + 1], *text;

	fill_secret(account, secret);
	if (oath_base32_encode(secret, SECRET_LEN, &text, NULL) != 0)
		die("liboath");
	cs_put_string(w, "purpose", CS_STR("support"));
	cs_put_string(w, "secret", cs_str(text));
	free(text);
}

/* The lines of one roster, as "countersign import csv" asks for them. */
static void add_people(struct script *s, int64_t run)
{
	for (size_t i = first; i < first + most; i++) {
		struct cs_writer *w = script_begin(s, CONTROL "SyncRecord");

		cs_put_int(w, "run", run);
		cs_put_string(w, "account_ref", numbered('r', i));
		cs_put_string(w, "account", numbered('a', i));
		cs_put_string(w, "admin_ref", numbered('r', i));
		cs_put_string(w, "administrator", numbered('p', i));
		cs_put_bool(w, "all", true);
		if (period == ROSTER_PERIOD)
			put_secret(w, i);
		script_end(s);
	}
}

/* Authenticators of a period that no roster brings. */
static void add_authenticators(struct script *s)
{
	for (size_t i = first; i < first + most; i++) {
		struct cs_writer *w = script_begin(s, CONTROL "ImportAuthenticator");

		cs_put_string(w, "administrator", numbered('p', i));
		cs_put_int(w, "period", (int64_t)period);
		put_secret(w, i);
		script_end(s);
	}
}

static void do_populate(void)
{
	struct script s = { .frames = NULL };
	double began = read_seconds();
	int64_t run = 0;

	ask_once(CONTROL "SyncBegin", "run", &run);
	add_people(&s, run);
	make("control", &s, take_done, NULL);
	if (period != ROSTER_PERIOD) {
		add_authenticators(&s);
		make("control", &s, take_done, NULL);
	}
	printf("{\"done\": %zu, \"seconds\": %.6f}\n", most, read_seconds() - began);
}

/* Codes for somebody else to present: account, tabulator, code. */
static void do_codes(void)
{
	issue(most);
	for (size_t i = 0; i < most; i++)
		printf("%.*s\t%s\n", (int)numbered('a', 0).len, numbered('a', account_of(i)).p,
		    codes[i].digits);
}

/* Connections that ask for nothing, until standard input ends. */
static void do_idle(void)
{
	int *fds = swarm_open(door("staff"), clients);

	puts("{}");
	fflush(stdout);
	while (getchar() != EOF)
		;
	swarm_close(fds, clients);
}

static const struct {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "echo", do_echo },		{ "verify", do_verify },
	{ "wrong", do_wrong },		{ "replay", do_replay },
	{ "authenticator", do_authenticator },
	{ "populate", do_populate },	{ "codes", do_codes },
	{ "idle", do_idle },
};

static const struct {
	const char *name;
	size_t *value;
} numbers[] = {
	{ "clients", &clients },	/* connections */
	{ "ms", &milliseconds },	/* of measuring, at most */
	{ "most", &most },		/* requests */
	{ "accounts", &accounts },	/* the population */
	{ "first", &first },		/* whom to begin with */
	{ "technicians", &technicians }, /* 0: oneself */
	{ "period", &period },		/* of authenticators */
	{ "targets", &targets },	/* of a code: 0 or 1 */
	{ "present", &present },	/* of what was made; 0: all of it */
};

static bool set_number(const char *word)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		size_t len = strlen(numbers[i].name);

		if (strncmp(word, numbers[i].name, len) == 0 && word[len] == '=') {
			*numbers[i].value = strtoul(word + len + 1, NULL, 10);
			return true;
		}
	}
	return false;
}

int main(int argc, char **argv)
{
	bool good = argc >= 3;

	for (int i = 3; i < argc; i++)
		good = good && set_number(argv[i]);
	srandom((unsigned)(read_seconds() * 1e6));
	if (cs_request_id(request_prefix) != CS_OK)
		die("no randomness");
	for (size_t i = 0; good && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(argv[2], kinds[i].name) == 0) {
			folder = argv[1];
			kinds[i].run();
			return 0;
		}
	fputs("usage: load FOLDER WHAT [NAME=NUMBER]...\n", stderr);
	return 2;
}

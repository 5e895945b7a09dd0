/* SPDX-License-Identifier: ISC
 *
 * An application for pam.py: runs a script of words through the real libpam and
 * prints what a person and a program would see of it, a line each.  It tells
 * when a call left the process other than it was.
 *
 *	pam_client CONFDIR SERVICE USER WORD...
 */
#include <ctype.h>
#include <dirent.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <security/pam_appl.h>

#define HANDLES 2
#define ANSWERS_MAX 512
#define BIG 10240

static const char *confdir, *service, *user;
static pam_handle_t *handles[HANDLES];
static int current, flags, last;
static bool deaf, unwatched;

/* What the person says at the next prompts: the words themselves. */
static const char *answers[ANSWERS_MAX];
static size_t first_answer, end_answer;

static void print_text(const char *before, const char *text)
{
	fputs(before, stdout);
	for (; *text != '\0'; text++)
		printf(iscntrl((unsigned char)*text) ? "\\x%02x" : "%c", (unsigned char)*text);
	putchar('\n');
}

static void die(const char *what)
{
	printf("died %s\n", what);
	exit(99);
}

static const char *code_name(int code)
{
	static const char *const names[] = {
		"SUCCESS", "OPEN_ERR", "SYMBOL_ERR", "SERVICE_ERR", "SYSTEM_ERR", "BUF_ERR",
		"PERM_DENIED", "AUTH_ERR", "CRED_INSUFFICIENT", "AUTHINFO_UNAVAIL", "USER_UNKNOWN",
		"MAXTRIES", "NEW_AUTHTOK_REQD", "ACCT_EXPIRED", "SESSION_ERR", "CRED_UNAVAIL",
		"CRED_EXPIRED", "CRED_ERR", "NO_MODULE_DATA", "CONV_ERR", "AUTHTOK_ERR",
		"AUTHTOK_RECOVERY_ERR", "AUTHTOK_LOCK_BUSY", "AUTHTOK_DISABLE_AGING", "TRY_AGAIN",
		"IGNORE", "ABORT", "AUTHTOK_EXPIRED", "MODULE_UNKNOWN", "BAD_ITEM", "CONV_AGAIN",
		"INCOMPLETE",
	};
	bool known = code >= 0 && (size_t)code < sizeof(names) / sizeof(names[0]);

	return known ? names[code] : "unknown";
}

static void *fill(size_t len)
{
	char *text = malloc(len + 1);

	if (text == NULL)
		die("memory");
	memset(text, '7', len);
	text[len] = '\0';
	return text;
}

/* Hexadecimal of bytes with a mask over them: so the plain text is nowhere in
 * this process but in the response. */
static char *unmask(const char *hex)
{
	size_t len = strlen(hex) / 2;
	char *text = fill(len);
	unsigned byte;

	for (size_t i = 0; i < len && sscanf(hex + 2 * i, "%2x", &byte) == 1; i++)
		text[i] = (char)(byte ^ 0x5a);
	return text;
}

/* A line of standard input, where the arguments are no place for it. */
static char *read_typed(void)
{
	char *line = NULL;
	size_t cap = 0;

	if (getline(&line, &cap, stdin) < 0)
		die("the end of the input");
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static int reply_to_prompt(struct pam_response *response)
{
	const char *answer;

	if (first_answer == end_answer)
		return PAM_CONV_ERR;
	answer = answers[first_answer++];
	if (strcmp(answer, "conv-again") == 0)
		return PAM_CONV_AGAIN;
	if (strcmp(answer, "conv-error") == 0)
		return PAM_CONV_ERR;
	if (strcmp(answer, "conv-memory") == 0)
		return PAM_BUF_ERR;
	if (strcmp(answer, "big-answer") == 0)
		response->resp = fill(BIG);
	else if (strncmp(answer, "masked=", 7) == 0)
		response->resp = unmask(answer + 7);
	else if (strcmp(answer, "typed") == 0)
		response->resp = read_typed();
	else if (strncmp(answer, "answer=", 7) == 0)
		response->resp = strdup(answer + 7);
	return PAM_SUCCESS;	/* with null-answer: and nothing in it */
}

static int converse(int n, const struct pam_message **messages, struct pam_response **out,
    void *arg)
{
	static const char *const styles[] = {
		[PAM_PROMPT_ECHO_OFF] = "hidden ", [PAM_PROMPT_ECHO_ON] = "ask ",
		[PAM_ERROR_MSG] = "error ", [PAM_TEXT_INFO] = "info ",
	};
	int style = messages[0]->msg_style, result;
	bool prompt = style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON;
	struct pam_response *response;

	(void)arg;
	if (n != 1 || style < 1 || style > PAM_TEXT_INFO)
		die("not one message of a known style");
	if (*out != NULL)
		die("the response was not preset");
	if (!unwatched)
		print_text(styles[style], messages[0]->msg);
	if (!prompt && deaf)
		return PAM_CONV_ERR;
	if (prompt && first_answer < end_answer &&
	    strcmp(answers[first_answer], "null-array") == 0) {
		first_answer++;
		return PAM_SUCCESS;
	}
	response = calloc(1, sizeof(*response));
	if (response == NULL)
		die("memory");
	result = prompt ? reply_to_prompt(response) : PAM_SUCCESS;
	if (result == PAM_SUCCESS)
		*out = response;
	else
		free(response);
	return result;
}

static const struct pam_conv person = { converse, NULL };
static const struct pam_conv nobody = { NULL, NULL };

static void tell_delay(int result, unsigned usec, void *arg)
{
	(void)result;
	(void)arg;
	if (usec > 0)
		printf("delay\n");
}

static void append_status(char *out, size_t cap)
{
	static const char *const kept[] = {
		"Umask:", "Uid:", "Gid:", "Groups:", "Threads:", "SigBlk:", "SigIgn:", "SigCgt:",
	};
	char line[512];
	FILE *f = fopen("/proc/self/status", "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
			if (strncmp(line, kept[i], strlen(kept[i])) == 0)
				strncat(out, line, cap - strlen(out) - 1);
	if (f == NULL || fclose(f) != 0)
		die("/proc");
}

static int append_descriptors(char *out, size_t cap)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *entry;
	int n = 0;

	if (d == NULL)
		die("/proc");
	while ((entry = readdir(d)) != NULL) {
		snprintf(out + strlen(out), cap - strlen(out), "%s ", entry->d_name);
		n++;
	}
	closedir(d);
	return n;
}

static void look(char *out, size_t cap)
{
	struct itimerval timer;

	out[0] = '\0';
	append_status(out, cap);
	append_descriptors(out, cap);
	getitimer(ITIMER_REAL, &timer);
	snprintf(out + strlen(out), cap - strlen(out), "timer %ld", (long)timer.it_value.tv_sec);
}

static void run(const char *name, int (*call)(pam_handle_t *, int))
{
	char before[4096], after[4096];

	if (unwatched) {
		last = call(handles[current], flags);
		if (last != PAM_SUCCESS)
			die(name);
		return;
	}
	look(before, sizeof(before));
	last = call(handles[current], flags);
	look(after, sizeof(after));
	printf("%s %s\n", name, code_name(last));
	if (strcmp(before, after) != 0) {
		print_text("changed ", before);
		print_text("to ", after);
	}
}

static void count(const char *name, long *maps, long *pages, int *descriptors)
{
	char room[4096] = "";
	FILE *f = fopen("/proc/self/maps", "re");
	int c;

	*maps = 0;
	while (f != NULL && (c = getc(f)) != EOF)
		*maps += c == '\n';
	if (f == NULL || fclose(f) != 0 || (f = fopen("/proc/self/statm", "re")) == NULL)
		die(name);
	if (fscanf(f, "%*s %ld", pages) != 1)
		die(name);
	fclose(f);
	*descriptors = append_descriptors(room, sizeof(room));
}

static void do_start(const char *value)
{
	union {
		void (*function)(int, unsigned, void *);
		const void *item;
	} delay = { tell_delay };

	(void)value;
	last = pam_start_confdir(service, user[0] != '\0' ? user : NULL, &person, confdir,
	    &handles[current]);
	if (last != PAM_SUCCESS)
		printf("start %s\n", code_name(last));
	else
		pam_set_item(handles[current], PAM_FAIL_DELAY, delay.item);
}

static void do_end(const char *value)
{
	(void)value;
	pam_end(handles[current], last);
}

static void do_handle(const char *value)
{
	current = atoi(value) % HANDLES;
}
static void do_ruser(const char *value)
{
	pam_set_item(handles[current], PAM_RUSER, value);
}
static void do_user(const char *value)
{
	pam_set_item(handles[current], PAM_USER, value);
}

static void do_no_conversation(const char *value)
{
	(void)value;
	pam_set_item(handles[current], PAM_CONV, &nobody);
}

static void do_deaf(const char *value)
{
	(void)value;
	deaf = true;
}

/* Costs next to nothing itself, and expects success. */
static void do_unwatched(const char *value)
{
	(void)value;
	unwatched = true;
}

static void do_silent(const char *value)
{
	(void)value;
	flags |= PAM_SILENT;
}

static void do_authenticate(const char *value)
{
	(void)value;
	run("authenticate", pam_authenticate);
}

static void do_acct_mgmt(const char *value)
{
	(void)value;
	run("acct_mgmt", pam_acct_mgmt);
}

static void do_setcred(const char *value)
{
	(void)value;
	run("setcred", pam_setcred);
}

static void do_open_session(const char *value)
{
	(void)value;
	run("open_session", pam_open_session);
}

static void do_chauthtok(const char *value)
{
	(void)value;
	run("chauthtok", pam_chauthtok);
}

static void do_getenv(const char *value)
{
	const char *text = pam_getenv(handles[current], value);

	print_text("env ", text == NULL ? "(none)" : text);
}

/* Until a line comes: the script's author does something meanwhile. */
static void do_wait(const char *value)
{
	int c;

	(void)value;
	puts("waiting");
	do
		c = getchar();
	while (c != '\n' && c != EOF);
}

static void do_closed_descriptors(const char *value)
{
	(void)value;
	fclose(stdin);
}

static void do_load(const char *value)
{
	long maps[2], pages[2];
	int descriptors[2];

	for (int i = -50; i <= 1000; i++) {
		void *module = dlopen(value, RTLD_NOW);

		if (module == NULL || dlsym(module, "pam_sm_authenticate") == NULL)
			die(dlerror());
		dlclose(module);
		if (i == 0 || i == 1000)
			count("load", &maps[i != 0], &pages[i != 0], &descriptors[i != 0]);
	}
	printf("growth %ld maps, %ld pages, %d descriptors\n", maps[1] - maps[0],
	    pages[1] - pages[0], descriptors[1] - descriptors[0]);
}

static void do_measure(const char *value)
{
	long maps, pages;
	int descriptors;

	(void)value;
	count("measure", &maps, &pages, &descriptors);
	printf("measure %ld maps, %ld pages, %d descriptors\n", maps, pages, descriptors);
}

static const struct {
	const char *name;	/* with '=' when a value follows */
	void (*run)(const char *value);	/* NULL: an answer of the person's */
} words[] = {
	{ "answer=", NULL },		{ "null-array", NULL },
	{ "null-answer", NULL },	{ "big-answer", NULL },
	{ "conv-again", NULL },		{ "conv-error", NULL },
	{ "conv-memory", NULL },	{ "masked=", NULL },
	{ "typed", NULL },
	{ "start", do_start },
	{ "end", do_end },		{ "handle=", do_handle },
	{ "ruser=", do_ruser },		{ "user=", do_user },
	{ "no-conversation", do_no_conversation }, { "deaf", do_deaf },
	{ "silent", do_silent },	{ "authenticate", do_authenticate },
	{ "acct_mgmt", do_acct_mgmt },	{ "setcred", do_setcred },
	{ "open_session", do_open_session }, { "chauthtok", do_chauthtok },
	{ "getenv=", do_getenv },	{ "wait", do_wait },
	{ "closed-stdin", do_closed_descriptors }, { "load=", do_load },
	{ "measure", do_measure },	{ "unwatched", do_unwatched },
};

static void obey(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].name);
		bool valued = words[i].name[len - 1] == '=';

		if (valued ? strncmp(word, words[i].name, len) != 0
			   : strcmp(word, words[i].name) != 0)
			continue;
		if (words[i].run != NULL)
			words[i].run(word + len);
		else if (end_answer < ANSWERS_MAX)
			answers[end_answer++] = word;
		else
			die("too many answers");
		return;
	}
	die(word);
}

int main(int argc, char **argv)
{
	int times = 1, from = 4;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 5)
		die("usage: pam_client CONFDIR SERVICE USER WORD...");
	confdir = argv[1];
	service = argv[2];
	user = argv[3];
	if (strncmp(argv[from], "repeat=", 7) == 0)
		times = atoi(argv[from++] + 7);
	while (times-- > 0)
		for (int i = from; i < argc; i++)
			obey(argv[i]);
	return 0;
}

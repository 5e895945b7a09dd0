/* SPDX-License-Identifier: ISC
 *
 * Processes that authenticate through libpam, each one after the other, with
 * the users and answers of a list: a line is a user and what it answers to the
 * prompts, separated by tabulators.  Prints one line of JSON.
 *
 *	pam CONFDIR SERVICE LIST CLIENTS MILLISECONDS
 *	pam CONFDIR SERVICE LIST CLIENTS race	all present each line at once
 */
#include "swarm.h"

#include <pthread.h>
#include <security/pam_appl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES_MAX 200000
#define ANSWERS 4

struct line {
	char *word[ANSWERS + 1];	/* the user, then the answers */
};

/* What the processes share. */
struct shared {
	pthread_barrier_t barrier;
	atomic_size_t next, done, unexpected;
	double began, ended[1024];
	double usec[LINES_MAX];
	atomic_int accepted[LINES_MAX];
};

static const char *confdir, *service;
static struct line *lines;
static size_t nlines, clients;
static struct shared *shared;
static const struct line *who;
static size_t answer;

static void *need(void *p)
{
	if (p == NULL || p == MAP_FAILED)
		die("memory");
	return p;
}

static void read_list(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t cap = 0;

	if (f == NULL)
		die(path);
	lines = need(calloc(LINES_MAX, sizeof(lines[0])));
	while (nlines < LINES_MAX && getline(&text, &cap, f) > 0) {
		char *rest = text;

		text[strcspn(text, "\n")] = '\0';
		for (size_t i = 0; i <= ANSWERS && rest != NULL; i++)
			lines[nlines].word[i] = need(strdup(strsep(&rest, "\t")));
		nlines++;
	}
	free(text);
	fclose(f);
}

static int converse(int n, const struct pam_message **messages, struct pam_response **out,
    void *arg)
{
	struct pam_response *responses = calloc((size_t)n, sizeof(*responses));

	(void)arg;
	if (responses == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++) {
		int style = messages[i]->msg_style;

		if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON)
			continue;
		if (answer < ANSWERS && who->word[answer + 1] != NULL)
			responses[i].resp = strdup(who->word[++answer]);
	}
	*out = responses;
	return PAM_SUCCESS;
}

static int authenticate(const struct line *line)
{
	static const struct pam_conv conv = { converse, NULL };
	pam_handle_t *handle;
	int result = pam_start_confdir(service, line->word[0], &conv, confdir, &handle);

	if (result != PAM_SUCCESS)
		die(service);
	who = line;
	answer = 0;
	result = pam_authenticate(handle, PAM_SILENT);
	pam_end(handle, result);
	return result;
}

static void run_for(size_t me, double seconds)
{
	pthread_barrier_wait(&shared->barrier);
	if (me == 0)
		shared->began = read_seconds();
	pthread_barrier_wait(&shared->barrier);
	for (;;) {
		double began = read_seconds();
		size_t i;

		if (began - shared->began >= seconds)
			break;
		i = atomic_fetch_add(&shared->next, 1);
		if (i >= nlines)
			break;
		if (authenticate(&lines[i]) != PAM_SUCCESS)
			atomic_fetch_add(&shared->unexpected, 1);
		shared->usec[atomic_fetch_add(&shared->done, 1)] = (read_seconds() - began) * 1e6;
	}
	shared->ended[me] = read_seconds();
}

static void run_race(void)
{
	for (size_t i = 0; i < nlines; i++) {
		pthread_barrier_wait(&shared->barrier);
		if (authenticate(&lines[i]) == PAM_SUCCESS)
			atomic_fetch_add(&shared->accepted[i], 1);
	}
}

static void share(void)
{
	pthread_barrierattr_t attr;

	shared = need(mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->barrier, &attr, (unsigned)clients);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_rate(void)
{
	struct result r = { .done = shared->done, .unexpected = shared->unexpected };
	double ended = 0;

	for (size_t i = 0; i < clients; i++)
		if (shared->ended[i] > ended)
			ended = shared->ended[i];
	r.seconds = ended - shared->began;
	r.usec = shared->usec;
	qsort(r.usec, r.done, sizeof(double), compare);
	result_print(&r);
	printf(", \"clients\": %zu}\n", clients);
}

static void print_race(void)
{
	size_t none = 0, several = 0;
	int worst = 0;

	for (size_t i = 0; i < nlines; i++) {
		int n = shared->accepted[i];

		none += n == 0;
		several += n > 1;
		if (n > worst)
			worst = n;
	}
	printf("{\"rounds\": %zu, \"presenters\": %zu, \"none\": %zu, \"several\": %zu, "
	    "\"worst\": %d}\n", nlines, clients, none, several, worst);
}

int main(int argc, char **argv)
{
	bool race = argc == 6 && strcmp(argv[5], "race") == 0, failed = false;
	int status;

	if (argc != 6) {
		fputs("usage: pam CONFDIR SERVICE LIST CLIENTS MILLISECONDS|race\n", stderr);
		return 2;
	}
	confdir = argv[1];
	service = argv[2];
	read_list(argv[3]);
	clients = strtoul(argv[4], NULL, 10);
	if (clients < 1 || clients > sizeof(shared->ended) / sizeof(shared->ended[0]))
		return 2;
	share();
	for (size_t i = 0; i < clients; i++) {
		pid_t child = fork();

		if (child == -1)
			die("fork");
		if (child == 0) {
			if (race)
				run_race();
			else
				run_for(i, strtod(argv[5], NULL) / 1000);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		failed = failed || status != 0;
	if (failed)
		return 3;
	if (race)
		print_race();
	else
		print_rate();
	return 0;
}

/* SPDX-License-Identifier: ISC
 *
 * The worker's queue: its end, the share of the known, and who is forgotten.
 */
#include "../daemon/worker.h"

#include <event2/event.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct event_base *base;
static struct worker *worker;
static char told[1024];

static int begin(void **state)
{
	(void)state;
	assert_true(sodium_init() >= 0);
	told[0] = '\0';
	base = event_base_new();
	return worker_new(base, &worker) == CS_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	worker_free(&worker);
	event_base_free(base);
	return 0;
}

static void note_cb(struct job *job, void *arg)
{
	strcat(told, arg);
	strcat(told, job->err != CS_OK ? "!" : job->right ? "+" : "-");
	job_free(&job);
}

/* A job that hashes, or one that costs nothing. */
static struct job *new_job(bool known, const char *chosen)
{
	struct job *job = calloc(1, sizeof(*job));

	assert_non_null(job);
	job->known = known;
	strcpy(job->chosen, chosen);
	return job;
}

static enum cs_err add(bool known, const char *chosen, const char *name)
{
	struct job *job = new_job(known, chosen);

	return worker_add(worker, &job, note_cb, (void *)name);
}

static void run_until(size_t length)
{
	for (unsigned i = 0; i < 2000 && strlen(told) < length; i++) {
		struct timeval soon = { 0, 50000 };

		event_base_loopexit(base, &soon);
		event_base_dispatch(base);
	}
	assert_int_equal(strlen(told), length);
}

static void a_password_is_told_from_another(void **state)
{
	struct job *job = new_job(false, "four words nobody guesses"), *wrong;

	(void)state;
	job_work(job);
	assert_int_equal(job->err, CS_OK);
	assert_int_equal(strncmp(job->made, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
	wrong = new_job(false, "");
	memcpy(wrong->kept, job->made, sizeof(wrong->kept));
	memcpy(job->kept, job->made, sizeof(job->kept));
	strcpy(job->typed, "four words nobody guesses");
	strcpy(wrong->typed, "four words nobody guesse");
	job->chosen[0] = '\0';
	assert_int_equal(worker_add(worker, &job, note_cb, (void *)"r"), CS_OK);
	assert_int_equal(worker_add(worker, &wrong, note_cb, (void *)"w"), CS_OK);
	run_until(4);
	assert_string_equal(told, "r+w-");
}

static void the_queue_of_strangers_ends_and_the_known_have_their_own_and_go_first(void **state)
{
	size_t strangers = 0, done;

	(void)state;
	assert_int_equal(add(false, "long enough to queue behind", "a"), CS_OK);
	while (add(false, "hash", "s") == CS_OK)
		assert_true(++strangers <= 2 * WORKER_QUEUE);
	assert_true(strangers + 1 >= WORKER_QUEUE);
	assert_int_equal(add(true, "hash", "k"), CS_OK);
	done = strangers + 1 - WORKER_QUEUE;	/* or at work, when the queue was full */
	run_until(2 * (strangers + 2));
	assert_non_null(strchr(told, 'k'));
	assert_true((size_t)(strchr(told, 'k') - told) <= 2 * (done + 8));
}

static void who_is_forgotten_is_not_told(void **state)
{
	static char a[] = "a", b[] = "b", c[] = "c";

	(void)state;
	assert_int_equal(add(false, "hash", a), CS_OK);
	assert_int_equal(add(false, "hash", b), CS_OK);
	assert_int_equal(add(false, "hash", c), CS_OK);
	worker_forget(worker, b);
	worker_forget(worker, a);
	run_until(2);
	assert_string_equal(told, "c-");
}

/* When two more than the queue holds were added, the first one is done. */
static void who_is_forgotten_when_it_is_done_is_not_told_either(void **state)
{
	static char a[] = "a";

	(void)state;
	assert_int_equal(add(false, "", a), CS_OK);
	for (unsigned n = 0; n < WORKER_QUEUE + 1;)
		n += add(false, "", "b") == CS_OK;
	worker_forget(worker, a);
	run_until(2 * (WORKER_QUEUE + 1));
	assert_null(strchr(told, 'a'));
}

static void what_is_left_at_the_end_is_freed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(add(i % 2, "hash", "x"), CS_OK);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_password_is_told_from_another),
		TEST(the_queue_of_strangers_ends_and_the_known_have_their_own_and_go_first),
		TEST(who_is_forgotten_is_not_told),
		TEST(who_is_forgotten_when_it_is_done_is_not_told_either),
		TEST(what_is_left_at_the_end_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

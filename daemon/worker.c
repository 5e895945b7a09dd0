/* SPDX-License-Identifier: ISC
 *
 * The loop talks to the thread through two queues, a list of what is finished,
 * and an eventfd, as technician.c does.  What nobody waits for any more is not
 * begun; every job is wiped.
 */
#include "worker.h"

#include "../lib/log.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICE 10		/* who verifies a code goes before who logs in */

enum { KNOWN, STRANGERS, QUEUES };	/* in this order */

struct work {
	STAILQ_ENTRY(work) link;
	struct job *job;
	worker_cb cb;
	void *arg;			/* NULL: forgotten */
};
STAILQ_HEAD(works, work);

struct worker {
	struct event *finished_event;
	int finished_fd;
	pthread_t thread;
	pthread_mutex_t lock;		/* the rest */
	pthread_cond_t wanted;
	struct works queue[QUEUES], finished;
	size_t waiting[QUEUES];
	struct work *running;
	bool stop;
};

static struct work *next(struct worker *w)
{
	for (unsigned i = 0; i < QUEUES; i++) {
		struct work *first = STAILQ_FIRST(&w->queue[i]);

		if (first == NULL)
			continue;
		STAILQ_REMOVE_HEAD(&w->queue[i], link);
		w->waiting[i]--;
		return first;
	}
	return NULL;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	const uint64_t one = 1;

	setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		w->running = next(w);
		if (w->running == NULL) {
			pthread_cond_wait(&w->wanted, &w->lock);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		job_work(w->running->job);
		pthread_mutex_lock(&w->lock);
		STAILQ_INSERT_TAIL(&w->finished, w->running, link);
		w->running = NULL;
		if (write(w->finished_fd, &one, sizeof(one)) == -1)
			cs_log(CS_LOG_ERR, "worker: eventfd: %s", strerror(errno));
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void free_work(struct work *one)
{
	job_free(&one->job);
	free(one);
}

/* One at a time: a callback may have others forgotten. */
static struct work *take_finished(struct worker *w)
{
	struct work *one;

	pthread_mutex_lock(&w->lock);
	one = STAILQ_FIRST(&w->finished);
	if (one != NULL)
		STAILQ_REMOVE_HEAD(&w->finished, link);
	pthread_mutex_unlock(&w->lock);
	return one;
}

static void finished_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct work *one;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) == -1 && errno != EAGAIN)
		cs_log(CS_LOG_ERR, "worker: eventfd: %s", strerror(errno));
	while ((one = take_finished(w)) != NULL) {
		if (one->arg != NULL) {
			struct job *job = one->job;

			one->job = NULL;
			one->cb(job, one->arg);
		}
		free_work(one);
	}
}

enum cs_err worker_add(struct worker *w, struct job **job, worker_cb cb, void *arg)
{
	unsigned i = (*job)->known ? KNOWN : STRANGERS;
	struct work *one = calloc(1, sizeof(*one));
	bool full;

	if (one == NULL) {
		job_free(job);
		return CS_ERR_NOMEM;
	}
	*one = (struct work){ .job = *job, .cb = cb, .arg = arg };
	*job = NULL;
	pthread_mutex_lock(&w->lock);
	full = w->waiting[i] >= WORKER_QUEUE;
	if (!full) {
		STAILQ_INSERT_TAIL(&w->queue[i], one, link);
		w->waiting[i]++;
		pthread_cond_signal(&w->wanted);
	}
	pthread_mutex_unlock(&w->lock);
	if (full)
		free_work(one);
	return full ? CS_ERR_FULL : CS_OK;
}

static void forget_waiting(struct worker *w, unsigned i, const void *arg)
{
	struct work *one;

	STAILQ_FOREACH(one, &w->queue[i], link)
		if (one->arg == arg)
			break;
	if (one == NULL)
		return;
	STAILQ_REMOVE(&w->queue[i], one, work, link);
	w->waiting[i]--;
	free_work(one);
}

void worker_forget(struct worker *w, const void *arg)
{
	struct work *one;

	pthread_mutex_lock(&w->lock);
	for (unsigned i = 0; i < QUEUES; i++)
		forget_waiting(w, i, arg);
	STAILQ_FOREACH(one, &w->finished, link)
		if (one->arg == arg)
			one->arg = NULL;
	if (w->running != NULL && w->running->arg == arg)
		w->running->arg = NULL;
	pthread_mutex_unlock(&w->lock);
}

/* It takes no signals: they are the loop's. */
static enum cs_err start(struct worker *w)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&w->thread, NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error == 0 ? CS_OK : CS_ERR_SYSTEM;
}

enum cs_err worker_new(struct event_base *base, struct worker **worker)
{
	struct worker *w = calloc(1, sizeof(*w));
	enum cs_err e = CS_ERR_NOMEM;

	if (w == NULL)
		return CS_ERR_NOMEM;
	for (unsigned i = 0; i < QUEUES; i++)
		STAILQ_INIT(&w->queue[i]);
	STAILQ_INIT(&w->finished);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wanted, NULL);
	w->finished_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->finished_fd != -1)
		w->finished_event = event_new(base, w->finished_fd, EV_READ | EV_PERSIST,
		    finished_cb, w);
	if (w->finished_event != NULL && event_add(w->finished_event, NULL) == 0)
		e = start(w);
	if (e == CS_OK) {
		*worker = w;
		return CS_OK;
	}
	if (w->finished_event != NULL)
		event_free(w->finished_event);
	if (w->finished_fd != -1)
		close(w->finished_fd);
	free(w);
	return e;
}

static void drain(struct works *works)
{
	struct work *one;

	while ((one = STAILQ_FIRST(works)) != NULL) {
		STAILQ_REMOVE_HEAD(works, link);
		free_work(one);
	}
}

void worker_free(struct worker **worker)
{
	struct worker *w = *worker;

	if (w == NULL)
		return;
	*worker = NULL;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wanted);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	for (unsigned i = 0; i < QUEUES; i++)
		drain(&w->queue[i]);
	drain(&w->finished);
	event_free(w->finished_event);
	close(w->finished_fd);
	pthread_cond_destroy(&w->wanted);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

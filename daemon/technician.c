/* SPDX-License-Identifier: ISC
 *
 * One worker thread asks the name service; the loop talks to it through a
 * queue, a list of what is finished, and an eventfd; everything else is the
 * loop's alone.  It distrusts the name service to answer at all, so both the
 * queue and the cache have an end.
 */
#include "technician.h"

#include "clock.h"

#include "../lib/log.h"

#include <errno.h>
#include <event2/event.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#define CACHE_MAX 512
#define QUEUE_MAX 64
#define BUCKETS 256
#define KEPT 60000000		/* microseconds */
#define KEPT_ABSENT 5000000	/* somebody may just be adding the user */
#define BUFFER_MAX (1 << 20)

struct waiter {
	TAILQ_ENTRY(waiter) link;
	technician_cb cb;
	void *arg;
};

struct lookup {
	TAILQ_ENTRY(lookup) age; /* latest used first */
	LIST_ENTRY(lookup) bucket;
	STAILQ_ENTRY(lookup) work; /* in the queue, or among the finished */
	char name[NAME_MAX_LEN + 1];	/* empty: by uid */
	uid_t uid;
	bool known;			/* else the worker has it, or will */
	int64_t until;
	TAILQ_HEAD(, waiter) waiters;
	/* the worker's until known */
	enum cs_err err;
	struct technician found;
};
STAILQ_HEAD(work, lookup);

struct technicians {
	struct event *finished_event;
	int finished_fd;
	pthread_t thread;
	TAILQ_HEAD(lookups, lookup) by_age;
	LIST_HEAD(, lookup) buckets[BUCKETS];
	size_t nlookups, nunknown;
	pthread_mutex_t lock;	/* the rest */
	pthread_cond_t wanted;
	struct work queue, finished;
	bool stop;
};

/* ENOENT and ESRCH are what some name services say for "no such user". */
static enum cs_err classify(int error, const void *found)
{
	if (found != NULL)
		return CS_OK;
	if (error == 0 || error == ENOENT || error == ESRCH)
		return CS_ERR_NOTFOUND;
	return error == ENOMEM ? CS_ERR_NOMEM : CS_ERR_UNREACHABLE;
}

/* Runs until the answer fits; *room is the caller's to free. */
static enum cs_err ask_name_service(const struct lookup *l, struct passwd *pw, char **room)
{
	struct passwd *found = NULL;
	int error = ERANGE;

	for (size_t cap = 4096; error == ERANGE && cap <= BUFFER_MAX; cap *= 4) {
		free(*room);
		*room = malloc(cap);
		if (*room == NULL)
			return CS_ERR_NOMEM;
		if (l->name[0] != '\0')
			error = getpwnam_r(l->name, pw, *room, cap, &found);
		else
			error = getpwuid_r(l->uid, pw, *room, cap, &found);
	}
	return classify(error, found);
}

/* By uid, the groups are not asked for: the kernel told them. */
static enum cs_err look_up(const struct lookup *l, struct technician *t)
{
	int n = PEER_GROUPS_MAX;
	struct passwd pw;
	char *room = NULL;
	enum cs_err e = ask_name_service(l, &pw, &room);

	*t = (struct technician){ .uid = l->uid };
	if (e == CS_OK) {
		t->uid = pw.pw_uid;
		cs_log_escape(t->name, sizeof(t->name), pw.pw_name, strlen(pw.pw_name));
	} else if (e == CS_ERR_NOTFOUND && l->name[0] == '\0') {
		snprintf(t->name, sizeof(t->name), "uid %u", (unsigned)l->uid);
		e = CS_OK;
	}
	if (e == CS_OK && l->name[0] != '\0') {
		/* A list cut short could hide that somebody is an operator. */
		if (getgrouplist(pw.pw_name, pw.pw_gid, t->groups, &n) == -1)
			e = CS_ERR_LIMIT;
		else
			t->ngroups = (size_t)n;
	}
	free(room);
	return e;
}

static void *work(void *arg)
{
	struct technicians *ts = arg;
	const uint64_t one = 1;

	pthread_mutex_lock(&ts->lock);
	while (!ts->stop) {
		struct lookup *l = STAILQ_FIRST(&ts->queue);

		if (l == NULL) {
			pthread_cond_wait(&ts->wanted, &ts->lock);
			continue;
		}
		STAILQ_REMOVE_HEAD(&ts->queue, work);
		pthread_mutex_unlock(&ts->lock);
		l->err = look_up(l, &l->found);
		pthread_mutex_lock(&ts->lock);
		STAILQ_INSERT_TAIL(&ts->finished, l, work);
		if (write(ts->finished_fd, &one, sizeof(one)) == -1)
			cs_log(CS_LOG_ERR, "technician: eventfd: %s", strerror(errno));
	}
	pthread_mutex_unlock(&ts->lock);
	return NULL;
}

static int64_t life(enum cs_err e)
{
	if (e == CS_OK)
		return KEPT;
	return e == CS_ERR_NOTFOUND ? KEPT_ABSENT : 0;
}

/* Known only after the last callback, so that no callback's own look-up can
 * push this one out of the cache. */
static void tell_waiters(struct technicians *ts, struct lookup *l)
{
	struct waiter *w;

	while ((w = TAILQ_FIRST(&l->waiters)) != NULL) {
		struct waiter told = *w;

		TAILQ_REMOVE(&l->waiters, w, link);
		free(w);
		told.cb(l->err, &l->found, told.arg);
	}
	l->until = clock_usec() + life(l->err);
	l->known = true;
	ts->nunknown--;
}

static void finished_cb(evutil_socket_t fd, short what, void *arg)
{
	struct technicians *ts = arg;
	struct work done = STAILQ_HEAD_INITIALIZER(done);
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) == -1 && errno != EAGAIN)
		cs_log(CS_LOG_ERR, "technician: eventfd: %s", strerror(errno));
	pthread_mutex_lock(&ts->lock);
	STAILQ_CONCAT(&done, &ts->finished);
	pthread_mutex_unlock(&ts->lock);
	while (!STAILQ_EMPTY(&done)) {
		struct lookup *l = STAILQ_FIRST(&done);

		STAILQ_REMOVE_HEAD(&done, work);
		tell_waiters(ts, l);
	}
}

/* FNV-1a */
static size_t hash(const char *name, uid_t uid)
{
	uint32_t h = 2166136261u ^ (name[0] == '\0' ? uid : 0);

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return (h ^ h >> 8) % BUCKETS;
}

static void forget(struct technicians *ts, struct lookup *l)
{
	TAILQ_REMOVE(&ts->by_age, l, age);
	LIST_REMOVE(l, bucket);
	ts->nlookups--;
	free(l);
}

static void make_room(struct technicians *ts)
{
	struct lookup *l;

	if (ts->nlookups < CACHE_MAX)
		return;
	TAILQ_FOREACH_REVERSE(l, &ts->by_age, lookups, age)
		if (l->known)
			break;
	if (l != NULL)
		forget(ts, l);
}

static struct lookup *find(struct technicians *ts, const char *name, uid_t uid)
{
	struct lookup *l;
	size_t h = hash(name, uid);

	LIST_FOREACH(l, &ts->buckets[h], bucket)
		if (strcmp(l->name, name) == 0 && (name[0] != '\0' || l->uid == uid))
			break;
	if (l == NULL) {
		make_room(ts);
		l = calloc(1, sizeof(*l));
		if (l == NULL)
			return NULL;
		memcpy(l->name, name, strlen(name) + 1);
		l->uid = uid;
		l->known = true;
		TAILQ_INIT(&l->waiters);
		LIST_INSERT_HEAD(&ts->buckets[h], l, bucket);
		ts->nlookups++;
	} else {
		TAILQ_REMOVE(&ts->by_age, l, age);
	}
	TAILQ_INSERT_HEAD(&ts->by_age, l, age);
	return l;
}

static enum cs_err wait_for(struct technicians *ts, struct lookup *l, technician_cb cb, void *arg)
{
	struct waiter *w;

	if (l->known && ts->nunknown >= QUEUE_MAX)
		return CS_ERR_FULL;
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return CS_ERR_NOMEM;
	*w = (struct waiter){ .cb = cb, .arg = arg };
	TAILQ_INSERT_TAIL(&l->waiters, w, link);
	if (!l->known)
		return CS_OK;
	ts->nunknown++;
	l->known = false;
	pthread_mutex_lock(&ts->lock);
	STAILQ_INSERT_TAIL(&ts->queue, l, work);
	pthread_cond_signal(&ts->wanted);
	pthread_mutex_unlock(&ts->lock);
	return CS_OK;
}

void technician_find(struct technicians *ts, struct cs_str name, uid_t uid, technician_cb cb,
    void *arg)
{
	char text[NAME_MAX_LEN + 1];
	struct lookup *l;
	enum cs_err e;

	if (name.len > NAME_MAX_LEN) {
		cb(CS_ERR_NOTFOUND, NULL, arg);
		return;
	}
	memcpy(text, name.p == NULL ? "" : name.p, name.len);
	text[name.len] = '\0';
	l = find(ts, text, uid);
	if (l != NULL && l->known && clock_usec() < l->until) {
		cb(l->err, &l->found, arg);
		return;
	}
	e = l == NULL ? CS_ERR_NOMEM : wait_for(ts, l, cb, arg);
	if (e != CS_OK)
		cb(e, NULL, arg);
}

void technician_forget(struct technicians *ts, void *arg)
{
	struct lookup *l;
	struct waiter *w, *next;

	TAILQ_FOREACH(l, &ts->by_age, age) {
		for (w = TAILQ_FIRST(&l->waiters); w != NULL; w = next) {
			next = TAILQ_NEXT(w, link);
			if (w->arg != arg)
				continue;
			TAILQ_REMOVE(&l->waiters, w, link);
			free(w);
		}
	}
}

/* The worker takes no signals: they are the loop's. */
static enum cs_err start(struct technicians *ts)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&ts->thread, NULL, work, ts);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error == 0 ? CS_OK : CS_ERR_SYSTEM;
}

enum cs_err technicians_new(struct event_base *base, struct technicians **technicians)
{
	struct technicians *ts = calloc(1, sizeof(*ts));
	enum cs_err e = CS_ERR_NOMEM;

	if (ts == NULL)
		return CS_ERR_NOMEM;
	TAILQ_INIT(&ts->by_age);
	STAILQ_INIT(&ts->queue);
	STAILQ_INIT(&ts->finished);
	pthread_mutex_init(&ts->lock, NULL);
	pthread_cond_init(&ts->wanted, NULL);
	ts->finished_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ts->finished_fd != -1)
		ts->finished_event = event_new(base, ts->finished_fd, EV_READ | EV_PERSIST,
		    finished_cb, ts);
	if (ts->finished_event != NULL && event_add(ts->finished_event, NULL) == 0)
		e = start(ts);
	if (e == CS_OK) {
		*technicians = ts;
		return CS_OK;
	}
	if (ts->finished_event != NULL)
		event_free(ts->finished_event);
	if (ts->finished_fd != -1)
		close(ts->finished_fd);
	free(ts);
	return e;
}

/* A name service that hangs must not keep the daemon from ending: then what
 * the worker still uses is left to the end of the process. */
void technicians_free(struct technicians **technicians)
{
	struct technicians *ts = *technicians;
	struct timespec deadline;
	struct instant now;
	struct lookup *l;

	if (ts == NULL)
		return;
	*technicians = NULL;
	event_free(ts->finished_event);
	pthread_mutex_lock(&ts->lock);
	ts->stop = true;
	pthread_cond_signal(&ts->wanted);
	pthread_mutex_unlock(&ts->lock);
	clock_read(&now);
	deadline = (struct timespec){ .tv_sec = now.wall + 2 };
	if (pthread_timedjoin_np(ts->thread, NULL, &deadline) != 0)
		return;
	while ((l = TAILQ_FIRST(&ts->by_age)) != NULL) {
		struct waiter *w;

		while ((w = TAILQ_FIRST(&l->waiters)) != NULL) {
			TAILQ_REMOVE(&l->waiters, w, link);
			free(w);
		}
		forget(ts, l);
	}
	pthread_cond_destroy(&ts->wanted);
	pthread_mutex_destroy(&ts->lock);
	close(ts->finished_fd);
	free(ts);
}

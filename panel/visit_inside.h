/* SPDX-License-Identifier: ISC
 *
 * What serves a visit: for the process's own files, not for pages.
 */
#pragma once

#include "answer.h"
#include "cookie.h"
#include "form.h"
#include "method.h"
#include "panel.h"
#include "route.h"

#include <event2/http.h>
#include <netinet/in.h>

#define VISIT_STEPS 12		/* Prove, Session, an act, Session and a page */

struct guest;

enum visit_stage {
	VISIT_ACTING,		/* asking what a form wants done */
	VISIT_READING,		/* asking what the page shows */
};

struct visit {
	TAILQ_ENTRY(visit) link;
	struct panel *panel;
	struct evhttp_request *req;	/* NULL: a live page is made anew */
	struct guest *guest;
	const struct route *route;	/* what was asked for */
	const struct route *page;	/* what is shown */
	uint64_t heard;			/* lives_heard as it began */
	char *path;			/* as asked, without query */
	char *decoded;			/* what the places point into */
	struct places places;
	struct fields fields;
	char session[COOKIE_VALUE + 1], device[COOKIE_VALUE + 1], form[COOKIE_VALUE + 1];
	bool form_new, session_bad;
	char address[INET6_ADDRSTRLEN];
	char browser[201];
	char request[33];		/* for the next form */
	enum visit_stage stage;
	const char *plan[ROUTE_ASKS + 3];
	size_t nplan, next;
	struct {
		const struct method *method;
		struct answer *answer;
	} asked[2 * VISIT_STEPS];
	size_t nasked;
	struct question *question;
	bool proving;			/* the page is page_prove */
	int status;
	const struct answer *refused;	/* one of asked, or of what could not be asked */
	const char *say;		/* our own sentence */
	int64_t turns;			/* when it shows something else by itself; 0: never */
	char fault[METHOD_NAME];	/* the parameter that did not fit */
	/* of a live page: */
	void (*done)(struct visit *, const char *error, struct html *, void *arg);
	void *arg;
};

/* A value for a parameter of a method: the session, the device, the address, the
 * browser and the issuer never come from a form; then the path; then the fields. */
struct cs_str visit_parameter(const struct visit *, const char *name);

/* The cookie that the tokens of this visit's forms belong to; may be "". */
const char *visit_form_secret(const struct visit *);

/* Answers the request, sooner or later. */
void visit_serve(struct panel *, struct evhttp_request *);

/* Makes the fragment of a live page anew.  Calls done once, maybe before it
 * returns: error is NULL or as in struct answer; html is then the callee's.  The
 * visit is freed afterwards; *out is it until then, and freeing it is to wait no
 * longer.  False: no memory, and no call. */
bool visit_live(struct panel *, const struct route *, const char *path, const char *session,
    struct visit **out,
    void (*done)(struct visit *, const char *error, struct html *, void *arg), void *arg);
/* There is no memory to answer the request with anything but 500. */
void visit_drop(struct visit *);
void visit_free(struct visit *);

/* The channel of the visit's account; "" when there is none. */
struct cs_str visit_channel(const struct visit *);

/* serve.c: what follows when everything was asked, or something failed. */
void serve_finished(struct visit *);
void serve_failed(struct visit *, const struct method *, const struct answer *);
/* visit.c: asks what the plan has next, else finishes. */
void visit_advance(struct visit *);
void visit_plan_page(struct visit *, const struct route *page);

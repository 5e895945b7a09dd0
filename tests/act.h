/* SPDX-License-Identifier: ISC
 *
 * One random request at a time, put to the daemon's handlers and to the model;
 * a difference fails the test and prints what led to it.
 */
#pragma once

#include "desk.h"
#include "model.h"

extern struct desk act_desk;
extern struct model act_model;
extern unsigned long act_step;			/* one more for each */
extern unsigned long act_seen[CS_REASONS];

/* From chance alone: the same seed gives the same acts. */
void act_seed(uint64_t);
unsigned act_below(unsigned);
bool act_one_in(unsigned);

/* For the story that a difference prints. */
void act_tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The typed error that the daemon answered, or NULL, is what the model says. */
void act_expect(const char *error);

/* 'account':'a1',... of those that are not NONE. */
void act_scope(char *out, size_t cap, int account, int person, int action, int target);

enum act_word { ACT_REQUIRE, ACT_RISK, ACT_BIND, ACT_ENFORCE, ACT_NO_APP, ACT_LIFETIME, ACT_CLEAR,
	ACT_WORDS };
void act_policy(int account, int action, enum act_word);

void act_technician(int technician, bool suspend);

/* Tables of acts end with a weight of 0. */
struct act {
	unsigned weight;
	void (*act)(void);
};
extern const struct act act_people[], act_tickets[];

/* In a transaction that is begun on both sides. */
void act(void);
/* Another world begins; or the answers of more than a day ago are gone. */
void act_forget(void);
void act_forget_old(void);

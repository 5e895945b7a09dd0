/* SPDX-License-Identifier: ISC
 *
 * The gate: announces the change, gets the code from the person, has it
 * verified.  STATUS_DONE from gate_pass is the only thing that lets a change
 * through, and only the daemon's "accepted" leads there.
 */
#pragma once

#include "ask.h"

/* What verify, redeem and run name. */
#define GATE_ROWS \
	{ .name = "action", .arg = "ACTION", .param = "action", .required = true, \
	  .help = "what the change is, as countersign actions lists it" }, \
	{ .name = "target", .arg = "TARGET", .param = "target", .value = VALUE_MANY, \
	  .help = "what exactly changes, such as mx1.acme.example=203.0.113.9" }

/* The rows that verify and run begin with. */
#define VERIFY_ROWS \
	{ .arg = "ACCOUNT[/ADMIN]", \
	  .help = "the customer, by name or ref:ID; asked for when it is missing" }, \
	GATE_ROWS, \
	{ .name = "case", .arg = "ID", .param = "case", \
	  .help = "the provider's own number for the matter, up to 128 bytes, for the log" }

/* Opens what a person is asked on; an account that no argument named is asked for
 * at a terminal, and never under sudo: else the sentence is out. */
enum status gate_open(const struct invocation *, bool named, struct ask *);
enum status gate_account(const struct ask *, char account[ASK_MAX]);

/* quiet_output: standard output belongs to somebody else, so that sentences
 * go to standard error. */
enum status gate_pass(const struct invocation *, bool quiet_output);

/* Prints the sentence of a verdict, or with --json the reply, and returns the
 * exit status.  again: the same question may be asked again with another
 * answer (misheard). */
enum status gate_verdict(const struct invocation *, const struct cs_msg *, bool quiet_output,
    bool *again);

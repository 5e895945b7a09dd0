/* SPDX-License-Identifier: ISC
 *
 * One function a reason that has something of its own to tell; a plain string
 * for the others.
 */
#include "say.h"

#include "name.h"
#include "ticket.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define PRINTABLE(s) (int)(s).len, (s).len > 0 ? (s).p : ""

char *say_duration(int64_t seconds, char out[32])
{
	static const struct {
		int64_t from, unit;
		const char *name;
	} units[] = {
		{ 7200, 3600, "hour" }, { 120, 60, "minute" }, { 0, 1, "second" },
	};
	size_t i = 0;

	if (seconds < 0)
		seconds = 0;
	while (seconds < units[i].from)
		i++;
	int64_t n = (seconds + units[i].unit - 1) / units[i].unit;
	snprintf(out, 32, "%lld %s%s", (long long)n, units[i].name, n == 1 ? "" : "s");
	return out;
}

/* In words where people would. */
static char *number(int64_t n, char out[24])
{
	static const char *const words[] = { "no", "one", "two", "three", "four", "five", "six",
		"seven", "eight", "nine", "ten" };

	if (n >= 0 && n < (int64_t)(sizeof(words) / sizeof(words[0])))
		return strcpy(out, words[n]);
	snprintf(out, 24, "%lld", (long long)n);
	return out;
}

char *say_rate(const struct rate *rate, const char *what, char out[SAY_RATE])
{
	static const struct {
		int64_t seconds;
		const char *one, *many;
	} spans[] = {
		{ 86400, "a day", "days" }, { 3600, "an hour", "hours" },
		{ 60, "a minute", "minutes" }, { 1, "a second", "seconds" },
	};
	char count[24], n[24], span[32];
	size_t i = 0;

	while (rate->seconds % spans[i].seconds != 0)
		i++;
	if (rate->seconds == spans[i].seconds)
		strcpy(span, spans[i].one);
	else
		snprintf(span, sizeof(span), "%s %s",
		    number(rate->seconds / spans[i].seconds, n), spans[i].many);
	snprintf(out, SAY_RATE, "%s %s%s in %s", number(rate->count, count), what,
	    rate->count == 1 ? "" : "s", span);
	return out;
}

/* "at 14:12", or with its day when that is not today's: a dead code is kept a day. */
static char *when(const struct moment *now, int64_t wall, bool seconds, char out[32])
{
	time_t t = (time_t)wall, present = (time_t)now->at.wall;
	struct tm tm, today;
	bool is_today;
	size_t n;

	if (localtime_r(&t, &tm) == NULL || localtime_r(&present, &today) == NULL)
		return strcpy(out, "at an unknown time");
	is_today = tm.tm_year == today.tm_year && tm.tm_yday == today.tm_yday;
	n = strftime(out, 32, is_today ? "at " : "on %Y-%m-%d at ", &tm);
	strftime(out + n, 32 - n, seconds ? "%H:%M:%S" : "%H:%M", &tm);
	return out;
}

/* With its day: a ticket lives for three of them. */
static char *day_time(int64_t wall, char out[32])
{
	time_t t = (time_t)wall;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || strftime(out, 32, "%Y-%m-%d %H:%M", &tm) == 0)
		return strcpy(out, "an unknown time");
	return out;
}

static void say_accepted(const struct say_facts *f, char *out)
{
	if (f->admin_name.len > 0)
		text_join(out, SAY_MAX, (struct cs_str[]){ f->admin_name, CS_STR(" for "),
		    f->account_name, CS_STR(".") }, 4);
	else
		snprintf(out, SAY_MAX, "no code is needed for this.");
}

static void say_expired(const struct say_facts *f, char *out)
{
	int64_t ago =
	    f->issue == NULL ? 0 : f->now->at.wall - f->issue->issued.wall - f->issue->life;
	char duration[32];

	if (ago > 0)
		snprintf(out, SAY_MAX,
		    "it expired %s ago. Ask the caller to press \"Generate a new one\"; "
		    "the page they have open has the button.",
		    say_duration(ago, duration));
	else
		snprintf(out, SAY_MAX,
		    "it has expired. Ask the caller to press \"Generate a new one\"; "
		    "the page they have open has the button.");
}

static void say_spent(const struct say_facts *f, char *out)
{
	const struct audit_event *use = f->use;
	char at[32];

	snprintf(out, SAY_MAX,
	    "this grant was spent %s%s. Check whether the change went through, then verify again.",
	    use != NULL ? when(f->now, use->time, false, at) : "already",
	    use != NULL && use->technician == f->technician ? " by you" : "");
}

static void say_used(const struct say_facts *f, char *out)
{
	const struct audit_event *use = f->use;
	const struct action *its;
	char at[32], what[256] = "";
	struct cs_str who;

	if (f->grant) {
		say_spent(f, out);
		return;
	}
	if (use == NULL) {
		snprintf(out, SAY_MAX, "this code was used already. Ask for a new one.");
		return;
	}
	when(f->now, use->time, false, at);
	who = use->technician == f->technician ? CS_STR("you") : use->technician_name;
	if (cs_str_is(use->action, f->action->name) && targets_equal(&use->targets, f->targets)) {
		snprintf(out, SAY_MAX,
		    "this code was used %s by %.*s, for the same change. "
		    "Check whether it already went through, then ask for a new one.",
		    at, PRINTABLE(who));
		return;
	}
	its = conf_action(f->conf, use->action);
	targets_text(&use->targets, what, sizeof(what));
	snprintf(out, SAY_MAX,
	    "this code was used %s by %.*s for \"%.*s\"%s%s%s. Ask for a new one.",
	    at, PRINTABLE(who), PRINTABLE(its != NULL ? cs_str(its->title) : use->action),
	    what[0] != '\0' ? " (" : "", what, what[0] != '\0' ? ")" : "");
}

static void say_other_action(const struct say_facts *f, char *out)
{
	const struct action *its = f->issue == NULL ? NULL : conf_action(f->conf, f->issue->action);

	if (its != NULL)
		snprintf(out, SAY_MAX,
		    "this code is for \"%s\", not for this change. "
		    "It is still good for that one. Ask for a code for this change.",
		    its->title);
	else
		snprintf(out, SAY_MAX,
		    "this code was generated without naming an action, "
		    "and \"%s\" needs one that does. "
		    "Ask the caller to generate it for this change.",
		    f->action->title);
}

static void say_other_target(const struct say_facts *f, char *out)
{
	char what[256];

	if (f->issue != NULL && f->issue->targets.n > 0)
		snprintf(out, SAY_MAX,
		    "this code is for %s, not for this target. It is still good for that one. "
		    "Compare the target with the caller letter by letter, "
		    "or ask for a code for this one.",
		    targets_text(&f->issue->targets, what, sizeof(what)));
	else
		snprintf(out, SAY_MAX,
		    "this code names no target, and this change needs one that does. "
		    "Ask the caller to generate it for this target.");
}

static void say_cooling_off(const struct say_facts *f, char *out)
{
	char duration[32];

	snprintf(out, SAY_MAX,
	    "%.*s may authorise this in %s: "
	    "a change to the account's administrators is too recent. "
	    "Another administrator of the account may be able to authorise it.",
	    PRINTABLE(f->admin_name), say_duration(f->wait, duration));
}

static void say_throttled(const struct say_facts *f, char *out)
{
	char duration[32], at[32];

	snprintf(out, SAY_MAX, "Wait %s: %s. The next try is %s.",
	    say_duration(f->wait, duration), f->because,
	    when(f->now, f->now->at.wall + f->wait, true, at));
}

static void say_unknown_account(const struct say_facts *f, char *out)
{
	if (f->suggestion.len > 0)
		snprintf(out, SAY_MAX, "No account \"%.*s\". Did you mean %.*s?",
		    PRINTABLE(f->account), PRINTABLE(f->suggestion));
	else
		snprintf(out, SAY_MAX, "No account \"%.*s\".", PRINTABLE(f->account));
}

static void say_ticket_accepted(const struct say_facts *f, const char *id, char *out)
{
	snprintf(out, SAY_MAX, "%.*s for %.*s, by ticket %s.", PRINTABLE(f->admin_name),
	    PRINTABLE(f->account_name), id);
}

static void say_ticket_expired(const struct say_facts *f, const char *id, char *out)
{
	int64_t ago = f->now->at.wall - f->ticket->opened.wall - f->ticket->life;
	char duration[32];

	if (ago > 0)
		snprintf(out, SAY_MAX,
		    "what ticket %s authorised expired %s ago. Ask the caller for a code.", id,
		    say_duration(ago, duration));
	else
		snprintf(out, SAY_MAX,
		    "what ticket %s authorised has expired. Ask the caller for a code.", id);
}

static void say_ticket_used(const struct say_facts *f, const char *id, char *out)
{
	char at[32];

	day_time(f->ticket->ended, at);
	if (f->ticket->ended_by == f->technician)
		snprintf(out, SAY_MAX,
		    "ticket %s was used on %s by you, and it authorises one change. "
		    "Check whether that went through, then ask for a code.", id, at);
	else
		snprintf(out, SAY_MAX,
		    "ticket %s was used on %s by %.*s, and it authorises one change. "
		    "Ask for a code.", id, at, PRINTABLE(f->ticket->ended_by_name));
}

static void say_ticket_cancelled(const struct say_facts *f, const char *id, char *out)
{
	snprintf(out, SAY_MAX, f->ticket->closed
		? "ticket %s is closed and authorises nothing any more. Ask the caller for a code."
		: "ticket %s authorises nothing any more: "
		  "its author or the account was suspended, frozen or reset since it was opened. "
		  "Ask the caller for a code.", id);
}

static void say_ticket_other_action(const struct say_facts *f, const char *id, char *out)
{
	const struct action *its = conf_action(f->conf, f->ticket->action);

	if (f->ticket->action.len == 0)
		snprintf(out, SAY_MAX,
		    "ticket %s authorises nothing: its author named no action when it was opened, "
		    "and what is said in it since adds none. "
		    "Ask the caller for a code.", id);
	else
		snprintf(out, SAY_MAX,
		    "ticket %s is for \"%.*s\", not for this change. "
		    "It is still good for that one. Ask for a code for this change.", id,
		    its != NULL ? (int)strlen(its->title) : (int)f->ticket->action.len,
		    its != NULL ? its->title : f->ticket->action.p);
}

static void say_ticket_other_target(const struct say_facts *f, const char *id, char *out)
{
	char what[256];

	if (f->ticket->targets.n > 0)
		snprintf(out, SAY_MAX,
		    "ticket %s is for %s, not for this target. It is still good for that one. "
		    "Compare the target letter by letter, or ask for a code for this one.", id,
		    targets_text(&f->ticket->targets, what, sizeof(what)));
	else
		snprintf(out, SAY_MAX,
		    "ticket %s names no target, and this change needs one that does. "
		    "Ask the caller for a code for this target.", id);
}

struct sentence {
	void (*write)(const struct say_facts *, char *);
	void (*ticket)(const struct say_facts *, const char *id, char *); /* where there is one */
	const char *plain;
	const char *before;	/* instead of "Not accepted: " */
};

static const struct sentence sentences[CS_REASONS] = {
	[CS_WRONG] = { .plain = "no such code for this account. "
	    "Ask the caller to read it again, in threes." },
	[CS_MISHEARD] = { .plain = "a digit is wrong. No try was spent. "
	    "Ask for it again, in threes.", .before = "Misheard: " },
	[CS_EXPIRED] = { .write = say_expired, .ticket = say_ticket_expired },
	[CS_USED] = { .write = say_used, .ticket = say_ticket_used },
	[CS_REPLACED] = { .plain = "the caller generated a newer code after this one. "
	    "Ask for the one the page shows now." },
	[CS_CANCELLED] = { .plain = "this code was cancelled. "
	    "Ask the caller to press \"Generate a new one\".", .ticket = say_ticket_cancelled },
	[CS_OTHER_ACTION] = { .write = say_other_action, .ticket = say_ticket_other_action },
	[CS_OTHER_TARGET] = { .write = say_other_target, .ticket = say_ticket_other_target },
	[CS_NOT_PERMITTED] = { .plain =
	    "this administrator may not authorise this action for this account. "
	    "Ask for a code from one who may." },
	[CS_COOLING_OFF] = { .write = say_cooling_off },
	[CS_THROTTLED] = { .write = say_throttled, .before = "" },
	[CS_UNKNOWN_ACCOUNT] = { .write = say_unknown_account, .before = "" },
	[CS_SUSPENDED] = { .plain = "this account is suspended; nothing may be changed for it. "
	    "Ask your operator." },
	[CS_FROZEN] = { .plain =
	    "this account is frozen because somebody may be acting for it who should not. "
	    "Change nothing; tell your operator." },
	[CS_APPROVAL_NEEDED] = { .plain = "this change needs an approval." },
	[CS_REASON_ACCEPTED] = { .write = say_accepted, .ticket = say_ticket_accepted,
	    .before = "Accepted: " },
};

static char *say_rest(enum cs_reason reason, const struct say_facts *facts, char out[SAY_MAX])
{
	const struct sentence *s = &sentences[reason];
	char id[NUMBER_TEXT];

	if (s->write == say_throttled)
		s->write(facts, out);
	else if (facts->because != NULL)
		snprintf(out, SAY_MAX, "%s", facts->because);
	else if (facts->ticket != NULL && s->ticket != NULL)
		s->ticket(facts, number_format('T', facts->ticket->id, id), out);
	else if (s->write != NULL)
		s->write(facts, out);
	else
		snprintf(out, SAY_MAX, "%s", s->plain);
	return out;
}

char *say_reason(enum cs_reason reason, const struct say_facts *facts, char out[SAY_MAX])
{
	say_rest(reason, facts, out);
	if (out[0] >= 'a' && out[0] <= 'z')
		out[0] = (char)(out[0] - 'a' + 'A');
	return out;
}

char *say_to_customer(enum cs_reason reason, const struct say_facts *facts, char out[SAY_MAX])
{
	static const char *const plain[CS_REASONS] = {
		[CS_NOT_PERMITTED] = "You may not authorise this for the account. "
		    "A colleague who may can generate the code.",
		[CS_SUSPENDED] = "This account is suspended: nothing can be authorised for it. "
		    "Ask support.",
		[CS_FROZEN] = "This account is frozen: nothing can be authorised for it. "
		    "Ask support, who can thaw it.",
	};
	char duration[32];

	if (reason == CS_COOLING_OFF)
		snprintf(out, SAY_MAX,
		    "You can authorise this in %s: "
		    "a change to your log-in or your rights is too recent. "
		    "A colleague may authorise it now.",
		    say_duration(facts->wait, duration));
	else if (reason == CS_THROTTLED)	/* whose clock says another time */
		snprintf(out, SAY_MAX, "Wait %s: %s.", say_duration(facts->wait, duration),
		    facts->because);
	else if (plain[reason] != NULL)
		snprintf(out, SAY_MAX, "%s", plain[reason]);
	else
		say_reason(reason, facts, out);
	return out;
}

char *say_verdict(enum cs_reason reason, const struct say_facts *facts, char out[SAY_MAX])
{
	const char *before = sentences[reason].before;
	char sentence[SAY_MAX];

	if (before == NULL)
		before = "Not accepted: ";
	say_rest(reason, facts, sentence);
	text_join(out, SAY_MAX, (struct cs_str[]){ cs_str(before), cs_str(sentence) }, 2);
	return out;
}

char *say_call(const struct account *account, const struct action *action,
    const struct targets *targets, char out[SAY_MAX])
{
	char what[256];
	int n = snprintf(out, SAY_MAX, "%.*s%s%.*s%s%s", PRINTABLE(account->display),
	    account->name.len > 0 ? " (" : "", PRINTABLE(account->name),
	    account->name.len > 0 ? ") — " : "", action->title);

	if (targets->n > 0 && n < SAY_MAX)
		snprintf(out + n, SAY_MAX - (size_t)n, ": %s",
		    targets_text(targets, what, sizeof(what)));
	return out;
}

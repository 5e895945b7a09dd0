/* SPDX-License-Identifier: ISC
 *
 * See pamstack.h.  libpam's own rules for control words: pam.conf(5).
 */
#include "pamstack.h"

#include "../pam_module/option_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MODULE "pam_countersign.so"
#define WHAT_MAX 300

struct stack {
	const struct pamfile *file;
	const struct stack_reader *reader;
};

static bool is_word(const char *word, const char *const *list)
{
	while (*list && strcasecmp(word, *list) != 0)
		list++;
	return *list != NULL;
}

/* "-auth" is auth. */
static const char *facility(const struct rule *r)
{
	return r->words[0] + (r->words[0][0] == '-');
}

static bool is_facility(const struct rule *r, const char *name)
{
	return strcasecmp(facility(r), name) == 0;
}

static const char *control(const struct rule *r)
{
	return r->nwords > 1 ? r->words[1] : "";
}

static const char *module(const struct rule *r)
{
	const char *path = r->nwords > 2 ? r->words[2] : "", *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_ours(const struct rule *r)
{
	return !rule_is_include(r) && strcmp(module(r), MODULE) == 0;
}

/* Our line's options, as far as they are good; false: word is not. */
static bool read_options(const struct rule *r, struct options *o, const char **word)
{
	options_init(o);
	for (size_t i = 3; i < r->nwords; i++) {
		if (!options_take(r->words[i], o)) {
			*word = r->words[i];
			return false;
		}
	}
	return true;
}

static const char *action_of(const struct rule *r)
{
	struct options o;
	const char *word;

	options_init(&o);
	for (size_t i = 3; i < r->nwords; i++) {
		word = r->words[i];
		options_take(word, &o);
	}
	return o.action;
}

static const struct {
	const char *word, *means;
} simple[] = {
	{ "required", "success=ok new_authtok_reqd=ok ignore=ignore default=bad" },
	{ "requisite", "success=ok new_authtok_reqd=ok ignore=ignore default=die" },
	{ "sufficient", "success=done new_authtok_reqd=done default=ignore" },
	{ "optional", "success=ok new_authtok_reqd=ok default=ignore" },
};

/* Every control in the long form. */
static const char *long_form(const struct rule *r)
{
	for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
		if (strcasecmp(control(r), simple[i].word) == 0)
			return simple[i].means;
	return control(r);
}

struct effect {
	char name[32], does[16]; /* "success", "ok" */
};

/* The next pair of a long form; false at its end or at what is no pair. */
static bool next_effect(const char **p, struct effect *effect)
{
	int len = 0;

	if (sscanf(*p, " %31[a-z_]=%15[a-z0-9]%n", effect->name, effect->does, &len) != 2)
		return false;
	*p += len;
	return true;
}

static bool does(const struct effect *effect, const char *what)
{
	return strcmp(effect->does, what) == 0;
}

/* How many of the rules after it are jumped over. */
static size_t jump_of(const struct effect *effect)
{
	return (size_t)strtoul(effect->does, NULL, 10);
}

/* what: put before the sentence.  r is a line of ours. */
typedef bool (*found)(const struct stack *, const struct rule *r, char what[WHAT_MAX]);

static bool is_other_facility(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	(void)s;
	snprintf(what, WHAT_MAX, "%s: ", facility(r));
	return !is_facility(r, "auth") && !is_facility(r, "account");
}

static bool is_dashed(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	(void)s;
	snprintf(what, WHAT_MAX, "%s: ", r->words[0]);
	return r->words[0][0] == '-';
}

static bool has_bad_option(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	struct options o;
	const char *word = "";
	bool bad = !read_options(r, &o, &word) || r->too_long;

	(void)s;
	snprintf(what, WHAT_MAX, "%s: ", word);
	return bad;
}

static bool has_bad_options(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	struct options o;
	const char *word, *fault = NULL;

	(void)s;
	if (read_options(r, &o, &word))
		fault = options_fault(&o);
	snprintf(what, WHAT_MAX, "%s: ", fault ? fault : "");
	return fault != NULL;
}

static bool is_sufficient(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	(void)s;
	(void)what;
	return strcasecmp(control(r), "sufficient") == 0;
}

static bool is_optional(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	const char *action = action_of(r);

	(void)what;
	return strcasecmp(control(r), "optional") == 0 &&
	    !(action && s->reader->is_shadow(s->reader->arg, action));
}

static bool has_bad_control(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	const char *p = long_form(r);
	struct effect effect;

	(void)s;
	snprintf(what, WHAT_MAX, "%s: ", control(r));
	while (next_effect(&p, &effect))
		;
	return p == control(r) || p[strspn(p, " \t")] != '\0';
}

/* A failure that is neither bad nor die.  What the module never returns may be
 * treated as one likes. */
static bool forgives(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	static const char *const harmless[] = { "success", "new_authtok_reqd", "ignore", NULL };
	const char *p = control(r);
	struct effect effect;

	(void)s;
	if (long_form(r) != p)
		return false;
	while (next_effect(&p, &effect)) {
		snprintf(what, WHAT_MAX, "%s=%s: ", effect.name, effect.does);
		if (!is_word(effect.name, harmless) &&
		    !does(&effect, "bad") && !does(&effect, "die"))
			return true;
	}
	return false;
}

static bool skips_the_rest(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	const char *p = control(r);
	struct effect effect;

	(void)s;
	if (long_form(r) != p)
		return false;
	while (next_effect(&p, &effect)) {
		snprintf(what, WHAT_MAX, "%s=%s: ", effect.name, effect.does);
		if (strcmp(effect.name, "success") == 0 &&
		    (does(&effect, "done") || jump_of(&effect)))
			return true;
	}
	return false;
}

/* Could the earlier rule end the stack, or jump over the later one, which is
 * the n-th of its facility after it? */
static bool leads_past(const struct rule *earlier, size_t n)
{
	const char *p = long_form(earlier);
	struct effect effect;

	while (!rule_is_include(earlier) && next_effect(&p, &effect))
		if (does(&effect, "done") || jump_of(&effect) >= n)
			return true;
	return false;
}

static bool is_passed_by(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	size_t n = 1;

	for (const struct rule *earlier = r; earlier > s->file->rules;) {
		earlier--;
		if (strcasecmp(facility(earlier), facility(r)) != 0)
			continue;
		snprintf(what, WHAT_MAX, "line %d (%s, %s) ", earlier->line, control(earlier),
		    module(earlier));
		if (leads_past(earlier, n++))
			return true;
	}
	return false;
}

static bool resets(const struct rule *r)
{
	const char *p = long_form(r);
	struct effect effect;

	while (!rule_is_include(r) && next_effect(&p, &effect))
		if (does(&effect, "reset"))
			return true;
	return false;
}

static bool is_forgotten(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	for (const struct rule *later = r + 1; later < s->file->rules + s->file->n; later++) {
		if (strcasecmp(facility(later), facility(r)) != 0 || !resets(later))
			continue;
		snprintf(what, WHAT_MAX, "line %d (%s, %s) ", later->line, control(later),
		    module(later));
		return true;
	}
	return false;
}

/* False for auth modules that say nothing about who somebody is. */
static bool is_authentication(const struct rule *r)
{
	static const char *const others[] = {
		"pam_access.so",
		"pam_debug.so",
		"pam_echo.so",
		"pam_env.so",
		"pam_faildelay.so",
		"pam_faillock.so",
		"pam_group.so",
		"pam_keyinit.so",
		"pam_listfile.so",
		"pam_nologin.so",
		"pam_permit.so",
		"pam_securetty.so",
		"pam_shells.so",
		"pam_succeed_if.so",
		"pam_time.so",
		"pam_tty_audit.so",
		"pam_warn.so",
		MODULE,
		NULL,
	};

	if (strcmp(r->words[0], "@include") == 0)
		return true;
	return is_facility(r, "auth") && (rule_is_include(r) || !is_word(module(r), others));
}

static const struct rule *login_before(const struct stack *s, const struct rule *r)
{
	while (r > s->file->rules) {
		r--;
		if (is_authentication(r))
			return r;
	}
	return NULL;
}

static bool comes_first(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	(void)what;
	return is_facility(r, "auth") && !login_before(s, r);
}

static bool burns_codes(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	const struct rule *login = is_facility(r, "auth") ? login_before(s, r) : NULL;

	if (!login)
		return false;
	snprintf(what, WHAT_MAX, "line %d (%s, %s) ", login->line, control(login),
	    module(login));
	return strcasecmp(control(login), "required") == 0;
}

static bool takes_the_password(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	struct options o;
	const char *word;

	read_options(r, &o, &word);
	snprintf(what, WHAT_MAX, "%s: ", o.use_first_pass ? "use_first_pass" : "try_first_pass");
	return is_facility(r, "auth") && (o.use_first_pass || o.try_first_pass) &&
	    login_before(s, r);
}

static bool is_for_another_action(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	const char *action = action_of(r), *asked = NULL;

	if (!is_facility(r, "account") || !action)
		return false;
	for (size_t i = 0; i < s->file->n; i++) {
		const struct rule *other = &s->file->rules[i];

		if (is_ours(other) && is_facility(other, "auth") && action_of(other)) {
			asked = action_of(other);
			if (strcmp(asked, action) == 0)
				return false;
		}
	}
	snprintf(what, WHAT_MAX, "action=%s: ", action);
	return asked != NULL;
}

/* Is there an earlier line of ours for it? */
static bool is_second(const struct stack *s, const struct rule *r, const char *name,
    char what[WHAT_MAX])
{
	if (!is_facility(r, name))
		return false;
	for (const struct rule *earlier = s->file->rules; earlier < r; earlier++) {
		const char *action = action_of(earlier);

		if (!is_ours(earlier) || !is_facility(earlier, name) || !action)
			continue;
		snprintf(what, WHAT_MAX, "line %d (action=%s) ", earlier->line, action);
		return true;
	}
	return false;
}

static bool asks_again(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	return is_second(s, r, "auth", what);
}

static bool spends_again(const struct stack *s, const struct rule *r, char what[WHAT_MAX])
{
	return is_second(s, r, "account", what);
}

/* Of each line of ours. */
static const struct {
	const char *result;
	found found;
	const char *text;
} line_findings[] = {
	{ "fault", is_other_facility,
	    "the module has auth and account functions only, so this line fails" },
	{ "fault", is_dashed,
	    "without the module on this host everybody gets through; take the dash away" },
	{ "fault", has_bad_option,
	    "unknown option or bad value, so the module fails" },
	{ "fault", has_bad_options,
	    "so the module fails" },
	{ "fault", is_sufficient,
	    "sufficient: a refusal is ignored, and what follows decides; write required" },
	{ "fault", is_optional,
	    "optional: a refusal is ignored; write required, unless the action's mode "
	    "is shadow" },
	{ "fault", has_bad_control,
	    "not a control word of PAM's" },
	{ "fault", forgives,
	    "a refusal or a fault is not a failure of the stack; write required" },
	{ "fault", is_passed_by,
	    "can end the stack with success, or jump, before this line is reached" },
	{ "fault", is_forgotten,
	    "has the stack forget what this line refused (reset)" },
	{ "fault", is_for_another_action,
	    "no auth line asks for a code for it, so this line denies always" },
	{ "fault", asks_again,
	    "asks for a code, too: each uses one up, and only the last one's counts; gate one "
	    "action with one auth line" },
	{ "fault", spends_again,
	    "spends the acceptance, so this line denies always; write one account line" },
	{ "warning", skips_the_rest,
	    "what stands after it is skipped; write required" },
	{ "warning", comes_first,
	    "nobody has asked who the technician is; right only where the tool itself did" },
	{ "warning", burns_codes,
	    "lets a mistyped password go on to the code and burn it; write requisite there" },
	{ "warning", takes_the_password,
	    "after a log-in module it takes the technician's password for the code" },
};

static void say_found(const struct stack *s, int line, const char *result, const char *what,
    const char *text)
{
	char whole[2 * WHAT_MAX];

	snprintf(whole, sizeof(whole), "%s%s", what, text);
	s->reader->say(s->reader->arg, line, result, whole);
}

static void judge_line(const struct stack *s, const struct rule *r)
{
	char what[WHAT_MAX];

	for (size_t i = 0; i < sizeof(line_findings) / sizeof(line_findings[0]); i++) {
		what[0] = '\0';
		if (line_findings[i].found(s, r, what))
			say_found(s, r->line, line_findings[i].result, what, line_findings[i].text);
	}
}

static void judge_rest(const struct stack *s, const struct rule *r)
{
	static const char *const facilities[] = { "auth", "account", "session", "password", NULL };
	const char *included = r->words[r->nwords > 2 ? 2 : r->nwords - 1];

	if (rule_is_include(r))
		say_found(s, r->line, "note", included,
		    " is not followed: what is in it counts here too");
	else if (!is_word(facility(r), facilities) || r->nwords < 3)
		say_found(s, r->line, "fault", r->words[0],
		    ": a line is auth, account, session or password, a control and a module");
}

static size_t count_ours(const struct stack *s, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < s->file->n; i++)
		n += is_ours(&s->file->rules[i]) && is_facility(&s->file->rules[i], name);
	return n;
}

void stack_judge(const struct pamfile *file, const struct stack_reader *reader)
{
	struct stack s = { file, reader };
	size_t auth = count_ours(&s, "auth"), account = count_ours(&s, "account");

	for (size_t i = 0; i < file->n; i++) {
		if (is_ours(&file->rules[i]))
			judge_line(&s, &file->rules[i]);
		else
			judge_rest(&s, &file->rules[i]);
	}
	if (!auth)
		say_found(&s, 0, "fault", "",
		    account ? "no auth line: nobody is asked for a code, and all is denied"
			    : "there is no " MODULE " in it");
	if (auth && !account)
		say_found(&s, 0, "fault", "",
		    "no account line: a cached sudo timestamp, NOPASSWD and root skip auth, and "
		    "with it the gate");
	if (auth && account)
		say_found(&s, 0, "ok", "", "it has an auth and an account line");
}

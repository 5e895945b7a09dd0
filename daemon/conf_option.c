/* SPDX-License-Identifier: ISC
 *
 * The table of options and the conversion of each kind of value, both ways.
 * Numbers are converted here and not by libconfuse, which reads 010 as eight
 * and takes a stale errno for a range error.
 */
#include "conf_option.h"

#include "name.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const modes[] = { "enforce", "shadow", NULL };
static const char *const requirements[] = { "none", "code", NULL };
static const char *const risks[] = { "normal", "high", NULL };
static const char *const forms[] = { "free", "host=ip", NULL };
static const char *const booleans[] = { "false", "true", "no", "yes", "off", "on", NULL };

const char *const conf_roles[ROLES] = {
	[BIT_STAFF] = "staff", [BIT_DESK] = "desk", [BIT_OPERATOR] = "operator",
	[BIT_PANEL] = "panel", [BIT_ISSUER] = "issuer",
};

#define MINUTE 60
#define HOUR 3600
#define DAY 86400
#define MEBIBYTE 1048576

#define IN_CONF(member) offsetof(struct conf, member), sizeof(((struct conf *)0)->member)
#define IN_ACTION(member) offsetof(struct action, member), sizeof(((struct action *)0)->member)

/* clang-format off */
const struct conf_option conf_options[] = {
{ SCOPE_TOP, NULL, "state-dir", KIND_PATH, NULL, 2, 1024, IN_CONF(state_dir),
  "/var/lib/countersign", "the folder of the database" },
/* 90: the sockets' own names must fit into 108 bytes with it */
{ SCOPE_TOP, NULL, "socket-dir", KIND_PATH, NULL, 2, 90, IN_CONF(socket_dir),
  "/run/countersign", "the folder of the sockets" },
{ SCOPE_TOP, NULL, "master-key", KIND_PATH, NULL, 2, 1024, IN_CONF(master_key),
  "/etc/countersign/master.key", "the file of the master key" },
{ SCOPE_TOP, NULL, "map-size", KIND_SIZE, NULL, MEBIBYTE, (uint64_t)16 << 40, IN_CONF(map_size),
  "16G", "how large the database may grow" },
{ SCOPE_TOP, NULL, "directions", KIND_TEXT, NULL, 1, 400, IN_CONF(directions),
  "Control panel: Client Account, Overview, Account Preferences & Codes, Generate",
  "where a caller finds the code" },
{ SCOPE_TOP, NULL, "panel-url", KIND_URL, NULL, 0, 200, IN_CONF(panel_url),
  "", "where the customer's page is, for invitations" },
{ SCOPE_TOP, NULL, "mode", KIND_WORD, modes, 0, 0, IN_CONF(shadow),
  "enforce", "the mode of actions that do not say theirs" },
{ SCOPE_TOP, NULL, "separate-roles", KIND_BOOL, NULL, 0, 0, IN_CONF(separate_roles),
  "true", "nobody both issues and verifies codes" },
{ SCOPE_TOP, NULL, "dormant", KIND_SPAN, NULL, DAY, 3650 * DAY, IN_CONF(dormant),
  "90d", "after how long without a sign of life an administrator is dormant" },
{ SCOPE_TOP, NULL, "suspend-dormant", KIND_BOOL, NULL, 0, 0, IN_CONF(suspend_dormant),
  "false", "dormant administrators are suspended" },

{ SCOPE_ROLE, "staff", "users", KIND_USERS, NULL, 0, 0, IN_CONF(roles[BIT_STAFF]),
  "", "technicians" },
{ SCOPE_ROLE, "staff", "groups", KIND_GROUPS, NULL, 0, 0, IN_CONF(roles[BIT_STAFF]),
  "countersign-staff", "technicians" },
{ SCOPE_ROLE, "operator", "users", KIND_USERS, NULL, 0, 0, IN_CONF(roles[BIT_OPERATOR]),
  "root", "operators" },
{ SCOPE_ROLE, "operator", "groups", KIND_GROUPS, NULL, 0, 0, IN_CONF(roles[BIT_OPERATOR]),
  "", "operators" },
{ SCOPE_ROLE, "panel", "users", KIND_USERS, NULL, 0, 0, IN_CONF(roles[BIT_PANEL]),
  "countersign-panel", "the process of the web pages" },
{ SCOPE_ROLE, "panel", "groups", KIND_GROUPS, NULL, 0, 0, IN_CONF(roles[BIT_PANEL]),
  "",
  "the process of the web pages" },
{ SCOPE_ROLE, "issuer", "users", KIND_USERS, NULL, 0, 0, IN_CONF(roles[BIT_ISSUER]),
  "",
  "an existing control panel" },
{ SCOPE_ROLE, "issuer", "groups", KIND_GROUPS, NULL, 0, 0, IN_CONF(roles[BIT_ISSUER]),
  "",
  "an existing control panel" },
{ SCOPE_ROLE, "issuer", "vouches-high", KIND_BOOL, NULL, 0, 0, IN_CONF(vouches_high), "false",
  "the issuer's own log-in is enough for actions of high risk" },
{ SCOPE_ROLE, "desk", "users", KIND_USERS, NULL, 0, 0, IN_CONF(roles[BIT_DESK]),
  "", "staff web tools" },
{ SCOPE_ROLE, "desk", "groups", KIND_GROUPS, NULL, 0, 0, IN_CONF(roles[BIT_DESK]),
  "", "staff web tools" },
{ SCOPE_TECHNICIANS, "desk", "users", KIND_USERS, NULL, 0, 0, IN_CONF(desk_technicians), "",
  "whom a desk may name" },
{ SCOPE_TECHNICIANS, "desk", "groups", KIND_GROUPS, NULL, 0, 0, IN_CONF(desk_technicians),
  "countersign-staff", "whom a desk may name" },

{ SCOPE_CODE, NULL, "lifetime", KIND_SPAN, NULL, 2 * MINUTE, 30 * MINUTE, IN_CONF(code_lifetime),
  "10m", "how long a support code lives" },
{ SCOPE_CODE, NULL, "tries", KIND_NUMBER, NULL, 1, 10, IN_CONF(code_tries),
  "3", "wrong tries on the account that kill a code" },

{ SCOPE_LIMIT, NULL, "technician", KIND_RATE, NULL, 1, DAY, IN_CONF(limit.technician),
  "5/10m", "wrong tries of a technician, then technician-pause" },
{ SCOPE_LIMIT, NULL, "technician-pause", KIND_SPAN, NULL, 1, HOUR, IN_CONF(limit.technician_pause),
  "30s", "wait between tries while technician is full" },
{ SCOPE_LIMIT, NULL, "technician-day", KIND_NUMBER, NULL, 1, 100000, IN_CONF(limit.technician_day),
  "200", "wrong tries of a technician a day" },
{ SCOPE_LIMIT, NULL, "account", KIND_RATE, NULL, 1, DAY, IN_CONF(limit.account),
  "10/1h", "wrong tries on an account" },
{ SCOPE_LIMIT, NULL, "account-day", KIND_NUMBER, NULL, 1, 100000, IN_CONF(limit.account_day),
  "20", "wrong tries on an account a day" },
{ SCOPE_LIMIT, NULL, "issue", KIND_RATE, NULL, 1, DAY, IN_CONF(limit.issue),
  "20/1h", "codes issued to an administrator" },
{ SCOPE_LIMIT, NULL, "ticket", KIND_RATE, NULL, 1, DAY, IN_CONF(limit.ticket),
  "10/1h", "support tickets opened by an administrator" },
{ SCOPE_LIMIT, NULL, "reply", KIND_RATE, NULL, 1, DAY, IN_CONF(limit.reply),
  "30/1h", "replies of an administrator to support tickets" },
{ SCOPE_LIMIT, NULL, "misheard", KIND_RATE, NULL, 1, DAY, IN_CONF(limit.misheard),
  "30/10m", "misheard codes of a technician" },
{ SCOPE_LIMIT, NULL, "log-in", KIND_RATE, NULL, 1, DAY, IN_CONF(limit.log_in),
  "10/15m", "log-ins that fail under one name" },
{ SCOPE_LIMIT, NULL, "log-in-address", KIND_RATE, NULL, 1, DAY, IN_CONF(limit.log_in_address),
  "30/15m", "log-ins that fail from one address" },
{ SCOPE_LIMIT, NULL, "log-in-device", KIND_RATE, NULL, 1, DAY, IN_CONF(limit.log_in_device),
  "10/15m", "log-ins that fail from a browser that the person used before" },
{ SCOPE_LIMIT, NULL, "connections", KIND_NUMBER, NULL, 1, 10000, IN_CONF(limit.connections),
  "64", "connections of one uid at a time" },

{ SCOPE_ACTION, NULL, "title", KIND_TEXT, NULL, 1, TEXT_MAX_LEN, IN_ACTION(title), NULL,
  "what people read" },
{ SCOPE_ACTION, NULL, "require", KIND_WORD, requirements, 0, 0, IN_ACTION(require), NULL,
  "what it takes" },
{ SCOPE_ACTION, NULL, "bind-target", KIND_BOOL, NULL, 0, 0, IN_ACTION(bind_target), NULL,
  "a code must name the target" },
{ SCOPE_ACTION, NULL, "target-form", KIND_WORD, forms, 0, 0, IN_ACTION(form), NULL,
  "what a target looks like" },
{ SCOPE_ACTION, NULL, "risk", KIND_WORD, risks, 0, 0, IN_ACTION(risk), NULL,
  "high: a code must name the action" },
{ SCOPE_ACTION, NULL, "authenticator", KIND_BOOL, NULL, 0, 0, IN_ACTION(authenticator), NULL,
  "authenticator codes on the phone serve it" },
{ SCOPE_ACTION, NULL, "lifetime", KIND_SPAN, NULL, 2 * MINUTE, 30 * MINUTE, IN_ACTION(lifetime),
  NULL, "how long a support code for it lives" },
{ SCOPE_ACTION, NULL, "mode", KIND_WORD, modes, 0, 0, IN_ACTION(shadow), NULL,
  "shadow: decide and record, but let through" },
{ SCOPE_ACTION, NULL, "groups", KIND_GROUPS, NULL, 0, 0, IN_ACTION(technicians), NULL,
  "technicians who may ask; none: all" },
};
/* clang-format on */
const size_t conf_noptions = sizeof(conf_options) / sizeof(conf_options[0]);

const char conf_shipped[] =
    "action mail.server { title = \"Change a mail server's IP or host name\"\n"
    "	require = code  bind-target = true  target-form = \"host=ip\"  risk = high }\n"
    "action service.change { title = \"Change or cancel a service\"\n"
    "	require = code  risk = high }\n"
    "action filter.list { title = \"Add to an allow or deny list\"  require = code }\n"
    "action report.mail { title = \"Report of mail transferred\"  require = code }\n"
    "action admin.change { title = \"Add, reset or remove an administrator\"\n"
    "	require = code  risk = high }\n"
    "action general { title = \"Everything else\"  require = none }\n";

struct unit {
	char letter;
	uint64_t worth;
};
/* Largest first, as they are printed. */
static const struct unit times[] = { { 'd', DAY }, { 'h', HOUR }, { 'm', MINUTE }, { 's', 1 } };
static const struct unit sizes[] = { { 'G', 1 << 30 }, { 'M', 1 << 20 }, { 'K', 1 << 10 } };

/* Digits up to "end"; no sign, no blank, nothing that could overflow. */
static bool parse_number(const char *text, const char **end, uint64_t *number)
{
	uint64_t n = 0;
	const char *p = text;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (p - text >= 12)
			return false;
		n = n * 10 + (uint64_t)(*p - '0');
	}
	*number = n;
	*end = p;
	return p > text;
}

/* A number and one of the unit letters; a size may go without. */
static bool parse_unit(const char *text, const struct unit *units, size_t n, uint64_t *value)
{
	const char *end;
	uint64_t number;
	if (!parse_number(text, &end, &number))
		return false;
	if (*end == '\0' && units == sizes) {
		*value = number;
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		if (*end == units[i].letter && end[1] == '\0') {
			*value = number * units[i].worth;
			return number <= UINT64_MAX / units[i].worth;
		}
	}
	return false;
}

static bool parse_span(const char *text, uint64_t *seconds)
{
	return parse_unit(text, times, sizeof(times) / sizeof(times[0]), seconds);
}

static bool parse_size(const char *text, uint64_t *bytes)
{
	return parse_unit(text, sizes, sizeof(sizes) / sizeof(sizes[0]), bytes);
}

static char *write_unit(uint64_t value, const struct unit *units, size_t n, char *out, size_t cap)
{
	for (size_t i = 0; i < n; i++) {
		if (value >= units[i].worth && value % units[i].worth == 0) {
			snprintf(out, cap, "%llu%c", (unsigned long long)(value / units[i].worth),
			    units[i].letter);
			return out;
		}
	}
	snprintf(out, cap, "%llu", (unsigned long long)value);
	return out;
}

static char *write_span(uint64_t seconds, char *out, size_t cap)
{
	return write_unit(seconds, times, sizeof(times) / sizeof(times[0]), out, cap);
}

static char *write_size(uint64_t bytes, char *out, size_t cap)
{
	return write_unit(bytes, sizes, sizeof(sizes) / sizeof(sizes[0]), out, cap);
}

/* Adds "one, two or three" to why. */
static void list_words(const char *const *words, char *why, size_t cap)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		size_t len = strlen(why);
		snprintf(why + len, cap - len, "%s%s",
		    i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ", words[i]);
	}
}

static bool find_word(const char *const *words, const char *text, unsigned *index)
{
	for (unsigned i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], text) == 0) {
			*index = i;
			return true;
		}
	}
	return false;
}

static enum cs_err refuse_range(const struct conf_option *o, const char *least, const char *most,
    char *why, size_t cap)
{
	snprintf(why, cap, "write %s to %s (%s)", least, most, o->help);
	return CS_ERR_CONFIG;
}

/* A scheme and a host at least; nothing after the path. */
static bool url_valid(const char *text)
{
	static const char *const schemes[] = { "https://", "http://" };
	size_t len = strlen(text);
	bool begins = false;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		begins |= strncmp(text, schemes[i], strlen(schemes[i])) == 0;
	return len == 0 ||
	    (begins && strpbrk(text, " \"'<>?#@") == NULL && text[len - 1] != '/');
}

static enum cs_err parse_text(const struct conf_option *o, const char *text, void *member,
    char *why, size_t cap)
{
	size_t len = strlen(text);
	char **string = member;
	if (o->kind == KIND_PATH && text[0] != '/') {
		snprintf(why, cap, "write a path that begins with / (%s)", o->help);
		return CS_ERR_CONFIG;
	}
	if (o->kind == KIND_URL && !url_valid(text)) {
		snprintf(why, cap, "write https://HOST, without a slash at its end (%s)", o->help);
		return CS_ERR_CONFIG;
	}
	if (len < o->least || len > o->most || !text_plain(cs_str(text))) {
		snprintf(why, cap, "write %d to %d bytes of plain text (%s)", (int)o->least,
		    (int)o->most, o->help);
		return CS_ERR_CONFIG;
	}
	char *copy = strdup(text);
	if (copy == NULL)
		return CS_ERR_NOMEM;
	free(*string);
	*string = copy;
	return CS_OK;
}

static enum cs_err parse_word(const struct conf_option *o, const char *text, void *member,
    char *why, size_t cap)
{
	const char *const *words = o->kind == KIND_BOOL ? booleans : o->words;
	unsigned value;
	if (!find_word(words, text, &value)) {
		snprintf(why, cap, "write ");
		list_words(words, why, cap);
		return CS_ERR_CONFIG;
	}
	if (o->size == sizeof(bool))
		*(bool *)member = value & 1;	/* booleans: every second is true */
	else
		*(unsigned *)member = value;
	return CS_OK;
}

static enum cs_err parse_rate(const struct conf_option *o, const char *text, struct rate *rate,
    char *why, size_t cap)
{
	const char *end;
	uint64_t count, seconds;
	if (!parse_number(text, &end, &count) || *end != '/' || !parse_span(end + 1, &seconds)) {
		snprintf(why, cap, "write a count, / and a duration in s, m, h or d, like %s",
		    o->fallback);
		return CS_ERR_CONFIG;
	}
	if (count < 1 || count > BUCKET_TIMES || seconds < o->least || seconds > o->most) {
		snprintf(why, cap, "write a count of 1 to %d and a duration of 1s to 1d (%s)",
		    BUCKET_TIMES, o->help);
		return CS_ERR_CONFIG;
	}
	*rate = (struct rate){ (unsigned)count, (int64_t)seconds };
	return CS_OK;
}

static enum cs_err parse_amount(const struct conf_option *o, const char *text, void *member,
    char *why, size_t cap)
{
	char least[32], most[32];
	const char *end;
	uint64_t value;
	if (o->kind == KIND_NUMBER) {
		snprintf(least, sizeof(least), "%u", (unsigned)o->least);
		snprintf(most, sizeof(most), "%u", (unsigned)o->most);
		if (!parse_number(text, &end, &value) || *end != '\0' || value < o->least ||
		    value > o->most)
			return refuse_range(o, least, most, why, cap);
		*(unsigned *)member = (unsigned)value;
	} else if (o->kind == KIND_SPAN) {
		if (!parse_span(text, &value) || value < o->least || value > o->most)
			return refuse_range(o, write_span(o->least, least, sizeof(least)),
			    write_span(o->most, most, sizeof(most)), why, cap);
		*(int64_t *)member = (int64_t)value;
	} else {
		if (!parse_size(text, &value) || value < o->least || value > o->most)
			return refuse_range(o, write_size(o->least, least, sizeof(least)),
			    write_size(o->most, most, sizeof(most)), why, cap);
		*(uint64_t *)member = value;
	}
	return CS_OK;
}

bool conf_option_is_people(const struct conf_option *o)
{
	return o->kind == KIND_USERS || o->kind == KIND_GROUPS;
}

enum cs_err conf_option_parse(const struct conf_option *o, const char *text, void *base, char *why,
    size_t cap)
{
	void *member = (char *)base + o->at;
	switch (o->kind) {
	case KIND_TEXT:
	case KIND_PATH:
	case KIND_URL:
		return parse_text(o, text, member, why, cap);
	case KIND_BOOL:
	case KIND_WORD:
		return parse_word(o, text, member, why, cap);
	case KIND_RATE:
		return parse_rate(o, text, member, why, cap);
	case KIND_NUMBER:
	case KIND_SPAN:
	case KIND_SIZE:
		return parse_amount(o, text, member, why, cap);
	case KIND_USERS:
	case KIND_GROUPS:
		break;
	}
	snprintf(why, cap, "write a list { \"one\", \"two\" }");
	return CS_ERR_CONFIG;
}

/* Single quotes where double ones would mean the environment. */
static void print_string(const char *text, FILE *f)
{
	char quote = strstr(text, "${") != NULL ? '\'' : '"';
	fputc(quote, f);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\\' || *p == quote)
			fputc('\\', f);
		fputc(*p, f);
	}
	fputc(quote, f);
}

static void print_people(const struct conf_option *o, const struct people *people, FILE *f)
{
	char name[256];
	size_t n = o->kind == KIND_USERS ? people->nusers : people->ngroups;
	fputs("{", f);
	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? " " : ", ", f);
		if (o->kind == KIND_USERS)
			people_user_text(people->users[i], name, sizeof(name));
		else
			people_group_text(people->groups[i], name, sizeof(name));
		print_string(name, f);
	}
	fputs(" }", f);
}

void conf_option_print(const struct conf_option *o, const void *base, FILE *f)
{
	const void *member = (const char *)base + o->at;
	const struct rate *rate = member;
	const int64_t *span = member;
	char text[32];
	switch (o->kind) {
	case KIND_TEXT:
	case KIND_PATH:
	case KIND_URL:
		print_string(*(char *const *)member, f);
		break;
	case KIND_BOOL:
		fputs(booleans[*(const bool *)member], f);
		break;
	case KIND_WORD:
		print_string(o->words[o->size == sizeof(bool) ? *(const bool *)member :
			*(const unsigned *)member], f);
		break;
	case KIND_NUMBER:
		fprintf(f, "%u", *(const unsigned *)member);
		break;
	case KIND_SIZE:
		fprintf(f, "\"%s\"", write_size(*(const uint64_t *)member, text, sizeof(text)));
		break;
	case KIND_SPAN:
		fprintf(f, "\"%s\"", write_span((uint64_t)*span, text, sizeof(text)));
		break;
	case KIND_RATE:
		write_span((uint64_t)rate->seconds, text, sizeof(text));
		fprintf(f, "\"%u/%s\"", rate->count, text);
		break;
	case KIND_USERS:
	case KIND_GROUPS:
		print_people(o, member, f);
		break;
	}
}

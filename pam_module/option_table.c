/* SPDX-License-Identifier: ISC
 *
 * See option_table.h.
 */
#include "option_table.h"

#include "../lib/client.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct option {
	const char *name;	/* with its '=' when it takes a value */
	enum { TEXT, NUMBER, FLAG } type;
	size_t at;
	int low, high;		/* of a number */
};

#define AT(member) offsetof(struct options, member)

static const struct option table[] = {
	{ "action=", TEXT, AT(action), 0, 0 },
	{ "socket=", TEXT, AT(socket), 0, 0 },
	{ "account=", TEXT, AT(account), 0, 0 },
	{ "target=", TEXT, AT(target), 0, 0 },
	{ "account_prompt=", TEXT, AT(account_prompt), 0, 0 },
	{ "code_prompt=", TEXT, AT(code_prompt), 0, 0 },
	{ "timeout=", NUMBER, AT(timeout), 1, 30 },
	{ "tries=", NUMBER, AT(tries), 1, 9 },
	{ "noecho", FLAG, AT(noecho), 0, 0 },
	{ "use_first_pass", FLAG, AT(use_first_pass), 0, 0 },
	{ "try_first_pass", FLAG, AT(try_first_pass), 0, 0 },
	{ "export", FLAG, AT(export), 0, 0 },
	{ "debug", FLAG, AT(debug), 0, 0 },
	{ "quiet", FLAG, AT(quiet), 0, 0 },
	{ "nodelay", FLAG, AT(nodelay), 0, 0 },
};

static bool parse_number(const char *text, int low, int high, int *out)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n < low || n > high)
		return false;
	*out = (int)n;
	return true;
}

/* False when the word is not this option, or has a bad value. */
static bool take(const struct option *option, const char *word, struct options *out)
{
	size_t len = strlen(option->name);
	char *field = (char *)out + option->at;

	switch (option->type) {
	case TEXT:
		if (strncmp(word, option->name, len) != 0 || word[len] == '\0')
			return false;
		*(const char **)(void *)field = word + len;
		return true;
	case NUMBER:
		return strncmp(word, option->name, len) == 0 &&
		    parse_number(word + len, option->low, option->high, (int *)(void *)field);
	case FLAG:
		if (strcmp(word, option->name) != 0)
			return false;
		*(bool *)(void *)field = true;
		return true;
	}
	return false;
}

bool options_take(const char *word, struct options *out)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].name[0] == word[0] && take(&table[i], word, out))
			return true;
	return false;
}

void options_init(struct options *out)
{
	*out = (struct options){
		.socket = CS_STAFF_SOCKET,
		.account_prompt = "Customer account: ",
		.timeout = 5,
		.tries = 3,
	};
}

const char *options_fault(const struct options *o)
{
	if (o->action == NULL)
		return "action= is missing";
	if (o->socket[0] != '/')
		return "socket= is not a whole path";
	return NULL;
}

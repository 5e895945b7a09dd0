/* SPDX-License-Identifier: ISC
 *
 * countersign import of authenticators: google-authenticator, users-oath,
 * otpauth, pskc, and what countersign export sealed.  The files are parsed
 * here, never in the daemon; it gets one authenticator at a time.
 */
#include "ask.h"
#include "fail.h"
#include "lanes.h"
#include "sealed.h"
#include "show.h"
#include "source.h"
#include "token.h"

#include "../lib/log.h"
#include "../lib/secret.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST ((size_t)4 << 20)
#define FILES_MOST 100

#define OPTION_FILE \
	{ \
		.arg = "FILE", .value = VALUE_FILES, .required = true, .help = "what to import" \
	}
#define OPTION_ADMIN \
	{ \
		.name = "admin", .arg = "NAME", .help = "the administrator who gets them all" \
	}
#define OPTION_MAP { .name = "map", .arg = "USER=ADMIN", .value = VALUE_MANY, \
	.help = "the administrator who is USER in the file; others have the same name" }
#define OPTION_PURPOSE { .name = "purpose", .arg = "PURPOSE", .words = "login support", \
	.help = "login (the default) or support (codes on the phone)" }
#define OPTION_DRY_RUN { .name = "dry-run", .value = VALUE_FLAG, \
	.help = "say what would be imported, and import nothing" }

static const struct option google_options[] = {
	OPTION_FILE,
	{ .name = "admin", .arg = "NAME", .required = true,
	  .help = "the administrator who gets them: the file names nobody" },
	OPTION_PURPOSE, OPTION_DRY_RUN, { 0 },
};
static const struct option named_options[] = {
	OPTION_FILE, OPTION_ADMIN, OPTION_MAP, OPTION_PURPOSE, OPTION_DRY_RUN, { 0 },
};
static const struct option own_options[] = {
	OPTION_FILE, OPTION_ADMIN, OPTION_MAP, OPTION_DRY_RUN,
	{ .name = "tty", .value = VALUE_FLAG,
	  .help = "ask on /dev/tty; standard input is left alone" },
	{ 0 },
};

struct import {
	const struct invocation *in;
	struct tokens tokens;
	struct cs_str maps[GIVEN_MAX];
	size_t nmaps;
	char (*said)[256];		/* a token's sentence from the daemon */
	size_t done, there, refused;
	bool dry;
};

static enum status read_plain(struct import *import, const struct source *source,
    token_parser parse)
{
	const char *nul = memchr(source->text, '\0', source->len);

	if (nul != NULL)
		tokens_refuse(&import->tokens, 1, "It holds a NUL byte, so it is not a text.");
	else
		parse(&import->tokens, (struct cs_str){ source->text, source->len });
	return import->tokens.nomem ? fail_call(CS_ERR_NOMEM, "", false) : STATUS_DONE;
}

static enum status fail_open(const char *path, enum cs_err e)
{
	if (e == CS_ERR_CRYPTO)
		return fail_with(STATUS_REFUSED,
		    "%s does not open: the passphrase is another one, or the "
		    "file was changed or cut off. Nothing was imported.",
		    path);
	if (e == CS_ERR_FORMAT || e == CS_ERR_LIMIT)
		return fail_with(STATUS_USAGE,
		    "%s is not what countersign export writes. Nothing was "
		    "imported.",
		    path);
	return fail_call(e, "", false);
}

static enum status read_sealed(struct import *import, const struct source *source,
    token_parser parse)
{
	char passphrase[ASK_MAX], *plain = NULL;
	size_t len = 0;
	struct ask ask;
	enum status status = ask_open(&ask, import->in, "Nothing was imported.");
	enum cs_err e;

	if (status != STATUS_DONE)
		return status;
	e = ask_line(&ask, "Passphrase of the file: ", false, passphrase);
	ask_close(&ask);
	if (e != CS_OK)
		return fail_with(STATUS_USAGE, "No passphrase was given. Nothing was imported.");
	e = sealed_open(passphrase, source->text, source->len, &plain, &len);
	cs_wipe(passphrase, sizeof(passphrase));
	if (e != CS_OK)
		return fail_open(source->path, e);
	parse(&import->tokens, (struct cs_str){ plain, len });
	if (import->tokens.nomem)
		status = fail_call(CS_ERR_NOMEM, "", false);
	cs_free_secret(&plain, len);
	return status;
}

static const struct form {
	const struct command *command;
	token_parser parse;
	enum status (*read)(struct import *, const struct source *, token_parser);
} forms[] = {
	{ &cmd_import_google, token_parse_google, read_plain },
	{ &cmd_import_usersoath, token_parse_usersoath, read_plain },
	{ &cmd_import_otpauth, token_parse_otpauth, read_plain },
	{ &cmd_import_pskc, token_parse_pskc, read_plain },
	{ &cmd_import_own, token_parse_own, read_sealed },
};

static enum status read_files(struct import *import)
{
	struct cs_str paths[FILES_MOST];
	size_t n = given_many(import->in, "FILE", paths, FILES_MOST);
	const struct form *form = forms;
	enum status status = STATUS_DONE;

	while (form->command != import->in->command)
		form++;
	for (size_t i = 0; i < n && status == STATUS_DONE; i++) {
		struct source source;

		status = source_read(paths[i].p, FILE_MOST, &source);
		if (status != STATUS_DONE)
			break;
		import->tokens.path = paths[i].p;
		status = form->read(import, &source, form->parse);
		source_clear(&source);
	}
	return status;
}

static const char *find_map(const struct import *import, const char *user)
{
	size_t len = strlen(user);

	for (size_t i = 0; i < import->nmaps; i++)
		if (import->maps[i].len > len && memcmp(import->maps[i].p, user, len) == 0 &&
		    import->maps[i].p[len] == '=')
			return import->maps[i].p + len + 1;
	return user;
}

static int compare(const void *a, const void *b)
{
	const struct token *x = a, *y = b;
	int d = strcmp(x->admin, y->admin);

	if (d == 0)
		d = strcmp(x->purpose, y->purpose);
	return d != 0 ? d : strcmp(x->secret, y->secret);
}

static void forget(void *token)
{
	(void)token;
}

/* The same secret twice in the files is one authenticator. */
static enum status resolve(struct import *import)
{
	const char *admin = given_text(import->in, "admin");
	void *seen = NULL;
	enum status status = STATUS_DONE;

	for (size_t i = 0; i < import->tokens.n && status == STATUS_DONE; i++) {
		struct token *token = &import->tokens.at[i];
		struct token **first;

		token->admin = admin != NULL ? admin : find_map(import, token->user);
		if (token->refused != NULL)
			continue;
		if (token->admin[0] == '\0') {
			token->refused =
			    "The file does not say whose it is: name them with --admin.";
			continue;
		}
		first = tsearch(token, &seen, compare);
		if (first == NULL)
			status = fail_call(CS_ERR_NOMEM, "", false);
		else
			token->again = *first != token;
	}
	tdestroy(seen, forget);
	return status;
}

static bool fill_cb(struct cs_writer *w, void *arg, size_t i)
{
	const struct import *import = arg;
	const struct token *token = &import->tokens.at[i];
	const char *purpose = given_text(import->in, "purpose");

	if (token->refused != NULL || token->again)
		return false;
	if (purpose == NULL)
		purpose = token->purpose[0] != '\0' ? token->purpose : "login";
	cs_put_string(w, "administrator", cs_str(token->admin));
	cs_put_string(w, "purpose", cs_str(purpose));
	cs_put_string(w, "kind", cs_str(token->kind));
	cs_put_string(w, "hash", cs_str(token->hash));
	cs_put_int(w, "digits", token->digits);
	cs_put_int(w, "period", token->period);
	if (token->counter > 0)
		cs_put_int(w, "counter", token->counter);
	if (token->label[0] != '\0')
		cs_put_string(w, "label", cs_str(token->label));
	cs_put_string(w, "secret", cs_str(token->secret));
	cs_put_bool(w, "dry_run", import->dry);
	return true;
}

static const char *explain(const struct cs_msg *reply)
{
	static const struct {
		const char *parameter, *say;
	} rows[] = {
		{ "administrator",
		    "Its user name is no administrator's: say who it is with --map or --admin." },
		{ "digits", "Its codes are not of 6 to 8 digits." },
		{ "period", "Its period is not 10 to 300 seconds." },
		{ "counter", "Its counter is too large." },
		{ "secret", "Its secret is not of 10 to 64 bytes." },
		{ "label", "Its label has a colon or characters that cannot be shown." },
	};
	struct cs_str parameter = CS_STR("");

	cs_msg_string(reply, "parameter", &parameter);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (cs_str_is(parameter, rows[i].parameter))
			return rows[i].say;
	return NULL;
}

static enum status take_cb(void *arg, size_t i, const struct cs_msg *reply)
{
	struct import *import = arg;
	struct token *token = &import->tokens.at[i];
	struct cs_str say = CS_STR("");

	if (reply->error.p == NULL) {
		import->done++;
		return STATUS_DONE;
	}
	if (cs_str_is(reply->error, "io.countersign.control.Exists")) {
		import->there++;
		return STATUS_DONE;
	}
	token->refused = explain(reply);
	if (token->refused == NULL &&
	    cs_str_is(reply->error, "io.countersign.control.UnknownAdministrator") &&
	    cs_msg_string(reply, "say", &say) == CS_OK) {
		snprintf(import->said[i], sizeof(import->said[i]), "%s: ", token->admin);
		cs_log_escape(import->said[i] + strlen(import->said[i]),
		    sizeof(import->said[i]) - strlen(import->said[i]), say.p, say.len);
		token->refused = import->said[i];
	}
	return token->refused != NULL ? STATUS_DONE : fail_reply(import->in, reply);
}

static enum status ask_all(struct import *import)
{
	struct lanes lanes;
	enum status status = lanes_open(&lanes, import->in, DOOR_CONTROL);

	import->said = calloc(import->tokens.n + 1, sizeof(*import->said));
	if (import->said == NULL)
		return fail_call(CS_ERR_NOMEM, "", false);
	if (status == STATUS_DONE)
		status = lanes_ask(&lanes, "ImportAuthenticator", import->tokens.n, fill_cb,
		    take_cb, import);
	lanes_close(&lanes);
	return status;
}

static void show_tokens(const struct import *import)
{
	for (size_t i = 0; i < import->tokens.n; i++) {
		const struct token *token = &import->tokens.at[i];

		if (token->refused != NULL)
			show_refused(import->in->json, token->path, token->line, token->refused);
	}
}

static void show_summary(struct import *import)
{
	for (size_t i = 0; i < import->tokens.n; i++) {
		import->refused += import->tokens.at[i].refused != NULL;
		import->there += import->tokens.at[i].again;
	}
	if (import->in->json) {
		struct cs_msg m = { .nfields = 4 };

		m.fields[0] = show_own_number("authenticators", import->done);
		m.fields[1] = show_own_number("existing", import->there);
		m.fields[2] = show_own_number("refused", import->refused);
		m.fields[3] = (struct cs_field){ .name = CS_STR("dry_run"), .type = CS_BOOL,
		    .boolean = import->dry };
		show_json(&m);
		return;
	}
	printf("%zu authenticator%s %s", import->done, import->done == 1 ? "" : "s",
	    import->dry ? "to import" : "imported");
	if (import->there > 0)
		printf(", %zu there already", import->there);
	printf(", %zu refused%s\n", import->refused, import->refused > 0 ? " (see below)" : "");
}

static enum status check_maps(const struct import *import)
{
	if (import->nmaps > 0 && given_flag(import->in, "admin"))
		return fail_with(STATUS_USAGE, "countersign: --admin gives them all to one: leave "
		    "--map out. Nothing was imported.");
	for (size_t i = 0; i < import->nmaps; i++) {
		const char *map = import->maps[i].p, *equals = strchr(map, '=');

		if (equals == NULL || equals == map || equals[1] == '\0')
			return fail_with(STATUS_USAGE,
			    "countersign: --map %s is not USER=ADMIN. Nothing was imported.", map);
	}
	return STATUS_DONE;
}

static enum status run(const struct invocation *in)
{
	struct import import = { .in = in, .dry = given_flag(in, "dry-run") };
	enum status status;

	import.nmaps = given_many(in, "map", import.maps, GIVEN_MAX);
	status = check_maps(&import);
	if (status == STATUS_DONE)
		status = read_files(&import);
	if (status == STATUS_DONE)
		status = resolve(&import);
	if (status == STATUS_DONE)
		status = ask_all(&import);
	if (status == STATUS_DONE) {
		show_summary(&import);
		show_tokens(&import);
		if (import.refused > 0)
			status = STATUS_REFUSED;
	}
	free(import.said);
	tokens_clear(&import.tokens);
	return status;
}

const struct command cmd_import_google = {
	.name = "import google-authenticator",
	.help = "Import the .google_authenticator file of an administrator",
	.about = "Its codes for emergencies are not taken.",
	.options = google_options,
	.door = DOOR_CONTROL,
	.method = "ImportAuthenticator",
	.run = run,
};

const struct command cmd_import_usersoath = {
	.name = "import users-oath",
	.help = "Import pam_oath's users.oath",
	.about = "Its PINs are not taken.",
	.options = named_options,
	.door = DOOR_CONTROL,
	.method = "ImportAuthenticator",
	.run = run,
};

const struct command cmd_import_otpauth = {
	.name = "import otpauth",
	.help = "Import otpauth:// URIs, one a line",
	.options = named_options,
	.door = DOOR_CONTROL,
	.method = "ImportAuthenticator",
	.run = run,
};

const struct command cmd_import_pskc = {
	.name = "import pskc",
	.help = "Import a PSKC file (RFC 6030)",
	.options = named_options,
	.door = DOOR_CONTROL,
	.method = "ImportAuthenticator",
	.run = run,
};

const struct command cmd_import_own = {
	.name = "import authenticators",
	.help = "Import what countersign export authenticators wrote",
	.about = "Reads the passphrase from the terminal, or a line of standard input.",
	.options = own_options,
	.door = DOOR_CONTROL,
	.method = "ImportAuthenticator",
	.run = run,
};

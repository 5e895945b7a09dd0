/* SPDX-License-Identifier: ISC
 *
 * Judges the rows of a database and the child that reads them.  Whatever ends
 * the child but a clean exit means that the database is not to be opened.
 */
#include "walk.h"

#include "rowkey.h"
#include "store_engine.h"

#include "../lib/log.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 60		/* and a second for each of these: */
#define BYTES_A_SECOND (8 << 20)

/* The record decodes, and its numbers make this key. */
#define DEFINE_CHECK(type, KEY) \
	static bool check_##type(struct bytes key, struct bytes val) \
	{ \
		struct type r; \
		struct rowkey own; \
\
		if (record_decode_##type(val.p, val.len, &r) != CS_OK) \
			return false; \
		own = KEY; \
		return rowkey_is(&own, key); \
	}

static struct rowkey with32(struct rowkey key, uint32_t v)
{
	rowkey_add(&key, v, 4);
	return key;
}

static struct rowkey with8(struct rowkey key, uint8_t v)
{
	rowkey_add(&key, v, 1);
	return key;
}

DEFINE_CHECK(account, rowkey1(r.id))
DEFINE_CHECK(admin, rowkey1(r.id))
DEFINE_CHECK(member, rowkey2(r.account, r.admin))
DEFINE_CHECK(authenticator, rowkey2(r.admin, r.id))
DEFINE_CHECK(authenticator_state, rowkey1(r.id))
DEFINE_CHECK(issue, rowkey1(r.id))
DEFINE_CHECK(tally, with8(with8(with32(rowkey1((uint64_t)r.minute), r.technician),
    (uint8_t)r.kind), (uint8_t)r.reason))
DEFINE_CHECK(grant, rowkey1(r.id))
DEFINE_CHECK(call, with32(rowkey1(r.account), r.technician))
DEFINE_CHECK(invite, rowkey1(r.admin))
DEFINE_CHECK(recovery, rowkey1(r.admin))
DEFINE_CHECK(seen, with32((struct rowkey){ .len = 0 }, r.uid))
DEFINE_CHECK(overrides, rowkey1(r.account))
DEFINE_CHECK(alive, rowkey1(r.admin))
DEFINE_CHECK(password, rowkey1(r.admin))
DEFINE_CHECK(session, rowkey2(r.admin, r.id))
DEFINE_CHECK(ticket, rowkey1(r.id))
DEFINE_CHECK(entry_text, rowkey2(r.ticket, r.n))

static bool check_account_or_member(struct bytes key, struct bytes val)
{
	return key.len == ROWKEY_NUMBER ? check_account(key, val) : check_member(key, val);
}

static bool check_event(struct bytes key, struct bytes val)
{
	struct audit_event r;

	return val.len > 32 && key.len == ROWKEY_NUMBER &&
	    record_decode_audit_event((const uint8_t *)val.p + 32, val.len - 32, &r) == CS_OK &&
	    rowkey_number(key, 0, ROWKEY_NUMBER) == r.id;
}

static bool check_memo(struct bytes key, struct bytes val)
{
	struct memo r;

	return key.len == ROWKEY_NUMBER && val.len > MEMO_KEY &&
	    record_decode_memo((const uint8_t *)val.p + MEMO_KEY, val.len - MEMO_KEY, &r) == CS_OK;
}

static bool check_bucket(struct bytes key, struct bytes val)
{
	struct bucket r;

	return key.len == 9 && rowkey_number(key, 0, 1) < BUCKET_KINDS &&
	    record_decode_bucket(val.p, val.len, &r) == CS_OK;
}

static bool check_name(struct bytes key, struct bytes val)
{
	return key.len >= 1 && key.len <= NAME_MAX_LEN && rowkey_is_short(val);
}

static bool check_spent(struct bytes key, struct bytes val)
{
	return key.len == 16 && rowkey_is_short(val);
}

static bool check_session_hash(struct bytes key, struct bytes val)
{
	return key.len == 16 && val.len == 2 * ROWKEY_NUMBER;
}

static bool check_pair(struct bytes key, struct bytes val)
{
	return key.len == 2 * ROWKEY_NUMBER && val.len == 0;
}

static bool check_grant_of(struct bytes key, struct bytes val)
{
	return key.len == 3 * ROWKEY_NUMBER && val.len == 0;
}

static bool check_grants_ended(struct bytes key, struct bytes val)
{
	return key.len == 2 * ROWKEY_NUMBER && rowkey_is_short(val);
}

static bool check_ticket_of(struct bytes key, struct bytes val)
{
	return key.len == ROWKEY_NUMBER + 1 + 8 && rowkey_number(key, ROWKEY_NUMBER, 1) <= 1 &&
	    val.len == 0;
}

static bool named(struct bytes key, const char *name)
{
	return key.len == strlen(name) && memcmp(key.p, name, key.len) == 0;
}

static bool check_meta(struct bytes key, struct bytes val)
{
	if (named(key, META_FORMAT))
		return val.len == 4;
	if (named(key, META_GENERATION))
		return val.len == 16;
	if (named(key, META_KEY_ID))
		return val.len == 8;
	return named(key, META_INDEXED) && val.len == ROWKEY_NUMBER;
}

bool walk_is_tail(struct bytes key, struct bytes val)
{
	struct tail tail;

	return named(key, ROOT_TAIL) && record_decode_tail(val.p, val.len, &tail) == CS_OK;
}

bool walk_row_valid(enum table table, struct bytes key, struct bytes val)
{
	static bool (*const checks[TABLES])(struct bytes key, struct bytes val) = {
		[TABLE_META] = check_meta,
		[TABLE_ACCOUNT] = check_account_or_member,
		[TABLE_ACCOUNT_NAME] = check_name,
		[TABLE_ACCOUNT_REF] = check_name,
		[TABLE_ADMIN] = check_admin,
		[TABLE_ADMIN_NAME] = check_name,
		[TABLE_ADMIN_REF] = check_name,
		[TABLE_MEMBER_OF] = check_pair,
		[TABLE_AUTHENTICATOR] = check_authenticator,
		[TABLE_AUTHENTICATOR_STATE] = check_authenticator_state,
		[TABLE_SPENT] = check_spent,
		[TABLE_ISSUE] = check_issue,
		[TABLE_MEMO] = check_memo,
		[TABLE_BUCKET] = check_bucket,
		[TABLE_TALLY] = check_tally,
		[TABLE_GRANT] = check_grant,
		[TABLE_GRANT_OF] = check_grant_of,
		[TABLE_GRANTS_ENDED] = check_grants_ended,
		[TABLE_CALL] = check_call,
		[TABLE_EVENT] = check_event,
		[TABLE_INVITE] = check_invite,
		[TABLE_RECOVERY] = check_recovery,
		[TABLE_SEEN] = check_seen,
		[TABLE_OVERRIDES] = check_overrides,
		[TABLE_ALIVE] = check_alive,
		[TABLE_PASSWORD] = check_password,
		[TABLE_SESSION] = check_session,
		[TABLE_SESSION_HASH] = check_session_hash,
		[TABLE_TICKET] = check_ticket,
		[TABLE_TICKET_OF] = check_ticket_of,
		[TABLE_ENTRY_TEXT] = check_entry_text,
		[TABLE_EVENT_OF] = check_pair,
	};

	return checks[table](key, val);
}

/* A crash must look like one: no handler of ours or of a sanitizer, no core
 * with customers' names, and an alarm for a loop of pages. */
static void prepare_child(uint64_t size)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM };
	const struct rlimit none = { 0, 0 };
	sigset_t set;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		signal(signals[i], SIG_DFL);
		sigaddset(&set, signals[i]);
	}
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarm((unsigned)(SECONDS + size / BYTES_A_SECOND));
}

static enum cs_err report_damage(const char *path, const char *how)
{
	cs_log(CS_LOG_ERR, "the database in %s is damaged%s: it was left as it is; "
	    "keep a copy of the folder and restore a backup", path, how);
	return CS_ERR_CONFIG;
}

/* The child's exit status is the walk's result. */
static enum cs_err judge_child(const char *path, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		return report_damage(path, " (reading it came to no end)");
	if (WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM)) {
		cs_log(CS_LOG_ERR, "somebody ended the check of the database in %s, as the kernel "
		    "does when memory is short: start again", path);
		return CS_ERR_SYSTEM;
	}
	if (WIFSIGNALED(status))
		return report_damage(path, " (reading it crashes)");
	if (WEXITSTATUS(status) == CS_OK)
		return CS_OK;
	if (WEXITSTATUS(status) == CS_ERR_FORMAT)
		return report_damage(path, "");
	if (WEXITSTATUS(status) != CS_ERR_NOMEM && WEXITSTATUS(status) != CS_ERR_SYSTEM)
		return CS_ERR_CONFIG;
	cs_log(CS_LOG_ERR, "the database in %s could not be checked: mend what is said above; "
	    "only if that changes nothing, restore a backup", path);
	return (enum cs_err)WEXITSTATUS(status);
}

enum cs_err walk_in_child(const char *path, uint64_t size, uint64_t map_size,
    enum cs_err (*walk)(const char *path, uint64_t map_size))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		prepare_child(size);
		_exit((int)walk(path, map_size));
	}
	while (pid != -1 && waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			pid = -1;
	if (pid == -1) {
		cs_log(CS_LOG_ERR, "cannot check the database in %s: %s", path, strerror(errno));
		return CS_ERR_SYSTEM;
	}
	return judge_child(path, status);
}

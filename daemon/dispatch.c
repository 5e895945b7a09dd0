/* SPDX-License-Identifier: ISC
 *
 * A call passes its row's columns here, or is refused.  A technician's name
 * from the caller is believed only of uid 0 and of a desk, and never when it
 * is root's or an operator's (design §7).
 */
#include "dispatch.h"

#include "conf_option.h"
#include "daemon.h"
#include "quota.h"

#include <stdio.h>
#include <string.h>

#define PATIENCE 5000000	/* microseconds for the name service */

#define SERVICE "org.varlink.service."

static struct request request_of(struct task *t, struct reply *reply)
{
	return (struct request){
		.row = t->row,
		.in = &t->msg,
		.peer = conn_peer(t->conn),
		.roles = conn_roles(t->conn),
		.door = conn_door(t->conn),
		.conf = t->daemon->conf,
		.reply = reply,
	};
}

static enum cs_err refuse_method(struct request *r)
{
	struct cs_str method = r->in->method, interface = method;
	const char *dot = memrchr(method.p, '.', method.len);
	char own[64];

	if (dot != NULL)
		interface.len = (size_t)(dot - method.p);
	snprintf(own, sizeof(own), "io.countersign.%s", door_name(r->door));
	if (cs_str_is(interface, own) || cs_str_is(interface, "org.varlink.service"))
		return refuse_named(r, SERVICE "MethodNotFound", "method", method, NULL);
	return refuse_named(r, SERVICE "InterfaceNotFound", "interface", interface, NULL);
}

/* One who issues codes must not verify them too. */
static bool has_both_sides(const struct conf *conf, unsigned roles)
{
	return conf->separate_roles && (roles & (ROLE_PANEL | ROLE_ISSUER)) != 0 &&
	    (roles & (ROLE_TECHNICIAN | ROLE_DESK)) != 0;
}

static enum cs_err refuse_role(struct request *r)
{
	char say[256];
	size_t len = 0;

	if (strncmp(r->row->method, SERVICE, sizeof(SERVICE) - 1) == 0) {
		reply_error(r, SERVICE "PermissionDenied");
		reply_end(r);
		return CS_ERR_ANSWERED;
	}
	if (has_both_sides(r->conf, r->roles)) {
		snprintf(say, sizeof(say), "uid %u may both issue codes and verify them. "
		    "The operator must give it one side, or set separate-roles = false.",
		    (unsigned)r->peer->uid);
		return refuse_error(r, "NotPermitted", say);
	}
	snprintf(say, sizeof(say), "uid %u may not ask this; it takes role",
	    (unsigned)r->peer->uid);
	for (unsigned i = 0, n = 0; i < ROLES; i++) {
		if ((r->row->roles & 1u << i) == 0)
			continue;
		len = strlen(say);
		snprintf(say + len, sizeof(say) - len, "%s %s", n++ == 0 ? "" : " or",
		    conf_roles[i]);
	}
	len = strlen(say);
	snprintf(say + len, sizeof(say) - len, ". The operator's configuration says who has it.");
	return refuse_error(r, "NotPermitted", say);
}

static enum cs_err refuse_rate(struct request *r, int64_t wait)
{
	char say[160];

	snprintf(say, sizeof(say),
	    "uid %u asks too often: %u calls a minute are allowed. Wait %lld second%s.",
	    (unsigned)r->peer->uid, r->row->per_minute, (long long)wait, wait == 1 ? "" : "s");
	return refuse_busy(r, wait, say);
}

/* Reads the columns in the table's order. */
static enum cs_err judge(struct task *t, struct request *r)
{
	const struct row *row = t->row;
	int64_t wait = 0;

	if (row == NULL || (row->doors & r->door) == 0)
		return refuse_method(r);
	if (has_both_sides(r->conf, r->roles) ||
	    (row->roles != ROLE_ANY && (row->roles & r->roles) == 0))
		return refuse_role(r);
	/* The operator, and so uid 0, asks for a whole host. */
	if ((r->roles & ROLE_OPERATOR) == 0)
		wait = quota_take(conn_quota(t->conn), row, clock_usec());
	if (wait > 0)
		return refuse_rate(r, wait);
	if ((row->flags & ROW_MORE) != 0 && !t->msg.more) {
		reply_error(r, SERVICE "ExpectedMore");
		reply_end(r);
		return CS_ERR_ANSWERED;
	}
	return CS_OK;
}

static enum cs_err refuse_technician(struct request *r, struct cs_str name, const char *what)
{
	char say[NAME_MAX_LEN + 200];

	snprintf(say, sizeof(say), "%.*s %s", (int)name.len, name.p, what);
	return refuse_named(r, "UnknownTechnician", "technician", name, say);
}

static bool may_name_others(const struct request *r)
{
	return r->peer->uid == 0 || (r->roles & ROLE_DESK) != 0;
}

static const char *why_no_answer(enum cs_err e)
{
	if (e == CS_ERR_LIMIT)
		return "member of too many groups";
	if (e == CS_ERR_FULL)
		return "too many look-ups are waiting";
	return e == CS_ERR_UNREACHABLE ? "it cannot be asked" : cs_err_text(e);
}

/* The name service failed, or knows nobody of that name. */
static enum cs_err refuse_lookup(struct request *r, struct cs_str name, enum cs_err e)
{
	char why[160];

	if (e == CS_ERR_NOTFOUND)
		return refuse_technician(r, name, "is no user of this host. Check the spelling.");
	snprintf(why, sizeof(why),
	    "the host's user database gave no answer about the technician: %s", why_no_answer(e));
	return refuse_unavailable(r, why);
}

/* May this peer ask in the name of this technician? */
static enum cs_err judge_technician(struct request *r, const struct technician *t)
{
	bool root = r->peer->uid == 0;
	const struct people *allowed =
	    root ? &r->conf->roles[BIT_STAFF] : &r->conf->desk_technicians;
	unsigned roles = role_mask(r->conf, t->uid, t->groups, t->ngroups);
	struct cs_str name = cs_str(t->name);

	if (t->uid == 0 || (roles & ROLE_OPERATOR) != 0)
		return refuse_technician(r, name, "cannot be named: root and operators "
		    "ask in their own name.");
	if (!people_have(allowed, t->uid, t->groups, t->ngroups))
		return refuse_technician(r, name, root ? "is not in role staff." :
		    "is not among the technicians of role desk.");
	if (has_both_sides(r->conf, roles | ROLE_TECHNICIAN))
		return refuse_technician(r, name, "may issue codes, so cannot verify them "
		    "(separate-roles).");
	return CS_OK;
}

static enum cs_err accept_technician(struct task *t, struct request *r,
    const struct technician *found)
{
	const struct peer *peer = r->peer;
	struct cs_str name = CS_STR("");
	bool named = cs_msg_string(&t->msg, "technician", &name) == CS_OK;
	enum cs_err e = CS_OK;

	if ((t->row->flags & ROW_ABOUT) != 0) {
		t->who = *found;	/* anybody may be asked about */
		return CS_OK;
	}
	if (named && may_name_others(r)) {
		e = judge_technician(r, found);
		if (e == CS_OK)
			t->who = *found;
		return e;
	}
	if (found->uid != peer->uid || (named && !cs_str_is(name, found->name)))
		return refuse_error(r, "NotPermitted", "You may ask in your own name only.");
	t->who.uid = peer->uid;
	memcpy(t->who.name, found->name, sizeof(t->who.name));
	t->who.ngroups = peer->ngroups;
	memcpy(t->who.groups, peer->groups, peer->ngroups * sizeof(peer->groups[0]));
	return CS_OK;
}

static void proceed(struct task *t, enum cs_err e, struct reply *reply)
{
	if (e == CS_OK)
		batch_add(t->daemon->batch, t);
	else if (reply->err == CS_OK)
		conn_answer(t->conn, reply);
	else
		conn_unavailable(t->conn, cs_err_text(reply->err));
	reply_clear(reply);
}

static void found_cb(enum cs_err found, const struct technician *technician, void *arg)
{
	struct task *t = arg;
	struct reply reply = { 0 };
	struct request r = request_of(t, &reply);
	struct cs_str name = CS_STR("");
	enum cs_err e;

	t->resolving = false;
	cs_msg_string(&t->msg, "technician", &name);
	e = found == CS_OK ? accept_technician(t, &r, technician) : refuse_lookup(&r, name, found);
	proceed(t, e, &reply);
}

static bool name_is_sane(struct cs_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char byte = (unsigned char)name.p[i];

		if (byte <= ' ' || byte == 0x7f || byte == ':' || byte == '/')
			return false;
	}
	return name.len > 0 && name.len <= NAME_MAX_LEN;
}

/* CS_OK: the name service is asked, or was and has answered already. */
static enum cs_err ask_for_technician(struct task *t, struct request *r)
{
	struct cs_str name = CS_STR("");
	enum cs_err e = may_string(r, "technician", &name);

	if (e != CS_OK)
		return e;
	if (cs_msg_find(&t->msg, "technician") == NULL) {
		if ((r->roles & ROLE_DESK) != 0 && r->peer->uid != 0)
			return refuse_parameter(r, "technician");
	} else if (!name_is_sane(name)) {
		return refuse_parameter(r, "technician");
	}
	/* Who speaks for nobody else has no other's name looked up. */
	if (!may_name_others(r) && (t->row->flags & ROW_ABOUT) == 0)
		name = CS_STR("");
	t->resolving = true;
	t->since = clock_usec();
	technician_find(t->daemon->technicians, name, r->peer->uid, found_cb, t);
	return CS_OK;
}

static bool has_technician(const struct task *t)
{
	if ((t->row->flags & ROW_ABOUT) != 0)
		return cs_msg_find(&t->msg, "technician") != NULL;
	return (t->row->flags & ROW_TECHNICIAN) != 0;
}

void dispatch(struct task *t)
{
	struct reply reply = { 0 };
	struct request r;
	enum cs_err e;

	t->row = request_find(t->msg.method);
	r = request_of(t, &reply);
	e = judge(t, &r);
	if (e == CS_OK && (t->row->flags & ROW_MORE) != 0 && t->msg.oneway) {
		conn_answer(t->conn, &reply);	/* a list for nobody */
		return;
	}
	t->has_who = e == CS_OK && has_technician(t);
	if (t->has_who) {
		e = ask_for_technician(t, &r);
		if (e == CS_OK)
			return;
	}
	proceed(t, e, &reply);
}

void dispatch_expire(struct task *t, int64_t usec)
{
	if (!t->resolving || usec - t->since < PATIENCE)
		return;
	dispatch_forget(t);
	found_cb(CS_ERR_TIMEOUT, NULL, t);
}

void dispatch_forget(struct task *t)
{
	if (t->resolving)
		technician_forget(t->daemon->technicians, t);
	t->resolving = false;
}

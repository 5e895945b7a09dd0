#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Accounts, administrators, authenticators and technicians from their coming to
# their leaving, with the real daemon and command: what each command says and
# ends, who may not, what a crash leaves, and that nothing is accepted after
# the reply to what ended it.
#
# RACES=10000 races that often.

import base64
import hashlib
import hmac
import json
import os
import random
import signal
import struct
import time

from sandbox import Connection, Error, Sandbox, Skip, as_uid, finish, is_, new_request, test, wrong_digits

RACES = int(os.environ.get("RACES", "200"))
TOGETHER = 20
HIGH = "service.change"
CONF = """
limit { issue = "30/1s" technician = "32/1s" connections = 256 }
action "lists" { title = "Lists" require = "code" authenticator = true }
"""


def sandboxed(function):
    def check():
        with Sandbox(conf=CONF) as box:
            function(box)

    check.__name__ = function.__name__
    return test(check)


def says(box, status, part, *arguments, input="", env=None):
    """The command ends so and says so."""
    got, out, err = box.cli(*arguments, input=input, env=env)
    if got != status or part not in out + err:
        raise AssertionError(f"{arguments}: exit {got}, wanted {status} with {part!r}: {out}{err}")
    return out


def refusal(ask, *arguments, **parameters):
    try:
        return ask(*arguments, **parameters).get("reason", "accepted")
    except Error as e:
        return e.parameters.get("why", e.name)


def issue_reason(box, account="acme", admin="dana", **parameters):
    return refusal(box.control, "Issue", account=account, administrator=admin, request=new_request(), replace=True,
                   **parameters)


def grant_for(box, account="acme", admin="dana", action="filter.list", **parameters):
    return box.verify(box.issue(account, admin, action=action, **parameters), account, action, grant=True,
                      **parameters)["grant"]


def redeem(box, grant, account="acme", action="filter.list"):
    return box.staff("Redeem", account=account, action=action, grant=grant, request=new_request())["reason"]


def last_event(box, kind):
    return [e for e in box.control_rows("Events") if e["kind"] == kind][-1]


class Phone:
    """An authenticator app."""

    def __init__(self, box, admin="dana", purpose="support", **form):
        answer = box.control("Enroll", administrator=admin, purpose=purpose, **form)
        self.box, self.admin, self.id = box, admin, answer["authenticator"]
        self.secret = base64.b32decode(answer["secret"] + "=" * (-len(answer["secret"]) % 8))
        self.hash = form.get("hash", "sha1")
        self.digits = form.get("digits", 6)
        self.counts = form.get("kind") == "hotp"

    def code(self, factor):
        mac = hmac.new(self.secret, struct.pack(">q", factor), getattr(hashlib, self.hash)).digest()
        at = mac[-1] & 15
        return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10 ** self.digits:0{self.digits}}"

    def now(self):
        return 0 if self.counts else int(time.time()) // 30

    def confirm(self):
        # One step behind is as good, and is not another one when the step ends now.
        self.confirmed = self.now()
        self.box.control("Confirm", administrator=self.admin, authenticator=self.id, code=self.code(self.confirmed))
        return self

    def resync(self, first):
        return refusal(self.box.control, "Resync", administrator=self.admin, authenticator=self.id,
                       code=self.code(first), next=self.code(first + 1))

    def row(self):
        rows = self.box.control_rows("ListAuthenticators", administrator=self.admin)
        return [r for r in rows if r["authenticator"] == self.id][0]


# -- what the commands say and end ------------------------------------------------


@sandboxed
def an_account_is_suspended_resumed_frozen_and_removed(box):
    box.account()
    code, grant = box.issue(), grant_for(box, action="report.mail")
    box.staff("Prepare", account="acme", action="filter.list")
    says(box, 0, "Suspended account acme. Ended: 1 code, 0 sessions, 1 grant, 1 call, 0 tickets.", "account", "suspend", "acme")
    says(box, 0, "suspended", "account", "list")
    is_(box.verify(code)["reason"], "suspended")
    says(box, 1, "suspended already", "account", "suspend", "acme")
    says(box, 0, "What was ended stays ended", "account", "resume", "acme")
    is_(box.verify(code)["reason"], "cancelled")
    is_(redeem(box, grant, action="report.mail"), "cancelled")
    says(box, 1, "is not suspended", "account", "resume", "acme")
    is_(box.verify(box.issue())["verdict"], "accepted")

    says(box, 2, "--reason is missing", "account", "freeze", "acme")
    says(box, 0, "Froze account acme.", "account", "freeze", "acme", "--reason", "calls from a stranger")
    is_(last_event(box, "account-freeze")["note"], "calls from a stranger")
    is_(refusal(box.staff, "Prepare", account="acme", action="filter.list"), "frozen")
    says(box, 1, "another operator may thaw it now", "account", "thaw", "acme", "--reason", "all well")
    says(box, 0, "Removed account acme with 1 administrator", "account", "remove", "acme")
    says(box, 1, "no account of that name", "account", "show", "acme")
    out = says(box, 1, "no account of that name", "account", "show", "acme", "--json")
    told = json.loads(out)
    is_((told["error"], told["parameters"]["account"]), ("io.countersign.control.UnknownAccount", "acme"))
    is_(box.verify(code)["reason"], "unknown-account")


@sandboxed
def a_suspension_ends_every_code_from_before_a_crash(box):
    for name in ("acme", "bolt"):
        box.account(name, "p" + name)
    ours = [box.issue(admin="pacme", action="filter.list", target=[f"h{i}"]) for i in range(5)]
    theirs = box.issue("bolt", "pbolt")
    box.restart(signal.SIGKILL)
    ours.append(box.issue(admin="pacme", action="filter.list", target=["h5"]))
    says(box, 0, "Ended: 6 codes", "account", "suspend", "acme")
    says(box, 0, "active again", "account", "resume", "acme")
    for i, code in enumerate(ours):
        is_(box.verify(code, target=[f"h{i}"])["reason"], "cancelled")
    is_(box.verify(theirs, "bolt")["reason"], "accepted")


@sandboxed
def an_administrator_is_suspended_in_one_account_or_wholly(box):
    box.account()
    box.account("bolt", "gil")
    says(box, 1, "say --existing", "admin", "add", "bolt", "dana", "--reason", "x")
    says(box, 0, "Added administrator dana", "admin", "add", "bolt", "dana", "--existing", "--reason", "x")
    code = box.issue()
    says(box, 0, "Suspended dana. Ended: 1 code, 0 sessions, 0 grants, 0 calls, 0 tickets.", "admin", "suspend", "dana", "--account", "acme")
    is_(box.verify(code)["reason"], "cancelled")
    is_(issue_reason(box), "not-permitted")
    is_(issue_reason(box, "bolt"), "accepted")
    says(box, 1, "in one account: --account", "admin", "resume", "dana")
    says(box, 0, "dana is active again", "admin", "resume", "dana", "--account", "acme")
    says(box, 0, "Suspended dana. Ended: 1 code", "admin", "suspend", "dana", "--reason", "holiday")
    is_([issue_reason(box, a) for a in ("acme", "bolt")], ["not-permitted"] * 2)
    says(box, 0, "dana is active again", "admin", "resume", "dana")
    is_([issue_reason(box, a) for a in ("acme", "bolt")], ["accepted"] * 2)
    says(box, 0, "Removed dana from 1 account. Ended: 1 code", "admin", "remove", "dana", "--account", "bolt")
    is_([issue_reason(box, a) for a in ("acme", "bolt")], ["accepted", "not-permitted"])


@sandboxed
def rights_change_on_somebodys_word_and_widening_takes_a_day(box):
    box.account(actions=["filter.list", HIGH, "admin.change"])
    says(box, 1, "--reason TEXT", "admin", "add", "acme", "eli")
    says(box, 0, "Added administrator eli", "admin", "add", "acme", "eli", "--actions", HIGH, "--reason", "letter")
    is_(issue_reason(box, admin="eli", action=HIGH), "cooling-off")
    says(box, 2, "--reason is missing", "admin", "waive", "acme", "eli")
    says(box, 0, "may authorise high-risk changes for acme now", "admin", "waive", "acme", "eli", "--reason", "known")
    is_(issue_reason(box, admin="eli", action=HIGH), "accepted")

    grant = grant_for(box, action="admin.change", target=["eli"])
    says(box, 1, "another administrator", "admin", "rights", "acme", "dana", "--all", "--grant", input=grant + "\n")
    says(box, 2, "No grant was given. Nothing was done", "admin", "rights", "acme", "eli", "--all", "--grant")
    out = says(box, 0, "Changed the rights of eli for acme.", "admin", "rights", "acme", "eli", "--all", "--grant",
               input=grant + "\n")
    assert "High-risk changes wait until" in out, out
    says(box, 1, "spent already", "admin", "rights", "acme", "eli", "--all", "--grant",
         env={"COUNTERSIGN_GRANT": grant})
    is_(last_event(box, "admin-rights")["credential"], "G1")
    is_(issue_reason(box, admin="eli", action=HIGH), "cooling-off")

    first = json.loads(says(box, 0, "codes", "recovery", "new", "eli", "--json"))
    is_((first["administrator"], len(set(first["codes"]))), ("eli", 10))
    says(box, 2, "No grant was given. Nothing was done", "recovery", "new", "eli", "--grant")
    says(box, 1, "spent already", "recovery", "new", "eli", "--grant", input=grant + "\n")
    grant = grant_for(box, action="admin.change", target=["eli"])
    second = says(box, 0, "are void", "recovery", "new", "eli", "--grant", input=grant + "\n").splitlines()[:10]
    is_(len(set(first["codes"] + second)), 20, "none is one of before")
    is_(last_event(box, "recovery")["credential"], "G2")
    says(box, 0, "Changed the rights", "admin", "rights", "acme", "dana", "--actions", HIGH, "--reason", "less")
    is_(issue_reason(box, action=HIGH), "accepted", "narrowed")
    is_(issue_reason(box, action="filter.list"), "not-permitted")


@sandboxed
def a_reset_ends_what_somebody_had_and_an_invitation_is_told_once(box):
    box.account()
    out = says(box, 0, "Invited dana.", "admin", "invite", "dana")
    secret = out.split("Invitation")[1].split()[0]
    assert secret.startswith("N1-") and len(secret) == 35, secret
    Phone(box, purpose="login").confirm()
    out = says(box, 0, "They are not shown again", "recovery", "new", "dana")
    codes = out.splitlines()[:10]
    is_(len({c for c in codes if len(c) == 19}), 10, "recovery codes")
    says(box, 1, "--reset", "admin", "invite", "dana")
    says(box, 1, "--reason TEXT", "admin", "invite", "dana", "--reset")
    says(box, 1, "--reason TEXT", "recovery", "new", "dana")
    is_(issue_reason(box, action=HIGH), "accepted")
    says(box, 0, "Ended: 1 code, 0 sessions, 1 authenticator, 0 grants", "admin", "invite", "dana", "--reset", "--reason", "lost")
    is_(issue_reason(box, action=HIGH), "cooling-off")
    box.stop()
    held = b""
    for folder, _, names in os.walk(box.state):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                held += f.read()
    for text in [secret, secret[3:]] + codes + [c.replace("-", "") for c in codes]:
        is_(text.encode() in held + box.read_log().encode(), False, "written down")
        is_(bytes.fromhex(text.split("-", 1)[-1].replace("-", "")) in held, False, "written down in binary")
    box.start()


@sandboxed
def authenticators_of_every_form_are_enrolled_listed_resynchronised_and_removed(box):
    box.account()
    phone = Phone(box, label="work phone").confirm()
    token = Phone(box, kind="hotp", hash="sha256", digits=8).confirm()
    box.control("WaiveCooling", account="acme", administrator="dana", reason="set up at once")
    out = says(box, 0, "work phone", "authenticator", "list", "dana")
    for word in ("hotp", "sha256", "active"):
        assert word in out, out
    is_(box.verify(token.code(40), "acme/dana", "lists")["reason"], "wrong")
    says(box, 2, "Two codes are needed", "resync", "dana", token.id, input=token.code(40) + "\n")
    says(box, 1, "no two codes", "resync", "dana", token.id, input=f"{token.code(40)}\n{token.code(42)}\n")
    says(box, 0, f"{token.id} is in step again", "resync", "dana", token.id,
         input=f"{token.code(40)}\n{token.code(41)}\n")
    is_(box.verify(token.code(42), "acme/dana", "lists")["reason"], "accepted")
    out = says(box, 0, token.id, "resync", "dana", token.id, "--json", input=f"{token.code(50)}\n{token.code(51)}\n")
    is_(json.loads(out)["authenticator"], token.id)
    is_(phone.resync(phone.now() + 60), "accepted")
    is_(phone.row()["drift"] // 30 in (60, 61), True, "drift")
    pending = Phone(box)
    says(box, 0, f"Removed authenticator {pending.id}", "authenticator", "remove", "dana", pending.id)
    is_(issue_reason(box, action=HIGH), "accepted", "one that was pending")
    live = box.issue()
    says(box, 1, "--reason TEXT", "authenticator", "remove", "dana", phone.id)
    says(box, 0, "Removed authenticator", "authenticator", "remove", "dana", phone.id, "--reason", "lost")
    is_(issue_reason(box, action=HIGH), "cooling-off")
    is_(box.verify(live)["verdict"], "accepted", "what else there was")


@sandboxed
def a_technician_is_listed_suspended_and_resumed(box):
    box.account()
    says(box, 1, "has asked anything yet", "technician", "suspend", "nobody-here")
    box.verify(wrong_digits(box.issue()))
    row = box.control_rows("ListTechnicians")[0]
    is_((row["uid"], row["tries"], row["state"]), (os.getuid(), 1, "active"))
    grant, code = grant_for(box), box.issue()
    box.staff("Prepare", account="acme", action="report.mail")
    says(box, 0, "Ended: 1 grant, 1 call.", "technician", "suspend", row["technician"], "--reason", "left us")
    is_(refusal(box.verify, code), "NotPermitted")
    says(box, 4, "Your access is suspended", "verify", "acme", "--action", "filter.list", input=code + "\n")
    box.restart(signal.SIGKILL)
    is_(refusal(box.staff, "Prepare", account="acme", action="report.mail"), "NotPermitted")
    says(box, 0, "suspended", "technician", "list")
    says(box, 0, "may ask again", "technician", "resume", str(os.getuid()))
    is_(redeem(box, grant), "cancelled")
    is_(box.verify(code)["verdict"], "accepted")


# -- who may not --------------------------------------------------------------------


@test
def a_second_operator_thaws_at_once_and_a_technician_never():
    if os.getuid() != 0:
        raise Skip("needs root, to ask as other uids")
    people = """
role staff    {{ users = {{ "50001" }} }}
role operator {{ users = {{ "root", "50003" }} }}
role panel    {{ users = {{ }} }}
"""
    with Sandbox(conf=CONF, people=people) as box:
        box.account()
        os.chmod(box.path("control"), 0o666)        # the table refuses, not the file's mode

        def thaw():
            c = Connection(box.path("control"))
            return refusal(c.call, "io.countersign.control.ThawAccount", account="acme", reason="all well")

        box.control("FreezeAccount", account="acme", reason="x")
        is_(thaw(), "too-early", "who froze it")
        is_(as_uid(50001, thaw), "NotPermitted")
        is_(as_uid(50003, thaw), "accepted")
        is_(last_event(box, "account-thaw")["asserter"], "50003")
        is_(box.control("ShowAccount", account="acme")["state"], "active")


@sandboxed
def who_bears_the_name_of_somebody_who_left_never_acts_for_them(box):
    box.account()
    box.account("bolt", "gil")
    box.control("AddAdministrator", account="bolt", administrator="dana", existing=True, reason="x")
    phone = Phone(box).confirm()
    code, grant, request = box.issue(), grant_for(box, action="report.mail"), new_request()
    used = box.issue(action="lists")
    is_(box.verify(used, action="lists", request=request)["verdict"], "accepted")
    left = box.control("RemoveAdministrator", administrator="dana")
    is_((left["accounts"], left["codes"], left["authenticators"], left["grants"]), (2, 1, 1, 1))
    box.control("AddAdministrator", account="acme", administrator="dana", name="Dana Another")
    step = phone.now()
    for _ in range(2):
        is_(box.verify(code)["reason"], "cancelled")
        is_(redeem(box, grant, action="report.mail"), "cancelled")
        is_(box.verify(used, action="lists", request=request)["reason"], "used")
        is_(box.verify(phone.code(step + 1), "acme/dana", "lists")["reason"], "wrong")
        is_(issue_reason(box, "bolt"), "not-permitted")
        is_(issue_reason(box, action=HIGH), "cooling-off")
        is_(box.control_rows("ListAuthenticators", administrator="dana"), [])
        box.restart(signal.SIGKILL)
    answer = box.verify(box.issue())
    is_((answer["verdict"], answer["administrator_name"]), ("accepted", "Dana Another"))
    old, new = [e["administrator_name"] for e in box.control_rows("Events", administrator="dana")
                if e["kind"] == "admin-add" and e["account"] == "acme"]
    is_((old, new), ("Dana", "Dana Another"))


@sandboxed
def two_people_of_one_name_in_two_accounts_never_act_for_each_other(box):
    """To people they are both Dana Reyes; the name that the daemon goes by is one person's."""
    for account, admin, ref in (("acme", "dana", "p1"), ("bolt", "dana.r", "p2")):
        box.control("AddAccount", account=account)
        box.control("AddAdministrator", account=account, administrator=admin, name="Dana Reyes", ref=ref)
    is_(refusal(box.control, "AddAdministrator", account="bolt", administrator="dana", name="Dana Reyes",
                reason="x"), "Exists")
    is_(refusal(box.control, "AddAdministrator", account="bolt", administrator="dana3", name="Dana Reyes", ref="p1",
                reason="x"), "Exists")
    phones = {"acme": Phone(box, "dana").confirm(), "bolt": Phone(box, "dana.r").confirm()}
    step = phones["acme"].now() + 1
    for own, other, admin, namesake in (("acme", "bolt", "dana", "dana.r"), ("bolt", "acme", "dana.r", "dana")):
        code, grant = box.issue(own, admin), grant_for(box, own, admin, "report.mail")
        is_(issue_reason(box, other, admin), "not-permitted")
        is_(box.verify(code, other)["reason"], "wrong")
        is_(box.verify(code, f"{own}/{namesake}")["reason"], "not-permitted")
        is_(redeem(box, grant, other, "report.mail"), "other-target")
        for who in (f"{other}/{admin}", f"{other}/{namesake}", f"{own}/{namesake}"):
            is_(box.verify(phones[own].code(step), who, "lists")["reason"], "wrong", who)
        answer = box.verify(phones[own].code(step), f"{own}/{admin}", "lists")
        is_((answer["reason"], answer["administrator"]), ("accepted", admin))
        is_((box.verify(code, own)["reason"], redeem(box, grant, own, "report.mail")), ("accepted", "accepted"))
    box.control("RemoveAdministrator", administrator="dana")
    is_((issue_reason(box, "acme", "dana.r"), box.verify(box.issue("bolt", "dana.r"), "bolt")["reason"]),
        ("not-permitted", "accepted"))


# -- a crash -------------------------------------------------------------------------


@sandboxed
def a_crash_leaves_cooling_off_drift_counters_and_freezes(box):
    box.account()
    box.account("cold", "kim")
    box.control("AddAdministrator", account="acme", administrator="eli", reason="x")
    phone = Phone(box).confirm()
    token = Phone(box, kind="hotp").confirm()
    is_(phone.resync(phone.now() + 20), "accepted")
    is_(token.resync(50), "accepted")
    box.control("FreezeAccount", account="cold", reason="x")
    box.control("SuspendAdministrator", administrator="dana", account="acme")

    def state():
        admins = [(r["administrator"], r["state"], r.get("cooling_until", 0) // 60)
                  for r in box.control_rows("ListAdministrators", account="acme")]
        return admins, phone.row()["drift"], token.row()["wrong"], box.control("ShowAccount", account="cold")["state"]

    before = state()
    is_((before[0][0][1], before[3]), ("suspended", "frozen"))
    assert before[0][1][2] > 0 and before[1] >= 600, before
    box.restart(signal.SIGKILL)
    after = state()
    is_((after[1:], [a[:2] for a in after[0]]), (before[1:], [a[:2] for a in before[0]]))
    assert abs(after[0][1][2] - before[0][1][2]) <= 1, (after, before)
    is_(refusal(box.control, "ThawAccount", account="cold", reason="x"), "too-early")
    box.control("ResumeAdministrator", administrator="dana", account="acme")
    is_(box.verify(token.code(51), "acme/dana", "lists")["reason"], "wrong", "a counter that was used")
    is_(box.verify(token.code(52), "acme/dana", "lists")["reason"], "accepted")


# -- races ---------------------------------------------------------------------------


class Pool:
    """Connections on which calls are sent together and answered together."""

    def __init__(self, box):
        self.box, self.free = box, {"control": [], "staff": []}

    def together(self, calls):
        """(door, method, parameters) each; answers in their order."""
        used = []
        for door, method, parameters in calls:
            c = self.free[door].pop() if self.free[door] else self.box.connect(door)
            c.send(f"io.countersign.{door}.{method}", **parameters)
            used.append((door, c))
        answers = []
        for door, c in used:
            try:
                answers.append(c.receive()["parameters"])
            except Error as e:
                answers.append({"error": e.name, **e.parameters})
            self.free[door].append(c)
        return answers

    def all(self, door, method, rows):
        answers = self.together([(door, method, r) for r in rows])
        is_([a for a in answers if "error" in a or a.get("verdict") == "refused"], [], method)
        return answers


# What ends it all, what makes it as before, and on which account it is: "%d"
# becomes the number of the account, and a new one each round where it stays so.
ENDS = {
    "RemoveAdministrator": lambda i: dict(administrator=f"p{i}"),
    "SuspendAdministrator": lambda i: dict(administrator=f"p{i}"),
    "SuspendAccount": lambda i: dict(account=f"a{i}"),
    "FreezeAccount": lambda i: dict(account=f"a{i}", reason="race"),
    "RemoveAccount": lambda i: dict(account=f"a{i}"),
    "SetRights": lambda i: dict(account=f"a{i}", administrator=f"p{i}", actions=["mail.server"], reason="race"),
}
KINDS = {"RemoveAdministrator": "admin-remove", "SuspendAdministrator": "admin-suspend",
         "SuspendAccount": "account-suspend", "FreezeAccount": "account-freeze", "RemoveAccount": "account-remove",
         "SetRights": "admin-rights"}


def race(box, pool, end, first):
    """TOGETHER accounts at once: a code and a grant of each against its end."""
    numbers = range(first, first + TOGETHER)
    pool.all("control", "AddAccount", [dict(account=f"a{i}") for i in numbers])
    pool.all("control", "AddAdministrator", [dict(account=f"a{i}", administrator=f"p{i}") for i in numbers])

    def codes(action):
        return [a["code"] for a in pool.all("control", "Issue", [
            dict(account=f"a{i}", administrator=f"p{i}", action=action, request=new_request()) for i in numbers])]

    def verify(i, code, action, **more):
        return dict(account=f"a{i}", action=action, code=code, request=new_request(), **more)

    grants = []
    for action in ("report.mail", HIGH):
        grants.append([a["grant"] for a in pool.all("staff", "Verify", [
            verify(i, c, action, grant=True) for i, c in zip(numbers, codes(action))])])
    early, late = codes("report.mail"), codes("filter.list")

    def redeem_call(i, grant, action):
        return "staff", "Redeem", dict(account=f"a{i}", action=action, grant=grant, request=new_request())

    since = box.control("Status")["events"]
    calls = [("control", end, ENDS[end](i)) for i in numbers]
    calls += [("staff", "Verify", verify(i, c, "report.mail")) for i, c in zip(numbers, early)]
    calls += [redeem_call(i, g, "report.mail") for i, g in zip(numbers, grants[0])]
    random.shuffle(calls)
    answers = pool.together(calls)
    is_([a for a, c in zip(answers, calls) if c[1] == end and "error" in a], [], end)
    after = pool.together([("staff", "Verify", verify(i, c, "filter.list")) for i, c in zip(numbers, late)] +
                          [redeem_call(i, g, HIGH) for i, g in zip(numbers, grants[1])])
    is_([a for a in after if a["verdict"] != "refused"], [], "accepted after the reply")
    return check_order(box, since, KINDS[end])


def check_order(box, since, kind):
    """No acceptance for an account comes after its end; how many came before."""
    ended, won = set(), 0
    for event in box.control_rows("Events", after=since):
        if event["kind"] == kind:
            ended.add(event["account"])
        elif event["kind"] in ("verify", "redeem") and event.get("verdict") == "accepted":
            assert event["account"] not in ended, event
            won += 1
    is_(len(ended), TOGETHER, "ends in the log")
    return won


@test
def nothing_is_accepted_after_the_reply_to_what_ended_it():
    with Sandbox(conf=CONF) as box:
        pool, first, won, total = Pool(box), 0, 0, 0
        for end in ENDS:
            for _ in range(max(1, RACES // TOGETHER // len(ENDS))):
                won += race(box, pool, end, first)
                total += TOGETHER
                first += TOGETHER
        print(f"# {total} ends against {2 * total} presentations, of which {won} came first", flush=True)
        assert 0 < won < 2 * total, "no race"


@sandboxed
def nothing_is_accepted_of_a_technician_after_the_reply_to_a_suspension(box):
    box.account()
    pool, won, me = Pool(box), 0, str(os.getuid())
    for _ in range(max(4, RACES // 20)):
        codes = [box.issue(action=a) for a in ("report.mail", "filter.list")]
        calls = [("control", "SuspendTechnician", dict(technician=me)),
                 ("staff", "Verify", dict(account="acme", action="report.mail", code=codes[0],
                                          request=new_request()))]
        random.shuffle(calls)
        answers = pool.together(calls)
        won += [a for a in answers if a.get("verdict") == "accepted"] != []
        is_([a for a in answers if a.get("error", "NotPermitted") != "NotPermitted"], [])
        is_(refusal(box.verify, codes[1]), "NotPermitted")
        box.control("ResumeTechnician", technician=me)
        is_(box.verify(codes[1])["verdict"], "accepted", "resumed")
    print(f"# {won} came before the suspension", flush=True)


if __name__ == "__main__":
    finish()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The policy as people meet it: shadow mode from the first week to enforcement,
# through the command and the PAM module; overrides; explanations that look a
# technician up on this host; readiness over many accounts.

import base64
import hashlib
import hmac
import json
import struct
import time

from pam_box import ACTION, ME, ROOT, PamBox, foreign_group
from sandbox import Error, Skip, finish, is_, new_request, sanitized, test, wrong_digits

DONE, REFUSED, NOT_PERMITTED = 0, 1, 4
ACCOUNTS = 350


def verify(box, account, code, action="filter.list"):
    return box.cli("verify", account, "--action", action, input=code + "\n")


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


def readiness(box):
    status, out, err = box.cli("policy", "readiness", "--json")
    is_(status, DONE, err)
    return rows(out)[0]


def app_code(secret, wall):
    """RFC 6238 with what every app supports."""
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">q", wall // 30),
                      hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 10**6:06}"


def log_in_authenticator(box, admin, confirmed=True):
    answer = box.control("Enroll", administrator=admin, purpose="login")
    if confirmed:
        box.control("Confirm", administrator=admin, authenticator=answer["authenticator"],
                    code=app_code(answer["secret"], int(time.time())))


# ---- shadow mode, end to end ------------------------------------------------------

@test
def in_shadow_mode_the_command_lets_a_refusal_through_and_says_so(box):
    status, out, err = verify(box, "acme", wrong_digits(box.issue()))
    is_(status, DONE, err)
    assert "Let through, in shadow mode. Not accepted: no such code" in out, out
    status, out, err = verify(box, "bolt", box.issue("bolt", "eve"))
    is_(status, DONE, err)
    assert out.startswith("Accepted: Eve for Bolt."), out
    status, out, err = box.cli("verify", "acem", "--action", "filter.list", input="1\n")
    is_(status, REFUSED, "an unknown account")


@test
def in_shadow_mode_each_verdict_names_the_mode(box):
    code = box.issue()
    wrong = box.verify(wrong_digits(code))
    is_([wrong[k] for k in ("verdict", "reason", "mode")], ["accepted", "wrong", "shadow"])
    good = box.verify(code, grant=True)
    is_([good[k] for k in ("verdict", "reason", "mode")], ["accepted", "accepted", "shadow"])
    spent = box.staff("Redeem", account="acme", action="filter.list", grant=good["grant"], request=new_request())
    is_([spent[k] for k in ("verdict", "mode")], ["accepted", "shadow"])
    is_(box.verify(box.issue(action="report.mail"), action="report.mail")["mode"], "enforce")


@test
def in_shadow_mode_the_log_tells_what_was_let_through(box):
    verify(box, "acme", wrong_digits(box.issue()))
    status, out, err = box.cli("audit", "list", "--account", "acme")
    is_(status, DONE, err)
    assert out.splitlines()[-1].endswith("let through"), out
    event = rows(box.cli("audit", "list", "--account", "acme", "--json")[1])[-1]
    is_([event[k] for k in ("verdict", "reason", "mode")], ["refused", "wrong", "shadow"])


@test
def in_shadow_mode_a_grant_is_redeemed_as_what_was_let_through(box):
    grant = box.verify(wrong_digits(box.issue()), grant=True)["grant"]
    status, out, err = box.cli("redeem", "acme", "--action", "filter.list", input=grant + "\n")
    is_(status, DONE, err)
    assert "Let through, in shadow mode. Not accepted: no code authorised this" in out, out
    out = box.cli("audit", "list", "--account", "acme")[1].splitlines()[-1]
    assert "redeem" in out and out.endswith("let through"), out


@test
def in_shadow_mode_the_pam_module_lets_a_refusal_through(box):
    box.pam(ACTION, "answer=acme", "answer=" + wrong_digits(box.issue())).is_(
        authenticate="SUCCESS", acct_mgmt="SUCCESS")


@test
def an_account_moved_to_enforcement_is_refused_by_both(box):
    is_(box.cli("policy", "set", "filter.list", "--account", "acme", "--mode", "enforce")[0], DONE)
    status, out, err = verify(box, "acme", wrong_digits(box.issue()))
    is_(status, REFUSED, out)
    box.pam(ACTION + " tries=1", "answer=acme", "answer=" + wrong_digits(box.issue())).is_(
        "error Not accepted: no such code", authenticate="AUTH_ERR", acct_mgmt="PERM_DENIED")
    box.pam(ACTION, "answer=bolt", "answer=" + wrong_digits(box.issue("bolt", "eve"))).is_(
        authenticate="SUCCESS", acct_mgmt="SUCCESS")
    box.pam(ACTION, "answer=acme", "answer=" + box.issue()).is_(authenticate="SUCCESS", acct_mgmt="SUCCESS")
    box.restart()
    is_(verify(box, "acme", wrong_digits(box.issue()))[0], REFUSED, "after a restart")
    is_(box.cli("policy", "set", "filter.list", "--account", "acme", "--clear")[0], DONE)
    is_(verify(box, "acme", wrong_digits(box.issue()))[0], DONE, "after the override was cleared")


@test
def the_pam_module_asks_for_what_an_override_binds(box):
    is_(box.cli("policy", "set", "report.mail", "--account", "acme", "--bind-target")[0], DONE)
    code = box.issue(action="report.mail", target=["a@acme.example"])
    done = box.pam("action=report.mail", "answer=acme", "answer=a@acme.example", "answer=" + code)
    done.is_(authenticate="SUCCESS", acct_mgmt="SUCCESS")
    is_(done.prompts(), ["Customer account: ", "Target: ", "Code for Acme (acme): "])
    done = box.pam("action=report.mail", "answer=bolt", "answer=" + box.issue("bolt", "eve", action="report.mail"))
    done.is_(authenticate="SUCCESS", acct_mgmt="SUCCESS")
    is_(box.cli("policy", "set", "report.mail", "--account", "acme", "--clear")[0], DONE)


# ---- for people --------------------------------------------------------------------

@test
def the_list_shows_what_is_in_force_for_an_account(box):
    is_(box.cli("policy", "set", "general", "--account", "acme", "--require", "code", "--lifetime", "5m")[0], DONE)
    configured = {r["action"]: r for r in rows(box.cli("policy", "list", "--json")[1])}
    acme = {r["action"]: r for r in rows(box.cli("policy", "list", "--account", "acme", "--json")[1])}
    is_([configured["general"][k] for k in ("requires", "credentials", "lifetime", "override")],
        ["none", [], 600, False])
    is_([acme["general"][k] for k in ("requires", "credentials", "lifetime", "override")],
        ["code", ["code"], 300, True])
    is_(configured["dns.zone"]["groups"], [foreign_group()])
    table = [line.split() for line in box.cli("policy", "list", "--account", "acme")[1].splitlines()]
    at = table[0].index("LIFETIME")
    is_({row[0]: row[at] for row in table[1:] if row[0] in ("general", "report.mail")},
        {"general": "5m", "report.mail": "10m"})
    is_(box.cli("policy", "set", "general", "--account", "acme", "--clear")[0], DONE)
    is_(rows(box.cli("policy", "list", "--account", "acme", "--json")[1]), list(configured.values()))


@test
def a_looser_override_is_refused_with_a_sentence(box):
    for words in (["--require", "none"], ["--risk", "normal"], ["--mode", "shadow"], ["--authenticator", "yes"],
                  ["--lifetime", "20m"]):
        status, out, err = box.cli("policy", "set", "report.mail", "--account", "acme", *words)
        is_(status, REFUSED, out + err)
        assert "An override may only ask for more" in err, err


@test
def an_explanation_looks_the_technician_up_on_this_host(box):
    status, out, err = box.cli("policy", "explain", "dns.zone", "--account", "acme", "--as", ME)
    is_(status, DONE, err)
    assert f"{ME} may not ask for it: only technicians in group {foreign_group()} may." in out, out
    out = box.cli("policy", "explain", "report.mail", "--account", "acme", "--as", ME)[1]
    assert f"{ME} may ask for it, as every technician may." in out, out
    assert "Dana (dana) could authorise it now" in out, out
    told = rows(box.cli("policy", "explain", "report.mail", "--account", "acme", "--as", ME, "--json")[1])
    is_([row["say"] for row in told], [out.splitlines()])
    out = box.cli("policy", "explain", "report.mail", "--as", "sync" if ROOT else "nobody")[1]
    assert "may not ask for anything" in out, out
    status, out, err = box.cli("policy", "explain", "report.mail", "--as", "no-such-person")
    is_(status, NOT_PERMITTED, out)
    assert "no-such-person is no user of this host" in err, err


@test
def readiness_counts_accounts_and_what_would_have_been_refused(box):
    before = readiness(box)
    is_([before["accounts"], before["ready"]], [2, 0])
    verify(box, "acme", wrong_digits(box.issue()))              # for want of a code
    code = box.issue(action="report.mail")
    verify(box, "acme", code)                                   # another action's
    box.verify(wrong_digits(code), action="report.mail")        # enforced
    for i in range(ACCOUNTS):
        box.account(f"a{i}", f"p{i}")
        if i % 7 == 0:
            log_in_authenticator(box, f"p{i}", confirmed=i % 2 == 0)
    after = readiness(box)
    is_(after["accounts"], ACCOUNTS + 2)
    is_(after["ready"], len([i for i in range(ACCOUNTS) if i % 14 == 0]))
    is_([after["refused"] - before["refused"], after["without_code"] - before["without_code"]], [2, 1])
    status, out, err = box.cli("policy", "readiness")
    is_(out, f"25 of 352 accounts could get a code today; last week {after['refused']} changes would have been "
        f"refused, {after['without_code']} of them for want of a code.\n")


@test
def who_has_an_authenticator_but_no_password_is_shown_with_what_mends_it(box):
    lacking = readiness(box)["no_password"]
    is_(lacking, len([i for i in range(ACCOUNTS) if i % 14 == 0]))
    status, out, err = box.cli("admin", "list", "--no-password")
    is_((status, out.count("\n")), (DONE, lacking + 1), err)
    assert "p14 " in out and "p15 " not in out, out
    mends = "countersign admin invite p14 --reset --reason"
    assert mends in box.cli("admin", "show", "p14")[1]
    assert "Log-in" not in box.cli("admin", "show", "p15")[1]
    status, out, err = box.cli(*mends.split()[1:], "came from the old panel")
    is_(status, DONE, err)
    assert "Log-in" not in box.cli("admin", "show", "p14")[1]
    is_(readiness(box)["no_password"], lacking - 1)
    assert "want of a password" not in box.cli("policy", "readiness")[1]
    with open(box.conf) as f:
        text = f.read()
    with open(box.conf, "w") as f:
        f.write('panel-url = "https://panel.example"\n' + text)
    box.restart()
    assert (f" {lacking - 1} active administrators cannot log in to the control panel, for want of a password: "
            "countersign admin list --no-password.") in box.cli("policy", "readiness")[1]


@test
def readiness_forgets_what_is_older_than_a_week(box):
    if sanitized():
        raise Skip("the clock of a sanitizer's build is slow to set")
    box.set_clock("+8d")
    is_([readiness(box)[k] for k in ("accounts", "refused", "without_code")], [ACCOUNTS + 2, 0, 0])


@test
def dormant_administrators_are_counted_listed_and_suspended(box):
    if sanitized():
        raise Skip("the clock of a sanitizer's build is slow to set")
    is_(readiness(box)["dormant"], 0)
    for admin in ("old", "new"):
        box.control("AddAdministrator", account="acme", administrator=admin, reason="test")
    box.set_clock("+60d")
    box.issue(admin="new")
    box.set_clock("+99d")
    box.issue(admin="new")
    is_(box.cli("admin", "list", "acme", "--dormant", "--after", "100d")[1], "")
    status, out, err = box.cli("admin", "list", "acme", "--dormant")
    assert status == DONE and "LAST ACTIVE" in out and out.count("\n") == 3, out + err
    is_(sorted(row["administrator"] for row in box.control_rows("ListAdministrators", account="acme", dormant=True)),
        ["dana", "old"])
    status, out, err = box.cli("policy", "readiness")
    assert " administrators gave no sign of life for 90 days: countersign admin list --dormant." in out, out
    with open(box.conf) as f:
        text = f.read()
    with open(box.conf, "w") as f:
        f.write("suspend-dormant = yes\n" + text)
    box.restart()
    until = time.monotonic() + 30
    while time.monotonic() < until and box.control("ShowAdministrator", administrator="old")["state"] == "active":
        time.sleep(0.2)
    states = {row["administrator"]: row["state"] for row in box.control_rows("ListAdministrators", account="acme")}
    is_([states[a] for a in ("dana", "old", "new")], ["suspended", "suspended", "active"])
    is_({row["state"] for row in box.control_rows("ListAdministrators", account="a1")}, {"active"}, "a last one")
    notes = [e["note"] for e in box.control_rows("Events", account="acme") if e["kind"] == "admin-suspend"]
    is_(sorted(notes), [f"dormant: no sign of life for {days} days" for days in (91, 99)])
    is_(box.cli("admin", "resume", "old")[0], DONE)
    is_(box.cli("admin", "list", "acme", "--dormant")[1].count("\n"), 2, "the header and dana")


@test
def readiness_is_the_operators_alone(box):
    c = box.connect("staff")
    try:
        list(c.rows("io.countersign.control.PolicyReadiness"))
    except Error as e:
        is_(e.name, "InterfaceNotFound")
    else:
        raise AssertionError("it was answered on the staff socket")
    finally:
        c.close()


if __name__ == "__main__":
    box = PamBox(conf=f"""
limit {{ issue = "32/1s" technician = "32/1s" technician-pause = "1s" account = "32/1s" account-day = 10000 }}
action "filter.list" {{ mode = shadow }}
action "dns.zone" {{ require = code groups = {{ "{foreign_group()}" }} }}
""")
    with box.fake_clock():
        box.account()
        box.account("bolt", "eve")
        finish(box)

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Every verdict as a technician sees it: the command's exit status and the
# sentence, by table.

import json

from sandbox import WITH_PANEL, Sandbox, finish, is_, test, wrong_digits

DONE, REFUSED, USAGE, AWAY, NOT_PERMITTED, THROTTLED = range(6)


def misheard(code):
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def used(box):
    code = box.issue()
    is_(box.verify(code)["verdict"], "accepted")
    return code


def replaced(box):
    code = box.issue(action="filter.list")
    box.issue(action="filter.list")
    return code


def cancelled(box):
    code = box.issue("tries", "tess")
    for _ in range(3):
        is_(box.verify(wrong_digits(code), "tries", technician=None)["reason"], "wrong")
    return code


def expired(box):
    code = box.issue()
    box.set_clock("+11m")
    return code


def stopped(name, method, **parameters):
    """A code of an account that is stopped after it was issued."""
    def prepare(box):
        box.account(name, name)
        code = box.issue(name, name)
        box.control(method, account=name, **parameters)
        return code
    return prepare


FILTER = {"action": "filter.list", "target": ["a.example"]}
MAIL = {"action": "mail.server", "target": ["mx1.acme.example=203.0.113.9"]}
FOR_FILTER = ["acme", "--action", "filter.list", "--target", "a.example"]


def ticket(**scope):
    return lambda box: box.open_ticket(box.session, **scope)


def used_ticket(box):
    number = ticket(**FILTER)(box)
    is_(box.verify(number, **FILTER)["verdict"], "accepted")
    return number


def closed_ticket(box):
    number = ticket(**FILTER)(box)
    box.panel("CloseTicket", session=box.session, ticket=number)
    return number


def expired_ticket(box):
    number = ticket(**FILTER)(box)
    box.set_clock("+73h")
    return number


# what: (code, arguments, exit status, part of the sentence)
TABLE = {
    "an accepted code": (lambda box: box.issue(), ["acme", "--action", "filter.list"], DONE, "Dana for Acme. (V"),
    "a code with spaces and dashes": (lambda box: " ".join(box.issue()) + " - ", ["acme", "--action", "filter.list"],
                                      DONE, "Accepted"),
    "a code in full-width digits": (lambda box: "".join(chr(0xff10 + int(d)) for d in box.issue()),
                                    ["acme", "--action", "filter.list"], DONE, "Accepted"),
    "a high-risk code with its target": (
        lambda box: box.issue(action="mail.server", target=["mx1.acme.example=203.0.113.9"]),
        ["acme", "--action", "mail.server", "--target", "MX1.acme.example.=203.0.113.9"], DONE, "Accepted"),
    "wrong": (lambda box: wrong_digits(box.issue()), ["acme", "--action", "filter.list"], REFUSED,
              "no such code for this account"),
    "another account": (lambda box: box.issue(), ["other", "--action", "filter.list"], REFUSED,
                        "no such code for this account"),
    "misheard": (lambda box: misheard(box.issue()), ["acme", "--action", "filter.list"], REFUSED,
                 "a digit is wrong. No try was spent"),
    "a digit too many": (lambda box: box.issue() + "0", ["acme", "--action", "filter.list"], REFUSED,
                         "a support code is nine digits and nothing else. No try was spent"),
    "no digits at all": (lambda box: "hello", ["acme", "--action", "filter.list"], REFUSED,
                         "a support code is nine digits and nothing else. No try was spent"),
    "look-alike letters": (lambda box: "48310927O", ["acme", "--action", "filter.list"], REFUSED,
                           "No try was spent"),
    "a megabyte of digits": (lambda box: "4" * 2**20, ["acme", "--action", "filter.list"], REFUSED,
                             "No try was spent"),
    "control characters": (lambda box: "483\x01109\x1b276", ["acme", "--action", "filter.list"], REFUSED,
                           "No try was spent"),
    "used": (used, ["acme", "--action", "filter.list"], REFUSED, "by you, for the same change. Check whether it already went"),
    "replaced": (replaced, ["acme", "--action", "filter.list"], REFUSED, "Ask for the one the page shows now"),
    "cancelled": (cancelled, ["tries", "--action", "filter.list"], REFUSED, "too many wrong codes"),
    "other action": (lambda box: box.issue(action="report.mail"), ["acme", "--action", "filter.list"], REFUSED,
                     "\"Report of mail transferred\", not for this change. It is still good for that one"),
    "a code that names no action, for a high-risk one": (
        lambda box: box.issue(), ["acme", "--action", "service.change"], REFUSED,
        "generated without naming an action"),
    "other target": (
        lambda box: box.issue(action="mail.server", target=["mx1.acme.example=203.0.113.9"]),
        ["acme", "--action", "mail.server", "--target", "mx1.acme.example=203.0.113.66"], REFUSED,
        "mx1.acme.example → 203.0.113.9"),
    "not permitted": (lambda box: box.issue("acme", "rita", action="report.mail"),
                      ["acme/dana", "--action", "report.mail"], REFUSED, "not from the administrator you named"),
    "an administrator without the right": (lambda box: box.issue("acme", "rita"),
                                           ["acme", "--action", "filter.list"], REFUSED,
                                           "may not authorise this action"),
    "unknown account": (lambda box: "483109276", ["acem", "--action", "filter.list"], REFUSED,
                        "No account \"acem\". Did you mean acme?"),
    "suspended": (stopped("susan", "SuspendAccount"), ["susan", "--action", "filter.list"], REFUSED,
                  "This account is suspended"),
    "frozen": (stopped("frieda", "FreezeAccount", reason="test"), ["frieda", "--action", "filter.list"], REFUSED,
               "This account is frozen"),
    "unknown action": (lambda box: "483109276", ["acme", "--action", "mail.sever"], REFUSED,
                       "names no action \"mail.sever\"."),
    "a ticket that is not there": (lambda box: "T4821", ["acme", "--action", "filter.list"], REFUSED,
                                   "no such ticket"),
    "a ticket": (ticket(**FILTER), FOR_FILTER, DONE, "Accepted: Dana for Acme, by ticket T"),
    "a high-risk ticket": (ticket(**MAIL), ["acme", "--action", "mail.server", "--target", MAIL["target"][0]], DONE,
                           "by ticket T"),
    "a ticket in small letters, with a blank": (lambda box: "t " + ticket(**FILTER)(box)[1:], FOR_FILTER, DONE,
                                                "Accepted"),
    "a used ticket": (used_ticket, FOR_FILTER, REFUSED, "by you, and it authorises one change"),
    "a closed ticket": (closed_ticket, FOR_FILTER, REFUSED, "is closed and authorises nothing"),
    "another account's ticket": (ticket(**FILTER), ["other"] + FOR_FILTER[1:], REFUSED, "no such ticket"),
    "a ticket for another action": (ticket(**FILTER), ["acme", "--action", "report.mail"], REFUSED,
                                    "is for \"Add to an allow or deny list\", not for this change"),
    "a ticket for another target": (ticket(**FILTER), FOR_FILTER[:-1] + ["b.example"], REFUSED,
                                    "is for a.example, not for this target"),
    "a ticket that names no action": (ticket(), FOR_FILTER, REFUSED, "its author named no action"),
    "a colleague named with a ticket": (ticket(**FILTER), ["acme/rita"] + FOR_FILTER[1:], REFUSED,
                                        "this ticket is not from the administrator you named"),
    "a ticket with a letter in it": (lambda box: "T48a1", FOR_FILTER, REFUSED, "No try was spent"),
    "an action that needs nothing": (lambda box: "", ["acme", "--action", "general"], DONE, "Accepted"),
    "no action": (lambda box: "483109276", ["acme"], USAGE, "--action"),
    "no target where one is bound": (lambda box: "483109276", ["acme", "--action", "mail.server"], USAGE,
                                     "target"),
    "a code among the arguments": (lambda box: "", ["acme", "483109276", "--action", "filter.list"], USAGE,
                                   "argument"),
    "expired": (expired, ["acme", "--action", "filter.list"], REFUSED, "Generate a new one"),
    "an expired ticket": (expired_ticket, FOR_FILTER, REFUSED, "expired"),
}


def row(name, prepare, arguments, status, sentence):
    def check(box):
        got, out, err = box.cli("verify", *arguments, input=prepare(box) + "\n")
        is_(got, status, out + err)
        if sentence not in out + err:
            raise AssertionError(f"no {sentence!r} in {out + err!r}")

    check.__name__ = name
    test(check)


for what, columns in TABLE.items():
    row(what, *columns)


@test
def what_was_typed_cannot_look_like_the_columns_that_follow(box):
    box.verify("123456789", account='acme  general "dana"  root')
    box.verify(box.issue(), case="C1  mx9.example=203.0.113.66")
    status, out, err = box.cli("audit", "list")
    is_(status, DONE, err)
    forged, issued, case = out.splitlines()[-3:]
    assert "\"acme  general 'dana'  root\"" in forged, forged
    assert '"C1  mx9.example=203.0.113.66"' in case, case


@test
def events_of_an_account_are_found_by_its_ref(box):
    box.control("AddAccount", account="byref", ref="K-4711")
    status, out, err = box.cli("audit", "list", "--account", "ref:K-4711")
    is_(status, DONE, err)
    assert "account-add" in out and "byref" in out, out
    status, out, err = box.cli("audit", "list", "--account", "ref:K-4712")
    is_(status, REFUSED, out)


@test
def what_an_option_may_be_is_said_and_that_it_is_missing(box):
    status, out, err = box.cli("issue", "acme", "dana", "--action", "mail.server")
    is_((status, err.partition(" (")[0]), (USAGE, "countersign: --target is missing"), out)
    for arguments, sentence in (
            (["admin", "add", "acme", "eve", "--all", "--actions", "report.mail"], "instead of --all"),
            (["admin", "rights", "acme", "rita"], "--actions is missing (the only actions they may authorise, instead "
                                                  "of --all)"),
            (["account", "add", "a" * 65], "1 to 64 of a-z"), (["account", "add", "x", "--ref", "a b"], "no blank"),
            (["account", "add", "x", "--name", "x" * 129], "up to 128 bytes")):
        status, out, err = box.cli(*arguments)
        is_(status, USAGE, out)
        assert sentence in err, err
    status, out, err = box.cli("policy", "set", "filter.list", "--account", "acme", "--lifetime", "1m")
    is_(status, USAGE, out)
    assert "this value of --lifetime (how old a code may be: 2m to 30m)" in err, err


@test
def an_action_that_the_policy_does_not_name_is_told_by_its_name(box):
    status, out, err = box.cli("admin", "rights", "acme", "rita", "--actions", "report.mail,mail.sever", "--reason", "x")
    is_((status, err), (REFUSED, "The policy names no action \"mail.sever\". \"countersign actions\" lists them.\n"))


@test
def a_code_that_is_not_issued_is_refused_with_a_whole_sentence(box):
    box.account("halted", "hal")
    box.control("SuspendAdministrator", administrator="hal", account="halted")
    for arguments, sentence in (
            (["other", "dana"], "This person is no administrator of that account.\n"),
            (["halted", "hal"], "This person is suspended.\n"),
            (["acme", "rita", "--action", "filter.list"], "This administrator may not authorise this action for this "
                                                          "account. Ask for a code from one who may.\n")):
        status, out, err = box.cli("issue", *arguments)
        is_((status, err), (REFUSED, sentence), out)


@test
def another_socket_than_the_one_that_serves_it_is_told(box):
    status, out, err = box.cli("--socket", box.path("staff"), "status")
    is_((status, err), (AWAY, "This socket does not serve io.countersign.control: name the folder of the sockets "
                              "instead.\n"), out)


@test
def a_new_administrator_cools_off_for_high_risk_actions_only(box):
    # The command is refused a code that could not be used; the decision
    # itself is in test_verify.c.
    status, out, err = box.cli("issue", "acme", "rita", "--action", "service.change")
    is_(status, REFUSED, out + err)
    assert "may not authorise" in err or "24 hours" in err, err


@test
def too_many_wrong_codes_throttle_the_technician_with_exit_status_5(box):
    box.write_conf()        # the shipped limits
    box.restart()
    for _ in range(6):
        status, out, err = box.cli("verify", "acme", "--action", "filter.list", input=wrong_digits("11111111") + "\n")
    is_(status, THROTTLED, out + err)
    assert "Wait" in err and "The next try is " in err, err
    status, out, err = box.cli("--json", "verify", "acme", "--action", "filter.list", input="483109276\n")
    is_((status, json.loads(out)["wait"] > 0), (THROTTLED, True), err)


@test
def a_daemon_that_is_away_is_said_once_with_exit_status_3(box):
    box.stop()
    status, out, err = box.cli("verify", "acme", "--action", "filter.list", input="483109276\n")
    is_(status, AWAY)
    assert "Countersign does not answer" in err and "Nothing was changed" in err, err
    box.start()


if __name__ == "__main__":
    box = Sandbox(conf='limit { issue = "32/1s" ticket = "32/1s" technician = "32/1s" technician-pause = "1s" }\n',
                  people=WITH_PANEL)
    with box.fake_clock():
        box.account()
        box.session = box.log_in()
        box.account("other", "otto")
        box.account("tries", "tess")
        box.control("AddAdministrator", account="acme", administrator="rita", name="Rita", actions=["report.mail"],
                    reason="test")
        finish(box)

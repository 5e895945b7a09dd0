#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The PAM module's return codes, prompts and options against a real daemon,
# through the real libpam (tests/pam_client.c): as root it asks in a technician's
# name, as sudo does, as anybody else in its own.

import os
import signal
import time

from pam_box import ACTION, ME, ROOT, PamBox, finish_client, foreign_group, wait_for_line
from sandbox import Skip, finish, is_, is_quick, test, wrong_digits

OTHER = "nobody" if ME == "daemon" else "daemon"
ASKED_TWICE = ["Customer account: ", "Code for Acme (acme): "]
NEVER = "no such code for this account"


def wrong(box):
    return "answer=" + wrong_digits(box.issue())


def misheard(box):
    code = box.issue()
    return f"answer={code[:-1]}{(int(code[-1]) + 1) % 10}"


def right(box, **scope):
    return "answer=" + box.issue(**scope)


def used(box):
    code = box.issue()
    is_(box.verify(code, technician=ME)["verdict"], "accepted")
    return "answer=" + code


def replaced(box):
    code = box.issue(action="filter.list")
    box.issue(action="filter.list")
    return "answer=" + code


def expired(box):
    code = box.issue()
    box.set_clock("+11m")
    return "answer=" + code


def cancelled(box):
    code = box.issue("tries", "tess")
    for _ in range(3):
        is_(box.verify(wrong_digits(code), "tries", technician=ME)["reason"], "wrong")
    return "answer=" + code


def stopped(method):
    """The name of an account on which nothing may be changed."""
    def answer(box):
        name = "a" + method[:4].lower()
        box.account(name, "p" + method[:4].lower())
        box.control(method, account=name, reason="test")
        return "answer=" + name
    return answer


TARGET = "mx1.acme.example=203.0.113.9"
MAIL = dict(action="mail.server", target=[TARGET])

def ticket(box):
    return "answer=" + box.open_ticket(box.session, action="filter.list")


# what: (options, words; functions make answers), authenticate, acct_mgmt, prompts, parts of what was said
DENIED = "PERM_DENIED"
TABLE = {
    "a right code": (ACTION, ["answer=acme", right], "SUCCESS", "SUCCESS", ASKED_TWICE,
                     ["info Acme (acme) — Add to an allow or deny list", "info The caller finds the code at: ",
                      "info Accepted: Dana for Acme."]),
    "a ticket": (ACTION, ["answer=acme", ticket], "SUCCESS", "SUCCESS", ASKED_TWICE, ["by ticket T"]),
    "a ticket that is not there, then one": (ACTION, ["answer=acme", "answer=T4821", ticket], "SUCCESS", "SUCCESS",
                                             ASKED_TWICE + ASKED_TWICE[1:], ["error Not accepted: there is no such"]),
    "another action's ticket": ("action=report.mail", ["answer=acme", ticket, right], "CRED_INSUFFICIENT", DENIED,
                                ASKED_TWICE, ["is for \"Add to an allow or deny list\""]),
    "an administrator is named": (ACTION, ["answer=acme/dana", right], "SUCCESS", "SUCCESS", ASKED_TWICE, []),
    "a wrong code, then the right one": (ACTION, ["answer=acme", wrong, right], "SUCCESS", "SUCCESS",
                                         ASKED_TWICE + ASKED_TWICE[1:], ["error Not accepted: " + NEVER]),
    "a misheard code, then the right one": (ACTION, ["answer=acme", misheard, right], "SUCCESS", "SUCCESS",
                                            ASKED_TWICE + ASKED_TWICE[1:], ["error Misheard: "]),
    "three wrong codes": (ACTION, ["answer=acme", wrong, wrong, wrong, right], "ABORT", DENIED,
                          ASKED_TWICE + 2 * ASKED_TWICE[1:], [NEVER]),
    "a wrong code and one try": (ACTION + " tries=1", ["answer=acme", wrong, right], "AUTH_ERR", DENIED, ASKED_TWICE,
                                 [NEVER]),
    "a used code": (ACTION + " tries=1", ["answer=acme", used], "AUTH_ERR", DENIED, ASKED_TWICE,
                    ["by you, for the same change. Check whether it already went"]),
    "a replaced code": (ACTION + " tries=1", ["answer=acme", replaced], "AUTH_ERR", DENIED, ASKED_TWICE,
                        ["the page shows now"]),
    "a used code, then a new one": (ACTION, ["answer=acme", used, right], "SUCCESS", "SUCCESS",
                                    ASKED_TWICE + ASKED_TWICE[1:], []),
    "a cancelled code": (ACTION + " tries=1", ["answer=tries", cancelled], "AUTH_ERR", DENIED, None,
                         ["too many wrong codes"]),
    "another action's code": (ACTION, ["answer=acme", lambda box: right(box, action="report.mail"), right],
                              "CRED_INSUFFICIENT", DENIED, ASKED_TWICE, ["\"Report of mail transferred\""]),
    "another target's code": ("action=mail.server", ["answer=acme", "answer=mx1.acme.example=203.0.113.66",
                                                     lambda box: right(box, **MAIL), right],
                              "CRED_INSUFFICIENT", DENIED, ["Customer account: ", "Target: ", ASKED_TWICE[1]],
                              ["mx1.acme.example → 203.0.113.9"]),
    "a target that is none, then one": ("action=mail.server", ["answer=acme", "answer=mx1", "answer=" + TARGET,
                                                               lambda box: right(box, **MAIL)],
                                        "SUCCESS", "SUCCESS",
                                        ["Customer account: ", "Target: ", "Target: ", ASKED_TWICE[1]],
                                        ["error ", "info Acme (acme) — Change a mail server's IP"]),
    "an administrator without the right": (ACTION, ["answer=acme", lambda box: right(box, admin="rita")],
                                           "CRED_INSUFFICIENT", DENIED, ASKED_TWICE, ["may not authorise"]),
    "an action that this technician may not ask for": ("action=their.own", ["answer=acme"], DENIED, DENIED, [],
                                                       ["error You may not ask for this action"]),
    "an action that the policy does not name": ("action=mail.sever", ["answer=acme"], "SERVICE_ERR", DENIED, [],
                                                ["error The policy names no action"]),
    "an unknown account, then a known one": (ACTION, ["answer=acem", "answer=acme", right], "SUCCESS", "SUCCESS",
                                             ["Customer account: "] + ASKED_TWICE,
                                             ["error No account \"acem\". Did you mean acme?"]),
    "three unknown accounts": (ACTION, ["answer=acem", "answer=acem", "answer=acem", "answer=acme"], "ABORT",
                               DENIED, 3 * ["Customer account: "], []),
    "an unknown account and one try": (ACTION + " tries=1", ["answer=acem", "answer=acme"], "AUTH_ERR", DENIED,
                                       ASKED_TWICE[:1], ["error No account"]),
    "three targets that are none": ("action=mail.server account=acme", 3 * ["answer=mx1"] + ["answer=" + TARGET],
                                    "ABORT", DENIED, 3 * ["Target: "], []),
    "two unknown accounts and a wrong code": (ACTION, ["answer=acem", "answer=acem", "answer=acme", wrong, right],
                                              "ABORT", DENIED, 2 * ASKED_TWICE[:1] + ASKED_TWICE, [NEVER]),
    "a suspended account, then another": (ACTION, [stopped("SuspendAccount"), "answer=acme", right], "SUCCESS",
                                          "SUCCESS", ["Customer account: "] + ASKED_TWICE,
                                          ["error This account is suspended"]),
    "a frozen account, then another": (ACTION, [stopped("FreezeAccount"), "answer=acme", right], "SUCCESS", "SUCCESS",
                                       ["Customer account: "] + ASKED_TWICE, ["error This account is frozen"]),
    "a frozen account by option": (ACTION + " account=afree", [right], "AUTH_ERR", DENIED, [],
                                     ["error This account is frozen"]),
    "an unknown account by option": (ACTION + " account=acem", [right], "AUTH_ERR", DENIED, [], ["No account"]),
    "an action that needs nothing": ("action=general", [], "SUCCESS", "SUCCESS", [], []),
    "an action that needs nothing, and an account": ("action=general account=acme", [], "SUCCESS", "SUCCESS", [], []),

    # the conversation
    "no conversation function": (ACTION, ["no-conversation"], "CONV_ERR", DENIED, [], []),
    "no array": (ACTION, ["null-array"], "CONV_ERR", DENIED, ASKED_TWICE[:1], []),
    "no array for the code": (ACTION, ["answer=acme", "null-array"], "CONV_ERR", DENIED, ASKED_TWICE, []),
    "no answer": (ACTION, ["null-answer"], "CONV_ERR", DENIED, ASKED_TWICE[:1], []),
    "no answer for the code": (ACTION, ["answer=acme", "null-answer"], "CONV_ERR", DENIED, ASKED_TWICE, []),
    "an empty account": (ACTION, ["answer="], "CONV_ERR", DENIED, ASKED_TWICE[:1], []),
    "an empty code": (ACTION, ["answer=acme", "answer="], "CONV_ERR", DENIED, ASKED_TWICE, []),
    "an empty target": ("action=mail.server", ["answer=acme", "answer="], "CONV_ERR", DENIED, None, []),
    "a conversation that fails": (ACTION, ["answer=acme", "conv-error"], "CONV_ERR", DENIED, ASKED_TWICE, []),
    "a conversation without memory": (ACTION, ["answer=acme", "conv-memory"], "BUF_ERR", DENIED, ASKED_TWICE, []),
    "sshd's made-up password": (ACTION, ["answer=acme", "answer=\b\n\r\x7fINCORRECT"], "CONV_ERR", DENIED,
                                ASKED_TWICE, []),
    "a code of 10 kB": (ACTION + " tries=1", ["answer=acme", "big-answer"], "AUTH_ERR", DENIED, ASKED_TWICE,
                        ["error Misheard: "]),
    "an account of 10 kB": (ACTION + " tries=1", ["big-answer"], "AUTH_ERR", DENIED, ASKED_TWICE[:1],
                            ["error No account \"777"]),
    "control characters": (ACTION + " tries=1", ["answer=acme", "answer=483\x01\x1b[2J109\n276"], "AUTH_ERR", DENIED,
                           ASKED_TWICE, ["error Misheard: "]),
    "control characters in the account": (ACTION + " tries=1", ["answer=ac\x1b[2Jme"], "AUTH_ERR", DENIED,
                                          ASKED_TWICE[:1], ["error No account \"ac?[2Jme\""]),
    "bytes that are no UTF-8": (ACTION + " tries=1", ["answer=acme", b"answer=483\xff276"], "AUTH_ERR", DENIED,
                                ASKED_TWICE, ["error Misheard: "]),
    "an account in another character set": (ACTION, [b"answer=K\xf6ln", "answer=acme", right], "SUCCESS", "SUCCESS",
                                            ["Customer account: "] + ASKED_TWICE, ["error No account \"K?ln\""]),
    "a person who sees no messages": (ACTION, ["deaf", "answer=acme", wrong, right], "SUCCESS", "SUCCESS", None, []),

    # options
    "an account by option": (ACTION + " account=acme", [right], "SUCCESS", "SUCCESS", ASKED_TWICE[1:], []),
    "account and target by option": (f"action=mail.server account=acme target={TARGET}",
                                     [lambda box: right(box, **MAIL)], "SUCCESS", "SUCCESS", ASKED_TWICE[1:],
                                     ["info Acme (acme) — Change a mail server's IP or host name: mx1"]),
    "a target by option that is none": ("action=mail.server account=acme target=mx1", [right], "AUTH_ERR", DENIED,
                                        [], ["error "]),
    "prompts by option": (ACTION + " [account_prompt=Who? ] [code_prompt=Digits, please: ]", ["answer=acme", right],
                          "SUCCESS", "SUCCESS", ["Who? ", "Digits, please: "], []),
    "more tries": (ACTION + " tries=4", ["answer=acme", wrong, wrong, misheard, right], "SUCCESS", "SUCCESS",
                   ASKED_TWICE + 3 * ASKED_TWICE[1:], []),
    "an option that is none": (ACTION + " nullok", ["answer=acme", right], "SERVICE_ERR", "SERVICE_ERR", [], []),
    "failmode": (ACTION + " failmode=safe", ["answer=acme", right], "SERVICE_ERR", "SERVICE_ERR", [], []),
    "no action": ("account=acme", [right], "SERVICE_ERR", "SERVICE_ERR", [], []),
    "an empty action": ("action=", ["answer=acme", right], "SERVICE_ERR", "SERVICE_ERR", [], []),
    "a flag with a value": (ACTION + " quiet=yes", ["answer=acme", right], "SERVICE_ERR", "SERVICE_ERR", [], []),
    "a timeout of nothing": (ACTION + " timeout=0", ["answer=acme", right], "SERVICE_ERR", "SERVICE_ERR", [], []),
    "a timeout of 31": (ACTION + " timeout=31", ["answer=acme", right], "SERVICE_ERR", "SERVICE_ERR", [], []),
    "a timeout with a unit": (ACTION + " timeout=5s", ["answer=acme", right], "SERVICE_ERR", "SERVICE_ERR", [], []),
    "tries=10": (ACTION + " tries=10", ["answer=acme", right], "SERVICE_ERR", "SERVICE_ERR", [], []),
    "a socket that is no whole path": (ACTION + " socket=staff", ["answer=acme", right], "SERVICE_ERR",
                                       "SERVICE_ERR", [], []),
    "a path that fits no socket": (ACTION + " socket=/" + "x" * 120, ["answer=acme", right], "ABORT", DENIED, [],
                                   ["error Countersign cannot be asked: larger than allowed. Nothing was changed."]),
    "debug": (ACTION + " debug", ["answer=acme", right], "SUCCESS", "SUCCESS", ASKED_TWICE, []),

    # shadow mode
    "shadow: a right code": ("action=trial", ["answer=acme", lambda box: right(box, action="trial")], "SUCCESS",
                             "SUCCESS", ASKED_TWICE, []),
    "shadow: a wrong code": ("action=trial", ["answer=acme", wrong], "SUCCESS", "SUCCESS", ASKED_TWICE, []),
    "shadow: no conversation": ("action=trial account=acme", ["no-conversation"], "SUCCESS", "SUCCESS", [], []),
    "shadow: nobody to ask for the target": ("action=bound.trial account=acme", ["no-conversation"], "AUTH_ERR",
                                             DENIED, [], []),
    "shadow: no answer": ("action=trial", ["answer=acme", "conv-error"], "SUCCESS", "SUCCESS", ASKED_TWICE, []),
    "shadow: nobody named": ("action=trial", ["no-conversation"], "CONV_ERR", DENIED, [], []),
    "shadow: an empty account": ("action=trial", ["answer=", right], "CONV_ERR", DENIED, ASKED_TWICE[:1], []),
    "shadow: an interrupt after an unknown account": ("action=trial", ["answer=acem", "conv-error", right], "CONV_ERR",
                                                      DENIED, 2 * ASKED_TWICE[:1], ["error No account \"acem\""]),
    "shadow: an unknown account": ("action=trial account=acem", ["answer=1"], "AUTH_ERR", DENIED, [], []),

    "an expired code": (ACTION + " tries=1", ["answer=acme", expired], "AUTH_ERR", DENIED, ASKED_TWICE,
                        ["Generate a new one"]),
}


def row(name, options, words, authenticate, acct_mgmt, prompts, said):
    def check(box):
        done = box.pam(options, *[w(box) if callable(w) else w for w in words])
        done.is_(*said, authenticate=authenticate, acct_mgmt=acct_mgmt)
        if authenticate == "SUCCESS":
            done.is_(setcred="SUCCESS")
        if prompts is not None:
            is_(done.prompts(), prompts, done.output)

    check.__name__ = name
    test(check)


for what, columns in TABLE.items():
    row(what, *columns)


@test
def every_prompt_is_shown_as_it_is_typed_unless_noecho(box):
    box.set_clock("+0")
    done = box.pam(ACTION, "answer=acme", right(box))
    is_([len(done.said("ask ")), len(done.said("hidden "))], [2, 0])
    done = box.pam(ACTION + " noecho", "answer=acme", right(box)).is_(authenticate="SUCCESS")
    is_([len(done.said("ask ")), len(done.said("hidden "))], [0, 2])


@test
def silence_and_quiet_leave_prompts_and_refusals(box):
    for options, words in ((ACTION, ["silent"]), (ACTION + " quiet", [])):
        done = box.pam(options, *words, "answer=acme", wrong(box), right(box)).is_(authenticate="SUCCESS")
        is_(done.said("info "), [])
        is_(len(done.said("error ")), 1)
        is_(done.prompts(), ASKED_TWICE + ASKED_TWICE[1:])


@test
def a_failure_is_delayed_unless_nodelay(box):
    name = box.service(ACTION)
    path = os.path.join(box.services, name)
    with open(path) as f:
        text = f.read()
    for service, delays in ((text, 0), (text.replace(" nodelay", ""), 1)):
        with open(path, "w") as f:
            f.write(service)
        done = box.run(name, "start", "conv-error", "authenticate", "end").is_(authenticate="CONV_ERR")
        is_(len(done.said("delay")), delays)


@test
def an_unknown_technician_is_told_before_any_prompt(box):
    if not ROOT:
        raise Skip("needs root, who alone may name a technician")
    box.pam(ACTION, "answer=acme", user="no-such-person").is_("error no-such-person is no user of this host",
                                                             authenticate="USER_UNKNOWN", acct_mgmt=DENIED)
    done = box.pam(ACTION, "answer=acme", user="root").is_("cannot be named", authenticate="USER_UNKNOWN")
    is_(done.prompts(), [])


@test
def an_ordinary_application_cannot_name_another(box):
    if ROOT:
        raise Skip("root may")
    done = box.pam(ACTION, "answer=acme", user="nobody").is_(authenticate=DENIED, acct_mgmt=DENIED)
    is_(done.prompts(), [])


@test
def a_handle_without_a_user_or_with_an_endless_one_is_nobody(box):
    for user in ("", "x" * 300):
        done = box.pam(ACTION, "answer=acme", user=user).is_(authenticate="USER_UNKNOWN", acct_mgmt=DENIED)
        is_(done.prompts(), [])


@test
def who_asked_comes_before_who_is_to_be(box):
    box.pam(ACTION, "ruser=" + ME, "answer=acme", right(box), user="root").is_(authenticate="SUCCESS",
                                                                              acct_mgmt="SUCCESS")


# -- once, and by the same -------------------------------------------------------

def on_a_handle(box, options, *words, **arguments):
    return box.run(box.service(options), "start", *words, "end", **arguments)


@test
def the_account_phase_alone_denies(box):
    on_a_handle(box, ACTION, "acct_mgmt").is_(acct_mgmt=DENIED)


@test
def one_acceptance_opens_one_change(box):
    on_a_handle(box, ACTION, "answer=acme", right(box), "authenticate", "acct_mgmt", "acct_mgmt").is_(
        authenticate="SUCCESS", acct_mgmt="SUCCESS " + DENIED)


@test
def an_acceptance_does_not_outlast_a_failure_on_the_handle(box):
    on_a_handle(box, ACTION, "answer=acme", right(box), "conv-error", "authenticate", "authenticate",
                "acct_mgmt").is_(authenticate="SUCCESS CONV_ERR", acct_mgmt=DENIED)


# With export the module alone decides in the account phase; else the daemon too.
ACCOUNT_PHASES = (ACTION, ACTION + " export")


@test
def an_acceptance_is_not_another_technicians(box):
    for options in ACCOUNT_PHASES:
        for change in ("ruser=" + OTHER, "user=" + OTHER):
            on_a_handle(box, options, "answer=acme", right(box), "authenticate", change, "acct_mgmt").is_(
                authenticate="SUCCESS", acct_mgmt=DENIED)


ANOTHER_ACTION = "error This PAM service asks for one action and checks another. Tell the operator."


def service_lines(box, options):
    """Its auth and its account line."""
    with open(os.path.join(box.services, box.service(options))) as f:
        return f.read().splitlines()


def service_of(box, *lines):
    name = box.service(ACTION)
    with open(os.path.join(box.services, name), "w") as f:
        f.write("\n".join(lines) + "\n")
    return name


@test
def an_acceptance_is_not_another_actions(box):
    for options in ACCOUNT_PHASES:
        auth, account = service_lines(box, options)
        name = service_of(box, auth, account.replace(ACTION, "action=report.mail"))
        box.run(name, "start", "answer=acme", right(box), "authenticate", "acct_mgmt", "end").is_(
            ANOTHER_ACTION, authenticate="SUCCESS", acct_mgmt=DENIED)


@test
def two_actions_in_one_service_open_nothing_and_it_is_said_why(box):
    first = service_lines(box, ACTION)
    second = service_lines(box, "action=report.mail")
    name = service_of(box, first[0], second[0], first[1], second[1])
    done = box.run(name, "start", "answer=acme", right(box), "answer=acme", right(box, action="report.mail"),
                   "authenticate", "acct_mgmt", "end").is_(authenticate="SUCCESS", acct_mgmt=DENIED)
    is_(done.said("error "), [ANOTHER_ACTION])


@test
def two_handles_at_once_do_not_know_each_other(box):
    code = right(box)
    box.run(box.service(ACTION), "handle=0", "start", "handle=1", "start", "handle=0", "answer=acme", code,
            "authenticate", "handle=1", "acct_mgmt", "answer=acme", code, "conv-error", "authenticate", "handle=0",
            "acct_mgmt", "end", "handle=1", "end").is_("error Not accepted: this code was used",
                                                      authenticate="SUCCESS CONV_ERR", acct_mgmt=DENIED + " SUCCESS")


@test
def with_export_the_command_redeems_for_its_own_arguments(box):
    done = on_a_handle(box, ACTION + " export", "answer=acme", right(box), "authenticate", "acct_mgmt",
                       "getenv=COUNTERSIGN_GRANT", "acct_mgmt").is_(authenticate="SUCCESS",
                                                                   acct_mgmt="SUCCESS " + DENIED)
    grant = done.said("env ")[0].split()[1]
    question = dict(account="acme", action="filter.list", technician=ME, grant=grant)
    for reason, change in (("other-action", {"action": "report.mail"}), ("accepted", {}), ("used", {})):
        is_(box.staff("Redeem", request=os.urandom(16).hex(), **{**question, **change})["reason"], reason)


@test
def without_export_no_grant_is_left(box):
    on_a_handle(box, ACTION, "answer=acme", right(box), "authenticate", "acct_mgmt", "getenv=COUNTERSIGN_GRANT").is_(
        "env (none)", acct_mgmt="SUCCESS")


@test
def a_forged_environment_does_nothing(box):
    forged = {"COUNTERSIGN_GRANT": "G1-" + "0" * 32, "COUNTERSIGN_SOCKET": "/nowhere"}
    on_a_handle(box, ACTION, "acct_mgmt", "answer=acme", right(box), "authenticate", "acct_mgmt", env=forged).is_(
        authenticate="SUCCESS", acct_mgmt=DENIED + " SUCCESS")


@test
def session_and_password_functions_are_absent(box):
    service = box.service(ACTION)
    with open(os.path.join(box.services, service)) as f:
        line = f.read().splitlines()[0]
    with open(os.path.join(box.services, service), "a") as f:
        f.write(line.replace("auth", "session", 1) + "\n" + line.replace("auth", "password", 1) + "\n")
    done = box.run(service, "start", "open_session", "chauthtok", "end")
    is_([done.codes("open_session"), done.codes("chauthtok")], [["MODULE_UNKNOWN"], ["MODULE_UNKNOWN"]])


# -- a conversation that is resumed ----------------------------------------------

@test
def a_conversation_is_resumed_at_each_prompt(box):
    for options, answers, scope in ((ACTION, ["answer=acme"], {}),
                                    ("action=mail.server", ["answer=acme", "answer=" + TARGET], MAIL)):
        answers = answers + [right(box, **scope)]
        for at in range(len(answers)):
            words = answers[:at] + ["conv-again"] + answers[at:]
            done = on_a_handle(box, options, *words, "authenticate", "acct_mgmt", "authenticate", "acct_mgmt").is_(
                authenticate="INCOMPLETE SUCCESS")
            is_(done.codes("acct_mgmt")[-1], "SUCCESS")
            assert done.codes("acct_mgmt")[0] != "SUCCESS", done.output
            is_(len(done.prompts()), len(answers) + 1, done.output)
            answers[-1] = right(box, **scope)


@test
def resuming_does_not_add_tries(box):
    done = on_a_handle(box, ACTION, "answer=acme", wrong(box), wrong(box), "conv-again", wrong(box), right(box),
                       "authenticate", "authenticate", "acct_mgmt").is_(authenticate="INCOMPLETE ABORT",
                                                                       acct_mgmt=DENIED)
    is_(len(done.prompts()), 5, done.output)


# -- a code from an earlier module -------------------------------------------------

EARLIER = "auth [default=ignore] pam_unix.so nodelay\n"


def with_first_pass(box, options, *words, account="account=acme "):
    if not any(os.path.exists(f"{d}/security/pam_unix.so")
               for d in ("/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib", "/lib64", "/usr/lib64")):
        raise Skip("needs pam_unix")
    return box.pam(f"{ACTION} {account}{options}", *words, before=EARLIER)


@test
def use_first_pass_takes_the_earlier_answer_and_nothing_else(box):
    done = with_first_pass(box, "use_first_pass", right(box)).is_(authenticate="SUCCESS", acct_mgmt="SUCCESS")
    is_(done.prompts(), ["Password: "])
    done = with_first_pass(box, "use_first_pass", wrong(box), right(box)).is_(authenticate="ABORT", acct_mgmt=DENIED)
    is_(done.prompts(), ["Password: "])
    done = box.pam(f"{ACTION} account=acme use_first_pass", right(box)).is_(authenticate="CONV_ERR")
    is_(done.prompts(), [])


@test
def try_first_pass_asks_when_it_was_refused(box):
    done = with_first_pass(box, "try_first_pass", wrong(box), right(box)).is_(authenticate="SUCCESS")
    is_(done.prompts(), ["Password: ", ASKED_TWICE[1]])
    box.pam(f"{ACTION} account=acme try_first_pass", right(box)).is_(authenticate="SUCCESS")


@test
def a_mistyped_account_does_not_spend_the_earlier_answer(box):
    for options in ("use_first_pass", "try_first_pass"):
        done = with_first_pass(box, options, right(box), "answer=acem", "answer=acme", account="").is_(
            authenticate="SUCCESS", acct_mgmt="SUCCESS")
        is_(done.prompts(), ["Password: "] + 2 * ASKED_TWICE[:1])


@test
def without_them_the_staff_password_is_not_offered_as_a_code(box):
    done = with_first_pass(box, "", wrong(box), right(box)).is_(authenticate="SUCCESS", acct_mgmt="SUCCESS")
    is_(done.said("error "), [], done.output)


# -- many at once ------------------------------------------------------------------

def all_at_once(box, accounts_and_codes):
    service = box.service(ACTION + " tries=1 timeout=30")
    children = [box.spawn(service, "start", "wait", "answer=" + account, code, "authenticate", "acct_mgmt", "end")
                for account, code in accounts_and_codes]
    for child in children:
        wait_for_line(child)
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    done = [finish_client(child, None) for child in children]
    return [d.codes()[0] for d in done], [d.codes("acct_mgmt")[0] for d in done]


@test
def twenty_processes_with_one_code_have_one_success(box):
    authenticated, opened = all_at_once(box, 20 * [("acme", right(box))])
    is_([authenticated.count("SUCCESS"), authenticated.count("AUTH_ERR")], [1, 19])
    is_([opened.count("SUCCESS"), opened.count(DENIED)], [1, 19])


@test
def twenty_processes_with_twenty_codes_have_twenty_successes(box):
    for i in range(20):
        box.account(f"a{i}", f"p{i}")
    codes = [(f"a{i}", right(box, account=f"a{i}", admin=f"p{i}")) for i in range(20)]
    is_(all_at_once(box, codes), (20 * ["SUCCESS"], 20 * ["SUCCESS"]))


# -- the daemon ----------------------------------------------------------------------

@test
def a_daemon_that_stopped_costs_the_timeout_and_no_more(box):
    code = right(box)
    box.process.send_signal(signal.SIGSTOP)

    def wait():
        began = time.monotonic()
        done = box.pam(ACTION + " timeout=1", "answer=acme", code).is_(
            "error Countersign does not answer in time.", authenticate="ABORT", acct_mgmt=DENIED)
        took = time.monotonic() - began
        is_(done.prompts(), [])
        assert took > 0.9, took
        return took

    try:
        is_quick(2, wait)
    finally:
        box.process.send_signal(signal.SIGCONT)


@test
def an_acceptance_that_cannot_be_redeemed_opens_nothing(box):
    service = box.service(ACTION)
    child = box.spawn(service, "start", "answer=acme", right(box), "authenticate", "wait", "acct_mgmt", "end")
    assert "authenticate SUCCESS" in wait_for_line(child)
    box.stop()
    finish_client(child).is_("error Countersign does not answer", acct_mgmt="ABORT")
    box.start()


@test
def a_daemon_that_is_away_is_said_once_and_nothing_is_asked(box):
    box.stop()
    done = box.pam(ACTION, "answer=acme").is_("error Countersign does not answer (daemon not running). Nothing was "
                                             "changed.", authenticate="ABORT", acct_mgmt=DENIED)
    is_([done.prompts(), len(done.said("error "))], [[], 1])
    box.start()


@test
def a_throttled_technician_is_told_how_long_before_any_code_is_asked(box):
    box.write_conf('limit { technician = "2/10m" }\n')
    box.restart()
    box.pam(ACTION, "answer=acme", "answer=" + wrong_digits("11111111"), "answer=" + wrong_digits("22222222"),
            "answer=" + wrong_digits("33333333")).is_("error Wait ", authenticate="ABORT", acct_mgmt=DENIED)
    done = box.pam(ACTION, "answer=acme").is_("error Wait ", "The next try is ", authenticate="ABORT",
                                             acct_mgmt=DENIED)
    is_(done.prompts(), [])


CONF = f"""
limit {{ issue = "32/1s" ticket = "32/1s" technician = "32/1s" technician-pause = "1s" account = "32/1s" account-day = 100000 }}
action "their.own" {{ title = "Somebody else's" require = "code" groups = {{ "{foreign_group()}" }} }}
action "trial" {{ title = "On trial" require = "code" mode = shadow }}
action "bound.trial" {{ title = "On trial" require = "code" bind-target = true mode = shadow }}
"""

if __name__ == "__main__":
    box = PamBox(CONF)
    with box.fake_clock():
        box.account()
        box.session = box.log_in()
        box.account("tries", "tess")
        box.control("AddAdministrator", account="acme", administrator="rita", name="Rita", actions=["report.mail"],
                    reason="test")
        finish(box)

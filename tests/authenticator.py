#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Authenticators from enrolment to use, oathtool being the phone: what their
# codes serve, what they never serve, and that each one serves once.

import os
import time

from sandbox import STEP, Error, Phone, Sandbox, Skip, as_uid, finish, is_, new_request, test

ISSUER = 50005
REST = 50
GENEROUS = 'limit { issue = "32/1s" technician = "32/1s" technician-day = 10000 account = "32/1s" account-day = 10000 }\n'
ACTIONS = """
action "report.mail" { authenticator = true }
action "plain"       { title = "Without authenticators" require = code }
action "bound"       { title = "Bound to its target" require = code bind-target = true }
"""


def enroll(box, admin="dana", purpose="support"):
    return Phone(box.control("Enroll", administrator=admin, purpose=purpose))


def confirm(box, phone, code, admin="dana"):
    try:
        box.control("Confirm", administrator=admin, authenticator=phone.id, code=code)
    except Error as e:
        return e.name
    return "confirmed"


class Steps:
    """One moment for a test, at the beginning of a step, and its steps."""

    def __init__(self, box, phone):
        self.phone, self.now = phone, box.now()

    def __getitem__(self, step):
        return self.phone.code(self.now + step * STEP)


def ready(box, admin="dana", purpose="support"):
    """A confirmed authenticator; the next code to use is that of step 0."""
    phone = enroll(box, admin, purpose)
    steps = Steps(box, phone)
    is_(confirm(box, phone, steps[-1], admin), "confirmed")
    return steps


def by_phone(box, code, account="acme/dana", action="report.mail", **parameters):
    return box.verify(code, account, action, **parameters)["reason"]


def desk(conf=""):
    box = Sandbox(conf=GENEROUS + ACTIONS + conf).fake_clock().begin_step().start()
    box.account(actions=["report.mail", "filter.list", "plain", "service.change", "mail.server", "bound"])
    return box


def sandboxed(function):
    def check():
        box = desk()
        try:
            function(box)
        finally:
            box.close()

    check.__name__ = function.__name__
    return test(check)


def wrong_code(right):
    return f"{(int(right) + 1) % 10**6:06}"


@sandboxed
def it_serves_nothing_until_its_owner_has_shown_a_code(box):
    phone = enroll(box)
    steps = Steps(box, phone)
    is_(by_phone(box, steps[0]), "wrong", "pending")
    is_(confirm(box, phone, wrong_code(steps[0])), "Refused", "a wrong code")
    is_(confirm(box, phone, "48 31"), "Refused", "no code")
    is_(confirm(box, phone, steps[-1]), "confirmed")
    is_(confirm(box, phone, steps[0]), "Exists", "confirmed twice")
    is_(by_phone(box, steps[-1]), "used", "the code that confirmed it")
    is_(by_phone(box, steps[0]), "accepted")


@sandboxed
def its_code_is_accepted_once(box):
    steps, request = ready(box), new_request()
    first = box.verify(steps[0], "acme/dana", "report.mail", request=request)
    is_((first["verdict"], first["administrator"]), ("accepted", "dana"))
    is_(box.verify(steps[0], "acme/dana", "report.mail", request=request), first, "asked again")
    is_(by_phone(box, steps[0]), "used")
    is_(by_phone(box, steps[-1]), "used", "an older one")
    box.restart(9)
    is_(by_phone(box, steps[0]), "used", "after kill -9")
    is_(by_phone(box, steps[1]), "accepted", "the next one")
    is_(by_phone(box, steps[0]), "used", "the one before it")


@sandboxed
def spaces_and_the_other_way_to_name_the_administrator_do_no_harm(box):
    steps = ready(box)
    is_(by_phone(box, steps[0][:3] + " " + steps[0][3:], "acme", administrator="dana"), "accepted")


@sandboxed
def it_takes_the_name_of_its_owner(box):
    steps = ready(box)
    box.control("AddAdministrator", account="acme", administrator="rita", reason="test")
    box.account("other", "otto")
    is_(by_phone(box, steps[0], "acme"), "misheard", "nobody named")
    is_(by_phone(box, steps[0], "acme/rita"), "wrong", "a colleague")
    is_(by_phone(box, steps[0], "acme/nobody"), "wrong", "nobody of that name")
    is_(by_phone(box, steps[0], "other/dana"), "wrong", "another account")
    is_(by_phone(box, steps[0]), "accepted", "none of that spent it")


@sandboxed
def it_never_serves_what_is_high_or_bound_or_not_opened_to_it(box):
    steps = ready(box)
    for action, targets in (("service.change", {}), ("mail.server", {"target": ["mx1.acme.example=203.0.113.9"]}),
                            ("bound", {"target": ["x"]}), ("plain", {}), ("filter.list", {})):
        is_(by_phone(box, steps[0], action=action, **targets), "not-permitted", action)
    is_(by_phone(box, steps[0]), "accepted", "none of that spent it")


@sandboxed
def a_log_in_authenticator_never_serves_on_the_phone(box):
    steps = ready(box, purpose="login")
    is_(by_phone(box, steps[0]), "wrong")
    support = ready(box)
    is_(by_phone(box, steps[0]), "wrong", "beside a support one")
    is_(by_phone(box, support[0]), "accepted")


@sandboxed
def either_of_two_serves_and_each_code_once(box):
    first, second = ready(box), ready(box)
    is_(by_phone(box, second[0]), "accepted")
    is_(by_phone(box, first[0]), "accepted")
    is_([by_phone(box, s[0]) for s in (first, second)], ["used", "used"])


@sandboxed
def a_phone_that_is_minutes_off_does_not_serve(box):
    steps = ready(box)
    for step in (-20, -3, 4, 20):
        is_(by_phone(box, steps[step]), "wrong", f"{step} steps")
    is_(by_phone(box, steps[0]), "accepted")


@sandboxed
def it_rests_after_fifty_wrong_tries(box):
    steps = ready(box)
    right = {steps[i] for i in range(-2, 4)}
    guesses = [g for g in (f"{n:06}" for n in range(REST + len(right))) if g not in right][:REST]
    for guess in guesses:
        while (reason := by_phone(box, guess)) == "throttled":
            time.sleep(0.1)
        is_(reason, "wrong")
    time.sleep(1.1)
    is_(by_phone(box, steps[0]), "wrong", "the right one")
    is_(box.verify(box.issue(), action="report.mail")["verdict"], "accepted", "a support code")


@test
def a_full_account_refuses_phones_but_not_a_fresh_code():
    box = desk()
    try:
        steps = ready(box)
        box.write_conf(ACTIONS + 'limit { issue = "32/1s" technician = "32/1s" account = "5/1h" }\n')
        box.restart()
        for n in range(5):
            is_(by_phone(box, wrong_code(steps[0])), "wrong")
        is_(by_phone(box, steps[0]), "throttled", "the right one")
        is_(box.verify(box.issue(), action="report.mail")["verdict"], "accepted", "a fresh code")
        is_(by_phone(box, steps[0]), "throttled")
    finally:
        box.close()


@sandboxed
def it_ends_with_its_owner(box):
    steps = ready(box)
    is_(box.control("RemoveAdministrator", administrator="dana")["authenticators"], 1)
    assert by_phone(box, steps[0]) in ("wrong", "not-permitted")
    box.control("AddAdministrator", account="acme", administrator="dana")
    is_(by_phone(box, steps[0]), "wrong", "of a namesake who comes later")


PEOPLE = """
role staff    {{ users = {{ "{uid}" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ }} }}
role issuer   {{ users = {{ "ISSUER" }} VOUCHES }}
""".replace("ISSUER", str(ISSUER))


def issue_as_issuer(box, **parameters):
    """(code, "") or ("", the error's reason)."""
    parameters = dict(dict(account="acme", administrator="dana", replace=True, request=new_request()), **parameters)

    def ask():
        try:
            return box.connect("panel").call("io.countersign.panel.Issue", **parameters)["code"], ""
        except Error as e:
            return "", e.name + " " + e.parameters.get("why", "")

    return as_uid(ISSUER, ask)


def with_issuer(vouches, work):
    if os.getuid() != 0:
        raise Skip("needs root, to ask as role issuer")
    box = Sandbox(conf=GENEROUS + ACTIONS, people=PEOPLE.replace("VOUCHES", vouches)).fake_clock().begin_step()
    with box:
        box.account()
        work(box)


@test
def an_issuer_gets_a_high_code_only_for_a_fresh_log_in_code():
    def work(box):
        high = dict(action="service.change")
        login, support = ready(box, purpose="login"), ready(box)
        refused, used = ["", "Refused wrong"], ["", "Refused used"]
        is_(issue_as_issuer(box, **high), refused, "no proof")
        is_(issue_as_issuer(box, proof="", **high), refused, "an empty proof")
        is_(issue_as_issuer(box, proof=wrong_code(login[0]), **high), refused, "a wrong proof")
        is_(issue_as_issuer(box, proof=support[0], **high), refused, "of a support authenticator")
        is_(issue_as_issuer(box, proof=login[-1], **high), used, "a proof that was used")
        request = new_request()
        code, why = issue_as_issuer(box, proof=login[0], request=request, **high)
        is_(why, "")
        is_(issue_as_issuer(box, proof=login[0], request=request, **high), [code, ""], "asked again")
        is_(issue_as_issuer(box, proof=login[0], **high), used, "the same proof for another")
        is_(box.verify(code, action="service.change")["verdict"], "accepted")
        is_(by_phone(box, login[1]), "wrong", "the log-in one on the phone")

    with_issuer("", work)


@test
def an_issuer_needs_no_proof_for_the_rest():
    def work(box):
        code, why = issue_as_issuer(box, action="filter.list")
        is_(why, "")
        is_(box.verify(code)["verdict"], "accepted")
        code, why = issue_as_issuer(box)
        is_(why, "")
        is_(box.verify(code, action="service.change")["reason"], "other-action", "without an action, for a high one")

    with_issuer("", work)


@test
def an_issuer_who_vouches_for_high_risk_needs_no_proof():
    def work(box):
        code, why = issue_as_issuer(box, action="service.change")
        is_(why, "")
        is_(box.verify(code, action="service.change")["verdict"], "accepted")

    with_issuer("vouches-high = true", work)


if __name__ == "__main__":
    finish()

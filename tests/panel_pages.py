#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# What pages tell before a button is pressed: who stopped an account, who
# invited, what a code of the app is for, what a form takes.

import html
import os
import re

from panel_box import Browser, Panel, Person, SECRET, Stream, heading
from sandbox import Phone, Sandbox, finish, is_, test, wrong_digits

PEOPLE = """
role staff    {{ users = {{ "{uid}" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ "{uid}" }} }}
separate-roles = false
"""
MANY = 100
ACTIONS = 'action "domain.move" { title = "Move a domain" require = code bind-target = true }\n' \
    'action "domain.try" { title = "Try a domain" require = code mode = shadow }\n' \
    'action "general" { title = "Everything else" require = none }\n' + "".join(
    f'action "many.{i}" {{ title = "Thing {i}" require = code }}\n' for i in range(MANY))
count = 0


def logged_in(box, panel, **fields):
    global count
    count += 1
    box.control("AddAccount", account=f"acme{count}", name=f"Acme {count} Ltd")
    box.control("AddAdministrator", account=f"acme{count}", administrator=f"dana{count}", name="Dana Reyes",
                **fields)
    who = Person(box, panel, f"dana{count}")
    who.account = f"acme{count}"
    return who, who.browser(panel)


def colleague(box, panel, who, name, **fields):
    box.control("AddAdministrator", account=who.account, administrator=name, reason="a test", **fields)
    other = Person(box, panel, name)
    other.account = who.account
    return other, other.browser(panel)


def words(answer):
    main = re.search(r"<main.*?</main>", answer.text, re.S)[0]
    main = re.sub(r'<span aria-hidden="true">.*?</span>', "", main)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", main)))


def buttons(answer):
    return [html.unescape(re.sub(r"<[^>]*>", "", b)).strip() for b in re.findall(r"<button.*?</button>", answer.text)]


def says(answer, *texts):
    for text in texts:
        assert text in words(answer), f"{text!r} is not in: {words(answer)}"


def unprove(box, who, panel):
    """A session that showed no code of the app."""
    browser = Browser(panel)
    browser.log_in(who.name, "correct horse battery", who.recovery.pop())
    return browser


@test
def who_has_few_recovery_codes_left_is_told_how_many(box, panel):
    who, browser = logged_in(box, panel)
    few = "Few recovery codes are left"
    for left in range(9, 1, -1):
        assert few not in words(browser.get("/")), left
        unprove(box, who, panel)
    says(browser.get("/"), few, "You have 2 left. New ones replace all of the old.")
    assert 'href="/security"' in browser.page.text.split(few)[1].split("</div>")[0]
    browser.get("/security")
    browser.submit("/security/recovery")
    assert few not in words(browser.get("/"))


# ---- stopped accounts -------------------------------------------------------


@test
def a_frozen_account_says_by_whom_and_offers_nothing_that_would_be_refused(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}"
    browser.get(path + "/codes")
    browser.submit(path + "/codes")
    code = browser.path
    browser.get(path + "/freeze")
    browser.submit(path + "/freeze")
    for page in path, path + "/codes", path + "/codes?action=filter.list", path + "/tickets", code:
        answer = browser.get(page)
        says(answer, f"Acme {count} Ltd is frozen", "Frozen since ", "UTC, by Dana Reyes.", "until it is thawed",
             "call Acme Hosting", "Support: 555")
        assert not {"Generate", "Generate a new one", "Show code"} & set(buttons(answer)), buttons(answer)
        assert "Get a support code" not in answer.text and "?action=" not in answer.text
    answer = browser.get(path + "/tickets/new")
    says(answer, "is frozen")
    assert "?action=" not in answer.text and "Send" in buttons(answer)
    for page in "/people", "/people/_new", "/people/" + who.name:
        answer = browser.get(path + page)
        assert not {"Make the invitation", "Save the rights", "Remove"} & set(buttons(answer)), buttons(answer)
        assert "Invite a colleague</a>" not in answer.text
    says(browser.get(path + "/people"), "is frozen")
    assert "Freeze it now" not in " ".join(buttons(browser.get(path + "/freeze")))


@test
def a_suspended_account_says_that_the_provider_did_it(box, panel):
    who, browser = logged_in(box, panel)
    box.control("SuspendAccount", account=who.account, reason="a test")
    browser = who.browser(panel)
    answer = browser.get(f"/a/{who.account}/codes")
    says(answer, f"Acme {count} Ltd is suspended", "UTC, by Acme Hosting.", "until it is resumed")
    assert "Generate" not in buttons(answer)
    box.control("ResumeAccount", account=who.account, reason="a test")
    answer = browser.get(f"/a/{who.account}/codes")
    assert "suspended" not in answer.text and "Generate" in buttons(answer)


@test
def a_suspended_colleague_is_told_for_which_account(box, panel):
    who, browser = logged_in(box, panel)
    other, _ = colleague(box, panel, who, "lee")
    browser.get(f"/a/{who.account}/people/lee")
    browser.submit(f"/a/{who.account}/people/lee/suspend")
    says(other.browser(panel).get("/"), f"You are suspended for Acme {count} Ltd: you cannot act for it")


# ---- many accounts ----------------------------------------------------------


@test
def an_account_that_the_list_has_no_room_for_has_pages_like_others(box, panel):
    who, browser = logged_in(box, panel)
    for i in range(60):
        assert "not in this list" not in words(browser.get("/"))
        box.control("AddAccount", account=f"many{i}", name=f"Many {i} Ltd")
        box.control("AddAdministrator", account=f"many{i}", administrator=who.name, existing=True)
    says(browser.get("/"), f"not in this list: {panel.origin}/a/ and the name")
    assert "/a/many58" in browser.page.text and "/a/many59" not in browser.page.text
    is_(heading(browser.get("/a/many59")), "Many 59 Ltd")
    for page in "/activity", "/tickets/" + box.open_ticket(session=browser.cookies["countersign"], account="many59"):
        assert 'href="/a/many59/codes"' in browser.get("/a/many59" + page).text, page
    stream = Stream(panel, browser, "/a/many59/codes/live")
    is_(stream.head.status, 200)
    stream.event()
    box.staff("Prepare", account="many59", action="filter.list")
    assert "Add to an allow or deny list" in stream.event()[1]
    stream.close()
    browser.get("/a/many59/freeze")
    browser.submit("/a/many59/freeze")
    says(browser.page, "many59 is frozen")


# ---- cooling off ------------------------------------------------------------


@test
def what_waits_in_another_account_is_not_said_to_wait_in_this_one(box, panel):
    who, browser = logged_in(box, panel)
    first, until = f"/a/{who.account}", "again from "
    assert until not in words(browser.get("/"))
    box.control("AddAccount", account=f"beta{count}", name="Beta Ltd")
    # a second administrator there, who cools off; the first one would not
    box.control("AddAdministrator", account=f"beta{count}", administrator=f"ida{count}", reason="a test")
    box.control("AddAdministrator", account=f"beta{count}", administrator=who.name, existing=True, reason="a test")
    for page in "", "/codes", "/tickets/new":
        assert until not in words(browser.get(first + page)), page
        says(browser.get(f"/a/beta{count}{page}"), "you can authorise high-risk changes " + until)
    assert until not in words(browser.get(first + "/people"))
    says(browser.get(f"/a/beta{count}/people"), until)
    says(browser.get("/"), "in one of your accounts you can authorise high-risk changes " + until)
    box.control("RemoveAdministrator", account=who.account, administrator=who.name)
    browser = who.browser(panel)
    assert "one of your accounts" not in words(browser.get("/")), words(browser.page)
    says(browser.page, until)


# ---- invitations ------------------------------------------------------------


@test
def an_invitation_says_who_invited_and_the_app_shows_the_providers_name(box, panel):
    who, browser = logged_in(box, panel)
    browser.get(f"/a/{who.account}/people/_new")
    answer = browser.submit(f"/a/{who.account}/people", name="Hal O.", administrator="hal", all="1")
    invitation = re.search(r"/invitation#(\S+?)<", answer.text)[1]
    guest = Browser(panel)
    guest.get("/invitation")
    answer = guest.submit("/invitation/open", invitation=invitation)
    says(answer, f"Dana Reyes invited you to authorise changes for Acme {count} Ltd.", "You log in as hal.")
    assert "otpauth://totp/Acme%20Hosting:hal?" in answer.text
    box.control("AddAccount", account=f"beta{count}", name="Beta Ltd")
    box.control("AddAdministrator", account=f"beta{count}", administrator="hal", existing=True)
    guest.get("/invitation")
    answer = guest.submit("/invitation/open", invitation=box.control("InviteAdministrator", administrator="hal")["invitation"])
    says(answer, f"Acme Hosting invited you to authorise changes for Acme {count} Ltd and Beta Ltd.")


@test
def a_person_may_be_called_new(box, panel):
    who, browser = logged_in(box, panel)
    box.control("AddAdministrator", account=who.account, administrator="new", name="Nadia Ewing", reason="a test")
    is_(heading(browser.get(f"/a/{who.account}/people/new")), "Nadia Ewing")
    assert f'href="/a/{who.account}/people/new"' in browser.get(f"/a/{who.account}/people").text


# ---- rights -----------------------------------------------------------------


@test
def who_may_not_change_people_is_shown_no_form_for_it(box, panel):
    who, _ = logged_in(box, panel)
    _, browser = colleague(box, panel, who, "gil", actions=["filter.list"])
    for page in "/people", "/people/_new", "/people/" + who.name:
        answer = browser.get(f"/a/{who.account}{page}")
        says(answer, "You may not change who acts for this account, or not yet.")
        assert "Invite a colleague</a>" not in answer.text
        assert not {"Make the invitation", "Save the rights", "Remove"} & set(buttons(answer)), buttons(answer)


@test
def more_actions_than_a_person_can_have_are_refused_with_a_way_out(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/people"
    browser.get(path + "/_new")
    ticked = [f"many.{i}" for i in range(MANY)]
    answer = browser.submit(path, name="Ida", administrator="ida", actions=ticked)
    is_(answer.status, 422)
    says(answer, "at most 64 actions", "give every action")
    # what was ticked still is
    is_(re.findall(r'value="(many\.\d+)" checked', answer.text), ticked)
    answer = browser.submit(path, name="Ida", administrator="ida", actions=ticked[:64])
    is_((answer.status, heading(answer)), (200, "The invitation is ready"))
    says(answer, "It is for Ida, who will log in as ida.")
    answer = browser.get(path + "/ida")
    says(answer, "Cannot log in yet", "Make a new invitation")
    assert "Reset the log-in" not in answer.text
    answer = browser.submit(path + "/ida/remove")
    is_(heading(answer), "Ida is removed")


@test
def rights_that_are_saved_as_they_are_shown_stay_as_they_are(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/people/kai"
    # "general" asks for nothing here; an account's policy may, and the right is theirs
    box.control("AddAdministrator", account=who.account, administrator="kai", reason="a test",
                actions=["filter.list", "general"])
    answer = browser.get(path)
    ticked = re.findall(r'name="actions" value="([^"]*)" checked', answer.text)
    browser.submit(path + "/rights", actions=ticked)
    says(browser.get(path), "May authorise Add to an allow or deny list; Everything else ")
    browser.submit(path + "/rights", actions=["filter.list"])
    # who does not have it is not offered what nobody needs
    for page in path, f"/a/{who.account}/people/_new":
        answer = browser.get(page)
        assert 'value="filter.list"' in answer.text and 'value="general"' not in answer.text


@test
def a_right_that_the_policy_lost_has_its_name_and_can_be_taken_away(*_):
    with Sandbox(ACTIONS, people=PEOPLE) as box, Panel(box) as panel:
        who, browser = logged_in(box, panel)
        path = f"/a/{who.account}/people"
        box.control("AddAdministrator", account=who.account, administrator="kai", reason="a test",
                    actions=["filter.list", "many.1"])
        says(browser.get(path + "/kai"), "May authorise Add to an allow or deny list; Thing 1 ")
        box.write_conf("", PEOPLE)
        box.restart()
        for page in path, path + "/kai":
            says(browser.get(page), "Add to an allow or deny list; many.1")
        is_(browser.submit(path + "/kai/rights", actions=["filter.list"]).status, 200)
        says(browser.get(path + "/kai"), "May authorise Add to an allow or deny list ")


@test
def a_form_opened_before_rights_were_taken_away_does_not_give_them_back(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/people/erin"
    box.control("AddAdministrator", account=who.account, administrator="erin", all=True, reason="a test")
    other = Browser(panel)
    other.cookies = dict(browser.cookies)
    for shown, ticked, narrowed in ({"all": "1"}, [], ["filter.list"]), \
            ({}, ["filter.list", "many.1"], ["many.1"]):
        box.control("SetRights", account=who.account, administrator="erin", reason="a test",
                    **({"all": True} if shown else {"actions": ticked}))
        browser.get(path)
        other.get(path)
        form = {n: v for n, v in other.form(path + "/rights").items() if n not in ("all", "actions")}
        is_(other.send(path + "/rights", {**form, "actions": narrowed}).status, 200)
        answer = browser.submit(path + "/rights", **({} if shown else {"actions": ticked}))
        is_(answer.status, 422)
        says(answer, "These rights were changed meanwhile. Look at them again.")
        # and there they are, as they are now
        is_(re.findall(r'name="(?:all|actions)" value="([^"]*)" checked', answer.text), narrowed)
        is_(browser.submit(path + "/rights", actions=narrowed + ["many.2"]).status, 200)


@test
def everything_is_everything_whatever_else_is_ticked(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/people"
    box.control("AddAdministrator", account=who.account, administrator="kip", actions=["filter.list"], reason="a test")
    browser.get(path + "/kip")
    is_(browser.submit(path + "/kip/rights", all="1", actions=["filter.list", "domain.move"]).status, 200)
    browser.get(path + "/_new")
    answer = browser.submit(path, name="Kit", administrator="kit", all="1", actions=["filter.list"])
    is_(heading(answer), "The invitation is ready")
    for name in "kip", "kit":
        says(browser.get(f"{path}/{name}"), "May authorise Everything ")


@test
def a_value_that_does_not_fit_is_told_at_its_field(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/people"
    browser.get(path + "/_new")
    answer = browser.submit(path, name="Ida", administrator="i/da", all="1")
    is_(answer.status, 422)
    assert re.search(r'id="fault-administrator">A name for the log-in has small letters', answer.text), answer.text
    assert 'name="administrator" aria-invalid="true" aria-describedby="fault-administrator ' in answer.text
    browser.get(path + "/_new")
    answer = browser.submit(path, name="Ida", administrator="ivo")
    says(answer, "Tick what this person may authorise: one thing at least, or everything.")


# ---- one more code ----------------------------------------------------------


@test
def a_code_of_the_app_is_asked_for_with_what_it_is_for(box, panel):
    who, first = logged_in(box, panel)
    path = f"/a/{who.account}"
    # a recovery log-in proves nothing, and cools off: the provider waives that
    browser = unprove(box, who, panel)
    box.control("WaiveCooling", account=who.account, administrator=who.name, reason="a test")
    browser.get(path + "/codes?action=mail.server")
    answer = browser.submit(path + "/codes", target_host="mx1.acme.example", target_ip="203.0.113.9")
    is_((answer.status, heading(answer)), (403, "One more code"))
    says(answer, "A support code, with which support may do this:", "Change mx1.acme.example to 203.0.113.9",
         "Change a mail server's IP or host name")
    assert f'href="{path}/codes"' in answer.text        # Never mind

    box.staff("Prepare", account=who.account, action="mail.server", target=["mx7.acme.example=192.0.2.7"])
    call = re.search(r'name="call" value="(C\d+)"', browser.get(path + "/codes").text)[1]
    browser.get(path + "/codes")
    answer = browser.send(path + "/codes", {**browser.form(path + "/codes"), "call": call})
    says(answer, "Change mx7.acme.example to 192.0.2.7")

    browser.get(path + "/tickets/new?action=mail.server")
    answer = browser.submit(path + "/tickets", subject="We move", text="On Monday.", target_host="mx2.acme.example",
                            target_ip="203.0.113.10")
    says(answer, "The ticket We move, by which support may do this:", "Change mx2.acme.example to 203.0.113.10")
    answer = browser.submit(path + "/tickets", proof="000000")
    says(answer, "This is not the code that your app shows now", "The ticket We move")

    box.control("AddAdministrator", account=who.account, administrator=f"kim{count}", name="Kim Lee", reason="a test")
    browser.get(f"{path}/people/kim{count}")
    answer = browser.submit(f"{path}/people/kim{count}/remove")
    says(answer, "To remove Kim Lee from this account.")
    browser.get(path + "/people/_new")
    answer = browser.submit(path + "/people", name="Uma <U>", administrator="uma", all="1")
    says(answer, "An invitation for Uma <U>.")
    browser.get("/security")
    says(browser.submit("/security/recovery"), "New recovery codes, which end the old ones.")
    browser.get("/security")
    answer = browser.submit("/security/authenticators", label="Old phone", purpose="support")
    says(answer, "To add the authenticator Old phone.")
    first.get("/security")
    first.submit("/security/authenticators", label="Tablet", purpose="support")
    tablet = first.form("/security/authenticators/confirm")["authenticator"]
    secret = re.sub(r"\s", "", re.search(SECRET, re.sub(r"<[^>]*>", " ", first.page.text))[1])
    first.submit("/security/authenticators/confirm",
                 code=Phone({"authenticator": tablet, "secret": secret}).next_code())
    browser.get("/security")
    answer = browser.submit("/security/authenticators/remove", authenticator=tablet)
    says(answer, "To remove the authenticator Tablet.")


@test
def a_code_for_high_risk_is_not_shown_in_a_session_that_proved_nothing(box, panel):
    who, first = logged_in(box, panel)
    path = f"/a/{who.account}/codes"
    first.get(path + "?action=mail.server")
    first.submit(path, target_host="mx1.acme.example", target_ip="203.0.113.9")
    code, digits = first.path, shown_code(first.page)
    browser = unprove(box, who, panel)
    box.control("WaiveCooling", account=who.account, administrator=who.name, reason="a test")
    answer = browser.get(code)
    says(answer, "Change a mail server's IP or host name", "mx1.acme.example",
         "To show this code here, enter a code of your authenticator app first.")
    is_((shown_code(answer), holds(answer, digits), buttons(answer).count("Show code")), (None, False, 1))
    assert "Cancel this code" not in buttons(answer) and "Generate a new one" not in buttons(answer), buttons(answer)
    says(browser.submit(path), "Change mx1.acme.example to 203.0.113.9", "One more code")
    is_(holds(browser.page, digits), False)
    browser.submit(path, proof=who.code())
    is_((browser.path, shown_code(browser.page)), (code, digits), "the same")
    is_(holds(browser.page, digits), True)


def shown_code(answer):
    """The code that a page shows, as three numbers, or None."""
    shown = re.search(r'id="code"[^>]*>\s*<span>(\d{3})\D*(\d{3})\D*(\d{3})<', answer.text)
    return shown and shown.groups()


def holds(answer, code):
    """Whether these numbers stand one after another, in whatever way."""
    return re.search(r"\D*".join(code), answer.text) is not None


# ---- calls ------------------------------------------------------------------


@test
def who_may_not_authorise_what_is_asked_is_offered_no_code_for_it(box, panel):
    who, browser = logged_in(box, panel)
    _, other = colleague(box, panel, who, "nia", actions=["filter.list"])
    path = f"/a/{who.account}/codes"
    box.staff("Prepare", account=who.account, action="domain.move", target=["acme.example"])
    may_not = "You may not authorise this. A colleague who may will see the same question."
    says(other.get(path), "acme.example", may_not)
    assert "Show code" not in buttons(other.page) and "Not us" in buttons(other.page), buttons(other.page)
    assert may_not not in words(browser.get(path)) and "Show code" in buttons(browser.page), buttons(browser.page)
    call = other.form(f"/a/{who.account}/calls/deny")["call"]
    answer = other.send(path, {**other.form(path), "call": call})
    is_((answer.status, other.path), (422, path))
    other.get(path)
    other.submit(f"/a/{who.account}/calls/deny")
    assert "acme.example" not in words(browser.get(path)), words(browser.page)


# ---- tickets ----------------------------------------------------------------


@test
def a_ticket_asks_for_the_target_of_its_action(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/tickets"
    answer = browser.get(path + "/new")
    is_(set(browser.form(path)) - {"csrf", "request"}, {"subject", "text"})
    for action in "mail.server", "domain.move", "filter.list":
        assert f'href="{path}/new?action={action}"' in answer.text
    browser.get(path + "/new?action=mail.server")
    is_(set(browser.form(path)) - {"csrf", "request"},
        {"action", "subject", "text", "target_host", "target_ip", "target"})
    answer = browser.submit(path, subject="Move it", text="Please.", target_host="mx1.acme.example", target_ip="home")
    is_(answer.status, 422)
    says(answer, "Enter a host name and an IPv4 or IPv6 address.")
    browser.get(path + "/new?action=filter.list")
    is_(set(browser.form(path)) - {"csrf", "request"}, {"action", "subject", "text"})
    answer = browser.get(path + "/new?action=domain.move")
    says(answer, "Move a domain", "What exactly")
    answer = browser.submit(path, subject="Move it", text="Please.", target="")
    is_(answer.status, 422)
    says(answer, "Say what exactly is to be changed")
    is_(browser.form(path)["subject"], "Move it")
    answer = browser.submit(path, subject="Move it", text="Please.", target="acme.example")
    says(answer, "Authorised, not done yet", "Move a domain", "acme.example")


@test
def a_used_code_says_by_whom_when_and_for_what_in_one_sentence(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/codes"
    for action, told in ("", "for “Add to an allow or deny list”."), ("filter.list", "for this change."):
        browser.get(path + (f"?action={action}" if action else ""))
        code = re.sub(r"\D", "", re.search(r'id="code".*?</p>', browser.submit(path).text, re.S)[0].split(">", 1)[1])
        is_(box.staff("Verify", account=who.account, action="filter.list", code=code,
                      request=os.urandom(16).hex())["verdict"], "accepted")
        answer = browser.get(browser.path)
        assert re.search(r"Used by \S+ at \d\d:\d\d UTC " + told, words(answer)), words(answer)
    answer = browser.get(f"/a/{who.account}/activity")
    assert re.search(r"· code I\d", words(answer)), words(answer)


# ---- activity ---------------------------------------------------------------


@test
def what_shadow_mode_lets_through_is_not_called_refused(box, panel):
    who, browser = logged_in(box, panel)
    for action, verdict in ("domain.try", "accepted"), ("domain.move", "refused"):
        is_(box.staff("Verify", account=who.account, action=action, target=["acme.example"],
                      code=wrong_digits(box.issue(who.account, who.name)),
                      request=os.urandom(16).hex())["verdict"], verdict)
    answer = browser.get(f"/a/{who.account}/activity")
    is_(words(answer).count("Let through unauthorised"), 1)
    is_(words(answer).count("Refused: a wrong code"), 1)


@test
def the_filter_knows_a_person_by_the_name_that_the_list_shows(box, panel):
    who, browser = logged_in(box, panel)
    box.control("AddAdministrator", account=who.account, administrator=f"lou{count}", name="Lou Kay", reason="a test")
    path = f"/a/{who.account}/activity"
    for typed, told in ("Lou+Kay", True), (f"lou{count}", True), ("lou+kay", True), ("Lou", False):
        is_("Lou Kay" in browser.get(f"{path}?administrator={typed}").text.split("<section", 1)[1], told, typed)
    says(browser.page, "From (UTC)", "Before (UTC)")


@test
def a_day_that_does_not_exist_is_told_at_its_field(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/activity"
    for query, field in ("since=2026-02-31&technician=mia", "since"), ("until=yesterday&technician=mia", "until"):
        answer = browser.get(f"{path}?{query}")
        is_(answer.status, 400)
        assert re.search(rf'id="fault-{field}">There is no such day\.', answer.text), answer.text
        assert 'name="technician"' in answer.text and 'value="mia"' in answer.text
        assert "activity.csv" not in answer.text
    is_(browser.get(path + "?since=2026-02-28").status, 200)
    is_(browser.get(f"/a/nobody/activity?since=2026-02-31").status, 404)


with Sandbox(ACTIONS, people=PEOPLE) as box, Panel(box, conf='support = "Support: 555"\n') as panel:
    finish(box, panel)

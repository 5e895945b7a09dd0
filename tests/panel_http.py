#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The panel in front of a real daemon: log-in, cookies, forms and what is not a
# form of ours, and open pages that are told what happens.

import os
import random
import re
import time
import urllib.parse

from panel_box import PASSWORD, Browser, Panel, Person, Stream, codes_of
from sandbox import Sandbox, Skip, finish, is_, is_quick, need_moving_clock, sanitized, test

PEOPLE = """
role staff    {{ users = {{ "{uid}" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ "{uid}" }} }}
separate-roles = false
"""
TARGET = "mx1.acme.example=203.0.113.9"
count = 0


def person(box, panel, account=None, **parameters):
    """Somebody new, the only administrator of an account of the same name."""
    global count
    count += 1
    name = f"dana{count}"
    box.account(account or f"acme{count}", name, **parameters)
    who = Person(box, panel, name)
    who.account = account or f"acme{count}"
    return who


def logged_in(box, panel):
    who = person(box, panel)
    return who, who.browser(panel)


def generate(browser, who, **fields):
    browser.get(f"/a/{who.account}/codes")
    return browser.submit(f"/a/{who.account}/codes", action="filter.list", target="", **fields)


# ---- log-in ------------------------------------------------------------------

@test
def who_logs_in_gets_a_session_of_the_daemon(box, panel):
    who = person(box, panel)
    browser = Browser(panel, "192.0.2.1")
    answer = browser.log_in(who.name, PASSWORD, who.code(), follow=False)
    is_((answer.status, answer.header("Location")), (303, "/"))
    cookie = next(v for n, v in answer.headers if n == "Set-Cookie" and v.startswith("countersign="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie and "Max-Age" not in cookie
    device = next(v for n, v in answer.headers if n == "Set-Cookie" and v.startswith("device="))
    assert "Max-Age=31536000" in device and "HttpOnly" in device
    is_(browser.get(f"/a/{who.account}/codes").status, 200)
    assert who.name.title() in browser.page.text
    is_(browser.get("/login", follow=False).header("Location"), "/")


@test
def with_an_https_origin_cookies_are_bound_to_the_host(box, panel):
    who = person(box, panel)
    with Panel(box, 'origin = "https://panel.example"\n') as tls:
        tls.host, tls.origin = "panel.example", "https://panel.example"
        browser = Browser(tls)
        answer = browser.log_in(who.name, PASSWORD, who.code(), follow=False)
        is_(answer.status, 303)
        for name in "__Host-countersign", "__Host-device":
            cookie = next(v for n, v in answer.headers if n == "Set-Cookie" and v.startswith(name + "="))
            assert "; Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie, cookie
        is_(browser.get("/", follow=False).status // 100 <= 3, True)


@test
def without_a_session_every_page_leads_to_the_log_in(box, panel):
    with open(f"{os.environ['srcdir']}/panel/route.c") as f:
        rows = re.findall(r'^\t(PAGE|BARE|FORM|ONCE)\((A )?"?([^",]*)"?, ([A-Z_| 0]+),', f.read(), re.M)
    assert len(rows) > 30, len(rows)
    for kind, under, path, flags in rows:
        path = re.sub(":[a-z]+", "x", ("/a/acme" if under or path == "A" else "") + path.replace("A", ""))
        if "PUBLIC" in flags:
            continue
        if kind in ("PAGE", "BARE"):
            answer = panel.ask("GET", path)
        else:
            answer = panel.ask("POST", path, "Content-Length: 0", "Content-Type: application/x-www-form-urlencoded")
        if "LIVE" in flags:
            assert "event: end" in answer.text, path
            continue
        is_(answer.status, 303, path)
        assert answer.header("Location").startswith("/login"), path
        assert "acme" not in answer.text


def guess(panel, name, password, address):
    """(seconds, all that came back but what differs on every page)."""
    browser = Browser(panel, address)
    browser.get("/login")
    started = time.monotonic()
    answer = browser.submit("/login", name=name, password=password, code="000000")
    took = time.monotonic() - started
    is_("countersign" in browser.cookies, False)
    return took, (answer.status, re.sub(r'value="[^"]*"', "", answer.text), tuple(n for n, _ in answer.headers))


@test
def unknown_names_and_wrong_passwords_are_alike(box, panel):
    """The same in text, status and time, try by try: limits come into force for all of them alike.
    Load only ever adds to a time, so the least of each kind is compared, and widely: the hash is most of it,
    and login.py looks closer."""
    least = {}
    for number in range(6):
        guesses = {"unknown": (f"nobody{number}", PASSWORD), "password": (person(box, panel).name, "wrong " + PASSWORD),
                   "code": (person(box, panel).name, PASSWORD)}
        for i in range(12):
            answers = set()
            for kind in random.sample(list(guesses), 3):
                took, answer = guess(panel, *guesses[kind], f"198.51.{number}.{10 * i + len(answers)}")
                answers.add(answer)
                if answer[0] == 422:
                    least[kind] = min(took, least.get(kind, took))
            is_(len(answers), 1, f"try {i}: {[(a[0], re.findall('alert.{200}', a[1], re.S)) for a in answers]}")
        is_(answer[0], 429, "in the end")
        if max(least.values()) < 3 * min(least.values()):
            return
    raise AssertionError(least)


@test
def a_session_that_somebody_planted_is_not_kept(box, panel):
    who, browser = logged_in(box, panel)
    planted = "ab" * 32
    other = Browser(panel)
    other.cookies["countersign"] = planted
    answer = other.get("/", follow=False)
    is_(answer.header("Location"), "/login")
    is_("countersign" in other.cookies, False)
    other.cookies["countersign"] = planted
    second = person(box, panel)
    other.get("/login")
    other.cookies["countersign"] = planted
    other.submit("/login", name=second.name, password=PASSWORD, code=second.code())
    assert other.cookies["countersign"] not in (planted, browser.cookies["countersign"])
    assert len(other.cookies["countersign"]) == 64
    real = browser.cookies["countersign"]
    for value in ("x", "", "A" * 64, planted + "0", "../" * 20, real + "; countersign=" + planted, planted + "; countersign=" + real,
                  real + "; countersign=x", real + ";countersign=" + real):
        other.cookies["countersign"] = value
        is_(other.get("/", follow=False).header("Location"), "/login", value)


@test
def a_session_that_was_logged_out_is_over(box, panel):
    who, browser = logged_in(box, panel)
    token = browser.cookies["countersign"]
    browser.get(f"/a/{who.account}/codes")
    answer = browser.submit("/logout", follow=False)
    is_((answer.status, answer.header("Location")), (303, "/login"))
    is_("countersign" in browser.cookies, False)
    browser.cookies["countersign"] = token
    is_(browser.get("/", follow=False).header("Location"), "/login")


@test
def the_address_is_the_one_that_the_proxy_saw(box, panel):
    for forwarded, wanted in (("198.51.100.66, 192.0.2.9", "192.0.2.9"), ("2001:DB8::7", "2001:db8::7"),
                              ("192.0.2.9, nonsense", "127.0.0.1"), ("192.0.2.9,", "127.0.0.1")):
        who = person(box, panel)
        browser = who.browser(panel, forwarded)
        c = box.connect("panel")
        rows = c.rows("io.countersign.panel.Sessions", session=browser.cookies["countersign"])
        is_([r["address"] for r in rows if r["current"]], [wanted])
        c.close()


# ---- where one is led ----------------------------------------------------------

@test
def nobody_is_led_elsewhere_after_the_log_in(box, panel):
    who = person(box, panel)
    browser = Browser(panel)
    browser.get(f"/login?next=/a/{who.account}/codes")
    answer = browser.submit("/login", follow=False, name=who.name, password=PASSWORD, code=who.code())
    is_(answer.header("Location"), f"/a/{who.account}/codes")
    browser.get("/")
    browser.submit("/logout")
    for n, path in enumerate(("//evil.example/", "https://evil.example/", "/\\evil.example", "/%2f/evil.example", "/login",
                              "evil.example", "javascript:alert(1)", "/a/../../evil", "/a/acme/codes?x=https://e",
                              "/a/acme/activity.csv", "/a/acme/codes/live", "/a/acme\r\nSet-Cookie: a=b", "/nowhere")):
        browser = Browser(panel, f"203.0.113.{n}")
        answer = browser.get("/login?" + urllib.parse.urlencode({"next": path.replace("\r\n", "")}))
        is_(answer.status, 200)
        form = browser.form("/login")
        answer = browser.send("/login", {**form, "next": path, "name": who.name, "password": PASSWORD, "code": "000000"},
                              follow=False)
        assert answer.status in (400, 422, 429), (path, answer.status)


@test
def the_form_leads_home_when_it_names_a_strange_page(box, panel):
    for path in "//evil.example/", "https://evil.example/", "/\\evil.example", "/nowhere":
        who = person(box, panel)
        browser = Browser(panel)
        browser.get("/login")
        answer = browser.send("/login", {**browser.form("/login"), "next": path, "name": who.name, "password": PASSWORD,
                                         "code": who.code()}, follow=False)
        is_((answer.status, answer.header("Location")), (303, "/"))


@test
def who_goes_to_the_address_of_a_form_is_led_to_its_page(box, panel):
    for path, page in (("/logout", "/"), ("/invitation/open", "/invitation"), ("/security/recovery", "/security"),
                       ("/a/acme/calls/deny", "/a/acme/codes"),
                       ("/a/acme/codes/I7/cancel", "/a/acme/codes/I7"), ("/a/%2561/people/x%3F/reset", "/a/%2561/people/x%3F")):
        answer = panel.ask("GET", path)
        is_((answer.status, answer.header("Location")), (303, page))
    is_(panel.ask("GET", "/a/%2F/calls/deny").status, 404)


@test
def a_refusal_is_not_reloaded_away(box, panel):
    who, browser = logged_in(box, panel)
    box.staff("Prepare", account=who.account, action="filter.list", target=["203.0.113.7"])
    path = f"/a/{who.account}/codes"
    assert 'http-equiv="refresh"' in browser.get(path).text
    deny, form = next((action, form) for action, form in browser.page.forms() if action.endswith("/deny"))
    browser.send(deny, form)
    assert 'http-equiv="refresh"' in browser.page.text
    answer = browser.send(deny, form)
    is_(answer.status, 422)
    assert 'id="refusal"' in answer.text and 'http-equiv="refresh"' not in answer.text, answer.text
    assert "every ten seconds" not in answer.text
    is_(browser.get(deny).status, 200, "the address that is left in the browser")


@test
def a_link_fills_in_no_form(box, panel):
    """Whoever sends one would have somebody authorise what he wrote."""
    who, browser = logged_in(box, panel)
    brought = {name: "brought" for name in ("subject", "text", "target", "target_host", "target_ip", "name", "label", "invitation",
                                            "administrator_name", "request", "csrf", "password", "code", "proof", "old")}
    query = urllib.parse.urlencode({**brought, "action": "mail.server", "purpose": "login"})
    for path in (f"/a/{who.account}/tickets/new", f"/a/{who.account}/codes", f"/a/{who.account}/people/_new", "/security",
                 f"/a/{who.account}/freeze"):
        is_(browser.get(f"{path}?{query}").status, 200, path)
        assert "brought" not in browser.page.text, path
    for path in "/login", "/invitation":
        assert "brought" not in Browser(panel).get(f"{path}?{query}").text, path


# ---- forms --------------------------------------------------------------------------

@test
def a_forged_form_does_nothing(box, panel):
    who, browser = logged_in(box, panel)
    other_who, other = logged_in(box, panel)
    path = f"/a/{who.account}/codes"
    browser.get(path)
    other.get(f"/a/{other_who.account}/codes")
    form = browser.form(path)
    form.update(action="filter.list", target="")
    theirs = other.form(f"/a/{other_who.account}/codes")["csrf"]
    guest = Browser(panel)
    guest.get("/login")
    for token in "", "0" * 64, theirs, form["csrf"][:-1], form["csrf"] + "0", guest.form("/login")["csrf"]:
        is_(browser.send(path, {**form, "csrf": token}).status, 403, token)
    is_(browser.send(path, {k: v for k, v in form.items() if k != "csrf"}).status, 403)
    for line in ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: none", "Sec-Fetch-Site: "):
        is_(browser.send(path, form, lines=[line]).status, 403, line)
    body = urllib.parse.urlencode(form)
    for origin in "null", "https://evil.example", panel.origin + ".evil.example", panel.origin.replace("http", "https"), "":
        answer = panel.ask("POST", path, *browser.head_lines(), f"Content-Length: {len(body)}", f"Origin: {origin}",
                           "Content-Type: application/x-www-form-urlencoded", body=body.encode())
        is_(answer.status, 403, origin)
    is_(codes_of(box, who, browser), [])
    is_(browser.send(path, form, follow=False, lines=["Sec-Fetch-Site: same-origin"]).status, 303)
    is_(len(codes_of(box, who, browser)), 1)


@test
def a_refused_form_is_shown_again_with_what_was_typed(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/codes"
    browser.get(path)
    browser.get(path + "?action=mail.server")
    answer = browser.submit(path, csrf="0" * 64, target_host="kept.example", target_ip="203.0.113.9")
    is_(answer.status, 403)
    assert "kept.example" in answer.text
    answer = browser.submit(path, follow=False)
    is_(answer.status, 303)
    is_(codes_of(box, who, browser)[0]["target"], ["kept.example=203.0.113.9"])


@test
def an_action_that_the_policy_lost_is_told_in_words_for_customers(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}"
    for page, form, fields in (("/codes", "/codes", {"action": "lost"}),
                               ("/codes?action=filter.list", "/codes", {"action": "lost", "target": "203.0.113.9"}),
                               ("/tickets/new", "/tickets", {"action": "lost", "target": "x", "subject": "s", "text": "t"}),
                               ("/people/_new", "/people", {"actions": "lost", "name": "Lee", "administrator": f"lee{count}"})):
        browser.get(path + page)
        answer = browser.submit(path + form, **fields)
        is_(answer.status, 422, page)
        assert "Support has no such change any more" in answer.text and "countersign actions" not in answer.text, answer.text


@test
def the_same_form_twice_is_one_act(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/codes"
    browser.get(path)
    form = {**browser.form(path), "action": "filter.list", "target": ""}
    first = browser.send(path, form, follow=False).header("Location")
    assert re.fullmatch(re.escape(path) + "/I[0-9]+", first), first
    is_(browser.send(path, form, follow=False).header("Location"), first)
    is_(len(codes_of(box, who, browser)), 1)
    again = browser.send(path, {**form, "action": "report.mail"}, follow=False)
    is_(again.status, 422)
    is_(len(codes_of(box, who, browser)), 1)


@test
def a_form_from_before_a_restart_is_asked_for_again(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/codes"
    browser.get(path + "?action=mail.server")
    form = {**browser.form(path), "target_host": "kept.example", "target_ip": "203.0.113.9"}
    is_(panel.stop(), 0)
    panel.start()
    answer = browser.send(path, form)
    is_(answer.status, 403)
    assert "kept.example" in answer.text
    is_(browser.submit(path, follow=False).status, 303)


@test
def a_log_out_from_before_a_restart_says_that_nothing_was_done(box, panel):
    who, browser = logged_in(box, panel)
    form = browser.get("/").forms()[0][1]
    is_(panel.stop(), 0)
    panel.start()
    answer = browser.send("/logout", form)
    is_(answer.status, 403)
    assert 'id="refusal"' in answer.text, answer.text
    browser.submit("/logout")
    assert "countersign" not in browser.cookies, browser.cookies


@test
def an_invitation_is_read_from_a_form_alone(box, panel):
    """What stands in an address is in the logs of proxies."""
    box.account(f"acme-{time.time_ns()}", name := f"dana-{time.time_ns()}")
    invitation = box.control("InviteAdministrator", administrator=name)["invitation"]
    browser = Browser(panel)
    for path in f"/invitation/{invitation}", f"/invitation/open?invitation={invitation}", f"/invitation?invitation={invitation}":
        assert name not in browser.get(path).text, path
    is_(panel.ask("GET", f"/invitation/{invitation}").status, 404)
    assert name in browser.submit("/invitation/open", invitation=invitation).text
    # refused, or from before a restart, the step is shown again
    for more, status in ({}, 422), ({"csrf": "0" * 64}, 403):
        answer = browser.submit("/invitation/accept", password=PASSWORD, code="000000", **more)
        is_(answer.status, status)
        assert name in answer.text and PASSWORD not in answer.text
        is_(browser.form("/invitation/accept")["invitation"], invitation)


@test
def an_invitation_is_taken_as_it_was_handed_over(box, panel):
    box.account(f"acme-{time.time_ns()}", name := f"dana-{time.time_ns()}")
    invitation = box.control("InviteAdministrator", administrator=name)["invitation"]
    browser = Browser(panel)
    for pasted in (f"{panel.origin}/invitation#{invitation}", f"#{invitation}", f" {invitation}\t", invitation.upper(),
                   invitation.lower(), f" {panel.origin}/#/#{invitation.upper()} "):
        browser.get("/invitation")
        assert name in browser.submit("/invitation/open", invitation=pasted).text, pasted
    answer = browser.submit("/invitation/accept", password=PASSWORD, code="000000")
    assert answer.status == 422 and name in answer.text, answer.text
    for pasted in ("dana", "N-00", "N1", "N1-", "N1-0g", "M1-00", "N" + "1" * 62, "N1-" + "0" * 300, f"{invitation}#",
                   f"{invitation} {invitation}", panel.origin):
        browser.get("/invitation")
        answer = browser.submit("/invitation/open", invitation=pasted)
        is_(answer.status, 422, pasted)
        assert "does not look like an invitation" in answer.text, answer.text


@test
def a_password_is_never_sent_back(box, panel):
    browser = Browser(panel)
    browser.get("/login")
    assert "open sesame" not in browser.submit("/login", name="x", password="open sesame", code="1").raw.decode()


@test
def somebody_elses_account_is_not_there(box, panel):
    who, browser = logged_in(box, panel)
    other = person(box, panel)
    known = None
    for account in other.account, "nothing-of-that-name":
        for path in "", "/codes", "/people", "/activity", "/activity.csv", "/codes/I1":
            answer = browser.get(f"/a/{account}{path}", follow=False)
            is_(answer.status, 404, path)
        text = re.sub(r'value="[^"]*"', "", browser.get(f"/a/{account}/codes").text.replace(account, "X"))
        known = known or text
        is_(text, known)


# ---- open pages --------------------------------------------------------------------

def prepared(box, who):
    box.staff("Prepare", account=who.account, action="filter.list", target=["203.0.113.7"])


def tell_open_pages(box, panel):
    who, browser = logged_in(box, panel)
    generate(browser, who)
    issue = browser.path.rsplit("/", 1)[-1]
    code = re.search(r"\d{3}\D{0,40}\d{3}\D{0,40}\d{3}", re.sub(r"<[^>]*>", " ", browser.page.text))
    digits = re.sub(r"\D", "", code[0])
    calls = Stream(panel, browser, f"/a/{who.account}/codes/live")
    page = Stream(panel, browser, f"/a/{who.account}/codes/{issue}/live")
    is_(page.head.header("Content-Type"), "text/event-stream; charset=utf-8")
    is_(page.head.header("Cache-Control"), "no-store")
    is_((calls.event()[0], page.event()[0]), ("page", "page"))
    prepared(box, who)
    started = time.monotonic()
    assert "203.0.113.7" in calls.event()[1]
    is_(box.verify(digits, account=who.account)["verdict"], "accepted")
    name, fragment = page.event()
    is_(name, "page")
    assert digits[:3] + " " + digits[3:6] not in fragment
    took = time.monotonic() - started
    calls.close()
    page.close()
    return took


@test
def an_open_page_is_told_within_a_second(box, panel):
    is_quick(1, lambda: tell_open_pages(box, panel))


@test
def of_an_open_page_one_may_ask_for_the_head_alone(box, panel):
    who, browser = logged_in(box, panel)
    for lines in browser.head_lines(), []:
        answer = panel.ask("HEAD", f"/a/{who.account}/codes/live", *lines, timeout=5)
        is_((answer.status, answer.body), (200, b""))
        is_(answer.header("Content-Type"), "text/event-stream; charset=utf-8")


@test
def an_open_page_ends_with_its_session(box, panel):
    who, browser = logged_in(box, panel)
    stream = Stream(panel, browser, f"/a/{who.account}/codes/live")
    is_(stream.event()[0], "page")
    browser.get("/security")
    browser.get(f"/a/{who.account}/codes")
    browser.submit("/logout")
    is_(stream.event()[0], "end")
    try:
        while stream.receive():
            pass
    except ConnectionError:
        pass


@test
def an_open_page_of_who_was_removed_ends(box, panel):
    who, browser = logged_in(box, panel)
    stream = Stream(panel, browser, f"/a/{who.account}/codes/live")
    is_(stream.event()[0], "page")
    box.control("RemoveAdministrator", administrator=who.name)
    is_(stream.event()[0], "end")


@test
def nobody_hears_of_another_account(box, panel):
    who, browser = logged_in(box, panel)
    other, theirs = logged_in(box, panel)
    stream = Stream(panel, browser, f"/a/{who.account}/codes/live")
    is_(stream.event()[0], "page")
    after = Stream(panel, theirs, f"/a/{other.account}/codes/live")
    is_(after.event()[0], "page")
    prepared(box, other)
    is_(after.event()[0], "page")       # whoever else was to be told was told before
    prepared(box, who)
    assert "203.0.113.7" in stream.event()[1], "the first event is not one's own"
    stream.close()
    after.close()
    answer = panel.ask("GET", f"/a/{other.account}/codes/live", *browser.head_lines())
    is_(answer.status, 404)


@test
def a_browser_that_went_away_is_forgotten(box, panel):
    who, browser = logged_in(box, panel)
    before = len(panel.files())
    streams = [Stream(panel, browser, f"/a/{who.account}/codes/live") for _ in range(50)]
    assert len(panel.files()) > 50
    for stream in streams:
        stream.close()
    until = time.monotonic() + 20
    while len(panel.files()) > before + 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(panel.files()) <= before + 2, panel.files()


# ---- time ------------------------------------------------------------------------

def later(box, panel):
    """A sandbox and a panel whose clocks can be set, somebody logged in, and how to set them."""
    box = Sandbox(people=PEOPLE).fake_clock().start()
    panel = Panel(box, env=box.env).start()
    box.account("acme", "dana")
    who = Person(box, panel)
    who.account = "acme"
    return box, panel, who, who.browser(panel)


def wait_for_use(box, session, number, seconds):
    """Until so many of that person's sessions, this one included, were in use at that time."""
    until = time.monotonic() + 20
    while True:
        c = box.connect("panel")
        rows = list(c.rows("io.countersign.panel.Sessions", session=session))
        c.close()
        if len([r for r in rows if r["used"] >= time.time() + seconds - 90]) == number:
            return
        assert time.monotonic() < until, rows
        time.sleep(0.05)


def code_at(who, seconds):
    return who.phone.code(time.time() + seconds)


@test
def a_high_risk_takes_a_code_of_the_last_quarter_of_an_hour(box, panel):
    need_moving_clock()
    box, panel, who, browser = later(box, panel)
    try:
        path = "/a/acme/codes"
        box.set_clock("+16m")
        browser.get(path + "?action=mail.server")
        answer = browser.submit(path, target_host="mx1.acme.example", target_ip="203.0.113.9")
        is_(answer.status, 403)
        is_(codes_of(box, who, browser), [])
        carried = browser.form(path)
        is_({n: carried[n] for n in ("action", "target_host", "target_ip")},
            {"action": "mail.server", "target_host": "mx1.acme.example", "target_ip": "203.0.113.9"})
        answer = browser.submit(path, proof="000000")
        is_(answer.status, 403)
        is_(codes_of(box, who, browser), [])
        answer = browser.submit(path, follow=False, proof=code_at(who, 960))
        is_(answer.status, 303, answer.text)
        is_(codes_of(box, who, browser)[0]["target"], ["mx1.acme.example=203.0.113.9"])
        browser.get("/security")
        form = browser.form("/security/password")
        box.set_clock("+40m")
        answer = browser.send("/security/password", {**form, "old": PASSWORD, "password": "another one of mine", "proof": ""})
        is_(answer.status, 403)
        assert PASSWORD not in answer.text and "another one of mine" not in answer.text
        # what is not carried on is asked for again, with the code
        is_({"old", "password", "proof"} - set(browser.form("/security/password")), set())
    finally:
        panel.stop()
        box.close()


@test
def an_open_page_keeps_its_session_and_none_outlives_half_an_hour(box, panel):
    need_moving_clock()
    box, panel, who, browser = later(box, panel)
    try:
        beside = who.browser(panel).cookies["countersign"]
        stream = Stream(panel, browser, "/a/acme/codes/live")
        is_(stream.event()[0], "page")
        for minutes in 25, 50, 75:
            box.set_clock(f"+{minutes}m")
            wait_for_use(box, beside, 2, minutes * 60)
        is_(browser.get("/a/acme/codes", follow=False).status, 200)
        stream.close()
        box.set_clock("+108m")
        is_(browser.get("/a/acme/codes", follow=False).header("Location"), "/login?next=%2Fa%2Facme%2Fcodes")
        is_("countersign" in browser.cookies, False)
    finally:
        panel.stop()
        box.close()


@test
def open_pages_are_told_of_what_ends_by_itself(box, panel):
    need_moving_clock()
    box, panel, who, browser = later(box, panel)
    try:
        generate(browser, who)
        prepared(box, who)
        pages = Stream(panel, browser, browser.path + "/live"), Stream(panel, browser, "/a/acme/codes/live")
        for page, there in zip(pages, ("Your code:", "203.0.113.7")):
            assert there in page.event()[1]
            page.settle()
        box.set_clock("+597s")      # what comes now has nothing to do with the end, which is in three seconds
        for page, there, gone in zip(pages, ("This code has expired.", "No technician is asking"), ("Your code:", "203.0.113.7")):
            text = page.event(8)[1]
            while there not in text:
                assert gone in text, text
                text = page.event(8)[1]
    finally:
        panel.stop()
        box.close()


@test
def nothing_of_it_is_in_the_log(box, panel):
    log = panel.read_log()
    assert PASSWORD not in log and "dana" not in log and "acme" not in log, log


with Sandbox(people=PEOPLE) as box, Panel(box) as panel:
    finish(box, panel)

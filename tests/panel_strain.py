#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The panel under strain: the daemon away, killed or hung, hours that pass, too
# many connections, too many log-ins.

import multiprocessing
import os
import re
import selectors
import signal
import socket
import struct
import threading
import time
import urllib.parse

from panel_box import (PASSWORD, RECOVERY, Answer, Browser, Hung, Panel, Person, Relay, Stream, hear, heading,
                       receive_all, wait_for)
from sandbox import Sandbox, finish, is_, need_moving_clock, test

PEOPLE = """
role staff    {{ users = {{ "{uid}" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ "{uid}" }} }}
separate-roles = false
"""
count = 0


def person(box, panel):
    """Somebody new, the only administrator of an account of the same number."""
    global count
    count += 1
    box.account(f"acme{count}", f"dana{count}")
    who = Person(box, panel, f"dana{count}")
    who.account = f"acme{count}"
    return who


def logged_in(box, panel):
    who = person(box, panel)
    return who, who.browser(panel)


def prepare(box, who):
    box.staff("Prepare", account=who.account, action="filter.list", target=["203.0.113.7"])


def post(panel, browser, path, form):
    """A form as bytes."""
    body = urllib.parse.urlencode(form)
    return (panel.head("POST", path, *browser.head_lines(), f"Content-Length: {len(body)}",
                       "Content-Type: application/x-www-form-urlencoded") + body).encode()


# ---- the daemon away --------------------------------------------------------------------

@test
def the_daemon_away_is_a_plain_page_and_it_recovers(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/codes"
    stream = Stream(panel, browser, path + "/live")
    is_(stream.event()[0], "page")
    browser.get(path)
    form = {**browser.form(path), "action": "filter.list", "target": ""}
    box.stop()
    hear(stream, "away")
    answer = browser.get(path)
    is_((answer.status, answer.header("Retry-After")), (503, "5"))
    assert "countersign" in browser.cookies
    answer = browser.send(path, form)
    is_(answer.status, 503)
    assert "Nothing was changed" in answer.text, answer.text
    is_(browser.get("/healthz").status, 200)
    is_(Browser(panel).get("/login").status, 200)
    box.start()
    is_(browser.get(path).status, 200)
    is_(browser.send(path, form, follow=False).status, 303)     # the same request id
    hear(stream, "page")
    prepare(box, who)
    hear(stream, "page", "203.0.113.7")


@test
def a_daemon_that_was_killed_is_found_again(box, panel):
    who, browser = logged_in(box, panel)
    box.restart(9)
    is_(browser.get(f"/a/{who.account}/codes").status, 200)


@test
def browsers_that_leave_in_the_moment_in_which_they_are_told_harm_nobody(*_):
    """More of them than libevent takes in one turn: the rest are closed and written to in the next."""
    with Sandbox(people=PEOPLE) as box, Panel(box) as panel:
        who, browser = logged_in(box, panel)
        for _ in range(3):
            streams = [Stream(panel, browser, f"/a/{who.account}/codes/live") for _ in range(80)]
            with Hung(panel):
                for stream in streams:
                    stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    stream.close()
                box.kill()
            is_(panel.ask("GET", "/healthz").status, 200)
            box.start()
            is_(browser.get("/").status, 200)


class Clocked:
    """A sandbox and a panel whose own clock can be set, while the daemon's goes as ever."""

    def __enter__(self):
        need_moving_clock()
        self.box = Sandbox(people=PEOPLE).start()
        self.panel = Panel(self.box, env=self.box.fake_clock().env).start()
        return self.box, self.panel

    def __exit__(self, *exc):
        self.panel.stop()
        self.box.close()


@test
def while_the_daemon_hangs_pages_say_so_in_time(*_):
    with Clocked() as (box, panel):
        who, browser = logged_in(box, panel)
        path = f"/a/{who.account}/codes"
        stream = Stream(panel, browser, path + "/live")
        browser.get(path)
        form = {**browser.form(path), "action": "filter.list", "target": ""}
        with Hung(box):
            waiting = [panel.connect(), panel.connect()]
            waiting[0].sendall(panel.head("GET", path, *browser.head_lines()).encode())
            waiting[1].sendall(post(panel, browser, path, form))
            for _ in range(3):
                is_(Browser(panel).get("/login").status, 200)
            box.set_clock("+12s")
            for s in waiting:
                answer = Answer(receive_all(s))
                is_((answer.status, answer.header("Retry-After")), (503, "5"))
                is_(answer.header("Set-Cookie"), None, "the session is kept")
                is_("may have been done" in answer.text, s is waiting[1])
        wait_for(lambda: browser.get(path).status == 200)
        is_(browser.send(path, form, follow=False).status, 303)     # the same request id
        prepare(box, who)
        hear(stream, "page", "203.0.113.7")


def colleague(box, who, name):
    box.control("AddAdministrator", account=who.account, administrator=name, name=name.title(), reason="a test")


def people(box, who):
    return {p["administrator"] for p in box.control_rows("ListAdministrators", account=who.account)}


@test
def what_was_done_without_an_answer_is_not_called_undone(box, _):
    with Relay(box) as relay, Panel(box, asks=relay.path) as panel:
        who, browser = logged_in(box, panel)
        colleague(box, who, f"lee{count}")
        path = f"/a/{who.account}/people/lee{count}"
        browser.get(path)
        form = browser.form(path + "/remove")
        relay.cut = ("RemovePerson",)
        answer = browser.send(path + "/remove", form)
        is_((answer.status, f"lee{count}" in people(box, who)), (503, False))
        assert "may have been done" in answer.text and "Nothing was changed" not in answer.text, answer.text
        relay.cut = ("People",)
        answer = browser.get(path)      # which reads
        is_(answer.status, 503)
        assert "Nothing was changed" in answer.text and "may have been" not in answer.text, answer.text


@test
def what_is_shown_once_is_shown_though_the_daemon_goes_away_after_it(box, _):
    with Relay(box) as relay, Panel(box, asks=relay.path) as panel:
        who, browser = logged_in(box, panel)
        browser.get("/security")
        form = browser.form("/security/recovery")
        relay.cut = ("Session",)
        answer = browser.send("/security/recovery", form)
        is_((answer.status, len(re.findall(RECOVERY, answer.text))), (200, 10))


@test
def who_searches_much_keeps_nobody_else_waiting(box, _):
    with Relay(box) as relay, Panel(box, asks=relay.path) as panel:
        _, browser = logged_in(box, panel)
        who, other = logged_in(box, panel)
        relay.held = b'"technician":"nobody"'
        searches = []
        for _ in range(70):
            searches.append(panel.connect())
            path = f"/a/acme{count - 1}/activity?technician=nobody"
            searches[-1].sendall(panel.head("GET", path, *browser.head_lines()).encode())
        for path in "", "/codes", "/tickets", "/activity":
            is_(other.get(f"/a/{who.account}{path}").status, 200, path)
        relay.held = None
        answered = [Answer(receive_all(s)).status for s in searches]
        is_((answered.count(200), answered.count(503)), (66, 4), "two asked, 64 waiting")


def write_ticket(browser, who, **fields):
    browser.get(f"/a/{who.account}/tickets/new")
    return {**browser.form(f"/a/{who.account}/tickets"), "subject": "Mail is down", **fields}


def tickets(box, browser, who):
    c = box.connect("panel")
    try:
        return [t["subject"] for t in c.rows("io.countersign.panel.Tickets", account=who.account,
                                             session=browser.cookies["countersign"])]
    finally:
        c.close()


@test
def what_was_typed_while_the_daemon_was_away_can_be_sent_when_it_is_back(box, panel):
    who, browser = logged_in(box, panel)
    path, text = f"/a/{who.account}/tickets", "one\r\n<two> & \"three\"\r\n" * 20
    form = write_ticket(browser, who, text=text)
    box.control("AddAdministrator", account=who.account, administrator=f"kim{count}", reason="a test")
    invitation = box.control("InviteAdministrator", administrator=f"kim{count}")["invitation"]
    opened = browser.get("/invitation") and browser.form("/invitation/open")
    browser.get("/security")
    password = browser.form("/security/password")
    box.stop()
    answer = browser.send("/security/password", {**password, "old": PASSWORD, "password": PASSWORD + "!"})
    is_((answer.status, answer.forms()), (503, []))
    assert PASSWORD not in answer.text and "Nothing was changed" in answer.text, answer.text
    invited = Browser(panel)
    invited.cookies = dict(browser.cookies)
    is_(invited.send("/invitation/open", {**opened, "invitation": invitation}).status, 503)
    is_(browser.send(path, form).status, 503)
    assert "Nothing was changed" in browser.page.text and "Send again" in browser.page.text, browser.page.text
    is_(browser.form(path), {**form, "text": text.replace("\r", ""), "csrf": browser.form(path)["csrf"]})
    box.start()
    is_(browser.submit(path, follow=False).status, 303)
    is_(tickets(box, browser, who), ["Mail is down"])
    is_(invited.submit("/invitation/open").status, 200)


@test
def only_what_is_not_done_twice_is_offered_again_when_it_may_have_been_done(box, _):
    with Relay(box) as relay, Panel(box, asks=relay.path) as panel:
        who, browser = logged_in(box, panel)
        path = f"/a/{who.account}"
        relay.cut = ("OpenTicket", "InvitePerson")
        is_(browser.send(path + "/tickets", write_ticket(browser, who, text="a text")).status, 503)
        assert "may have been done" in browser.page.text and "not done twice" in browser.page.text, browser.page.text
        is_(tickets(box, browser, who), ["Mail is down"])
        relay.cut = ("InvitePerson",)
        is_(browser.submit(path + "/tickets", follow=False).status, 303)
        is_(tickets(box, browser, who), ["Mail is down"])
        browser.get(path + "/people/_new")
        answer = browser.submit(path + "/people", name="Lee", administrator=f"lou{count}", all="1")
        is_((answer.status, f"lou{count}" in people(box, who), answer.forms()), (503, True, []))
        assert "Look before" in answer.text, answer.text


# ---- open pages, and hours that pass -----------------------------------------------------

@test
def pages_that_close_while_they_are_made_anew_give_their_turn_to_others(*_):
    """Eight are asked for at a time; these eight go away, and nothing happens afterwards."""
    with Clocked() as (box, panel):
        who, browser = logged_in(box, panel)
        browser.get(f"/a/{who.account}/codes")
        browser.submit(f"/a/{who.account}/codes", action="filter.list", target="")
        streams = [Stream(panel, browser, browser.path + "/live") for _ in range(10)]
        for stream in streams:
            is_(stream.event()[0], "page")
        with Hung(box):
            box.set_clock("+241s")
            time.sleep(1.5)     # the panel's tick comes once a second
            for stream in streams[:8]:
                stream.close()
            is_(panel.ask("GET", "/healthz").status, 200)
        for stream in streams[8:]:
            hear(stream, "page")


@test
def a_call_that_comes_while_a_page_is_opened_is_on_it(box, panel):
    """Whatever moment of the opening it comes in."""
    who, browser = logged_in(box, panel)
    for i in range(200):
        target = f"203.0.{i // 100}.{i % 100 + 1}"
        call = threading.Timer(i % 40 / 10000, box.staff, ["Prepare"],
                               dict(account=who.account, action="filter.list", target=[target]))
        call.start()
        stream = Stream(panel, browser, f"/a/{who.account}/codes/live")
        hear(stream, "page", target, within=3)
        stream.close()
        call.join()


def links(panel):
    """The panel's connections to the daemon."""
    with open("/proc/net/unix") as f:
        unix = {line.split()[6] for line in f}
    return {name[8:-1] for name in panel.files()} & unix


@test
def changes_are_heard_over_a_new_connection_after_nine_minutes(*_):
    with Clocked() as (box, panel):
        who, browser = logged_in(box, panel)
        stream = Stream(panel, browser, f"/a/{who.account}/codes/live")
        is_(stream.event()[0], "page")
        first = links(panel)
        assert first
        box.set_clock("+541s")
        wait_for(lambda: links(panel) - first)
        box.set_clock("+550s")
        wait_for(lambda: links(panel) and not links(panel) & first)
        prepare(box, who)
        hear(stream, "page", "203.0.113.7")


# ---- too much at once ----------------------------------------------------------------------

@test
def one_address_has_so_many_connections_and_others_have_theirs(box, _):
    with Panel(box, "per-address = 4\n") as small:
        who, browser = logged_in(box, small)
        made_up = ["192.0.2.8, 192.0.2.7", ",,192.0.2.7", "x," * 200 + " 192.0.2.7", "192.0.2.7"]
        for addresses, other in ((made_up, "192.0.2.8"), (["192.0.2.9", "::ffff:192.0.2.9"] * 2, "192.0.2.10"),
                                 ([f"2001:db8:1:2::{i}" for i in range(4)], "2001:db8:1:3::1")):
            streams = []
            for address in addresses:
                browser.lines = [f"X-Forwarded-For: {address}"]
                streams.append(Stream(small, browser, f"/a/{who.account}/codes/live"))
            again = f"X-Forwarded-For: {addresses[0]}"
            answer = small.ask("GET", "/healthz", again)
            is_((answer.status, answer.header("Connection")), (429, "close"), addresses)
            is_(small.ask("GET", "/healthz", f"X-Forwarded-For: {other}").status, 200, other)
            streams.pop().close()
            wait_for(lambda: small.ask("GET", "/healthz", again).status == 200)
            for stream in streams:
                stream.close()


@test
def forms_that_are_still_arriving_count_as_well(box, _):
    with Panel(box, "per-address = 4\n") as small:
        mine = "X-Forwarded-For: 192.0.2.11"
        head = small.head("POST", "/login", mine, "Content-Type: application/x-www-form-urlencoded",
                          "Content-Length: 100").encode()
        arriving = []
        for _ in range(4):
            arriving.append(small.connect())
            arriving[-1].sendall(head + b"name=")
        wait_for(lambda: small.ask("GET", "/healthz", mine).status == 429, 2)
        is_(small.raw(head + b"name=").status, 429)
        is_(small.ask("GET", "/healthz", "X-Forwarded-For: 192.0.2.12").status, 200)
        is_(Answer(finish_form(arriving.pop())).status, 403, "the fourth of them was taken")
        wait_for(lambda: small.ask("GET", "/healthz", mine).status == 200)
        for s in arriving:
            s.close()


def finish_form(s):
    with s:
        s.sendall(b"x" * 95)
        return receive_all(s)


def answer_all(panel, requests):
    """Sends all of them before any is answered; their answers."""
    sockets = [panel.connect(60) for _ in requests]
    for s, request in zip(sockets, requests):
        s.sendall(request)
    answers = [Answer(receive_all(s)) for s in sockets]
    for s in sockets:
        s.close()
    return answers


@test
def log_ins_over_the_limit_that_arrive_at_the_same_instant_are_not_tried(*_):
    with Sandbox('limit { log-in = "5/10m" }\n', people=PEOPLE) as box, Panel(box) as panel:
        who = person(box, panel)
        browser = Browser(panel)
        browser.get("/login")
        form = {**browser.form("/login"), "name": who.name, "password": "wrong", "code": "000000"}
        wrong = post(panel, browser, "/login", form)
        answers = answer_all(panel, [wrong] * 14)
        is_(sorted(a.status for a in answers), [422] * 5 + [429] * 9)
        right = {**form, "password": PASSWORD, "code": who.code()}
        is_(browser.send("/login", right, follow=False).status, 429)
        # but not in the browser that she is known by
        known = {**who.browser_used.cookies, **browser.cookies}
        browser.cookies = known
        is_(browser.send("/login", right, follow=False).status, 303)


def rage(panel, width):
    """Strangers at the log-in, each from an address of his own, in a process of their own."""
    os.nice(19)
    browser = Browser(panel)
    browser.get("/login")
    form = browser.form("/login")
    eager = selectors.DefaultSelector()
    n = 0

    def knock():
        nonlocal n
        n += 1
        browser.lines = [f"X-Forwarded-For: 198.18.{n >> 8 & 255}.{n & 255}"]
        s = panel.connect()
        s.sendall(post(panel, browser, "/login", {**form, "name": f"n{n}", "password": "guess", "code": "123456"}))
        eager.register(s, selectors.EVENT_READ)
    for _ in range(width):
        knock()
    while True:
        for key, _ in eager.select():
            eager.unregister(key.fileobj)
            key.fileobj.close()
            knock()


def is_turned_away(panel):
    """Is a stranger?"""
    address = "198.19.%d.%d" % tuple(os.urandom(2))
    answer = Browser(panel, address).log_in(f"n{time.monotonic()}", "guess", "123456")
    assert answer.status in (422, 429), answer.status
    return "Too many people are logging in" in answer.text


@test
def a_flood_at_the_log_in_locks_nobody_out_who_has_been_there_before(box, panel):
    people = [person(box, panel) for _ in range(3)]
    flood = multiprocessing.Process(target=rage, args=(panel, 300), daemon=True)
    flood.start()
    try:
        for who in people:
            wait_for(lambda: is_turned_away(panel), 60)
            browser = who.browser_used
            del browser.cookies["countersign"]
            answer = browser.log_in(who.name, PASSWORD, who.code(), follow=False)
            is_((answer.status, answer.header("Location")), (303, "/"), heading(answer))
    finally:
        flood.kill()
        flood.join()


with Sandbox(people=PEOPLE) as box, Panel(box) as panel:
    finish(box, panel)

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The panel between strange ends: answers of the daemon that are none, a socket
# that does not take it in, descriptors that run out, browsers that leave while
# the daemon is asked or never read.

import os
import re
import socket
import struct
import time
import urllib.parse

from panel_box import (PASSWORD, Answer, Browser, Hung, Panel, Relay, Stream, codes_of, heading, hear, logged_in,
                       receive_all, wait_for)
from sandbox import Sandbox, finish, is_, need_moving_clock, test

PEOPLE = """
role staff    {{ users = {{ "{uid}" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ "{uid}" }} }}
separate-roles = false
"""
NOT_PERMITTED = PEOPLE.replace('role panel    {{ users = {{ "{uid}" }} }}', "role panel    {{ users = {{ }} }}")
FORM = "Content-Type: application/x-www-form-urlencoded"


def prepare(box, who, *target):
    box.staff("Prepare", account=who.account, action="filter.list", target=list(target) or ["203.0.113.7"])


# ---- the daemon's answers ---------------------------------------------------------------

@test
def an_answer_that_is_none_is_no_page_and_the_next_one_is(box, _):
    with Relay(box) as relay, Panel(box, asks=relay.path) as panel:
        who, browser = logged_in(box, panel)
        path = f"/a/{who.account}/people"
        for made, status, told in ((b"{\0", 503, "an answer of the daemon: "),
                                   (b"\0", 503, "an answer of the daemon: "),
                                   (b'{"method":"a.b.C","parameters":{}}\0', 503, "an answer of the daemon: "),
                                   (b'{"parameters":{"name":"' + b"x" * 20000, 503, "the daemon is too long\n"),
                                   (b'{"error":"io.countersign.panel.' + b"X" * 100 + b'"}\0', 500, ""),
                                   (b'{"error":"io.countersign.panel.MethodNotFound"}\0{"parameters":{}}\0', 503, "")):
            logged = len(panel.read_log())
            relay.spoiled = {"People": lambda got, made=made: made}
            started = time.monotonic()
            answer = browser.get(path)
            assert time.monotonic() - started < 8, "it waited for more"
            is_((answer.status, "Nothing was changed" in answer.text), (status, True), made[:40])
            assert who.name.title() not in answer.text.split("<main")[1], answer.text
            assert told in panel.read_log()[logged:], panel.read_log()[logged:]
            relay.spoiled = {}
            is_(browser.get(path).status, 200, made[:40])
        assert "x" * 20 not in panel.read_log() and "XXX" not in panel.read_log()


@test
def a_change_that_is_told_in_no_words_is_a_change_all_the_same(box, _):
    with Relay(box) as relay, Panel(box, asks=relay.path) as panel:
        who, browser = logged_in(box, panel)
        stream = Stream(panel, browser, f"/a/{who.account}/codes/live")
        is_(stream.event()[0], "page")
        for made, target in ((b'{"error":"io.countersign.panel.NotPermitted"}\0', "203.0.113.1"),
                             (b"{\0", "203.0.113.2")):
            asked = []

            def spoil(got, made=made, asked=asked):
                asked.append(got)
                return made
            relay.spoiled = {"Changes": spoil}
            prepare(box, who, target)
            hear(stream, "page", target)
            wait_for(lambda: len(asked) > 2)    # on new connections, one a second
        assert "the daemon tells no changes: NotPermitted\n" in panel.read_log(), panel.read_log()
        relay.spoiled = {}
        prepare(box, who, "203.0.113.3")
        hear(stream, "page", "203.0.113.3")
        stream.close()


@test
def a_page_is_opened_for_no_channel_but_the_daemons_own(box, _):
    with Relay(box) as relay, Panel(box, asks=relay.path) as panel:
        who, browser = logged_in(box, panel)
        path = f"/a/{who.account}/codes/live"
        for channel, status in (b"x" * 65, 503), (b"", 404), (b"x" * 64, 200):
            def spoil(got, channel=channel):
                return re.sub(rb'"channels":\["[0-9a-f]+"\]', b'"channels":["' + channel + b'"]', got)
            relay.spoiled = {"Session": spoil}
            is_(panel.ask("HEAD", path, *browser.head_lines()).status, 404 if status == 404 else 200)
            stream = Stream(panel, browser, path)
            is_((stream.head.status, stream.head.header("Connection")), (status, "close"))
            stream.close()
        is_(panel.ask("GET", "/healthz").status, 200)


@test
def a_code_of_the_app_is_asked_for_though_it_cannot_be_said_what_for(box, _):
    with Relay(box) as relay, Panel(box, asks=relay.path) as panel:
        who, _ = logged_in(box, panel)
        lee = who.name.replace("dana", "lee")
        box.control("AddAdministrator", account=who.account, administrator=lee, name="Lee K", reason="a test")
        browser = Browser(panel)
        browser.log_in(who.name, PASSWORD, who.recovery.pop())
        box.control("WaiveCooling", account=who.account, administrator=who.name, reason="a test")
        path = f"/a/{who.account}/people/{lee}"
        browser.get(path)
        form = browser.form(path + "/remove")
        relay.cut = ("People",)
        answer = browser.send(path + "/remove", form)
        is_((answer.status, heading(answer)), (403, "One more code"))
        assert f"To remove <b>{lee}</b> from" in answer.text, answer.text
        relay.cut = ()
        is_(heading(browser.submit(path + "/remove", proof=who.code())), "Lee K is removed")


@test
def a_panel_that_may_ask_nothing_says_no_more_than_that(*_):
    with Sandbox(people=PEOPLE) as box, Panel(box) as panel:
        who, browser = logged_in(box, panel)
        path = f"/a/{who.account}"
        browser.get(path + "/codes")
        form = browser.form(path + "/codes")
        stranger = Browser(panel)
        stranger.get("/login")
        box.write_conf(people=NOT_PERMITTED)
        box.restart()
        answers = browser.get(path), browser.send(path + "/codes", form), \
            stranger.submit("/login", name=who.name, password=PASSWORD, code=who.code())
        is_([a.status for a in answers], [403, 403, 422])
        for answer in answers:
            assert "The service behind this page does not answer. Nothing was changed." in answer.text, answer.text
            assert "uid" not in answer.text and "role" not in re.sub(r'role="\w+"', "", answer.text), answer.text
        assert "countersign" in browser.cookies and "countersign" not in stranger.cookies
        box.write_conf(people=PEOPLE)
        box.restart()
        is_(codes_of(box, who, browser), [])
        is_(browser.get(path).status, 200)


# ---- the daemon's socket ----------------------------------------------------------------

@test
def a_socket_that_is_no_daemons_is_told_once_and_left_when_the_daemon_is_there(box, panel):
    who, browser = logged_in(box, panel)
    path = os.path.join(box.dir, "odd")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as odd:
        odd.bind(path)
        with Panel(box, asks=path) as away:
            mine = Browser(away)
            mine.cookies = dict(browser.cookies)
            for _ in range(3):
                is_(mine.get(f"/a/{who.account}/codes").status, 503)
            is_(away.read_log().count(f"{path}: Protocol wrong type for socket\n"), 1, away.read_log())
            assert "countersign" in mine.cookies
            os.unlink(path)
            os.symlink(box.path("panel"), path)
            is_(mine.get(f"/a/{who.account}/codes").status, 200)
            assert "the daemon answers again\n" in away.read_log(), away.read_log()
            os.unlink(path)


@test
def who_comes_while_the_daemon_takes_nobody_in_waits_and_is_answered(box, panel):
    who, browser = logged_in(box, panel)
    with Relay(box, 0) as relay:
        relay.opened.clear()
        with socket.socket(socket.AF_UNIX) as first:
            first.connect(relay.path)   # whom it takes in first, and nobody else
            with Panel(box, asks=relay.path) as full, full.connect() as waiting:
                waiting.sendall(full.head("GET", f"/a/{who.account}/codes", *browser.head_lines()).encode())
                waiting.settimeout(0.5)
                try:
                    raise AssertionError(waiting.recv(100))
                except socket.timeout:
                    pass
                is_(full.ask("GET", "/healthz").status, 200)
                assert relay.path not in full.read_log(), "it is not away"
                relay.opened.set()
                waiting.settimeout(20)
                is_(Answer(receive_all(waiting)).status, 200)


@test
def who_waits_for_it_too_long_is_told_that_nothing_was_done(*_):
    need_moving_clock()
    with Sandbox(people=PEOPLE) as box, Panel(box) as before, Relay(box, 0) as relay, \
            socket.socket(socket.AF_UNIX) as first:
        who, browser = logged_in(box, before)
        path = f"/a/{who.account}/codes"
        relay.opened.clear()
        first.connect(relay.path)
        with Panel(box, asks=relay.path, env=box.fake_clock().env) as full:
            # a form of who has no session has its token in its own cookie
            mine = Browser(full)
            mine.get("/login")
            body = urllib.parse.urlencode({**mine.form("/login"), "name": who.name, "password": PASSWORD,
                                           "code": "000000"})
            waiting = [full.connect() for _ in range(3)]
            for s in waiting[:2]:
                s.sendall(full.head("GET", path, *browser.head_lines()).encode())
            waiting[2].sendall((full.head("POST", "/login", *mine.head_lines(), FORM, f"Content-Length: {len(body)}")
                                + body).encode())
            is_(full.ask("GET", "/healthz").status, 200)
            for ahead, answered in (11, waiting[:2]), (26, waiting[2:]):
                box.set_clock(f"+{ahead}s")
                for s in answered:
                    answer = Answer(receive_all(s))
                    is_((answer.status, answer.header("Set-Cookie")), (503, None))
                    assert "Nothing was changed" in answer.text, answer.text
            relay.opened.set()
            mine.cookies = dict(browser.cookies)
            wait_for(lambda: mine.get(path).status == 200)


# ---- descriptors ------------------------------------------------------------------------

@test
def without_descriptors_it_rests_says_so_and_goes_on(box, panel):
    who, browser = logged_in(box, panel)
    with Panel(box, wrapper=["sh", "-c", 'ulimit -n 40 && exec "$@"', "sh"]) as few:
        assert "connections = 96: this process may open no more files\n" in few.read_log(), few.read_log()
        first = few.connect()
        is_(few.ask("GET", "/healthz").status, 200)
        others = [few.connect() for _ in range(60)]
        wait_for(lambda: "cannot accept: Too many open files\n" in few.read_log())
        first.sendall(few.head("GET", f"/a/{who.account}", *browser.head_lines()).encode())
        is_(Answer(receive_all(first)).status, 503, "for the daemon there is none, either")
        assert f"{box.path('panel')}: Too many open files\n" in few.read_log(), few.read_log()
        time.sleep(0.5)
        tried = few.read_log().count("cannot accept")
        assert tried < 20, tried
        for s in others:
            s.close()
        first.close()
        wait_for(lambda: few.ask("GET", f"/a/{who.account}", *browser.head_lines()).status == 200, 10)


# ---- browsers that leave, or do not read ------------------------------------------------

@test
def who_leaves_while_the_daemon_is_asked_harms_nobody_and_what_was_asked_is_done(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/codes"
    browser.get(path)
    generate = {**browser.form(path), "action": "filter.list", "target": ""}
    stranger = Browser(panel, "192.0.2.44")
    stranger.get("/login")
    enter = {**stranger.form("/login"), "name": who.name, "password": PASSWORD, "code": who.code()}
    over = Browser(panel)
    over.cookies = {"countersign": "0" * 64}

    def form(who, where, fields):
        body = urllib.parse.urlencode(fields)
        return panel.head("POST", where, *who.head_lines(), FORM, f"Content-Length: {len(body)}") + body

    requests = [form(browser, path, generate), form(stranger, "/login", enter)]
    for method, where, who_asks in (("GET", path, browser), ("GET", path + "/live", browser),
                                    ("HEAD", path + "/live", browser), ("GET", path, over),
                                    ("GET", path + "/live", over), ("GET", path + "/nowhere", browser),
                                    ("GET", f"/a/{who.account}/activity.csv", browser)):
        requests.append(panel.head(method, where, *who_asks.head_lines()))
    before = len(panel.files())
    with Hung(box):
        left = []
        for request in requests:
            left.append(panel.connect())
            left[-1].sendall(request.encode())
        is_(panel.ask("GET", "/healthz").status, 200)
        for i, s in enumerate(left):    # every other breaks off
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", i % 2, 0))
            s.close()
        is_(panel.ask("GET", "/healthz").status, 200)
    wait_for(lambda: len(codes_of(box, who, browser)) == 1)
    wait_for(lambda: "192.0.2.44" in browser.get(f"/a/{who.account}/activity").text)
    is_(browser.get(path).status, 200)
    wait_for(lambda: len(panel.files()) <= before + 12)     # connections to the daemon stay


def there(panel, s):
    """The panel's end of a connection, as the kernel sees it: (state, bytes that it holds); None when it is gone."""
    with open("/proc/net/tcp") as f:
        for line in f:
            words = line.split()
            if words[1].endswith(f":{panel.port:04X}") and words[2].endswith(f":{s.getsockname()[1]:04X}"):
                return words[3], int(words[4].split(":")[0], 16)
    return None


ESTABLISHED = "01"


def never_reads(panel, browser, path):
    """A browser with so small a window that little of what it does not read is on its way."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    s.connect(("127.0.0.1", panel.port))
    s.sendall(panel.head("GET", path, *browser.head_lines()).encode())
    is_(s.recv(12), b"HTTP/1.1 200")
    return s


def tell(box, who, stream, i, targets=5):
    """One call more on each open page, and how long that page is."""
    prepare(box, who, *(f"203.0.{i}.{j}" for j in range(targets)))
    length = len(hear(stream, "page", f"203.0.{i}.{targets - 1}"))
    time.sleep(0.03)
    return length


def fill(box, panel, who, stream, s):
    """Has the page tell some 24 kB more than the kernel takes for who never reads."""
    held, more, i = 0, 0, 0
    while held == 0 or more < 24000:
        i += 1
        length = tell(box, who, stream, i)
        more = more + length if there(panel, s)[1] == held else 0
        held = there(panel, s)[1]


@test
def an_open_page_that_is_not_read_is_ended_before_it_takes_much_memory(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/codes/live"
    stream = Stream(panel, browser, path)
    stream.event()
    with never_reads(panel, browser, path) as s:
        fill(box, panel, who, stream, s)
        time.sleep(0.7)     # it looks twice a second
        is_(there(panel, s)[0], ESTABLISHED, "it may still come")
        more = iter(range(200, 256))
        while (there(panel, s) or [""])[0] == ESTABLISHED:
            tell(box, who, stream, next(more), 60)
    prepare(box, who, "198.51.100.1")
    hear(stream, "page", "198.51.100.1")
    stream.close()


@test
def or_when_the_beat_after_twenty_seconds_finds_it_unread(*_):
    need_moving_clock()
    with Sandbox(people=PEOPLE) as box, Panel(box, env=box.fake_clock().env) as panel:
        who, browser = logged_in(box, panel)
        path = f"/a/{who.account}/codes/live"
        stream = Stream(panel, browser, path)
        stream.event()
        with never_reads(panel, browser, path) as s:
            fill(box, panel, who, stream, s)
            time.sleep(0.7)
            is_(there(panel, s)[0], ESTABLISHED)
            box.set_clock("+21s")
            wait_for(lambda: (there(panel, s) or [""])[0] != ESTABLISHED, 5)
        prepare(box, who, "198.51.100.1")
        hear(stream, "page", "198.51.100.1")
        stream.close()


@test
def who_breaks_off_in_the_middle_of_a_long_answer_harms_nobody(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/codes/live"
    stream = Stream(panel, browser, path)
    stream.event()
    before = len(panel.files())
    for _ in range(2):
        s = never_reads(panel, browser, path)
        fill(box, panel, who, stream, s)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    wait_for(lambda: len(panel.files()) <= before)
    prepare(box, who, "198.51.100.1")
    hear(stream, "page", "198.51.100.1")
    stream.close()


with Sandbox(people=PEOPLE) as box, Panel(box) as panel:
    finish(box, panel)

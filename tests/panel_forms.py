#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Forms at their limits, and what a person is told then: as browsers send them,
# with CR LF in every text of several lines.  And markup in whatever anybody can
# write: it comes back as text.

import html
import re
import time
import urllib.parse

from panel_box import (PASSWORD, RECOVERY, SECRET, Answer, Browser, Panel, Person, Stream, heading, logged_in, quote,
                       receive_all)
from sandbox import Phone, Sandbox, finish, is_, new_request, srcdir, test

PEOPLE = """
role staff    {{ users = {{ "{uid}" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ "{uid}" }} }}
separate-roles = false
"""
SIXTY_FOUR = [f"mx{i}.acme.example=192.0.2.{i}" for i in range(64)]
UNKNOWN = "Unknown browser"


def open_ticket(who, browser, **fields):
    browser.get(f"/a/{who.account}/tickets/new")
    return browser.submit(f"/a/{who.account}/tickets",
                          **{"subject": "A subject", "text": "a text", "action": "", "target": "", **fields})


def refusal(answer):
    found = re.search(r'id="refusal".*?<p>(.*?)</p>', answer.text, re.S)
    return found[1] if found else ""


@test
def lines_and_tabs_come_through(box, panel):
    who, browser = logged_in(box, panel)
    answer = open_ticket(who, browser, text="one\r\n\ttwo\r\nthree")
    is_(answer.status, 200)
    is_(re.search(r'entry-text">(.*?)</p>', answer.text, re.S)[1], "one\n two\nthree")


@test
def what_is_refused_is_said_and_shown_as_it_was_typed(box, panel):
    who, browser = logged_in(box, panel)
    long = "\r\n".join(["x.example"] * 65)
    for fields in {"subject": "s" * 129}, {"text": "x" * 4001}, {"action": "filter.list", "target": long}:
        answer = open_ticket(who, browser, **{"text": "one\r\ntwo", **fields})
        is_(answer.status, 422, fields)
        assert "too long" in refusal(answer), refusal(answer)
        assert "\ufffd" not in answer.text
        if "text" not in fields:
            assert ">\none\ntwo</textarea>" in answer.text


@test
def a_reply_to_a_ticket_that_was_closed_meanwhile_is_still_there_to_copy(box, panel):
    who, browser = logged_in(box, panel)
    answer = open_ticket(who, browser)
    box.panel("CloseTicket", session=browser.cookies["countersign"], account=who.account, ticket=browser.path.split("/")[-1])
    answer = browser.submit(browser.path, text="one <b>\r\ntwo")
    is_((answer.status, refusal(answer)), (422, "This ticket is closed. Open a new one."))
    assert re.search(r"<textarea[^>]* readonly>\none &lt;b&gt;\ntwo</textarea>", answer.text), answer.text
    assert "<textarea" not in browser.get(browser.path).text


@test
def a_form_of_the_longest_texts_that_its_fields_take_gets_a_page(box, panel):
    who, browser = logged_in(box, panel)
    targets = "\r\n".join(f"{i:02}" + "x" * 253 for i in range(64))
    for status, fields in ((200, {"text": "x" * 4000}), (200, {"text": "\u043f" * 4000}), (200, {"text": "\u4e2d" * 4000}),
                           (200, {"text": "\U0001f600" * 2000}), (422, {"text": "\u4e2d" * 4001}),
                           (422, {"text": "x" * 4000, "action": "filter.list", "target": targets})):
        answer = open_ticket(who, browser, **fields)
        is_(answer.status, status, fields["text"][:2])
        assert status == 200 or "too long" in refusal(answer), answer.text[:200]
        assert fields["text"] in answer.text


@test
def a_ticket_that_is_full_of_the_longest_texts_has_a_page(box, panel):
    who, browser = logged_in(box, panel)
    for one in "\u4e2d", '"':
        answer = open_ticket(who, browser, text=one * 4000)
        for _ in range(199):
            box.staff("Reply", ticket=browser.path.split("/")[-1], text=one * 4000, request=new_request())
        answer = browser.get(browser.path)
        is_(answer.status, 200, heading(answer))
        is_(html.unescape(answer.text).count(one * 4000), 200)


@test
def one_line_says_what_its_letters_count(box, panel):
    who, browser = logged_in(box, panel)
    browser.get("/security")
    label = browser.submit("/security/authenticators", label="\u0436" * 65, purpose="login")
    browser.get(f"/a/{who.account}/people/_new")
    name = browser.submit(f"/a/{who.account}/people", name="\u6f22" * 43, administrator="zz", all="1")
    for answer in label, name, open_ticket(who, browser, subject="\u0436" * 65):
        is_(answer.status, 422)
        assert "of other alphabets count as two or three" in refusal(answer), refusal(answer)
    is_(open_ticket(who, browser, subject="\u0436" * 64).status, 200)


@test
def a_code_for_as_many_targets_as_there_may_be_is_made_anew(box, panel):
    who, browser = logged_in(box, panel)
    path = f"/a/{who.account}/codes"
    browser.get(path + "?action=mail.server")
    answer = browser.submit(path, target_host="", target_ip="", target="\r\n".join(SIXTY_FOUR))
    is_(answer.status, 200)
    form = next(part for part in answer.text.split("<form")[1:] if 'name="replace"' in part)
    fields = [(html.unescape(n), html.unescape(v))
              for n, v in re.findall(r'name="([^"]*)" value="([^"]*)"', form.split("</form>")[0])]
    is_([v for n, v in fields if n == "target"], SIXTY_FOUR)
    sent = {}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    is_(browser.send(path, sent, follow=False).status, 303)


@test
def an_export_goes_on_where_the_page_does(box, panel):
    who, browser = logged_in(box, panel)
    for i in range(110):
        box.control("AddAdministrator", account=who.account, administrator=f"kim{i}", reason="a test")
    path = f"/a/{who.account}/activity"

    def export(page, kind):
        link = next(html.unescape(p) for p in re.findall(r'href="([^"]*)"', page.text) if f"activity.{kind}" in p)
        return browser.get(link).text.splitlines()

    page = browser.get(path)
    assert len(export(page, "csv")) > 111
    lines = export(page, "jsonl")
    assert len(lines) > 110
    older = next(html.unescape(p) for p in re.findall(r'href="([^"]*)"', page.text) if "before=" in p and "activity?" in p)
    is_(export(browser.get(older), "jsonl"), lines[100:])


@test
def older_tickets_are_a_page_away(box, panel):
    who, browser = logged_in(box, panel)
    path, asked = f"/a/{who.account}/tickets", {"session": browser.cookies["countersign"], "account": who.account}
    opened = []
    for _ in range(101):
        opened.append(box.open_ticket(**asked))
        box.panel("CloseTicket", ticket=opened[-1], **asked)

    def shown(page):
        return re.findall(rf'href="{path}/(T\d+)"', page.text)

    page = browser.get(path + "?closed=1")
    is_(shown(page), opened[:0:-1])
    older = next(html.unescape(p) for p in re.findall(r'href="([^"]*)"', page.text) if "before=" in p)
    page = browser.get(older)
    is_(shown(page), opened[:1])
    assert "before=" not in page.text
    page = browser.get(f"{path}?closed=1&before={opened[0]}")
    assert "None is older." in page.text and not shown(page), page.text
    is_(browser.get(path + "?before=yesterday").status, 404)


@test
def who_lost_the_phone_is_told_what_that_means_where_the_new_one_is_added(box, panel):
    who, _ = logged_in(box, panel)
    lost = Browser(panel)
    answer = lost.log_in(who.name, "correct horse battery", who.recovery[0])
    is_(lost.path, "/security")
    for told in "with a recovery code", "wait 24 hours", "colleagues were told":
        assert told in answer.text, told
    answer = lost.submit("/security/authenticators", purpose="login", label="New phone")
    assert "New authenticator" in answer.text or "class=\"secret\"" in answer.text
    assert "with a recovery code" not in who.browser(panel).get("/security").text


@test
def a_recovery_code_can_be_typed_on_a_phone(box, panel):
    """Which has no letters where a page asks for digits."""
    who, _ = logged_in(box, panel)
    lost = Browser(panel)
    assert 'href="/login/recovery"' in lost.get("/login").text
    assert "numeric" in lost.page.text
    for code, where in ("0000-0000-0000-0000", "/login/recovery"), (who.recovery[1].upper(), "/security"):
        lost.get("/login/recovery")
        assert "numeric" not in lost.page.text and "one-time-code" not in lost.page.text
        lost.submit("/login/recovery", name=who.name, password="correct horse battery", code=code)
        is_(lost.path, where)
    is_(lost.get("/login/recovery", follow=False).header("Location"), "/")


@test
def a_page_of_recovery_codes_that_is_loaded_again_makes_no_others(box, panel):
    who, browser = logged_in(box, panel)
    browser.get("/security")
    form = browser.form("/security/recovery")
    codes = re.findall(RECOVERY, browser.send("/security/recovery", form).text)
    is_(len(codes), 10)
    answer = browser.send("/security/recovery", form)
    is_((answer.status, re.findall(RECOVERY, answer.text)), (422, []))
    assert "made for this form already" in answer.text, answer.text
    lost = Browser(panel)
    lost.log_in(who.name, "correct horse battery", codes[0])
    is_(lost.path, "/security", "what is on paper is good")


@test
def whatever_a_browser_calls_itself_its_user_logs_in(box, panel):
    """Also where what is kept of it would end inside a character."""
    who, browser = logged_in(box, panel)
    others = list_browsers(browser)
    for sent, shown in (b"B" * 126 + b"\xc3\xa9", "B" * 126 + "\u00e9"), (b"B" * 127 + b"\xc3\xa9", "B" * 127), \
            (b"C" * 250, "C" * 128), (b"D <b>", "D <b>"), \
            (b"A" * 199 + b"\xc3\xa9", UNKNOWN), (b"E\xff", UNKNOWN):
        other = Browser(panel)
        other.get("/login")
        form = urllib.parse.urlencode({**other.form("/login"), "name": who.name, "password": "correct horse battery",
                                       "code": who.recovery.pop()}).encode()
        cookies = "; ".join(f"{n}={v}" for n, v in other.cookies.items())
        head = panel.head("POST", "/login", f"Cookie: {cookies}", f"Content-Length: {len(form)}",
                          "Content-Type: application/x-www-form-urlencoded", "User-Agent: @")
        is_(panel.raw(head.encode().replace(b"@", sent) + form).status, 303, sent)
        others.append(shown)
        is_(sorted(list_browsers(browser)), sorted(others))


def list_browsers(browser):
    found = re.findall(r'<li><div class="row-text"><b[^>]*>(.*?)</b>', browser.get("/security").text)
    return [html.unescape(name) for name in found]


@test
def the_colleagues_read_what_became_of_log_ins_and_from_where(box, panel):
    who, browser = logged_in(box, panel)
    box.control("AddAdministrator", account=who.account, administrator="kit", name="Kit", all=True, reason="a test")
    kit = Person(box, panel, "kit")
    path = f"/a/{who.account}/activity"
    lost = Browser(panel, "192.0.2.99")
    lost.log_in("kit", "not the password", "123456")
    lost.log_in("kit", "correct horse battery", kit.recovery[0])
    rows = [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", row)) for row in browser.get(path).text.split("<li>")[1:]]
    rows = [row for row in rows if "Kit" in row]
    for row, told in zip(rows, (("Logged in", "recovery code"), ("Log-in refused", "password"), ("Invitation accepted",))):
        for part in told:
            assert part in row, rows
    for row in rows[:2]:
        assert "from 192.0.2.99" in row, row
    assert '"192.0.2.99"' in browser.get(path + ".csv").text
    assert '"client":"192.0.2.99"' in browser.get(path + ".jsonl").text


@test
def what_makes_high_risk_changes_wait_is_said_before_it_is_done(box, panel):
    def cards(browser):
        return re.split("<section", browser.get("/security").text)

    def says(browser, part):
        return ["24 hours" in card for card in cards(browser) if part in card]

    def waits(browser):
        return "cooling" in box.panel("Session", session=browser.cookies["countersign"])

    who, browser = logged_in(box, panel)
    is_(says(browser, 'name="old"'), [False])
    browser.submit("/security/password", old="correct horse battery", password="another one of mine")
    is_(waits(browser), False)
    is_(says(browser, 'value="A'), [True])
    browser.submit("/security/authenticators", purpose="login", label="New")
    secret = re.sub(r"\s", "", re.search(SECRET, re.sub(r"<[^>]*>", " ", browser.page.text))[1])
    browser.submit("/security/authenticators/confirm", code=Phone({"authenticator": "", "secret": secret}).code(time.time()))
    is_(waits(browser), True)
    lost = Browser(panel)
    lost.log_in(who.name, "another one of mine", who.recovery[0])
    is_(says(lost, 'name="old"'), [True])


@test
def an_open_page_ends_with_its_session(box, panel):
    who, browser = logged_in(box, panel)
    other = who.browser(panel)
    with panel.connect(5) as page:
        page.sendall(panel.head("GET", f"/a/{who.account}/codes/live", *other.head_lines()).encode())
        page.recv(65536)
        browser.get("/security")
        browser.send("/security/sessions/end", {k: v for k, v in browser.form("/security/sessions/end").items() if k != "id"})
        assert b"event: end" in receive_all(page)


@test
def a_removal_says_what_it_ended(box, panel):
    who, browser = logged_in(box, panel)
    box.control("AddAdministrator", account=who.account, administrator="lee", name="Lee", all=True, reason="a test")
    lee = Person(box, panel, "lee")
    other = lee.browser(panel)
    other.get(f"/a/{who.account}/codes")
    other.submit(f"/a/{who.account}/codes", action="filter.list", target="")
    path = f"/a/{who.account}/people/lee"
    browser.get(path)
    answer = browser.submit(path + "/remove")
    assert "Ended: 1 code, 2 sessions, 1 authenticator." in re.sub(r"<[^>]*>", "", answer.text), answer.text


@test
def a_panel_that_is_stopped_ends_well_with_pages_open(box, panel):
    who, browser = logged_in(box, panel)
    fresh = Panel(box, env={"ASAN_OPTIONS": "detect_leaks=0"}).start()
    opened = [fresh.connect() for _ in range(20)]
    for s in opened[10:]:
        s.sendall(fresh.head("GET", f"/a/{who.account}/codes/live", *browser.head_lines()).encode())
    fresh.ask("GET", "/healthz")
    is_(fresh.stop(), 0, fresh.read_log())
    for s in opened:
        s.close()


SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


@test
def script_in_any_field_comes_back_as_text(box, panel):
    who, browser = logged_in(box, panel)
    pages = ["/", f"/a/{who.account}", f"/a/{who.account}/codes", f"/a/{who.account}/tickets/new", f"/a/{who.account}/people",
             f"/a/{who.account}/people/_new", f"/a/{who.account}/activity", f"/a/{who.account}/freeze", "/security"]
    sent = 0
    for page in pages:
        browser.get(page)
        if browser.page.status != 200:
            continue
        for action, form in browser.page.forms():
            if action in ("/logout", ""):
                continue
            filled = {n: v if n in ("csrf", "request") else SCRIPT for n, v in form.items()}
            answer = browser.send(action, filled)
            assert "<script>alert" not in answer.text and "<img src=x" not in answer.text, (page, action)
            assert answer.status < 500, (action, answer.status)
            sent += 1
    assert sent >= 5, sent
    quoted = urllib.parse.quote(SCRIPT)
    for path in (f"/login?next={quoted}&name={quoted}", f"/a/{quoted}", f"/a/{who.account}/codes/{quoted}",
                 f"/a/{who.account}/activity?kind={quoted}&action={quoted}&administrator={quoted}&technician={quoted}",
                 f"/invitation?invitation={quoted}", f"/{quoted}"):
        text = browser.get(path, follow=False).text
        assert "<script>alert" not in text and "<img src=x" not in text, path
    guest = Browser(panel)
    guest.get("/login")
    text = guest.submit("/login", name=SCRIPT, password=SCRIPT, code=SCRIPT).text
    assert "<script>alert" not in text
    assert SCRIPT not in text and "&lt;script&gt;" in text
    assert PASSWORD not in text


@test
def what_was_written_in_a_session_that_ended_is_given_back_and_nothing_else(box, panel):
    who, browser = logged_in(box, panel)
    open_ticket(who, browser)
    reply, new = browser.path, f"/a/{who.account}/tickets"
    policy = browser.page.header("Content-Security-Policy")
    fields = {reply: {**browser.form(reply), "text": f"one\r\n{SCRIPT}"}, reply + "/close": browser.form(reply + "/close")}
    browser.get(new + "/new")
    fields[new] = {**browser.form(new), "subject": SCRIPT, "text": f"one\r\n{SCRIPT}"}
    session = browser.cookies["countersign"]
    box.panel("LogOut", session=session)
    shown = html.escape(SCRIPT).replace("&#x27;", "&#39;")
    for cookie in {"countersign": session}, {}:
        for where in reply, new:
            for token in fields[where]["csrf"], "0" * 64:
                browser.cookies = dict(cookie)
                answer = browser.send(where, {**fields[where], "csrf": token}, follow=False)
                is_((answer.status, answer.header("Content-Security-Policy")), (403, policy))
                is_(answer.header("Cache-Control"), "no-store")
                assert "You were logged out. This is what you wrote; it was not sent." in answer.text, answer.text
                assert re.search(r"<textarea[^>]* readonly>\none\n" + re.escape(shown) + "</textarea>", answer.text), answer.text
                is_(re.findall(r'name="subject" type="text" readonly value="(.*?)"', answer.text), [shown] * (where == new))
                assert 'href="/login" target="_blank" rel="noopener"' in answer.text
                is_((answer.forms(), browser.cookies), ([], {}))
        for where, sent, lines in ((reply + "/close", {"text": "one"}, ()), (reply, {"text": ""}, ())):
            browser.cookies = dict(cookie)
            answer = browser.send(where, {**fields[where], **sent}, follow=False, lines=lines)
            is_((answer.status, answer.header("Location").split("?")[0]), (303, "/login"))
        for lines, status in (([], 303), (["Origin: null"], 403), (["Origin: http://evil.example"], 403),
                              ([f"Origin: {panel.origin}", "Sec-Fetch-Site: cross-site"], 403)):
            body = urllib.parse.urlencode(fields[new]).encode()
            browser.cookies = dict(cookie)
            answer = panel.ask("POST", new, *browser.head_lines(), *lines, f"Content-Length: {len(body)}",
                               "Content-Type: application/x-www-form-urlencoded", body=body)
            is_(answer.status, status, lines)
            assert "<textarea" not in answer.text and "alert(1)" not in answer.text, lines


def mark(where):
    return f"{where}'\"><u {where}>"


class Marked:
    """Somebody who looks at everything, and in every text that anybody wrote there is markup."""

    def __init__(self, box, panel):
        self.box, self.panel = box, panel
        box.control("AddAccount", account="marked", name=mark("account"))
        box.control("AddAdministrator", account="marked", administrator="mark", name=mark("person"), all=True, reason=mark("added"))
        box.control("AddAdministrator", account="marked", administrator="lee", name=mark("colleague"), reason=mark("added"))
        self.browser = Person(box, panel, "mark").browser(panel)
        self.browser.lines = ["X-Forwarded-For: 192.0.2.1"]
        self.seen = ""

    def see(self, answer):
        """An answer, whatever it is."""
        kind = answer.header("Content-Type")
        assert answer.status < 500, answer.status
        if not kind.startswith(("text/csv", "application/jsonl")):      # of which no browser makes a page
            assert "<u " not in answer.text, (self.browser.path, answer.text)
            assert '"&gt;&lt;u' not in answer.text, (self.browser.path, answer.text)
        for name, value in answer.headers:
            assert "<u" not in value and "\r" not in value, (name, value)
        self.seen += answer.text
        return answer

    def send(self, page, where, **fields):
        self.see(self.browser.get(page))
        return self.see(self.browser.submit(where, **fields))

    def write(self):
        """Every text field that a person or an operator can write."""
        box, a = self.box, "/a/marked"
        box.staff("Prepare", account="marked", action="mark.up", target=[mark("called")], case=mark("case"))
        self.see(self.browser.get(a + "/codes"))
        self.send(a + "/codes?action=mark.up", a + "/codes", action="mark.up", target=mark("target"))
        self.issue = self.browser.path
        self.send(a + "/codes?action=filter.list", a + "/codes", action="filter.list", target=mark("freely"))
        self.send(a + "/tickets/new", a + "/tickets", subject=mark("subject"), text=mark("text"), action="mark.up",
                  target=mark("ticketed"))
        self.ticket = self.browser.path
        box.staff("Reply", ticket=self.ticket.split("/")[-1], text=mark("answer"), request=new_request())
        self.send(self.ticket, self.ticket, text=mark("reply"))
        self.send("/security", "/security/authenticators", purpose="support", label=mark("label"))
        self.send(a + "/people/_new", a + "/people", administrator="kim", name=mark("invited"), all="1")
        box.control("SuspendAdministrator", administrator="lee", account="marked", reason=mark("suspended"))

    def visit(self):
        """Every page of the table."""
        with open(f"{srcdir}/panel/route.c") as f:
            rows = re.findall(r'^\t(?:PAGE|BARE)\((A )?"?([^",]*)"?, ([A-Z_| 0]+),', f.read(), re.M)
        assert len(rows) >= 20, rows
        for under, path, flags in rows:
            path = ("/a/marked" if under or path == "A" else "") + path.replace("A", "")
            for place, value in ((":issue", self.issue.split("/")[-1]), (":ticket", self.ticket.split("/")[-1]),
                                 (":administrator", "lee")):
                path = path.replace(place, value)
            if "LIVE" in flags:
                stream = Stream(self.panel, self.browser, path)
                self.see(Answer(stream.head.raw + stream.event()[1].encode()))
                stream.close()
            else:
                self.see(self.browser.get(path, follow=False))


@test
def markup_in_anything_that_anybody_wrote_comes_back_as_text(*_):
    conf = 'action "mark.up" { title = "%s" require = code bind-target = true }\n' % quote(mark("title"))
    shown = "".join(f'{option} = "{quote(mark(option))}"\n' for option in ("support", "directions"))
    with Sandbox(conf, people=PEOPLE) as box, Panel(box, shown, name=mark("provider")) as panel:
        marked = Marked(box, panel)
        marked.write()
        marked.visit()
        guest = Browser(panel)
        for path in "/login", "/invitation", "/nowhere":
            marked.see(guest.get(path))
        written = {"account", "person", "added", "colleague", "called", "case", "target", "freely", "subject", "text", "ticketed",
                   "answer", "reply", "label", "invited", "suspended", "title", "support", "directions", "provider"}
        is_({where for where in written if html.escape(mark(where)).replace("&#x27;", "&#39;") not in marked.seen}, set())


with Sandbox('limit { ticket = "32/1s" }\n', people=PEOPLE) as box, Panel(box) as panel:
    finish(box, panel)

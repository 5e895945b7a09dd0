# SPDX-License-Identifier: ISC
#
# What the panel's tests share: a real countersign-panel in front of a sandbox's
# daemon, a browser without script that keeps cookies and fills in forms, and
# bytes on a raw socket for what no browser would send.

import contextlib
import html.parser
import os
import random
import re
import select
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

from sandbox import Phone, Skip, builddir

PANEL = os.path.join(builddir, "countersign-panel")
PASSWORD = "correct horse battery"
SECRET = r"\b((?:[A-Z2-7]{4}\s+){7}[A-Z2-7]{4}|[A-Z2-7]{32})\b"
RECOVERY = r"\b[0-9a-f]{4}(?:-[0-9a-f]{4}){3}\b"


def free_port():
    """One from which no connection starts, which would take it before it is listened on."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
        first = int(f.read().split()[0])
    while True:
        port = random.randrange(10000, max(first, 20000))
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def quote(text):
    """For the configuration."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


class Answer:
    def __init__(self, raw):
        self.raw = raw
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if raw else 0
        self.headers = [tuple(line.split(": ", 1)) for line in lines[1:]]
        self.text = self.body.decode("utf-8", "replace")

    def header(self, name):
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    def forms(self):
        reader = Forms()
        reader.feed(self.text)
        return reader.forms


class Forms(html.parser.HTMLParser):
    """The forms of a page: [(action, {name: value})]."""

    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append((attrs.get("action", ""), {}))
        elif tag in ("input", "textarea", "button") and attrs.get("name") and self.forms:
            if attrs.get("type") not in ("radio", "checkbox") or "checked" in attrs:
                self.forms[-1][1][attrs["name"]] = attrs.get("value", "")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)


class Panel:
    def __init__(self, box, conf="", env=None, wrapper=(), asks=None, name="Acme Hosting"):
        self.box = box
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.origin = f"http://{self.host}"
        self.conf = os.path.join(box.dir, f"panel-{self.port}.conf")
        self.log = os.path.join(box.dir, f"panel-{self.port}.log")
        self.env = dict(os.environ, **(env or {}))
        self.wrapper = list(wrapper)
        self.process = None
        with open(self.conf, "w") as f:
            f.write(f'listen = "127.0.0.1:{self.port}"\nsocket = "{asks or box.path("panel")}"\n'
                    f'name = "{quote(name)}"\n' + conf)
        os.chmod(self.conf, 0o644)

    def start(self):
        log = open(self.log, "ab")
        self.process = subprocess.Popen(self.wrapper + [PANEL, "-c", self.conf], stderr=log, stdout=log,
                                        stdin=subprocess.DEVNULL, env=self.env)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError("the panel ended: " + self.read_log())
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                time.sleep(0.005)
        raise RuntimeError("the panel does not answer: " + self.read_log())

    def stop(self, sig=signal.SIGTERM):
        if self.process:
            self.process.send_signal(sig)
            status = self.process.wait(30)
            self.process = None
            return status

    def read_log(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def connect(self, timeout=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def raw(self, text, timeout=20):
        """What comes back until the other side closes."""
        with self.connect(timeout) as s:
            try:
                s.sendall(text if isinstance(text, bytes) else text.encode())
            except (BrokenPipeError, ConnectionResetError):
                pass
            return Answer(receive_all(s))

    def head(self, method, path, *lines):
        return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {self.host}", *lines, "", ""])

    def ask(self, method, path, *lines, body=b"", timeout=20):
        return self.raw(self.head(method, path, *lines).encode() + body, timeout)

    def memory(self):
        """Resident kilobytes."""
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])

    def files(self):
        """What each open descriptor is."""
        folder, found = f"/proc/{self.process.pid}/fd", []
        try:
            for fd in os.listdir(folder):
                try:
                    found.append(os.readlink(f"{folder}/{fd}"))
                except FileNotFoundError:
                    pass
        except PermissionError:
            raise Skip("the panel's descriptors are root's to see") from None
        return found

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        status = self.stop()
        if exc[0] is None and status:
            raise RuntimeError(f"the panel ended with {status}: {self.read_log()}")


def receive_all(s):
    got = b""
    while True:
        try:
            part = s.recv(65536)
        except ConnectionResetError:
            return got
        if not part:
            return got
        got += part


def heading(answer):
    found = re.search(r"<h1>(.*?)</h1>", answer.text, re.S)
    return re.sub(r"<[^>]*>", "", found[1]) if found else answer.text[:200]


class Browser:
    def __init__(self, panel, address=None):
        self.panel = panel
        self.cookies = {}
        self.page = None
        self.path = "/"
        self.lines = [f"X-Forwarded-For: {address}"] if address else []

    def head_lines(self):
        lines = ["User-Agent: A browser", *self.lines]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{n}={v}" for n, v in self.cookies.items()))
        return lines

    def keep(self, answer):
        for name, value in answer.headers:
            if name == "Set-Cookie":
                cookie, value = value.split(";")[0].split("=", 1)
                if value:
                    self.cookies[cookie] = value
                else:
                    self.cookies.pop(cookie, None)
        return answer

    def get(self, path, follow=True):
        answer = self.keep(self.panel.ask("GET", path, *self.head_lines()))
        return self.went(answer, path, follow)

    def send(self, path, fields, follow=True, lines=()):
        body = urllib.parse.urlencode(fields, doseq=True).encode()
        answer = self.keep(self.panel.ask("POST", path, *self.head_lines(), f"Content-Length: {len(body)}",
                                          "Content-Type: application/x-www-form-urlencoded",
                                          f"Origin: {self.panel.origin}", *lines, body=body))
        return self.went(answer, path, follow)

    def went(self, answer, path, follow):
        self.page, self.path = answer, path
        if follow and answer.status == 303:
            return self.get(answer.header("Location"))
        return answer

    def form(self, action):
        for where, fields in self.page.forms():
            if where == action:
                return dict(fields)
        raise AssertionError(f"no form {action} on {self.path}: {self.page.status} {heading(self.page)}")

    def submit(self, where, follow=True, **fields):
        """Fills in the form of the page at hand."""
        return self.send(where, {**self.form(where), **fields}, follow)

    def log_in(self, name, password, code, follow=True):
        self.get("/login")
        return self.submit("/login", follow=follow, name=name, password=password, code=code)


class Person:
    """Who has accepted an invitation: password, phone, recovery codes."""

    def __init__(self, box, panel, name="dana"):
        self.box, self.name = box, name
        self.browser_used = browser = Browser(panel)
        browser.get("/invitation")
        browser.submit("/invitation/open", invitation=box.control("InviteAdministrator", administrator=name)["invitation"])
        secret = re.sub(r"\s", "", re.search(SECRET, re.sub(r"<[^>]*>", " ", browser.page.text))[1])
        self.phone = Phone({"authenticator": "A1", "secret": secret})
        self.code = self.phone.next_code
        answer = browser.submit("/invitation/accept", password=PASSWORD, code=self.code())
        self.recovery = re.findall(RECOVERY, answer.text)
        if answer.status != 200 or len(self.recovery) != 10:
            raise AssertionError(f"{answer.status} {heading(answer)} {self.recovery}")

    def browser(self, panel, address=None):
        browser = Browser(panel, address)
        answer = browser.log_in(self.name, PASSWORD, self.code())
        if "countersign" not in browser.cookies:
            raise AssertionError(f"not logged in: {answer.status} {answer.text}")
        return browser


people = 0


def logged_in(box, panel):
    """Somebody new with an account of their own, and their browser."""
    global people
    people += 1
    box.account(f"acme{people}", f"dana{people}")
    who = Person(box, panel, f"dana{people}")
    who.account = f"acme{people}"
    return who, who.browser(panel)


def codes_of(box, who, browser):
    c = box.connect("panel")
    try:
        return list(c.rows("io.countersign.panel.Codes", session=browser.cookies["countersign"], account=who.account))
    finally:
        c.close()


class Stream:
    """An open page: its events, as they come."""

    def __init__(self, panel, browser, path):
        self.socket = panel.connect()
        self.socket.sendall(panel.head("GET", path, *browser.head_lines(), "Accept: text/event-stream").encode())
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.receive()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        self.head = Answer(head + b"\r\n\r\n")

    def receive(self):
        got = self.socket.recv(65536)
        if not got:
            raise ConnectionError("closed")
        return got

    def event(self, within=20):
        """(name, data); chunks' lengths are lines of their own and skipped."""
        self.socket.settimeout(within)
        while True:
            text = re.sub(rb"(?:^|\r\n)[0-9a-f]+\r\n", b"", self.rest)
            found = re.search(rb"event: (\w+)\n((?:data: [^\n]*\n)+)\n", text)
            if found:
                self.rest = text[found.end():]
                return found[1].decode(), re.sub(rb"(?m)^data: ", b"", found[2]).decode()
            self.rest += self.receive()

    def settle(self):
        """Until nothing has come for a moment: what is on its way when the clock jumps seems late."""
        try:
            while True:
                self.event(0.3)
        except TimeoutError:
            pass

    def close(self):
        self.socket.close()


def hear(stream, name, text="", within=30):
    """The next event of that name with that text."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        got = stream.event(within)
        if got[0] == name and text in got[1]:
            return got[1]
    raise AssertionError(f"no {name} with {text!r}")


def wait_for(true, within=30):
    """What comes sooner or later."""
    until = time.monotonic() + within
    while not true():
        assert time.monotonic() < until, "in vain"
        time.sleep(0.02)


class Hung:
    """A daemon or a panel that is there and does nothing."""

    def __init__(self, box):
        self.process = box.process

    def __enter__(self):
        self.process.send_signal(signal.SIGSTOP)

    def __exit__(self, *exc):
        self.process.send_signal(signal.SIGCONT)


class Relay:
    """Between a panel and the daemon.  What the daemon answers to the methods in "cut" is lost with the
    connection, to those in "spoiled" it becomes what their function makes of it; a call with the bytes of
    "held" waits while they are that.  Nobody is accepted before "opened" is set."""

    def __init__(self, box, backlog=64):
        self.daemon, self.path, self.cut, self.held, self.spoiled = box.path("panel"), box.path("relay"), (), None, {}
        self.opened = threading.Event()
        self.opened.set()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(backlog)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            self.opened.wait()
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(near,), daemon=True).start()

    def pass_on(self, near):
        call = b""
        with contextlib.suppress(OSError), near, socket.socket(socket.AF_UNIX) as far:
            far.connect(self.daemon)
            while True:
                for s in select.select([near, far], [], [])[0]:
                    got = s.recv(65536)
                    if not got or (s is far and any(f".panel.{name}\"".encode() in call for name in self.cut)):
                        return
                    call = got if s is near else call
                    for name, spoil in self.spoiled.items() if s is far else ():
                        got = spoil(got) if f".panel.{name}\"".encode() in call else got
                    while s is near and self.held and self.held in call:
                        time.sleep(0.02)
                    (far if s is near else near).sendall(got)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.unlink(self.path)

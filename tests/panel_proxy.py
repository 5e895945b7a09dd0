#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The panel behind a real nginx and a real Caddy with the configurations in
# packaging/examples: HTTPS, cookies bound to the host, open pages, and whose
# address counts.

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack

from panel_box import PASSWORD, Answer, Browser, Panel, Person, free_port, receive_all
from sandbox import Sandbox, Skip, finish, is_, is_quick, srcdir, test

PEOPLE = """
role staff    {{ users = {{ "{uid}" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ "{uid}" }} }}
separate-roles = false
"""
CLIENT = "127.0.0.7"  # not what the panel takes for one that is not told
FORM = "Content-Type: application/x-www-form-urlencoded"


class Proxy(Panel):
    """Spoken to as the panel is, but with TLS and as panel.example."""

    def __init__(self, panel):
        self.panel, self.box, self.port, self.plain = panel, panel.box, free_port(), free_port()
        self.host, self.origin = "panel.example", "https://panel.example"
        self.tls = ssl.create_default_context()
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        self.folder = os.path.join(self.box.dir, self.name)
        self.log = f"{self.folder}/log"
        self.browser = Browser(self)

    @classmethod
    def is_here(cls):
        return all(map(shutil.which, cls.needs))

    def example(self, name):
        with open(f"{srcdir}/packaging/examples/{name}") as f:
            return f.read().replace("127.0.0.1:8790", f"127.0.0.1:{self.panel.port}")

    def write(self, text):
        with open(f"{self.folder}/conf", "w") as f:
            f.write(text)

    def start(self):
        os.makedirs(self.folder)
        self.configure()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=dict(os.environ, HOME=self.folder, XDG_CONFIG_HOME=self.folder))
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                self.connect().close()
                return self
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise RuntimeError(self.read_log())

    def connect(self, timeout=20):
        s = socket.create_connection(("127.0.0.1", self.port), timeout, source_address=(CLIENT, 0))
        return self.tls.wrap_socket(s, server_hostname=self.host)

    def head(self, method, path, *lines):
        return super().head(method, path, "Connection: close", *lines)

    def stop(self):
        self.process.kill()
        self.process.wait()


class Nginx(Proxy):
    name, needs = "nginx", ("nginx", "openssl")

    def configure(self):
        folder = self.folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=panel.example",
                        "-keyout", f"{folder}/key.pem", "-out", f"{folder}/fullchain.pem"], check=True, capture_output=True)
        text = re.sub(r"\tlisten \[::\].*\n", "", self.example("nginx.conf"))
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{self.port} ").replace("listen 80;", f"listen 127.0.0.1:{self.plain};")
        text = text.replace("/etc/ssl/panel.example", folder)
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.write(f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {self.log};\n"
                   f"events {{ }}\nhttp {{\naccess_log off;\ngzip on;\n{temporary}{text}\n}}\n")

    def command(self):
        return ["nginx", "-p", self.folder, "-e", self.log, "-c", f"{self.folder}/conf"]


class Caddy(Proxy):
    name, needs = "Caddy", ("caddy",)

    def configure(self):
        self.write(self.example("Caddyfile").replace("\n{\n", f"""
{{
	default_bind 127.0.0.1
	https_port {self.port}
	http_port {self.plain}
	local_certs
	skip_install_trust
	storage file_system {self.folder}
""", 1))

    def command(self):
        return ["caddy", "run", "--adapter", "caddyfile", "--config", f"{self.folder}/conf"]


def each(check):
    """A test of either proxy."""
    for kind in (Nginx, Caddy):

        def one(box, panel, proxies, kind=kind):
            if kind not in proxies:
                raise Skip(f"needs {' and '.join(kind.needs)}")
            check(box, panel, proxies[kind])

        one.__name__ = f"{check.__name__} ({kind.name})"
        test(one)
    return check


@each
def a_person_logs_in(box, panel, proxy):
    browser = proxy.browser
    browser.lines = ["X-Forwarded-For: 198.51.100.66", "Accept-Encoding: gzip"]
    browser.get("/login")
    cookie = browser.page.header("Set-Cookie")
    assert cookie.startswith("__Host-form=") and "; Secure" in cookie, cookie
    browser.log_in(who.name, PASSWORD, who.code())
    assert "__Host-countersign" in browser.cookies and "__Host-device" in browser.cookies
    answer = browser.get("/a/acme/codes")
    is_(answer.status, 200)
    is_(answer.header("Strict-Transport-Security"), "max-age=31536000")
    is_(answer.header("Cache-Control"), "no-store")
    is_(answer.header("Content-Encoding"), None, "its length would tell of what is in it")


@each
def plain_http_leads_to_https(box, panel, proxy):
    with socket.create_connection(("127.0.0.1", proxy.plain), 20) as s:
        s.sendall(proxy.head("GET", "/login?x=1").encode())
        answer = Answer(receive_all(s))
    assert answer.status in (301, 308), answer.status
    is_(answer.header("Location"), "https://panel.example/login?x=1")


def receive_until(s, what):
    got = b""
    while what not in got:
        part = s.recv(65536)
        if not part:
            raise ConnectionError(f"closed after {got}")
        got += part
    return got


def open_page(proxy):
    s = proxy.connect()
    s.sendall(proxy.head("GET", "/a/acme/codes/live", *proxy.browser.head_lines()).encode())
    receive_until(s, b"event: page")
    return s


def tell_an_open_page(box, proxy, target):
    with open_page(proxy) as s:
        box.staff("Prepare", account="acme", action="filter.list", target=[target])
        started = time.monotonic()
        receive_until(s, target.encode())
        return time.monotonic() - started


targets = (f"203.0.113.{n}" for n in range(100, 200))


@each
def an_open_page_is_told(box, panel, proxy):
    is_quick(1, lambda: tell_an_open_page(box, proxy, next(targets)))


def connections(panel):
    """Those that the panel has not closed: established, or closed by the proxy alone."""
    with open("/proc/net/tcp") as f:
        rows = [line.split() for line in f]
    return {row[2] for row in rows if row[1].endswith(f":{panel.port:04X}") and row[3] in ("01", "08")}


def close_an_open_page(panel, proxy):
    before = connections(panel)
    with open_page(proxy):
        mine = connections(panel) - before
        assert mine
    started = time.monotonic()
    while connections(panel) & mine and time.monotonic() < started + 5:
        time.sleep(0.01)
    return time.monotonic() - started


@each
def a_page_that_the_browser_left_is_closed_at_the_panel(box, panel, proxy):
    is_quick(2, lambda: close_an_open_page(panel, proxy))


@each
def an_address_that_the_client_made_up_does_not_count(box, panel, proxy):
    c = box.connect("panel")
    rows = list(c.rows("io.countersign.panel.Sessions", session=proxy.browser.cookies["__Host-countersign"]))
    c.close()
    is_([r["address"] for r in rows if r["current"]], [CLIENT])
    page = proxy.browser.get("/a/acme/activity").text
    assert f"from <bdi>{CLIENT}</bdi>" in page and "198.51.100.66" not in page


@each
def the_longest_form_gets_through(box, panel, proxy):
    browser = Browser(proxy)
    browser.get("/login")
    is_(browser.submit("/login", name="x", password="y", code="z", rest="w" * 40000).status, 422)


@each
def a_form_that_is_too_long_is_answered_so(box, panel, proxy):
    for length in 40961, 500000:
        with proxy.connect() as s:
            s.sendall(proxy.head("POST", "/login", FORM, f"Content-Length: {length}").encode())
            try:
                s.sendall(b"w" * length)
            except OSError:
                pass  # answered before all of it came
            is_(Answer(receive_until(s, b"\r\n\r\n")).status, 413)


@each
def requests_of_two_minds_do_not_get_through(box, panel, proxy):
    for lines in (("Content-Length: 3", "Transfer-Encoding: chunked"), ("Content-Length: 3", "Content-Length: 4"),
                  ("Transfer-Encoding: chunked",), ("Content-Length: 3", "Transfer-Encoding : chunked"),
                  ("Content-Length: 3", "Transfer-Encoding: xchunked"), ("Content-Length: +3",),
                  ("Content-Length: 3", " Transfer-Encoding: chunked"), ("Host: other.example", "Content-Length: 3")):
        with proxy.connect() as s:
            s.sendall(proxy.head("POST", "/login", FORM, *lines).encode() +
                      b"3\r\na=b\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: panel.example\r\n\r\n")
            got = receive_all(s)
        assert got.count(b"HTTP/1.1 ") <= 1 and b"\r\n\r\nok\n" not in got, (lines, got)


@test
def whoever_guesses_is_slowed_down_by_nginx_wherever_a_secret_is_typed(box, panel, proxies):
    """Its own page, which has no form: the panel's says more."""
    if Nginx not in proxies:
        raise Skip("needs nginx and openssl")
    proxy = proxies[Nginx]
    for path in "/login", "/login/recovery", "/invitation/open", "/invitation/accept":
        answers = [proxy.ask("POST", path, FORM, "Content-Length: 3", body=b"a=b") for _ in range(20)]
        is_({a.status for a in answers if "<center>nginx" in a.text}, {429}, path)
    is_(proxy.ask("GET", "/healthz").status, 200)


@test
def nobody_on_the_host_can_give_Caddy_another_configuration(box, panel, proxies):
    if Caddy not in proxies:
        raise Skip("needs caddy")
    adapted = subprocess.run(["caddy", "adapt", "--adapter", "caddyfile", "--config", f"{srcdir}/packaging/examples/Caddyfile"],
                             check=True, capture_output=True).stdout
    is_(json.loads(adapted)["admin"], {"disabled": True})


with Sandbox(people=PEOPLE) as box, Panel(box, 'origin = "https://panel.example"\n') as panel, ExitStack() as stack:
    panel.host, panel.origin = "panel.example", "https://panel.example"
    box.account("acme", "dana")
    who = Person(box, panel)
    proxies = {kind: stack.enter_context(kind(panel)) for kind in (Nginx, Caddy) if kind.is_here()}
    finish(box, panel, proxies)

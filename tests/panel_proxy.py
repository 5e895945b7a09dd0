#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The panel behind a real nginx with the configuration in packaging/examples:
# HTTPS, cookies bound to the host, open pages, and whose address counts.

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

from panel_box import PASSWORD, Browser, Panel, Person, free_port, receive_all
from sandbox import Sandbox, finish, is_, is_quick, srcdir, test

PEOPLE = """
role staff    {{ users = {{ "{uid}" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ "{uid}" }} }}
separate-roles = false
"""


class Proxy(Panel):
    """nginx, spoken to as the panel is, but with TLS and as panel.example."""

    def __init__(self, panel):
        self.panel, self.box, self.port = panel, panel.box, free_port()
        self.host, self.origin = "panel.example", "https://panel.example"
        self.tls = ssl.create_default_context()
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE

    def start(self):
        folder = os.path.join(self.box.dir, "nginx")
        os.makedirs(folder)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=panel.example",
                        "-keyout", f"{folder}/key.pem", "-out", f"{folder}/fullchain.pem"], check=True, capture_output=True)
        with open(f"{srcdir}/packaging/examples/nginx.conf") as f:
            text = f.read()
        text = re.sub(r"\tlisten \[::\].*\n", "", text)
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{self.port} ").replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
        text = text.replace("/etc/ssl/panel.example", folder).replace("127.0.0.1:8790", f"127.0.0.1:{self.panel.port}")
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(f"{folder}/nginx.conf", "w") as f:
            f.write(f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
                    f"events {{ }}\nhttp {{\naccess_log off;\n{temporary}{text}\n}}\n")
        self.process = subprocess.Popen(["nginx", "-p", folder, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"],
                                        stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(open(f"{folder}/error.log").read())

    def connect(self, timeout=20):
        return self.tls.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout))

    def head(self, method, path, *lines):
        return super().head(method, path, "Connection: close", *lines)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


@test
def a_person_logs_in_through_nginx(box, panel, proxy):
    browser = who.browser_with(Browser(proxy))
    assert "__Host-countersign" in browser.cookies and "__Host-device" in browser.cookies
    answer = browser.get("/a/acme/codes")
    is_(answer.status, 200)
    is_(answer.header("Strict-Transport-Security"), "max-age=31536000")
    is_(answer.header("Cache-Control"), "no-store")


def tell_an_open_page(box, proxy, target):
    with proxy.connect() as s:
        s.sendall(proxy.head("GET", "/a/acme/codes/live", *who.open.head_lines()).encode())
        got = b""
        while b"event: page" not in got:
            got += s.recv(65536)
        box.staff("Prepare", account="acme", action="filter.list", target=[target])
        started = time.monotonic()
        while target.encode() not in got:
            got += s.recv(65536)
        return time.monotonic() - started


@test
def an_open_page_is_told_through_nginx(box, panel, proxy):
    targets = (f"203.0.113.{n}" for n in range(100, 200))
    is_quick(1, lambda: tell_an_open_page(box, proxy, next(targets)))


@test
def an_address_that_the_client_made_up_does_not_count(box, panel, proxy):
    c = box.connect("panel")
    rows = list(c.rows("io.countersign.panel.Sessions", session=who.open.cookies["__Host-countersign"]))
    c.close()
    assert rows
    is_({r["address"] for r in rows if r["current"]}, {"127.0.0.1"})


@test
def the_longest_form_gets_through(box, panel, proxy):
    browser = Browser(proxy)
    browser.get("/login")
    is_(browser.submit("/login", name="x", password="y", code="z", rest="w" * 40000).status, 422)


@test
def requests_of_two_minds_do_not_get_through(box, panel, proxy):
    for lines in (("Content-Length: 3", "Transfer-Encoding: chunked"), ("Content-Length: 3", "Content-Length: 4"),
                  ("Transfer-Encoding: chunked",)):
        with proxy.connect() as s:
            s.sendall(proxy.head("POST", "/login", "Content-Type: application/x-www-form-urlencoded", *lines).encode() +
                      b"3\r\na=b\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: panel.example\r\n\r\n")
            got = receive_all(s)
        assert got.count(b"HTTP/1.1 ") <= 1 and b"\r\n\r\nok\n" not in got, got


@test
def whoever_guesses_is_slowed_down_by_nginx_wherever_a_secret_is_typed(box, panel, proxy):
    """Its own page, which has no form: the panel's says more."""
    for path in "/login", "/login/recovery", "/invitation/open", "/invitation/accept":
        lines = ("Content-Type: application/x-www-form-urlencoded", "Content-Length: 3")
        answers = [proxy.ask("POST", path, *lines, body=b"a=b") for _ in range(20)]
        is_({a.status for a in answers if "<center>nginx" in a.text}, {429}, path)
    is_(proxy.ask("GET", "/healthz").status, 200)


class Dana(Person):
    def browser_with(self, browser):
        browser.lines = ["X-Forwarded-For: 198.51.100.66"]
        browser.log_in(self.name, PASSWORD, self.code())
        self.open = browser
        return browser


if not shutil.which("nginx") or not shutil.which("openssl"):
    print("1..0 # SKIP needs nginx and openssl")
else:
    with Sandbox(people=PEOPLE) as box, Panel(box, 'origin = "https://panel.example"\n') as panel:
        panel.host, panel.origin = "panel.example", "https://panel.example"
        box.account("acme", "dana")
        who = Dana(box, panel)
        proxy = Proxy(panel).start()
        try:
            finish(box, panel, proxy)
        finally:
            proxy.stop()

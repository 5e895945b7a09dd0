# SPDX-License-Identifier: ISC
#
# packaging/examples for web tools, run as they are printed but for the place of
# the socket: the staff tool (role desk) and the Generate button of a control
# panel that has log-ins of its own (role issuer), in PHP, Python and Node.

import html
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from sandbox import Phone, Sandbox, Skip, finish, is_, new_request, srcdir, test

RUN = {"php": lambda port, path: ["php", "-S", f"127.0.0.1:{port}", path],
       "py": lambda port, path: ["python3", path, str(port)],
       "js": lambda port, path: ["node", path, str(port)]}
TECHNICIAN = "games"        # a user that every host has, and no operator

PEOPLE = f"""
role staff    {{{{ users = {{{{ "{TECHNICIAN}" }}}} }}}}
role operator {{{{ users = {{{{ "{{uid}}" }}}} }}}}
role desk     {{{{ users = {{{{ "{{uid}}" }}}}  technicians {{{{ users = {{{{ "{TECHNICIAN}" }}}} }}}} }}}}
role issuer   {{{{ users = {{{{ "{{uid}}" }}}} }}}}
separate-roles = false
"""


class Web:
    """One of the examples, serving."""

    def __init__(self, box, role, language):
        program = RUN[language](0, "")[0]
        if not shutil.which(program):
            raise Skip(f"needs {program}")
        path = os.path.join(box.dir, f"{role}.{language}")
        with open(os.path.join(srcdir, "packaging", "examples", f"{role}.{language}")) as f:
            text = f.read()
        is_(text.count("/run/countersign/"), 1, "places of the socket in " + path)
        with open(path, "w") as f:
            f.write(text.replace("/run/countersign/", box.sockets + "/"))
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.process = subprocess.Popen(RUN[language](self.port, path), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.wait()

    def wait(self):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("the example does not listen")

    def ask(self, user, fields=None, **headers):
        """A page: (the sentence on it, the token of its form)."""
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", data, {"X-Remote-User": user, **headers})
        with urllib.request.urlopen(request, timeout=20) as reply:
            page = reply.read().decode()
        say = html.unescape(re.search(r"<p>(.*?)</p>", page, re.S).group(1))
        return say, re.search(r"name=token value=\"([0-9a-f]{32})\"", page).group(1)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()


def has(text, part):
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")


def play_desk(box, language):
    with Web(box, "desk", language) as web:
        host, address = f"mx-{language}.acme.example", "203.0.113.9"
        token = web.ask(TECHNICIAN)[1]
        form = {"account": "acme", "host": host, "address": address, "code": "", "token": token}
        say, token = web.ask(TECHNICIAN, form)
        has(say, f"{host} → {address}")
        has(say, "Generate")
        code = box.issue(action="mail.server", target=[f"{host}={address}"])
        right = {**form, "code": code, "token": token}
        has(web.ask(TECHNICIAN, {**right, "address": "203.0.113.10", "token": new_request()})[0], "Not accepted")
        first = web.ask(TECHNICIAN, right)[0]
        has(first, f"{host} now {address}")
        is_(web.ask(TECHNICIAN, right)[0], first, "a double click")
        say = web.ask(TECHNICIAN, {**right, "token": new_request()})[0]
        has(say, "this code was used at")
        is_(f"{host} now" in say, False, "the change after a used code")
        has(web.ask(TECHNICIAN, {**form, "account": "acem"})[0], 'No account "acem". Did you mean acme?')
        has(web.ask("root", form)[0], "cannot be named")
        has(web.ask(TECHNICIAN, {**form, "address": "203.0.113"})[0], "Countersign does not take this target")
        try:
            web.ask(TECHNICIAN, right, Origin="https://evil.example")
            raise AssertionError("another site's form was taken")
        except urllib.error.HTTPError as refused:
            is_(refused.code, 403)
        events = [e for e in box.control_rows("Events") if e.get("action") == "mail.server" and e["kind"] == "verify"]
        is_({e["technician"] for e in events}, {TECHNICIAN}, "who asked")


def play_issuer(box, language, phone):
    with Web(box, "issuer", language) as web:
        token = web.ask("acme/dana")[1]
        form = {"action": "", "target": "", "proof": "", "token": token}
        say = web.ask("acme/dana", form)[0]
        digits = re.search(r"\d{3} \d{3} \d{3}", say).group()
        is_(web.ask("acme/dana", form)[0], say, "a double click")
        verdict = box.staff("Verify", account="acme", action="filter.list", code=digits, request=new_request(),
                            technician=TECHNICIAN)
        is_(verdict["verdict"], "accepted", verdict["say"])
        high = {**form, "action": "mail.server", "target": "mx1.acme.example=203.0.113.9"}
        say = web.ask("acme/dana", {**high, "token": new_request()})[0]
        is_(re.search(r"\d{3} \d{3} \d{3}", say), None, "a code without the proof")
        proof = phone.code(phone.at)
        phone.at += 30
        say = web.ask("acme/dana", {**high, "proof": proof, "token": new_request()})[0]
        digits = re.search(r"\d{3} \d{3} \d{3}", say).group()
        verdict = box.staff("Verify", account="acme", action="mail.server", target=["mx1.acme.example=203.0.113.9"],
                            code=digits, request=new_request(), technician=TECHNICIAN)
        is_(verdict["verdict"], "accepted", verdict["say"])
        has(web.ask("globex/dana", {**form, "token": new_request()})[0], "no administrator of that account")
        has(web.ask("acme/dana", {**form, "target": "a", "token": new_request()})[0],
            "Countersign does not take this action")


@test
def the_staff_tool_in_php(box, phone):
    play_desk(box, "php")


@test
def the_staff_tool_in_python(box, phone):
    play_desk(box, "py")


@test
def the_staff_tool_in_node(box, phone):
    play_desk(box, "js")


@test
def the_generate_button_in_php(box, phone):
    play_issuer(box, "php", phone)


@test
def the_generate_button_in_python(box, phone):
    play_issuer(box, "py", phone)


@test
def the_generate_button_in_node(box, phone):
    play_issuer(box, "js", phone)


@test
def they_say_so_when_the_daemon_is_away(box, phone):
    box.stop()
    for role in "desk", "issuer":
        for language in RUN:
            with Web(box, role, language) as web:
                form = {"account": "acme", "host": "mx1.acme.example", "address": "203.0.113.9", "code": "",
                        "target": "", "token": new_request()}
                has(web.ask("acme/dana", form)[0], "Countersign gave no answer")


with Sandbox(people=PEOPLE) as sandbox:
    sandbox.account("acme", "dana", all=True)
    sandbox.account("globex", None)
    app = Phone(sandbox.control("Enroll", administrator="dana", purpose="login", label="phone"))
    app.at = int(time.time()) - 30
    sandbox.control("Confirm", administrator="dana", authenticator=app.id, code=app.code(app.at))
    app.at += 30
    finish(sandbox, app)

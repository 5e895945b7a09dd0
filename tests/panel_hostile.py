#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Whoever has taken over the panel: its uid, its socket, and a customer's
# session of his own.  He asks everything there is to ask, about somebody who is
# logged in as well, and gets no code, no session and no authenticator of hers.

import os
import re
import shutil
import socket

from panel_box import PASSWORD, Browser, Panel, Person
from sandbox import Connection, Error, Phone, Sandbox, Skip, as_uid, finish, is_, new_request, srcdir, test

PANEL_UID, STAFF_UID = 60601, 60602
PEOPLE = """
role staff    {{ users = {{ "%d" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ "%d" }} }}
""" % (STAFF_UID, PANEL_UID)

# About nobody, or his own to guess at.
FREE = {"Changes"}
# What a session of his own may be told or do.
HIS_OWN = {"LogOut", "Session", "Sessions", "EndSession", "Authenticators", "EnrollAuthenticator", "RecoveryCodes",
           "RenameAuthenticator", "RemoveAuthenticator", "ConfirmAuthenticator", "SetPassword", "Prove"}


def methods(interface):
    """(name, [(parameter, type)]) of its interface file."""
    with open(f"{srcdir}/daemon/io.countersign.{interface}.varlink") as f:
        for name, parameters in re.findall(r"^method (\w+)\s*\((.*?)\)\s*->", f.read(), re.M | re.S):
            yield name, re.findall(r"(\w+):\s*([^,]+)", parameters)


class Scene:
    """dana of acme with a live code, a call and a ticket; mallory of evil; both logged in."""

    def __init__(self, box, panel):
        self.box = box
        box.account("acme", "dana")
        box.account("evil", "mallory")
        self.dana, mallory = Person(box, panel, "dana"), Person(box, panel, "mallory")
        self.her, self.his = self.dana.browser(panel), mallory.browser(panel)
        self.staff("Prepare", account="acme", action="filter.list", target=["203.0.113.7"])
        generated = self.panel("Generate", session=self.token(self.her), account="acme", action="filter.list",
                               request=new_request())
        self.code, self.issue = generated["code"], generated["issue"]
        self.call = as_uid(PANEL_UID, self.first_call)
        self.ticket = self.panel("OpenTicket", session=self.token(self.her), account="acme", subject="a subject of dana",
                                 text="a text of dana", request=new_request())["ticket"]
        self.known = {"account": "acme", "administrator": "dana", "issue": self.issue, "call": self.call,
                      "ticket": self.ticket, "authenticator": "A1", "id": "1", "name": "dana", "password": PASSWORD,
                      "old": PASSWORD, "code": "123456", "action": "filter.list", "purpose": "login", "label": "mine",
                      "subject": "x", "text": "x", "address": "127.0.0.1", "reason": "x"}
        # What must not be in any answer.
        self.secrets = [self.code, self.code[:3] + " " + self.code[3:6], self.token(self.her), self.dana.phone.secret,
                        "of dana", *self.dana.recovery]

    def first_call(self):
        c = Connection(self.box.path("panel"))
        return next(c.rows("io.countersign.panel.Calls", session=self.token(self.her), account="acme"))["call"]

    @staticmethod
    def token(browser):
        return browser.cookies["countersign"]

    def panel(self, method, **parameters):
        return as_uid(PANEL_UID, lambda: ask(self.box.path("panel"), "io.countersign.panel." + method, parameters))

    def staff(self, method, **parameters):
        return as_uid(STAFF_UID, lambda: ask(self.box.path("staff"), "io.countersign.staff." + method, parameters))

    def parameters(self, wanted, session):
        filled = {}
        for name, kind in wanted:
            if name == "session":
                filled[name] = session
            elif name == "request":
                filled[name] = new_request()
            elif "[]" in kind:
                filled[name] = ["203.0.113.7"]
            elif "int" in kind or "bool" in kind:
                continue
            else:
                filled[name] = self.known.get(name, os.urandom(32).hex())
        return {n: v for n, v in filled.items() if v is not None}


def ask(path, method, parameters):
    c = Connection(path)
    try:
        return c.call(method, **parameters)
    finally:
        c.close()


def try_all(scene, door, interface, sessions):
    """Every method with every session: [(method, session's index, error or None, did a secret come)]."""
    # Before the uid changes: the sources may be in a folder of root's.
    asked = sorted(methods(interface), key=lambda m: m[0] in ("EndSession", "LogOut"))
    return as_uid(PANEL_UID, lambda: try_each(scene, door, interface, asked, sessions))


def try_each(scene, door, interface, asked, sessions):
    seen = []
    for name, wanted in asked:
        for index, session in enumerate(sessions):
            if name in FREE:
                continue
            try:
                c = Connection(scene.box.path(door), 5)
                c.send(f"io.countersign.{interface}.{name}", more=True, **scene.parameters(wanted, session))
                reply, error = c.receive(), None
            except Error as e:
                reply, error = e.parameters, e.name
            except OSError as e:
                reply, error = "", type(e).__name__
            seen.append((name, index, error, any(s in str(reply) for s in scene.secrets)))
    return seen


@test
def without_her_session_he_gets_nothing_of_hers(box, scene):
    his = scene.token(scene.his)
    sessions = ["", "0" * 64, os.urandom(32).hex(), "x", his[:-1] + ("0" if his[-1] != "0" else "1"), his.upper(),
                scene.code, None]
    seen = try_all(scene, "panel", "panel", sessions)
    assert len(seen) > 150, len(seen)
    is_([s for s in seen if s[2] is None], [])
    is_([s for s in seen if s[3]], [])


@test
def with_a_session_of_his_own_he_gets_his_own(box, scene):
    seen = try_all(scene, "panel", "panel", [scene.token(scene.his)])
    is_([s for s in seen if s[3]], [])
    is_([s[0] for s in seen if s[2] is None and s[0] not in HIS_OWN], [])
    assert {"Session", "Sessions", "LogOut"} <= {s[0] for s in seen if s[2] is None}


@test
def the_other_sockets_do_not_know_him(box, scene):
    for door, interface in ("staff", "staff"), ("control", "control"), ("panel", "staff"), ("panel", "control"):
        seen = try_all(scene, door, interface, [None])
        assert seen
        is_([s for s in seen if s[2] is None or s[3]], [], (door, interface))


@test
def what_changes_tells_him_no_name(box, scene):
    def follow():
        c = Connection(box.path("panel"), 2)
        c.send("io.countersign.panel.Changes", more=True)
        rows = [c.receive()]
        os.write(ready, b"x")
        try:
            while True:
                rows.append(c.receive())
        except OSError:
            return rows
    read, ready = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(read, 1)
        scene.staff("Prepare", account="acme", action="report.mail", target=["x.example"])
        os._exit(0)
    rows = as_uid(PANEL_UID, follow)
    os.waitpid(child, 0)
    channels = [r["parameters"].get("channel") for r in rows if r["parameters"]]
    assert channels, rows
    for channel in channels:
        assert re.fullmatch("[0-9a-f]+", channel), channel


@test
def and_hers_is_as_it_was(box, scene):
    is_(scene.her.get(f"/a/acme/codes/{scene.issue}").status, 200)
    verdict = scene.staff("Verify", account="acme", action="filter.list", code=scene.code, request=new_request())
    is_(verdict["verdict"], "accepted")
    text = scene.her.get(f"/a/acme/tickets/{scene.ticket}").text
    assert "a text of dana" in text and scene.ticket in text


@test
def a_strangers_daemon_hears_no_password(box, scene):
    """Somebody who came first to the socket's place."""
    folder = os.path.join(box.dir, "stranger")
    path = os.path.join(folder, "panel")
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(STAFF_UID, STAFF_UID, STAFF_UID)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(path)
            os.chmod(path, 0o777)
            listener.listen(8)
            os.write(write, b".")
            while True:
                os.write(write, listener.accept()[0].recv(65536) or b".")
        finally:
            os._exit(0)
    is_(os.read(read, 1), b".")
    try:
        with Panel(box, wrapper=drop, asks=path) as fooled:
            browser = Browser(fooled)
            browser.get("/login")
            is_(browser.submit("/login", name="dana", password=PASSWORD, code="123456").status, 503)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
    os.close(write)
    is_(os.read(read, 65536).strip(b"."), b"", "what it was told")


@test
def the_process_keeps_no_new_privileges_and_no_core(box, scene):
    with open(f"/proc/{panel.process.pid}/status") as f:
        status = f.read()
    is_(re.search(r"NoNewPrivs:\s+(\d)", status)[1], "1")
    is_(re.search(r"Uid:\s+(.*)", status)[1].split(), [str(PANEL_UID)] * 4)
    with open(f"/proc/{panel.process.pid}/limits") as f:
        is_(re.search(r"Max core file size\s+(\d+)\s+(\d+)", f.read()).groups(), ("0", "0"))
    is_(os.stat(f"/proc/{panel.process.pid}/mem").st_uid, 0, "who may read its memory")


if os.getuid() != 0 or not shutil.which("setpriv"):
    print("1..0 # SKIP needs root and setpriv for uids of their own")
else:
    drop = ["setpriv", f"--reuid={PANEL_UID}", f"--regid={PANEL_UID}", "--clear-groups"]
    with Sandbox(people=PEOPLE) as box, Panel(box, wrapper=drop) as panel:
        finish(box, Scene(box, panel))

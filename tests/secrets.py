#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Promise 5: secrets, live codes and grants are found nowhere but in the answer
# that handed them out: not in the database, not in the log, not in a core, not
# in the panel's memory.

import base64
import os
import pty
import re
import resource
import signal
import subprocess
import tempfile
import time

from panel_box import PASSWORD, SECRET, Browser, Panel, Person
from sandbox import COUNTERSIGN, Error, Phone, Sandbox, Skip, finish, is_, sanitized, test


def encodings(secret):
    """How the same secret could lie about."""
    if isinstance(secret, bytes):
        yield secret
        yield secret.hex().encode()
        yield base64.b64encode(secret)
        yield base64.b32encode(secret).rstrip(b"=")
    else:
        yield secret.encode()
        if secret.isdigit() and len(secret) == 9:
            yield f"{secret[:3]} {secret[3:6]} {secret[6:]}".encode()


def everything(folder):
    for path, _, files in os.walk(folder):
        for name in files:
            if name in ("master.key", "lock"):
                continue
            file = os.path.join(path, name)
            if os.path.isfile(file):
                with open(file, "rb") as f:
                    yield file, f.read()


def search(where, secrets):
    """The places in which a secret lies."""
    return [f"{what} in {file}" for file, data in where for what, secret in secrets.items()
            for form in encodings(secret) if form in data]


@test
def the_search_finds_a_secret_that_lies_about(box):
    with open(os.path.join(box.state, "planted"), "w") as f:
        f.write("x483109276x")
    found = search(everything(box.dir), {"planted": "483109276"})
    os.unlink(os.path.join(box.state, "planted"))
    is_(len(found), 1)


@test
def no_secret_code_or_grant_is_in_database_or_log(box):
    box.account()
    enrolled = box.control("Enroll", administrator="dana", purpose="support")
    secret = base64.b32decode(enrolled["secret"] + "=" * (-len(enrolled["secret"]) % 8))
    box.code = box.issue()
    spent = box.issue(action="filter.list")
    grant = box.verify(spent, grant=True)["grant"]
    with open(box.key) as f:
        master = bytes.fromhex(f.read())
    box.secrets = {"authenticator secret": secret, "live code": box.code, "spent code": spent, "grant": grant,
                   "grant's hash": bytes.fromhex(grant.split("-")[1]), "master key": master}
    is_(search(everything(box.dir), box.secrets), [])
    box.restart()
    is_(search(everything(box.dir), box.secrets), [])


def panel(box, method, **parameters):
    c = box.connect("panel")
    try:
        return c.call("io.countersign.panel." + method, **parameters)
    finally:
        c.close()


@test
def no_password_session_or_recovery_code_is_in_database_or_log(box):
    box.control("AddAdministrator", account="acme", administrator="sam", reason="test")
    invitation = box.control("InviteAdministrator", administrator="sam")["invitation"]
    phone = Phone(dict(panel(box, "Invitation", invitation=invitation), authenticator=""))
    first, second = "four words nobody guesses", "another four words that nobody guesses"
    made = panel(box, "AcceptInvitation", invitation=invitation, password=first, code=phone.code(time.time()),
                 address="192.0.2.1", browser="Firefox")
    panel(box, "SetPassword", session=made["session"], old=first, password=second)
    for code in "000000", phone.code(time.time()), made["recovery_codes"][0]:
        try:
            last = panel(box, "LogIn", name="sam", password=second, code=code, address="192.0.2.1")
        except Error as e:
            is_(e.name, "Refused")
    try:
        panel(box, "LogIn", name=second, password=second, code="123456", address="192.0.2.1")
    except Error as e:
        is_(e.name, "Refused")
    panel(box, "LogOut", session=last["session"])
    used = {"first password": first, "second password": second, "session": made["session"],
            "ended session": last["session"], "device": made["device"], "invitation": invitation,
            "used recovery code": made["recovery_codes"][0], "recovery code": made["recovery_codes"][1]}
    used.update({k + "'s bytes": bytes.fromhex(v) for k, v in used.items() if len(v) == 64})
    is_(search(everything(box.dir), used), [])
    assert search(everything(box.dir), {"a name that is there": "192.0.2.1"}), "nothing was searched"
    box.secrets.update(used)


@test
def no_core_is_left_by_a_crash(box):
    folder = tempfile.mkdtemp(dir=box.dir)
    before = set(os.listdir(os.getcwd()))
    box.kill(signal.SIGSEGV)
    cores = [f for f in set(os.listdir(os.getcwd())) - before if f.startswith("core")]
    is_(cores, [])
    box.start()
    with open(f"/proc/{box.process.pid}/limits") as f:
        core = [line for line in f if line.startswith("Max core file size")][0].split()
    is_(core[4:6], ["0", "0"], "core limits")


@test
def a_core_of_the_running_daemon_holds_no_live_code_and_no_master_key(box):
    if os.getuid() != 0:
        raise Skip("needs root, to take a core of a process that is not dumpable")
    if sanitized():
        raise Skip("a sanitizer keeps freed memory on purpose")
    box.verify(box.issue(action="report.mail"), action="report.mail", grant=True)
    box.verify(box.code)
    box.secrets["session"] = panel(box, "LogIn", name="sam", password=box.secrets["second password"],
                                   code=box.secrets["recovery code"], address="192.0.2.1")["session"]
    try:
        panel(box, "SetPassword", session=box.secrets["session"], old=box.secrets["first password"],
              password=box.secrets["second password"])
    except Error as e:
        is_(e.parameters["why"], "wrong")
    box.control("Status")       # it wipes when it has answered, before it reads on
    core = os.path.join(box.dir, "image")
    with open(f"/proc/{box.process.pid}/maps") as maps, open(f"/proc/{box.process.pid}/mem", "rb") as mem, \
            open(core, "wb") as out:
        for line in maps:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) ", line)
            low, high = int(found[1], 16), int(found[2], 16)
            if "r" not in found[3] or "data.mdb" in line or "[v" in line or high - low > 2**28:
                continue
            mem.seek(low)
            try:
                out.write(mem.read(high - low))
            except OSError:
                pass
    with open(core, "rb") as f:
        image = [(core, f.read())]
    os.unlink(core)
    assert len(image[0][1]) > 2**20, "the image is too small to say anything"
    assert search(image, {"a name that is there": "io.countersign.staff.Verify"}), "the image is not the daemon's"
    # The subkeys are in memory that no core takes (MADV_DONTDUMP); the master
    # key and codes must not be anywhere.
    is_(search(image, {k: v for k, v in box.secrets.items() if k != "grant's hash"}), [])


def leaves_a_core(box, *command, prompt=b""):
    """Does this one, when it is ended at its prompt?"""
    mine, its = pty.openpty()
    process = subprocess.Popen(command, cwd=tempfile.mkdtemp(dir=box.dir), stdin=its, stdout=its, stderr=its,
                               env=dict(os.environ, COUNTERSIGN_SOCKET=box.sockets),
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, [2**30] * 2))
    os.close(its)
    seen = b""
    while prompt not in seen:
        seen += os.read(mine, 4096)
    process.send_signal(signal.SIGQUIT)
    status = os.waitpid(process.pid, 0)[1]
    process.returncode = -signal.SIGQUIT
    os.close(mine)
    assert os.WIFSIGNALED(status), seen
    return os.WCOREDUMP(status)


@test
def the_command_leaves_no_core(box):
    if sanitized():
        raise Skip("a sanitizer takes the signal for itself")
    if 0 <= resource.getrlimit(resource.RLIMIT_CORE)[1] < 2**30 or not leaves_a_core(box, "sleep", "60"):
        raise Skip("this host keeps no cores")
    box.account("quit", "lea")
    is_(leaves_a_core(box, COUNTERSIGN, "verify", "quit", "--action", "report.mail", prompt=b"Code: "), False)


def search_memory(process, what):
    """How often the bytes are in what a process can write to."""
    found = 0
    with open(f"/proc/{process.pid}/maps") as maps, open(f"/proc/{process.pid}/mem", "rb", 0) as memory:
        for line in maps:
            if " rw" not in line:
                continue
            first, last = (int(x, 16) for x in line.split()[0].split("-"))
            memory.seek(first)
            found += memory.read(last - first).count(what.encode())
    return found


@test
def the_panel_wipes_passwords_and_sessions_when_they_were_used(box):
    if os.getuid() != 0 or sanitized():
        raise Skip("needs root to read another's memory, and memory that is used again")
    password = "of this test alone"
    with Panel(box) as fresh:
        box.account("kim-ltd", "kim")
        who = Person(box, fresh, "kim")
        other = Browser(fresh)
        other.get("/login")
        other.submit("/login", name=who.name, password=password, code="000000")
        browser = who.browser(fresh)
        browser.get("/a/kim-ltd/codes")
        other.get("/login")
        assert search_memory(fresh.process, fresh.origin) > 0, "the search finds nothing at all"
        for what in password, password.replace(" ", "+"), PASSWORD, browser.cookies["countersign"], browser.cookies["device"]:
            is_(search_memory(fresh.process, what), 0, what)


@test
def of_an_enrolment_the_panel_keeps_nothing_in_memory(box):
    if os.getuid() != 0 or sanitized():
        raise Skip("needs root to read another's memory, and memory that is used again")
    with Panel(box) as fresh:
        box.account("lin-ltd", "lin")
        who = Person(box, fresh, "lin")
        browser = who.browser(fresh)
        browser.get("/security")
        page = browser.submit("/security/authenticators", purpose="support", label="Phone").text
        browser.get("/security")
        added = re.sub(r"\s", "", re.search(SECRET, re.sub(r"<[^>]*>", " ", page))[1])
        for secret in who.phone.secret, added:
            for form in secret, " ".join(re.findall("....", secret)), f"secret={secret}":
                is_(search_memory(fresh.process, form), 0, form)
        for code in who.recovery:
            is_(search_memory(fresh.process, code), 0, code)


if __name__ == "__main__":
    with Sandbox(people=Sandbox.people.replace("role panel    {{ users = {{ }} }}",
                                               'role panel    {{ users = {{ "{uid}" }} }}')) as box:
        finish(box)

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# A full map and a full disk: refused with a plain message, never with a wrong
# answer; operators can still take rights away; work goes on when there is room,
# and nothing that was acknowledged is lost.

import os
import shutil
import signal
import subprocess
import sys
import time

from sandbox import Error, Sandbox, Skip, finish, is_, new_request, test, wrong_digits

MIB = 1 << 20
PLAIN = ("the database is full, nothing was changed", "free disk space or raise map-size")
LEAVERS = 20


def set_map_size(box, size):
    with open(box.conf) as f:
        text = f.read()
    with open(box.conf, "w") as f:
        f.write(text.replace('map-size = "64M"', f'map-size = "{size}"').replace('map-size = "1M"',
                                                                               f'map-size = "{size}"'))


def unavailable(ask):
    """True when the answer is that there is no room; False when it worked."""
    try:
        ask()
    except Error as e:
        is_(e.name, "Unavailable", e)
        for part in PLAIN:
            assert part in e.parameters["why"], e
        return True
    return False


class Desk:
    """What was acknowledged, to be looked for later."""

    def __init__(self, box):
        self.box = box
        self.accounts = ["acme"]
        self.requests = []
        box.account()
        for i in range(LEAVERS):
            box.control("AddAdministrator", account="acme", administrator=f"leaver{i}", actions=["filter.list"],
                        reason="test")
        self.used = box.issue(action="report.mail")
        is_(box.verify(self.used, action="report.mail")["verdict"], "accepted")
        self.live = box.issue(action="filter.list")
        self.of_leaver = box.issue("acme", "leaver0", action="filter.list")
        self.revoked = box.control("Issue", account="acme", administrator="leaver1", action="filter.list",
                                   request=new_request())

    def fill(self):
        """Until neither an account nor the event of an acceptance fits any more."""
        ways = [self.add_account, self.add_small_account, self.pass_freely]
        refused = at = 0
        for _ in range(20_000):
            refused = refused + 1 if unavailable(ways[at]) else 0
            if refused == 3 * len(ways):
                return
            if refused > 0:
                at = (at + 1) % len(ways)
        raise AssertionError("it never fills up")

    def add_account(self, size=40):
        name = f"fill{len(self.accounts)}-" + "x" * size
        self.box.control("AddAccount", account=name, name="y" * (3 * size or 1))
        self.accounts.append(name)

    def add_small_account(self):
        self.add_account(0)

    def pass_freely(self):
        """What takes no code is an event all the same, and never summed."""
        job = dict(code="", action="general", request=new_request())
        self.requests.append((job, self.box.verify(**job)))

    def refuses_but_never_lies(self):
        box, request = self.box, new_request()
        for _ in range(3):
            assert unavailable(lambda: box.verify(self.live, request=request)), "a verification"
            unavailable(lambda: is_(box.verify(wrong_digits(self.live), "more")["verdict"], "refused"))
            assert unavailable(lambda: box.control("AddAccount", account="more")), "an account"
        is_(box.control("Status")["accounts"], len(self.accounts), "what can be read")
        status, out, err = box.cli("account", "add", "more")
        is_((status, out), (3, ""), err)
        for part in PLAIN:
            assert part in err, err
        return request

    def can_still_take_away(self, first=0):
        box = self.box
        if first == 0:
            is_(box.control("RemoveAdministrator", administrator="leaver0")["codes"], 1)
            is_(box.control("Revoke", issue=self.revoked["issue"])["issue"], self.revoked["issue"])
        for i in range(max(first, 1), first + LEAVERS // 2):
            is_(box.control("RemoveAdministrator", administrator=f"leaver{i}")["accounts"], 1)

    def lost_nothing(self):
        box = self.box
        there = {row["account"] for row in box.control_rows("ListAccounts")}
        is_(sorted(set(self.accounts) - there), [], "lost accounts")
        is_("more" in there, False, "an account that was refused")
        is_(box.verify(self.used, action="report.mail")["reason"], "used")
        is_(box.verify(self.of_leaver)["reason"], "cancelled")
        is_(box.verify(self.revoked["code"])["reason"], "cancelled")
        for job, answer in self.requests[-5:]:
            is_(box.verify(**job), answer)


def reload_often(box, times):
    """Each reload is an event; one that does not fit any more would stop a
    daemon that starts."""
    c = box.connect("control")
    for n in range(times):
        before = c.call("io.countersign.control.Status")["events"]
        box.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 20
        while c.call("io.countersign.control.Status")["events"] == before:
            assert time.monotonic() < until, f"reload {n} left no event: {box.read_log()[-300:]}"
    c.close()


@test
def a_full_map_refuses_plainly_and_goes_on_when_it_is_raised():
    box = Sandbox(conf='limit { issue = "32/1s" }\n')
    set_map_size(box, "1M")
    with box:
        desk = Desk(box)
        desk.fill()
        print(f"# full after {len(desk.accounts)} accounts, {len(desk.requests)} acceptances", flush=True)
        request = desk.refuses_but_never_lies()
        for sig in (9, 15):                 # it starts as full as it is, and stays so
            box.restart(sig)
            reload_often(box, 300)
            desk.fill()
            desk.refuses_but_never_lies()
        desk.can_still_take_away()
        assert any(r["item"] == "database" and r["result"] != "ok" for r in box.control_rows("Check")), "check"
        box.restart(9)
        desk.can_still_take_away(LEAVERS // 2)
        box.stop()
        set_map_size(box, "64M")
        box.start()
        first = box.verify(desk.live, request=request)
        is_(first["verdict"], "accepted", "asked again with the same id")
        is_(box.verify(desk.live, request=request), first)
        is_(box.verify(desk.live)["reason"], "used")
        desk.lost_nothing()


def small_disk(box, size):
    """A file system of its own for the state; gone with this process's mounts."""
    if "FULL_PY_MOUNTS" not in os.environ:
        raise Skip("needs a mount namespace (root, or user namespaces)")
    os.mkdir(box.state)
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", box.state],
                           capture_output=True, text=True)
    if mount.returncode != 0:
        raise Skip("cannot mount a tmpfs: " + mount.stderr.strip())


def small_ext4(box, size):
    """The same of a file system that keeps some room for itself."""
    if os.getuid() != 0 or "FULL_PY_MOUNTS" not in os.environ or not shutil.which("mkfs.ext4"):
        raise Skip("needs root, a mount namespace and mkfs.ext4")
    image = os.path.join(box.dir, "image")
    with open(image, "wb") as f:
        f.truncate(size)
    os.mkdir(box.state)
    mount = subprocess.run(f"mkfs.ext4 -q {image} && mount -o loop {image} {box.state}", shell=True,
                           capture_output=True, text=True)
    if mount.returncode != 0:
        raise Skip("cannot mount an ext4: " + mount.stderr.strip())
    os.chmod(box.state, 0o700)


class Ballast:
    """A file that takes what room there is."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "ballast")

    def fill(self):
        with open(self.path, "ab", buffering=0) as f:
            for size in (MIB, 4096):
                try:
                    while True:
                        f.write(b"x" * size)
                except OSError:
                    pass

    def drop(self):
        os.unlink(self.path)


def on_a_full_disk(size, after):
    box = Sandbox(conf='limit { issue = "32/1s" }\n')
    try:
        small_disk(box, size)
        with box:
            desk, ballast = Desk(box), Ballast(box.state)
            ballast.fill()
            desk.fill()
            request = desk.refuses_but_never_lies()
            after(box, desk, ballast)
            first = box.verify(desk.live, request=request)
            is_(first["verdict"], "accepted", "asked again with the same id")
            is_(box.verify(desk.live)["reason"], "used")
            desk.add_account()
            desk.lost_nothing()
            box.restart(9)
            desk.lost_nothing()
            is_(box.verify(desk.live, request=request), first, "after kill -9")
    finally:
        box.kill()
        subprocess.run(["umount", box.state], capture_output=True)
        box.close()


@test
def a_full_disk_refuses_plainly_and_goes_on_when_there_is_room():
    def after(box, desk, ballast):
        desk.can_still_take_away()
        ballast.drop()

    on_a_full_disk("16M", after)


@test
def a_daemon_killed_on_a_full_disk_starts_on_it_and_can_still_take_away():
    def after(box, desk, ballast):
        box.restart(9)
        desk.can_still_take_away()
        ballast.drop()

    on_a_full_disk("16M", after)


@test
def roots_daemon_goes_on_when_an_ext4_is_full():
    """statvfs shows root as free what ext4 keeps for itself; several ask at once, so that a
    batch has many pages, and its last write stops half-way."""
    box = Sandbox()
    try:
        small_ext4(box, 400 * MIB)
        with box:
            desk, ballast, refused = Desk(box), Ballast(box.state), 0
            ballast.fill()
            for round in range(200):
                connections = [box.connect("control") for _ in range(16)]
                for i, c in enumerate(connections):
                    c.send("io.countersign.control.AddAccount", account=f"fill-{round}-{i}-" + "x" * 40, name="y" * 120)
                for c in connections:
                    refused += unavailable(c.receive)
                    c.close()
            is_(box.process.poll(), None, "the daemon goes on")
            assert refused > 1000, refused
            ballast.drop()
            is_(box.verify(desk.live)["verdict"], "accepted")
    finally:
        box.kill()
        subprocess.run(["umount", box.state], capture_output=True)
        box.close()


if __name__ == "__main__":
    if "FULL_PY_MOUNTS" not in os.environ and shutil.which("unshare"):
        namespaces = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-Urm"]
        if subprocess.run([*namespaces, "true"], capture_output=True).returncode == 0:
            os.environ["FULL_PY_MOUNTS"] = "1"
            os.execvp("unshare", [*namespaces, sys.executable, *sys.argv])
    finish()

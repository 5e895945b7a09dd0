#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Promise 3 for the daemon as a whole: under bad_luck.c one system call or allocation
# fails, each in its turn, while people ask.  Who asks again with the same request id is
# answered, nobody else notices, no code is accepted twice, and what was accepted is in
# the log after a kill -9.  What fails at the start ends it with a reason.

import errno
import itertools
import mmap
import os
import shutil
import struct
import subprocess
import time

from sandbox import COUNTERSIGN, Error, Sandbox, Skip, finish, is_, new_request, sanitized, srcdir, test

PLAN = "16siIII"
CONF = 'limit { issue = "32/1s" technician = "32/1s" technician-day = 100000 }\n'
TRIES = 4               # of a client, before it gives up

SERVING = {
    "recv": "EINTR EAGAIN ECONNRESET ENOMEM",
    "send": "EINTR EAGAIN EPIPE ECONNRESET ENOBUFS",
    "accept4": "EINTR EAGAIN ECONNABORTED EMFILE ENFILE ENOMEM",
    "getsockopt": "ENOMEM",
    "epoll_wait": "EINTR",
    "epoll_ctl": "ENOMEM ENOSPC",
    "getrandom": "EINTR",
}
WRITING = {             # after EIO it may end, to be started anew
    "write": "EINTR ENOSPC EIO",
    "writev": "EINTR ENOSPC EIO",
    "pwrite": "EINTR ENOSPC EIO",
    "fdatasync": "ENOSPC EIO",
}
CUSTOMERS = "acme", "bolt", "cord", "dent"      # each may have so many codes a second
MOST = {"epoll_wait": 20}
STARTING = {
    "open": "EMFILE", "openat": "EMFILE EACCES", "read": "EIO", "pwrite": "ENOSPC", "fsync": "EIO",
    "fdatasync": "EIO", "eventfd": "EMFILE", "epoll_create1": "EMFILE", "socket": "EMFILE", "bind": "EADDRINUSE",
    "listen": "EADDRINUSE", "pthread_create": "EAGAIN", "fcntl": "ENOLCK", "mmap": "ENOMEM",
    "epoll_ctl": "ENOMEM",
}
BEGINNING = {           # with no state folder yet
    "mkdir": "EACCES ENOSPC", "openat": "EMFILE ENOSPC", "open": "EMFILE ENOSPC", "flock": "ENOLCK", "pwrite": "ENOSPC",
    "fsync": "EIO ENOSPC", "fdatasync": "EIO", "renameat": "EIO ENOSPC", "mmap": "ENOMEM",
}


class Luck:
    """What the daemon's next calls have in store."""

    def __init__(self, box):
        path = os.path.join(box.dir, "plan")
        with open(path, "wb") as f:
            f.write(bytes(struct.calcsize(PLAN)))
        self.file = open(path, "r+b")
        self.plan = mmap.mmap(self.file.fileno(), struct.calcsize(PLAN))
        with open(os.path.join(srcdir, "tests", "bad_luck.c")) as f:
            box.preload_source(f.read(), PLAN=path)

    def fail(self, call, n, error):
        self.plan[:] = struct.pack(PLAN, call.encode(), getattr(errno, error), n, 0, self.turns())

    def end(self):
        """Has it failed?"""
        failed = struct.unpack(PLAN, self.plan)[3]
        self.plan[:16] = bytes(16)
        return failed > 0

    def waits(self):
        """Does it fail soon?"""
        until = time.monotonic() + 2
        while struct.unpack(PLAN, self.plan)[3] == 0:
            if time.monotonic() > until:
                return False
            time.sleep(0.001)
        return True

    def wait(self):
        assert self.waits(), "it did not fail"

    def turns(self):
        return struct.unpack(PLAN, self.plan)[4]


class Clients:
    """Ask again what was not answered, as the tools do; keep what was accepted."""

    def __init__(self, box, luck, may_end=False):
        self.box, self.luck, self.may_end = box, luck, may_end
        self.accepted = {}
        self.seen = 0           # of the events
        self.ended = 0
        for name in CUSTOMERS:
            box.account(name, name)
        self.customers = itertools.cycle(CUSTOMERS)
        self.watch()

    def watch(self):
        self.bystander = self.box.connect("control", timeout=5)
        self.bystander.call("io.countersign.control.Status")

    def again(self, what):
        for _ in range(TRIES):
            try:
                return self.box.ask_again_when_throttled(what)
            except TimeoutError:
                raise
            except Error as e:
                if e.name != "Unavailable":
                    raise
            except OSError:
                pass
            self.begin_anew()
        return what()

    def begin_anew(self):
        """Where it ended, it said why, and may be started again."""
        for _ in range(200):
            if self.box.process.poll() is not None or not self.may_end:
                break
            time.sleep(0.001)
        if self.box.process.poll() is None:
            return
        is_((self.box.process.poll(), self.may_end), (1, True), self.box.read_log()[-500:])
        assert "ending, so that it is opened afresh" in self.box.read_log()[-2000:], self.box.read_log()[-500:]
        self.ended += 1
        self.luck.end()
        self.box.start()
        self.watch()

    def session(self):
        box, request, who = self.box, new_request(), next(self.customers)
        code = self.again(lambda: self.ask("control", "Issue", account=who, administrator=who, replace=True,
                                           action="filter.list", request=request)["code"])
        self.again(lambda: self.ask("staff", "Prepare", account=who, action="filter.list"))
        one, other = new_request(), new_request()
        answer = self.again(lambda: self.verify(who, code, one))
        is_(answer["verdict"], "accepted", answer)
        self.accepted[answer["verification"]] = code
        is_(self.again(lambda: self.verify(who, code, other))["reason"], "used")
        rows = self.again(lambda: box.control_rows("Events", after=self.seen))
        assert answer["verification"] in [e.get("verification") for e in rows]
        self.seen = rows[-1]["event"]

    def ask(self, door, method, **parameters):
        c = self.box.connect(door, timeout=5)
        try:
            return c.call(f"io.countersign.{door}.{method}", **parameters)
        finally:
            c.close()

    def verify(self, account, code, request):
        return self.ask("staff", "Verify", account=account, action="filter.list", code=code, request=request)

    def others_go_on(self):
        """Who was connected before it still is, and the loop rests."""
        self.bystander.call("io.countersign.control.Status")
        before = self.luck.turns()
        time.sleep(0.01)
        assert self.luck.turns() - before < 20, f"{self.luck.turns() - before} turns in 10 ms"

    def fail_each(self, call, error):
        """At each place; how many there are.  The loop turns as often as it likes."""
        for n in range(1, MOST.get(call, 400)):
            self.luck.fail(call, n, error)
            try:
                self.session()
                failed = self.luck.end() or self.ended
                self.others_go_on()
            except BaseException as e:
                raise AssertionError(f"{call}, {n}: {error}: {self.box.read_log()[-400:]}") from e
            if not failed:
                assert n > 1, f"{call} is never called"
                return n - 1
            self.ended = 0
        assert call in MOST, f"{call} is called more often than that"
        return n


def all_kept(clients):
    """After kill -9, under a daemon whose calls do not fail."""
    box = clients.box
    box.kill()
    box.env.pop("LD_PRELOAD")
    box.start()
    events = [e for e in box.control_rows("Events") if e["kind"] == "verify" and e["verdict"] == "accepted"]
    is_(sorted(set(clients.accepted) - {e["verification"] for e in events}), [], "acknowledged, not in the log")
    used = [e["credential"] for e in events]
    is_(len(used), len(set(used)), "codes with two acceptances")


def fail_in_turn(calls, may_end=False):
    box = Sandbox(conf=CONF)
    luck = Luck(box)
    with box:
        clients = Clients(box, luck, may_end)
        places = {}
        for call, errors in calls.items():
            for error in errors.split():
                places[call] = clients.fail_each(call, error)
        print("# " + ", ".join(f"{n} {call}" for call, n in places.items()), flush=True)
        is_(len(clients.accepted) > 10, True)
        all_kept(clients)


@test
def a_call_that_fails_costs_who_asked_no_more_than_asking_again():
    fail_in_turn(SERVING)


@test
def a_write_that_fails_ends_it_at_most_and_loses_or_repeats_nothing():
    fail_in_turn(WRITING, may_end=True)


@test
def an_allocation_that_fails_costs_who_asked_no_more_than_asking_again():
    if sanitized():
        raise Skip("the sanitizers have their own malloc")
    fail_in_turn({"malloc": "ENOMEM"})


def starts(box):
    """False when it ended with status 1 and a reason."""
    before = len(box.read_log()) if os.path.exists(box.log) else 0
    try:
        box.start(wait=10)
    except RuntimeError as e:
        is_("ended" in str(e), True, "it hangs")
        is_(box.process.poll(), 1, box.read_log()[before:])
        told = [line for line in box.read_log()[before:].splitlines() if "has no groups" not in line]
        assert told, "it ended without a word"
        box.process = None
        return False
    box.kill()
    return True


def fail_starts(calls, step=1, first=False):
    """A failed first start is followed by one over what it left."""
    box = Sandbox()
    luck = Luck(box)
    try:
        box.start().stop()
        places = {}
        for call, errors in calls.items():
            for error in errors.split():
                n, failed = 1, True
                while failed:
                    if first:
                        shutil.rmtree(box.state)
                    luck.fail(call, n, error)
                    try:
                        starts(box)
                        failed = luck.end()
                        assert not first or starts(box), "the next start fails, too"
                    except AssertionError as e:
                        raise AssertionError(f"{call}, {n}: {error}: {e}") from None
                    n += step
                places[call] = n - 1 - step
        print("# " + ", ".join(f"{n} {call}" for call, n in places.items()), flush=True)
        assert starts(box)
    finally:
        box.close()


@test
def a_door_opens_again_though_memory_is_short_twice():
    box = Sandbox()
    luck = Luck(box)
    with box:
        for _ in range(3):                      # the second must come within the door's rest of 100 ms
            luck.fail("accept4", 1, "ENOMEM")   # to take who comes,
            c = box.connect("control", timeout=5)
            luck.wait()
            luck.fail("epoll_ctl", 1, "ENOMEM")     # and to look for who comes
            if luck.waits():
                break
        else:
            raise AssertionError("the second never failed")
        c.close()
        is_(box.control("Status")["accounts"], 0)


@test
def a_loop_that_cannot_wait_is_no_clean_end():
    box = Sandbox()
    luck = Luck(box)
    with box:
        luck.fail("epoll_wait", 1, "EBADF")
        box.connect().close()
        is_(box.process.wait(10), 1)
        assert "the loop cannot wait" in box.read_log(), box.read_log()


@test
def a_start_that_fails_says_why_and_the_next_one_works():
    fail_starts(STARTING)


@test
def a_first_start_that_fails_leaves_nothing_that_stops_the_next():
    fail_starts(BEGINNING, first=True)


@test
def a_start_without_memory_says_why():
    if sanitized():
        raise Skip("the sanitizers have their own malloc")
    fail_starts({"malloc": "ENOMEM"}, step=3)


@test
def a_master_key_is_whole_and_its_name_synced_or_it_is_not_there():
    box = Sandbox()
    luck = Luck(box)
    path = os.path.join(box.dir, "another.key")
    try:
        for call, n, error, status in (
                ("open", 1, "EROFS", 1), ("getrandom", 1, "ENOSYS", 1), ("write", 1, "ENOSPC", 1), ("fsync", 1, "EIO", 1),
                ("fsync", 2, "EIO", 1), ("open", 2, "EMFILE", 1),
                ("fsync", 2, "EINVAL", 0), ("open", 2, "EACCES", 0)):       # a folder that knows no sync, or is shut
            luck.fail(call, n, error)
            done = subprocess.run([COUNTERSIGN, "key", "new", path], env=box.env, capture_output=True, text=True)
            is_((done.returncode, luck.end(), os.path.exists(path)), (status, True, status == 0), f"{call}, {n}: {error}")
            assert status == 0 or os.strerror(getattr(errno, error)) in done.stderr, done.stderr
            if status == 0:
                os.unlink(path)
    finally:
        box.close()


if __name__ == "__main__":
    finish()

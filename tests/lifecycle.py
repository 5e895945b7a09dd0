#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The daemon from its start to its end: sockets made or handed over, readiness,
# what it refuses to start beside, how long a connection lives, and a stop that
# answers what it has in hand.

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import threading
import time

from sandbox import (COUNTERSIGN, COUNTERSIGND, Sandbox, Skip, finish, is_, is_quick, need_moving_clock,
                     new_request, test)

DOORS = ("staff", "panel", "control")
WAITING = 40

# A name service that takes its time, so that requests are surely in hand.
SLOW = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pwd.h>
#include <unistd.h>
int getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t len, struct passwd **found)
{
	int (*next)(uid_t, struct passwd *, char *, size_t, struct passwd **) = dlsym(RTLD_NEXT, "getpwuid_r");
	usleep(400000);
	return next(uid, pw, buf, len, found);
}
"""


def wait_until(what, condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "never " + what
        time.sleep(0.01)


def refused(box, *parts):
    """It ends by itself and says why."""
    done = subprocess.run([COUNTERSIGND, "-c", box.conf], capture_output=True, text=True, env=box.env, timeout=20)
    is_(done.returncode, 1, done.stderr)
    for part in parts:
        if part not in done.stderr:
            raise AssertionError(f"no {part!r} in {done.stderr!r}")


def sibling(box, **changed):
    """Another configuration that shares what is not changed with the box."""
    other = Sandbox()
    for name in ("state", "sockets", "key"):
        setattr(other, name, changed.get(name, getattr(box, name)))
    other.write_conf()
    return other


# -- the end ---------------------------------------------------------------------


@test
def what_is_in_hand_at_sigterm_is_answered():
    box = Sandbox(conf='limit { connections = 256 }\n')
    box.preload_source(SLOW)
    with box:
        for i in range(WAITING):
            box.account(f"a{i}", f"p{i}")
        codes = [box.issue(f"a{i}", f"p{i}") for i in range(WAITING)]
        connections = [box.connect() for _ in codes]
        for i, c in enumerate(connections):
            c.send("io.countersign.staff.Verify", account=f"a{i}", action="filter.list", code=codes[i],
                   request=new_request())
        for _ in range(3):
            box.control("Status")           # the frames before this one have been read
        is_(box.stop(), 0, "exit status")
        answers = [c.receive()["parameters"]["verdict"] for c in connections]
        is_(answers, ["accepted"] * WAITING)
        for c in connections:
            is_(c.socket.recv(1), b"", "after the answer")
        is_([d for d in DOORS if os.path.exists(box.path(d))], [], "sockets left behind")
        box.start()
        is_({box.verify(codes[i], f"a{i}")["reason"] for i in range(WAITING)}, {"used"}, "after a restart")


@test
def what_came_before_sigterm_is_answered_and_can_be_asked_again():
    with Sandbox(conf='limit { connections = 256 }\n') as box:
        for i in range(WAITING):
            box.account(f"a{i}", f"p{i}")
        jobs = [dict(account=f"a{i}", code=box.issue(f"a{i}", f"p{i}"), request=new_request())
                for i in range(WAITING)]
        connections = [box.connect() for _ in jobs]
        box.control("Status")               # they have all been accepted
        box.process.send_signal(signal.SIGSTOP)
        for c, job in zip(connections, jobs):
            c.send("io.countersign.staff.Verify", action="filter.list", **job)
        box.process.send_signal(signal.SIGTERM)
        box.process.send_signal(signal.SIGCONT)
        answers = [c.receive()["parameters"] for c in connections]
        is_(box.process.wait(10), 0, "exit status")
        is_({a["verdict"] for a in answers}, {"accepted"})
        box.start()
        is_([box.verify(**job) for job in jobs], answers, "asked again after a restart")


@test
def a_second_signal_while_it_ends_changes_nothing():
    box = Sandbox()
    box.preload_source(SLOW)
    box.env["NOTIFY_SOCKET"] = os.path.join(box.dir, "notify")
    manager = Manager(box.env["NOTIFY_SOCKET"])
    with box:
        box.account()
        c = box.connect()
        c.send("io.countersign.staff.Verify", account="acme", action="filter.list", code=box.issue(),
               request=new_request())
        for _ in range(3):
            box.control("Status")
        box.process.send_signal(signal.SIGTERM)
        wait_until("stopping", lambda: "stopping (signal 15)" in box.read_log())
        for again in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            box.process.send_signal(again)
        is_(c.receive()["parameters"]["verdict"], "accepted")
        is_(box.process.wait(10), 0, "exit status")
        is_((manager.told(), manager.told()), ("READY=1", "STOPPING=1"))
        manager.nothing()


@test
def a_list_that_is_under_way_ends_between_two_rows():
    """What was sent is whole, and nobody who reads slowly holds the end up."""
    with Sandbox() as box:
        operator = box.connect("control")
        for i in range(3000):
            operator.call("io.countersign.control.AddAccount", account=f"account-of-a-long-name-{i}")
        reader = box.connect("control")
        reader.send("io.countersign.control.Events", more=True)
        reader.receive()
        box.process.send_signal(signal.SIGTERM)
        wait_until("stopping", lambda: "stopping" in box.read_log())
        time.sleep(0.05)                        # the first turns after it
        rows = 1
        try:
            while reader.receive()["continues"]:
                rows += 1
        except ConnectionError:
            pass
        is_(reader.rest, b"", "half a row")
        assert rows < 3000, rows
        is_(box.process.wait(10), 0, "exit status")


@test
def sigint_ends_it_as_well():
    with Sandbox() as box:
        is_(box.kill(signal.SIGINT), 0)


# -- the service manager -----------------------------------------------------------


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(10)

    def told(self):
        return self.socket.recv(4096).decode()

    def nothing(self):
        self.socket.settimeout(0)
        try:
            raise AssertionError("told " + self.told())
        except BlockingIOError:
            self.socket.settimeout(10)


def notifies(box, address):
    manager = Manager(address.replace("@", "\0", 1) if address.startswith("@") else address)
    box.env["NOTIFY_SOCKET"] = address
    with box:
        is_(manager.told(), "READY=1")
        box.control("Status")
        manager.nothing()
        for conf in ("", "nonsense\n"):             # back in service in both cases
            box.write_conf(conf)
            before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            box.process.send_signal(signal.SIGHUP)
            word, stamp = manager.told().split("\nMONOTONIC_USEC=")
            is_(word, "RELOADING=1")
            assert before <= int(stamp) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, stamp
            is_(manager.told(), "READY=1")
        is_(box.stop(), 0)
        is_(manager.told(), "STOPPING=1")
        manager.nothing()


@test
def the_service_manager_is_told_of_each_state():
    box = Sandbox()
    notifies(box, os.path.join(box.dir, "notify"))


@test
def an_abstract_address_of_the_service_manager_works():
    notifies(Sandbox(), f"@countersign-test-{new_request()}")


@test
def it_serves_when_the_service_manager_cannot_be_told():
    box = Sandbox()
    box.env["NOTIFY_SOCKET"] = os.path.join(box.dir, "nobody-there")
    with box:
        box.account()
        is_(box.verify(box.issue())["verdict"], "accepted")
        assert 'cannot tell the service manager "READY=1"' in box.read_log(), box.read_log()
        is_(box.stop(), 0)


@test
def nobody_is_told_it_is_ready_when_it_is_not():
    box = Sandbox()
    manager = Manager(os.path.join(box.dir, "notify"))
    box.env["NOTIFY_SOCKET"] = os.path.join(box.dir, "notify")
    os.chmod(box.key, 0o644)
    refused(box, "chmod 0400")
    manager.nothing()
    box.close()


def start_with_sockets(box, listeners, names, pid=None):
    """The service manager's part: descriptors from 3 on, and the variables."""
    env = dict(box.env, LISTEN_FDS=str(len(listeners)))
    if names:
        env["LISTEN_FDNAMES"] = names
    child = os.fork()
    if child == 0:
        try:
            high = [os.dup2(s.fileno(), 100 + i) for i, s in enumerate(listeners)]
            log = os.open(box.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            os.dup2(log, 2)
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i)
                os.close(fd)
            env["LISTEN_PID"] = str(pid or os.getpid())
            os.execve(COUNTERSIGND, [COUNTERSIGND, "-c", box.conf], env)
        finally:
            os._exit(127)
    return child


def listen(box, names):
    os.makedirs(box.sockets)
    listeners = []
    for name in names:
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.bind(box.path(name))
        s.listen(64)
        listeners.append(s)
    return listeners


def end_of(pid, sig=signal.SIGTERM):
    os.kill(pid, sig)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def activated(order, names):
    box = Sandbox()
    listeners = listen(box, order)
    for name in order:
        os.chmod(box.path(name), 0o640)
    early = box.connect("control")              # before there is a daemon
    early.send("io.countersign.control.Status")
    pid = start_with_sockets(box, listeners, names)
    try:
        is_(early.receive()["parameters"]["pid"], pid, "who answers who came early")
        box.account()
        is_(box.verify(box.issue())["verdict"], "accepted")
        for door in DOORS:
            c = box.connect(door)
            is_(c.call("org.varlink.service.GetInfo")["interfaces"][0], "io.countersign." + door)
            c.close()
        os.kill(pid, signal.SIGHUP)             # which makes new modes for its own
        wait_until("read again", lambda: "configuration read again" in box.read_log())
    finally:
        status = end_of(pid)
    is_(status, 0, "exit status")
    is_([oct(os.stat(box.path(d)).st_mode & 0o777) for d in DOORS], ["0o640"] * 3, "sockets that are not its own")
    late = box.connect("staff")                 # they still listen: for the next one
    late.close()
    pid = start_with_sockets(box, listeners, names)
    is_(box.verify("483109276", "nobody")["reason"], "unknown-account", "the next one")
    end_of(pid)
    for s in listeners:
        s.close()
    box.close()


@test
def sockets_that_are_handed_over_are_used_and_left_in_place():
    activated(DOORS, "staff:panel:control")


@test
def sockets_that_are_handed_over_are_told_apart_by_name_not_by_order():
    activated(("control", "staff", "panel"), "control:staff:panel")


@test
def sockets_without_names_are_told_apart_by_their_files():
    activated(("panel", "control", "staff"), None)


@test
def sockets_meant_for_another_process_are_not_used():
    box = Sandbox()
    elsewhere = Sandbox()
    listeners = listen(elsewhere, DOORS)
    pid = start_with_sockets(box, listeners, "staff:panel:control", pid=1)
    try:
        wait_until("its own sockets", lambda: os.path.exists(box.path("control")))
        is_(box.control("Status")["pid"], pid)
    finally:
        status = end_of(pid)
    is_(status, 0, "exit status")
    for s in listeners:
        s.close()
    elsewhere.close()
    box.close()


@test
def systemd_hands_its_sockets_over():
    program = shutil.which("systemd-socket-activate")
    if not program:
        raise Skip("needs systemd-socket-activate (Debian: systemd)")
    box = Sandbox()
    os.makedirs(box.sockets)
    arguments = [a for d in DOORS for a in ("-l", box.path(d))]
    with open(box.log, "ab") as log:
        manager = subprocess.Popen([program, *arguments, "--fdname=staff:panel:control"] +
                                   ["-E" + v for v in box.env if v.startswith(("ASAN", "UBSAN"))] +
                                   [COUNTERSIGND, "-c", box.conf], stdout=log, stderr=log)
    try:
        wait_until("sockets", lambda: all(os.path.exists(box.path(d)) for d in DOORS))
        is_(box.control("Status")["pid"], manager.pid, "it became the daemon")
    finally:
        manager.terminate()
        is_(manager.wait(10), 0)
        box.close()


# -- what it does not start beside -------------------------------------------------


@test
def a_second_daemon_on_the_same_state_is_refused():
    with Sandbox() as box:
        other = sibling(box, sockets=box.sockets + "2")
        refused(other, "another countersignd uses state-dir " + box.state, "stop it first")
        box.account()
        is_(box.verify(box.issue())["verdict"], "accepted", "the first one")
        other.close()


@test
def a_second_daemon_on_the_same_sockets_is_refused():
    with Sandbox() as box:
        other = sibling(box, state=box.state + "2")
        refused(other, box.path("staff"), "another daemon answers there; stop it, or set another socket-dir")
        is_(box.control("Status")["pid"], box.process.pid, "who answers")
        other.close()


@test
def a_socket_file_that_nobody_answers_on_is_replaced():
    with Sandbox() as box:
        before = {d: os.stat(box.path(d)).st_ino for d in DOORS}
        box.kill()
        is_([d for d in DOORS if os.path.exists(box.path(d))], list(DOORS), "left behind by kill -9")
        box.start()
        for door in DOORS:
            box.connect(door).close()
        is_(len(before), 3)


@test
def a_file_that_is_no_socket_is_left_alone():
    box = Sandbox()
    os.makedirs(box.sockets)
    with open(box.path("panel"), "w") as f:
        f.write("precious")
    refused(box, box.path("panel"), "move it away")
    with open(box.path("panel")) as f:
        is_(f.read(), "precious")
    is_(os.path.exists(box.path("staff")), False, "a socket of a daemon that did not start")
    box.close()


@test
def another_master_key_is_refused_and_the_right_one_works_again():
    with Sandbox() as box:
        box.account()
        code = box.issue()
        box.stop()
        other = os.path.join(box.dir, "other.key")
        subprocess.run([COUNTERSIGN, "key", "new", other], check=True, stdout=subprocess.DEVNULL)
        os.rename(box.key, box.key + ".right")
        os.rename(other, box.key)
        refused(box, "made with another master key", "put that key back")
        os.rename(box.key + ".right", box.key)
        box.start()
        is_(box.verify(code)["verdict"], "accepted")


@test
def a_state_folder_that_is_open_to_others_is_refused():
    box = Sandbox()
    os.mkdir(box.state, 0o755)
    os.chmod(box.state, 0o755)
    refused(box, "chmod go= '" + box.state)
    box.close()


# -- connections over time --------------------------------------------------------


def is_closed(c):
    """The daemon looks around each second."""
    c.socket.settimeout(20)
    try:
        return c.socket.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


@test
def a_connection_may_be_idle_for_two_minutes():
    need_moving_clock()
    box = Sandbox().fake_clock()
    with box:
        busy, idle = box.connect("control"), box.connect("control")
        busy.call("io.countersign.control.Status")      # both have been accepted
        for offset in ("+110", "+115", "+117"):
            box.set_clock(offset)
            busy.call("io.countersign.control.Status")
        time.sleep(1.2)
        idle.call("io.countersign.control.Status")
        box.control("Status")                           # it is done with that one
        box.set_clock("+245")
        assert is_closed(idle) and is_closed(busy), "idle for longer"


@test
def a_connection_lives_for_ten_minutes_and_the_next_one_goes_on():
    need_moving_clock()
    box = Sandbox().fake_clock()
    with box:
        c = box.connect("control")
        c.call("io.countersign.control.Status")         # it has been accepted
        for seconds in range(100, 600, 100):
            box.set_clock(f"+{seconds}")
            c.call("io.countersign.control.Status")
        box.set_clock("+595")
        c.call("io.countersign.control.Status")
        box.set_clock("+605")
        assert is_closed(c), "older than ten minutes"
        box.control("Status")


@test
def who_reads_no_answer_is_left_after_half_a_minute():
    need_moving_clock()
    box = Sandbox().fake_clock()
    with box:
        deaf, other = box.connect("control"), box.connect("control")
        deaf.socket.settimeout(0.5)
        try:
            while True:
                deaf.socket.sendall(20 * b'{"method":"org.varlink.service.GetInfo"}\0')
        except TimeoutError:
            pass
        other.call("io.countersign.control.Status")
        box.set_clock("+28")
        time.sleep(1.2)
        is_(box.control("Status")["connections"], 3, "before its time")
        box.set_clock("+31")
        wait_until("left", lambda: "replies that nobody reads; closed" in box.read_log())
        is_(box.control("Status")["connections"], 2)
        other.call("io.countersign.control.Status")


class Follower:
    """countersign audit list --follow"""

    def __init__(self, box):
        self.process = subprocess.Popen([COUNTERSIGN, "audit", "list", "--follow", "--json"],
                                        stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, COUNTERSIGN_SOCKET=box.sockets))
        self.rows = queue.Queue()
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.rows.put(json.loads(line))

    def next(self, kind):
        """The next event, which must be of that kind."""
        row = self.rows.get(timeout=20)
        is_(row["kind"], kind, row)
        return row

    def connections(self):
        """The sockets that it has open; another connection is another one."""
        folder, found = f"/proc/{self.process.pid}/fd", set()
        if not os.access(folder, os.R_OK):
            raise Skip("needs root to see what the command has open")
        for fd in os.listdir(folder):
            try:
                found.add(os.readlink(os.path.join(folder, fd)))
            except OSError:
                pass                # closed meanwhile
        return {name for name in found if name.startswith("socket:")}

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.thread.join()


@test
def who_follows_the_log_is_told_at_once_and_stays_over_a_restart():
    with Sandbox() as box:
        follower = Follower(box)
        try:
            follower.next("start")
            box.control("AddAccount", account="acme")
            is_(follower.next("account-add")["account"], "acme")

            def hear_of_a_verification():
                start = time.monotonic()
                box.verify("483109276", "nobody")
                is_(follower.next("verify")["reason"], "unknown-account")
                return time.monotonic() - start

            is_quick(0.5, hear_of_a_verification)
            box.restart()
            follower.next("start")
            box.control("AddAccount", account="later")
            is_(follower.next("account-add")["account"], "later")
        finally:
            follower.close()


@test
def who_follows_the_log_stays_longer_than_a_connection_lives():
    need_moving_clock()
    box = Sandbox().fake_clock()
    with box:
        follower = Follower(box)
        try:
            follower.next("start")
            before = follower.connections()
            box.set_clock("+601")
            wait_until("ended", lambda: not before & follower.connections())
            box.control("AddAccount", account="acme")
            is_(follower.next("account-add")["account"], "acme")
            box.control("AddAccount", account="later")
            is_(follower.next("account-add")["account"], "later")
        finally:
            follower.close()


if __name__ == "__main__":
    finish()

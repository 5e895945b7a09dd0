#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Promise 8 from where it hurts: whatever a peer sends or holds open, it gets a
# clear error or the end of its connection, and a technician beside it notices
# nothing.  Frames as such are conn.py's; here they carry a live code.

import json
import os
import signal
import socket
import statistics
import time

from sandbox import Connection, Error, Sandbox, Skip, as_uid, finish, is_, new_request, sanitized, test

SILENT = 1000
SPEAKERS = range(50100, 50120)
MIB = 1 << 20

# No name may be any of these; none of them may reach a terminal or the log as it is.
NOT_NAMES = {
    "a control character": "ac\x01me",
    "an escape sequence": "\x1b[2Jacme",
    "a line end": "acme\n",
    "C1": "acme\x9b31m",
    "a Cyrillic look-alike": "\u0430cme",
    "full-width letters": "\uff41\uff43\uff4d\uff45",
    "a zero-width space": "ac\u200bme",
    "a bidi control": "\u202eemca",
    "a line separator": "acme\u2028",
    "one byte too many": "a" * 65,
    "thousands of bytes": "a" * 9000,
    "a leading dot": ".acme",
    "a path": "../../etc/passwd",
    "an emoji": "\U0001f511",
}
TARGETS = {"a line end": "mx1\nmx2", "an escape sequence": "\x1b]0;mx1\x07", "a look-alike": "m\u0445" "1.acme.example",
           "256 bytes": "m" * 256, "nothing": "", "a blank": " ", "a dot": "."}


def outcome(ask):
    """An error's name with its parameter, or a verdict's reason."""
    try:
        answer = ask()
    except Error as e:
        assert e.parameters, e
        return e.name + (" " + e.parameters["parameter"] if "parameter" in e.parameters else "")
    return answer.get("reason", "done")


def nobody_noticed(box):
    is_(box.verify(box.issue("beside", "bea"), "beside")["verdict"], "accepted", "the technician beside it")


def verify_frame(**parameters):
    parameters = dict(dict(account="acme", action="filter.list", request=new_request()), **parameters)
    return json.dumps({"method": "io.countersign.staff.Verify", "parameters": parameters}).encode() + b"\0"


def raw(box, *pieces):
    """A connection on which those bytes were sent, as far as it took them."""
    c = box.connect()
    try:
        for piece in pieces:
            c.socket.sendall(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass
    return c


def closed(c):
    try:
        c.receive()
    except (ConnectionError, OSError) as e:
        return not isinstance(e, TimeoutError)
    finally:
        c.close()
    return False


@test
def what_is_no_name_is_refused_wherever_a_name_is_asked(box):
    wrong = []
    for what, text in {**NOT_NAMES, "nothing": "", "a blank": " "}.items():
        no_account = "UnknownAccount" if text else "InvalidParameter account"
        for wanted, ask in (
            ("InvalidParameter account", lambda: box.control("AddAccount", account=text)),
            (no_account, lambda: box.control("ShowAccount", account=text)),
            (no_account, lambda: box.control("AddAdministrator", account=text, administrator="eve")),
            ("InvalidParameter administrator",
             lambda: box.control("AddAdministrator", account="acme", administrator=text)),
            ("unknown-account", lambda: box.verify("483109276", text)),
            # before anybody was named, it asks about the action alone
            ("UnknownAccount" if text else "done",
             lambda: box.staff("Prepare", account=text, action="filter.list")),
            ("UnknownAction" if text else "InvalidParameter action",
             lambda: box.verify("483109276", action=text)),
        ):
            got = outcome(ask)
            if got != wanted:
                wrong.append(f"{what}: {got}, wanted {wanted}")
        if text:
            got = outcome(lambda: box.verify("483109276", administrator=text))
            if got != "InvalidParameter administrator":
                wrong.append(f"{what} as administrator: {got}")
    is_(wrong, [])
    nobody_noticed(box)


@test
def what_is_no_target_or_case_is_refused(box):
    for what, text in TARGETS.items():
        is_(outcome(lambda: box.verify("483109276", target=[text])), "InvalidParameter target", what)
        is_(outcome(lambda: box.control("Issue", account="acme", administrator="dana", action="filter.list",
                                        target=[text], request=new_request())), "InvalidParameter target", what)
    for text in ("a\nb", "\x1b[2J", "\u202e", "x" * 129, 7, ["T1"], True):
        is_(outcome(lambda: box.verify("483109276", case=text)), "InvalidParameter case", repr(text))
    for text in ("", "short", "x" * 65, 7):
        is_(outcome(lambda: box.verify("483109276", request=text)) if text else
            outcome(lambda: box.staff("Verify", account="acme", action="filter.list", code="483109276",
                                      request="")), "InvalidParameter request", repr(text))
    nobody_noticed(box)


@test
def sixty_four_targets_are_taken_and_one_more_is_not(box):
    targets = [f"list-{i}.acme.example" for i in range(65)]
    is_(outcome(lambda: box.issue(action="filter.list", target=targets)), "InvalidParameter target")
    code = box.issue(action="filter.list", target=targets[:64])
    is_(outcome(lambda: box.verify(code, target=targets)), "InvalidParameter target")
    is_(outcome(lambda: box.verify(code, target=targets[1:])), "other-target")
    is_(outcome(lambda: box.verify(code, target=targets[:64])), "accepted")


@test
def broken_text_ends_the_connection_and_spends_nothing(box):
    code = box.issue()
    good = verify_frame(code=code)
    for bad in (good.replace(b"acme", b"ac\xffme"), good.replace(b"acme", b"acm\xc3"), good.replace(b"acme", b"\xc0\xaf"),
                good.replace(b"acme", b"\xed\xa0\x80"), good.replace(b"acme", b"a\\u0000cme"),
                good.replace(b"acme", b"\\ud800"), good.replace(b"acme", b"ac\x01me"),
                good.replace(b'"account"', b'"code": "1", "account"'), good[:-2] + b"\0", good[1:]):
        assert closed(raw(box, bad)), bad
    is_(box.verify(code)["verdict"], "accepted", "the code afterwards")


@test
def what_was_typed_reaches_neither_terminal_nor_log_as_it_is(box):
    for text in NOT_NAMES.values():
        box.verify("483109276", text)
    status, out, _ = box.cli("audit", "list")
    is_(status, 0)
    _, as_json, _ = box.cli("audit", "list", "--json")
    assert "\\u009b31m" in as_json, "the JSON does not tell of them"
    for where, shown in (("the terminal", out), ("the terminal, as JSON", as_json), ("the log", box.read_log())):
        bad = sorted({c for c in shown if c != "\n" and (c < " " or "\x7f" <= c <= "\x9f" or c in "\u202e\u2028")})
        is_(bad, [], where)
    assert "unknown-account" in out, "the log does not tell of them"


@test
def every_beginning_of_a_verification_is_nothing(box):
    code = box.issue()
    frame = verify_frame(code=code)
    before = box.control("Status")
    for cut in range(len(frame)):
        c = box.connect()
        c.socket.sendall(frame[:cut])
        c.close()
        if cut % 32 == 0:
            box.control("Status")       # so that they do not pile up before the accept
    after = box.control("Status")
    is_(after["verifications"] - before["verifications"], 0, "verifications")
    is_(box.verify(code)["verdict"], "accepted", "the code afterwards")


@test
def a_verification_may_come_a_byte_at_a_time_and_two_at_once(box):
    c = box.connect()
    for byte in verify_frame(code=box.issue()):
        c.socket.sendall(bytes([byte]))
    is_(c.receive()["parameters"]["verdict"], "accepted", "a byte at a time")
    first, second = box.issue(), box.issue("beside", "bea")
    c.socket.sendall(verify_frame(code=first) + verify_frame(code=second, account="beside"))
    is_([c.receive()["parameters"]["verdict"] for _ in range(2)], ["accepted"] * 2, "two in one write")
    once = verify_frame(code=box.issue())
    c.socket.sendall(once + once.replace(b'"request": "', b'"request": "x'))
    is_([c.receive()["parameters"]["reason"] for _ in range(2)], ["accepted", "used"], "one code in both")
    c.close()


@test
def a_megabyte_without_an_end_closes_that_connection_only(box):
    neighbour = box.connect()
    for _ in range(20):
        assert closed(raw(box, b'{"method":"io.countersign.staff.Verify","parameters":{"code":"' + b"4" * MIB))
        is_(neighbour.call("io.countersign.staff.Verify", account="acme", action="filter.list", code=box.issue(),
                           request=new_request())["verdict"], "accepted")
    neighbour.close()


def verification_times(box, n):
    """Seconds for each of n right codes on one connection; each is accepted."""
    codes = [box.issue("beside", "bea") if i == 0 else
             box.issue("beside", "bea", action="filter.list", target=[f"t{i}"]) for i in range(n)]
    c = box.connect()
    times = []
    for i, code in enumerate(codes):
        job = dict(account="beside", action="filter.list", code=code, request=new_request())
        if i > 0:
            job["target"] = [f"t{i}"]
        start = time.monotonic()
        is_(c.call("io.countersign.staff.Verify", **job)["verdict"], "accepted")
        times.append(time.monotonic() - start)
    c.close()
    return times


def say_nothing(path, uid, n):
    """A process of that uid that connects n times and then waits for its end."""
    ready, done = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            held = [Connection(path) for _ in range(n)]
            os.write(done, b"%d" % len(held))
            signal.pause()
        finally:
            os._exit(1)
    os.close(done)
    is_(os.read(ready, 10), b"%d" % n, f"connections of uid {uid}")
    os.close(ready)
    return child


@test
def a_thousand_connections_that_say_nothing_slow_nobody_down(box):
    quiet = [statistics.median(verification_times(box, 20))]
    children, held = [], []
    try:
        if os.getuid() == 0:
            each = SILENT // len(SPEAKERS)
            children = [say_nothing(box.path("staff"), uid, each) for uid in SPEAKERS]
        else:
            held = [box.connect() for _ in range(SILENT)]
        until = time.monotonic() + 20       # they are accepted a few at a time
        while (held_now := box.control("Status")["connections"]) < SILENT:
            assert time.monotonic() < until, f"{held_now} connections"
            time.sleep(0.01)
        crowded = min(statistics.median(verification_times(box, 20)) for _ in range(3))
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        for c in held:
            c.close()
    quiet.append(statistics.median(verification_times(box, 20)))
    print(f"# {quiet[0] * 1000:.2f} ms alone, {crowded * 1000:.2f} ms among a thousand", flush=True)
    assert crowded < 10 * max(quiet), (quiet, crowded)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@test
def all_of_that_left_the_daemon_no_larger(box):
    grown = resident(box.process.pid) - box.resident
    print(f"# {grown >> 10} KiB more than at the start", flush=True)
    assert grown < (64 if sanitized() else 8) * MIB, grown


def verify_in_the_end(box, code):
    """Who comes before the daemon has seen the others leave is turned away."""
    until = time.monotonic() + 20
    while True:
        try:
            return box.verify(code, target=["b"])
        except OSError:
            assert time.monotonic() < until, "it did not recover"
            time.sleep(0.02)


@test
def at_the_descriptor_limit_it_rests_works_and_recovers(_):
    with Sandbox(conf='limit { issue = "32/1s" connections = 1000 }\n', wrapper=["prlimit", "--nofile=40:40"]) as box:
        box.account()
        codes = [box.issue(action="filter.list", target=[t]) for t in ("a", "b")]
        in_time = box.connect()
        held = []
        for _ in range(80):
            try:
                held.append(box.connect(timeout=5))
            except OSError:
                break
        before = cpu_seconds(box.process.pid)
        time.sleep(1)
        spent = cpu_seconds(box.process.pid) - before
        print(f"# {spent:.2f} s of CPU in 1 s", flush=True)
        assert spent < 0.2, f"it spins: {spent} s"
        is_(in_time.call("io.countersign.staff.Verify", account="acme", action="filter.list", target=["a"],
                         code=codes[0], request=new_request())["verdict"], "accepted", "who was there before")
        for c in held:
            c.close()
        is_(verify_in_the_end(box, codes[1])["verdict"], "accepted", "who came after")


# Writes down which names the daemon asks the name service for.
LOOKED_UP = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
int getpwnam_r(const char *name, struct passwd *pw, char *buf, size_t len, struct passwd **found)
{
	int (*next)(const char *, struct passwd *, char *, size_t, struct passwd **) = dlsym(RTLD_NEXT, "getpwnam_r");
	FILE *f = fopen(getenv("LOOKED_UP"), "a");
	fprintf(f, "%s\n", name);
	fclose(f);
	return next(name, pw, buf, len, found);
}
"""


@test
def nobodys_name_is_looked_up_for_who_may_ask_in_their_own_only(_):
    if os.getuid() != 0:
        raise Skip("needs root")
    with Sandbox(people=PEOPLE) as box:
        names = os.path.join(box.dir, "names")
        box.stop()
        box.preload_source(LOOKED_UP, LOOKED_UP=names)
        box.start()
        box.account()
        for name in ("nobody-of-that-name", "root"):
            is_(as_uid(SPEAKERS[0], lambda: outcome(lambda: box.verify("483109276", technician=name))), "NotPermitted")
        assert not os.path.exists(names), "names were looked up"
        is_(outcome(lambda: box.verify("483109276", technician="nobody-of-that-name")), "UnknownTechnician")
        with open(names) as f:
            is_(f.read(), "nobody-of-that-name\n")


PEOPLE = """
role staff    {{ users = {{ "{uid}", SPEAKERS }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ }} }}
separate-roles = false
""".replace("SPEAKERS", ", ".join(f'"{uid}"' for uid in SPEAKERS))

if __name__ == "__main__":
    own = 64 if os.getuid() == 0 else SILENT + 64
    people = PEOPLE if os.getuid() == 0 else None
    with Sandbox(conf=f'limit {{ issue = "32/1s" misheard = "32/1s" technician = "32/1s" connections = {own} }}\n',
                 people=people) as box:
        box.account()
        box.account("beside", "bea")
        nobody_noticed(box)
        box.resident = resident(box.process.pid)
        finish(box)

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Lists of any length in the same memory: the command's, and the daemon's for a
# reader who is slow.  tests/long.sh runs it with $ACCOUNTS=100000.

import os
import re
import subprocess
import tempfile
import time

from sandbox import COUNTERSIGN, Sandbox, finish, is_, sanitized, test

ACCOUNTS = int(os.environ.get("ACCOUNTS") or 20000)
IN_A_PIPE = 4000        # rows that a pipe of 64 KiB and buffers do not hold
LANES = 32
MARGIN = 512            # KiB
CONTROL = "io.countersign.control."


def add(box, first, number):
    """So many accounts, a few in each commit."""
    lanes = [box.connect("control") for _ in range(LANES)]
    for i in range(first, first + number, LANES):
        busy = lanes[:min(LANES, first + number - i)]
        for j, lane in enumerate(busy):
            lane.send(CONTROL + "AddAccount", account=f"account-{i + j:07}", name=f"Number {i + j}")
        for lane in busy:
            lane.receive()
    for lane in lanes:
        lane.close()


def memory(pid, field):
    """In KiB: VmHWM is the most that the program ever had, RssAnon its own
    memory without pages of files such as the database's."""
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(field + r":\s+(\d+)", f.read()).group(1))


def list_accounts(box, *options):
    """Runs the command; returns its lines and its memory at the first of them
    and near the last: it cannot end before what a pipe does not hold is read."""
    child = subprocess.Popen([COUNTERSIGN, "account", "list", *options], stdout=subprocess.PIPE,
                             env=dict(os.environ, COUNTERSIGN_SOCKET=box.sockets))
    lines = [child.stdout.readline()]
    first = memory(child.pid, "VmHWM")
    while len(lines) < ACCOUNTS - IN_A_PIPE:
        lines.append(child.stdout.readline())
    last = memory(child.pid, "VmHWM")
    lines += child.stdout
    is_(child.wait(20), 0)
    return b"".join(lines).decode(), first, last


@test
def a_list_of_nothing_says_so_and_prints_nothing(box):
    for words, say in ((["account"], "No account yet"), (["admin"], "No administrator"),
                       (["technician"], "No technician has asked"), (["ticket"], "No ticket"),
                       (["audit", "--account", "nobody"], "No event")):
        family, *options = words
        status, out, err = box.cli(family, "list", *options)
        is_([status, err.startswith(say), err.count("\n")], [0, True, 1], f"{words}: {err!r}")
        is_(len(out.splitlines()), family == "audit", out)      # whose titles come before its rows
        is_(box.cli(family, "list", *options, "--json"), (0, "", ""), words)


@test
def a_list_of_any_length_takes_the_command_the_same_memory(box):
    start = time.monotonic()
    add(box, 0, ACCOUNTS)
    print(f"# {ACCOUNTS} accounts in {time.monotonic() - start:.1f} s", flush=True)
    most = []
    for options in ((), ("--json",)):
        text, first, last = list_accounts(box, *options)
        is_(text.count("\n"), ACCOUNTS + (not options))
        is_(len(set(re.findall(r"\baccount-\d{7}\b", text))), ACCOUNTS)
        print(f"# {' '.join(options) or 'table'}: {first} KiB at the first line, {last} KiB near the last", flush=True)
        most += [first, last]
    # Whoever keeps the rows prints the first line late: hence not first alone.
    assert sanitized() or max(most) <= min(most) + MARGIN, "it grows with the list"


@test
def the_table_is_aligned_where_nothing_is_wider_than_before(box):
    lines = list_accounts(box)[0].splitlines()
    is_({line.index("active") for line in lines[1:]}, {lines[0].index("STATE")})


@test
def a_reader_who_is_slow_takes_the_daemon_no_more_memory(box):
    quiet = memory(box.process.pid, "RssAnon")
    readers = [box.connect("control") for _ in range(20)]
    for reader in readers:
        reader.send(CONTROL + "ListAccounts", more=True)
    time.sleep(1)
    most = memory(box.process.pid, "RssAnon")
    is_(box.control("Status")["accounts"], ACCOUNTS, "answered beside them")
    for reader in readers:
        reader.close()
    print(f"# {quiet} KiB quiet, {most} KiB with {len(readers)} readers who do not read", flush=True)
    assert sanitized() or most <= quiet + len(readers) * 256, "it keeps what nobody reads"


if __name__ == "__main__":
    if os.access("/dev/shm", os.W_OK):
        tempfile.tempdir = "/dev/shm"   # not a test of what is durable
    box = Sandbox()
    with open(box.conf) as f:
        conf = f.read().replace('"64M"', '"4G"')
    with open(box.conf, "w") as f:
        f.write(conf)
    with box:
        finish(box)

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The instructions that the daemon takes for one verification, by callgrind, as
# the difference of two runs that differ in the number of verifications alone.
# What is done each second or in quiet moments, purging and indexing, is left
# out, because how much of it falls into a run depends on how fast that is.
# Fails at 5 % more than tests/bench/instructions says; a change that makes it
# cheaper writes the new number there.

import os
import re
import shutil
import subprocess
import tempfile

from sandbox import Sandbox, Skip, builddir, finish, sanitized, srcdir, test

LOAD = os.path.join(builddir, "tests", "bench", "load")
RECORD = os.path.join(srcdir, "tests", "bench", "instructions")
ACCOUNTS, CODES, SHORT, LONG = 200, 1000, 100, 1000
CONF = 'limit { issue = "32/1s" connections = 256 }\n'


def load(box, what, **numbers):
    words = [f"{name}={number}" for name, number in numbers.items()]
    subprocess.run([LOAD, box.sockets, what, *words], check=True, stdout=subprocess.DEVNULL)


def count(present, folder):
    """What one life of a daemon takes, with so many verifications in it."""
    out = os.path.join(folder, f"{present}.%p")
    box = Sandbox(CONF, wrapper=["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}",
                                 "--toggle-collect=tick_cb", "--toggle-collect=quiet_cb", "--collect-atstart=yes"])
    try:
        box.start()
        pid = box.process.pid
        load(box, "populate", most=ACCOUNTS)
        load(box, "verify", accounts=ACCOUNTS, most=CODES, present=present, ms=600000, technicians=0)
        box.stop()
    finally:
        box.close()
    with open(os.path.join(folder, f"{present}.{pid}")) as f:
        return int(re.search(r"^(?:summary|totals): (\d+)", f.read(), re.M).group(1))


def instructions():
    folder = tempfile.mkdtemp(prefix="countersign-callgrind-")
    try:
        return round((count(LONG, folder) - count(SHORT, folder)) / (LONG - SHORT))
    finally:
        shutil.rmtree(folder)


def recorded():
    with open(RECORD) as f:
        return int(f.read())


@test
def a_verification_takes_no_more_instructions_than_it_did():
    if sanitized():
        raise Skip("valgrind does not run a sanitizer's build")
    if not shutil.which("valgrind"):
        raise Skip("needs valgrind")
    if os.uname().machine != "x86_64":
        raise Skip("the recorded number is of x86-64")
    now, before = instructions(), recorded()
    print(f"# {now} instructions, recorded: {before}")
    if now > before * 1.05:
        raise AssertionError(f"{now} instructions a verification, {now / before - 1:+.1%} over {before}")


if __name__ == "__main__":
    finish()

# SPDX-License-Identifier: ISC
#
# What is measured and what it is measured against: a daemon on a real disk,
# the load generators, and the statistics of pairs.

import glob
import json
import os
import pwd
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests"))
from sandbox import COUNTERSIGN, Sandbox, builddir  # noqa: E402

PROGRAMS = os.path.join(builddir, "tests", "bench")
TECHNICIANS = 500       # for what counts against each of them
DESK = 50               # else; so many look-ups of names may wait at once


def run(program, *words, **options):
    """Runs a load generator; returns the JSON it prints."""
    done = subprocess.run([os.path.join(PROGRAMS, program), *map(str, words)], stdout=subprocess.PIPE, text=True,
                          **options)
    if done.returncode:
        raise RuntimeError(f"{program} {' '.join(map(str, words))}: exit {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


class Daemon(Sandbox):
    """A daemon with a population, and technicians who exist in its name service alone."""

    def __init__(self, people):
        me = pwd.getpwuid(os.getuid()).pw_name
        super().__init__(
            'code { lifetime = "30m" }\n'
            'action "filter.list" { title = "Add to an allow or deny list" require = "code" authenticator = true }\n'
            'limit { issue = "32/1s" technician = "32/1s" technician-pause = "1s" technician-day = 100000 '
            'account = "32/1s" account-day = 100000 connections = 10000 }\n',
            f'role staff {{{{ users = {{{{ "{me}" }}}} groups = {{{{ "bench" }}}} }}}}\n'
            f'role desk {{{{ users = {{{{ "{me}" }}}} technicians {{{{ groups = {{{{ "bench" }}}} }}}} }}}}\n'
            f'role operator {{{{ users = {{{{ "{me}" }}}} }}}}\nrole panel {{{{ users = {{{{ }}}} }}}}\n'
            'separate-roles = false\n')
        self.people = people
        # Few people's codes are soon all used: theirs change as often as may be.
        self.period = 30 if people > 50000 else 10
        self.next_account = 0
        self.next_app = 0
        self.app_ended = 0
        self.file_bytes = 0
        self.name_technicians()
        self.widen_map()

    def widen_map(self):
        with open(self.conf) as f:
            text = f.read()
        with open(self.conf, "w") as f:
            f.write(text.replace('map-size = "64M"', 'map-size = "64G"'))

    def name_technicians(self):
        library = glob.glob("/usr/lib/*/libnss_wrapper.so") + glob.glob("/usr/lib*/libnss_wrapper.so")
        if not library:
            raise RuntimeError("libnss_wrapper is missing: tools/install-deps.sh --tests")
        passwd, group = os.path.join(self.dir, "passwd"), os.path.join(self.dir, "group")
        shutil.copy("/etc/passwd", passwd)
        shutil.copy("/etc/group", group)
        with open(passwd, "a") as f:
            f.writelines(f"tech{i}:x:{70000 + i}:70000::/:/bin/false\n" for i in range(TECHNICIANS))
        with open(group, "a") as f:
            f.write("bench:x:70000:\n")
        self.preload(library[0], NSS_WRAPPER_PASSWD=passwd, NSS_WRAPPER_GROUP=group)

    def populate(self):
        seconds = 0
        for first in range(0, self.people, 10**6):
            seconds += self.load("populate", first=first, most=min(10**6, self.people), period=self.period)["seconds"]
        # The index of events by account follows the log.
        data = os.path.join(self.state, "data.mdb")
        while self.file_bytes != os.path.getsize(data):
            self.file_bytes = os.path.getsize(data)
            time.sleep(1.5)
        return seconds

    def stand_still(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def load(self, what, **numbers):
        self.go_on()
        return run("load", self.sockets, what, *(f"{name}={number}" for name, number in numbers.items()))

    def sample(self, what, clients, seconds, most):
        """One measurement of at most so many requests."""
        options = dict(clients=clients, ms=int(seconds * 1000), accounts=self.people, technicians=DESK)
        if what == "authenticator":
            return self.sample_authenticator(options, most)
        if what in ("wrong", "replay"):
            # 32 tries a second are a technician's, and as many an account's.
            options["technicians"] = TECHNICIANS
            most = min(most, TECHNICIANS * 30)
            time.sleep(1.1)
        result = self.load(what, most=most, first=self.next_account, **options)
        self.next_account = (self.next_account + most) % self.people
        return result

    def sample_authenticator(self, options, most):
        """Each person's code serves once in a period: who begins anew waits for one."""
        most = min(most, self.people)
        if self.next_app + most > self.people:
            time.sleep(max(0, self.app_ended + self.period - time.monotonic()))
            self.next_app = 0
        result = self.load("authenticator", most=most, first=self.next_app, period=self.period, **options)
        self.app_ended = time.monotonic()
        self.next_app += result["asked"]
        return result

    def reply(self):
        """The bytes of a typical reply."""
        code = self.issue("a00000000", "p00000000", action="filter.list", target=["host"])
        c = self.connect()
        c.send("io.countersign.staff.Verify", account="a00000000", action="filter.list", target=["host"], code=code,
               technician="tech0", request="0" * 32)
        data = b""
        while not data.endswith(b"\0"):
            data += c.socket.recv(65536)
        c.close()
        return data[:-1].decode()

    def rss(self):
        """Anonymous memory in bytes."""
        with open(f"/proc/{self.process.pid}/status") as f:
            return next(int(line.split()[1]) * 1024 for line in f if line.startswith("RssAnon"))


class Echo:
    """The bare server, on a socket of its own."""

    def __init__(self, folder, reply):
        self.rates = {}
        self.path = os.path.join(folder, "echo")
        self.process = subprocess.Popen([os.path.join(PROGRAMS, "echo"), self.path, reply])
        while not os.path.exists(self.path):
            time.sleep(0.01)

    def sample(self, clients, seconds):
        most = int(self.rates.get(clients, 300000) * 1.5 * seconds)
        result = run("load", self.path, "echo", f"clients={clients}", f"ms={int(seconds * 1000)}", f"most={most}")
        self.rates[clients] = result["rate"]
        return result

    def close(self):
        self.process.kill()
        self.process.wait()


def sample_disk(folder, group, seconds):
    return run("disk", os.path.join(folder, "disk"), group, seconds)


def stalls(seconds):
    """How often in a second, and how long in ms, nothing of a loop that does nothing else went on."""
    gaps, began = [], time.monotonic()
    last = began
    while last < began + seconds:
        now = time.monotonic()
        if now - last > 0.0005:
            gaps.append(now - last)
        last = now
    return len(gaps) / seconds, max(gaps, default=0) * 1000


class Discards:
    """Samples with an answer that nobody expected."""

    def __init__(self):
        self.rows = []

    def keep(self, name, take):
        """A sample that is as expected, or None after three that were not."""
        for _ in range(3):
            try:
                sample = take()
                why = f"{sample['unexpected']} of {sample['done']} answers unexpected"
                if sample["unexpected"] == 0 and sample["done"] > 0:
                    return sample
            except RuntimeError as e:
                why = str(e)
            self.rows.append(name)
            print(f"  discarded: {name}, {why}")
        return None


def spread(values):
    """Median, least and most."""
    values = list(values)
    if not values:
        return None
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "n": len(values)}


def ratios(above, below, key="rate"):
    return spread(a[key] / b[key] for a, b in zip(above, below))

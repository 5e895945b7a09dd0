#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# The measurements of run.sh, one function a part.  Each writes rows into
# results.jsonl; report.py makes the table, the plots and the verdict of them.

import argparse
import datetime
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from ground import (COUNTERSIGN, TECHNICIANS, Daemon, Discards, Echo, builddir, ratios, sample_disk, spread, stalls)
from sandbox import file_system, find_disk
import pam_peers
import report
from instructions import instructions

CLIENTS = (1, 8, 64, 256)
RATE = {1: 4000, 8: 20000, 64: 40000, 256: 50000}      # verifications a second, at first
KINDS = ("verify", "wrong", "replay", "authenticator")


class Bench:
    def __init__(self, options):
        self.options = options
        self.began = time.monotonic()
        self.small = 10**4
        self.large = 10**5 if options.quick else 10**6
        self.sizes = [10**4, 10**5] if options.quick else [10**4, 10**5, 10**6]
        if options.long:
            self.sizes.append(10**7)
        self.discards = Discards()
        self.disk = find_disk() or sys.exit("bench: no folder on a real disk; set BENCH_DIR")
        tempfile.tempdir = self.disk
        self.folder = tempfile.mkdtemp(prefix="bench-")
        self.daemons = {}
        self.echo = None
        self.rates = dict(RATE)
        os.makedirs(options.results, exist_ok=True)
        self.out = open(os.path.join(options.results, "results.jsonl"), "w")

    # -- keeping -----------------------------------------------------------------

    def row(self, part, **values):
        json.dump(dict(part=part, **values), self.out)
        self.out.write("\n")
        self.out.flush()
        print(f"{time.monotonic() - self.began:6.0f} s  " + " ".join(f"{k}={report.show(v)}" for k, v in values.items()))

    def effort(self, judged=False):
        """How many pairs, of how many seconds; less only where no floor is judged."""
        return (3, 0.2) if self.options.quick and not judged else (7, 0.5)

    def pairs(self, what, judged=False, **takes):
        """Samples of each in turn, the order turned round each time: a list for each.
        Who cannot give one that is as expected is not asked again.  No daemon of ours runs
        beside a reference: its housekeeping goes on for seconds after a sample."""
        count, seconds = self.effort(judged)
        taken = {name: [] for name in takes}
        for i in range(count):
            order = list(takes) if i % 2 == 0 else list(reversed(takes))
            row = {name: self.discards.keep(f"{what}, {name}", lambda: self.alone(takes[name], seconds))
                   for name in order}
            if None in row.values():
                break
            for name in takes:
                taken[name].append(row[name])
        return taken

    def alone(self, take, effort):
        """A sample while every daemon stands still but the one that it asks (Daemon.go_on)."""
        for daemon in self.daemons.values():
            daemon.stand_still()
        return take(effort)

    def daemon(self, people):
        """That daemon; the others stand still."""
        for size, other in self.daemons.items():
            other.go_on() if size == people else other.stand_still()
        if people not in self.daemons:
            print(f"  making {people:,} people")
            daemon = self.daemons[people] = Daemon(people).start()
            seconds = daemon.populate()
            self.row("population", people=people, seconds=round(seconds, 1), rate=round(people / seconds),
                     bytes=daemon.file_bytes / people)
        if self.echo is None:
            self.echo = Echo(self.folder, self.daemons[people].reply())
        return self.daemons[people]

    def close(self):
        for daemon in self.daemons.values():
            daemon.go_on()
            daemon.close()
        if self.echo:
            self.echo.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- parts -------------------------------------------------------------------

    def machine(self):
        with open("/proc/cpuinfo") as f:
            cpu = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "unknown")
        compiler = subprocess.run(["gcc", "--version"], capture_output=True, text=True).stdout.splitlines()
        often, longest = stalls(3)
        self.row("machine", cpu=cpu, cpus=len(os.sched_getaffinity(0)), system=platform.release(),
                 stalls=round(often, 1), longest_ms=round(longest, 1),
                 compiler=compiler[0] if compiler else "", file_system=file_system(self.folder),
                 date=datetime.date.today().isoformat(), load=os.getloadavg()[0],
                 samples="7 pairs of 0.5 s" + (", 3 of 0.2 s where there is no floor" if self.options.quick else ""))

    def part_disk(self):
        for group in (1, 8, 64, 256):
            taken = self.pairs(f"disk {group}", disk=lambda seconds: sample_disk(self.folder, group, seconds))["disk"]
            self.row("disk", group=group, rate=spread(s["rate"] for s in taken),
                     sync_p50=spread(s["sync_p50"] for s in taken), sync_p99=spread(s["sync_p99"] for s in taken))

    def part_echo(self):
        self.daemon(self.small)
        for clients in CLIENTS:
            taken = self.pairs(f"echo c={clients}", echo=lambda seconds: self.echo.sample(clients, seconds))["echo"]
            self.row("echo", clients=clients, rate=spread(s["rate"] for s in taken),
                     p50=spread(s["p50"] for s in taken), p99=spread(s["p99"] for s in taken))

    def take(self, daemon, what, clients, seconds):
        """A sample of one kind, with as many requests as will do."""
        key = (daemon.people, what, clients)
        most = int(self.rates.get(key, self.rates[clients]) * seconds * 1.4) + 5 * clients
        sample = daemon.sample(what, clients, seconds, most)
        if sample["done"]:
            self.rates[key] = sample["rate"]
        return sample

    def part_verify(self):
        for people in (self.small, self.large):
            daemon = self.daemon(people)
            quick = self.options.quick
            for what in KINDS if people == self.small or not quick else ("verify",):
                for clients in CLIENTS if what == "verify" or not quick else (1, 64):
                    self.measure(daemon, what, clients)

    def measure(self, daemon, what, clients):
        judged = what == "verify" and clients != 8 and daemon.people == self.small
        taken = self.pairs(f"{what} c={clients}", judged,
                           disk=lambda seconds: sample_disk(self.folder, clients, seconds),
                           echo=lambda seconds: self.echo.sample(clients, seconds),
                           subject=lambda seconds: self.take(daemon, what, clients, seconds))
        subject = taken["subject"]
        self.row("verify", kind=what, people=daemon.people, clients=clients,
                 rate=spread(s["rate"] for s in subject), p50=spread(s["p50"] for s in subject),
                 p99=spread(s["p99"] for s in subject),
                 batch=spread(s["asked"] / max(1, s["batches"]) for s in subject), cpu=spread(s["cpu"] for s in subject),
                 over_disk=ratios(subject, taken["disk"]), over_echo=ratios(subject, taken["echo"]),
                 p99_in_syncs=spread(s["p99"] / d["sync_p50"] for s, d in zip(subject, taken["disk"])),
                 disk_p99_in_syncs=spread(d["sync_p99"] / d["sync_p50"] for d in taken["disk"]),
                 sync_p50=spread(d["sync_p50"] for d in taken["disk"]))

    def part_pam(self):
        ours, *peers = pam_peers.find(self, self.daemon(self.small), 10**5 if self.options.long else 1000)
        for clients in (1, 8, 64):
            for peer in peers:
                judged = peer.name == "pam_google_authenticator" and clients < 64
                taken = self.pairs(f"pam c={clients}", judged,
                                   **{peer.name: lambda seconds: peer.sample(clients, seconds)},
                                   countersign=lambda seconds: ours.sample(clients, seconds))
                mine, theirs = taken["countersign"], taken[peer.name]
                self.row("pam", peer=peer.name, clients=clients, rate=spread(s["rate"] for s in theirs),
                         p50=spread(s["p50"] for s in theirs), ours=spread(s["rate"] for s in mine),
                         ours_p50=spread(s["p50"] for s in mine), ratio=ratios(mine, theirs))
        self.pam_at_scale()

    def pam_at_scale(self):
        """A daemon with many people beside pam_oath with many users.  That one writes its
        whole file for each, one after the other, and refuses right codes when several come
        at once: so it is always measured with one client, which is its best."""
        users = 10**4 if self.options.quick else 10**5
        oath = pam_peers.find_oath(self, users)
        if oath is None:
            return
        ours = pam_peers.Countersign(self, self.daemon(self.large))
        for clients in (1, 8, 64):
            taken = self.pairs(f"pam at scale c={clients}", oath=lambda seconds: oath.sample(1, seconds),
                               subject=lambda seconds: ours.sample(clients, seconds))
            self.row("pam-scale", people=self.large, users=users, clients=clients,
                     rate=spread(s["rate"] for s in taken["subject"]), oath=spread(s["rate"] for s in taken["oath"]),
                     ratio=ratios(taken["subject"], taken["oath"]))

    def part_race(self):
        rounds = 100 if self.options.quick else 500
        for peer in pam_peers.find(self, self.daemon(self.small), 1000):
            if peer.one_time:
                self.row("race", peer=peer.name, **peer.race(rounds, 8))

    def part_scale(self):
        for people in self.sizes:
            taken = self.pairs(f"scale {people:,}",
                               small=lambda seconds: self.take(self.daemon(self.small), "verify", 1, seconds),
                               subject=lambda seconds: self.take(self.daemon(people), "verify", 1, seconds))
            daemon = self.daemon(people)
            self.row("scale", people=people, p50=spread(s["p50"] for s in taken["subject"]),
                     ratio=ratios(taken["subject"], taken["small"], "p50"), bytes=daemon.file_bytes / people,
                     start=self.time_start(daemon), listing=self.time_listing(daemon))
            if people > self.large:
                self.daemons.pop(people).close()
        self.row("import", people=10**4, rate=self.alone(self.time_import, 10**4))

    @staticmethod
    def time_start(daemon):
        daemon.stop()
        began = time.monotonic()
        daemon.start(wait=600)
        return round(time.monotonic() - began, 3)

    @staticmethod
    def time_listing(daemon):
        """Accounts a second."""
        began = time.monotonic()
        done = subprocess.run([COUNTERSIGN, "account", "list", "--json"], stdout=subprocess.PIPE, check=True,
                              env=dict(os.environ, COUNTERSIGN_SOCKET=daemon.sockets))
        return round(done.stdout.count(b"\n") / (time.monotonic() - began))

    def time_import(self, people):
        """Lines a second of "countersign import csv", both of its passes."""
        roster = os.path.join(self.folder, "roster.csv")
        with open(roster, "w") as f:
            f.write("account_ref,account,admin_ref,admin,name,actions,purpose,secret\n")
            f.writelines(f"{i},a{i},{i},p{i},Person {i},*,support,ABCDEFGHIJKLMNOP234567AB{base32_digits(i)}\n"
                         for i in range(people))
        with Daemon(people) as daemon:
            began = time.monotonic()
            subprocess.run([COUNTERSIGN, "import", "csv", roster], stdout=subprocess.DEVNULL, check=True,
                           env=dict(os.environ, COUNTERSIGN_SOCKET=daemon.sockets))
            return round(people / (time.monotonic() - began))

    def part_memory(self):
        """At rest there are people alone; then, too, what is kept of each code for a day."""
        daemon = self.daemon(self.large)
        rest = daemon.rss()
        done = self.take(daemon, "verify", 64, 0.5)["asked"]
        before = daemon.rss()
        count = min(10000, os.sysconf("SC_OPEN_MAX") - 100)
        with subprocess.Popen([os.path.join(builddir, "tests", "bench", "load"), daemon.sockets, "idle",
                               f"clients={count}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as idle:
            idle.stdout.readline()
            time.sleep(0.5)
            after = daemon.rss()
            idle.stdin.close()
        self.row("memory", people=self.large, rest=rest, verifications=done, rss=before, connections=count,
                 each=round((after - before) / count))

    def part_instructions(self):
        self.row("instructions", count=instructions())


def base32_digits(number):
    """Eight characters of base32."""
    return "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[number >> 5 * k & 31] for k in range(8))


# Memory comes before what is measured there: answers are remembered for a day.
PARTS = ["instructions", "disk", "echo", "memory", "verify", "pam", "race", "scale"]


def main():
    parser = argparse.ArgumentParser(prog="run.sh")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--results", default=os.path.join(os.getcwd(), "bench-results"))
    options = parser.parse_args()
    only = options.only.split(",")
    if options.quick and options.long or set(only) - set(PARTS):
        parser.error("--quick or --long, and parts that there are")
    # Who ends it does not want its daemons to stay, which stand still most of the time.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("bench: ended by a signal"))
    bench = Bench(options)
    try:
        bench.machine()
        print(f"databases in {bench.folder} ({file_system(bench.folder)}), {TECHNICIANS} technicians")
        if options.quick:
            print("quick: 10^5 people instead of 10^6; 3 pairs of 0.2 s instead of 7 of 0.5 s where there is no floor")
        for part in PARTS:
            if part in only:
                print(part)
                getattr(bench, "part_" + part)()
        bench.row("end", discarded=bench.discards.rows, seconds=round(time.monotonic() - bench.began))
    finally:
        bench.close()
        bench.out.close()
    sys.exit(report.conclude(options.results))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# What no unit test would notice: one small change at a time to files of daemon/,
# and each is told that all tests survive.
#
#	tests/mutate.py --sample 40 --seed 7 daemon/attempt.c daemon/limit.c
#	tests/mutate.py --patience 1 --function judge_code_scope daemon/req_verify.c
#
# In build/mutate the daemon is a shared library, and a changed file another that
# is loaded before it, so nothing is linked again.  gcov says which tests come past
# a line; these are run, the quick ones first, until one fails.  What survives is a
# missing test, dead code, or a change that changes nothing.

import argparse
import glob
import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "mutate")
SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+",
         "+=": "-=", "-=": "+=", "++": "--", "true": "false", "false": "true"}
SWAP = re.compile(r" (<|<=|>|>=|==|!=|\+|-|\+=|-=) |(\+\+)|\b(true|false)\b")
STATEMENT = re.compile(r"(?:(?<=[;{}:)])|(?<=else))\s+((?!if\b|for\b|while\b|switch\b|return\b.|cs_log)"
                       r"(?:[\w>.*-]+(?:\[[^]]*\])?(?:\(| [-+|&]?= |\+\+|--)|(?:return|break|continue);))")
OPERAND_ENDS = {"&&": ("&&", "||", " ? ", " : ", ",", ";"), "||": ("||", " ? ", " : ", ",", ";")}
FUNCTION = re.compile(r"^\w[^\n;={}]*?(\w+)\([^;{}]*\)(?=\n\{\n).*?^\}", re.M | re.S)


def code_of(text):
    """Blanks for comments, literals and macros, so that places stay the same."""
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|^#.*?$',
                  lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S | re.M)


def end_of(code, at, step=1, ends=()):
    """Behind the bracket at that place; or before the first of the ends, or of the bracket around it."""
    depth = 0
    while True:
        depth += step * ((code[at] in "([{") - (code[at] in ")]}"))
        if depth < 0 or (depth == 0 and any(code.startswith(end, at) for end in ends)):
            return at
        at += step
        if depth == 0 and not ends:
            return at


def changes(code, start, end, returns_err):
    """(from, to, what comes there) of each change to a function's body."""
    for m in STATEMENT.finditer(code, start, end):
        yield m.start(1), end_of(code, m.start(1), ends=(";",)), ""
    for m in re.compile(r"\bif (?=\()").finditer(code, start, end):
        close = end_of(code, m.end())
        condition = code[m.end():close]
        if re.search("&&|[|]{2}|[<>]", condition) or not re.search(" [!=]= ", condition):
            yield m.end(), close, f"(!{condition})"
    for m in re.compile(r"&&|\|\|").finditer(code, start, end):
        ends = OPERAND_ENDS[m.group()]
        yield m.start(), end_of(code, m.end(), ends=ends), ""
        ends += ("return ", " = ")
        left = end_of(code, m.start() - 1, -1, ends)
        yield left + max(len(e) for e in ends + ("(",) if code.startswith(e, left)), m.end(), ""
    for m in SWAP.finditer(code, start, end):
        yield *m.span(m.lastindex), SWAPS[m.group(m.lastindex)]
    for m in re.compile(r"\breturn ([^;]+);").finditer(code, start, end):
        if returns_err:
            yield *m.span(1), "CS_OK"
    for m in re.compile(r"(?<![\w.\[])\d+\b(?!\])").finditer(code, start, end):
        yield *m.span(), str(int(m.group(), 0) + 1)


def mutants(path, only):
    """(line, the lines that are changed, what they become, the whole text) of each."""
    with open(os.path.join(ROOT, path)) as f:
        text = f.read()
    code, places, seen = code_of(text), set(), {"".join(text.split())}
    if not only:
        for m in re.finditer(r"^#define \w+\s.*?\b(\d+)\b", text, re.M):
            places.add((*m.span(1), str(int(m.group(1)) + 1)))
    for m in FUNCTION.finditer(code):
        if not only or m.group(1) in only:
            body = m.end(1) + code[m.end(1):].index("\n{")
            places.update(changes(code, body, m.end(), "enum cs_err " in code[m.start():m.start(1)]))
    for start, end, new in sorted(places):
        changed = text[:start] + new + text[end:]
        if "".join(changed.split()) not in seen:
            seen.add("".join(changed.split()))
            left, right = text.rindex("\n", 0, start) + 1, text.index("\n", end)
            yield (text.count("\n", 0, start) + 1, " ".join(text[left:right].split()),
                   " ".join((text[left:start] + new + text[end:right]).split()), changed)


class Bench:
    """The tests, linked with what can be replaced, in a folder in memory."""

    def __init__(self, paths):
        self.work = tempfile.mkdtemp(prefix="mutants-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.paths = paths

    def make_ready(self):
        os.makedirs(BUILD, exist_ok=True)
        if not os.path.exists(os.path.join(BUILD, "Makefile")):
            self.run("../../configure", "CFLAGS=-g -O1 -fPIC -fvisibility=default -w")
        for target in ("all", "check"):
            self.run("make", "-s", f"-j{os.cpu_count()}", target, "TESTS=")
        told = self.run("make", "-n", "V=1", "-W", "../../daemon/limit.c", "daemon/libcountersignd_a-limit.o")
        self.flags = shlex.split(told.split("\n")[0].partition(" -MT")[0])
        base = self.at("libbase.so")
        self.run("gcc", "-shared", "-o", base, "-Wl,--whole-archive", "libcountersignd.a", "-Wl,--no-whole-archive")
        objects = sorted(glob.glob("tests/test_*.o", root_dir=BUILD))
        told = self.run("make", "-n", "V=1", "-W", "libcountersignd.a", *[o[:-2] for o in objects])
        links = re.findall(r"mode=link (gcc .* -o) tests/(test_\w+) (.*libtest.a libcommand.a) "
                           r"libcountersignd.a libcountersign.la (.*)", told)
        links = [link for link in links if "--wrap" not in link[0]]     # wraps nothing in a library
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda link: self.run("sh", "-c", f"{link[0]} {self.at(link[1])} {link[2]} {base} "
                                                f".libs/libcountersign.a {link[3]}"), links))
        self.cover([link[1] for link in links])

    def run(self, *words):
        return subprocess.run(words, cwd=BUILD, check=True, text=True, stdout=subprocess.PIPE).stdout

    def at(self, name):
        return os.path.join(self.work, name)

    def compile(self, source, out, *more):
        words = [*self.flags, "-w", "-iquote", os.path.join(ROOT, "daemon"), "-o", self.at(out), *more, source]
        return subprocess.run(words, cwd=BUILD, stderr=subprocess.DEVNULL).returncode == 0

    def passes(self, test, library, limit):
        environment = dict(os.environ, LD_PRELOAD=self.at(library), LD_LIBRARY_PATH=self.work, TMPDIR=self.work,
                           srcdir=ROOT, builddir=".")
        with subprocess.Popen([self.at(test)], cwd=BUILD, env=environment, start_new_session=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                return process.wait(limit) == 0
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)      # with what it started
                return False

    def cover(self, tests):
        """For each line of each file, which tests come past it; the seconds that each test takes."""
        self.lines, self.seconds = {path: {} for path in self.paths}, {}
        for path in self.paths:
            self.compile(os.path.join(ROOT, path), f"cover-{path.replace('/', '-')}.o", "-O0", "--coverage", "-c")
        self.run("gcc", "-shared", "--coverage", "-o", self.at("cover.so"), *glob.glob(self.at("cover-*.o")))
        for test in tests:
            began = time.monotonic()
            passed = self.passes(test, "cover.so", 60)
            self.seconds[test] = time.monotonic() - began
            counts = glob.glob(self.at("cover-*.gcda"))
            told = self.run("gcov", "--json-format", "--stdout", *counts) if counts and passed else ""
            for file in [f for document in told.splitlines() for f in json.loads(document)["files"]]:
                lines = self.lines.get(os.path.relpath(file["file"], ROOT), {})
                for line in file["lines"]:
                    lines.setdefault(line["line_number"], set()).update([test] if line["count"] else [])
            for count in counts:
                os.unlink(count)
            show_progress(f"{len(self.seconds)} of {len(tests)} tests")

    def machine_code(self, source, out):
        self.compile(source, out, "-O2", "-g0", "-S")
        with open(self.at(out)) as f:
            return [line for line in f if ".file" not in line]

    def survives(self, number, changed, tests, original):
        """Whether all tests pass; None for what does not compile, or is the same program."""
        source, out = self.at(f"{number}.c"), f"{number}.so"
        with open(source, "w") as f:
            f.write(changed)
        try:
            if not self.compile(source, out, "-O0", "-shared"):
                return None
            if not all(self.passes(t, out, 5 + 10 * self.seconds[t]) for t in tests):
                return False
            return None if self.machine_code(source, f"{number}.s") == original else True
        finally:
            for file in glob.glob(self.at(f"{number}.*")):
                os.unlink(file)


def show_progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="\r", file=sys.stderr)


def examine(bench, path, wanted):
    chosen = list(mutants(path, wanted.function))
    if wanted.sample:
        chosen = sorted(random.Random(wanted.seed).sample(chosen, min(wanted.sample, len(chosen))))
    lines, original = bench.lines[path], bench.machine_code(os.path.join(ROOT, path), "original.s")
    mirror = "test_" + os.path.basename(path)[:-2]
    fates = {True: 0, False: 0, None: 0}

    def judge(number):
        line, old, _, changed = chosen[number]
        near = max((n for n in lines if n <= line), default=0)
        come = set().union(*lines.values()) if old.startswith("#") else lines.get(near, set())
        # gcov does not see what a test's child does.
        tests = [t for t in come | {mirror} & set(bench.seconds) if bench.seconds[t] <= wanted.patience]
        return bench.survives(number, changed, sorted(tests, key=bench.seconds.get), original), come

    with ThreadPoolExecutor(wanted.jobs) as pool:
        for number, (fate, come) in enumerate(pool.map(judge, range(len(chosen)))):
            fates[fate] += 1
            if fate:
                line, old, new, _ = chosen[number]
                print(f"{path}:{line}: {old} -> {new}{'' if come else '   (no test comes here)'}", flush=True)
            show_progress(f"{path}: {number + 1} of {len(chosen)}")
    print(f"# {path}: {fates[False]} noticed, {fates[True]} not", flush=True)
    return fates[True]


def main():
    parser = argparse.ArgumentParser(description="Tells which small changes to files of daemon/ no unit test notices.")
    parser.add_argument("file", nargs="+", help="daemon/limit.c...")
    parser.add_argument("--function", action="append", help="only what is in it; may be repeated")
    parser.add_argument("--sample", type=int, metavar="N", help="so many changes a file, not all")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the sample")
    parser.add_argument("--patience", type=float, default=60, metavar="SECONDS", help="without tests that take longer")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="so many at a time")
    wanted = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    bench = Bench(wanted.file)
    try:
        bench.make_ready()
        return 1 if sum([examine(bench, path, wanted) for path in wanted.file]) else 0
    finally:
        shutil.rmtree(bench.work)


sys.exit(main())
